//! Making what a world declares and is not there.

use std::collections::BTreeMap;

use ks_schema::{PartnerId, RoleId};
use ks_store::{AppTokenHash, NewAppToken, NewRole, Random, SecretKind, Store, StoreError};
use ks_token::Secret;

use super::{Account, Report, Role, SeedError, World, check, content, invalid, people};
use crate::accounts::{AccountError, NewAccount, create_account};
use crate::rights::unknown_permission;

/// Makes everything that a world declares and the store does not have. `now` is in Unix seconds.
///
/// Each kind of thing is made in one change, one kind after the other: when something fails on the way, what was made
/// before stays, and planting again goes on from there.
///
/// # Errors
/// [`SeedError::Invalid`] for a world that cannot be; [`SeedError::Store`].
pub async fn plant(store: &Store, random: &dyn Random, world: &World, now: i64) -> Result<Report, SeedError> {
    check::check(world)?;
    let mut report = Report::default();
    for account in &world.accounts {
        let planting = Planting { store, account, partner: PartnerId::new(account.id), now };
        let fresh = planting.account(random, &mut report).await?;
        planting.secrets(&mut report).await?;
        let roles = planting.roles(&mut report).await?;
        people::users(&planting, &roles, fresh, &mut report).await?;
        people::groups(&planting, &mut report).await?;
        planting.app_tokens(&mut report).await?;
        content::content(&planting, fresh, &mut report).await?;
    }
    Ok(report)
}

/// One account that is being made.
pub(super) struct Planting<'a> {
    pub(super) store: &'a Store,
    pub(super) account: &'a Account,
    pub(super) partner: PartnerId,
    pub(super) now: i64,
}

impl Planting<'_> {
    /// A fault at a place within the account.
    pub(super) fn fault(&self, place: &str, fault: impl Into<String>) -> SeedError {
        invalid(format!("account {}, {place}", self.account.id), fault)
    }

    /// Makes the account; whether it was not there.
    async fn account(&self, random: &dyn Random, report: &mut Report) -> Result<bool, SeedError> {
        let (account, place) = (self.account, format!("account {}", self.account.id));
        if self.store.account(self.partner).await?.is_some() {
            report.accounts.add(false);
            return Ok(false);
        }
        let new = NewAccount {
            id: Some(self.partner),
            name: account.name.clone().unwrap_or_else(|| format!("Account {}", account.id)),
            admin_email: account.admin_email.clone().unwrap_or_default(),
            admin_password: account.admin_password.clone(),
            admin_secret: account.admin_secrets.first().cloned(),
            user_secret: account.user_secrets.first().cloned(),
            admin_name: account.admin_name.clone(),
            description: account.description.clone(),
            parent: account.parent.map(PartnerId::new),
            may_impersonate: account.may_impersonate,
            enforce_entitlement: account.enforce_entitlement,
            ..NewAccount::default()
        };
        match create_account(self.store, random, new, self.now).await {
            Ok(_) => {}
            Err(AccountError::Store(StoreError::NotFound(_))) => {
                return Err(invalid(place, "its parent is not there: declare it before"));
            }
            Err(AccountError::Store(error)) => return Err(error.into()),
            Err(other) => return Err(invalid(place, other.to_string())),
        }
        report.accounts.add(true);
        Ok(true)
    }

    /// Secrets besides those that the account began with.
    async fn secrets(&self, report: &mut Report) -> Result<(), SeedError> {
        let there = self.store.secrets(self.partner).await?;
        let wanted = [(SecretKind::Admin, &self.account.admin_secrets), (SecretKind::User, &self.account.user_secrets)];
        for (kind, wanted) in wanted {
            for secret in wanted {
                let known = there.iter().find(|known| known.secret.matches(secret));
                if known.is_some_and(|known| known.kind != kind) {
                    return Err(self.fault("secrets", "a secret of one kind is there as one of the other"));
                }
                if known.is_none() {
                    let secret = Secret::new(secret.as_str()).map_err(|_| self.fault("secrets", "one is empty"))?;
                    self.store.add_secret(self.partner, kind, Some(secret), self.now).await?;
                }
                report.secrets.add(known.is_none());
            }
        }
        Ok(())
    }

    /// All roles that users may have, by their system names.
    async fn roles(&self, report: &mut Report) -> Result<BTreeMap<String, RoleId>, SeedError> {
        for role in &self.account.roles {
            let known = self.store.roles(self.partner).await?;
            let is_known = known.iter().any(|known| known.system_name.as_deref() == Some(&role.system_name));
            if !is_known {
                self.add_role(role).await?;
            }
            report.roles.add(!is_known);
        }
        let mut names = BTreeMap::new();
        for owner in [PartnerId::new(0), self.partner] {
            for role in self.store.roles(owner).await?.iter() {
                if let Some(name) = &role.system_name {
                    names.insert(name.clone(), role.id);
                }
            }
        }
        Ok(names)
    }

    async fn add_role(&self, role: &Role) -> Result<(), SeedError> {
        let names = role.permissions.join(",");
        if let Some(unknown) = unknown_permission(self.store, self.partner, &names).await? {
            let place = format!("role {:?}", role.system_name);
            return Err(self.fault(&place, format!("there is no permission {unknown:?}")));
        }
        let new = NewRole {
            partner_id: self.partner,
            system_name: Some(role.system_name.clone()),
            name: role.name.clone().unwrap_or_else(|| role.system_name.clone()),
            description: role.description.clone(),
            permission_names: names,
            tags: role.tags.join(","),
        };
        self.store.add_role(new, self.now).await?;
        Ok(())
    }

    async fn app_tokens(&self, report: &mut Report) -> Result<(), SeedError> {
        for token in &self.account.app_tokens {
            let place = format!("app token {:?}", token.id);
            let id = ks_schema::AppTokenId::new(token.id.as_str());
            let known = self.store.app_token(self.partner, &id).await?.is_some();
            report.app_tokens.add(!known);
            if known {
                continue;
            }
            let key = token.token.as_deref().map(Secret::new).transpose();
            let new = NewAppToken {
                id: Some(id),
                token: key.map_err(|_| self.fault(&place, "its key is empty"))?,
                hash_type: AppTokenHash::from(token.hash_type),
                expiry: token.expiry,
                session_type: token.session_type.map(super::SessionType::code),
                session_user_id: token.session_user_id.clone(),
                session_duration: token.session_duration,
                session_privileges: token.session_privileges.clone(),
                description: token.description.clone(),
                ..NewAppToken::of(self.partner)
            };
            match self.store.add_app_token(new, self.now).await {
                Ok(_) => {}
                Err(StoreError::Conflict(_)) => return Err(self.fault(&place, "the id is taken")),
                Err(error) => return Err(error.into()),
            }
        }
        Ok(())
    }
}
