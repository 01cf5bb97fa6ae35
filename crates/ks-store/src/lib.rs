//! What ks keeps: repositories, SQLite, migrations, change log and account snapshots.
//!
//! Truth is in the database. Each process remembers account snapshots, users, roles and all revocations, and follows
//! the change log to keep them true; when it cannot, it says so instead of guessing. An acknowledged change is on disk.
//!
//! Times are Unix seconds and are passed in. The one module that knows the database engine is `engine`.

mod access;
mod account;
mod action;
mod app_token;
mod audit;
mod backup;
mod cache;
mod call_count;
mod category;
mod category_change;
mod category_count;
mod category_entry;
mod category_entry_change;
mod category_tree;
mod category_user;
mod category_user_change;
mod change;
mod config;
mod copy;
mod engine;
mod entry;
mod entry_change;
mod entry_key;
mod entry_list;
mod entry_parts;
mod error;
mod follow;
mod hex;
mod import;
mod kek;
mod key_rotation;
mod list;
mod login;
mod login_failure;
mod member;
mod memory;
mod migrate;
mod moderation_flag;
mod partner;
mod permission;
#[cfg(test)]
mod plans;
mod refusal;
mod remembered;
mod response_profile;
mod revocation;
mod revocation_set;
mod role;
mod sealed;
mod second_factor;
mod secret;
#[cfg(all(test, debug_assertions))]
mod simulation;
mod store;
mod template;
mod timing;
mod upkeep;
mod user;
mod user_change;
mod widget;
mod writer;

pub use account::{Account, AccountSecret, SecretKind, SecretState};
pub use action::ActionUse;
pub use app_token::{AppToken, AppTokenHash, AppTokenStatus, Maker, NewAppToken};
pub use audit::{Actor, AuditEntry};
pub use backup::{back_up, check_file};
pub use call_count::{CallCount, CountedCalls};
pub use category::Category;
pub use category_change::{CategoryFault, CategoryRules};
pub use category_entry::CategoryEntry;
pub use category_entry_change::{AssignFault, NewCategoryEntry};
pub use category_user::CategoryUser;
pub use category_user_change::{MemberFault, NewCategoryUser};
pub use config::{
    Clock, DatabaseUrl, InvalidDatabaseUrl, KekSource, Migrate, OsRandom, Random, StoreConfig, system_clock,
};
pub use copy::{Copied, Progress, Target, copy_database};
#[cfg(debug_assertions)]
pub use engine::{Fault, Faults, Sprung};
pub use entry::{CoUsers, Entry};
pub use entry_change::{EntryPeople, EntryPlace, EntryPlaces, LegacyCategory};
pub use entry_list::EntryQuery;
pub use error::StoreError;
pub use import::Content;
pub use kek::Kek;
pub use key_rotation::{NodeKeys, Resealed};
pub use list::{Order, Page};
pub use login::{Login, LoginId, NewLogin, PasswordBy, PasswordHash, ResetKey, Vouch, fold_email};
pub use login_failure::{Attempt, Patience};
pub use member::{Member, MemberRole, NewMember, Sync, Synced};
pub use migrate::{Layout, Migration};
pub use moderation_flag::ModerationFlag;
pub use partner::{CreatedPartner, NewPartner, Partner, PartnerStatus};
pub use permission::{OwnPermissions, Permission, PermissionItem, PermissionKind};
pub use refusal::Refusal;
pub use response_profile::{ResponseProfile, ResponseProfileFault};
pub use revocation::{Revoked, Stale};
pub use role::{
    BASE_USER_SESSION_ROLE, FoundRole, NO_SESSION_ROLE, NewRole, PARTNER_ADMIN_ROLE, Role, RoleStatus,
    WIDGET_SESSION_ROLE,
};
pub use sealed::{Opened, check_key};
pub use store::{Figures, Health, Store};
pub use timing::{Timed, Timing};
pub use user::{KuserId, NewUser, User, UserKind, UserStatus};
pub use widget::Widget;
