//! Filters, and the SQL that they become: as long as they are, and nothing of them in its text.

use super::{Condition, Part};
use crate::{embeddings::filter::Filter, fuzzing::json::Json};

/// The most filters of a filter, and the most tokens of a path, as they are documented.
const MAX_FILTERS: usize = 100;
const MAX_TOKENS: usize = 16;

/// The target: the input is the query parameter.
pub fn check(input: &[u8]) {
    let Ok(text) = std::str::from_utf8(input) else {
        return;
    };
    let Ok(filter) = Filter::from_parameter(text) else {
        return;
    };
    let mut count = 0;
    bounded(&filter, &mut count);
    let written = serde_json::to_string(&filter).unwrap_or_default();
    match Filter::from_parameter(&written) {
        Ok(again) => {
            let again = serde_json::to_string(&again).unwrap_or_default();
            assert_eq!(Json::read(&again), Json::read(&written));
        }
        Err(error) => panic!("{written}: {error:?}"),
    }
    let Condition(parts) = Condition::new(&filter);
    let mut depth = 0;
    let mut bytes = 0;
    for part in &parts {
        match part {
            Part::Sql(sql) => {
                depth += sql.matches('(').count();
                depth -= sql.matches(')').count();
            }
            Part::Path(path) => bytes += path.iter().map(String::len).sum::<usize>(),
            Part::Json(json) => bytes += stored(json.text()),
            Part::Jsons(all) => bytes += all.iter().map(|json| stored(json.text())).sum::<usize>(),
            Part::Text(text) => bytes += text.len(),
        }
    }
    assert_eq!(depth, 0, "{parts:?}");
    // A path is told up to four times for each comparison, of which there are ten.
    assert!(
        parts.len() <= 64 * count && bytes <= 40 * text.len(),
        "{parts:?}"
    );
}

fn stored(text: &str) -> usize {
    Json::read(text).assert_storable();
    text.len()
}

fn bounded(filter: &Filter, count: &mut usize) {
    *count += 1;
    assert!(*count <= MAX_FILTERS);
    let tokens = filter.tokens();
    assert!(tokens.len() <= MAX_TOKENS);
    let escape = |token: &String| token.replace('~', "~0").replace('/', "~1");
    let path: String = tokens
        .iter()
        .map(|token| format!("/{}", escape(token)))
        .collect();
    assert_eq!(path, filter.path.as_deref().unwrap_or_default());
    let lists = filter.and.iter().chain(&filter.or).flatten();
    for inner in lists.chain(filter.not.as_deref()) {
        bounded(inner, count);
    }
}
