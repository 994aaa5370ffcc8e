//! The keys that sign our access tokens: ES256 (RFC 7518 §3.4), shared by all servers through the
//! database, where the private halves are sealed under the master key.

use std::{
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

use super::{
    jwt::{LEEWAY_SECONDS, MAX_LIFETIME_SECONDS},
    store,
};
use crate::{
    db::{Db, DbError},
    master_key::MasterKey,
    values::Timestamp,
};

/// An unknown key id makes us look into the database at most this often, whatever the flood.
const RELOAD_INTERVAL: Duration = Duration::from_secs(5);
/// How long others may keep the public keys.
pub const JWKS_AGE: Duration = Duration::from_secs(300);
/// How long a new key is published before it signs: longer than anybody keeps the keys of before.
pub const PUBLISH_AHEAD: Duration = Duration::from_secs(600);
/// How long a key is still published once its successor signs: until the last token by it has ended.
const PUBLISH_AFTER: Duration =
    Duration::from_secs((MAX_LIFETIME_SECONDS + LEEWAY_SECONDS).unsigned_abs());

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
    /// When it was made.
    pub created_at: Timestamp,
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
pub struct Ring(Vec<Arc<Key>>);

impl Ring {
    /// The key that signs new tokens: the newest of those that were published long enough; without such
    /// a one the oldest.
    pub fn signer(&self, now: Timestamp) -> Option<&Arc<Key>> {
        let published = |key: &&Arc<Key>| key.created_at.plus(PUBLISH_AHEAD) <= now;
        // They are kept oldest first.
        self.0.iter().rfind(published).or_else(|| self.0.first())
    }

    /// The key of this id.
    pub fn find(&self, id: &str) -> Option<Arc<Key>> {
        self.0.iter().find(|key| key.id == id).map(Arc::clone)
    }

    /// The public halves of all keys.
    pub fn jwks(&self) -> Vec<Jwk> {
        self.0.iter().map(|key| key.jwk.clone()).collect()
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
            self.insert_new(db, Timestamp::EPOCH).await?;
            rows = db.query(store::signing_keys(&connection)).await?;
        }
        let keys = rows.iter().map(|row| self.open(row).map(Arc::new));
        let ring = Ring(keys.collect::<anyhow::Result<_>>()?);
        *self.current.write().unwrap_or_else(PoisonError::into_inner) = Arc::new(ring);
        Ok(())
    }

    /// Makes a new key. It is published at once, and signs after [`PUBLISH_AHEAD`]. With `drop_others` all
    /// other keys go, so that it signs at once, and no token that was issued before is good any more:
    /// for the day when a key or a token has leaked.
    pub async fn rotate(&self, db: &Db, drop_others: bool) -> anyhow::Result<String> {
        let id = self.insert_new(db, Timestamp::now()).await?;
        let id = id.context("the clock of this machine is behind that of another server")?;
        if drop_others {
            let connection = db.shared().await?;
            db.query(store::remove_other_signing_keys(&connection, &id))
                .await?;
        }
        self.load(db).await?;
        Ok(id)
    }

    /// Makes a new key when the newest is so old, and removes those of which no token is good any more.
    /// Several servers may at once: one of them does it.
    pub async fn rotate_by_age(&self, db: &Db, age: Duration) -> anyhow::Result<()> {
        let made_before = |age| Timestamp::now().minus(age);
        let newest = self.ring().0.last().map(|key| key.created_at);
        if newest.is_some_and(|newest| newest <= made_before(age))
            && let Some(id) = self.insert_new(db, made_before(age)).await?
        {
            tracing::info!(id, "a new signing key");
        }
        let connection = db.shared().await?;
        let long_signing = made_before(PUBLISH_AHEAD + PUBLISH_AFTER);
        let removed = store::remove_old_signing_keys(&connection, long_signing);
        if db.query(removed).await? > 0 {
            tracing::info!("old signing keys are removed");
        }
        Ok(())
    }

    /// Stores a new key unless there is one made after an instant; answers its id.
    async fn insert_new(
        &self,
        db: &Db,
        unless_made_after: Timestamp,
    ) -> anyhow::Result<Option<String>> {
        let (id, public_key, private_key) = generate()?;
        let sealed_private_key = self.master.seal(&seal_name(&id), &private_key)?;
        let row = store::SigningKey {
            id,
            public_key,
            sealed_private_key,
            created_at: Timestamp::now(),
        };
        let mut connection = db.pooled().await?;
        let insert = store::insert_signing_key(&mut connection, &row, unless_made_after);
        Ok(db.query(insert).await?.then_some(row.id))
    }

    /// The key of this id, looked for in the database when another server may have made it.
    pub async fn find(&self, db: &Db, id: &str) -> Result<Option<Arc<Key>>, DbError> {
        if let Some(key) = self.ring().find(id) {
            return Ok(Some(key));
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
        Ok(self.ring().find(id))
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
            created_at: row.created_at,
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
