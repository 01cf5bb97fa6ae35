//! The profiles that are kept, in a file that only its owner can read.

use std::collections::BTreeMap;
use std::fs::{DirBuilder, File, OpenOptions};
use std::io::{ErrorKind, Write};
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::path::{Path, PathBuf};

use clap::ValueEnum;
use serde::{Deserialize, Serialize};

use crate::exit::Failure;

/// The profile of whoever names none.
pub(crate) const DEFAULT: &str = "default";

/// Every profile, and which one counts where none is named.
#[derive(Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Profiles {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) current: Option<String>,
    #[serde(default)]
    pub(crate) profiles: BTreeMap<String, Profile>,
}

/// A server, an account, and how a session is got there. It never prints itself.
#[derive(Clone, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Profile {
    /// The server.
    pub(crate) url: String,
    /// The account.
    #[serde(rename = "partnerId", skip_serializing_if = "Option::is_none")]
    pub(crate) partner: Option<i32>,
    /// The user whose sessions are started.
    #[serde(rename = "userId", skip_serializing_if = "Option::is_none")]
    pub(crate) user: Option<String>,
    /// The type of sessions that are started.
    #[serde(rename = "type", default)]
    pub(crate) kind: Kind,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) privileges: Option<String>,
    /// How long sessions that are started last, in seconds.
    #[serde(default = "a_day")]
    pub(crate) expiry: u32,
    /// How a session is got.
    #[serde(default)]
    pub(crate) session: Way,
    /// Whether secrets may go there without encryption.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub(crate) plain_http: bool,
}

pub(crate) const fn a_day() -> u32 {
    86_400
}

/// What kind of session is started.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Kind {
    User,
    #[default]
    Admin,
}

/// How a session is got.
#[derive(Clone, Default, Serialize, Deserialize)]
#[serde(tag = "by", rename_all = "kebab-case", rename_all_fields = "camelCase")]
pub(crate) enum Way {
    /// There is none: calls go without a session.
    #[default]
    None,
    /// `ks login` got one, and it is kept.
    Login {
        ks: String,
        #[serde(skip_serializing_if = "Option::is_none")]
        login_id: Option<String>,
    },
    /// Each command makes its own, on this machine.
    Secret { from: Source },
    /// Each command starts its own.
    AppToken { id: String, from: Source, hash: Hash },
}

/// Where a secret lies; it is never in the profile itself.
#[derive(Clone, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) enum Source {
    File(PathBuf),
    Variable(String),
}

/// How an app token takes its proof.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Hash {
    Md5,
    #[default]
    Sha1,
    Sha256,
    Sha512,
}

/// The person's own settings folder, as the XDG convention has it.
pub(crate) fn path() -> Result<PathBuf, Failure> {
    let variable = |name| std::env::var_os(name).map(PathBuf::from).filter(|path| path.is_absolute());
    let base = variable("XDG_CONFIG_HOME").or_else(|| variable("HOME").map(|home| home.join(".config")));
    base.map(|base| base.join("ks").join("profiles.json"))
        .ok_or_else(|| Failure::usage("no place for profiles: neither XDG_CONFIG_HOME nor HOME is set"))
}

impl Profiles {
    pub(crate) fn read() -> Result<Self, Failure> {
        let path = path()?;
        match std::fs::read_to_string(&path) {
            Ok(text) => serde_json::from_str(&text).map_err(|error| {
                Failure::unreachable(format!("{}: {error}", path.display())).hint("mend the file, or remove it")
            }),
            Err(error) if error.kind() == ErrorKind::NotFound => Ok(Self::default()),
            Err(error) => Err(Failure::unreachable(format!("{}: {error}", path.display()))),
        }
    }

    /// The name of the profile that counts: the one that is named, else the variable's, else the current one.
    pub(crate) fn chosen(&self, named: Option<&str>) -> String {
        named.or(self.current.as_deref()).unwrap_or(DEFAULT).to_owned()
    }

    /// The profile of this name.
    pub(crate) fn find(&self, name: &str) -> Result<&Profile, Failure> {
        self.profiles.get(name).ok_or_else(|| {
            let failure = Failure::no(format!("there is no profile {}", crate::output::printable(name)));
            match crate::typo::nearest(name, self.profiles.keys().map(String::as_str)) {
                Some(near) => failure.hint(format!("there is one named {near}")),
                None => failure.hint("`ks profile list` shows those that there are, `ks profile add` adds one"),
            }
        })
    }

    /// Keeps them.
    pub(crate) fn write(&self) -> Result<PathBuf, Failure> {
        let path = path()?;
        self.write_to(&path).map_err(|error| Failure::unreachable(format!("{}: {error}", path.display())))?;
        Ok(path)
    }

    fn write_to(&self, path: &Path) -> std::io::Result<()> {
        if let Some(folder) = path.parent() {
            DirBuilder::new().recursive(true).mode(0o700).create(folder)?;
        }
        // A new file each time: the rights of an old one are not changed by writing to it. The name is whole at once.
        let fresh = path.with_extension(format!("{}.new", std::process::id()));
        let mut file: File = OpenOptions::new().write(true).create_new(true).mode(0o600).open(&fresh)?;
        let text = serde_json::to_string_pretty(self)?;
        let written = file.write_all(text.as_bytes()).and_then(|()| file.sync_all());
        let done = written.and_then(|()| std::fs::rename(&fresh, path));
        if done.is_err() {
            // What is left of it must not stay; the first error is the one that is told.
            let _ = std::fs::remove_file(&fresh);
        }
        done
    }
}
