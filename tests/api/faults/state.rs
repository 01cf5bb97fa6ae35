//! What the database holds, read by programs that know nothing of ours.

use std::collections::{BTreeMap, BTreeSet};
use std::io::{BufRead as _, BufReader, Write as _};
use std::path::PathBuf;
use std::process::{Child, ChildStdin, ChildStdout, Stdio};

use ks_tests::house::House;
use ks_tests::programs::python;

/// Written beside every request, acknowledged or not; what triggers keep of users, where the first one of a kind adds a row
/// and the next one changes it; and the number of the last change, which is a row in PostgreSQL alone.
const BESIDE: [&str; 5] = ["call_count", "change_seq", "heartbeat", "refusal", "user_count"];

/// How many rows of each table went and came: what a change amounts to, whatever its ids and times are.
pub(super) type Shape = BTreeMap<(String, &'static str), usize>;

/// Compares the database with what it was.
pub(super) enum State {
    Sqlite { child: Child, ask: ChildStdin, answers: BufReader<ChildStdout> },
    Postgres { socket: PathBuf, database: String, query: String, marked: BTreeSet<String> },
}

impl State {
    pub(super) fn of(house: &House) -> Self {
        match house.postgres() {
            None => {
                let mut command = python();
                command.arg(ks_tests::root().join("tests/clients/python/state.py")).arg(house.database());
                let mut child =
                    command.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().expect("Python can be started");
                let ask = child.stdin.take().expect("stdin is piped");
                let answers = BufReader::new(child.stdout.take().expect("stdout is piped"));
                Self::Sqlite { child, ask, answers }
            }
            Some(url) => {
                let (place, socket) = url.split_once("?host=").expect("a URL with a socket");
                let database = place.rsplit('/').next().unwrap_or_default().to_owned();
                let socket = PathBuf::from(socket);
                let tables = "SELECT string_agg(format('SELECT %L || row_to_json(t)::text FROM %I t', tablename || '|', \
                              tablename), ' UNION ALL ') FROM pg_tables WHERE schemaname = 'public'";
                let query = ks_test_cluster::sql(&socket, &database, tables).expect("the tables").trim().to_owned();
                Self::Postgres { socket, database, query, marked: BTreeSet::new() }
            }
        }
    }

    /// Remembers what there is.
    pub(super) fn mark(&mut self) {
        match self {
            Self::Sqlite { ask, answers, .. } => drop(asked(ask, answers, "mark")),
            Self::Postgres { socket, database, query, marked } => *marked = lines(socket, database, query),
        }
    }

    /// How it differs from what was remembered.
    pub(super) fn shape(&mut self) -> Shape {
        let mut shape = Shape::new();
        let mut count = |table: &str, sign| {
            if !BESIDE.contains(&table) {
                *shape.entry((table.to_owned(), sign)).or_default() += 1;
            }
        };
        match self {
            Self::Sqlite { ask, answers, .. } => {
                let rows: Vec<(bool, String, String)> =
                    serde_json::from_str(&asked(ask, answers, "diff")).expect("a list of rows");
                rows.iter().for_each(|(added, table, _)| count(table, if *added { "+" } else { "-" }));
            }
            Self::Postgres { socket, database, query, marked } => {
                let now = lines(socket, database, query);
                let table = |row: &str| row.split('|').next().unwrap_or_default().to_owned();
                marked.difference(&now).for_each(|row| count(&table(row), "-"));
                now.difference(marked).for_each(|row| count(&table(row), "+"));
            }
        }
        shape
    }
}

impl Drop for State {
    fn drop(&mut self) {
        if let Self::Sqlite { child, .. } = self {
            drop(child.kill());
            drop(child.wait());
        }
    }
}

fn asked(ask: &mut ChildStdin, answers: &mut BufReader<ChildStdout>, what: &str) -> String {
    writeln!(ask, "{what}").and_then(|()| ask.flush()).expect("Python listens");
    let mut line = String::new();
    answers.read_line(&mut line).expect("Python answers");
    line
}

fn lines(socket: &std::path::Path, database: &str, query: &str) -> BTreeSet<String> {
    let rows = ks_test_cluster::sql(socket, database, query).expect("the rows");
    rows.lines().map(str::to_owned).collect()
}
