//! Where a request comes from, and whether it may ask here at all.

use std::net::{IpAddr, Ipv6Addr};

use hyper::HeaderMap;
use hyper::header::HOST;
use ipnet::IpNet;

/// The caller's address: the peer's, or what the nearest trusted proxy says. Addresses are read from the right, and
/// only as long as a trusted proxy vouches for them.
pub(crate) fn caller(peer: IpAddr, headers: &HeaderMap, trusted: &[IpNet]) -> IpAddr {
    let is_trusted = |addr: IpAddr| trusted.iter().any(|net| net.contains(&addr));
    let mut addr = peer.to_canonical();
    if !is_trusted(addr) {
        return addr;
    }
    let lines = headers.get_all("x-forwarded-for").iter().filter_map(|value| value.to_str().ok());
    let hops: Vec<&str> = lines.flat_map(|line| line.split(',')).map(str::trim).collect();
    for hop in hops.iter().rev() {
        let Ok(next) = hop.parse::<IpAddr>() else { break };
        addr = next.to_canonical();
        if !is_trusted(addr) {
            break;
        }
    }
    addr
}

/// As much of an address as one caller has: all of it, or of IPv6 the network of 64 bits.
pub(crate) fn network(addr: IpAddr) -> IpAddr {
    match addr.to_canonical() {
        IpAddr::V4(addr) => addr.into(),
        IpAddr::V6(addr) => Ipv6Addr::from_bits(addr.to_bits() & !u128::from(u64::MAX)).into(),
    }
}

/// Whether the `Host` header names this very machine. A page on the internet that makes its own name point to
/// 127.0.0.1 could otherwise talk to a development server.
pub(crate) fn is_loopback_host(headers: &HeaderMap) -> bool {
    let Some(host) = headers.get(HOST).and_then(|value| value.to_str().ok()) else { return false };
    let name = match host.strip_prefix('[') {
        Some(rest) => rest.split(']').next().unwrap_or_default(),
        None => host.rsplit_once(':').map_or(host, |(name, _)| name),
    };
    name.eq_ignore_ascii_case("localhost") || name.parse::<IpAddr>().is_ok_and(|addr| addr.is_loopback())
}

#[cfg(test)]
mod tests {
    use hyper::header::HeaderValue;

    use super::*;

    #[test]
    fn only_trusted_proxies_are_believed() {
        let proxy: IpAddr = "10.0.0.1".parse().unwrap();
        let trusted: Vec<IpNet> = vec!["10.0.0.0/8".parse().unwrap()];
        let mut headers = HeaderMap::new();
        headers.append("x-forwarded-for", HeaderValue::from_static("1.1.1.1, 203.0.113.9, 10.0.0.2"));
        assert_eq!(caller(proxy, &headers, &trusted), "203.0.113.9".parse::<IpAddr>().unwrap());
        assert_eq!(caller(proxy, &headers, &[]), proxy);
        let stranger: IpAddr = "198.51.100.1".parse().unwrap();
        assert_eq!(caller(stranger, &headers, &trusted), stranger);
        headers.append("x-forwarded-for", HeaderValue::from_static("nonsense"));
        assert_eq!(caller(proxy, &headers, &trusted), proxy);
    }

    #[test]
    fn loopback_names_are_told_from_others() {
        for (host, expected) in [
            ("localhost", true),
            ("LOCALHOST:8080", true),
            ("127.0.0.1:80", true),
            ("[::1]:8080", true),
            ("example.com", false),
            ("127.0.0.1.example.com", false),
            ("10.0.0.1", false),
            ("", false),
        ] {
            let mut headers = HeaderMap::new();
            headers.insert(HOST, HeaderValue::from_static(host));
            assert_eq!(is_loopback_host(&headers), expected, "{host}");
        }
        assert!(!is_loopback_host(&HeaderMap::new()));
    }
}
