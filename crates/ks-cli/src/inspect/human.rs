//! The findings as text for people.

use std::fmt::Write as _;

use ks_token::catalogue::Known;
use ks_token::{Ks, SessionKind};

use crate::inspect::report::{Report, Verdict, ip_verdict, uri_verdict};
use crate::inspect::{Question, explain};
use crate::output::printable;
use crate::typo::likely_meant;
use crate::when;

/// Everything about one token, without a line end at the end.
pub(crate) fn text(report: &Report, question: &Question<'_>) -> String {
    let mut page = Page(String::new());
    match report.verdict {
        Verdict::Valid => page.field("Valid", "yes, as far as the token itself tells"),
        Verdict::Malformed(fault) => page.field("Valid", &format!("no: {} ({})", fault.name(), fault.code())),
        Verdict::Refused(refusal) => page.field("Valid", &format!("no: {} ({})", refusal.name(), refusal.code())),
        Verdict::Unchecked => page.field("Valid", "undecided"),
    }
    if let Some(explanation) = explain::explain(report, question) {
        page.field("Why", &explanation.why);
        page.field("What to do", explanation.advice);
    }
    if let Some((version, partner)) = report.outside {
        page.field("Token", &format!("version {version}, {} characters", report.length));
        page.field("Signature", &explain::signature(report, question));
        page.field("Account", &partner.to_string());
    }
    if let Some(ks) = &report.ks {
        fields(&mut page, ks, question);
        privileges(&mut page, ks, question);
    }
    page.0.truncate(page.0.trim_end().len());
    page.0
}

fn fields(page: &mut Page, ks: &Ks, question: &Question<'_>) {
    page.field("User", &or_nobody(ks.user_id.as_deref()));
    let kind = match ks.kind() {
        SessionKind::Admin => "administrator: may do everything in the account",
        SessionKind::Widget => "widget: anonymous, public content only",
        SessionKind::User => "user",
    };
    let number = ks.session_type.map_or_else(|| "none".to_owned(), |number| number.to_string());
    page.field("Type", &format!("{number} ({kind})"));
    match ks.expiry {
        Some(expiry) => page
            .field("Expires", &format!("{} ({expiry}), {}", when::date(expiry), when::distance(expiry, question.now))),
        None => page.field("Expires", "no expiry, which counts as expired"),
    }
    if let Some(rand) = &ks.rand {
        page.field("Random part", &printable(&rand.to_string()));
    }
    if let Some(master) = ks.master_partner_id.as_deref().filter(|text| !text.is_empty()) {
        page.field("Started by", &format!("account {}, on behalf of {}", printable(master), ks.partner_id));
    }
    if let Some(data) = ks.additional_data.as_deref().filter(|text| !text.is_empty()) {
        page.field("Data", &printable(data));
    }
    page.field("Hash", &ks.hash.to_string());
    if let Some(group) = ks.session_id() {
        page.field("Group", &format!("{} (ended together with all tokens of this session id)", printable(group)));
    }
    if !ks.is_revocable() {
        page.field("Revocable", "no, the protocol cannot end such a session before it expires");
    }
}

fn or_nobody(user: Option<&str>) -> String {
    match user {
        None => "nobody in particular (the field is left out)".to_owned(),
        Some("") => "nobody in particular".to_owned(),
        Some("0") => "0 (nobody in particular)".to_owned(),
        Some(user) => printable(user),
    }
}

fn privileges(page: &mut Page, ks: &Ks, question: &Question<'_>) {
    let items: Vec<_> = ks.privileges.items().filter(|item| !(item.name.is_empty() && item.bare)).collect();
    if items.is_empty() {
        page.field("Privileges", "none");
        return;
    }
    page.field("Privileges", "");
    for item in items {
        let text = if item.bare { item.name.to_owned() } else { format!("{}:{}", item.name, item.value) };
        let meaning = match (Known::find(item.name), likely_meant(item.name)) {
            (Some(known), _) => known.explanation().to_owned(),
            (None, None) => "No known meaning: carried along, but ignored.".to_owned(),
            (None, Some(meant)) => format!("No known meaning, so it is ignored: was `{}` meant?", meant.name()),
        };
        let _ = writeln!(page.0, "  {}\n      {meaning}", printable(&text));
        let answer = match item.name {
            "iprestrict" => ip_verdict(ks, question).zip(question.ip.map(|ip| ip.to_string())),
            "urirestrict" => uri_verdict(ks, question).zip(question.uri.map(printable)),
            _ => None,
        };
        if let Some((allowed, asked)) = answer {
            let _ = writeln!(page.0, "      {asked}: {}", if allowed { "allowed" } else { "not allowed" });
        }
        if item.name == "actionslimit" && matches!(ks.privileges.actions_limit(), Some(Err(_))) {
            let _ = writeln!(page.0, "      Not a whole number above zero: every call with it is refused.");
        }
    }
}

/// Labelled lines under each other.
struct Page(String);

impl Page {
    fn field(&mut self, label: &str, value: &str) {
        let line = format!("{label:<12} {value}");
        self.0.push_str(line.trim_end());
        self.0.push('\n');
    }
}
