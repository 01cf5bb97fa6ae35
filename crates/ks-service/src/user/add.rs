//! `user.add`.

use ks_schema::generated::classes::AnyUser;
use ks_schema::write::check_insert;
use ks_schema::{ApiError, UserId};
use ks_store::{NewLogin, NewUser, PARTNER_ADMIN_ROLE, Vouch};

use super::sent::Sent;
use super::{change_error, describe, fields, of_account, rights};
use crate::call::Call;
use crate::login::{self, address, password_rules, settings::Settings};
use crate::password;

pub(super) async fn add(call: &Call<'_>, user: AnyUser) -> Result<AnyUser, ApiError> {
    let account = call.account()?;
    let partner = account.partner.id;
    let sent = Sent::of(&user);
    let blank = |name: &str| sent.text(name).is_none_or(|text| text.trim().is_empty());
    if !blank("id") && !blank("externalId") {
        return Err(ApiError::id_and_external_id_are_mutually_exclusive());
    }
    let id = if blank("externalId") { sent.text("id") } else { sent.text("externalId") };
    let id = id.unwrap_or_default().to_owned();
    fields::check_id(&id)?;
    check_insert(&user)?;
    fields::check(&sent)?;
    if of_account(call, partner, &id).await?.is_some() {
        return Err(ApiError::duplicate_user_by_id(&id));
    }
    let settings = Settings::of(account);
    if sent.flag("isSsoExcluded").is_some() && settings.uses_sso() {
        return Err(ApiError::setting_sso_per_user_not_allowed());
    }
    let mut new = NewUser::named(partner, UserId::new(&id));
    fields::apply(&sent, &mut new);
    new.user_id = UserId::new(&id);
    new.is_admin |= matches!(user, AnyUser::AdminUser(_));
    if new.first_name.is_none() && new.last_name.is_none() {
        new.first_name = Some(id.clone());
    }
    rights::check_sent(call, &sent).await?;
    if new.is_admin && new.role_ids.is_empty() {
        new.role_ids = vec![account.partner.admin_session_role_id.unwrap_or(PARTNER_ADMIN_ROLE)];
    }
    rights::may_make(call, None, &new).await?;
    let password = sent.text("password").filter(|password| !password.is_empty()).map(str::to_owned);
    let wants_link = password.is_none();
    if password.is_some() || new.is_admin {
        if new.is_admin {
            settings.check_admin_address(&new.email)?;
        }
        if !address::is_valid(&new.email) {
            return Err(ApiError::invalid_field_value("email"));
        }
        login::check_quota(call, &settings, new.is_admin).await?;
        let hash = match password {
            Some(password) => {
                let first = new.first_name.as_deref().unwrap_or("");
                let names = [first, new.last_name.as_deref().unwrap_or("")];
                password_rules::check(&settings, &password, names, &new.email)?;
                Some(password::hash_for(call, password).await?)
            }
            None => None,
        };
        new.login = Some(NewLogin { email: new.email.clone(), password: hash, vouch: Vouch::Account });
    }
    let email = new.email.clone();
    let has_login = new.login.is_some();
    let added = call.store().add_user(new, call.now).await.map_err(|error| match error {
        ks_store::StoreError::Conflict("login") => ApiError::duplicate_user_by_login_id(&email),
        other => change_error(&other, &id),
    })?;
    if has_login && (wants_link || !added.login_open) {
        login::reset::welcome(call, &added).await?;
    }
    describe::user(call, &added).await
}
