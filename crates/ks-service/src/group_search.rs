//! `group.searchGroup`: groups by a tree of conditions.

use ks_access::condition::{Column, Compare, Condition, Value, fold};
use ks_schema::generated::classes::{
    AnyESearchGroupBaseItem, AnyESearchOrderByItem, ESearchGroupItem, ESearchGroupParams, ESearchRange,
};
use ks_schema::generated::enums::{
    ESearchGroupFieldName as FieldName, ESearchGroupOrderByFieldName as OrderField, ESearchItemType as ItemType,
    ESearchOperatorType as Operator, ESearchSortOrder as SortOrder, NullableBoolean,
};
use ks_schema::{ApiError, Field};
use ks_store::{Order, UserStatus};

use crate::list::Lowered;

/// How many people are in a group.
const MEMBERS_OF_GROUP: Column =
    "(SELECT count(*) FROM kuser_kgroup WHERE kuser_kgroup.kgroup_id = kuser.id AND kuser_kgroup.status = 0)";

/// What holds a field of a group.
enum Held {
    /// Text: as it is, and in lower case.
    Text(Column),
    /// Words, joined by commas, in lower case.
    Words(Column),
    Number(Column),
    /// Nothing that groups have.
    Nothing,
}

const fn held(field: FieldName) -> Held {
    match field {
        FieldName::UserId => Held::Text("puser_id_folded"),
        FieldName::ScreenName => Held::Text("screen_name_folded"),
        FieldName::Email => Held::Text("email_folded"),
        FieldName::FirstName => Held::Text("first_name_folded"),
        FieldName::LastName => Held::Text("last_name_folded"),
        // Groups have one name; people's whole names are searched by their parts.
        FieldName::FullName => Held::Text("first_name_folded"),
        FieldName::Tags => Held::Words("tags_folded"),
        FieldName::RoleIds => Held::Words("role_ids"),
        FieldName::CreatedAt => Held::Number("created_at"),
        FieldName::UpdatedAt => Held::Number("updated_at"),
        FieldName::IsAdmin => Held::Number("is_admin"),
        FieldName::LoginEnabled => Held::Number("login_data_id"),
        FieldName::Capabilities
        | FieldName::Company
        | FieldName::Country
        | FieldName::ExternalId
        | FieldName::GroupIds
        | FieldName::IsHashed
        | FieldName::PermissionNames
        | FieldName::Title => Held::Nothing,
    }
}

/// Lowers a search to a condition and an order; deleted groups only when it asks for a status.
pub(crate) fn lowered(params: ESearchGroupParams) -> Result<Lowered, ApiError> {
    let mut condition = match params.search_operator {
        Field::Set(operator) => item(&AnyESearchGroupBaseItem::ESearchGroupOperator(operator))?,
        Field::Null | Field::Absent => Condition::TRUE,
    };
    condition = condition.and(match params.object_statuses.get() {
        Some(statuses) => {
            Condition::In("status", terms(statuses).filter_map(|status| status.parse().ok()).map(Value::Int).collect())
        }
        None => Condition::Not(Box::new(Condition::int("status", UserStatus::Deleted.code()))),
    });
    if let Some(id) = params.object_id.get() {
        condition = condition.and(Condition::text("puser_id", id.as_str()));
    }
    if let Some(ids) = params.object_ids.get() {
        let among = Condition::In("puser_id", terms(ids).map(|id| Value::Text(id.to_owned())).collect());
        let left_out = params.object_ids_not_in.get() == Some(&NullableBoolean::TrueValue);
        condition = condition.and(if left_out { Condition::Not(Box::new(among)) } else { among });
    }
    let steps = params.order_by.get().and_then(|order| order.order_items.get());
    let order = steps.into_iter().flatten().filter_map(step).collect();
    Ok(Lowered { condition, order })
}

fn step(item: &AnyESearchOrderByItem) -> Option<Order> {
    let AnyESearchOrderByItem::ESearchGroupOrderByItem(item) = item;
    let column = match item.sort_field.get()? {
        OrderField::CreatedAt => "created_at",
        OrderField::UpdatedAt => "updated_at",
        OrderField::UserId => "puser_id",
        OrderField::ScreenName => "screen_name_folded",
        OrderField::FullName => "first_name_folded",
        OrderField::MembersCount => MEMBERS_OF_GROUP,
    };
    Some(Order { column, falling: item.sort_order.get() == Some(&SortOrder::OrderByDesc) })
}

fn item(of: &AnyESearchGroupBaseItem) -> Result<Condition, ApiError> {
    match of {
        AnyESearchGroupBaseItem::ESearchGroupOperator(operator) => {
            let items = operator.search_items.get().into_iter().flatten();
            let items = items.map(item).collect::<Result<Vec<_>, _>>()?;
            Ok(match operator.operator.get() {
                // Nothing is asked of the groups.
                _ if items.is_empty() => Condition::TRUE,
                Some(Operator::OrOp) => Condition::Any(items),
                Some(Operator::NotOp) => Condition::Not(Box::new(Condition::Any(items))),
                Some(Operator::AndOp) | None => Condition::All(items),
            })
        }
        AnyESearchGroupBaseItem::ESearchGroupItem(item) => compare(item),
        // No custom metadata are kept, so no group has any.
        AnyESearchGroupBaseItem::ESearchGroupMetadataItem(_) => Ok(Condition::FALSE),
    }
}

fn missing(property: &str) -> ApiError {
    ApiError::property_validation_cannot_be_null(format!("KalturaESearchGroupItem::{property}"))
}

fn compare(item: &ESearchGroupItem) -> Result<Condition, ApiError> {
    let field = *item.field_name.get().ok_or_else(|| missing("fieldName"))?;
    let how = *item.item_type.get().ok_or_else(|| missing("itemType"))?;
    let term = || item.search_term.get().filter(|term| !term.is_empty()).ok_or_else(|| missing("searchTerm"));
    Ok(match (held(field), how) {
        (Held::Nothing, _) => Condition::FALSE,
        (Held::Number("login_data_id"), ItemType::Exists) => {
            Condition::Not(Box::new(Condition::IsNull("login_data_id")))
        }
        (Held::Text(column) | Held::Words(column), ItemType::Exists) => Condition::All(vec![
            Condition::Not(Box::new(Condition::IsNull(column))),
            Condition::Not(Box::new(Condition::text(column, ""))),
        ]),
        (Held::Number(_), ItemType::Exists) => Condition::TRUE,
        (Held::Number(column), ItemType::Range) => within(column, item.range.get().ok_or_else(|| missing("range"))?),
        (Held::Text(_) | Held::Words(_), ItemType::Range) => Condition::FALSE,
        (Held::Number("login_data_id"), ItemType::ExactMatch | ItemType::Partial | ItemType::StartsWith) => {
            let none = Condition::IsNull("login_data_id");
            if matches!(term()?.as_str(), "1" | "true") { Condition::Not(Box::new(none)) } else { none }
        }
        (Held::Number(column), ItemType::ExactMatch | ItemType::Partial | ItemType::StartsWith) => {
            match term()?.trim().parse::<i64>() {
                Ok(number) => Condition::int(column, number),
                Err(_) => Condition::FALSE,
            }
        }
        (Held::Words(column), ItemType::ExactMatch) => Condition::HasWord(column, fold(term()?.trim())),
        (Held::Text(column), ItemType::ExactMatch) => Condition::text(column, fold(term()?)),
        (Held::Text(column) | Held::Words(column), ItemType::Partial) => Condition::Contains(column, fold(term()?)),
        (Held::Text(column) | Held::Words(column), ItemType::StartsWith) => {
            Condition::StartsWith(column, fold(term()?))
        }
    })
}

fn within(column: Column, range: &ESearchRange) -> Condition {
    let bounds = [
        (range.greater_than_or_equal.get(), Compare::AtLeast),
        (range.less_than_or_equal.get(), Compare::AtMost),
        (range.greater_than.get(), Compare::Above),
        (range.less_than.get(), Compare::Below),
    ];
    let bounds = bounds.into_iter().filter_map(|(bound, compare)| bound.map(|bound| (*bound, compare)));
    Condition::All(bounds.map(|(bound, compare)| Condition::Is(column, compare, Value::Int(bound))).collect())
}

fn terms(text: &str) -> impl Iterator<Item = &str> {
    text.split(',').map(str::trim).filter(|term| !term.is_empty()).take(500)
}
