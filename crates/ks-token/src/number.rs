//! Numbers as tokens spell them: strictly.

/// Reads `0` or `-?[1-9][0-9]*`, within 64 bits; anything else is `None`.
pub(crate) fn strict_i64(text: &[u8]) -> Option<i64> {
    let (negative, digits) = match text {
        [b'-', digits @ ..] => (true, digits),
        digits => (false, digits),
    };
    match digits {
        [b'0'] if !negative => return Some(0),
        [b'1'..=b'9', ..] => {}
        _ => return None,
    }
    // Up to 18 digits cannot overflow, so only longer ones are counted with care.
    let (head, tail) = digits.split_at(digits.len().min(18));
    let mut number: i64 = 0;
    for &digit in head {
        number = number * 10 - i64::from(value(digit)?);
    }
    // Counting downwards, so that the smallest number fits too.
    for &digit in tail {
        number = number.checked_mul(10)?.checked_sub(i64::from(value(digit)?))?;
    }
    if negative { Some(number) } else { number.checked_neg() }
}

fn value(digit: u8) -> Option<u8> {
    digit.is_ascii_digit().then(|| digit - b'0')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn strict_numbers() {
        for number in [0, 1, -1, 9, 10, i64::MAX, i64::MIN, 4_102_444_800, 10_i64.pow(18), -(10_i64.pow(18)) + 1] {
            assert_eq!(strict_i64(number.to_string().as_bytes()), Some(number));
        }
        for text in ["", "-", "-0", "01", "+1", "1e3", "1.5", " 1", "9223372036854775808", "-9223372036854775809"] {
            assert_eq!(strict_i64(text.as_bytes()), None, "{text}");
        }
    }
}
