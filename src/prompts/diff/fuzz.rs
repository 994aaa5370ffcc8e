//! Differences: whoever applies them to the one version has the other.

use poem_openapi::types::Example;

use super::{MAX_LINES, diff, text_form};
use crate::prompts::{
    changes::{PromptDiff, PromptDiffTag},
    model::Prompt,
};

/// The target: the input are two templates with a line of `====` between them.
pub fn check(input: &[u8]) {
    let text = String::from_utf8_lossy(input);
    let (one, other) = text.split_once("\n====\n").unwrap_or((&text, ""));
    let (one, other) = (prompt(one), prompt(other));
    for (old, new) in [(Some(&one), &other), (Some(&other), &one), (None, &one)] {
        let old_text = old.map(text_form).unwrap_or_default();
        told(&diff(old, new), &old_text, &text_form(new));
    }
}

fn prompt(template: &str) -> Prompt {
    Prompt {
        template: Some(template.to_owned()),
        content_hash: template.to_owned(),
        ..Prompt::example()
    }
}

fn told(diff: &PromptDiff, old: &str, new: &str) {
    let old: Vec<_> = old.split_terminator('\n').collect();
    let place = |number: i32, lines: i32| {
        let first = usize::try_from(number).unwrap_or_default();
        if lines > 0 { first - 1 } else { first }
    };
    let (mut made, mut next, mut listed) = (Vec::new(), 0, 0);
    for hunk in &diff.hunks {
        let begin = place(hunk.old_start, hunk.old_lines);
        made.extend_from_slice(&old[next..begin]);
        next = begin;
        assert_eq!(made.len(), place(hunk.new_start, hunk.new_lines));
        listed += hunk.lines.len();
        for line in &hunk.lines {
            if line.tag != PromptDiffTag::Insert {
                assert_eq!(line.text, old[next]);
                next += 1;
            }
            if line.tag != PromptDiffTag::Delete {
                made.push(&line.text);
            }
        }
    }
    assert!(listed <= MAX_LINES);
    assert_eq!(diff.hunks.is_empty(), diff.unified.is_empty());
    if !diff.hunks_truncated {
        made.extend_from_slice(&old[next..]);
        assert_eq!(made, new.split_terminator('\n').collect::<Vec<_>>());
    }
}
