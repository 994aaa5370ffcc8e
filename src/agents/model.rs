//! The shapes of agents on the wire.

use diesel::{
    deserialize::{self, FromSql, FromSqlRow},
    expression::AsExpression,
    pg::{Pg, PgValue},
    serialize::{self, Output, ToSql},
    sql_types,
};
use garde::Validate;
use poem_openapi::{Enum, Object, types::Example};
use serde::{Deserialize, Serialize, de::DeserializeOwned};

use crate::{
    body,
    raw_json::RawObject,
    values::{Id, JsonObject, Timestamp, words_in_json},
};

/// The most bytes of compact JSON that `metadata` may have.
pub const MAX_METADATA_BYTES: usize = 64 * 1024;

/// Whether an agent is in use. It is for people and for filters: the server does not act on it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Enum, Serialize, AsExpression, FromSqlRow)]
#[diesel(sql_type = sql_types::Text)]
#[oai(rename_all = "snake_case")]
#[serde(rename_all = "snake_case")]
pub enum AgentStatus {
    /// In use.
    #[default]
    Active,
    /// Not in use for now.
    Paused,
    /// No longer in use.
    Archived,
}

words_in_json!(AgentStatus);

impl AgentStatus {
    fn as_str(self) -> &'static str {
        match self {
            Self::Active => "active",
            Self::Paused => "paused",
            Self::Archived => "archived",
        }
    }
}

impl ToSql<sql_types::Text, Pg> for AgentStatus {
    fn to_sql<'b>(&'b self, out: &mut Output<'b, '_, Pg>) -> serialize::Result {
        ToSql::<sql_types::Text, Pg>::to_sql(self.as_str(), out)
    }
}

impl FromSql<sql_types::Text, Pg> for AgentStatus {
    fn from_sql(value: PgValue<'_>) -> deserialize::Result<Self> {
        match value.as_bytes() {
            b"active" => Ok(Self::Active),
            b"paused" => Ok(Self::Paused),
            b"archived" => Ok(Self::Archived),
            _ => Err("the column holds an unknown status".into()),
        }
    }
}

/// An AI agent.
#[derive(Clone, Debug, PartialEq, Object, Serialize, Deserialize)]
#[oai(example)]
pub struct Agent {
    /// Its id.
    pub id: Id,
    /// Its name, unique among the tenant's agents that are not deleted; compared byte by byte.
    #[oai(validator(min_length = 1, max_length = 200))]
    pub name: String,
    /// What it does, in words.
    #[oai(nullable, validator(max_length = 4000))]
    pub description: Option<String>,
    /// Whether it is in use.
    pub status: AgentStatus,
    /// The model that it runs on, such as `claude-opus-4-5`; free text.
    #[oai(nullable, validator(min_length = 1, max_length = 200))]
    pub model: Option<String>,
    /// A set of words to find it by.
    #[oai(validator(max_items = 64, unique_items, min_length = 1, max_length = 100))]
    pub tags: Vec<String>,
    /// Whatever else belongs to it.
    pub metadata: RawObject,
    /// How often it was written: 1 when created, one more with each change. Its `ETag`.
    #[oai(validator(minimum(value = "1")))]
    pub version: i64,
    /// When it was created.
    pub created_at: Timestamp,
    /// When it was last changed.
    pub updated_at: Timestamp,
}

impl Agent {
    /// About how many bytes it takes in an answer.
    pub fn size(&self) -> usize {
        let tags: usize = self.tags.iter().map(String::len).sum();
        400 + self.name.len()
            + self.description.as_ref().map_or(0, String::len)
            + tags
            + self.metadata.text().len()
    }
}

impl Example for Agent {
    fn example() -> Self {
        let instant = |text: &str| text.parse().unwrap_or_else(|_| Timestamp::now());
        Self {
            id: "019308d4-6e65-7cc0-b5c5-2a0d8f1e4b11"
                .parse()
                .unwrap_or_default(),
            name: "support-triage".into(),
            description: Some("Sorts incoming support mail by urgency.".into()),
            status: AgentStatus::Active,
            model: Some("claude-opus-4-5".into()),
            tags: vec!["support".into(), "production".into()],
            metadata: example_metadata(),
            version: 1,
            created_at: instant("2026-11-23T09:30:00.123456Z"),
            updated_at: instant("2026-11-23T09:30:00.123456Z"),
        }
    }
}

fn example_metadata<T: DeserializeOwned + Default>() -> T {
    serde_json::from_str(r#"{"team":"customer-care","on_call":true}"#).unwrap_or_default()
}

/// A new agent.
#[derive(Clone, Debug, Object, Deserialize, Validate)]
#[oai(deny_unknown_fields, example)]
#[serde(deny_unknown_fields)]
pub struct NewAgent {
    /// Its id; the server makes a UUIDv7 when absent or null.
    #[oai(nullable)]
    #[garde(skip)]
    #[serde(default)]
    pub id: Option<Id>,
    /// Its name, unique among the tenant's agents that are not deleted; compared byte by byte.
    #[oai(validator(min_length = 1, max_length = 200))]
    #[garde(length(chars, min = 1, max = 200))]
    pub name: String,
    /// What it does, in words. Default: null.
    #[oai(nullable, validator(max_length = 4000))]
    #[garde(length(chars, max = 4000))]
    #[serde(default)]
    pub description: Option<String>,
    /// Whether it is in use.
    #[oai(default)]
    #[garde(skip)]
    #[serde(default)]
    pub status: AgentStatus,
    /// The model that it runs on, such as `claude-opus-4-5`; free text. Default: null.
    #[oai(nullable, validator(min_length = 1, max_length = 200))]
    #[garde(length(chars, min = 1, max = 200))]
    #[serde(default)]
    pub model: Option<String>,
    /// A set of words to find it by, each of 1 to 100 characters.
    #[oai(
        default,
        validator(max_items = 64, unique_items, min_length = 1, max_length = 100)
    )]
    #[garde(
        length(max = 64),
        inner(length(chars, min = 1, max = 100)),
        custom(body::unique)
    )]
    #[serde(default)]
    pub tags: Vec<String>,
    /// Whatever else belongs to it; at most 64 KiB of compact JSON.
    #[oai(default)]
    #[garde(custom(metadata_size))]
    #[serde(default)]
    pub metadata: JsonObject,
}

impl NewAgent {
    /// The id that the caller gave, and the rest.
    pub fn into_parts(self) -> (Option<Id>, UpdateAgent) {
        let Self {
            id,
            name,
            description,
            status,
            model,
            tags,
            metadata,
        } = self;
        (
            id,
            UpdateAgent {
                name,
                description,
                status,
                model,
                tags,
                metadata,
            },
        )
    }
}

impl Example for NewAgent {
    fn example() -> Self {
        let UpdateAgent {
            name,
            description,
            status,
            model,
            tags,
            metadata,
        } = UpdateAgent::example();
        Self {
            id: None,
            name,
            description,
            status,
            model,
            tags,
            metadata,
        }
    }
}

/// What an agent shall be from now on. An optional field that is absent goes back to its default.
#[derive(Clone, Debug, Object, Deserialize, Validate)]
#[oai(deny_unknown_fields, example)]
#[serde(deny_unknown_fields)]
pub struct UpdateAgent {
    /// Its name, unique among the tenant's agents that are not deleted; compared byte by byte.
    #[oai(validator(min_length = 1, max_length = 200))]
    #[garde(length(chars, min = 1, max = 200))]
    pub name: String,
    /// What it does, in words. Default: null.
    #[oai(nullable, validator(max_length = 4000))]
    #[garde(length(chars, max = 4000))]
    #[serde(default)]
    pub description: Option<String>,
    /// Whether it is in use.
    #[oai(default)]
    #[garde(skip)]
    #[serde(default)]
    pub status: AgentStatus,
    /// The model that it runs on, such as `claude-opus-4-5`; free text. Default: null.
    #[oai(nullable, validator(min_length = 1, max_length = 200))]
    #[garde(length(chars, min = 1, max = 200))]
    #[serde(default)]
    pub model: Option<String>,
    /// A set of words to find it by, each of 1 to 100 characters.
    #[oai(
        default,
        validator(max_items = 64, unique_items, min_length = 1, max_length = 100)
    )]
    #[garde(
        length(max = 64),
        inner(length(chars, min = 1, max = 100)),
        custom(body::unique)
    )]
    #[serde(default)]
    pub tags: Vec<String>,
    /// Whatever else belongs to it; at most 64 KiB of compact JSON.
    #[oai(default)]
    #[garde(custom(metadata_size))]
    #[serde(default)]
    pub metadata: JsonObject,
}

impl Example for UpdateAgent {
    fn example() -> Self {
        let Agent {
            name,
            description,
            status,
            model,
            tags,
            ..
        } = Agent::example();
        Self {
            name,
            description,
            status,
            model,
            tags,
            metadata: example_metadata(),
        }
    }
}

/// A page of agents.
#[derive(Clone, Debug, Object, Serialize)]
pub struct AgentPage {
    /// The agents, in the order asked for.
    pub items: Vec<Agent>,
    /// Send this as `cursor` for the next page; null on the last one.
    #[oai(nullable)]
    pub next_cursor: Option<String>,
}

/// The order of a list of agents.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Enum, Serialize)]
#[oai(rename_all = "snake_case")]
pub enum AgentOrder {
    /// Oldest first.
    CreatedAtAsc,
    /// Newest first.
    #[default]
    CreatedAtDesc,
    /// By name, code point by code point.
    NameAsc,
    /// By name, backwards.
    NameDesc,
}

impl AgentOrder {
    /// Oldest first, or names forwards.
    pub fn is_ascending(self) -> bool {
        matches!(self, Self::CreatedAtAsc | Self::NameAsc)
    }

    /// By creation, not by name.
    pub fn is_by_creation(self) -> bool {
        matches!(self, Self::CreatedAtAsc | Self::CreatedAtDesc)
    }
}

/// Which agents a list has.
#[derive(Clone, Debug, Serialize)]
pub struct AgentFilter {
    /// Exactly this name.
    pub name: Option<String>,
    /// This text in the name.
    pub q: Option<String>,
    /// All of these tags.
    pub tags: Vec<String>,
    /// This status.
    pub status: Option<AgentStatus>,
    /// Created at or after.
    pub created_after: Option<Timestamp>,
    /// Created before.
    pub created_before: Option<Timestamp>,
}

impl AgentFilter {
    /// Whether the list, in this order, is more than a stretch of an index: then it may take long.
    pub fn is_search(&self, order: AgentOrder) -> bool {
        let by_creation = self.created_after.is_some() || self.created_before.is_some();
        self.name.is_none()
            && (self.q.is_some()
                || !self.tags.is_empty()
                || (by_creation && !order.is_by_creation()))
    }
}

fn metadata_size(metadata: &JsonObject, (): &()) -> garde::Result {
    if metadata.encoded_len() <= MAX_METADATA_BYTES {
        Ok(())
    } else {
        Err(garde::Error::new(format!(
            "is longer than {MAX_METADATA_BYTES} bytes of JSON"
        )))
    }
}
