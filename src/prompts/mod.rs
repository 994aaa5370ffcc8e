//! Prompts: the versions of what an agent is told.
//!
//! A version never changes once it is written. Labels, in [`crate::prompt_labels`], say which of
//! them is in use.

pub mod api;
pub mod content;
pub mod model;
pub mod store;
pub mod template;
