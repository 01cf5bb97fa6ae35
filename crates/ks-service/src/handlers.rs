//! The services, as values that the dispatcher calls.

use crate::admin_user::AdminUsers;
use crate::app_token::AppTokens;
use crate::base_entry::BaseEntries;
use crate::category::Categories;
use crate::category_entry::CategoryEntries;
use crate::category_user::CategoryUsers;
use crate::group::Groups;
use crate::group_user::GroupUsers;
use crate::ks_account::KsAccounts;
use crate::ks_audit::KsAudits;
use crate::ks_mail_template::KsMailTemplates;
use crate::ks_secret::KsSecrets;
use crate::ks_session::KsSessions;
use crate::ks_stats::KsStats;
use crate::media::Media;
use crate::partner::Partners;
use crate::permission::Permissions;
use crate::permission_item::PermissionItems;
use crate::response_profile::ResponseProfiles;
use crate::schema::Schemas;
use crate::session::Sessions;
use crate::system::System;
use crate::user::Users;
use crate::user_role::UserRoles;
use crate::widget::Widgets;

/// One handler for each declared service.
#[derive(Debug, Default)]
pub struct Handlers {
    pub(crate) admin_user: AdminUsers,
    pub(crate) group_group: Groups,
    pub(crate) group_user: GroupUsers,
    pub(crate) user: Users,
    pub(crate) app_token: AppTokens,
    pub(crate) base_entry: BaseEntries,
    pub(crate) category: Categories,
    pub(crate) category_entry: CategoryEntries,
    pub(crate) category_user: CategoryUsers,
    pub(crate) ks_account: KsAccounts,
    pub(crate) ks_audit: KsAudits,
    pub(crate) ks_mail_template: KsMailTemplates,
    pub(crate) ks_secret: KsSecrets,
    pub(crate) ks_session: KsSessions,
    pub(crate) ks_stats: KsStats,
    pub(crate) media: Media,
    pub(crate) partner: Partners,
    pub(crate) permission: Permissions,
    pub(crate) permission_item: PermissionItems,
    pub(crate) response_profile: ResponseProfiles,
    pub(crate) schema: Schemas,
    pub(crate) session: Sessions,
    pub(crate) system: System,
    pub(crate) user_role: UserRoles,
    pub(crate) widget: Widgets,
}
