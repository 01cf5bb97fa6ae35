//! `ks dev`: the same server with a throw-away account, on this machine only.

mod program;
mod snippets;

use std::ffi::OsString;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::Arc;

use clap::Args;
use ks_server::StartError;
use ks_server::dev::{DevClock, Emulator, EmulatorConfig, EmulatorError};
use ks_service::mail::{Mail, Outbox};
use ks_service::seed::World;
use serde_json::json;

use crate::exit::{Exit, Failure};
use crate::serve::{self, Ends};
use crate::settings::{DEFAULT_LISTEN, LogFormat, LogLevel, address};
use crate::traces::{self, Traces, collector};
use crate::{logging, output, runtime, seed, when};

/// Run a throw-away server for development
///
/// The same server with a ready account (partner 102) whose secrets are the same each time, and known to everybody: it
/// listens on loopback addresses only. What it keeps is gone when it ends.
///
/// A command after `--` runs while the server runs, and ends it: `ks dev --listen 0 -- npm test`. It finds the server in
/// its environment (KS_URL, KS_PARTNER_ID, KS_ADMIN_SECRET, KS_USER_SECRET, KS_ADMIN_EMAIL, KS_ADMIN_PASSWORD, KS_DEV_KEY),
/// and `ks dev` ends with its exit code.
#[derive(Args)]
#[command(after_help = "\
Under /_dev/ the server itself is controlled, in JSON, with the key that is printed in the header X-Ks-Dev-Key:
  POST   /_dev/reset             back to the state in which it started
  POST   /_dev/seed              the body is a world file: what is missing is made
  GET    /_dev/clock             POST {\"set\": SECONDS}, {\"advance\": SECONDS}, {\"freeze\": true}
  GET    /_dev/snapshots         PUT /_dev/snapshots/NAME saves, POST loads, DELETE deletes
  GET    /_dev/requests          calls that were answered: ?call=session.start&code=OK&limit=10
  GET    /_dev/mails             mails that were sent
  POST   /_dev/strict            {\"strict\": true}: parameters that are not declared are refused
  POST   /_dev/faults            {\"service\": \"user\", \"code\": \"INTERNAL_DATABASE_ERROR\", \"delayMs\": 100, \"times\": 1}
docs/emulator.md has all of it, and what a world file may hold.")]
pub(crate) struct DevArgs {
    /// Where to listen: a loopback ADDRESS:PORT, localhost:PORT, or a port
    #[arg(long, value_name = "ADDRESS", env = "KS_LISTEN", hide_env_values = true, default_value_t = DEFAULT_LISTEN, value_parser = address)]
    listen: SocketAddr,
    /// A world file: accounts, users, roles, app tokens, categories, members and entries to begin with
    #[arg(long, value_name = "FILE")]
    seed: Option<PathBuf>,
    /// Make ids, keys and tokens the same each time, for the same calls in the same order
    #[arg(long, value_name = "NUMBER")]
    rng_seed: Option<u64>,
    /// The time to begin with: Unix seconds, or a date such as 2030-01-31T12:00:00Z
    #[arg(long, value_name = "TIME", value_parser = when::parse, allow_negative_numbers = true)]
    time: Option<i64>,
    /// Let the time stand still
    #[arg(long)]
    freeze: bool,
    /// Refuse parameters that are not declared
    #[arg(long)]
    strict: bool,
    /// The folder that snapshots are kept in; without it they go when the server ends
    #[arg(long, value_name = "DIR")]
    snapshots: Option<PathBuf>,
    /// How much to log, on the error stream
    #[arg(long, value_name = "LEVEL", env = "KS_LOG", hide_env_values = true, value_enum, default_value = "warn")]
    log: LogLevel,
    /// How the log is written
    #[arg(
        long,
        value_name = "FORMAT",
        env = "KS_LOG_FORMAT",
        hide_env_values = true,
        value_enum,
        default_value = "text"
    )]
    log_format: LogFormat,
    /// The collector of OpenTelemetry that traces are sent to, such as http://127.0.0.1:4318 [default: none]
    #[arg(long, value_name = "URL", env = "KS_OTLP_ENDPOINT", hide_env_values = true, value_parser = collector, hide = !cfg!(feature = "otel"))]
    otlp_endpoint: Option<String>,
    /// What to run beside the server
    #[arg(last = true, value_name = "COMMAND")]
    command: Vec<OsString>,
}

pub(crate) fn run(args: &DevArgs, json: bool) -> Result<Exit, Failure> {
    if !args.listen.ip().is_loopback() {
        return Err(Failure::usage(format!(
            "ks dev listens on loopback addresses only, not on {}: everybody knows its secrets",
            args.listen.ip()
        ))
        .hint("`ks serve` is the server for others"));
    }
    let traces = Traces::start(traces::wanted(args.otlp_endpoint.clone())?.as_deref(), "ks")?;
    logging::start(args.log, args.log_format, traces.as_ref());
    let world = args.seed.as_deref().map_or_else(|| Ok(World::default()), seed::read)?;
    let clock = DevClock::new();
    if args.freeze {
        clock.freeze(true);
    }
    if let Some(time) = args.time {
        clock.set(time);
    }
    let config = EmulatorConfig {
        listen: args.listen,
        world,
        clock,
        rng_seed: args.rng_seed,
        strict: args.strict,
        // The output is the command's, where there is one.
        outbox: Arc::new(match (args.command.is_empty(), json) {
            (false, _) => Outbox::default(),
            (true, true) => Outbox::showing(mail_object),
            (true, false) => Outbox::showing(mail_text),
        }),
        snapshots: args.snapshots.clone(),
    };
    runtime::server(async {
        let mut ends = Ends::listen()?;
        let server = Emulator::start(config).await.map_err(|error| failed(&error))?;
        let ended = if let Some((name, words)) = args.command.split_first() {
            program::run(&server, name, words, &mut ends).await
        } else {
            output::line(&if json { ready_object(&server) } else { snippets::page(&server) })?;
            ends.wait().await;
            Ok(Exit::Done)
        };
        tracing::info!("stopping");
        server.stop().await;
        if let Some(traces) = traces {
            traces.finish().await;
        }
        ended
    })
}

fn failed(error: &EmulatorError) -> Failure {
    let failure = Failure::unreachable(error.to_string());
    match error {
        EmulatorError::Start(StartError::AddressInUse(_)) => failure.hint("choose another with --listen"),
        EmulatorError::Seed(error) => seed::failed(error),
        _ => failure,
    }
}

/// The line that programs wait for.
fn ready_object(server: &Emulator) -> String {
    let account = server.account();
    json!({
        "url": serve::url(server.local_addr()),
        "partnerId": account.id,
        "adminSecret": account.admin_secrets.first(),
        "userSecret": account.user_secrets.first(),
        "adminEmail": account.admin_email,
        "adminPassword": account.admin_password,
        "devKey": server.key(),
    })
    .to_string()
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
