//! Categories, their members, and entries of a world: one change, however many they are.

use std::collections::{HashMap, HashSet};

use ks_access::entitlement::membership::names_of_level;
use ks_schema::{CategoryId, EntryId, UserId};
use ks_store::{CategoryEntry, CategoryUser, CoUsers, Content, KuserId};
use sha2::{Digest as _, Sha256};

use super::people::{find, joined};
use super::plant::Planting;
use super::{Category, Entry, Level, Report, SeedError};

/// `KalturaEntryType` of media.
const MEDIA_CLIP: &str = "1";
/// `KalturaCategoryUserStatus`, `KalturaCategoryEntryStatus`: it counts.
const MEMBER_ACTIVE: i64 = 1;
const PLACE_ACTIVE: i64 = 2;

/// The full name of a category below another one.
pub(super) fn full_name(above: &str, name: &str) -> String {
    if above.is_empty() { name.to_owned() } else { format!("{above}>{name}") }
}

/// The id of an entry: the same for the same name.
pub(super) fn entry_id(account: i32, entry: &Entry) -> String {
    const DIGITS: &[u8; 36] = b"0123456789abcdefghijklmnopqrstuvwxyz";
    entry.id.clone().unwrap_or_else(|| {
        let hash = Sha256::digest(format!("{account}/{}", entry.name));
        let digits = hash.iter().take(8).map(|byte| char::from(DIGITS[usize::from(*byte) % DIGITS.len()]));
        format!("0_{}", digits.collect::<String>())
    })
}

/// What is found out on the way.
struct Draft<'a> {
    planting: &'a Planting<'a>,
    content: Content,
    /// Categories by their full names: how rows name them.
    names: HashMap<String, CategoryId>,
    people: HashMap<String, KuserId>,
}

/// Makes categories, members, entries and their places.
pub(super) async fn content(planting: &Planting<'_>, fresh: bool, report: &mut Report) -> Result<(), SeedError> {
    let account = planting.account;
    let mut draft = Draft { planting, content: Content::default(), names: HashMap::new(), people: HashMap::new() };
    // Those above come first, since those below need them.
    let mut waiting: Vec<(&Category, String, Option<CategoryId>)> =
        account.categories.iter().rev().map(|category| (category, String::new(), None)).collect();
    while let Some((category, above, parent)) = waiting.pop() {
        let full = full_name(&above, &category.name);
        let id = draft.category(category, &full, parent, fresh, report).await?;
        waiting.extend(category.categories.iter().rev().map(|below| (below, full.clone(), Some(id))));
    }
    let there = if fresh { HashSet::new() } else { draft.entries_there().await? };
    for entry in &account.entries {
        let id = entry_id(account.id, entry);
        let is_there = there.contains(&id);
        if !is_there {
            draft.entry(entry, id, fresh).await?;
        }
        report.entries.add(!is_there);
    }
    let content = draft.content;
    if content.categories.is_empty() && content.members.is_empty() && content.entries.is_empty() {
        return Ok(());
    }
    match planting.store.import_content(planting.partner, content, planting.now).await {
        Err(ks_store::StoreError::Conflict(what)) => {
            Err(planting.fault("categories and entries", format!("{what} is taken, by another account perhaps")))
        }
        other => Ok(other.map(drop)?),
    }
}

impl Draft<'_> {
    /// A number by which rows name a category.
    fn number(&self) -> CategoryId {
        CategoryId::new(i64::try_from(self.names.len()).unwrap_or(i64::MAX))
    }

    async fn person(&mut self, place: &str, id: &str) -> Result<(KuserId, UserId), SeedError> {
        let known = match self.people.get(id) {
            Some(known) => *known,
            None => {
                let found = find(self.planting, place, id).await?;
                self.people.insert(id.to_owned(), found);
                found
            }
        };
        Ok((known, UserId::new(id)))
    }

    async fn category(
        &mut self,
        category: &Category,
        full: &str,
        parent: Option<CategoryId>,
        fresh: bool,
        report: &mut Report,
    ) -> Result<CategoryId, SeedError> {
        let (partner, now) = (self.planting.partner, self.planting.now);
        let place = format!("category {full:?}");
        let known = if fresh { None } else { self.planting.store.category_named(partner, full).await? };
        let number = self.number();
        self.names.insert(full.to_owned(), number);
        report.categories.add(known.is_none());
        let owner = match category.owner.as_deref().filter(|_| known.is_none()) {
            Some(owner) => Some(self.person(&place, owner).await?),
            None => None,
        };
        let mut members: Vec<(String, Level)> = category.members.clone().into_iter().collect();
        if let Some((_, owner)) = &owner {
            members.retain(|(id, _)| id != owner.as_str());
            members.insert(0, (owner.as_str().to_owned(), Level::Manager));
        }
        match &known {
            Some(known) => self.content.present.push((number, known.id)),
            None => {
                let (owner, owner_id) = owner.unzip();
                self.content.categories.push(ks_store::Category {
                    id: number,
                    parent_id: parent,
                    description: category.description.clone(),
                    tags: joined(&category.tags),
                    reference_id: category.reference_id.clone(),
                    privacy_context: category.privacy_contexts.join(","),
                    privacy: category.privacy.code(),
                    appear_in_list: category.appear_in_list.code(),
                    user_join_policy: category.user_join_policy.code(),
                    default_permission_level: category.default_permission_level.code(),
                    contribution_policy: category.contribution_policy.code(),
                    inheritance_type: if category.inherit_members { 1 } else { 2 },
                    moderation: category.moderation.then_some(1),
                    owner,
                    owner_id,
                    ..ks_store::Category::named(partner, &category.name, now)
                });
            }
        }
        for (id, level) in members {
            let (kuser, user_id) = self.person(&place, &id).await?;
            let is_there = match &known {
                Some(known) => self.planting.store.category_user(known.id, kuser).await?.is_some(),
                None => false,
            };
            report.members.add(!is_there);
            if !is_there {
                self.content.members.push(CategoryUser {
                    id: 0,
                    partner_id: partner,
                    category_id: number,
                    category_full_ids: String::new(),
                    kuser,
                    user_id,
                    permission_level: level.code(),
                    permission_names: names_of_level(level.code()).to_owned(),
                    status: MEMBER_ACTIVE,
                    update_method: 0,
                    created_at: now,
                    updated_at: now,
                });
            }
        }
        Ok(number)
    }

    /// Those of the file's entries that the account has.
    async fn entries_there(&self) -> Result<HashSet<String>, SeedError> {
        let account = self.planting.account;
        let ids: Vec<EntryId> = account.entries.iter().map(|entry| EntryId::new(entry_id(account.id, entry))).collect();
        let found = self.planting.store.entries_by_ids(self.planting.partner, &ids).await?;
        Ok(found.into_iter().map(|entry| entry.id.as_str().to_owned()).collect())
    }

    async fn entry(&mut self, entry: &Entry, id: String, fresh: bool) -> Result<(), SeedError> {
        let (partner, now) = (self.planting.partner, self.planting.now);
        let place = format!("entry {id:?}");
        let (owner, owner_id) = match &entry.owner {
            Some(owner) => Some(self.person(&place, owner).await?),
            None => None,
        }
        .unzip();
        let mut co_users = CoUsers::default();
        for (list, ids) in [
            (&mut co_users.edit, &entry.editors),
            (&mut co_users.publish, &entry.publishers),
            (&mut co_users.view, &entry.viewers),
        ] {
            for id in ids {
                list.push(self.person(&place, id).await?);
            }
        }
        let id = EntryId::new(id);
        let at = entry.created_at.unwrap_or(now);
        let mut properties = serde_json::Map::new();
        properties.insert("licenseType".to_owned(), (-1).into());
        self.content.entries.push(ks_store::Entry {
            status: entry.status.code(),
            name: entry.name.clone(),
            description: entry.description.clone(),
            tags: joined(&entry.tags),
            admin_tags: joined(&entry.admin_tags),
            reference_id: entry.reference_id.clone(),
            media_type: Some(entry.media_type.code()),
            owner,
            owner_id: owner_id.clone(),
            creator: owner,
            creator_id: owner_id.clone(),
            co_users,
            properties,
            ..ks_store::Entry::new(id.clone(), partner, MEDIA_CLIP, at)
        });
        for full in &entry.categories {
            let category_id = match self.names.get(full) {
                Some(known) => *known,
                None => self.category_there(&place, full, fresh).await?,
            };
            self.content.places.push(CategoryEntry {
                id: 0,
                partner_id: partner,
                category_id,
                category_full_ids: String::new(),
                entry_id: id.clone(),
                status: PLACE_ACTIVE,
                creator: owner,
                creator_id: owner_id.clone(),
                privacy_context: String::new(),
                created_at: now,
                updated_at: now,
            });
        }
        Ok(())
    }

    /// A category that the file does not declare, but the account has.
    async fn category_there(&mut self, place: &str, full: &str, fresh: bool) -> Result<CategoryId, SeedError> {
        let partner = self.planting.partner;
        let known = if fresh { None } else { self.planting.store.category_named(partner, full).await? };
        let missing = || self.planting.fault(place, format!("there is no category {full:?}"));
        let known = known.ok_or_else(missing)?;
        let number = self.number();
        self.names.insert(full.to_owned(), number);
        self.content.present.push((number, known.id));
        Ok(number)
    }
}
