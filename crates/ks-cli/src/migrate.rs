//! `ks migrate`: brings a database to the layout of this program.

use clap::Args;
use ks_store::{DatabaseUrl, Layout, Migration, StoreError};
use serde_json::{Value, json};

use crate::exit::{Exit, Failure};
use crate::settings::DatabaseArgs;
use crate::{database, output, runtime, when};

/// Bring a database to the layout of this program
///
/// What is missing is added in one transaction, under the lock that all writers take: several may be at it at once, and
/// one that is cut off leaves nothing behind. Nodes of an older version may go on beside, since migrations only add;
/// they may even be started again, unless this program says that they cannot work with the new layout. An empty database
/// is given its whole layout.
#[derive(Args)]
pub(crate) struct MigrateArgs {
    /// Only say what is missing; the exit code is 1 when something is
    #[arg(long)]
    check: bool,
    #[command(flatten)]
    database: DatabaseArgs,
}

pub(crate) fn run(args: &MigrateArgs, json: bool) -> Result<Exit, Failure> {
    let url = args.database.resolve_url()?;
    let failed = |error: StoreError| Failure::unreachable(format!("{url}: {error}"));
    runtime::short(async {
        if args.check {
            if let DatabaseUrl::Sqlite(path) = &url
                && !path.exists()
            {
                return Err(Failure::unreachable(format!("there is no database at {}", path.display())));
            }
            let layout = Layout::of(&url).await.map_err(failed)?;
            tell("pending", layout.number, &layout.pending, json)?;
            return Ok(if layout.pending.is_empty() { Exit::Done } else { Exit::No });
        }
        if let DatabaseUrl::Sqlite(path) = &url {
            database::make_folder(path.parent())?;
        }
        let added = Layout::bring(&url, when::now()).await.map_err(failed)?;
        let layout = Layout::of(&url).await.map_err(failed)?;
        tell("added", layout.number, &added, json)?;
        Ok(Exit::Done)
    })
}

fn tell(what: &str, layout: i64, migrations: &[Migration], json: bool) -> Result<(), Failure> {
    if json {
        let list: Vec<Value> =
            migrations.iter().map(|migration| json!({ "number": migration.number, "name": migration.name })).collect();
        return output::json(&json!({ "layout": layout, what: list }));
    }
    let nothing = if what == "added" { "Nothing was missing" } else { "Nothing is missing" };
    if migrations.is_empty() {
        return output::line(&format!("{nothing}: the database has layout {layout}."));
    }
    let rows: Vec<_> =
        migrations.iter().map(|migration| vec![migration.number.to_string(), migration.name.to_owned()]).collect();
    let head = if what == "added" { "Added" } else { "Missing" };
    output::line(&format!("{head}; the database has layout {layout}:\n\n{}", output::table(&["NUMBER", "NAME"], &rows)))
}
