//! The `agentdata` program: see `agentdata --help`.

use std::process::ExitCode;

use clap::Parser;

fn main() -> ExitCode {
    let cli = agentdata::cli::Cli::parse();
    match agentdata::cli::run(cli) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("agentdata: {error:#}");
            ExitCode::FAILURE
        }
    }
}
