//! Whether a config's value fits its JSON Schema.

use std::sync::{Arc, LazyLock};

use jsonschema::{
    Draft, PatternOptions, ValidationError, ValidationOptions, error::ValidationErrorKind,
};
use tokio::{sync::Semaphore, task::spawn_blocking};

use super::{
    value::ConfigValue,
    weigh::{nodes, weigh},
};
use crate::{
    problem::{ApiError, FieldError, Problem, ProblemCode},
    values::JsonObject,
};

/// The most rules of the schema times values in the value.
const MAX_WORK: u64 = 20_000_000;
/// The most regular expressions of the schema times bytes of the value's JSON.
const MAX_MATCHING: u64 = 4 * 1024 * 1024;
/// The most bytes that a compiled regular expression may take.
const MAX_PATTERN_BYTES: usize = 64 * 1024;
/// How many errors an answer names.
const MAX_ERRORS: usize = 20;
/// The longest text about one error, and the longest pointer, in characters.
const MAX_TEXT: usize = 500;
/// How many validations run at once, so that heavy ones leave the processor to other requests.
const AT_ONCE: usize = 2;

static SLOTS: LazyLock<Arc<Semaphore>> = LazyLock::new(|| Arc::new(Semaphore::new(AT_ONCE)));

/// Refuses with 422 a schema that is none, and a value that does not fit it. Nothing is said of a
/// secret but which rule it breaks.
pub async fn validate(
    schema: &JsonObject,
    value: &ConfigValue,
    secret: bool,
) -> Result<(), ApiError> {
    let unavailable = || {
        let detail = "The server cannot validate a schema just now; try again.";
        ApiError::new(Problem::new(ProblemCode::Unavailable, detail))
    };
    let slot = Arc::clone(&SLOTS).acquire_owned().await;
    let (schema, value) = (schema.clone(), value.clone());
    let checked = spawn_blocking(move || {
        let errors = errors(&schema, &value, secret);
        drop(slot);
        errors
    });
    let errors = checked.await.map_err(|_| unavailable())?;
    if errors.is_empty() {
        Ok(())
    } else {
        Err(ApiError::new(Problem::invalid(errors)))
    }
}

/// What is wrong with the schema, or with the value by it.
fn errors(schema: &JsonObject, value: &ConfigValue, secret: bool) -> Vec<FieldError> {
    let schema = serde_json::Value::Object(schema.members().clone());
    let in_schema = |place: &str, message: &str| vec![field_error("/schema", place, message)];
    let invalid = jsonschema::draft202012::meta::validator();
    let invalid: Vec<_> = invalid
        .iter_errors(&schema)
        .take(MAX_ERRORS)
        .map(|error| at_instance("/schema", &error))
        .collect();
    if !invalid.is_empty() {
        return invalid;
    }
    let weight = match weigh(&schema) {
        Ok(weight) => weight,
        Err((place, message)) => return in_schema(&place, &message),
    };
    let work = weight.rules.saturating_mul(nodes(value.as_json()));
    let length = value.encoded().len() as u64;
    if work > MAX_WORK || weight.patterns.saturating_mul(length) > MAX_MATCHING {
        let message = "has too many rules for a value of this size";
        return in_schema("", message);
    }
    let validator = match options().build(&schema) {
        Ok(validator) => validator,
        Err(error) => {
            let message = match error.kind() {
                ValidationErrorKind::Format { .. } => {
                    "is not a regular expression without look-around and back-references, or is too large"
                        .to_owned()
                }
                _ => error.masked().to_string(),
            };
            return vec![field_error(
                "/schema",
                error.schema_path().as_str(),
                &message,
            )];
        }
    };
    let broken = validator.iter_errors(value.as_json()).take(MAX_ERRORS);
    if !secret {
        return broken.map(|error| at_instance("/value", &error)).collect();
    }
    broken
        .map(|error| {
            let rule = error.schema_path().as_str();
            field_error(
                "/value",
                "",
                &format!("breaks the rule {rule} of the schema"),
            )
        })
        .collect()
}

fn options() -> ValidationOptions<'static> {
    let patterns = PatternOptions::regex().size_limit(MAX_PATTERN_BYTES);
    jsonschema::options()
        .with_draft(Draft::Draft202012)
        .with_pattern_options(patterns)
}

/// The error at its place, without the value itself, which may be long.
fn at_instance(root: &str, error: &ValidationError<'_>) -> FieldError {
    let place = error.instance_path().as_str();
    field_error(root, place, &error.masked().to_string())
}

fn field_error(root: &str, place: &str, message: &str) -> FieldError {
    let place = if place.chars().count() > MAX_TEXT {
        ""
    } else {
        place
    };
    let message: String = message.chars().take(MAX_TEXT).collect();
    FieldError::body(format!("{root}{place}"), message)
}

#[cfg(any(test, fuzzing))]
pub mod fuzz;

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    fn check(schema: Value, value: Value, secret: bool) -> Vec<(String, String)> {
        let schema = serde_json::from_value(schema).unwrap();
        let errors = errors(&schema, &value.into(), secret).into_iter();
        let errors = errors.map(|error| (error.pointer.unwrap(), error.message));
        errors.collect()
    }

    #[test]
    fn errors_name_the_place_in_the_value() {
        let schema = json!({
            "type": "object",
            "properties": {
                "name": true,
                "a/b": { "items": { "type": "integer", "maximum": 9 } },
            },
            "required": ["name"],
            "additionalProperties": false,
        });
        assert_eq!(
            check(schema.clone(), json!({ "name": 1, "a/b": [1, 9] }), false),
            []
        );
        let broken = check(schema, json!({ "a/b": [1, "x", 10], "c": 1 }), false);
        let mut places: Vec<_> = broken.iter().map(|(place, _)| place.as_str()).collect();
        places.sort_unstable();
        assert_eq!(
            places,
            ["/value", "/value", "/value/a~1b/1", "/value/a~1b/2"],
            "{broken:?}"
        );
    }

    #[test]
    fn of_a_secret_only_the_rule_is_told() {
        let schema = json!({
            "properties": { "p": { "pattern": "^x" } },
            "additionalProperties": false,
            "propertyNames": { "maxLength": 3 },
        });
        let broken = check(
            schema,
            json!({ "p": "hunter2", "hunter2": "hunter2" }),
            true,
        );
        assert!(broken.len() >= 2, "{broken:?}");
        for (place, message) in broken {
            assert_eq!(place, "/value");
            assert!(
                message.starts_with("breaks the rule /") && !message.contains("hunter2"),
                "{message}"
            );
        }
    }

    #[test]
    fn a_schema_that_is_none_is_refused_by_place() {
        for (schema, place) in [
            (json!({ "type": 7 }), "/schema/type"),
            (
                json!({ "properties": { "a": { "minimum": "x" } } }),
                "/schema/properties/a/minimum",
            ),
            (json!({ "required": "a" }), "/schema/required"),
            (json!({ "$ref": "https://example.com/s" }), "/schema/$ref"),
            (json!({ "items": { "$ref": "#" } }), "/schema/items/$ref"),
        ] {
            let errors = check(schema.clone(), json!(1), false);
            assert!(
                errors.iter().any(|(found, _)| found == place),
                "{schema}: {errors:?}"
            );
        }
        for pattern in ["(", "(?=a)b", "(a{1000}){1000}", "\\1"] {
            for schema in [
                json!({ "pattern": pattern }),
                json!({ "patternProperties": { pattern: true } }),
            ] {
                let errors = check(schema, json!("text"), false);
                assert!(
                    errors.len() == 1 && errors[0].0.starts_with("/schema/pattern"),
                    "{pattern}: {errors:?}"
                );
            }
        }
        for pattern in [
            "^[a-z0-9][a-z0-9._-]{0,127}$",
            r"^\w{1,64}$",
            r"^\d{4}-\d{2}-\d{2}T",
            r"\p{L}",
        ] {
            let errors = check(json!({ "pattern": pattern }), json!(1), false);
            assert_eq!(errors, [], "{pattern}");
        }
    }

    #[test]
    fn numbers_of_any_size_are_compared() {
        let big = "123456789012345678901234567890";
        let value: Value = serde_json::from_str(big).unwrap();
        assert_eq!(
            check(
                json!({ "type": "integer", "minimum": 1 }),
                value.clone(),
                false
            ),
            []
        );
        assert_eq!(
            check(json!({ "maximum": 1 }), value.clone(), false).len(),
            1
        );
        assert_eq!(check(json!({ "multipleOf": 0.1 }), json!(0.3), false), []);
        assert_eq!(check(json!({ "const": value }), value, false), []);
        assert_eq!(check(json!({ "const": 1.0 }), json!(1), false), []);
    }

    #[test]
    fn the_heaviest_work_that_is_let_through_takes_no_long_time() {
        let begin = std::time::Instant::now();
        let long = Value::Array(vec![json!(0); 100_000]);
        let words: Vec<_> = (1..150).collect();
        let heavy = json!({ "items": { "not": { "enum": words } } });
        assert_eq!(check(heavy, long.clone(), false), []);
        let too_many: Vec<_> = (1..300).collect();
        let refused = check(
            json!({ "items": { "not": { "enum": too_many } } }),
            long,
            false,
        );
        assert_eq!(refused[0].0, "/schema");
        let text = json!("0".repeat(250_000));
        let thrash = json!({ "not": { "pattern": "1[01]{40}$" }, "pattern": "(0|00|000){1,60}$" });
        assert_eq!(check(thrash, text, false), []);
        let mut deep = json!(true);
        for _ in 0..60 {
            deep = json!({ "anyOf": [false, deep] });
        }
        assert_eq!(check(deep, json!(1), false), []);
        assert!(begin.elapsed().as_secs() < 30, "{:?}", begin.elapsed());
    }

    #[test]
    fn the_deepest_schemas_fit_the_stack() {
        let mut deep = json!(true);
        for _ in 0..126 {
            deep = json!({ "not": deep });
        }
        assert!(check(deep, json!(1), false)[0].1.contains("nested deeper"));
        let mut chain = serde_json::Map::new();
        for n in 0..95 {
            let next = json!({ "$ref": format!("#/$defs/{}", n + 1) });
            chain.insert(n.to_string(), next);
        }
        let mut value = json!("x");
        let mut last = json!({ "type": "integer" });
        for _ in 0..3 {
            value = json!([value]);
            last = json!({ "items": last });
        }
        chain.insert("95".into(), last);
        let broken = check(json!({ "$defs": chain, "$ref": "#/$defs/0" }), value, false);
        assert_eq!(broken[0].0, "/value/0/0/0", "{broken:?}");
    }
}
