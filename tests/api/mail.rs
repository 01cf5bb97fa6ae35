//! Mails that leave by SMTP.

use ks_tests::account::eventually;
use ks_tests::programs::{browse, free};
use ks_tests::server::Server;
use ks_tests::smtp::Sink;
use serde_json::{Value, json};

const PASSWORD: &str = "a long enough secret";

/// `ks serve` that hands its mails to this port.
fn server(data: &tempfile::TempDir, port: u16) -> Server {
    Server::start(
        Server::serve_command(data.path())
            .args(["--sign-up", "--mail-from", "Sessions <ks@example.com>"])
            .args(["--public-url", "https://ks.example/people/"])
            .env("KS_SMTP", format!("smtp://mailer:canary%40word@127.0.0.1:{port}")),
    )
}

fn folder() -> tempfile::TempDir {
    tempfile::tempdir().expect("a temporary folder")
}

fn wish(email: &str, more: &Value) -> Value {
    let mut wish =
        json!({"partner": {"name": "Acme", "adminName": "Ada", "adminEmail": email, "description": "Trial"}});
    wish.as_object_mut().expect("an object").extend(more.as_object().expect("an object").clone());
    wish
}

#[test]
fn every_kind_of_mail_arrives() {
    let (data, sink) = (folder(), Sink::start());
    let server = server(&data, sink.port);
    let _ = server.good("partner.register", &wish("silent@example.com", &json!({"silent": true})));
    let made = server.good("partner.register", &wish("ada@example.com", &json!({})));
    let mail = sink.mail("ada@example.com", "Your new account");
    assert_eq!((mail.from.as_str(), mail.header("To")), ("ks@example.com", "ada@example.com"));
    assert_eq!(mail.header("From"), "Sessions <ks@example.com>");
    assert_eq!(mail.header("Auto-Submitted"), "auto-generated");
    assert!(mail.header("Content-Type").starts_with("text/plain"), "{:?}", mail.headers);
    assert!(mail.header("Message-ID").ends_with("@example.com>"), "{:?}", mail.headers);
    assert!(mail.text.contains(&format!("Account {} was opened", made["id"])), "{}", mail.text);
    let link = format!("https://ks.example/people/set-password#{}", mail.key());
    assert!(mail.text.lines().any(|line| line == link), "{}", mail.text);
    // Where the link leads, the script of the page takes the key out of the address.
    let page = browse(&format!("{}/set-password#{}", server.url, mail.key()));
    assert!(page.contains(r#"<p id="filled">"#), "{page}");
    // With whom the mail server dealt: two NULs stand before user and password.
    let expected = base64_simd::STANDARD.encode_to_string("\0mailer\0canary@word");
    assert_eq!(sink.logins().first(), Some(&expected));

    let set = |key: &str| server.call("user.setInitialPassword", &json!({"hashKey": key, "newPassword": PASSWORD}));
    assert_eq!(set(mail.key())["objectType"], "KalturaAuthentication");
    let login = json!({"loginId": "ada@example.com", "password": PASSWORD});
    let ks = server.good("user.loginByLoginId", &login);

    let _ = server.good("user.resetPassword", &json!({"email": "ada@example.com"}));
    let mail = sink.mail("ada@example.com", "Set a new password");
    assert_eq!(set(mail.key())["objectType"], "KalturaAuthentication");
    assert_eq!(server.call("user.get", &json!({"ks": ks}))["code"], "INVALID_KS", "the password is a new one");

    let start = json!({"secret": made["adminSecret"], "partnerId": made["id"], "type": 2, "userId": "x"});
    let ks = server.good("session.start", &start);
    let bob = json!({"ks": ks, "user": {"objectType": "KalturaUser", "id": "bob", "isAdmin": true,
                                        "email": "bob@example.com"}});
    let _ = server.good("user.add", &bob);
    assert_eq!(set(sink.mail("bob@example.com", "Set your password").key())["objectType"], "KalturaAuthentication");

    // Whoever chose a password needs no key.
    let _ = server.good("partner.register", &wish("eve@example.com", &json!({"cmsPassword": PASSWORD})));
    assert!(!sink.mail("eve@example.com", "Your new account").text.contains("https://"));
    let mails = sink.mails();
    assert!(mails.iter().all(|mail| mail.to != "silent@example.com"), "{mails:?}");
    assert_eq!(mails.len(), 4);
    let said = server.said();
    assert!(!said.contains("canary") && !said.contains("ada@example.com"), "{said}");
}

#[test]
fn what_is_refused_for_now_is_tried_again_and_what_is_refused_is_not() {
    let (data, sink) = (folder(), Sink::start());
    let server = server(&data, sink.port);
    sink.refuse("550 5.1.1 no ada@example.com here");
    let _ = server.good("partner.register", &wish("ada@example.com", &json!({})));
    sink.wait_for_offers(1);
    sink.refuse("451 4.7.1 not now, bob@example.com");
    let _ = server.good("partner.register", &wish("bob@example.com", &json!({})));
    assert_eq!(sink.mail("bob@example.com", "Your new account").to, "bob@example.com");
    assert_eq!((sink.offered(), sink.mails().len()), (3, 1));
    eventually("both are told", || server.said().contains("550") && server.said().contains("451"));
    let said = server.said();
    assert!(!said.contains("@example.com"), "answers of mail servers stand in no log: {said}");
}

#[test]
fn a_mail_server_that_is_away_keeps_nobody_waiting() {
    let data = folder();
    let mut server = server(&data, free().port());
    let made = server.good("partner.register", &wish("ada@example.com", &json!({"cmsPassword": PASSWORD})));
    assert!(made["id"].is_i64());
    let _ = server.good("user.loginByLoginId", &json!({"loginId": "ada@example.com", "password": PASSWORD}));
    assert!(server.terminate().success(), "{}", server.said());
    assert!(server.said().contains("mails were not sent"), "{}", server.said());
}
