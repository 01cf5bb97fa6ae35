//! `/_dev/`: the development server's own questions and answers, in JSON.
//!
//! Pages of other origins must not get here: it is there in development only, answers on loopback names only, refuses
//! whatever a page of another origin sends, never allows another origin to read, and wants the key of this start.

use std::time::Duration;

use bytes::Bytes;
use http_body_util::Full;
use hyper::body::Incoming;
use hyper::header::{CACHE_CONTROL, CONTENT_TYPE, HOST, HeaderName, HeaderValue, ORIGIN};
use hyper::{HeaderMap, Method, Request, Response, StatusCode};
use ks_console::Query;
use ks_schema::ErrorCode;
use ks_service::inspect::nearest;
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};
use subtle::ConstantTimeEq as _;

use super::{Dev, EmulatorError, Fault, RequestQuery};
use crate::address;
use crate::api::Body;
use crate::headers;
use crate::limits::read_body;
use crate::pages;
use crate::seed::read_seed;
use crate::server::Slot;

const KEY: HeaderName = HeaderName::from_static("x-ks-dev-key");
const FETCH_SITE: HeaderName = HeaderName::from_static("sec-fetch-site");
/// How many calls are listed unless more are asked for.
const LISTED: usize = 100;

/// What there is, for whoever is lost.
const PATHS: [&str; 9] = [
    "/_dev/",
    "/_dev/clock",
    "/_dev/reset",
    "/_dev/seed",
    "/_dev/snapshots",
    "/_dev/requests",
    "/_dev/mails",
    "/_dev/strict",
    "/_dev/faults",
];

/// What is answered: a status, and what is wrong.
type Wrong = (StatusCode, String);

/// Whether it is asked for.
pub(crate) fn is_asked(path: &str) -> bool {
    path == "/_dev" || path.starts_with("/_dev/")
}

/// Answers a question.
pub(crate) async fn serve(slot: &Slot, dev: &Dev, request: Request<Incoming>) -> Response<Body> {
    if !address::is_loopback_host(request.headers()) {
        return pages::foreign_host();
    }
    if is_foreign(request.headers()) {
        return wrong(StatusCode::FORBIDDEN, "this is not for pages of other origins");
    }
    let key = request.headers().get(KEY).map_or(&[][..], HeaderValue::as_bytes);
    if !bool::from(key.ct_eq(dev.key.as_bytes())) {
        return wrong(StatusCode::UNAUTHORIZED, "the header X-Ks-Dev-Key must have the key that `ks dev` printed");
    }
    let (parts, body) = request.into_parts();
    let app = slot.app();
    let body = match read_body(body, &app.config.limits, &app.room).await {
        Ok((body, _taken)) => body,
        Err(status) => return wrong(status, pages::reason(status).trim_end()),
    };
    // A request that asks for another world must not hold the last one.
    drop(app);
    match answer(slot, dev, &parts.method, parts.uri.path(), parts.uri.query().unwrap_or_default(), &body).await {
        Ok(value) => respond(StatusCode::OK, &value),
        Err((status, fault)) => wrong(status, &fault),
    }
}

/// Whether a page of another origin sent it.
fn is_foreign(headers: &HeaderMap) -> bool {
    let text = |name: &HeaderName| headers.get(name).and_then(|value| value.to_str().ok());
    let own_origin = match (headers.contains_key(ORIGIN), text(&ORIGIN), text(&HOST)) {
        (false, _, _) => true,
        (true, Some(origin), Some(host)) => {
            origin.strip_prefix("http://").is_some_and(|name| name.eq_ignore_ascii_case(host))
        }
        _ => false,
    };
    let own_site = text(&FETCH_SITE).is_none_or(|site| matches!(site, "same-origin" | "none"));
    !own_origin || !own_site
}

async fn answer(slot: &Slot, dev: &Dev, method: &Method, path: &str, query: &str, body: &[u8]) -> Result<Value, Wrong> {
    let rest = path.strip_prefix("/_dev").unwrap_or_default().trim_matches('/');
    let (what, name) = rest.split_once('/').unwrap_or((rest, ""));
    if what != "requests" && !query.is_empty() {
        return Err((StatusCode::BAD_REQUEST, "only /_dev/requests takes a query".to_owned()));
    }
    match (what, name, method.as_str()) {
        ("", "", "GET") => Ok(about(dev).await),
        ("clock", "", "GET") => Ok(clock(dev)),
        ("clock", "", "POST") => move_clock(dev, read(body)?),
        ("reset", "", "POST") => {
            dev.reset(slot).await.map_err(|error| failed(&error))?;
            Ok(json!({ "reset": true }))
        }
        ("seed", "", "POST") => {
            let text = std::str::from_utf8(body).map_err(|_| bad("the body is not UTF-8"))?;
            let world = read_seed(text).map_err(|error| bad(error.to_string()))?;
            Ok(json!(dev.plant(slot, &world).await.map_err(|error| failed(&error))?))
        }
        ("snapshots", "", "GET") => Ok(json!({ "snapshots": dev.worlds.lock().await.names() })),
        ("snapshots", name, "PUT") if !name.is_empty() => {
            dev.worlds.lock().await.save(slot, name).await.map_err(|error| failed(&error))?;
            Ok(json!({ "saved": name }))
        }
        ("snapshots", name, "POST") if !name.is_empty() => {
            dev.worlds.lock().await.load(dev, slot, name).await.map_err(|error| failed(&error))?;
            Ok(json!({ "loaded": name }))
        }
        ("snapshots", name, "DELETE") if !name.is_empty() => {
            dev.worlds.lock().await.delete(name).map_err(|error| failed(&error))?;
            Ok(json!({ "deleted": name }))
        }
        ("requests", "", "GET") => requests(dev, query),
        ("requests", "", "DELETE") => {
            dev.desk.log.clear();
            Ok(json!({ "cleared": true }))
        }
        ("mails", "", "GET") => {
            let mails = dev.outbox.mails();
            let mails = mails.iter().map(|mail| json!({ "to": mail.to, "subject": mail.subject, "text": mail.text }));
            Ok(json!({ "mails": mails.collect::<Vec<_>>() }))
        }
        ("mails", "", "DELETE") => {
            dev.outbox.clear();
            Ok(json!({ "cleared": true }))
        }
        ("strict", "", "GET") => Ok(json!({ "strict": is_strict(dev) })),
        ("strict", "", "POST") => {
            let Strict { strict } = read(body)?;
            dev.desk.set_strict(strict);
            Ok(json!({ "strict": strict }))
        }
        ("faults", "", "GET") => Ok(faults(dev)),
        ("faults", "", "POST") => {
            dev.desk.add_fault(read::<NewFault>(body)?.check()?);
            Ok(faults(dev))
        }
        ("faults", "", "DELETE") => {
            dev.desk.clear_faults();
            Ok(faults(dev))
        }
        _ if PATHS.iter().any(|known| known.trim_end_matches('/') == path.trim_end_matches('/')) => {
            Err((StatusCode::METHOD_NOT_ALLOWED, format!("{path} does not take {method}")))
        }
        _ => Err((StatusCode::NOT_FOUND, format!("there is no {path}; there are {}", PATHS.join(", ")))),
    }
}

async fn about(dev: &Dev) -> Value {
    let (count, dropped) = dev.desk.log.counts();
    json!({
        "version": ks_service::VERSION,
        "clock": clock(dev),
        "strict": is_strict(dev),
        "rngSeed": dev.rng_seed,
        "requests": { "count": count, "dropped": dropped },
        "mails": dev.outbox.mails().len(),
        "faults": dev.desk.faults().len(),
        "snapshots": dev.worlds.lock().await.names(),
        "paths": PATHS,
    })
}

fn is_strict(dev: &Dev) -> bool {
    ks_service::inspect::Inspector::is_strict(dev.desk.as_ref())
}

fn clock(dev: &Dev) -> Value {
    json!({ "now": dev.clock.now(), "frozen": dev.clock.is_frozen() })
}

#[derive(Clone, Copy, Deserialize)]
#[serde(deny_unknown_fields)]
struct Move {
    set: Option<i64>,
    advance: Option<i64>,
    freeze: Option<bool>,
}

fn move_clock(dev: &Dev, wanted: Move) -> Result<Value, Wrong> {
    match wanted {
        Move { set: None, advance: None, freeze: None } => return Err(bad("expected set, advance or freeze")),
        Move { set: Some(_), advance: Some(_), .. } => return Err(bad("set and advance exclude each other")),
        _ => {}
    }
    // Stopped first, so that it stands where it is set.
    if let Some(freeze) = wanted.freeze {
        dev.clock.freeze(freeze);
    }
    if let Some(time) = wanted.set {
        dev.clock.set(time);
    }
    if let Some(seconds) = wanted.advance {
        dev.clock.advance(seconds);
    }
    Ok(clock(dev))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Strict {
    strict: bool,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
struct NewFault {
    service: Option<String>,
    action: Option<String>,
    delay_ms: Option<u64>,
    code: Option<String>,
    panics: Option<bool>,
    times: Option<u32>,
}

impl NewFault {
    fn check(self) -> Result<Fault, Wrong> {
        let known = || ErrorCode::ALL.iter().map(|code| code.info().code);
        let error = match &self.code {
            None => None,
            Some(name) => {
                let code = ErrorCode::ALL.iter().find(|code| code.info().code == name);
                Some(*code.ok_or_else(|| bad(unknown("code", name, known())))?)
            }
        };
        let panics = self.panics.unwrap_or(false);
        if error.is_none() && self.delay_ms.is_none() && !panics {
            return Err(bad("expected code, delayMs or panics"));
        }
        let delay = Duration::from_millis(self.delay_ms.unwrap_or(0).min(60_000));
        Ok(Fault { service: self.service, action: self.action, delay, error, panics, times: self.times })
    }
}

fn faults(dev: &Dev) -> Value {
    let faults = dev.desk.faults().into_iter().map(|fault| {
        json!({
            "service": fault.service,
            "action": fault.action,
            "delayMs": u64::try_from(fault.delay.as_millis()).unwrap_or(u64::MAX),
            "panics": fault.panics,
            "code": fault.error.map(|code| code.info().code),
            "times": fault.times,
        })
    });
    json!({ "faults": faults.collect::<Vec<_>>() })
}

fn requests(dev: &Dev, query: &str) -> Result<Value, Wrong> {
    const KNOWN: [&str; 10] =
        ["call", "service", "action", "code", "partnerId", "userId", "requestId", "after", "since", "limit"];
    fn number<T: std::str::FromStr>(name: &str, text: &str) -> Result<T, Wrong> {
        text.parse().map_err(|_| bad(format!("{name} is no number")))
    }
    let (mut wanted, mut limit) = (RequestQuery::default(), LISTED);
    for (name, value) in Query::parse(query).pairs() {
        let text = Some(value.to_owned());
        match name {
            "call" => {
                let RequestQuery { service, action, .. } = RequestQuery::of(value);
                (wanted.service, wanted.action) = (service, action);
            }
            "service" => wanted.service = text,
            "action" => wanted.action = text,
            "code" => wanted.code = text,
            "partnerId" => wanted.partner = Some(number(name, value)?),
            "userId" => wanted.user = text,
            "requestId" => wanted.request_id = text,
            "after" => wanted.after = Some(number(name, value)?),
            "since" => wanted.since = Some(number(name, value)?),
            "limit" => limit = number(name, value)?,
            other => return Err(bad(unknown("name", other, KNOWN))),
        }
    }
    let found = dev.desk.log.find(&wanted);
    let (_, dropped) = dev.desk.log.counts();
    let newest = &found[found.len().saturating_sub(limit)..];
    let listed: Vec<Value> = newest.iter().map(super::Request::object).collect();
    Ok(json!({ "count": found.len(), "dropped": dropped, "requests": listed }))
}

fn unknown<'a>(what: &str, name: &str, known: impl IntoIterator<Item = &'a str>) -> String {
    match nearest(name, known) {
        Some(meant) => format!("unknown {what} {name:?}: did you mean {meant:?}?"),
        None => format!("unknown {what} {name:?}"),
    }
}

fn read<T: DeserializeOwned>(body: &[u8]) -> Result<T, Wrong> {
    let body = if body.is_empty() { b"{}" } else { body };
    serde_json::from_slice(body).map_err(|error| bad(error.to_string()))
}

fn bad(fault: impl Into<String>) -> Wrong {
    (StatusCode::BAD_REQUEST, fault.into())
}

fn failed(error: &EmulatorError) -> Wrong {
    let status = match error {
        EmulatorError::NoSnapshot(_) => StatusCode::NOT_FOUND,
        EmulatorError::Seed(ks_service::seed::SeedError::Invalid { .. }) | EmulatorError::SnapshotName => {
            StatusCode::BAD_REQUEST
        }
        _ => StatusCode::INTERNAL_SERVER_ERROR,
    };
    (status, error.to_string())
}

fn wrong(status: StatusCode, fault: &str) -> Response<Body> {
    respond(status, &json!({ "error": fault }))
}

fn respond(status: StatusCode, value: &Value) -> Response<Body> {
    let mut response = Response::new(Full::new(Bytes::from(format!("{value}\n"))));
    *response.status_mut() = status;
    let map = response.headers_mut();
    headers::safe(map);
    map.insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
    map.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    response
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pages_of_other_origins_are_told_from_programs() {
        let with = |pairs: &[(&'static str, &'static str)]| {
            let mut headers = HeaderMap::new();
            for (name, value) in pairs {
                headers.insert(*name, HeaderValue::from_static(value));
            }
            is_foreign(&headers)
        };
        let host = ("host", "localhost:8080");
        assert!(
            !with(&[host]) && !with(&[host, ("origin", "http://localhost:8080"), ("sec-fetch-site", "same-origin")])
        );
        assert!(with(&[host, ("origin", "http://localhost:9090")]) && with(&[host, ("origin", "null")]));
        assert!(with(&[host, ("sec-fetch-site", "same-site")]) && with(&[host, ("sec-fetch-site", "cross-site")]));
    }
}
