//! From a tree to typed arguments: the casting rules of the protocol.
//!
//! The rules are those that clients in the field rely on: a scalar is never refused for its type
//! (`"12abc"` is 12, `"True"` is true), an enum value is, unknown names are ignored, and the first
//! faulty parameter in declaration order decides the error.

use std::sync::Arc;

use smol_str::{SmolStr, ToSmolStr as _};

use crate::describe::{ClassInfo, EnumInfo, Limits};
use crate::{ApiError, Field, Map, Number, Tree, Upload};

/// Time properties with an absolute value up to this many seconds (ten years) count from now.
pub const RELATIVE_TIME_LIMIT: i64 = 315_360_000;

/// The time that stands for none: it takes a date away, and counts from nowhere.
pub const NO_TIME: i64 = -1;

/// What reading needs to know of the call.
#[derive(Debug, Clone, Copy)]
pub struct ReadContext {
    /// Unix seconds from which relative times count: now, or what the KS privilege `reftime` says.
    pub time_base: i64,
}

/// A class whose objects can be read from a request.
pub trait ReadObject: Sized {
    /// The declared class.
    fn class() -> &'static ClassInfo;

    /// Reads an object of this class, or of the class below it that the request names.
    ///
    /// # Errors
    /// The first fault found, in declaration order.
    fn read_object(map: &mut Map, context: &ReadContext) -> Result<Self, ApiError>;
}

impl<T: ReadObject> ReadObject for Box<T> {
    fn class() -> &'static ClassInfo {
        T::class()
    }

    fn read_object(map: &mut Map, context: &ReadContext) -> Result<Self, ApiError> {
        T::read_object(map, context).map(Box::new)
    }
}

/// An enum whose values can be read from a request.
pub trait ReadEnum: Sized {
    /// The declared enum.
    fn info() -> &'static EnumInfo;

    /// The member that this value means, if it means one.
    fn from_tree(value: &Tree) -> Option<Self>;
}

/// Reads the parameters of one action, or the properties of one object, by name.
pub struct Reader<'a> {
    map: &'a mut Map,
    context: &'a ReadContext,
}

impl<'a> Reader<'a> {
    /// A reader of these names. What it reads, it takes out.
    pub fn new(map: &'a mut Map, context: &'a ReadContext) -> Self {
        Self { map, context }
    }

    fn take(&mut self, name: &str) -> Option<Tree> {
        self.map.get_mut(name).map(|tree| std::mem::replace(tree, Tree::Null))
    }

    // Parameters: an absent one has a default or is an error.

    /// A parameter of a simple type; `None` when it was not sent.
    ///
    /// # Errors
    /// `INVALID_PARAMETER_CHAR` for text that XML cannot carry.
    pub fn param<T: Scalar>(&mut self, name: &str) -> Result<Option<T>, ApiError> {
        self.take(name).map(|tree| T::cast(tree, name)).transpose()
    }

    /// A time parameter, made absolute.
    ///
    /// # Errors
    /// None of its own; it is fallible like its siblings.
    pub fn param_time(&mut self, name: &str) -> Result<Option<i64>, ApiError> {
        Ok(self.take(name).map(|tree| absolute_time(cast_int(&tree), self.context)))
    }

    /// A member of an enum.
    ///
    /// # Errors
    /// `INVALID_ENUM_VALUE` for anything else.
    pub fn param_enum<E: ReadEnum>(&mut self, name: &str) -> Result<Option<E>, ApiError> {
        self.take(name).map(|tree| read_enum(&tree, name)).transpose()
    }

    /// An object. `null` counts as not sent.
    ///
    /// # Errors
    /// `PROPERTY_VALIDATION_WRONG_FORMAT` for a scalar, and whatever the object's own parts raise.
    pub fn param_object<T: ReadObject>(&mut self, name: &str) -> Result<Option<T>, ApiError> {
        match self.take(name) {
            None | Some(Tree::Null) => Ok(None),
            Some(tree) => match into_object_map(tree) {
                Some(mut map) => T::read_object(&mut map, self.context).map(Some),
                None => Err(ApiError::property_validation_wrong_format(name, "array")),
            },
        }
    }

    /// An array of objects. It is never missing: whatever is not an array is an empty one.
    ///
    /// # Errors
    /// Whatever the items raise.
    pub fn param_array<T: ReadObject>(&mut self, name: &str) -> Result<Vec<T>, ApiError> {
        self.take(name).map_or_else(|| Ok(Vec::new()), |tree| read_array(tree, self.context))
    }

    /// An uploaded file.
    ///
    /// # Errors
    /// `UPLOAD_ERROR` when something else was sent under that name.
    pub fn param_file(&mut self, name: &str) -> Result<Option<Arc<Upload>>, ApiError> {
        match self.take(name) {
            None => Ok(None),
            Some(Tree::File(file)) => Ok(Some(file)),
            Some(_) => Err(ApiError::upload_error()),
        }
    }

    // Properties: absent, cleared by `name__null`, or set.

    fn null_marker(&self, name: &str) -> bool {
        // Building the marker's name allocates, so look first whether any marker is there at all.
        self.map.keys().any(|key| key.strip_suffix("__null") == Some(name))
    }

    fn property<T>(
        &mut self,
        name: &str,
        read: impl FnOnce(Tree, &ReadContext) -> Result<Field<T>, ApiError>,
    ) -> Result<Field<T>, ApiError> {
        if self.null_marker(name) {
            return Ok(Field::Null);
        }
        match self.take(name) {
            None => Ok(Field::Absent),
            Some(tree) => read(tree, self.context),
        }
    }

    /// A property of a simple type, within its bounds.
    ///
    /// # Errors
    /// `INVALID_PARAMETER_CHAR`, or the bound that it breaks.
    pub fn prop<T: Scalar>(&mut self, name: &str, limits: &Limits) -> Result<Field<T>, ApiError> {
        self.property(name, |tree, _| {
            let value = T::cast(tree, name)?;
            value.check(name, limits)?;
            Ok(Field::Set(value))
        })
    }

    /// A time property, made absolute.
    ///
    /// # Errors
    /// None of its own; it is fallible like its siblings.
    pub fn prop_time(&mut self, name: &str) -> Result<Field<i64>, ApiError> {
        self.property(name, |tree, context| Ok(Field::Set(absolute_time(cast_int(&tree), context))))
    }

    /// A member of an enum.
    ///
    /// # Errors
    /// `INVALID_ENUM_VALUE` for anything else.
    pub fn prop_enum<E: ReadEnum>(&mut self, name: &str) -> Result<Field<E>, ApiError> {
        self.property(name, |tree, _| read_enum(&tree, name).map(Field::Set))
    }

    /// An object; a scalar or `null` in its place is ignored.
    ///
    /// # Errors
    /// Whatever the object's own parts raise.
    pub fn prop_object<T: ReadObject>(&mut self, name: &str) -> Result<Field<T>, ApiError> {
        self.property(name, |tree, context| match into_object_map(tree) {
            None => Ok(Field::Absent),
            Some(mut map) => T::read_object(&mut map, context).map(Field::Set),
        })
    }

    /// An array of objects; a scalar or `null` in its place is ignored, and so is `name__null`.
    ///
    /// # Errors
    /// Whatever the items raise.
    pub fn prop_array<T: ReadObject>(&mut self, name: &str) -> Result<Field<Vec<T>>, ApiError> {
        match self.take(name) {
            Some(tree @ (Tree::List(_) | Tree::Map(_))) => read_array(tree, self.context).map(Field::Set),
            _ => Ok(Field::Absent),
        }
    }

    /// Objects by name; a scalar or `null` in its place is ignored.
    ///
    /// # Errors
    /// Whatever the items raise.
    pub fn prop_map<T: ReadObject>(&mut self, name: &str) -> Result<Field<indexmap::IndexMap<String, T>>, ApiError> {
        let Some(Tree::Map(map)) = self.take(name) else { return Ok(Field::Absent) };
        let mut out = indexmap::IndexMap::new();
        for (key, tree) in map {
            if let Some(mut map) = into_object_map(tree) {
                out.insert(key.into(), T::read_object(&mut map, self.context)?);
            }
        }
        Ok(Field::Set(out))
    }
}

/// The class that `objectType` names, if it is `declared` or below it; otherwise `declared`.
///
/// `known` are the classes below `declared`. Unknown and unrelated names are ignored, as the protocol
/// has it; the comparison ignores case.
#[must_use]
pub fn effective_class(map: &Map, declared: &'static ClassInfo, known: &[&'static ClassInfo]) -> &'static ClassInfo {
    let Some(Tree::Text(name)) = map.get("objectType") else { return declared };
    known.iter().find(|class| class.name.eq_ignore_ascii_case(name)).copied().unwrap_or(declared)
}

/// A JSON array given where an object is expected is a map with numeric names, as in PHP.
fn into_object_map(tree: Tree) -> Option<Map> {
    match tree {
        Tree::Map(map) => Some(map),
        Tree::List(items) => {
            Some(items.into_iter().enumerate().map(|(index, item)| (index.to_smolstr(), item)).collect())
        }
        Tree::Null | Tree::Bool(_) | Tree::Number(_) | Tree::Text(_) | Tree::File(_) => None,
    }
}

fn read_array<T: ReadObject>(tree: Tree, context: &ReadContext) -> Result<Vec<T>, ApiError> {
    let items: Vec<Tree> = match tree {
        Tree::List(items) => items,
        Tree::Map(map) => {
            // Items are taken in the order of their numbers; names that are no numbers keep their place.
            let mut items: Vec<(SmolStr, Tree)> = map.into_iter().take_while(|(key, _)| key != "-").collect();
            items.sort_by_key(|(key, _)| key.parse::<u64>().unwrap_or(u64::MAX));
            items.into_iter().map(|(_, item)| item).collect()
        }
        Tree::Null | Tree::Bool(_) | Tree::Number(_) | Tree::Text(_) | Tree::File(_) => return Ok(Vec::new()),
    };
    // A scalar in the place of an item is how C# spells "no items": `[""]`.
    items.into_iter().filter_map(into_object_map).map(|mut map| T::read_object(&mut map, context)).collect()
}

fn read_enum<E: ReadEnum>(tree: &Tree, name: &str) -> Result<E, ApiError> {
    E::from_tree(tree).ok_or_else(|| ApiError::invalid_enum_value(cast_text(tree), name, E::info().name))
}

fn absolute_time(value: i64, context: &ReadContext) -> i64 {
    if value != 0 && value != NO_TIME && value.checked_abs().is_some_and(|distance| distance <= RELATIVE_TIME_LIMIT) {
        context.time_base.saturating_add(value)
    } else {
        value
    }
}

/// The number that an int enum compares its members with: text `true` and `false` count as 1 and 0,
/// text must be numeric as a whole.
#[must_use]
pub fn enum_number(tree: &Tree) -> Option<i64> {
    match tree {
        Tree::Null | Tree::Bool(false) => Some(0),
        Tree::Bool(true) => Some(1),
        Tree::Number(Number::Int(value)) => Some(*value),
        Tree::Number(Number::Float(value)) => whole(*value),
        Tree::Text(text) if text.eq_ignore_ascii_case("true") => Some(1),
        Tree::Text(text) if text.eq_ignore_ascii_case("false") => Some(0),
        Tree::Text(text) => {
            let text = text.trim_matches([' ', '\t', '\n', '\r', '\x0b', '\x0c']);
            if text.is_empty() || number_prefix(text) != text.len() {
                return None;
            }
            text.parse::<i64>().ok().or_else(|| text.parse::<f64>().ok().and_then(whole))
        }
        Tree::List(_) | Tree::Map(_) | Tree::File(_) => None,
    }
}

fn whole(value: f64) -> Option<i64> {
    (value.fract() == 0.0 && value.abs() < 9.0e15).then(|| saturate(value))
}

/// Simple types.
pub trait Scalar: Sized {
    /// Makes a value of whatever was sent.
    ///
    /// # Errors
    /// `INVALID_PARAMETER_CHAR(name)` for text that XML cannot carry.
    fn cast(tree: Tree, name: &str) -> Result<Self, ApiError>;

    /// Checks declared bounds.
    ///
    /// # Errors
    /// The bound that the value breaks, with the bare property name.
    fn check(&self, _name: &str, _limits: &Limits) -> Result<(), ApiError> {
        Ok(())
    }
}

impl Scalar for i64 {
    fn cast(tree: Tree, _name: &str) -> Result<Self, ApiError> {
        Ok(cast_int(&tree))
    }

    fn check(&self, name: &str, limits: &Limits) -> Result<(), ApiError> {
        if let Some(min) = limits.min.filter(|min| self < min) {
            return Err(ApiError::property_validation_min_value(name, min));
        }
        match limits.max.filter(|max| self > max) {
            Some(max) => Err(ApiError::property_validation_max_value(name, max)),
            None => Ok(()),
        }
    }
}

impl Scalar for f64 {
    fn cast(tree: Tree, _name: &str) -> Result<Self, ApiError> {
        Ok(cast_float(&tree))
    }
}

impl Scalar for bool {
    fn cast(tree: Tree, _name: &str) -> Result<Self, ApiError> {
        Ok(cast_bool(&tree))
    }
}

impl Scalar for String {
    fn cast(tree: Tree, name: &str) -> Result<Self, ApiError> {
        let text = match tree {
            Tree::Text(text) => text,
            other => cast_text(&other),
        };
        // Nearly all text is plain, which is seen many bytes at a time.
        let is_plain = text.bytes().fold(true, |plain, byte| plain & matches!(byte, 0x20..=0x7f));
        if is_plain || text.chars().all(is_xml_char) { Ok(text) } else { Err(ApiError::invalid_parameter_char(name)) }
    }

    fn check(&self, name: &str, limits: &Limits) -> Result<(), ApiError> {
        if let Some(min) = limits.min_length.filter(|min| self.len() < *min) {
            return Err(ApiError::property_validation_min_length(name, min));
        }
        match limits.max_length.filter(|max| self.len() > *max) {
            Some(max) => Err(ApiError::property_validation_max_length(name, max)),
            None => Ok(()),
        }
    }
}

/// Whether XML 1.0 can carry this character.
#[must_use]
pub const fn is_xml_char(c: char) -> bool {
    matches!(c, '\t' | '\n' | '\r' | '\u{20}'..='\u{D7FF}' | '\u{E000}'..='\u{FFFD}' | '\u{10000}'..='\u{10FFFF}')
}

/// The whole number that the protocol reads from this value: the leading number of a text, cut towards
/// zero and kept within 64 bits.
#[must_use]
pub fn cast_int(tree: &Tree) -> i64 {
    match tree {
        Tree::Null | Tree::Bool(false) => 0,
        Tree::Bool(true) => 1,
        Tree::Number(Number::Int(value)) => *value,
        Tree::Number(Number::Float(value)) => saturate(*value),
        Tree::Text(text) => {
            let text = text.trim_start_matches([' ', '\t', '\n', '\r', '\x0b', '\x0c']);
            let number = &text[..number_prefix(text)];
            number.parse::<i64>().unwrap_or_else(|_| saturate(number.parse().unwrap_or(0.0)))
        }
        Tree::List(items) => i64::from(!items.is_empty()),
        Tree::Map(map) => i64::from(!map.is_empty()),
        Tree::File(_) => 0,
    }
}

/// The number with a fraction that the protocol reads from this value.
#[must_use]
pub fn cast_float(tree: &Tree) -> f64 {
    match tree {
        Tree::Number(Number::Float(value)) => *value,
        Tree::Text(text) => {
            let text = text.trim_start_matches([' ', '\t', '\n', '\r', '\x0b', '\x0c']);
            text[..number_prefix(text)].parse().unwrap_or(0.0)
        }
        #[expect(clippy::cast_precision_loss, reason = "a double is what the protocol asks for")]
        other => cast_int(other) as f64,
    }
}

/// The truth value that the protocol reads from this value: only `false` (in any case), the empty
/// text, `0` and null are false; `0.0` and `no` are true.
#[must_use]
pub fn cast_bool(tree: &Tree) -> bool {
    match tree {
        Tree::Null => false,
        Tree::Bool(value) => *value,
        Tree::Number(Number::Int(value)) => *value != 0,
        Tree::Number(Number::Float(value)) => *value != 0.0,
        Tree::Text(text) => !(text.is_empty() || text == "0" || text.eq_ignore_ascii_case("false")),
        Tree::List(items) => !items.is_empty(),
        Tree::Map(map) => !map.is_empty(),
        Tree::File(_) => true,
    }
}

/// The text that the protocol reads from this value.
#[must_use]
pub fn cast_text(tree: &Tree) -> String {
    match tree {
        Tree::Null | Tree::Bool(false) => String::new(),
        Tree::Bool(true) => "1".to_owned(),
        Tree::Number(Number::Int(value)) => value.to_string(),
        Tree::Number(Number::Float(value)) => match whole(*value) {
            Some(value) => value.to_string(),
            None => ryu::Buffer::new().format(*value).to_owned(),
        },
        Tree::Text(text) => text.clone(),
        Tree::List(_) | Tree::Map(_) => "Array".to_owned(),
        Tree::File(file) => file.file_name.clone(),
    }
}

/// The length of the decimal number with which a text begins: sign, digits, point, exponent.
fn number_prefix(text: &str) -> usize {
    let bytes = text.as_bytes();
    let digits = |from: usize| bytes[from..].iter().take_while(|byte| byte.is_ascii_digit()).count();
    let mut at = usize::from(matches!(bytes.first(), Some(b'+' | b'-')));
    let whole = digits(at);
    at += whole;
    let mut fraction = 0;
    if bytes.get(at) == Some(&b'.') {
        fraction = digits(at + 1);
        if whole + fraction > 0 {
            at += 1 + fraction;
        }
    }
    if whole + fraction == 0 {
        return 0;
    }
    if matches!(bytes.get(at), Some(b'e' | b'E')) {
        let sign = usize::from(matches!(bytes.get(at + 1), Some(b'+' | b'-')));
        let exponent = digits(at + 1 + sign);
        if exponent > 0 {
            at += 1 + sign + exponent;
        }
    }
    at
}

/// A double cut towards zero and kept within 64 bits; not-a-number is 0.
fn saturate(value: f64) -> i64 {
    #[expect(clippy::cast_possible_truncation, reason = "`as` saturates, which is the protocol's rule")]
    let cut = value as i64;
    cut
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whole_numbers_are_read_as_the_protocol_does() {
        for (text, expected) in [
            ("12abc", 12),
            (" 12", 12),
            ("1.9", 1),
            ("-1.9", -1),
            ("0x1A", 0),
            ("abc", 0),
            ("", 0),
            ("1e3", 1000),
            (".5", 0),
            ("-", 0),
            ("9223372036854775807", i64::MAX),
            ("99999999999999999999", i64::MAX),
            ("-99999999999999999999", i64::MIN),
        ] {
            assert_eq!(cast_int(&Tree::text(text)), expected, "{text:?}");
        }
        assert_eq!(cast_int(&Tree::Bool(true)), 1);
        assert_eq!(cast_int(&Tree::Null), 0);
    }

    #[test]
    fn truth_is_read_as_the_protocol_does() {
        for text in ["", "0", "false", "FALSE", "False"] {
            assert!(!cast_bool(&Tree::text(text)), "{text:?}");
        }
        for text in ["0.0", "no", "True", "1", " "] {
            assert!(cast_bool(&Tree::text(text)), "{text:?}");
        }
    }

    #[test]
    fn enum_members_compare_as_whole_numbers() {
        assert_eq!(enum_number(&Tree::text("1.0")), Some(1));
        assert_eq!(enum_number(&Tree::text("1abc")), None);
        assert_eq!(enum_number(&Tree::text("")), None);
        assert_eq!(enum_number(&Tree::text("tRue")), Some(1));
        assert_eq!(enum_number(&Tree::Number(Number::Float(2.0))), Some(2));
    }

    #[test]
    fn small_times_count_from_now() {
        let context = ReadContext { time_base: 1_800_000_000 };
        assert_eq!(absolute_time(0, &context), 0);
        assert_eq!(absolute_time(NO_TIME, &context), NO_TIME);
        assert_eq!(absolute_time(-60, &context), 1_799_999_940);
        assert_eq!(absolute_time(RELATIVE_TIME_LIMIT, &context), 2_115_360_000);
        assert_eq!(absolute_time(RELATIVE_TIME_LIMIT + 1, &context), RELATIVE_TIME_LIMIT + 1);
        assert_eq!(absolute_time(i64::MIN, &context), i64::MIN);
    }
}
