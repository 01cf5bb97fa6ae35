//! What the account console needs beside its pages: a session in a cookie that no script can read, and calls of the API
//! with it. Each of them is an ordinary call, decided as any other; there is no back door.

use bytes::Bytes;
use http_body_util::Full;
use hyper::body::Incoming;
use hyper::header::{
    CACHE_CONTROL, CONTENT_TYPE, COOKIE, HOST, HeaderName, HeaderValue, ORIGIN, REFERRER_POLICY, SET_COOKIE, VARY,
};
use hyper::{HeaderMap, Method, Request, Response, StatusCode};
use ks_console::Query;
use ks_console::plot::{self, Plot};
use ks_schema::{ApiError, ErrorCode, Out};
use ks_service::mail::Mail;
use ks_service::{RequestInfo, Seat};
use ks_wire::{RawRequest, Reply, encode};
use serde_json::{Map, Value, json};

use crate::address;
use crate::api::{self, App, Body, Origin};
use crate::gate::Busy;
use crate::headers;
use crate::limits::read_body;
use crate::pages;

/// The name of the cookie, and all that it is sent to.
const COOKIE_NAME: &str = "ks_console";
const COOKIE_PATH: &str = "/console";
/// How long a session of the console lasts, in seconds: a working day.
const SESSION_SECONDS: i64 = 8 * 3600;
/// The console shows its owner everything that the account holds.
const PRIVILEGES: &str = "disableentitlement";
/// Pages of other origins cannot send this header without being asked first, and are then refused.
const OWN_HEADER: HeaderName = HeaderName::from_static("x-ks-console");
const FETCH_SITE: HeaderName = HeaderName::from_static("sec-fetch-site");
/// Tells the console's pages that this is a development server.
const DEVELOPMENT: HeaderName = HeaderName::from_static("x-ks-development");
/// More than any form of the console sends.
const MOST_BYTES: usize = 1 << 20;

/// What is asked for.
enum Asked {
    SignIn,
    Who,
    SignOut,
    Enter,
    Call { service: String, action: String },
    Plot,
    Mails,
}

fn asked(method: &Method, path: &str) -> Option<Asked> {
    let rest = path.strip_prefix("/console/")?;
    match (method, rest) {
        (&Method::POST, "session") => Some(Asked::SignIn),
        (&Method::GET, "session") => Some(Asked::Who),
        (&Method::DELETE, "session") => Some(Asked::SignOut),
        (&Method::POST, "session/account") => Some(Asked::Enter),
        (&Method::GET, "plot.svg") => Some(Asked::Plot),
        (&Method::GET, "mails.json") => Some(Asked::Mails),
        (&Method::POST, _) => {
            let (service, action) = rest.strip_prefix("call/")?.split_once('/')?;
            let plain =
                |name: &str| !name.is_empty() && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_');
            // A call is one call: its parts could carry sessions of their own.
            let one = plain(service) && plain(action) && !service.eq_ignore_ascii_case("multirequest");
            one.then(|| Asked::Call { service: service.to_owned(), action: action.to_owned() })
        }
        _ => None,
    }
}

/// Whether the console answers this.
pub(crate) fn is_asked<B>(request: &Request<B>) -> bool {
    asked(request.method(), request.uri().path()).is_some()
}

/// Answers a request of the console.
pub(crate) async fn serve(app: &App, origin: Origin, request: Request<Incoming>) -> Response<Body> {
    if app.config.dev && !address::is_loopback_host(request.headers()) {
        return pages::foreign_host();
    }
    let Some(asked) = asked(request.method(), request.uri().path()) else { return pages::missing() };
    if !matches!(asked, Asked::Plot) && !is_own(request.headers()) {
        return pages::plain(StatusCode::FORBIDDEN, "This is for the pages of this server only.\n");
    }
    // The keys in mails open accounts: only a development server keeps any, and shows them.
    if matches!(asked, Asked::Mails) && !app.config.dev {
        return pages::missing();
    }
    let (parts, body) = request.into_parts();
    let body = match read_body(body, &app.config.limits, &app.room).await {
        Ok((body, _taken)) if body.len() <= MOST_BYTES => body,
        Ok(_) => {
            let status = StatusCode::PAYLOAD_TOO_LARGE;
            return pages::plain(status, pages::reason(status));
        }
        Err(status) => return pages::plain(status, pages::reason(status)),
    };
    let params = match read_params(&body) {
        Some(params) => params,
        None => return pages::plain(StatusCode::BAD_REQUEST, "The body must be a JSON object.\n"),
    };
    let seat = match app.gate.enter().await {
        Ok(seat) => seat,
        Err(Busy) => return pages::busy(parts.headers),
    };
    let caller = Caller { app, origin, headers: &parts.headers, seat };
    match asked {
        Asked::SignIn => caller.sign_in(params).await,
        Asked::Who => caller.who().await,
        Asked::SignOut => caller.sign_out().await,
        Asked::Enter => caller.enter(&params).await,
        Asked::Call { service, action } => caller.forward(&service, &action, params).await,
        Asked::Plot => caller.plot(&Query::parse(parts.uri.query().unwrap_or_default())).await,
        Asked::Mails => caller.mails(),
    }
}

fn read_params(body: &[u8]) -> Option<Map<String, Value>> {
    if body.is_empty() {
        return Some(Map::new());
    }
    match serde_json::from_slice(body) {
        Ok(Value::Object(map)) => Some(map),
        Ok(_) | Err(_) => None,
    }
}

/// Whether a page of this server sent it. The cookie is `SameSite=Strict` besides.
fn is_own(headers: &HeaderMap) -> bool {
    let text = |name: &HeaderName| headers.get(name).and_then(|value| value.to_str().ok());
    let own_origin = match (text(&ORIGIN), text(&HOST)) {
        (None, _) => true,
        (Some(origin), Some(host)) => origin.split_once("://").is_some_and(|(_, name)| name.eq_ignore_ascii_case(host)),
        (Some(_), None) => false,
    };
    own_origin
        && headers.contains_key(OWN_HEADER)
        && text(&FETCH_SITE).is_none_or(|site| site.eq_ignore_ascii_case("same-origin"))
}

/// The session in the cookie.
fn session(headers: &HeaderMap) -> Option<String> {
    let lines = headers.get_all(COOKIE).iter().filter_map(|value| value.to_str().ok());
    let mut pairs = lines.flat_map(|line| line.split(';')).filter_map(|pair| pair.trim().split_once('='));
    pairs.find(|(name, value)| *name == COOKIE_NAME && !value.is_empty()).map(|(_, value)| value.to_owned())
}

/// Who calls, and from where.
struct Caller<'a> {
    app: &'a App,
    origin: Origin,
    headers: &'a HeaderMap,
    seat: Seat,
}

/// What a call of the API answered.
struct Called {
    out: Out,
    reply: Reply,
    request_id: String,
    headers: Vec<(String, String)>,
}

impl Called {
    /// The code of the error, if it is one.
    fn error(&self) -> Option<ErrorCode> {
        match &self.out {
            Out::Error(error) => Some(error.code()),
            _ => None,
        }
    }

    fn json(&self) -> Value {
        serde_json::from_slice(&encode(&self.out, &self.reply, 0.0).body).unwrap_or_default()
    }
}

impl Caller<'_> {
    /// An ordinary call of the API, in JSON.
    async fn call(&self, service: &str, action: &str, mut params: Map<String, Value>, ks: Option<String>) -> Called {
        params.insert("format".to_owned(), json!(1));
        params.insert("clientTag".to_owned(), json!("ks-console"));
        match ks {
            Some(ks) => params.insert("ks".to_owned(), json!(ks)),
            None => params.remove("ks"),
        };
        let path = format!("/api_v3/service/{service}/action/{action}");
        let app = self.app;
        let info = RequestInfo {
            remote_addr: address::caller(self.origin.peer, self.headers, &app.config.trusted_proxies),
            uri: path.clone(),
            internal: self.origin.internal,
            id: api::request_id(app.node.now()),
            seat: self.seat.pass(),
        };
        let body = Bytes::from(Value::Object(params).to_string());
        let raw = RawRequest { path: &path, query: None, content_type: Some("application/json"), body };
        let (reply, out, headers) = api::answer(app, &info, &raw).await;
        Called { out, reply, request_id: info.id, headers }
    }

    async fn sign_in(&self, mut params: Map<String, Value>) -> Response<Body> {
        params.retain(|name, _| matches!(name.as_str(), "loginId" | "password" | "otp" | "partnerId"));
        params.insert("expiry".to_owned(), json!(SESSION_SECONDS));
        params.insert("privileges".to_owned(), json!(PRIVILEGES));
        let called = self.call("user", "loginByLoginId", params, None).await;
        self.take(called).await
    }

    /// Goes over to another account of the same person.
    async fn enter(&self, params: &Map<String, Value>) -> Response<Body> {
        let mut wanted = Map::new();
        wanted.insert("requestedPartnerId".to_owned(), params.get("partnerId").cloned().unwrap_or_default());
        let called = self.call("user", "loginByKs", wanted, session(self.headers)).await;
        self.take(called).await
    }

    /// Puts the session that a call answered into the cookie.
    async fn take(&self, called: Called) -> Response<Body> {
        let ks = match &called.out {
            Out::Text(ks) => Some(ks.clone()),
            Out::Object(object) => match object.get("ks") {
                Some(Out::Text(ks)) => Some(ks.clone()),
                _ => None,
            },
            _ => None,
        };
        let Some(ks) = ks else { return self.respond(&called) };
        let who = self.call("session", "get", Map::new(), Some(ks.clone())).await;
        let mut response = self.respond(&who);
        self.set_cookie(&mut response, &ks, SESSION_SECONDS);
        response
    }

    /// The session as `session.get` tells it, or null.
    async fn who(&self) -> Response<Body> {
        let mut response = match session(self.headers) {
            None => self.say(Out::Null),
            Some(ks) => self.respond(&self.call("session", "get", Map::new(), Some(ks)).await),
        };
        if self.app.config.dev {
            response.headers_mut().insert(DEVELOPMENT, HeaderValue::from_static("1"));
        }
        response
    }

    async fn sign_out(&self) -> Response<Body> {
        let called = self.call("session", "end", Map::new(), session(self.headers)).await;
        let mut response = self.respond(&called);
        self.set_cookie(&mut response, "", 0);
        response
    }

    async fn forward(&self, service: &str, action: &str, params: Map<String, Value>) -> Response<Body> {
        let Some(ks) = session(self.headers) else {
            return self.say(Out::Error(Box::new(ApiError::missing_ks())));
        };
        let called = self.call(service, action, params, Some(ks)).await;
        self.respond(&called)
    }

    /// The mails that a development server has sent lately, newest first.
    fn mails(&self) -> Response<Body> {
        let mails: Vec<Value> = self.app.node.kept_mails().iter().rev().map(mail).collect();
        let mut response = Response::new(Full::new(Bytes::from(Value::Array(mails).to_string())));
        response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
        private(response.headers_mut());
        response
    }

    /// A plot of the account's figures.
    async fn plot(&self, query: &Query) -> Response<Body> {
        let (measure, step) = match (query.get("measure"), query.get("step")) {
            (Some(measure @ ("calls" | "sessionsStarted" | "failedLogins")), Some(step @ ("3600" | "86400"))) => {
                (measure, if step == "3600" { 3600 } else { 86_400 })
            }
            _ => return pages::plain(StatusCode::BAD_REQUEST, "There is no such plot.\n"),
        };
        let until = self.app.node.now() + 1;
        let from = until - step * if step == 3600 { 47 } else { 29 };
        let params = json!({ "measure": measure, "step": step, "from": from, "until": until });
        let Value::Object(params) = params else { return pages::missing() };
        let called = self.call("ks_stats", "list", params, Some(session(self.headers).unwrap_or_default())).await;
        if called.error().is_some() {
            return pages::plain(StatusCode::FORBIDDEN, "Sign in as an administrator to see this.\n");
        }
        let points = plot::points(&called.json());
        let dark = query.get("theme") == Some("dark");
        let svg = plot::svg(&Plot { measure, from, until, step, points: &points, dark });
        let mut response = Response::new(Full::new(Bytes::from(svg)));
        let map = response.headers_mut();
        map.insert(CONTENT_TYPE, HeaderValue::from_static("image/svg+xml"));
        private(map);
        response
    }

    /// An answer without a call.
    fn say(&self, out: Out) -> Response<Body> {
        let request_id = api::request_id(self.app.node.now());
        self.respond(&Called { out, reply: json_reply(), request_id, headers: Vec::new() })
    }

    fn respond(&self, called: &Called) -> Response<Body> {
        let body = encode(&called.out, &called.reply, 0.0).body;
        let mut response = Response::new(Full::new(Bytes::from(body)));
        let map = response.headers_mut();
        map.insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
        private(map);
        if let Ok(id) = HeaderValue::from_str(&called.request_id) {
            map.insert(headers::REQUEST_ID, id);
        }
        for (name, value) in &called.headers {
            api::append(map, name, value);
        }
        // A session that is no longer good is not sent again and again.
        if called.error() == Some(ErrorCode::InvalidKs) {
            self.set_cookie(&mut response, "", 0);
        }
        response
    }

    /// A KS is made of letters, digits, `-`, `_` and `=`, so it can stand in a cookie as it is.
    fn set_cookie(&self, response: &mut Response<Body>, ks: &str, seconds: i64) {
        let secure = if self.came_by_tls() { "; Secure" } else { "" };
        let cookie =
            format!("{COOKIE_NAME}={ks}; Path={COOKIE_PATH}; Max-Age={seconds}; HttpOnly; SameSite=Strict{secure}");
        if let Ok(cookie) = HeaderValue::from_str(&cookie) {
            response.headers_mut().append(SET_COOKIE, cookie);
        }
    }

    /// Whether the browser came by TLS: to this server, or to a trusted proxy that says so.
    fn came_by_tls(&self) -> bool {
        let trusted = self.app.config.trusted_proxies.iter().any(|net| net.contains(&self.origin.peer.to_canonical()));
        self.origin.tls
            || trusted && self.headers.get("x-forwarded-proto").is_some_and(|value| value.as_bytes() == b"https")
    }
}

fn mail(mail: &Mail) -> Value {
    json!({ "to": mail.to, "subject": mail.subject, "text": mail.text })
}

/// Answers of the console are in JSON.
fn json_reply() -> Reply {
    let raw = RawRequest { path: "/api_v3/", query: Some("format=1"), content_type: None, body: Bytes::new() };
    ks_wire::decode(&raw, &ks_wire::Limits::default()).reply
}

/// What is one person's is kept nowhere.
fn private(map: &mut HeaderMap) {
    headers::safe(map);
    map.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    map.insert(REFERRER_POLICY, HeaderValue::from_static("no-referrer"));
    map.insert(VARY, HeaderValue::from_static("Cookie"));
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_pages_of_this_server_may_ask() {
        let with = |pairs: &[(&'static str, &'static str)]| {
            let mut headers = HeaderMap::new();
            for (name, value) in pairs {
                headers.insert(*name, HeaderValue::from_static(value));
            }
            is_own(&headers)
        };
        let own = ("x-ks-console", "1");
        assert!(with(&[own, ("host", "localhost:8080"), ("origin", "http://localhost:8080")]));
        assert!(with(&[own, ("host", "localhost:8080")]));
        assert!(!with(&[("host", "localhost:8080"), ("origin", "http://localhost:8080")]));
        assert!(!with(&[own, ("host", "localhost:8080"), ("origin", "http://evil.example")]));
        assert!(!with(&[own, ("host", "localhost:8080"), ("origin", "null")]));
        assert!(!with(&[own, ("host", "localhost:8080"), ("sec-fetch-site", "same-site")]));
    }

    #[test]
    fn a_call_is_one_call() {
        let is = |path: &str| asked(&Method::POST, path).is_some();
        assert!(is("/console/call/user/list") && is("/console/call/ks_audit/list"));
        for path in ["/console/call/multirequest/x", "/console/call/user", "/console/call/user/list/ks", "/console/x"] {
            assert!(!is(path), "{path}");
        }
        assert!(asked(&Method::GET, "/console/call/user/list").is_none());
    }

    #[test]
    fn the_session_is_found_among_other_cookies() {
        let mut headers = HeaderMap::new();
        headers.append(COOKIE, HeaderValue::from_static("a=b; ks_console=djJ8eA==; c=d"));
        assert_eq!(session(&headers).as_deref(), Some("djJ8eA=="));
        let mut none = HeaderMap::new();
        none.append(COOKIE, HeaderValue::from_static("ks_console=; ks_console_x=1"));
        assert_eq!(session(&none), None);
    }
}
