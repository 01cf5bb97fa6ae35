//! `ks dev`: the same server with a throw-away account, on this machine only.

mod snippets;

use std::net::SocketAddr;
use std::sync::Arc;

use clap::Args;
use ks_server::Config;
use ks_service::accounts::NewAccount;
use ks_service::mail::{Mail, Outbox};
use ks_store::{Actor, Store, StoreConfig};
use ks_token::PartnerId;
use serde_json::json;

use crate::exit::{Exit, Failure};
use crate::partner::Made;
use crate::serve::{self, Ends};
use crate::settings::{DEFAULT_LISTEN, LogLevel, address};
use crate::{database, logging, output, runtime};

/// The account of every `ks dev`: fixed, so that tests and examples can name it.
pub(crate) const PARTNER: PartnerId = PartnerId::new(102);
/// No secret at all: everybody who has this program knows it. It begins with `de` for development.
pub(crate) const ADMIN_SECRET: &str = "de000000000000000000000000000a02";
/// As [`ADMIN_SECRET`].
pub(crate) const USER_SECRET: &str = "de000000000000000000000000000b02";
/// A name that can never receive mail (RFC 2606).
pub(crate) const ADMIN_EMAIL: &str = "dev@example.invalid";
/// As [`ADMIN_SECRET`].
pub(crate) const ADMIN_PASSWORD: &str = "dev-password-102";

/// Run a throw-away server for development
///
/// The same server with a ready account (partner 102) whose secrets are the same each time, and known to everybody: it
/// listens on loopback addresses only. What it keeps is gone when it ends.
#[derive(Args)]
pub(crate) struct DevArgs {
    /// Where to listen: a loopback ADDRESS:PORT, localhost:PORT, or a port
    #[arg(long, value_name = "ADDRESS", env = "KS_LISTEN", hide_env_values = true, default_value_t = DEFAULT_LISTEN, value_parser = address)]
    listen: SocketAddr,
    /// How much to log, on the error stream
    #[arg(long, value_name = "LEVEL", env = "KS_LOG", hide_env_values = true, value_enum, default_value = "warn")]
    log: LogLevel,
}

pub(crate) fn run(args: &DevArgs, json: bool) -> Result<Exit, Failure> {
    if !args.listen.ip().is_loopback() {
        return Err(Failure::usage(format!(
            "ks dev listens on loopback addresses only, not on {}: everybody knows its secrets",
            args.listen.ip()
        ))
        .hint("`ks serve` is the server for others"));
    }
    logging::start(args.log);
    // Dropped, and so removed, when the server has stopped.
    let folder = tempfile::Builder::new()
        .prefix("ks-dev-")
        .tempdir()
        .map_err(|error| Failure::unreachable(format!("cannot make a temporary folder: {error}")))?;
    let done = runtime::server(async {
        let mut ends = Ends::listen()?;
        let store = Store::open(StoreConfig::in_folder(folder.path())).await;
        let store = store.map_err(|error| database::failed(&error))?.acting(Actor::command(database::command_name()));
        let mut config = Config::new(args.listen);
        config.dev = true;
        config.mailer = Arc::new(Outbox::showing(if json { mail_object } else { mail_text }));
        config.sign_up = true;
        let server = serve::start(config, &store).await?;
        let made = Made::make(&store, account()).await?;
        let url = serve::url(server.local_addr());
        output::line(&if json { serve::ready_object(&server, Some(&made)) } else { snippets::page(&url) })?;
        ends.wait().await;
        serve::stop(server).await;
        Ok(Exit::Done)
    });
    if let Err(error) = folder.close() {
        tracing::warn!(%error, "the temporary folder could not be removed");
    }
    done
}

/// Mails go to the terminal, where whoever develops sees their keys.
fn mail_text(mail: &Mail) {
    let text = output::printable(&mail.text).replace("\\u{a}", "\n  ");
    // A terminal that has gone away reads no mail.
    let _ = output::line(&format!(
        "\nMail to {}: {}\n\n  {text}",
        output::printable(&mail.to),
        output::printable(&mail.subject)
    ));
}

fn mail_object(mail: &Mail) {
    let _ = output::json(&json!({ "mail": { "to": mail.to, "subject": mail.subject, "text": mail.text } }));
}

fn account() -> NewAccount {
    NewAccount {
        id: Some(PARTNER),
        name: "Development".to_owned(),
        admin_email: ADMIN_EMAIL.to_owned(),
        admin_password: Some(ADMIN_PASSWORD.to_owned()),
        admin_secret: Some(ADMIN_SECRET.to_owned()),
        user_secret: Some(USER_SECRET.to_owned()),
        ..NewAccount::default()
    }
}
