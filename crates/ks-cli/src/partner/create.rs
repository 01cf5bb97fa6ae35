//! `ks partner create`, and what is told of a new account: here, at the first start of a server, and in `ks dev`.

use clap::Args;
use ks_service::accounts::{AccountError, CreatedAccount, NewAccount, create_account};
use ks_store::{OsRandom, Store, StoreError};
use ks_token::PartnerId;
use serde_json::{Map, Value, json};

use crate::exit::{Exit, Failure};
use crate::generate::account as number;
use crate::output::{self, printable};
use crate::settings::DatabaseArgs;
use crate::{database, runtime, when};

/// Make an account, and print its secrets and its administrator's password, once
#[derive(Args)]
#[command(after_help = "\
A secret or password that is left out is made up. Other users of this machine can see a flag in the list of \
processes: give the variables KS_ADMIN_PASSWORD, KS_ADMIN_SECRET and KS_USER_SECRET instead of the flags.")]
pub(super) struct CreateArgs {
    /// The account's number [default: the next free one]
    #[arg(long, value_name = "ID", value_parser = number)]
    id: Option<PartnerId>,
    /// The account's name
    #[arg(long, value_name = "TEXT", default_value = "Unnamed")]
    name: String,
    /// The administrator's e-mail address, which is also the login; without it nobody can log in, only the secrets work
    #[arg(long, value_name = "ADDRESS", env = "KS_ADMIN_EMAIL", hide_env_values = true)]
    admin_email: Option<String>,
    /// The administrator's password
    #[arg(long, value_name = "TEXT", env = "KS_ADMIN_PASSWORD", hide_env_values = true, requires = "admin_email")]
    admin_password: Option<String>,
    /// The administrator secret: it signs every kind of session
    #[arg(long, value_name = "TEXT", env = "KS_ADMIN_SECRET", hide_env_values = true)]
    admin_secret: Option<String>,
    /// The user secret: it starts users' sessions
    #[arg(long, value_name = "TEXT", env = "KS_USER_SECRET", hide_env_values = true)]
    user_secret: Option<String>,
    /// The account that it belongs to
    #[arg(long, value_name = "PARTNER", value_parser = number)]
    parent: Option<PartnerId>,
    /// The account whose settings, permissions and roles it takes over
    #[arg(long, value_name = "PARTNER", value_parser = number)]
    template: Option<PartnerId>,
    /// Let it start sessions in the accounts that belong to it
    #[arg(long)]
    may_impersonate: bool,
    /// Put its sessions under entitlement unless they say otherwise
    #[arg(long)]
    enforce_entitlement: bool,
    #[command(flatten)]
    database: DatabaseArgs,
}

pub(super) fn run(args: CreateArgs, json: bool) -> Result<Exit, Failure> {
    let settings = args.database.resolve()?;
    runtime::short(async {
        let store = database::open_or_make(&settings).await?;
        let new = NewAccount {
            id: args.id,
            name: args.name,
            admin_email: args.admin_email.unwrap_or_default(),
            admin_password: args.admin_password,
            admin_secret: args.admin_secret,
            user_secret: args.user_secret,
            parent: args.parent,
            template: args.template,
            may_impersonate: args.may_impersonate,
            enforce_entitlement: args.enforce_entitlement,
            ..NewAccount::default()
        };
        let made = Made::make(&store, new).await;
        store.close().await;
        let made = made?;
        if json {
            output::json(&Value::Object(made.object()))?;
        } else {
            output::line(&format!("Account {} is made. This is shown once:\n\n{}", made.partner_id(), made.text()))?;
        }
        Ok(Exit::Done)
    })
}

/// A new account, and what is to be said of its administrator.
pub(crate) struct Made(CreatedAccount, Administrator);

/// Who can log in.
enum Administrator {
    /// Nobody.
    None,
    /// Somebody who had a login before, and keeps its password.
    Known,
    /// Somebody with the new password.
    New,
}

impl Made {
    /// Makes an account.
    pub(crate) async fn make(store: &Store, new: NewAccount) -> Result<Self, Failure> {
        let administrator = if new.admin_email.is_empty() {
            Administrator::None
        } else {
            match store.login(&new.admin_email).await.map_err(|error| database::failed(&error))? {
                Some(_) => Administrator::Known,
                None => Administrator::New,
            }
        };
        let id = new.id;
        let created = create_account(store, &OsRandom, new, when::now()).await.map_err(|error| match error {
            AccountError::Store(StoreError::Conflict(what)) => match id {
                Some(id) if what == "partner id" => Failure::no(format!("there is an account {id} already")),
                _ => Failure::no(format!("{what} is taken")),
            },
            AccountError::Store(StoreError::NotFound(what)) => Failure::no(format!("there is no such {what}")),
            AccountError::Store(error) => database::failed(&error),
            other => Failure::usage(other.to_string()),
        })?;
        Ok(Self(created, administrator))
    }

    /// Its number.
    pub(crate) fn partner_id(&self) -> PartnerId {
        self.0.partner_id
    }

    /// The password of an administrator who is new.
    pub(crate) fn new_password(&self) -> Option<&str> {
        matches!(self.1, Administrator::New).then(|| self.0.admin_password.expose())
    }

    /// For programs.
    pub(crate) fn object(&self) -> Map<String, Value> {
        let Self(created, administrator) = self;
        let (email, password) = match administrator {
            Administrator::None => (None, None),
            Administrator::Known => (Some(&created.admin_email), None),
            Administrator::New => (Some(&created.admin_email), Some(created.admin_password.expose())),
        };
        let mut object = Map::new();
        object.insert("partnerId".to_owned(), json!(created.partner_id.get()));
        object.insert("adminSecret".to_owned(), json!(created.admin_secret.expose()));
        object.insert("userSecret".to_owned(), json!(created.user_secret.expose()));
        object.insert("adminEmail".to_owned(), json!(email));
        object.insert("adminPassword".to_owned(), json!(password));
        object
    }

    /// For people.
    pub(crate) fn text(&self) -> String {
        let Self(created, administrator) = self;
        let (email, password) = match administrator {
            Administrator::None => ("none", "none"),
            Administrator::Known => (created.admin_email.as_str(), "(unchanged: this address has a login already)"),
            Administrator::New => (created.admin_email.as_str(), created.admin_password.expose()),
        };
        format!(
            "  Partner id             {}\n  Administrator secret   {}\n  User secret            {}\n  \
             Administrator          {}\n  Password               {}",
            created.partner_id,
            printable(created.admin_secret.expose()),
            printable(created.user_secret.expose()),
            printable(email),
            printable(password)
        )
    }
}
