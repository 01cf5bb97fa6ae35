//! What can be said of a world before anything is looked up: nothing is written when it is wrong.

use std::collections::{BTreeMap, BTreeSet};

use ks_token::Secret;

use super::{Account, Category, SeedError, World, invalid};
use crate::category::rules;
use crate::login::address;
use crate::user::fields;

/// The longest name of a role, an entry or an account, in bytes.
const LONGEST_NAME: usize = 1024;

pub(super) fn check(world: &World) -> Result<(), SeedError> {
    let mut seen = BTreeSet::new();
    for (at, account) in world.accounts.iter().enumerate() {
        let place = if account.id > 0 { format!("account {}", account.id) } else { format!("accounts[{at}]") };
        if account.id < 1 {
            return Err(invalid(place, "an account needs an id above 0"));
        }
        if !seen.insert(account.id) {
            return Err(invalid(place, "it is there twice"));
        }
        check_account(&place, account)?;
    }
    Ok(())
}

fn check_account(place: &str, account: &Account) -> Result<(), SeedError> {
    if let Some(email) = &account.admin_email
        && !address::is_valid(email)
    {
        return Err(invalid(place, format!("adminEmail {email:?} is no e-mail address")));
    }
    if account.admin_password.is_some() && account.admin_email.is_none() {
        return Err(invalid(place, "adminPassword needs adminEmail, which is the login"));
    }
    let mut secrets = BTreeSet::new();
    for secret in account.admin_secrets.iter().chain(&account.user_secrets) {
        if Secret::new(secret.as_str()).is_err() {
            return Err(invalid(place, "a secret is empty"));
        }
        if !secrets.insert(secret) {
            return Err(invalid(place, "a secret is there twice"));
        }
    }
    once(place, "role", account.roles.iter().map(|role| role.system_name.as_str()))?;
    for role in &account.roles {
        if role.system_name.is_empty() || role.system_name.parse::<i64>().is_ok() {
            return Err(invalid(place, format!("role {:?}: a system name is a word, not a number", role.system_name)));
        }
    }
    let users = account.users.iter().map(|user| user.id.as_str());
    once(place, "user or group", users.chain(account.groups.iter().map(|group| group.id.as_str())))?;
    for user in &account.users {
        let place = format!("{place}, user {:?}", user.id);
        check_id(&place, &user.id)?;
        if let Some(email) = &user.email
            && !address::is_valid(email)
        {
            return Err(invalid(place, format!("email {email:?} is no e-mail address")));
        }
        if user.password.is_some() && user.email.is_none() {
            return Err(invalid(place, "a password needs an email, which is the login"));
        }
    }
    for group in &account.groups {
        let place = format!("{place}, group {:?}", group.id);
        check_id(&place, &group.id)?;
        once(&place, "member", group.members.iter().chain(&group.managers).map(String::as_str))?;
    }
    once(place, "app token", account.app_tokens.iter().map(|token| token.id.as_str()))?;
    for token in &account.app_tokens {
        let place = format!("{place}, app token {:?}", token.id);
        check_object_id(&place, &token.id)?;
        if token.token.as_deref() == Some("") {
            return Err(invalid(place, "its key is empty"));
        }
        if token.session_duration.is_some_and(|seconds| seconds < 1) {
            return Err(invalid(place, "sessionDuration is in seconds, above 0"));
        }
    }
    let mut categories = BTreeMap::new();
    check_categories(place, "", false, &account.categories, &mut categories)?;
    let ids: Vec<String> = account.entries.iter().map(|entry| super::content::entry_id(account.id, entry)).collect();
    once(place, "entry", ids.iter().map(String::as_str))?;
    for (entry, id) in account.entries.iter().zip(&ids) {
        let place = format!("{place}, entry {id:?}");
        check_object_id(&place, id)?;
        if entry.name.is_empty() || entry.name.len() > LONGEST_NAME {
            return Err(invalid(place, format!("a name has 1 to {LONGEST_NAME} bytes")));
        }
        once(&place, "category", entry.categories.iter().map(String::as_str))?;
    }
    Ok(())
}

fn check_categories(
    place: &str,
    above: &str,
    entitled: bool,
    categories: &[Category],
    seen: &mut BTreeMap<String, ()>,
) -> Result<(), SeedError> {
    for category in categories {
        let full = super::content::full_name(above, &category.name);
        let here = format!("{place}, category {full:?}");
        if category.name.len() > rules::LONGEST_NAME || rules::kept_name(&category.name, true) != category.name {
            let most = rules::LONGEST_NAME;
            return Err(invalid(here, format!("a name has 1 to {most} bytes, no < or >, and no spaces at its ends")));
        }
        if category.name.is_empty() {
            return Err(invalid(here, "a name is empty"));
        }
        if seen.insert(full.clone(), ()).is_some() {
            return Err(invalid(here, "it is there twice"));
        }
        if let Some(wrong) = category.privacy_contexts.iter().find(|context| !rules::is_context(context)) {
            return Err(invalid(here, format!("privacyContexts: {wrong:?} is not of four or more letters and digits")));
        }
        let entitled = entitled || !category.privacy_contexts.is_empty();
        let needs_context = category.owner.is_some()
            || category.inherit_members
            || category.privacy != super::Privacy::All
            || category.appear_in_list != super::AppearIn::All
            || category.user_join_policy != super::JoinPolicy::None
            || category.contribution_policy != super::Contribution::All
            || category.default_permission_level != super::Level::Member;
        if !entitled && needs_context {
            let fault = "owner, privacy, appearInList, policies and inheritMembers need privacyContexts, here or above";
            return Err(invalid(here, fault));
        }
        if category.inherit_members && (above.is_empty() || category.owner.is_some() || !category.members.is_empty()) {
            return Err(invalid(
                here,
                "who inherits members has a category above, and no owner and members of its own",
            ));
        }
        check_categories(place, &full, entitled, &category.categories, seen)?;
    }
    Ok(())
}

fn check_id(place: &str, id: &str) -> Result<(), SeedError> {
    fields::check_id(id).map_err(|_| invalid(place, "this can be nobody's id"))
}

/// Ids of entries and app tokens travel in addresses and lists.
fn check_object_id(place: &str, id: &str) -> Result<(), SeedError> {
    let fits =
        (1..=40).contains(&id.len()) && id.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"_-".contains(&byte));
    if fits { Ok(()) } else { Err(invalid(place, "an id has 1 to 40 letters, digits, _ and -")) }
}

fn once<'a>(place: &str, what: &str, names: impl Iterator<Item = &'a str>) -> Result<(), SeedError> {
    let mut seen = BTreeSet::new();
    for name in names {
        if !seen.insert(name) {
            return Err(invalid(place, format!("{what} {name:?} is there twice")));
        }
    }
    Ok(())
}
