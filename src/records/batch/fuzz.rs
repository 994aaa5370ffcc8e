//! Batches: an array and the same objects on lines are the same records.

use serde_json::value::RawValue;

use super::{MAX_ITEMS, check_each, parse_array, parse_lines};
use crate::logs::model::NewLog;

/// The target: the input is an array, and lines.
pub fn check(input: &[u8]) {
    let lines = parse_lines::<NewLog>(input).and_then(check_each);
    if let Ok(records) = &lines {
        assert!((1..=MAX_ITEMS).contains(&records.len()));
        let lines = input.split(|byte| *byte == b'\n');
        let lines: Vec<_> = lines.filter(|line| !line.trim_ascii().is_empty()).collect();
        same(
            records,
            &[b"[", lines.join(&b","[..]).as_slice(), b"]"].concat(),
            parse_array,
        );
    }
    let Ok(records) = parse_array::<NewLog>(input).and_then(check_each) else {
        return;
    };
    assert!((1..=MAX_ITEMS).contains(&records.len()));
    let items: Vec<&RawValue> = serde_json::from_slice(input).unwrap_or_default();
    let lines: Vec<_> = items
        .iter()
        .map(|item| item.get().replace(['\n', '\r'], " "))
        .collect();
    same(&records, lines.join("\n").as_bytes(), parse_lines);
}

type Reader = fn(&[u8]) -> Result<Vec<NewLog>, Box<crate::problem::Problem>>;

fn same(records: &[NewLog], written: &[u8], read: Reader) {
    let told = |records: &[NewLog]| {
        // Free JSON keeps the white space between its parts, line breaks among them.
        let told = records.iter().map(|record| format!("{record:?}"));
        told.collect::<String>().replace(['\n', '\r'], " ")
    };
    match read(written).and_then(check_each) {
        Ok(again) => assert_eq!(told(&again), told(records)),
        Err(problem) => panic!("{}: {}", written.escape_ascii(), problem.detail),
    }
}
