//! Settings that have a grammar of their own.

use super::{
    age,
    identity::{ClaimPath, ScopeMapping},
    seconds,
};

/// The target.
pub fn check(input: &[u8]) {
    let Ok(text) = std::str::from_utf8(input) else {
        return;
    };
    if let Ok(age) = age(text) {
        let hours = age.as_secs() / 3600;
        assert!((24..=876_600).contains(&hours) && age.subsec_nanos() == 0);
        assert_eq!(super::age(&format!("{hours}h")), Ok(age));
    }
    if let Ok(seconds) = seconds(text) {
        assert!((0.001..=86_400.0).contains(&seconds.as_secs_f64()));
    }
    if let Ok(path) = text.parse::<ClaimPath>() {
        let claims = serde_json::Map::from_iter([(text.to_owned(), true.into())]);
        assert!(text.starts_with('/') || path.of(&claims).is_some());
    }
    if let Ok(mapping) = text.parse::<ScopeMapping>() {
        let written = format!("{}={}", mapping.word, mapping.scopes);
        let Ok(again) = written.parse::<ScopeMapping>() else {
            panic!("{written}");
        };
        assert_eq!((again.word, again.scopes), (mapping.word, mapping.scopes));
    }
}
