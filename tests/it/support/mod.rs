//! What the tests stand on.

pub mod app;
pub mod cluster;
pub mod contract;

pub use app::{Answer, TestApp};
