//! What the time-stamped records (logs, metrics, tool usage) have in common: their ids and instants,
//! the way in, the way lists are read.

pub mod hex;
pub mod ingest;
pub mod list;
pub mod purge;
pub mod stamp;
