//! The session that is kept between commands, in a file that only its owner can read.

use std::fs::{DirBuilder, File, OpenOptions};
use std::io::{ErrorKind, Write};
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::path::PathBuf;

use serde::{Deserialize, Serialize};

use crate::exit::Failure;

/// A session, and where it is good. It never prints itself.
#[derive(Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Kept {
    /// The server.
    pub(super) url: String,
    /// The account.
    #[serde(rename = "partnerId")]
    pub(super) partner: i32,
    /// The user, where the token does not say it to everybody.
    #[serde(rename = "userId")]
    pub(super) user: Option<String>,
    /// The token.
    pub(super) ks: String,
}

/// The person's own settings folder, as the XDG convention has it.
fn path() -> Result<PathBuf, Failure> {
    let variable = |name| std::env::var_os(name).map(PathBuf::from).filter(|path| path.is_absolute());
    let base = variable("XDG_CONFIG_HOME").or_else(|| variable("HOME").map(|home| home.join(".config")));
    base.map(|base| base.join("ks").join("session.json"))
        .ok_or_else(|| Failure::usage("no place for the session: neither XDG_CONFIG_HOME nor HOME is set"))
}

impl Kept {
    /// The session that is kept, if one is.
    pub(super) fn read() -> Result<Option<Self>, Failure> {
        let path = path()?;
        match std::fs::read_to_string(&path) {
            Ok(text) => serde_json::from_str(&text).map(Some).map_err(|_| {
                Failure::unreachable(format!("{} holds no session", path.display())).hint("`ks login` makes a new one")
            }),
            Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
            Err(error) => Err(Failure::unreachable(format!("{}: {error}", path.display()))),
        }
    }

    /// Keeps it. An earlier one is forgotten, not ended.
    pub(super) fn keep(&self) -> Result<PathBuf, Failure> {
        let path = path()?;
        self.write(&path).map_err(|error| Failure::unreachable(format!("{}: {error}", path.display())))?;
        Ok(path)
    }

    fn write(&self, path: &PathBuf) -> std::io::Result<()> {
        if let Some(folder) = path.parent() {
            DirBuilder::new().recursive(true).mode(0o700).create(folder)?;
        }
        // A new file each time: the rights of an old one are not changed by writing to it. The name is whole at once.
        let fresh = path.with_extension(format!("{}.new", std::process::id()));
        let mut file: File = OpenOptions::new().write(true).create_new(true).mode(0o600).open(&fresh)?;
        let written = file.write_all(serde_json::to_string(self)?.as_bytes()).and_then(|()| file.sync_all());
        let done = written.and_then(|()| std::fs::rename(&fresh, path));
        if done.is_err() {
            // What is left of it must not stay; the first error is the one that is told.
            let _ = std::fs::remove_file(&fresh);
        }
        done
    }

    /// Forgets it.
    pub(super) fn forget() -> Result<(), Failure> {
        let path = path()?;
        match std::fs::remove_file(&path) {
            Err(error) if error.kind() != ErrorKind::NotFound => {
                Err(Failure::unreachable(format!("{}: {error}", path.display())))
            }
            _ => Ok(()),
        }
    }
}
