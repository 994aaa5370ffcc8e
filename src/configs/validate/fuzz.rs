//! JSON Schemas of strangers: weighed before they are used, and what breaks one is told by its place.

use super::{MAX_ERRORS, MAX_TEXT, errors};
use crate::{
    configs::{value::ConfigValue, weigh::weigh},
    fuzzing::json::Json,
    values::JsonObject,
};

/// The target: the input is a schema and a value, on a line each.
pub fn check(input: &[u8]) {
    let mut lines = input.splitn(2, |byte| *byte == b'\n');
    let (schema, value) = (
        lines.next().unwrap_or_default(),
        lines.next().unwrap_or(b"1"),
    );
    let schema = serde_json::from_slice::<JsonObject>(schema);
    let (Ok(schema), Ok(value)) = (schema, serde_json::from_slice::<ConfigValue>(value)) else {
        return;
    };
    let sent = [
        (
            "/schema",
            serde_json::to_string(&schema).unwrap_or_default(),
        ),
        (
            "/value",
            String::from_utf8(value.encoded()).unwrap_or_default(),
        ),
    ];
    let sent = sent.map(|(root, text)| (root, Json::read(&text)));
    for secret in [false, true] {
        let found = errors(&schema, &value, secret);
        assert!(found.len() <= MAX_ERRORS);
        for error in found {
            let pointer = error.pointer.unwrap_or_default();
            let place = sent
                .iter()
                .find_map(|(root, json)| json.at(pointer.strip_prefix(root)?));
            assert!(place.is_some(), "{pointer}: {}", error.message);
            assert!(error.message.chars().count() <= MAX_TEXT);
            if secret && pointer.starts_with("/value") {
                assert_eq!(pointer, "/value", "a secret's inside is told");
            }
        }
    }
    if let Err((place, message)) = weigh(&serde_json::Value::Object(schema.members().clone())) {
        assert!(
            sent[0].1.at(&place).is_some() && !message.is_empty(),
            "{place}"
        );
    }
}
