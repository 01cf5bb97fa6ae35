//! What only a database in a file has to say.

use ks_store::{DatabaseUrl, Store, StoreConfig, StoreError};

use crate::support::{Home, with_102};

#[tokio::test]
async fn a_lost_key_is_not_replaced_by_a_new_one() {
    let home = Home::new();
    let folder = home.file().with_file_name("new");
    Store::open(StoreConfig::in_folder(&folder)).await.unwrap().close().await;
    std::fs::remove_file(folder.join("ks.key")).unwrap();
    let error = Store::open(StoreConfig::in_folder(&folder)).await.unwrap_err();
    assert!(error.to_string().contains("it is missing, and the database was made with one"), "{error}");
    assert!(!folder.join("ks.key").exists());
}

#[tokio::test]
async fn what_is_not_a_database_is_refused_and_left_alone() {
    let home = Home::new();
    std::fs::write(home.file(), "something else, of some length ".repeat(100)).unwrap();
    assert!(matches!(Store::open(home.config()).await, Err(StoreError::Unavailable(_))));
    assert!(std::fs::read_to_string(home.file()).unwrap().starts_with("something else"));
    let folder = StoreConfig { database: DatabaseUrl::sqlite("/dev/null/ks.db"), ..home.config() };
    assert!(matches!(Store::open(folder).await, Err(StoreError::Unavailable(_))));
}

#[cfg(unix)]
#[tokio::test]
async fn the_database_is_its_owners() {
    let home = Home::new();
    let store = home.open().await;
    with_102(&store).await;
    for file in std::fs::read_dir(home.file().parent().unwrap()).unwrap() {
        let mode = std::os::unix::fs::PermissionsExt::mode(&file.unwrap().metadata().unwrap().permissions());
        assert_eq!(mode & 0o777, 0o600);
    }
}
