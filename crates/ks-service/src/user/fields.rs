//! What may be written into a user or a group, and how that is kept.

use ks_schema::{ApiError, RoleId, UserId};
use ks_store::{NewUser, UserKind, UserStatus};

use super::sent::{Said, Sent};

/// Properties without a column: kept as sent, under their names.
const KEPT: [&str; 26] = [
    "country",
    "state",
    "city",
    "zip",
    "thumbnailUrl",
    "description",
    "adminTags",
    "partnerData",
    "indexedPartnerDataInt",
    "indexedPartnerDataString",
    "language",
    "allowedPartnerIds",
    "allowedPartnerPackages",
    "userMode",
    "capabilities",
    "dateOfBirth",
    "gender",
    "isGuest",
    "registrationInfo",
    "attendanceInfo",
    "title",
    "company",
    "ksPrivileges",
    "isSsoExcluded",
    "externalId",
    "processStatus",
];

/// The longest id of a user.
const LONGEST_ID: usize = 320;

/// `INVALID_FIELD_VALUE` for an id that no user can have.
pub(crate) fn check_id(id: &str) -> Result<(), ApiError> {
    let fits = (1..=LONGEST_ID).contains(&id.len())
        && id.bytes().all(|byte| byte.is_ascii_alphanumeric() || b",!#$%&'*+?^_`{|}~.@-".contains(&byte));
    if fits { Ok(()) } else { Err(ApiError::invalid_field_value("id")) }
}

/// What does not depend on who the user is now.
pub(crate) fn check(sent: &Sent) -> Result<(), ApiError> {
    for name in ["firstName", "lastName", "fullName", "screenName"] {
        // A link in a name is how spam gets into mails.
        if sent.text(name).is_some_and(|text| text.contains("://")) {
            return Err(ApiError::invalid_field_value(name));
        }
    }
    // There is an action for that, which also ends sessions and memberships.
    if sent.int("status") == Some(UserStatus::Deleted.code()) {
        return Err(ApiError::invalid_field_value("status"));
    }
    Ok(())
}

/// Role ids as they are sent: joined by commas. `None` when a part is no number.
pub(crate) fn role_ids(text: &str) -> Option<Vec<RoleId>> {
    let parts = text.split(',').map(str::trim).filter(|part| !part.is_empty());
    parts.map(|part| part.parse().ok().map(RoleId::new)).collect()
}

/// Applies what a request says. Everything that it could refuse has been looked at before.
pub(crate) fn apply(sent: &Sent, user: &mut NewUser) {
    if let Some(id) = sent.text("id").filter(|id| !id.is_empty()) {
        user.user_id = UserId::new(id);
    }
    if let (Some(full), None) = (sent.text("fullName"), sent.said("firstName")) {
        let (first, last) = full.trim().split_once(char::is_whitespace).unwrap_or((full.trim(), ""));
        (user.first_name, user.last_name) = (some(first), some(last.trim_start()));
    }
    for (name, said) in sent.all() {
        let text = match said {
            Said::Value(value) => value.as_str().map(str::to_owned),
            Said::Null => None,
        };
        match name {
            "screenName" => user.screen_name = text.unwrap_or_default(),
            "email" => user.email = text.unwrap_or_default(),
            "firstName" => user.first_name = text,
            "lastName" => user.last_name = text,
            "tags" => user.tags = text,
            "roleIds" => user.role_ids = text.as_deref().and_then(role_ids).unwrap_or_default(),
            "status" => {
                user.status = sent.int(name).and_then(UserStatus::from_code).unwrap_or(user.status);
            }
            "type" => user.kind = sent.int(name).and_then(UserKind::from_code).unwrap_or(user.kind),
            "groupType" => {
                user.kind = sent.int(name).and_then(UserKind::from_code).unwrap_or(user.kind);
            }
            "isAdmin" => user.is_admin = sent.flag(name).unwrap_or(user.is_admin),
            _ if KEPT.contains(&name) => match said {
                Said::Value(value) => {
                    user.properties.insert(name.to_owned(), value.clone());
                }
                Said::Null => {
                    user.properties.shift_remove(name);
                }
            },
            _ => {}
        }
    }
}

fn some(text: &str) -> Option<String> {
    (!text.is_empty()).then(|| text.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_have_an_alphabet_and_a_length() {
        for id in ["a", "ann@example.com", "it's.{me}|~", &"x".repeat(320)] {
            assert!(check_id(id).is_ok(), "{id}");
        }
        for id in ["", "a b", "a/b", "ä", "a\"", "a<b", &"x".repeat(321)] {
            assert!(check_id(id).is_err(), "{id}");
        }
    }

    #[test]
    fn role_ids_are_numbers() {
        assert_eq!(role_ids(" 3, 4,"), Some(vec![RoleId::new(3), RoleId::new(4)]));
        assert_eq!(role_ids(""), Some(vec![]));
        assert_eq!(role_ids("3,x"), None);
    }
}
