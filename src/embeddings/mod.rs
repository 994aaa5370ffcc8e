//! Embeddings: texts and their vectors.

pub mod answer;
pub mod api;
pub mod batch;
pub mod delete_api;
pub mod export;
pub mod filter;
pub mod fit;
pub mod fusion;
pub mod import;
pub mod model;
pub mod patch;
pub mod provider;
pub mod recall;
pub mod search;
pub mod search_api;
pub mod store;
pub mod texts;
pub mod transfer_api;
pub mod vector;
