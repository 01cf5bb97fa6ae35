//! Numbers as tokens spell them: strict on the way in, exact on the way out.

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
    let mut number: i64 = 0;
    for &digit in digits {
        if !digit.is_ascii_digit() {
            return None;
        }
        // Counting downwards, so that the smallest number fits too.
        number = number.checked_mul(10)?.checked_sub(i64::from(digit - b'0'))?;
    }
    if negative { Some(number) } else { number.checked_neg() }
}

/// Appends the decimal spelling of a number.
pub(crate) fn push_i64(out: &mut Vec<u8>, number: i64) {
    let mut digits = [0u8; 20];
    let mut at = digits.len();
    let mut rest = number.unsigned_abs();
    loop {
        at -= 1;
        // A remainder of ten fits a byte; reading its lowest byte says so without a cast.
        digits[at] = b'0' + (rest % 10).to_le_bytes()[0];
        rest /= 10;
        if rest == 0 {
            break;
        }
    }
    if number < 0 {
        out.push(b'-');
    }
    out.extend_from_slice(&digits[at..]);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn strict_numbers() {
        for number in [0, 1, -1, 9, 10, i64::MAX, i64::MIN, 4_102_444_800] {
            assert_eq!(strict_i64(number.to_string().as_bytes()), Some(number));
            let mut text = Vec::new();
            push_i64(&mut text, number);
            assert_eq!(text, number.to_string().into_bytes());
        }
        for text in ["", "-", "-0", "01", "+1", "1e3", "1.5", " 1", "9223372036854775808", "-9223372036854775809"] {
            assert_eq!(strict_i64(text.as_bytes()), None, "{text}");
        }
    }
}
