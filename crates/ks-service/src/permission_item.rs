//! The service `permissionItem`: what permissions allow. The built-in items follow from the declarations of the API.

use std::collections::BTreeMap;

use ks_access::builtin;
use ks_access::condition::{Value, fold};
use ks_schema::generated::classes::{
    AnyPermissionItem, ApiActionPermissionItem, ApiParameterPermissionItem, PermissionItemListResponse,
};
use ks_schema::generated::enums::{ApiParameterPermissionItemAction, PermissionItemType};
use ks_schema::write::{check_insert, check_update};
use ks_schema::{ApiError, Field, PartnerId};
use ks_store::{PermissionItem, StoreError};

use crate::call::{Call, database_error};
use crate::generated::permission_item::{Add, Delete, Get, List, Service, Update};
use crate::list::{Held, lower, page, select};
use crate::rights;

/// What lists of permission items compare.
const HELD: [Held; 6] = [
    Held::number("id", "id"),
    Held::text("type", "type"),
    Held::number("partnerId", "partner_id"),
    Held::searched("tags", "tags", "tags_folded"),
    Held::number("createdAt", "created_at"),
    Held::number("updatedAt", "updated_at"),
];

const SHARED: PartnerId = PartnerId::new(0);

/// What rights allow.
#[derive(Debug, Default)]
pub(crate) struct PermissionItems;

impl Service for PermissionItems {
    async fn add(&self, call: &Call<'_>, args: Add) -> Result<AnyPermissionItem, ApiError> {
        let partner = call.account()?.partner.id;
        check_insert(&args.permission_item)?;
        let mut new = PermissionItem {
            id: 0,
            partner_id: partner,
            subject: String::new(),
            detail: String::new(),
            used: None,
            tags: None,
            created_at: 0,
            updated_at: 0,
        };
        change(&mut new, args.permission_item);
        complete(&new)?;
        may_give(call, &new)?;
        let added = call.store().add_permission_item(new, call.now).await;
        added.map(|item| without_type(describe(&item))).map_err(|error| database_error(&error))
    }

    async fn get(&self, call: &Call<'_>, args: Get) -> Result<AnyPermissionItem, ApiError> {
        visible(call, args.permission_item_id).await.map(|item| describe(&item))
    }

    async fn update(&self, call: &Call<'_>, args: Update) -> Result<AnyPermissionItem, ApiError> {
        let stored = own(call, args.permission_item_id).await?;
        let sent = args.permission_item;
        // An item of one kind does not become one of the other.
        if matches!(sent, AnyPermissionItem::ApiActionPermissionItem(_)) != stored.used.is_none() {
            return Err(ApiError::invalid_object_id(args.permission_item_id));
        }
        check_update(&sent, &describe(&stored))?;
        let mut after = stored.clone();
        change(&mut after, sent.clone());
        complete(&after)?;
        may_give(call, &after)?;
        let store = call.store();
        let updated = store.update_permission_item(stored.partner_id, stored.id, call.now, |item| change(item, sent));
        match updated.await {
            Ok(item) => Ok(without_type(describe(&item))),
            Err(error) => Err(not_found(&error, args.permission_item_id)),
        }
    }

    async fn delete(&self, call: &Call<'_>, args: Delete) -> Result<AnyPermissionItem, ApiError> {
        let stored = own(call, args.permission_item_id).await?;
        let deleted = call.store().delete_permission_item(stored.partner_id, stored.id, call.now).await;
        deleted.map(|()| describe(&stored)).map_err(|error| not_found(&error, args.permission_item_id))
    }

    async fn list(&self, call: &Call<'_>, args: List) -> Result<PermissionItemListResponse, ApiError> {
        let lowered = lower(args.filter, &HELD, |_, _| None);
        let page = page(args.pager.as_ref());
        let (found, total) = select(all(call).await?, columns, &lowered.condition, &lowered.order, page);
        Ok(PermissionItemListResponse {
            total_count: total.into(),
            objects: Field::Set(found.iter().map(describe).collect()),
        })
    }
}

/// The items that an account can see, the built-in ones first.
async fn all(call: &Call<'_>) -> Result<Vec<PermissionItem>, ApiError> {
    let own = call.node.store.own_permissions(call.account()?.partner.id).await;
    let own = own.map_err(|error| database_error(&error))?;
    Ok(builtin::items().iter().map(shared).chain(own.items.iter().cloned()).collect())
}

/// A built-in item, as one of account 0.
fn shared(item: &builtin::Item) -> PermissionItem {
    PermissionItem {
        id: item.id,
        partner_id: SHARED,
        subject: item.subject.to_owned(),
        detail: item.detail.to_owned(),
        used: item.used.map(|of| of.word().to_owned()),
        tags: None,
        created_at: 0,
        updated_at: 0,
    }
}

async fn visible(call: &Call<'_>, id: i64) -> Result<PermissionItem, ApiError> {
    all(call).await?.into_iter().find(|item| item.id == id).ok_or_else(|| ApiError::invalid_object_id(id))
}

/// An item that may be changed: the built-in ones are not among them.
async fn own(call: &Call<'_>, id: i64) -> Result<PermissionItem, ApiError> {
    let item = visible(call, id).await?;
    if item.partner_id == SHARED { Err(ApiError::invalid_object_id(id)) } else { Ok(item) }
}

fn not_found(error: &StoreError, id: i64) -> ApiError {
    match error {
        StoreError::NotFound(_) => ApiError::invalid_object_id(id),
        error => database_error(error),
    }
}

/// Refuses an item that does not say what it is about.
fn complete(item: &PermissionItem) -> Result<(), ApiError> {
    let names = match item.used {
        None => ["KalturaApiActionPermissionItem::service", "KalturaApiActionPermissionItem::action"],
        Some(_) => ["KalturaApiParameterPermissionItem::object", "KalturaApiParameterPermissionItem::parameter"],
    };
    match names.into_iter().zip([&item.subject, &item.detail]).find(|(_, text)| text.is_empty()) {
        Some((name, _)) => Err(ApiError::property_validation_cannot_be_null(name)),
        None => Ok(()),
    }
}

/// A permission of the session's own role may hold the item already.
fn may_give(call: &Call<'_>, item: &PermissionItem) -> Result<(), ApiError> {
    if call.own_permissions().cover(&rights::own_item(item)) {
        return Ok(());
    }
    Err(ApiError::invalid_field_value(if item.used.is_none() { "action" } else { "parameter" }))
}

fn change(item: &mut PermissionItem, sent: AnyPermissionItem) {
    let text = |field: Field<String>, stored: &mut String| match field {
        Field::Absent => {}
        Field::Null => stored.clear(),
        Field::Set(text) => *stored = text,
    };
    match sent {
        AnyPermissionItem::ApiActionPermissionItem(sent) => {
            text(sent.service, &mut item.subject);
            text(sent.action, &mut item.detail);
            sent.tags.apply_to(&mut item.tags);
        }
        AnyPermissionItem::ApiParameterPermissionItem(sent) => {
            text(sent.object, &mut item.subject);
            text(sent.parameter, &mut item.detail);
            let used = sent.action.into_option().map(|action| action.value().to_owned());
            // What is said of no use in particular is said of all.
            item.used = used.or_else(|| item.used.take()).or_else(|| Some("all".to_owned()));
            sent.tags.apply_to(&mut item.tags);
        }
    }
}

fn kind(item: &PermissionItem) -> PermissionItemType {
    if item.used.is_some() { PermissionItemType::ApiParameterItem } else { PermissionItemType::ApiActionItem }
}

fn columns(item: &PermissionItem) -> BTreeMap<&'static str, Value> {
    let mut columns = BTreeMap::from([
        ("id", Value::Int(item.id)),
        ("type", Value::Text(kind(item).value().to_owned())),
        ("partner_id", Value::Int(item.partner_id.get().into())),
        ("created_at", Value::Int(item.created_at)),
        ("updated_at", Value::Int(item.updated_at)),
    ]);
    columns.extend(item.tags.as_deref().map(|tags| ("tags_folded", Value::Text(fold(tags)))));
    columns
}

/// Adding and changing answer no type, as in the reference.
fn without_type(mut item: AnyPermissionItem) -> AnyPermissionItem {
    match &mut item {
        AnyPermissionItem::ApiActionPermissionItem(item) => item.r#type = Field::Absent,
        AnyPermissionItem::ApiParameterPermissionItem(item) => item.r#type = Field::Absent,
    }
    item
}

fn describe(item: &PermissionItem) -> AnyPermissionItem {
    let partner_id: Field<i64> = i64::from(item.partner_id.get()).into();
    match &item.used {
        None => ApiActionPermissionItem {
            id: item.id.into(),
            r#type: kind(item).into(),
            partner_id,
            tags: item.tags.clone().into(),
            created_at: item.created_at.into(),
            updated_at: item.updated_at.into(),
            service: item.subject.clone().into(),
            action: item.detail.clone().into(),
        }
        .into(),
        Some(used) => ApiParameterPermissionItem {
            id: item.id.into(),
            r#type: kind(item).into(),
            partner_id,
            tags: item.tags.clone().into(),
            created_at: item.created_at.into(),
            updated_at: item.updated_at.into(),
            object: item.subject.clone().into(),
            parameter: item.detail.clone().into(),
            action: ApiParameterPermissionItemAction::from_value(used).into(),
        }
        .into(),
    }
}
