//! Clients of the built-in authorization server, and their secrets.

use anyhow::bail;
use aws_lc_rs::{constant_time, digest, rand};
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use diesel::result::{DatabaseErrorKind, Error as DieselError};

use super::{
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
fn new_secret() -> anyhow::Result<Secret> {
    let mut bytes = [0; 32];
    rand::fill(&mut bytes)?;
    Ok(URL_SAFE_NO_PAD.encode(bytes).into())
}

/// A random secret of 256 bits cannot be guessed, so a plain hash protects it.
fn hash(secret: &str) -> Vec<u8> {
    digest::digest(&digest::SHA256, secret.as_bytes())
        .as_ref()
        .to_vec()
}

impl Client {
    /// Whether this is the client's secret; takes the same time whatever the secret.
    pub fn has_secret(&self, secret: &str) -> bool {
        constant_time::verify_slices_are_equal(&hash(secret), &self.secret_hash).is_ok()
    }

    /// The scopes that it may ask for.
    pub fn allowed_scopes(&self) -> ScopeSet {
        self.scopes
            .iter()
            .flatten()
            .filter_map(|name| name.parse().ok())
            .collect()
    }
}

fn new_client(name: &str, scopes: ScopeSet, tenant: &str) -> anyhow::Result<(Client, Secret)> {
    for (what, text, longest) in [("name", name, 200), ("tenant", tenant, 128)] {
        if !(1..=longest).contains(&text.chars().count()) || text.contains('\0') {
            bail!("the {what} must have 1 to {longest} characters");
        }
    }
    if scopes.is_empty() {
        bail!("a client needs at least one scope");
    }
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
    };
    Ok((client, secret))
}

/// Makes a client; the secret is not to be had again.
///
/// # Errors
/// When the name is taken or out of bounds, or there is no scope.
pub async fn create(
    db: &Db,
    name: &str,
    scopes: ScopeSet,
    tenant: &str,
) -> anyhow::Result<(Client, Secret)> {
    let (client, secret) = new_client(name, scopes, tenant)?;
    let connection = db.shared().await?;
    match db
        .within(async { Ok::<_, DbError>(store::insert_client(&connection, &client).await) })
        .await?
    {
        Ok(()) => Ok((client, secret)),
        Err(DieselError::DatabaseError(DatabaseErrorKind::UniqueViolation, _)) => {
            bail!("there is a client named `{name}` already")
        }
        Err(error) => Err(DbError::from(error).into()),
    }
}

/// On the very first start: a client with every scope, or `None` when there is any client.
pub async fn create_first(db: &Db) -> anyhow::Result<Option<(Client, Secret)>> {
    let connection = db.shared().await?;
    if !store::clients(&connection).await?.is_empty() {
        return Ok(None);
    }
    let all = Scope::ALL.iter().copied().collect();
    let (client, secret) = new_client(FIRST_CLIENT, all, DEFAULT_TENANT)?;
    let made = store::insert_first_client(&mut *db.pooled().await?, &client).await?;
    Ok(made.then_some((client, secret)))
}
