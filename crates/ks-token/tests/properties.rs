//! Laws that hold for every token, found by trying many.

// With the deliberate bugs these laws do not hold; the fuzz targets prove that they find them.
#![cfg(not(feature = "planted-bug"))]

mod support;

use ks_token::{
    Claims, Envelope, MintError, PartnerId, Privileges, Rand, Scratch, SmolStr, TokenFault, generate_v1, generate_v2,
};
use proptest::prelude::*;
use support::model::Fields;
use support::{key, model, open, sign_v1, sign_v2};

fn owned(text: Option<SmolStr>) -> Option<String> {
    text.map(String::from)
}

/// Names and values of the kind that real tokens have, with separators where they hurt.
fn privilege_text() -> impl Strategy<Value = String> {
    let name = prop_oneof!["[a-z]{1,3}", "edit|list|all|\\*|0| edit|_u|_z|\\.m|é|a b|"];
    let value = prop_oneof!["[a-c]{0,3}", "\\*|x/y|/|a:b|0_a/\\*| v |é~|%41|a\\+b"];
    let item = (name, value, any::<bool>()).prop_map(|(name, value, colon)| match colon {
        true => format!("{name}:{value}"),
        false => name,
    });
    prop::collection::vec(item, 0..14).prop_map(|items| items.join(","))
}

/// A query with the characters that mean something in it.
fn query() -> impl Strategy<Value = Vec<u8>> {
    let piece = prop_oneof![
        3 => "[a-c_]{0,2}=[a-c%+,:/]{0,5}",
        2 => "_[etumdz]=-?[0-9a]{0,4}",
        1 => "[a-c]?(%[0-9a-fA-F]{2}|\\[|\\]|%|\\+|=){0,3}=?",
        1 => "",
    ];
    prop::collection::vec(piece, 0..16).prop_map(|pieces| pieces.join("&").into_bytes())
}

fn claims() -> impl Strategy<Value = Claims> {
    let user = prop::option::of(prop_oneof!["[a-z]{0,8}", "\\PC{0,12}", "[\\x00-\\x7f]{0,6}"]);
    let data = prop::option::of("\\PC{0,8}");
    (any::<i32>(), user, any::<i32>(), any::<i64>(), prop::option::of(privilege_text()), any::<Option<i32>>(), data)
        .prop_map(|(partner, user_id, session_type, expiry, privileges, master, additional_data)| Claims {
            partner_id: PartnerId::new(partner),
            user_id,
            session_type,
            expiry,
            privileges,
            master_partner_id: master.map(PartnerId::new),
            additional_data,
        })
}

fn grouped(privileges: &Privileges) -> Vec<(String, Vec<String>)> {
    privileges.iter().map(|(name, parts)| (name.into(), parts.into_iter().map(str::to_owned).collect())).collect()
}

/// Compares every way of asking with the model's.
fn agree(privileges: &Privileges, pairs: &model::Pairs, text: &str) {
    assert_eq!(privileges.to_string(), text);
    assert_eq!(grouped(privileges), model::map(pairs), "{text}");
    let items: model::Pairs = privileges.items().map(|item| (item.name.into(), item.value.into())).collect();
    assert_eq!(&items, pairs, "{text}");
    let names = pairs.iter().map(|(name, _)| name.as_str()).chain(["edit", "", "all", "*"]);
    for name in names {
        let named = pairs.iter().find(|(other, _)| other == name);
        assert_eq!(privileges.has(name), named.is_some(), "{text}: {name}");
        assert_eq!(
            privileges.value(name),
            model::map(pairs)
                .iter()
                .find(|(other, _)| other == name)
                .and_then(|(_, parts)| parts.first().map(String::as_str)),
            "{text}: {name}"
        );
        for value in ["", "*", "a", "0_a", "x", "x/y", "b"] {
            assert_eq!(
                privileges.verify(name, value),
                model::gives(pairs, text, name, value),
                "{text}: {name}={value}"
            );
        }
    }
}

/// Failures are shown, not written into the tree.
fn config() -> ProptestConfig {
    ProptestConfig { cases: 500, failure_persistence: None, ..ProptestConfig::default() }
}

proptest! {
    #![proptest_config(config())]

    #[test]
    fn version_1_privileges_are_read_as_the_model_does(text in privilege_text()) {
        agree(&Privileges::from_text(&text), &model::v1_items(&text), &text);
    }

    #[test]
    fn version_2_privileges_are_normalised_as_the_model_does(text in privilege_text()) {
        let pairs = model::v2_items(&text);
        let privileges = Privileges::normalised(&text);
        agree(&privileges, &pairs, &model::v2_text(&pairs));
        // What was normalised stays as it is, unless a writer would drop or replace a name.
        if pairs.iter().all(|(name, _)| !["", "0", "*"].contains(&name.as_str())) {
            prop_assert_eq!(Privileges::normalised(privileges.text()).to_string(), privileges.text());
        }
    }

    #[test]
    fn signed_queries_are_read_as_the_model_does(query in query()) {
        let ks = open(&sign_v2(&query));
        let fields = model::v2_fields(&query);
        prop_assert_eq!(ks.is_ok(), fields.is_some(), "{:?} {:?}", String::from_utf8_lossy(&query), ks);
        if let (Ok(ks), Some(fields)) = (ks, fields) {
            agree(&ks.privileges, &fields.privileges, &model::v2_text(&fields.privileges));
            let [user, master, data] = [ks.user_id, ks.master_partner_id, ks.additional_data].map(owned);
            let read = (ks.expiry, ks.session_type, user, master, data);
            let Fields { expiry, session_type, user_id, master_partner_id, additional_data, .. } = fields;
            prop_assert_eq!(read, (expiry, session_type, user_id, master_partner_id, additional_data));
        }
    }

    #[test]
    fn version_2_says_what_was_asked_for(claims in claims(), rand in any::<[u8; 16]>()) {
        let pairs = model::v2_items(claims.privileges.as_deref().unwrap_or_default());
        let token = match generate_v2(&claims, &key(), rand) {
            Ok(token) => token,
            Err(MintError::NamelessPrivilege) => {
                prop_assert!(pairs.iter().any(|(name, _)| name.is_empty()));
                return Ok(());
            }
            Err(error) => {
                prop_assert_eq!(error, MintError::ReservedName);
                prop_assert!(claims.user_id.is_none() && pairs.iter().any(|(name, _)| name == "_u"));
                return Ok(());
            }
        };
        let ks = open(&token).unwrap();
        let pairs: model::Pairs = pairs.into_iter().filter(|(name, _)| name != "_u").collect();
        agree(&ks.privileges, &pairs, &model::v2_text(&pairs));
        prop_assert_eq!(ks.rand, Some(Rand::Bytes(rand)));
        prop_assert_eq!((ks.partner_id, owned(ks.user_id), ks.session_type), (claims.partner_id, claims.user_id, Some(claims.session_type)));
        prop_assert_eq!(owned(ks.master_partner_id), claims.master_partner_id.map(|master| master.to_string()));
        prop_assert_eq!((ks.expiry, owned(ks.additional_data)), (Some(claims.expiry), claims.additional_data));
    }

    #[test]
    fn version_1_says_what_was_asked_for(claims in claims(), rand in "[0-9.]{0,8}") {
        let texts = [&claims.user_id, &claims.privileges, &claims.additional_data];
        let bad = texts.into_iter().flatten().any(|text| text.bytes().any(|byte| byte == b';' || byte.is_ascii_control()));
        let token = generate_v1(&claims, &key(), &rand);
        prop_assert_eq!(token.is_err(), bad, "{:?}", token);
        let Ok(token) = token else { return Ok(()) };
        let ks = open(&token).unwrap();
        let text = claims.privileges.unwrap_or_default();
        agree(&ks.privileges, &model::v1_items(&text), &text);
        prop_assert_eq!(ks.rand, Some(Rand::Text(rand.into())));
        prop_assert_eq!((ks.partner_id, ks.session_type), (claims.partner_id, Some(claims.session_type)));
        prop_assert_eq!(owned(ks.user_id), Some(claims.user_id.unwrap_or_default()));
        prop_assert_eq!(owned(ks.master_partner_id), Some(claims.master_partner_id.map(|id| id.to_string()).unwrap_or_default()));
        prop_assert_eq!((ks.expiry, owned(ks.additional_data)), (Some(claims.expiry), Some(claims.additional_data.unwrap_or_default())));
    }

    #[test]
    fn exactly_as_many_privileges_come_out_as_go_in(count in 0..60usize) {
        let names: Vec<String> = (0..count).map(|number| format!("p{number}:{number}")).collect();
        let mut claims = Claims::new(PartnerId::new(102), 1);
        claims.privileges = Some(names.join(","));
        for token in [generate_v2(&claims, &key(), [7; 16]), generate_v1(&claims, &key(), "r")] {
            let ks = open(&token.unwrap()).unwrap();
            let expected = if count == 0 && ks.version.number() == 1 { 1 } else { count };
            prop_assert_eq!(ks.privileges.items().count(), expected);
            prop_assert_eq!(ks.privileges.text(), claims.privileges.as_deref().unwrap_or_default());
        }
    }

    #[test]
    fn any_bytes_are_refused_without_a_panic(text in any::<Vec<u8>>()) {
        let mut scratch = Scratch::new();
        if let Ok(envelope) = Envelope::decode(&text, &mut scratch) {
            prop_assert!(envelope.verify(&[key()]).is_err());
        }
    }

    #[test]
    fn signed_bytes_of_version_1_are_read_without_a_panic(info in prop_oneof![any::<Vec<u8>>(), "[0-9;:,|a]{0,40}".prop_map(String::into_bytes)]) {
        let _ = open(&sign_v1(&info));
        let _ = open(&sign_v2(&info));
    }

    #[test]
    fn a_changed_bit_is_noticed(place in any::<prop::sample::Index>(), bit in 0..8u8, version in 1..=2) {
        let mut claims = Claims::new(PartnerId::new(102), 4_102_444_800);
        claims.user_id = Some("alice".into());
        let (token, front) = match version {
            1 => (generate_v1(&claims, &key(), "r").unwrap(), 0),
            // The partner id of version 2 is bound by nothing but the secret.
            _ => (generate_v2(&claims, &key(), [7; 16]).unwrap(), 7),
        };
        let standard = token.replace('-', "+").replace('_', "/");
        let mut bytes = base64_simd::STANDARD.decode_to_vec(standard).unwrap();
        let place = front + place.index(bytes.len() - front);
        bytes[place] ^= 1 << bit;
        prop_assert!(open(&base64_simd::STANDARD.encode_to_string(&bytes)).is_err());
    }

    #[test]
    fn the_spelling_of_base64_does_not_matter(blanks in prop::collection::vec((any::<prop::sample::Index>(), "[ \t\r\n]"), 0..4), swap in any::<bool>(), pad in any::<bool>(), size in 0..40usize) {
        let mut claims = Claims::new(PartnerId::new(102), 4_102_444_800);
        claims.user_id = Some("a".repeat(size));
        let token = generate_v2(&claims, &key(), [9; 16]).unwrap();
        let mut text = if swap { token.replace('-', "+").replace('_', "/") } else { token.clone() };
        if !pad {
            text = text.trim_end_matches('=').to_owned();
        }
        for (place, blank) in blanks {
            text.insert_str(place.index(text.len() + 1), &blank);
        }
        prop_assert_eq!(open(&text), open(&token));
    }
}

#[test]
fn tokens_of_any_length_are_read() {
    // Past the room on the stack, and past what is kept of privileges without an allocation.
    for size in (0..2000).step_by(37) {
        let mut claims = Claims::new(PartnerId::new(102), 4_102_444_800);
        claims.user_id = Some("é".repeat(size));
        for token in [generate_v1(&claims, &key(), "r"), generate_v2(&claims, &key(), [1; 16])] {
            assert_eq!(owned(open(&token.unwrap()).unwrap().user_id), claims.user_id);
        }
    }
}

#[test]
fn a_token_of_another_secret_and_one_without_any_secret_are_refused() {
    let token = sign_v2(b"_e=4102444800&_t=0");
    let other = ks_token::SecretKey::new(&ks_token::Secret::new("another").unwrap());
    let mut scratch = Scratch::new();
    let mut refused = |keys: &[ks_token::SecretKey]| {
        Envelope::decode(token.as_bytes(), &mut scratch).unwrap().verify(keys).unwrap_err()
    };
    assert_eq!(refused(&[]), TokenFault::NoSecret);
    assert_eq!(refused(std::slice::from_ref(&other)), TokenFault::Signature);
    let mut scratch = Scratch::new();
    let ks = Envelope::decode(token.as_bytes(), &mut scratch).unwrap().verify(&[other, key()]).unwrap();
    assert_eq!(ks.secret_index, 1);
}

#[test]
fn nothing_of_a_token_is_printed() {
    let mut claims = Claims::new(PartnerId::new(102), 4_102_444_800);
    claims.user_id = Some("canary".into());
    claims.privileges = Some("edit:canary".into());
    let token = generate_v1(&claims, &key(), "canary").unwrap();
    let mut scratch = Scratch::new();
    let envelope = Envelope::decode(token.as_bytes(), &mut scratch).unwrap();
    let printed = format!("{envelope:?} {:?} {:?} {:?}", open(&token).unwrap(), key(), Scratch::new());
    assert!(!printed.contains("canary") && !printed.contains(support::SECRET), "{printed}");
}

#[test]
fn as_many_fields_are_minted_as_a_reader_takes() {
    let mint = |text: String| {
        let claims = Claims { privileges: Some(text), ..Claims::new(PartnerId::new(102), 1) };
        generate_v2(&claims, &key(), [7; 16])
    };
    let names = |count: usize| (0..count).map(|number| format!("p{number}")).collect::<Vec<_>>().join(",");
    let full = mint(names(995)).unwrap();
    assert_eq!(open(&full).unwrap().privileges.items().count(), 995);
    // A name that comes again is no further field.
    assert_eq!(mint(vec![names(995); 1000].join(",")).unwrap(), full);
    assert_eq!(mint(names(996)), Err(MintError::TooManyFields));
    assert_eq!(mint(names(1_000_000)), Err(MintError::TooManyFields));
}
