//! What the tests stand on.

pub mod app;
pub mod cluster;
pub mod contract;
pub mod events;
pub mod ingest;
pub mod issuer;
pub mod process;
pub mod provider;
pub mod raw;
pub mod resources;
pub mod signer;

use std::time::{Duration, Instant};

pub use app::{Answer, TestApp};
pub use events::Events;
pub use raw::Raw;

/// Waits until a condition holds; panics when it does not within the time.
pub async fn eventually<F: Future<Output = bool>>(
    what: &str,
    within: Duration,
    mut condition: impl FnMut() -> F,
) {
    let begin = Instant::now();
    while !condition().await {
        assert!(begin.elapsed() < within, "waited in vain until {what}");
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
}
