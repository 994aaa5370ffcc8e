//! The shapes of the differences between two versions, on the wire.

use poem_openapi::{Enum, Object};
use serde::Serialize;
use serde_json::Value;

/// What one version has and another has not.
#[derive(Clone, Debug, Object, Serialize)]
pub struct PromptDiff {
    /// The version that is looked at.
    #[oai(validator(minimum(value = "1")))]
    pub version: i32,
    /// The version that it is compared with; null for the first version, which is compared with
    /// nothing.
    #[oai(nullable, validator(minimum(value = "1")))]
    pub against: Option<i32>,
    /// Whether both have the same content.
    pub identical: bool,
    /// The differences of the versions' text form as a unified diff with three lines around each
    /// change; empty when they are identical.
    pub unified: String,
    /// The same, line by line. It ends after 20,000 lines.
    pub hunks: Vec<PromptDiffHunk>,
    /// Whether `hunks` ends before the differences do.
    pub hunks_truncated: bool,
    /// The members of `config` that differ. Objects are compared member by member, anything else as
    /// a whole.
    pub config: Vec<PromptConfigChange>,
    /// Variables that only the version has.
    pub variables_added: Vec<String>,
    /// Variables that only the other one has.
    pub variables_removed: Vec<String>,
}

/// Lines that belong together, with changes among them.
#[derive(Clone, Debug, PartialEq, Eq, Object, Serialize)]
pub struct PromptDiffHunk {
    /// The first of its lines in the other version, from 1; with no lines the one before.
    pub old_start: i32,
    /// How many lines of the other version it has.
    pub old_lines: i32,
    /// The first of its lines in the version, from 1; with no lines the one before.
    pub new_start: i32,
    /// How many lines of the version it has.
    pub new_lines: i32,
    /// The lines.
    pub lines: Vec<PromptDiffLine>,
}

/// A line.
#[derive(Clone, Debug, PartialEq, Eq, Object, Serialize)]
pub struct PromptDiffLine {
    /// Who has it.
    pub tag: PromptDiffTag,
    /// The line without its line feed.
    pub text: String,
}

/// Who has a line.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum, Serialize)]
#[oai(rename_all = "snake_case")]
#[serde(rename_all = "snake_case")]
pub enum PromptDiffTag {
    /// Both.
    Equal,
    /// Only the other version.
    Delete,
    /// Only the version.
    Insert,
}

/// A member of `config` that differs.
#[derive(Clone, Debug, PartialEq, Eq, Object, Serialize)]
pub struct PromptConfigChange {
    /// JSON Pointer (RFC 6901) to it in `config`.
    pub pointer: String,
    /// What happened to it.
    pub change: PromptConfigChangeKind,
    /// Its value in the other version; null when it is not there.
    pub old: Value,
    /// Its value in the version; null when it is not there.
    pub new: Value,
}

/// What happened to a member of `config`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum, Serialize)]
#[oai(rename_all = "snake_case")]
#[serde(rename_all = "snake_case")]
pub enum PromptConfigChangeKind {
    /// Only the version has it.
    Added,
    /// Only the other version has it.
    Removed,
    /// Both have it, with different values.
    Changed,
}
