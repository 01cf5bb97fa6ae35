//! The service `user`.

mod add;
pub(crate) mod describe;
pub(crate) mod fields;
mod login_data;
mod password;
mod read;
pub(crate) mod rights;
pub(crate) mod sent;
mod update;

use ks_schema::generated::classes::{AnyUser, Authentication, SessionResponse, UserListResponse};
use ks_schema::{ApiError, PartnerId, UserId};
use ks_store::{StoreError, User};

use crate::call::{Call, database_error};
use crate::generated::user::{
    Add, Delete, DemoteAdmin, DisableLogin, EnableLogin, GenerateQrCode, Get, GetByLoginId, Index, List, Login,
    LoginByKs, LoginByLoginId, LoginDataResetPassword, NotifyBan, ReplaceUserLoginData, ResetPassword, ServeCsv,
    Service, SetInitialPassword, Update, UpdateLoginData, ValidateHashKey,
};
use crate::login::{self, by_ks};

pub(crate) use login_data::change as change_login_data;
pub(crate) use read::lowered;

/// Users of an account, and how they log in.
#[derive(Debug, Default)]
pub(crate) struct Users;

impl Service for Users {
    async fn add(&self, call: &Call<'_>, args: Add) -> Result<AnyUser, ApiError> {
        add::add(call, args.user).await
    }

    async fn update(&self, call: &Call<'_>, args: Update) -> Result<AnyUser, ApiError> {
        update::update(call, &args.user_id, args.user).await
    }

    async fn get(&self, call: &Call<'_>, args: Get) -> Result<AnyUser, ApiError> {
        read::get(call, args.user_id).await
    }

    async fn get_by_login_id(&self, call: &Call<'_>, args: GetByLoginId) -> Result<AnyUser, ApiError> {
        read::get_by_login_id(call, &args.login_id).await
    }

    async fn delete(&self, call: &Call<'_>, args: Delete) -> Result<AnyUser, ApiError> {
        update::delete(call, &args.user_id).await
    }

    async fn list(&self, call: &Call<'_>, args: List) -> Result<UserListResponse, ApiError> {
        read::list(call, args).await
    }

    /// The reference notifies other programs of the account. This server calls no addresses that accounts name: it
    /// writes down who said so.
    async fn notify_ban(&self, call: &Call<'_>, args: NotifyBan) -> Result<(), ApiError> {
        let user = found(call, &args.user_id).await?.ok_or_else(ApiError::invalid_user_id)?;
        let noted = call.store().note_user("ban", user.partner_id, user.user_id.as_str(), None, call.now).await;
        noted.map_err(|error| database_error(&error))
    }

    async fn login(&self, call: &Call<'_>, args: Login) -> Result<String, ApiError> {
        login::start::with_user_id(call, args).await
    }

    async fn login_by_login_id(&self, call: &Call<'_>, args: LoginByLoginId) -> Result<String, ApiError> {
        let wanted = login::start::Wanted {
            login_id: args.login_id,
            password: args.password,
            partner: args.partner_id,
            seconds: args.expiry,
            privileges: args.privileges,
            otp: args.otp,
        };
        login::start::with_login_id(call, wanted).await.map(|(token, _)| token)
    }

    async fn update_login_data(&self, call: &Call<'_>, args: UpdateLoginData) -> Result<(), ApiError> {
        login_data::update(call, args).await
    }

    async fn login_data_reset_password(
        &self,
        call: &Call<'_>,
        args: LoginDataResetPassword,
    ) -> Result<AnyUser, ApiError> {
        password::reset_for(call, &args.login_data_id, args.new_password).await
    }

    async fn reset_password(&self, call: &Call<'_>, args: ResetPassword) -> Result<(), ApiError> {
        login::reset::send_link(call, &args.email).await
    }

    async fn set_initial_password(
        &self,
        call: &Call<'_>,
        args: SetInitialPassword,
    ) -> Result<Authentication, ApiError> {
        login::reset::set_password(call, &args.hash_key, args.new_password).await
    }

    async fn validate_hash_key(&self, call: &Call<'_>, args: ValidateHashKey) -> Result<Authentication, ApiError> {
        login::reset::validate(call, &args.hash_key).await
    }

    async fn enable_login(&self, call: &Call<'_>, args: EnableLogin) -> Result<AnyUser, ApiError> {
        login_data::enable(call, args).await
    }

    /// Only an inner program of the reference may do this; no such account exists here.
    async fn replace_user_login_data(
        &self,
        _call: &Call<'_>,
        _args: ReplaceUserLoginData,
    ) -> Result<AnyUser, ApiError> {
        Err(ApiError::action_forbidden("replaceUserLoginData"))
    }

    async fn disable_login(&self, call: &Call<'_>, args: DisableLogin) -> Result<AnyUser, ApiError> {
        login_data::disable(call, args).await
    }

    /// Lists read the table itself, so there is no index that could be behind.
    async fn index(&self, call: &Call<'_>, args: Index) -> Result<String, ApiError> {
        found(call, &args.id).await?.map(|user| user.user_id.as_str().to_owned()).ok_or_else(ApiError::user_not_found)
    }

    async fn login_by_ks(&self, call: &Call<'_>, args: LoginByKs) -> Result<SessionResponse, ApiError> {
        by_ks::start(call, args.requested_partner_id).await
    }

    /// No action of this server exports users into a file, so no id is that of one.
    async fn serve_csv(&self, _call: &Call<'_>, args: ServeCsv) -> Result<String, ApiError> {
        Err(ApiError::invalid_object_id(&args.id))
    }

    async fn generate_qr_code(&self, call: &Call<'_>, args: GenerateQrCode) -> Result<String, ApiError> {
        login::reset::qr_code(call, &args.hash_key).await
    }

    async fn demote_admin(&self, call: &Call<'_>, args: DemoteAdmin) -> Result<AnyUser, ApiError> {
        update::demote(call, &args.user_id).await
    }
}

/// A user of the account that the call works on.
pub(crate) async fn found(call: &Call<'_>, id: &str) -> Result<Option<std::sync::Arc<User>>, ApiError> {
    of_account(call, call.account()?.partner.id, id).await
}

/// A user of an account.
pub(crate) async fn of_account(
    call: &Call<'_>,
    partner: PartnerId,
    id: &str,
) -> Result<Option<std::sync::Arc<User>>, ApiError> {
    call.node.store.live_user(partner, &UserId::new(id)).await.map_err(|error| database_error(&error))
}

/// What a change of a user answers when the store does not make it. Users that vanish meanwhile are unknown.
pub(crate) fn change_error(error: &StoreError, id: &str) -> ApiError {
    match error {
        StoreError::Conflict("login") => ApiError::duplicate_user_by_login_id(id),
        StoreError::Conflict(_) => ApiError::duplicate_user_by_id(id),
        StoreError::NotFound("role") => ApiError::user_role_not_found(),
        StoreError::NotFound(_) => ApiError::invalid_user_id(),
        other => database_error(other),
    }
}
