//! What answers must be.

use serde_json::{Map, Value, json};

use crate::support::Answer;

/// What an `If-Match` or an `If-None-Match` says of a resource.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Tag {
    None,
    Current,
    Listed,
    Any,
    Old,
    Weak,
}

impl Tag {
    pub const ALL: [Self; 6] = [
        Self::None,
        Self::Current,
        Self::Listed,
        Self::Any,
        Self::Old,
        Self::Weak,
    ];

    /// The header for a resource at this version; of one that is not there, as if it were at 1.
    pub fn header(self, version: Option<i64>) -> Option<String> {
        let version = version.unwrap_or(1);
        Some(match self {
            Self::None => return None,
            Self::Current => format!("\"{version}\""),
            Self::Listed => format!("\"other\", \"{version}\""),
            Self::Any => "*".to_owned(),
            Self::Old => format!("\"{}\"", version - 1),
            Self::Weak => format!("W/\"{version}\""),
        })
    }

    /// Whether a write may go on by `If-Match` (RFC 9110 §13.1.1).
    pub fn allows(self) -> bool {
        !matches!(self, Self::Old | Self::Weak)
    }

    /// Why a write to a resource with this `If-Match` is refused.
    pub fn refusal(self, is_there: bool) -> Option<Refusal> {
        match is_there {
            false => Some(NOT_FOUND),
            true => (!self.allows()).then_some(STALE),
        }
    }

    /// Whether `If-None-Match` names what is there (RFC 9110 §13.1.2).
    pub fn names(self) -> bool {
        !matches!(self, Self::None | Self::Old)
    }
}

/// The status and the code of a problem.
pub type Refusal = (u16, &'static str);
pub const NOT_FOUND: Refusal = (404, "not_found");
pub const STALE: Refusal = (412, "stale");
pub const NAME_TAKEN: Refusal = (409, "name_taken");
pub const ID_TAKEN: Refusal = (409, "id_taken");
pub const INVALID: Refusal = (422, "invalid_request");

#[track_caller]
pub fn assert_refused(answer: &Answer, refusal: Refusal) {
    let code = answer.json["code"].as_str().unwrap_or_default();
    assert!(
        (answer.status, code) == refusal,
        "but the model says\n    {refusal:?}"
    );
}

/// Requires an answer.
#[track_caller]
pub fn assert_answer(answer: &Answer, status: u16, expected: &Value) {
    let same = answer.status == status && answer.json == *expected;
    assert!(same, "but the model says\n    {status} {expected}");
}

/// Requires a resource in the answer, and its version as entity tag.
#[track_caller]
pub fn assert_resource(answer: &Answer, status: u16, expected: &Value) {
    assert_eq!(answer.status, status);
    assert_eq!(answer.json, *expected);
    assert_eq!(
        answer.header("etag"),
        format!("\"{}\"", expected["version"])
    );
}

/// Requires the answer to a GET with this `If-None-Match`.
#[track_caller]
pub fn assert_found(answer: &Answer, tag: Tag, expected: Option<&Value>) {
    match expected {
        None => assert_refused(answer, NOT_FOUND),
        Some(expected) if tag.names() => {
            let version = format!("\"{}\"", expected["version"]);
            assert_eq!(
                (answer.status, answer.header("etag")),
                (304, version.as_str())
            );
        }
        Some(expected) => assert_resource(answer, 200, expected),
    }
}

/// Requires items in an order, but for fields that the model does not know.
#[track_caller]
pub fn assert_same_items(items: &[Value], expected: &[Value]) {
    let known_of = |item: &Value, expected: Option<&Value>| {
        let Some(expected) = expected.and_then(Value::as_object) else {
            return item.clone();
        };
        let mut item = item.clone();
        let members = item.as_object_mut().unwrap();
        members.retain(|name, _| expected.contains_key(name) || !UNKNOWN.contains(&name.as_str()));
        item
    };
    let known = items.iter().enumerate();
    let known = known.map(|(index, item)| known_of(item, expected.get(index)));
    let (known, expected): (Value, Value) = (known.collect(), expected.iter().cloned().collect());
    assert!(
        known == expected,
        "of the list so far\n    {known}\nbut the model says\n    {expected}"
    );
}

/// Instants of which some answers do not tell.
const UNKNOWN: [&str; 3] = ["created_at", "updated_at", "moved_at"];

/// Takes over from an answer what the server makes up.
#[track_caller]
pub fn take(expected: &mut Value, answer: &Answer, fields: &[&str]) {
    for field in fields {
        assert!(answer.json[field].is_string(), "no {field}");
        expected[field] = answer.json[field].clone();
    }
}

/// Applies a JSON Merge Patch as RFC 7396 §2 says it.
fn merge(target: &mut Value, patch: &Value) {
    let Some(patch) = patch.as_object() else {
        *target = patch.clone();
        return;
    };
    if !target.is_object() {
        *target = json!({});
    }
    let members: &mut Map<_, _> = target.as_object_mut().unwrap();
    for (name, value) in patch {
        if value.is_null() {
            members.remove(name);
        } else {
            merge(members.entry(name.clone()).or_insert(Value::Null), value);
        }
    }
}

/// What a PUT, or a PATCH, makes of a resource.
pub fn changed(before: &Value, body: &Value, defaults: Value, patch: bool) -> Value {
    let mut after = with_defaults(body, before.clone());
    if patch {
        after = before.clone();
        merge(&mut after, body);
    }
    for (name, default) in defaults.as_object().unwrap() {
        let said = if patch { &after } else { body };
        if said.get(name).is_none() {
            after[name] = default.clone();
        }
    }
    after
}

/// The object with defaults for what it does not say.
pub fn with_defaults(object: &Value, mut defaults: Value) -> Value {
    for (name, value) in object.as_object().unwrap() {
        defaults[name] = value.clone();
    }
    defaults
}
