//! Prompts: the versions of what an agent is told.
//!
//! A version never changes once it is written. Labels, in [`crate::prompt_labels`], say which of
//! them is in use.

pub mod api;
pub mod changes;
pub mod content;
pub mod diff;
pub mod engine;
pub mod filters;
pub mod message;
pub mod model;
pub mod render;
pub mod store;
pub mod template;
pub mod tokens;
pub mod workers;
