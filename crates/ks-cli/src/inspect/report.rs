//! The findings about one token, before they are put into words.

use ks_token::{Envelope, Ks, PartnerId, Refusal, Scratch, TokenFault, Version, ip_allowed, uri_allowed};

use crate::inspect::{Question, unverified};

/// Everything found out about one token.
pub(crate) struct Report {
    /// How many characters it has.
    pub(crate) length: usize,
    /// What can be read without any secret: layout and account; nothing of a text that is no token.
    pub(crate) outside: Option<(Version, PartnerId)>,
    pub(crate) signature: Signature,
    /// The fields. Of a version 1 token also those that nobody vouches for; see `signature`.
    pub(crate) ks: Option<Ks>,
    pub(crate) verdict: Verdict,
}

/// What is known about the signature.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Signature {
    /// The secret with this place (from 0) made it.
    Right(usize),
    /// None of the given secrets made it.
    Wrong,
    /// No secret was given.
    Unchecked,
    /// There is no signature to check.
    Absent,
}

/// The answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Verdict {
    Valid,
    /// No token, or none that these secrets made.
    Malformed(TokenFault),
    /// Genuine as far as known, but not usable now, from there, for that.
    Refused(Refusal),
    /// Nothing speaks against it, but nobody checked the signature.
    Unchecked,
}

impl Report {
    /// Finds out all there is to know.
    pub(crate) fn of(token: &[u8], question: &Question<'_>) -> Self {
        let mut report = Self {
            length: token.len(),
            outside: None,
            signature: Signature::Absent,
            ks: None,
            verdict: Verdict::Unchecked,
        };
        let mut scratch = Scratch::new();
        let envelope = match Envelope::decode(token, &mut scratch) {
            Ok(envelope) => envelope,
            Err(fault) => {
                report.verdict = Verdict::Malformed(fault);
                return report;
            }
        };
        let version = envelope.version();
        report.outside = Some((version, envelope.partner_id()));
        match envelope.verify(&question.keys) {
            Ok(ks) => {
                report.signature = Signature::Right(ks.secret_index);
                report.verdict = refusal(&ks, question).map_or(Verdict::Valid, Verdict::Refused);
                report.ks = Some(ks);
            }
            Err(TokenFault::NoSecret) => {
                report.signature = Signature::Unchecked;
                report.read_unverified(version, token, question);
            }
            Err(TokenFault::Signature) => {
                report.signature = Signature::Wrong;
                report.read_unverified(version, token, question);
                report.verdict = Verdict::Malformed(TokenFault::Signature);
            }
            Err(fault) => {
                // The signature comes before the fields, so it was right.
                report.signature = signed_by(token, question);
                report.verdict = Verdict::Malformed(fault);
            }
        }
        report
    }

    /// Version 1 is readable without the secret; what it says may be a lie.
    fn read_unverified(&mut self, version: Version, token: &[u8], question: &Question<'_>) {
        if version != Version::V1 {
            return;
        }
        match unverified::read(token) {
            Ok(ks) => {
                self.verdict = refusal(&ks, question).map_or(Verdict::Unchecked, Verdict::Refused);
                self.ks = Some(ks);
            }
            Err(fault) => self.verdict = Verdict::Malformed(fault),
        }
    }
}

/// Which secret made the signature of a token whose fields are wrong.
fn signed_by(token: &[u8], question: &Question<'_>) -> Signature {
    let mut scratch = Scratch::new();
    let found = Envelope::decode(token, &mut scratch).and_then(|mut envelope| envelope.signed_by(&question.keys));
    found.map_or(Signature::Wrong, Signature::Right)
}

/// The checks of [`Ks::check`] in their order, leaving out those whose question was not asked.
fn refusal(ks: &Ks, question: &Question<'_>) -> Option<Refusal> {
    if ks.expired_at(question.now) {
        return Some(Refusal::Expired);
    }
    if ip_verdict(ks, question) == Some(false) {
        return Some(Refusal::RestrictedIp);
    }
    (uri_verdict(ks, question) == Some(false)).then_some(Refusal::RestrictedUri)
}

/// Whether the asked-about address may use the token; nothing when none was asked about, or none is restricted.
pub(crate) fn ip_verdict(ks: &Ks, question: &Question<'_>) -> Option<bool> {
    let address = question.ip.filter(|_| ks.privileges.has("iprestrict"))?;
    Some(ip_allowed(ks.privileges.values("iprestrict"), address))
}

/// Whether the token may be used for the asked-about path; nothing when none was asked about, or none is restricted.
pub(crate) fn uri_verdict(ks: &Ks, question: &Question<'_>) -> Option<bool> {
    let uri = question.uri.filter(|_| ks.privileges.has("urirestrict"))?;
    let value = ks.privileges.values("urirestrict").collect::<Vec<_>>().join("/");
    Some(uri_allowed(&value, uri))
}

#[cfg(test)]
mod tests {
    use ks_token::{Secret, SecretKey};
    use serde_json::Value;

    use super::*;

    /// What the token alone can tell; `LOGOUT` and `UNKNOWN` are the store's to say.
    fn expected(vector: &Value) -> &str {
        let status = vector["required"]["status"].as_str().or(vector["expect"]["status"].as_str());
        match status.unwrap() {
            "LOGOUT" | "UNKNOWN" => "OK",
            "SECRET_NOT_FOUND" | "EXCEPTION" | "MISSING" => "INVALID_STR",
            status => status,
        }
    }

    #[test]
    fn every_published_vector_is_judged_as_it_says() {
        let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../../tests/vectors/ks-vectors.json");
        let vectors: Vec<Value> = serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap();
        assert!(vectors.len() > 100);
        for vector in &vectors {
            let token = vector["token"].as_str().unwrap();
            let mut scratch = Scratch::new();
            let partner = Envelope::decode(token.as_bytes(), &mut scratch).map(|it| it.partner_id().to_string());
            let secrets = &vector["context"]["partnerSecrets"][partner.unwrap_or_default()];
            let secrets = secrets.as_str().unwrap_or_default().split(',').filter_map(|text| Secret::new(text).ok());
            let question = Question {
                keys: secrets.map(|secret| SecretKey::new(&secret)).collect(),
                now: crate::when::now(),
                uri: vector["context"]["requestUri"].as_str(),
                ip: vector["context"]["remoteAddress"].as_str().map(|text| text.parse().unwrap()),
            };
            let report = Report::of(token.as_bytes(), &question);
            let status = match report.verdict {
                Verdict::Valid => "OK",
                Verdict::Malformed(fault) => fault.name(),
                Verdict::Refused(refusal) => refusal.name(),
                Verdict::Unchecked => "INVALID_STR",
            };
            assert_eq!(status, expected(vector), "{}", vector["name"]);
            let explained = crate::inspect::explain::explain(&report, &question).is_some();
            assert_eq!(explained, status != "OK", "{}", vector["name"]);
        }
    }
}
