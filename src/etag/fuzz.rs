//! Entity tags: only those that this server makes mean a version.

use poem_openapi::types::ParseFromParameter;

use super::{EntityTags, etag};

/// The target: the input is a header.
pub fn check(input: &[u8]) {
    let text = String::from_utf8_lossy(input);
    let Ok(tags) = EntityTags::parse_from_parameter(&text) else {
        panic!("a list of tags is never refused");
    };
    let EntityTags::Versions { strong, weak } = tags else {
        assert_eq!(text.trim(), "*");
        return;
    };
    assert!(strong.len() + weak.len() <= text.split(',').count());
    for version in strong.iter().chain(&weak) {
        assert!(text.contains(&etag(*version)), "{version}");
    }
    let written: Vec<_> = strong.iter().map(|version| etag(*version)).collect();
    let again = EntityTags::parse_from_parameter(&written.join(", "));
    let weak = Vec::new();
    assert_eq!(again.ok(), Some(EntityTags::Versions { strong, weak }));
}
