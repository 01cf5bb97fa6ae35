//! Everything in one file, while others write.

use ks_schema::ids::UserId;
use ks_store::{
    DatabaseUrl, Kek, KekSource, NewUser, Store, StoreConfig, StoreError, Target, back_up, check_file, copy_database,
};

use crate::support::{Home, NOW, P102, with_102};

async fn backed_up(home: &Home, file: &std::path::Path) -> Result<(), StoreError> {
    std::fs::write(file, "").unwrap();
    back_up(&home.config().database, file, NOW, &mut |_| {}).await
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_backup_is_one_state_and_comes_back_in_either_engine() {
    let (home, folder) = (Home::new(), tempfile::tempdir().unwrap());
    let store = home.open().await;
    with_102(&store).await;
    // Each user comes with an entry of the audit trail.
    let (stop, mut stopped) = tokio::sync::oneshot::channel::<()>();
    let writing = {
        let store = store.clone();
        tokio::spawn(async move {
            let mut number = 0;
            loop {
                store.add_user(NewUser::named(P102, UserId::new(format!("u{number}"))), NOW).await.unwrap();
                number += 1;
                if stopped.try_recv().is_ok() {
                    return number;
                }
            }
        })
    };
    let file = folder.path().join("a.backup");
    backed_up(&home, &file).await.unwrap();
    stop.send(()).unwrap();
    let written: i64 = writing.await.unwrap();
    assert!(written > 0);
    store.close().await;
    // It is one file.
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 1);

    for again in [Home::new(), Home::sqlite()] {
        let database = again.config().database;
        copy_database(&DatabaseUrl::sqlite(&file), &database, Target::Empty, NOW, &mut |_| {}).await.unwrap();
        let counts = again
            .pairs(
                "SELECT (SELECT count(*) FROM kuser WHERE puser_id LIKE 'u%'), \
                    (SELECT count(*) FROM audit WHERE object_type = 'user' AND object_id LIKE 'u%')",
            )
            .await;
        assert!(counts[0].0 == counts[0].1 && counts[0].0 <= written, "{counts:?} {written}");
        let store = again.open().await;
        assert_eq!(store.secrets(P102).await.unwrap().len(), 2);
        store.close().await;
    }
}

#[tokio::test]
async fn a_damaged_file_is_no_backup() {
    let (home, folder) = (Home::new(), tempfile::tempdir().unwrap());
    let store = home.open().await;
    with_102(&store).await;
    store.close().await;
    let file = folder.path().join("a.backup");
    backed_up(&home, &file).await.unwrap();
    check_file(&file).await.unwrap();
    let whole = std::fs::read(&file).unwrap();
    let mut bent = whole.clone();
    let (from, to) = (bent.len() / 4, bent.len() * 3 / 4);
    bent[from..to].fill(0xa5);
    let no_database = b"no database, but long enough to be read as one ".repeat(100);
    for (what, bytes) in [("bent", &bent[..]), ("cut", &whole[..whole.len() / 2]), ("text", &no_database)] {
        std::fs::write(&file, bytes).unwrap();
        assert!(check_file(&file).await.is_err(), "{what}");
    }
    std::fs::write(&file, "").unwrap();
    assert!(matches!(check_file(&file).await, Err(StoreError::Invalid(_))));
}

#[tokio::test]
async fn a_backup_says_nothing_without_its_key() {
    let (home, folder) = (Home::new(), tempfile::tempdir().unwrap());
    let store = home.open().await;
    with_102(&store).await;
    store.close().await;
    let file = folder.path().join("a.backup");
    backed_up(&home, &file).await.unwrap();
    let bytes = std::fs::read(&file).unwrap();
    assert!(!bytes.windows(13).any(|window| window == b"secret of 102"));
    let other = StoreConfig::new(DatabaseUrl::sqlite(&file), KekSource::Key(Kek::new([8; 32])));
    assert_eq!(Store::open(other).await.unwrap_err(), StoreError::WrongKey);
}
