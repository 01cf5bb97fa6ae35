//! The configuration file: TOML, under the names of the flags.

use std::fmt::Display;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::str::FromStr;

use clap::ValueEnum;
use ipnet::IpNet;
use ks_server::SmtpUrl;
use ks_service::rate::{ActionRate, Rate};
use ks_store::DatabaseUrl;
use serde::{Deserialize, Deserializer, de};

use crate::exit::Failure;
use crate::settings::{LogFormat, LogLevel, address, network, public_url};
use crate::traces;

/// What a file can set. Another key is refused: a misspelt one would go unnoticed.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case", default)]
pub(crate) struct ConfigFile {
    #[serde(deserialize_with = "one_address")]
    pub(super) listen: Option<SocketAddr>,
    #[serde(deserialize_with = "one_address")]
    pub(super) admin_listen: Option<SocketAddr>,
    #[serde(deserialize_with = "networks")]
    pub(super) trusted_proxy: Vec<IpNet>,
    pub(super) node_name: Option<String>,
    pub(super) max_body: Option<usize>,
    pub(super) max_connections: Option<usize>,
    pub(super) max_connections_per_address: Option<usize>,
    pub(super) max_in_flight: Option<usize>,
    pub(super) max_queue: Option<usize>,
    pub(super) queue_wait: Option<u64>,
    #[serde(deserialize_with = "parsed")]
    pub(super) rate_address: Option<Rate>,
    #[serde(deserialize_with = "parsed")]
    pub(super) rate_partner: Option<Rate>,
    #[serde(deserialize_with = "all_parsed")]
    pub(super) rate_action: Vec<ActionRate>,
    pub(super) tls_cert: Option<PathBuf>,
    pub(super) tls_key: Option<PathBuf>,
    pub(super) drain: Option<u64>,
    pub(super) sign_up: Option<bool>,
    pub(super) gateway: Option<bool>,
    pub(super) migrate: Option<bool>,
    pub(super) notify: Option<bool>,
    #[serde(deserialize_with = "parsed")]
    pub(super) smtp: Option<SmtpUrl>,
    pub(super) mail_from: Option<String>,
    #[serde(deserialize_with = "link")]
    pub(super) public_url: Option<String>,
    #[serde(deserialize_with = "level")]
    pub(super) log: Option<LogLevel>,
    #[serde(deserialize_with = "format")]
    pub(super) log_format: Option<LogFormat>,
    #[serde(deserialize_with = "collector")]
    pub(super) otlp_endpoint: Option<String>,
    pub(super) data_dir: Option<PathBuf>,
    #[serde(deserialize_with = "parsed")]
    pub(super) database: Option<DatabaseUrl>,
    pub(super) key_file: Option<PathBuf>,
}

impl ConfigFile {
    /// Reads a file. Paths in it are relative to the folder that it is in.
    pub(crate) fn read(path: &Path) -> Result<Self, Failure> {
        let text = std::fs::read_to_string(path)
            .map_err(|error| Failure::unreachable(format!("configuration file {}: {error}", path.display())))?;
        let mut file = Self::parse(&text)
            .map_err(|reason| Failure::usage(format!("configuration file {}: {reason}", path.display())))?;
        file.anchor(path.parent().unwrap_or(Path::new("")));
        Ok(file)
    }

    pub(super) fn parse(text: &str) -> Result<Self, String> {
        toml::from_str(text).map_err(|error| {
            let before = error.span().and_then(|span| text.get(..span.start)).unwrap_or_default();
            let number = before.matches('\n').count();
            let line = text.lines().nth(number).unwrap_or_default();
            // The line is shown with the error, unless it has a password.
            if ["smtp", "otlp"].iter().any(|name| line.trim_start().starts_with(name)) {
                format!("line {}: {}", number + 1, error.message())
            } else {
                error.to_string().trim_end().to_owned()
            }
        })
    }

    pub(super) fn anchor(&mut self, folder: &Path) {
        let paths = [&mut self.data_dir, &mut self.key_file, &mut self.tls_cert, &mut self.tls_key];
        for path in paths.into_iter().flatten() {
            *path = folder.join(&*path);
        }
        if let Some(DatabaseUrl::Sqlite(path)) = &mut self.database {
            *path = folder.join(&*path);
        }
    }
}

fn text<'de, D: Deserializer<'de>, T>(from: D, read: impl FnOnce(&str) -> Result<T, String>) -> Result<T, D::Error> {
    read(&String::deserialize(from)?).map_err(de::Error::custom)
}

fn one_address<'de, D: Deserializer<'de>>(from: D) -> Result<Option<SocketAddr>, D::Error> {
    text(from, address).map(Some)
}

fn parsed<'de, D: Deserializer<'de>, T: FromStr<Err: Display>>(from: D) -> Result<Option<T>, D::Error> {
    text(from, |text| text.parse().map_err(|error: T::Err| error.to_string())).map(Some)
}

fn all_parsed<'de, D: Deserializer<'de>, T: FromStr<Err: Display>>(from: D) -> Result<Vec<T>, D::Error> {
    Vec::<String>::deserialize(from)?.iter().map(|text| text.parse().map_err(de::Error::custom)).collect()
}

fn link<'de, D: Deserializer<'de>>(from: D) -> Result<Option<String>, D::Error> {
    text(from, public_url).map(Some)
}

fn collector<'de, D: Deserializer<'de>>(from: D) -> Result<Option<String>, D::Error> {
    text(from, traces::collector).map(Some)
}

fn level<'de, D: Deserializer<'de>>(from: D) -> Result<Option<LogLevel>, D::Error> {
    let read = |text: &str| {
        LogLevel::from_str(text, false).map_err(|_| "expected off, error, warn, info, debug or trace".to_owned())
    };
    text(from, read).map(Some)
}

fn format<'de, D: Deserializer<'de>>(from: D) -> Result<Option<LogFormat>, D::Error> {
    text(from, |text| LogFormat::from_str(text, false).map_err(|_| "expected text or json".to_owned())).map(Some)
}

fn networks<'de, D: Deserializer<'de>>(from: D) -> Result<Vec<IpNet>, D::Error> {
    let texts = Vec::<String>::deserialize(from)?;
    texts.iter().map(|text| network(text).map_err(de::Error::custom)).collect()
}
