//! How much work a JSON Schema makes, reckoned before it is used.
//!
//! A few lines of `$ref` can stand for billions of rules, or for a circle. So a schema is weighed with
//! all its references followed, and what is too heavy is refused.

use std::collections::HashMap;

use percent_encoding::percent_decode_str;
use serde_json::Value;

/// The one dialect.
const DIALECT: &str = "https://json-schema.org/draft/2020-12/schema";
/// How deep a schema may be nested, references followed.
const MAX_HEIGHT: usize = 100;
/// The most rules, references followed.
const MAX_RULES: u64 = 100_000;

/// What a schema weighs.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Weight {
    /// The rules and constants in it, references followed.
    pub rules: u64,
    /// The regular expressions in it, references followed.
    pub patterns: u64,
    height: usize,
}

impl Weight {
    fn of(rules: u64) -> Self {
        Self {
            rules,
            ..Self::default()
        }
    }

    fn add(&mut self, part: Self) {
        self.rules = self.rules.saturating_add(part.rules);
        self.patterns = self.patterns.saturating_add(part.patterns);
        self.height = self.height.max(part.height);
    }
}

/// Why a schema is refused: where in it (a JSON Pointer), and what is wrong there.
pub type Refusal = (String, String);

/// Weighs a schema.
///
/// # Errors
/// When it refers to anything but a place in itself, refers to itself in a circle, is of another
/// dialect, or is too heavy.
pub fn weigh(schema: &Value) -> Result<Weight, Refusal> {
    let mut scale = Scale {
        root: schema,
        targets: HashMap::new(),
    };
    let weight = scale.schema(schema, "", 0)?;
    if weight.rules > MAX_RULES {
        let message = format!("has more than {MAX_RULES} rules once its references are followed");
        return Err((String::new(), message));
    }
    Ok(weight)
}

struct Scale<'a> {
    root: &'a Value,
    /// What the targets of references weigh; `None` while they are weighed.
    targets: HashMap<String, Option<Weight>>,
}

impl<'a> Scale<'a> {
    fn schema(&mut self, schema: &'a Value, at: &str, depth: usize) -> Result<Weight, Refusal> {
        if depth > MAX_HEIGHT {
            return Err(too_deep(at));
        }
        let Value::Object(members) = schema else {
            return Ok(Weight::of(1));
        };
        let mut whole = Weight::of(1);
        for (keyword, value) in members {
            let place = format!("{at}/{}", escaped(keyword));
            let part = self.keyword(keyword, value, &place, depth)?;
            whole.add(part);
        }
        if ["unevaluatedItems", "unevaluatedProperties"]
            .iter()
            .any(|keyword| members.contains_key(*keyword))
        {
            // What was evaluated is found out by evaluating once more.
            whole.add(whole);
        }
        whole.height += 1;
        Ok(whole)
    }

    fn keyword(
        &mut self,
        keyword: &str,
        value: &'a Value,
        at: &str,
        depth: usize,
    ) -> Result<Weight, Refusal> {
        let refused = |message: &str| Err((at.to_owned(), message.to_owned()));
        match (keyword, value) {
            ("$ref", Value::String(target)) => self.reference(target, at, depth),
            ("$schema", Value::String(dialect)) if dialect.trim_end_matches('#') != DIALECT => {
                refused(&format!("must be {DIALECT}"))
            }
            ("$id", _) if depth > 0 => refused("must stand at the root only"),
            (
                "$anchor" | "$dynamicAnchor" | "$dynamicRef" | "$recursiveAnchor" | "$recursiveRef"
                | "$vocabulary",
                _,
            ) => refused("is not supported: refer to places as `\"$ref\": \"#/$defs/name\"`"),
            ("pattern", _) => Ok(Weight {
                patterns: 1,
                ..Weight::of(1)
            }),
            (
                "properties" | "patternProperties" | "dependentSchemas" | "dependencies" | "$defs"
                | "definitions",
                Value::Object(members),
            ) => {
                let mut whole = Weight::of(1);
                for (name, schema) in members {
                    let place = format!("{at}/{}", escaped(name));
                    whole.add(self.schema(schema, &place, depth + 1)?);
                }
                match keyword {
                    // They count where they are referred to.
                    "$defs" | "definitions" => Ok(Weight::of(1)),
                    "patternProperties" => {
                        whole.patterns = whole.patterns.saturating_add(members.len() as u64);
                        Ok(whole)
                    }
                    _ => Ok(whole),
                }
            }
            ("allOf" | "anyOf" | "oneOf" | "prefixItems", Value::Array(schemas)) => {
                let mut whole = Weight::of(1);
                for (index, schema) in schemas.iter().enumerate() {
                    whole.add(self.schema(schema, &format!("{at}/{index}"), depth + 1)?);
                }
                Ok(whole)
            }
            (
                "additionalItems"
                | "additionalProperties"
                | "contains"
                | "contentSchema"
                | "else"
                | "if"
                | "items"
                | "not"
                | "propertyNames"
                | "then"
                | "unevaluatedItems"
                | "unevaluatedProperties",
                schema,
            ) => self.schema(schema, at, depth + 1),
            (_, constant) => Ok(Weight::of(nodes(constant))),
        }
    }

    fn reference(&mut self, target: &str, at: &str, depth: usize) -> Result<Weight, Refusal> {
        let refused = |message: &str| Err((at.to_owned(), message.to_owned()));
        let decoded = percent_decode_str(target).decode_utf8_lossy();
        let pointer = match decoded.strip_prefix('#') {
            Some(pointer) if pointer.is_empty() || pointer.starts_with('/') => pointer,
            _ => {
                return refused(
                    "must refer to a place in this schema, such as `#/$defs/name`; other documents are not \
                     fetched",
                );
            }
        };
        let Some(schema) = self.root.pointer(pointer) else {
            return refused("refers to nothing");
        };
        let weight = match self.targets.get(pointer) {
            Some(Some(weight)) if depth + weight.height > MAX_HEIGHT => {
                return Err(too_deep(at));
            }
            Some(Some(weight)) => *weight,
            Some(None) => return refused("refers to itself in a circle"),
            None => {
                self.targets.insert(pointer.to_owned(), None);
                // Errors within are those of the target's own place.
                let weight = self.schema(schema, pointer, depth + 1)?;
                self.targets.insert(pointer.to_owned(), Some(weight));
                weight
            }
        };
        let mut whole = Weight::of(1);
        whole.add(weight);
        Ok(whole)
    }
}

fn too_deep(at: &str) -> Refusal {
    let message = format!("is nested deeper than {MAX_HEIGHT} schemas, references followed");
    (at.to_owned(), message)
}

/// How many values a value is made of.
pub fn nodes(value: &Value) -> u64 {
    match value {
        Value::Array(items) => 1 + items.iter().map(nodes).sum::<u64>(),
        Value::Object(members) => 1 + members.values().map(nodes).sum::<u64>(),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => 1,
    }
}

/// RFC 6901 §3: `~` and `/` are escaped in a reference token.
fn escaped(token: &str) -> String {
    token.replace('~', "~0").replace('/', "~1")
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn refusal(schema: Value) -> Refusal {
        weigh(&schema).unwrap_err()
    }

    #[test]
    fn references_count_where_they_stand() {
        let port = json!({ "type": "integer", "minimum": 1 });
        let one = weigh(&json!({ "properties": { "a": port } })).unwrap();
        let twice = json!({
            "$defs": { "port": port },
            "properties": { "a": { "$ref": "#/$defs/port" }, "b": { "$ref": "#/%24defs/port" } },
        });
        let twice = weigh(&twice).unwrap();
        assert!(twice.rules > 2 * (one.rules - 2), "{one:?} {twice:?}");
        let names =
            json!({ "properties": { "$ref": true, "$id": true, "pattern": { "pattern": "a" } } });
        assert_eq!(
            weigh(&names).unwrap().patterns,
            1,
            "names of properties are no keywords"
        );
        let constants =
            json!({ "const": { "$ref": "x" }, "enum": [{ "$id": 1 }], "default": { "$ref": 1 } });
        assert!(weigh(&constants).is_ok());
    }

    #[test]
    fn what_leads_out_or_in_circles_is_refused_by_place() {
        for (schema, place) in [
            (json!({ "$ref": "https://example.com/s" }), "/$ref"),
            (
                json!({ "items": { "$ref": "file:///etc/passwd" } }),
                "/items/$ref",
            ),
            (json!({ "$ref": "other.json#/a" }), "/$ref"),
            (json!({ "$ref": "#name" }), "/$ref"),
            (json!({ "$ref": "#/$defs/none" }), "/$ref"),
            (json!({ "$ref": "#" }), "/$ref"),
            (
                json!({ "properties": { "a/b": { "$ref": "#" } } }),
                "/properties/a~1b/$ref",
            ),
            (
                json!({ "$defs": { "a": { "items": { "$ref": "#/$defs/b" } }, "b": { "not": { "$ref": "#/$defs/a" } } } }),
                "/$defs/a/items/$ref",
            ),
            (
                json!({ "$schema": "http://json-schema.org/draft-07/schema#" }),
                "/$schema",
            ),
            (json!({ "$anchor": "a" }), "/$anchor"),
            (json!({ "allOf": [{ "$id": "b" }] }), "/allOf/0/$id"),
            (json!({ "$dynamicRef": "#a" }), "/$dynamicRef"),
        ] {
            assert_eq!(refusal(schema.clone()).0, place, "{schema}");
        }
        assert!(weigh(&json!({ "$schema": DIALECT, "$id": "https://example.com/s" })).is_ok());
    }

    #[test]
    fn a_schema_that_unfolds_without_end_is_too_heavy() {
        let mut definitions = serde_json::Map::new();
        for n in 0..8 {
            let next = json!({ "$ref": format!("#/$defs/d{}", n + 1) });
            definitions.insert(format!("d{n}"), json!({ "allOf": vec![next; 20] }));
        }
        definitions.insert("d8".into(), json!(true));
        let (place, message) = refusal(json!({ "$defs": definitions, "$ref": "#/$defs/d0" }));
        assert!(
            place.is_empty() && message.contains("more than"),
            "{place} {message}"
        );

        let mut nested = json!(true);
        for _ in 0..60 {
            nested = json!({ "unevaluatedProperties": false, "allOf": [nested] });
        }
        assert!(refusal(nested).1.contains("more than"));

        let mut chain = serde_json::Map::new();
        for n in 0..1_000 {
            chain.insert(
                n.to_string(),
                json!({ "$ref": format!("#/$defs/{}", n + 1) }),
            );
        }
        chain.insert("1000".into(), json!(true));
        let chain = json!({ "$defs": chain, "$ref": "#/$defs/0" });
        assert!(refusal(chain).1.contains("nested deeper"));
    }
}
