//! Somebody with a settings folder of their own.

use std::path::PathBuf;
use std::process::Command;

use crate::support::{Done, command, finish};

pub(crate) struct Person(tempfile::TempDir);

impl Person {
    pub(crate) fn new() -> Self {
        Self(tempfile::tempdir().expect("a folder"))
    }

    pub(crate) fn command(&self, args: &[&str]) -> Command {
        let mut command = command(args);
        command.env("XDG_CONFIG_HOME", self.0.path());
        command
    }

    pub(crate) fn ks(&self, args: &[&str]) -> Done {
        finish(&mut self.command(args))
    }

    /// The file with the profiles.
    pub(crate) fn file(&self) -> PathBuf {
        self.0.path().join("ks/profiles.json")
    }

    /// A file with this line; its path.
    pub(crate) fn file_with(&self, name: &str, line: &str) -> String {
        let path = self.0.path().join(name);
        std::fs::write(&path, format!("{line}\n")).expect("a file");
        path.to_str().expect("UTF-8").to_owned()
    }
}
