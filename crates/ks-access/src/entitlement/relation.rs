//! What belongs to what, for conditions.

use crate::condition::Relation;

/// The contexts of a category: `context`, in lower case.
pub const CATEGORY_CONTEXTS: Relation =
    Relation { table: "category_context", inner: "category_id", outer: "id", few: false };

/// The members that count for a category: `kuser_id`, `status`, `permission_level`. Those of one user are few.
pub const CATEGORY_MEMBERS: Relation =
    Relation { table: "category_user", inner: "category_id", outer: "members_of", few: true };

/// The places of an entry in categories: `category_id`, `status`, `privacy_context`.
pub const ENTRY_PLACES: Relation = Relation { table: "category_entry", inner: "entry_id", outer: "id", few: false };

/// The category of a place.
pub const PLACE_CATEGORY: Relation = Relation { table: "category", inner: "id", outer: "category_id", few: false };

/// The co-users of an entry: `kuser_id`, `kind`. The entries of one user are few.
pub const ENTRY_CO_USERS: Relation = Relation { table: "entry_user", inner: "entry_id", outer: "id", few: true };

/// The entry whose visibility counts instead of an entry's own.
pub const ENTRY_PARENT: Relation =
    Relation { table: "entry AS parent", inner: "id", outer: "parent_entry_id", few: false };

/// Who finds an entry in lists: `context`, `audience`, `category_id`.
pub const ENTRY_KEYS: Relation = Relation { table: "entry_key", inner: "entry_id", outer: "id", few: false };

/// The members of the category of a row of [`ENTRY_KEYS`].
pub const KEY_MEMBERS: Relation =
    Relation { table: "category_user", inner: "category_id", outer: "category_id", few: true };
