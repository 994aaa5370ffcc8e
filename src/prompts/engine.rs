//! The engine: one template and its variables become text, within bounds of steps, memory and output.

use std::io;

use minijinja::{
    AutoEscape, Environment, Error, ErrorKind, UndefinedBehavior, Value, functions,
    tests::is_divisibleby,
};
use serde_json::Value as Json;

use super::{filters, template, tokens};

/// The most bytes that a rendered prompt may have.
const MAX_OUTPUT_BYTES: usize = 1024 * 1024;
/// The most steps that the templates of a prompt may take together.
const MAX_STEPS: usize = 100_000;
/// What the steps may touch: each may go once over the largest value that there can be. The slowest,
/// comparing lists of numbers, take a bit more than a second for it.
const MAX_TOUCHED_BYTES: usize = 4 * 1024 * 1024 * 1024;
/// The largest value that a template may be able to make out of what it is given.
const MAX_REACH: usize = 16 * 1024 * 1024;
/// Filters may make values that are twice as large as all that they are given, or this large.
const MIN_VALUE: usize = 64 * 1024;
/// The most numbers of a `range`.
const MAX_RANGE: usize = 1_000;
/// The most characters of MiniJinja's own words in an error: it may quote values.
const MAX_MESSAGE_CHARS: usize = 300;

/// Why a template gave no text.
#[derive(Debug, PartialEq, Eq)]
pub enum Failure {
    /// It uses a variable that was not given.
    Missing,
    /// It went wrong, in these words.
    Wrong(String),
}

/// The language of the templates: no files, no macros, nothing that the server does not bound.
pub fn environment<'source>() -> Environment<'source> {
    let mut environment = Environment::new();
    environment.set_debug(false);
    environment.set_undefined_behavior(UndefinedBehavior::Strict);
    environment.set_auto_escape_callback(|_| AutoEscape::None);
    // A prompt comes out as it was written, to the last line break.
    environment.set_keep_trailing_newline(true);
    for name in ["debug", "dict", "namespace"] {
        environment.remove_global(name);
    }
    environment.add_function("range", range);
    environment.add_test("divisibleby", divisible_by);
    environment
}

/// The numbers from `lower` to below `upper`, at most [`MAX_RANGE`].
fn range(lower: isize, upper: Option<isize>, step: Option<isize>) -> Result<Value, Error> {
    // MiniJinja reckons with them: the sum of all three must be a number too.
    let given = [Some(lower), upper, step];
    if given
        .iter()
        .flatten()
        .any(|n| n.unsigned_abs() > isize::MAX.unsigned_abs() / 4)
    {
        let message = "the numbers of a range are too large";
        return Err(Error::new(ErrorKind::InvalidOperation, message));
    }
    let numbers = functions::range(lower, upper, step)?;
    if numbers.len().is_some_and(|length| length <= MAX_RANGE) {
        return Ok(numbers);
    }
    let message = format!("a range may have {MAX_RANGE} numbers");
    Err(Error::new(ErrorKind::InvalidOperation, message))
}

/// Whether a number can be divided by another without a rest. MiniJinja's own test panics where that is zero,
/// and where the least number is divided by -1.
fn divisible_by(number: &Value, by: &Value) -> bool {
    match i128::try_from(by.clone()) {
        Ok(0) => false,
        Ok(-1) => is_divisibleby(number, &Value::from(1)),
        _ => is_divisibleby(number, by),
    }
}

/// Renders the templates of one prompt with the same variables, one after the other.
pub struct Rendering {
    variables: Value,
    names: Vec<String>,
    bytes: usize,
    steps: usize,
    touched: usize,
    output: usize,
    filters: filters::Budget,
}

impl Rendering {
    /// Renders with these variables.
    pub fn new(variables: &serde_json::Map<String, Json>) -> Self {
        let bytes = serde_json::to_string(variables).map_or(MAX_REACH, |text| text.len());
        let values = variables.iter().map(|(name, json)| (name, value(json)));
        Self {
            variables: values.collect(),
            names: variables.keys().cloned().collect(),
            bytes,
            steps: MAX_STEPS,
            touched: MAX_TOUCHED_BYTES,
            output: MAX_OUTPUT_BYTES,
            filters: filters::Budget::default(),
        }
    }

    /// Takes room in the output for text that is no template's.
    ///
    /// # Errors
    /// When the output would be too long.
    pub fn take(&mut self, bytes: usize) -> Result<(), Failure> {
        self.output = self.output.checked_sub(bytes).ok_or_else(too_long)?;
        Ok(())
    }

    /// Renders a template.
    ///
    /// # Errors
    /// When a variable is missing, a bound is reached or an operation fails.
    pub fn render(&mut self, source: &str) -> Result<String, Failure> {
        let doublings = tokens::scan(source).map_err(|fault| Failure::Wrong(fault.to_string()))?;
        let limit = (2 * (self.bytes + source.len())).max(MIN_VALUE);
        let reach = 1usize
            .checked_shl(doublings)
            .and_then(|factor| limit.checked_mul(factor))
            .filter(|reach| *reach <= MAX_REACH)
            .ok_or_else(|| {
                wrong(
                    "`~`, `+` and lists of variables could make a value of more than 16 MiB out of \
                     values of this size",
                )
            })?;
        let steps = self.steps.min(self.touched / reach);
        let mut environment = environment();
        environment.set_fuel(Some(steps as u64));
        filters::bind(&mut environment, &self.filters, limit);
        let template = environment
            .template_from_str(source)
            .map_err(|error| Failure::Wrong(template::Fault::of(source, &error).to_string()))?;
        let mut output = Bounded {
            bytes: Vec::new(),
            room: self.output,
            overflown: false,
        };
        let rendered = template.render_captured_to(self.variables.clone(), &mut output);
        match rendered {
            Ok(rendered) => {
                let used = rendered.state().fuel_levels().map_or(steps, |(used, _)| {
                    usize::try_from(used).unwrap_or(steps).min(steps)
                });
                self.steps -= used;
                self.touched -= used * reach;
                drop(rendered);
            }
            Err(_) if output.overflown => return Err(too_long()),
            Err(error) => return Err(self.failure(source, &error)),
        }
        self.output = output.room;
        String::from_utf8(output.bytes).map_err(|_| wrong("the result is not UTF-8"))
    }

    fn failure(&self, source: &str, error: &Error) -> Failure {
        match error.kind() {
            ErrorKind::OutOfFuel => {
                return wrong("rendering takes more steps than it may: loop less, or over less");
            }
            ErrorKind::UndefinedError => {
                let variables = template::check(source).unwrap_or_default();
                if variables.iter().any(|name| !self.names.contains(name)) {
                    return Failure::Missing;
                }
            }
            _ => {}
        }
        let message = error
            .detail()
            .map_or_else(|| error.kind().to_string(), str::to_owned);
        let message: String = message.chars().take(MAX_MESSAGE_CHARS).collect();
        Failure::Wrong(match error.line() {
            Some(line) => format!("line {line}: {message}"),
            None => message,
        })
    }
}

fn wrong(message: &str) -> Failure {
    Failure::Wrong(message.to_owned())
}

fn too_long() -> Failure {
    wrong("the result is longer than 1 MiB")
}

/// What is rendered so far, and how much more it may become.
struct Bounded {
    bytes: Vec<u8>,
    room: usize,
    overflown: bool,
}

impl io::Write for Bounded {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let Some(room) = self.room.checked_sub(bytes.len()) else {
            self.overflown = true;
            return Err(io::ErrorKind::OutOfMemory.into());
        };
        self.room = room;
        self.bytes.extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// A value of the caller's. `serde_json` keeps numbers as text, so each becomes what it can be.
fn value(json: &Json) -> Value {
    match json {
        Json::Null => Value::from(()),
        Json::Bool(value) => Value::from(*value),
        Json::Number(number) => number
            .as_i64()
            .map(Value::from)
            .or_else(|| number.to_string().parse::<i128>().ok().map(Value::from))
            .unwrap_or_else(|| Value::from(number.as_f64().unwrap_or_default())),
        Json::String(text) => Value::from(text.as_str()),
        Json::Array(items) => items.iter().map(value).collect(),
        Json::Object(members) => members
            .iter()
            .map(|(key, json)| (key, value(json)))
            .collect(),
    }
}

#[cfg(test)]
mod tests {
    use std::time::{Duration, Instant};

    use serde_json::json;

    use super::*;

    fn render(source: &str, variables: Json) -> Result<String, Failure> {
        Rendering::new(variables.as_object().unwrap()).render(source)
    }

    fn rendered(source: &str, variables: Json) -> String {
        render(source, variables).unwrap()
    }

    #[test]
    fn values_come_out_as_text() {
        let numbers: Json =
            serde_json::from_str(r#"[1, -1, 0.10, 1e2, 123456789012345678901234567890]"#).unwrap();
        assert_eq!(
            rendered("{{ n|join(' ') }}", json!({ "n": numbers })),
            "1 -1 0.1 100.0 123456789012345678901234567890"
        );
        assert_eq!(
            rendered(
                "{{ a }} {{ b }} {{ c }}",
                json!({ "a": true, "b": null, "c": "<&>" })
            ),
            "True None <&>"
        );
        // Keys stay in their order.
        assert_eq!(
            rendered(
                "{{ m|tojson }}{{ m.z.a }}",
                json!({ "m": { "z": { "a": [1] }, "b": "ä\"" } })
            ),
            r#"{"z":{"a":[1]},"b":"ä\""}[1]"#
        );
        assert_eq!(rendered("a\n\n", json!({})), "a\n\n");
    }

    #[test]
    fn numbers_that_minijinja_cannot_reckon_with_are_no_fault_of_the_server() {
        let least = i128::MIN.to_string();
        let variables: Json = serde_json::from_str(&format!(r#"{{"least":{least}}}"#)).unwrap();
        let source =
            "{{ 1 is divisibleby(0) }} {{ least is divisibleby(-1) }} {{ 9 is divisibleby(3) }}";
        assert_eq!(rendered(source, variables), "False True True");
        for source in [
            "{{ range(9223372036854775807, -9223372036854775807, -1) }}",
            "{{ range(0, 1, -9223372036854775807 - 1) }}",
        ] {
            assert!(
                matches!(render(source, json!({})), Err(Failure::Wrong(_))),
                "{source}"
            );
        }
    }

    #[test]
    fn what_a_template_does_without_is_not_missing() {
        for source in [
            "{{ x|default('d') }}",
            "{% if x is defined %}{{ x }}{% else %}d{% endif %}",
            "{% if false %}{{ x }}{% endif %}d",
            "{{ x.y|default('d') if x is defined else 'd' }}",
        ] {
            assert_eq!(rendered(source, json!({})), "d", "{source}");
        }
        for source in [
            "{{ x }}",
            "{% if x %}{% endif %}",
            "{% for i in x %}{% endfor %}",
            "{{ x.y }}",
            "{{ x|upper }}",
        ] {
            assert_eq!(render(source, json!({})), Err(Failure::Missing), "{source}");
        }
        let attribute = render("a\n{{ x.y }}", json!({ "x": {} })).unwrap_err();
        assert!(matches!(attribute, Failure::Wrong(message) if message.starts_with("line 2")));
    }

    /// Each would take memory or time without an end. None may take long, even unoptimised.
    #[test]
    fn no_template_takes_more_than_it_may() {
        let loops = |body: &str| {
            let open = "{% for i in range(1000) %}".repeat(3);
            format!("{open}{body}{}", "{% endfor %}".repeat(3))
        };
        let sources = [
            loops(""),
            loops("{{ big }}"),
            loops("{% if big == other %}{% endif %}"),
            loops("{% if 'x' ~ big in big %}{% endif %}"),
            loops("{% if 7 in list %}{% endif %}"),
            loops("{% if -1 in range(1000) %}{% endif %}"),
            loops("{% set a = big|upper|lower|title|trim|length %}"),
            loops("{% set a = list|sort|unique|reverse|list|length %}"),
            loops("{% set a = list|tojson|replace(',', ', ')|split(', ')|length %}"),
            format!("{{% set a = 'x' %}}{}", "{% set a = a ~ a %}".repeat(64)),
            format!("{{% set a = 'x' %}}{}", "{% set a = a + a %}".repeat(40)),
            format!(
                "{{% set a = ['x'] %}}{}{{{{ a }}}}",
                "{% set a = [a, a] %}".repeat(40)
            ),
            format!(
                "{{% set a = ['x'] %}}{}{{{{ a == a }}}}",
                "{% set a = (a, a) %}".repeat(40)
            ),
            format!(
                "{{% set a = big %}}{}",
                "{% set a = a|tojson %}".repeat(100)
            ),
            format!(
                "{{% set a = 'x' %}}{}",
                "{% set a = a|replace('x', 'xxxx') %}".repeat(100)
            ),
        ];
        let list: Vec<_> = (0..100_000).collect();
        let variables = json!({ "big": "a\\\"".repeat(100_000), "other": "a\\\"".repeat(100_000), "list": list });
        for source in sources {
            let begin = Instant::now();
            let failure = render(&source, variables.clone()).unwrap_err();
            assert!(matches!(failure, Failure::Wrong(_)), "{source}");
            let took = begin.elapsed();
            assert!(took < Duration::from_secs(20), "{source}: {took:?}");
        }
    }

    #[test]
    fn the_bounds_hold_for_all_templates_of_a_prompt_together() {
        let variables = json!({ "big": "a".repeat(MAX_OUTPUT_BYTES / 2) });
        let mut rendering = Rendering::new(variables.as_object().unwrap());
        assert!(rendering.render("{{ big }}").is_ok());
        assert!(rendering.render("{{ big }}").is_ok());
        assert_eq!(rendering.render("x"), Err(too_long()));
        assert_eq!(rendering.take(1), Err(too_long()));
        let mut rendering = Rendering::new(&serde_json::Map::new());
        let loops =
            "{% for i in range(100) %}{% for j in range(100) %}{{ j }}{% endfor %}{% endfor %}";
        let results: Vec<_> = (0..10).map(|_| rendering.render(loops).is_ok()).collect();
        assert!(results[0] && !results[9], "{results:?}");
    }

    #[test]
    fn what_goes_wrong_is_told_without_long_quotes() {
        let Failure::Wrong(message) =
            render("{{ a + b }}", json!({ "a": "x".repeat(1_000), "b": 1 })).unwrap_err()
        else {
            panic!("nothing is missing");
        };
        assert!(message.len() < 400, "{message}");
    }
}
