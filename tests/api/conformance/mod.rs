//! What the server declares, against the published contract.

pub(crate) mod differences;
mod live;
mod ours;
mod parity;

use std::collections::BTreeSet;

/// Every difference is known and has a reason, and no known one is gone.
#[test]
fn declarations_agree_with_the_contract() {
    let contract = ks_tests::contract::load();
    let found: BTreeSet<String> = ours::differences(&contract).into_iter().collect();
    let known: BTreeSet<String> = differences::KNOWN.iter().map(|(what, _)| (*what).to_owned()).collect();
    let new: Vec<&String> = found.difference(&known).collect();
    let gone: Vec<&String> = known.difference(&found).collect();
    assert!(new.is_empty() && gone.is_empty(), "new differences: {new:#?}\nknown ones that are gone: {gone:#?}");
    for (what, reason) in differences::KNOWN {
        assert!(reason.len() > 20, "{what} has no reason");
    }
}
