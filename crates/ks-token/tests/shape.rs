//! What is wrong with a text that is no token, and what a token tells before anybody has verified it.

mod support;

use base64_simd::STANDARD;
use ks_token::{
    Claims, Envelope, KsHash, MintError, MintField, PartnerId, Privileges, Refusal, Scratch, TokenFault, Version,
    generate_v1, generate_v2,
};
use support::{key, open, sign_v1};

/// Why a text is refused before any secret is asked for.
fn fault(decoded: &[u8]) -> Option<TokenFault> {
    Envelope::decode(STANDARD.encode_to_string(decoded).as_bytes(), &mut Scratch::new()).err()
}

#[test]
fn each_fault_of_the_shape_has_its_name() {
    let hash = "0123456789abcdef0123456789abcdef01234567";
    let version_1 = |rest: &str| fault(format!("{hash}{rest}").as_bytes());
    assert_eq!(version_1("|102;102;9;0;1;me;"), None);
    assert_eq!(version_1("|102"), Some(TokenFault::TooFewFields));
    assert_eq!(version_1("|102;102"), Some(TokenFault::TooFewFields));
    assert_eq!(version_1("|x;102;9"), Some(TokenFault::PartnerId));
    // A separator that stands elsewhere ends no hash; where there is none at all, that is what is missing.
    assert_eq!(version_1("0|102;102;9"), Some(TokenFault::HashText));
    assert_eq!(fault(b"abc|102;102;9"), Some(TokenFault::HashText));
    assert_eq!(version_1(";102;102;9"), Some(TokenFault::Separator));
    assert_eq!(fault(b"abc"), Some(TokenFault::Separator));
    assert_eq!(fault(format!("{}|102;102;9", hash.replace('a', "g")).as_bytes()), Some(TokenFault::HashText));
    assert_eq!(fault(b""), Some(TokenFault::Empty));
    assert_eq!(fault(b"0"), Some(TokenFault::Empty));
    // What version 2 encrypts is whole blocks, and not none.
    assert_eq!(fault(b"v2|102|0123456789abcdef"), None);
    assert_eq!(fault(b"v2|102|"), Some(TokenFault::BlockSize));
    assert_eq!(fault(b"v2|102|0123456789abcde"), Some(TokenFault::BlockSize));
    assert_eq!(fault(b"v2|102|0123456789abcdef0"), Some(TokenFault::BlockSize));
    assert_eq!(fault(b"v2|102"), Some(TokenFault::Separator));
    assert_eq!(fault(b"v2|x|0123456789abcdef"), Some(TokenFault::PartnerId));
}

#[test]
fn an_envelope_shows_its_layout_and_its_account() {
    let claims = Claims::new(PartnerId::new(102), 1);
    let tokens = [generate_v1(&claims, &key(), "").unwrap(), generate_v2(&claims, &key(), [0; 16]).unwrap()];
    for (token, version, shown) in [(&tokens[0], Version::V1, "1"), (&tokens[1], Version::V2, "2")] {
        let mut scratch = Scratch::new();
        let envelope = Envelope::decode(token.as_bytes(), &mut scratch).unwrap();
        assert_eq!((envelope.version(), envelope.partner_id()), (version, PartnerId::new(102)));
        assert_eq!(version.to_string(), shown);
        let debug = format!("{envelope:?}");
        assert!(debug.contains(&format!("{version:?}")) && debug.contains("102"), "{debug}");
    }
}

/// The numbers of the protocol (token §3).
#[test]
fn each_refusal_has_its_number() {
    for (refusal, code) in [
        (Refusal::InvalidStr, -1),
        (Refusal::InvalidPartner, -2),
        (Refusal::InvalidUser, -3),
        (Refusal::InvalidType, -4),
        (Refusal::Expired, -5),
        (Refusal::LogOut, -6),
        (Refusal::InvalidLks, -7),
        (Refusal::ExceededActionsLimit, -8),
        (Refusal::RestrictedIp, -9),
        (Refusal::LksDisabled, -10),
        (Refusal::RestrictedUri, -11),
    ] {
        assert_eq!(refusal.code(), code, "{refusal:?}");
    }
    assert_eq!(Refusal::ALL.len(), 11);
}

#[test]
fn a_hash_is_forty_digits_and_shows_them() {
    let text = "0123456789abcdef0123456789abcdef01234567";
    let hash: KsHash = text.parse().unwrap();
    assert_eq!(format!("{hash:?}"), format!("KsHash({text})"));
    assert_eq!(hash.as_bytes()[..8], [0x01, 0x23, 0x45, 0x67, 0x89, 0xab, 0xcd, 0xef]);
    // One that is none, or two beside each other, in either half of a byte.
    for place in 0..text.len() {
        for foreign in ["g", "gg"] {
            let mut bent = text.to_owned();
            bent.replace_range(
                place..(place + foreign.len()).min(text.len()),
                &foreign[..foreign.len().min(text.len() - place)],
            );
            assert!(bent.parse::<KsHash>().is_err(), "{bent}");
        }
    }
}

#[test]
fn a_master_partner_is_one_where_it_is_spelled_as_one() {
    let master =
        |text: &str| open(&sign_v1(format!("102;102;9;2;0;me;list:*;{text};").as_bytes())).unwrap().master_partner();
    assert_eq!(master("99"), Some(PartnerId::new(99)));
    for none in ["", "099", "x"] {
        assert_eq!(master(none), None, "{none}");
    }
}

/// A room is measured before a token is put together in it: each field alone may be what makes it long.
#[test]
fn each_field_may_be_long() {
    let long = "x".repeat(3000);
    let mint = |user: &str, privileges: &str, data: &str| Claims {
        user_id: Some(user.to_owned()),
        privileges: Some(privileges.to_owned()),
        additional_data: Some(data.to_owned()),
        ..Claims::new(PartnerId::new(102), 4_102_444_800)
    };
    for (claims, rand) in [
        (mint("", "", ""), long.as_str()),
        (mint(&long, "", ""), ""),
        (mint("", &long, ""), ""),
        (mint("", "", &long), ""),
        (mint(&long, &long, &long), long.as_str()),
    ] {
        let ks = open(&generate_v1(&claims, &key(), rand).unwrap()).unwrap();
        assert_eq!(ks.user_id.as_deref().unwrap_or_default(), claims.user_id.clone().unwrap());
        assert_eq!(ks.privileges.text(), claims.privileges.clone().unwrap());
        let ks = open(&generate_v2(&claims, &key(), [7; 16]).unwrap()).unwrap();
        assert_eq!(ks.user_id.as_deref().unwrap_or_default(), claims.user_id.unwrap());
    }
    // Every byte of it needs an escape, and every number is as long as it gets.
    let longest = Claims {
        session_type: i32::MIN,
        master_partner_id: Some(PartnerId::new(i32::MIN)),
        expiry: i64::MIN,
        ..Claims { partner_id: PartnerId::new(102), ..mint(&"é".repeat(500), "", "") }
    };
    let ks = open(&generate_v2(&longest, &key(), [7; 16]).unwrap()).unwrap();
    assert_eq!((ks.session_type, ks.expiry), (Some(i32::MIN), Some(i64::MIN)));
    let escaped = "é".repeat(3000);
    let ks = open(&generate_v2(&mint(&escaped, "", ""), &key(), [7; 16]).unwrap()).unwrap();
    assert_eq!(ks.user_id.as_deref(), Some(escaped.as_str()));
}

#[test]
fn what_is_printed_of_a_session_is_its_kind_and_not_its_text() {
    let ks = open(&sign_v1(b"102;102;9;2;0;me;list:*;;")).unwrap();
    let debug = format!("{ks:?}");
    for part in ["V1", "102", "Admin", "9"] {
        assert!(debug.contains(part), "{part} in {debug}");
    }
    assert!(!debug.contains("list") && !debug.contains("me;"), "{debug}");
    let shown =
        [MintField::Rand, MintField::UserId, MintField::Privileges, MintField::AdditionalData].map(|it| it.to_string());
    assert_eq!(shown, ["the random text", "the user id", "the privileges", "the additional data"]);
}

/// A reserved field that the claims do not have cannot come in by the privileges (token §1.4).
#[test]
fn no_privilege_takes_a_reserved_name() {
    for name in ["_u", "_m", "_d"] {
        let claims = Claims { privileges: Some(format!("{name}:5")), ..Claims::new(PartnerId::new(102), 1) };
        assert_eq!(generate_v2(&claims, &key(), [0; 16]), Err(MintError::ReservedName), "{name}");
    }
}

/// A length extension brings many bytes that no writer makes, and any number of each (token §8.1).
#[test]
fn no_number_of_control_bytes_is_read_in_version_1() {
    for foreign in ["\u{1}", "\u{7f}", "\u{1}\u{1}", "\u{7f}\u{7f}", "\u{1}\u{7f}", "\u{7f}\u{1}", "\0\0\0\0"] {
        let info = format!("102;102;9;2;0;me;list:*;{foreign};");
        assert_eq!(open(&sign_v1(info.as_bytes())).map(drop), Err(TokenFault::ControlByte), "{foreign:?}");
    }
}

#[test]
fn an_item_without_a_name_is_an_item() {
    assert_eq!(Privileges::from_pairs([("", "")]).iter().count(), 1);
    assert_eq!(Privileges::from_pairs([]).iter().count(), 0);
    assert_eq!(format!("{:?}", Scratch::new()), "Scratch(..)");
}

#[test]
fn privileges_can_be_gone_through_and_shown() {
    let privileges = Privileges::from_text("restrictingrole:READER:x,view:*");
    assert_eq!(privileges.restricting_role(), Some("READER"));
    assert_eq!(Privileges::from_text("restrictingrole:").restricting_role(), None);
    let names: Vec<&str> = (&privileges).into_iter().map(|(name, _)| name).collect();
    assert_eq!(names, ["restrictingrole", "view"]);
    assert!(format!("{privileges:?}").contains("restrictingrole:READER"));
}
