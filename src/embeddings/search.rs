//! The shapes of a search for embeddings.

use garde::Validate;
use poem_openapi::{Enum, Object, types::Example};
use serde::{Deserialize, Serialize};

use super::{
    filter::{Filter, bounded},
    fusion::{Fusion, Ranks},
    model::{Embedding, Include},
    vector::{NewVector, Vector},
};
use crate::{
    body,
    datasets::words::Distance,
    raw_json::RawObject,
    values::{Id, words_in_json},
};

/// By what embeddings are searched for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Enum, Serialize)]
#[oai(rename_all = "snake_case")]
#[serde(rename_all = "snake_case")]
pub enum SearchMode {
    /// By their vectors: the nearest to `vector`, or to the vector that the embedding provider makes of
    /// `text`.
    #[default]
    Vector,
    /// By their texts: those with words of `text`, which are taken as the dataset's `language` says.
    Text,
    /// By both, the two orders fused into one (`fusion`).
    Hybrid,
}

words_in_json!(SearchMode);

/// A search for embeddings.
#[derive(Clone, Debug, Object, Deserialize, Validate)]
#[oai(deny_unknown_fields, example, skip_serializing_if_is_none)]
#[serde(deny_unknown_fields)]
pub struct SearchEmbeddings {
    /// By what embeddings are searched for.
    #[oai(default)]
    #[garde(skip)]
    #[serde(default)]
    pub mode: SearchMode,
    /// The vector, in either form of a new embedding's: of the dataset's dimension, and under the
    /// distance `cosine` not all zeros. Without it the embedding provider makes one of `text`.
    #[garde(skip)]
    #[serde(default, deserialize_with = "body::given")]
    pub vector: Option<NewVector>,
    /// The text: what the texts of embeddings are compared with under the modes `text` and `hybrid`, and
    /// under `vector` and `hybrid` what a vector is made of when none is given.
    #[oai(validator(min_length = 1, max_length = 8192))]
    #[garde(length(chars, min = 1, max = 8192))]
    #[serde(default, deserialize_with = "body::given")]
    pub text: Option<String>,
    /// How many embeddings to find.
    #[oai(
        default = "default_k",
        validator(minimum(value = "1"), maximum(value = "1000"))
    )]
    #[garde(range(min = 1, max = 1000))]
    #[serde(default = "default_k")]
    pub k: i32,
    /// Only embeddings with such metadata.
    #[garde(custom(bounded), dive)]
    #[serde(default, deserialize_with = "body::given")]
    pub filter: Option<Filter>,
    /// Of what is searched by vectors, only embeddings at this distance or nearer. Default: at any.
    #[oai(nullable)]
    #[garde(skip)]
    #[serde(default)]
    pub max_distance: Option<f64>,
    /// Of what is searched by vectors, only embeddings whose score by their distance is this or more.
    /// Default: any.
    #[oai(nullable)]
    #[garde(skip)]
    #[serde(default)]
    pub min_score: Option<f64>,
    /// Compare with every embedding, although the dataset has an index.
    #[oai(default)]
    #[garde(skip)]
    #[serde(default)]
    pub exact: bool,
    /// How many embeddings the index keeps in sight on its way; more find more of the nearest and take
    /// longer. Default: 100, or `k` when that is more.
    #[oai(nullable, validator(minimum(value = "1"), maximum(value = "1000")))]
    #[garde(range(min = 1, max = 1000))]
    #[serde(default)]
    pub ef_search: Option<i32>,
    /// What comes with each embedding beside its text and metadata.
    #[oai(default = "default_include")]
    #[garde(skip)]
    #[serde(default = "default_include")]
    pub include: Include,
    /// How the mode `hybrid` fuses the two orders. Default: with all defaults.
    #[garde(dive)]
    #[serde(default, deserialize_with = "body::given")]
    pub fusion: Option<Fusion>,
}

fn default_k() -> i32 {
    10
}

fn default_include() -> Include {
    Include::None
}

impl SearchEmbeddings {
    /// Whether it finds something wherever there is something, and all that it needs is at hand.
    pub fn finds_something(&self) -> bool {
        let bounded = self.max_distance.or(self.min_score).is_some() || self.filter.is_some();
        self.mode == SearchMode::Vector && self.vector.is_some() && !bounded
    }

    /// The distance that is asked for, by `max_distance` and `min_score`.
    pub fn max_distance(&self, kind: Distance) -> Option<f64> {
        let by_score = self.min_score.map(|score| max_distance(kind, score));
        match (self.max_distance, by_score) {
            (Some(one), Some(other)) => Some(one.min(other)),
            (one, other) => one.or(other),
        }
    }
}

impl Example for SearchEmbeddings {
    fn example() -> Self {
        Self {
            mode: SearchMode::Vector,
            vector: Some(vec![0.1, -0.4, 0.3, 0.8].into()),
            text: None,
            k: 10,
            filter: Some(Filter::example()),
            max_distance: Some(0.5),
            min_score: None,
            exact: false,
            ef_search: None,
            include: Include::None,
            fusion: None,
        }
    }
}

/// Several searches of one dataset.
#[derive(Clone, Debug, Object, Deserialize, Validate)]
#[oai(deny_unknown_fields, example)]
#[serde(deny_unknown_fields)]
pub struct SearchManyEmbeddings {
    /// The searches.
    #[oai(validator(min_items = 1, max_items = 100))]
    #[garde(length(min = 1, max = 100), dive)]
    pub queries: Vec<SearchEmbeddings>,
}

impl Example for SearchManyEmbeddings {
    fn example() -> Self {
        Self {
            queries: vec![SearchEmbeddings::example()],
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
    /// How far it is from the vector that was asked for, by the dataset's `distance`; null under the
    /// mode `text`.
    #[oai(nullable)]
    pub distance: Option<f64>,
    /// How well it fits, the more the better. Under the mode `vector` by its distance d: 1 − d with
    /// `cosine`, which is the cosine; −d with `inner_product`, which is the inner product; 1 ÷ (1 + d) with
    /// `l2` and `l1`. Under `text` the rank that PostgreSQL's `ts_rank` gives. Under `hybrid` what `fusion`
    /// makes of the ranks.
    pub score: f64,
    /// Where it stands in each of the two orders; null unless the mode is `hybrid`.
    #[oai(nullable)]
    pub ranks: Option<Ranks>,
}

impl FoundEmbedding {
    /// About how many bytes it takes in an answer.
    pub fn size(&self) -> usize {
        let numbers = self.embedding.as_ref();
        let numbers = numbers.map_or(0, |vector| vector.0.as_slice().len());
        350 + self.content.len() + self.metadata.text().len() + 12 * numbers
    }
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
            distance: Some(0.25),
            score: 0.75,
            ranks: None,
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

/// How far an embedding may be to be that near.
fn max_distance(kind: Distance, score: f64) -> f64 {
    match kind {
        Distance::Cosine => 1.0 - score,
        Distance::InnerProduct => -score,
        Distance::L2 | Distance::L1 if score <= 0.0 => f64::INFINITY,
        Distance::L2 | Distance::L1 => 1.0 / score - 1.0,
    }
}

/// How a search was answered. New ways may be added.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum, Serialize)]
#[oai(rename_all = "snake_case")]
#[serde(rename_all = "snake_case")]
pub enum SearchMethod {
    /// By comparing with every embedding that matches: always right.
    Exact,
    /// By the dataset's index (HNSW): nearly always right.
    Hnsw,
}

/// What a search has found.
#[derive(Clone, Debug, Object, Serialize)]
pub struct FoundEmbeddings {
    /// The embeddings, best first; those that are equally good in the order of their ids.
    pub items: Vec<FoundEmbedding>,
    /// How the search was answered.
    pub answered_by: SearchMethod,
    /// Whether there were more, but the answer ends at 8 MiB.
    pub truncated: bool,
}

/// What several searches have found.
#[derive(Clone, Debug, Object, Serialize)]
pub struct FoundManyEmbeddings {
    /// What each search has found, in the order of the request.
    pub results: Vec<FoundEmbeddings>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn scores_and_distances_say_the_same() {
        for kind in [
            Distance::Cosine,
            Distance::L2,
            Distance::InnerProduct,
            Distance::L1,
        ] {
            for distance in [0.0, 0.25, 1.5] {
                let back = max_distance(kind, score(kind, distance));
                assert!(
                    (back - distance).abs() < 1e-12,
                    "{kind:?} {distance} {back}"
                );
            }
        }
        assert_eq!(max_distance(Distance::L2, 0.0), f64::INFINITY);
        assert!(max_distance(Distance::L1, 2.0) < 0.0);
    }
}
