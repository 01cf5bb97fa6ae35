//! Another key-encryption key, while others go on, and after being cut off.

use std::path::{Path, PathBuf};

use ks_schema::ids::AppTokenId;
use ks_store::{Actor, KekSource, NewAppToken, NewPartner, Order, Page, Store, StoreConfig, StoreError, check_key};
use ks_token::PartnerId;

use crate::support::{Home, NOW, P102, app_token, with_102};

fn config(home: &Home, key_file: &Path) -> StoreConfig {
    StoreConfig { kek: KekSource::File(key_file.to_owned()), ..home.config() }
}

async fn open(home: &Home, key_file: &Path) -> Store {
    Store::open(config(home, key_file)).await.unwrap()
}

/// A process that serves.
async fn node(home: &Home, key_file: &Path, name: &str) -> Store {
    let config = StoreConfig { serves_as: Some(name.to_owned()), ..config(home, key_file) };
    Store::open(config).await.unwrap()
}

/// Two processes on a database with everything that is sealed; the second one serves, with a key file of its own.
async fn apart(home: &Home, folder: &Path) -> (Store, Store) {
    let store = open(home, &folder.join("here.key")).await;
    fill(&store).await;
    let other = node(home, &take_keys_over(folder), "other").await;
    until_known(&store, &store.keys().1, 1).await;
    (store, other)
}

/// Gives the second one the keys that the first one has now.
fn take_keys_over(folder: &Path) -> PathBuf {
    let there = folder.join("there.key");
    std::fs::copy(folder.join("here.key"), &there).unwrap();
    there
}

/// Secrets of several accounts, app tokens, and a second factor: more than one batch.
async fn fill(store: &Store) {
    with_102(store).await;
    for number in 103..106 {
        let id = Some(PartnerId::new(number));
        store.create_partner(NewPartner { id, ..NewPartner::named("Another") }, NOW).await.unwrap();
    }
    let mut set = tokio::task::JoinSet::new();
    for number in 0..450 {
        let id = Some(AppTokenId::new(format!("0_{number:08}")));
        let new = NewAppToken { id, ..app_token(&format!("the key of app token {number}")) };
        let store = store.clone();
        set.spawn(async move { store.add_app_token(new, NOW).await.map(drop).unwrap() });
    }
    set.join_all().await;
    let login = store.login("ada@example.com").await.unwrap().unwrap().id;
    store.set_totp_seed(login, Some(b"a seed"), NOW).await.unwrap();
}

/// Everything that is sealed opens, and says what it said.
async fn reads_all(store: &Store) {
    let secrets = store.secrets(P102).await.unwrap();
    assert!(secrets.iter().any(|other| other.secret.matches("admin secret of 102")));
    for number in [0, 7, 200, 399, 449] {
        let id = AppTokenId::new(format!("0_{number:08}"));
        let token = store.app_token(P102, &id).await.unwrap().unwrap().token;
        assert!(token.matches(&format!("the key of app token {number}")));
    }
    let login = store.login("ada@example.com").await.unwrap().unwrap().id;
    assert_eq!(store.totp_seed(login).await.unwrap().as_deref().map(Vec::as_slice), Some(&b"a seed"[..]));
}

/// How many values are under each key, in the order of the file.
async fn counts(store: &Store) -> Vec<u64> {
    store.sealed_under().await.unwrap().into_iter().map(|(_, count)| count).collect()
}

/// Asks until it is so; the test's own time limit is the judge.
async fn until_known(store: &Store, key: &str, nodes: usize) {
    loop {
        let known = store.node_keys(NOW).await.unwrap();
        if known.iter().filter(|node| node.known.iter().any(|known| known == key)).count() == nodes {
            return;
        }
        tokio::time::sleep(std::time::Duration::from_millis(5)).await;
    }
}

async fn until_current(store: &Store, key: &str, nodes: usize) {
    loop {
        let known = store.node_keys(NOW).await.unwrap();
        if known.iter().filter(|node| node.current == key).count() == nodes {
            return;
        }
        tokio::time::sleep(std::time::Duration::from_millis(5)).await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn everything_is_sealed_anew_while_a_node_goes_on() {
    let (home, folder) = (Home::new(), tempfile::tempdir().unwrap());
    let file = folder.path().join("ks.key");
    let serving = node(&home, &file, "one").await;
    fill(&serving).await;
    let store = open(&home, &file).await.acting(Actor::command("ks secret-key rotate"));
    let old = store.keys().1;
    assert_eq!(counts(&store).await, [459, 0]);

    let (new, is_new) = store.next_key().await.unwrap();
    assert!(is_new && new != old);
    // It is there, and nothing is under it yet; asking again makes no other one.
    assert_eq!(store.next_key().await.unwrap(), (new.clone(), false));
    assert_eq!(store.keys(), (vec![old.clone(), new.clone()], old.clone()));
    store.announce_key(&new, NOW).await.unwrap();
    until_known(&store, &new, 1).await;
    store.take_up_key(&new, NOW).await.unwrap();
    until_current(&store, &new, 1).await;
    let mut seen = Vec::new();
    let done = store.reseal(&mut |done, total| seen.push((done, total))).await.unwrap();
    assert_eq!((done.renewed, done.current, done.unreadable), (459, 0, 0));
    assert_eq!(seen.last(), Some(&(459, 459)));
    assert_eq!(counts(&store).await, [0, 459, 0]);
    for store in [&store, &serving] {
        reads_all(store).await;
    }
    // What the node adds is under the new key.
    let id = Some(PartnerId::new(200));
    serving.create_partner(NewPartner { id, ..NewPartner::named("Later") }, NOW).await.unwrap();
    assert_eq!(counts(&store).await, [0, 461, 0]);

    let before = std::fs::read_to_string(&file).unwrap();
    assert_eq!(store.retire_keys(NOW).await.unwrap(), std::slice::from_ref(&old));
    let after = std::fs::read_to_string(&file).unwrap();
    assert!(before.lines().count() == 2 && after.lines().count() == 1 && before.ends_with(&after));
    reads_all(&serving).await;
    serving.close().await;
    assert_eq!(store.node_keys(NOW).await.unwrap(), []);
    store.close().await;

    // The key alone opens everything; the old one opens nothing any more.
    let opened = check_key(&home.config().database, &file).await.unwrap();
    assert_eq!((opened.secrets, opened.app_tokens, opened.second_factors), (10, 450, 1));
    std::fs::write(&file, before.lines().next().unwrap()).unwrap();
    assert_eq!(Store::open(config(&home, &file)).await.unwrap_err(), StoreError::WrongKey);
    std::fs::write(&file, after).unwrap();

    // It is written down who did it.
    let store = open(&home, &file).await;
    let (latest, page) = ([Order { column: "id", falling: true }], Page { offset: 0, limit: 10 });
    let is_key = ks_access::condition::Condition::text("object_type", "secretKey");
    let (entries, _) = store.audit(None, is_key, &latest, page).await.unwrap();
    let told: Vec<_> = entries.iter().map(|entry| (entry.action.as_str(), entry.object_id.as_str())).collect();
    assert_eq!(told, [("ks secret-key rotate", new.as_str()); 3]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_rotation_that_is_cut_off_anywhere_goes_on() {
    let (home, folder) = (Home::new(), tempfile::tempdir().unwrap());
    let file = folder.path().join("ks.key");
    let store = open(&home, &file).await;
    fill(&store).await;
    let old = store.keys().1;
    store.close().await;

    // Cut off once the key was added.
    let store = open(&home, &file).await;
    let (new, _) = store.next_key().await.unwrap();
    store.close().await;
    let store = open(&home, &file).await;
    assert_eq!((store.keys().1, store.next_key().await.unwrap()), (old.clone(), (new.clone(), false)));
    reads_all(&store).await;

    // Cut off once it was taken up, and in the middle of sealing anew.
    store.take_up_key(&new, NOW).await.unwrap();
    store.close().await;
    let store = open(&home, &file).await;
    assert_eq!((store.keys().1, store.next_key().await.unwrap()), (new.clone(), (new.clone(), false)));
    {
        let (cut, mut at) = tokio::sync::oneshot::channel::<()>();
        let mut cut = Some(cut);
        let mut progress = |done: u64, _| {
            if done > 150 {
                cut.take().map(|cut| cut.send(()));
            }
        };
        let mut sealing = std::pin::pin!(store.reseal(&mut progress));
        tokio::select! {
            biased;
            _ = &mut at => {}
            done = &mut sealing => panic!("{done:?}"),
        }
    }
    store.close().await;
    let store = open(&home, &file).await;
    let there = counts(&store).await;
    assert!(there[0] > 0 && there[1] > 150 && there[0] + there[1] == 459 && there[2] == 0, "{there:?}");
    reads_all(&store).await;
    // The next one goes on instead of beginning with yet another key.
    assert_eq!(store.next_key().await.unwrap(), (new.clone(), false));
    let done = store.reseal(&mut |_, _| {}).await.unwrap();
    assert_eq!((done.renewed, done.current), (there[0], there[1]));
    assert_eq!(counts(&store).await, [0, 459, 0]);
    reads_all(&store).await;
    // When it is finished, the next one is another one.
    let (third, is_new) = store.next_key().await.unwrap();
    assert!(is_new && ![old, new].contains(&third));
    store.close().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_node_with_a_key_file_of_its_own_is_not_left_behind() {
    let (home, folder) = (Home::new(), tempfile::tempdir().unwrap());
    let (store, other) = apart(&home, folder.path()).await;
    let old = store.keys().1;

    let (new, _) = store.next_key().await.unwrap();
    store.announce_key(&new, NOW).await.unwrap();
    let nodes = store.node_keys(NOW).await.unwrap();
    assert_eq!((nodes[0].name.as_str(), &nodes[0].current, &nodes[0].known), ("other", &old, &vec![old.clone()]));
    // Nobody takes out the old key while the node lives by it.
    assert!(matches!(store.retire_keys(NOW).await, Ok(ids) if ids == [new.clone()]), "an unused key may go");
    let (new, _) = store.next_key().await.unwrap();

    take_keys_over(folder.path());
    store.announce_key(&new, NOW).await.unwrap();
    until_known(&store, &new, 1).await;
    reads_all(&other).await;
    store.take_up_key(&new, NOW).await.unwrap();
    store.reseal(&mut |_, _| {}).await.unwrap();
    until_current(&store, &new, 1).await;
    reads_all(&other).await;
    // A node that is gone without a word is forgotten after a while.
    assert_eq!(store.node_keys(NOW + 181).await.unwrap(), []);
    other.close().await;
    store.close().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn old_keys_stay_while_a_node_seals_under_them() {
    let (home, folder) = (Home::new(), tempfile::tempdir().unwrap());
    let (store, other) = apart(&home, folder.path()).await;
    // By force, without the node.
    let (new, _) = store.next_key().await.unwrap();
    store.take_up_key(&new, NOW).await.unwrap();
    store.reseal(&mut |_, _| {}).await.unwrap();
    let error = store.retire_keys(NOW).await.unwrap_err();
    assert!(error.to_string().contains("a node has not taken up the current key yet"), "{error}");
    // What it still seals is not lost.
    let id = Some(PartnerId::new(200));
    other.create_partner(NewPartner { id, ..NewPartner::named("Later") }, NOW).await.unwrap();
    assert_eq!(counts(&store).await, [2, 459, 0]);
    other.close().await;
    assert_eq!(store.retire_keys(NOW).await.unwrap().len(), 1);
    assert_eq!(counts(&store).await, [461, 0]);
    reads_all(&store).await;
    store.close().await;
}
