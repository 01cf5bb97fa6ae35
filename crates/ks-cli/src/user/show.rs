//! `ks user list|show`.

use std::sync::Arc;

use ks_access::condition::Condition;
use ks_schema::ids::UserId;
use ks_store::{Order, Page, Store, User, UserKind, UserStatus};
use ks_token::PartnerId;
use serde_json::{Value, json};

use crate::exit::Failure;
use crate::output::{self, printable};
use crate::partner::existing;
use crate::{database, when};

/// How many users are read at a time.
const PAGE: u32 = 500;

pub(super) async fn list(store: &Store, partner: PartnerId, json: bool) -> Result<(), Failure> {
    existing(store, partner).await?;
    let mut users = Vec::new();
    loop {
        let live = Condition::Not(Box::new(Condition::int("status", UserStatus::Deleted.code())));
        let offset = u32::try_from(users.len()).unwrap_or(u32::MAX);
        let order = [Order { column: "puser_id", falling: false }];
        let page = store.users(partner, live, &order, Page { offset, limit: PAGE }).await;
        let (some, _) = page.map_err(|error| database::failed(&error))?;
        if some.is_empty() {
            break;
        }
        users.extend(some);
    }
    if json {
        return output::json(&json!({ "users": users.iter().map(object).collect::<Vec<_>>() }));
    }
    if users.is_empty() {
        return output::line("No users yet. `ks user add` makes one.");
    }
    let rows: Vec<_> = users
        .iter()
        .map(|user| {
            vec![
                printable(user.user_id.as_str()),
                kind(user).to_owned(),
                status(user.status).to_owned(),
                if user.login_id.is_some() { "yes" } else { "no" }.to_owned(),
                roles(user),
                printable(&user.email),
            ]
        })
        .collect();
    output::line(&output::table(&["ID", "KIND", "STATUS", "LOGIN", "ROLES", "E-MAIL"], &rows))
}

pub(super) async fn show(store: &Store, partner: PartnerId, id: &str, json: bool) -> Result<(), Failure> {
    let user = found(store, partner, id).await?;
    if json {
        return output::json(&object(&user));
    }
    let lines = [
        ("User", printable(user.user_id.as_str())),
        ("Account", user.partner_id.to_string()),
        ("Name", printable(&user.screen_name)),
        ("E-mail", printable(&user.email)),
        ("Kind", kind(&user).to_owned()),
        ("Status", status(user.status).to_owned()),
        ("Roles", roles(&user)),
        ("Login", if user.login_id.is_some() { "yes" } else { "no" }.to_owned()),
        ("Last login", user.last_login_at.map_or_else(|| "never".to_owned(), when::date)),
        ("Created", when::date(user.created_at)),
        ("Changed", when::date(user.updated_at)),
    ];
    let rows: Vec<_> = lines.iter().map(|(label, value)| format!("{label:<10} {value}")).collect();
    output::line(&rows.join("\n"))
}

/// A user of an account, or a refusal.
pub(super) async fn found(store: &Store, partner: PartnerId, id: &str) -> Result<Arc<User>, Failure> {
    existing(store, partner).await?;
    let user = store.live_user(partner, &UserId::new(id)).await.map_err(|error| database::failed(&error))?;
    user.ok_or_else(|| {
        Failure::no(format!("account {partner} has no user {}", printable(id)))
            .hint(format!("`ks user list {partner}` lists its users"))
    })
}

pub(super) fn object(user: &User) -> Value {
    json!({
        "partnerId": user.partner_id.get(),
        "userId": user.user_id.as_str(),
        "kind": kind(user),
        "status": status(user.status),
        "isAccountOwner": user.is_account_owner,
        "screenName": user.screen_name,
        "email": user.email,
        "roleIds": user.role_ids.iter().map(|role| role.get()).collect::<Vec<_>>(),
        "loginEnabled": user.login_id.is_some(),
        "lastLoginAt": user.last_login_at,
        "createdAt": user.created_at,
        "updatedAt": user.updated_at,
    })
}

fn roles(user: &User) -> String {
    let ids: Vec<String> = user.role_ids.iter().map(|role| role.get().to_string()).collect();
    if ids.is_empty() { "default".to_owned() } else { ids.join(",") }
}

fn kind(user: &User) -> &'static str {
    match user.kind {
        UserKind::User if user.is_account_owner => "owner",
        UserKind::User if user.is_admin => "administrator",
        UserKind::User => "user",
        UserKind::Group => "group",
        UserKind::ApplicativeGroup => "applicative group",
    }
}

pub(super) fn status(status: UserStatus) -> &'static str {
    match status {
        UserStatus::Blocked => "blocked",
        UserStatus::Active => "active",
        UserStatus::Deleted => "deleted",
    }
}
