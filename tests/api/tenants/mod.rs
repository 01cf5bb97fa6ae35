//! Two accounts in one house: whatever one of them calls, the other one's state stays as it was, to the byte, and nothing
//! of it is told.
//!
//! The calls are drawn from the declarations, so that an action that is declared takes part, and the ids in them from
//! the live objects of both accounts.

mod dice;
mod draw;
mod export;
mod names;
mod story;
mod tenant;

use ks_tests::scale::{count, is_soak};
use serde_json::json;

use story::Story;

/// Services of which each action must have succeeded at least once, or have a reason below not to. For others it is enough
/// that the report shows what became of them.
const WHOLE: [&str; 15] = [
    "adminUser",
    "appToken",
    "groupUser",
    "group_group",
    "ks_audit",
    "ks_secret",
    "ks_session",
    "partner",
    "permission",
    "permissionItem",
    "session",
    "system",
    "user",
    "userRole",
    "widget",
];

/// Actions that nobody gets to succeed by the way that these calls come, and why.
const NEVER: &[(&str, &str)] = &[
    ("permissionItem.add", "On the operator's own listener alone."),
    ("permissionItem.update", "On the operator's own listener alone."),
    ("permissionItem.delete", "On the operator's own listener alone."),
    ("system.getHealthCheck", "On the operator's own listener alone."),
    ("session.impersonateByKs", "Neither account has the right to impersonate."),
    ("user.index", "Nobody may call it."),
    ("user.serveCsv", "Nothing is exported, so there is no file."),
    ("user.replaceUserLoginData", "Only an inner program of the reference gets that far."),
    ("baseEntry.export", "There are no storages."),
    ("baseEntry.index", "Nobody may call it."),
    ("baseEntry.recycle", "Neither account has a recycle bin."),
    ("baseEntry.restoreRecycled", "Neither account has a recycle bin."),
    ("media.addFromFlavorAsset", "There are no renditions."),
    ("category.index", "Nobody may call it."),
    ("category.unlockCategories", "Nobody may call it."),
    ("categoryEntry.activate", "No category is moderated, so no entry waits."),
    ("categoryEntry.index", "Nobody may call it."),
    ("categoryEntry.reject", "No category is moderated, so no entry waits."),
    ("categoryEntry.syncPrivacyContext", "Nobody may call it."),
    ("categoryUser.index", "Nobody may call it."),
];

#[test]
fn no_call_of_one_account_changes_or_tells_anything_of_another() {
    let calls = count(2000, 100_000);
    let mut story = Story::begin(20_261_127);
    let before = story.export_other();
    for table in
        ["kuser", "user_login_data", "widget", "app_token", "user_role", "permission", "account_secret", "audit"]
    {
        assert!(before.iter().any(|line| line.starts_with(&format!("[\"{table}\""))), "nothing of {table} is exported");
    }
    story.run(calls);
    let known: Vec<&str> = NEVER.iter().map(|(action, _)| *action).collect();
    story.insist(&known);
    let after = story.export_other();
    story.report(calls);
    assert!(story.told.is_empty(), "{} answers told something:\n{}", story.told.len(), story.told.join("\n"));
    // In so few calls, what is rare shows in one run and not in the next.
    assert!(
        !is_soak() || story.undeclared.is_empty(),
        "codes that the declarations lack (`throws`, or `raises` where the protocol lists none): {:#?}",
        story.undeclared
    );
    let gone: Vec<_> = before.difference(&after).collect();
    let new: Vec<_> = after.difference(&before).collect();
    assert!(gone.is_empty() && new.is_empty(), "the other account changed:\n- {gone:#?}\n+ {new:#?}");

    let (called, good) = story.sums();
    assert!(
        good * 10 >= called * 6,
        "only {good} of {called} calls succeeded: too few mean anything\n{}",
        story.table()
    );
    let idle: Vec<_> = story.actions_that(|seen| seen.called == 0);
    assert!(idle.is_empty(), "never called: {idle:?}");
    let failed = story.actions_that(|seen| seen.good == 0);
    let is_whole = |action: &str| WHOLE.contains(&action.split('.').next().unwrap_or_default());
    let missing: Vec<_> =
        failed.iter().filter(|action| is_whole(action) && !known.contains(&action.as_str())).collect();
    assert!(missing.is_empty(), "never succeeded: {missing:?}; draw.rs and story.rs say how calls are made");
    let stale: Vec<_> = known.iter().filter(|action| !failed.iter().any(|failed| failed == *action)).collect();
    assert!(stale.is_empty(), "excused for nothing: {stale:?}");
}

/// The check itself: what changes shows, and what is told is heard.
#[test]
fn a_change_and_a_leak_would_be_noticed() {
    let mut story = Story::begin(7);
    let before = story.export_other();
    assert_eq!(story.export_other(), before, "nothing happened");
    let widget = story.other.account.widget();
    let ks = story.other.account.admin();
    let change = json!({"ks": ks, "id": widget, "widget": {"partnerData": "changed"}});
    story.call("widget.update", &change);
    assert_eq!(story.told, [""; 0]);
    let after = story.export_other();
    assert_eq!((before.difference(&after).count(), after.difference(&before).count() > 1), (1, true), "{after:?}");
    story.call("user.list", &json!({ "ks": ks }));
    assert_eq!(story.told.len(), 1, "{:?}", story.told);
    story.call("partner.getInfo", &json!({ "ks": ks }));
    assert_eq!(story.told.len(), 2, "{:?}", story.told);
}
