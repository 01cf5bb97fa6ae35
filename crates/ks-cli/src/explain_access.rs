//! `ks explain-access`: why a session sees a category or an entry, or does not.

use clap::{Args, ValueEnum};
use ks_schema::{CategoryId, EntryId, PartnerId};
use ks_service::explain::{Explanation, Imagined, Subject};
use ks_service::{Node, Options};
use ks_store::system_clock;
use serde_json::json;

use crate::exit::{Exit, Failure};
use crate::output::{self, printable};
use crate::settings::DatabaseArgs;
use crate::{database, runtime};

/// Say why a session sees a category or an entry, or does not
///
/// The session need not exist: it is described by its user and its privileges. The exit code is 0 when it sees the object,
/// and 1 when it does not.
#[derive(Args)]
pub(crate) struct ExplainAccessArgs {
    /// What is asked about
    #[arg(value_name = "KIND", value_enum)]
    subject: Kind,
    /// Its id
    #[arg(value_name = "ID")]
    id: String,
    /// The account
    #[arg(long, value_name = "ID")]
    partner: i32,
    /// The user of the session; none if left out
    #[arg(long, value_name = "USER", default_value = "")]
    user: String,
    /// The privileges that the session is started with
    #[arg(long, value_name = "LIST", default_value = "")]
    privileges: String,
    /// Ask about an administrator's session
    #[arg(long)]
    admin: bool,
    #[command(flatten)]
    database: DatabaseArgs,
}

/// What access can be explained to.
#[derive(Clone, Copy, ValueEnum)]
enum Kind {
    Category,
    Entry,
}

pub(crate) fn run(args: ExplainAccessArgs, json: bool) -> Result<Exit, Failure> {
    let settings = args.database.resolve()?;
    let subject = match args.subject {
        Kind::Category => {
            let id = args.id.trim().parse().map_err(|_| Failure::usage("the id of a category is a number"))?;
            Subject::Category(CategoryId::new(id))
        }
        Kind::Entry => Subject::Entry(EntryId::new(args.id)),
    };
    let session = Imagined { user_id: args.user, is_admin: args.admin, privileges: args.privileges };
    let partner = PartnerId::new(args.partner);
    let told = runtime::short(async {
        let store = database::open(&settings).await?;
        let told = explain(&store, partner, &session, &subject).await;
        store.close().await;
        told
    })?;
    if json {
        output::json(&json!({
            "visible": told.is_visible,
            "listed": told.is_listed,
            "enforced": told.is_enforced,
            "rule": told.rule,
            "explanation": told.explanation,
        }))?;
    } else {
        output::line(&printable(&told.explanation).to_string())?;
    }
    Ok(if told.is_visible { Exit::Done } else { Exit::No })
}

async fn explain(
    store: &ks_store::Store,
    partner: PartnerId,
    session: &Imagined,
    subject: &Subject,
) -> Result<Explanation, Failure> {
    let account = store.account(partner).await.map_err(|error| database::failed(&error))?;
    let account = account.ok_or_else(|| Failure::no(format!("there is no account {partner}")))?;
    let node = Node::new(store.clone(), system_clock(), Options::default());
    node.explain_access(&account, session, subject).await.map_err(|error| Failure::usage(error.to_string()))
}
