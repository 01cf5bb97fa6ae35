//! What the server and the commands beside it run with: flags, else environment, else configuration file, else defaults.

mod file;

use std::collections::BTreeSet;
use std::net::{Ipv4Addr, SocketAddr};
use std::path::{Path, PathBuf};
use std::time::Duration;

use clap::{Args, Command, ValueEnum};
use ipnet::IpNet;
use ks_server::{SmtpUrl, TlsFiles};
use ks_service::rate::{ActionRate, Rate, Rates};
use ks_store::DatabaseUrl;
use ks_token::PartnerId;
use serde_json::{Value, json};

use crate::exit::Failure;
pub(crate) use crate::settings::file::ConfigFile;
use crate::traces::{self, collector};

/// Where `ks serve` and `ks dev` listen unless told otherwise.
pub(crate) const DEFAULT_LISTEN: SocketAddr = SocketAddr::new(std::net::IpAddr::V4(Ipv4Addr::LOCALHOST), 8080);

/// Which database: the same flags for the server and for every command that works beside it.
#[derive(Args, Clone, Debug, Default)]
#[command(next_help_heading = "Which database")]
pub(crate) struct DatabaseArgs {
    /// The folder that everything is kept in [default: $XDG_DATA_HOME/ks, else ~/.local/share/ks]
    #[arg(long, value_name = "DIR", env = "KS_DATA_DIR", hide_env_values = true)]
    pub(crate) data_dir: Option<PathBuf>,
    /// The database, as sqlite:PATH or postgres://USER:PASSWORD@HOST/DATABASE [default: ks.db in the data folder]
    #[arg(long, value_name = "URL", env = "KS_DATABASE", hide_env_values = true)]
    pub(crate) database: Option<DatabaseUrl>,
    /// The file with the key that encrypts the accounts' secrets in the database [default: ks.key beside the database]
    #[arg(long, value_name = "FILE", env = "KS_KEY_FILE", hide_env_values = true)]
    pub(crate) key_file: Option<PathBuf>,
    /// A TOML file with settings, under the names of the flags; flags and environment go before it
    #[arg(long, value_name = "FILE", env = "KS_CONFIG", hide_env_values = true)]
    pub(crate) config: Option<PathBuf>,
}

/// An account of a database.
#[derive(Args, Clone, Debug)]
pub(crate) struct AccountArgs {
    /// The account's number
    #[arg(value_name = "PARTNER", value_parser = crate::generate::account)]
    pub(crate) partner: PartnerId,
    #[command(flatten)]
    pub(crate) database: DatabaseArgs,
}

/// How the server listens.
#[derive(Args, Clone, Debug, Default)]
pub(crate) struct ListenArgs {
    /// Where to listen: ADDRESS:PORT, localhost:PORT, or a port of this machine [default: 127.0.0.1:8080]
    #[arg(long, value_name = "ADDRESS", env = "KS_LISTEN", hide_env_values = true, value_parser = address)]
    pub(crate) listen: Option<SocketAddr>,
    /// Where to answer health checks and other questions of the operator; nowhere if left out
    #[arg(long, value_name = "ADDRESS", env = "KS_ADMIN_LISTEN", hide_env_values = true, value_parser = address)]
    pub(crate) admin_listen: Option<SocketAddr>,
    /// A proxy, or a network of them, whose word on the caller's address counts; may be repeated
    #[arg(long, value_name = "CIDR", env = "KS_TRUSTED_PROXY", hide_env_values = true, value_delimiter = ',', value_parser = network)]
    pub(crate) trusted_proxy: Vec<IpNet>,
    /// The name of this node, which answers carry in the header X-Me [default: ks]
    #[arg(long, value_name = "NAME", env = "KS_NODE_NAME", hide_env_values = true)]
    pub(crate) node_name: Option<String>,
    /// The largest request, in bytes [default: 16777216]
    #[arg(long, value_name = "BYTES", env = "KS_MAX_BODY", hide_env_values = true)]
    pub(crate) max_body: Option<usize>,
    /// How many connections there may be at a time [default: 10000]
    #[arg(long, value_name = "COUNT", env = "KS_MAX_CONNECTIONS", hide_env_values = true)]
    pub(crate) max_connections: Option<usize>,
    /// How many connections one address may have, unless it is a trusted proxy; more are closed [default: 5000]
    #[arg(long, value_name = "COUNT", env = "KS_MAX_CONNECTIONS_PER_ADDRESS", hide_env_values = true)]
    pub(crate) max_connections_per_address: Option<usize>,
    /// How many requests are worked on at a time; others wait in a queue [default: 32 for each core]
    #[arg(long, value_name = "COUNT", env = "KS_MAX_IN_FLIGHT", hide_env_values = true)]
    pub(crate) max_in_flight: Option<usize>,
    /// How many requests may wait; others are answered with HTTP 503 [default: 512 for each core]
    #[arg(long, value_name = "COUNT", env = "KS_MAX_QUEUE", hide_env_values = true)]
    pub(crate) max_queue: Option<usize>,
    /// How long a request may wait before it is answered with HTTP 503, in milliseconds [default: 400]
    ///
    /// While the queue does not get empty for half of that time, an eighth of it. Whoever would have to wait longer, as fast
    /// as the queue moves, is answered at once.
    #[arg(long, value_name = "MILLISECONDS", env = "KS_QUEUE_WAIT", hide_env_values = true)]
    pub(crate) queue_wait: Option<u64>,
    /// How many calls may come from one address, such as 100/s or 600/m:50 (of which 50 at once) [default: any number]
    ///
    /// Of IPv6, from one network of 64 bits. Calls beyond it are answered with ACTION_BLOCKED. Each node counts for itself.
    #[arg(long, value_name = "RATE", env = "KS_RATE_ADDRESS", hide_env_values = true)]
    pub(crate) rate_address: Option<Rate>,
    /// How many calls one account may make; calls that only name it, without a session, count apart [default: any number]
    #[arg(long, value_name = "RATE", env = "KS_RATE_PARTNER", hide_env_values = true)]
    pub(crate) rate_partner: Option<Rate>,
    /// How many calls of an action may come from one address, such as user.loginByLoginId=5/m; may be repeated
    #[arg(long, value_name = "ACTION=RATE", env = "KS_RATE_ACTION", hide_env_values = true, value_delimiter = ',')]
    pub(crate) rate_action: Vec<ActionRate>,
    /// The certificate with which the server encrypts by itself (PEM), and those that vouch for it; needs --tls-key
    ///
    /// Both files are looked at every few seconds, and on SIGHUP. The operator's own listener stays as it is.
    #[arg(long, value_name = "FILE", env = "KS_TLS_CERT", hide_env_values = true)]
    pub(crate) tls_cert: Option<PathBuf>,
    /// The private key of that certificate (PEM)
    #[arg(long, value_name = "FILE", env = "KS_TLS_KEY", hide_env_values = true)]
    pub(crate) tls_key: Option<PathBuf>,
    /// For how many seconds the server goes on when it is asked to stop, while /readyz says that it is not ready [default: 0]
    #[arg(long, value_name = "SECONDS", env = "KS_DRAIN", hide_env_values = true)]
    pub(crate) drain: Option<u64>,
    /// Let anybody open an account of their own by partner.register [default: false]
    #[arg(long, value_name = "BOOL", env = "KS_SIGN_UP", hide_env_values = true, num_args = 0..=1, default_missing_value = "true")]
    pub(crate) sign_up: Option<bool>,
    /// Answer proxies that ask at /auth/verify whether a session is good [default: false]
    #[arg(long, value_name = "BOOL", env = "KS_GATEWAY", hide_env_values = true, num_args = 0..=1, default_missing_value = "true")]
    pub(crate) gateway: Option<bool>,
    /// Bring an older database to the layout of this program at the start [default: true for SQLite]
    ///
    /// An empty database is always given its layout. With PostgreSQL an older one is left alone unless this says true:
    /// other nodes work with it, the change may take locks and rights that a server should not have, and when it happens
    /// is for the operator to say, by `ks migrate`. With false an SQLite file is left alone, too.
    #[arg(long, value_name = "BOOL", env = "KS_MIGRATE", hide_env_values = true, num_args = 0..=1, default_missing_value = "true")]
    pub(crate) migrate: Option<bool>,
    /// Tell other nodes of changes by PostgreSQL's NOTIFY, and listen for theirs [default: true]
    ///
    /// Changes are looked for ten times a second anyway; this is faster. Say false where the database, or a pooler in
    /// front of it, has no NOTIFY.
    #[arg(long, value_name = "BOOL", env = "KS_NOTIFY", hide_env_values = true, num_args = 0..=1, default_missing_value = "true")]
    pub(crate) notify: Option<bool>,
    /// The mail server, as smtp://USER:PASSWORD@HOST:PORT or smtps://…; without one no mail is sent
    ///
    /// A connection to another machine is encrypted, or nothing is sent: smtps:// from its beginning, smtp:// by
    /// STARTTLS. At the end there may be ?tls=opportunistic or ?tls=none. Other users of this machine can see a flag in
    /// the list of processes: prefer the variable KS_SMTP, or the configuration file.
    #[arg(long, value_name = "URL", env = "KS_SMTP", hide_env_values = true)]
    pub(crate) smtp: Option<SmtpUrl>,
    /// The sender of mails, such as ks@example.com or "Sessions <ks@example.com>"
    #[arg(long, value_name = "ADDRESS", env = "KS_MAIL_FROM", hide_env_values = true)]
    pub(crate) mail_from: Option<String>,
    /// Where people reach this server, for links in mails to its page set-password; without it mails carry the keys alone
    #[arg(long, value_name = "URL", env = "KS_PUBLIC_URL", hide_env_values = true, value_parser = public_url)]
    pub(crate) public_url: Option<String>,
    /// How much to log, on the error stream [default: info]
    #[arg(long, value_name = "LEVEL", env = "KS_LOG", hide_env_values = true, value_enum)]
    pub(crate) log: Option<LogLevel>,
    /// How the log is written: for people, or an object of JSON on each line [default: text]
    #[arg(long, value_name = "FORMAT", env = "KS_LOG_FORMAT", hide_env_values = true, value_enum)]
    pub(crate) log_format: Option<LogFormat>,
    /// The collector of OpenTelemetry that traces are sent to, such as http://127.0.0.1:4318 [default: none]
    ///
    /// By OTLP over HTTP. Where nothing is said, the variable OTEL_EXPORTER_OTLP_ENDPOINT counts; OTEL_SERVICE_NAME,
    /// OTEL_TRACES_SAMPLER, OTEL_EXPORTER_OTLP_HEADERS and OTEL_BSP_… say the rest. docs/operating.md has what is in a span.
    #[arg(long, value_name = "URL", env = "KS_OTLP_ENDPOINT", hide_env_values = true, value_parser = collector, hide = !cfg!(feature = "otel"))]
    pub(crate) otlp_endpoint: Option<String>,
}

/// How the log is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum LogFormat {
    /// For people.
    Text,
    /// An object on each line, for programs.
    Json,
}

/// How much is logged.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum LogLevel {
    Off,
    Error,
    Warn,
    Info,
    Debug,
    Trace,
}

/// Which database, decided.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct DatabaseSettings {
    pub(crate) database: DatabaseUrl,
    pub(crate) key_file: PathBuf,
}

/// How mails leave, decided.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct MailSettings {
    pub(crate) server: SmtpUrl,
    pub(crate) sender: String,
}

/// Everything that the server runs with, decided.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Settings {
    pub(crate) listen: SocketAddr,
    pub(crate) admin_listen: Option<SocketAddr>,
    pub(crate) trusted_proxies: Vec<IpNet>,
    pub(crate) node_name: String,
    pub(crate) max_body: usize,
    pub(crate) max_connections: usize,
    pub(crate) max_connections_per_address: usize,
    pub(crate) max_in_flight: usize,
    pub(crate) max_queue: usize,
    pub(crate) queue_wait: Duration,
    pub(crate) rates: Rates,
    pub(crate) tls: Option<TlsFiles>,
    pub(crate) drain: Duration,
    pub(crate) sign_up: bool,
    pub(crate) gateway: bool,
    /// `None`: as is usual for the database.
    pub(crate) migrate: Option<bool>,
    pub(crate) notify: bool,
    pub(crate) mail: Option<MailSettings>,
    pub(crate) public_url: Option<String>,
    pub(crate) log: LogLevel,
    pub(crate) log_format: LogFormat,
    pub(crate) otlp_endpoint: Option<String>,
    pub(crate) database: DatabaseSettings,
}

impl DatabaseArgs {
    /// Reads the configuration file, if there is one, and decides.
    pub(crate) fn resolve(&self) -> Result<DatabaseSettings, Failure> {
        let file = self.file()?;
        self.over(&file, default_folder)
    }

    /// The configuration file, or an empty one.
    fn file(&self) -> Result<ConfigFile, Failure> {
        self.config.as_deref().map_or_else(|| Ok(ConfigFile::default()), ConfigFile::read)
    }

    /// Which database, for what needs no key.
    pub(crate) fn resolve_url(&self) -> Result<DatabaseUrl, Failure> {
        self.url(&self.file()?, default_folder)
    }

    fn url(
        &self,
        file: &ConfigFile,
        default_folder: impl FnOnce() -> Result<PathBuf, Failure>,
    ) -> Result<DatabaseUrl, Failure> {
        match self.database.clone().or_else(|| file.database.clone()) {
            Some(database) => Ok(database),
            None => {
                let folder = self.data_dir.clone().or_else(|| file.data_dir.clone());
                Ok(DatabaseUrl::sqlite(folder.map_or_else(default_folder, Ok)?.join("ks.db")))
            }
        }
    }

    fn over(
        &self,
        file: &ConfigFile,
        default_folder: impl FnOnce() -> Result<PathBuf, Failure>,
    ) -> Result<DatabaseSettings, Failure> {
        let database = self.url(file, default_folder)?;
        let key_file = self.key_file.clone().or_else(|| file.key_file.clone());
        let key_file = key_file.or_else(|| beside(&database)).ok_or_else(|| {
            Failure::usage("there is no key file beside this kind of database").hint("give --key-file FILE")
        })?;
        Ok(DatabaseSettings { database, key_file })
    }
}

impl DatabaseSettings {
    /// The folder of the database, or of its key where the database is no file.
    pub(crate) fn folder(&self) -> &Path {
        let file = match &self.database {
            DatabaseUrl::Sqlite(path) => path,
            _ => &self.key_file,
        };
        file.parent().unwrap_or(Path::new(""))
    }
}

impl Settings {
    /// Decides on everything.
    pub(crate) fn resolve(database: &DatabaseArgs, listen: &ListenArgs) -> Result<Self, Failure> {
        Self::over(database, listen, &database.file()?, default_folder)
    }

    fn over(
        database: &DatabaseArgs,
        args: &ListenArgs,
        file: &ConfigFile,
        default_folder: impl FnOnce() -> Result<PathBuf, Failure>,
    ) -> Result<Self, Failure> {
        let trusted_proxies = first_given(&args.trusted_proxy, &file.trusted_proxy);
        let defaults = ks_server::Config::new(DEFAULT_LISTEN);
        let node_name = args.node_name.clone().or_else(|| file.node_name.clone());
        Ok(Self {
            listen: args.listen.or(file.listen).unwrap_or(DEFAULT_LISTEN),
            admin_listen: args.admin_listen.or(file.admin_listen),
            trusted_proxies,
            node_name: node_name.unwrap_or(defaults.node_name),
            max_body: args.max_body.or(file.max_body).unwrap_or(defaults.limits.body_bytes),
            max_connections: args.max_connections.or(file.max_connections).unwrap_or(defaults.limits.connections),
            max_connections_per_address: args
                .max_connections_per_address
                .or(file.max_connections_per_address)
                .unwrap_or(defaults.limits.connections_per_address),
            max_in_flight: args.max_in_flight.or(file.max_in_flight).unwrap_or(defaults.limits.in_flight),
            max_queue: args.max_queue.or(file.max_queue).unwrap_or(defaults.limits.queue),
            queue_wait: args.queue_wait.or(file.queue_wait).map_or(defaults.limits.queue_wait, Duration::from_millis),
            rates: Rates {
                address: args.rate_address.or(file.rate_address),
                partner: args.rate_partner.or(file.rate_partner),
                actions: first_given(&args.rate_action, &file.rate_action),
            },
            tls: tls(
                args.tls_cert.clone().or_else(|| file.tls_cert.clone()),
                args.tls_key.clone().or_else(|| file.tls_key.clone()),
            )?,
            drain: args.drain.or(file.drain).map_or(defaults.drain, Duration::from_secs),
            sign_up: args.sign_up.or(file.sign_up).unwrap_or(false),
            gateway: args.gateway.or(file.gateway).unwrap_or(false),
            migrate: args.migrate.or(file.migrate),
            notify: args.notify.or(file.notify).unwrap_or(true),
            mail: mail(
                args.smtp.clone().or_else(|| file.smtp.clone()),
                args.mail_from.clone().or_else(|| file.mail_from.clone()),
            )?,
            public_url: args.public_url.clone().or_else(|| file.public_url.clone()),
            log: args.log.or(file.log).unwrap_or(LogLevel::Info),
            log_format: args.log_format.or(file.log_format).unwrap_or(LogFormat::Text),
            otlp_endpoint: traces::wanted(args.otlp_endpoint.clone().or_else(|| file.otlp_endpoint.clone()))?,
            database: database.over(file, default_folder)?,
        })
    }

    /// What is in effect, under the names of the flags.
    pub(crate) fn object(&self) -> Value {
        let log = self.log.to_possible_value().map(|value| value.get_name().to_owned());
        let log_format = self.log_format.to_possible_value().map(|value| value.get_name().to_owned());
        json!({
            "listen": self.listen.to_string(),
            "admin-listen": self.admin_listen.map(|address| address.to_string()),
            "trusted-proxy": self.trusted_proxies.iter().map(ToString::to_string).collect::<Vec<_>>(),
            "node-name": self.node_name,
            "max-body": self.max_body,
            "max-connections": self.max_connections,
            "max-connections-per-address": self.max_connections_per_address,
            "max-in-flight": self.max_in_flight,
            "max-queue": self.max_queue,
            "queue-wait": u64::try_from(self.queue_wait.as_millis()).unwrap_or(u64::MAX),
            "rate-address": self.rates.address.map(|rate| rate.to_string()),
            "rate-partner": self.rates.partner.map(|rate| rate.to_string()),
            "rate-action": self.rates.actions.iter().map(ToString::to_string).collect::<Vec<_>>(),
            "tls-cert": self.tls.as_ref().map(|tls| tls.cert.display().to_string()),
            "tls-key": self.tls.as_ref().map(|tls| tls.key.display().to_string()),
            "drain": self.drain.as_secs(),
            "sign-up": self.sign_up,
            "gateway": self.gateway,
            "migrate": self.migrate,
            "notify": self.notify,
            "smtp": self.mail.as_ref().map(|mail| mail.server.to_string()),
            "mail-from": self.mail.as_ref().map(|mail| mail.sender.as_str()),
            "public-url": self.public_url,
            "log": log,
            "log-format": log_format,
            "otlp-endpoint": self.otlp_endpoint,
            "database": self.database.database.to_string(),
            "key-file": self.database.key_file.display().to_string(),
        })
    }
}

/// A list that is given, else the file's.
fn first_given<T: Clone>(given: &[T], file: &[T]) -> Vec<T> {
    if given.is_empty() { file.to_vec() } else { given.to_vec() }
}

/// A certificate is nothing without its key.
fn tls(cert: Option<PathBuf>, key: Option<PathBuf>) -> Result<Option<TlsFiles>, Failure> {
    match (cert, key) {
        (None, None) => Ok(None),
        (Some(cert), Some(key)) => Ok(Some(TlsFiles { cert, key })),
        _ => {
            Err(Failure::usage("a certificate and its key belong together").hint("give both --tls-cert and --tls-key"))
        }
    }
}

/// A mail server needs a sender; a sender alone sends nothing.
fn mail(server: Option<SmtpUrl>, sender: Option<String>) -> Result<Option<MailSettings>, Failure> {
    match (server, sender) {
        (None, _) => Ok(None),
        (Some(server), Some(sender)) => Ok(Some(MailSettings { server, sender })),
        (Some(_), None) => Err(Failure::usage("mails need a sender").hint("give --mail-from ADDRESS beside --smtp")),
    }
}

/// The variables that begin like ours but are none of ours: misspelt, perhaps.
pub(crate) fn unknown_variables(commands: &Command) -> Vec<String> {
    let mut known = BTreeSet::from([crate::secrets::VARIABLE, crate::remote::PASSWORD_VARIABLE].map(str::to_owned));
    collect_variables(commands, &mut known);
    let names = std::env::vars_os().filter_map(|(name, _)| name.into_string().ok());
    let unknown: BTreeSet<_> = names.filter(|name| name.starts_with("KS_") && !known.contains(name)).collect();
    unknown.into_iter().collect()
}

fn collect_variables(command: &Command, known: &mut BTreeSet<String>) {
    known.extend(command.get_arguments().filter_map(|arg| arg.get_env()?.to_str().map(str::to_owned)));
    command.get_subcommands().for_each(|command| collect_variables(command, known));
}

/// Reads `ADDRESS:PORT`, `localhost:PORT` or a bare port.
pub(crate) fn address(text: &str) -> Result<SocketAddr, String> {
    let port = text.strip_prefix("localhost:").unwrap_or(text);
    if let Ok(port) = port.parse() {
        return Ok(SocketAddr::from((Ipv4Addr::LOCALHOST, port)));
    }
    text.parse().map_err(|_| "expected ADDRESS:PORT, such as 127.0.0.1:8080, [::1]:8080 or localhost:8080".to_owned())
}

/// Reads a network such as `10.0.0.0/8`, or one address.
pub(crate) fn network(text: &str) -> Result<IpNet, String> {
    let address = || text.parse().map(|address: std::net::IpAddr| IpNet::from(address));
    text.parse().or_else(|_| address()).map_err(|_| "expected a network such as 10.0.0.0/8, or an address".to_owned())
}

/// Reads the public address of pages.
pub(crate) fn public_url(text: &str) -> Result<String, String> {
    let rest = text.strip_prefix("https://").or_else(|| text.strip_prefix("http://"));
    match rest {
        Some(rest) if !rest.is_empty() && !rest.contains([' ', '#', '?', '"', '<']) => Ok(text.to_owned()),
        _ => Err("expected https://HOST/PATH, without ? and #".to_owned()),
    }
}

fn beside(database: &DatabaseUrl) -> Option<PathBuf> {
    match database {
        DatabaseUrl::Sqlite(path) => Some(path.parent().unwrap_or(Path::new("")).join("ks.key")),
        _ => None,
    }
}

/// The person's own data folder, as the XDG convention has it.
fn default_folder() -> Result<PathBuf, Failure> {
    let variable = |name| std::env::var_os(name).map(PathBuf::from).filter(|path| path.is_absolute());
    let base = variable("XDG_DATA_HOME").or_else(|| variable("HOME").map(|home| home.join(".local/share")));
    base.map(|base| base.join("ks")).ok_or_else(|| {
        Failure::usage("no place for the data: neither XDG_DATA_HOME nor HOME is set").hint("give --data-dir DIR")
    })
}

#[cfg(test)]
mod tests;
