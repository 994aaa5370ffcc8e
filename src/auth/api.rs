//! The built-in authorization server's endpoints.

use base64::{Engine, engine::general_purpose::STANDARD};
use percent_encoding::percent_decode_str;
use poem::{FromRequest, IntoResponse, Request, RequestBody, http::header};
use poem_openapi::{
    ApiExtractor, ApiExtractorType, ApiResponse, Enum, ExtractParamOptions, Object, OpenApi,
    payload::{Form, Json, Payload},
    registry::{MetaMediaType, MetaRequest, Registry},
    types::Type,
};
use serde::Deserialize;

use super::{
    Authenticator,
    keys::Jwk,
    scope::{Scope, ScopeSet},
    store::{self, Client},
};
use crate::{
    db::{Db, DbError},
    openapi::Tag,
    problem::ApiError,
};

/// The longest form that the token endpoint reads.
const MAX_FORM_BYTES: usize = 16 * 1024;

/// The endpoints of identity.
pub struct AuthApi {
    /// The database with the clients.
    pub db: Db,
    /// The tokens.
    pub authenticator: Authenticator,
    /// Base URL of the server.
    pub public_url: String,
}

/// A request for an access token (RFC 6749 §4.4.2). The client authenticates with HTTP Basic or
/// with `client_id` and `client_secret` in the form, not both (RFC 6749 §2.3.1).
#[derive(Deserialize, Object)]
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

/// Why no token was issued (RFC 6749 §5.2).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
#[oai(rename_all = "snake_case")]
pub enum TokenErrorCode {
    /// The request lacks a parameter, repeats one, or cannot be read.
    InvalidRequest,
    /// The client is unknown, or its secret is wrong.
    InvalidClient,
    /// The scope is unknown, or more than the client may have.
    InvalidScope,
    /// The grant is not `client_credentials`.
    UnsupportedGrantType,
    /// The server cannot answer now; try again.
    TemporarilyUnavailable,
}

/// Why no token was issued (RFC 6749 §5.2).
#[derive(Debug, Object)]
pub struct TokenError {
    /// The kind of error, for programs.
    pub error: TokenErrorCode,
    /// What is wrong, for people.
    pub error_description: String,
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

/// Why no token was issued. These answers have the form of RFC 6749, not of RFC 9457.
#[derive(Debug, ApiResponse)]
pub enum IssueTokenError {
    /// The request cannot be granted.
    #[oai(status = 400)]
    Refused(Json<TokenError>),
    /// The client is unknown, or its secret is wrong.
    #[oai(status = 401)]
    InvalidClient(
        Json<TokenError>,
        /// The `Basic` challenge.
        #[oai(header = "WWW-Authenticate")]
        String,
    ),
    /// The database cannot be reached.
    #[oai(status = 503)]
    Unavailable(
        Json<TokenError>,
        /// Seconds to wait before the next try.
        #[oai(header = "Retry-After")]
        String,
    ),
}

impl IssueTokenError {
    fn refused(error: TokenErrorCode, description: impl Into<String>) -> Self {
        Self::Refused(Json(TokenError {
            error,
            error_description: description.into(),
        }))
    }

    fn invalid_client() -> Self {
        let error = TokenError {
            error: TokenErrorCode::InvalidClient,
            error_description: "the client is unknown or its secret is wrong".into(),
        };
        Self::InvalidClient(Json(error), "Basic realm=\"agentdata\"".into())
    }
}

impl From<DbError> for IssueTokenError {
    fn from(error: DbError) -> Self {
        tracing::error!(error = %error, "database");
        let error = TokenError {
            error: TokenErrorCode::TemporarilyUnavailable,
            error_description: "the server cannot reach its database; try again".into(),
        };
        Self::Unavailable(Json(error), "1".into())
    }
}

/// The client's credentials and the form, however the client sent them.
pub struct TokenForm {
    request: TokenRequest,
    basic: Option<(String, String)>,
}

impl<'a> ApiExtractor<'a> for TokenForm {
    const TYPES: &'static [ApiExtractorType] = &[ApiExtractorType::RequestObject];
    type ParamType = ();
    type ParamRawType = ();

    fn register(registry: &mut Registry) {
        TokenRequest::register(registry);
    }

    fn request_meta() -> Option<MetaRequest> {
        Some(MetaRequest {
            description: None,
            content: vec![MetaMediaType {
                content_type: Form::<TokenRequest>::CONTENT_TYPE,
                schema: TokenRequest::schema_ref(),
            }],
            required: true,
        })
    }

    async fn from_request(
        request: &'a Request,
        body: &mut RequestBody,
        _: ExtractParamOptions<()>,
    ) -> poem::Result<Self> {
        let invalid = |description: &str| {
            let error = IssueTokenError::refused(TokenErrorCode::InvalidRequest, description);
            poem::Error::from_response(error.into_response())
        };
        if !request
            .content_type()
            .is_some_and(Form::<TokenRequest>::check_content_type)
        {
            return Err(invalid(
                "send the request as application/x-www-form-urlencoded",
            ));
        }
        let body = <poem::Body as FromRequest>::from_request(request, body).await?;
        let bytes = body
            .into_bytes_limit(MAX_FORM_BYTES)
            .await
            .map_err(|_| invalid("the form is too long or did not arrive whole"))?;
        let form =
            serde_urlencoded::from_bytes(&bytes).map_err(|error| invalid(&error.to_string()))?;
        let basic = match request.header(header::AUTHORIZATION) {
            None => None,
            Some(value) => Some(parse_basic(value).ok_or_else(|| {
                poem::Error::from_response(IssueTokenError::invalid_client().into_response())
            })?),
        };
        Ok(Self {
            request: form,
            basic,
        })
    }
}

/// RFC 6749 §2.3.1: id and secret are form-encoded before they go into HTTP Basic.
fn parse_basic(value: &str) -> Option<(String, String)> {
    let (scheme, encoded) = value.split_once(' ')?;
    if !scheme.eq_ignore_ascii_case("basic") {
        return None;
    }
    let decoded = String::from_utf8(STANDARD.decode(encoded.trim()).ok()?).ok()?;
    let (id, secret) = decoded.split_once(':')?;
    let unescape = |text: &str| {
        percent_decode_str(text)
            .decode_utf8()
            .ok()
            .map(String::from)
    };
    Some((unescape(id)?, unescape(secret)?))
}

impl TokenForm {
    fn credentials(&mut self) -> Result<(String, String), IssueTokenError> {
        let form = (
            self.request.client_id.take(),
            self.request.client_secret.take(),
        );
        match (self.basic.take(), form) {
            (Some(_), (_, Some(_))) => Err(IssueTokenError::refused(
                TokenErrorCode::InvalidRequest,
                "the client authenticates in two ways at once",
            )),
            (Some((id, _)), (Some(other), None)) if id != other => Err(IssueTokenError::refused(
                TokenErrorCode::InvalidRequest,
                "the client_id differs from the authenticated one",
            )),
            (Some(basic), _) => Ok(basic),
            (None, (Some(id), Some(secret))) => Ok((id, secret)),
            (None, _) => Err(IssueTokenError::invalid_client()),
        }
    }
}

/// The public keys that verify our tokens (RFC 7517 §5).
#[derive(Debug, Object)]
pub struct JwkSet {
    /// The keys.
    pub keys: Vec<Jwk>,
}

/// What the authorization server offers (RFC 8414 §2).
#[derive(Debug, Object)]
pub struct AuthorizationServerMetadata {
    /// Its name, the `iss` of its tokens.
    pub issuer: String,
    /// Where tokens are issued.
    pub token_endpoint: String,
    /// Where its public keys are.
    pub jwks_uri: String,
    /// The scopes there are.
    pub scopes_supported: Vec<String>,
    /// None: there is no authorization endpoint.
    pub response_types_supported: Vec<String>,
    /// `client_credentials`.
    pub grant_types_supported: Vec<String>,
    /// How clients authenticate.
    pub token_endpoint_auth_methods_supported: Vec<String>,
}

#[OpenApi(tag = "Tag::Auth")]
impl AuthApi {
    /// Issue an access token
    ///
    /// The `client_credentials` grant of RFC 6749 §4.4. Errors have the form of RFC 6749 §5.2.
    #[oai(path = "/oauth/token", method = "post", operation_id = "issue_token")]
    async fn issue_token(&self, form: TokenForm) -> Result<IssueTokenResponse, IssueTokenError> {
        let mut form = form;
        let client = self.authenticated_client(&mut form).await?;
        match form.request.grant_type.as_deref() {
            Some("client_credentials") => {}
            None => {
                return Err(IssueTokenError::refused(
                    TokenErrorCode::InvalidRequest,
                    "grant_type is missing",
                ));
            }
            Some(_) => {
                return Err(IssueTokenError::refused(
                    TokenErrorCode::UnsupportedGrantType,
                    "the only grant is client_credentials",
                ));
            }
        }
        let allowed = client.allowed_scopes();
        let scopes = match form.request.scope.as_deref() {
            None | Some("") => allowed,
            Some(list) => ScopeSet::parse(list)
                .ok()
                .filter(|wanted| !wanted.is_empty() && allowed.contains_all(*wanted))
                .ok_or_else(|| {
                    IssueTokenError::refused(
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

    /// Get the public keys of the access tokens
    ///
    /// A JWK Set (RFC 7517) for those who verify our tokens themselves.
    #[oai(path = "/oauth/jwks", method = "get", operation_id = "get_jwks")]
    async fn get_jwks(&self) -> Result<Json<JwkSet>, ApiError> {
        Ok(Json(JwkSet {
            keys: self.authenticator.tokens().keys().ring().jwks(),
        }))
    }

    /// Get what the authorization server offers
    ///
    /// Authorization server metadata (RFC 8414).
    #[oai(
        path = "/.well-known/oauth-authorization-server",
        method = "get",
        operation_id = "get_oauth_metadata"
    )]
    async fn get_oauth_metadata(&self) -> Result<Json<AuthorizationServerMetadata>, ApiError> {
        Ok(Json(AuthorizationServerMetadata {
            issuer: self.authenticator.tokens().issuer().to_owned(),
            token_endpoint: format!("{}/oauth/token", self.public_url),
            jwks_uri: format!("{}/oauth/jwks", self.public_url),
            scopes_supported: Scope::ALL
                .iter()
                .map(|scope| scope.as_str().to_owned())
                .collect(),
            response_types_supported: Vec::new(),
            grant_types_supported: vec!["client_credentials".into()],
            token_endpoint_auth_methods_supported: vec![
                "client_secret_basic".into(),
                "client_secret_post".into(),
            ],
        }))
    }
}

impl AuthApi {
    async fn authenticated_client(&self, form: &mut TokenForm) -> Result<Client, IssueTokenError> {
        let (id, secret) = form.credentials()?;
        let Ok(id) = id.parse() else {
            return Err(IssueTokenError::invalid_client());
        };
        let connection = self.db.shared().await?;
        let client = self.db.query(store::client(&connection, id)).await?;
        client
            .filter(|client| client.has_secret(&secret))
            .ok_or_else(IssueTokenError::invalid_client)
    }
}
