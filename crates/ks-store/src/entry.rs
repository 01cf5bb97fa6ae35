//! Entries: what is kept of one, reading, and writing one. What a change entails is in `entry_change`.

use std::collections::HashMap;

use ks_access::condition::{Condition, fold};
use ks_schema::ids::{EntryId, UserId};
use ks_token::PartnerId;
use serde_json::{Map, Value as Json};
use sqlx::AssertSqlSafe;

use crate::engine::{Fetch, Reader, Row, Value, args};
use crate::entry_key;
use crate::error::StoreError;
use crate::list::{AT_ONCE, Listed, Order, Page, Sql, read_page};
use crate::remembered::Counted;
use crate::store::Store;
use crate::user::KuserId;
use crate::writer::Tx;

/// The status of deleted entries (`KalturaEntryStatus`).
pub(crate) const DELETED: i64 = 3;

/// An entry. Times are Unix seconds; numbers with a class of the API as their name are its values.
#[derive(Clone, Debug, PartialEq)]
pub struct Entry {
    /// Its id.
    pub id: EntryId,
    /// Its account.
    pub partner_id: PartnerId,
    /// `KalturaEntryType`.
    pub kind: String,
    /// `KalturaEntryStatus`.
    pub status: i64,
    /// `KalturaEntryModerationStatus`.
    pub moderation_status: i64,
    /// How often it was flagged.
    pub moderation_count: i64,
    /// `KalturaEntryDisplayInSearchType`.
    pub display_in_search: i64,
    /// Its name.
    pub name: String,
    /// Its description.
    pub description: Option<String>,
    /// Comma-separated tags.
    pub tags: Option<String>,
    /// Comma-separated tags of administrators.
    pub admin_tags: Option<String>,
    /// Who owns it.
    pub owner: Option<KuserId>,
    /// The owner's id in the account.
    pub owner_id: Option<UserId>,
    /// Who made it.
    pub creator: Option<KuserId>,
    /// The maker's id in the account.
    pub creator_id: Option<UserId>,
    /// The entry whose visibility counts instead.
    pub parent_entry_id: Option<EntryId>,
    /// The entry that it was cut from.
    pub root_entry_id: Option<EntryId>,
    /// The entry to show instead.
    pub redirect_entry_id: Option<EntryId>,
    /// The entry that is to replace it.
    pub replacing_entry_id: Option<EntryId>,
    /// The entry that it is to replace.
    pub replaced_entry_id: Option<EntryId>,
    /// `KalturaEntryReplacementStatus`.
    pub replacement_status: Option<String>,
    /// Another system's id for it.
    pub reference_id: Option<String>,
    /// Its rank, times 1000.
    pub rank: i64,
    /// The sum of all votes.
    pub total_rank: i64,
    /// How many voted.
    pub votes: i64,
    /// A number of the account.
    pub group_id: Option<i64>,
    /// Its access control profile.
    pub access_control_id: Option<i64>,
    /// Its conversion profile.
    pub conversion_profile_id: Option<i64>,
    /// A number to sort by.
    pub partner_sort_value: i64,
    /// From when on it is to be shown.
    pub start_date: Option<i64>,
    /// Until when it is to be shown.
    pub end_date: Option<i64>,
    /// `KalturaMediaType`.
    pub media_type: Option<i64>,
    /// `KalturaSourceType`.
    pub source_type: Option<String>,
    /// When it was recorded.
    pub media_date: Option<i64>,
    /// How often it was played.
    pub plays: i64,
    /// How often it was seen.
    pub views: i64,
    /// When it was last played.
    pub last_played_at: Option<i64>,
    /// How long it plays, in seconds.
    pub duration: Option<i64>,
    /// The same in milliseconds.
    pub ms_duration: Option<i64>,
    /// Other properties of the API's object, by their API names.
    pub properties: Map<String, Json>,
    /// When it was made.
    pub created_at: i64,
    /// When it last changed.
    pub updated_at: i64,
    /// Who may edit, publish and see it besides its owner.
    pub co_users: CoUsers,
}

/// Users and groups who may do something with an entry, in the order in which they were given.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct CoUsers {
    /// Who may edit it.
    pub edit: Vec<(KuserId, UserId)>,
    /// Who may publish it.
    pub publish: Vec<(KuserId, UserId)>,
    /// Who may see it.
    pub view: Vec<(KuserId, UserId)>,
}

impl CoUsers {
    /// Adds the user of a row: entry, kind, user.
    fn add(&mut self, row: &Row) -> Result<(), StoreError> {
        let list = match row.text(1)?.as_str() {
            "edit" => &mut self.edit,
            "publish" => &mut self.publish,
            _ => &mut self.view,
        };
        list.push((KuserId(row.int(2)?), UserId::new(row.text(3)?)));
        Ok(())
    }

    fn lists(&self) -> [(&'static str, &Vec<(KuserId, UserId)>); 3] {
        [("edit", &self.edit), ("publish", &self.publish), ("view", &self.view)]
    }
}

impl Entry {
    /// An entry without content and with nothing set.
    #[must_use]
    pub fn new(id: EntryId, partner_id: PartnerId, kind: &str, now: i64) -> Self {
        Self {
            id,
            partner_id,
            kind: kind.to_owned(),
            status: 7,
            moderation_status: 6,
            moderation_count: 0,
            display_in_search: 0,
            name: String::new(),
            description: None,
            tags: None,
            admin_tags: None,
            owner: None,
            owner_id: None,
            creator: None,
            creator_id: None,
            parent_entry_id: None,
            root_entry_id: None,
            redirect_entry_id: None,
            replacing_entry_id: None,
            replaced_entry_id: None,
            replacement_status: None,
            reference_id: None,
            rank: 0,
            total_rank: 0,
            votes: 0,
            group_id: None,
            access_control_id: None,
            conversion_profile_id: None,
            partner_sort_value: 0,
            start_date: None,
            end_date: None,
            media_type: None,
            source_type: None,
            media_date: None,
            plays: 0,
            views: 0,
            last_played_at: None,
            duration: None,
            ms_duration: None,
            properties: Map::new(),
            created_at: now,
            updated_at: now,
            co_users: CoUsers::default(),
        }
    }

    /// What free text looks for.
    fn search_text(&self) -> String {
        let texts = [
            Some(self.name.as_str()),
            self.tags.as_deref(),
            self.description.as_deref(),
            Some(self.id.as_str()),
            self.reference_id.as_deref(),
            self.root_entry_id.as_ref().map(EntryId::as_str),
        ];
        // Between line ends, so that a whole text can be looked for, too.
        fold(&format!("\n{}\n", texts.into_iter().flatten().collect::<Vec<_>>().join("\n")))
    }
}

macro_rules! columns {
    () => {
        "id, partner_id, type, status, moderation_status, moderation_count, display_in_search, name, description, \
         tags, admin_tags, kuser_id, puser_id, creator_kuser_id, creator_puser_id, parent_entry_id, root_entry_id, \
         redirect_entry_id, replacing_entry_id, replaced_entry_id, replacement_status, reference_id, rank, total_rank, \
         votes, group_id, access_control_id, conversion_profile_id, partner_sort_value, start_date, end_date, \
         media_type, source_type, media_date, plays, views, last_played_at, duration, ms_duration, properties, \
         created_at, updated_at"
    };
}

macro_rules! select {
    ($rest:literal) => {
        concat!("SELECT ", columns!(), " FROM entry ", $rest)
    };
}

pub(crate) fn read_row(row: &Row) -> Result<Entry, StoreError> {
    const MALFORMED: StoreError = StoreError::Corrupt("entry");
    Ok(Entry {
        id: EntryId::new(row.text(0)?),
        partner_id: row.partner(1)?,
        kind: row.text(2)?,
        status: row.int(3)?,
        moderation_status: row.int(4)?,
        moderation_count: row.int(5)?,
        display_in_search: row.int(6)?,
        name: row.text(7)?,
        description: row.opt_text(8)?,
        tags: row.opt_text(9)?,
        admin_tags: row.opt_text(10)?,
        owner: row.opt_kuser(11)?,
        owner_id: row.opt_text(12)?.map(UserId::new),
        creator: row.opt_kuser(13)?,
        creator_id: row.opt_text(14)?.map(UserId::new),
        parent_entry_id: row.opt_text(15)?.map(EntryId::new),
        root_entry_id: row.opt_text(16)?.map(EntryId::new),
        redirect_entry_id: row.opt_text(17)?.map(EntryId::new),
        replacing_entry_id: row.opt_text(18)?.map(EntryId::new),
        replaced_entry_id: row.opt_text(19)?.map(EntryId::new),
        replacement_status: row.opt_text(20)?,
        reference_id: row.opt_text(21)?,
        rank: row.int(22)?,
        total_rank: row.int(23)?,
        votes: row.int(24)?,
        group_id: row.opt_int(25)?,
        access_control_id: row.opt_int(26)?,
        conversion_profile_id: row.opt_int(27)?,
        partner_sort_value: row.int(28)?,
        start_date: row.opt_int(29)?,
        end_date: row.opt_int(30)?,
        media_type: row.opt_int(31)?,
        source_type: row.opt_text(32)?,
        media_date: row.opt_int(33)?,
        plays: row.int(34)?,
        views: row.int(35)?,
        last_played_at: row.opt_int(36)?,
        duration: row.opt_int(37)?,
        ms_duration: row.opt_int(38)?,
        properties: serde_json::from_str(&row.text(39)?).map_err(|_| MALFORMED)?,
        created_at: row.int(40)?,
        updated_at: row.int(41)?,
        co_users: CoUsers::default(),
    })
}

/// The entry with this id, even if it is deleted.
pub(crate) async fn read(db: &mut impl Fetch, partner: PartnerId, id: &EntryId) -> Result<Option<Entry>, StoreError> {
    let rows = db.rows(select!("WHERE id = $1 AND partner_id = $2"), args![id, partner]).await?;
    let Some(row) = rows.first() else { return Ok(None) };
    let mut entry = read_row(row)?;
    let sql = "SELECT entry_id, kind, kuser_id, puser_id FROM entry_user WHERE entry_id = $1 ORDER BY position";
    for row in db.rows(sql, args![&entry.id]).await? {
        entry.co_users.add(&row)?;
    }
    Ok(Some(entry))
}

/// Writes an entry, whether it is there or not, with its co-users, and what lists know of it.
pub(crate) async fn save(tx: &mut Tx, entry: &Entry) -> Result<(), StoreError> {
    put(tx, entry).await?;
    tx.execute("DELETE FROM entry_user WHERE entry_id = $1", args![&entry.id]).await?;
    put_co_users(tx, std::slice::from_ref(entry)).await?;
    entry_key::refresh_entry(tx, &entry.id).await
}

/// Writes an entry's row. Lists must be told.
pub(crate) async fn put(tx: &mut Tx, entry: &Entry) -> Result<(), StoreError> {
    put_all(tx, std::slice::from_ref(entry)).await
}

/// The same for many entries.
pub(crate) async fn put_all(tx: &mut Tx, entries: &[Entry]) -> Result<(), StoreError> {
    let into = "entry (id, partner_id, type, status, moderation_status, moderation_count, display_in_search, name, description, \
                tags, admin_tags, kuser_id, puser_id, creator_kuser_id, creator_puser_id, parent_entry_id, root_entry_id, \
                redirect_entry_id, replacing_entry_id, replaced_entry_id, replacement_status, reference_id, rank, total_rank, \
                votes, group_id, access_control_id, conversion_profile_id, partner_sort_value, start_date, end_date, \
                media_type, source_type, media_date, plays, views, last_played_at, duration, ms_duration, properties, \
                created_at, updated_at, name_folded, description_folded, tags_folded, admin_tags_folded, search_text)";
    let again = "ON CONFLICT (id) DO UPDATE SET type = excluded.type, status = excluded.status, moderation_status = excluded.moderation_status, \
                 moderation_count = excluded.moderation_count, display_in_search = excluded.display_in_search, \
                 name = excluded.name, description = excluded.description, tags = excluded.tags, \
                 admin_tags = excluded.admin_tags, kuser_id = excluded.kuser_id, puser_id = excluded.puser_id, \
                 creator_kuser_id = excluded.creator_kuser_id, creator_puser_id = excluded.creator_puser_id, \
                 parent_entry_id = excluded.parent_entry_id, root_entry_id = excluded.root_entry_id, \
                 redirect_entry_id = excluded.redirect_entry_id, replacing_entry_id = excluded.replacing_entry_id, \
                 replaced_entry_id = excluded.replaced_entry_id, replacement_status = excluded.replacement_status, \
                 reference_id = excluded.reference_id, rank = excluded.rank, total_rank = excluded.total_rank, \
                 votes = excluded.votes, group_id = excluded.group_id, access_control_id = excluded.access_control_id, \
                 conversion_profile_id = excluded.conversion_profile_id, partner_sort_value = excluded.partner_sort_value, \
                 start_date = excluded.start_date, end_date = excluded.end_date, media_type = excluded.media_type, \
                 source_type = excluded.source_type, media_date = excluded.media_date, plays = excluded.plays, \
                 views = excluded.views, last_played_at = excluded.last_played_at, duration = excluded.duration, \
                 ms_duration = excluded.ms_duration, properties = excluded.properties, updated_at = excluded.updated_at, \
                 name_folded = excluded.name_folded, description_folded = excluded.description_folded, \
                 tags_folded = excluded.tags_folded, admin_tags_folded = excluded.admin_tags_folded, \
                 search_text = excluded.search_text";
    for some in entries.chunks(AT_ONCE) {
        tx.insert(into, some.iter().flat_map(row).collect(), again).await?;
    }
    Ok(())
}

/// The values of all columns.
fn row(entry: &Entry) -> Vec<Value> {
    args![
        &entry.id,
        entry.partner_id,
        &entry.kind,
        entry.status,
        entry.moderation_status,
        entry.moderation_count,
        entry.display_in_search,
        &entry.name,
        entry.description.as_deref(),
        entry.tags.as_deref(),
        entry.admin_tags.as_deref(),
        entry.owner,
        entry.owner_id.as_ref(),
        entry.creator,
        entry.creator_id.as_ref(),
        entry.parent_entry_id.as_ref(),
        entry.root_entry_id.as_ref(),
        entry.redirect_entry_id.as_ref(),
        entry.replacing_entry_id.as_ref(),
        entry.replaced_entry_id.as_ref(),
        entry.replacement_status.as_deref(),
        entry.reference_id.as_deref(),
        entry.rank,
        entry.total_rank,
        entry.votes,
        entry.group_id,
        entry.access_control_id,
        entry.conversion_profile_id,
        entry.partner_sort_value,
        entry.start_date,
        entry.end_date,
        entry.media_type,
        entry.source_type.as_deref(),
        entry.media_date,
        entry.plays,
        entry.views,
        entry.last_played_at,
        entry.duration,
        entry.ms_duration,
        Json::Object(entry.properties.clone()).to_string(),
        entry.created_at,
        entry.updated_at,
        fold(&entry.name),
        entry.description.as_deref().map(fold),
        entry.tags.as_deref().map(fold),
        entry.admin_tags.as_deref().map(fold),
        entry.search_text(),
    ]
}

/// Writes the co-users of entries that have none.
pub(crate) async fn put_co_users(tx: &mut Tx, entries: &[Entry]) -> Result<(), StoreError> {
    let mut values = Vec::new();
    for entry in entries {
        for (kind, users) in entry.co_users.lists() {
            for ((user, user_id), position) in users.iter().zip(0_i64..) {
                values.extend(args![&entry.id, *user, user_id, kind, position]);
            }
        }
    }
    let into = "entry_user (entry_id, kuser_id, puser_id, kind, position)";
    tx.insert(into, values, "ON CONFLICT (entry_id, kind, kuser_id) DO NOTHING").await.map(drop)
}

pub(crate) const LISTED: Listed =
    Listed { table: "(SELECT * FROM entry WHERE status <> 3) AS entry", columns: columns!(), key: "id" };

/// Those of these entries that are there, in this order, without deleted ones.
pub(crate) async fn read_these(
    reader: &mut Reader,
    partner: PartnerId,
    ids: &[EntryId],
) -> Result<Vec<Entry>, StoreError> {
    let mut found = HashMap::new();
    for ids in ids.chunks(AT_ONCE) {
        let these = Condition::texts("id", ids.iter().map(EntryId::as_str));
        // The account is compared afterwards: asked for beside the ids, SQLite would rather look at all of its entries.
        let entries = read_page(reader, &LISTED, &these, &[], Page { offset: 0, limit: 500 }, read_row).await?;
        let own = entries.into_iter().filter(|entry| entry.partner_id == partner);
        found.extend(own.map(|entry| (entry.id.clone(), entry)));
    }
    let mut entries: Vec<Entry> = ids.iter().filter_map(|id| found.remove(id)).collect();
    read_co_users(reader, &mut entries).await?;
    Ok(entries)
}

/// Finds the co-users of some entries.
async fn read_co_users(reader: &mut Reader, entries: &mut [Entry]) -> Result<(), StoreError> {
    let at: HashMap<String, usize> =
        entries.iter().enumerate().map(|(index, entry)| (entry.id.as_str().to_owned(), index)).collect();
    let ids: Vec<&String> = at.keys().collect();
    for ids in ids.chunks(AT_ONCE) {
        let mut sql = Sql {
            text: "SELECT entry_id, kind, kuser_id, puser_id FROM entry_user WHERE ".to_owned(),
            ..Sql::default()
        };
        sql.condition(&Condition::texts("entry_id", ids.iter().map(|id| id.as_str())), "entry_user");
        sql.push(" ORDER BY entry_id, position");
        for row in reader.fetch(AssertSqlSafe(sql.text), sql.values).await? {
            let entry = at.get(&row.text(0)?).and_then(|index| entries.get_mut(*index));
            entry.ok_or(StoreError::Corrupt("co-user"))?.co_users.add(&row)?;
        }
    }
    Ok(())
}

impl Store {
    /// The entry with this id, even if it is deleted; whoever asks.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`], [`StoreError::Closed`], [`StoreError::Corrupt`].
    pub async fn entry(&self, partner: PartnerId, id: &EntryId) -> Result<Option<Entry>, StoreError> {
        // The database cannot hold such an id, so nothing has it.
        if id.as_str().contains('\0') {
            return Ok(None);
        }
        read(&mut self.inner.engine.reader().await?, partner, id).await
    }

    /// One page of an account's entries that satisfy a condition, without deleted ones, and how many there are in all.
    ///
    /// # Errors
    /// As [`Store::entry`]; [`StoreError::Invalid`] for a NUL.
    pub async fn entries(
        &self,
        partner: PartnerId,
        condition: Condition,
        order: &[Order],
        page: Page,
    ) -> Result<(Vec<Entry>, u64), StoreError> {
        let condition = Condition::int("partner_id", partner.get()).and(condition);
        self.list_entries(&LISTED, partner, &condition, order, page).await
    }

    /// The same of some of an account's entries; the condition names the account.
    pub(crate) async fn list_entries(
        &self,
        listed: &Listed,
        partner: PartnerId,
        condition: &Condition,
        order: &[Order],
        page: Page,
    ) -> Result<(Vec<Entry>, u64), StoreError> {
        let (mut entries, total) =
            self.list(listed, Counted::Entries(partner), condition, order, page, read_row).await?;
        read_co_users(&mut self.inner.engine.reader().await?, &mut entries).await?;
        Ok((entries, total))
    }

    /// Those of these entries that are there, in this order, without deleted ones; whoever asks.
    ///
    /// # Errors
    /// As [`Store::entry`].
    pub async fn entries_by_ids(&self, partner: PartnerId, ids: &[EntryId]) -> Result<Vec<Entry>, StoreError> {
        read_these(&mut self.inner.engine.reader().await?, partner, ids).await
    }

    /// How many of an account's entries satisfy a condition, without deleted ones.
    ///
    /// # Errors
    /// As [`Store::entries`].
    pub async fn count_entries(&self, partner: PartnerId, condition: Condition) -> Result<u64, StoreError> {
        self.count(&LISTED, Counted::Entries(partner), &Condition::int("partner_id", partner.get()).and(condition))
            .await
    }
}
