//! `partner.list`, `count` and `listPartnersForUser`.

use std::collections::BTreeMap;

use ks_access::condition::{Condition, Value, fold};
use ks_schema::generated::classes::{self, PartnerFilter, PartnerListResponse};
use ks_schema::{ApiError, Field, Out, UserId};
use ks_store::{Page, Partner};

use super::object::without_secrets;
use crate::call::{Call, database_error};
use crate::generated::partner::{Count, List, ListPartnersForUser};
use crate::guard::readable;
use crate::list::{Held, Lowered, lower, page, select};

/// What lists of accounts compare.
const HELD: [Held; 9] = [
    Held::number("id", "id"),
    Held::searched("name", "name", "name_folded"),
    Held::text("website", "website"),
    Held::number("createdAt", "created_at"),
    Held::text("adminName", "admin_name"),
    Held::text("adminEmail", "admin_email"),
    Held::number("status", "status"),
    Held::number("partnerPackage", "partner_package"),
    Held::number("partnerGroupType", "partner_group_type"),
];

/// Where `partnerNameDescriptionWebsiteAdminNameAdminEmailLike` searches.
const SEARCHED: [&str; 5] =
    ["name_folded", "description_folded", "website_folded", "admin_name_folded", "admin_email_folded"];

/// What is told of accounts that are not the session's own, as lists compare it.
const SEEN_OF_OTHERS: [&str; 4] = ["id", "name", "name_folded", "status"];

fn lowered(filter: Option<PartnerFilter>) -> Lowered {
    lower(filter, &HELD, |name, value| match (name, value) {
        ("partnerNameDescriptionWebsiteAdminNameAdminEmailLike", Out::Text(text)) => {
            Some(Condition::Any(SEARCHED.map(|column| Condition::Contains(column, fold(text))).to_vec()))
        }
        _ => None,
    })
}

/// Accounts that name the caller's as their parent.
pub(super) async fn list(call: &Call<'_>, args: List) -> Result<PartnerListResponse, ApiError> {
    let children = children(call).await?;
    let Lowered { condition, order } = lowered(args.filter);
    let (found, total) = select(children, columns, &condition, &order, page(args.pager.as_ref()));
    let objects = found.iter().map(|partner| readable(call.permissions, without_secrets(partner)));
    Ok(PartnerListResponse { total_count: total.into(), objects: Field::Set(objects.collect()) })
}

/// How many they are.
pub(super) async fn count(call: &Call<'_>, args: Count) -> Result<i64, ApiError> {
    let Lowered { condition, order } = lowered(args.filter);
    let (_, total) = select(children(call).await?, columns, &condition, &order, Page { offset: 0, limit: 0 });
    Ok(total)
}

async fn children(call: &Call<'_>) -> Result<Vec<Partner>, ApiError> {
    let own = call.account()?.partner.id;
    call.node.store.children(own).await.map_err(|error| database_error(&error))
}

/// Accounts that the session's user administers with one login. Of those that are not the session's own nothing is told
/// but number, name and status: an account can make sessions for any user id, and must not learn of others by that.
pub(super) async fn list_partners_for_user(
    call: &Call<'_>,
    args: ListPartnersForUser,
) -> Result<PartnerListResponse, ApiError> {
    let ks = &call.session()?.ks;
    let store = &call.node.store;
    let user = UserId::new(ks.user_id.clone().unwrap_or_default());
    let user = store.user(ks.partner_id, &user).await.map_err(|error| database_error(&error))?;
    let user = user.ok_or_else(ApiError::invalid_user_id)?;
    let own = &call.session()?.account.partner;
    let accounts = match user.login_id {
        Some(login) => store.administered(login).await.map_err(|error| database_error(&error))?,
        None if own.status == ks_store::PartnerStatus::Active => vec![own.clone()],
        None => Vec::new(),
    };
    let Lowered { condition, order } = lowered(args.partner_filter);
    // Whoever may not see a property must not learn it by asking for it.
    let seen = |partner: &Partner| {
        let mut columns = columns(partner);
        if partner.id != own.id {
            columns.retain(|column, _| SEEN_OF_OTHERS.contains(column));
        }
        columns
    };
    let (found, _) = select(accounts, seen, &condition, &order, page(args.pager.as_ref()));
    let objects: Vec<classes::Partner> = found
        .iter()
        .map(|partner| {
            let whole = readable(call.permissions, without_secrets(partner));
            if partner.id == own.id {
                whole
            } else {
                classes::Partner { id: whole.id, name: whole.name, status: whole.status, ..classes::Partner::default() }
            }
        })
        .collect();
    Ok(PartnerListResponse {
        total_count: i64::try_from(objects.len()).unwrap_or(i64::MAX).into(),
        objects: objects.into(),
    })
}

fn columns(partner: &Partner) -> BTreeMap<&'static str, Value> {
    let kept = |name: &str| partner.properties.get(name);
    let website = kept("website").and_then(|value| value.as_str()).unwrap_or_default();
    let text = |text: &str| Value::Text(text.to_owned());
    let mut columns = BTreeMap::from([
        ("id", Value::Int(partner.id.get().into())),
        ("name", text(&partner.name)),
        ("website", text(website)),
        ("created_at", Value::Int(partner.created_at)),
        ("admin_name", text(&partner.admin_name)),
        ("admin_email", text(&partner.admin_email)),
        ("status", Value::Int(partner.status.code())),
    ]);
    for (column, source) in SEARCHED.into_iter().zip([
        partner.name.as_str(),
        &partner.description,
        website,
        &partner.admin_name,
        &partner.admin_email,
    ]) {
        columns.insert(column, Value::Text(fold(source)));
    }
    for (column, name) in [("partner_package", "partnerPackage"), ("partner_group_type", "partnerGroupType")] {
        columns.extend(kept(name).and_then(serde_json::Value::as_i64).map(|value| (column, Value::Int(value))));
    }
    columns
}
