//! `iprestrict` and `urirestrict`: from where, and for what, a token may be used (token §2.3).

use std::net::IpAddr;

use ipnet::IpNet;

/// Whether an address is one of the parts of an `iprestrict` privilege; without parts nothing is allowed.
///
/// A part is an address. As our extension, addresses are compared as such, not as text (so that every spelling of an IPv6
/// address is the same one, and an IPv4 address inside IPv6 is the IPv4 address), and an address followed by a prefix
/// length (`10.0.0.0/8`, which the grammar makes two parts) is a whole network.
pub fn ip_allowed<'p>(parts: impl IntoIterator<Item = &'p str>, addr: IpAddr) -> bool {
    let addr = addr.to_canonical();
    let mut parts = parts.into_iter().peekable();
    while let Some(part) = parts.next() {
        let Ok(allowed) = part.parse::<IpAddr>() else { continue };
        let allowed = allowed.to_canonical();
        let allows = match parts.peek().and_then(|next| prefix_length(next)) {
            Some(length) => IpNet::new(allowed, length).is_ok_and(|net| net.contains(&addr)),
            None => allowed == addr,
        };
        if allows {
            return true;
        }
    }
    false
}

/// Reads the number of a network's fixed bits: no part that looks like it can be an address.
fn prefix_length(part: &str) -> Option<u8> {
    // A sign would be read, too.
    if part.bytes().all(|byte| byte.is_ascii_digit()) { part.parse().ok() } else { None }
}

/// Whether a request's path and query fit the value of a `urirestrict` privilege: alternatives between `|`, each the whole
/// text, or its beginning followed by `*`.
#[must_use]
pub fn uri_allowed(value: &str, uri: &str) -> bool {
    value.split('|').any(|pattern| match pattern.strip_suffix('*') {
        Some(beginning) => uri.starts_with(beginning),
        None => uri == pattern,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn allowed(value: &str, addr: &str) -> bool {
        ip_allowed(value.split('/').filter(|_| !value.is_empty()), addr.parse().unwrap())
    }

    #[test]
    fn addresses() {
        for (value, addr) in [
            ("203.0.113.7", "203.0.113.7"),
            ("198.51.100.1/203.0.113.7", "203.0.113.7"),
            ("10.0.0.0/8", "10.255.3.4"),
            ("1.2.3.4/10.0.0.0/8/5.6.7.8", "5.6.7.8"),
            ("2001:DB8::0:1", "2001:db8::1"),
            ("2001:db8::/32", "2001:db8:1::5"),
            ("::ffff:203.0.113.7", "203.0.113.7"),
            ("203.0.113.7", "::ffff:203.0.113.7"),
            ("0.0.0.0/0", "203.0.113.7"),
        ] {
            assert!(allowed(value, addr), "{value} {addr}");
        }
        for (value, addr) in [
            ("", "203.0.113.7"),
            ("203.0.113.70", "203.0.113.7"),
            ("203.0.113.7 ", "203.0.113.7"),
            ("10.0.0.0/8", "11.0.0.1"),
            ("10.0.0.0/33", "10.0.0.0"),
            ("10.0.0.0/+8", "10.255.3.4"),
            ("8", "0.0.0.8"),
            ("*", "203.0.113.7"),
            ("2001:db8::/32", "2001:db9::"),
        ] {
            assert!(!allowed(value, addr), "{value} {addr}");
        }
    }

    #[test]
    fn request_addresses() {
        for (value, uri) in [("/a*", "/a"), ("/a*", "/abc?x=1"), ("/x|/a", "/a"), ("*", "/any"), ("/x*|/a/b", "/a/b")] {
            assert!(uri_allowed(value, uri), "{value} {uri}");
        }
        for (value, uri) in [("/a", "/a/"), ("", "/"), ("/a*", "/b"), ("/a|", "/"), ("/*a", "/ba")] {
            assert!(!uri_allowed(value, uri), "{value} {uri}");
        }
    }
}
