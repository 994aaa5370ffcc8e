//! What an outside issuer answers, besides its keys.

use super::{Metadata, max_age, trusted_url};

/// The target: the input is a header, a URL, and metadata.
pub fn check(input: &[u8]) {
    let text = String::from_utf8_lossy(input);
    let _any_age = max_age(&text);
    if let Ok(url) = trusted_url(&text) {
        let host = url.host_str().unwrap_or_default();
        let loopback = host == "localhost" || host == "[::1]" || host.starts_with("127.");
        assert!(url.scheme() == "https" || loopback, "{url}");
    }
    if let Ok(metadata) = serde_json::from_slice::<Metadata>(input) {
        let _read_or_refused = trusted_url(&metadata.jwks_uri);
    }
}
