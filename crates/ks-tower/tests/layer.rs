//! Requests through the layer: who gets through, and what the others are told.

use std::convert::Infallible;
use std::future::{Ready, ready};
use std::sync::Arc;
use std::task::{Context, Poll};

use http::{Request, Response};
use ks_token::{Claims, PartnerId, Secret, SecretKey, generate_v1, generate_v2};
use ks_tower::{KsLayer, Refused, Require, Session};
use tower_layer::Layer;
use tower_service::Service;

const NOW: i64 = 1_700_000_000;
const SECRET: &str = "0123456789abcdef0123456789abcdef";

/// Says whose session came through.
#[derive(Clone)]
struct Whose;

impl Service<Request<()>> for Whose {
    type Response = Response<String>;
    type Error = Infallible;
    type Future = Ready<Result<Response<String>, Infallible>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, request: Request<()>) -> Self::Future {
        let Session(ks) = request.extensions().get().expect("a session comes through");
        ready(Ok(Response::new(ks.user_id.as_deref().unwrap_or_default().to_owned())))
    }
}

fn key(secret: &str) -> SecretKey {
    SecretKey::new(&Secret::new(secret).expect("a secret"))
}

fn layer() -> KsLayer {
    let keys: Arc<[SecretKey]> = [key("another secret"), key(SECRET)].into();
    KsLayer::new(move |partner| (partner == PartnerId::new(102)).then(|| Arc::clone(&keys))).clock(|| NOW)
}

fn token(secret: &str, partner: i32, change: impl FnOnce(&mut Claims)) -> String {
    let mut claims = Claims::new(PartnerId::new(partner), NOW + 60);
    claims.user_id = Some("me".to_owned());
    change(&mut claims);
    generate_v2(&claims, &key(secret), *b"0123456789abcdef").expect("a token")
}

fn send(layer: &KsLayer, request: Request<()>) -> (u16, String, Option<Refused>) {
    let runtime = tokio::runtime::Builder::new_current_thread().build().expect("a runtime");
    let answer = runtime.block_on(layer.layer(Whose).call(request)).expect("it cannot fail");
    assert_eq!(answer.headers().contains_key("www-authenticate"), answer.status() == 401);
    (answer.status().as_u16(), answer.body().clone(), answer.extensions().get().copied())
}

fn bearer(token: &str) -> Request<()> {
    Request::get("/media/0_abc").header("authorization", format!("Bearer {token}")).body(()).expect("a request")
}

#[test]
fn a_token_is_found_where_requests_carry_it() {
    let good = token(SECRET, 102, |_| {});
    let escaped = good.replace('=', "%3D").replace('-', "%2D");
    let layer = layer().cookie("session").header("X-Other").query("token");
    for request in [
        Request::get("/").header("Authorization", format!("bearer {good}")),
        Request::get("/").header("X-KS", &good),
        Request::get("/").header("x-other", &good),
        Request::get(format!("/?a=b&ks={escaped}")),
        Request::get(format!("/?token={escaped}")),
        Request::get("/").header("Cookie", format!("a=b; session={good}")),
        Request::get("/").header("Cookie", format!("session=\"{escaped}\"")),
    ] {
        assert_eq!(send(&layer, request.body(()).unwrap()), (200, "me".to_owned(), None));
    }
    let cookie = Request::get("/").header("Cookie", format!("session={good}")).body(()).unwrap();
    assert_eq!(send(&self::layer(), cookie).2, Some(Refused::Missing), "cookies only where they are asked for");
}

#[test]
fn what_is_not_good_is_told_apart() {
    let v1 = generate_v1(&Claims::new(PartnerId::new(102), NOW + 60), &key(SECRET), "1").unwrap();
    assert_eq!(send(&layer(), bearer(&v1)).0, 200);
    for (token, status, refused) in [
        (String::new(), 401, Refused::Missing),
        ("nonsense".to_owned(), 401, Refused::Invalid),
        (token("wrong", 102, |_| {}), 401, Refused::Invalid),
        (token(SECRET, 103, |_| {}), 401, Refused::Invalid),
        (token(SECRET, 102, |claims| claims.expiry = NOW - 1), 401, Refused::Expired),
        (token(SECRET, 102, |it| it.privileges = Some("iprestrict:203.0.113.7".into())), 403, Refused::Restricted),
        (token(SECRET, 102, |it| it.privileges = Some("urirestrict:/other*".into())), 403, Refused::Restricted),
        (token(SECRET, 102, |it| it.privileges = Some("actionslimit:5".into())), 403, Refused::Restricted),
    ] {
        assert_eq!(send(&layer(), bearer(&token)), (status, String::new(), Some(refused)), "{token}");
    }
    let here = layer().remote_addr(|_| "203.0.113.7".parse().ok());
    let bound = token(SECRET, 102, |it| it.privileges = Some("iprestrict:203.0.113.7".into()));
    assert_eq!(send(&here, bearer(&bound)).0, 200);
}

#[test]
fn everything_that_is_required_must_hold() {
    let editor = token(SECRET, 102, |it| it.privileges = Some("edit:0_abc/0_def,sview:*".into()));
    let admin = token(SECRET, 102, |it| it.session_type = 2);
    let anonymous = token(SECRET, 102, |it| it.user_id = None);
    for (required, token, allowed) in [
        (vec![Require::admin()], &admin, true),
        (vec![Require::admin()], &editor, false),
        (vec![Require::user()], &editor, true),
        (vec![Require::user()], &anonymous, false),
        (vec![Require::partner(PartnerId::new(102))], &editor, true),
        (vec![Require::partner(PartnerId::new(103))], &editor, false),
        (vec![Require::privilege("edit", "0_def")], &editor, true),
        (vec![Require::privilege("edit", "0_de")], &editor, false),
        (vec![Require::any_privilege("edit")], &editor, true),
        (vec![Require::any_privilege("download")], &editor, false),
        (vec![Require::user(), Require::admin()], &editor, false),
    ] {
        let layer = required.iter().cloned().fold(layer(), KsLayer::require);
        let (status, _, refused) = send(&layer, bearer(token));
        let expected = if allowed { (200, None) } else { (403, Some(Refused::NotEnough)) };
        assert_eq!((status, refused), expected, "{required:?}");
    }
}
