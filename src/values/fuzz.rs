//! Scalars, of which each has one text for one value; and JSON Merge Patches.

use std::{fmt::Display, str::FromStr};

use poem_openapi::types::Type;
use serde_json::{Map, Value};

use super::{Id, JsonObject, Timestamp};
use crate::{
    configs::key::ConfigKey,
    logs::position::TailPosition,
    prompt_labels::label::Label,
    records::{
        bucket::TimeZone,
        hex::{SpanId, TraceId},
        words::{MetricName, Unit, Usd},
    },
};

/// The target of every scalar.
pub fn scalars(input: &[u8]) {
    let Ok(text) = std::str::from_utf8(input) else {
        return;
    };
    one::<Id>(text);
    one::<Timestamp>(text);
    one::<TimeZone>(text);
    one::<TraceId>(text);
    one::<SpanId>(text);
    one::<MetricName>(text);
    one::<Unit>(text);
    one::<Usd>(text);
    one::<ConfigKey>(text);
    one::<Label>(text);
    one::<TailPosition>(text);
    if let Ok(instant) = text.parse::<Timestamp>() {
        let written = instant.to_string();
        assert_eq!((written.len(), &written[26..]), (27, "Z"), "{written}");
    }
}

fn one<T: FromStr<Err: Display> + Display + Type>(text: &str) {
    let value = match text.parse::<T>() {
        Ok(value) => value,
        Err(error) => return assert!(!error.to_string().is_empty()),
    };
    let written = value.to_string();
    assert!(!text.contains('\0') && written.len() <= 255, "{text:?}");
    match written.parse::<T>() {
        Ok(again) => assert_eq!(again.to_string(), written),
        Err(error) => panic!("{text} is written as {written}: {error}"),
    }
}

/// The target of merging: the input is an object and a patch, on a line each.
pub fn merge_patch(input: &[u8]) {
    let mut lines = input.splitn(2, |byte| *byte == b'\n');
    let mut next = || serde_json::from_slice::<JsonObject>(lines.next().unwrap_or_default()).ok();
    let (Some(object), Some(patch)) = (next(), next()) else {
        return;
    };
    let mut merged = object.clone();
    merged.merge(patch.clone());
    applied(object.members(), patch.members(), merged.members());
    let once = merged.clone();
    merged.merge(patch.clone());
    assert_eq!(merged, once, "a patch applied twice does more");
    assert!(once.encoded_len() <= object.encoded_len() + patch.encoded_len());
}

/// RFC 7396 member by member, not by its algorithm.
fn applied(object: &Map<String, Value>, patch: &Map<String, Value>, merged: &Map<String, Value>) {
    let nothing = Map::new();
    for (key, value) in object {
        if !patch.contains_key(key) {
            assert_eq!(merged.get(key), Some(value), "{key}");
        }
    }
    for key in merged.keys() {
        assert!(object.contains_key(key) || patch.contains_key(key), "{key}");
    }
    for (key, value) in patch {
        match (value, merged.get(key)) {
            (Value::Null, found) => assert_eq!(found, None, "{key}"),
            (Value::Object(patch), Some(Value::Object(merged))) => {
                let object = object.get(key).and_then(Value::as_object);
                applied(object.unwrap_or(&nothing), patch, merged);
            }
            (value, found) => assert_eq!(found, Some(value), "{key}"),
        }
    }
}
