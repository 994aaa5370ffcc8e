//! The shapes of configs on the wire.

use garde::Validate;
use poem_openapi::{
    Object,
    types::{Example, MaybeUndefined},
};
use serde::{Deserialize, Serialize};

use super::{
    key::ConfigKey,
    value::{ConfigValue, MAX_VALUE_BYTES},
};
use crate::values::{Id, JsonObject, Timestamp};

/// The most bytes of compact JSON that a schema may have.
pub const MAX_SCHEMA_BYTES: usize = 64 * 1024;

/// A config: what a key holds.
#[derive(Clone, Debug, PartialEq, Eq, Object, Serialize)]
#[oai(example)]
pub struct Config {
    /// Its key, unique in the agent.
    pub key: ConfigKey,
    /// Any JSON; null when `masked`.
    pub value: ConfigValue,
    /// Whether the value is a secret that the access token may not read: that needs the scope
    /// `configs:secrets`.
    pub masked: bool,
    /// What it is for, in words.
    #[oai(nullable, validator(max_length = 4000))]
    pub description: Option<String>,
    /// The JSON Schema (2020-12) that its values must fit.
    #[oai(nullable)]
    pub schema: Option<JsonObject>,
    /// Whether its value is encrypted in the database and masked for most readers.
    pub secret: bool,
    /// The number of this version: 1 when the key was first set, one more with each change. Its
    /// `ETag`.
    #[oai(validator(minimum(value = "1")))]
    pub version: i64,
    /// When the key was first set, be it deleted since or not.
    pub created_at: Timestamp,
    /// When this version was made.
    pub updated_at: Timestamp,
    /// Id of the client that made this version.
    pub updated_by: Id,
}

fn key(text: &str) -> ConfigKey {
    // The fallback is never taken: the examples' keys are good.
    text.parse().unwrap_or_else(|_| ConfigKey::example())
}

impl Example for ConfigKey {
    fn example() -> Self {
        key("retry.policy")
    }
}

fn instant(text: &str) -> Timestamp {
    text.parse().unwrap_or_else(|_| Timestamp::now())
}

fn example_value() -> ConfigValue {
    serde_json::json!({ "attempts": 3, "backoff_seconds": 1.5 }).into()
}

fn example_schema() -> JsonObject {
    let text =
        r#"{"properties":{"attempts":{"type":"integer","minimum":1}},"required":["attempts"]}"#;
    serde_json::from_str(text).unwrap_or_default()
}

fn example_client() -> Id {
    "019308d4-6e65-7cc0-b5c5-2a0d8f1e4b11"
        .parse()
        .unwrap_or_default()
}

impl Example for Config {
    fn example() -> Self {
        Self {
            key: ConfigKey::example(),
            value: example_value(),
            masked: false,
            description: Some("How often calls to tools are tried.".into()),
            schema: Some(example_schema()),
            secret: false,
            version: 2,
            created_at: instant("2026-11-23T09:30:00.123456Z"),
            updated_at: instant("2026-11-24T16:05:11.000042Z"),
            updated_by: example_client(),
        }
    }
}

/// What a key shall hold.
#[derive(Clone, Debug, Object, Deserialize, Validate)]
#[oai(deny_unknown_fields, example)]
#[serde(deny_unknown_fields)]
pub struct SetConfig {
    /// The key.
    #[garde(skip)]
    pub key: ConfigKey,
    /// Any JSON, null included; at most 256 KiB of compact JSON.
    #[garde(custom(value_size))]
    pub value: ConfigValue,
    /// What it is for, in words; null for nothing. Absent: as before.
    #[oai(nullable, validator(max_length = 4000))]
    #[garde(custom(description_length))]
    #[serde(default)]
    pub description: MaybeUndefined<String>,
    /// A JSON Schema (2020-12) that this and later values must fit; null for none. Absent: as
    /// before. At most 64 KiB of compact JSON. It may refer to places in itself only (`"$ref":
    /// "#/$defs/port"`), and not in a circle.
    #[oai(nullable)]
    #[garde(custom(schema_size))]
    #[serde(default)]
    pub schema: MaybeUndefined<JsonObject>,
    /// Whether the value is to be encrypted in the database and shown to tokens with the scope
    /// `configs:secrets` only. Absent or null: as before, and false for a new key.
    #[oai(nullable)]
    #[garde(skip)]
    #[serde(default)]
    pub secret: Option<bool>,
}

impl Example for SetConfig {
    fn example() -> Self {
        Self {
            key: ConfigKey::example(),
            value: example_value(),
            description: MaybeUndefined::Value("How often calls to tools are tried.".into()),
            schema: MaybeUndefined::Value(example_schema()),
            secret: Some(false),
        }
    }
}

fn value_size(value: &ConfigValue, (): &()) -> garde::Result {
    at_most(value.encoded().len(), MAX_VALUE_BYTES)
}

fn schema_size(schema: &MaybeUndefined<JsonObject>, (): &()) -> garde::Result {
    let length = schema.value().map_or(0, JsonObject::encoded_len);
    at_most(length, MAX_SCHEMA_BYTES)
}

fn at_most(length: usize, bound: usize) -> garde::Result {
    if length <= bound {
        Ok(())
    } else {
        Err(garde::Error::new(format!(
            "is longer than {bound} bytes of JSON"
        )))
    }
}

fn description_length(description: &MaybeUndefined<String>, (): &()) -> garde::Result {
    match description.value() {
        Some(text) if text.chars().count() > 4000 => {
            Err(garde::Error::new("length is greater than 4000"))
        }
        _ => Ok(()),
    }
}

/// Which version shall be the newest again.
#[derive(Clone, Debug, Object, Deserialize, Validate)]
#[oai(deny_unknown_fields, example)]
#[serde(deny_unknown_fields)]
pub struct RestoreConfig {
    /// The number of the version.
    #[oai(validator(minimum(value = "1")))]
    #[garde(range(min = 1))]
    pub version: i64,
}

impl Example for RestoreConfig {
    fn example() -> Self {
        Self { version: 1 }
    }
}

/// A page of configs.
#[derive(Clone, Debug, Object, Serialize)]
pub struct ConfigPage {
    /// The configs, by key.
    pub items: Vec<Config>,
    /// Send this as `cursor` for the next page; null on the last one.
    #[oai(nullable)]
    pub next_cursor: Option<String>,
}

/// A version of a config: one that it has now, or had.
#[derive(Clone, Debug, PartialEq, Eq, Object, Serialize)]
pub struct ConfigVersion {
    /// The config's key.
    pub key: ConfigKey,
    /// The number of the version.
    #[oai(validator(minimum(value = "1")))]
    pub version: i64,
    /// Whether this version deleted the config; then it has no value.
    pub deleted: bool,
    /// Any JSON; null when `masked` or `deleted`.
    pub value: ConfigValue,
    /// Whether the value is a secret that the access token may not read.
    pub masked: bool,
    /// What the config was for, in words.
    #[oai(nullable, validator(max_length = 4000))]
    pub description: Option<String>,
    /// The JSON Schema that the value had to fit.
    #[oai(nullable)]
    pub schema: Option<JsonObject>,
    /// Whether the value is a secret.
    pub secret: bool,
    /// When the version was made.
    pub changed_at: Timestamp,
    /// Id of the client that made it.
    pub changed_by: Id,
}

/// A page of versions.
#[derive(Clone, Debug, Object, Serialize)]
pub struct ConfigVersionPage {
    /// The versions, newest first.
    pub items: Vec<ConfigVersion>,
    /// Send this as `cursor` for the next page; null on the last one.
    #[oai(nullable)]
    pub next_cursor: Option<String>,
}

/// A change of a config, as the stream of changes tells it.
#[derive(Clone, Debug, PartialEq, Eq, Object, Serialize)]
pub struct ConfigChange {
    /// The number of the change: 1 for the first of the agent's configs, one more with each. The id
    /// of the event.
    #[oai(validator(minimum(value = "1")))]
    pub change: i64,
    /// The config's key.
    pub key: ConfigKey,
    /// The config's new version.
    #[oai(validator(minimum(value = "1")))]
    pub version: i64,
    /// Whether the config was deleted.
    pub deleted: bool,
    /// Whether its value is a secret.
    pub secret: bool,
    /// Any JSON; null when the config was deleted, and of a secret, whatever the access token's
    /// scopes.
    pub value: ConfigValue,
    /// When it was changed.
    pub updated_at: Timestamp,
    /// Id of the client that changed it.
    pub updated_by: Id,
}

/// Which version of a config is read.
#[derive(Clone, Copy, Debug, Serialize)]
pub enum At {
    /// The newest.
    Now,
    /// That of this number.
    Version(i64),
    /// The one that was the newest at this instant.
    Time(Timestamp),
}
