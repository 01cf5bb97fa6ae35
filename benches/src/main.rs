//! Figures, as ratios within one run: `cargo xtask bench`.
//!
//!     ks-bench [--ks PATH] [--only SUBJECT[,SUBJECT…]] [--rounds N] [--sizes full|small] [--write FILE]
//!
//! Machines are noisy, so opponents take turns in many short rounds, each round gives one ratio, and what is told is the
//! median of the ratios with the quartiles around it. A subject is a module of `subjects` and a table of the report; a
//! run of some subjects leaves the tables of the others as they were. `plot` draws what a report says of growth. Four
//! more verbs are for the processes that this one starts: `bare` is the opponent of the server, `hash` that of logins,
//! `load` and `flood` generate load.

mod bare;
mod flood;
mod hash;
mod load;
mod machine;
mod plot;
mod race;
mod report;
mod request;
mod running;
mod stats;
mod subjects;
mod wire;

use std::path::PathBuf;
use std::process::ExitCode;

use crate::report::Report;
use crate::subjects::{Settings, Subject};

/// What goes wrong here is told and ends the run.
type Result<T> = std::result::Result<T, Box<dyn std::error::Error>>;

/// What to measure, and where to write it.
struct Options {
    settings: Settings,
    subjects: Vec<&'static Subject>,
    write: Option<PathBuf>,
}

fn main() -> ExitCode {
    let args: Vec<String> = std::env::args().skip(1).collect();
    let done = match args.first().map(String::as_str) {
        Some("bare") => bare::main(),
        Some("hash") => hash::main(),
        Some("load") => load::main(),
        Some("plot") => match args.as_slice() {
            [_, report, folder] => plot::main(report.as_ref(), folder.as_ref()),
            _ => Err(usage().into()),
        },
        Some("flood") => flood::main(),
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

fn usage() -> String {
    let names = subjects::names();
    format!(
        "usage: ks-bench [--ks PATH] [--only {names}[,…]] [--rounds N] [--sizes full|small] [--write FILE]\n       \
         ks-bench plot REPORT FOLDER\n       ks-bench bare | hash | load | flood"
    )
}

fn options(args: &[String]) -> Result<Options> {
    // Cargo puts both programs into one folder.
    let ks = std::env::current_exe()?.with_file_name("ks");
    let settings = Settings { ks, rounds: 15, small: false };
    let mut options = Options { settings, subjects: subjects::ALL.to_vec(), write: None };
    let mut words = args.iter();
    while let Some(word) = words.next() {
        let value = words.next().ok_or_else(usage)?;
        match word.as_str() {
            "--ks" => options.settings.ks = value.into(),
            "--only" => {
                let named: Option<Vec<_>> = value.split(',').map(subjects::find).collect();
                options.subjects = named.ok_or_else(usage)?;
            }
            "--sizes" if ["full", "small"].contains(&value.as_str()) => options.settings.small = value == "small",
            "--rounds" => options.settings.rounds = value.parse::<usize>()?.max(1),
            "--write" => options.write = Some(value.into()),
            _ => return Err(usage().into()),
        }
    }
    Ok(options)
}

fn measure(options: &Options) -> Result<()> {
    let mut report = Report::new(machine::describe());
    for subject in &options.subjects {
        report.add(subject, (subject.figures)(&options.settings)?);
    }
    report.print_summary();
    if let Some(path) = &options.write {
        let before = std::fs::read_to_string(path).unwrap_or_default();
        std::fs::write(path, report.markdown(&before))?;
        println!("written to {}", path.file_name().unwrap_or_default().to_string_lossy());
    }
    Ok(())
}
