//! `partner.register` and `registrationValidation`.

use ks_tests::house::{House, request};
use ks_tests::server::Server;
use serde_json::{Value, json};

fn wish(email: &str) -> Value {
    json!({"partner": {"name": "Acme <b>Media</b>", "adminName": "Ada Lovelace", "adminEmail": email,
                       "description": "Trial", "website": "https://acme.example", "country": "US", "state": "NY",
                       "commercialUse": 1, "partnerPackage": 1, "additionalParams": [{"key": "a", "value": "b"}]},
           "cmsPassword": "correct horse"})
}

fn message(answer: &Value) -> &str {
    assert_eq!(answer["code"], "PARTNER_REGISTRATION_ERROR", "{answer}");
    answer["args"]["MESSAGE"].as_str().expect("a message")
}

#[test]
fn a_new_account_works_at_once() {
    let house = House::build();
    let mut wish = wish("ada@example.com");
    assert_eq!(house.good("partner.registrationValidation", &wish), true);
    let made = house.good("partner.register", &wish);
    assert_eq!(
        (&made["name"], &made["adminName"], &made["firstName"], &made["adminEmail"], &made["cmsPassword"]),
        (
            &json!("Acme Media"),
            &json!("Ada Lovelace"),
            &json!("Ada Lovelace"),
            &json!("ada@example.com"),
            &json!("correct horse")
        )
    );
    assert_eq!(
        (&made["website"], &made["country"], &made["commercialUse"]),
        (&json!("https://acme.example"), &json!("US"), &json!(1))
    );
    assert_eq!(made["additionalParams"][0]["key"], "a");
    assert_eq!(
        (&made["status"], &made["adminUserId"], made.get("partnerParentId")),
        (&json!(1), &json!("ada@example.com"), None)
    );
    let start = json!({"secret": made["adminSecret"], "partnerId": made["id"], "type": 2, "userId": "ada@example.com"});
    let ks = house.good("session.start", &start);
    assert_eq!(house.good("partner.get", &json!({"ks": ks}))["secret"], made["secret"]);
    let features = json!({"ks": ks, "filter": {"typeEqual": 2}});
    assert_eq!(house.good("permission.list", &features)["objects"][0]["name"], "FEATURE_ENTITLEMENT");
    let widget = format!("_{}", made["id"]);
    house.good("session.startWidgetSession", &json!({"widgetId": widget}));

    // The same person's second account takes the password that the address has.
    assert_eq!(house.good("partner.register", &wish)["cmsPassword"], "correct horse");
    for wrong in ["correct horsf", ""] {
        wish["cmsPassword"] = json!(wrong);
        assert!(message(&house.call("partner.register", &wish)).contains("password"));
    }
    let secrets = json!({"partnerId": made["id"], "adminEmail": "Ada@Example.com", "cmsPassword": "correct horse"});
    let shown = house.good("partner.getSecrets", &secrets);
    assert_eq!((&shown["adminSecret"], &shown["cmsPassword"]), (&made["adminSecret"], &json!("correct horse")));
    for (name, value) in [("cmsPassword", json!("wrong")), ("adminEmail", json!("eve@example.com"))] {
        let mut wrong = secrets.clone();
        wrong[name] = value;
        assert_eq!(house.fault("partner.getSecrets", &wrong), ("USER_DATA_ERROR".to_owned(), json!([])), "{name}");
    }
}

#[test]
fn what_is_wrong_is_told_in_words() {
    let house = House::build();
    let account = house.account(501);
    for (name, value, part) in [
        ("name", json!(""), "::name"),
        ("adminName", json!("<b></b>"), "::adminName"),
        ("adminEmail", json!(""), "::adminEmail"),
        ("adminEmail", json!("nobody"), "adminEmail"),
        ("description", json!(" "), "::description"),
        ("country", json!("USA"), "::country"),
        ("state", json!("NYC"), "::state"),
        ("lastName", json!("Lovelace"), "adminName"),
        ("partnerPackage", json!(7), "package"),
        ("id", json!(7), "KalturaPartner::id"),
    ] {
        let mut wish = wish("new@example.com");
        wish["partner"][name] = value;
        for call in ["partner.register", "partner.registrationValidation"] {
            let answer = house.call(call, &wish);
            assert!(message(&answer).contains(part), "{name}: {answer}");
        }
    }
    let house = House::build();
    let mut short = wish("new@example.com");
    short["cmsPassword"] = json!("short");
    assert!(message(&house.call("partner.register", &short)).contains("short"));
    let mut template = wish("new@example.com");
    template["templatePartnerId"] = json!(501);
    assert!(message(&house.call("partner.register", &template)).contains("template"));
    // An administrator of some account opens none below it.
    let other = House::build();
    let own = other.account(501);
    let mut child = wish("child@example.com");
    child["ks"] = json!(own.admin());
    assert!(message(&other.call("partner.register", &child)).contains("below"));
    other.change(&own, |partner| partner.may_impersonate = true);
    child["ks"] = json!(own.admin());
    let made = other.good("partner.register", &child);
    assert_eq!(made["partnerParentId"], 501);
    assert_eq!(other.good("partner.count", &json!({"ks": own.admin()})), 1);
    drop(account);
}

#[test]
fn an_address_opens_so_many_accounts_an_hour() {
    let house = House::build();
    let send = |from: &str| -> Value {
        let request =
            request("partner.registrationValidation", &json!({"partner": {}})).header("X-Forwarded-For", from);
        serde_json::from_slice(&house.send(&request).body).expect("JSON")
    };
    for _ in 0..20 {
        assert_eq!(send("192.0.2.1")["code"], "PARTNER_REGISTRATION_ERROR");
    }
    let blocked = send("192.0.2.1");
    assert_eq!(
        ks_tests::call::fault(&blocked),
        ("ACTION_BLOCKED".to_owned(), json!({"ACTION_NAME": "registrationValidation", "SERVICE_NAME": "partner"}))
    );
    assert_eq!(send("192.0.2.2")["code"], "PARTNER_REGISTRATION_ERROR");
}

#[test]
fn nobody_opens_an_account_unless_the_operator_says_so() {
    let data = tempfile::tempdir().expect("a temporary folder");
    let server = Server::serve(data.path());
    assert!(message(&server.call("partner.register", &wish("ada@example.com"))).contains("operator"));
    let server = Server::dev();
    assert_eq!(server.good("partner.registrationValidation", &wish("ada@example.com")), true);
}
