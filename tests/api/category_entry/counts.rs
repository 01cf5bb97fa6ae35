//! What categories count, against a naive count, over random changes.

use std::collections::{BTreeMap, BTreeSet};

use ks_tests::channels::Channels;
use serde_json::json;

/// What there should be: the parents of categories, and which entries are where with which status.
#[derive(Default)]
struct Model {
    parents: BTreeMap<i64, i64>,
    places: BTreeMap<(String, i64), i64>,
}

impl Model {
    fn is_in(&self, mut category: i64, above: i64) -> bool {
        while category != above {
            match self.parents.get(&category) {
                Some(parent) => category = *parent,
                None => return false,
            }
        }
        true
    }

    /// Direct entries, all entries, and those that wait.
    fn counts(&self, category: i64) -> [i64; 3] {
        let direct = |status: i64| self.places.iter().filter(|((_, at), is)| *at == category && **is == status).count();
        let below = self.places.iter().filter(|((_, at), status)| **status == 2 && self.is_in(*at, category));
        let below: BTreeSet<&String> = below.map(|((entry, _), _)| entry).collect();
        [direct(2), below.len(), direct(1)].map(|count| i64::try_from(count).expect("few"))
    }
}

/// Numbers that look random and are the same each time.
struct Numbers(u64);

impl Numbers {
    fn below(&mut self, end: usize) -> usize {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        usize::try_from(self.0 >> 33).expect("31 bits") % end
    }
}

#[test]
fn counts_follow_every_change() {
    let channels = Channels::build();
    channels.house.user(&channels.account, "owen", &[]);
    let mut numbers = Numbers(7);
    let mut model = Model::default();
    let mut categories = Vec::new();
    for number in 0..12 {
        let parent = if number < 2 { 0 } else { categories[numbers.below(categories.len())] };
        let id = channels.add(json!({"name": format!("c{number}"), "parentId": parent, "moderation": number % 2}));
        if parent != 0 {
            model.parents.insert(id, parent);
        }
        categories.push(id);
    }
    let entries: Vec<String> = (0..8).map(|number| format!("0_entry00{number}")).collect();
    entries.iter().for_each(|entry| channels.entry(entry, "owen"));
    let waiting = channels.account.mint(2, "", "disableentitlement,enablecategorymoderation");
    for step in 0..150 {
        let category = categories[numbers.below(categories.len())];
        let entry = entries[numbers.below(entries.len())].clone();
        let key = (entry.clone(), category);
        let place = json!({"entryId": entry, "categoryId": category});
        match numbers.below(10) {
            0..=4 => {
                let ks = if step % 3 == 0 { &waiting } else { &channels.all };
                let answer = channels.call(ks, "categoryEntry.add", json!({"categoryEntry": place}));
                if let Some(status) = answer["status"].as_i64() {
                    model.places.insert(key, status);
                } else {
                    assert_eq!(model.places.get(&key), Some(&2), "{answer}");
                }
            }
            5 => {
                if channels.call(&channels.all, "categoryEntry.delete", place).is_null() {
                    assert!(model.places.remove(&key).is_some());
                }
            }
            6 => {
                if channels.call(&channels.all, "categoryEntry.activate", place).is_null() {
                    assert_eq!(model.places.insert(key, 2), Some(1));
                }
            }
            7 => {
                if channels.call(&channels.all, "categoryEntry.reject", place).is_null() {
                    assert_eq!(model.places.insert(key, 4), Some(1));
                }
            }
            _ => {
                let target = categories[numbers.below(categories.len())];
                let call = json!({"categoryIds": category.to_string(), "targetCategoryParentId": target});
                if channels.call(&channels.all, "category.move", call) == json!(true) {
                    assert!(!model.is_in(target, category), "a loop");
                    model.parents.insert(category, target);
                }
            }
        }
        if step % 10 == 9 {
            for category in &categories {
                assert_eq!(channels.counts(*category), model.counts(*category), "after step {step}: {category}");
            }
        }
    }
}
