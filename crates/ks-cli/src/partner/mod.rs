//! `ks partner`: accounts, straight in the database, also beside a running server.

mod account;
mod create;
mod secret;
mod set;

pub(crate) use create::Made;

use clap::{Args, Subcommand};
use ks_store::{PartnerStatus, Store};
use ks_token::PartnerId;

use crate::exit::{Exit, Failure};
use crate::settings::{AccountArgs, DatabaseArgs};
use crate::{database, runtime};

/// Manage accounts
///
/// Works on the database itself, also while a server runs on it: the server follows within a fraction of a second.
#[derive(Args)]
pub(crate) struct PartnerArgs {
    #[command(subcommand)]
    command: PartnerCommand,
}

#[derive(Subcommand)]
enum PartnerCommand {
    Create(create::CreateArgs),
    /// List all accounts
    List(ListArgs),
    /// Show one account
    Show(AccountArgs),
    Set(set::SetArgs),
    /// Block an account: its sessions are refused, and no new ones start
    Block(AccountArgs),
    /// Unblock an account
    Unblock(AccountArgs),
    Secret(secret::SecretArgs),
}

#[derive(Args)]
struct ListArgs {
    #[command(flatten)]
    database: DatabaseArgs,
}

pub(crate) fn run(args: PartnerArgs, json: bool) -> Result<Exit, Failure> {
    match args.command {
        PartnerCommand::Create(args) => create::run(args, json),
        PartnerCommand::List(args) => on_database(&args.database, async |store| account::list(store, json).await),
        PartnerCommand::Show(args) => {
            on_database(&args.database, async |store| account::show(store, args.partner, json).await)
        }
        PartnerCommand::Set(args) => {
            on_database(&args.database.clone(), async |store| set::run(store, args, json).await)
        }
        PartnerCommand::Block(args) => on_database(&args.database, async |store| {
            account::set_status(store, args.partner, PartnerStatus::Blocked, json).await
        }),
        PartnerCommand::Unblock(args) => on_database(&args.database, async |store| {
            account::set_status(store, args.partner, PartnerStatus::Active, json).await
        }),
        PartnerCommand::Secret(args) => secret::run(args, json),
    }
}

/// Opens the database that is there, works on it, and closes it.
pub(crate) fn on_database(
    args: &DatabaseArgs,
    work: impl AsyncFnOnce(&Store) -> Result<(), Failure>,
) -> Result<Exit, Failure> {
    let settings = args.resolve()?;
    runtime::short(async {
        let store = database::open(&settings).await?;
        let done = work(&store).await;
        store.close().await;
        done.map(|()| Exit::Done)
    })
}

/// Refuses an account that is not there.
pub(crate) async fn existing(store: &Store, id: PartnerId) -> Result<ks_store::Partner, Failure> {
    store.partner(id).await.map_err(|error| database::failed(&error))?.ok_or_else(|| {
        Failure::no(format!("there is no account {id}")).hint("`ks partner list` lists the accounts of this database")
    })
}
