//! Bodies: what is accepted can be stored, and is what was sent; what is refused has its place.

use serde::Deserialize;

use super::{Object, parse};
use crate::{
    configs::value::ConfigValue,
    fuzzing::json::Json,
    problem::{Problem, ProblemCode},
    raw_json::{RawJson, RawObject},
    values::JsonObject,
};

/// A body with a member of each kind that is not of a form of its own.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
struct Everything {
    text: String,
    texts: Vec<String>,
    number: i32,
    raw: Option<RawJson>,
    raw_object: RawObject,
    object: JsonObject,
    value: ConfigValue,
    #[serde(deserialize_with = "super::given")]
    inner: Option<Box<Everything>>,
}

/// The target.
pub fn check(input: &[u8]) {
    match parse::<Object<Everything>>(input) {
        Ok(Object(body)) => accepted(input, &body),
        Err(problem) => refused(input, &problem),
    }
}

fn accepted(input: &[u8], body: &Everything) {
    let Ok(text) = std::str::from_utf8(input) else {
        panic!("what is not UTF-8 is taken");
    };
    let mut sent = &Json::read(text);
    let mut body = body;
    loop {
        for text in body.texts.iter().chain([&body.text]) {
            assert!(!text.contains('\0'), "{text:?}");
        }
        let raw = body.raw.as_ref().map(|raw| raw.text().to_owned());
        for (name, written) in [
            ("raw", raw),
            ("raw_object", Some(body.raw_object.text().to_owned())),
            ("object", serde_json::to_string(&body.object).ok()),
            ("value", String::from_utf8(body.value.encoded()).ok()),
        ] {
            let Some(written) = written.as_deref().map(Json::read) else {
                continue;
            };
            written.assert_storable();
            if let Some(sent) = sent.at(&format!("/{name}")) {
                assert_eq!(&written, sent, "{name}");
            }
        }
        match (&body.inner, sent.at("/inner")) {
            (Some(inner), Some(place)) => (body, sent) = (inner, place),
            _ => break,
        }
    }
}

fn refused(input: &[u8], problem: &Problem) {
    assert!(!problem.detail.is_empty());
    let json = serde_json::from_slice::<serde::de::IgnoredAny>(input);
    if problem.code == ProblemCode::MalformedRequest {
        return;
    }
    assert_eq!(problem.code, ProblemCode::InvalidRequest);
    assert!(
        json.is_ok(),
        "what is no JSON is called invalid: {problem:?}"
    );
    let Ok(text) = std::str::from_utf8(input) else {
        panic!("what is not UTF-8 is called JSON");
    };
    // What is refused may be too deep to go through.
    if text.matches(['[', '{']).count() > 100 {
        return;
    }
    let sent = Json::read(text);
    for error in &problem.errors {
        // What is missing has no place, but stands in one.
        let pointer = error.pointer.as_deref().unwrap_or("none");
        let around = pointer.rsplit_once('/').map_or("", |(around, _)| around);
        let there = sent.at(pointer).or(sent.at(around));
        assert!(there.is_some(), "{pointer}: {}", error.message);
        assert!(!error.message.is_empty());
    }
}
