//! Figures, as ratios within one run: `cargo xtask bench`.
//!
//!     ks-bench [--ks PATH] [--only tokens|http|process] [--rounds N] [--write FILE]
//!
//! Machines are noisy, so opponents take turns in many short rounds, each round gives one ratio, and what is told is the
//! median of the ratios with the quartiles around it. Two more verbs are for the processes that this one starts: `bare`
//! is the opponent of the server, `load` the load generator.

mod bare;
mod http;
mod load;
mod machine;
mod process;
mod race;
mod report;
mod request;
mod server;
mod stats;
mod token;

use std::path::PathBuf;
use std::process::ExitCode;

use crate::report::Report;

/// What goes wrong here is told and ends the run.
type Result<T> = std::result::Result<T, Box<dyn std::error::Error>>;

const USAGE: &str =
    "usage: ks-bench [--ks PATH] [--only tokens|http|process] [--rounds N] [--write FILE]\n       ks-bench bare | load";

/// What to measure.
struct Options {
    ks: PathBuf,
    only: Option<String>,
    rounds: usize,
    write: Option<PathBuf>,
}

fn main() -> ExitCode {
    let args: Vec<String> = std::env::args().skip(1).collect();
    let done = match args.first().map(String::as_str) {
        Some("bare") => bare::main(),
        Some("load") => load::main(),
        _ => options(&args).and_then(|options| measure(&options)),
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("ks-bench: {error}");
            ExitCode::FAILURE
        }
    }
}

fn options(args: &[String]) -> Result<Options> {
    // Cargo puts both programs into one folder.
    let ks = std::env::current_exe()?.with_file_name("ks");
    let mut options = Options { ks, only: None, rounds: 15, write: None };
    let mut words = args.iter();
    while let Some(word) = words.next() {
        let value = words.next().ok_or(USAGE)?;
        match word.as_str() {
            "--ks" => options.ks = value.into(),
            "--only" if matches!(value.as_str(), "tokens" | "http" | "process") => options.only = Some(value.clone()),
            "--rounds" => options.rounds = value.parse::<usize>()?.max(1),
            "--write" => options.write = Some(value.into()),
            _ => return Err(USAGE.into()),
        }
    }
    Ok(options)
}

fn measure(options: &Options) -> Result<()> {
    let wanted = |part: &str| options.only.as_deref().is_none_or(|only| only == part);
    let mut report = Report::new(machine::describe());
    if wanted("tokens") {
        report.add(token::figures());
    }
    if wanted("http") {
        report.add(server::figures(&options.ks, options.rounds)?);
    }
    if wanted("process") {
        report.add(process::figures(&options.ks)?);
    }
    report.print_summary();
    if let Some(path) = &options.write {
        std::fs::write(path, report.markdown())?;
        println!("written to {}", path.file_name().unwrap_or_default().to_string_lossy());
    }
    Ok(())
}
