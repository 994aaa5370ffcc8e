//! The administration of clients.

use poem_openapi::{
    ApiResponse, OpenApi,
    param::{Path, Query},
};

use super::{
    Authenticator, Caller, Scope, client,
    client_model::{NewOauthClient, OauthClient, OauthClientPage, OauthClientSecret, RotateSecret},
    store,
};
use crate::{
    body::Body,
    db::Db,
    json::Json,
    openapi::Tag,
    page,
    problem::{ApiError, Problem, ProblemCode},
    values::Id,
};

/// The operations on clients. A caller sees and changes those of its own tenant; the clients of other tenants
/// are made by `agentdata client`, on the server.
pub struct OauthClientsApi {
    /// The database.
    pub db: Db,
    /// Forgets the tokens of deleted clients.
    pub authenticator: Authenticator,
    /// Base URL of the server, for `Location`.
    pub public_url: String,
}

/// A created client.
#[derive(ApiResponse)]
pub enum CreateOauthClientResponse {
    /// The client, and its secret, which is not to be had again.
    #[oai(status = 201)]
    Created(
        Json<OauthClientSecret>,
        /// URL of the client.
        #[oai(header = "Location")]
        String,
    ),
}

/// A deleted client.
#[derive(ApiResponse)]
pub enum DeleteOauthClientResponse {
    /// The client is gone. Its tokens are refused by this server from now on, and within five seconds by all
    /// others.
    #[oai(status = 204)]
    Deleted,
}

#[OpenApi(tag = "Tag::Auth")]
impl OauthClientsApi {
    /// List clients
    ///
    /// Those of the caller's tenant, by name. Secrets are not shown.
    #[oai(
        path = "/oauth/clients",
        method = "get",
        operation_id = "list_oauth_clients"
    )]
    async fn list_oauth_clients(
        &self,
        #[oai(scope = "Scope::Admin")] auth: Caller,
        /// The most items on a page.
        #[oai(
            default = "page::default_limit",
            validator(minimum(value = "1"), maximum(value = "1000"))
        )]
        limit: Query<i32>,
        /// Where the page begins: the `next_cursor` of the page before.
        #[oai(validator(min_length = 1, max_length = 2000))]
        cursor: Query<Option<String>>,
    ) -> Result<Json<OauthClientPage>, ApiError> {
        auth.require(Scope::Admin)?;
        let list = ("list_oauth_clients", auth.tenant_id().0);
        let after: Option<String> = page::decode_cursor(cursor.0.as_deref(), &list)?;
        let limit = usize::try_from(limit.0).unwrap_or(1);
        let connection = self.db.shared().await?;
        let clients = store::clients(&connection, auth.tenant(), after.as_deref(), limit);
        let page = self.db.query(clients).await?;
        let last = page.items.last().filter(|_| page.more);
        Ok(Json(OauthClientPage {
            next_cursor: last.map(|client| page::encode_cursor(&list, &client.name)),
            items: page.items.into_iter().map(Into::into).collect(),
        }))
    }

    /// Create a client
    ///
    /// It may ask for access tokens of the given scopes, for the caller's tenant. The answer has its secret,
    /// which is stored as a hash only: a resend cannot have it again, so there is no `Idempotency-Key` here,
    /// and a client whose answer was lost is deleted or given a new secret.
    #[oai(
        path = "/oauth/clients",
        method = "post",
        operation_id = "create_oauth_client"
    )]
    async fn create_oauth_client(
        &self,
        #[oai(scope = "Scope::Admin")] auth: Caller,
        body: Body<NewOauthClient>,
    ) -> Result<CreateOauthClientResponse, ApiError> {
        auth.require(Scope::Admin)?;
        self.require_issuer()?;
        let NewOauthClient { name, scopes } = body.into_inner();
        let scopes = scopes.into_iter().collect();
        let made = client::create(&self.db, &name, scopes, auth.tenant()).await?;
        let (client, secret) = made.ok_or_else(|| {
            let detail = format!("There is a client named `{name}` already.");
            ApiError::new(Problem::new(ProblemCode::NameTaken, detail))
        })?;
        let location = format!("{}/oauth/clients/{}", self.public_url, client.id);
        let answer = OauthClientSecret {
            client: client.into(),
            client_secret: secret.reveal().to_owned(),
        };
        Ok(CreateOauthClientResponse::Created(Json(answer), location))
    }

    /// Get a client
    ///
    /// One of the caller's tenant. Its secret is not shown.
    #[oai(
        path = "/oauth/clients/:client_id",
        method = "get",
        operation_id = "get_oauth_client"
    )]
    async fn get_oauth_client(
        &self,
        #[oai(scope = "Scope::Admin")] auth: Caller,
        /// Id of the client.
        client_id: Path<Id>,
    ) -> Result<Json<OauthClient>, ApiError> {
        auth.require(Scope::Admin)?;
        let connection = self.db.shared().await?;
        let client = self
            .db
            .query(store::client(&connection, client_id.0))
            .await?;
        let client = client.filter(|client| client.tenant == auth.tenant());
        Ok(Json(client.ok_or_else(no_client)?.into()))
    }

    /// Delete a client
    ///
    /// Its tokens end with it.
    #[oai(
        path = "/oauth/clients/:client_id",
        method = "delete",
        operation_id = "delete_oauth_client"
    )]
    async fn delete_oauth_client(
        &self,
        #[oai(scope = "Scope::Admin")] auth: Caller,
        /// Id of the client.
        client_id: Path<Id>,
    ) -> Result<DeleteOauthClientResponse, ApiError> {
        auth.require(Scope::Admin)?;
        if !client::delete(&self.db, auth.tenant(), client_id.0).await? {
            return Err(no_client());
        }
        self.authenticator.revocations().load(&self.db).await?;
        Ok(DeleteOauthClientResponse::Deleted)
    }

    /// Give a client a new secret
    ///
    /// The present one stays good for as long as is asked. Tokens that were issued are not touched.
    #[oai(
        path = "/oauth/clients/:client_id/secret",
        method = "post",
        operation_id = "rotate_oauth_client_secret"
    )]
    async fn rotate_oauth_client_secret(
        &self,
        #[oai(scope = "Scope::Admin")] auth: Caller,
        /// Id of the client.
        client_id: Path<Id>,
        body: Body<RotateSecret>,
    ) -> Result<Json<OauthClientSecret>, ApiError> {
        auth.require(Scope::Admin)?;
        let overlap = std::time::Duration::from_secs(body.overlap_seconds.unsigned_abs().into());
        let rotated = client::rotate(&self.db, auth.tenant(), client_id.0, overlap).await?;
        let (client, secret) = rotated.ok_or_else(no_client)?;
        Ok(Json(OauthClientSecret {
            client: client.into(),
            client_secret: secret.reveal().to_owned(),
        }))
    }
}

impl OauthClientsApi {
    fn require_issuer(&self) -> Result<(), ApiError> {
        if self.authenticator.issues() {
            return Ok(());
        }
        let detail = "This server issues no tokens; make the client at the outside issuer.";
        Err(ApiError::new(Problem::new(ProblemCode::NotFound, detail)))
    }
}

fn no_client() -> ApiError {
    ApiError::not_found("client")
}
