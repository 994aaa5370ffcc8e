//! The index of a dataset's vectors: a graph (HNSW) that leads to the nearest.
//!
//! It holds the vectors in half precision, which takes half the space and makes hardly a difference, or
//! beyond 4,000 numbers a bit of each. What it finds is compared again with the vectors themselves.

use super::words::Distance;

/// How many embeddings a graph keeps in sight when nobody says; that of every connection.
pub const EF_SEARCH: i32 = 100;
/// The most numbers of a vector that pgvector takes into a graph in half precision.
const MAX_HALF: i32 = 4_000;

/// How the vectors of a dataset are in its graph.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Graph {
    dimension: i32,
    distance: Distance,
}

impl Graph {
    /// The graph of vectors of a shape. `None` where there can be none: of bits only directions can be
    /// told.
    pub fn new(dimension: i32, distance: Distance) -> Option<Self> {
        let directions = matches!(distance, Distance::Cosine | Distance::InnerProduct);
        (dimension <= MAX_HALF || directions).then_some(Self {
            dimension,
            distance,
        })
    }

    fn is_of_bits(self) -> bool {
        self.dimension > MAX_HALF
    }

    /// What stands in SQL before and behind a vector to make it what the graph holds.
    pub fn around(self) -> (&'static str, String) {
        let dimension = self.dimension;
        if self.is_of_bits() {
            return ("(binary_quantize(", format!(")::bit({dimension}))"));
        }
        let before = match self.distance {
            // Half precision has a smaller range than single; a direction is within it.
            Distance::Cosine => "(l2_normalize(",
            Distance::L2 | Distance::InnerProduct | Distance::L1 => "((",
        };
        (before, format!(")::halfvec({dimension}))"))
    }

    /// The operator by which the graph is ordered.
    pub fn operator(self) -> &'static str {
        if self.is_of_bits() {
            "<~>"
        } else {
            self.distance.operator()
        }
    }

    /// The operator class of the index.
    pub fn operator_class(self) -> &'static str {
        if self.is_of_bits() {
            return "bit_hamming_ops";
        }
        match self.distance {
            Distance::Cosine => "halfvec_cosine_ops",
            Distance::L2 => "halfvec_l2_ops",
            Distance::InnerProduct => "halfvec_ip_ops",
            Distance::L1 => "halfvec_l1_ops",
        }
    }

    /// How many of the graph's nearest are compared again to find so many.
    pub fn candidates(self, k: i64) -> i64 {
        if self.is_of_bits() { k * 10 } else { k }
    }
}
