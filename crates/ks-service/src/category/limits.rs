//! What an account may set up.

use ks_schema::ApiError;
use ks_store::{Account, CategoryRules};
use serde_json::Value as Json;

use crate::call::Call;

/// How many members a category may have, unless the account is set to something else.
const USUAL_MEMBERS: i64 = 5000;
/// In how many categories an entry may be, unless the account is set to something else.
const USUAL_CATEGORIES: i64 = 32;
/// The same for accounts with the feature of many categories.
const MANY_CATEGORIES: i64 = 1000;

/// The setting of an account: how many members a category may have.
pub const MEMBERS_SETTING: &str = "maxUsersPerCategory";
/// The setting of an account: in how many categories an entry may be.
pub const CATEGORIES_SETTING: &str = "maxCategoriesPerEntry";

fn setting(account: &Account, name: &str) -> Option<i64> {
    account.partner.properties.get(name).and_then(Json::as_i64).filter(|number| *number > 0)
}

/// How many members a category may have.
pub(crate) fn most_members(account: &Account) -> i64 {
    setting(account, MEMBERS_SETTING).unwrap_or(USUAL_MEMBERS)
}

/// In how many categories an entry may be that is to go into one with these contexts.
pub(crate) fn most_categories(account: &Account, many: bool, contexts: &str) -> i64 {
    let usual = if many && !contexts.contains(',') { MANY_CATEGORIES } else { USUAL_CATEGORIES };
    setting(account, CATEGORIES_SETTING).unwrap_or(usual)
}

/// What the account's features say of contexts.
pub(crate) async fn rules(call: &Call<'_>) -> Result<CategoryRules, ApiError> {
    Ok(CategoryRules { one_context: call.viewer().await?.account.many_categories })
}
