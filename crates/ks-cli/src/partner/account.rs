//! `ks partner list|show|block|unblock`, and how an account is shown.

use ks_store::{Partner, PartnerStatus, Store};
use ks_token::PartnerId;
use serde_json::{Value, json};

use crate::exit::Failure;
use crate::output::{self, printable};
use crate::partner::existing;
use crate::{database, when};

pub(super) async fn list(store: &Store, json: bool) -> Result<(), Failure> {
    let partners = store.partners().await.map_err(|error| database::failed(&error))?;
    if json {
        return output::json(&json!({ "partners": partners.iter().map(object).collect::<Vec<_>>() }));
    }
    if partners.is_empty() {
        return output::line("No accounts yet. `ks partner create` makes one.");
    }
    let rows: Vec<_> = partners
        .iter()
        .map(|partner| {
            vec![
                partner.id.to_string(),
                status(partner.status).to_owned(),
                when::date(partner.created_at),
                printable(&partner.admin_email),
                printable(&partner.name),
            ]
        })
        .collect();
    output::line(&output::table(&["ID", "STATUS", "CREATED", "ADMINISTRATOR", "NAME"], &rows))
}

pub(super) async fn show(store: &Store, id: PartnerId, json: bool) -> Result<(), Failure> {
    tell(&existing(store, id).await?, json)
}

/// Shows an account.
pub(super) fn tell(partner: &Partner, json: bool) -> Result<(), Failure> {
    if json {
        return output::json(&object(partner));
    }
    let version1 = if partner.v1_allowed { "accepted" } else { "refused" };
    let parent = partner.parent_id.map_or_else(|| "none".to_owned(), |parent| parent.to_string());
    let impersonation = if partner.may_impersonate { "may enter its child accounts" } else { "not allowed" };
    let secrets = if partner.hide_secrets { "left out of answers" } else { "in answers to administrators" };
    let lines = [
        ("Account", partner.id.to_string()),
        ("Name", printable(&partner.name)),
        ("Status", status(partner.status).to_owned()),
        ("Administrator", printable(&partner.admin_email)),
        ("Created", when::date(partner.created_at)),
        ("Changed", when::date(partner.updated_at)),
        ("Longest session", format!("{} seconds", partner.ks_max_expiry)),
        ("Version 1 tokens", version1.to_owned()),
        ("Parent account", parent),
        ("Impersonation", impersonation.to_owned()),
        ("Secrets", secrets.to_owned()),
        (
            "Entitlement",
            if partner.default_entitlement_enforcement { "enforced" } else { "as sessions ask" }.to_owned(),
        ),
    ];
    let rows: Vec<_> = lines.iter().map(|(label, value)| format!("{label:<17} {value}")).collect();
    output::line(&rows.join("\n"))
}

pub(super) async fn set_status(store: &Store, id: PartnerId, wanted: PartnerStatus, json: bool) -> Result<(), Failure> {
    let partner = existing(store, id).await?;
    let partner = if partner.status == wanted {
        partner
    } else {
        store.set_partner_status(id, wanted, when::now()).await.map_err(|error| database::failed(&error))?
    };
    if json {
        return output::json(&object(&partner));
    }
    output::line(&format!("Account {id} is {}.", status(partner.status)))
}

fn object(partner: &Partner) -> Value {
    json!({
        "partnerId": partner.id.get(),
        "name": partner.name,
        "status": status(partner.status),
        "adminEmail": partner.admin_email,
        "createdAt": partner.created_at,
        "updatedAt": partner.updated_at,
        "ksMaxExpiry": partner.ks_max_expiry,
        "v1Allowed": partner.v1_allowed,
        "parentId": partner.parent_id.map(PartnerId::get),
        "mayImpersonate": partner.may_impersonate,
        "enforceEntitlement": partner.default_entitlement_enforcement,
        "hideSecrets": partner.hide_secrets,
    })
}

fn status(status: PartnerStatus) -> &'static str {
    match status {
        PartnerStatus::Deleted => "deleted",
        PartnerStatus::Active => "active",
        PartnerStatus::Blocked => "blocked",
        PartnerStatus::FullBlock => "fully blocked",
        PartnerStatus::ReadOnly => "read-only",
    }
}
