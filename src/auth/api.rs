//! The built-in authorization server: tokens, their revocation and their introspection.

use poem_openapi::{ApiResponse, Object, OpenApi, payload::Json, types::Example};
use serde::Deserialize;

use super::{
    Authenticator, Holder,
    form::{ClientForm, Credentials, FormError, TokenErrorCode, credentials},
    jwt::{LEEWAY_SECONDS, TokenError},
    scope::ScopeSet,
    store::{self, Client},
};
use crate::{
    db::{Db, DbError},
    openapi::Tag,
    telemetry,
    values::Timestamp,
};

/// The endpoints of tokens.
pub struct AuthApi {
    /// The database with the clients.
    pub db: Db,
    /// The tokens.
    pub authenticator: Authenticator,
}

/// A request for an access token (RFC 6749 §4.4.2). The client authenticates with HTTP Basic or
/// with `client_id` and `client_secret` in the form, not both (RFC 6749 §2.3.1).
#[derive(Deserialize, Object)]
#[oai(example)]
pub struct TokenRequest {
    /// `client_credentials`.
    pub grant_type: Option<String>,
    /// The scopes wanted, separated by spaces; all that the client may have when absent.
    pub scope: Option<String>,
    /// The client's id, when it does not authenticate with HTTP Basic.
    pub client_id: Option<String>,
    /// The client's secret, when it does not authenticate with HTTP Basic.
    pub client_secret: Option<String>,
}

credentials!(TokenRequest);

impl Example for TokenRequest {
    fn example() -> Self {
        Self {
            grant_type: Some("client_credentials".into()),
            scope: Some("agents:read agents:write".into()),
            client_id: Some("019308d4-6e65-7cc0-b5c5-2a0d8f1e4b11".into()),
            client_secret: Some("the client's secret".into()),
        }
    }
}

/// A token that a client asks about (RFC 7009 §2.1, RFC 7662 §2.1). The client authenticates as at the token
/// endpoint.
#[derive(Deserialize, Object)]
#[oai(example)]
pub struct PresentedToken {
    /// The token.
    pub token: Option<String>,
    /// What kind of token the client takes it for. There are access tokens only, so it changes nothing.
    #[serde(rename = "token_type_hint")]
    pub token_type_hint: Option<String>,
    /// The client's id, when it does not authenticate with HTTP Basic.
    pub client_id: Option<String>,
    /// The client's secret, when it does not authenticate with HTTP Basic.
    pub client_secret: Option<String>,
}

credentials!(PresentedToken);

impl Example for PresentedToken {
    fn example() -> Self {
        Self {
            token: Some("eyJ0eXAiOiJhdCtqd3QiLCJhbGciOiJFUzI1NiJ9…".into()),
            token_type_hint: Some("access_token".into()),
            client_id: Some("019308d4-6e65-7cc0-b5c5-2a0d8f1e4b11".into()),
            client_secret: Some("the client's secret".into()),
        }
    }
}

/// An access token (RFC 6749 §5.1).
#[derive(Object)]
pub struct TokenResponse {
    /// The token, to be sent as `Authorization: Bearer …`.
    pub access_token: String,
    /// `Bearer`.
    pub token_type: String,
    /// Seconds that it is good for.
    pub expires_in: i32,
    /// The scopes that it has, separated by spaces.
    pub scope: String,
}

/// An access token.
#[derive(ApiResponse)]
pub enum IssueTokenResponse {
    /// The token.
    #[oai(status = 200)]
    Issued(
        Json<TokenResponse>,
        /// `no-store`: a token is not for caches (RFC 6749 §5.1).
        #[oai(header = "Cache-Control")]
        String,
    ),
}

/// A revoked token.
#[derive(ApiResponse)]
pub enum RevokeTokenResponse {
    /// The token is not good any more, or was not good before.
    #[oai(status = 200)]
    Revoked,
}

/// What a token is (RFC 7662 §2.2). Of a token that is not active nothing else is said.
#[derive(Debug, Default, Object)]
#[oai(skip_serializing_if_is_none)]
pub struct Introspection {
    /// Whether the token is good, and one that the client may know of: of its own tenant.
    pub active: bool,
    /// The scopes that it has, separated by spaces.
    pub scope: Option<String>,
    /// The client that it was issued to.
    pub client_id: Option<String>,
    /// `Bearer`.
    pub token_type: Option<String>,
    /// When it ends, in seconds since the epoch.
    pub exp: Option<i64>,
    /// On whose behalf the client acts.
    pub sub: Option<String>,
    /// Whom it is for: this server.
    pub aud: Option<String>,
    /// Who issued it.
    pub iss: Option<String>,
    /// Its own id, if this server issued it.
    pub jti: Option<String>,
    /// The tenant whose data it opens.
    pub tenant: Option<String>,
}

#[OpenApi(tag = "Tag::Auth")]
impl AuthApi {
    /// Issue an access token
    ///
    /// The `client_credentials` grant of RFC 6749 §4.4. Errors have the form of RFC 6749 §5.2.
    #[oai(path = "/oauth/token", method = "post", operation_id = "issue_token")]
    async fn issue_token(
        &self,
        form: ClientForm<TokenRequest>,
    ) -> Result<IssueTokenResponse, FormError> {
        let mut form = form;
        let client = self.authenticated_client(&mut form).await?;
        match form.form.grant_type.as_deref() {
            Some("client_credentials") => {}
            None => {
                return Err(FormError::refused(
                    TokenErrorCode::InvalidRequest,
                    "grant_type is missing",
                ));
            }
            Some(_) => {
                return Err(FormError::refused(
                    TokenErrorCode::UnsupportedGrantType,
                    "the only grant is client_credentials",
                ));
            }
        }
        let allowed = client.allowed_scopes();
        let scopes = match form.form.scope.as_deref() {
            None | Some("") => allowed,
            Some(list) => ScopeSet::parse(list)
                .ok()
                .filter(|wanted| !wanted.is_empty() && allowed.contains_all(*wanted))
                .ok_or_else(|| {
                    FormError::refused(
                        TokenErrorCode::InvalidScope,
                        format!("the client may have: {allowed}"),
                    )
                })?,
        };
        let tokens = self.authenticator.tokens();
        let access_token = tokens
            .issue(client.id, &client.tenant, scopes)
            .map_err(|error| DbError::Unavailable(format!("{error:#}")))?;
        let response = TokenResponse {
            access_token,
            token_type: "Bearer".into(),
            expires_in: i32::try_from(tokens.lifetime().as_secs()).unwrap_or(i32::MAX),
            scope: scopes.to_string(),
        };
        Ok(IssueTokenResponse::Issued(
            Json(response),
            "no-store".into(),
        ))
    }

    /// Revoke an access token
    ///
    /// RFC 7009. The token is refused from now on by this server, and within five seconds by all others. A
    /// client can revoke its own tokens. A token that is not good anyway is answered with 200 too.
    #[oai(path = "/oauth/revoke", method = "post", operation_id = "revoke_token")]
    async fn revoke_token(
        &self,
        form: ClientForm<PresentedToken>,
    ) -> Result<RevokeTokenResponse, FormError> {
        let mut form = form;
        let client = self.authenticated_client(&mut form).await?;
        let Some(holder) = self.holder(form.form.token).await? else {
            return Ok(RevokeTokenResponse::Revoked);
        };
        let Some(token_id) = holder.token_id else {
            return Err(FormError::refused(
                TokenErrorCode::UnsupportedTokenType,
                "another issuer made the token",
            ));
        };
        if holder.client_id != client.id {
            return Err(FormError::refused(
                TokenErrorCode::UnauthorizedClient,
                "the token was issued to another client",
            ));
        }
        let ends = Timestamp::from_unix_seconds(holder.expires_at + LEEWAY_SECONDS);
        let revocations = self.authenticator.revocations();
        revocations.revoke(&self.db, token_id, ends).await?;
        Ok(RevokeTokenResponse::Revoked)
    }

    /// Introspect an access token
    ///
    /// RFC 7662, for services that take tokens of this server and do not verify them themselves. A client
    /// is told about tokens of its own tenant; of any other token, whatever is wrong with it, only that it is
    /// not active.
    #[oai(
        path = "/oauth/introspect",
        method = "post",
        operation_id = "introspect_token"
    )]
    async fn introspect_token(
        &self,
        form: ClientForm<PresentedToken>,
    ) -> Result<Json<Introspection>, FormError> {
        let mut form = form;
        let client = self.authenticated_client(&mut form).await?;
        let holder = self.holder(form.form.token).await?;
        let known = holder.filter(|holder| holder.tenant == client.tenant);
        Ok(Json(known.map_or_else(Introspection::default, |holder| {
            Introspection {
                active: true,
                scope: Some(holder.scopes.to_string()),
                client_id: Some(holder.client.clone()),
                token_type: Some("Bearer".into()),
                exp: Some(holder.expires_at),
                sub: Some(holder.subject.clone()),
                aud: Some(self.authenticator.tokens().audience().to_owned()),
                iss: Some(holder.issuer.clone()),
                jti: holder.token_id.map(|id| id.to_string()),
                tenant: Some(holder.tenant.clone()),
            }
        })))
    }
}

impl AuthApi {
    /// The client that sends a form. Its address is counted before its secret is looked at, itself after.
    async fn authenticated_client<F: Credentials>(
        &self,
        form: &mut ClientForm<F>,
    ) -> Result<Client, FormError> {
        if !self.authenticator.issues() {
            return Err(FormError::switched_off());
        }
        let limits = self.authenticator.limits();
        if let Some(address) = telemetry::request_address() {
            limits.address(address).map_err(FormError::too_many)?;
        }
        let (id, secret) = form.credentials()?;
        let Ok(id) = id.parse() else {
            return Err(FormError::invalid_client());
        };
        let connection = self.db.shared().await?;
        let client = self.db.query(store::client(&connection, id)).await?;
        let client = client
            .filter(|client| client.has_secret(secret.reveal()))
            .ok_or_else(FormError::invalid_client)?;
        telemetry::request_is_of(&client.holder(self.authenticator.tokens().issuer()).into());
        limits.client(client.id).map_err(FormError::too_many)?;
        Ok(client)
    }

    /// The holder of a token that was presented; `None` when it is not good.
    async fn holder(
        &self,
        token: Option<String>,
    ) -> Result<Option<std::sync::Arc<Holder>>, FormError> {
        let token = token.ok_or_else(|| {
            FormError::refused(TokenErrorCode::InvalidRequest, "token is missing")
        })?;
        match self.authenticator.authenticate(&token).await {
            Ok(identity) => Ok(Some(identity.holder)),
            Err(TokenError::Refused(_)) => Ok(None),
            Err(TokenError::Database(error)) => Err(error.into()),
            Err(TokenError::Issuer(error)) => Err(DbError::Unavailable(error).into()),
        }
    }
}
