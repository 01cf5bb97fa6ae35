//! Numbers as text, the way the protocol's reference language writes and compares them.

use std::borrow::Cow;
use std::io::Write;

use ks_schema::{Number, Tree};

/// How many digits a float gets, and how its exponent is spelled.
#[derive(Clone, Copy)]
pub(crate) enum FloatStyle {
    /// As few digits as read back the same; `1.0e+25`.
    Json,
    /// As few digits as read back the same; `1.0E+25`.
    Php,
    /// At most 14 digits; `1.0E+25`. What a float becomes as text.
    Text,
}

impl FloatStyle {
    /// Above this many digits before the point, the exponent form is used.
    const fn most_digits(self) -> usize {
        match self {
            Self::Json | Self::Php => 17,
            Self::Text => 14,
        }
    }

    const fn exponent_mark(self) -> u8 {
        match self {
            Self::Json => b'e',
            Self::Php | Self::Text => b'E',
        }
    }
}

/// Writes a float by the rules of the wire formats: whole numbers without a point, the exponent form
/// from 10^17 (text: 10^14) up and below 10^-4, and then always a point in the mantissa.
pub(crate) fn write_float(out: &mut Vec<u8>, value: f64, style: FloatStyle) {
    if !value.is_finite() {
        let word: &[u8] = match style {
            // JSON has no word for these.
            FloatStyle::Json => b"null",
            FloatStyle::Php | FloatStyle::Text if value.is_nan() => b"NAN",
            FloatStyle::Php | FloatStyle::Text if value > 0.0 => b"INF",
            FloatStyle::Php | FloatStyle::Text => b"-INF",
        };
        out.extend_from_slice(word);
        return;
    }
    if value.is_sign_negative() {
        out.push(b'-');
    }
    let mut buffer = [0_u8; 40];
    let (digits, exponent) = decimal(value.abs(), style, &mut buffer);
    write_digits(out, digits, exponent, style);
}

/// Significant digits without trailing zeros, packed at the front of `buffer`, and the power of ten of the
/// first one.
fn decimal(value: f64, style: FloatStyle, buffer: &mut [u8; 40]) -> (&[u8], i32) {
    let mut rest = &mut buffer[..];
    let written = match style {
        FloatStyle::Json | FloatStyle::Php => write!(rest, "{value:e}"),
        FloatStyle::Text => write!(rest, "{value:.13e}"),
    };
    debug_assert!(written.is_ok(), "17 digits, a point and an exponent fit 40 bytes");
    let left = rest.len();
    let end = buffer.len() - left;
    let mark = buffer[..end].iter().position(|byte| *byte == b'e').unwrap_or(end);
    let exponent =
        std::str::from_utf8(&buffer[(mark + 1).min(end)..end]).ok().and_then(|text| text.parse().ok()).unwrap_or(0);
    let mut length = mark;
    if mark > 1 {
        buffer.copy_within(2..mark, 1);
        length -= 1;
    }
    while length > 1 && buffer[length - 1] == b'0' {
        length -= 1;
    }
    (&buffer[..length], exponent)
}

fn write_digits(out: &mut Vec<u8>, digits: &[u8], exponent: i32, style: FloatStyle) {
    // The count of digits before the point in plain notation; negative for 0.0001 and below.
    let point = i64::from(exponent) + 1;
    let (first, others) = digits.split_at(1);
    let plain = usize::try_from(point);
    if point < -3 || plain.is_ok_and(|before| before > style.most_digits()) {
        out.extend_from_slice(first);
        out.push(b'.');
        out.extend_from_slice(if others.is_empty() { b"0" } else { others });
        out.push(style.exponent_mark());
        out.push(if exponent < 0 { b'-' } else { b'+' });
        out.extend_from_slice(itoa::Buffer::new().format(exponent.unsigned_abs()).as_bytes());
        return;
    }
    match plain {
        Ok(0) | Err(_) => {
            out.extend_from_slice(b"0.");
            out.extend(std::iter::repeat_n(b'0', usize::try_from(-point).unwrap_or(0)));
            out.extend_from_slice(digits);
        }
        Ok(before) if before >= digits.len() => {
            out.extend_from_slice(digits);
            out.extend(std::iter::repeat_n(b'0', before - digits.len()));
        }
        Ok(before) => {
            out.extend_from_slice(&digits[..before]);
            out.push(b'.');
            out.extend_from_slice(&digits[before..]);
        }
    }
}

/// The text of a float, as it stands in XML and in resolved references.
pub(crate) fn float_text(value: f64) -> String {
    let mut out = Vec::with_capacity(20);
    write_float(&mut out, value, FloatStyle::Text);
    String::from_utf8(out).unwrap_or_default()
}

/// The text of a simple value; `None` for lists, maps and files.
pub(crate) fn scalar_text(value: &Tree) -> Option<Cow<'_, str>> {
    match value {
        Tree::Text(text) => Some(Cow::Borrowed(text)),
        Tree::Null | Tree::Bool(false) => Some(Cow::Borrowed("")),
        Tree::Bool(true) => Some(Cow::Borrowed("1")),
        Tree::Number(Number::Int(number)) => Some(Cow::Owned(itoa::Buffer::new().format(*number).to_owned())),
        Tree::Number(Number::Float(number)) => Some(Cow::Owned(float_text(*number))),
        Tree::List(_) | Tree::Map(_) | Tree::File(_) => None,
    }
}

/// The value of a text that is a number from end to end, white space around it aside.
pub(crate) fn loose_number(text: &str) -> Option<f64> {
    let text = text.trim_matches([' ', '\t', '\n', '\r', '\x0b', '\x0c']);
    // Rust also reads `inf` and `nan`, which are words here.
    let numeric = text.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'+' | b'-' | b'.' | b'e' | b'E'));
    if numeric { text.parse().ok() } else { None }
}

/// The value of a canonical decimal integer (`0`, `-?[1-9][0-9]*` within 64 bits), the only texts that the
/// reference language takes for integer keys.
pub(crate) fn canonical_int(key: &str) -> Option<i64> {
    let digits = key.strip_prefix('-').unwrap_or(key);
    let canonical = match digits.as_bytes() {
        [b'0'] => digits.len() == key.len(),
        [b'1'..=b'9', rest @ ..] => rest.len() < 19 && rest.iter().all(u8::is_ascii_digit),
        _ => false,
    };
    if canonical { key.parse().ok() } else { None }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(value: f64, style: FloatStyle) -> String {
        let mut out = Vec::new();
        write_float(&mut out, value, style);
        String::from_utf8(out).unwrap()
    }

    /// Columns as PHP 8.2 printed them: `json_encode`, `serialize`, and conversion to text.
    const TABLE: &[(f64, &str, &str, &str)] = &[
        (0.0, "0", "0", "0"),
        (-0.0, "-0", "-0", "-0"),
        (10.0, "10", "10", "10"),
        (1e16, "10000000000000000", "10000000000000000", "1.0E+16"),
        (1e17, "1.0e+17", "1.0E+17", "1.0E+17"),
        (1.5, "1.5", "1.5", "1.5"),
        (0.1 + 0.2, "0.30000000000000004", "0.30000000000000004", "0.3"),
        (1e-4, "0.0001", "0.0001", "0.0001"),
        (1e-5, "1.0e-5", "1.0E-5", "1.0E-5"),
        (1.23e-5, "1.23e-5", "1.23E-5", "1.23E-5"),
        (1e25, "1.0e+25", "1.0E+25", "1.0E+25"),
        (123_456_789_012_345_680.0, "1.2345678901234568e+17", "1.2345678901234568E+17", "1.2345678901235E+17"),
        (1e14, "100000000000000", "100000000000000", "1.0E+14"),
        (1e13, "10000000000000", "10000000000000", "10000000000000"),
        (99_999_999_999_999.9, "99999999999999.9", "99999999999999.9", "1.0E+14"),
        (1.5e-7, "1.5e-7", "1.5E-7", "1.5E-7"),
        (2.288_818_359_375e-5, "2.288818359375e-5", "2.288818359375E-5", "2.288818359375E-5"),
        (-1e100, "-1.0e+100", "-1.0E+100", "-1.0E+100"),
        (1.0 / 3.0, "0.3333333333333333", "0.3333333333333333", "0.33333333333333"),
        (5e-324, "5.0e-324", "5.0E-324", "4.9406564584125E-324"),
        (f64::MAX, "1.7976931348623157e+308", "1.7976931348623157E+308", "1.7976931348623E+308"),
        (12_345_678_901_234_568.0, "12345678901234568", "12345678901234568", "1.2345678901235E+16"),
    ];

    #[test]
    fn floats_are_written_as_the_reference_language_does() {
        for (value, json, php, plain) in TABLE {
            assert_eq!(text(*value, FloatStyle::Json), *json);
            assert_eq!(text(*value, FloatStyle::Php), *php);
            assert_eq!(text(*value, FloatStyle::Text), *plain);
        }
        assert_eq!(text(f64::NAN, FloatStyle::Json), "null");
        assert_eq!(text(f64::INFINITY, FloatStyle::Php), "INF");
        assert_eq!(text(f64::NEG_INFINITY, FloatStyle::Text), "-INF");
        assert_eq!(text(f64::NAN, FloatStyle::Text), "NAN");
    }

    #[test]
    fn only_canonical_integers_are_integer_keys() {
        for (key, value) in
            [("0", 0), ("1", 1), ("-5", -5), ("9223372036854775807", i64::MAX), ("-9223372036854775808", i64::MIN)]
        {
            assert_eq!(canonical_int(key), Some(value));
        }
        for key in ["", "-", "01", "-0", "+1", "1.0", " 1", "9223372036854775808", "-9223372036854775809", "x", "１"] {
            assert_eq!(canonical_int(key), None, "{key}");
        }
    }
}
