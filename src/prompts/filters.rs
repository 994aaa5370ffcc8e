//! The filters of the templates: those of MiniJinja that can be held within bounds, each charged for
//! what it reads and makes.

use std::{
    borrow::Cow,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
};

use minijinja::{
    Environment, Error, ErrorKind, State, Value, filters,
    value::{Kwargs, Rest, ValueKind},
};

/// What all filters of a rendering may read and make together. The slowest, sorting, takes about a
/// second for it.
const MAX_BYTES: usize = 32 * 1024 * 1024;
/// What a value is reckoned to take besides its text.
const OVERHEAD: usize = 8;

/// The names of the filters.
pub const NAMES: [&str; 37] = [
    "abs",
    "attr",
    "bool",
    "capitalize",
    "count",
    "d",
    "default",
    "dictsort",
    "first",
    "float",
    "indent",
    "int",
    "items",
    "join",
    "last",
    "length",
    "lines",
    "list",
    "lower",
    "map",
    "max",
    "min",
    "reject",
    "rejectattr",
    "replace",
    "reverse",
    "round",
    "select",
    "selectattr",
    "sort",
    "split",
    "string",
    "title",
    "tojson",
    "trim",
    "unique",
    "upper",
];
/// Filters of MiniJinja whose results are out of proportion to what they are given, or that only
/// make sense in HTML.
const REMOVED: [&str; 11] = [
    "batch", "chain", "e", "escape", "format", "groupby", "pprint", "safe", "slice", "sum", "zip",
];

/// The code of a filter.
fn filter(name: &str) -> Value {
    match name {
        "abs" => Value::from_function(filters::abs),
        "attr" => Value::from_function(filters::attr),
        "bool" => Value::from_function(filters::bool),
        "capitalize" => Value::from_function(filters::capitalize),
        "count" | "length" => Value::from_function(filters::length),
        "d" | "default" => Value::from_function(filters::default),
        "dictsort" => Value::from_function(filters::dictsort),
        "first" => Value::from_function(filters::first),
        "float" => Value::from_function(filters::float),
        "indent" => Value::from_function(filters::indent),
        "int" => Value::from_function(filters::int),
        "items" => Value::from_function(filters::items),
        "join" => Value::from_function(filters::join),
        "last" => Value::from_function(filters::last),
        "lines" => Value::from_function(filters::lines),
        "list" => Value::from_function(filters::list),
        "lower" => Value::from_function(filters::lower),
        "map" => Value::from_function(filters::map),
        "max" => Value::from_function(filters::max),
        "min" => Value::from_function(filters::min),
        "reject" => Value::from_function(filters::reject),
        "rejectattr" => Value::from_function(filters::rejectattr),
        "replace" => Value::from_function(filters::replace),
        "reverse" => Value::from_function(filters::reverse),
        "round" => Value::from_function(filters::round),
        "select" => Value::from_function(filters::select),
        "selectattr" => Value::from_function(filters::selectattr),
        "sort" => Value::from_function(filters::sort),
        "split" => Value::from_function(filters::split),
        "string" => Value::from_function(filters::string),
        "title" => Value::from_function(filters::title),
        "tojson" => Value::from_function(tojson),
        "trim" => Value::from_function(filters::trim),
        "unique" => Value::from_function(filters::unique),
        "upper" => Value::from_function(filters::upper),
        _ => Value::UNDEFINED,
    }
}

/// How many bytes the filters of a rendering may still go over.
#[derive(Clone)]
pub struct Budget(Arc<AtomicUsize>);

impl Default for Budget {
    fn default() -> Self {
        Self(Arc::new(AtomicUsize::new(MAX_BYTES)))
    }
}

impl Budget {
    fn charge(&self, bytes: usize) -> Result<(), Error> {
        let order = Ordering::Relaxed;
        let charged = self
            .0
            .fetch_update(order, order, |left| left.checked_sub(bytes));
        charged
            .map(drop)
            .map_err(|_| refusal("the filters work on more than 32 MiB"))
    }
}

/// Gives an environment the filters of [`NAMES`] and no others. None reads or makes a value of more
/// than `limit` bytes, and all together keep to the budget.
pub fn bind(environment: &mut Environment<'_>, budget: &Budget, limit: usize) {
    for name in REMOVED {
        environment.remove_filter(name);
    }
    for name in NAMES {
        let (filter, budget) = (filter(name), budget.clone());
        let bounded = move |state: &State<'_, '_>, arguments: Rest<Value>| {
            let mut read = 0;
            for argument in arguments.iter() {
                read += checked_size(argument, limit)?;
            }
            budget.charge(read)?;
            check_result(name, &arguments, limit)?;
            let result = filter.call(state, &arguments)?;
            // What is lazy would be read again and again, and one through the other.
            let result = match result.kind() {
                ValueKind::Iterable => Value::from(result.try_iter()?.collect::<Vec<_>>()),
                _ => result,
            };
            budget.charge(checked_size(&result, limit)?)?;
            Ok::<_, Error>(result)
        };
        environment.add_filter(name, bounded);
    }
}

/// Refuses what would make a text out of proportion to its arguments, before it does.
fn check_result(name: &str, arguments: &[Value], limit: usize) -> Result<(), Error> {
    let made = match (name, arguments) {
        ("replace", [value, from, to]) => {
            let (value, from, to) = (text(value), text(from), text(to));
            let count = value.matches(from.as_ref()).count();
            count.saturating_mul(to.len())
        }
        ("join", [items, joiner]) => {
            let count = items.len().unwrap_or(0);
            count.saturating_mul(text(joiner).len())
        }
        ("indent", [value, options @ ..]) => {
            let first = options.first().and_then(Value::as_usize);
            let named = options.last().and_then(|last| last.get_attr("width").ok());
            let width = first.or(named.and_then(|width| width.as_usize()));
            let lines = text(value).matches('\n').count() + 1;
            lines.saturating_mul(width.unwrap_or(4))
        }
        _ => 0,
    };
    if made > limit {
        return Err(too_large());
    }
    Ok(())
}

/// A value as the text that a filter makes of it.
fn text(value: &Value) -> Cow<'_, str> {
    match value.as_str() {
        Some(text) => Cow::Borrowed(text),
        None => Cow::Owned(value.to_string()),
    }
}

/// The size of a value with all that is in it, however often.
fn checked_size(value: &Value, limit: usize) -> Result<usize, Error> {
    let mut room = limit;
    if take(value, &mut room) {
        Ok(limit - room)
    } else {
        Err(too_large())
    }
}

/// Takes a value's size from the room; false when there is not enough.
fn take(value: &Value, room: &mut usize) -> bool {
    let own = OVERHEAD + value.as_str().map_or(0, str::len);
    let Some(left) = room.checked_sub(own) else {
        return false;
    };
    *room = left;
    let is_map = value.kind() == ValueKind::Map;
    if !is_map && !matches!(value.kind(), ValueKind::Seq | ValueKind::Iterable) {
        return true;
    }
    let Ok(mut items) = value.try_iter() else {
        return true;
    };
    items.all(|item| {
        take(&item, room)
            && (!is_map || value.get_item(&item).is_ok_and(|value| take(&value, room)))
    })
}

fn refusal(message: &'static str) -> Error {
    Error::new(ErrorKind::InvalidOperation, message)
}

fn too_large() -> Error {
    refusal("a filter reads or makes a value that is too large")
}

/// JSON text, compact, or with an `indent` on several lines.
fn tojson(value: &Value, indent: Option<Value>, kwargs: Kwargs) -> Result<String, Error> {
    let named = kwargs.get::<Option<Value>>("indent")?;
    kwargs.assert_all_used()?;
    let text = if indent.or(named).is_some_and(|indent| indent.is_true()) {
        serde_json::to_string_pretty(value)
    } else {
        serde_json::to_string(value)
    };
    text.map_err(|_| refusal("the value has no form in JSON"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn render(source: &str, limit: usize) -> Result<String, String> {
        let mut environment = crate::prompts::engine::environment();
        bind(&mut environment, &Budget::default(), limit);
        let context = minijinja::context! {
            text => "b\na", list => ["b", "a"], map => minijinja::context! { k => "<&>" },
        };
        let rendered = environment.render_str(source, context);
        rendered.map_err(|error| error.detail().unwrap_or_default().to_owned())
    }

    #[test]
    fn filters_do_what_they_do_in_minijinja() {
        for (source, text) in [
            ("{{ text|upper }}", "B\nA"),
            ("{{ missing|default('d') }}{{ missing|d }}", "d"),
            ("{{ list|sort|join(', ') }}", "a, b"),
            ("{{ list|reverse|first }}{{ list|reverse|length }}", "a2"),
            ("{{ list|map('upper')|join }}", "BA"),
            ("{{ list|select('eq', 'a')|list }}", "[\"a\"]"),
            ("{{ map|tojson }}{{ map|items|length }}", "{\"k\":\"<&>\"}1"),
            ("{{ map|tojson(2) }}", "{\n  \"k\": \"<&>\"\n}"),
            ("{{ map|tojson(indent=2) }}", "{\n  \"k\": \"<&>\"\n}"),
            ("{{ text|indent(2, true) }}", "  b\n  a"),
            ("{{ text|indent(width=1) }}", "b\n a"),
            ("{{ text|replace('b', 'c') }}", "c\na"),
        ] {
            assert_eq!(render(source, 1_000).as_deref(), Ok(text), "{source}");
        }
        for name in NAMES {
            assert!(!filter(name).is_undefined(), "{name}");
        }
        for name in REMOVED {
            assert!(
                render(&format!("{{{{ text|{name} }}}}"), 1_000).is_err(),
                "{name}"
            );
        }
    }

    #[test]
    fn a_filter_makes_nothing_larger_than_the_limit() {
        for source in [
            "{{ text|indent(1000000000000) }}",
            "{{ text|indent(width=1000000000000) }}",
            "{{ text|replace('', '0123456789'|replace('', '0123456789')) }}",
            "{{ range(1000)|join('0123456789') }}",
            "{{ range(1000)|list }}",
            "{{ range(20)|map('string')|map('replace', '', 'abcdef')|join }}",
            "{{ range(20)|map('default', '0123456789', true)|map(attribute='x', default=list)|string }}",
        ] {
            assert_eq!(
                render(source, 300),
                Err(too_large().detail().unwrap().to_owned()),
                "{source}"
            );
        }
    }
}
