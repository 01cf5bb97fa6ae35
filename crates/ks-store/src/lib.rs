//! What ks keeps: repositories, SQLite, migrations, change log and account snapshots.
