//! The rows behind identity: tenants, clients, signing keys.

use diesel::{
    dsl::{exists, max},
    prelude::*,
    result::QueryResult,
    upsert::excluded,
};
use diesel_async::{AsyncConnection, AsyncPgConnection, RunQueryDsl, SimpleAsyncConnection};

use crate::{
    db::{
        TenantId,
        schema::{oauth_clients, revocations, signing_keys, tenants},
    },
    page::{self, Page},
    values::{Id, Timestamp},
};

/// A client of the built-in authorization server.
#[derive(Clone, Queryable, Selectable, Insertable)]
#[diesel(table_name = oauth_clients)]
pub struct Client {
    /// Its `client_id`.
    pub id: Id,
    /// Its name, unique in its tenant.
    pub name: String,
    /// SHA-256 of its secret.
    pub secret_hash: Vec<u8>,
    /// The scopes that it may ask for.
    pub scopes: Vec<Option<String>>,
    /// The tenant that its tokens name.
    pub tenant: String,
    /// When it was made.
    pub created_at: Timestamp,
    /// SHA-256 of the secret before.
    pub old_secret_hash: Option<Vec<u8>>,
    /// Until when the secret before is good.
    pub old_secret_until: Option<Timestamp>,
}

/// A key pair that signs tokens.
#[derive(Clone, Queryable, Selectable, Insertable)]
#[diesel(table_name = signing_keys)]
pub struct SigningKey {
    /// Thumbprint of the public key.
    pub id: String,
    /// The public point.
    pub public_key: Vec<u8>,
    /// The private key, sealed under the master key.
    pub sealed_private_key: Vec<u8>,
    /// When it was made.
    pub created_at: Timestamp,
}

/// The number of a tenant; made at first use.
pub async fn tenant_id(connection: &AsyncPgConnection, name: &str) -> QueryResult<TenantId> {
    let mut connection = connection;
    let known = tenants::table
        .filter(tenants::name.eq(name))
        .select(tenants::id);
    if let Some(id) = known.first(&mut connection).await.optional()? {
        return Ok(TenantId(id));
    }
    // The update that changes nothing makes RETURNING name the row that another server has just made.
    diesel::insert_into(tenants::table)
        .values((
            tenants::name.eq(name),
            tenants::created_at.eq(Timestamp::now()),
        ))
        .on_conflict(tenants::name)
        .do_update()
        .set(tenants::name.eq(excluded(tenants::name)))
        .returning(tenants::id)
        .get_result(&mut connection)
        .await
        .map(TenantId)
}

/// A client by its `client_id`.
pub async fn client(connection: &AsyncPgConnection, id: Id) -> QueryResult<Option<Client>> {
    let mut connection = connection;
    oauth_clients::table
        .find(id)
        .select(Client::as_select())
        .first(&mut connection)
        .await
        .optional()
}

/// A client of a tenant by its name.
pub async fn client_named(
    connection: &AsyncPgConnection,
    tenant: &str,
    name: &str,
) -> QueryResult<Option<Client>> {
    let mut connection = connection;
    oauth_clients::table
        .filter(oauth_clients::tenant.eq(tenant))
        .filter(oauth_clients::name.eq(name))
        .select(Client::as_select())
        .first(&mut connection)
        .await
        .optional()
}

/// Whether there is any client, of whatever tenant.
pub async fn has_clients(connection: &AsyncPgConnection) -> QueryResult<bool> {
    let mut connection = connection;
    diesel::select(exists(oauth_clients::table.select(oauth_clients::id)))
        .get_result(&mut connection)
        .await
}

/// The clients of a tenant by name, those after a name.
pub async fn clients(
    connection: &AsyncPgConnection,
    tenant: &str,
    after: Option<&str>,
    limit: usize,
) -> QueryResult<Page<Client>> {
    let mut connection = connection;
    let mut query = oauth_clients::table
        .filter(oauth_clients::tenant.eq(tenant))
        .order(oauth_clients::name)
        .limit(i64::try_from(limit).unwrap_or(i64::MAX).saturating_add(1))
        .select(Client::as_select())
        .into_boxed();
    if let Some(after) = after {
        query = query.filter(oauth_clients::name.gt(after));
    }
    let rows = query.load_stream(&mut connection).await?;
    // No client takes more than a few kilobytes.
    page::collect(rows, limit, |_| 0).await
}

/// Gives a client of a tenant a new secret; the one before is good until then, if at all. `None` when
/// there is no such client.
pub async fn rotate_secret(
    connection: &AsyncPgConnection,
    tenant: &str,
    id: Id,
    secret_hash: &[u8],
    old_until: Timestamp,
) -> QueryResult<Option<Client>> {
    let mut connection = connection;
    diesel::update(oauth_clients::table.find(id))
        .filter(oauth_clients::tenant.eq(tenant))
        .set((
            oauth_clients::old_secret_hash.eq(oauth_clients::secret_hash.nullable()),
            oauth_clients::old_secret_until.eq(old_until),
            oauth_clients::secret_hash.eq(secret_hash),
        ))
        .returning(Client::as_returning())
        .get_result(&mut connection)
        .await
        .optional()
}

/// Deletes a client of a tenant, and notes that its tokens are no longer good; false when there is no such
/// client.
pub async fn delete_client(
    connection: &mut AsyncPgConnection,
    tenant: &str,
    id: Id,
    tokens_end: Timestamp,
) -> QueryResult<bool> {
    connection
        .transaction(async |connection| {
            let client = oauth_clients::table
                .find(id)
                .filter(oauth_clients::tenant.eq(tenant));
            if diesel::delete(client).execute(connection).await? == 0 {
                return Ok(false);
            }
            insert_revocation(connection, id, tokens_end).await?;
            Ok(true)
        })
        .await
}

/// Notes that a token, or all tokens of a client, are no longer good.
pub async fn insert_revocation(
    connection: &AsyncPgConnection,
    id: Id,
    until: Timestamp,
) -> QueryResult<()> {
    let mut connection = connection;
    diesel::insert_into(revocations::table)
        .values((revocations::id.eq(id), revocations::until.eq(until)))
        .on_conflict_do_nothing()
        .execute(&mut connection)
        .await
        .map(drop)
}

/// All that was revoked. There is little: an entry goes when the tokens it is about have ended, and the
/// endpoint that makes them has a limited rate.
pub async fn revocations(connection: &AsyncPgConnection) -> QueryResult<Vec<Id>> {
    let mut connection = connection;
    revocations::table
        .select(revocations::id)
        .load(&mut connection)
        .await
}

/// Removes revocations of tokens that have ended by now.
pub async fn purge_revocations(connection: &AsyncPgConnection) -> QueryResult<usize> {
    let mut connection = connection;
    diesel::delete(revocations::table.filter(revocations::until.lt(Timestamp::now())))
        .execute(&mut connection)
        .await
}

/// Adds a client; a unique violation means that the name is taken.
pub async fn insert_client(connection: &AsyncPgConnection, client: &Client) -> QueryResult<()> {
    let mut connection = connection;
    diesel::insert_into(oauth_clients::table)
        .values(client)
        .execute(&mut connection)
        .await
        .map(drop)
}

/// Adds the very first client; false when there is any already, of whatever server.
pub async fn insert_first_client(
    connection: &mut AsyncPgConnection,
    client: &Client,
) -> QueryResult<bool> {
    connection
        .transaction(async |connection| {
            connection
                .batch_execute("LOCK TABLE oauth_clients IN SHARE ROW EXCLUSIVE MODE")
                .await?;
            let any = oauth_clients::table
                .select(oauth_clients::id)
                .first::<Id>(connection)
                .await
                .optional()?;
            if any.is_some() {
                return Ok(false);
            }
            insert_client(connection, client).await?;
            Ok(true)
        })
        .await
}

/// The signing keys, oldest first.
pub async fn signing_keys(connection: &AsyncPgConnection) -> QueryResult<Vec<SigningKey>> {
    let mut connection = connection;
    signing_keys::table
        .order((signing_keys::created_at, signing_keys::id))
        .select(SigningKey::as_select())
        .load(&mut connection)
        .await
}

/// Adds a key unless there is one made after an instant, by whatever server; answers whether it did.
pub async fn insert_signing_key(
    connection: &mut AsyncPgConnection,
    key: &SigningKey,
    unless_made_after: Timestamp,
) -> QueryResult<bool> {
    connection
        .transaction(async |connection| {
            connection
                .batch_execute("LOCK TABLE signing_keys IN SHARE ROW EXCLUSIVE MODE")
                .await?;
            let newer = signing_keys::table
                .filter(signing_keys::created_at.gt(unless_made_after))
                .select(signing_keys::id)
                .first::<String>(connection)
                .await
                .optional()?;
            if newer.is_some() {
                return Ok(false);
            }
            diesel::insert_into(signing_keys::table)
                .values(key)
                .execute(connection)
                .await?;
            Ok(true)
        })
        .await
}

/// Removes keys that were made before the last one of those made before an instant; answers how many.
pub async fn remove_old_signing_keys(
    connection: &AsyncPgConnection,
    successor_made_before: Timestamp,
) -> QueryResult<usize> {
    let mut connection = connection;
    let successors = diesel::alias!(signing_keys as successors);
    let last = successors
        .filter(
            successors
                .field(signing_keys::created_at)
                .lt(successor_made_before),
        )
        .select(max(successors.field(signing_keys::created_at)))
        .single_value();
    diesel::delete(signing_keys::table.filter(signing_keys::created_at.nullable().lt(last)))
        .execute(&mut connection)
        .await
}

/// Removes every key but one.
pub async fn remove_other_signing_keys(
    connection: &AsyncPgConnection,
    keep: &str,
) -> QueryResult<usize> {
    let mut connection = connection;
    diesel::delete(signing_keys::table.filter(signing_keys::id.ne(keep)))
        .execute(&mut connection)
        .await
}
