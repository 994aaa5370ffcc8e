//! The shapes of labels on the wire.

use garde::Validate;
use poem_openapi::{Object, types::Example};
use serde::{Deserialize, Serialize};

use super::Label;
use crate::values::{Id, Timestamp};

/// A label on a version of an agent's prompt.
#[derive(Clone, Debug, PartialEq, Eq, Object, Serialize)]
#[oai(example)]
pub struct PromptLabel {
    /// The label.
    pub label: Label,
    /// The version on which it sits now. Its `ETag`.
    #[oai(validator(minimum(value = "1")))]
    pub version: i32,
    /// When it was moved there.
    pub moved_at: Timestamp,
    /// Id of the client that moved it there.
    pub moved_by: Id,
}

impl Example for PromptLabel {
    fn example() -> Self {
        Self {
            label: "production".parse().unwrap_or_else(|_| Label::latest()),
            version: 3,
            moved_at: example_instant(),
            moved_by: example_client(),
        }
    }
}

/// Where a label shall sit.
#[derive(Clone, Debug, Object, Deserialize, Validate)]
#[oai(deny_unknown_fields, example)]
#[serde(deny_unknown_fields)]
pub struct SetPromptLabel {
    /// A version of the agent's prompt.
    #[oai(validator(minimum(value = "1")))]
    #[garde(range(min = 1))]
    pub version: i32,
}

impl Example for SetPromptLabel {
    fn example() -> Self {
        Self { version: 1 }
    }
}

/// A page of labels.
#[derive(Clone, Debug, Object, Serialize)]
pub struct PromptLabelPage {
    /// The labels, by name.
    pub items: Vec<PromptLabel>,
    /// Send this as `cursor` for the next page; null on the last one.
    #[oai(nullable)]
    pub next_cursor: Option<String>,
}

/// A move of a label.
#[derive(Clone, Debug, PartialEq, Eq, Object, Serialize)]
#[oai(example)]
pub struct PromptLabelMove {
    /// Its number: 1 for the label's first move, one more for each that follows.
    #[oai(validator(minimum(value = "1")))]
    pub number: i32,
    /// The version to which it went; null when the label was deleted.
    #[oai(nullable, validator(minimum(value = "1")))]
    pub version: Option<i32>,
    /// When.
    pub moved_at: Timestamp,
    /// Id of the client that moved it.
    pub moved_by: Id,
}

impl Example for PromptLabelMove {
    fn example() -> Self {
        Self {
            number: 2,
            version: Some(3),
            moved_at: example_instant(),
            moved_by: example_client(),
        }
    }
}

/// A page of moves.
#[derive(Clone, Debug, Object, Serialize)]
pub struct PromptLabelMovePage {
    /// The moves, newest first.
    pub items: Vec<PromptLabelMove>,
    /// Send this as `cursor` for the next page; null on the last one.
    #[oai(nullable)]
    pub next_cursor: Option<String>,
}

fn example_instant() -> Timestamp {
    "2026-11-25T09:30:00.123456Z"
        .parse()
        .unwrap_or_else(|_| Timestamp::now())
}

fn example_client() -> Id {
    "019308d4-6e65-7cc0-b5c5-2a0d8f1e4b12"
        .parse()
        .unwrap_or_default()
}
