//! Opens the database, also beside a running server, and says plainly what is wrong with it.

use std::path::Path;

use clap::CommandFactory;
use ks_store::{Actor, DatabaseUrl, KekSource, Migrate, Store, StoreConfig, StoreError};

use crate::cli::Cli;
use crate::exit::Failure;
use crate::settings::{DatabaseSettings, Settings};

/// Opens a database that is there already.
pub(crate) async fn open(settings: &DatabaseSettings) -> Result<Store, Failure> {
    if let DatabaseUrl::Sqlite(path) = &settings.database
        && !path.exists()
    {
        return Err(Failure::unreachable(format!("there is no database at {}", path.display()))
            .hint("name it with --data-dir or --database; `ks serve` and `ks partner create` make one"));
    }
    connect(settings, |_| {}).await
}

/// Opens a database, and makes it when it is missing.
pub(crate) async fn open_or_make(settings: &DatabaseSettings) -> Result<Store, Failure> {
    make_folders(settings)?;
    connect(settings, |_| {}).await
}

/// As [`open_or_make`], for a server: it may have been told whether to change the layout.
pub(crate) async fn open_for_server(settings: &Settings) -> Result<Store, Failure> {
    make_folders(&settings.database)?;
    let migrate = settings.migrate.map(|may| if may { Migrate::Always } else { Migrate::Never });
    connect(&settings.database, |config| {
        config.migrate = migrate.unwrap_or(config.migrate);
        config.hints = settings.notify;
        config.serves_as = Some(settings.node_name.clone());
    })
    .await
}

fn make_folders(settings: &DatabaseSettings) -> Result<(), Failure> {
    if let DatabaseUrl::Sqlite(path) = &settings.database {
        make_folder(path.parent())?;
    }
    make_folder(settings.key_file.parent())
}

async fn connect(settings: &DatabaseSettings, set: impl FnOnce(&mut StoreConfig)) -> Result<Store, Failure> {
    let mut config = StoreConfig::new(settings.database.clone(), KekSource::File(settings.key_file.clone()));
    // A command does not stay long enough to hear of anything, and nodes look often enough.
    config.hints = false;
    set(&mut config);
    Store::open(config).await.map(|store| store.acting(Actor::command(command_name()))).map_err(|error| {
        let failure = Failure::unreachable(format!("{}: {error}", settings.database));
        match error {
            StoreError::WrongKey => failure
                .hint(format!("the key file is {}; name the right one with --key-file", settings.key_file.display())),
            _ => failure,
        }
    })
}

/// The command that runs, as the audit trail names it: `ks partner block`, without what was said to it.
pub(crate) fn command_name() -> String {
    let mut name = "ks".to_owned();
    let mut matches = Cli::command().ignore_errors(true).get_matches();
    while let Some((command, rest)) = matches.remove_subcommand() {
        name.push(' ');
        name.push_str(&command);
        matches = rest;
    }
    name
}

/// Makes a folder that only its owner can enter.
pub(crate) fn make_folder(folder: Option<&Path>) -> Result<(), Failure> {
    let Some(folder) = folder.filter(|folder| !folder.as_os_str().is_empty() && !folder.exists()) else {
        return Ok(());
    };
    let mut builder = std::fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder
        .create(folder)
        .map_err(|error| Failure::unreachable(format!("cannot make the folder {}: {error}", folder.display())))
}

/// Puts an error of a store that was open into words.
pub(crate) fn failed(error: &StoreError) -> Failure {
    let text = error.to_string();
    match error {
        StoreError::Conflict(_) | StoreError::NotFound(_) | StoreError::LastSecret | StoreError::PrimarySecret => {
            Failure::no(text)
        }
        StoreError::Invalid(_) => Failure::usage(text),
        _ => Failure::unreachable(text),
    }
}
