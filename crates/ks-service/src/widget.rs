//! The service `widget`.

use ks_access::Use;
use ks_schema::generated::classes::{self, WidgetListResponse};
use ks_schema::generated::enums::WidgetSecurityType;
use ks_schema::write::{check_insert, check_update};
use ks_schema::{ApiError, EntryId, Field, PartnerId, WidgetId};
use ks_store::{StoreError, Widget};

use crate::call::{Call, database_error};
use crate::generated::widget::{Add, Clone as CloneArgs, Get, List, Service, Update};
use crate::guard::writable;
use crate::list::{Held, Lowered, lower, page};

/// What lists of widgets compare.
const HELD: [Held; 9] = [
    Held::text("id", "id"),
    Held::text("sourceWidgetId", "source_widget_id"),
    Held::text("rootWidgetId", "root_widget_id"),
    Held::number("partnerId", "partner_id"),
    Held::text("entryId", "entry_id"),
    Held::number("uiConfId", "ui_conf_id"),
    Held::number("createdAt", "created_at"),
    Held::number("updatedAt", "updated_at"),
    Held::searched("partnerData", "partner_data", "partner_data_folded"),
];

/// Players embedded in pages.
#[derive(Debug, Default)]
pub(crate) struct Widgets;

impl Service for Widgets {
    async fn add(&self, call: &Call<'_>, args: Add) -> Result<classes::Widget, ApiError> {
        let account = call.account()?;
        let sent = permitted(call, args.widget, Use::Insert).await?;
        check_insert(&sent)?;
        let source = sent.source_widget_id.get().filter(|id| !id.is_empty());
        let ui_conf = sent.ui_conf_id.get().filter(|id| **id != 0);
        if source.is_none() && ui_conf.is_none() {
            return Err(ApiError::source_widget_or_uiconf_required());
        }
        let source = match source {
            Some(id) => {
                let found = visible(call, account.partner.id, id).await?;
                Some(found.ok_or_else(|| ApiError::source_widget_not_found(id))?)
            }
            None => None,
        };
        let id = WidgetId::new(format!("0_{}", call.base36::<8>()));
        let mut widget = Widget::new(id, account.partner.id);
        if let Some(source) = source {
            inherit(&mut widget, source);
        }
        let rules = rules(call, &sent).await?;
        change(&mut widget, sent, rules)?;
        let added = call.store().add_widget(widget, call.now).await.map_err(|error| database_error(&error))?;
        Ok(describe(&added))
    }

    async fn update(&self, call: &Call<'_>, args: Update) -> Result<classes::Widget, ApiError> {
        let account = call.account()?;
        let found = visible(call, account.partner.id, &args.id).await?;
        let mut stored = found.ok_or_else(|| ApiError::invalid_widget_id(&args.id))?;
        let sent = permitted(call, args.widget, Use::Update).await?;
        check_update(&sent, &describe(&stored))?;
        // Tried first: what is refused must not reach the database.
        let rules = rules(call, &sent).await?;
        change(&mut stored, sent.clone(), rules)?;
        let store = call.store();
        let updated = store.update_widget(account.partner.id, stored.id, call.now, move |widget| {
            // Nothing it can refuse is left: the same fields passed just now.
            _ = change(widget, sent, rules);
        });
        match updated.await {
            Ok(widget) => Ok(describe(&widget)),
            Err(StoreError::NotFound(_)) => Err(ApiError::invalid_widget_id(&args.id)),
            Err(error) => Err(database_error(&error)),
        }
    }

    async fn get(&self, call: &Call<'_>, args: Get) -> Result<classes::Widget, ApiError> {
        let widget = match &call.account {
            Some(account) => visible(call, account.partner.id, &args.id).await?,
            // Nobody in particular asks: what a widget is anyone may know who has its id.
            None => stored(call, &args.id).await?,
        };
        widget.map(|widget| describe(&widget)).ok_or_else(|| ApiError::invalid_widget_id(&args.id))
    }

    async fn clone(&self, call: &Call<'_>, args: CloneArgs) -> Result<classes::Widget, ApiError> {
        let sent = args.widget;
        let Some(id) = sent.source_widget_id.get().or(sent.id.get()).filter(|id| !id.is_empty()).cloned() else {
            return Err(ApiError::invalid_widget_id(""));
        };
        let account = call.account()?;
        let found = visible(call, account.partner.id, &id).await?;
        let source = found.ok_or_else(|| ApiError::invalid_widget_id(&id))?;
        let sent = classes::Widget { id: Field::Absent, source_widget_id: Field::Absent, ..sent };
        let sent = permitted(call, sent, Use::Insert).await?;
        check_insert(&sent)?;
        let mut widget = Widget::new(WidgetId::new(format!("0_{}", call.base36::<8>())), account.partner.id);
        inherit(&mut widget, source);
        let rules = rules(call, &sent).await?;
        change(&mut widget, sent, rules)?;
        let added = call.store().add_widget(widget, call.now).await.map_err(|error| database_error(&error))?;
        Ok(describe(&added))
    }

    async fn list(&self, call: &Call<'_>, args: List) -> Result<WidgetListResponse, ApiError> {
        let partner = call.account()?.partner.id;
        let Lowered { condition, order } = lower(args.filter, &HELD, |_, _| None);
        let page = page(args.pager.as_ref());
        let found = call.node.store.widgets(partner, condition, &order, page).await;
        let (widgets, total) = found.map_err(|error| database_error(&error))?;
        Ok(WidgetListResponse {
            total_count: i64::try_from(total).unwrap_or(i64::MAX).into(),
            objects: Field::Set(widgets.iter().map(describe).collect()),
        })
    }
}

/// Drops what the session may not write. A widget's roles and privileges become those of sessions that anyone may start, so
/// nobody gives more rights that way than they have.
async fn permitted(call: &Call<'_>, widget: classes::Widget, used: Use) -> Result<classes::Widget, ApiError> {
    let mut widget = writable(call, widget, used);
    if !call.permissions.is_unrestricted() {
        widget.privileges = Field::Absent;
        let roles = widget.roles.get().cloned().unwrap_or_default();
        for name in roles.split(',').map(str::trim).filter(|name| !name.is_empty()) {
            let role = call.node.find_role(call.partner_id(), name).await?;
            if role.is_none_or(|role| !call.may_give(&role.permission_names)) {
                widget.roles = Field::Absent;
            }
        }
    }
    Ok(widget)
}

async fn stored(call: &Call<'_>, id: &str) -> Result<Option<Widget>, ApiError> {
    call.node.store.widget(&WidgetId::new(id)).await.map_err(|error| database_error(&error))
}

/// A widget of this account.
async fn visible(call: &Call<'_>, partner: PartnerId, id: &str) -> Result<Option<Widget>, ApiError> {
    Ok(stored(call, id).await?.filter(|widget| widget.partner_id == partner))
}

/// A widget made from another one starts as its equal.
fn inherit(widget: &mut Widget, source: Widget) {
    widget.root_widget_id = Some(source.root_widget_id.unwrap_or_else(|| source.id.clone()));
    widget.source_widget_id = Some(source.id);
    widget.entry_id = source.entry_id;
    widget.ui_conf_id = source.ui_conf_id;
    widget.security_type = source.security_type;
    widget.security_policy = source.security_policy;
    widget.partner_data = source.partner_data;
    widget.enforce_entitlement = source.enforce_entitlement;
    widget.privacy_context = source.privacy_context;
    widget.add_embed_html5_support = source.add_embed_html5_support;
    widget.roles = source.roles;
    widget.privileges = source.privileges;
}

/// Whether a text stays one value when it is written into a privilege text.
pub(crate) fn is_privilege_value(text: &str) -> bool {
    !text.chars().any(|c| matches!(c, ',' | ';' | ':' | '/') || c.is_control())
}

/// What the account and the session say of entitlement.
#[derive(Clone, Copy)]
struct Rules {
    /// The account enforces it for sessions that say nothing.
    by_default: bool,
    /// It is enforced for the session that calls.
    for_caller: bool,
}

/// The rules of a call. An entry that is sent must be one that the session sees.
async fn rules(call: &Call<'_>, sent: &classes::Widget) -> Result<Rules, ApiError> {
    if let Some(entry) = sent.entry_id.get().filter(|entry| !entry.is_empty())
        && call.visible_entry(&EntryId::new(entry)).await?.is_none()
    {
        return Err(ApiError::entry_id_not_found(entry));
    }
    Ok(Rules {
        by_default: call.account()?.partner.default_entitlement_enforcement,
        for_caller: call.viewer().await?.is_enforced,
    })
}

/// Applies what a request says of a widget.
fn change(widget: &mut Widget, sent: classes::Widget, rules: Rules) -> Result<(), ApiError> {
    // It becomes one item of a privilege text, which anyone may then start a session with.
    if let Field::Set(context) = &sent.privacy_context
        && !is_privilege_value(context)
    {
        return Err(ApiError::invalid_field_value("privacyContext"));
    }
    match &sent.entry_id {
        Field::Absent => {}
        Field::Null => widget.entry_id = None,
        Field::Set(entry) => widget.entry_id = (!entry.is_empty()).then(|| EntryId::new(entry)),
    }
    if let Field::Set(enforce) = sent.enforce_entitlement {
        if !enforce && rules.by_default {
            return Err(ApiError::cannot_disable_entitlement_for_widget_when_entitlement_enforcement_enable());
        }
        if !enforce && widget.entry_id.is_none() {
            return Err(ApiError::cannot_disable_entitlement_with_no_entry_id());
        }
    }
    sent.source_widget_id.into_option().into_iter().for_each(|id| widget.source_widget_id = Some(WidgetId::new(id)));
    sent.ui_conf_id.apply_to(&mut widget.ui_conf_id);
    sent.partner_data.apply_to(&mut widget.partner_data);
    sent.enforce_entitlement.apply_to(&mut widget.enforce_entitlement);
    // Whoever stands under entitlement must not open an entry to everybody by saying nothing.
    if widget.entry_id.is_some() && widget.enforce_entitlement.is_none() && rules.for_caller {
        widget.enforce_entitlement = Some(true);
    }
    sent.privacy_context.apply_to(&mut widget.privacy_context);
    sent.roles.apply_to(&mut widget.roles);
    sent.privileges.apply_to(&mut widget.privileges);
    if let Field::Set(security) = sent.security_type {
        widget.security_type = security.value();
    }
    if let Field::Set(policy) = sent.security_policy {
        widget.security_policy = policy;
    }
    if let Field::Set(support) = sent.add_embed_html5_support {
        widget.add_embed_html5_support = support;
    }
    Ok(())
}

fn describe(widget: &Widget) -> classes::Widget {
    let text = |id: Option<&WidgetId>| -> Field<String> { id.map(|id| id.as_str().to_owned()).into() };
    classes::Widget {
        id: widget.id.as_str().to_owned().into(),
        source_widget_id: text(widget.source_widget_id.as_ref()),
        root_widget_id: text(widget.root_widget_id.as_ref()),
        partner_id: i64::from(widget.partner_id.get()).into(),
        entry_id: widget.entry_id.as_ref().map(EntryId::as_str).map(str::to_owned).into(),
        ui_conf_id: widget.ui_conf_id.into(),
        security_type: WidgetSecurityType::from_value(widget.security_type).into(),
        security_policy: widget.security_policy.into(),
        created_at: widget.created_at.into(),
        updated_at: widget.updated_at.into(),
        partner_data: widget.partner_data.clone().into(),
        // Players are not served here, so there is no HTML that would embed one.
        widget_html: Field::Absent,
        enforce_entitlement: widget.enforce_entitlement.into(),
        privacy_context: widget.privacy_context.clone().into(),
        add_embed_html5_support: widget.add_embed_html5_support.into(),
        roles: widget.roles.clone().into(),
        privileges: widget.privileges.clone().into(),
    }
}
