//! Stores in temporary folders.

use std::path::PathBuf;
use std::time::Duration;

use ks_store::{CreatedPartner, Kek, KekSource, NewPartner, Store, StoreConfig};
use ks_token::{KsHash, PartnerId, Secret};
use tempfile::TempDir;

/// Some moment.
pub(crate) const NOW: i64 = 1_800_000_000;

/// A folder with a database, which any number of stores may open.
pub(crate) struct Home(TempDir);

impl Home {
    pub(crate) fn new() -> Self {
        Self(TempDir::new().unwrap())
    }

    pub(crate) fn database(&self) -> PathBuf {
        self.0.path().join("ks.db")
    }

    pub(crate) fn config(&self) -> StoreConfig {
        let mut config = StoreConfig::in_folder(self.0.path());
        config.kek = KekSource::Key(Kek::new([7; 32]));
        config.clock = std::sync::Arc::new(|| NOW);
        config.follow_every = Duration::from_millis(5);
        config
    }

    pub(crate) async fn open(&self) -> Store {
        Store::open(self.config()).await.unwrap()
    }

    /// Every byte of the database and its WAL.
    pub(crate) fn bytes(&self) -> Vec<u8> {
        let files = std::fs::read_dir(self.0.path()).unwrap();
        files.flat_map(|file| std::fs::read(file.unwrap().path()).unwrap()).collect()
    }
}

pub(crate) fn secret(text: &str) -> Secret {
    Secret::new(text).unwrap()
}

pub(crate) fn hash(byte: u8) -> KsHash {
    KsHash::new([byte; 20])
}

/// Partner 102 with known secrets.
pub(crate) fn partner_102() -> NewPartner {
    NewPartner {
        id: Some(PartnerId::new(102)),
        admin_name: "Ada".to_owned(),
        admin_email: "Ada@Example.com".to_owned(),
        admin_secret: Some(secret("admin secret of 102")),
        user_secret: Some(secret("user secret of 102")),
        ..NewPartner::named("Acme")
    }
}

pub(crate) async fn with_102(store: &Store) -> CreatedPartner {
    store.create_partner(partner_102(), NOW).await.unwrap()
}

pub(crate) const P102: PartnerId = PartnerId::new(102);

/// Waits until something is so; the test's own time limit is the judge.
pub(crate) async fn until(mut so: impl FnMut() -> bool) {
    while !so() {
        tokio::time::sleep(Duration::from_millis(2)).await;
    }
}
