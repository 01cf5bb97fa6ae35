//! What every page has in common, by plain HTTP.

use ks_tests::http::Request;
use ks_tests::server::Server;

/// Every page.
const PAGES: &[&str] = &[
    "/",
    "/api-docs/",
    "/api-docs/service/session/action/start",
    "/api-docs/workflows/app_tokens",
    "/console/ks",
    "/console/what-is-a-ks",
    "/console",
    "/console/register",
];

#[test]
fn pages_have_a_strict_policy_and_the_api_keeps_its_sandbox() {
    let server = Server::dev();
    for path in PAGES {
        let page = server.send(&Request::get(path));
        assert_eq!((page.status, page.header("content-type")), (200, Some("text/html; charset=utf-8")), "{path}");
        let policy = page.header("content-security-policy").unwrap();
        assert!(policy.starts_with("default-src 'none'; script-src 'self'; style-src 'self'; "), "{policy}");
        assert!(policy.contains("frame-ancestors 'none'") && !policy.contains("unsafe"), "{policy}");
        assert_eq!(page.header("referrer-policy"), Some("no-referrer"));
        assert_eq!(page.header("set-cookie"), None);
        // Once known, it need not be sent again.
        let tag = page.header("etag").unwrap();
        assert_eq!(server.send(&Request::get(path).header("If-None-Match", tag)).status, 304, "{path}");
    }
    let answer = server.send(&Request::get("/api_v3/service/system/action/ping"));
    assert_eq!(answer.header("content-security-policy"), Some("default-src 'none'; sandbox; frame-ancestors 'none'"));
}

#[test]
fn a_development_server_shows_its_pages_on_loopback_names_only() {
    let server = Server::dev();
    for path in PAGES {
        assert_eq!(server.send(&Request::get(path).header("Host", "ks.example.com")).status, 403, "{path}");
    }
}

#[test]
fn what_a_page_loads_is_there_and_is_kept_for_ever() {
    let server = Server::dev();
    for path in PAGES {
        let html = server.send(&Request::get(path)).text();
        let mut loaded = 0;
        for rest in html.split("\"/assets/").skip(1) {
            let target = format!("/assets/{}", rest.split('"').next().unwrap());
            let asset = server.send(&Request::get(&target));
            assert_eq!(asset.status, 200, "{target}");
            assert_eq!(asset.header("cache-control"), Some("public, max-age=31536000, immutable"), "{target}");
            loaded += 1;
        }
        assert!(loaded >= 4, "{path} loads {loaded} files");
        // Scripts and styles are files: nothing stands in the page that the policy would have to allow.
        for inline in ["style=", "onclick=", "onload=", "javascript:", "<style"] {
            assert!(!html.contains(inline), "{path} has {inline}");
        }
    }
}
