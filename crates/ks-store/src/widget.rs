//! Widgets: what anonymous sessions are started from.

use ks_access::condition::{Condition, fold};
use ks_schema::ids::{EntryId, WidgetId};
use ks_token::PartnerId;

use crate::change::Change;
use crate::engine::{Fetch, Row, args};
use crate::error::StoreError;
use crate::list::{Listed, Order, Page};
use crate::partner;
use crate::remembered::Counted;
use crate::store::Store;
use crate::writer::Tx;

/// A widget. Times are Unix seconds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Widget {
    /// Its id.
    pub id: WidgetId,
    /// Its account.
    pub partner_id: PartnerId,
    /// The widget that it was made from.
    pub source_widget_id: Option<WidgetId>,
    /// The first widget of that chain.
    pub root_widget_id: Option<WidgetId>,
    /// The entry that it shows.
    pub entry_id: Option<EntryId>,
    /// The player's configuration.
    pub ui_conf_id: Option<i64>,
    /// `KalturaWidgetSecurityType`.
    pub security_type: i64,
    /// A number without meaning here.
    pub security_policy: i64,
    /// Free text of the account.
    pub partner_data: Option<String>,
    /// Whether its sessions stand under entitlement; `None`: never set.
    pub enforce_entitlement: Option<bool>,
    /// The privacy context of its sessions.
    pub privacy_context: Option<String>,
    /// Whether HTML5 is offered.
    pub add_embed_html5_support: bool,
    /// Comma-separated roles of its sessions.
    pub roles: Option<String>,
    /// Privileges of its sessions, in place of the default ones.
    pub privileges: Option<String>,
    /// When it was made.
    pub created_at: i64,
    /// When it last changed.
    pub updated_at: i64,
}

impl Widget {
    /// A widget with nothing set. Its times are set when it is added.
    #[must_use]
    pub fn new(id: WidgetId, partner_id: PartnerId) -> Self {
        Self {
            id,
            partner_id,
            source_widget_id: None,
            root_widget_id: None,
            entry_id: None,
            ui_conf_id: None,
            security_type: 1,
            security_policy: 0,
            partner_data: None,
            enforce_entitlement: None,
            privacy_context: None,
            add_embed_html5_support: false,
            roles: None,
            privileges: None,
            created_at: 0,
            updated_at: 0,
        }
    }
}

macro_rules! columns {
    () => {
        "id, partner_id, source_widget_id, root_widget_id, entry_id, ui_conf_id, security_type, security_policy, \
         partner_data, enforce_entitlement, privacy_context, add_embed_html5_support, roles, privileges, created_at, \
         updated_at"
    };
}

fn read_row(row: &Row) -> Result<Widget, StoreError> {
    Ok(Widget {
        id: WidgetId::new(row.text(0)?),
        partner_id: row.partner(1)?,
        source_widget_id: row.opt_text(2)?.map(WidgetId::new),
        root_widget_id: row.opt_text(3)?.map(WidgetId::new),
        entry_id: row.opt_text(4)?.map(EntryId::new),
        ui_conf_id: row.opt_int(5)?,
        security_type: row.int(6)?,
        security_policy: row.int(7)?,
        partner_data: row.opt_text(8)?,
        enforce_entitlement: row.opt_flag(9)?,
        privacy_context: row.opt_text(10)?,
        add_embed_html5_support: row.flag(11)?,
        roles: row.opt_text(12)?,
        privileges: row.opt_text(13)?,
        created_at: row.int(14)?,
        updated_at: row.int(15)?,
    })
}

async fn read(db: &mut impl Fetch, id: &WidgetId) -> Result<Option<Widget>, StoreError> {
    let rows = db.rows(concat!("SELECT ", columns!(), " FROM widget WHERE id = $1 AND deleted = 0"), args![id]).await?;
    rows.first().map(read_row).transpose()
}

/// Adds, or replaces everything but id, account and when it was made.
async fn put(tx: &mut Tx, widget: &Widget) -> Result<(), StoreError> {
    tx.execute(
        "INSERT INTO widget (id, partner_id, source_widget_id, root_widget_id, entry_id, ui_conf_id, security_type, \
         security_policy, partner_data, partner_data_folded, enforce_entitlement, privacy_context, \
         add_embed_html5_support, roles, privileges, created_at, updated_at, deleted) \
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, 0) \
         ON CONFLICT (id) DO UPDATE SET source_widget_id = excluded.source_widget_id, \
         root_widget_id = excluded.root_widget_id, entry_id = excluded.entry_id, ui_conf_id = excluded.ui_conf_id, \
         security_type = excluded.security_type, security_policy = excluded.security_policy, \
         partner_data = excluded.partner_data, partner_data_folded = excluded.partner_data_folded, \
         enforce_entitlement = excluded.enforce_entitlement, privacy_context = excluded.privacy_context, \
         add_embed_html5_support = excluded.add_embed_html5_support, roles = excluded.roles, \
         privileges = excluded.privileges, updated_at = excluded.updated_at",
        args![
            &widget.id,
            widget.partner_id,
            widget.source_widget_id.as_ref(),
            widget.root_widget_id.as_ref(),
            widget.entry_id.as_ref(),
            widget.ui_conf_id,
            widget.security_type,
            widget.security_policy,
            widget.partner_data.clone(),
            widget.partner_data.as_deref().map(fold),
            widget.enforce_entitlement,
            widget.privacy_context.clone(),
            widget.add_embed_html5_support,
            widget.roles.clone(),
            widget.privileges.clone(),
            widget.created_at,
            widget.updated_at,
        ],
    )
    .await?;
    Ok(())
}

async fn insert(tx: &mut Tx, mut widget: Widget, now: i64) -> Result<Widget, StoreError> {
    // A deleted widget keeps its id, too.
    if !tx.fetch("SELECT 1 FROM widget WHERE id = $1", args![&widget.id]).await?.is_empty() {
        return Err(StoreError::Conflict("widget id"));
    }
    (widget.created_at, widget.updated_at) = (now, now);
    put(tx, &widget).await?;
    tx.log(Change::Widget(widget.partner_id, widget.id.to_string()), now).await?;
    Ok(widget)
}

/// The widget that every account has.
pub(crate) async fn insert_default(tx: &mut Tx, id: WidgetId, partner: PartnerId, now: i64) -> Result<(), StoreError> {
    insert(tx, Widget::new(id, partner), now).await.map(drop)
}

impl Store {
    /// The widget with this id, of whichever account.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`], [`StoreError::Closed`]; [`StoreError::Invalid`] for a NUL in the id.
    pub async fn widget(&self, id: &WidgetId) -> Result<Option<Widget>, StoreError> {
        read(&mut self.inner.engine.reader().await?, id).await
    }

    /// Adds a widget; its times become `now` (Unix seconds).
    ///
    /// # Errors
    /// [`StoreError::Conflict`] when the id is taken; [`StoreError::NotFound`] for an unknown account;
    /// [`StoreError::Unavailable`].
    pub async fn add_widget(&self, widget: Widget, now: i64) -> Result<Widget, StoreError> {
        let write = self.inner.writer.write(move |tx| {
            Box::pin(async move {
                if partner::read(tx, widget.partner_id).await?.is_none() {
                    return Err(StoreError::NotFound("account"));
                }
                insert(tx, widget, now).await
            })
        });
        write.await
    }

    /// Changes a widget of an account: `change` gets it as it is and leaves it as it shall be. Its id, its account and
    /// when it was made stay. `now` is in Unix seconds.
    ///
    /// # Errors
    /// [`StoreError::NotFound`] when the account has no such widget; [`StoreError::Unavailable`].
    pub async fn update_widget<F>(
        &self,
        partner: PartnerId,
        id: WidgetId,
        now: i64,
        change: F,
    ) -> Result<Widget, StoreError>
    where
        F: FnOnce(&mut Widget) + Send + 'static,
    {
        let write = self.inner.writer.write(move |tx| {
            Box::pin(async move {
                let found = read(tx, &id).await?.filter(|widget| widget.partner_id == partner);
                let before = found.ok_or(StoreError::NotFound("widget"))?;
                let mut after = before.clone();
                change(&mut after);
                (after.id, after.partner_id) = (before.id, before.partner_id);
                (after.created_at, after.updated_at) = (before.created_at, now);
                put(tx, &after).await?;
                tx.log(Change::Widget(partner, id.to_string()), now).await?;
                Ok(after)
            })
        });
        write.await
    }

    /// One page of an account's widgets that satisfy a condition, and how many do in all. Columns are those of the table:
    /// `id`, `source_widget_id`, `root_widget_id`, `partner_id`, `entry_id`, `ui_conf_id`, `partner_data` (folded:
    /// `partner_data_folded`), `created_at`, `updated_at`.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`], [`StoreError::Closed`]; [`StoreError::Invalid`] for a NUL in a text.
    pub async fn widgets(
        &self,
        partner: PartnerId,
        condition: Condition,
        order: &[Order],
        page: Page,
    ) -> Result<(Vec<Widget>, u64), StoreError> {
        let own =
            Condition::All(vec![Condition::int("partner_id", partner.get()), Condition::int("deleted", 0), condition]);
        self.list(&LISTED, Counted::Anything, &own, order, page, read_row).await
    }
}

const LISTED: Listed = Listed { table: "widget", columns: columns!(), key: "id" };
