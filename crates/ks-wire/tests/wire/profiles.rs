//! Response profiles.

use ks_schema::{Out, Tree};
use ks_wire::profile::{Holder, Profile, apply, read};

use crate::fixtures::{JSON, ask, body, list_of, single, text, thing};

fn parse(json: &str) -> Result<Holder, String> {
    let call = single(ask("/api_v3/", Some(JSON), format!(r#"{{"responseProfile":{json}}}"#)));
    read(call.response_profile().unwrap()).map_err(|error| {
        let args: Vec<_> = error.args().map(|(_, value)| value).collect();
        format!("{}({})", error.code().info().code, args.join(","))
    })
}

#[test]
fn inline_and_stored_profiles_are_told_apart() {
    let inline = |profile| Ok(Holder::Inline(profile));
    assert_eq!(parse(r#"{"type":1,"fields":" id ,, name"}"#), inline(Profile::include(["id", "name"])));
    assert_eq!(
        parse(r#"{"objectType":"KalturaDetachedResponseProfile","type":"2.0","fields":"id","id":"5"}"#),
        inline(Profile::exclude(["id"]))
    );
    assert_eq!(parse("{}"), inline(Profile::default()));
    let Ok(Holder::Stored(stored)) = parse(r#"{"objectType":"KalturaResponseProfileHolder","id":5}"#) else {
        panic!("not stored")
    };
    assert_eq!((stored.id.as_deref(), stored.system_name), (Some("5"), None));
    let Ok(Holder::Stored(stored)) = parse(r#"{"systemName":"x","type":1,"fields":"id"}"#) else {
        panic!("not stored")
    };
    assert_eq!((stored.id, stored.system_name.as_deref()), (None, Some("x")));
    assert_eq!(stored.fallback, Profile::include(["id"]));
    assert_eq!(parse(r#"{"type":3}"#), Err("INVALID_ENUM_VALUE(3,type,KalturaResponseProfileType)".to_owned()));
    assert_eq!(parse(r#""x""#), Err("PROPERTY_VALIDATION_WRONG_FORMAT(responseProfile,array)".to_owned()));
    assert!(single(ask("/api_v3/", Some(JSON), r#"{"responseProfile":null}"#)).response_profile().is_none());
}

fn filtered(profile: &Profile, mut out: Out) -> String {
    apply(profile, &mut out);
    body(&out, ks_wire::Format::Json)
}

#[test]
fn objects_are_filtered_and_their_wrapper_is_not() {
    let one = thing(&[("id", Out::Int(1)), ("name", text("n")), ("inner", thing(&[("id", Out::Int(2))]))]);
    let include = Profile::include(["name", "unknown"]);
    assert_eq!(filtered(&include, one.clone()), r#"{"name":"n","objectType":"KalturaThing"}"#);
    assert_eq!(
        filtered(&include, list_of(vec![one.clone()])),
        r#"{"totalCount":1,"objects":[{"name":"n","objectType":"KalturaThing"}],"objectType":"KalturaThingListResponse"}"#
    );
    assert_eq!(filtered(&include, Out::List(vec![one.clone()])), r#"[{"name":"n","objectType":"KalturaThing"}]"#);
    let exclude = Profile::exclude(["id"]);
    assert_eq!(
        filtered(&exclude, one.clone()),
        r#"{"name":"n","inner":{"id":2,"objectType":"KalturaThing"},"objectType":"KalturaThing"}"#
    );
    for nothing in [Profile::default(), Profile::include([""; 0])] {
        assert_eq!(filtered(&nothing, one.clone()), body(&one, ks_wire::Format::Json));
    }
    assert_eq!(filtered(&include, text("x")), "\"x\"");
    assert!(read(&Tree::Null).is_err());
}
