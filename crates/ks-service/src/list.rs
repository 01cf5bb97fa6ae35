//! From a list filter to a condition and an order: one function for every object.
//!
//! A filter's properties are named after what they compare and how (`createdAtGreaterThanOrEqual`), so
//! a service only says which column holds which property. What its filter has beyond that, it lowers itself.

use std::cmp::Ordering;
use std::collections::BTreeMap;

use ks_access::condition::{Column, Compare, Condition, Value, fold};
use ks_schema::generated::classes::FilterPager;
use ks_schema::{ApiError, IntoOut, Out};
use ks_store::{Order, Page};

/// Objects on a page, unless the request says otherwise.
const USUAL_PAGE: i64 = 30;
/// Objects on a page at most.
const LARGEST_PAGE: i64 = 500;
/// How far into a list pages reach, where the protocol has such a bound.
const FURTHEST: u32 = 10_000;
/// Values of a joined list that count.
const MOST_VALUES: usize = 10_000;

/// Which columns hold a property.
pub(crate) struct Held {
    /// The property's name on the wire.
    pub(crate) property: &'static str,
    /// The column with its value.
    pub(crate) column: Column,
    /// The column with its text in lower case, for searches; the plain one where there is none.
    pub(crate) folded: Option<Column>,
    /// What the column holds.
    pub(crate) kind: Kind,
}

/// What a column holds.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    Number,
    Text,
}

impl Held {
    /// A number, a time or a truth value.
    pub(crate) const fn number(property: &'static str, column: Column) -> Self {
        Self { property, column, folded: None, kind: Kind::Number }
    }

    /// A text that is compared as it is.
    pub(crate) const fn text(property: &'static str, column: Column) -> Self {
        Self { property, column, folded: None, kind: Kind::Text }
    }

    /// A text that is also searched in.
    pub(crate) const fn searched(property: &'static str, column: Column, folded: Column) -> Self {
        Self { property, column, folded: Some(folded), kind: Kind::Text }
    }
}

/// A filter, ready for the store.
pub(crate) struct Lowered {
    pub(crate) condition: Condition,
    pub(crate) order: Vec<Order>,
}

/// The operators, longest name first, so that `NotIn` is not taken for `In`.
const OPERATORS: [(&str, Operator); 14] = [
    ("GreaterThanOrEqualOrNull", Operator::IsOrNull(Compare::AtLeast)),
    ("LessThanOrEqualOrNull", Operator::IsOrNull(Compare::AtMost)),
    ("GreaterThanOrEqual", Operator::Is(Compare::AtLeast)),
    ("LessThanOrEqual", Operator::Is(Compare::AtMost)),
    ("MultiLikeAnd", Operator::ContainsAll),
    ("GreaterThan", Operator::Is(Compare::Above)),
    ("MultiLikeOr", Operator::ContainsAny),
    ("StartsWith", Operator::StartsWith),
    ("LessThan", Operator::Is(Compare::Below)),
    ("NotEqual", Operator::IsNot),
    ("Equal", Operator::Is(Compare::Equal)),
    ("NotIn", Operator::NotIn),
    ("Like", Operator::Contains),
    ("In", Operator::In),
];

#[derive(Clone, Copy)]
enum Operator {
    Is(Compare),
    IsOrNull(Compare),
    IsNot,
    In,
    NotIn,
    Contains,
    ContainsAny,
    ContainsAll,
    StartsWith,
}

/// Lowers a filter. `other` is asked for every property that is set and that `held` does not explain; a property that
/// nobody explains has no effect, as everywhere in the protocol.
pub(crate) fn lower<F: IntoOut>(
    filter: Option<F>,
    held: &[Held],
    mut other: impl FnMut(&str, &Out) -> Option<Condition>,
) -> Lowered {
    let mut condition = Condition::TRUE;
    let mut order = Vec::new();
    if let Some(Out::Object(filter)) = filter.map(IntoOut::into_out) {
        for (info, value) in filter.class.properties.iter().zip(&filter.values) {
            match value {
                Out::Null => {}
                Out::Text(text) if info.name == "orderBy" => order = order_by(text, held),
                value => {
                    let lowered = other(info.name, value).or_else(|| compare(info.name, value, held));
                    condition = lowered.into_iter().fold(condition, Condition::and);
                }
            }
        }
    }
    Lowered { condition, order }
}

/// `+property` or `-property`, joined by commas; what is no property has no effect.
fn order_by(text: &str, held: &[Held]) -> Vec<Order> {
    let parts = text.split(',').map(str::trim);
    parts
        .filter_map(|part| {
            let (falling, name) = match part.strip_prefix('-') {
                Some(name) => (true, name),
                None => (false, part.strip_prefix('+').unwrap_or(part)),
            };
            let held = held.iter().find(|held| held.property == name)?;
            Some(Order { column: held.column, falling })
        })
        .collect()
}

fn compare(name: &str, value: &Out, held: &[Held]) -> Option<Condition> {
    let (held, operator) = OPERATORS.iter().find_map(|(suffix, operator)| {
        let property = name.strip_suffix(suffix)?;
        Some((held.iter().find(|held| held.property == property)?, *operator))
    })?;
    let text = match value {
        Out::Text(text) => text.clone(),
        Out::Int(number) => number.to_string(),
        Out::Bool(is) => i64::from(*is).to_string(),
        Out::Null | Out::Float(_) | Out::Object(_) | Out::List(_) | Out::Map(_) | Out::Error(_) | Out::File(_) => {
            return None;
        }
    };
    let plain = match held.kind {
        Kind::Number => Value::Int(text.parse().unwrap_or(0)),
        Kind::Text => Value::Text(text.clone()),
    };
    let searched = held.folded.unwrap_or(held.column);
    let terms = || terms(&text);
    let contains = |term: &str| Condition::Contains(searched, fold(term));
    Some(match operator {
        Operator::Is(compare) => Condition::Is(held.column, compare, plain),
        Operator::IsOrNull(compare) => {
            Condition::Any(vec![Condition::IsNull(held.column), Condition::Is(held.column, compare, plain)])
        }
        Operator::IsNot => Condition::Not(Box::new(Condition::Is(held.column, Compare::Equal, plain))),
        Operator::In => Condition::In(held.column, values(terms(), held)),
        Operator::NotIn => Condition::Not(Box::new(Condition::In(held.column, values(terms(), held)))),
        Operator::Contains => contains(&text),
        Operator::ContainsAny => Condition::Any(terms().map(contains).collect()),
        Operator::ContainsAll => Condition::All(terms().map(contains).collect()),
        Operator::StartsWith => Condition::StartsWith(searched, fold(&text)),
    })
}

/// The parts of a joined list that count.
pub(crate) fn terms(text: &str) -> impl Iterator<Item = &str> {
    text.split(',').map(str::trim).filter(|term| !term.is_empty()).take(MOST_VALUES)
}

/// Values of a joined list: they travel as text also where the column holds numbers, and what is no number is then none
/// of its values.
fn values<'a>(terms: impl Iterator<Item = &'a str>, held: &Held) -> Vec<Value> {
    match held.kind {
        Kind::Number => terms.filter_map(|term| term.parse().ok().map(Value::Int)).collect(),
        Kind::Text => terms.map(|term| Value::Text(term.to_owned())).collect(),
    }
}

/// The page that a pager asks for.
pub(crate) fn page(pager: Option<&FilterPager>) -> Page {
    let size = pager.and_then(|pager| pager.page_size.get().copied()).unwrap_or(USUAL_PAGE).clamp(0, LARGEST_PAGE);
    let index = pager.and_then(|pager| pager.page_index.get().copied()).unwrap_or(1).max(1);
    Page {
        offset: u32::try_from((index - 1).saturating_mul(size)).unwrap_or(u32::MAX),
        limit: u32::try_from(size).unwrap_or(0),
    }
}

/// A page within what lists reach.
///
/// # Errors
/// `QUERY_EXCEEDED_MAX_MATCHES_ALLOWED` for one that begins beyond it.
pub(crate) fn window(page: Page) -> Result<Page, ApiError> {
    if page.offset < FURTHEST { Ok(page) } else { Err(ApiError::query_exceeded_max_matches_allowed()) }
}

/// One page of what is held in memory, and how many satisfy the condition in all: what the store does for tables.
pub(crate) fn select<T>(
    objects: Vec<T>,
    columns: impl Fn(&T) -> BTreeMap<Column, Value>,
    condition: &Condition,
    order: &[Order],
    page: Page,
) -> (Vec<T>, i64) {
    let with_columns = objects.into_iter().map(|object| (columns(&object), object));
    let mut found: Vec<_> = with_columns.filter(|(columns, _)| condition.holds(columns)).collect();
    if order.last().is_some_and(|order| order.falling) {
        // Equal ones then fall, too.
        found.reverse();
    }
    found.sort_by(|(one, _), (other, _)| {
        let each = order.iter().map(|order| {
            let rising = one.get(order.column).cmp(&other.get(order.column));
            if order.falling { rising.reverse() } else { rising }
        });
        each.fold(Ordering::Equal, Ordering::then)
    });
    let total = i64::try_from(found.len()).unwrap_or(i64::MAX);
    let skipped = usize::try_from(page.offset).unwrap_or(usize::MAX);
    let taken = usize::try_from(page.limit).unwrap_or(usize::MAX);
    (found.into_iter().map(|(_, object)| object).skip(skipped).take(taken).collect(), total)
}

#[cfg(test)]
mod tests {
    use ks_schema::Field;
    use ks_schema::generated::classes::WidgetFilter;

    use super::*;

    const HELD: [Held; 4] = [
        Held::text("id", "id"),
        Held::number("uiConfId", "ui_conf_id"),
        Held::number("createdAt", "created_at"),
        Held::searched("partnerData", "partner_data", "partner_data_folded"),
    ];

    #[test]
    fn properties_are_lowered_by_their_names() {
        let filter = WidgetFilter {
            order_by: "-createdAt, +id, nothing".to_owned().into(),
            id_in: "a, b,,".to_owned().into(),
            ui_conf_id_equal: Field::Set(7),
            created_at_greater_than_or_equal: Field::Set(5),
            partner_data_like: "AbC".to_owned().into(),
            root_widget_id_equal: "x".to_owned().into(),
            ..WidgetFilter::default()
        };
        let lowered = lower(Some(filter), &HELD, |name, _| (name == "rootWidgetIdEqual").then_some(Condition::FALSE));
        let texts = |texts: [&str; 2]| texts.map(|text| Value::Text(text.to_owned())).to_vec();
        assert_eq!(
            lowered.condition,
            Condition::All(vec![
                Condition::In("id", texts(["a", "b"])),
                Condition::FALSE,
                Condition::int("ui_conf_id", 7),
                Condition::Is("created_at", Compare::AtLeast, Value::Int(5)),
                Condition::Contains("partner_data_folded", "abc".to_owned()),
            ])
        );
        let order: Vec<_> = lowered.order.iter().map(|order| (order.column, order.falling)).collect();
        assert_eq!(order, [("created_at", true), ("id", false)]);
        assert_eq!(lower(None::<WidgetFilter>, &HELD, |_, _| None).condition, Condition::TRUE);
    }

    #[test]
    fn what_is_in_memory_is_listed_as_tables_are() {
        let columns = |number: &i64| BTreeMap::from([("id", Value::Int(*number)), ("odd", Value::Int(number % 2))]);
        let list = |order: &[(Column, bool)], offset, limit| {
            let order: Vec<_> = order.iter().map(|&(column, falling)| Order { column, falling }).collect();
            let some = Condition::Is("id", Compare::AtMost, Value::Int(5));
            select((1..=9).collect(), columns, &some, &order, Page { offset, limit })
        };
        assert_eq!(list(&[], 0, 9), (vec![1, 2, 3, 4, 5], 5));
        assert_eq!(list(&[("odd", false)], 0, 9), (vec![2, 4, 1, 3, 5], 5));
        assert_eq!(list(&[("odd", true)], 0, 9), (vec![5, 3, 1, 4, 2], 5));
        assert_eq!(list(&[("odd", true), ("id", false)], 1, 2), (vec![3, 5], 5));
        assert_eq!(list(&[], 9, 2), (vec![], 5));
    }

    #[test]
    fn pages_are_bounded() {
        let pager = |size, index| FilterPager { page_size: Field::Set(size), page_index: Field::Set(index) };
        assert_eq!(page(None), Page { offset: 0, limit: 30 });
        assert_eq!(page(Some(&pager(1000, 3))), Page { offset: 1000, limit: 500 });
        assert_eq!(page(Some(&pager(-1, -1))), Page { offset: 0, limit: 0 });
        assert_eq!(page(Some(&pager(500, i64::MAX))).offset, u32::MAX);
    }
}
