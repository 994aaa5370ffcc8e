//! HTTP Basic and forms: one id and one secret, and as they were sent.

use base64::{Engine, engine::general_purpose::STANDARD};
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};

use super::parse_basic;
use crate::auth::api::TokenRequest;

/// The target: the input is a header, what is encoded in one, and a form.
pub fn check(input: &[u8]) {
    basic(&String::from_utf8_lossy(input));
    basic(&format!("Basic {}", STANDARD.encode(input)));
    if serde_urlencoded::from_bytes::<TokenRequest>(input).is_ok() {
        once_each(input);
    }
}

/// RFC 6749 §3.2: no parameter is there twice.
fn once_each(form: &[u8]) {
    let pairs: Vec<(String, String)> = serde_urlencoded::from_bytes(form).unwrap_or_default();
    for name in ["grant_type", "scope", "client_id", "client_secret"] {
        assert!(
            pairs.iter().filter(|(key, _)| key == name).count() <= 1,
            "{name}"
        );
    }
}

fn basic(header: &str) {
    let Some((id, secret)) = parse_basic(header) else {
        return;
    };
    let pair = [&*id, secret.reveal()];
    let pair = pair.map(|text| utf8_percent_encode(text, NON_ALPHANUMERIC).to_string());
    let written = format!("basic {}", STANDARD.encode(pair.join(":")));
    let Some((again, secret_again)) = parse_basic(&written) else {
        panic!("{header}");
    };
    assert_eq!((again, secret_again.reveal()), (id, secret.reveal()));
}
