//! Conditions on stored objects, before they become SQL.
//!
//! A list filter is lowered to such a tree by one function for every object, and the store lowers the
//! tree to SQL in one small place. Both can be read, and tested, without a database: [`Condition::holds`]
//! is the naive meaning that the SQL must agree with.

use std::collections::BTreeMap;

/// A column of the listed objects, by its name in the store.
pub type Column = &'static str;

/// Where the objects lie that belong to an object: those rows of another table whose `inner` has the value that the
/// object has in its `outer`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Relation {
    /// The other table, by its name in the store; `table AS name` where it is the object's own table.
    pub table: &'static str,
    /// The column there.
    pub inner: Column,
    /// The column here.
    pub outer: Column,
    /// Whether all rows of the other table that satisfy the condition are few, so that they are found once, and not
    /// once for each object.
    pub few: bool,
}

/// What a condition looks at: an object by its columns, and what belongs to it.
pub trait Facts {
    /// The value in a column, if it has one.
    fn value(&self, column: Column) -> Option<Value>;

    /// The objects that belong to this one.
    fn related(&self, relation: &Relation) -> Vec<&dyn Facts>;
}

impl Facts for BTreeMap<Column, Value> {
    fn value(&self, column: Column) -> Option<Value> {
        self.get(column).cloned()
    }

    fn related(&self, _relation: &Relation) -> Vec<&dyn Facts> {
        Vec::new()
    }
}

/// A value that a column is compared with.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Value {
    /// A whole number; truth values are 0 and 1.
    Int(i64),
    /// Text.
    Text(String),
}

/// How a column is compared.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Compare {
    /// Equal.
    Equal,
    /// Less, or equal.
    AtMost,
    /// More, or equal.
    AtLeast,
    /// More.
    Above,
    /// Less.
    Below,
}

/// A condition on one object. A column without a value satisfies [`Condition::IsNull`] and no comparison.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Condition {
    /// All of them; none is true.
    All(Vec<Condition>),
    /// Any of them; none is false.
    Any(Vec<Condition>),
    /// Not this one.
    Not(Box<Condition>),
    /// A comparison.
    Is(Column, Compare, Value),
    /// One of these values.
    In(Column, Vec<Value>),
    /// The text contains this one; both are folded already.
    Contains(Column, String),
    /// The text starts with this one; both are folded already.
    StartsWith(Column, String),
    /// The column holds comma-joined words, and this is one of them.
    HasWord(Column, String),
    /// The column has no value.
    IsNull(Column),
    /// At least one of the objects that belong to this one satisfies the condition.
    Related(Relation, Box<Condition>),
}

impl Condition {
    /// What every object satisfies.
    pub const TRUE: Self = Self::All(Vec::new());
    /// What no object satisfies.
    pub const FALSE: Self = Self::Any(Vec::new());

    /// Equality with a number.
    pub fn int(column: Column, value: impl Into<i64>) -> Self {
        Self::Is(column, Compare::Equal, Value::Int(value.into()))
    }

    /// Equality with a text.
    pub fn text(column: Column, value: impl Into<String>) -> Self {
        Self::Is(column, Compare::Equal, Value::Text(value.into()))
    }

    /// This one and another one.
    #[must_use]
    pub fn and(self, other: Self) -> Self {
        match self {
            Self::All(mut all) => {
                all.push(other);
                Self::All(all)
            }
            first => Self::All(vec![first, other]),
        }
    }

    /// This one or another one.
    #[must_use]
    pub fn or(self, other: Self) -> Self {
        match self {
            Self::Any(mut any) => {
                any.push(other);
                Self::Any(any)
            }
            first => Self::Any(vec![first, other]),
        }
    }

    /// One of these numbers.
    pub fn ints(column: Column, values: impl IntoIterator<Item = i64>) -> Self {
        Self::In(column, values.into_iter().map(Value::Int).collect())
    }

    /// One of these texts.
    pub fn texts<T: Into<String>>(column: Column, values: impl IntoIterator<Item = T>) -> Self {
        Self::In(column, values.into_iter().map(|text| Value::Text(text.into())).collect())
    }

    /// At least one of the objects that belong to this one satisfies the condition.
    #[must_use]
    pub fn related(relation: Relation, condition: Self) -> Self {
        Self::Related(relation, Box::new(condition))
    }

    /// The opposite.
    #[must_use]
    pub fn negated(self) -> Self {
        Self::Not(Box::new(self))
    }

    /// Whether it says by its form what the answer is, for every object.
    #[must_use]
    pub fn constant(&self) -> Option<bool> {
        let known = |conditions: &[Self], decisive: bool| {
            let mut each = conditions.iter().map(Self::constant);
            if conditions.iter().any(|condition| condition.constant() == Some(decisive)) {
                return Some(decisive);
            }
            each.all(|known| known == Some(!decisive)).then_some(!decisive)
        };
        match self {
            Self::All(all) => known(all, false),
            Self::Any(any) => known(any, true),
            Self::Not(condition) => condition.constant().map(|known| !known),
            Self::In(_, values) if values.is_empty() => Some(false),
            Self::Is(..)
            | Self::In(..)
            | Self::Contains(..)
            | Self::StartsWith(..)
            | Self::HasWord(..)
            | Self::IsNull(_)
            | Self::Related(..) => None,
        }
    }

    /// Whether nothing else of an object decides than what is in these columns, and whether there is anything in those.
    #[must_use]
    pub fn looks_only_at(&self, values: &[Column], presence: &[Column]) -> bool {
        match self {
            Self::All(several) | Self::Any(several) => several.iter().all(|one| one.looks_only_at(values, presence)),
            Self::Not(condition) => condition.looks_only_at(values, presence),
            Self::IsNull(column) => values.contains(column) || presence.contains(column),
            Self::Is(column, ..)
            | Self::In(column, _)
            | Self::Contains(column, _)
            | Self::StartsWith(column, _)
            | Self::HasWord(column, _) => values.contains(column),
            Self::Related(..) => false,
        }
    }

    /// Whether an object satisfies the condition.
    #[must_use]
    pub fn holds(&self, object: &dyn Facts) -> bool {
        let text = |column: &Column| match object.value(column) {
            Some(Value::Text(text)) => Some(text),
            Some(Value::Int(_)) | None => None,
        };
        match self {
            Self::All(all) => all.iter().all(|condition| condition.holds(object)),
            Self::Any(any) => any.iter().any(|condition| condition.holds(object)),
            Self::Not(condition) => !condition.holds(object),
            Self::Is(column, compare, value) => object.value(column).is_some_and(|stored| match compare {
                Compare::Equal => stored == *value,
                Compare::AtMost => stored <= *value,
                Compare::AtLeast => stored >= *value,
                Compare::Above => stored > *value,
                Compare::Below => stored < *value,
            }),
            Self::In(column, values) => object.value(column).is_some_and(|stored| values.contains(&stored)),
            Self::Contains(column, part) => text(column).is_some_and(|stored| stored.contains(part.as_str())),
            Self::StartsWith(column, start) => text(column).is_some_and(|stored| stored.starts_with(start.as_str())),
            Self::HasWord(column, word) => {
                text(column).is_some_and(|stored| stored.split(',').any(|stored| stored.trim() == word))
            }
            Self::IsNull(column) => object.value(column).is_none(),
            Self::Related(relation, condition) => {
                object.related(relation).into_iter().any(|related| condition.holds(related))
            }
        }
    }
}

/// A text as case-insensitive comparisons see it.
#[must_use]
pub fn fold(text: &str) -> String {
    text.to_lowercase()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_missing_value_satisfies_no_comparison() {
        let object = BTreeMap::from([("name", Value::Text("anna".into())), ("age", Value::Int(7))]);
        assert!(Condition::TRUE.holds(&object) && !Condition::FALSE.holds(&object));
        assert!(Condition::text("name", "anna").and(Condition::int("age", 7)).holds(&object));
        assert!(Condition::IsNull("email").holds(&object));
        assert!(!Condition::Is("email", Compare::AtMost, Value::Text("z".into())).holds(&object));
        assert!(Condition::Not(Box::new(Condition::text("email", ""))).holds(&object));
        assert!(Condition::StartsWith("name", "an".into()).holds(&object));
        assert!(Condition::Contains("name", "nn".into()).holds(&object));
        assert!(Condition::HasWord("name", "anna".into()).holds(&object));
        assert!(!Condition::HasWord("name", "ann".into()).holds(&object));
        assert!(Condition::In("age", vec![Value::Int(1), Value::Int(7)]).holds(&object));
    }

    #[test]
    fn comparisons_are_what_they_are_called() {
        let object = BTreeMap::from([("age", Value::Int(7))]);
        for (compare, six, seven, eight) in [
            (Compare::Equal, false, true, false),
            (Compare::AtMost, false, true, true),
            (Compare::AtLeast, true, true, false),
            (Compare::Above, true, false, false),
            (Compare::Below, false, false, true),
        ] {
            let with = |number| Condition::Is("age", compare, Value::Int(number)).holds(&object);
            assert_eq!((with(6), with(7), with(8)), (six, seven, eight), "{compare:?}");
        }
        assert_eq!(fold("ÄnNa"), "änna");
    }

    #[test]
    fn what_a_condition_looks_at_is_known() {
        let of = |values: &[Column], presence: &[Column]| {
            let name = Condition::StartsWith("name", "a".into()).or(Condition::HasWord("tags", "b".into()));
            let age = Condition::ints("age", [7]).and(Condition::Contains("nick", "c".into()));
            let all = Condition::Not(Box::new(name)).and(age).and(Condition::IsNull("email"));
            all.and(Condition::int("kind", 1)).looks_only_at(values, presence)
        };
        let columns = ["name", "tags", "age", "nick", "kind"];
        assert!(of(&columns, &["email"]) && of(&[&columns[..], &["email", "other"]].concat(), &[]));
        for missing in 0..columns.len() {
            let mut columns = columns.to_vec();
            let missing = columns.remove(missing);
            assert!(!of(&columns, &["email", missing]), "{missing}");
        }
        assert!(!of(&columns, &[]));
        assert!(Condition::TRUE.looks_only_at(&[], &[]) && Condition::FALSE.looks_only_at(&[], &[]));
        let elsewhere = Relation { table: "other", inner: "age", outer: "age", few: false };
        assert!(!Condition::related(elsewhere, Condition::int("age", 7)).looks_only_at(&["age"], &["age"]));
    }

    #[test]
    fn some_conditions_need_no_object() {
        let open = Condition::int("age", 7);
        let none = Condition::ints("age", []);
        assert_eq!(
            (open.constant(), Condition::ints("age", [7]).constant(), none.constant()),
            (None, None, Some(false))
        );
        assert_eq!(none.clone().or(Condition::FALSE).constant(), Some(false));
        assert_eq!(none.clone().or(open.clone()).constant(), None);
        assert_eq!(open.clone().or(none.clone().negated()).constant(), Some(true));
        assert_eq!(open.clone().and(none).constant(), Some(false));
        assert_eq!(open.and(Condition::TRUE).constant(), None);
        assert_eq!(Condition::TRUE.and(Condition::TRUE).constant(), Some(true));
    }
}
