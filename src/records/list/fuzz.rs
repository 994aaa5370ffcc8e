//! Searches for texts: nothing in them is a wildcard.

use super::{AttributeFilter, containing};

/// The target.
pub fn check(input: &[u8]) {
    let text = String::from_utf8_lossy(input);
    assert_eq!(literal(&containing(&text)), format!("%{text}%"));
    let filters = AttributeFilter::all(vec![text.clone().into_owned()]);
    let written = filters.iter().map(|filter| match &filter.value {
        Some(value) => format!("{}={value}", filter.key),
        None => filter.key.clone(),
    });
    assert_eq!(written.collect::<String>(), text);
}

/// What a pattern of LIKE stands for, with `%` for its own wildcards only.
fn literal(pattern: &str) -> String {
    let mut characters = pattern.chars();
    let mut text = String::new();
    let mut wildcards = 0;
    while let Some(character) = characters.next() {
        match character {
            '\\' => text.extend(characters.next()),
            '%' | '_' => {
                wildcards += 1;
                text.push(character);
            }
            other => text.push(other),
        }
    }
    assert_eq!(wildcards, 2, "{pattern}");
    text
}
