//! `ks backup` and `ks restore`: everything that is kept, in one file.

use std::fs::{File, OpenOptions};
use std::io::ErrorKind;
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::{Path, PathBuf};

use clap::Args;
use ks_store::{DatabaseUrl, Layout, Opened, StoreError, Target, back_up, check_file, check_key};
use serde_json::json;

use crate::db::{self, Bar};
use crate::exit::{Exit, Failure};
use crate::settings::{DatabaseArgs, DatabaseSettings};
use crate::{database, output, runtime, when};

/// Write everything that is kept into one file, while servers go on
///
/// The file is an SQLite database of its own, whichever engine the database has: one state of it, checked, and readable
/// by its owner only. The key file (ks.key) is not in it: keep a copy of that elsewhere, for without it the accounts'
/// secrets in the backup cannot be read by anybody.
#[derive(Args)]
pub(crate) struct BackupArgs {
    /// The file to write
    #[arg(value_name = "FILE")]
    file: PathBuf,
    /// Replace the file if there is one; the old one stays until the new one is complete
    #[arg(long)]
    force: bool,
    #[command(flatten)]
    database: DatabaseArgs,
}

/// Bring back everything that `ks backup` wrote
///
/// It goes into an empty database of either engine, or one that is not there yet; with --force, what the database holds is
/// replaced, in one transaction, and only while nothing else works with it: stop all servers first. Before anything is
/// written, the file is checked, and that the key file opens every secret in it. A backup of an older version is brought
/// along.
#[derive(Args)]
pub(crate) struct RestoreArgs {
    /// The file that `ks backup` wrote
    #[arg(value_name = "FILE")]
    file: PathBuf,
    /// Replace what the database holds
    #[arg(long)]
    force: bool,
    #[command(flatten)]
    database: DatabaseArgs,
}

pub(crate) fn backup(args: &BackupArgs, json: bool) -> Result<Exit, Failure> {
    let settings = args.database.resolve()?;
    db::there(&settings.database)?;
    let exists = || Failure::no(format!("{} is there already", args.file.display())).hint("--force replaces it");
    if !args.force && args.file.symlink_metadata().is_ok() {
        return Err(exists());
    }
    let draft = Draft::beside(&args.file)?;
    let opened = runtime::short(async {
        let bar = Bar::new();
        let written = back_up(&settings.database, &draft.0, when::now(), &mut |at| bar.show(at)).await;
        bar.end();
        written.map_err(|error| Failure::unreachable(format!("{}: {error}", settings.database)))?;
        // Whoever backs up need not be able to read the key.
        match settings.key_file.exists() {
            true => check(&draft.0, &settings).await.map(Some),
            false => Ok(None),
        }
    })?;
    draft.put(&args.file, args.force).map_err(|error| match error.kind() {
        ErrorKind::AlreadyExists => exists(),
        _ => Failure::unreachable(format!("{}: {error}", args.file.display())),
    })?;
    let bytes = args.file.metadata().map(|meta| meta.len()).unwrap_or_default();
    if json {
        output::json(&json!({ "file": args.file, "bytes": bytes, "keyChecked": opened.is_some() }))?;
    } else {
        let key = settings.key_file.display();
        let key = match opened {
            Some(opened) => format!("The key file {key} opens its {} secrets", sum(opened)),
            None => format!("There is no key file {key} here, so it was not tried"),
        };
        output::line(&format!(
            "Everything is in {} ({bytes} bytes), and checked.\n{key}; it is not in the backup: keep a copy of it elsewhere.",
            args.file.display()
        ))?;
    }
    Ok(Exit::Done)
}

pub(crate) fn restore(args: &RestoreArgs, json: bool) -> Result<Exit, Failure> {
    let settings = args.database.resolve()?;
    if !args.file.is_file() {
        return Err(Failure::unreachable(format!("there is no file {}", args.file.display())));
    }
    if let DatabaseUrl::Sqlite(path) = &settings.database {
        database::make_folder(path.parent())?;
    }
    // The backup stays as it is: what is read is a copy, which may be brought along.
    let draft = Draft::beside(&settings.folder().join("restore.db"))?;
    let failed = |error: &dyn std::fmt::Display| Failure::unreachable(format!("{}: {error}", args.file.display()));
    let into = OpenOptions::new().write(true).open(&draft.0);
    let copied = into.and_then(|mut into| std::io::copy(&mut File::open(&args.file)?, &mut into));
    copied.map_err(|error| failed(&error))?;
    let (copied, opened) = runtime::short(async {
        let from = DatabaseUrl::sqlite(&draft.0);
        check_file(&draft.0).await.map_err(|error| failed(&error))?;
        Layout::bring(&from, when::now()).await.map_err(|error| failed(&error))?;
        let opened = check(&draft.0, &settings).await?;
        let target = if args.force { Target::Replaced } else { Target::Empty };
        let copied = db::copy(&from, &settings.database, target).await.map_err(|failure| {
            if args.force { failure } else { failure.hint("--force replaces what a database holds") }
        })?;
        Ok((copied, opened))
    })?;
    if json {
        output::json(&json!({
            "rows": copied.rows(), "secrets": opened.secrets, "appTokens": opened.app_tokens,
            "secondFactors": opened.second_factors,
        }))?;
    } else {
        output::line(&format!(
            "{} rows are back in {}; the key file {} opens its {} secrets.",
            copied.rows(),
            settings.database,
            settings.key_file.display(),
            sum(opened)
        ))?;
    }
    Ok(Exit::Done)
}

fn sum(opened: Opened) -> u64 {
    opened.secrets + opened.app_tokens + opened.second_factors
}

/// Whether the key fits.
async fn check(file: &Path, settings: &DatabaseSettings) -> Result<Opened, Failure> {
    let key = settings.key_file.display();
    check_key(&DatabaseUrl::sqlite(file), &settings.key_file).await.map_err(|error| match error {
        StoreError::WrongKey => Failure::no(format!("the key file {key} does not open the secrets in the backup"))
            .hint("name the key file of that time with --key-file"),
        StoreError::KeyFile { .. } => Failure::unreachable(error.to_string())
            .hint("a backup has no key in it: name the key file of that time with --key-file"),
        error => Failure::unreachable(error.to_string()),
    })
}

/// A file that only its owner can read, and that is gone unless it is put somewhere.
struct Draft(PathBuf);

impl Draft {
    fn beside(file: &Path) -> Result<Self, Failure> {
        let mut name = file.as_os_str().to_owned();
        name.push(format!(".{}", std::process::id()));
        let path = PathBuf::from(name);
        let made = OpenOptions::new().write(true).create_new(true).mode(0o600).open(&path);
        made.map_err(|error| Failure::unreachable(format!("{}: {error}", path.display())))?;
        Ok(Self(path))
    }

    fn put(&self, to: &Path, force: bool) -> std::io::Result<()> {
        File::open(&self.0)?.sync_all()?;
        if force {
            std::fs::rename(&self.0, to)?;
        } else {
            // Unlike a renaming, this never replaces a file.
            std::fs::hard_link(&self.0, to)?;
        }
        let folder = to.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
        File::open(folder)?.sync_all()
    }
}

impl Drop for Draft {
    fn drop(&mut self) {
        for end in ["", "-wal", "-shm", "-journal"] {
            let mut name = self.0.as_os_str().to_owned();
            name.push(end);
            // Most of them are not there.
            let _ = std::fs::remove_file(PathBuf::from(name));
        }
    }
}
