//! The shapes of embeddings on the wire.

use garde::Validate;
use poem_openapi::{Enum, Object, types::Example};
use serde::{Deserialize, Serialize};

use super::{
    filter::{Filter, bounded},
    vector::{NewVector, Vector},
};
use crate::{
    body,
    raw_json::RawObject,
    values::{Id, Timestamp, words_in_json},
};

/// The most bytes of JSON that `metadata` may have.
pub const MAX_METADATA_BYTES: usize = 64 * 1024;

/// A text and its vector.
#[derive(Clone, Debug, PartialEq, Object, Serialize)]
#[oai(example)]
pub struct Embedding {
    /// Its id.
    pub id: Id,
    /// The dataset that it is in.
    pub dataset_id: Id,
    /// The text.
    #[oai(validator(max_length = 65536))]
    pub content: String,
    /// Whatever else belongs to it.
    pub metadata: RawObject,
    /// The vector, in single precision; null when it was not asked for.
    #[oai(nullable)]
    pub embedding: Option<Vector>,
    /// How often it was written: 1 when created, one more with each change. Its `ETag`.
    #[oai(validator(minimum(value = "1")))]
    pub version: i64,
    /// When it was created.
    pub created_at: Timestamp,
    /// When it was last changed.
    pub updated_at: Timestamp,
}

impl Example for Embedding {
    fn example() -> Self {
        let id = |text: &str| text.parse().unwrap_or_default();
        let instant = |text: &str| text.parse().unwrap_or_else(|_| Timestamp::now());
        let new = NewEmbedding::example();
        Self {
            id: id("01a207bd-aa3b-774b-8000-2a0d8f1e4b13"),
            dataset_id: id("01a207bd-aa3b-774b-8000-2a0d8f1e4b12"),
            content: new.content,
            metadata: new.metadata,
            embedding: new.embedding.map(|vector| Vector(vector.0)),
            version: 1,
            created_at: instant("2026-11-23T09:30:00.123456Z"),
            updated_at: instant("2026-11-23T09:30:00.123456Z"),
        }
    }
}

/// A new embedding.
#[derive(Clone, Debug, Object, Deserialize, Validate)]
#[oai(deny_unknown_fields, example)]
#[serde(deny_unknown_fields)]
pub struct NewEmbedding {
    /// Its id, for resending it safely and for replacing it later; the server makes a UUIDv7 when
    /// absent or null.
    #[oai(nullable)]
    #[garde(skip)]
    #[serde(default)]
    pub id: Option<Id>,
    /// The text.
    #[oai(validator(max_length = 65536))]
    #[garde(length(chars, max = 65536))]
    pub content: String,
    /// The vector: an array of numbers, or a text that is the base64 of the numbers as little-endian
    /// float32. All of a dataset have as many numbers, at most 16000. Under the distance `cosine` they
    /// are within float32, of a Euclidean length up to 9.2e18, and not all zeros; otherwise between -65504
    /// and 65504. Without it the embedding provider makes one of the text; a server that has none wants
    /// it.
    #[garde(skip)]
    #[serde(default, deserialize_with = "body::given")]
    pub embedding: Option<NewVector>,
    /// Whatever else belongs to it; at most 64 KiB of JSON as sent.
    #[oai(default)]
    #[garde(custom(metadata_size))]
    #[serde(default)]
    pub metadata: RawObject,
}

impl Example for NewEmbedding {
    fn example() -> Self {
        Self {
            id: None,
            content: "Refunds are paid within five working days.".into(),
            embedding: Some(vec![0.12, -0.5, 0.33, 0.9].into()),
            metadata: serde_json::from_str(r#"{"chapter":"refunds","page":17}"#)
                .unwrap_or_default(),
        }
    }
}

/// New embeddings of a dataset.
#[derive(Clone, Debug, Object, Deserialize, Validate)]
#[oai(deny_unknown_fields, example)]
#[serde(deny_unknown_fields)]
pub struct NewEmbeddings {
    /// The embeddings, stored all or none; no id twice.
    #[oai(validator(min_items = 1, max_items = 1000))]
    #[garde(length(min = 1, max = 1000), dive)]
    pub items: Vec<NewEmbedding>,
}

impl Example for NewEmbeddings {
    fn example() -> Self {
        Self {
            items: vec![NewEmbedding::example()],
        }
    }
}

/// What becomes of an embedding whose id is in the dataset already.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Enum)]
#[oai(rename_all = "snake_case")]
pub enum OnConflict {
    /// The one that is there must be the same in text, vector and metadata, and stays; or the request is
    /// refused with 409.
    #[default]
    Refuse,
    /// It is replaced.
    Update,
}

/// What was stored.
#[derive(Clone, Debug, Object, Serialize)]
#[oai(example)]
pub struct CreatedEmbeddings {
    /// How many embeddings the request had. All are committed.
    #[oai(validator(minimum(value = "1"), maximum(value = "1000")))]
    pub count: i32,
    /// How many of them are new; the ids of the others were there before.
    #[oai(validator(minimum(value = "0"), maximum(value = "1000")))]
    pub stored: i32,
    /// The ids of all embeddings, in the order of the request.
    pub ids: Vec<Id>,
}

impl Example for CreatedEmbeddings {
    fn example() -> Self {
        Self {
            count: 1,
            stored: 1,
            ids: vec![Embedding::example().id],
        }
    }
}

/// What was imported.
#[derive(Clone, Debug, Object, Serialize)]
#[oai(example)]
pub struct ImportedEmbeddings {
    /// How many embeddings the lines had. All are committed.
    #[oai(validator(minimum(value = "0")))]
    pub count: i64,
    /// How many of them are new; the ids of the others were there before.
    #[oai(validator(minimum(value = "0")))]
    pub stored: i64,
}

impl Example for ImportedEmbeddings {
    fn example() -> Self {
        Self {
            count: 117_659,
            stored: 117_659,
        }
    }
}

/// Which embeddings of a dataset to delete: `ids` or `filter`.
#[derive(Clone, Debug, Object, Deserialize, Validate)]
#[oai(deny_unknown_fields, example, skip_serializing_if_is_none)]
#[serde(deny_unknown_fields)]
pub struct DeleteEmbeddings {
    /// Those of these ids; ids of nothing are passed over.
    #[oai(validator(min_items = 1, max_items = 1000))]
    #[garde(length(min = 1, max = 1000))]
    #[serde(default, deserialize_with = "body::given")]
    pub ids: Option<Vec<Id>>,
    /// Those with such metadata.
    #[garde(custom(bounded), dive)]
    #[serde(default, deserialize_with = "body::given")]
    pub filter: Option<Filter>,
}

impl Example for DeleteEmbeddings {
    fn example() -> Self {
        Self {
            ids: None,
            filter: Some(Filter::example()),
        }
    }
}

/// What was deleted.
#[derive(Clone, Debug, Object, Serialize)]
#[oai(example)]
pub struct DeletedEmbeddings {
    /// How many embeddings were deleted.
    #[oai(validator(minimum(value = "0"), maximum(value = "10000")))]
    pub deleted: i32,
    /// Whether there are more: a request deletes 10,000 at most. Send it again until this is false.
    pub more: bool,
}

impl Example for DeletedEmbeddings {
    fn example() -> Self {
        Self {
            deleted: 17,
            more: false,
        }
    }
}

/// What comes with each embedding beside its text and metadata.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
#[oai(rename_all = "snake_case")]
pub enum Include {
    /// Its vector.
    Embedding,
    /// Nothing.
    None,
}

words_in_json!(Include);

impl Include {
    /// Whether vectors come along.
    pub fn embedding(self) -> bool {
        self == Self::Embedding
    }
}

/// A page of embeddings.
#[derive(Clone, Debug, Object, Serialize)]
pub struct EmbeddingPage {
    /// The embeddings, in the order of their ids.
    pub items: Vec<Embedding>,
    /// Send this as `cursor` for the next page; null on the last one.
    #[oai(nullable)]
    pub next_cursor: Option<String>,
}

fn metadata_size(metadata: &RawObject, (): &()) -> garde::Result {
    if metadata.text().len() <= MAX_METADATA_BYTES {
        Ok(())
    } else {
        Err(garde::Error::new(format!(
            "is longer than {MAX_METADATA_BYTES} bytes of JSON"
        )))
    }
}
