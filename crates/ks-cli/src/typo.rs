//! Names that are misspelt: of privileges, services, actions, parameters and profiles.

use ks_token::catalogue::Known;

/// The privilege that was probably meant by a name without a meaning.
pub(crate) fn likely_meant(name: &str) -> Option<Known> {
    if name.is_empty() || Known::find(name).is_some() {
        return None;
    }
    let lower = name.trim().to_lowercase();
    // Long names have room for two slips; short ones are soon somebody's own.
    let slips = if lower.len() >= 8 { 2 } else { 1 };
    let near = Known::ALL.into_iter().filter(|known| known.name().len() > 3);
    near.map(|known| (distance(&lower, known.name()), known))
        .filter(|&(distance, _)| distance <= slips)
        .min_by_key(|&(distance, _)| distance)
        .map(|(_, known)| known)
}

/// The known name that was probably meant by one that is not known.
pub(crate) fn nearest<'a>(name: &str, known: impl Iterator<Item = &'a str>) -> Option<&'a str> {
    let lower = name.to_lowercase();
    let slips = 1 + lower.chars().count() / 4;
    known
        .map(|known| (distance(&lower, &known.to_lowercase()), known))
        .filter(|&(distance, _)| distance <= slips)
        .min_by_key(|&(distance, _)| distance)
        .map(|(_, known)| known)
}

/// How many characters must be put in, taken out or replaced to make one text of the other.
fn distance(one: &str, other: &str) -> usize {
    let other: Vec<char> = other.chars().collect();
    let mut row: Vec<usize> = (0..=other.len()).collect();
    for (above, left) in one.chars().enumerate() {
        let mut diagonal = row[0];
        row[0] = above + 1;
        for (place, &right) in other.iter().enumerate() {
            let replaced = diagonal + usize::from(left != right);
            diagonal = row[place + 1];
            row[place + 1] = replaced.min(diagonal + 1).min(row[place] + 1);
        }
    }
    row.last().copied().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn slips_are_seen_and_own_names_are_left_alone() {
        for (name, meant) in [
            ("disableentitlment", Some("disableentitlement")),
            ("EDIT", Some("edit")),
            (" edit", Some("edit")),
            ("ipresrict", Some("iprestrict")),
            ("actionlimit", Some("actionslimit")),
            ("edit", None),
            ("", None),
            ("mine", None),
            ("a", None),
            ("al", None),
        ] {
            assert_eq!(likely_meant(name).map(Known::name), meant, "{name}");
        }
    }

    #[test]
    fn the_nearest_name_is_found_if_it_is_near() {
        let names = ["category", "categoryEntry", "user", "userRole"];
        for (name, near) in [
            ("categori", Some("category")),
            ("Categry", Some("category")),
            ("usr", Some("user")),
            ("categoryentri", Some("categoryEntry")),
            ("playlist", None),
            ("", None),
        ] {
            assert_eq!(nearest(name, names.into_iter()), near, "{name}");
        }
    }

    #[test]
    fn distances() {
        for (one, other, wanted) in
            [("", "", 0), ("a", "", 1), ("", "ab", 2), ("kitten", "sitting", 3), ("ab", "ba", 2)]
        {
            assert_eq!(distance(one, other), wanted, "{one} {other}");
        }
    }
}
