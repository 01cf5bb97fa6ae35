//! What of a path may be told: names that are declared. What a caller wrote behind them may be a token.

use ks_schema::generated::services::ActionId;

/// Where something is answered. Longer ones stand before those that they begin with.
const ROUTES: [&str; 10] = [
    "/api_v3",
    "/api-docs",
    "/api",
    "/auth/verify",
    "/auth/ext_authz",
    "/console",
    "/assets",
    "/set-password",
    "/workflows",
    "/favicon.ico",
];

/// The beginning of a path that is one of ours.
pub(super) fn route(path: &str) -> Option<&'static str> {
    if path == "/" {
        return Some("/");
    }
    let goes_on = |rest: &str| rest.is_empty() || rest.starts_with('/');
    ROUTES.into_iter().find(|route| path.strip_prefix(route).is_some_and(goes_on))
}

/// As much of a path as holds declared names alone.
pub(super) fn declared(path: &str) -> Option<&str> {
    let route = route(path)?;
    let (mut end, mut service) = (route.len(), None);
    if matches!(route, "/api_v3" | "/api") {
        let mut segments = Segments { path, at: end };
        let mut key = None;
        while let Some(segment) = segments.next() {
            let name = segment.to_ascii_lowercase();
            match (key.take(), &service) {
                (None, None) if matches!(segment, "" | "index.php" | "api_v3") => end = segments.at,
                (None, None) if segment == "service" => key = Some(segment),
                (None, Some(_)) if segment == "action" => key = Some(segment),
                (Some("service"), _) if name == "multirequest" => return path.get(..segments.at),
                (Some("service"), _) if ActionId::service(&name).is_some() => {
                    end = segments.at;
                    service = Some(name);
                }
                (Some(_), Some(service)) if ActionId::find(service, &name).is_some() => {
                    return path.get(..segments.at);
                }
                _ => break,
            }
        }
    }
    path.get(..end)
}

/// What is between slashes, and where it ends.
struct Segments<'a> {
    path: &'a str,
    at: usize,
}

impl<'a> Iterator for Segments<'a> {
    type Item = &'a str;

    fn next(&mut self) -> Option<&'a str> {
        let rest = self.path.get(self.at..)?.strip_prefix('/')?;
        let segment = rest.split('/').next().unwrap_or_default();
        self.at += 1 + segment.len();
        Some(segment)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_is_told_as_far_as_its_names_are_declared() {
        for (path, expected) in [
            ("/", Some("/")),
            ("/api_v3", Some("/api_v3")),
            ("/api_v3/", Some("/api_v3/")),
            ("/api_v3/service/session/action/start", Some("/api_v3/service/session/action/start")),
            ("/api_v3/service/Session/action/START/secret/canary", Some("/api_v3/service/Session/action/START")),
            ("/api_v3/index.php/service/user/action/get/x", Some("/api_v3/index.php/service/user/action/get")),
            ("/api/service/multirequest/1:service/canary", Some("/api/service/multirequest")),
            ("/api_v3/service/canary/action/start", Some("/api_v3")),
            ("/api_v3/service/session/action/canary", Some("/api_v3/service/session")),
            ("/api_v3/service/session/ks/canary/action/start", Some("/api_v3/service/session")),
            ("/api_v3/ks/canary/service/session", Some("/api_v3")),
            ("/api_v3/service", Some("/api_v3")),
            ("/api_v3/service/se%73sion", Some("/api_v3")),
            ("/console/users/canary", Some("/console")),
            ("/api-docs/canary", Some("/api-docs")),
            ("/auth/ext_authz/canary", Some("/auth/ext_authz")),
            ("/canary", None),
            ("/consolecanary", None),
            ("*", None),
            ("", None),
        ] {
            assert_eq!(declared(path), expected, "{path}");
        }
    }
}
