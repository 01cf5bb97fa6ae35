//! Privileges by example. The general laws are in the crate's property tests.

use super::*;

fn grouped(privileges: &Privileges) -> Vec<(&str, Vec<&str>)> {
    privileges.iter().collect()
}

#[test]
fn version_1_text_is_kept_as_it_is() {
    let text = " edit:0_a ,,list:*,edit:b/c,x:";
    let privileges = Privileges::from_text(text);
    assert_eq!(privileges.to_string(), text);
    assert_eq!(
        grouped(&privileges),
        [(" edit", vec!["0_a "]), ("", vec![]), ("list", vec!["*"]), ("edit", vec!["b", "c"]), ("x", vec![])]
    );
    assert_eq!(grouped(&Privileges::from_text("")), [("", vec![])]);
    assert_eq!(grouped(&Privileges::default()), []);
}

#[test]
fn version_2_text_is_normalised() {
    let privileges = Privileges::normalised(" edit:a , 0,,edit: b,\u{b}* ");
    assert_eq!(privileges.text(), "edit: b,all:*");
    assert_eq!(grouped(&privileges), [("edit", vec![" b"]), ("all", vec!["*"])]);
    assert_eq!(Privileges::normalised("*").text(), "*");
    assert_eq!(grouped(&Privileges::normalised("*")), [("all", vec!["*"])]);
    assert_eq!(grouped(&Privileges::normalised("")), []);
}

#[test]
fn a_separator_inside_a_pair_does_not_make_new_items() {
    let privileges =
        Privileges::from_pairs([("a", "1,disableentitlement"), ("b:c", ""), ("a", "2,edit:*"), ("d", "e")]);
    assert_eq!(privileges.text(), "a:2,edit:*,b:c,d:e");
    assert_eq!(grouped(&privileges), [("a", vec!["2,edit:*"]), ("b:c", vec![]), ("d", vec!["e"])]);
    assert!(!privileges.verify("edit", "0_a"));
    assert!(!privileges.has_line("disableentitlement"));
    assert_eq!(privileges.value("d"), Some("e"));
}

#[test]
fn a_right_is_given_by_whole_names_and_whole_parts() {
    let privileges = Privileges::from_text("edit:0_abcd/0_x,xlist:*,sview:*");
    for (name, value) in
        [("edit", "0_abcd"), ("edit", "0_x"), ("edit", "0_abcd/0_x"), ("sview", "0_any"), ("sview", "")]
    {
        assert!(privileges.verify(name, value), "{name} {value}");
    }
    for (name, value) in
        [("edit", "0_abc"), ("edit", "*"), ("edit", ""), ("list", "0_a"), ("dit", "0_x"), ("Edit", "0_x")]
    {
        assert!(!privileges.verify(name, value), "{name} {value}");
    }
}

#[test]
fn the_wildcard_stands_alone() {
    assert!(Privileges::from_text("*").verify("edit", "0_a"));
    assert!(Privileges::normalised("*").verify("edit", "0_a"));
    for text in ["*,disableentitlement", "all:*", "**", "*:*", ""] {
        assert!(!Privileges::from_text(text).verify("edit", "0_a"), "{text}");
    }
    assert!(!Privileges::normalised("*,disableentitlement").verify("edit", "0_a"));
}

#[test]
fn lines_and_first_values() {
    let privileges =
        Privileges::from_text("disableentitlement:,privacycontext:a:b,privacycontext:c,setrole:5:x,setrole:6");
    assert!(!privileges.has_line("disableentitlement"));
    assert!(Privileges::from_text("x,disableentitlement").has_line("disableentitlement"));
    assert_eq!(privileges.privacy_context(), Some("a:b"));
    assert_eq!(privileges.set_role(), Some("5"));
    assert_eq!(privileges.restricting_role(), None);
    assert_eq!(Privileges::from_text("setrole,setrole:6").set_role(), None);
}

#[test]
fn action_limits() {
    for (text, limit) in [
        ("edit:*", None),
        ("notactionslimit:1", None),
        ("actionslimit:3,actionslimit:9", Some(Ok(3))),
        ("actionslimit:0", Some(Err(InvalidActionsLimit))),
        ("actionslimit", Some(Err(InvalidActionsLimit))),
        ("actionslimit:-1", Some(Err(InvalidActionsLimit))),
        ("actionslimit:many", Some(Err(InvalidActionsLimit))),
    ] {
        assert_eq!(Privileges::from_text(text).actions_limit(), limit, "{text}");
    }
}

/// To search for each name among all others would take minutes here.
#[test]
fn many_pairs_take_linear_time() {
    let names: Vec<String> = (0..300_000).map(|number| format!("p{number}")).collect();
    let twice =
        names.iter().map(|name| (name.as_str(), "first")).chain(names.iter().map(|name| (name.as_str(), "last")));
    let privileges = Privileges::from_pairs(twice);
    assert!(
        privileges.items().map(|item| (item.name, item.value)).eq(names.iter().map(|name| (name.as_str(), "last")))
    );
}

#[test]
fn names_are_found_again_however_many_there_are() {
    for count in [1, 4, 5, 8, 9, 31, 32, 33, 34, 100, 995] {
        let items = |value: &str| (0..count).map(|number| format!("p{number}:{value}")).collect::<Vec<_>>().join(",");
        assert_eq!(Privileges::normalised(&[items("a"), items("b")].join(",")).text(), items("b"), "{count}");
    }
}

#[test]
fn a_text_that_no_token_can_say_is_not_read_to_its_end() {
    let names: Vec<String> = (0..2_000_000).map(|number| format!("p{number}")).collect();
    assert_eq!(Privileges::normalised(&names.join(",")).items().count(), 1001);
    assert_eq!(Privileges::normalised(&names[..1000].join(",")).items().count(), 1000);
    let repeated = "a:1,b,".repeat(1_000_000) + "a:2";
    assert_eq!(Privileges::normalised(&repeated).text(), "a:2,b");
}
