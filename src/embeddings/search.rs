//! The shapes of a search for the nearest embeddings.

use garde::Validate;
use poem_openapi::{Enum, Object, types::Example};
use serde::{Deserialize, Serialize};

use super::{
    model::{Embedding, Include},
    vector::{NewVector, Vector},
};
use crate::{datasets::model::Distance, raw_json::RawObject, values::Id};

/// A search for the embeddings that are nearest to a vector.
#[derive(Clone, Debug, Object, Deserialize, Validate)]
#[oai(deny_unknown_fields, example)]
#[serde(deny_unknown_fields)]
pub struct SearchEmbeddings {
    /// The vector, in either form of a new embedding's: of the dataset's dimension, and under the
    /// distance `cosine` not all zeros.
    #[garde(skip)]
    pub vector: NewVector,
    /// How many embeddings to find.
    #[oai(
        default = "default_k",
        validator(minimum(value = "1"), maximum(value = "1000"))
    )]
    #[garde(range(min = 1, max = 1000))]
    #[serde(default = "default_k")]
    pub k: i32,
    /// Only embeddings at this distance or nearer. Default: at any.
    #[oai(nullable)]
    #[garde(skip)]
    #[serde(default)]
    pub max_distance: Option<f64>,
    /// What comes with each embedding beside its text and metadata.
    #[oai(default = "default_include")]
    #[garde(skip)]
    #[serde(default = "default_include")]
    pub include: Include,
}

fn default_k() -> i32 {
    10
}

fn default_include() -> Include {
    Include::None
}

impl Example for SearchEmbeddings {
    fn example() -> Self {
        Self {
            vector: vec![0.1, -0.4, 0.3, 0.8].into(),
            k: 10,
            max_distance: Some(0.5),
            include: Include::None,
        }
    }
}

/// An embedding that a search has found.
#[derive(Clone, Debug, PartialEq, Object, Serialize)]
#[oai(example)]
pub struct FoundEmbedding {
    /// Its id.
    pub id: Id,
    /// The text.
    #[oai(validator(max_length = 65536))]
    pub content: String,
    /// Whatever else belongs to it.
    pub metadata: RawObject,
    /// The vector, in single precision; null when it was not asked for.
    #[oai(nullable)]
    pub embedding: Option<Vector>,
    /// How far it is from the vector that was asked for, by the dataset's `distance`.
    pub distance: f64,
    /// How near it is, the more the nearer: under `cosine` the cosine, 1 − distance; under
    /// `inner_product` the inner product, −distance; under `l2` and `l1` 1 ÷ (1 + distance).
    pub score: f64,
}

impl Example for FoundEmbedding {
    fn example() -> Self {
        let Embedding {
            id,
            content,
            metadata,
            ..
        } = Embedding::example();
        Self {
            id,
            content,
            metadata,
            embedding: None,
            distance: 0.25,
            score: 0.75,
        }
    }
}

/// How near an embedding is, by how far it is.
pub fn score(kind: Distance, distance: f64) -> f64 {
    match kind {
        Distance::Cosine => 1.0 - distance,
        Distance::InnerProduct => -distance,
        Distance::L2 | Distance::L1 => 1.0 / (1.0 + distance),
    }
}

/// How a search was answered. New ways may be added.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum, Serialize)]
#[oai(rename_all = "snake_case")]
#[serde(rename_all = "snake_case")]
pub enum SearchMethod {
    /// By comparing with every embedding: always right.
    Exact,
}

/// What a search has found.
#[derive(Clone, Debug, Object, Serialize)]
pub struct FoundEmbeddings {
    /// The nearest embeddings, nearest first; those at one distance in the order of their ids.
    pub items: Vec<FoundEmbedding>,
    /// How the search was answered.
    pub answered_by: SearchMethod,
    /// Whether there were more, but the answer ends at 8 MiB.
    pub truncated: bool,
}
