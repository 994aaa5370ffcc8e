//! Who calls, and what the caller may do.
//!
//! [`Caller`] is the check: a handler that takes one runs only for a verified access token, and its
//! first line requires the operation's scope.

use std::{sync::Arc, time::Duration};

use aws_lc_rs::digest;
use poem::{Request, http::header};
use poem_openapi::{SecurityScheme, auth::Bearer};
use quick_cache::sync::Cache;
use tokio::time::sleep;

pub use self::scope::{Scope, ScopeSet};
use self::{
    jwt::{TokenError, UnverifiedToken},
    limits::RateLimits,
    outside::Issuers,
    revocations::Revocations,
    token::Tokens,
};
use crate::{
    db::{Db, TenantId},
    problem::{ApiError, Problem, ProblemCode},
    telemetry,
    values::{Id, Timestamp},
};

pub mod api;
pub mod client;
pub mod client_api;
pub mod client_model;
pub mod form;
pub mod jwt;
pub mod keys;
pub mod limits;
pub mod metadata_api;
pub mod outside;
pub mod refresh;
pub mod revocations;
pub mod scope;
pub mod store;
pub mod token;

/// Verified tokens that are kept, so that a signature is checked once for each token and not for
/// each request.
const CACHED_TOKENS: usize = 10_000;
/// How long a verified token is kept. After that it is verified anew: its issuer may have withdrawn the
/// key.
const CACHED_SECONDS: i64 = 60;

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
pub struct Holder {
    /// Who made the token.
    pub issuer: String,
    /// The client that holds it, as its issuer names it.
    pub client: String,
    /// The client as our data refer to it.
    pub client_id: Id,
    /// On whose behalf it acts: the client itself, or a person.
    pub subject: String,
    /// The tenant whose data it opens.
    pub tenant: String,
    /// What it allows.
    pub scopes: ScopeSet,
    /// When it ends, in seconds since the epoch.
    pub expires_at: i64,
    /// Its own id, if it is one of ours.
    pub token_id: Option<Id>,
}

/// The holder of a verified token, and the number of the tenant. Cheap to clone.
#[derive(Clone)]
pub struct Identity {
    tenant_id: TenantId,
    /// What the token says.
    pub holder: Arc<Holder>,
    revocations: Arc<Revocations>,
}

/// When a token ends: in its time, or before.
pub struct TokenEnd(Identity);

impl TokenEnd {
    /// Returns when the token is not good any more, with the reason.
    pub async fn passed(&self) -> &'static str {
        let Holder {
            expires_at,
            token_id,
            client_id,
            ..
        } = *self.0.holder;
        let seconds = expires_at - Timestamp::now().unix_seconds();
        let expired = sleep(Duration::from_secs(u64::try_from(seconds).unwrap_or(0)));
        let Some(token_id) = token_id else {
            expired.await;
            return "token_expired";
        };
        tokio::select! {
            () = expired => "token_expired",
            () = self.0.revocations.revoked([token_id, client_id]) => "token_revoked",
        }
    }
}

impl Caller {
    /// Refuses with 403 unless the token has the scope.
    pub fn require(&self, scope: Scope) -> Result<(), ApiError> {
        if self.has(scope) {
            Ok(())
        } else {
            Err(ApiError::missing_scope(scope))
        }
    }

    /// Whether the token has the scope.
    pub fn has(&self, scope: Scope) -> bool {
        self.0.holder.scopes.contains(scope)
    }

    /// The client that calls.
    pub fn client_id(&self) -> Id {
        self.0.holder.client_id
    }

    /// When the token ends.
    pub fn token_end(&self) -> TokenEnd {
        TokenEnd(self.0.clone())
    }

    /// The tenant whose data the caller may touch.
    pub fn tenant_id(&self) -> TenantId {
        self.0.tenant_id
    }

    /// The name of that tenant.
    pub fn tenant(&self) -> &str {
        &self.0.holder.tenant
    }
}

/// Verifies access tokens. One for all requests.
#[derive(Clone)]
pub struct Authenticator(Arc<Inner>);

struct Inner {
    db: Db,
    tokens: Tokens,
    /// Whether our own tokens are good, and issued.
    issues: bool,
    issuers: Issuers,
    revocations: Arc<Revocations>,
    limits: RateLimits,
    verified: Cache<[u8; 32], Verified>,
}

#[derive(Clone)]
struct Verified {
    identity: Identity,
    until: i64,
}

impl Authenticator {
    /// Verifies these tokens unless they are switched off, and those of these issuers; looks tenants up
    /// in this database.
    pub fn new(db: Db, tokens: Tokens, issues: bool, issuers: Issuers, limits: RateLimits) -> Self {
        Self(Arc::new(Inner {
            db,
            tokens,
            issues,
            issuers,
            revocations: Arc::default(),
            limits,
            verified: Cache::new(CACHED_TOKENS),
        }))
    }

    /// Our own tokens.
    pub fn tokens(&self) -> &Tokens {
        &self.0.tokens
    }

    /// Whether this server issues tokens.
    pub fn issues(&self) -> bool {
        self.0.issues
    }

    /// The outside issuers.
    pub fn issuers(&self) -> &Issuers {
        &self.0.issuers
    }

    /// What was revoked.
    pub fn revocations(&self) -> &Revocations {
        &self.0.revocations
    }

    /// How often who may ask.
    pub fn limits(&self) -> &RateLimits {
        &self.0.limits
    }

    /// The holder of a token, and the tenant.
    ///
    /// # Errors
    /// Refused, or what is needed to verify it cannot be reached.
    pub async fn authenticate(&self, token: &str) -> Result<Identity, TokenError> {
        // Only a hash stays in memory: whoever reads the cache has no token.
        let mut hash = [0; 32];
        hash.copy_from_slice(digest::digest(&digest::SHA256, token.as_bytes()).as_ref());
        let verified = self.0.verified.get(&hash);
        let now = Timestamp::now().unix_seconds();
        let identity = if let Some(verified) = verified.filter(|verified| now < verified.until) {
            verified.identity
        } else {
            // In a box, so that the future of every request is no larger for the sake of few.
            let identity = Box::pin(self.verify(token)).await?;
            let until = identity.holder.expires_at.min(now + CACHED_SECONDS);
            let verified = Verified {
                identity: identity.clone(),
                until,
            };
            self.0.verified.insert(hash, verified);
            identity
        };
        let Holder {
            token_id,
            client_id,
            ..
        } = &*identity.holder;
        // Others revoke their tokens by withdrawing the key, or not at all.
        if token_id.is_some_and(|id| {
            self.0.revocations.contain(id) || self.0.revocations.contain(*client_id)
        }) {
            return Err(TokenError::Refused("it was revoked"));
        }
        Ok(identity)
    }

    async fn verify(&self, text: &str) -> Result<Identity, TokenError> {
        let token = UnverifiedToken::parse(text)?;
        let ours = self.0.issues && token.issuer() == Some(self.0.tokens.issuer());
        let holder = if ours {
            self.0.tokens.verify(&self.0.db, token).await?
        } else {
            self.0.issuers.verify(token).await?
        };
        let connection = self.0.db.shared().await?;
        let tenant = store::tenant_id(&connection, &holder.tenant);
        Ok(Identity {
            tenant_id: self.0.db.query(tenant).await?,
            holder: Arc::new(holder),
            revocations: Arc::clone(&self.0.revocations),
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
            telemetry::request_is_of(&identity.holder);
            let counted = authenticator.limits().api(identity.holder.client_id);
            counted.map_err(ApiError::too_many)?;
            Ok(identity)
        }
        Err(TokenError::Refused(reason)) => Err(ApiError::bad_token(reason).into()),
        Err(TokenError::Database(error)) => Err(ApiError::from(error).into()),
        Err(TokenError::Issuer(error)) => {
            tracing::error!(error, "an outside issuer");
            let detail = "The keys that verify the access token cannot be fetched; try again.";
            Err(ApiError::new(Problem::new(ProblemCode::Unavailable, detail)).into())
        }
    }
}
