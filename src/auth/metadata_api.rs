//! What this server says of itself to those who want a token for it, or verify one of it.

use poem_openapi::{ApiResponse, Object, OpenApi, payload::Json};

use super::{
    Authenticator,
    keys::{JWKS_AGE, Jwk},
    scope::Scope,
};
use crate::{openapi::Tag, problem::ApiError};

/// The public metadata.
pub struct AuthMetadataApi {
    /// The tokens.
    pub authenticator: Authenticator,
    /// Base URL of the server.
    pub public_url: String,
}

/// The public keys that verify our tokens (RFC 7517 §5).
#[derive(Debug, Object)]
pub struct JwkSet {
    /// The keys. A key is published ten minutes before it signs, and a day after the last time.
    pub keys: Vec<Jwk>,
}

/// What the authorization server offers (RFC 8414 §2).
#[derive(Debug, Object)]
pub struct AuthorizationServerMetadata {
    /// Its name, the `iss` of its tokens.
    pub issuer: String,
    /// Where tokens are issued.
    pub token_endpoint: String,
    /// Where tokens are revoked (RFC 7009).
    pub revocation_endpoint: String,
    /// Where tokens are introspected (RFC 7662).
    pub introspection_endpoint: String,
    /// Where its public keys are.
    pub jwks_uri: String,
    /// The scopes there are.
    pub scopes_supported: Vec<String>,
    /// None: there is no authorization endpoint.
    pub response_types_supported: Vec<String>,
    /// `client_credentials`.
    pub grant_types_supported: Vec<String>,
    /// How clients authenticate at the token endpoint.
    pub token_endpoint_auth_methods_supported: Vec<String>,
    /// How clients authenticate to revoke a token.
    pub revocation_endpoint_auth_methods_supported: Vec<String>,
    /// How clients authenticate to introspect a token.
    pub introspection_endpoint_auth_methods_supported: Vec<String>,
    /// Where people read how to use it.
    pub service_documentation: String,
}

/// What this server wants of those who call it (RFC 9728 §2).
#[derive(Debug, Object)]
pub struct ProtectedResourceMetadata {
    /// This server: its public URL.
    pub resource: String,
    /// The issuers whose tokens it takes.
    pub authorization_servers: Vec<String>,
    /// The scopes there are.
    pub scopes_supported: Vec<String>,
    /// `header`: tokens are taken from `Authorization` only.
    pub bearer_methods_supported: Vec<String>,
    /// Its name, for people.
    pub resource_name: String,
    /// Where people read how to use it.
    pub resource_documentation: String,
}

/// Something that caches may keep.
#[derive(ApiResponse)]
pub enum Cacheable<T: poem_openapi::types::ToJSON> {
    /// As of now.
    #[oai(status = 200)]
    Found(
        Json<T>,
        /// How long it may be kept.
        #[oai(header = "Cache-Control")]
        String,
    ),
}

fn cacheable<T: poem_openapi::types::ToJSON>(value: T) -> Cacheable<T> {
    Cacheable::Found(
        Json(value),
        format!("public, max-age={}", JWKS_AGE.as_secs()),
    )
}

#[OpenApi(tag = "Tag::Auth")]
impl AuthMetadataApi {
    /// Get the public keys of the access tokens
    ///
    /// A JWK Set (RFC 7517) for those who verify our tokens themselves.
    #[oai(path = "/oauth/jwks", method = "get", operation_id = "get_jwks")]
    async fn get_jwks(&self) -> Result<Cacheable<JwkSet>, ApiError> {
        self.require_issuer()?;
        Ok(cacheable(JwkSet {
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
    async fn get_oauth_metadata(&self) -> Result<Cacheable<AuthorizationServerMetadata>, ApiError> {
        self.require_issuer()?;
        let at = |path: &str| format!("{}{path}", self.public_url);
        let methods = || vec!["client_secret_basic".into(), "client_secret_post".into()];
        Ok(cacheable(AuthorizationServerMetadata {
            issuer: self.authenticator.tokens().issuer().to_owned(),
            token_endpoint: at("/oauth/token"),
            revocation_endpoint: at("/oauth/revoke"),
            introspection_endpoint: at("/oauth/introspect"),
            jwks_uri: at("/oauth/jwks"),
            scopes_supported: scopes(),
            response_types_supported: Vec::new(),
            grant_types_supported: vec!["client_credentials".into()],
            token_endpoint_auth_methods_supported: methods(),
            revocation_endpoint_auth_methods_supported: methods(),
            introspection_endpoint_auth_methods_supported: methods(),
            service_documentation: at("/docs"),
        }))
    }

    /// Get whose tokens this server takes
    ///
    /// Protected resource metadata (RFC 9728). The answer 401 names their URL.
    #[oai(
        path = "/.well-known/oauth-protected-resource",
        method = "get",
        operation_id = "get_protected_resource_metadata"
    )]
    async fn get_protected_resource_metadata(
        &self,
    ) -> Result<Cacheable<ProtectedResourceMetadata>, ApiError> {
        let own = self
            .authenticator
            .issues()
            .then(|| self.authenticator.tokens().issuer());
        let issuers = self.authenticator.issuers().names().chain(own);
        Ok(cacheable(ProtectedResourceMetadata {
            resource: self.public_url.clone(),
            authorization_servers: issuers.map(str::to_owned).collect(),
            scopes_supported: scopes(),
            bearer_methods_supported: vec!["header".into()],
            resource_name: "agentdata".into(),
            resource_documentation: format!("{}/docs", self.public_url),
        }))
    }
}

impl AuthMetadataApi {
    fn require_issuer(&self) -> Result<(), ApiError> {
        if self.authenticator.issues() {
            Ok(())
        } else {
            Err(ApiError::not_found("authorization server here"))
        }
    }
}

fn scopes() -> Vec<String> {
    Scope::ALL
        .iter()
        .map(|scope| scope.as_str().to_owned())
        .collect()
}
