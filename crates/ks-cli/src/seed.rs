//! `ks seed`: a world file into a database; `ks dev --seed` reads the same files.

use std::io::Read as _;
use std::path::{Path, PathBuf};

use clap::Args;
use ks_server::read_seed;
use ks_service::seed::{SeedError, World, plant};
use ks_store::{OsRandom, Random};
use serde_json::json;

use crate::exit::{Exit, Failure};
use crate::settings::DatabaseArgs;
use crate::{database, output, runtime, when};

/// Make what a world file declares and the database does not have
///
/// Accounts, roles, users, groups, app tokens, categories, members and entries, each found by the name that the file
/// gives it: to run it again makes nothing twice, and changes nothing that is there. Works beside a running server.
///
/// A secret or password that the file leaves out is made up and not shown: `ks partner secret add` makes another one.
#[derive(Args)]
#[command(after_help = "docs/emulator.md tells what a world file may hold.")]
pub(crate) struct SeedArgs {
    /// The file, in YAML or JSON; - is standard input
    #[arg(value_name = "FILE")]
    file: PathBuf,
    #[command(flatten)]
    database: DatabaseArgs,
}

pub(crate) fn run(args: &SeedArgs, json: bool) -> Result<Exit, Failure> {
    let world = read(&args.file)?;
    let settings = args.database.resolve()?;
    runtime::short(async {
        let store = database::open_or_make(&settings).await?;
        let planted = plant(&store, &OsRandom as &dyn Random, &world, when::now()).await;
        store.close().await;
        let report = planted.map_err(|error| failed(&error))?;
        if json {
            output::json(&json!(report))?;
        } else {
            let rows = report.kinds().into_iter().filter(|(_, count)| count.made + count.kept > 0);
            let rows = rows.map(|(kind, count)| vec![kind.to_owned(), count.made.to_string(), count.kept.to_string()]);
            output::line(output::table(&["", "made", "kept"], &rows.collect::<Vec<_>>()).trim_end())?;
        }
        Ok(Exit::Done)
    })
}

/// Reads a world file.
pub(crate) fn read(path: &Path) -> Result<World, Failure> {
    let name = if path == Path::new("-") { "standard input".to_owned() } else { path.display().to_string() };
    let mut text = String::new();
    let read = if path == Path::new("-") {
        std::io::stdin().read_to_string(&mut text).map(drop)
    } else {
        std::fs::read_to_string(path).map(|read| text = read)
    };
    read.map_err(|error| Failure::unreachable(format!("{name}: {error}")))?;
    read_seed(&text).map_err(|error| Failure::usage(format!("{name}: {error}")))
}

/// Puts what is wrong with a world into words.
pub(crate) fn failed(error: &SeedError) -> Failure {
    match error {
        SeedError::Store(error) => database::failed(error),
        other => Failure::usage(other.to_string()),
    }
}
