//! The rows behind identity: tenants, clients, signing keys.

use diesel::{prelude::*, result::QueryResult, upsert::excluded};
use diesel_async::{AsyncConnection, AsyncPgConnection, RunQueryDsl, SimpleAsyncConnection};

use crate::{
    db::{
        TenantId,
        schema::{oauth_clients, signing_keys, tenants},
    },
    values::{Id, Timestamp},
};

/// A client of the built-in authorization server.
#[derive(Clone, Queryable, Selectable, Insertable)]
#[diesel(table_name = oauth_clients)]
pub struct Client {
    /// Its `client_id`.
    pub id: Id,
    /// Its name, unique on this server.
    pub name: String,
    /// SHA-256 of its secret.
    pub secret_hash: Vec<u8>,
    /// The scopes that it may ask for.
    pub scopes: Vec<Option<String>>,
    /// The tenant that its tokens name.
    pub tenant: String,
    /// When it was made.
    pub created_at: Timestamp,
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

/// Every client, oldest first. There are few: people make them by hand.
pub async fn clients(connection: &AsyncPgConnection) -> QueryResult<Vec<Client>> {
    let mut connection = connection;
    oauth_clients::table
        .order((oauth_clients::created_at, oauth_clients::id))
        .limit(10_000)
        .select(Client::as_select())
        .load(&mut connection)
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

/// Adds the first key unless another server has; answers the keys that there are then.
pub async fn insert_first_signing_key(
    connection: &mut AsyncPgConnection,
    key: SigningKey,
) -> QueryResult<Vec<SigningKey>> {
    connection
        .transaction(async |connection| {
            connection
                .batch_execute("LOCK TABLE signing_keys IN SHARE ROW EXCLUSIVE MODE")
                .await?;
            let rows = signing_keys(connection).await?;
            if !rows.is_empty() {
                return Ok(rows);
            }
            diesel::insert_into(signing_keys::table)
                .values(&key)
                .execute(connection)
                .await?;
            Ok(vec![key])
        })
        .await
}
