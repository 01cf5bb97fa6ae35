//! `ks partner secret`: rotation of an account's secrets, with an overlap in which old and new are accepted.

use clap::{Args, Subcommand, ValueEnum};
use ks_schema::ids::SecretId;
use ks_store::{AccountSecret, SecretKind, Store};
use ks_token::{PartnerId, Secret};
use serde_json::{Value, json};

use crate::exit::{Exit, Failure};
use crate::generate::account as number;
use crate::partner::{existing, on_database};
use crate::settings::{AccountArgs, DatabaseArgs};
use crate::{database, output, when};

/// Manage the secrets of an account
#[derive(Args)]
#[command(after_help = "\
To replace a secret without a gap:
  ks partner secret add 102              a second secret, accepted beside the first; printed once
  (give it to the programs that sign)
  ks partner secret set-primary 102 7    from now on the server itself signs with it
  ks partner secret list 102             is the old one still used?
  ks partner secret disable 102 1        the old one, and every token signed with it, is refused")]
pub(super) struct SecretArgs {
    #[command(subcommand)]
    command: SecretCommand,
}

#[derive(Subcommand)]
enum SecretCommand {
    /// List the secrets of an account: state and last use, never the values
    ///
    /// A running server writes down the last use of a secret at most once a minute.
    List(AccountArgs),
    /// Add a secret, accepted at once beside the others, and print it, once
    Add(AddArgs),
    /// Make a secret the one that the server itself signs with
    SetPrimary(OneArgs),
    /// Stop accepting a secret, and every token signed with it
    Disable(DisableArgs),
}

#[derive(Args)]
struct AddArgs {
    /// The account's number
    #[arg(value_name = "PARTNER", value_parser = number)]
    partner: PartnerId,
    /// What the secret is for
    #[arg(long, value_name = "KIND", value_enum, default_value = "admin")]
    kind: Kind,
    /// The secret itself, such as one that other servers know; made up if left out
    #[arg(long, value_name = "TEXT")]
    secret: Option<String>,
    #[command(flatten)]
    database: DatabaseArgs,
}

#[derive(Args)]
struct OneArgs {
    /// The account's number
    #[arg(value_name = "PARTNER", value_parser = number)]
    partner: PartnerId,
    /// The secret's number, as `ks partner secret list` shows it
    #[arg(value_name = "SECRET-ID")]
    id: i64,
    #[command(flatten)]
    database: DatabaseArgs,
}

#[derive(Args)]
struct DisableArgs {
    /// It became known to others: note that too, and end for good every session that it signed
    #[arg(long)]
    leaked: bool,
    #[command(flatten)]
    which: OneArgs,
}

#[derive(Clone, Copy, ValueEnum)]
enum Kind {
    /// Signs every kind of session
    Admin,
    /// Only starts users' sessions through the server
    User,
}

pub(super) fn run(args: SecretArgs, json: bool) -> Result<Exit, Failure> {
    match args.command {
        SecretCommand::List(args) => on_database(&args.database, async |store| list(store, args.partner, json).await),
        SecretCommand::Add(args) => on_database(&args.database, async |store| add(store, &args, json).await),
        SecretCommand::SetPrimary(args) => on_database(&args.database, async |store| {
            let id = secret_of(store, &args).await?;
            let done = store.set_primary_secret(args.partner, id, when::now()).await;
            done.map_err(|error| database::failed(&error))?;
            tell(store, &args, json).await
        }),
        SecretCommand::Disable(DisableArgs { which, leaked }) => on_database(&which.database, async |store| {
            let id = secret_of(store, &which).await?;
            let done = if leaked {
                store.revoke_secret(which.partner, id, when::now()).await
            } else {
                store.disable_secret(which.partner, id, when::now()).await
            };
            done.map_err(|error| database::failed(&error))?;
            tell(store, &which, json).await
        }),
    }
}

async fn secrets(store: &Store, partner: PartnerId) -> Result<Vec<AccountSecret>, Failure> {
    existing(store, partner).await?;
    store.secrets(partner).await.map_err(|error| database::failed(&error))
}

/// Refuses a secret that the account does not have.
async fn secret_of(store: &Store, which: &OneArgs) -> Result<SecretId, Failure> {
    let id = SecretId::new(which.id);
    if secrets(store, which.partner).await?.iter().any(|secret| secret.id == id) {
        return Ok(id);
    }
    Err(Failure::no(format!("account {} has no secret {id}", which.partner))
        .hint(format!("`ks partner secret list {}` lists them", which.partner)))
}

async fn list(store: &Store, partner: PartnerId, json: bool) -> Result<(), Failure> {
    let secrets = secrets(store, partner).await?;
    if json {
        return output::json(&json!({ "secrets": secrets.iter().map(object).collect::<Vec<_>>() }));
    }
    let now = when::now();
    let rows: Vec<_> = secrets
        .iter()
        .map(|secret| {
            vec![
                secret.id.to_string(),
                secret.kind.as_str().to_owned(),
                if secret.is_primary { "primary" } else { secret.state.as_str() }.to_owned(),
                when::date(secret.created_at),
                secret.last_used_at.map_or_else(|| "never".to_owned(), |at| when::distance(at, now)),
            ]
        })
        .collect();
    output::line(&output::table(&["ID", "KIND", "STATE", "CREATED", "LAST USED"], &rows))
}

async fn add(store: &Store, args: &AddArgs, json: bool) -> Result<(), Failure> {
    existing(store, args.partner).await?;
    let given = args.secret.as_deref().map(Secret::new).transpose();
    let given = given.map_err(|_| Failure::usage("--secret is empty"))?;
    let kind = match args.kind {
        Kind::Admin => SecretKind::Admin,
        Kind::User => SecretKind::User,
    };
    let added = store.add_secret(args.partner, kind, given, when::now()).await;
    let added = added.map_err(|error| database::failed(&error))?;
    if json {
        let mut object = object(&added);
        object["secret"] = json!(added.secret.expose());
        return output::json(&object);
    }
    output::line(&format!(
        "Account {} has a new {} secret, number {}. This is shown once:\n\n  {}",
        args.partner,
        added.kind.as_str(),
        added.id,
        output::printable(added.secret.expose())
    ))
}

/// Tells how a secret stands after a change.
async fn tell(store: &Store, which: &OneArgs, json: bool) -> Result<(), Failure> {
    let secrets = secrets(store, which.partner).await?;
    let Some(secret) = secrets.iter().find(|secret| secret.id.get() == which.id) else {
        return Ok(());
    };
    if json {
        return output::json(&object(secret));
    }
    let state = if secret.is_primary { "the primary one" } else { secret.state.as_str() };
    output::line(&format!("Secret {} of account {} is {state}.", secret.id, which.partner))
}

fn object(secret: &AccountSecret) -> Value {
    json!({
        "id": secret.id.get(),
        "kind": secret.kind.as_str(),
        "state": secret.state.as_str(),
        "primary": secret.is_primary,
        "createdAt": secret.created_at,
        "lastUsedAt": secret.last_used_at,
        "disabledAt": secret.disabled_at,
    })
}
