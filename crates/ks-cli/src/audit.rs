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

/// Show who changed what, and who logged in, the latest first
///
/// Every change is written down with itself: none is missing, and none is there that was not made. So is every login;
/// of wrong passwords there are the first ones, those that begin a block, and then ever fewer.
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
    /// Only what happened to this kind of object, such as user, login, loginFailure, password or secondFactor
    #[arg(long = "type", value_name = "KIND")]
    kind: Option<String>,
    /// Only what happened to this object: of logins and passwords, the user's id
    #[arg(long, value_name = "ID")]
    object: Option<String>,
    #[command(flatten)]
    database: DatabaseArgs,
}

pub(crate) fn run(args: &AuditArgs, json: bool) -> Result<Exit, Failure> {
    on_database(&args.database, async |store| {
        let mut condition = Condition::TRUE;
        for (column, text) in [
            ("user_id", &args.user),
            ("action", &args.action),
            ("object_type", &args.kind),
            ("object_id", &args.object),
        ] {
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
        output::line(&output::table(&["WHEN", "ACCOUNT", "WHAT", "OBJECT", "WHO", "FROM", "DETAIL"], &rows))
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
        entry.detail.as_deref().map_or_else(String::new, printable),
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
        "detail": entry.detail,
    })
}
