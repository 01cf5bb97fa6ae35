//! `ks import`: what was elsewhere, so that it goes on working here.

use std::io::Read as _;
use std::path::{Path, PathBuf};

use clap::{Args, Subcommand};
use ks_server::read_partner;
use ks_service::accounts::NewAccount;
use ks_service::people;
use ks_service::seed::PartnerFile;
use ks_store::{AccountSecret, SecretKind, SecretState, Store};
use ks_token::{PartnerId, Secret};
use serde_json::json;
use zeroize::Zeroizing;

use crate::exit::{Exit, Failure};
use crate::generate::account as number;
use crate::partner::Made;
use crate::settings::DatabaseArgs;
use crate::{database, output, runtime, when};

/// Take over what was elsewhere
#[derive(Args)]
pub(crate) struct ImportArgs {
    #[command(subcommand)]
    command: ImportCommand,
}

#[derive(Subcommand)]
enum ImportCommand {
    Partner(PartnerArgs),
}

/// Take over an account: its number and its secrets, so that tokens minted elsewhere keep working
///
/// The account is described by a file, or on standard input, so that no secret shows in the list of processes; flags
/// go before the file. To import the same again does nothing. What is here under the same number and is different is
/// never changed, only told.
#[derive(Args)]
#[command(after_help = "\
The file is YAML or JSON:
  id: 102
  name: Lecture capture
  adminEmail: ops@example.com        may be left out: then nobody logs in, and only the secrets work
  adminName: Olga Ops                may be left out
  adminSecrets: [5f2d…, 9ab1…]       the first one is primary, all are accepted
  userSecrets: [77c0…]

  ks import partner lecture.yaml
  vault read -field=account ks/102 | ks import partner -")]
struct PartnerArgs {
    /// The file; - is standard input
    #[arg(value_name = "FILE")]
    file: Option<PathBuf>,
    /// The account's number
    #[arg(long, value_name = "ID", value_parser = number)]
    id: Option<PartnerId>,
    /// The account's name
    #[arg(long, value_name = "TEXT")]
    name: Option<String>,
    /// The administrator's e-mail address, which is also the login
    #[arg(long, value_name = "ADDRESS")]
    admin_email: Option<String>,
    /// A file with the administrator secrets, one on each line, the primary one first
    #[arg(long, value_name = "FILE")]
    admin_secrets_file: Option<PathBuf>,
    /// A file with the user secrets, likewise
    #[arg(long, value_name = "FILE")]
    user_secrets_file: Option<PathBuf>,
    /// Add secrets that the account does not have here yet
    #[arg(long)]
    add_secrets: bool,
    #[command(flatten)]
    database: DatabaseArgs,
}

/// An account as it was elsewhere.
struct Wanted {
    id: PartnerId,
    name: String,
    email: Option<String>,
    admin_name: Option<String>,
    secrets: [(SecretKind, Vec<Secret>); 2],
}

pub(crate) fn run(args: ImportArgs, json: bool) -> Result<Exit, Failure> {
    let ImportCommand::Partner(args) = args.command;
    let add_secrets = args.add_secrets;
    let database = args.database.clone();
    let wanted = Wanted::of(args)?;
    let settings = database.resolve()?;
    runtime::short(async {
        let store = database::open_or_make(&settings).await?;
        let done = take_over(&store, wanted, add_secrets, json).await;
        store.close().await;
        done.map(|()| Exit::Done)
    })
}

impl Wanted {
    fn of(args: PartnerArgs) -> Result<Self, Failure> {
        let file = args.file.as_deref().map_or_else(|| Ok(PartnerFile::default()), read)?;
        let id = args.id.or(file.id.map(PartnerId::new));
        let id = id.filter(|id| id.get() > 0).ok_or_else(|| {
            Failure::usage("the account's number is missing").hint("give --id, or id in the file, above 0")
        })?;
        let lines = |path: &Option<PathBuf>| path.as_deref().map(crate::secrets::read).transpose();
        let given = |secrets: Vec<String>| {
            let secrets = secrets.into_iter().map(|secret| Secret::new(secret.trim()));
            secrets.collect::<Result<Vec<_>, _>>().map_err(|_| Failure::usage("a secret is empty"))
        };
        let admin = lines(&args.admin_secrets_file)?.map_or_else(|| given(file.admin_secrets), Ok)?;
        let user = lines(&args.user_secrets_file)?.map_or_else(|| given(file.user_secrets), Ok)?;
        if admin.is_empty() {
            return Err(Failure::usage("there is no administrator secret, and without it no token verifies")
                .hint("give adminSecrets in the file, or --admin-secrets-file"));
        }
        let all: Vec<&Secret> = admin.iter().chain(&user).collect();
        let twice = |at: usize| all[..at].iter().any(|other| other.matches(all[at].expose()));
        if (0..all.len()).any(twice) {
            return Err(Failure::usage("a secret is there twice"));
        }
        let email = args.admin_email.or(file.admin_email).map(|email| email.trim().to_owned());
        if email.as_deref().is_some_and(|email| !people::is_address(email)) {
            return Err(Failure::usage("the administrator's e-mail address is none"));
        }
        Ok(Self {
            id,
            name: args.name.or(file.name).unwrap_or_else(|| format!("Account {id}")),
            email,
            admin_name: file.admin_name,
            secrets: [(SecretKind::Admin, admin), (SecretKind::User, user)],
        })
    }
}

fn read(path: &Path) -> Result<PartnerFile, Failure> {
    let name = if path == Path::new("-") { "standard input".to_owned() } else { path.display().to_string() };
    let mut text = Zeroizing::new(String::new());
    let read = if path == Path::new("-") {
        std::io::stdin().read_to_string(&mut text).map(drop)
    } else {
        std::fs::read_to_string(path).map(|read| *text = read)
    };
    read.map_err(|error| Failure::unreachable(format!("{name}: {error}")))?;
    read_partner(&text).map_err(|error| Failure::usage(format!("{name}: {error}")))
}

async fn take_over(store: &Store, wanted: Wanted, add_secrets: bool, json: bool) -> Result<(), Failure> {
    let id = wanted.id;
    let known = store.account(id).await.map_err(|error| database::failed(&error))?;
    let made = match known {
        None => Some(make(store, &wanted).await?),
        Some(known) => {
            let partner = &known.partner;
            let other = |what: &str, is: &str, wanted: &str| {
                Failure::no(format!("account {id} is here with {what} {is:?}, not {wanted:?}"))
                    .hint("nothing was changed; if it is the same account, change one of them first")
            };
            if partner.name != wanted.name {
                return Err(other("the name", &partner.name, &wanted.name));
            }
            if let Some(email) = &wanted.email
                && !partner.admin_email.eq_ignore_ascii_case(email)
            {
                return Err(other("the administrator", &partner.admin_email, email));
            }
            None
        }
    };
    let there = store.secrets(id).await.map_err(|error| database::failed(&error))?;
    let missing = missing(&wanted, &there)?;
    if made.is_none() && !missing.is_empty() && !add_secrets {
        return Err(Failure::no(format!(
            "account {id} is here, without {} of the secrets: tokens signed with them are refused",
            missing.len()
        ))
        .hint("nothing was changed; --add-secrets adds them beside those that it has"));
    }
    let added = missing.len();
    for (kind, secret) in missing {
        let added = store.add_secret(id, kind, Some(secret), when::now()).await;
        added.map_err(|error| database::failed(&error))?;
    }
    tell(&wanted, made.as_ref(), added, json)
}

/// Makes the account with its first secrets.
async fn make(store: &Store, wanted: &Wanted) -> Result<Made, Failure> {
    let first = |secrets: &[Secret]| secrets.first().map(|secret| secret.expose().to_owned());
    let [(_, admin), (_, user)] = &wanted.secrets;
    let new = NewAccount {
        id: Some(wanted.id),
        name: wanted.name.clone(),
        admin_email: wanted.email.clone().unwrap_or_default(),
        admin_name: wanted.admin_name.clone(),
        admin_secret: first(admin),
        user_secret: first(user),
        description: "Imported".to_owned(),
        ..NewAccount::default()
    };
    Made::make(store, new).await
}

/// The secrets that the account does not have yet.
fn missing(wanted: &Wanted, there: &[AccountSecret]) -> Result<Vec<(SecretKind, Secret)>, Failure> {
    let mut missing = Vec::new();
    for (kind, secrets) in &wanted.secrets {
        for secret in secrets {
            match there.iter().find(|known| known.secret.matches(secret.expose())) {
                None => missing.push((*kind, secret.clone())),
                Some(known) if known.kind != *kind => {
                    let fault = format!("a secret is of the other kind here: it is number {}", known.id);
                    return Err(Failure::no(fault).hint("nothing was changed"));
                }
                Some(known) if known.state != SecretState::Enabled => {
                    let fault = format!("a secret was disabled here: it is number {}", known.id);
                    return Err(Failure::no(fault).hint("nothing was changed; tokens signed with it stay refused"));
                }
                Some(_) => {}
            }
        }
    }
    Ok(missing)
}

/// Says what was done. Secrets are known to whoever imports; only a new administrator's password is news.
fn tell(wanted: &Wanted, made: Option<&Made>, added: usize, json: bool) -> Result<(), Failure> {
    let id = wanted.id;
    if json {
        let made_up = made.map(Made::object).and_then(|mut object| object.shift_remove("adminPassword"));
        return output::json(&json!({
            "partnerId": id.get(),
            "made": made.is_some(),
            "secretsAdded": added,
            "adminPassword": made_up,
        }));
    }
    let mut text = match (made, added) {
        (Some(_), _) => format!("Account {id} is imported: its tokens are accepted."),
        (None, 0) => format!("Account {id} is here already, with all of the secrets. Nothing was changed."),
        (None, added) => format!("Account {id} is here already. Secrets added: {added}."),
    };
    if let Some(password) = made.and_then(Made::new_password) {
        text.push_str(&format!("\nThe administrator's password, shown once: {}", output::printable(password)));
    }
    output::line(&text)
}
