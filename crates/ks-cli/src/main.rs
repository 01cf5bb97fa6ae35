//! The binary `ks`: a Kaltura Session server, and the tools around it.
//!
//! | exit code | meaning |
//! |---|---|
//! | 0 | done; or the answer is yes |
//! | 1 | the answer is no: an invalid token, no such account, a refused change |
//! | 2 | wrong usage: a flag, a variable or a line of the configuration file |
//! | 3 | something could not be reached or opened: an address, a file, the database |
//! | 4 | undecided: without the secret nobody can say whether a token is valid |

mod cli;
mod exit;
mod generate;
mod inspect;
mod output;
mod secrets;
mod when;

use std::process::ExitCode;

use clap::Parser;

use crate::cli::{Cli, Command};
use crate::exit::{Exit, Failure};

fn main() -> ExitCode {
    let cli = Cli::parse();
    let json = cli.json;
    match run(cli) {
        Ok(exit) => exit.into(),
        Err(failure) => {
            failure.tell(json);
            failure.exit.into()
        }
    }
}

fn run(cli: Cli) -> Result<Exit, Failure> {
    match cli.command {
        Command::Generate(args) => generate::run(&args, cli.json),
        Command::Inspect(args) => inspect::run(&args, cli.json),
    }
}
