//! The shapes of clients on the wire.

use garde::Validate;
use poem_openapi::{Object, types::Example};
use serde::{Deserialize, Serialize};

use super::{scope::Scope, store::Client};
use crate::{
    body,
    values::{Id, Timestamp},
};

/// A client of the built-in authorization server: a program that may ask for access tokens.
#[derive(Clone, Debug, PartialEq, Eq, Object, Serialize)]
#[oai(example)]
pub struct OauthClient {
    /// Its `client_id`.
    pub client_id: Id,
    /// Its name, unique in its tenant.
    #[oai(validator(min_length = 1, max_length = 200))]
    pub name: String,
    /// The scopes that it may ask for.
    #[oai(validator(min_items = 1, max_items = 18, unique_items))]
    pub scopes: Vec<Scope>,
    /// The tenant whose data its tokens open.
    #[oai(validator(min_length = 1, max_length = 128))]
    pub tenant: String,
    /// When it was made.
    pub created_at: Timestamp,
    /// Until when the secret before the present one is good, if it is.
    #[oai(nullable)]
    pub old_secret_until: Option<Timestamp>,
}

impl From<Client> for OauthClient {
    fn from(client: Client) -> Self {
        Self {
            client_id: client.id,
            scopes: client.allowed_scopes().iter().collect(),
            name: client.name,
            tenant: client.tenant,
            created_at: client.created_at,
            old_secret_until: client
                .old_secret_until
                .filter(|until| *until > Timestamp::now()),
        }
    }
}

impl Example for OauthClient {
    fn example() -> Self {
        Self {
            client_id: "019308d4-6e65-7cc0-b5c5-2a0d8f1e4b12"
                .parse()
                .unwrap_or_default(),
            name: "ingest".into(),
            scopes: vec![Scope::LogsWrite, Scope::MetricsWrite],
            tenant: "default".into(),
            created_at: "2026-11-23T09:30:00.123456Z"
                .parse()
                .unwrap_or_else(|_| Timestamp::now()),
            old_secret_until: None,
        }
    }
}

/// A new client. Its tenant is that of who makes it.
#[derive(Clone, Debug, Object, Deserialize, Validate)]
#[serde(deny_unknown_fields)]
#[oai(example)]
pub struct NewOauthClient {
    /// Its name, unique in the tenant.
    #[oai(validator(min_length = 1, max_length = 200))]
    #[garde(length(chars, min = 1, max = 200))]
    pub name: String,
    /// The scopes that it may ask for.
    #[oai(validator(min_items = 1, max_items = 18, unique_items))]
    #[garde(length(min = 1, max = Scope::ALL.len()), custom(body::unique))]
    pub scopes: Vec<Scope>,
}

impl Example for NewOauthClient {
    fn example() -> Self {
        let OauthClient { name, scopes, .. } = OauthClient::example();
        Self { name, scopes }
    }
}

/// A client and its new secret.
#[derive(Clone, Debug, Object, Serialize)]
#[oai(example)]
pub struct OauthClientSecret {
    /// The client.
    pub client: OauthClient,
    /// The secret: 256 random bits. It is shown this once and not to be had again.
    pub client_secret: String,
}

impl Example for OauthClientSecret {
    fn example() -> Self {
        Self {
            client: OauthClient::example(),
            client_secret: "kTz0…".into(),
        }
    }
}

/// How the secret of a client is replaced.
#[derive(Clone, Debug, Object, Deserialize, Validate)]
#[serde(deny_unknown_fields)]
#[oai(example)]
pub struct RotateSecret {
    /// Seconds that the present secret stays good, so that programs can be given the new one one after the
    /// other. At 0 it is refused at once, as when it has leaked. Of two rotations within the time the secret
    /// before both is refused.
    #[oai(
        default = "default_overlap",
        validator(minimum(value = "0"), maximum(value = "2592000"))
    )]
    #[garde(range(min = 0, max = 2_592_000))]
    #[serde(default = "default_overlap")]
    pub overlap_seconds: i32,
}

/// A day.
pub fn default_overlap() -> i32 {
    86_400
}

impl Example for RotateSecret {
    fn example() -> Self {
        Self {
            overlap_seconds: default_overlap(),
        }
    }
}

/// A page of clients.
#[derive(Debug, Object, Serialize)]
pub struct OauthClientPage {
    /// The clients, in the order of their names.
    pub items: Vec<OauthClient>,
    /// What to send as `cursor` for the next page; null on the last.
    #[oai(nullable)]
    pub next_cursor: Option<String>,
}
