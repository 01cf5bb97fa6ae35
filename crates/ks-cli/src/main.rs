//! The binary `ks`: a Kaltura Session server, and the tools around it.
//!
//! | exit code | meaning |
//! |---|---|
//! | 0 | done; or the answer is yes |
//! | 1 | the answer is no: an invalid token, no such account, a refused change or call |
//! | 2 | wrong usage: a flag, a variable or a line of the configuration file |
//! | 3 | something could not be reached or opened: an address, a file, the database |
//! | 4 | undecided: without the secret nobody can say whether a token is valid |

mod app_token;
mod audit;
mod backup;
mod call;
mod cli;
mod database;
mod db;
mod dev;
mod diff;
mod exit;
mod explain_access;
mod first_account;
mod generate;
mod health;
mod import;
mod inspect;
mod logging;
mod mail_template;
mod migrate;
mod output;
mod partner;
mod profile;
mod remote;
mod role;
mod runtime;
mod secret_key;
mod secrets;
mod seed;
mod serve;
mod settings;
mod shell;
mod traces;
mod typo;
mod user;
mod when;
mod why;

use std::process::ExitCode;

use clap::error::{ContextKind, ContextValue};
use clap::{CommandFactory, Parser};

use crate::cli::{Cli, Command};
use crate::exit::{Exit, Failure};

fn main() -> ExitCode {
    // Where a shell asks what a word can become, that is all that is answered.
    clap_complete::CompleteEnv::with_factory(Cli::command).complete();
    let cli = match Cli::try_parse() {
        Ok(cli) => cli,
        Err(mut error) => {
            conceal(&mut error);
            return unparsed(&error);
        }
    };
    let json = cli.json;
    match run(cli) {
        Ok(exit) => exit.into(),
        Err(failure) => {
            failure.tell(json);
            failure.exit.into()
        }
    }
}

/// A URL that cannot be used is not shown where it may hold a password.
fn conceal(error: &mut clap::Error) {
    let text = |error: &clap::Error, kind| match error.get(kind) {
        Some(ContextValue::String(text)) => text.clone(),
        _ => String::new(),
    };
    let (arg, value) = (text(error, ContextKind::InvalidArg), text(error, ContextKind::InvalidValue));
    if arg.contains("<URL>") && value.contains('@') {
        error.insert(ContextKind::InvalidValue, ContextValue::String("…".to_owned()));
    }
}

/// Answers `--help` and `--version`, and tells wrong usage, as JSON where that was asked for.
fn unparsed(error: &clap::Error) -> ExitCode {
    if error.use_stderr() && std::env::args_os().any(|word| word == "--json") {
        let text = error.to_string();
        Failure::usage(text.trim_start_matches("error: ").trim_end()).tell(true);
    } else {
        // A reader who has gone away is told nothing.
        let _ = error.print();
    }
    if error.use_stderr() { Exit::Usage.into() } else { Exit::Done.into() }
}

fn run(cli: Cli) -> Result<Exit, Failure> {
    match cli.command {
        Command::Serve(args) => serve::run(*args, cli.json),
        Command::Dev(args) => dev::run(&args, cli.json),
        Command::Health(args) => health::run(&args, cli.json),
        Command::Import(args) => import::run(args, cli.json),
        Command::Seed(args) => seed::run(&args, cli.json),
        Command::Migrate(args) => migrate::run(&args, cli.json),
        Command::Db(args) => db::run(args, cli.json),
        Command::Backup(args) => backup::backup(&args, cli.json),
        Command::Restore(args) => backup::restore(&args, cli.json),
        Command::SecretKey(args) => secret_key::run(args, cli.json),
        Command::Partner(args) => partner::run(args, cli.json),
        Command::User(args) => user::run(args, cli.json),
        Command::AppToken(args) => app_token::run(args, cli.json),
        Command::Role(args) => role::run(args, cli.json),
        Command::MailTemplate(args) => mail_template::run(args, cli.json),
        Command::Audit(args) => audit::run(&args, cli.json),
        Command::Call(args) => call::run(&args, cli.json),
        Command::Diff(args) => diff::run(&args, cli.json),
        Command::Profile(args) => profile::run(args, cli.json),
        Command::Login(args) => remote::login(&args, cli.json),
        Command::Whoami(args) => remote::whoami(&args, cli.json),
        Command::Logout(args) => remote::logout(&args, cli.json),
        Command::Why(args) => why::run(&args, cli.json),
        Command::ExplainAccess(args) => explain_access::run(args, cli.json),
        Command::Generate(args) => generate::run(&args, cli.json),
        Command::Inspect(args) => inspect::run(&args, cli.json),
        Command::Completions(args) => shell::completions(&args),
        Command::Man(args) => shell::man(&args),
    }
}
