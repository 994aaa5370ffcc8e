//! Templates: MiniJinja's syntax, checked before they are stored.

use std::collections::BTreeSet;

use minijinja::Error;

use super::{engine::environment, tokens};

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

impl Fault {
    /// A fault at a byte of the template.
    pub fn at(source: &str, offset: usize, message: impl Into<String>) -> Self {
        let before = source.get(..offset).unwrap_or(source);
        let line = before.rsplit('\n').next().unwrap_or_default();
        Self {
            line: before.matches('\n').count() + 1,
            column: line.chars().count() + 1,
            message: message.into(),
        }
    }

    /// A fault that MiniJinja has found.
    pub fn of(source: &str, error: &Error) -> Self {
        let message = error
            .detail()
            .map_or_else(|| error.kind().to_string(), str::to_owned);
        let offset = error.range().map_or(source.len(), |range| range.start);
        Self::at(source, offset, message)
    }
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

/// Checks a template; answers the variables that it wants from outside.
///
/// # Errors
/// The first place where it is no template.
pub fn check(source: &str) -> Result<BTreeSet<String>, Fault> {
    tokens::scan(source)?;
    let mut environment = environment();
    // Only so do errors know their column.
    environment.set_debug(true);
    let template = environment
        .template_from_str(source)
        .map_err(|error| Fault::of(source, &error))?;
    let mut variables: BTreeSet<String> =
        template.undeclared_variables(false).into_iter().collect();
    for (name, _) in environment.globals() {
        variables.remove(name);
    }
    Ok(variables)
}

#[cfg(any(test, fuzzing))]
pub mod fuzz;

#[cfg(test)]
mod tests {
    use super::*;
    use crate::prompts::workers::STACK;

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
        assert_eq!(
            variables("{% raw %}{{ x }}{% endraw %}{# {{ y }} #}{% set z = 1 %}{{ z }}"),
            none
        );
    }

    #[test]
    fn a_fault_has_its_place() {
        let cases = [
            ("{{ a b }}", 1, 6),
            ("ä\nä{{ }}", 2, 5),
            ("a\n{% if x %}", 2, 9),
            ("a\n {% if x %}\n", 2, 12),
            ("{% if x %}\n\n{% endfor %}", 3, 4),
            ("{{ 'open }}", 1, 12),
            ("{{ a", 1, 4),
            ("{% nonsense %}", 1, 4),
            ("{{ a|upper( }}", 1, 13),
        ];
        let place = |source| check(source).map_err(|fault| (fault.line, fault.column));
        let found: Vec<_> = cases
            .iter()
            .map(|case| place(case.0).unwrap_err())
            .collect();
        let expected: Vec<_> = cases.iter().map(|case| (case.1, case.2)).collect();
        assert_eq!(found, expected);
    }

    #[test]
    fn no_template_is_too_deep_for_the_stack() {
        let deep = [
            format!("{{{{ a{} }}}}", ".b".repeat(495)),
            format!("{{{{ a{} }}}}", "[0]".repeat(330)),
            format!("{{{{ a{} }}}}", "|upper".repeat(495)),
            format!("{{{{ a{} }}}}", "-1".repeat(495)),
            format!("{{{{ {}a }}}}", "not ".repeat(990)),
            format!("{{{{ {}a }}}}", "-".repeat(990)),
            format!("{{{{ a{} }}}}", " if b else c".repeat(240)),
            format!("{{{{ {}a{} }}}}", "(".repeat(490), ")".repeat(490)),
            format!("{{{{ {}a{} }}}}", "[".repeat(490), "]".repeat(490)),
            format!("{{{{ {}a{} }}}}", "a|attr(".repeat(140), ")".repeat(140)),
            format!(
                "{{{{ {}a{} }}}}",
                "not not a|attr(".repeat(140),
                ")".repeat(140)
            ),
            format!(
                "{{% for {}a{} in b %}}{{% endfor %}}",
                "(".repeat(490),
                ")".repeat(490)
            ),
            format!(
                "{}{}",
                "{% if a %}".repeat(9_000),
                "{% endif %}".repeat(9_000)
            ),
            format!("{{% if a %}}{}{{% endif %}}", "{% elif b %}".repeat(199)),
        ];
        let check = move || deep.iter().for_each(|source| drop(check(source)));
        let thread = std::thread::Builder::new().stack_size(STACK);
        thread.spawn(check).unwrap().join().unwrap();
    }
}
