//! Accounts of any size, by SQL that makes all rows of a table at once.

use std::path::Path;

use sqlx::sqlite::{SqliteConnectOptions, SqliteSynchronous};
use sqlx::{AssertSqlSafe, ConnectOptions as _, Connection as _, SqliteConnection};

use crate::Result;

/// How many categories there are at each depth.
const LEVELS: [u32; 8] = [100, 400, 1500, 4000, 8000, 12_000, 13_000, 11_000];
const USERS: u32 = 2000;

/// A category of many entries, in a context of its own, and how many it has where the account has as many.
pub(super) const LARGE: u32 = 1_000_000;
pub(super) const IN_LARGE: u32 = 10_000;

/// The user who is a member of so many categories.
pub(super) fn member(categories: u32) -> String {
    format!("member{categories}")
}

/// A number that looks random, below a limit, from the column `i`.
fn hashed(salt: u32, limit: u32) -> String {
    format!("((i * 2654435761 + {salt}) / 7 % {limit})")
}

/// Writes categories, members and entries into the database of an account that has none.
pub(super) async fn write(database: &Path, partner: i64, entries: u32, members: &[u32]) -> Result<()> {
    let options = SqliteConnectOptions::new().filename(database).synchronous(SqliteSynchronous::Off);
    let mut conn = options.connect().await?;
    run(&mut conn, "BEGIN".to_owned()).await?;
    users(&mut conn, partner, members).await?;
    categories(&mut conn, partner).await?;
    memberships(&mut conn, partner, members).await?;
    self::entries(&mut conn, partner, entries).await?;
    run(&mut conn, "COMMIT".to_owned()).await?;
    conn.close().await?;
    Ok(())
}

async fn run(conn: &mut SqliteConnection, sql: String) -> Result<()> {
    sqlx::query(AssertSqlSafe(sql)).execute(conn).await?;
    Ok(())
}

/// `WITH` numbers from one to another.
fn numbers(from: u32, to: u32) -> String {
    format!("WITH RECURSIVE numbers (i) AS (SELECT {from} UNION ALL SELECT i + 1 FROM numbers WHERE i < {to})")
}

async fn users(conn: &mut SqliteConnection, partner: i64, members: &[u32]) -> Result<()> {
    let columns = "(partner_id, puser_id, puser_id_folded, is_admin, is_account_owner, status, screen_name, email, \
                   created_at, updated_at)";
    for id in members.iter().map(|members| member(*members)) {
        run(conn, format!("INSERT INTO kuser {columns} VALUES ({partner}, '{id}', '{id}', 0, 0, 1, '', '', 0, 0)"))
            .await?;
    }
    let all = numbers(1, USERS);
    let user = format!("SELECT {partner}, 'user' || i, 'user' || i, 0, 0, 1, '', '', 0, 0 FROM numbers");
    run(conn, format!("{all} INSERT INTO kuser {columns} {user}")).await
}

async fn categories(conn: &mut SqliteConnection, partner: i64) -> Result<()> {
    let columns = "(id, partner_id, parent_id, depth, name, name_folded, full_name, full_name_folded, full_ids, status, \
                   appear_in_list, privacy, inheritance_type, user_join_policy, default_permission_level, \
                   contribution_policy, privacy_context, privacy_contexts, inherited_parent_id, members_of, \
                   aggregation_categories, entries_count, direct_entries_count, pending_entries_count, members_count, \
                   pending_members_count, direct_sub_categories_count, partner_sort_value, properties, created_at, \
                   updated_at)";
    let mut above = 0;
    let mut from = 1;
    for (level, size) in LEVELS.into_iter().enumerate() {
        let all = numbers(from, from + size - 1);
        let rest = "'', 0, 0, 0, 0, 0, 0, 0, '{}', 0, 0";
        let sql = if level == 0 {
            format!(
                "{all} INSERT INTO category {columns} SELECT i, {partner}, 0, 0, 'c' || i, 'c' || i, 'c' || i, 'c' || i, \
                 i || '', 2, 1, 1, 2, 3, 3, 1, CASE i % 10 WHEN 0 THEN '' ELSE 'appX' END, \
                 CASE i % 10 WHEN 0 THEN '' ELSE 'appX' END, 0, i, {rest} FROM numbers"
            )
        } else {
            let parent = format!("{} + {}", from - above, hashed(17, above));
            let (five, two) = (hashed(3, 5), hashed(5, 2));
            format!(
                "{all}, drawn AS (SELECT i, {parent} AS parent, {five} AS five, {two} AS two FROM numbers), \
                 set_up AS (SELECT i, above.*, CASE WHEN above.privacy_contexts = '' OR five < 2 THEN 1 \
                 WHEN five = 2 THEN 2 ELSE 3 END AS own_privacy, two, \
                 CASE WHEN above.privacy_contexts <> '' AND five = 4 THEN 1 ELSE 2 END AS inherits \
                 FROM drawn JOIN category AS above ON above.id = drawn.parent) \
                 INSERT INTO category {columns} SELECT i, {partner}, id, {level}, 'c' || i, 'c' || i, \
                 full_name || '>c' || i, full_name || '>c' || i, full_ids || '>' || i, 2, \
                 CASE WHEN own_privacy = 3 AND two = 0 THEN 3 ELSE 1 END, own_privacy, inherits, 3, 3, 1, '', \
                 privacy_contexts, CASE inherits WHEN 1 THEN members_of ELSE 0 END, \
                 CASE inherits WHEN 1 THEN members_of ELSE i END, {rest} FROM set_up"
            )
        };
        run(conn, sql).await?;
        from += size;
        above = size;
    }
    let large = format!(
        "INSERT INTO category {columns} VALUES ({LARGE}, {partner}, 0, 0, 'large', 'large', 'large', 'large', \
         '{LARGE}', 2, 1, 1, 2, 3, 3, 1, 'large', 'large', 0, {LARGE}, '', 0, 0, 0, 0, 0, 0, 0, '{{}}', 0, 0)"
    );
    run(conn, large).await?;
    let contexts = "SELECT partner_id, lower(privacy_contexts), id FROM category";
    run(conn, format!("INSERT INTO category_context (partner_id, context, category_id) {contexts}")).await
}

async fn memberships(conn: &mut SqliteConnection, partner: i64, members: &[u32]) -> Result<()> {
    let columns = "(partner_id, category_id, kuser_id, puser_id, permission_level, permission_names, status, \
                   update_method, created_at, updated_at)";
    let rest = "3, 'CATEGORY_VIEW', 1, 0, 0, 0";
    for count in members {
        let id = member(*count);
        let sql = format!(
            "INSERT INTO category_user {columns} SELECT {partner}, category.id, kuser.id, kuser.puser_id, {rest} \
             FROM category JOIN kuser ON kuser.puser_id = '{id}' AND kuser.partner_id = {partner} \
             WHERE members_of = category.id AND privacy_contexts <> '' AND privacy = 3 \
             ORDER BY category.id * 7919 % 50021 LIMIT {count}"
        );
        run(conn, sql).await?;
    }
    // Three others in each category.
    for salt in [1, 2, 3] {
        let user = hashed(salt, USERS);
        let sql = format!(
            "INSERT INTO category_user {columns} SELECT {partner}, i, kuser.id, kuser.puser_id, {rest} \
             FROM (SELECT id AS i, {salt} AS salt FROM category WHERE members_of = id) AS numbers \
             JOIN kuser ON kuser.puser_id = 'user' || ({user} / 4 * 4 + salt) AND kuser.partner_id = {partner}"
        );
        run(conn, sql).await?;
    }
    Ok(())
}

async fn entries(conn: &mut SqliteConnection, partner: i64, count: u32) -> Result<()> {
    let all = numbers(1, count);
    let owner = hashed(11, USERS);
    // Neither names nor the times of changes are in the order in which entries were made.
    let (name, changed) = (hashed(19, 1_000_000), hashed(23, 10_000_000));
    let entry = format!(
        "{all}, owned AS (SELECT i, 'user' || (1 + {owner}) AS owner FROM numbers) \
         INSERT INTO entry (id, partner_id, type, status, moderation_status, moderation_count, display_in_search, name, \
         name_folded, kuser_id, puser_id, creator_kuser_id, creator_puser_id, parent_entry_id, rank, total_rank, votes, \
         partner_sort_value, plays, views, search_text, properties, created_at, updated_at) \
         SELECT printf('0_%08d', i), {partner}, '1', 2, 6, 0, 1, 'Entry ' || ({name}), 'entry ' || ({name}), kuser.id, owner, kuser.id, \
         owner, CASE i % 1000 WHEN 998 THEN printf('0_%08d', i - 1) END, 0, 0, 0, 0, 0, 0, 'entry ' || i, '{{}}', \
         1600000000 + i, 1600000000 + {changed} \
         FROM owned JOIN kuser ON kuser.puser_id = owner AND kuser.partner_id = {partner}"
    );
    run(conn, entry).await?;
    let categories: u32 = LEVELS.iter().sum();
    for (salt, tenths) in [(13, 9), (29, 2)] {
        let category = hashed(salt, categories);
        let place = format!(
            "{all} INSERT INTO category_entry (partner_id, category_id, entry_id, status, privacy_context, created_at, \
             updated_at) SELECT {partner}, category.id, printf('0_%08d', i), 2, category.privacy_contexts, 0, 0 \
             FROM numbers JOIN category ON category.id = 1 + {category} WHERE i % 10 < {tenths} \
             ON CONFLICT DO NOTHING"
        );
        run(conn, place).await?;
    }
    let large = format!(
        "INSERT INTO category_entry (partner_id, category_id, entry_id, status, privacy_context, created_at, updated_at) \
         SELECT {partner}, {LARGE}, id, 2, 'large', 0, 0 FROM entry WHERE partner_id = {partner} ORDER BY id \
         LIMIT {IN_LARGE}"
    );
    run(conn, large).await
}
