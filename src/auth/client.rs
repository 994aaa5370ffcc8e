//! Clients of the built-in authorization server, and their secrets.

use std::time::Duration;

use anyhow::bail;
use aws_lc_rs::{constant_time, digest, rand};
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use diesel::result::{DatabaseErrorKind, Error as DieselError};

use super::{
    Holder,
    jwt::{LEEWAY_SECONDS, MAX_LIFETIME_SECONDS, is_name},
    scope::{Scope, ScopeSet},
    store::{self, Client},
};
use crate::{
    db::{Db, DbError},
    secret::Secret,
    values::{Id, Timestamp},
};

/// The name of the client that the very first start makes.
pub const FIRST_CLIENT: &str = "default";
/// The tenant of clients for which nothing else is said.
pub const DEFAULT_TENANT: &str = "default";

/// A new client secret: 256 random bits. It is shown once and never stored.
fn new_secret() -> Result<Secret, DbError> {
    let mut bytes = [0; 32];
    rand::fill(&mut bytes)
        .map_err(|_| DbError::Unavailable("the system has no random numbers".into()))?;
    Ok(URL_SAFE_NO_PAD.encode(bytes).into())
}

/// A random secret of 256 bits cannot be guessed, so a plain hash protects it.
fn hash(secret: &str) -> Vec<u8> {
    digest::digest(&digest::SHA256, secret.as_bytes())
        .as_ref()
        .to_vec()
}

impl Client {
    /// Whether this is the client's secret, or the one before while that is good; takes the same time
    /// whatever the secret.
    pub fn has_secret(&self, secret: &str) -> bool {
        let hash = hash(secret);
        let is = |stored: &[u8]| constant_time::verify_slices_are_equal(&hash, stored).is_ok();
        let now = Timestamp::now();
        let old = self
            .old_secret_hash
            .as_deref()
            .filter(|_| self.old_secret_until.is_some_and(|until| now < until));
        is(&self.secret_hash) | old.is_some_and(is)
    }

    /// The scopes that it may ask for.
    pub fn allowed_scopes(&self) -> ScopeSet {
        self.scopes
            .iter()
            .flatten()
            .filter_map(|name| name.parse().ok())
            .collect()
    }

    /// The client as the holder of a token with all that it may have, for the audit of what it asks of the
    /// token endpoints.
    pub fn holder(&self, issuer: &str) -> Holder {
        Holder {
            issuer: issuer.to_owned(),
            client: self.id.to_string(),
            client_id: self.id,
            subject: self.id.to_string(),
            tenant: self.tenant.clone(),
            scopes: self.allowed_scopes(),
            expires_at: 0,
            token_id: None,
        }
    }
}

fn new_client(name: &str, scopes: ScopeSet, tenant: &str) -> Result<(Client, Secret), DbError> {
    let secret = new_secret()?;
    let client = Client {
        id: Id::new(),
        name: name.to_owned(),
        secret_hash: hash(secret.reveal()),
        scopes: scopes
            .iter()
            .map(|scope| Some(scope.as_str().to_owned()))
            .collect(),
        tenant: tenant.to_owned(),
        created_at: Timestamp::now(),
        old_secret_hash: None,
        old_secret_until: None,
    };
    Ok((client, secret))
}

/// Checks what the command line gives for a client; the API's bodies are checked on their way in.
///
/// # Errors
/// When a name is out of bounds, or there is no scope.
pub fn check(name: &str, scopes: ScopeSet, tenant: &str) -> anyhow::Result<()> {
    for (what, text, longest) in [("name", name, 200), ("tenant", tenant, 128)] {
        if !is_name(text, longest) {
            bail!("the {what} must have 1 to {longest} characters");
        }
    }
    if scopes.is_empty() {
        bail!("a client needs at least one scope");
    }
    Ok(())
}

/// Makes a client; the secret is not to be had again. `None` when the name is taken in the tenant.
pub async fn create(
    db: &Db,
    name: &str,
    scopes: ScopeSet,
    tenant: &str,
) -> Result<Option<(Client, Secret)>, DbError> {
    let (client, secret) = new_client(name, scopes, tenant)?;
    let connection = db.shared().await?;
    match db
        .within(async { Ok::<_, DbError>(store::insert_client(&connection, &client).await) })
        .await?
    {
        Ok(()) => Ok(Some((client, secret))),
        Err(DieselError::DatabaseError(DatabaseErrorKind::UniqueViolation, _)) => Ok(None),
        Err(error) => Err(DbError::from(error)),
    }
}

/// Gives a client of a tenant a new secret; the present one stays good for a while. `None` when there is no
/// such client.
pub async fn rotate(
    db: &Db,
    tenant: &str,
    id: Id,
    overlap: Duration,
) -> Result<Option<(Client, Secret)>, DbError> {
    let secret = new_secret()?;
    let hash = hash(secret.reveal());
    let until = Timestamp::now().plus(overlap);
    let connection = db.shared().await?;
    let rotated = store::rotate_secret(&connection, tenant, id, &hash, until);
    Ok(db.query(rotated).await?.map(|client| (client, secret)))
}

/// Deletes a client of a tenant, and with it its tokens; false when there is no such client. The servers
/// know of it when they next read the revocations.
pub async fn delete(db: &Db, tenant: &str, id: Id) -> Result<bool, DbError> {
    let lifetime = Duration::from_secs((MAX_LIFETIME_SECONDS + LEEWAY_SECONDS).unsigned_abs());
    let tokens_end = Timestamp::now().plus(lifetime);
    let mut connection = db.pooled().await?;
    db.query(store::delete_client(
        &mut connection,
        tenant,
        id,
        tokens_end,
    ))
    .await
}

/// On the very first start: a client with every scope, or `None` when there is any client.
pub async fn create_first(db: &Db) -> Result<Option<(Client, Secret)>, DbError> {
    let connection = db.shared().await?;
    if db.query(store::has_clients(&connection)).await? {
        return Ok(None);
    }
    let all = Scope::ALL.iter().copied().collect();
    let (client, secret) = new_client(FIRST_CLIENT, all, DEFAULT_TENANT)?;
    let mut connection = db.pooled().await?;
    let made = db
        .query(store::insert_first_client(&mut connection, &client))
        .await?;
    Ok(made.then_some((client, secret)))
}
