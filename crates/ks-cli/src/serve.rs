//! `ks serve`: the server.

use std::io::IsTerminal;
use std::net::{Ipv4Addr, Ipv6Addr, SocketAddr};
use std::sync::Arc;

use clap::{Args, CommandFactory};
use ks_server::{Config, Early, Server, Smtp, SmtpError, SmtpTask, StartError, Tls, TlsFiles};
use ks_service::accounts::NewAccount;
use ks_store::Store;
use serde_json::{Map, Value, json};
use tokio::signal::unix::{Signal, SignalKind, signal};

use crate::cli::Cli;
use crate::exit::{Exit, Failure};
use crate::first_account::First;
use crate::partner::Made;
use crate::settings::{DatabaseArgs, ListenArgs, MailSettings, Settings, unknown_variables};
use crate::traces::Traces;
use crate::{database, logging, output, runtime};

/// Run the server
///
/// The first start on an empty database makes the first account, and shows its number, its secrets and its
/// administrator's password once: on the terminal; with --json, on standard output; where standard output is neither
/// (a service, a container), in the new file first-account.txt beside the database, which only its owner can read.
/// They are never in the log (which is the error stream).
///
/// A setting is taken from its flag, else from its variable (KS_…), else from the configuration file, else from its
/// default.
#[derive(Args)]
#[command(after_help = "\
A configuration file has the names of the flags:
  listen = \"127.0.0.1:8080\"
  data-dir = \"/var/lib/ks\"
  trusted-proxy = [\"10.0.0.0/8\"]
Relative paths in it begin at its own folder; a key that is unknown is refused.")]
pub(crate) struct ServeArgs {
    #[command(flatten)]
    listen: ListenArgs,
    /// The e-mail address of the first account's administrator
    #[arg(
        long,
        value_name = "ADDRESS",
        env = "KS_ADMIN_EMAIL",
        hide_env_values = true,
        default_value = "admin@example.invalid"
    )]
    admin_email: String,
    /// Print the settings that are in effect, and end
    #[arg(long)]
    check: bool,
    #[command(flatten)]
    database: DatabaseArgs,
}

pub(crate) fn run(args: ServeArgs, json: bool) -> Result<Exit, Failure> {
    let settings = Settings::resolve(&args.database, &args.listen)?;
    if args.check {
        return print_settings(&settings, json);
    }
    let traces = Traces::start(settings.otlp_endpoint.as_deref(), &settings.node_name)?;
    logging::start(settings.log, settings.log_format, traces.as_ref());
    for name in unknown_variables(&Cli::command()) {
        tracing::warn!(name, "this variable is not known, and has no effect");
    }
    runtime::server(async {
        let mut ends = Ends::listen()?;
        let tls = load_tls(settings.tls.clone())?;
        // Whoever looks after this process is answered while the database is still being opened.
        let early = match settings.admin_listen {
            Some(address) => Some(Early::listen(address).await.map_err(|error| unstarted(&error, "--admin-listen"))?),
            None => None,
        };
        let store = database::open_for_server(&settings).await?;
        let mut config = Config::new(settings.listen);
        config.admin_listen = settings.admin_listen;
        config.trusted_proxies = settings.trusted_proxies;
        config.node_name = settings.node_name;
        config.sign_up = settings.sign_up;
        config.gateway = settings.gateway;
        config.limits.body_bytes = settings.max_body;
        config.limits.connections = settings.max_connections;
        config.limits.connections_per_address = settings.max_connections_per_address;
        config.limits.in_flight = settings.max_in_flight;
        config.limits.queue = settings.max_queue;
        config.limits.queue_wait = settings.queue_wait;
        config.rates = settings.rates;
        config.tls.clone_from(&tls);
        config.drain = settings.drain;
        // First the address, then the account: a busy port must not swallow the only sight of its secrets.
        let mail = start_mail(settings.mail.as_ref())?;
        let (mailer, mailing) = mail.unzip();
        if let Some(mailer) = mailer {
            config.mailer = mailer;
        }
        config.public_url = settings.public_url;
        let server = start(early, config, &store).await?;
        reload_on_hangup(tls)?;
        // What is neither a terminal nor a program that asked for them may be a log, which would keep the secrets.
        let to_file = !json && !std::io::stdout().is_terminal();
        let folder = to_file.then(|| settings.database.folder());
        let first = First::make(&store, folder, first_account(&store, args.admin_email)).await?;
        output::line(&if json {
            ready_object(&server, first.as_ref().map(|first| &first.made))
        } else {
            ready_text(&server, first.as_ref())
        })?;
        ends.wait().await;
        stop(server).await;
        if let Some(mailing) = mailing {
            mailing.finish().await;
        }
        if let Some(traces) = traces {
            traces.finish().await;
        }
        Ok(Exit::Done)
    })
}

/// Starts what sends mails, if there is a mail server.
fn start_mail(settings: Option<&MailSettings>) -> Result<Option<(Arc<Smtp>, SmtpTask)>, Failure> {
    let Some(MailSettings { server, sender }) = settings else { return Ok(None) };
    Smtp::start(server, sender).map(Some).map_err(|error| match error {
        SmtpError::Sender => Failure::usage(error.to_string()),
        _ => Failure::unreachable(error.to_string()),
    })
}

fn print_settings(settings: &Settings, json: bool) -> Result<Exit, Failure> {
    let object = settings.object();
    if json {
        output::json(&object)?;
    } else {
        let lines: Vec<_> = object
            .as_object()
            .into_iter()
            .flatten()
            .filter(|(_, value)| !value.is_null())
            .map(|(name, value)| format!("{name} = {value}"))
            .collect();
        output::line(&lines.join("\n"))?;
    }
    Ok(Exit::Done)
}

/// Makes the first account, if there is none yet.
pub(crate) async fn first_account(store: &Store, admin_email: String) -> Result<Option<Made>, Failure> {
    if !store.is_empty().await.map_err(|error| database::failed(&error))? {
        return Ok(None);
    }
    let name = "First account".to_owned();
    let new = NewAccount { name, admin_email, only_if_first: true, ..NewAccount::default() };
    match Made::make(store, new).await {
        // Another node that starts at the same time was first.
        Err(_) if !store.is_empty().await.map_err(|error| database::failed(&error))? => Ok(None),
        made => made.map(Some),
    }
}

/// Starts the server; a port that another program has is told in one line.
async fn start(early: Option<Early>, config: Config, store: &Store) -> Result<Server, Failure> {
    match Server::start_after(early, config, store.clone()).await {
        Ok(server) => Ok(server),
        Err(error) => {
            store.close().await;
            Err(unstarted(&error, "--listen"))
        }
    }
}

/// Why there is no server, and which flag would help.
fn unstarted(error: &StartError, listen: &str) -> Failure {
    let failure = Failure::unreachable(error.to_string());
    match error {
        StartError::AddressInUse(_) => failure.hint(format!("choose another with {listen}")),
        _ => failure,
    }
}

/// Reads the certificate, if there is one.
fn load_tls(files: Option<TlsFiles>) -> Result<Option<Arc<Tls>>, Failure> {
    files.map(Tls::load).transpose().map_err(|error| Failure::unreachable(error.to_string()))
}

/// Reads the certificate again when it has changed, and when somebody says so (SIGHUP).
fn reload_on_hangup(tls: Option<Arc<Tls>>) -> Result<(), Failure> {
    let mut hangup = listen_for(SignalKind::hangup())?;
    if let Some(tls) = &tls {
        tokio::spawn(Arc::clone(tls).watch());
    }
    tokio::spawn(async move {
        while hangup.recv().await.is_some() {
            match &tls {
                Some(tls) => tls.refresh(),
                None => tracing::info!("there is nothing to read again"),
            }
        }
    });
    Ok(())
}

fn listen_for(kind: SignalKind) -> Result<Signal, Failure> {
    signal(kind).map_err(|error| Failure::unreachable(format!("the system passes no signals on: {error}")))
}

/// Answers what has begun, then closes the store.
pub(crate) async fn stop(server: Server) {
    tracing::info!("stopping");
    server.stop().await;
}

/// The address as a browser on this machine would take it.
pub(crate) fn url(address: SocketAddr) -> String {
    let ip = match address {
        SocketAddr::V4(v4) if v4.ip().is_unspecified() => Ipv4Addr::LOCALHOST.into(),
        SocketAddr::V6(v6) if v6.ip().is_unspecified() => Ipv6Addr::LOCALHOST.into(),
        address => address.ip(),
    };
    format!("http://{}", SocketAddr::new(ip, address.port()))
}

/// Where the API is.
fn public_url(server: &Server) -> String {
    let url = url(server.local_addr());
    if server.is_tls() { url.replacen("http:", "https:", 1) } else { url }
}

/// The line that programs wait for.
pub(crate) fn ready_object(server: &Server, made: Option<&Made>) -> String {
    let mut object = Map::new();
    object.insert("url".to_owned(), json!(public_url(server)));
    if let Some(address) = server.admin_addr() {
        object.insert("adminUrl".to_owned(), json!(url(address)));
    }
    if let Some(made) = made {
        object.extend(made.object());
    }
    Value::Object(object).to_string()
}

fn ready_text(server: &Server, first: Option<&First>) -> String {
    let url = public_url(server);
    let mut text = format!("ks is ready at {url}");
    if let Some(address) = server.admin_addr() {
        text.push_str(&format!("\nHealth and operation at {}", self::url(address)));
    }
    if let Some(first) = first {
        text.push_str(&format!("\n\n{}", first.text(&url)));
    }
    text
}

/// The two signals that ask a server to end.
pub(crate) struct Ends {
    terminate: Signal,
    interrupt: Signal,
}

impl Ends {
    /// Listens from now on, so that a signal during the start counts too.
    pub(crate) fn listen() -> Result<Self, Failure> {
        Ok(Self { terminate: listen_for(SignalKind::terminate())?, interrupt: listen_for(SignalKind::interrupt())? })
    }

    /// Waits for the first; a second one while the server stops ends the process at once.
    pub(crate) async fn wait(&mut self) {
        self.next().await;
        let mut again = match Self::listen() {
            Ok(again) => again,
            Err(_) => return,
        };
        tokio::spawn(async move {
            again.next().await;
            // 128 and the number of SIGINT, as shells report it.
            std::process::exit(130);
        });
    }

    async fn next(&mut self) {
        tokio::select! {
            _ = self.terminate.recv() => {}
            _ = self.interrupt.recv() => {}
        }
    }
}
