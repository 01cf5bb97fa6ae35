//! The service `adminUser`: the older names of what `user` does.

use ks_schema::ApiError;
use ks_schema::generated::classes::{AdminUser, Authentication};

use crate::call::Call;
use crate::generated::admin_user::{Login, ResetPassword, Service, SetInitialPassword, UpdatePassword};
use crate::generated::user::UpdateLoginData;
use crate::login::{reset, start};
use crate::user;

/// The older way for administrators to log in.
#[derive(Debug, Default)]
pub(crate) struct AdminUsers;

impl Service for AdminUsers {
    /// The reference answers with the new password in clear. Nobody needs to be told what they just sent.
    async fn update_password(&self, call: &Call<'_>, args: UpdatePassword) -> Result<AdminUser, ApiError> {
        let email = if args.new_email.is_empty() { args.email.clone() } else { args.new_email.clone() };
        let change = UpdateLoginData {
            old_login_id: args.email,
            password: args.password,
            new_login_id: args.new_email,
            new_password: args.new_password,
            new_first_name: None,
            new_last_name: None,
            otp: args.otp,
        };
        user::change_login_data(call, change).await?;
        Ok(AdminUser { email: email.into(), ..AdminUser::default() })
    }

    async fn reset_password(&self, call: &Call<'_>, args: ResetPassword) -> Result<(), ApiError> {
        reset::send_link(call, &args.email).await
    }

    async fn login(&self, call: &Call<'_>, args: Login) -> Result<String, ApiError> {
        let wanted = start::Wanted {
            login_id: args.email,
            password: args.password,
            partner: args.partner_id,
            seconds: 86_400,
            privileges: "*".to_owned(),
            otp: None,
        };
        let (token, user) = start::with_login_id(call, wanted).await?;
        if user.is_admin { Ok(token) } else { Err(ApiError::user_data_error()) }
    }

    async fn set_initial_password(
        &self,
        call: &Call<'_>,
        args: SetInitialPassword,
    ) -> Result<Authentication, ApiError> {
        reset::set_password(call, &args.hash_key, args.new_password).await
    }
}
