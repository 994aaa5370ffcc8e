//! The tables of the documentation name exactly what there is.

use std::{collections::BTreeSet, fs, path::Path};

use agentdata::cli::Cli;
use clap::{ArgAction, CommandFactory};

use crate::support::contract::SPEC;

fn file(name: &str) -> String {
    fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join(name)).unwrap()
}

/// The cells of the one table below a heading.
fn table(text: &str, heading: &str) -> Vec<Vec<String>> {
    let section = text.split_once(&format!("{heading}\n")).unwrap().1;
    section
        .lines()
        .take_while(|line| !line.starts_with("## "))
        .filter(|line| line.starts_with('|'))
        .skip(2)
        .map(|line| {
            let cells = line.trim_matches('|').split('|');
            cells.map(|cell| cell.trim().to_owned()).collect()
        })
        .collect()
}

fn code(text: impl std::fmt::Display) -> String {
    format!("`{text}`")
}

#[test]
fn every_setting_is_in_the_readme_with_its_default() {
    let command = Cli::command();
    let serve = command.find_subcommand("serve").unwrap();
    let mut settings = BTreeSet::new();
    for argument in serve.get_arguments() {
        let flag = format!("--{}", argument.get_long().unwrap());
        if flag == "--help" {
            continue;
        }
        let variable = argument.get_env().unwrap().to_str().unwrap();
        let defaults = argument.get_default_values();
        let default = match (defaults, argument.get_action()) {
            // It depends on the user and the environment; the README says how.
            _ if flag == "--home" => None,
            ([default], _) => Some(default.to_str().unwrap()),
            (_, ArgAction::SetTrue) => Some("false"),
            _ => None,
        };
        settings.insert((code(flag), code(variable), default.map(code)));
    }
    let documented: BTreeSet<_> = table(&file("README.md"), "## Configuration")
        .into_iter()
        .map(|row| {
            let [flag, variable, default, meaning] = row.try_into().unwrap();
            assert!(!meaning.is_empty(), "{flag}");
            // A fixed value stands alone, what depends on something else is explained in words.
            let fixed = default.starts_with('`') && default.matches('`').count() == 2;
            let default = (fixed && default.ends_with('`')).then_some(default);
            (flag, variable, default)
        })
        .collect();
    assert_eq!(documented, settings);
}

#[test]
fn every_dependency_is_in_the_readme_with_its_reason() {
    let manifest = file("Cargo.toml");
    let section = manifest.split_once("\n[dependencies]\n").unwrap().1;
    let dependencies: Vec<_> = section
        .lines()
        .take_while(|line| !line.starts_with('['))
        .filter_map(|line| Some(code(line.split_once(" = ")?.0)))
        .collect();
    let documented: Vec<_> = table(&file("README.md"), "## Dependencies")
        .into_iter()
        .map(|row| {
            let [name, why] = row.try_into().unwrap();
            assert!(!why.is_empty(), "{name}");
            name
        })
        .collect();
    assert_eq!(documented, dependencies);
}

#[test]
fn every_problem_is_documented() {
    let codes = SPEC["components"]["schemas"]["ProblemCode"]["enum"]
        .as_array()
        .unwrap();
    let codes: BTreeSet<_> = codes
        .iter()
        .map(|value| code(value.as_str().unwrap()))
        .collect();
    let documented: BTreeSet<_> = table(&file("docs/errors.md"), "# Errors")
        .into_iter()
        .map(|row| row[0].clone())
        .collect();
    assert_eq!(documented, codes);
}
