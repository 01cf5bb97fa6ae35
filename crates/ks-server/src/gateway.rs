//! `/auth/verify`: a proxy in front of somebody else's service asks whether a request may pass.
//!
//! The answer is in the status and in headers; it has no body that matters, and is never kept.

use std::borrow::Cow;
use std::sync::atomic::{AtomicU64, Ordering};

use bytes::Bytes;
use http_body_util::Full;
use hyper::body::Incoming;
use hyper::header::{AUTHORIZATION, CACHE_CONTROL, COOKIE, HeaderName, HeaderValue, WWW_AUTHENTICATE};
use hyper::{HeaderMap, Request, Response, StatusCode};
use ks_console::Query;
use ks_schema::PartnerId;
use ks_service::RequestInfo;
use ks_service::gateway::{Denied, Identity, Kind, Wanted};
use ks_service::inspect::nearest;
use percent_encoding::{AsciiSet, CONTROLS, utf8_percent_encode};

use crate::address;
use crate::api::{App, Body, Origin, append, request_id};
use crate::gate::Busy;
use crate::headers;
use crate::pages;

/// Where proxies ask.
const PATH: &str = "/auth/verify";

/// Where proxies ask that put this in front of the original address, as Envoy's `ext_authz` does. It is a path of its own,
/// so that a slash too many in the configuration of another one is no question at all, and opens nothing.
const BEFORE: &str = "/auth/ext_authz";

/// What is wanted, where the query is that of the original address: by our example Envoy puts it in place of what a caller
/// sends.
const WANTED: HeaderName = HeaderName::from_static("x-ks-wanted");

/// Whether a proxy asks.
pub(crate) fn is_asked(path: &str) -> bool {
    path == PATH || behind(path).is_some()
}

/// The original address, where it stands behind [`BEFORE`].
fn behind(path: &str) -> Option<&str> {
    path.strip_prefix(BEFORE).filter(|rest| rest.starts_with('/'))
}

/// What proxies call the address that was asked of them: nginx by our example, Traefik by itself.
const ORIGINAL: [HeaderName; 2] =
    [HeaderName::from_static("x-original-uri"), HeaderName::from_static("x-forwarded-uri")];
const OWN_HEADERS: [&str; 2] = ["x-ks", "ks"];
/// The cookie that is looked at unless another one is named.
const COOKIE_NAME: &str = "ks";

/// How often proxies were told what.
#[derive(Default)]
pub(crate) struct Told([AtomicU64; 4]);

impl Told {
    /// What they can be told.
    const STATUS: [&str; 4] = ["200", "401", "403", "other"];

    fn note(&self, status: StatusCode) {
        let index = Self::STATUS.iter().position(|known| *known == status.as_str());
        self.0[index.unwrap_or(Self::STATUS.len() - 1)].fetch_add(1, Ordering::Relaxed);
    }

    /// The counts so far.
    pub(crate) fn counts(&self) -> [(&'static str, u64); 4] {
        let counts = self.0.each_ref().map(|count| count.load(Ordering::Relaxed));
        std::array::from_fn(|index| (Self::STATUS[index], counts[index]))
    }
}

/// What would end a header, or be taken for an escape. The rest of ASCII stands as it is; all else is escaped.
const ESCAPED: &AsciiSet = &CONTROLS.add(b' ').add(b'%');

/// What the query of the address may say.
const NAMES: [&str; 6] = ["ks", "type", "privilege", "partner", "role", "cookie"];

/// Answers a proxy.
pub(crate) async fn serve(app: &App, origin: Origin, request: &Request<Incoming>) -> Response<Body> {
    let response = answer(app, origin, request).await;
    app.edge.gateway.note(response.status());
    response
}

async fn answer(app: &App, origin: Origin, request: &Request<Incoming>) -> Response<Body> {
    if app.config.dev && !address::is_loopback_host(request.headers()) {
        return pages::foreign_host();
    }
    let headers = request.headers();
    let own = request.uri().path_and_query().map_or("", |it| it.as_str());
    let behind = behind(own);
    let (query, original) = match behind {
        // Whatever a caller says of the address, this is the one.
        Some(_) => (wanted_line(headers), Ok(behind)),
        None => (Some(request.uri().query().unwrap_or_default()), told(headers)),
    };
    let Some(query) = query.map(Query::parse) else {
        return respond(StatusCode::BAD_REQUEST, "", format!("{WANTED} is not one line of ASCII, which may be empty"));
    };
    // A slip in the proxy's configuration must not open anything: proxies take this for a fault of theirs.
    let (wanted, cookie) = match read(&query) {
        Ok(read) => read,
        Err(fault) => return respond(StatusCode::BAD_REQUEST, "", fault),
    };
    let seat = match app.gate.enter().await {
        Ok(seat) => seat,
        Err(Busy) => return denied("", Denied::Unknown),
    };
    let info = RequestInfo {
        remote_addr: address::caller(origin.peer, headers, &app.config.trusted_proxies),
        uri: original.ok().flatten().unwrap_or(own).to_owned(),
        internal: false,
        id: request_id(app.node.now()),
        seat,
    };
    let Ok(original) = original else { return denied(&info.id, Denied::NoSession("ambiguous")) };
    let found = match find(headers, original, &query, cookie) {
        Found::None => None,
        Found::One(ks) => Some(ks),
        Found::Several => return denied(&info.id, Denied::NoSession("ambiguous")),
    };
    match app.node.let_through(&info, found.as_deref(), &wanted).await {
        Ok(identity) => passed(&info.id, &identity),
        Err(why) => denied(&info.id, why),
    }
}

/// What the proxy's own header says is wanted. Of two one may be a caller's.
fn wanted_line(headers: &HeaderMap) -> Option<&str> {
    let mut lines = headers.get_all(WANTED).iter();
    match (lines.next(), lines.next()) {
        (Some(line), None) => line.to_str().ok(),
        (None, _) | (Some(_), Some(_)) => None,
    }
}

/// Two addresses that differ.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Differ;

/// The original address, as the proxy tells it. Where two are told, one may be what a caller sent through a proxy that
/// knows the other header only.
fn told(headers: &HeaderMap) -> Result<Option<&str>, Differ> {
    let mut all = ORIGINAL.into_iter().flat_map(|name| headers.get_all(name));
    let Some(first) = all.next() else { return Ok(None) };
    if all.any(|other| other != first) { Err(Differ) } else { Ok(first.to_str().ok()) }
}

/// What is wanted, and which cookie to look at.
fn read(query: &Query) -> Result<(Wanted, &str), String> {
    let (mut wanted, mut cookie) = (Wanted::default(), COOKIE_NAME);
    for (name, value) in query.pairs() {
        match name {
            "ks" => {}
            "type" => wanted.kinds.push(match value {
                "admin" => Kind::Admin,
                "user" => Kind::User,
                _ => return Err("type is admin or user".to_owned()),
            }),
            "privilege" if !value.is_empty() => {
                let (name, value) = value.split_once(':').map_or((value, None), |(name, value)| (name, Some(value)));
                wanted.privileges.push((name.to_owned(), value.map(str::to_owned)));
            }
            "partner" => {
                let id = value.parse().map_err(|_| "partner is no number".to_owned())?;
                wanted.partners.push(PartnerId::new(id));
            }
            "role" if !value.is_empty() => wanted.roles.push(value.to_owned()),
            "cookie" if !value.is_empty() => cookie = value,
            "privilege" | "role" | "cookie" => return Err(format!("{name} has no value")),
            other => {
                let meant = nearest(other, NAMES).map_or_else(String::new, |meant| format!(": did you mean {meant}?"));
                return Err(format!("unknown name {other:?}{meant}"));
            }
        }
    }
    Ok((wanted, cookie))
}

/// What one place holds.
#[derive(Debug, PartialEq, Eq)]
enum Found<'a> {
    None,
    One(Cow<'a, str>),
    /// Two that differ: the service behind might read the other one.
    Several,
}

impl<'a> Found<'a> {
    fn of(values: impl Iterator<Item = Cow<'a, str>>) -> Self {
        let mut values = values.filter(|value| !value.is_empty());
        match values.next() {
            None => Self::None,
            Some(first) if values.any(|other| other != first) => Self::Several,
            Some(first) => Self::One(first),
        }
    }

    fn or_else(self, other: impl FnOnce() -> Self) -> Self {
        if self == Self::None { other() } else { self }
    }
}

/// The session: from a header, else from the query of the original address or of our own, else from a cookie.
fn find<'a>(headers: &'a HeaderMap, original: Option<&str>, query: &Query, cookie: &str) -> Found<'a> {
    let text = |value: &'a HeaderValue| value.to_str().ok();
    let bearer = headers.get_all(AUTHORIZATION).iter().filter_map(text).filter_map(|value| {
        let (scheme, rest) = value.split_once(' ')?;
        scheme.eq_ignore_ascii_case("bearer").then(|| Cow::Borrowed(rest.trim()))
    });
    let own = OWN_HEADERS.into_iter().flat_map(|name| headers.get_all(name)).filter_map(text);
    let own = own.map(|value| Cow::Borrowed(value.trim()));
    let in_query = |query: &Query| {
        let values: Vec<String> =
            query.pairs().filter(|(name, _)| *name == "ks").map(|(_, it)| it.to_owned()).collect();
        Found::of(values.into_iter().map(Cow::Owned))
    };
    let in_cookies = || {
        let lines = headers.get_all(COOKIE).iter().filter_map(text);
        let pairs = lines.flat_map(|line| line.split(';')).filter_map(|pair| pair.trim().split_once('='));
        Found::of(pairs.filter(|(name, _)| *name == cookie).map(|(_, value)| Cow::Borrowed(value.trim_matches('"'))))
    };
    let original = original.and_then(|uri| uri.split_once('?')).map(|(_, query)| Query::parse(query));
    Found::of(bearer.chain(own))
        .or_else(|| original.as_ref().map_or(Found::None, in_query))
        .or_else(|| in_query(query))
        .or_else(in_cookies)
}

fn passed(id: &str, identity: &Identity) -> Response<Body> {
    let mut response = respond(StatusCode::OK, id, "passed".to_owned());
    let map = response.headers_mut();
    append(map, "x-ks-partner", &identity.partner.to_string());
    append(map, "x-ks-user", &escaped(&identity.user));
    append(map, "x-ks-type", if identity.kind == Kind::Admin { "admin" } else { "user" });
    append(map, "x-ks-privileges", &escaped(&identity.privileges));
    if let Some(expires) = identity.expires {
        append(map, "x-ks-expires", &expires.to_string());
    }
    response
}

fn denied(id: &str, why: Denied) -> Response<Body> {
    let (status, reason) = match why {
        Denied::NoSession(reason) => (StatusCode::UNAUTHORIZED, reason),
        Denied::Forbidden(reason) => (StatusCode::FORBIDDEN, reason),
        Denied::Unknown => (StatusCode::SERVICE_UNAVAILABLE, "unavailable"),
    };
    let mut response = respond(status, id, reason.to_owned());
    let map = response.headers_mut();
    append(map, "x-ks-reason", reason);
    if status == StatusCode::UNAUTHORIZED {
        map.insert(WWW_AUTHENTICATE, HeaderValue::from_static("Bearer realm=\"ks\""));
    }
    response
}

fn escaped(text: &str) -> String {
    utf8_percent_encode(text, ESCAPED).to_string()
}

fn respond(status: StatusCode, id: &str, text: String) -> Response<Body> {
    let mut response = Response::new(Full::new(Bytes::from(text + "\n")));
    *response.status_mut() = status;
    let map = response.headers_mut();
    headers::safe(map);
    map.insert(hyper::header::CONTENT_TYPE, HeaderValue::from_static("text/plain; charset=utf-8"));
    map.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    if let Ok(id) = HeaderValue::from_str(id)
        && !id.is_empty()
    {
        map.insert(headers::REQUEST_ID, id);
    }
    response
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(pairs: &[(&'static str, &'static str)], original: Option<&str>, query: &str) -> Option<String> {
        let mut headers = HeaderMap::new();
        for (name, value) in pairs {
            headers.append(*name, HeaderValue::from_static(value));
        }
        match find(&headers, original, &Query::parse(query), "ks") {
            Found::None => None,
            Found::One(ks) => Some(ks.into_owned()),
            Found::Several => Some("several".to_owned()),
        }
    }

    #[test]
    fn a_session_is_found_in_one_place_after_the_other() {
        let cookie = ("cookie", "a=b; ks=cookie; c=d");
        let is = |wanted: &str| Some(wanted.to_owned());
        assert_eq!(found(&[("authorization", "bearer  header "), cookie], Some("/x?ks=query"), ""), is("header"));
        assert_eq!(found(&[("x-ks", "own"), cookie], None, ""), is("own"));
        assert_eq!(found(&[("ks", "own"), cookie], None, ""), is("own"));
        assert_eq!(
            found(&[("authorization", "Basic abc"), cookie], Some("/x?a=1&ks=qu%65ry"), "ks=other"),
            is("query")
        );
        assert_eq!(found(&[cookie], Some("/x"), "ks=own"), is("own"));
        assert_eq!(found(&[cookie], Some("/x?ks="), ""), is("cookie"));
        assert_eq!(found(&[("cookie", "xks=no")], None, ""), None);
    }

    #[test]
    fn of_two_original_addresses_neither_is_believed() {
        let told_of = |pairs: &[(&'static str, &'static [u8])]| {
            let mut headers = HeaderMap::new();
            for (name, value) in pairs {
                headers.append(*name, HeaderValue::from_bytes(value).unwrap());
            }
            told(&headers).map(|it| it.map(str::to_owned))
        };
        let is = |text: &str| Ok(Some(text.to_owned()));
        assert_eq!(told_of(&[]), Ok(None));
        assert_eq!(told_of(&[("x-forwarded-uri", b"/a")]), is("/a"));
        assert_eq!(told_of(&[("x-original-uri", b"/a"), ("x-forwarded-uri", b"/a")]), is("/a"));
        assert_eq!(told_of(&[("x-original-uri", b"/a"), ("x-forwarded-uri", b"/b")]), Err(Differ));
        assert_eq!(told_of(&[("x-forwarded-uri", b"/a"), ("x-forwarded-uri", b"/b")]), Err(Differ));
        assert_eq!(told_of(&[("x-original-uri", b"/\xe9"), ("x-forwarded-uri", b"/b")]), Err(Differ));
    }

    #[test]
    fn an_address_may_stand_behind_that_of_the_gateway() {
        for (path, expected) in [
            ("/auth/verify", true),
            ("/auth/verify/", false),
            ("/auth/verifyx", false),
            ("/auth/ext_authz/", true),
            ("/auth/ext_authz/a/b", true),
            ("/auth/ext_authz", false),
            ("/auth/ext_authzx/a", false),
            ("/auth", false),
        ] {
            assert_eq!(is_asked(path), expected, "{path}");
        }
        let mut headers = HeaderMap::new();
        assert_eq!(wanted_line(&headers), None);
        headers.append(WANTED, HeaderValue::from_static("type=admin"));
        assert_eq!(wanted_line(&headers), Some("type=admin"));
        headers.append(WANTED, HeaderValue::from_static(""));
        assert_eq!(wanted_line(&headers), None);
        let empty = HeaderMap::from_iter([(WANTED, HeaderValue::from_static(""))]);
        assert_eq!(wanted_line(&empty), Some(""));
    }

    #[test]
    fn two_that_differ_in_one_place_are_none() {
        assert_eq!(found(&[], Some("/x?ks=a&ks=b"), "").as_deref(), Some("several"));
        assert_eq!(found(&[], Some("/x?ks=a&ks=a"), "").as_deref(), Some("a"));
        assert_eq!(found(&[("ks", "a"), ("authorization", "Bearer b")], None, "").as_deref(), Some("several"));
        assert_eq!(found(&[("cookie", "ks=a"), ("cookie", "ks=b")], None, "").as_deref(), Some("several"));
    }

    #[test]
    fn slips_of_the_configuration_open_nothing() {
        for query in ["tpye=admin", "type=root", "privilege=", "role", "partner=x", "cookie="] {
            assert!(read(&Query::parse(query)).is_err(), "{query}");
        }
        let query = Query::parse("type=admin&type=user&privilege=edit:0_a&privilege=list&partner=102&role=R&cookie=c");
        let (wanted, cookie) = read(&query).unwrap();
        assert_eq!((wanted.kinds.len(), wanted.partners.len(), cookie), (2, 1, "c"));
        assert_eq!(wanted.privileges, [("edit".to_owned(), Some("0_a".to_owned())), ("list".to_owned(), None)]);
    }

    #[test]
    fn nothing_that_a_token_says_ends_a_header() {
        assert_eq!(escaped("ann@example.com"), "ann@example.com");
        assert_eq!(escaped("a\r\nX-Ks-Type: admin"), "a%0D%0AX-Ks-Type:%20admin");
        assert_eq!(escaped("50% \u{e9}"), "50%25%20%C3%A9");
    }
}
