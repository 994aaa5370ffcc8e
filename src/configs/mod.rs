//! Configs: the values that running agents read by key, with every version that each key ever had.

pub mod answers;
pub mod api;
pub mod change;
pub mod feed;
pub mod key;
pub mod model;
pub mod store;
pub mod validate;
pub mod value;
pub mod vault;
pub mod watch;
pub mod watch_api;
pub mod weigh;
