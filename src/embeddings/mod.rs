//! Embeddings: texts and their vectors.

pub mod api;
pub mod batch;
pub mod fit;
pub mod model;
pub mod patch;
pub mod search;
pub mod search_api;
pub mod store;
pub mod vector;
