//! The shapes of datasets on the wire.

use diesel::{
    deserialize::{self, FromSql, FromSqlRow},
    expression::AsExpression,
    pg::{Pg, PgValue},
    serialize::{self, Output, ToSql},
    sql_types,
};
use garde::Validate;
use poem_openapi::{Enum, Object, types::Example};
use serde::{Deserialize, Serialize};

use crate::{
    agents::model::MAX_METADATA_BYTES,
    values::{Id, JsonObject, Timestamp},
};

/// How far two embeddings of a dataset are apart.
#[derive(
    Clone,
    Copy,
    Debug,
    Default,
    PartialEq,
    Eq,
    Enum,
    Serialize,
    Deserialize,
    AsExpression,
    FromSqlRow,
)]
#[diesel(sql_type = sql_types::Text)]
#[oai(rename_all = "snake_case")]
#[serde(rename_all = "snake_case")]
pub enum Distance {
    /// One minus the cosine of the angle between them: 0 for one direction, 2 for the opposite.
    #[default]
    Cosine,
    /// The Euclidean distance.
    L2,
    /// The inner product, negated so that the nearest has the least.
    InnerProduct,
    /// The sum of the absolute differences (taxicab distance).
    L1,
}

impl Distance {
    fn as_str(self) -> &'static str {
        match self {
            Self::Cosine => "cosine",
            Self::L2 => "l2",
            Self::InnerProduct => "inner_product",
            Self::L1 => "l1",
        }
    }
}

impl ToSql<sql_types::Text, Pg> for Distance {
    fn to_sql<'b>(&'b self, out: &mut Output<'b, '_, Pg>) -> serialize::Result {
        ToSql::<sql_types::Text, Pg>::to_sql(self.as_str(), out)
    }
}

impl FromSql<sql_types::Text, Pg> for Distance {
    fn from_sql(value: PgValue<'_>) -> deserialize::Result<Self> {
        match value.as_bytes() {
            b"cosine" => Ok(Self::Cosine),
            b"l2" => Ok(Self::L2),
            b"inner_product" => Ok(Self::InnerProduct),
            b"l1" => Ok(Self::L1),
            _ => Err("the column holds an unknown distance".into()),
        }
    }
}

/// How searches of a dataset are answered now. New states may be added.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Enum, Serialize, Deserialize)]
#[oai(rename_all = "snake_case")]
#[serde(rename_all = "snake_case")]
pub enum IndexState {
    /// By comparing with every embedding: always right.
    #[default]
    Exact,
}

/// The index that searches of a dataset go by.
#[derive(Clone, Debug, Default, PartialEq, Eq, Object, Serialize, Deserialize)]
pub struct DatasetIndex {
    /// How searches are answered now.
    pub state: IndexState,
}

/// A dataset of embeddings.
#[derive(Clone, Debug, PartialEq, Eq, Object, Serialize, Deserialize)]
#[oai(example)]
pub struct Dataset {
    /// Its id.
    pub id: Id,
    /// The agent that it is of.
    pub agent_id: Id,
    /// Its name, unique among the agent's datasets that are not deleted; compared byte by byte.
    #[oai(validator(min_length = 1, max_length = 200))]
    pub name: String,
    /// What is in it, in words.
    #[oai(nullable, validator(max_length = 4000))]
    pub description: Option<String>,
    /// Whatever else belongs to it.
    pub metadata: JsonObject,
    /// Of how many numbers each of its embeddings is; null until it is given or fixed by the first
    /// embedding.
    #[oai(nullable, validator(minimum(value = "1"), maximum(value = "16000")))]
    pub dimension: Option<i32>,
    /// How far two of its embeddings are apart.
    pub distance: Distance,
    /// The model that made its embeddings, such as `text-embedding-3-small`; free text.
    #[oai(nullable, validator(min_length = 1, max_length = 200))]
    pub embedding_model: Option<String>,
    /// How many embeddings it has, exactly.
    #[oai(validator(minimum(value = "0")))]
    pub embedding_count: i64,
    /// The index that searches go by.
    pub index: DatasetIndex,
    /// How often it or its embeddings were written: 1 when created, one more with each change. Its
    /// `ETag`.
    #[oai(validator(minimum(value = "1")))]
    pub version: i64,
    /// When it was created.
    pub created_at: Timestamp,
    /// When it or its embeddings were last changed.
    pub updated_at: Timestamp,
}

impl Dataset {
    /// About how many bytes it takes in an answer.
    pub fn size(&self) -> usize {
        600 + self.name.len()
            + self.description.as_ref().map_or(0, String::len)
            + self.metadata.encoded_len()
    }
}

impl Example for Dataset {
    fn example() -> Self {
        let UpdateDataset {
            name,
            description,
            metadata,
            dimension,
            distance,
            embedding_model,
        } = UpdateDataset::example();
        let id = |text: &str| text.parse().unwrap_or_default();
        let instant = |text: &str| text.parse().unwrap_or_else(|_| Timestamp::now());
        Self {
            id: id("01a207bd-aa3b-774b-8000-2a0d8f1e4b12"),
            agent_id: id("019308d4-6e65-7cc0-b5c5-2a0d8f1e4b11"),
            name,
            description,
            metadata,
            dimension,
            distance,
            embedding_model,
            embedding_count: 0,
            index: DatasetIndex::default(),
            version: 1,
            created_at: instant("2026-11-23T09:30:00.123456Z"),
            updated_at: instant("2026-11-23T09:30:00.123456Z"),
        }
    }
}

/// A new dataset.
#[derive(Clone, Debug, Object, Deserialize, Validate)]
#[oai(deny_unknown_fields, example)]
#[serde(deny_unknown_fields)]
pub struct NewDataset {
    /// Its id; the server makes a UUIDv7 when absent or null.
    #[oai(nullable)]
    #[garde(skip)]
    #[serde(default)]
    pub id: Option<Id>,
    /// Its name, unique among the agent's datasets that are not deleted; compared byte by byte.
    #[oai(validator(min_length = 1, max_length = 200))]
    #[garde(length(chars, min = 1, max = 200))]
    pub name: String,
    /// What is in it, in words. Default: null.
    #[oai(nullable, validator(max_length = 4000))]
    #[garde(length(chars, max = 4000))]
    #[serde(default)]
    pub description: Option<String>,
    /// Whatever else belongs to it; at most 64 KiB of compact JSON.
    #[oai(default)]
    #[garde(custom(metadata_size))]
    #[serde(default)]
    pub metadata: JsonObject,
    /// Of how many numbers each of its embeddings is. Absent or null: the first embedding fixes it.
    #[oai(nullable, validator(minimum(value = "1"), maximum(value = "16000")))]
    #[garde(range(min = 1, max = 16000))]
    #[serde(default)]
    pub dimension: Option<i32>,
    /// How far two of its embeddings are apart.
    #[oai(default)]
    #[garde(skip)]
    #[serde(default)]
    pub distance: Distance,
    /// The model that makes its embeddings, such as `text-embedding-3-small`; free text. Default:
    /// null.
    #[oai(nullable, validator(min_length = 1, max_length = 200))]
    #[garde(length(chars, min = 1, max = 200))]
    #[serde(default)]
    pub embedding_model: Option<String>,
}

impl NewDataset {
    /// The id that the caller gave, and the rest.
    pub fn into_parts(self) -> (Option<Id>, UpdateDataset) {
        let Self {
            id,
            name,
            description,
            metadata,
            dimension,
            distance,
            embedding_model,
        } = self;
        (
            id,
            UpdateDataset {
                name,
                description,
                metadata,
                dimension,
                distance,
                embedding_model,
            },
        )
    }
}

impl Example for NewDataset {
    fn example() -> Self {
        let UpdateDataset {
            name,
            description,
            metadata,
            dimension,
            distance,
            embedding_model,
        } = UpdateDataset::example();
        Self {
            id: None,
            name,
            description,
            metadata,
            dimension,
            distance,
            embedding_model,
        }
    }
}

/// What a dataset shall be from now on. An optional field that is absent goes back to its default.
#[derive(Clone, Debug, Object, Deserialize, Validate)]
#[oai(deny_unknown_fields, example)]
#[serde(deny_unknown_fields)]
pub struct UpdateDataset {
    /// Its name, unique among the agent's datasets that are not deleted; compared byte by byte.
    #[oai(validator(min_length = 1, max_length = 200))]
    #[garde(length(chars, min = 1, max = 200))]
    pub name: String,
    /// What is in it, in words. Default: null.
    #[oai(nullable, validator(max_length = 4000))]
    #[garde(length(chars, max = 4000))]
    #[serde(default)]
    pub description: Option<String>,
    /// Whatever else belongs to it; at most 64 KiB of compact JSON.
    #[oai(default)]
    #[garde(custom(metadata_size))]
    #[serde(default)]
    pub metadata: JsonObject,
    /// Of how many numbers each of its embeddings is. Absent or null: that of the embeddings that it
    /// has, or else the first one fixes it. It cannot change while there are embeddings.
    #[oai(nullable, validator(minimum(value = "1"), maximum(value = "16000")))]
    #[garde(range(min = 1, max = 16000))]
    #[serde(default)]
    pub dimension: Option<i32>,
    /// How far two of its embeddings are apart. It cannot change while there are embeddings.
    #[oai(default)]
    #[garde(skip)]
    #[serde(default)]
    pub distance: Distance,
    /// The model that makes its embeddings, such as `text-embedding-3-small`; free text. Default:
    /// null.
    #[oai(nullable, validator(min_length = 1, max_length = 200))]
    #[garde(length(chars, min = 1, max = 200))]
    #[serde(default)]
    pub embedding_model: Option<String>,
}

impl From<Dataset> for UpdateDataset {
    fn from(dataset: Dataset) -> Self {
        Self {
            name: dataset.name,
            description: dataset.description,
            metadata: dataset.metadata,
            dimension: dataset.dimension,
            distance: dataset.distance,
            embedding_model: dataset.embedding_model,
        }
    }
}

impl Example for UpdateDataset {
    fn example() -> Self {
        Self {
            name: "handbook".into(),
            description: Some("Paragraphs of the support handbook.".into()),
            metadata: serde_json::from_str(r#"{"language":"en"}"#).unwrap_or_default(),
            dimension: Some(4),
            distance: Distance::Cosine,
            embedding_model: Some("tiny-embedding-4".into()),
        }
    }
}

/// A page of datasets.
#[derive(Clone, Debug, Object, Serialize)]
pub struct DatasetPage {
    /// The datasets, newest first.
    pub items: Vec<Dataset>,
    /// Send this as `cursor` for the next page; null on the last one.
    #[oai(nullable)]
    pub next_cursor: Option<String>,
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
