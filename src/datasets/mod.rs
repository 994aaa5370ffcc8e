//! Datasets: what the embeddings in each have in common.

pub mod api;
pub mod model;
pub mod patch;
pub mod store;
