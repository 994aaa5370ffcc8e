//! Comparing two versions: their text forms line by line, their configs member by member.

use std::{fmt::Write, time::Duration};

use serde_json::{Map, Value};
use similar::{ChangeTag, DiffOp, TextDiff};

use super::{
    changes::{
        PromptConfigChange, PromptConfigChangeKind, PromptDiff, PromptDiffHunk, PromptDiffLine,
        PromptDiffTag,
    },
    model::Prompt,
};

/// After so long the rest is no longer compared line by line but told as deleted and inserted.
const PATIENCE: Duration = Duration::from_millis(500);
/// Equal lines around each change.
const CONTEXT: usize = 3;
/// The most lines of all hunks.
const MAX_LINES: usize = 20_000;

/// What `new` has and `old` has not; without `old` all of it.
pub fn diff(old: Option<&Prompt>, new: &Prompt) -> PromptDiff {
    let (old_text, new_text) = (old.map(text_form).unwrap_or_default(), text_form(new));
    // Only a line feed ends a line. What else may end one, such as a lone carriage return, is part of it: a unified
    // diff could not say it.
    let (old_lines, new_lines) = (split_lines(&old_text), split_lines(&new_text));
    let lines = TextDiff::configure()
        .timeout(PATIENCE)
        .newline_terminated(true)
        .diff_slices(&old_lines, &new_lines);
    let name = |prompt: Option<&Prompt>| match prompt {
        Some(prompt) => format!("version {}", prompt.version),
        None => "nothing".to_owned(),
    };
    let unified = lines
        .unified_diff()
        .context_radius(CONTEXT)
        .header(&name(old), &name(Some(new)))
        .to_string();
    let (hunks, hunks_truncated) = hunks(&lines);
    let mut config = Vec::new();
    let nothing = Map::new();
    let old_config = old.map_or(&nothing, |old| old.config.members());
    compare(
        old_config,
        new.config.members(),
        &mut String::new(),
        &mut config,
    );
    let old_variables = old.map(|old| old.variables.as_slice()).unwrap_or_default();
    PromptDiff {
        version: new.version,
        against: old.map(|old| old.version),
        identical: old.is_some_and(|old| old.content_hash == new.content_hash),
        unified,
        hunks,
        hunks_truncated,
        config,
        variables_added: missing_in(old_variables, &new.variables),
        variables_removed: missing_in(&new.variables, old_variables),
    }
}

/// The version as lines: its type, its template or messages, its config with the keys in order, its
/// variables. The documentation of `diff_prompts` describes it.
fn text_form(prompt: &Prompt) -> String {
    let mut text = String::new();
    // Writing to a String cannot fail.
    let mut line = |arguments: std::fmt::Arguments<'_>| {
        let _ = text.write_fmt(arguments);
        text.push('\n');
    };
    match &prompt.template {
        Some(template) => {
            line(format_args!("# text"));
            line(format_args!("{template}"));
        }
        None => line(format_args!("# chat")),
    }
    for message in prompt.messages.iter().flatten() {
        if let (Some(role), Some(content)) = (message.role, &message.content) {
            line(format_args!("# message: {}", role.as_str()));
            line(format_args!("{content}"));
        }
        if let Some(name) = &message.placeholder {
            line(format_args!("# placeholder: {name}"));
        }
    }
    line(format_args!("# config"));
    let mut config = Value::Object(prompt.config.members().clone());
    config.sort_all_objects();
    line(format_args!("{config:#}"));
    line(format_args!("# variables"));
    for name in &prompt.variables {
        line(format_args!("{name}"));
    }
    text
}

fn split_lines(text: &str) -> Vec<&str> {
    text.split_inclusive('\n').collect()
}

/// The hunks, up to [`MAX_LINES`], and whether there are more lines.
fn hunks(diff: &TextDiff<'_, '_, str>) -> (Vec<PromptDiffHunk>, bool) {
    let mut room = MAX_LINES;
    let mut hunks = Vec::new();
    for ops in diff.grouped_ops(CONTEXT) {
        let (Some(first), Some(last)) = (ops.first(), ops.last()) else {
            continue;
        };
        let changes = ops.iter().flat_map(|op| diff.iter_changes(op));
        let lines: Vec<_> = changes
            .take(room)
            .map(|change| PromptDiffLine {
                tag: match change.tag() {
                    ChangeTag::Equal => PromptDiffTag::Equal,
                    ChangeTag::Delete => PromptDiffTag::Delete,
                    ChangeTag::Insert => PromptDiffTag::Insert,
                },
                text: change.value().trim_end_matches('\n').to_owned(),
            })
            .collect();
        room -= lines.len();
        let truncated = room == 0 && lines.len() < ops.iter().map(line_count).sum();
        let (old_start, old_lines) = range(first.old_range().start, last.old_range().end);
        let (new_start, new_lines) = range(first.new_range().start, last.new_range().end);
        if !lines.is_empty() {
            hunks.push(PromptDiffHunk {
                old_start,
                old_lines,
                new_start,
                new_lines,
                lines,
            });
        }
        if truncated {
            return (hunks, true);
        }
    }
    (hunks, false)
}

/// The lines that an operation tells.
fn line_count(op: &DiffOp) -> usize {
    match op {
        DiffOp::Equal { len, .. } => *len,
        other => other.old_range().len() + other.new_range().len(),
    }
}

/// A range of lines from 0 as unified diffs count: from 1, and an empty one by the line before.
fn range(start: usize, end: usize) -> (i32, i32) {
    let number = |number: usize| i32::try_from(number).unwrap_or(i32::MAX);
    let first = if end > start { start + 1 } else { start };
    (number(first), number(end - start))
}

/// Adds what differs between two objects.
fn compare(
    old: &Map<String, Value>,
    new: &Map<String, Value>,
    pointer: &mut String,
    changes: &mut Vec<PromptConfigChange>,
) {
    let added = new.keys().filter(|key| !old.contains_key(*key));
    let mut keys: Vec<_> = old.keys().chain(added).collect();
    keys.sort_unstable();
    let length = pointer.len();
    for key in keys {
        pointer.push('/');
        // RFC 6901 §3: `~` and `/` are escaped in a reference token.
        pointer.push_str(&key.replace('~', "~0").replace('/', "~1"));
        match (old.get(key), new.get(key)) {
            (Some(Value::Object(old)), Some(Value::Object(new))) => {
                compare(old, new, pointer, changes);
            }
            (old, new) if old == new => {}
            (old, new) => changes.push(PromptConfigChange {
                pointer: pointer.clone(),
                change: match (old, new) {
                    (None, _) => PromptConfigChangeKind::Added,
                    (_, None) => PromptConfigChangeKind::Removed,
                    _ => PromptConfigChangeKind::Changed,
                },
                old: old.cloned().unwrap_or_default(),
                new: new.cloned().unwrap_or_default(),
            }),
        }
        pointer.truncate(length);
    }
}

/// Those of `names` that are not in `others`, which both are in order.
fn missing_in(others: &[String], names: &[String]) -> Vec<String> {
    let missing = names
        .iter()
        .filter(|name| others.binary_search(name).is_err());
    missing.cloned().collect()
}

#[cfg(any(test, fuzzing))]
pub mod fuzz;

#[cfg(test)]
mod tests {
    use std::time::Instant;

    use poem_openapi::types::Example;

    use super::*;

    fn text(template: &str) -> Prompt {
        Prompt {
            template: Some(template.to_owned()),
            content_hash: template.len().to_string(),
            ..Prompt::example()
        }
    }

    #[test]
    fn texts_that_differ_everywhere_are_compared_in_time() {
        let lines = |step: usize| {
            let lines = (0..60_000).map(|n| format!("{}\n", n * step % 60_013));
            lines
                .collect::<String>()
                .chars()
                .take(200_000)
                .collect::<String>()
        };
        let begin = Instant::now();
        let diff = diff(Some(&text(&lines(7_919))), &text(&lines(31)));
        assert!(
            begin.elapsed() < Duration::from_secs(10),
            "{:?}",
            begin.elapsed()
        );
        assert!(diff.hunks_truncated);
        let listed: usize = diff.hunks.iter().map(|hunk| hunk.lines.len()).sum();
        assert_eq!(listed, MAX_LINES);
    }

    #[test]
    fn a_carriage_return_ends_no_line() {
        let diff = diff(Some(&text("a\rb")), &text("a\rc"));
        assert!(
            diff.unified.contains("\n-a\rb\n+a\rc\n"),
            "{}",
            diff.unified
        );
        assert_eq!(diff.hunks[0].lines[1].text, "a\rb");
    }

    #[test]
    fn a_line_break_at_the_end_is_a_difference() {
        let diff = diff(Some(&text("a")), &text("a\n"));
        let lines = &diff.hunks[0].lines;
        let inserted: Vec<_> = lines
            .iter()
            .filter(|l| l.tag == PromptDiffTag::Insert)
            .collect();
        assert_eq!((inserted.len(), inserted[0].text.as_str()), (1, ""));
        assert!(diff.unified.contains("\n+\n"));
    }
}
