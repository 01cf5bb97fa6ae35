//! `ks user`: people of an account, straight in the database, also beside a running server.

mod change;
mod import;
mod show;

use clap::{Args, Subcommand};
use ks_store::{Actor, Store, UserStatus};
use ks_token::PartnerId;

use crate::exit::{Exit, Failure};
use crate::generate::account as number;
use crate::partner::on_database;
use crate::settings::{AccountArgs, DatabaseArgs};

/// Manage the users of an account
///
/// Works on the database itself, also while a server runs on it: the server follows within a fraction of a second.
#[derive(Args)]
pub(crate) struct UserArgs {
    #[command(subcommand)]
    command: UserCommand,
}

#[derive(Subcommand)]
enum UserCommand {
    Add(change::AddArgs),
    Import(import::ImportArgs),
    /// List the users and groups of an account
    List(AccountArgs),
    /// Show one user
    Show(OneArgs),
    /// Block a user: its sessions end, and no call is answered any more
    Block(OneArgs),
    /// Unblock a user
    Unblock(OneArgs),
    /// Delete a user: its sessions end, and its id may be taken again
    Delete(OneArgs),
    /// Sign a user out everywhere: the sessions that its logins started end
    SignOut(OneArgs),
    SetPassword(change::SetPasswordArgs),
    Roles(change::RolesArgs),
}

#[derive(Args)]
struct OneArgs {
    /// The account's number
    #[arg(value_name = "PARTNER", value_parser = number)]
    partner: PartnerId,
    /// The user's id
    #[arg(value_name = "USER")]
    user: String,
    #[command(flatten)]
    database: DatabaseArgs,
}

pub(crate) fn run(args: UserArgs, json: bool) -> Result<Exit, Failure> {
    match args.command {
        UserCommand::Add(args) => change::add(&args, json),
        UserCommand::Import(args) => import::import(&args, json),
        UserCommand::List(args) => {
            on_database(&args.database, async |store| show::list(store, args.partner, json).await)
        }
        UserCommand::Show(args) => {
            on_database(&args.database, async |store| show::show(store, args.partner, &args.user, json).await)
        }
        UserCommand::Block(args) => set_status(&args, UserStatus::Blocked, "ks user block", json),
        UserCommand::Unblock(args) => set_status(&args, UserStatus::Active, "ks user unblock", json),
        UserCommand::Delete(args) => on_database(&args.database, async |store| {
            change::delete(&acting(store, "ks user delete"), args.partner, &args.user, json).await
        }),
        UserCommand::SignOut(args) => on_database(&args.database, async |store| {
            change::sign_out(&acting(store, "ks user sign-out"), args.partner, &args.user, json).await
        }),
        UserCommand::SetPassword(args) => change::set_password(args, json),
        UserCommand::Roles(args) => change::roles(&args, json),
    }
}

fn set_status(args: &OneArgs, status: UserStatus, name: &'static str, json: bool) -> Result<Exit, Failure> {
    on_database(&args.database, async |store| {
        change::set_status(&acting(store, name), args.partner, &args.user, status, json).await
    })
}

/// The store, for the changes of a command.
fn acting(store: &Store, command: &str) -> Store {
    store.acting(Actor::command(command))
}
