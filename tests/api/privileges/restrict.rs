//! `iprestrict` and `urirestrict`: from where, and for what.

use ks_tests::http::Request;

use super::*;

#[track_caller]
fn from(house: &House, address: &str, ks: &str) -> Option<(String, Value)> {
    let request = request("system.ping", &json!({"ks": ks})).header("X-Forwarded-For", address);
    told(&house.send(&request).json())
}

#[test]
fn iprestrict_lets_these_addresses_in_and_no_others() {
    let house = House::build();
    let account = house.account(801);
    let cases: &[(&str, &[&str], &[&str])] = &[
        ("iprestrict:203.0.113.7", &["203.0.113.7"], &["203.0.113.8", "203.0.113.70", "3.0.113.7", "2001:db8::1"]),
        ("iprestrict:203.0.113.7/198.51.100.1", &["203.0.113.7", "198.51.100.1"], &["203.0.113.1", "192.0.2.1"]),
        // Without a value nobody may.
        ("iprestrict", &[], &["203.0.113.7", "127.0.0.1", "::1"]),
        ("iprestrict:", &[], &["203.0.113.7", "127.0.0.1", "::1"]),
        ("iprestrict:nonsense", &[], &["203.0.113.7"]),
        // Only `edit` and its like know a wildcard.
        ("iprestrict:*", &[], &["203.0.113.7"]),
        // Ours: networks, and IPv6 by value.
        (
            "iprestrict:203.0.113.0/24",
            &["203.0.113.0", "203.0.113.7", "203.0.113.255"],
            &["203.0.112.255", "203.0.114.0"],
        ),
        ("iprestrict:198.51.100.1/203.0.113.0/24", &["198.51.100.1", "203.0.113.9"], &["198.51.100.2"]),
        ("iprestrict:0.0.0.0/0", &["203.0.113.7"], &["2001:db8::1"]),
        ("iprestrict:2001:db8::1", &["2001:db8::1", "2001:0DB8:0:0:0:0:0:1"], &["2001:db8::2", "203.0.113.7"]),
        ("iprestrict:2001:db8::/32", &["2001:db8::1", "2001:db8:ffff::1"], &["2001:db9::1"]),
        ("iprestrict:203.0.113.7", &["::ffff:203.0.113.7"], &["::ffff:203.0.113.8"]),
    ];
    for (privilege, inside, outside) in cases {
        for ks in [account.mint(2, "root", privilege), account.mint_v1(0, "somebody", privilege)] {
            for address in *inside {
                assert_eq!(from(&house, address, &ks), None, "{privilege} {address}");
            }
            for address in *outside {
                let refusal = Some(refused("EXCEEDED_RESTRICTED_IP"));
                assert_eq!(from(&house, address, &ks), refusal, "{privilege} {address}");
            }
        }
    }
}

/// Version 1 keeps repeated names apart, and their parts add up.
#[test]
fn repeated_restrictions_of_version_1_add_up() {
    let house = House::build();
    let account = house.account(801);
    let ks = account.mint_v1(2, "root", "iprestrict:203.0.113.7,edit:*,iprestrict:198.51.100.1");
    assert_eq!(from(&house, "203.0.113.7", &ks), None);
    assert_eq!(from(&house, "198.51.100.1", &ks), None);
    assert_eq!(from(&house, "192.0.2.1", &ks), Some(refused("EXCEEDED_RESTRICTED_IP")));
}

#[test]
fn urirestrict_lets_these_urls_pass_and_no_others() {
    let house = House::build();
    let account = house.account(801);
    let (ping, time) = ("/api_v3/service/system/action/ping", "/api_v3/service/system/action/getTime");
    let with_query = format!("{ping}?format=1");
    let index = "/api_v3/?service=system&action=ping";
    let cases: &[(String, &[&str], &[&str])] = &[
        (format!("urirestrict:{ping}"), &[ping], &[&with_query, time, index]),
        (format!("urirestrict:{with_query}"), &[&with_query], &[ping]),
        (format!("urirestrict:{ping}*"), &[ping, &with_query], &[time, index]),
        ("urirestrict:/api_v3/service/system/*".to_owned(), &[ping, &with_query, time], &[index]),
        (format!("urirestrict:{ping}|{time}"), &[ping, time], &[&with_query]),
        (format!("urirestrict:{time}|{ping}*"), &[ping, &with_query, time], &[index]),
        (format!("urirestrict:{index}"), &[index], &[ping]),
        ("urirestrict:*".to_owned(), &[ping, index], &[]),
        // A star elsewhere is a letter.
        ("urirestrict:/api_v3/*/ping".to_owned(), &[], &[ping]),
        (format!("urirestrict:*{ping}"), &[], &[ping]),
        ("urirestrict:/api_v3".to_owned(), &[], &[ping]),
        ("urirestrict".to_owned(), &[], &[ping, index]),
    ];
    for (privilege, inside, outside) in cases {
        for ks in [account.mint(2, "root", privilege), account.mint_v1(0, "somebody", privilege)] {
            // The body has the format too, because a restriction may leave no room for it in the URL.
            let send = |target: &str| {
                let body = json!({"ks": ks, "format": 1}).to_string();
                told(&house.send(&Request::post(target, "application/json", body)).json())
            };
            for target in *inside {
                assert_eq!(send(target), None, "{privilege} {target}");
            }
            for target in *outside {
                assert_eq!(send(target), Some(refused("EXCEEDED_RESTRICTED_URI")), "{privilege} {target}");
            }
        }
    }
}
