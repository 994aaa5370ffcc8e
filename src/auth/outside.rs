//! Tokens of outside issuers: who may make them, and what their claims mean here.

use std::{collections::HashMap, sync::Arc};

use aws_lc_rs::digest;
use serde_json::Value;

use self::discovery::{Discovery, Endpoints};
use super::{
    Holder,
    client::DEFAULT_TENANT,
    jwt::{Claims, TokenError, UnverifiedToken, is_name},
    scope::{Scope, ScopeSet},
};
use crate::{settings::OutsideSettings, values::Id};

mod discovery;
mod jwks;
#[cfg(any(test, fuzzing))]
pub use {discovery::fuzz::check as fuzz_metadata, jwks::fuzz::check as fuzz_keys};

/// The outside issuers. Cheap to clone.
#[derive(Clone, Default)]
pub struct Issuers(Arc<Vec<Issuer>>);

struct Issuer {
    name: String,
    discovery: Arc<Discovery>,
    rules: Arc<Rules>,
}

/// What is the same for all of them.
struct Rules {
    settings: OutsideSettings,
    audiences: Vec<String>,
    types: Vec<String>,
    words: HashMap<String, ScopeSet>,
}

impl Issuers {
    /// The issuers of these settings; `audience` is the one that their tokens must name when the settings
    /// say nothing else.
    ///
    /// # Errors
    /// When an issuer is no `https` URL.
    pub fn new(settings: &OutsideSettings, audience: &str) -> anyhow::Result<Self> {
        let mut audiences = settings.oauth_audience.clone();
        if audiences.is_empty() {
            audiences.push(audience.to_owned());
        }
        let words = settings.oauth_scope_map.iter();
        let rules = Arc::new(Rules {
            audiences,
            types: settings
                .oauth_types
                .iter()
                .map(|typ| typ.to_ascii_lowercase())
                .collect(),
            words: words
                .map(|mapping| (mapping.word.clone(), mapping.scopes))
                .collect(),
            settings: settings.clone(),
        });
        let issuers = settings.oauth_issuer.iter().map(|name| {
            let (interval, stale) = (settings.oauth_key_interval, settings.oauth_stale_keys);
            Ok(Issuer {
                name: name.clone(),
                discovery: Arc::new(Discovery::new(name, interval, stale)?),
                rules: Arc::clone(&rules),
            })
        });
        Ok(Self(Arc::new(issuers.collect::<anyhow::Result<_>>()?)))
    }

    /// Their names.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.0.iter().map(|issuer| issuer.name.as_str())
    }

    /// Whether there are any.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Where people get tokens of the first one; `None` when it does not say, or cannot be reached.
    pub async fn endpoints(&self) -> Option<Endpoints> {
        self.0.first()?.discovery.endpoints().await
    }

    /// The holder of a token of one of them.
    ///
    /// # Errors
    /// [`TokenError::Refused`] also when none of them made it.
    pub async fn verify(&self, token: UnverifiedToken<'_>) -> Result<Holder, TokenError> {
        let made_by = |issuer: &&Issuer| token.issuer() == Some(&issuer.name);
        match self.0.iter().find(made_by) {
            Some(issuer) => issuer.verify(token).await,
            None => Err(TokenError::Refused("another issuer made it")),
        }
    }
}

impl Issuer {
    async fn verify(&self, token: UnverifiedToken<'_>) -> Result<Holder, TokenError> {
        let Rules { settings, .. } = &*self.rules;
        if !self.rules.types.iter().any(|typ| typ == token.typ()) {
            return Err(TokenError::Refused("it is not an access token"));
        }
        if !settings.oauth_algorithms.contains(&token.algorithm()) {
            return Err(TokenError::Refused("its algorithm is not allowed"));
        }
        let key = self.discovery.key(token.kid(), token.algorithm()).await?;
        let claims = token.verify(&key, &self.name, &self.rules.audiences)?;
        self.rules.holder(&self.name, &claims)
    }
}

impl Rules {
    fn holder(&self, issuer: &str, claims: &Claims) -> Result<Holder, TokenError> {
        if is_other_token(claims) {
            return Err(TokenError::Refused("it is not an access token"));
        }
        let subject = claims.text("sub").ok_or(TokenError::Refused(
            "its sub claim is not a name of 1 to 255 characters",
        ))?;
        let all = claims.all();
        let mut clients = self
            .settings
            .oauth_client_claim
            .iter()
            .filter_map(|path| path.of(all));
        let client = match clients.next() {
            None => subject,
            Some(client) => client
                .as_str()
                .filter(|client| is_name(client, 255))
                .ok_or(TokenError::Refused(
                    "its client claim is not a name of 1 to 255 characters",
                ))?,
        };
        let tenant = match &self.settings.oauth_tenant_claim {
            None => DEFAULT_TENANT,
            Some(path) => path
                .of(all)
                .and_then(Value::as_str)
                .filter(|tenant| is_name(tenant, 128))
                .ok_or(TokenError::Refused(
                    "its tenant claim is not a name of 1 to 128 characters",
                ))?,
        };
        Ok(Holder {
            client_id: client_id(issuer, client),
            issuer: issuer.into(),
            client: client.into(),
            subject: subject.into(),
            tenant: tenant.into(),
            scopes: self.scopes(claims),
            expires_at: claims.expires_at(),
            token_id: None,
        })
    }

    /// What the token allows: each word by the map, else the scope of that name. Other words mean nothing
    /// here.
    fn scopes(&self, claims: &Claims) -> ScopeSet {
        let mut claimed = self
            .settings
            .oauth_scope_claim
            .iter()
            .filter_map(|path| path.of(claims.all()));
        let words: Vec<&str> = match claimed.next() {
            Some(Value::String(list)) => list.split_ascii_whitespace().collect(),
            Some(Value::Array(items)) => items.iter().filter_map(Value::as_str).collect(),
            _ => Vec::new(),
        };
        let meaning = |word: &str| match self.words.get(word) {
            Some(scopes) => *scopes,
            None => word.parse::<Scope>().into_iter().collect(),
        };
        words
            .into_iter()
            .map(meaning)
            .flat_map(ScopeSet::iter)
            .collect()
    }
}

/// Whether the claims are those of an ID token (`OpenID` Connect Core §3.1.3.6, §3.3.2.11) or, as
/// Keycloak (`typ`) and Cognito (`token_use`) say it, of something else that is no access token.
/// The audience keeps most of them out already.
fn is_other_token(claims: &Claims) -> bool {
    let says = |name: &str| claims.text(name).unwrap_or_default().to_ascii_lowercase();
    ["at_hash", "c_hash"]
        .iter()
        .any(|name| claims.all().contains_key(*name))
        || ["id", "refresh", "offline", "logout"].contains(&says("typ").as_str())
        || ["id", "refresh"].contains(&says("token_use").as_str())
}

/// The id by which our data refer to a client of an outside issuer: the SHA-256 of both names as a
/// `UUIDv8` (RFC 9562 §5.8). Two issuers may give one name to two clients.
fn client_id(issuer: &str, client: &str) -> Id {
    let name = format!("{issuer}\n{client}");
    let hash = digest::digest(&digest::SHA256, name.as_bytes());
    let mut bytes = [0; 16];
    bytes.copy_from_slice(&hash.as_ref()[..16]);
    Id::custom(bytes)
}
