//! What a session that an app token starts may do.

use ks_store::AppToken;
use ks_token::Privileges;
use ks_token::catalogue::Known;

/// A privilege that is being put together.
struct Part {
    name: String,
    value: String,
    /// Whether a caller may put a value of its own in the place of a `*`.
    open: bool,
}

impl Part {
    fn is_wild(&self) -> bool {
        self.value.split('/').any(|value| value == "*")
    }
}

/// The privileges of a session: the group by which it can be ended, then those of the app token, then those that the
/// caller asks for and may ask for.
pub(super) fn compose(token: &AppToken, asked: Option<&str>) -> String {
    let id = token.id.as_str();
    let own = |name: &str| Part { name: name.to_owned(), value: id.to_owned(), open: false };
    let mut parts = vec![own("sessionid"), own("apptoken")];
    for (name, value) in items(token.session_privileges.as_deref()) {
        match parts.iter_mut().find(|part| part.name == name) {
            Some(_) if value.is_empty() => {}
            Some(part) if part.value.is_empty() => part.value = value,
            Some(part) => part.value = format!("{}/{value}", part.value),
            None => {
                // Which role it is the app token says itself, or nobody does.
                let open = !matches!(name.as_str(), "setrole" | "restrictingrole");
                parts.push(Part { name, value, open });
            }
        }
    }
    let set = parts.len();
    for (name, value) in items(asked) {
        if makes_a_widget(&name, &value) {
            continue;
        }
        match parts.iter_mut().enumerate().find(|(_, part)| part.name == name) {
            // A star of the app token is what the caller may narrow down.
            Some((at, part)) if at < set && part.open && part.is_wild() => {
                part.value = value;
                part.open = false;
            }
            Some(_) => {}
            None if Known::find(&name).is_some_and(Known::is_reserved_for_app_tokens) => {}
            None => parts.push(Part { name, value, open: false }),
        }
    }
    let parts = parts
        .iter()
        .map(|part| if part.value.is_empty() { part.name.clone() } else { format!("{}:{}", part.name, part.value) });
    parts.collect::<Vec<_>>().join(",")
}

fn items(text: Option<&str>) -> impl Iterator<Item = (String, String)> {
    let privileges = Privileges::from_text(text.unwrap_or_default());
    let items: Vec<_> =
        privileges.items().map(|item| (item.name.trim().to_owned(), item.value.trim_end().to_owned())).collect();
    items.into_iter().filter(|(name, _)| !name.is_empty())
}

/// The text that makes an anonymous session a widget's, which nobody can end: it would outlive its app token.
fn makes_a_widget(name: &str, value: &str) -> bool {
    format!("{name}:{value}").contains("widget:1")
}

#[cfg(test)]
mod tests {
    use ks_schema::{AppTokenId, PartnerId};
    use ks_store::{AppTokenHash, AppTokenStatus};
    use ks_token::Secret;

    use super::*;

    fn composed(own: &str, asked: &str) -> String {
        let token = AppToken {
            id: AppTokenId::new("0_t"),
            partner_id: PartnerId::new(102),
            status: AppTokenStatus::Active,
            token: Secret::new("key").unwrap(),
            hash_type: AppTokenHash::Sha1,
            expiry: None,
            session_type: None,
            session_user_id: None,
            session_duration: 60,
            session_privileges: Some(own.to_owned()),
            description: None,
            maker: None,
            created_at: 0,
            updated_at: 0,
        };
        let text = compose(&token, Some(asked));
        text.strip_prefix("sessionid:0_t").unwrap_or_else(|| panic!("{text}")).to_owned()
    }

    #[test]
    fn a_caller_adds_what_is_not_reserved_and_narrows_what_is_open() {
        for (own, asked, expected) in [
            ("", "", ",apptoken:0_t"),
            ("edit:0_a,edit:0_b", "", ",apptoken:0_t,edit:0_a/0_b"),
            ("sessionid:mine", "", "/mine,apptoken:0_t"),
            ("sessionid:*", "sessionid:yours", "/*,apptoken:0_t"),
            ("", "setrole:PARTNER_ADMIN_ROLE, edit:*,disableentitlement", ",apptoken:0_t"),
            ("", "custom:1, other ,view:0_a", ",apptoken:0_t,custom:1,other,view:0_a"),
            ("custom:1", "custom:2", ",apptoken:0_t,custom:1"),
            ("edit:*", "edit:0_a,edit:0_b", ",apptoken:0_t,edit:0_a"),
            ("edit:0_c/*", "edit:0_a", ",apptoken:0_t,edit:0_a"),
            ("edit:0_c", "edit:*", ",apptoken:0_t,edit:0_c"),
            ("setrole:*", "setrole:PARTNER_ADMIN_ROLE", ",apptoken:0_t,setrole:*"),
            ("", "apptoken:other,sessionid:other", ",apptoken:0_t"),
            ("", "widget:1,xwidget:12,widget:0", ",apptoken:0_t,widget:0"),
            ("privacycontext:a:b", "", ",apptoken:0_t,privacycontext:a:b"),
        ] {
            assert_eq!(composed(own, asked), expected, "{own} | {asked}");
        }
    }
}
