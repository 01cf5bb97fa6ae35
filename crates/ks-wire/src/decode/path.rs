//! Key/value pairs in the path: `/api_v3/service/session/action/start/format/1`.

use std::collections::HashSet;

use ks_schema::{ApiError, Tree};

use super::form::unescape;
use super::limits::Budget;
use super::names::Names;

/// Reads the pairs of a path into the tree, over what the query said. The first occurrence of a key wins.
pub(super) fn read(path: &str, names: &mut Names, budget: &mut Budget) -> Result<(), ApiError> {
    // Most paths have two pairs and need no set; a long one must not take quadratic time.
    let mut first = Vec::new();
    let mut others = HashSet::new();
    for (key, value) in pairs(path) {
        if first.contains(&key) || others.contains(&key) {
            continue;
        }
        names.set_plain(&key, value, budget)?;
        if first.len() < 8 {
            first.push(key);
        } else {
            others.insert(key);
        }
    }
    Ok(())
}

/// The pairs of a path. Empty segments vanish, and so do those that are spelled like a part of the
/// script's path (`api_v3`, `index.php`; `api`, an older spelling, in first place only). Pairs end at a
/// key that is `0`; a key without a value is `false`.
pub(super) fn pairs(path: &str) -> impl Iterator<Item = (String, Tree)> {
    let path = path.trim_start_matches('/');
    let path = match path.strip_prefix("api") {
        Some(rest) if rest.is_empty() || rest.starts_with('/') => rest,
        _ => path,
    };
    let mut segments = path.split('/').filter(|segment| !matches!(*segment, "" | "api_v3" | "index.php"));
    std::iter::from_fn(move || {
        let key = String::from_utf8_lossy(&unescape(segments.next()?.as_bytes(), false)).into_owned();
        if key == "0" {
            return None;
        }
        let value = segments.next().map_or(Tree::Bool(false), |segment| {
            let value = unescape(segment.as_bytes(), false).into_owned();
            Tree::Text(String::from_utf8(value).unwrap_or_default())
        });
        Some((key, value))
    })
    .fuse()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read_pairs(path: &str) -> Vec<(String, Tree)> {
        pairs(path).collect()
    }

    #[test]
    fn all_spellings_of_the_prefix_give_the_same() {
        let expected = vec![("service".to_owned(), Tree::text("user")), ("action".to_owned(), Tree::text("get"))];
        for path in [
            "/api_v3/service/user/action/get",
            "/api_v3/index.php/service/user/action/get",
            "/api/service/user/action/get",
            "//api_v3//service/user/action/get/",
            "/api_v3/service/api_v3/user/index.php/action/get",
        ] {
            assert_eq!(read_pairs(path), expected, "{path}");
        }
        assert!(read_pairs("/api_v3/").is_empty());
        assert!(read_pairs("/api_v3/index.php").is_empty());
        assert!(read_pairs("/api").is_empty());
        assert!(read_pairs("").is_empty());
    }

    #[test]
    fn the_first_of_equal_keys_wins() {
        let mut names = Names::default();
        read(
            "/a/1/a/2/b/3/a/4/c/5/b/6/c/7/d/-/e/-/f/-/g/-/h/-/i/-/j/8/j/9/a/10",
            &mut names,
            &mut Budget::new(&super::super::Limits::default()),
        )
        .unwrap();
        let map = names.into_map();
        assert_eq!(["a", "b", "c", "j"].map(|key| map[key].clone()), ["1", "3", "5", "8"].map(Tree::text));
        assert_eq!(map.len(), 10);
    }

    #[test]
    fn quirks_of_pairs() {
        // An empty value shifts all later pairs.
        assert_eq!(
            read_pairs("/api_v3/service//action/get"),
            [("service".to_owned(), Tree::text("action")), ("get".to_owned(), Tree::Bool(false))]
        );
        assert_eq!(read_pairs("/api_v3/a/1/0/x/b/2"), [("a".to_owned(), Tree::text("1"))]);
        assert_eq!(read_pairs("/api_v3/a/x%2Fy+%20z"), [("a".to_owned(), Tree::text("x/y+ z"))]);
        assert_eq!(read_pairs("/api_v3/a/%ff"), [("a".to_owned(), Tree::text(""))]);
    }
}
