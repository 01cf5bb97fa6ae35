//! Who looks, and what it sees: from a call to a [`Viewer`], and from there to what is kept.

use ks_access::condition::Condition;
use ks_access::entitlement::list::{listed_entries, visible_categories, visible_entries};
use ks_access::entitlement::membership::{Held, permitted};
use ks_access::entitlement::{AccountSettings, Principal, Viewer, entry};
use ks_schema::{ApiError, CategoryId, EntryId, PartnerId, UserId};
use ks_store::{Category, CategoryUser, Entry, OwnPermissions, PermissionKind, StoreError, UserKind, UserStatus};
use ks_token::{Privileges, SessionKind};

use crate::call::{Call, database_error};
use crate::node::Node;
use crate::rights::words;

/// A session, as far as entitlement goes: which account it is of, of which kind, whose, and what it says.
pub(crate) struct Looking<'a> {
    pub(crate) partner: PartnerId,
    pub(crate) kind: SessionKind,
    pub(crate) user: Option<&'a str>,
    pub(crate) privileges: &'a Privileges,
}

impl Call<'_> {
    /// Who looks, found once for each call: what an earlier part of a multirequest was has no part in it.
    pub(crate) async fn viewer(&self) -> Result<&Viewer, ApiError> {
        let find = async || {
            let Some(account) = &self.account else { return Ok(Viewer::of(AccountSettings::default(), None)) };
            let looking = self.session.map(|session| Looking {
                partner: session.ks.partner_id,
                kind: session.ks.kind(),
                user: session.ks.user_id.as_deref(),
                privileges: &session.ks.privileges,
            });
            self.node.viewer(account.partner.id, account.partner.default_entitlement_enforcement, looking).await
        };
        self.viewer.get_or_try_init(find).await
    }

    /// Whether the account that the call works on has a feature: it is active, and so is all that it needs.
    pub(crate) async fn has_feature(&self, name: &str) -> Result<bool, ApiError> {
        self.node.has_feature(self.partner_id(), name).await.map_err(|error| database_error(&error))
    }

    /// The category with this id, if the call sees it.
    pub(crate) async fn visible_category(&self, id: CategoryId) -> Result<Option<Category>, ApiError> {
        Ok(self.visible_categories(&[id]).await?.pop())
    }

    /// Those of these categories that the call sees.
    pub(crate) async fn visible_categories(&self, ids: &[CategoryId]) -> Result<Vec<Category>, ApiError> {
        let viewer = self.viewer().await?;
        let found = self.node.store.visible_categories(self.partner_id(), ids, viewer).await;
        found.map_err(|error| database_error(&error))
    }

    /// What lists of categories add to what they are asked for.
    pub(crate) async fn category_scope(&self) -> Result<Condition, ApiError> {
        self.viewer().await.map(visible_categories)
    }

    /// The entry with this id, if the call sees it.
    pub(crate) async fn visible_entry(&self, id: &EntryId) -> Result<Option<Entry>, ApiError> {
        let viewer = self.viewer().await?;
        let known = self.node.store.entry_facts(self.partner_id(), id, viewer).await;
        let known = known.map_err(|error| database_error(&error))?;
        Ok(known.filter(|(_, facts)| entry::visible(viewer, facts).is_visible()).map(|(entry, _)| entry))
    }

    /// What `list`, `count` and `listByReferenceId` of entries add to what they are asked for. `is_lifted`: they are asked
    /// for certain entries, so that sessions which list only their own list what they may get.
    pub(crate) async fn entry_scope(&self, is_lifted: bool) -> Result<Condition, ApiError> {
        let viewer = self.viewer().await?;
        Ok(match (viewer.lists_own_only(), is_lifted) {
            (true, true) if viewer.is_enforced => visible_entries(viewer),
            (true, true) => Condition::TRUE,
            (own_only, _) => listed_entries(viewer, own_only),
        })
    }

    /// The membership that speaks for the call's user in a category that it sees: the user's own if it has all these
    /// names, else the strongest of a group that has any.
    pub(crate) async fn membership(
        &self,
        category: &Category,
        names: &[&str],
    ) -> Result<Option<Held<CategoryUser>>, ApiError> {
        let viewer = self.viewer().await?;
        let rows = self.node.store.memberships_of(category, viewer).await.map_err(|error| database_error(&error))?;
        let held = rows.into_iter().map(|row| Held {
            is_own: viewer.user == Some(Principal::from(row.kuser)),
            level: row.permission_level,
            names: row.permission_names.clone(),
            row,
        });
        Ok(permitted(held.collect(), names))
    }
}

impl Node {
    /// Who looks at what an account has.
    pub(crate) async fn viewer(
        &self,
        partner: PartnerId,
        enforces_by_default: bool,
        session: Option<Looking<'_>>,
    ) -> Result<Viewer, ApiError> {
        self.find_viewer(partner, enforces_by_default, session).await.map_err(|error| database_error(&error))
    }

    pub(crate) async fn find_viewer(
        &self,
        partner: PartnerId,
        enforces_by_default: bool,
        session: Option<Looking<'_>>,
    ) -> Result<Viewer, StoreError> {
        let settings = AccountSettings {
            has_entitlement: self.has_feature(partner, "FEATURE_ENTITLEMENT").await?,
            enforces_by_default,
            many_categories: self.has_feature(partner, "FEATURE_DISABLE_CATEGORY_LIMIT").await?,
            ignores_parents: self.has_feature(partner, "FEATURE_DISABLE_PARENT_ENTRY_SECURITY_INHERITANCE").await?,
        };
        let said = session.as_ref().map(|session| (session.kind, session.user, session.privileges));
        let mut viewer = Viewer::of(settings, said);
        // Users of another account are nobody here.
        let user = session.filter(|session| session.partner == partner && !viewer.is_anonymous);
        if let Some(id) = user.and_then(|session| session.user)
            && let Some(user) = self.store.live_user(partner, &UserId::new(id)).await?
        {
            viewer.user = Some(user.id.into());
            viewer.is_active = user.status == UserStatus::Active;
            for (group, kind) in self.store.groups_of_user(user.id).await? {
                match kind {
                    UserKind::ApplicativeGroup => viewer.applicative_groups.push(group.into()),
                    UserKind::Group | UserKind::User => viewer.groups.push(group.into()),
                }
            }
        }
        if viewer.is_enforced && !viewer.exempt.is_empty() {
            let named: Vec<EntryId> = viewer.exempt.iter().cloned().collect();
            viewer.exempt.extend(self.store.parents_of(partner, &named).await?);
        }
        Ok(viewer)
    }

    /// Whether an account has a feature, by itself or because all accounts have it.
    pub(crate) async fn has_feature(&self, partner: PartnerId, name: &str) -> Result<bool, StoreError> {
        let own = self.store.own_permissions(partner).await?;
        if is_active(&own, name, &mut Vec::new()) {
            return Ok(true);
        }
        let shared = self.store.own_permissions(PartnerId::new(0)).await?;
        Ok(is_active(&shared, name, &mut Vec::new()))
    }
}

/// Whether a feature is active, and all that it needs. What needs itself is not.
fn is_active<'a>(own: &'a OwnPermissions, name: &'a str, asked: &mut Vec<&'a str>) -> bool {
    let is_feature = |kind| kind != PermissionKind::Normal;
    let found = own.permissions.iter().find(|it| it.name == name && it.is_active && is_feature(it.kind));
    let Some(found) = found.filter(|_| !asked.contains(&name)) else { return false };
    asked.push(name);
    let met = words(found.depends_on.as_deref().unwrap_or_default()).all(|needed| is_active(own, needed, asked));
    asked.pop();
    met
}
