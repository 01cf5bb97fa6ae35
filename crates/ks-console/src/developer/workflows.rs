//! Guided workflows: several calls that belong together, each live, each result feeding the next step. What a step sends
//! and takes from earlier ones stands here as data; `assets/workflow.js` walks it.
//!
//! Values refer to earlier steps as a multirequest does: `{2:result:id}` is what step 2 answered. `{1:sent:partnerId}`
//! is what step 1 was given, and `{now}` the time in seconds.

use serde_json::{Value, json};

/// What a step does.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Does {
    /// Calls an action, such as `session.start`.
    Call(&'static str),
    /// Makes a KS in the browser, from what `session.start` takes.
    Mint,
    /// Hashes a KS and the key of an app token in the browser.
    Hash,
}

/// One step.
#[derive(Debug)]
pub(crate) struct Step {
    /// The heading in front of it, where a new part of the workflow begins.
    pub(crate) part: &'static str,
    pub(crate) title: &'static str,
    /// What happens and why, a paragraph each.
    pub(crate) text: &'static [&'static str],
    pub(crate) does: Does,
    /// The parameters that are asked for; others stand behind "More parameters".
    fields: &'static [&'static str],
    /// What they are filled in with, as JSON.
    values: &'static str,
    /// The session that the call carries.
    ks: &'static str,
    /// The error that is to come, where one is.
    expects: &'static str,
    /// What is said when it went as it should.
    outcome: &'static str,
}

/// Steps are written down as what differs from this one.
const STEP: Step = Step {
    part: "",
    title: "",
    text: &[],
    does: Does::Mint,
    fields: &[],
    values: "{}",
    ks: "",
    expects: "",
    outcome: "",
};

impl Step {
    /// What it does, in a word that the page's script knows.
    fn call(&self) -> &'static str {
        match self.does {
            Does::Call(name) => name,
            Does::Mint => "mint",
            Does::Hash => "hash",
        }
    }

    /// The service and the action that it calls, if it calls one.
    pub(crate) fn action(&self) -> Option<(&'static str, &'static str)> {
        match self.does {
            Does::Call(name) => name.split_once('.'),
            Does::Mint | Does::Hash => None,
        }
    }

    fn json(&self) -> Value {
        let values: Value = serde_json::from_str(self.values).unwrap_or_default();
        json!({
            "call": self.call(), "fields": self.fields, "values": values, "ks": self.ks,
            "expects": self.expects, "outcome": self.outcome,
        })
    }
}

/// Several steps with one aim.
#[derive(Debug)]
pub(crate) struct Workflow {
    /// Its name in addresses.
    pub(crate) name: &'static str,
    pub(crate) title: &'static str,
    pub(crate) lead: &'static str,
    pub(crate) needs: &'static str,
    pub(crate) steps: &'static [Step],
}

impl Workflow {
    /// The workflow of this name.
    pub(crate) fn find(name: &str) -> Option<&'static Self> {
        ALL.iter().find(|workflow| workflow.name == name)
    }

    /// The steps as the page's script reads them, to stand in a page.
    pub(crate) fn script(&self) -> String {
        let steps: Vec<Value> = self.steps.iter().map(Step::json).collect();
        crate::testme::in_page(&Value::Array(steps).to_string())
    }
}

const SECRET: &str = "The partner id and the administrator secret, from Settings → Integration settings of the account \
    console. They stay in this page: nothing is stored, and nothing gets into an address.";

/// Every workflow.
pub(crate) const ALL: &[Workflow] = &[
    Workflow {
        name: "authentication",
        title: "Three ways to start a session",
        lead: "With an account secret, with an e-mail address and a password, and with no call at all. Each gives the \
            same kind of KS.",
        needs: SECRET,
        steps: &[
            Step {
                part: "First way: with a secret",
                title: "Start a session",
                text: &[
                    "A program that may know the account's secret sends it to `session.start` and gets a KS. The \
                     administrator secret opens any type, the user secret only USER.",
                    "ADMIN sessions hold super-admin rights and must never reach an end user; your own server may \
                     hold one.",
                ],
                does: Does::Call("session.start"),
                fields: &["secret", "partnerId", "userId", "type", "privileges"],
                values: r#"{"type":"2","userId":"me"}"#,
                outcome: "This text is the session. Whoever sends it is who it says, so it is kept like a password.",
                ..STEP
            },
            Step {
                title: "Ask what it says",
                text: &["Every further call carries the KS. `session.get` tells what is in it: account, user, type, \
                     expiry, privileges. An administrator's session may ask."],
                does: Does::Call("session.get"),
                ks: "{1:result}",
                outcome: "The server looked nothing up to know this: it stands in the KS, and the signature proves it.",
                ..STEP
            },
            Step {
                part: "Second way: with an e-mail address and a password",
                title: "Log in",
                text: &[
                    "People and third parties log in as a user of the account and never see its secret. A user can \
                     be blocked, given a new password, and given fewer rights by roles.",
                ],
                does: Does::Call("user.loginByLoginId"),
                fields: &["loginId", "password", "otp"],
                outcome: "This KS is the user's: what it may do follows from the user's roles.",
                ..STEP
            },
            Step {
                title: "List the accounts of this login",
                text: &[
                    "One e-mail address can be a user of several accounts. This is how a program lets a person choose.",
                ],
                does: Does::Call("partner.listPartnersForUser"),
                ks: "{3:result}",
                outcome: "Each of these accounts can be logged in to.",
                ..STEP
            },
            Step {
                title: "Log in to the chosen account",
                text: &[
                    "The same call with a `partnerId`. Here it is the first account of the list; type another one if you like.",
                ],
                does: Does::Call("user.loginByLoginId"),
                fields: &["loginId", "password", "partnerId", "otp"],
                values: r#"{"loginId":"{3:sent:loginId}","password":"{3:sent:password}","partnerId":"{4:result:objects:0:id}"}"#,
                outcome: "A session in the account that was chosen.",
                ..STEP
            },
            Step {
                part: "Third way: minted locally, with no call",
                title: "Make a KS in this browser",
                text: &[
                    "Whoever has the secret can make the KS: the fields are joined, hashed with SHA-1 and encrypted \
                     with AES under the secret. Web Crypto does it here. Nothing is sent; the published clients call \
                     it `generateSession`.",
                    "In earnest this happens on a server of yours: a secret does not belong into a browser.",
                ],
                does: Does::Mint,
                fields: &["secret", "partnerId", "userId", "type", "expiry", "privileges"],
                values: r#"{"secret":"{1:sent:secret}","partnerId":"{1:sent:partnerId}","userId":"me","type":"2","expiry":"3600"}"#,
                outcome: "Made in this browser: no server has seen it yet.",
                ..STEP
            },
            Step {
                title: "Show it to the server",
                text: &["The server has never seen this KS, and accepts it like its own: the signature is right."],
                does: Does::Call("session.get"),
                ks: "{6:result}",
                outcome: "Accepted like its own.",
                ..STEP
            },
            Step {
                part: "The end of a session",
                title: "End the first session",
                text: &[
                    "A KS works until its expiry, unless it is ended. `session.end` ends the session that the call carries.",
                ],
                does: Does::Call("session.end"),
                ks: "{1:result}",
                outcome: "It is ended, in every process of this server.",
                ..STEP
            },
            Step {
                title: "Use it once more",
                text: &["What was ended is refused. This call is to fail: the answer names the reason."],
                does: Does::Call("session.get"),
                ks: "{1:result}",
                expects: "INVALID_KS",
                outcome: "Refused, as it should be. Sessions that are not ended end by themselves at their expiry.",
                ..STEP
            },
        ],
    },
    Workflow {
        name: "app_tokens",
        title: "App tokens: sessions for third parties",
        lead: "A third party gets a key of its own instead of the account's secret. It can do what you fixed beforehand, \
            and can be taken back alone.",
        needs: SECRET,
        steps: &[
            Step {
                part: "You, the owner of the account",
                title: "Start a session of yours",
                text: &["App tokens are made by an administrator's session."],
                does: Does::Call("session.start"),
                fields: &["secret", "partnerId", "type"],
                values: r#"{"type":"2"}"#,
                outcome: "With this session the next step makes the app token.",
                ..STEP
            },
            Step {
                title: "Make an app token",
                text: &[
                    "It fixes what its sessions can be: here those of the user `visitor`, of type USER, for an hour \
                     at most. No caller gets more out of it.",
                ],
                does: Does::Call("appToken.add"),
                fields: &["appToken"],
                values: r#"{"appToken":{"objectType":"KalturaAppToken","hashType":"SHA256","sessionType":"0","sessionUserId":"visitor","sessionDuration":"3600","sessionPrivileges":"edit:*","description":"From the guided workflow"}}"#,
                ks: "{1:result}",
                outcome: "Give `id` and `token` to the third party. They are all it gets; the secret stays with you.",
                ..STEP
            },
            Step {
                part: "The third party's program",
                title: "Start a widget session",
                text: &["The program begins with a session that everybody may have: a widget session, anonymous and \
                     without rights of its own. The widget `_` and the partner id is there in every account."],
                does: Does::Call("session.startWidgetSession"),
                fields: &["widgetId"],
                values: r#"{"widgetId":"_{1:sent:partnerId}"}"#,
                outcome: "An anonymous session, good for little more than the next call.",
                ..STEP
            },
            Step {
                title: "Hash it together with the key",
                text: &["The key itself is never sent. The program proves that it has it by a hash over the widget \
                     session followed by the key, in lower-case hexadecimal. Web Crypto does it here."],
                does: Does::Hash,
                fields: &["ks", "token", "hashType"],
                values: r#"{"ks":"{3:result:ks}","token":"{2:result:token}","hashType":"{2:result:hashType}"}"#,
                outcome: "This proof is good for this one widget session and no other.",
                ..STEP
            },
            Step {
                title: "Start a session with the app token",
                text: &["The call carries the widget session; the server makes the same hash and compares."],
                does: Does::Call("appToken.startSession"),
                fields: &["id", "tokenHash"],
                values: r#"{"id":"{2:result:id}","tokenHash":"{4:result}"}"#,
                ks: "{3:result:ks}",
                outcome: "The session in `ks` is the one that the third party works with.",
                ..STEP
            },
            Step {
                part: "You again",
                title: "Look at what it got",
                text: &[
                    "Your own session asks what the third party's KS says: the user, the type and the privileges that you fixed.",
                ],
                does: Does::Call("session.get"),
                fields: &["session"],
                values: r#"{"session":"{5:result:ks}"}"#,
                ks: "{1:result}",
                outcome: "What was fixed in step 2, and the app token that it came from.",
                ..STEP
            },
            Step {
                title: "Take the app token back",
                text: &[
                    "Deleting it ends its sessions too. Secrets, other app tokens and other people are not touched.",
                ],
                does: Does::Call("appToken.delete"),
                fields: &["id"],
                values: r#"{"id":"{2:result:id}"}"#,
                ks: "{1:result}",
                outcome: "Gone, and with it every session that it started.",
                ..STEP
            },
            Step {
                title: "Try it once more",
                text: &["The third party tries again. This call is to fail."],
                does: Does::Call("appToken.startSession"),
                fields: &["id", "tokenHash"],
                values: r#"{"id":"{2:result:id}","tokenHash":"{4:result}"}"#,
                ks: "{3:result:ks}",
                expects: "APP_TOKEN_ID_NOT_FOUND",
                outcome: "Refused, as it should be.",
                ..STEP
            },
        ],
    },
    Workflow {
        name: "entitlement",
        title: "Entitlement: why something seems to be missing",
        lead: "A category that exists is answered as not found, twice cured: by a session that sees everything, and by \
            one whose user is entitled.",
        needs: SECRET,
        steps: &[
            Step {
                part: "Something to hide",
                title: "Start a session that sees everything",
                text: &[
                    "To set the scene: an administrator's session with `all:*,disableentitlement`, which no entitlement holds back.",
                ],
                does: Does::Call("session.start"),
                fields: &["secret", "partnerId", "type", "privileges"],
                values: r#"{"type":"2","userId":"owner","privileges":"all:*,disableentitlement"}"#,
                outcome: "This session makes a category, and at the end removes it.",
                ..STEP
            },
            Step {
                title: "Add a category",
                text: &[
                    "A category with a privacy context is under entitlement: `privacy` MEMBERS_ONLY lets only its \
                     members see what is in it, `appearInList` CATEGORY_MEMBERS_ONLY lets only them see that it exists.",
                ],
                does: Does::Call("category.add"),
                fields: &["category"],
                values: r#"{"category":{"objectType":"KalturaCategory","name":"Private lectures {now}","privacyContext":"lectures","privacy":"3","appearInList":"3"}}"#,
                ks: "{1:result}",
                outcome: "The category is there: its `id` goes into the next steps.",
                ..STEP
            },
            Step {
                part: "It seems to be missing",
                title: "Start a session under entitlement",
                text: &[
                    "The session of an end user. Where the account enforces entitlement by default, each session is \
                     under it; elsewhere the privilege `enableentitlement` asks for it.",
                ],
                does: Does::Call("session.start"),
                fields: &["userId", "type", "privileges", "secret", "partnerId"],
                values: r#"{"secret":"{1:sent:secret}","partnerId":"{1:sent:partnerId}","userId":"visitor","type":"0","privileges":"enableentitlement"}"#,
                outcome: "A session like an end user's.",
                ..STEP
            },
            Step {
                title: "Ask for the category",
                text: &["This call is to fail, although the category exists."],
                does: Does::Call("category.get"),
                fields: &["id"],
                values: r#"{"id":"{2:result:id}"}"#,
                ks: "{3:result}",
                expects: "CATEGORY_NOT_FOUND",
                outcome: "Hidden and missing are one answer, so that nobody learns what is there. If your own program \
                    gets this for something that you see in the console, this is why.",
                ..STEP
            },
            Step {
                part: "The first cure: a session that sees everything",
                title: "Start the session with disableentitlement",
                text: &["`all:*,disableentitlement` in `privileges` is the cure for programs that run the account."],
                does: Does::Call("session.start"),
                fields: &["type", "privileges", "userId", "secret", "partnerId"],
                values: r#"{"secret":"{1:sent:secret}","partnerId":"{1:sent:partnerId}","userId":"visitor","type":"2","privileges":"all:*,disableentitlement"}"#,
                outcome: "The same user, and nothing is hidden from this session. It must never reach an end user.",
                ..STEP
            },
            Step {
                title: "Ask again",
                text: &["The same call, with the other session."],
                does: Does::Call("category.get"),
                fields: &["id"],
                values: r#"{"id":"{2:result:id}"}"#,
                ks: "{5:result}",
                outcome: "The same call answers the category.",
                ..STEP
            },
            Step {
                part: "The second cure: entitle the user",
                title: "Make the user a member",
                text: &[
                    "For end users the cure is not a stronger session, but to be entitled: as a member of the category.",
                ],
                does: Does::Call("categoryUser.add"),
                fields: &["categoryUser"],
                values: r#"{"categoryUser":{"objectType":"KalturaCategoryUser","categoryId":"{2:result:id}","userId":"visitor","permissionLevel":"3"}}"#,
                ks: "{1:result}",
                outcome: "The user is a member now.",
                ..STEP
            },
            Step {
                title: "Start a session in the privacy context",
                text: &[
                    "An application names its privacy context in the session; the categories of that context are then looked at.",
                ],
                does: Does::Call("session.start"),
                fields: &["userId", "type", "privileges", "secret", "partnerId"],
                values: r#"{"secret":"{1:sent:secret}","partnerId":"{1:sent:partnerId}","userId":"visitor","type":"0","privileges":"enableentitlement,privacycontext:lectures"}"#,
                outcome: "Still an end user's session, under entitlement.",
                ..STEP
            },
            Step {
                title: "Ask as a member",
                text: &["The same call a third time."],
                does: Does::Call("category.get"),
                fields: &["id"],
                values: r#"{"id":"{2:result:id}"}"#,
                ks: "{8:result}",
                outcome: "The user sees the category, and nothing else was opened.",
                ..STEP
            },
            Step {
                part: "Tidy up",
                title: "Delete the category",
                text: &["It was only there to be hidden."],
                does: Does::Call("category.delete"),
                fields: &["id"],
                values: r#"{"id":"{2:result:id}"}"#,
                ks: "{1:result}",
                outcome: "Everything is as it was before.",
                ..STEP
            },
        ],
    },
];

#[cfg(test)]
mod tests {
    use super::*;
    use crate::describe;

    /// The numbers of the steps that a text refers to.
    fn references(text: &str) -> Vec<usize> {
        let pieces = text.split('{').skip(1).filter_map(|piece| piece.split_once(':'));
        pieces.filter_map(|(number, _)| number.parse().ok()).collect()
    }

    #[test]
    fn steps_call_what_is_declared_and_refer_to_earlier_steps() {
        for workflow in ALL {
            for (index, step) in workflow.steps.iter().enumerate() {
                let place = format!("{} step {}", workflow.name, index + 1);
                let values: Value = serde_json::from_str(step.values).expect(&place);
                if let Does::Call(name) = step.does {
                    let (service, action) = name.split_once('.').expect(&place);
                    let service = describe::service(service).expect(&place);
                    let action = describe::action(service, action).expect(&place);
                    let known = |name: &str| action.params.iter().any(|param| param.name == name);
                    for name in
                        step.fields.iter().copied().chain(values.as_object().expect(&place).keys().map(String::as_str))
                    {
                        assert!(known(name), "{place}: {name}");
                    }
                }
                for number in references(step.values).into_iter().chain(references(step.ks)) {
                    assert!((1..=index).contains(&number), "{place} refers to step {number}");
                }
                assert!(!step.title.is_empty() && !step.text.is_empty() && !step.outcome.is_empty(), "{place}");
            }
        }
    }
}
