//! Worlds as files: the one that the server began with, those that were saved, and the one that is in use. Going to
//! another one is opening a copy of its file, so nothing that was remembered of the last one can survive.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, Instant};

use ks_service::seed::{self, World};
use ks_store::{Actor, DatabaseUrl, Kek, KekSource, Store, StoreConfig};
use tempfile::TempDir;

use super::{Dev, EmulatorError};
use crate::api::App;
use crate::server::Slot;

/// Encrypts what everybody knows, so that snapshots can be opened anywhere.
const KEY: [u8; 32] = [0xde; 32];
/// How long requests of the last world may take.
const PATIENCE: Duration = Duration::from_secs(10);
/// What follows the name of a snapshot.
const ENDING: &str = "db";

/// The files.
pub(super) struct Worlds {
    folder: TempDir,
    snapshots: PathBuf,
    /// How many worlds there were.
    count: u64,
}

impl Worlds {
    pub(super) fn make(snapshots: Option<PathBuf>) -> Result<Self, EmulatorError> {
        let folder = tempfile::Builder::new().prefix("ks-dev-").tempdir();
        let folder = folder.map_err(|error| failed(&std::env::temp_dir(), &error))?;
        let snapshots = snapshots.unwrap_or_else(|| folder.path().join("snapshots"));
        std::fs::create_dir_all(&snapshots).map_err(|error| failed(&snapshots, &error))?;
        Ok(Self { folder, snapshots, count: 0 })
    }

    fn base(&self) -> PathBuf {
        self.folder.path().join("base.db")
    }

    /// Makes the world that the server begins with.
    pub(super) async fn plant(&self, dev: &Dev, world: &World) -> Result<(), EmulatorError> {
        let store = open(dev, &self.base()).await?;
        let planted = seed::plant(&store, dev.store_random().as_ref(), world, dev.clock.now()).await;
        store.close().await;
        planted?;
        Ok(())
    }

    /// Opens a copy of it.
    pub(super) async fn open_base(&mut self, dev: &Dev) -> Result<Store, EmulatorError> {
        let base = self.base();
        self.open_copy(dev, &base).await
    }

    async fn open_copy(&mut self, dev: &Dev, of: &Path) -> Result<Store, EmulatorError> {
        self.count += 1;
        let to = self.folder.path().join(format!("world-{}.db", self.count));
        let (from, copy) = (of.to_owned(), to.clone());
        let copied = tokio::task::spawn_blocking(move || copy_database(&from, &copy)).await;
        copied.unwrap_or_else(|_| Err(std::io::ErrorKind::Interrupted.into())).map_err(|error| failed(of, &error))?;
        open(dev, &to).await
    }

    /// Puts a store in the place of the one that is in use, which is closed when its last request has been answered.
    pub(super) fn enter(&self, dev: &Dev, slot: &Slot, store: Store) {
        let before = slot.app();
        slot.enter(App::after(&before, store, dev.parts()));
        let old = self.folder.path().join(format!("world-{}", self.count.saturating_sub(1)));
        tokio::spawn(async move {
            let until = Instant::now() + PATIENCE;
            while Arc::strong_count(&before) > 1 && Instant::now() < until {
                tokio::time::sleep(Duration::from_millis(5)).await;
            }
            before.node.store().close().await;
            // Not sooner: a request in flight may only now open another connection.
            for ending in ["db", "db-wal", "db-shm"] {
                // It may be gone already.
                let _ = std::fs::remove_file(old.with_extension(ending));
            }
        });
    }

    pub(super) async fn save(&self, slot: &Slot, name: &str) -> Result<(), EmulatorError> {
        let file = self.file(name)?;
        // Beside it first: whoever loads the snapshot meanwhile gets the old one or the new one.
        let draft = file.with_extension("draft");
        match std::fs::remove_file(&draft) {
            Err(error) if error.kind() != std::io::ErrorKind::NotFound => return Err(failed(&draft, &error)),
            _ => {}
        }
        slot.app().node.store().copy_to(&draft).await?;
        std::fs::rename(&draft, &file).map_err(|error| failed(&file, &error))
    }

    pub(super) async fn load(&mut self, dev: &Dev, slot: &Slot, name: &str) -> Result<(), EmulatorError> {
        let file = self.file(name)?;
        if !file.exists() {
            return Err(EmulatorError::NoSnapshot(name.to_owned()));
        }
        let store = self.open_copy(dev, &file).await?;
        self.enter(dev, slot, store);
        Ok(())
    }

    pub(super) fn delete(&self, name: &str) -> Result<(), EmulatorError> {
        let file = self.file(name)?;
        std::fs::remove_file(&file).map_err(|_| EmulatorError::NoSnapshot(name.to_owned()))
    }

    /// The names of all snapshots, in order.
    pub(super) fn names(&self) -> Vec<String> {
        let files = std::fs::read_dir(&self.snapshots).into_iter().flatten().flatten().map(|entry| entry.path());
        let files = files.filter(|path| path.extension().is_some_and(|ending| ending == ENDING));
        let names = files.filter_map(|path| path.file_stem()?.to_str().map(str::to_owned));
        let mut names: Vec<String> = names.filter(|name| is_name(name)).collect();
        names.sort_unstable();
        names
    }

    fn file(&self, name: &str) -> Result<PathBuf, EmulatorError> {
        if is_name(name) {
            Ok(self.snapshots.join(name).with_extension(ENDING))
        } else {
            Err(EmulatorError::SnapshotName)
        }
    }
}

fn is_name(name: &str) -> bool {
    (1..=64).contains(&name.len()) && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_".contains(&byte))
}

async fn open(dev: &Dev, file: &Path) -> Result<Store, EmulatorError> {
    let mut config = StoreConfig::new(DatabaseUrl::sqlite(file), KekSource::Key(Kek::new(KEY)));
    config.durable = false;
    let config = config.with_clock(dev.clock.clock()).with_random(dev.store_random());
    Ok(Store::open(config).await?.acting(Actor::command("ks dev")))
}

/// Copies the file of a database that nobody has open.
fn copy_database(from: &Path, to: &Path) -> std::io::Result<()> {
    std::fs::copy(from, to)?;
    let wal = |path: &Path| {
        let mut name = path.as_os_str().to_owned();
        name.push("-wal");
        PathBuf::from(name)
    };
    if wal(from).exists() {
        std::fs::copy(wal(from), wal(to))?;
    }
    Ok(())
}

fn failed(path: &Path, error: &std::io::Error) -> EmulatorError {
    EmulatorError::Folder { path: path.to_owned(), reason: error.to_string() }
}
