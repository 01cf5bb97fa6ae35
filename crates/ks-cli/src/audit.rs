//! `ks audit`: who changed what.

use clap::Args;
use ks_access::condition::Condition;
use ks_store::{AuditEntry, Order, Page};
use ks_token::PartnerId;
use serde_json::{Value, json};

use crate::exit::{Exit, Failure};
use crate::generate::account as number;
use crate::output::{self, printable};
use crate::partner::on_database;
use crate::settings::DatabaseArgs;
use crate::{database, when};

/// Show who changed what, the latest change first
///
/// Every change is written down with itself: none is missing, and none is there that was not made.
#[derive(Args)]
pub(crate) struct AuditArgs {
    /// The account's number [default: all accounts]
    #[arg(value_name = "PARTNER", value_parser = number)]
    partner: Option<PartnerId>,
    /// How many changes to show
    #[arg(long, value_name = "COUNT", default_value_t = 50)]
    limit: u32,
    /// Only changes by this user's sessions
    #[arg(long, value_name = "USER")]
    user: Option<String>,
    /// Only changes by this action, such as appToken.delete
    #[arg(long, value_name = "ACTION")]
    action: Option<String>,
    #[command(flatten)]
    database: DatabaseArgs,
}

pub(crate) fn run(args: &AuditArgs, json: bool) -> Result<Exit, Failure> {
    on_database(&args.database, async |store| {
        let mut condition = Condition::TRUE;
        for (column, text) in [("user_id", &args.user), ("action", &args.action)] {
            if let Some(text) = text {
                condition = condition.and(Condition::text(column, text));
            }
        }
        let latest = [Order { column: "id", falling: true }];
        let page = Page { offset: 0, limit: args.limit };
        let found = store.audit(args.partner, condition, &latest, page).await;
        let (entries, _) = found.map_err(|error| database::failed(&error))?;
        if json {
            return output::json(&json!({ "changes": entries.iter().map(object).collect::<Vec<_>>() }));
        }
        let rows: Vec<_> = entries.iter().map(row).collect();
        output::line(&output::table(&["WHEN", "ACCOUNT", "WHAT", "OBJECT", "WHO", "FROM"], &rows))
    })
}

fn row(entry: &AuditEntry) -> Vec<String> {
    let text = |text: Option<&str>| text.filter(|text| !text.is_empty()).map_or_else(|| "-".to_owned(), printable);
    vec![
        when::date(entry.at),
        entry.partner_id.to_string(),
        text(Some(&entry.action)),
        printable(format!("{} {}", entry.object_type, entry.object_id).trim_end()),
        text(entry.user_id.as_deref()),
        text(entry.address.as_deref()),
    ]
}

fn object(entry: &AuditEntry) -> Value {
    json!({
        "id": entry.id,
        "createdAt": entry.at,
        "partnerId": entry.partner_id.get(),
        "action": entry.action,
        "objectType": entry.object_type,
        "objectId": entry.object_id,
        "actorPartnerId": entry.actor_partner_id.map(PartnerId::get),
        "userId": entry.user_id,
        "sessionHash": entry.session_hash,
        "address": entry.address,
        "requestId": entry.request_id,
    })
}
