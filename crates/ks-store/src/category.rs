//! Categories: what is kept of one, reading, and writing one row. What a change entails is in `category_change`.

use ks_access::condition::{Condition, fold};
use ks_schema::ids::{CategoryId, UserId};
use ks_token::PartnerId;
use serde_json::{Map, Value as Json};

use crate::engine::{Fetch, Row, args};
use crate::error::StoreError;
use crate::list::{Listed, Order, Page};
use crate::remembered::Counted;
use crate::store::Store;
use crate::user::KuserId;
use crate::writer::Tx;

/// A category. Times are Unix seconds; numbers with a class of the API as their name are its values.
#[derive(Clone, Debug, PartialEq)]
pub struct Category {
    /// Its id.
    pub id: CategoryId,
    /// Its account.
    pub partner_id: PartnerId,
    /// The category above; none above a root.
    pub parent_id: Option<CategoryId>,
    /// How far below a root.
    pub depth: i64,
    /// Its name.
    pub name: String,
    /// The names from the root on, joined by `>`.
    pub full_name: String,
    /// The ids from the root on, joined by `>`.
    pub full_ids: String,
    /// `KalturaCategoryStatus`.
    pub status: i64,
    /// Its description.
    pub description: Option<String>,
    /// Comma-separated tags.
    pub tags: Option<String>,
    /// Another system's id for it.
    pub reference_id: Option<String>,
    /// `KalturaAppearInListType`.
    pub appear_in_list: i64,
    /// `KalturaPrivacyType`.
    pub privacy: i64,
    /// `KalturaInheritanceType`.
    pub inheritance_type: i64,
    /// `KalturaUserJoinPolicyType`.
    pub user_join_policy: i64,
    /// `KalturaCategoryUserPermissionLevel` of who joins.
    pub default_permission_level: i64,
    /// `KalturaContributionPolicyType`.
    pub contribution_policy: i64,
    /// Who owns it.
    pub owner: Option<KuserId>,
    /// The owner's id in the account.
    pub owner_id: Option<UserId>,
    /// Its own contexts, a comma list.
    pub privacy_context: String,
    /// All its contexts, those of the parent first, a comma list.
    pub privacy_contexts: String,
    /// Whose members are its members, if it has none of its own.
    pub inherited_parent_id: Option<CategoryId>,
    /// Whose members count: the inherited parent, or itself.
    pub members_of: CategoryId,
    /// `KalturaNullableBoolean`.
    pub moderation: Option<i64>,
    /// `KalturaNullableBoolean`.
    pub is_aggregation: Option<i64>,
    /// The aggregation categories that show what is in it, a comma list.
    pub aggregation_categories: String,
    /// Active entries in it and below.
    pub entries_count: i64,
    /// Active entries in it.
    pub direct_entries_count: i64,
    /// Entries in it that wait for approval.
    pub pending_entries_count: i64,
    /// Active members.
    pub members_count: i64,
    /// Members that wait for approval.
    pub pending_members_count: i64,
    /// Categories right below.
    pub direct_sub_categories_count: i64,
    /// A number to sort by.
    pub partner_sort_value: i64,
    /// Other properties of the API's object, by their API names.
    pub properties: Map<String, Json>,
    /// When it was made.
    pub created_at: i64,
    /// When it last changed.
    pub updated_at: i64,
}

impl Category {
    /// A root of this name with nothing set, not yet kept: its id is not known.
    #[must_use]
    pub fn named(partner_id: PartnerId, name: &str, now: i64) -> Self {
        Self {
            id: CategoryId::new(0),
            partner_id,
            parent_id: None,
            depth: 0,
            name: name.to_owned(),
            full_name: name.to_owned(),
            full_ids: String::new(),
            status: 2,
            description: None,
            tags: None,
            reference_id: None,
            appear_in_list: 1,
            privacy: 1,
            inheritance_type: 2,
            user_join_policy: 3,
            default_permission_level: 3,
            contribution_policy: 1,
            owner: None,
            owner_id: None,
            privacy_context: String::new(),
            privacy_contexts: String::new(),
            inherited_parent_id: None,
            members_of: CategoryId::new(0),
            moderation: None,
            is_aggregation: None,
            aggregation_categories: String::new(),
            entries_count: 0,
            direct_entries_count: 0,
            pending_entries_count: 0,
            members_count: 0,
            pending_members_count: 0,
            direct_sub_categories_count: 0,
            partner_sort_value: 0,
            properties: Map::new(),
            created_at: now,
            updated_at: now,
        }
    }
}

macro_rules! columns {
    () => {
        "id, partner_id, parent_id, depth, name, full_name, full_ids, status, description, tags, reference_id, \
         appear_in_list, privacy, inheritance_type, user_join_policy, default_permission_level, contribution_policy, \
         owner_id, owner_puser_id, privacy_context, privacy_contexts, inherited_parent_id, members_of, moderation, \
         is_aggregation, aggregation_categories, entries_count, direct_entries_count, pending_entries_count, \
         members_count, pending_members_count, direct_sub_categories_count, partner_sort_value, properties, \
         created_at, updated_at"
    };
}

macro_rules! select {
    ($rest:literal) => {
        concat!("SELECT ", columns!(), " FROM category ", $rest)
    };
}

/// A reference to a category; 0 is none.
pub(crate) fn some_category(id: i64) -> Option<CategoryId> {
    (id != 0).then(|| CategoryId::new(id))
}

pub(crate) fn read_row(row: &Row) -> Result<Category, StoreError> {
    const MALFORMED: StoreError = StoreError::Corrupt("category");
    Ok(Category {
        id: CategoryId::new(row.int(0)?),
        partner_id: row.partner(1)?,
        parent_id: some_category(row.int(2)?),
        depth: row.int(3)?,
        name: row.text(4)?,
        full_name: row.text(5)?,
        full_ids: row.text(6)?,
        status: row.int(7)?,
        description: row.opt_text(8)?,
        tags: row.opt_text(9)?,
        reference_id: row.opt_text(10)?,
        appear_in_list: row.int(11)?,
        privacy: row.int(12)?,
        inheritance_type: row.int(13)?,
        user_join_policy: row.int(14)?,
        default_permission_level: row.int(15)?,
        contribution_policy: row.int(16)?,
        owner: row.opt_kuser(17)?,
        owner_id: row.opt_text(18)?.map(UserId::new),
        privacy_context: row.text(19)?,
        privacy_contexts: row.text(20)?,
        inherited_parent_id: some_category(row.int(21)?),
        members_of: CategoryId::new(row.int(22)?),
        moderation: row.opt_int(23)?,
        is_aggregation: row.opt_int(24)?,
        aggregation_categories: row.text(25)?,
        entries_count: row.int(26)?,
        direct_entries_count: row.int(27)?,
        pending_entries_count: row.int(28)?,
        members_count: row.int(29)?,
        pending_members_count: row.int(30)?,
        direct_sub_categories_count: row.int(31)?,
        partner_sort_value: row.int(32)?,
        properties: serde_json::from_str(&row.text(33)?).map_err(|_| MALFORMED)?,
        created_at: row.int(34)?,
        updated_at: row.int(35)?,
    })
}

/// The category with this id, unless it is deleted.
pub(crate) async fn read(
    db: &mut impl Fetch,
    partner: PartnerId,
    id: CategoryId,
) -> Result<Option<Category>, StoreError> {
    let rows = db.rows(select!("WHERE id = $1 AND partner_id = $2 AND status < 3"), args![id, partner]).await?;
    rows.first().map(read_row).transpose()
}

/// The category with this full name.
pub(crate) async fn read_named(
    db: &mut impl Fetch,
    partner: PartnerId,
    full_name: &str,
) -> Result<Option<Category>, StoreError> {
    let rows =
        db.rows(select!("WHERE partner_id = $1 AND full_name = $2 AND status < 3"), args![partner, full_name]).await?;
    rows.first().map(read_row).transpose()
}

/// All of an account, parents first.
pub(crate) async fn all(db: &mut impl Fetch, partner: PartnerId) -> Result<Vec<Category>, StoreError> {
    let rows = db.rows(select!("WHERE partner_id = $1 AND status < 3 ORDER BY depth, id"), args![partner]).await?;
    rows.iter().map(read_row).collect()
}

/// Everything below a category, parents first.
pub(crate) async fn subtree(db: &mut impl Fetch, category: &Category) -> Result<Vec<Category>, StoreError> {
    // `?` is the character after `>`.
    let rows = db
        .rows(
            select!(
                "WHERE partner_id = $1 AND full_ids > $2 || '>' AND full_ids < $2 || '?' AND status < 3 \
                 ORDER BY depth, id"
            ),
            args![category.partner_id, &category.full_ids],
        )
        .await?;
    rows.iter().map(read_row).collect()
}

/// Adds a category below the parent that it names. Its `full_ids` and `members_of` follow from its new id; the rest
/// must be derived.
pub(crate) async fn insert(tx: &mut Tx, new: &Category) -> Result<Category, StoreError> {
    let id = insert_row(tx, new).await?;
    let full_ids = match new.parent_id {
        Some(parent) => {
            let parent = read(tx, new.partner_id, parent).await?.ok_or(StoreError::NotFound("category"))?;
            format!("{}>{id}", parent.full_ids)
        }
        None => id.to_string(),
    };
    let made = Category { id, full_ids, members_of: new.inherited_parent_id.unwrap_or(id), ..new.clone() };
    save(tx, &made).await?;
    Ok(made)
}

/// Makes no more of a row than its number needs: [`put`] must follow.
pub(crate) async fn insert_row(tx: &mut Tx, new: &Category) -> Result<CategoryId, StoreError> {
    let rows = tx
        .fetch(
            "INSERT INTO category (partner_id, parent_id, depth, name, name_folded, full_name, full_name_folded, \
             full_ids, status, appear_in_list, privacy, inheritance_type, user_join_policy, default_permission_level, \
             contribution_policy, privacy_context, privacy_contexts, inherited_parent_id, members_of, \
             aggregation_categories, entries_count, direct_entries_count, pending_entries_count, members_count, \
             pending_members_count, direct_sub_categories_count, partner_sort_value, properties, created_at, \
             updated_at) VALUES ($1, $2, $3, $4, '', $5, '', '', 2, 1, 1, 2, 3, 3, 1, '', '', 0, 0, '', \
             0, 0, 0, 0, 0, 0, 0, '{}', $6, $6) RETURNING id",
            args![
                new.partner_id,
                new.parent_id.map_or(0, CategoryId::get),
                new.depth,
                &new.name,
                &new.full_name,
                new.created_at,
            ],
        )
        .await?;
    Ok(CategoryId::new(rows.first().ok_or(StoreError::Corrupt("category"))?.int(0)?))
}

/// Writes one category's row and its contexts. Entries below are listed by other rules when contexts, privacy, list or
/// members changed: see [`crate::entry_key`].
pub(crate) async fn save(tx: &mut Tx, category: &Category) -> Result<(), StoreError> {
    put(tx, category).await?;
    tx.execute("DELETE FROM category_context WHERE category_id = $1", args![category.id]).await?;
    put_contexts(tx, &[category]).await
}

/// Writes one category's row.
pub(crate) async fn put(tx: &mut Tx, category: &Category) -> Result<(), StoreError> {
    tx.execute(
        "UPDATE category SET parent_id = $2, depth = $3, name = $4, full_name = $5, full_ids = $6, status = $7, description = $8, \
             tags = $9, reference_id = $10, appear_in_list = $11, privacy = $12, inheritance_type = $13, \
             user_join_policy = $14, default_permission_level = $15, contribution_policy = $16, owner_id = $17, \
             owner_puser_id = $18, privacy_context = $19, privacy_contexts = $20, inherited_parent_id = $21, \
             members_of = $22, moderation = $23, is_aggregation = $24, aggregation_categories = $25, entries_count = $26, \
             direct_entries_count = $27, pending_entries_count = $28, members_count = $29, pending_members_count = $30, \
             direct_sub_categories_count = $31, partner_sort_value = $32, properties = $33, updated_at = $34, \
             name_folded = $35, full_name_folded = $36, description_folded = $37, tags_folded = $38, \
             reference_id_folded = $39 \
             WHERE id = $1",
        args![
            category.id,
                category.parent_id.map_or(0, CategoryId::get),
                category.depth,
                &category.name,
                &category.full_name,
                &category.full_ids,
                category.status,
                category.description.as_deref(),
                category.tags.as_deref(),
                category.reference_id.as_deref(),
                category.appear_in_list,
                category.privacy,
                category.inheritance_type,
                category.user_join_policy,
                category.default_permission_level,
                category.contribution_policy,
                category.owner,
                category.owner_id.as_ref(),
                &category.privacy_context,
                &category.privacy_contexts,
                category.inherited_parent_id.map_or(0, CategoryId::get),
                category.members_of,
                category.moderation,
                category.is_aggregation,
                &category.aggregation_categories,
                category.entries_count,
                category.direct_entries_count,
                category.pending_entries_count,
                category.members_count,
                category.pending_members_count,
                category.direct_sub_categories_count,
                category.partner_sort_value,
                Json::Object(category.properties.clone()).to_string(),
                category.updated_at,
                fold(&category.name),
                fold(&category.full_name),
                category.description.as_deref().map(fold),
                category.tags.as_deref().map(fold),
                category.reference_id.as_deref().map(fold),
        ],
    )
    .await?;
    Ok(())
}

/// Writes the contexts of categories that have none there.
pub(crate) async fn put_contexts(tx: &mut Tx, categories: &[&Category]) -> Result<(), StoreError> {
    let mut values = Vec::new();
    for category in categories {
        for context in ks_access::entitlement::contexts(&category.privacy_contexts) {
            values.extend(args![category.partner_id, context, category.id]);
        }
    }
    tx.insert("category_context (partner_id, context, category_id)", values, "").await.map(drop)
}

impl Store {
    /// The category with this id, unless it is deleted; whoever asks.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`], [`StoreError::Closed`], [`StoreError::Corrupt`].
    pub async fn category(&self, partner: PartnerId, id: CategoryId) -> Result<Option<Category>, StoreError> {
        read(&mut self.inner.engine.reader().await?, partner, id).await
    }

    /// The category with this full name, unless it is deleted; whoever asks.
    ///
    /// # Errors
    /// As [`Store::category`].
    pub async fn category_named(&self, partner: PartnerId, full_name: &str) -> Result<Option<Category>, StoreError> {
        read_named(&mut self.inner.engine.reader().await?, partner, full_name).await
    }

    /// One page of an account's categories, without deleted ones, and how many there are in all.
    ///
    /// # Errors
    /// As [`Store::category`]; [`StoreError::Invalid`] for a NUL.
    pub async fn categories(
        &self,
        partner: PartnerId,
        condition: Condition,
        order: &[Order],
        page: Page,
    ) -> Result<(Vec<Category>, u64), StoreError> {
        self.list(&LISTED, Counted::Categories(partner), &of(partner).and(condition), order, page, read_row).await
    }

    /// The first category that satisfies a condition, by id.
    ///
    /// # Errors
    /// As [`Store::categories`].
    pub async fn find_category(
        &self,
        partner: PartnerId,
        condition: Condition,
    ) -> Result<Option<Category>, StoreError> {
        Ok(self.some_categories(partner, condition, 1).await?.into_iter().next())
    }

    /// The first categories that satisfy a condition, by id, without counting them.
    pub(crate) async fn some_categories(
        &self,
        partner: PartnerId,
        condition: Condition,
        limit: u32,
    ) -> Result<Vec<Category>, StoreError> {
        self.page(&LISTED, &of(partner).and(condition), &[], Page { offset: 0, limit }, read_row).await
    }
}

/// The partial indexes are used where the statement itself says that deleted ones are left out.
const LISTED: Listed =
    Listed { table: "(SELECT * FROM category WHERE status < 3) AS category", columns: columns!(), key: "id" };

fn of(partner: PartnerId) -> Condition {
    Condition::int("partner_id", partner.get())
}
