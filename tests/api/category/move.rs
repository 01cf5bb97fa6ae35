//! `category.move`: a tree is moved whole, at once, or not at all.

use ks_tests::channels::Channels;
use ks_tests::house::error;
use serde_json::{Value, json};

/// Two trees: A > B > (C, D) and X.
struct Trees {
    channels: Channels,
    a: i64,
    b: i64,
    c: i64,
    d: i64,
    x: i64,
}

fn trees() -> Trees {
    let channels = Channels::build();
    let a = channels.add(json!({"name": "A", "privacyContext": "math", "owner": "ann"}));
    let b = channels.add(json!({"name": "B", "parentId": a, "inheritanceType": 1, "privacy": 3, "appearInList": 3}));
    let c = channels.add(json!({"name": "C", "parentId": b, "privacyContext": "chem", "owner": "cat"}));
    let d = channels.add(json!({"name": "D", "parentId": b, "inheritanceType": 1}));
    let x = channels.add(json!({"name": "X", "privacyContext": "bio1", "owner": "xen"}));
    Trees { channels, a, b, c, d, x }
}

fn moved(channels: &Channels, ids: &str, target: i64) -> Value {
    channels.call(&channels.all, "category.move", json!({"categoryIds": ids, "targetCategoryParentId": target}))
}

#[test]
fn paths_contexts_and_members_follow_before_the_answer() {
    let Trees { channels, a, b, c, d, x } = trees();
    channels.house.user(&channels.account, "owen", &[]);
    for (entry, category) in [("0_aaaaaaaa", a), ("0_bbbbbbbb", b), ("0_cccccccc", c)] {
        channels.entry(entry, "owen");
        channels.put(entry, category);
    }
    // An entry that is in two places counts once above both.
    channels.put("0_aaaaaaaa", c);
    assert_eq!(channels.counts(a), [1, 3, 0]);
    assert_eq!(moved(&channels, &b.to_string(), x), json!(true));
    let seen = |id: i64, name: &str| channels.category(id)[name].clone();
    for (id, name, ids, contexts) in [
        (b, "X>B", format!("{x}>{b}"), "bio1"),
        (c, "X>B>C", format!("{x}>{b}>{c}"), "bio1,chem"),
        (d, "X>B>D", format!("{x}>{b}>{d}"), "bio1"),
    ] {
        assert_eq!(seen(id, "fullName"), name);
        assert_eq!(seen(id, "fullIds"), ids);
        assert_eq!(seen(id, "privacyContexts"), contexts);
    }
    assert_eq!([b, c, d].map(|id| seen(id, "depth")), [json!(1), json!(2), json!(2)]);
    assert_eq!([b, d].map(|id| seen(id, "inheritedParentId")), [json!(x), json!(x)]);
    assert_eq!([b, c, d].map(|id| seen(id, "owner")), [json!("xen"), json!("cat"), json!("xen")]);
    assert_eq!((seen(b, "privacy"), seen(b, "appearInList")), (json!(3), json!(3)), "its own settings stay");
    assert_eq!([a, x].map(|id| seen(id, "directSubCategoriesCount")), [json!(0), json!(1)]);
    assert_eq!((channels.counts(a), channels.counts(x)), ([1, 1, 0], [0, 3, 0]));
    assert_eq!([a, b, c, d, x].map(|id| seen(id, "status")), [(); 5].map(|()| json!(2)));
    let sees = |user: &str, context: &str, id: i64| {
        channels.call(&channels.user(user, context), "category.get", json!({"id": id}))["id"] == id
    };
    assert!(sees("xen", "bio1", b) && !sees("ann", "bio1", b) && !sees("ann", "math", b));
    // To the root: what was only there because of the categories above is gone.
    assert_eq!(moved(&channels, &c.to_string(), 0), json!(true));
    assert_eq!((seen(c, "fullName"), seen(c, "privacyContexts")), (json!("C"), json!("chem")));
    assert_eq!(moved(&channels, &d.to_string(), 0), json!(true));
    let bare = channels.category(d);
    assert_eq!(
        (&bare["privacyContexts"], &bare["inheritanceType"], &bare["membersCount"]),
        (&json!(""), &json!(2), &json!(0))
    );
}

#[test]
fn several_move_together_or_not_at_all() {
    let Trees { channels, a, b, c, d, x } = trees();
    let before = || [a, b, c, d, x].map(|id| channels.category(id));
    let kept = before();
    let different = error("CANNOT_MOVE_CATEGORIES_FROM_DIFFERENT_PARENT_CATEGORIES", &[]);
    let missing = |id: &str| error("CATEGORY_NOT_FOUND", &[("ID", id)]);
    let loops =
        error("PARENT_CATEGORY_IS_CHILD", &[("PARENT_CATEGORY", &c.to_string()), ("OTHER_CATEGORY", &b.to_string())]);
    for (ids, target, expected) in [
        (format!("{b},{c}"), x, different.clone()),
        (format!("{c},9999"), x, missing("9999")),
        (format!("{c},nothing"), x, missing("nothing")),
        (String::new(), x, missing("")),
        (c.to_string(), 9999, missing("9999")),
        (b.to_string(), c, loops),
    ] {
        assert_eq!(ks_tests::call::fault(&moved(&channels, &ids, target)), expected, "{ids}");
    }
    // D has this name there already: C does not move either.
    channels.add(json!({"name": "D", "parentId": x}));
    let kept_x = channels.category(x);
    let duplicate = error("DUPLICATE_CATEGORY", &[("CATEGORY", "X>D")]);
    assert_eq!(ks_tests::call::fault(&moved(&channels, &format!("{c},{d}"), x)), duplicate);
    assert_eq!(before()[..4], kept[..4]);
    assert_eq!(channels.category(x), kept_x);
    let entitled = channels.account.mint(2, "ann", "privacycontext:math");
    let call = json!({"categoryIds": c.to_string(), "targetCategoryParentId": x});
    assert_eq!(channels.fault(&entitled, "category.move", call), different);
    assert_eq!(moved(&channels, &format!("{c},{d}"), a), json!(true));
    assert_eq!([c, d].map(|id| channels.category(id)["fullName"].clone()), [json!("A>C"), json!("A>D")]);
}

#[test]
fn nothing_inherits_at_the_root() {
    let channels = Channels::build();
    let a = channels.add(json!({"name": "A", "privacyContext": "math"}));
    let b = channels.add(json!({"name": "B", "parentId": a, "inheritanceType": 1, "privacyContext": "bio1"}));
    let answer = moved(&channels, &b.to_string(), 0);
    assert_eq!(answer["code"], "CANNOT_INHERIT_MEMBERS_WHEN_PARENT_CATEGORY_IS_NOT_SET");
    assert_eq!(channels.category(b)["fullName"], "A>B");
}
