//! Widgets and their lists.

use ks_access::condition::{Compare, Condition, Value, fold};
use ks_schema::ids::{EntryId, WidgetId};
use ks_store::{NewPartner, Order, Page, Store, StoreError, Widget};
use ks_token::PartnerId;

use crate::support::{Home, NOW, P102, with_102};

const ALL: Page = Page { offset: 0, limit: 100 };

async fn list(store: &Store, condition: Condition, order: &[Order], page: Page) -> (Vec<String>, u64) {
    let (widgets, total) = store.widgets(P102, condition, order, page).await.unwrap();
    (widgets.into_iter().map(|widget| widget.id.to_string()).collect(), total)
}

#[tokio::test]
async fn every_account_has_its_default_widget() {
    let home = Home::new();
    let store = home.open().await;
    with_102(&store).await;
    let widget = store.widget(&WidgetId::new("_102")).await.unwrap().unwrap();
    let plain = Widget::new(WidgetId::new("_102"), P102);
    assert_eq!(widget, Widget { created_at: NOW, updated_at: NOW, ..plain });
    assert_eq!(store.widget(&WidgetId::new("_103")).await.unwrap(), None);
}

#[tokio::test]
async fn a_widget_is_added_read_and_changed_whole() {
    let home = Home::new();
    let store = home.open().await;
    with_102(&store).await;
    let new = Widget {
        source_widget_id: Some(WidgetId::new("_102")),
        root_widget_id: Some(WidgetId::new("_102")),
        entry_id: Some(EntryId::new("0_abc")),
        ui_conf_id: Some(7),
        security_type: 2,
        security_policy: 3,
        partner_data: Some("Größe".to_owned()),
        enforce_entitlement: Some(false),
        privacy_context: Some("ctx".to_owned()),
        add_embed_html5_support: true,
        roles: Some("PLAYBACK_BASE_ROLE".to_owned()),
        privileges: Some("view:*".to_owned()),
        ..Widget::new(WidgetId::new("0_w1"), P102)
    };
    let added = store.add_widget(new.clone(), NOW + 1).await.unwrap();
    assert_eq!(added, Widget { created_at: NOW + 1, updated_at: NOW + 1, ..new.clone() });
    assert_eq!(store.widget(&new.id).await.unwrap().as_ref(), Some(&added));
    assert_eq!(store.add_widget(new.clone(), NOW).await, Err(StoreError::Conflict("widget id")));
    let nobody = Widget::new(WidgetId::new("0_w2"), PartnerId::new(4711));
    assert_eq!(store.add_widget(nobody, NOW).await, Err(StoreError::NotFound("account")));

    let change = |widget: &mut Widget| {
        widget.id = WidgetId::new("0_other");
        widget.partner_id = PartnerId::new(0);
        widget.created_at = 0;
        widget.partner_data = None;
        widget.enforce_entitlement = None;
    };
    let changed = store.update_widget(P102, new.id.clone(), NOW + 2, change).await.unwrap();
    let expected = Widget { partner_data: None, enforce_entitlement: None, updated_at: NOW + 2, ..added };
    assert_eq!(changed, expected);
    assert_eq!(store.widget(&new.id).await.unwrap(), Some(expected));

    let other = store.create_partner(NewPartner::named("other"), NOW).await.unwrap().partner.id;
    let foreign = store.update_widget(other, new.id, NOW, |widget| widget.ui_conf_id = None).await;
    assert_eq!(foreign, Err(StoreError::NotFound("widget")));
}

#[tokio::test]
async fn lists_filter_order_count_and_turn_pages() {
    let home = Home::new();
    let store = home.open().await;
    with_102(&store).await;
    store.create_partner(NewPartner::named("other"), NOW).await.unwrap();
    for (id, at, data) in [("0_b", 10, "100% Größe"), ("0_a", 10, "a_b\\c"), ("0_c", 5, "plain")] {
        let widget = Widget { partner_data: Some(data.to_owned()), ..Widget::new(WidgetId::new(id), P102) };
        store.add_widget(widget, NOW + at).await.unwrap();
    }
    let any = || Condition::TRUE;
    let all = |ids: &[&str], total| (ids.iter().map(|&id| id.to_owned()).collect::<Vec<_>>(), total);
    let by_time = |falling| [Order { column: "created_at", falling }];
    assert_eq!(list(&store, any(), &[], ALL).await, all(&["0_a", "0_b", "0_c", "_102"], 4));
    assert_eq!(list(&store, any(), &by_time(false), ALL).await, all(&["_102", "0_c", "0_a", "0_b"], 4));
    let newest = by_time(true);
    assert_eq!(list(&store, any(), &newest, ALL).await, all(&["0_b", "0_a", "0_c", "_102"], 4));
    assert_eq!(list(&store, any(), &newest, Page { offset: 1, limit: 2 }).await, all(&["0_a", "0_c"], 4));
    assert_eq!(list(&store, any(), &newest, Page { offset: 9, limit: 2 }).await, all(&[], 4));
    assert_eq!(list(&store, any(), &newest, Page { offset: 0, limit: 0 }).await, all(&[], 4));

    let like = |text: &str| Condition::Contains("partner_data_folded", fold(text));
    let ids = |ids: &[&str]| Condition::In("id", ids.iter().map(|&id| Value::Text(id.to_owned())).collect());
    let made = |compare, at| Condition::Is("created_at", compare, Value::Int(at));
    let not = |condition| Condition::Not(Box::new(condition));
    for (condition, expected) in [
        (like("GRÖSSE"), all(&[], 0)),
        (like("GRÖßE"), all(&["0_b"], 1)),
        (like("0%"), all(&["0_b"], 1)),
        (like("%"), all(&["0_b"], 1)),
        (like("_"), all(&["0_a"], 1)),
        (like("\\"), all(&["0_a"], 1)),
        (like(""), all(&["0_a", "0_b", "0_c"], 3)),
        // The default widget has no such text, and that does not make it vanish under a NOT.
        (not(like("plain")), all(&["0_a", "0_b", "_102"], 3)),
        (not(like("")), all(&["_102"], 1)),
        (Condition::IsNull("partner_data"), all(&["_102"], 1)),
        (Condition::StartsWith("partner_data_folded", "a_".to_owned()), all(&["0_a"], 1)),
        (Condition::StartsWith("partner_data", "PLAIN".to_owned()), all(&[], 0)),
        (Condition::HasWord("partner_data", "plain".to_owned()), all(&["0_c"], 1)),
        (Condition::HasWord("partner_data", "plai".to_owned()), all(&[], 0)),
        (Condition::text("id", "0_a"), all(&["0_a"], 1)),
        (ids(&["0_a", "0_c", "_100"]), all(&["0_a", "0_c"], 2)),
        (ids(&[]), all(&[], 0)),
        (Condition::int("partner_id", 103), all(&[], 0)),
        (made(Compare::AtLeast, NOW + 10), all(&["0_a", "0_b"], 2)),
        (made(Compare::Above, NOW + 10), all(&[], 0)),
        (made(Compare::AtMost, NOW + 5), all(&["0_c", "_102"], 2)),
        (made(Compare::Below, NOW + 5), all(&["_102"], 1)),
        (Condition::Any(vec![Condition::text("id", "0_a"), Condition::text("id", "0_b")]), all(&["0_a", "0_b"], 2)),
        (Condition::FALSE, all(&[], 0)),
        (Condition::text("id", "' OR 1=1 --"), all(&[], 0)),
    ] {
        assert_eq!(list(&store, condition.clone(), &[], ALL).await, expected, "{condition:?}");
    }
}
