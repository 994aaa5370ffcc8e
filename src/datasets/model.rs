//! The shapes of datasets on the wire.

use garde::Validate;
use poem_openapi::{Enum, Object, types::Example};
use serde::{Deserialize, Serialize};

use super::words::{Distance, IndexState, Language};
use crate::{
    agents::model::MAX_METADATA_BYTES,
    values::{Id, JsonObject, Timestamp},
};

/// The index that searches of a dataset go by. The server makes it by itself when there are many
/// embeddings.
#[derive(Clone, Debug, PartialEq, Object, Serialize, Deserialize)]
#[oai(example)]
pub struct DatasetIndex {
    /// How searches are answered now.
    pub state: IndexState,
    /// What kind of index it is; null when there is none.
    #[oai(nullable)]
    pub kind: Option<IndexKind>,
    /// How much of it is built, from 0 to 1; null when it is not being built, and in lists.
    #[oai(nullable, validator(minimum(value = "0"), maximum(value = "1")))]
    pub progress: Option<f64>,
    /// When it was built; null when there is none.
    #[oai(nullable)]
    pub built_at: Option<Timestamp>,
}

/// A kind of index. New kinds may be added.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum, Serialize, Deserialize)]
#[oai(rename_all = "snake_case")]
#[serde(rename_all = "snake_case")]
pub enum IndexKind {
    /// Hierarchical navigable small world graph (Malkov, Yashunin 2016).
    Hnsw,
}

impl DatasetIndex {
    /// What is known of an index without a look at how far it is built.
    pub fn new(state: IndexState, built_at: Option<Timestamp>) -> Self {
        Self {
            state,
            kind: (state != IndexState::Exact).then_some(IndexKind::Hnsw),
            progress: None,
            built_at,
        }
    }
}

impl Example for DatasetIndex {
    fn example() -> Self {
        Self::new(IndexState::Exact, None)
    }
}

/// How right the index of a dataset is.
#[derive(Clone, Debug, PartialEq, Object, Serialize)]
#[oai(example)]
pub struct Recall {
    /// How many of the nearest embeddings the index finds, as part of all, from 0 to 1; those at one
    /// distance are as good as each other. 1 when there is no index.
    #[oai(validator(minimum(value = "0"), maximum(value = "1")))]
    pub recall: f64,
    /// How many embeddings were searched for; fewer than asked for when the dataset has not as many or the
    /// time was over, and 0 when there is no index.
    #[oai(validator(minimum(value = "0"), maximum(value = "1000")))]
    pub samples: i32,
    /// Whether there is an index.
    pub indexed: bool,
}

impl Example for Recall {
    fn example() -> Self {
        Self {
            recall: 0.996,
            samples: 50,
            indexed: true,
        }
    }
}

/// A dataset of embeddings.
#[derive(Clone, Debug, PartialEq, Object, Serialize, Deserialize)]
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
    /// The language of its texts, for searches by their words.
    pub language: Language,
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
            language,
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
            language,
            embedding_count: 0,
            index: DatasetIndex::example(),
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
    /// The language of its texts, for searches by their words.
    #[oai(default)]
    #[garde(skip)]
    #[serde(default)]
    pub language: Language,
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
            language,
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
                language,
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
            language,
        } = UpdateDataset::example();
        Self {
            id: None,
            name,
            description,
            metadata,
            dimension,
            distance,
            embedding_model,
            language,
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
    /// The language of its texts, for searches by their words.
    #[oai(default)]
    #[garde(skip)]
    #[serde(default)]
    pub language: Language,
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
            language: dataset.language,
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
            language: Language::English,
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
