//! Filters as SQL. Every value is a parameter; only the operators are text.

use diesel::{
    pg::Pg,
    query_builder::{AstPass, QueryFragment},
    result::QueryResult,
    sql_types::{Array, Jsonb, Text},
};

use crate::{
    embeddings::filter::{Filter, Scalar, ScalarType},
    raw_json::RawJson,
};

/// A filter whose parameters are at hand, as a condition on the column `metadata`. It is true or
/// false, never unknown. As its text follows the filter, a statement with it must not be kept
/// prepared: the caller would decide how many there are.
#[derive(Debug)]
pub struct Condition(Vec<Part>);

/// A piece of SQL, or a parameter.
#[derive(Debug)]
enum Part {
    Sql(&'static str),
    Path(Vec<String>),
    Json(RawJson),
    Jsons(Vec<RawJson>),
    Text(String),
}

impl Condition {
    /// The condition that a filter is.
    pub fn new(filter: &Filter) -> Self {
        let mut parts = Vec::new();
        all(filter, &mut parts);
        Self(parts)
    }
}

impl QueryFragment<Pg> for Condition {
    fn walk_ast<'b>(&'b self, mut out: AstPass<'_, 'b, Pg>) -> QueryResult<()> {
        out.unsafe_to_cache_prepared();
        for part in &self.0 {
            match part {
                Part::Sql(sql) => out.push_sql(sql),
                Part::Path(path) => out.push_bind_param::<Array<Text>, _>(path)?,
                Part::Json(json) => out.push_bind_param::<Jsonb, _>(json)?,
                Part::Jsons(jsons) => out.push_bind_param::<Array<Jsonb>, _>(jsons)?,
                Part::Text(text) => out.push_bind_param::<Text, _>(text)?,
            }
        }
        Ok(())
    }
}

/// Everything that a filter says.
fn all(filter: &Filter, parts: &mut Vec<Part>) {
    let path = filter.tokens();
    parts.push(Part::Sql("(TRUE"));
    if let Some(value) = &filter.eq {
        parts.push(Part::Sql(" AND "));
        equal(&path, value, parts);
    }
    if let Some(value) = &filter.ne {
        parts.push(Part::Sql(" AND NOT "));
        equal(&path, value, parts);
    }
    if let Some(values) = &filter.r#in {
        parts.push(Part::Sql(" AND coalesce(metadata #> "));
        parts.push(Part::Path(path.clone()));
        parts.push(Part::Sql(" = ANY("));
        parts.push(Part::Jsons(values.clone()));
        parts.push(Part::Sql("), FALSE)"));
    }
    for (operator, value) in [
        (" < ", &filter.lt),
        (" <= ", &filter.lte),
        (" > ", &filter.gt),
        (" >= ", &filter.gte),
    ] {
        if let Some(value) = value {
            compare(&path, operator, value, parts);
        }
    }
    if let Some(exists) = filter.exists {
        parts.push(Part::Sql(" AND metadata #> "));
        parts.push(Part::Path(path.clone()));
        parts.push(Part::Sql(if exists { " IS NOT NULL" } else { " IS NULL" }));
    }
    if let Some(value) = &filter.contains {
        contains(&path, value, parts);
    }
    if let Some(text) = &filter.prefix {
        text_at(&path, " AND coalesce(starts_with(", parts);
        parts.push(Part::Sql(", "));
        parts.push(Part::Text(text.clone()));
        parts.push(Part::Sql("), FALSE)"));
    }
    if let Some(filters) = &filter.and {
        several(" AND ", filters, parts);
    }
    if let Some(filters) = &filter.or {
        several(" OR ", filters, parts);
    }
    if let Some(filter) = &filter.not {
        parts.push(Part::Sql(" AND NOT "));
        all(filter, parts);
    }
    parts.push(Part::Sql(")"));
}

fn several(between: &'static str, filters: &[Filter], parts: &mut Vec<Part>) {
    parts.push(Part::Sql(" AND ("));
    for (index, filter) in filters.iter().enumerate() {
        if index > 0 {
            parts.push(Part::Sql(between));
        }
        all(filter, parts);
    }
    parts.push(Part::Sql(")"));
}

/// Whether what is at a path equals a value. As far as it can, it says so in the form that the index of
/// a dataset's metadata knows.
fn equal(path: &[String], value: &RawJson, parts: &mut Vec<Part>) {
    // A number may be a key of an object or a place in an array; an object or an array contains what
    // is less than it.
    let place = |token: &String| {
        token
            .bytes()
            .all(|byte| byte.is_ascii_digit() || byte == b'-')
    };
    let scalar = !value.text().starts_with(['{', '[']);
    if scalar && !path.is_empty() && !path.iter().any(place) {
        parts.push(Part::Sql("metadata @> "));
        parts.push(Part::Json(value.within(path)));
        return;
    }
    parts.push(Part::Sql("coalesce(metadata #> "));
    parts.push(Part::Path(path.to_vec()));
    parts.push(Part::Sql(" = "));
    parts.push(Part::Json(value.clone()));
    parts.push(Part::Sql(", FALSE)"));
}

/// `before`, and then the text that is at a path, or NULL when there is no text.
fn text_at(path: &[String], before: &'static str, parts: &mut Vec<Part>) {
    parts.push(Part::Sql(before));
    parts.push(Part::Sql("CASE jsonb_typeof(metadata #> "));
    parts.push(Part::Path(path.to_vec()));
    parts.push(Part::Sql(") WHEN 'string' THEN metadata #>> "));
    parts.push(Part::Path(path.to_vec()));
    parts.push(Part::Sql(" END"));
}

fn compare(path: &[String], operator: &'static str, value: &Scalar, parts: &mut Vec<Part>) {
    let kind = match value.kind() {
        ScalarType::Text => {
            // The database's own order of texts is its collation's.
            text_at(path, " AND coalesce((", parts);
            parts.push(Part::Sql(") COLLATE \"C\""));
            parts.push(Part::Sql(operator));
            parts.push(Part::Text(value.as_text().unwrap_or_default()));
            parts.push(Part::Sql(", FALSE)"));
            return;
        }
        ScalarType::Number => ") = 'number' AND metadata #> ",
        ScalarType::Boolean => ") = 'boolean' AND metadata #> ",
    };
    parts.push(Part::Sql(" AND coalesce(jsonb_typeof(metadata #> "));
    parts.push(Part::Path(path.to_vec()));
    parts.push(Part::Sql(kind));
    parts.push(Part::Path(path.to_vec()));
    parts.push(Part::Sql(operator));
    parts.push(Part::Json(value.0.clone()));
    parts.push(Part::Sql(", FALSE)"));
}

fn contains(path: &[String], value: &Scalar, parts: &mut Vec<Part>) {
    parts.push(Part::Sql(" AND (coalesce(jsonb_typeof(metadata #> "));
    parts.push(Part::Path(path.to_vec()));
    parts.push(Part::Sql(") = 'array' AND metadata #> "));
    parts.push(Part::Path(path.to_vec()));
    parts.push(Part::Sql(" @> "));
    parts.push(Part::Json(value.0.clone()));
    parts.push(Part::Sql(", FALSE)"));
    if let Some(text) = value.as_text() {
        text_at(path, " OR coalesce(strpos(", parts);
        parts.push(Part::Sql(", "));
        parts.push(Part::Text(text));
        parts.push(Part::Sql(") > 0, FALSE)"));
    }
    parts.push(Part::Sql(")"));
}

#[cfg(any(test, fuzzing))]
pub mod fuzz;
