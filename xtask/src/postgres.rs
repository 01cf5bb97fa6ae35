//! `cargo xtask with-postgres COMMAND`: a cluster for as long as a command runs.

use std::process::Command;

use ks_test_cluster::{Cluster, Durability, SHARED};

/// The verb.
pub(crate) fn main(program: &str, args: &[&str]) -> Result<(), String> {
    let cluster = Cluster::start(Durability::None)?;
    let status = Command::new(program).args(args).env(SHARED, cluster.socket()).status();
    match status {
        Ok(status) if status.success() => Ok(()),
        Ok(status) => Err(format!("{program}: {status}")),
        Err(error) => Err(format!("{program}: {error}")),
    }
}
