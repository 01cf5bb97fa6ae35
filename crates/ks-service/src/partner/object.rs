//! From a stored account to the object that the API shows, and back.

use ks_schema::describe::Access;
use ks_schema::generated::classes;
use ks_schema::generated::enums::{PartnerAuthenticationType, PartnerStatus};
use ks_schema::read::{ReadContext, ReadObject};
use ks_schema::write::{ApiObject, Mention};
use ks_schema::{Field, IntoOut, Map, Number, Out, PartnerId, Tree};
use ks_store::{Account, AccountSecret, Partner};
use serde_json::Value as Json;

use crate::call::Call;
use crate::guard::readable;
use crate::login::settings::Settings;

/// The account as its people see it. The secrets are for sessions that may see them, and for none when the account
/// hides them.
pub(super) fn describe(call: &Call<'_>, account: &Account) -> classes::Partner {
    readable(call.permissions, whole(account))
}

/// All of it, but for secrets that the account hides.
pub(super) fn whole(account: &Account) -> classes::Partner {
    let shown = |secret: Option<&AccountSecret>| -> Field<String> {
        secret.filter(|_| !account.partner.hide_secrets).map(|secret| secret.secret.expose().to_owned()).into()
    };
    classes::Partner {
        secret: shown(account.primary_user_secret()),
        admin_secret: shown(account.primary_admin_secret()),
        ..without_secrets(&account.partner)
    }
}

/// What an account is, without its secrets.
pub(super) fn without_secrets(partner: &Partner) -> classes::Partner {
    let kept = kept(partner);
    let authentication = if kept.use_sso.get() == Some(&true) {
        PartnerAuthenticationType::Sso
    } else if kept.use_two_factor_authentication.get() == Some(&true) {
        PartnerAuthenticationType::TwoFactorAuth
    } else {
        PartnerAuthenticationType::PasswordOnly
    };
    classes::Partner {
        id: i64::from(partner.id.get()).into(),
        name: partner.name.clone().into(),
        created_at: partner.created_at.into(),
        admin_name: partner.admin_name.clone().into(),
        admin_email: partner.admin_email.clone().into(),
        description: partner.description.clone().into(),
        status: PartnerStatus::from_value(partner.status.code()).into(),
        secret: Field::Absent,
        admin_secret: Field::Absent,
        cms_password: Field::Absent,
        admin_user_id: partner.account_owner.as_ref().map(|user| user.as_str().to_owned()).into(),
        default_entitlement_enforcement: partner.default_entitlement_enforcement.into(),
        partner_parent_id: partner.parent_id.map(PartnerId::get).map(i64::from).into(),
        authentication_type: authentication.into(),
        use_two_factor_authentication: (kept.use_two_factor_authentication.get() == Some(&true)).into(),
        admin_login_users_quota: Settings::of_properties(&partner.properties).admin_quota().unwrap_or(-1).into(),
        ..kept
    }
}

/// The properties that are kept as they were sent.
fn kept(partner: &Partner) -> classes::Partner {
    let mut map: Map = partner.properties.iter().map(|(name, value)| (name.as_str().into(), tree(value))).collect();
    // What the store holds was read before; if an older program meant something else by it, it is not shown.
    classes::Partner::read_object(&mut map, &ReadContext { time_base: 0 }).unwrap_or_default()
}

/// What stands in columns of its own.
const COLUMNS: [&str; 4] = ["name", "adminName", "adminEmail", "description"];

/// What other actions and the operator decide.
const ELSEWHERE: [&str; 2] = ["adminUserId", "partnerParentId"];

/// Applies what a request says of an account. Without `allow_empty` an empty value says nothing.
pub(super) fn apply(partner: &mut Partner, sent: &classes::Partner, allow_empty: bool) {
    let Out::Object(object) = sent.clone().into_out() else { return };
    for ((info, mention), value) in object.class.properties.iter().zip(sent.mentions()).zip(object.values) {
        if mention == Mention::Absent || info.access == Access::ReadOnly || ELSEWHERE.contains(&info.name) {
            continue;
        }
        let value = json(value);
        let is_empty = value.as_ref().is_none_or(|value| value.as_str() == Some(""));
        if is_empty && (!allow_empty || info.name == "name") {
            continue;
        }
        if COLUMNS.contains(&info.name) {
            let text = value.as_ref().and_then(Json::as_str).unwrap_or_default().to_owned();
            match info.name {
                "name" => partner.name = text,
                "adminName" => partner.admin_name = text,
                "adminEmail" => partner.admin_email = text,
                _ => partner.description = text,
            }
        } else if let Some(value) = value.filter(|_| !is_empty) {
            partner.properties.insert(info.name.to_owned(), value);
        } else {
            partner.properties.shift_remove(info.name);
        }
    }
}

/// A value of the API as it is kept; text loses its tags.
fn json(value: Out) -> Option<Json> {
    Some(match value {
        Out::Null | Out::Error(_) | Out::File(_) => return None,
        Out::Bool(is) => is.into(),
        Out::Int(number) => number.into(),
        Out::Float(number) => number.into(),
        Out::Text(text) => strip_tags(&text).into(),
        Out::List(items) => items.into_iter().filter_map(json).collect(),
        Out::Map(pairs) => pairs.into_iter().filter_map(|(name, value)| Some((name, json(value)?))).collect(),
        Out::Object(object) => {
            let names = object.class.properties.iter().map(|info| info.name.to_owned());
            names.zip(object.values).filter_map(|(name, value)| Some((name, json(value)?))).collect()
        }
    })
}

fn tree(value: &Json) -> Tree {
    match value {
        Json::Null => Tree::Null,
        Json::Bool(is) => Tree::Bool(*is),
        Json::Number(number) => match number.as_i64() {
            Some(number) => Tree::Number(Number::Int(number)),
            None => Tree::Number(Number::Float(number.as_f64().unwrap_or_default())),
        },
        Json::String(text) => Tree::text(text.as_str()),
        Json::Array(items) => Tree::List(items.iter().map(tree).collect()),
        Json::Object(object) => {
            Tree::Map(object.iter().map(|(name, value)| (name.as_str().into(), tree(value))).collect())
        }
    }
}

/// A text without what a browser would take for tags.
pub(super) fn strip_tags(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find('<') {
        let (before, tag) = rest.split_at(at);
        out.push_str(before);
        let opens = tag[1..].starts_with(|next: char| next.is_ascii_alphabetic() || "/!?".contains(next));
        rest = if !opens {
            out.push('<');
            &tag[1..]
        } else {
            // A tag that does not end takes the rest with it.
            tag.find('>').map_or("", |end| &tag[end + 1..])
        };
    }
    out.push_str(rest);
    out
}

#[cfg(test)]
mod tests {
    use super::strip_tags;

    #[test]
    fn tags_are_taken_out_and_other_text_is_kept() {
        for (text, expected) in [
            ("a <b>c</b> d", "a c d"),
            ("1 < 2 > 0", "1 < 2 > 0"),
            ("<script>x()</script>", "x()"),
            ("a<!-- c -->b", "ab"),
            ("a <img src=x", "a "),
            ("<<b>i>", "<i>"),
            ("", ""),
        ] {
            assert_eq!(strip_tags(text), expected, "{text}");
        }
    }
}
