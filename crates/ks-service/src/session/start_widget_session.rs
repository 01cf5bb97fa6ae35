//! `session.startWidgetSession`.

use ks_schema::generated::classes::StartWidgetSessionResponse;
use ks_schema::{ApiError, EntryId, WidgetId};
use ks_store::Widget;

use super::mint::{Wanted, mint};
use crate::call::{Call, database_error};
use crate::generated::session::StartWidgetSession;
use crate::refusal;
use crate::widget::is_privilege_value;

/// Starts an anonymous session for a player: anyone may.
pub(super) async fn start_widget_session(
    call: &Call<'_>,
    args: StartWidgetSession,
) -> Result<StartWidgetSessionResponse, ApiError> {
    let widget = match call.node.store.widget(&WidgetId::new(args.widget_id.as_str())).await {
        Ok(Some(widget)) => widget,
        Ok(None) => return Err(ApiError::invalid_widget_id(args.widget_id)),
        Err(error) => return Err(database_error(&error)),
    };
    let account = call.node.account(widget.partner_id).await?;
    let Some(account) = account.filter(|account| refusal::is_usable(account)) else {
        // The reference does not look at the account here, and hands out sessions that no call accepts.
        return Err(ApiError::start_widget_session_error(args.widget_id).because(
            "account",
            "The widget's account is blocked or deleted.",
            Some(widget.partner_id),
        ));
    };
    let entitled = call.node.has_feature(widget.partner_id, ENTITLEMENT).await;
    let entitled = entitled.map_err(|error| database_error(&error))?;
    let Some(privileges) = privileges(&widget, entitled) else {
        return Err(ApiError::start_widget_session_error(args.widget_id).because(
            "privileges",
            "A value of the widget would become another privilege.",
            Some(widget.partner_id),
        ));
    };
    let wanted = Wanted {
        user_id: "0".to_owned(),
        session_type: 0,
        seconds: args.expiry,
        privileges: Some(privileges),
        master: None,
        key: 0,
    };
    let (token, _) = mint(call, &account, wanted)?;
    Ok(StartWidgetSessionResponse {
        partner_id: i64::from(widget.partner_id.get()).into(),
        ks: token.into(),
        user_id: "0".to_owned().into(),
    })
}

/// The feature of accounts without which nothing is enforced.
const ENTITLEMENT: &str = "FEATURE_ENTITLEMENT";

/// The privileges of a widget's sessions, in the order in which the protocol writes them: those about entitlement only in
/// accounts that have it. A widget that does not say so lets its entry be seen. `None` when a value would be read
/// as more than a value: anyone may start such a session, so nothing may slip into it.
fn privileges(widget: &Widget, entitled: bool) -> Option<String> {
    let own = widget.privileges.as_deref().filter(|text| !text.is_empty());
    let mut text = format!("{},widget:1", own.unwrap_or("view:*"));
    let values = [widget.entry_id.as_ref().map(EntryId::as_str), widget.privacy_context.as_deref()];
    if !values.into_iter().flatten().chain(roles(widget)).all(is_privilege_value) {
        return None;
    }
    let entry = widget.entry_id.as_ref().filter(|entry| !entry.as_str().is_empty());
    if let Some(entry) = entry.filter(|_| entitled && widget.enforce_entitlement != Some(true)) {
        text.push_str(",disableentitlementforentry:");
        text.push_str(entry.as_str());
    }
    if let Some(context) = widget.privacy_context.as_deref().filter(|context| entitled && !context.is_empty()) {
        text.push_str(",privacycontext:");
        text.push_str(context);
    }
    for role in roles(widget) {
        text.push_str(",setrole:");
        text.push_str(role);
    }
    if let Some(entry) = entry {
        text.push_str(",limitentry:");
        text.push_str(entry.as_str());
    }
    Some(text)
}

fn roles(widget: &Widget) -> impl Iterator<Item = &str> {
    widget.roles.as_deref().unwrap_or_default().split(',').map(str::trim).filter(|role| !role.is_empty())
}

#[cfg(test)]
mod tests {
    use ks_schema::PartnerId;

    use super::*;

    #[test]
    fn privileges_come_in_the_protocols_order() {
        let mut widget = Widget::new(WidgetId::new("_102"), PartnerId::new(102));
        assert_eq!(privileges(&widget, true).as_deref(), Some("view:*,widget:1"));
        widget.privileges = Some("sview:0_a".to_owned());
        widget.entry_id = Some(EntryId::new("0_a"));
        widget.privacy_context = Some("portal".to_owned());
        widget.roles = Some("3, 4".to_owned());
        let open = "sview:0_a,widget:1,disableentitlementforentry:0_a,privacycontext:portal,setrole:3,setrole:4,limitentry:0_a";
        for says in [None, Some(false)] {
            widget.enforce_entitlement = says;
            assert_eq!(privileges(&widget, true).as_deref(), Some(open), "{says:?}");
        }
        widget.enforce_entitlement = Some(true);
        let closed = "sview:0_a,widget:1,privacycontext:portal,setrole:3,setrole:4,limitentry:0_a";
        assert_eq!(privileges(&widget, true).as_deref(), Some(closed));
        let without = "sview:0_a,widget:1,setrole:3,setrole:4,limitentry:0_a";
        assert_eq!(privileges(&widget, false).as_deref(), Some(without));
        for context in ["x,setrole:4", "x;y", "a:b", "a/b", "a\nb"] {
            widget.privacy_context = Some(context.to_owned());
            assert_eq!(privileges(&widget, true), None, "{context:?}");
        }
    }
}
