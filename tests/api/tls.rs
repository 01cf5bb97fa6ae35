//! TLS of the server's own, with certificates that are replaced while it runs.

use std::net::{SocketAddr, TcpStream};
use std::path::Path;
use std::process::Command;

use ks_tests::account::eventually;
use ks_tests::call::path;
use ks_tests::http::Request;
use ks_tests::server::{Server, ks, run_command};
use ks_tests::tls::{Authority, Pair};
use serde_json::json;

fn serve(folder: &Path, flags: &[&str]) -> Server {
    let mut command = Server::serve_command(folder);
    command.arg("--tls-cert").arg(folder.join("cert.pem")).arg("--tls-key").arg(folder.join("key.pem"));
    Server::start(command.args(flags))
}

fn ping() -> Request {
    Request::get(&format!("{}?format=1", path("system.ping")))
}

/// What the server shows at present.
#[track_caller]
fn shown(authority: &Authority, server: &Server) -> Vec<u8> {
    let (answer, shown) = authority.send(server.addr, &ping()).expect("an answer over TLS");
    assert_eq!(answer.json(), true);
    shown
}

fn hang_up(server: &Server) {
    let sent = Command::new("kill").args(["-HUP", &server.id().to_string()]).status();
    assert!(sent.is_ok_and(|status| status.success()), "a signal can be sent");
}

#[test]
fn calls_and_pages_are_encrypted_and_say_so() {
    let (folder, authority) = (tempfile::tempdir().expect("a folder"), Authority::make());
    authority.certify().write(folder.path());
    let server = serve(folder.path(), &["--admin-listen", "127.0.0.1:0"]);
    assert!(server.url.starts_with("https://"), "{}", server.url);
    let secret = server.told("adminSecret");
    let body = json!({"format": 1, "secret": secret, "partnerId": server.partner(), "type": 2}).to_string();
    let start = Request::post(&path("session.start"), "application/json", body);
    let (answer, _) = authority.send(server.addr, &start).expect("an answer over TLS");
    assert!(answer.json().is_string(), "{answer:?}");
    assert_eq!(answer.header("Strict-Transport-Security"), Some("max-age=31536000"));
    let (page, _) = authority.send(server.addr, &Request::get("/console")).expect("a page over TLS");
    assert_eq!((page.status, page.header("Strict-Transport-Security")), (200, Some("max-age=31536000")));

    // The console's cookie comes back over TLS alone.
    let login = json!({"loginId": server.told("adminEmail"), "password": server.told("adminPassword")}).to_string();
    let login = Request::post("/console/session", "application/json", login).header("X-KS-Console", "1");
    let (answer, _) = authority.send(server.addr, &login).expect("an answer over TLS");
    let cookie = answer.header("Set-Cookie").unwrap_or_else(|| panic!("{}", answer.text()));
    assert!(cookie.contains("; HttpOnly; SameSite=Strict; Secure"), "{cookie}");

    // Who speaks no TLS gets nothing, and holds nobody up.
    let plain = ping().send(server.addr);
    assert!(plain.as_ref().map_or(true, |answer| answer.status != 200), "{plain:?}");
    let silent: Vec<_> = (0..20).map(|_| TcpStream::connect(server.addr).expect("a connection")).collect();
    let _ = shown(&authority, &server);
    drop(silent);
    assert!(Authority::make().send(server.addr, &ping()).is_err(), "another authority does not vouch for it");

    // Health checks stay as they are.
    let admin: SocketAddr = server.told("adminUrl").trim_start_matches("http://").parse().expect("an address");
    eventually("it is ready", || Request::get("/readyz").send(admin).is_ok_and(|answer| answer.status == 200));
    assert_eq!(Request::get("/readyz").send(admin).expect("an answer").header("Strict-Transport-Security"), None);
}

#[test]
fn a_new_certificate_is_used_and_a_bad_one_is_told_and_is_not() {
    let (folder, authority) = (tempfile::tempdir().expect("a folder"), Authority::make());
    let [first, second, third] = [(); 3].map(|()| authority.certify());
    first.write(folder.path());
    let server = serve(folder.path(), &[]);
    assert_eq!(shown(&authority, &server), first.der);

    // On a signal.
    second.write(folder.path());
    hang_up(&server);
    eventually("the second one is shown", || shown(&authority, &server) == second.der);

    // A key that belongs to another certificate, no key, no certificate: each is told, and the old one stays.
    let bad = |cert: &str, key: &str| Pair { cert: cert.to_owned(), key: key.to_owned(), der: Vec::new() };
    for (pair, told) in [
        (bad(&third.cert, &first.key), "the certificate and its key cannot be used"),
        (bad(&third.cert, "nonsense"), "there is no private key in it"),
        (bad("nonsense", &first.key), "there is no certificate in it"),
        (bad("", &first.key), "there is no certificate in it"),
    ] {
        let before = server.said().matches(told).count();
        pair.write(folder.path());
        hang_up(&server);
        eventually(told, || server.said().matches(told).count() > before);
        assert!(server.said().contains("the old one stays"), "{}", server.said());
        assert_eq!(shown(&authority, &server), second.der, "{told}");
    }
    // By itself, without a signal.
    third.write(folder.path());
    eventually("the third one is shown", || shown(&authority, &server) == third.der);
    for pair in [&first, &second, &third] {
        let key = pair.key.lines().nth(1).expect("a line of the key");
        assert!(!server.said().contains(key), "a key is in the log");
    }
}

#[test]
fn a_server_without_a_good_certificate_does_not_start() {
    let folder = tempfile::tempdir().expect("a folder");
    let pair = Authority::make().certify();
    let file = |name: &str, text: &str| {
        let path = folder.path().join(name);
        std::fs::write(&path, text).expect("a file");
        path
    };
    let (cert, key) = (file("c.pem", &pair.cert), file("k.pem", &pair.key));
    let (other, none) = (file("o.pem", &Authority::make().certify().key), file("n.pem", "nothing"));
    let missing = folder.path().join("missing.pem");
    for (cert, key, told) in [
        (&missing, &key, "missing.pem"),
        (&cert, &missing, "missing.pem"),
        (&none, &key, "n.pem: there is no certificate"),
        (&cert, &none, "n.pem: there is no private key"),
        (&cert, &other, "cannot be used"),
    ] {
        let mut command = ks();
        command.args(["serve", "--listen", "127.0.0.1:0", "--data-dir"]).arg(folder.path().join("data"));
        let ended = run_command(command.arg("--tls-cert").arg(cert).arg("--tls-key").arg(key));
        assert!(!ended.status.success() && ended.err.contains(told), "{told}: {}", ended.err);
        assert!(!ended.err.contains("panicked"), "{}", ended.err);
    }
}

/// Without a certificate a hangup changes nothing: it is no reason to end.
#[test]
fn a_hangup_ends_nothing() {
    let data = tempfile::tempdir().expect("a folder");
    let server = Server::serve(data.path());
    hang_up(&server);
    eventually("it was heard", || server.said().contains("there is nothing to read again"));
    assert_eq!(server.good("system.ping", &json!({})), true);
}
