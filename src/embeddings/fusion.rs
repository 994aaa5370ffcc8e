//! Two orders made into one: reciprocal rank fusion.

use std::collections::HashMap;

use garde::Validate;
use poem_openapi::{Object, types::Example};
use serde::{Deserialize, Serialize};

use super::search::FoundEmbedding;
use crate::values::Id;

/// How the orders by vectors and by texts are fused into one: reciprocal rank fusion (Cormack, Clarke,
/// Büttcher 2009). An embedding's score is the sum, over the orders that it is in, of weight ÷ (constant
/// + rank). Each order goes as far as `k`, and as 100.
#[derive(Clone, Copy, Debug, PartialEq, Object, Serialize, Deserialize, Validate)]
#[oai(deny_unknown_fields, example)]
#[serde(deny_unknown_fields, default)]
pub struct Fusion {
    /// The constant. The larger it is, the less does it count to be the very first.
    #[oai(
        default = "default_constant",
        validator(minimum(value = "1"), maximum(value = "1000"))
    )]
    #[garde(range(min = 1, max = 1000))]
    pub rank_constant: i32,
    /// The weight of the order by vectors.
    #[oai(
        default = "default_weight",
        validator(minimum(value = "0"), maximum(value = "1000"))
    )]
    #[garde(range(min = 0.0, max = 1000.0))]
    pub vector_weight: f64,
    /// The weight of the order by texts.
    #[oai(
        default = "default_weight",
        validator(minimum(value = "0"), maximum(value = "1000"))
    )]
    #[garde(range(min = 0.0, max = 1000.0))]
    pub text_weight: f64,
}

fn default_constant() -> i32 {
    60
}

fn default_weight() -> f64 {
    1.0
}

impl Default for Fusion {
    fn default() -> Self {
        Self {
            rank_constant: default_constant(),
            vector_weight: default_weight(),
            text_weight: default_weight(),
        }
    }
}

impl Example for Fusion {
    fn example() -> Self {
        Self::default()
    }
}

/// Where an embedding stands in the orders that were fused.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Object, Serialize)]
pub struct Ranks {
    /// In the order by vectors, from 1; null when it is not in it.
    #[oai(nullable, validator(minimum(value = "1"), maximum(value = "1000")))]
    pub vector: Option<i32>,
    /// In the order by texts, from 1; null when it is not in it.
    #[oai(nullable, validator(minimum(value = "1"), maximum(value = "1000")))]
    pub text: Option<i32>,
}

impl Fusion {
    /// How far each order must go to find so many.
    pub fn depth(k: i64) -> i64 {
        k.max(100)
    }

    /// The best of both orders.
    pub fn fuse(
        &self,
        by_vectors: Vec<FoundEmbedding>,
        by_texts: Vec<FoundEmbedding>,
        k: usize,
    ) -> Vec<FoundEmbedding> {
        let mut fused: HashMap<Id, FoundEmbedding> = HashMap::new();
        for (index, mut found) in by_vectors.into_iter().enumerate() {
            found.ranks = Some(Ranks {
                vector: rank(index),
                text: None,
            });
            fused.insert(found.id, found);
        }
        for (index, found) in by_texts.into_iter().enumerate() {
            let found = fused.entry(found.id).or_insert(found);
            found.ranks.get_or_insert_default().text = rank(index);
        }
        let mut fused: Vec<_> = fused.into_values().collect();
        for found in &mut fused {
            found.score = self.score(found.ranks.unwrap_or_default());
        }
        fused.sort_by(|a, b| b.score.total_cmp(&a.score).then(a.id.cmp(&b.id)));
        fused.truncate(k);
        fused
    }

    fn score(&self, ranks: Ranks) -> f64 {
        let part = |weight: f64, rank: Option<i32>| {
            rank.map_or(0.0, |rank| {
                weight / (f64::from(self.rank_constant) + f64::from(rank))
            })
        };
        part(self.vector_weight, ranks.vector) + part(self.text_weight, ranks.text)
    }
}

fn rank(index: usize) -> Option<i32> {
    i32::try_from(index + 1).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn order(ids: &[Id]) -> Vec<FoundEmbedding> {
        ids.iter()
            .map(|id| FoundEmbedding {
                id: *id,
                ..FoundEmbedding::example()
            })
            .collect()
    }

    #[test]
    fn who_stands_high_in_both_orders_is_first() {
        let [a, b, c, d] = [(); 4].map(|()| Id::new());
        let fused = Fusion::default().fuse(order(&[a, b, c]), order(&[c, b, d]), 10);
        let all: Vec<_> = fused.iter().map(|found| found.id).collect();
        // c: 1/63 + 1/61, b: 2/62, a: 1/61, d: 1/63.
        assert_eq!(all, [c, b, a, d]);
        assert!((fused[0].score - (1.0 / 63.0 + 1.0 / 61.0)).abs() < 1e-12);
        let ranks = |vector, text| Some(Ranks { vector, text });
        assert_eq!(fused[0].ranks, ranks(Some(3), Some(1)));
        assert_eq!(fused[2].ranks, ranks(Some(1), None));
        assert_eq!(fused[3].ranks, ranks(None, Some(3)));
    }

    #[test]
    fn weights_and_the_constant_count_and_ties_go_by_id() {
        let [a, b] = [(); 2].map(|()| Id::new());
        let first = |fusion: Fusion| fusion.fuse(order(&[a]), order(&[b]), 1)[0].id;
        assert_eq!(first(Fusion::default()), a.min(b));
        let by_text = Fusion {
            vector_weight: 0.0,
            ..Fusion::default()
        };
        assert_eq!(first(by_text), b);
        let one = Fusion {
            rank_constant: 1,
            ..Fusion::default()
        };
        assert_eq!(one.fuse(order(&[a]), Vec::new(), 5)[0].score, 0.5);
    }
}
