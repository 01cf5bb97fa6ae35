//! Key/value pairs in the path: `/api_v3/service/session/action/start/format/1`.

use std::borrow::Cow;
use std::collections::HashSet;

use ks_schema::{ApiError, Tree};

use super::form::unescape;

/// As many keys are compared one by one, which needs no set. A long path must not take quadratic time.
const COMPARED: usize = 8;

/// Hands the pairs of a path on. The first occurrence of a key wins.
pub(super) fn each(
    path: &str,
    mut take: impl FnMut(Cow<'_, str>, Tree) -> Result<(), ApiError>,
) -> Result<(), ApiError> {
    let mut first: [Cow<'_, str>; COMPARED] = [const { Cow::Borrowed("") }; COMPARED];
    let mut others = HashSet::new();
    let mut count = 0;
    for (key, value) in pairs(path) {
        if first[..count].contains(&key) || others.contains(&key) {
            continue;
        }
        if let Some(free) = first.get_mut(count) {
            free.clone_from(&key);
            count += 1;
        } else {
            others.insert(key.clone());
        }
        take(key, value)?;
    }
    Ok(())
}

/// Whether no key of this path can have a `:`, which makes a tree of it.
pub(super) fn is_flat(path: &str) -> bool {
    memchr::memchr2(b':', b'%', path.as_bytes()).is_none()
}

/// The pairs of a path. Empty segments vanish, and so do those that are spelled like a part of the
/// script's path (`api_v3`, `index.php`; `api`, an older spelling, in first place only). Pairs end at a
/// key that is `0`; a key without a value is `false`.
pub(super) fn pairs(path: &str) -> impl Iterator<Item = (Cow<'_, str>, Tree)> {
    let path = path.trim_start_matches('/');
    let path = match path.strip_prefix("api") {
        Some(rest) if rest.is_empty() || rest.starts_with('/') => rest,
        _ => path,
    };
    let mut segments = segments(path).filter(|segment| !matches!(*segment, "" | "api_v3" | "index.php"));
    std::iter::from_fn(move || {
        let segment = segments.next()?;
        let key = match unescape(segment.as_bytes(), false) {
            Cow::Borrowed(_) => Cow::Borrowed(segment),
            Cow::Owned(bytes) => Cow::Owned(String::from_utf8_lossy(&bytes).into_owned()),
        };
        if key == "0" {
            return None;
        }
        let value = segments.next().map_or(Tree::Bool(false), |segment| {
            Tree::Text(match unescape(segment.as_bytes(), false) {
                Cow::Borrowed(_) => segment.to_owned(),
                Cow::Owned(bytes) => String::from_utf8(bytes).unwrap_or_default(),
            })
        });
        Some((key, value))
    })
    .fuse()
}

/// What is between slashes. `str::split` does the same, and takes twice as long for texts this short.
fn segments(path: &str) -> impl Iterator<Item = &str> {
    let mut rest = Some(path);
    std::iter::from_fn(move || {
        let path = rest?;
        let end = path.bytes().position(|byte| byte == b'/');
        rest = end.map(|end| &path[end + 1..]);
        Some(&path[..end.unwrap_or(path.len())])
    })
}

#[cfg(test)]
mod tests {
    use std::collections::HashMap;

    use super::*;

    fn read_pairs(path: &str) -> Vec<(String, Tree)> {
        pairs(path).map(|(key, value)| (key.into_owned(), value)).collect()
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
        let mut found = Vec::new();
        each("/a/1/a/2/b/3/a/4/c/5/b/6/c/7/d/-/e/-/f/-/g/-/h/-/i/-/j/8/j/9/a/10", |key, value| {
            found.push((key.into_owned(), value));
            Ok(())
        })
        .unwrap();
        assert_eq!(found.len(), 10);
        let map: HashMap<String, Tree> = found.into_iter().collect();
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
