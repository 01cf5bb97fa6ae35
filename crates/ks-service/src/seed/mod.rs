//! Worlds: accounts with everything in them, declared in one file, and made where they are missing.
//!
//! Planting a world twice is planting it once: each thing is looked for by the name that the file gives it, and made when
//! it is not there. What is there stays as it is.

mod check;
mod content;
mod names;
mod people;
mod plant;

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

pub use names::{
    AppearIn, Contribution, EntryStatus, HashKind, JoinPolicy, Level, MediaKind, Privacy, SessionType, UserState,
};
pub use plant::plant;

/// A world, as a file declares it.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase", default)]
pub struct World {
    /// Its accounts.
    pub accounts: Vec<Account>,
}

/// An account.
#[derive(Clone, Default, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase", default)]
pub struct Account {
    /// Its partner id.
    pub id: i32,
    /// Its name.
    pub name: Option<String>,
    /// The administrator's e-mail address, which is also the login; without it nobody can log in.
    pub admin_email: Option<String>,
    /// The administrator's password; one is made if left out.
    pub admin_password: Option<String>,
    /// The administrator's name.
    pub admin_name: Option<String>,
    /// Administrator secrets, the primary one first; one is made if there is none.
    pub admin_secrets: Vec<String>,
    /// User secrets, likewise.
    pub user_secrets: Vec<String>,
    /// What the account is for.
    pub description: String,
    /// The account that it belongs to.
    pub parent: Option<i32>,
    /// Whether it may enter the accounts that belong to it.
    pub may_impersonate: bool,
    /// Whether its sessions are under entitlement unless they say otherwise.
    pub enforce_entitlement: bool,
    /// Its own roles.
    pub roles: Vec<Role>,
    /// Its users.
    pub users: Vec<User>,
    /// Its groups.
    pub groups: Vec<Group>,
    /// Its app tokens.
    pub app_tokens: Vec<AppToken>,
    /// Its root categories.
    pub categories: Vec<Category>,
    /// Its entries.
    pub entries: Vec<Entry>,
}

impl std::fmt::Debug for Account {
    /// Without its secrets.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Account").field("id", &self.id).field("name", &self.name).finish_non_exhaustive()
    }
}

/// An account as `ks import partner` takes it over.
#[derive(Clone, Default, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase", default)]
pub struct PartnerFile {
    /// Its partner id.
    pub id: Option<i32>,
    /// Its name.
    pub name: Option<String>,
    /// The administrator's e-mail address.
    pub admin_email: Option<String>,
    /// The administrator's name.
    pub admin_name: Option<String>,
    /// Administrator secrets, the primary one first.
    pub admin_secrets: Vec<String>,
    /// User secrets, likewise.
    pub user_secrets: Vec<String>,
}

impl std::fmt::Debug for PartnerFile {
    /// Without its secrets.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("PartnerFile").field("id", &self.id).finish_non_exhaustive()
    }
}

/// A role, found by its system name.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct Role {
    /// The name by which users and sessions ask for it.
    pub system_name: String,
    /// Its name; the system name if left out.
    #[serde(default)]
    pub name: Option<String>,
    /// Free text.
    #[serde(default)]
    pub description: String,
    /// Its permissions; `*` is all.
    #[serde(default)]
    pub permissions: Vec<String>,
    /// Its tags.
    #[serde(default)]
    pub tags: Vec<String>,
}

/// A user, found by its id.
#[derive(Clone, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct User {
    /// Its id in the account.
    pub id: String,
    /// Its e-mail address.
    #[serde(default)]
    pub email: Option<String>,
    /// Its password: with one it can log in, by its e-mail address.
    #[serde(default)]
    pub password: Option<String>,
    /// Its first name.
    #[serde(default)]
    pub first_name: Option<String>,
    /// Its last name.
    #[serde(default)]
    pub last_name: Option<String>,
    /// The name that is shown; the id if left out.
    #[serde(default)]
    pub screen_name: Option<String>,
    /// Whether its logins start admin sessions.
    #[serde(default)]
    pub admin: bool,
    /// The system names of its roles.
    #[serde(default)]
    pub roles: Vec<String>,
    /// Whether it may act.
    #[serde(default)]
    pub status: UserState,
    /// Its tags.
    #[serde(default)]
    pub tags: Vec<String>,
}

impl std::fmt::Debug for User {
    /// Without its password.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("User").field("id", &self.id).finish_non_exhaustive()
    }
}

/// A group, found by its id.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct Group {
    /// Its id; users and groups share ids.
    pub id: String,
    /// Its name; the id if left out.
    #[serde(default)]
    pub name: Option<String>,
    /// The users in it.
    #[serde(default)]
    pub members: Vec<String>,
    /// The users in it who may change it.
    #[serde(default)]
    pub managers: Vec<String>,
}

/// An app token, found by its id.
#[derive(Clone, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct AppToken {
    /// Its id.
    pub id: String,
    /// Its key; a random one if left out.
    #[serde(default)]
    pub token: Option<String>,
    /// How a proof of the key is hashed.
    #[serde(default)]
    pub hash_type: HashKind,
    /// The type of its sessions; what the caller asks for if left out.
    #[serde(default)]
    pub session_type: Option<SessionType>,
    /// The user of its sessions; whom the caller asks for if left out.
    #[serde(default)]
    pub session_user_id: Option<String>,
    /// How long its sessions last at most, in seconds.
    #[serde(default)]
    pub session_duration: Option<i64>,
    /// Privileges of its sessions.
    #[serde(default)]
    pub session_privileges: Option<String>,
    /// When it ends, in Unix seconds; never if left out.
    #[serde(default)]
    pub expiry: Option<i64>,
    /// What it is for.
    #[serde(default)]
    pub description: Option<String>,
}

impl std::fmt::Debug for AppToken {
    /// Without its key.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("AppToken").field("id", &self.id).finish_non_exhaustive()
    }
}

/// A category, found by its full name: the names from the root on, joined by `>`.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct Category {
    /// Its own name.
    pub name: String,
    /// Its description.
    #[serde(default)]
    pub description: Option<String>,
    /// Its tags.
    #[serde(default)]
    pub tags: Vec<String>,
    /// Another system's id for it.
    #[serde(default)]
    pub reference_id: Option<String>,
    /// Contexts in which entitlement is about it.
    #[serde(default)]
    pub privacy_contexts: Vec<String>,
    /// Who finds its entries.
    #[serde(default)]
    pub privacy: Privacy,
    /// Who finds it in lists.
    #[serde(default)]
    pub appear_in_list: AppearIn,
    /// How users join it.
    #[serde(default)]
    pub user_join_policy: JoinPolicy,
    /// What users become who join it.
    #[serde(default)]
    pub default_permission_level: Level,
    /// Who may put entries into it.
    #[serde(default)]
    pub contribution_policy: Contribution,
    /// Whether it has the members of the category above.
    #[serde(default)]
    pub inherit_members: bool,
    /// Whether entries in it wait for approval.
    #[serde(default)]
    pub moderation: bool,
    /// The user who owns it, and manages it.
    #[serde(default)]
    pub owner: Option<String>,
    /// Its members, users and groups, with what they may do.
    #[serde(default)]
    pub members: BTreeMap<String, Level>,
    /// The categories below it.
    #[serde(default)]
    pub categories: Vec<Category>,
}

/// An entry, found by its id.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct Entry {
    /// Its id; if left out, one that follows from the account and the name.
    #[serde(default)]
    pub id: Option<String>,
    /// Its name.
    pub name: String,
    /// Its description.
    #[serde(default)]
    pub description: Option<String>,
    /// Its tags.
    #[serde(default)]
    pub tags: Vec<String>,
    /// Tags that administrators see.
    #[serde(default)]
    pub admin_tags: Vec<String>,
    /// Another system's id for it.
    #[serde(default)]
    pub reference_id: Option<String>,
    /// What kind of media it is.
    #[serde(default)]
    pub media_type: MediaKind,
    /// Whether it can be played.
    #[serde(default)]
    pub status: EntryStatus,
    /// The user who owns it.
    #[serde(default)]
    pub owner: Option<String>,
    /// Who may edit it, too.
    #[serde(default)]
    pub editors: Vec<String>,
    /// Who may publish it, too.
    #[serde(default)]
    pub publishers: Vec<String>,
    /// Who may see it, too.
    #[serde(default)]
    pub viewers: Vec<String>,
    /// The full names of the categories that it is in.
    #[serde(default)]
    pub categories: Vec<String>,
    /// When it was made, in Unix seconds; now if left out.
    #[serde(default)]
    pub created_at: Option<i64>,
}

/// How many things were made, and how many were there.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Count {
    /// Made now.
    pub made: usize,
    /// There already, and left as they are.
    pub kept: usize,
}

impl Count {
    fn add(&mut self, made: bool) {
        if made { self.made += 1 } else { self.kept += 1 }
    }
}

/// What became of a world.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Report {
    /// Accounts.
    pub accounts: Count,
    /// Secrets of accounts.
    pub secrets: Count,
    /// Roles.
    pub roles: Count,
    /// Users.
    pub users: Count,
    /// Groups.
    pub groups: Count,
    /// Memberships of users in groups.
    pub group_members: Count,
    /// App tokens.
    pub app_tokens: Count,
    /// Categories.
    pub categories: Count,
    /// Members of categories.
    pub members: Count,
    /// Entries.
    pub entries: Count,
}

impl Report {
    /// Each kind with its name.
    #[must_use]
    pub fn kinds(&self) -> [(&'static str, Count); 10] {
        [
            ("accounts", self.accounts),
            ("secrets", self.secrets),
            ("roles", self.roles),
            ("users", self.users),
            ("groups", self.groups),
            ("members of groups", self.group_members),
            ("app tokens", self.app_tokens),
            ("categories", self.categories),
            ("members of categories", self.members),
            ("entries", self.entries),
        ]
    }
}

/// What is wrong with a world, or with planting it. It names places in the file, and no secret.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum SeedError {
    /// Something that the file says cannot be.
    #[error("{place}: {fault}")]
    Invalid {
        /// Where in the file.
        place: String,
        /// What is wrong.
        fault: String,
    },
    /// The store failed.
    #[error(transparent)]
    Store(#[from] ks_store::StoreError),
}

fn invalid(place: impl Into<String>, fault: impl Into<String>) -> SeedError {
    SeedError::Invalid { place: place.into(), fault: fault.into() }
}
