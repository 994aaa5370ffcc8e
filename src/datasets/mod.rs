//! Datasets: what the embeddings in each have in common.

pub mod api;
pub mod graph;
pub mod index_api;
pub mod indexes;
pub mod model;
pub mod patch;
pub mod store;
pub mod words;
