//! `ks mail-template`: what an account's mails say, straight in the database.

use clap::{Args, Subcommand, ValueEnum};
use ks_service::mail::{Kind, Template};
use ks_store::{Partner, Store};
use ks_token::PartnerId;
use serde_json::{Value, json};

use crate::exit::{Exit, Failure};
use crate::generate::account as number;
use crate::output::{self, printable};
use crate::partner::{existing, on_database};
use crate::settings::{AccountArgs, DatabaseArgs};
use crate::{database, when};

/// Manage what an account's mails say
#[derive(Args)]
pub(crate) struct MailTemplateArgs {
    #[command(subcommand)]
    command: MailTemplateCommand,
}

#[derive(Subcommand)]
enum MailTemplateCommand {
    /// Show what each kind of mail says
    Show(AccountArgs),
    Set(SetArgs),
    /// Go back to the server's own text
    Reset(ResetArgs),
}

/// Give a kind of mail a text of the account's own
///
/// Plain text. In it {link} stands for the page that sets a password, and must be there; {key}, {partner}, {account} and
/// {address} may be. Where the server has no public address, {link} stands for the key alone.
#[derive(Args)]
#[command(after_help = "\
Examples:
  ks mail-template set 102 invitation --subject 'Welcome to {account}' --body-file welcome.txt")]
struct SetArgs {
    /// The account's number
    #[arg(value_name = "PARTNER", value_parser = number)]
    partner: PartnerId,
    /// The kind of mail
    #[arg(value_name = "KIND", value_enum)]
    kind: MailKind,
    /// The subject, on one line
    #[arg(long, value_name = "TEXT")]
    subject: String,
    /// A file with the body; `-` reads standard input
    #[arg(long, value_name = "FILE")]
    body_file: String,
    #[command(flatten)]
    database: DatabaseArgs,
}

#[derive(Args)]
struct ResetArgs {
    /// The account's number
    #[arg(value_name = "PARTNER", value_parser = number)]
    partner: PartnerId,
    /// The kind of mail
    #[arg(value_name = "KIND", value_enum)]
    kind: MailKind,
    #[command(flatten)]
    database: DatabaseArgs,
}

#[derive(Clone, Copy, ValueEnum)]
enum MailKind {
    /// To somebody who was given a login
    Invitation,
    /// To the first administrator of a new account
    InitialPassword,
    /// To somebody who asked for a new password
    Reset,
}

impl From<MailKind> for Kind {
    fn from(kind: MailKind) -> Self {
        match kind {
            MailKind::Invitation => Self::Invitation,
            MailKind::InitialPassword => Self::InitialPassword,
            MailKind::Reset => Self::Reset,
        }
    }
}

pub(crate) fn run(args: MailTemplateArgs, json: bool) -> Result<Exit, Failure> {
    match args.command {
        MailTemplateCommand::Show(args) => on_database(&args.database, async |store| {
            let account = existing(store, args.partner).await?;
            tell(&account, &Kind::ALL, json)
        }),
        MailTemplateCommand::Set(args) => {
            let kind = Kind::from(args.kind);
            let template = Template::checked(&args.subject, &read(&args.body_file)?);
            let template = template.map_err(|fault| Failure::usage(format!("the text cannot be used: {fault}")))?;
            on_database(&args.database, async |store| {
                change(store, args.partner, kind, json, move |account| template.keep(account, kind)).await
            })
        }
        MailTemplateCommand::Reset(args) => {
            let kind = Kind::from(args.kind);
            on_database(&args.database, async |store| {
                change(store, args.partner, kind, json, move |account| Template::forget(account, kind)).await
            })
        }
    }
}

async fn change(
    store: &Store,
    id: PartnerId,
    kind: Kind,
    json: bool,
    change: impl FnOnce(&mut Partner) + Send + 'static,
) -> Result<(), Failure> {
    existing(store, id).await?;
    let changed = store.update_partner(id, when::now(), change).await.map_err(|error| database::failed(&error))?;
    tell(&changed, &[kind], json)
}

fn read(name: &str) -> Result<String, Failure> {
    let text = if name == "-" { std::io::read_to_string(std::io::stdin()) } else { std::fs::read_to_string(name) };
    text.map_err(|error| Failure::unreachable(format!("{name} cannot be read: {error}")))
}

fn tell(account: &Partner, kinds: &[Kind], json: bool) -> Result<(), Failure> {
    if json {
        let templates: Vec<Value> = kinds.iter().map(|kind| object(account, *kind)).collect();
        return output::json(&json!({ "partnerId": account.id.get(), "mailTemplates": templates }));
    }
    for kind in kinds {
        let own = Template::of(account, *kind);
        let whose = if own.is_some() { "of the account" } else { "of the server" };
        let template = own.unwrap_or_else(|| Template::ours(*kind));
        let body = printable(&template.body).replace("\\u{a}", "\n  ");
        output::line(&format!(
            "{}, {whose}\n\n  {}\n\n  {}\n",
            kind.name(),
            printable(&template.subject),
            body.trim_end()
        ))?;
    }
    Ok(())
}

fn object(account: &Partner, kind: Kind) -> Value {
    let own = Template::of(account, kind);
    let custom = own.is_some();
    let Template { subject, body } = own.unwrap_or_else(|| Template::ours(kind));
    json!({ "kind": kind.name(), "custom": custom, "subject": subject, "body": body })
}
