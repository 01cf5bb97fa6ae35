//! `ks db`: whole databases.

use std::io::IsTerminal as _;

use clap::{Args, Subcommand};
use indicatif::{ProgressBar, ProgressStyle};
use ks_store::{Copied, DatabaseUrl, Progress, StoreError, Target, copy_database};
use serde_json::{Map, json};

use crate::exit::{Exit, Failure};
use crate::{output, runtime, when};

/// Work on whole databases
#[derive(Args)]
pub(crate) struct DbArgs {
    #[command(subcommand)]
    command: DbCommand,
}

#[derive(Subcommand)]
enum DbCommand {
    Copy(CopyArgs),
}

/// Copy everything from one database into another one, of whichever engine
///
/// What is copied is one state of the database, while servers go on with it; changes that they make meanwhile are not in
/// the copy, so stop them first where the copy is to take over. It goes into an empty database only, in one transaction:
/// a copy that is cut off leaves nothing behind. In the end all rows are counted on both sides.
///
/// Accounts' secrets are copied as they lie there, encrypted. Take the key file (ks.key) along: whoever serves the copy
/// needs the same key.
#[derive(Args)]
#[command(after_help = "\
  ks db copy --from sqlite:///var/lib/ks/ks.db --to postgres://ks@db.example.com/ks

Other users of this machine can see a flag in the list of processes: a URL with a password belongs into the variable.")]
struct CopyArgs {
    /// The database that is read, as sqlite:PATH or postgres://USER:PASSWORD@HOST/DATABASE
    #[arg(long, value_name = "URL", env = "KS_COPY_FROM", hide_env_values = true)]
    from: DatabaseUrl,
    /// The database that is written; it is empty, or not there yet
    #[arg(long, value_name = "URL", env = "KS_COPY_TO", hide_env_values = true)]
    to: DatabaseUrl,
}

pub(crate) fn run(args: DbArgs, json: bool) -> Result<Exit, Failure> {
    let DbCommand::Copy(args) = args.command;
    there(&args.from)?;
    let copied = runtime::short(copy(&args.from, &args.to, Target::Empty))?;
    if json {
        let tables: Map<_, _> = copied.tables.iter().map(|(name, rows)| (name.clone(), json!(rows))).collect();
        output::json(&json!({ "rows": copied.rows(), "tables": tables }))?;
    } else {
        output::line(&format!(
            "{} rows of {} tables are copied, and are as many on both sides.\nServe them with the key file of {}.",
            copied.rows(),
            copied.tables.len(),
            args.from
        ))?;
    }
    Ok(Exit::Done)
}

/// A file that is missing would be made.
pub(crate) fn there(database: &DatabaseUrl) -> Result<(), Failure> {
    match database {
        DatabaseUrl::Sqlite(path) if !path.exists() => {
            Err(Failure::unreachable(format!("there is no database at {}", path.display())))
        }
        _ => Ok(()),
    }
}

/// Copies everything, with a bar where a person watches.
pub(crate) async fn copy(from: &DatabaseUrl, to: &DatabaseUrl, target: Target) -> Result<Copied, Failure> {
    let bar = Bar::new();
    let copied = copy_database(from, to, target, when::now(), &mut |at| bar.show(at)).await;
    bar.end();
    copied.map_err(|error| match error {
        StoreError::NotEmpty => Failure::no(format!("{to} has something in it already")),
        StoreError::Busy => Failure::no(format!("{to}: {error}")),
        StoreError::Invalid(_) => Failure::usage(error.to_string()),
        error => Failure::unreachable(format!("from {from} to {to}: {error}")),
    })
}

/// How far something is, where a person watches.
pub(crate) struct Bar(Option<ProgressBar>);

impl Bar {
    pub(crate) fn new() -> Self {
        Self(std::io::stderr().is_terminal().then(|| {
            let style = ProgressStyle::with_template("{bar:40} {pos}/{len} {msg}, {eta} left");
            ProgressBar::new(0).with_style(style.unwrap_or_else(|_| ProgressStyle::default_bar()))
        }))
    }

    pub(crate) fn at(&self, done: u64, total: u64, what: &str) {
        if let Some(bar) = &self.0 {
            bar.set_length(total);
            bar.set_position(done);
            bar.set_message(what.to_owned());
        }
    }

    /// A copy.
    pub(crate) fn show(&self, at: Progress<'_>) {
        self.at(at.done, at.total, &format!("rows, {}", at.table));
    }

    pub(crate) fn end(self) {
        if let Some(bar) = self.0 {
            bar.finish_and_clear();
        }
    }
}
