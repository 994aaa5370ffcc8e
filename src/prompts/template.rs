//! Templates: MiniJinja's syntax, checked before they are stored.

use std::collections::BTreeSet;

use minijinja::{Environment, Error, UndefinedBehavior};

/// Why a text is no template.
#[derive(Debug, PartialEq, Eq)]
pub struct Fault {
    /// Line, from 1.
    pub line: usize,
    /// Column in characters, from 1.
    pub column: usize,
    /// What is wrong there.
    pub message: String,
}

impl std::fmt::Display for Fault {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Self {
            line,
            column,
            message,
        } = self;
        write!(f, "line {line}, column {column}: {message}")
    }
}

/// The language of the templates.
pub fn environment<'source>() -> Environment<'source> {
    let mut environment = Environment::new();
    environment.set_undefined_behavior(UndefinedBehavior::Strict);
    environment.set_auto_escape_callback(|_| minijinja::AutoEscape::None);
    // A prompt comes out as it was written, to the last line break.
    environment.set_keep_trailing_newline(true);
    environment
}

/// Checks a template; answers the variables that it wants from outside.
///
/// # Errors
/// The first place where it is no template.
pub fn check(source: &str) -> Result<BTreeSet<String>, Fault> {
    let mut environment = environment();
    // Only so do errors know their column.
    environment.set_debug(true);
    let template = environment
        .template_from_str(source)
        .map_err(|error| fault(source, &error))?;
    let mut variables: BTreeSet<String> =
        template.undeclared_variables(false).into_iter().collect();
    for (name, _) in environment.globals() {
        variables.remove(name);
    }
    Ok(variables)
}

fn fault(source: &str, error: &Error) -> Fault {
    let message = error
        .detail()
        .map_or_else(|| error.kind().to_string(), str::to_owned);
    let before = error.range().and_then(|range| source.get(..range.start));
    let before = before.unwrap_or_default();
    Fault {
        line: error.line().unwrap_or(1),
        column: before
            .rsplit('\n')
            .next()
            .unwrap_or_default()
            .chars()
            .count()
            + 1,
        message,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_variables_of_a_template_are_those_that_it_does_not_set_itself() {
        let variables = |source: &str| check(source).unwrap().into_iter().collect::<Vec<_>>();
        let none: [&str; 0] = [];
        assert_eq!(variables("plain { text } %"), none);
        assert_eq!(variables("{{ b }} {{ a.c }} {{ b }}"), ["a", "b"]);
        assert_eq!(
            variables("{% for i in range(n) %}{{ i }}{{ loop.index }}{% endfor %}"),
            ["n"]
        );
        assert_eq!(
            variables("{% if x is defined %}{{ y|default('') }}{% endif %}"),
            ["x", "y"]
        );
    }

    #[test]
    fn a_fault_has_its_place() {
        let place = |source: &str| {
            let fault = check(source).unwrap_err();
            (fault.line, fault.column)
        };
        assert_eq!(place("{{ a b }}"), (1, 6));
        assert_eq!(place("ä\nä{{ }}"), (2, 5));
        assert_eq!(place("a\n{% if x %}"), (2, 1));
    }
}
