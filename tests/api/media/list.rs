//! `list` and `count`: what their filter has besides that of all entries.

use ks_tests::house::House;
use serde_json::{Value, json};

use crate::base_entry::{names, ready_as};

#[test]
fn every_operator_of_the_filter_counts() {
    let house = House::build();
    let account = house.account(1221);
    let ks = account.admin();
    for entry in [
        json!({"name": "clip", "mediaType": 1, "msDuration": 90_500, "sourceType": "37"}),
        json!({"name": "talk", "mediaType": 1, "msDuration": 600_000}),
        json!({"name": "film", "mediaType": 1, "msDuration": 1_200_000}),
        json!({"name": "song", "mediaType": 5, "msDuration": 239_999}),
        json!({"name": "photo", "mediaType": 2}),
    ] {
        ready_as(&house, &ks, &entry);
    }
    let names = |filter: &Value| {
        let list = house.good("media.list", &json!({"ks": ks, "filter": filter}));
        let mut names = names(&list);
        assert_eq!(list["totalCount"], names.len());
        names.sort_unstable();
        names.join(" ")
    };
    for (filter, expected) in [
        (json!({}), "clip film photo song talk"),
        (json!({"mediaTypeEqual": 5}), "song"),
        (json!({"mediaTypeIn": "2,5"}), "photo song"),
        (json!({"sourceTypeEqual": "37"}), "clip"),
        (json!({"sourceTypeNotEqual": "37"}), "film photo song talk"),
        (json!({"sourceTypeIn": "37,2"}), "clip"),
        (json!({"sourceTypeNotIn": "5"}), "clip"),
        (json!({"durationLessThan": 90}), ""),
        (json!({"durationLessThanOrEqual": 90}), "clip"),
        (json!({"durationGreaterThan": 600}), "film"),
        (json!({"durationGreaterThanOrEqual": 600}), "film talk"),
        (json!({"durationTypeMatchOr": "short"}), "clip song"),
        (json!({"durationTypeMatchOr": "medium,long"}), "film talk"),
        (json!({"durationTypeMatchOr": "notavailable"}), "photo"),
        (json!({"mediaDateGreaterThanOrEqual": 1_000_000_000}), ""),
        (json!({"lastPlayedAtGreaterThanOrEqual": 1_000_000_000}), ""),
        (json!({"lastPlayedAtLessThanOrEqualOrNull": 1_000_000_000, "mediaTypeEqual": 2}), "photo"),
        (json!({"flavorParamsIdsMatchOr": "0"}), ""),
        (json!({"flavorParamsIdsMatchAnd": "0"}), ""),
    ] {
        assert_eq!(names(&filter), expected, "{filter}");
        let count = house.good("media.count", &json!({"ks": ks, "filter": filter}));
        assert_eq!(count, expected.split_whitespace().count(), "{filter}");
    }
}
