//! The account that the first start on an empty database makes, and where its secrets are shown.

use std::fs::{File, OpenOptions};
use std::io::{ErrorKind, Write as _};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};

use ks_store::Store;

use crate::database;
use crate::exit::Failure;
use crate::partner::Made;

/// The file in the data folder that the secrets go to when no person reads standard output.
const FILE: &str = "first-account.txt";

/// The first account.
pub(crate) struct First {
    pub(crate) made: Made,
    /// The file that has its secrets, which are then not to be printed.
    pub(crate) file: Option<PathBuf>,
}

impl First {
    /// Waits for the account to be made, if there is none yet. With a folder, its secrets go to a file there.
    pub(crate) async fn make(
        store: &Store,
        folder: Option<&Path>,
        make: impl Future<Output = Result<Option<Made>, Failure>>,
    ) -> Result<Option<Self>, Failure> {
        // First the file, then the account: a folder that cannot be written must not swallow its secrets.
        let kept = match folder {
            Some(folder) if store.is_empty().await.map_err(|error| database::failed(&error))? => {
                Some(Kept::make(folder)?)
            }
            _ => None,
        };
        match (make.await, kept) {
            (Ok(Some(made)), kept) => {
                let file = kept.map(|kept| kept.fill(&made)).transpose()?;
                Ok(Some(Self { made, file }))
            }
            (unmade, kept) => {
                if let Some(kept) = kept {
                    // It is empty, and would be in the way of the next start.
                    let _ = std::fs::remove_file(&kept.path);
                }
                unmade.map(|_| None)
            }
        }
    }

    /// What people are told. A file is named, and what it has is not repeated.
    pub(crate) fn text(&self, url: &str) -> String {
        let first = match &self.file {
            None => format!("Its first account is made; this is shown once:\n\n{}", self.made.text()),
            Some(path) => format!(
                "Its first account is made; its secrets are in a file, to be kept elsewhere and removed:\n\n  {}",
                path.display()
            ),
        };
        let partner = match &self.file {
            None => self.made.partner_id().to_string(),
            Some(_) => "PARTNER_ID".to_owned(),
        };
        format!(
            "This database was empty. {first}\n\nStart a session:\n  \
             curl '{url}/api_v3/service/session/action/start?format=1' \
             -d partnerId={partner} -d type=2 -d secret=ADMINISTRATOR_SECRET"
        )
    }
}

/// A new file that only its owner can read, still empty.
struct Kept {
    path: PathBuf,
    file: File,
}

impl Kept {
    fn make(folder: &Path) -> Result<Self, Failure> {
        let path = folder.join(FILE);
        // The path is for another program's reader, whose folder is another one.
        let path = std::path::absolute(&path).unwrap_or(path);
        match OpenOptions::new().write(true).create_new(true).mode(0o600).open(&path) {
            Ok(file) => Ok(Self { path, file }),
            Err(error) if error.kind() == ErrorKind::AlreadyExists => Err(Failure::unreachable(format!(
                "the first account needs the file {}, which exists",
                path.display()
            ))
            .hint("it may have another account's secrets: move it away, or make an account with `ks partner create`")),
            Err(error) => Err(Failure::unreachable(format!("cannot make the file {}: {error}", path.display()))),
        }
    }

    fn fill(mut self, made: &Made) -> Result<PathBuf, Failure> {
        let text = format!("The first account of this database:\n\n{}\n", made.text());
        self.file.write_all(text.as_bytes()).and_then(|()| self.file.sync_all()).map_err(|error| {
            Failure::unreachable(format!("the file {} cannot be written: {error}", self.path.display())).hint(format!(
                "account {0} is made all the same; `ks partner secret add {0}` gives it a secret that you know",
                made.partner_id()
            ))
        })?;
        Ok(self.path)
    }
}

#[cfg(test)]
mod tests {
    use ks_store::StoreConfig;

    use super::*;

    async fn first(folder: &Path, file: bool) -> Result<Option<First>, Failure> {
        let store = Store::open(StoreConfig::in_folder(folder)).await.unwrap();
        let made = crate::serve::first_account(&store, "a@example.com".to_owned());
        let first = First::make(&store, file.then_some(folder), made).await;
        store.close().await;
        first
    }

    #[tokio::test]
    async fn a_terminal_is_shown_the_secrets_and_no_file_is_made() {
        let folder = tempfile::tempdir().unwrap();
        let first = first(folder.path(), false).await.unwrap().unwrap();
        let text = first.text("http://127.0.0.1:8080");
        for field in ["adminSecret", "userSecret", "adminPassword"] {
            assert!(text.contains(first.made.object()[field].as_str().unwrap()), "{field}");
        }
        assert!(text.contains(&format!("-d partnerId={} ", first.made.partner_id())));
        assert!(!folder.path().join(FILE).exists());
    }

    #[tokio::test]
    async fn a_file_has_the_secrets_and_the_text_has_none() {
        let folder = tempfile::tempdir().unwrap();
        let made = first(folder.path(), true).await.unwrap().unwrap();
        let (text, kept) = (made.text("http://x"), std::fs::read_to_string(made.file.as_ref().unwrap()).unwrap());
        for field in ["adminSecret", "userSecret", "adminPassword"] {
            let object = made.made.object();
            let value = object[field].as_str().unwrap();
            assert!(kept.contains(value) && !text.contains(value), "{field}");
        }
        assert!(first(folder.path(), true).await.unwrap().is_none());
    }
}
