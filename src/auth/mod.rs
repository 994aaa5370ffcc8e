//! Who calls, and what the caller may do.
//!
//! [`Caller`] is the check: a handler that takes one runs only for a verified access token, and its
//! first line requires the operation's scope.

use std::sync::Arc;

use aws_lc_rs::digest;
use poem::{Request, http::header};
use poem_openapi::{SecurityScheme, auth::Bearer};
use quick_cache::sync::Cache;

pub use self::scope::{Scope, ScopeSet};
use self::token::{TokenError, Tokens};
use crate::{
    db::{Db, TenantId},
    problem::{ApiError, Problem, ProblemCode},
    telemetry,
    values::{Id, Timestamp},
};

pub mod api;
pub mod client;
pub mod keys;
pub mod scope;
pub mod store;
pub mod token;

/// Verified tokens that are kept, so that a signature is checked once for each token and not for
/// each request.
const CACHED_TOKENS: usize = 10_000;

/// OAuth 2.0 access tokens, sent as `Authorization: Bearer …` (RFC 6750 §2.1).
///
/// Get one from the token URL with the `client_credentials` grant.
#[derive(SecurityScheme)]
#[oai(
    rename = "oauth2",
    ty = "oauth2",
    flows(client_credentials(token_url = "/oauth/token", scopes = "Scope")),
    checker = "check"
)]
pub struct Caller(Identity);

/// What a verified token says.
#[derive(Clone, Debug)]
pub struct Identity {
    /// The tenant whose data it opens.
    pub tenant_id: TenantId,
    /// The client that holds it.
    pub client_id: Id,
    /// What it allows.
    pub scopes: ScopeSet,
    expires_at: i64,
}

impl Caller {
    /// Refuses with 403 unless the token has the scope.
    pub fn require(&self, scope: Scope) -> Result<(), ApiError> {
        if self.0.scopes.contains(scope) {
            Ok(())
        } else {
            Err(ApiError::missing_scope(scope))
        }
    }

    /// Whether the token has the scope.
    pub fn has(&self, scope: Scope) -> bool {
        self.0.scopes.contains(scope)
    }

    /// The client that calls.
    pub fn client_id(&self) -> Id {
        self.0.client_id
    }

    /// When the token ends, in seconds since the epoch.
    pub fn expires_at(&self) -> i64 {
        self.0.expires_at
    }

    /// The tenant whose data the caller may touch.
    pub fn tenant_id(&self) -> TenantId {
        self.0.tenant_id
    }
}

/// Verifies access tokens. One for all requests.
#[derive(Clone)]
pub struct Authenticator(Arc<Inner>);

struct Inner {
    db: Db,
    tokens: Tokens,
    verified: Cache<[u8; 32], Identity>,
}

impl Authenticator {
    /// Verifies these tokens, and looks tenants up in this database.
    pub fn new(db: Db, tokens: Tokens) -> Self {
        Self(Arc::new(Inner {
            db,
            tokens,
            verified: Cache::new(CACHED_TOKENS),
        }))
    }

    /// The tokens that it verifies.
    pub fn tokens(&self) -> &Tokens {
        &self.0.tokens
    }

    /// The caller behind a token.
    pub async fn authenticate(&self, token: &str) -> Result<Identity, TokenError> {
        // Only a hash stays in memory: whoever reads the cache has no token.
        let mut hash = [0; 32];
        hash.copy_from_slice(digest::digest(&digest::SHA256, token.as_bytes()).as_ref());
        if let Some(identity) = self.0.verified.get(&hash) {
            if Timestamp::now().unix_seconds() < identity.expires_at {
                return Ok(identity);
            }
            self.0.verified.remove(&hash);
        }
        // In a box, so that the future of every request is no larger for the sake of few.
        let identity = Box::pin(self.verify(token)).await?;
        self.0.verified.insert(hash, identity.clone());
        Ok(identity)
    }

    async fn verify(&self, token: &str) -> Result<Identity, TokenError> {
        let claims = self.0.tokens.verify(&self.0.db, token).await?;
        let connection = self.0.db.shared().await?;
        let tenant = store::tenant_id(&connection, &claims.tenant);
        Ok(Identity {
            tenant_id: self.0.db.query(tenant).await?,
            client_id: claims
                .client_id
                .parse()
                .map_err(|_| TokenError::Refused("its client_id is not one of ours"))?,
            scopes: ScopeSet::parse_known(&claims.scope),
            expires_at: claims.exp,
        })
    }
}

async fn check(request: &Request, bearer: Bearer) -> poem::Result<Identity> {
    let mut headers = request.headers().get_all(header::AUTHORIZATION).iter();
    if headers.nth(1).is_some() {
        let detail = "The request has more than one `Authorization` header.";
        return Err(ApiError::new(Problem::new(ProblemCode::MalformedRequest, detail)).into());
    }
    let Some(authenticator) = request.data::<Authenticator>() else {
        return Err(ApiError::no_token().into());
    };
    match authenticator.authenticate(&bearer.token).await {
        Ok(identity) => {
            telemetry::request_is_of(identity.client_id);
            Ok(identity)
        }
        Err(TokenError::Refused(reason)) => Err(ApiError::bad_token(reason).into()),
        Err(TokenError::Database(error)) => Err(ApiError::from(error).into()),
    }
}
