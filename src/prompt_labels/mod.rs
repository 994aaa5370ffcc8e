//! Labels of prompts: names such as `production` that sit on one version of an agent's prompt and
//! move.

pub use self::label::Label;

pub mod api;
pub mod label;
pub mod model;
pub mod store;
