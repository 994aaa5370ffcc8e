//! What an embedding provider answers: as many vectors as texts, or an error; and a wait that ends.

use reqwest::header::{HeaderMap, HeaderValue, RETRY_AFTER};
use tokio::time::Instant;

use super::{in_order, retry_after};

/// The target: the input is an answer, and the header `Retry-After`.
pub fn check(input: &[u8]) {
    for count in 0..4 {
        match in_order(input, count) {
            Ok(vectors) => {
                assert_eq!(vectors.len(), count);
                let finite = |n: &f32| n.is_finite();
                assert!(vectors.iter().all(|v| v.0.as_slice().iter().all(finite)));
            }
            Err(error) => assert!(!error.is_empty()),
        }
    }
    if let Ok(value) = HeaderValue::from_bytes(input) {
        let wait = retry_after(&HeaderMap::from_iter([(RETRY_AFTER, value)]));
        let end = wait.is_none_or(|wait| Instant::now().checked_add(wait).is_some());
        assert!(end, "{wait:?}");
    }
}
