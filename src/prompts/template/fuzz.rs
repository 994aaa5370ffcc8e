//! Templates: what is accepted can be rendered within bounds; what is refused has its place.

use super::{Fault, check as check_template};
use crate::prompts::engine::{Failure, Rendering};

/// The most bytes of a rendered prompt, as they are documented.
const MAX_OUTPUT_BYTES: usize = 1024 * 1024;

/// The target: the input is an object of variables, and behind the first line a template.
pub fn check(input: &[u8]) {
    let Ok(text) = std::str::from_utf8(input) else {
        return;
    };
    let (variables, source) = text.split_once('\n').unwrap_or(("{}", text));
    let mut variables = serde_json::from_str(variables).unwrap_or_default();
    let declared = match check_template(source) {
        Ok(declared) => declared,
        Err(Fault {
            line,
            column,
            message,
        }) => {
            let lines: Vec<_> = source.split('\n').collect();
            let length = lines[line - 1].chars().count();
            assert!(
                (1..=length + 1).contains(&column),
                "{line} {column} {message}"
            );
            assert!(!message.is_empty());
            return assert!(Rendering::new(&variables).render(source).is_err());
        }
    };
    let _any = render(&variables, source);
    for name in declared {
        variables.entry(name).or_insert("given".into());
    }
    let rendered = render(&variables, source);
    assert_ne!(rendered, Err(Failure::Missing), "everything is given");
}

fn render(
    variables: &serde_json::Map<String, serde_json::Value>,
    source: &str,
) -> Result<String, Failure> {
    let rendered = Rendering::new(variables).render(source);
    match &rendered {
        Ok(text) => assert!(text.len() <= MAX_OUTPUT_BYTES),
        Err(Failure::Wrong(message)) => assert!(!message.is_empty() && message.len() < 2_000),
        Err(Failure::Missing) => {}
    }
    assert_eq!(
        Rendering::new(variables).render(source),
        rendered,
        "it renders otherwise now"
    );
    rendered
}
