//! `partner.update`, and the lists of accounts.

use ks_store::{NewPartner, PartnerStatus};
use ks_tests::house::{Account, House, error, now, request};
use ks_token::PartnerId;
use serde_json::{Value, json};

#[test]
fn every_writable_property_comes_back_and_every_other_is_refused() {
    let house = House::build();
    let account = house.account(501);
    let root = account.admin();
    let sent = json!({
        "name": "Acme", "website": "https://acme.example", "notificationUrl": "https://acme.example/n",
        "appearInSearch": 1, "adminName": "Ada", "adminEmail": "ada@example.com", "description": "Media",
        "commercialUse": 1, "landingPage": "a", "userLandingPage": "b", "contentCategories": "c", "type": 101,
        "phone": "1", "describeYourself": "d", "adultContent": true, "defConversionProfileType": "e", "notify": 1,
        "allowQuickEdit": 1, "mergeEntryLists": 1, "notificationsConfig": "f", "allowedFromEmailWhiteList": "g",
        "maxUploadSize": 7, "allowMultiNotification": 1, "firstName": "Ada", "lastName": "L", "country": "US",
        "state": "NY", "useSso": true, "blockDirectLogin": true, "referenceId": "h", "passReplaceFreq": 10,
        "maxLoginAttempts": 11, "loginBlockPeriod": 12, "numPrevPassToKeep": 13,
        "passwordStructureValidationsDescription": "i", "customAnalyticsDomain": "j",
        "allowedEmailDomainsForAdmins": "example.com", "externalIdentifier": "k"});
    let updated = house.good("partner.update", &json!({"ks": root, "partner": sent}));
    for (name, value) in sent.as_object().expect("an object") {
        assert_eq!(&updated[name], value, "{name}");
    }
    assert_eq!(updated["authenticationType"], 2);
    let got = house.good("partner.get", &json!({"ks": root}));
    assert_eq!(got, updated);
    let lists = json!({"additionalParams": [{"objectType": "KalturaKeyValue", "key": "a", "value": "b"}],
                       "passwordStructureValidations": [{"objectType": "KalturaRegexItem", "regex": "x", "description": "y"}]});
    let updated = house.good("partner.update", &json!({"ks": root, "partner": lists}));
    assert_eq!(updated["additionalParams"][0]["value"], "b");
    assert_eq!(updated["passwordStructureValidations"][0]["regex"], "x");
    // An empty value says nothing, unless that is asked for.
    let empty = json!({"description": "", "phone": "", "website__null": ""});
    let same = house.good("partner.update", &json!({"ks": root, "partner": empty}));
    assert_eq!(
        (&same["description"], &same["phone"], &same["website"]),
        (&json!("Media"), &json!("1"), &sent["website"])
    );
    let gone = house.good("partner.update", &json!({"ks": root, "partner": empty, "allowEmpty": true}));
    assert_eq!((&gone["description"], gone.get("phone"), gone.get("website")), (&json!(""), None, None));
    // Tags are taken out of texts.
    let tagged = house.good("partner.update", &json!({"ks": root, "partner": {"name": "<i>Acme</i>"}}));
    assert_eq!(tagged["name"], "Acme");
    for (name, value) in [
        ("id", json!(7)),
        ("status", json!(2)),
        ("secret", json!("x")),
        ("adminSecret", json!("x")),
        ("createdAt", json!(1)),
        ("defaultEntitlementEnforcement", json!(true)),
        ("cmsPassword", json!("x")),
    ] {
        let refused = error("PROPERTY_VALIDATION_NOT_UPDATABLE", &[("PROP_NAME", &format!("KalturaPartner::{name}"))]);
        assert_eq!(house.fault("partner.update", &json!({"ks": root, "partner": {name: value}})), refused);
    }
    // What is the operator's is dropped, with a header.
    for (name, value) in [
        ("partnerPackage", json!(7)),
        ("partnerParentId", json!(1)),
        ("isSelfServe", json!(true)),
        ("eventPlatformAllowedTemplates", json!("x")),
    ] {
        let response = house.send(&request("partner.update", &json!({"ks": root, "partner": {name: value}})));
        let answer: Value = serde_json::from_slice(&response.body).expect("JSON");
        assert!(answer["id"] == 501 && answer.get(name).is_none(), "{name}: {answer}");
        assert!(response.header(&format!("KalturaPartner-{name}-error")).is_some(), "{name}: {response:?}");
    }
}

#[test]
fn an_account_is_handed_over_to_an_administrator() {
    let house = House::build();
    let account = house.account(501);
    house.user(&account, "chief", &[4]);
    let root = account.admin();
    let updated = house.good("partner.update", &json!({"ks": root, "partner": {"adminUserId": "chief"}}));
    assert_eq!(updated["adminUserId"], "chief");
    assert_eq!(house.good("partner.get", &json!({"ks": root}))["adminUserId"], "chief");
}

fn child(house: &House, id: i32, name: &str, parent: &Account) {
    let new = NewPartner {
        id: Some(PartnerId::new(id)),
        parent_id: Some(parent.partner()),
        admin_email: format!("{name}@example.com"),
        ..NewPartner::named(name)
    };
    house.wait(house.store.create_partner(new, now())).expect("a new account");
}

#[test]
fn accounts_below_ones_own_are_listed_and_counted() {
    let house = House::build();
    let (account, other) = (house.account(501), house.account(502));
    child(&house, 601, "Anna", &account);
    child(&house, 602, "Berta", &account);
    child(&house, 603, "Clara", &other);
    let ks = account.admin();
    let list = |filter: Value| -> Vec<i64> {
        let params = json!({"ks": ks, "filter": filter});
        let answer = house.good("partner.list", &params);
        let ids: Vec<i64> =
            answer["objects"].as_array().into_iter().flatten().filter_map(|object| object["id"].as_i64()).collect();
        assert_eq!(house.good("partner.count", &params).as_u64(), u64::try_from(ids.len()).ok());
        ids
    };
    for (filter, expected) in [
        (json!({}), vec![601, 602]),
        (json!({"orderBy": "-id"}), vec![602, 601]),
        (json!({"orderBy": "-name"}), vec![602, 601]),
        (json!({"idEqual": 601}), vec![601]),
        (json!({"idIn": "601,603"}), vec![601]),
        (json!({"idNotIn": "601"}), vec![602]),
        (json!({"idGreaterThan": 601}), vec![602]),
        (json!({"nameEqual": "Berta"}), vec![602]),
        (json!({"nameLike": "ERT"}), vec![602]),
        (json!({"nameMultiLikeOr": "ann,cla"}), vec![601]),
        (json!({"nameMultiLikeAnd": "an,na"}), vec![601]),
        (json!({"statusEqual": 1}), vec![601, 602]),
        (json!({"statusIn": "2,3"}), vec![]),
        (json!({"createdAtGreaterThanOrEqual": now() + 1_000_000_000}), vec![]),
        (json!({"partnerNameDescriptionWebsiteAdminNameAdminEmailLike": "berta@EXAMPLE"}), vec![602]),
    ] {
        assert_eq!(list(filter.clone()), expected, "{filter}");
    }
}

#[test]
fn a_person_sees_the_accounts_that_it_administers() {
    let house = House::build();
    let account = house.account(501);
    let made: Vec<_> = [701, 702, 703]
        .into_iter()
        .map(|id| {
            let new = NewPartner {
                id: Some(PartnerId::new(id)),
                admin_email: "ada@example.com".to_owned(),
                admin_name: "Ada".to_owned(),
                ..NewPartner::named(format!("Account {id}"))
            };
            let made = house.wait(house.store.create_partner(new, now())).expect("a new account");
            Account {
                id,
                admin_secret: made.admin_secret.expose().to_owned(),
                user_secret: made.user_secret.expose().to_owned(),
            }
        })
        .collect();
    house.set_status(&made[2], PartnerStatus::Blocked);
    let ks = made[0].mint(2, "ada@example.com", "");
    let answer = house.good("partner.listPartnersForUser", &json!({"ks": ks}));
    assert_eq!(answer["totalCount"], 2);
    assert_eq!((&answer["objects"][0]["id"], &answer["objects"][0]["adminName"]), (&json!(701), &json!("Ada")));
    assert_eq!(
        answer["objects"][1],
        json!({"id": 702, "name": "Account 702", "status": 1, "objectType": "KalturaPartner"})
    );
    assert!(!answer.to_string().contains("ecret"), "{answer}");
    let one = json!({"ks": ks, "partnerFilter": {"idEqual": 702}});
    assert_eq!(house.good("partner.listPartnersForUser", &one)["totalCount"], 1);
    // Whoever has no login sees its own account.
    house.user(&account, "plain", &[]);
    let answer = house.good("partner.listPartnersForUser", &json!({"ks": account.mint(0, "plain", "")}));
    assert_eq!((&answer["totalCount"], &answer["objects"][0]["id"]), (&json!(1), &json!(501)));
}

#[test]
fn media_are_not_kept_so_none_is_used() {
    let house = House::build();
    let account = house.account(501);
    let ks = account.admin();
    assert_eq!(
        house.good("partner.getUsage", &json!({"ks": ks, "year": 2026})),
        json!({"hostingGB": 0, "Percent": 0, "packageBW": 0, "usageGB": 0, "usageGraph": "",
               "objectType": "KalturaPartnerUsage"})
    );
    assert_eq!(
        house.good("partner.getStatistics", &json!({"ks": ks})),
        json!({"packageBandwidthAndStorage": 0, "hosting": 0, "bandwidth": 0, "usage": 0, "usagePercent": 0,
               "objectType": "KalturaPartnerStatistics"})
    );
    assert_eq!(
        house.good("partner.listFeatureStatus", &json!({"ks": account.mint(0, "somebody", "")})),
        json!({"totalCount": 0, "objects": [], "objectType": "KalturaFeatureStatusListResponse"})
    );
}
