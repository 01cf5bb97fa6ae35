//! The naive model: the format's description, word by word, without a thought for speed.

/// Privileges as an ordered list of names and values.
pub(crate) type Pairs = Vec<(String, String)>;

/// The items of a version 1 text: everything is kept.
pub(crate) fn v1_items(text: &str) -> Pairs {
    text.split(',').map(split_item).collect()
}

fn split_item(item: &str) -> (String, String) {
    let mut pieces = item.splitn(2, ':');
    (pieces.next().unwrap_or_default().to_owned(), pieces.next().unwrap_or_default().to_owned())
}

/// What a version 2 writer makes of a text.
pub(crate) fn v2_items(text: &str) -> Pairs {
    let mut pairs = Vec::new();
    for item in text.split(',') {
        let item = item.trim_matches(|c| " \t\n\r\0\u{b}".contains(c));
        if item.is_empty() || item == "0" {
            continue;
        }
        let (name, value) = split_item(if item == "*" { "all:*" } else { item });
        put(&mut pairs, name, value);
    }
    pairs
}

/// First place, last value.
fn put<N: PartialEq, V>(pairs: &mut Vec<(N, V)>, name: N, value: V) {
    match pairs.iter().position(|(earlier, _)| *earlier == name) {
        Some(place) => pairs[place].1 = value,
        None => pairs.push((name, value)),
    }
}

/// The text in which version 2's privileges are shown.
pub(crate) fn v2_text(pairs: &Pairs) -> String {
    let items =
        pairs.iter().map(|(name, value)| if value.is_empty() { name.clone() } else { format!("{name}:{value}") });
    let text = items.collect::<Vec<_>>().join(",");
    if text == "all:*" { "*".to_owned() } else { text }
}

/// The map form: parts of equal names together.
pub(crate) fn map(pairs: &Pairs) -> Vec<(String, Vec<String>)> {
    let mut map: Vec<(String, Vec<String>)> = Vec::new();
    for (name, value) in pairs {
        if !map.iter().any(|(earlier, _)| earlier == name) {
            map.push((name.clone(), Vec::new()));
        }
        if !value.is_empty() {
            let parts = &mut map.iter_mut().find(|(earlier, _)| earlier == name).expect("it was put there").1;
            parts.extend(value.split('/').map(str::to_owned));
        }
    }
    map
}

/// Whether a right is given, by whole names and whole parts.
pub(crate) fn gives(pairs: &Pairs, text: &str, name: &str, value: &str) -> bool {
    text == "*"
        || pairs.iter().any(|(other, values)| {
            let parts: Vec<&str> = if values.is_empty() { Vec::new() } else { values.split('/').collect() };
            other == name
                && (parts.first() == Some(&"*") || !value.is_empty() && (values == value || parts.contains(&value)))
        })
}

/// The fields of a version 2 token.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Fields {
    pub(crate) expiry: Option<i64>,
    pub(crate) session_type: Option<i32>,
    pub(crate) user_id: Option<String>,
    pub(crate) master_partner_id: Option<String>,
    pub(crate) additional_data: Option<String>,
    pub(crate) privileges: Pairs,
}

/// Reads a version 2 query; nothing when it must be refused.
pub(crate) fn v2_fields(query: &[u8]) -> Option<Fields> {
    let pieces: Vec<&[u8]> = query.split(|byte| *byte == b'&').filter(|piece| !piece.is_empty()).collect();
    if query.is_empty() || pieces.len() > 1000 {
        return None;
    }
    let mut reserved: Vec<(Vec<u8>, Vec<u8>)> = Vec::new();
    let mut privileges: Vec<(Vec<u8>, Vec<u8>)> = Vec::new();
    for piece in pieces {
        let mut halves = piece.splitn(2, |byte| *byte == b'=');
        let [name, value] = [(); 2].map(|()| unescape(halves.next().unwrap_or_default()));
        if [b"_e", b"_t", b"_u", b"_m", b"_d"].iter().any(|known| known[..] == name) {
            if reserved.iter().any(|(earlier, _)| *earlier == name) {
                return None;
            }
            reserved.push((name, value));
        } else if !name.is_empty() {
            if name.iter().any(|byte| byte.is_ascii_control() || b"[]".contains(byte)) {
                return None;
            }
            put(&mut privileges, name, value);
        }
    }
    let mut fields = Fields::default();
    for (name, value) in reserved {
        let value = String::from_utf8(value).ok();
        match &name[..] {
            b"_e" if value.as_deref() == Some("") => {}
            b"_e" => fields.expiry = Some(number(&value?)?),
            b"_t" => fields.session_type = Some(number(&value?)?.try_into().ok()?),
            b"_u" => fields.user_id = Some(value?),
            b"_m" => fields.master_partner_id = Some(value?),
            _ => fields.additional_data = Some(value?),
        }
    }
    for (name, value) in privileges {
        fields.privileges.push((String::from_utf8(name).ok()?, String::from_utf8(value).ok()?));
    }
    Some(fields)
}

/// A number that prints as it was read.
fn number(text: &str) -> Option<i64> {
    text.parse::<i64>().ok().filter(|number| number.to_string() == text)
}

fn unescape(text: &[u8]) -> Vec<u8> {
    let mut out = Vec::new();
    let mut at = 0;
    while at < text.len() {
        let digits = text.get(at + 1..at + 3).filter(|digits| digits.iter().all(u8::is_ascii_hexdigit));
        let byte = digits.and_then(|digits| u8::from_str_radix(std::str::from_utf8(digits).ok()?, 16).ok());
        match (text[at], byte) {
            (b'%', Some(byte)) => {
                out.push(byte);
                at += 2;
            }
            (b'+', _) => out.push(b' '),
            (byte, _) => out.push(byte),
        }
        at += 1;
    }
    out
}
