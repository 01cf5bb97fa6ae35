//! `ks app-token`: keys with which programs of others start sessions, straight in the database.

use clap::{Args, Subcommand, ValueEnum};
use ks_schema::ids::AppTokenId;
use ks_store::{AppToken, AppTokenHash, AppTokenStatus, NewAppToken, Page, Store};
use ks_token::PartnerId;
use serde_json::{Value, json};

use crate::exit::{Exit, Failure};
use crate::generate::account as number;
use crate::output::{self, printable};
use crate::partner::{existing, on_database};
use crate::settings::{AccountArgs, DatabaseArgs};
use crate::{database, when};

/// Manage app tokens: programs of others start sessions with them, without the account's secrets
#[derive(Args)]
pub(crate) struct AppTokenArgs {
    #[command(subcommand)]
    command: AppTokenCommand,
}

#[derive(Subcommand)]
enum AppTokenCommand {
    Add(AddArgs),
    /// List an account's app tokens, without their keys
    List(AccountArgs),
    /// Show one app token, without its key
    Show(OneArgs),
    /// Delete an app token: its sessions end at their next request
    Delete(OneArgs),
}

/// Add an app token, and print its key, once
#[derive(Args)]
struct AddArgs {
    /// The account's number
    #[arg(value_name = "PARTNER", value_parser = number)]
    partner: PartnerId,
    /// What it is for
    #[arg(long, value_name = "TEXT")]
    description: Option<String>,
    /// The type of its sessions; if left out, the program asks for one, and gets no administrator's
    #[arg(long = "type", value_enum)]
    kind: Option<Kind>,
    /// The user of its sessions; if left out, the program says who it is
    #[arg(long, value_name = "USER")]
    user: Option<String>,
    /// How long its sessions last at most, in seconds [default: as long as the account allows]
    #[arg(long, value_name = "SECONDS")]
    duration: Option<i64>,
    /// When it ends: Unix seconds, or a date such as 2030-01-31T12:00:00Z [default: never]
    #[arg(long, value_name = "TIME", value_parser = when::parse)]
    expires: Option<i64>,
    /// What its sessions may do, as in `ks generate`
    #[arg(long, value_name = "TEXT")]
    privileges: Option<String>,
    /// How the program proves that it has the key
    #[arg(long, value_enum, default_value = "sha256")]
    hash: Hash,
    #[command(flatten)]
    database: DatabaseArgs,
}

#[derive(Args)]
struct OneArgs {
    /// The account's number
    #[arg(value_name = "PARTNER", value_parser = number)]
    partner: PartnerId,
    /// The app token's id, as `ks app-token list` shows it
    #[arg(value_name = "ID")]
    id: String,
    #[command(flatten)]
    database: DatabaseArgs,
}

#[derive(Clone, Copy, ValueEnum)]
enum Kind {
    User,
    Admin,
}

#[derive(Clone, Copy, ValueEnum)]
enum Hash {
    Md5,
    Sha1,
    Sha256,
    Sha512,
}

pub(crate) fn run(args: AppTokenArgs, json: bool) -> Result<Exit, Failure> {
    match args.command {
        AppTokenCommand::Add(args) => {
            let database = args.database.clone();
            on_database(&database, async |store| add(store, args, json).await)
        }
        AppTokenCommand::List(args) => on_database(&args.database, async |store| list(store, args.partner, json).await),
        AppTokenCommand::Show(args) => on_database(&args.database, async |store| show(store, &args, json).await),
        AppTokenCommand::Delete(args) => on_database(&args.database, async |store| delete(store, &args, json).await),
    }
}

async fn add(store: &Store, args: AddArgs, json: bool) -> Result<(), Failure> {
    existing(store, args.partner).await?;
    let new = NewAppToken {
        hash_type: match args.hash {
            Hash::Md5 => AppTokenHash::Md5,
            Hash::Sha1 => AppTokenHash::Sha1,
            Hash::Sha256 => AppTokenHash::Sha256,
            Hash::Sha512 => AppTokenHash::Sha512,
        },
        expiry: args.expires,
        session_type: args.kind.map(|kind| match kind {
            Kind::User => 0,
            Kind::Admin => 2,
        }),
        session_user_id: args.user,
        session_duration: args.duration,
        session_privileges: args.privileges,
        description: args.description,
        ..NewAppToken::of(args.partner)
    };
    let added = store.add_app_token(new, when::now()).await.map_err(|error| database::failed(&error))?;
    if json {
        let mut object = object(&added);
        object["token"] = json!(added.token.expose());
        return output::json(&object);
    }
    output::line(&format!(
        "Account {} has a new app token, {}. Its key is shown once:\n\n  {}",
        args.partner,
        added.id,
        added.token.expose()
    ))
}

async fn list(store: &Store, partner: PartnerId, json: bool) -> Result<(), Failure> {
    existing(store, partner).await?;
    let everything = Page { offset: 0, limit: u32::MAX };
    let all = store.app_tokens(partner, ks_access::condition::Condition::TRUE, &[], everything).await;
    let (all, _) = all.map_err(|error| database::failed(&error))?;
    if json {
        return output::json(&json!({ "appTokens": all.iter().map(object).collect::<Vec<_>>() }));
    }
    let now = when::now();
    let rows: Vec<_> = all
        .iter()
        .map(|token| {
            vec![
                token.id.to_string(),
                status(token).to_owned(),
                token.expiry.filter(|at| *at != 0).map_or_else(|| "never".to_owned(), |at| when::distance(at, now)),
                token.session_user_id.as_deref().map_or_else(|| "-".to_owned(), printable),
                token.description.as_deref().map_or_else(|| "-".to_owned(), printable),
            ]
        })
        .collect();
    output::line(&output::table(&["ID", "STATUS", "ENDS", "USER", "FOR"], &rows))
}

/// Refuses an app token that is not there.
async fn one(store: &Store, args: &OneArgs) -> Result<AppToken, Failure> {
    existing(store, args.partner).await?;
    let found = store.app_token(args.partner, &AppTokenId::new(args.id.as_str())).await;
    found.map_err(|error| database::failed(&error))?.ok_or_else(|| {
        Failure::no(format!("account {} has no app token {}", args.partner, printable(&args.id)))
            .hint(format!("`ks app-token list {}` lists them", args.partner))
    })
}

async fn show(store: &Store, args: &OneArgs, json: bool) -> Result<(), Failure> {
    let token = one(store, args).await?;
    if json {
        return output::json(&object(&token));
    }
    let text = |text: Option<&str>| text.map_or_else(|| "-".to_owned(), printable);
    let kind = match token.session_type {
        None => "as asked for",
        Some(0) => "user",
        Some(_) => "admin",
    };
    let ends = token.expiry.filter(|at| *at != 0).map_or_else(|| "never".to_owned(), when::date);
    let lines = [
        ("App token", token.id.to_string()),
        ("Status", status(&token).to_owned()),
        ("For", text(token.description.as_deref())),
        ("Ends", ends),
        ("Sessions of", text(token.session_user_id.as_deref())),
        ("Type", kind.to_owned()),
        ("Longest session", format!("{} seconds", token.session_duration)),
        ("Privileges", text(token.session_privileges.as_deref())),
        ("Hash", token.hash_type.name().to_owned()),
        ("Created", when::date(token.created_at)),
        ("Changed", when::date(token.updated_at)),
    ];
    let rows: Vec<_> = lines.iter().map(|(label, value)| format!("{label:<16} {value}")).collect();
    output::line(&rows.join("\n"))
}

async fn delete(store: &Store, args: &OneArgs, json: bool) -> Result<(), Failure> {
    let token = one(store, args).await?;
    let deleted = store.delete_app_token(args.partner, token.id.clone(), when::now()).await;
    deleted.map_err(|error| database::failed(&error))?;
    if json {
        return output::json(&json!({ "id": token.id.as_str(), "status": "deleted" }));
    }
    output::line(&format!("App token {} is deleted, and its sessions are ended.", token.id))
}

fn object(token: &AppToken) -> Value {
    json!({
        "id": token.id.as_str(),
        "partnerId": token.partner_id.get(),
        "status": status(token),
        "expiry": token.expiry,
        "sessionType": token.session_type,
        "sessionUserId": token.session_user_id,
        "sessionDuration": token.session_duration,
        "sessionPrivileges": token.session_privileges,
        "hashType": token.hash_type.name(),
        "description": token.description,
        "createdAt": token.created_at,
        "updatedAt": token.updated_at,
    })
}

fn status(token: &AppToken) -> &'static str {
    match token.status {
        AppTokenStatus::Active => "active",
        AppTokenStatus::Disabled => "disabled",
    }
}
