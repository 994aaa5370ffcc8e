//! The keys that sign our access tokens: ES256 (RFC 7518 §3.4), shared by all servers through the
//! database, where the private halves are sealed under the master key.

use std::{
    collections::HashMap,
    sync::{
        Arc, Mutex, PoisonError, RwLock,
        atomic::{AtomicBool, Ordering},
    },
    time::{Duration, Instant},
};

use anyhow::Context;
use aws_lc_rs::{
    digest,
    rand::SystemRandom,
    signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, KeyPair},
};
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use jsonwebtoken::{DecodingKey, EncodingKey};
use poem_openapi::Object;

use super::store;
use crate::{
    db::{Db, DbError},
    master_key::MasterKey,
    values::Timestamp,
};

/// An unknown key id makes us look into the database at most this often, whatever the flood.
const RELOAD_INTERVAL: Duration = Duration::from_secs(5);

/// A public key as RFC 7517 writes it.
#[derive(Clone, Debug, Object)]
pub struct Jwk {
    /// Key type: `EC`.
    pub kty: String,
    /// Curve: `P-256`.
    pub crv: String,
    /// X coordinate, base64url.
    pub x: String,
    /// Y coordinate, base64url.
    pub y: String,
    /// Id of the key, as tokens name it in their header.
    pub kid: String,
    /// Algorithm: `ES256`.
    pub alg: String,
    /// Use: `sig`.
    #[oai(rename = "use")]
    pub usage: String,
}

/// One key pair.
pub struct Key {
    /// Its id: the JWK thumbprint (RFC 7638).
    pub id: String,
    /// Signs tokens.
    pub encoding: EncodingKey,
    /// Checks them.
    pub decoding: DecodingKey,
    /// The public half.
    pub jwk: Jwk,
}

/// The keys of this server.
pub struct Keys {
    master: Arc<MasterKey>,
    current: RwLock<Arc<Ring>>,
    last_load: Mutex<Option<Instant>>,
    failed: AtomicBool,
}

/// The keys as they stood at one moment.
#[derive(Default)]
pub struct Ring {
    newest: Option<Arc<Key>>,
    by_id: HashMap<String, Arc<Key>>,
}

impl Ring {
    /// The key that signs new tokens.
    pub fn newest(&self) -> Option<&Arc<Key>> {
        self.newest.as_ref()
    }

    /// The public halves of all keys.
    pub fn jwks(&self) -> Vec<Jwk> {
        self.by_id.values().map(|key| key.jwk.clone()).collect()
    }
}

impl Keys {
    /// No keys yet; [`load`](Self::load) brings them.
    pub fn new(master: Arc<MasterKey>) -> Self {
        Self {
            master,
            current: RwLock::default(),
            last_load: Mutex::new(None),
            failed: AtomicBool::new(false),
        }
    }

    /// The keys as they stand.
    pub fn ring(&self) -> Arc<Ring> {
        Arc::clone(&self.current.read().unwrap_or_else(PoisonError::into_inner))
    }

    /// Loads the keys from the database; the first server ever makes the first.
    pub async fn load(&self, db: &Db) -> anyhow::Result<()> {
        let connection = db.shared().await?;
        let mut rows = db.query(store::signing_keys(&connection)).await?;
        if rows.is_empty() {
            let (id, public_key, private_key) = generate()?;
            let sealed_private_key = self.master.seal(&seal_name(&id), &private_key)?;
            let row = store::SigningKey {
                id,
                public_key,
                sealed_private_key,
                created_at: Timestamp::now(),
            };
            let mut connection = db.pooled().await?;
            rows = db
                .query(store::insert_first_signing_key(&mut connection, row))
                .await?;
        }
        let mut ring = Ring::default();
        // Oldest first, so that the newest is the last.
        for row in rows {
            let key = Arc::new(self.open(&row)?);
            ring.by_id.insert(row.id, Arc::clone(&key));
            ring.newest = Some(key);
        }
        *self.current.write().unwrap_or_else(PoisonError::into_inner) = Arc::new(ring);
        Ok(())
    }

    /// The key of this id, looked for in the database when another server may have made it.
    pub async fn find(&self, db: &Db, id: &str) -> Result<Option<Arc<Key>>, DbError> {
        if let Some(key) = self.ring().by_id.get(id) {
            return Ok(Some(Arc::clone(key)));
        }
        let due = {
            let mut last = self
                .last_load
                .lock()
                .unwrap_or_else(PoisonError::into_inner);
            let due = last.is_none_or(|last| last.elapsed() >= RELOAD_INTERVAL);
            if due {
                *last = Some(Instant::now());
            }
            due
        };
        if due {
            let loaded = self.load(db).await;
            self.failed.store(loaded.is_err(), Ordering::Relaxed);
            loaded.map_err(|error| DbError::Unavailable(format!("{error:#}")))?;
        } else if self.failed.load(Ordering::Relaxed) {
            // The key may well exist: not a reason to call the token bad.
            return Err(DbError::Unavailable(
                "the signing keys cannot be loaded".into(),
            ));
        }
        Ok(self.ring().by_id.get(id).map(Arc::clone))
    }

    fn open(&self, row: &store::SigningKey) -> anyhow::Result<Key> {
        let private = self
            .master
            .open(&seal_name(&row.id), &row.sealed_private_key)?;
        let jwk = jwk(&row.public_key)?;
        Ok(Key {
            id: row.id.clone(),
            encoding: EncodingKey::from_ec_der(&private),
            decoding: DecodingKey::from_ec_components(&jwk.x, &jwk.y)?,
            jwk,
        })
    }
}

fn seal_name(id: &str) -> String {
    format!("signing_keys/{id}")
}

/// A new key pair: id, public point, private key in PKCS #8.
fn generate() -> anyhow::Result<(String, Vec<u8>, Vec<u8>)> {
    let document =
        EcdsaKeyPair::generate_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, &SystemRandom::new())?;
    let pair = EcdsaKeyPair::from_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, document.as_ref())?;
    let public = pair.public_key().as_ref().to_vec();
    Ok((jwk(&public)?.kid, public, document.as_ref().to_vec()))
}

/// The JWK of an uncompressed point (SEC 1 §2.3.3: 04, X, Y); its id is the thumbprint of RFC 7638.
fn jwk(point: &[u8]) -> anyhow::Result<Jwk> {
    let coordinates = point.strip_prefix(&[4]).filter(|rest| rest.len() == 64);
    let (x, y) = coordinates
        .context("the public key is not an uncompressed P-256 point")?
        .split_at(32);
    let (x, y) = (URL_SAFE_NO_PAD.encode(x), URL_SAFE_NO_PAD.encode(y));
    let members = format!(r#"{{"crv":"P-256","kty":"EC","x":"{x}","y":"{y}"}}"#);
    let kid = URL_SAFE_NO_PAD.encode(digest::digest(&digest::SHA256, members.as_bytes()));
    Ok(Jwk {
        kty: "EC".into(),
        crv: "P-256".into(),
        x,
        y,
        kid,
        alg: "ES256".into(),
        usage: "sig".into(),
    })
}
