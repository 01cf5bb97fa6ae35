//! Servers that only speak like PostgreSQL: what they lack is told before anything is written.

use ks_store::{Store, StoreError};
use ks_test_cluster::{Cluster, Durability, sql};

use crate::support::Home;

#[tokio::test]
async fn what_a_server_lacks_is_told_before_anything_is_written() {
    let cluster = Cluster::start(Durability::None).unwrap();
    // As a server that takes the call of an advisory lock and locks nothing; and one that knows no such language.
    let cases = [
        (
            "CREATE FUNCTION public.pg_advisory_xact_lock(bigint) RETURNS void LANGUAGE sql AS 'SELECT'; \
             ALTER ROLE ks SET search_path = public, pg_catalog",
            "advisory locks",
        ),
        ("ALTER ROLE ks RESET search_path; DROP EXTENSION plpgsql", "triggers"),
    ];
    for (without, expected) in cases {
        let url = cluster.database().unwrap();
        let name = url.split('?').next().unwrap().rsplit('/').next().unwrap().to_owned();
        sql(cluster.socket(), &name, without).unwrap();
        let home = Home::postgres(url);
        let refused = Store::open(home.config()).await;
        assert!(
            matches!(&refused, Err(StoreError::Unsuitable { lacks, .. }) if lacks.contains(expected)),
            "{without}: {refused:?}"
        );
        let tables = "SELECT count(*) FROM information_schema.tables WHERE table_schema = 'public'";
        assert_eq!(sql(cluster.socket(), &name, tables).unwrap().trim(), "0");
    }

    // One that lacks nothing keeps nothing of the trial.
    let url = cluster.database().unwrap();
    let home = Home::postgres(url);
    home.open().await.close().await;
    let names = home.texts("SELECT relname FROM pg_class UNION ALL SELECT proname FROM pg_proc").await;
    assert!(names.contains("next_change") && !names.iter().any(|name| name.contains("tried")), "{names:?}");
}
