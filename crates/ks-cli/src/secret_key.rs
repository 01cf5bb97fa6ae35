//! `ks secret-key`: the key that accounts' secrets are encrypted under.

use std::time::{Duration, Instant};

use clap::{Args, Subcommand};
use ks_store::{Store, StoreError};
use serde_json::{Value, json};

use crate::db::Bar;
use crate::exit::{Exit, Failure};
use crate::partner::on_database;
use crate::settings::DatabaseArgs;
use crate::{database, output, when};

/// How long a rotation waits for nodes that read the same key file.
const PATIENCE: Duration = Duration::from_secs(10);

/// Look after the key that encrypts accounts' secrets, app tokens and second factors in the database
///
/// The key file has one key on each line: one that things are encrypted under, and others that still open what was
/// encrypted before, or will be used next. Keys are called by ids, which say nothing of them.
#[derive(Args)]
pub(crate) struct SecretKeyArgs {
    #[command(subcommand)]
    command: SecretKeyCommand,
}

#[derive(Subcommand)]
enum SecretKeyCommand {
    List(ListArgs),
    Add(AddArgs),
    Rotate(RotateArgs),
    Retire(RetireArgs),
}

/// Show the keys, how much is encrypted under each, and which nodes have them
#[derive(Args)]
struct ListArgs {
    #[command(flatten)]
    database: DatabaseArgs,
}

/// Add a new key to the key file, without using it yet
///
/// Where nodes have key files of their own, copy the file to them afterwards; they read it within a minute. Then
/// `ks secret-key rotate` takes the new key up.
#[derive(Args)]
struct AddArgs {
    #[command(flatten)]
    database: DatabaseArgs,
}

/// Encrypt everything under a new key, while servers go on
///
/// The new key is the one that `ks secret-key add` added, or else it is added now. It is taken up only when every node
/// that serves has it: copy the key file to those that are named, and run this again. A rotation that was cut off is
/// finished by running it again. The old key stays in the file; `ks secret-key retire` takes it out.
#[derive(Args)]
struct RotateArgs {
    /// Do not wait for nodes that do not have the key: they will not be able to read secrets until they do
    #[arg(long)]
    force: bool,
    #[command(flatten)]
    database: DatabaseArgs,
}

/// Take all keys out of the key file that nothing is encrypted under any more
///
/// Old backups need the old keys: keep a copy of the file as it is now for as long as you keep those.
#[derive(Args)]
struct RetireArgs {
    #[command(flatten)]
    database: DatabaseArgs,
}

pub(crate) fn run(args: SecretKeyArgs, json: bool) -> Result<Exit, Failure> {
    match args.command {
        SecretKeyCommand::List(args) => on_database(&args.database, async |store| list(store, json).await),
        SecretKeyCommand::Add(args) => on_database(&args.database, async |store| add(store, json).await),
        SecretKeyCommand::Rotate(args) => {
            on_database(&args.database, async |store| rotate(store, args.force, json).await)
        }
        SecretKeyCommand::Retire(args) => on_database(&args.database, async |store| retire(store, json).await),
    }
}

fn failed(error: &StoreError) -> Failure {
    match error {
        StoreError::Invalid(text) => Failure::no(*text),
        error => database::failed(error),
    }
}

async fn list(store: &Store, json: bool) -> Result<(), Failure> {
    let (ids, current) = store.keys();
    let counts = store.sealed_under().await.map_err(|error| failed(&error))?;
    let nodes = store.node_keys(when::now()).await.map_err(|error| failed(&error))?;
    let count = |id: Option<&str>| {
        counts.iter().find(|(other, _)| other.as_deref() == id).map(|(_, count)| *count).unwrap_or_default()
    };
    let missing = count(None);
    if json {
        let keys: Vec<Value> =
            ids.iter().map(|id| json!({ "id": id, "current": *id == current, "values": count(Some(id)) })).collect();
        let nodes: Vec<Value> = nodes
            .iter()
            .map(|node| json!({ "name": node.name, "current": node.current, "keys": node.known }))
            .collect();
        return output::json(&json!({ "keys": keys, "unreadable": missing, "nodes": nodes }));
    }
    let rows: Vec<_> = ids
        .iter()
        .map(|id| {
            let state = if *id == current { "current" } else { "" };
            vec![id.clone(), count(Some(id)).to_string(), state.to_owned()]
        })
        .collect();
    let mut text = output::table(&["KEY", "VALUES", ""], &rows);
    if missing > 0 {
        text.push_str(&format!("\n{missing} values are under a key that is not in the file."));
    }
    if !nodes.is_empty() {
        let rows: Vec<_> = nodes
            .iter()
            .map(|node| vec![output::printable(&node.name), node.current.clone(), node.known.join(" ")])
            .collect();
        text.push_str(&format!("\n\n{}", output::table(&["NODE", "CURRENT", "HAS"], &rows)));
    }
    output::line(&text)
}

async fn add(store: &Store, json: bool) -> Result<(), Failure> {
    let (id, is_new) = store.next_key().await.map_err(|error| failed(&error))?;
    store.announce_key(&id, when::now()).await.map_err(|error| failed(&error))?;
    if json {
        return output::json(&json!({ "key": id, "added": is_new }));
    }
    output::line(&match is_new {
        true => format!("Key {id} is in the key file. Copy the file to every node, then run `ks secret-key rotate`."),
        false => format!("Key {id} is in the key file already: run `ks secret-key rotate`."),
    })
}

async fn rotate(store: &Store, force: bool, json: bool) -> Result<(), Failure> {
    let (before, now) = (store.keys().1, when::now());
    let (id, _) = store.next_key().await.map_err(|error| failed(&error))?;
    store.announce_key(&id, now).await.map_err(|error| failed(&error))?;
    let lacking = wait(store, &id, force).await?;
    if !lacking.is_empty() && !force {
        return Err(Failure::no(format!("nothing is changed: key {id} is not known yet to {}", lacking.join(", ")))
            .hint(
                "copy the key file there, and run this again; a node that is gone is forgotten after three minutes",
            ));
    }
    if id != before {
        store.take_up_key(&id, when::now()).await.map_err(|error| failed(&error))?;
    }
    let bar = Bar::new();
    let done = store.reseal(&mut |done, total| bar.at(done, total, "values")).await;
    bar.end();
    let done = done.map_err(|error| failed(&error))?;
    if done.unreadable > 0 {
        return Err(Failure::no(format!("{} values open with none of the keys, and are left alone", done.unreadable)));
    }
    if json {
        return output::json(&json!({ "key": id, "renewed": done.renewed, "before": done.current }));
    }
    output::line(&format!(
        "{} secrets are encrypted anew under key {id}; {} were already.\nOld keys stay in the file; when old backups no \
         longer need them, `ks secret-key retire` takes them out.",
        done.renewed, done.current
    ))
}

/// Waits until every node that serves has a key; which still do not.
async fn wait(store: &Store, id: &str, force: bool) -> Result<Vec<String>, Failure> {
    let until = Instant::now() + PATIENCE;
    loop {
        let nodes = store.node_keys(when::now()).await.map_err(|error| failed(&error))?;
        let lacking = nodes.into_iter().filter(|node| node.known.iter().all(|known| known != id));
        let lacking: Vec<String> = lacking.map(|node| output::printable(&node.name)).collect();
        if lacking.is_empty() || force || Instant::now() > until {
            return Ok(lacking);
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
}

async fn retire(store: &Store, json: bool) -> Result<(), Failure> {
    let retired = store.retire_keys(when::now()).await.map_err(|error| failed(&error))?;
    if json {
        return output::json(&json!({ "retired": retired }));
    }
    output::line(&match retired.as_slice() {
        [] => "There is one key only.".to_owned(),
        ids => format!("Taken out of the key file: {}.", ids.join(", ")),
    })
}
