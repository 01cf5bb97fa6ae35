//! `actionslimit:N`: exactly N uses, however many come at once.

use ks_tests::call::refused;
use ks_tests::scale::count;
use ks_tests::server::Server;
use serde_json::json;

#[test]
fn sixteen_clients_at_once_get_exactly_as_many_as_the_limit_says() {
    const CLIENTS: usize = 16;
    const CALLS: usize = 8;
    let server = Server::dev();
    for round in 0..count(3, 50) {
        for limit in [1, 5, 20, 100] {
            let ks = server.start_ks(2, &format!("round{round}"), &format!("actionslimit:{limit}"));
            let results: Vec<bool> = std::thread::scope(|scope| {
                let clients: Vec<_> = (0..CLIENTS)
                    .map(|_| {
                        scope.spawn(|| {
                            let use_it = |_| {
                                let answer = server.call("session.get", &json!({"ks": ks}));
                                let good = answer["objectType"] == "KalturaSessionInfo";
                                if !good {
                                    let fault = ks_tests::call::fault(&answer);
                                    assert_eq!(fault, refused("EXCEEDED_ACTIONS_LIMIT"));
                                }
                                good
                            };
                            (0..CALLS).map(use_it).collect::<Vec<bool>>()
                        })
                    })
                    .collect();
                clients.into_iter().flat_map(|client| client.join().expect("a client")).collect()
            });
            assert_eq!(results.len(), CLIENTS * CALLS);
            let uses = results.into_iter().filter(|good| *good).count();
            assert_eq!(uses, limit, "round {round}");
        }
    }
}

#[test]
fn the_first_limit_counts_and_an_ended_session_stays_ended() {
    let server = Server::dev();
    let twice = ks_tests::server::run(&[
        "generate",
        "--secret",
        server.told("adminSecret"),
        "--partner",
        &server.partner().to_string(),
        "--type",
        "admin",
        "--version",
        "1",
        "--privileges",
        "actionslimit:1,actionslimit:9",
    ]);
    let ks = twice.good().trim().to_owned();
    let _ = server.good("session.get", &json!({"ks": ks}));
    assert_eq!(server.fault("session.get", &json!({"ks": ks})), refused("EXCEEDED_ACTIONS_LIMIT"));

    let ks = server.start_ks(2, "a", "actionslimit:5");
    let _ = server.good("session.end", &json!({"ks": ks}));
    assert_eq!(server.fault("session.get", &json!({"ks": ks})), refused("LOGOUT"));
}
