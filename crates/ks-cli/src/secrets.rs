//! Where the offline commands find secrets: a flag, the environment, a file.

use std::path::{Path, PathBuf};

use clap::Args;
use ks_token::Secret;
use zeroize::Zeroizing;

use crate::exit::Failure;

/// The variable that the offline commands look at.
pub(crate) const VARIABLE: &str = "KS_SECRET";

/// The secret that signs.
#[derive(Args)]
pub(crate) struct OneSecret {
    /// An administrator secret of the account
    ///
    /// Other users of this machine can see a flag in the list of processes, and the shell keeps it in its history:
    /// prefer the variable KS_SECRET, or --secret-file.
    #[arg(long, value_name = "SECRET", conflicts_with = "secret_file")]
    secret: Option<String>,
    /// A file whose first line is the secret
    #[arg(long, value_name = "FILE")]
    secret_file: Option<PathBuf>,
}

/// The secrets to verify with, in their order.
#[derive(Args)]
pub(crate) struct ManySecrets {
    /// An administrator secret of the account; may be repeated, tried in order
    ///
    /// Other users of this machine can see a flag in the list of processes: prefer the variable KS_SECRET (several
    /// secrets between commas), or --secret-file.
    #[arg(long = "secret", value_name = "SECRET")]
    secrets: Vec<String>,
    /// A file with one secret on each line; may be repeated
    #[arg(long = "secret-file", value_name = "FILE")]
    secret_files: Vec<PathBuf>,
}

impl OneSecret {
    /// The flag, else the file, else the environment.
    pub(crate) fn find(&self) -> Result<Secret, Failure> {
        if let Some(text) = &self.secret {
            return Secret::new(text.as_str()).map_err(|_| Failure::usage("--secret is empty"));
        }
        find(self.secret_file.as_deref(), "give --secret-file FILE or --secret SECRET, or set the variable KS_SECRET")
    }
}

/// The file, else the environment.
pub(crate) fn find(file: Option<&Path>, hint: &str) -> Result<Secret, Failure> {
    if let Some(path) = file {
        return read(path)?.into_iter().next().ok_or_else(|| empty_file(path));
    }
    let text = variable()?.ok_or_else(|| Failure::usage("no secret given").hint(hint))?;
    Secret::new(text.trim()).map_err(|_| Failure::usage(format!("the variable {VARIABLE} is empty")))
}

impl ManySecrets {
    /// Flags, then files; the environment only when neither is there.
    pub(crate) fn find(&self) -> Result<Vec<Secret>, Failure> {
        let mut found = Vec::new();
        for text in &self.secrets {
            found.push(Secret::new(text.as_str()).map_err(|_| Failure::usage("--secret is empty"))?);
        }
        for path in &self.secret_files {
            let secrets = read(path)?;
            if secrets.is_empty() {
                return Err(empty_file(path));
            }
            found.extend(secrets);
        }
        if found.is_empty() {
            let text = variable()?.unwrap_or_default();
            found.extend(text.split(',').filter_map(|secret| Secret::new(secret.trim()).ok()));
        }
        Ok(found)
    }
}

/// One secret on each line; empty lines do not count.
pub(crate) fn read(path: &Path) -> Result<Vec<Secret>, Failure> {
    let text = std::fs::read_to_string(path)
        .map(Zeroizing::new)
        .map_err(|error| Failure::unreachable(format!("{}: {error}", path.display())))?;
    Ok(text.lines().filter_map(|line| Secret::new(line.trim()).ok()).collect())
}

fn empty_file(path: &Path) -> Failure {
    Failure::usage(format!("{}: there is no secret in this file", path.display()))
}

fn variable() -> Result<Option<Zeroizing<String>>, Failure> {
    match std::env::var(VARIABLE) {
        Ok(text) => Ok(Some(Zeroizing::new(text))),
        Err(std::env::VarError::NotPresent) => Ok(None),
        Err(std::env::VarError::NotUnicode(_)) => Err(Failure::usage(format!("the variable {VARIABLE} is not UTF-8"))),
    }
}
