//! The three states of a property in a request.

/// A property of an object: not mentioned, cleared on purpose, or given a value.
///
/// On the way in, "do not touch" (omitted) and "set to null" (`name__null`) are different wishes.
/// On the way out both are the absence of a value.
#[derive(Clone, Debug, Default, PartialEq)]
pub enum Field<T> {
    /// Not mentioned.
    #[default]
    Absent,
    /// Cleared by `name__null`.
    Null,
    /// Given.
    Set(T),
}

impl<T> Field<T> {
    /// The value, if one was given.
    pub fn get(&self) -> Option<&T> {
        match self {
            Self::Set(value) => Some(value),
            Self::Absent | Self::Null => None,
        }
    }

    /// The value, if one was given, by value.
    pub fn into_option(self) -> Option<T> {
        match self {
            Self::Set(value) => Some(value),
            Self::Absent | Self::Null => None,
        }
    }

    /// Whether the request said anything of this property.
    pub fn is_mentioned(&self) -> bool {
        !matches!(self, Self::Absent)
    }

    /// Applies this field to a stored value: untouched, cleared, or replaced.
    pub fn apply_to(self, stored: &mut Option<T>) {
        match self {
            Self::Absent => {}
            Self::Null => *stored = None,
            Self::Set(value) => *stored = Some(value),
        }
    }
}

impl<T> From<T> for Field<T> {
    fn from(value: T) -> Self {
        Self::Set(value)
    }
}

impl<T> From<Option<T>> for Field<T> {
    fn from(value: Option<T>) -> Self {
        value.map_or(Self::Absent, Self::Set)
    }
}
