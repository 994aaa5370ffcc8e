//! The access tokens of this server: JWTs as RFC 9068 profiles them.

use std::time::Duration;

use jsonwebtoken::{Algorithm, Header};
use serde::Serialize;

use super::{
    Holder,
    jwt::{TokenError, UnverifiedToken, is_name},
    keys::Keys,
    scope::ScopeSet,
};
use crate::{
    db::Db,
    values::{Id, Timestamp},
};

/// The claims of an access token (RFC 9068 §2.2).
#[derive(Debug, Serialize)]
struct NewClaims<'a> {
    /// Who issued it: the public URL.
    iss: &'a str,
    /// Whom it is for.
    aud: &'a str,
    /// On whose behalf: the client itself.
    sub: Id,
    /// The client that asked for it.
    client_id: Id,
    /// When it was issued, in seconds since the epoch.
    iat: i64,
    /// When it ends, in seconds since the epoch.
    exp: i64,
    /// Its own id.
    jti: Id,
    /// Its scopes, separated by spaces.
    scope: String,
    /// The tenant whose data it opens.
    tenant: &'a str,
}

/// Issues and checks the tokens of this server.
pub struct Tokens {
    keys: Keys,
    issuer: String,
    audience: [String; 1],
    lifetime: Duration,
}

impl Tokens {
    /// Tokens of this issuer for this audience.
    pub fn new(keys: Keys, issuer: String, audience: String, lifetime: Duration) -> Self {
        Self {
            keys,
            issuer,
            audience: [audience],
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

    /// Whom they are for.
    pub fn audience(&self) -> &str {
        &self.audience[0]
    }

    /// How long they are good for.
    pub fn lifetime(&self) -> Duration {
        self.lifetime
    }

    /// Issues a token to a client.
    ///
    /// # Errors
    /// When the signing keys are not loaded yet.
    pub fn issue(&self, client: Id, tenant: &str, scopes: ScopeSet) -> anyhow::Result<String> {
        let ring = self.keys.ring();
        let Some(key) = ring.signer(Timestamp::now()) else {
            anyhow::bail!("the signing keys are not loaded yet");
        };
        let now = Timestamp::now().unix_seconds();
        let claims = NewClaims {
            iss: &self.issuer,
            aud: &self.audience[0],
            sub: client,
            client_id: client,
            iat: now,
            exp: now.saturating_add_unsigned(self.lifetime.as_secs()),
            jti: Id::new(),
            scope: scopes.to_string(),
            tenant,
        };
        let header = Header {
            typ: Some("at+jwt".into()),
            kid: Some(key.id.clone()),
            ..Header::new(Algorithm::ES256)
        };
        Ok(jsonwebtoken::encode(&header, &claims, &key.encoding)?)
    }

    /// The holder of a token of ours: type, algorithm, key, signature, issuer, audience, times and every
    /// claim of RFC 9068 §2.2 are checked (§4).
    ///
    /// # Errors
    /// Refused, or the database that has the keys.
    pub async fn verify(&self, db: &Db, token: UnverifiedToken<'_>) -> Result<Holder, TokenError> {
        if token.typ() != "at+jwt" {
            return Err(TokenError::Refused("it is not an access token"));
        }
        if token.algorithm() != Algorithm::ES256 {
            return Err(TokenError::Refused("its algorithm is not allowed"));
        }
        let kid = token.kid().ok_or(TokenError::Refused("it names no key"))?;
        let key = self
            .keys
            .find(db, kid)
            .await?
            .ok_or(TokenError::Refused("it is signed by an unknown key"))?;
        let claims = token.verify(&key.decoding, &self.issuer, &self.audience)?;
        let lacking = || TokenError::Refused("it lacks a claim");
        let text = |name: &str| claims.text(name).ok_or_else(lacking);
        let id = |name: &str| text(name)?.parse::<Id>().map_err(|_| lacking());
        let (subject, client_id) = (text("sub")?, id("client_id")?);
        let scope = claims.all().get("scope").and_then(|scope| scope.as_str());
        if !claims.all().contains_key("iat") {
            return Err(lacking());
        }
        Ok(Holder {
            issuer: self.issuer.as_str().into(),
            client: text("client_id")?.into(),
            client_id,
            subject: subject.into(),
            tenant: text("tenant")
                .ok()
                .filter(|tenant| is_name(tenant, 128))
                .ok_or(TokenError::Refused(
                    "its tenant claim is not a name of 1 to 128 characters",
                ))?
                .into(),
            scopes: ScopeSet::parse_known(scope.ok_or_else(lacking)?),
            expires_at: claims.expires_at(),
            token_id: Some(id("jti")?),
        })
    }
}
