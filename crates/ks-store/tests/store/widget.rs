//! Widgets and their lists.

use ks_schema::ids::{EntryId, WidgetId};
use ks_store::{NewPartner, Page, Store, StoreError, Widget, WidgetFilter, WidgetOrder};
use ks_token::PartnerId;

use crate::support::{Home, NOW, P102, with_102};

const ALL: Page = Page { offset: 0, limit: 100 };

async fn list(store: &Store, filter: WidgetFilter, order: WidgetOrder, page: Page) -> (Vec<String>, u64) {
    let (widgets, total) = store.widgets(P102, &filter, order, page).await.unwrap();
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
    let any = WidgetFilter::default;
    let all = |ids: &[&str], total| (ids.iter().map(|&id| id.to_owned()).collect::<Vec<_>>(), total);
    assert_eq!(list(&store, any(), WidgetOrder::Id, ALL).await, all(&["0_a", "0_b", "0_c", "_102"], 4));
    assert_eq!(list(&store, any(), WidgetOrder::CreatedAt, ALL).await, all(&["_102", "0_c", "0_a", "0_b"], 4));
    let newest = WidgetOrder::CreatedAtDescending;
    assert_eq!(list(&store, any(), newest, ALL).await, all(&["0_b", "0_a", "0_c", "_102"], 4));
    assert_eq!(list(&store, any(), newest, Page { offset: 1, limit: 2 }).await, all(&["0_a", "0_c"], 4));
    assert_eq!(list(&store, any(), newest, Page { offset: 9, limit: 2 }).await, all(&[], 4));
    assert_eq!(list(&store, any(), newest, Page { offset: 0, limit: 0 }).await, all(&[], 4));

    let like = |text: &str| WidgetFilter { partner_data_like: Some(text.to_owned()), ..any() };
    let ids = |ids: &[&str]| Some(ids.iter().map(|&id| id.to_owned()).collect());
    for (filter, expected) in [
        (like("GRÖSSE"), all(&[], 0)),
        (like("GRÖßE"), all(&["0_b"], 1)),
        (like("0%"), all(&["0_b"], 1)),
        (like("%"), all(&["0_b"], 1)),
        (like("_"), all(&["0_a"], 1)),
        (like("\\"), all(&["0_a"], 1)),
        (like(""), all(&["0_a", "0_b", "0_c"], 3)),
        (WidgetFilter { id_equal: Some("0_a".to_owned()), ..any() }, all(&["0_a"], 1)),
        (WidgetFilter { id_in: ids(&["0_a", "0_c", "_100"]), ..any() }, all(&["0_a", "0_c"], 2)),
        (WidgetFilter { id_in: ids(&[]), ..any() }, all(&[], 0)),
        (WidgetFilter { partner_id_equal: Some(PartnerId::new(103)), ..any() }, all(&[], 0)),
        (WidgetFilter { created_at_greater_than_or_equal: Some(NOW + 10), ..any() }, all(&["0_a", "0_b"], 2)),
        (WidgetFilter { created_at_less_than_or_equal: Some(NOW + 5), ..any() }, all(&["0_c", "_102"], 2)),
        (WidgetFilter { id_equal: Some("' OR 1=1 --".to_owned()), ..any() }, all(&[], 0)),
    ] {
        assert_eq!(list(&store, filter.clone(), WidgetOrder::Id, ALL).await, expected, "{filter:?}");
    }
}
