//! The findings as an object for programs.

use ks_token::catalogue::Known;
use ks_token::{Ks, SessionKind};
use serde_json::{Map, Value, json};

use crate::inspect::report::{Report, Signature, Verdict, ip_verdict, uri_verdict};
use crate::inspect::{Question, explain};
use crate::typo::likely_meant;
use crate::when;

/// Everything about one token. What is not known is left out; what is known to be absent is null.
pub(crate) fn of(report: &Report, question: &Question<'_>) -> Value {
    let mut object = Map::new();
    let valid = match report.verdict {
        Verdict::Valid => Some(true),
        Verdict::Malformed(_) | Verdict::Refused(_) => Some(false),
        Verdict::Unchecked => None,
    };
    object.insert("valid".to_owned(), json!(valid));
    if let Some(explanation) = explain::explain(report, question) {
        let (code, number) = match report.verdict {
            Verdict::Malformed(fault) => (Some(fault.name()), Some(fault.code())),
            Verdict::Refused(refusal) => (Some(refusal.name()), Some(refusal.code())),
            Verdict::Valid | Verdict::Unchecked => (None, None),
        };
        let fault = match report.verdict {
            Verdict::Malformed(fault) => Some(format!("{fault:?}")),
            _ => None,
        };
        object.insert(
            "reason".to_owned(),
            json!({
                "code": code, "number": number, "fault": fault, "text": explanation.why, "advice": explanation.advice
            }),
        );
    }
    let (signature, place) = match report.signature {
        Signature::Right(place) => ("right", Some(place)),
        Signature::Wrong => ("wrong", None),
        Signature::Unchecked => ("unchecked", None),
        Signature::Absent => ("absent", None),
    };
    object.insert("signature".to_owned(), json!(signature));
    object.insert("secretIndex".to_owned(), json!(place));
    if let Some((version, partner)) = report.outside {
        object.insert("version".to_owned(), json!(version.number()));
        object.insert("partnerId".to_owned(), json!(partner.get()));
    }
    if let Some(ks) = &report.ks {
        fields(&mut object, ks, question);
    }
    Value::Object(object)
}

fn fields(object: &mut Map<String, Value>, ks: &Ks, question: &Question<'_>) {
    let kind = match ks.kind() {
        SessionKind::Admin => "admin",
        SessionKind::Widget => "widget",
        SessionKind::User => "user",
    };
    let fields = json!({
        "partnerPattern": ks.partner_pattern.as_deref(),
        "userId": ks.user_id.as_deref(),
        "sessionType": ks.session_type,
        "kind": kind,
        "expiry": ks.expiry,
        "expiryDate": ks.expiry.and_then(when::iso),
        "secondsLeft": ks.expiry.map(|expiry| expiry.saturating_sub(question.now)),
        "rand": ks.rand.as_ref().map(ToString::to_string),
        "privileges": ks.privileges.is_present().then(|| ks.privileges.text()),
        "privilegeItems": items(ks),
        "masterPartnerId": ks.master_partner_id.as_deref(),
        "additionalData": ks.additional_data.as_deref(),
        "hash": ks.hash.to_string(),
        "sessionId": ks.session_id(),
        "sessionIdHash": ks.session_id_hash().map(|hash| hash.to_string()),
        "revocable": ks.is_revocable(),
        "ipAllowed": ip_verdict(ks, question),
        "uriAllowed": uri_verdict(ks, question),
    });
    if let Value::Object(fields) = fields {
        object.extend(fields);
    }
}

fn items(ks: &Ks) -> Vec<Value> {
    let items = ks.privileges.items().filter(|item| !(item.name.is_empty() && item.bare));
    items
        .map(|item| {
            let known = Known::find(item.name);
            json!({
                "name": item.name,
                "value": (!item.bare).then_some(item.value),
                "parts": item.parts().collect::<Vec<_>>(),
                "known": known.is_some(),
                "explanation": known.map(Known::explanation),
                "likelyMeant": likely_meant(item.name).map(Known::name),
            })
        })
        .collect()
}
