//! Access tokens: JWTs as RFC 9068 profiles them.

use std::time::Duration;

use jsonwebtoken::{Algorithm, Header, Validation};
use serde::{Deserialize, Serialize};

use super::{keys::Keys, scope::ScopeSet};
use crate::{
    db::{Db, DbError},
    values::{Id, Timestamp},
};

/// Longer tokens are refused unread.
pub const MAX_LENGTH: usize = 8 * 1024;
/// By how much another server's clock may differ (RFC 7519 §4.1.4).
const LEEWAY_SECONDS: u64 = 60;

/// The claims of an access token (RFC 9068 §2.2).
#[derive(Debug, Serialize, Deserialize)]
pub struct Claims {
    /// Who issued it: the public URL.
    pub iss: String,
    /// Whom it is for.
    pub aud: String,
    /// On whose behalf: the client itself.
    pub sub: String,
    /// The client that asked for it.
    pub client_id: String,
    /// When it was issued, in seconds since the epoch.
    pub iat: i64,
    /// When it ends, in seconds since the epoch.
    pub exp: i64,
    /// Its own id.
    pub jti: String,
    /// Its scopes, separated by spaces.
    pub scope: String,
    /// The tenant whose data it opens.
    pub tenant: String,
}

/// Why a token is not accepted.
#[derive(Debug, thiserror::Error)]
pub enum TokenError {
    /// The token itself; the words are for the caller.
    #[error("{0}")]
    Refused(&'static str),
    /// The database that has the keys.
    #[error(transparent)]
    Database(#[from] DbError),
}

/// Issues and checks the tokens of this server.
pub struct Tokens {
    keys: Keys,
    issuer: String,
    audience: String,
    lifetime: Duration,
}

impl Tokens {
    /// Tokens of this issuer for this audience.
    pub fn new(keys: Keys, issuer: String, audience: String, lifetime: Duration) -> Self {
        Self {
            keys,
            issuer,
            audience,
            lifetime,
        }
    }

    /// The keys that sign them.
    pub fn keys(&self) -> &Keys {
        &self.keys
    }

    /// Who issues them.
    pub fn issuer(&self) -> &str {
        &self.issuer
    }

    /// How long they are good for.
    pub fn lifetime(&self) -> Duration {
        self.lifetime
    }

    /// Issues a token to a client.
    pub fn issue(&self, client: Id, tenant: &str, scopes: ScopeSet) -> anyhow::Result<String> {
        let ring = self.keys.ring();
        let Some(key) = ring.newest() else {
            anyhow::bail!("the signing keys are not loaded yet");
        };
        let now = Timestamp::now().unix_seconds();
        let claims = Claims {
            iss: self.issuer.clone(),
            aud: self.audience.clone(),
            sub: client.to_string(),
            client_id: client.to_string(),
            iat: now,
            exp: now.saturating_add_unsigned(self.lifetime.as_secs()),
            jti: Id::new().to_string(),
            scope: scopes.to_string(),
            tenant: tenant.to_owned(),
        };
        let header = Header {
            typ: Some("at+jwt".into()),
            kid: Some(key.id.clone()),
            ..Header::new(Algorithm::ES256)
        };
        Ok(jsonwebtoken::encode(&header, &claims, &key.encoding)?)
    }

    /// Checks a token: size, type, critical extensions, key, algorithm, signature, issuer,
    /// audience, times and tenant (RFC 9068 §4, RFC 8725 §3).
    pub async fn verify(&self, db: &Db, token: &str) -> Result<Claims, TokenError> {
        const MALFORMED: TokenError = TokenError::Refused("it is not a well-formed JWT");
        if token.len() > MAX_LENGTH {
            return Err(TokenError::Refused("it is too long"));
        }
        let header = jsonwebtoken::decode_header(token).map_err(|_| MALFORMED)?;
        let typ = header
            .typ
            .as_deref()
            .unwrap_or_default()
            .to_ascii_lowercase();
        if typ != "at+jwt" && typ != "application/at+jwt" {
            return Err(TokenError::Refused("it is not an access token"));
        }
        if header.crit.is_some() || header.zip.is_some() || header.enc.is_some() {
            return Err(TokenError::Refused(
                "its header asks for an extension that is not supported",
            ));
        }
        if header.alg != Algorithm::ES256 {
            return Err(TokenError::Refused("its algorithm is not allowed"));
        }
        let kid = header
            .kid
            .as_deref()
            .ok_or(TokenError::Refused("it names no key"))?;
        let key = self
            .keys
            .find(db, kid)
            .await?
            .ok_or(TokenError::Refused("it is signed by an unknown key"))?;

        let mut validation = Validation::new(Algorithm::ES256);
        validation.leeway = LEEWAY_SECONDS;
        validation.validate_nbf = true;
        validation.set_issuer(&[&self.issuer]);
        validation.set_audience(&[&self.audience]);
        validation.set_required_spec_claims(&["exp", "iss", "aud", "sub"]);
        let claims = jsonwebtoken::decode::<Claims>(token, &key.decoding, &validation)
            .map_err(|error| {
                use jsonwebtoken::errors::ErrorKind;
                match error.kind() {
                    ErrorKind::ExpiredSignature => TokenError::Refused("it has expired"),
                    ErrorKind::ImmatureSignature => TokenError::Refused("it is not valid yet"),
                    ErrorKind::InvalidIssuer => TokenError::Refused("another issuer made it"),
                    ErrorKind::InvalidAudience => TokenError::Refused("it is for another audience"),
                    ErrorKind::InvalidSignature => TokenError::Refused("its signature is wrong"),
                    ErrorKind::MissingRequiredClaim(_) => TokenError::Refused("it lacks a claim"),
                    _ => MALFORMED,
                }
            })?
            .claims;
        if !(1..=128).contains(&claims.tenant.chars().count()) || claims.tenant.contains('\0') {
            return Err(TokenError::Refused(
                "its tenant claim is not a name of 1 to 128 characters",
            ));
        }
        Ok(claims)
    }
}
