//! Calls, drawn from the declarations: each parameter and property by its name and type, each id from live objects.

use std::collections::BTreeSet;
use std::sync::atomic::{AtomicU64, Ordering};

use ks_schema::describe::{Access, ActionInfo, ClassInfo, EnumInfo, EnumValues, PropertyInfo, Type};
use ks_tests::house::now;
use serde_json::{Value, json};

use super::dice::Dice;
use super::names;
use super::tenant::Tenant;

/// Properties without which an action does nothing, besides ids, names and what can be set only once.
const NEEDED: &[(&str, &[&str])] = &[
    ("widget.add", &["sourceWidgetId"]),
    ("widget.clone", &["id"]),
    ("partner.register", &["adminName", "adminEmail", "description"]),
    ("partner.registrationValidation", &["adminName", "adminEmail", "description"]),
    ("permissionItem.add", &["service", "action"]),
    ("baseEntry.flag", &["flaggedEntryId"]),
    ("media.flag", &["flaggedEntryId"]),
];

/// Properties that would only make the caller's own later calls fail: how its people log in, and what they see.
const AVOIDED: &[&str] = &[
    "adminUserId",
    "allowedEmailDomainsForAdmins",
    "authenticationType",
    "blockDirectLogin",
    "defaultEntitlementEnforcement",
    "ksPrivileges",
    "loginBlockPeriod",
    "maxLoginAttempts",
    "numPrevPassToKeep",
    "passReplaceFreq",
    "passwordStructureValidations",
    "secondFactor",
    "useSso",
    "useTwoFactorAuthentication",
];

/// A number that no other draw of this run has.
pub(super) fn fresh() -> u64 {
    static COUNT: AtomicU64 = AtomicU64::new(1);
    COUNT.fetch_add(1, Ordering::Relaxed)
}

/// Which optional properties an action has been seen to take.
pub(super) type Taken = BTreeSet<(String, &'static str)>;

/// Who draws, and of whose objects.
pub(super) struct Draw<'d> {
    pub(super) dice: &'d mut Dice,
    pub(super) own: &'d Tenant,
    pub(super) other: &'d Tenant,
    /// How often, in a hundred draws, an object is the other's.
    pub(super) foreign: usize,
    pub(super) taken: &'d Taken,
    /// Whether something of the other account was drawn.
    pub(super) crossed: bool,
}

impl<'d> Draw<'d> {
    fn someone(&mut self) -> &'d Tenant {
        let is_other = self.dice.percent(self.foreign);
        self.crossed |= is_other;
        if is_other { self.other } else { self.own }
    }

    /// The object that a call is about.
    pub(super) fn object_of(&mut self, action: &ActionInfo) -> Option<Value> {
        let class = match action.full_name().as_str() {
            "ks_session.revokeSecret" => names::class("KalturaKsSecret"),
            "session.startWidgetSession" => names::class("KalturaWidget"),
            "partner.getSecrets" => names::class("KalturaUser"),
            _ => names::subject(action.service),
        }?;
        let before = self.crossed;
        let someone = self.someone();
        let live = someone.of(class);
        let fitting: Vec<&Value> = live.iter().copied().filter(|object| fits(action, object)).collect();
        let drawn = self.dice.pick(if fitting.is_empty() { &live } else { &fitting }).copied().cloned();
        if drawn.is_none() {
            self.crossed = before;
        }
        drawn
    }

    /// The parameters of a call about an object. `with`: this one optional property and no other.
    pub(super) fn params(&mut self, action: &ActionInfo, about: Option<&Value>, with: Option<&str>) -> Value {
        let mut params = json!({});
        for param in action.params {
            let value = match param.ty {
                Type::Object(class) if class.name.ends_with("Filter") => self.filter(class),
                Type::Object(class) if class.name.ends_with("Pager") => {
                    Some(json!({"pageSize": 1 + self.dice.below(30), "pageIndex": 1 + self.dice.below(2)}))
                }
                Type::Object(class) => Some(self.object(action, class, about, with)),
                _ => self.param(action, param.name, &param.ty, about),
            };
            let is_usual = !param.optional || param.sensitive || param.name == "partnerId";
            if let Some(value) = value.filter(|_| is_usual || self.dice.percent(50)) {
                params[param.name] = value;
            }
        }
        params
    }

    fn param(&mut self, action: &ActionInfo, name: &str, ty: &Type, about: Option<&Value>) -> Option<Value> {
        match name {
            "secret" => return Some(json!(self.own.account.admin_secret)),
            "partnerId" | "requestedPartnerId" | "impersonatedPartnerId" => {
                return Some(json!(self.someone().account.id));
            }
            "loginId" if action.name == "enableLogin" => {
                return Some(if self.dice.percent(20) { self.known_address(about) } else { self.new_address() });
            }
            "loginId" | "email" | "oldLoginId" | "loginDataId" | "adminEmail" | "existingLoginId" => {
                return Some(self.known_address(about));
            }
            "newLoginId" | "newEmail" => return Some(self.new_address()),
            "password" | "cmsPassword" | "newPassword" => return Some(json!(self.own.password)),
            "session" => {
                let account = &self.someone().account;
                return Some(json!(account.mint(2, "whoever", "")));
            }
            "requestId" => {
                let someone = self.someone();
                return self.dice.pick(&someone.refused).map(|id| json!(id));
            }
            "otp" | "hashKey" | "tokenHash" | "templatePartnerId" | "value" => return None,
            "expiry" => return Some(json!(60 + self.dice.below(600))),
            "rank" => return Some(json!(1 + self.dice.below(5))),
            // There are no renditions.
            "sourceFlavorParamsId" => return None,
            _ => {}
        }
        if name.starts_with("new") && names::identified(name).is_some() {
            return Some(json!(format!("new{}", fresh())));
        }
        let own = about.map_or(&Value::Null, |object| &object[name]);
        if !own.is_null() {
            return Some(own.clone());
        }
        if let Some(about) = about.filter(|object| is_id_of(name, object)) {
            return Some(about["id"].clone());
        }
        if let Some(about) = about.filter(|_| name == "permissionName") {
            return Some(about["name"].clone());
        }
        if name == "id" {
            // Nothing is there to be named. A small number might be anybody's.
            return Some(json!((1 << 40) + fresh()));
        }
        self.value(name, ty)
    }

    /// An address that somebody logs in with; the drawn object's own, if it has one.
    fn known_address(&mut self, about: Option<&Value>) -> Value {
        let own = about.filter(|object| object["loginEnabled"] == true).map(|object| object["email"].clone());
        own.unwrap_or_else(|| {
            let addresses = self.someone().addresses();
            self.dice.pick(&addresses).map_or_else(|| json!("nobody@example.com"), |address| json!(address))
        })
    }

    fn new_address(&mut self) -> Value {
        json!(format!("p{}@{}", fresh(), self.own.domain))
    }

    fn filter(&mut self, class: &'static ClassInfo) -> Option<Value> {
        let class = names::concrete(class)?;
        let mut filter = json!({"objectType": class.name});
        let conditions: Vec<&PropertyInfo> = class
            .properties
            .iter()
            .filter(|property| !["orderBy", "advancedSearch"].contains(&property.name))
            .collect();
        if let Some(property) = self.dice.pick(&conditions)
            && let Some(value) = self.value(property.name, &property.ty)
        {
            filter[property.name] = value;
        }
        if let Some(EnumValues::Text(orders)) = class.order_by.map(|orders| &orders.values)
            && let Some((_, order)) = self.dice.pick(orders)
        {
            filter["orderBy"] = json!(order);
        }
        Some(filter)
    }

    /// An object to be added, or to change one with.
    fn object(
        &mut self,
        action: &ActionInfo,
        class: &'static ClassInfo,
        about: Option<&Value>,
        with: Option<&str>,
    ) -> Value {
        let class = about
            .and_then(|object| object["objectType"].as_str())
            .and_then(names::class)
            .filter(|own| own.is_a(class) && is_change(action))
            .or_else(|| names::concrete(class))
            .unwrap_or(class);
        let mut object = json!({"objectType": class.name});
        for property in class.properties {
            let wanted = match with {
                _ if is_needed(action, class, property) => true,
                Some(name) => property.name == name,
                None => self.taken.contains(&(action.full_name(), property.name)) && self.dice.percent(25),
            };
            if !wanted {
                continue;
            }
            let value = match property.name {
                "id" if action.name == "clone" => about.map(|object| object["id"].clone()),
                "id" | "systemName" | "referenceId" => Some(json!(format!("o{}", fresh()))),
                // The name of a permission is its id.
                "name" if class.name == "KalturaPermission" => Some(json!(format!("PERMISSION_{}", fresh()))),
                "name" => Some(json!(format!("{} {}", self.own.text, fresh()))),
                _ => self.value(property.name, &property.ty),
            };
            if let Some(value) = value {
                object[property.name] = value;
            }
        }
        // Whoever is made an administrator without one gets a password that nobody knows.
        if object["isAdmin"] == true && action.full_name() == "user.add" {
            object["password"] = json!(self.own.password);
            object["email"] = self.new_address();
        }
        object
    }

    fn value(&mut self, name: &str, ty: &Type) -> Option<Value> {
        if let Some(class) = names::identified(name) {
            let someone = self.someone();
            let live = someone.of(class);
            let drawn = self.dice.pick(&live)?;
            let id = &drawn["id"];
            return Some(if names::takes_many(name) { json!(text_of(id)) } else { id.clone() });
        }
        Some(match ty {
            Type::Int | Type::BigInt => json!(self.dice.below(3)),
            Type::Float => json!(0.5),
            Type::Bool => json!(self.dice.percent(50)),
            Type::Time => json!(now() + 3600 + i64::try_from(self.dice.below(86_400)).unwrap_or_default()),
            Type::Text => self.text(name),
            Type::Enum(info) => self.member(info)?,
            // Profiles within profiles have no end.
            Type::Array(_) if name == "relatedProfiles" => return None,
            Type::Array(class) => json!([self.item(class)?]),
            Type::Object(_) | Type::Map(_) | Type::Void | Type::File => return None,
        })
    }

    fn item(&mut self, class: &'static ClassInfo) -> Option<Value> {
        let class = names::concrete(class)?;
        let mut item = json!({"objectType": class.name});
        for property in class.properties.iter().filter(|property| property.access == Access::ReadWrite) {
            if let Some(value) = self.value(property.name, &property.ty) {
                item[property.name] = value;
            }
        }
        Some(item)
    }

    fn member(&mut self, info: &EnumInfo) -> Option<Value> {
        let is_status = info.name.ends_with("Status");
        let usual = |name: &str| !is_status || name.starts_with("ACTIVE");
        match info.values {
            EnumValues::Int(values) => {
                let kept: Vec<i64> = values.iter().filter(|(name, _)| usual(name)).map(|(_, value)| *value).collect();
                self.dice.pick(&kept).map(|value| json!(value))
            }
            EnumValues::Text(values) => {
                let kept: Vec<&str> = values.iter().filter(|(name, _)| usual(name)).map(|(_, value)| *value).collect();
                self.dice.pick(&kept).map(|value| json!(value))
            }
        }
    }

    fn text(&mut self, name: &str) -> Value {
        let id_of_one = |draw: &mut Self, class: &str, field: &str| {
            let someone = draw.someone();
            let live = names::class(class).map(|class| someone.of(class)).unwrap_or_default();
            draw.dice.pick(&live).map(|object| text_of(&object[field])).unwrap_or_default()
        };
        match name {
            "password" | "cmsPassword" => json!(self.own.password),
            "service" => json!("session"),
            "action" => json!("get"),
            "roles" => json!(id_of_one(self, "KalturaUserRole", "id")),
            "privileges" | "sessionPrivileges" => json!("list:*"),
            _ if name.contains("ermissionName") => json!(id_of_one(self, "KalturaPermission", "name")),
            _ if name.to_ascii_lowercase().ends_with("email") => self.new_address(),
            _ if name.to_ascii_lowercase().ends_with("url") => {
                json!(format!("https://{}/{}", self.own.domain, self.own.text))
            }
            _ => json!(format!("{} {}", self.own.text, fresh())),
        }
    }
}

/// Whether an action is one that changes the object that it names.
fn is_change(action: &ActionInfo) -> bool {
    action.name.starts_with("update")
}

/// Whether an action could take a property at all.
pub(super) fn may_take(action: &ActionInfo, property: &PropertyInfo) -> bool {
    let writable = match property.access {
        Access::ReadOnly => false,
        Access::ReadWrite | Access::WriteOnly => true,
        Access::InsertOnly | Access::InsertOnlyWriteOnly => !is_change(action),
    };
    // People are known by the address that they log in with, which changes by another action.
    let renames = property.name == "email" && is_change(action);
    writable && !renames && !AVOIDED.contains(&property.name) && property.name != "relatedObjects"
}

fn is_needed(action: &ActionInfo, class: &ClassInfo, property: &PropertyInfo) -> bool {
    let full = action.full_name();
    if NEEDED.iter().any(|(name, properties)| *name == full && properties.contains(&property.name)) {
        return true;
    }
    let adds = !is_change(action) && action.name != "clone";
    let is_id = names::identified(property.name).is_some();
    let once = property.access == Access::InsertOnly && is_id && property.name != "externalId";
    adds && may_take(action, property) && (["id", "name"].contains(&property.name) || once || joins(class, property))
}

/// Whether objects of a class do nothing but join two others: then both are needed.
fn joins(class: &ClassInfo, property: &PropertyInfo) -> bool {
    let ids = |property: &&PropertyInfo| {
        property.access != Access::ReadOnly
            && names::identified(property.name).is_some()
            && property.name.ends_with("Id")
    };
    let own = class.properties.iter().filter(ids).count();
    let has_id = class.properties.iter().any(|other| other.name == "name");
    own >= 2 && !has_id && class.name != "KalturaWidget" && ids(&property)
}

/// Whether a parameter is the id of the drawn object.
fn is_id_of(name: &str, object: &Value) -> bool {
    let Some(class) = object["objectType"].as_str().and_then(names::class) else { return false };
    if object["id"].is_null() {
        return false;
    }
    // `userId` of a membership is the user's.
    name == "id" || names::identified(name).is_some_and(|other| class.is_a(other))
}

/// Objects with which an action has something to do: without these, most calls of it would be refused.
fn fits(action: &ActionInfo, object: &Value) -> bool {
    let is = |name: &str| object[name] == true;
    match action.full_name().as_str() {
        "user.login"
        | "user.loginByLoginId"
        | "user.updateLoginData"
        | "user.loginDataResetPassword"
        | "user.getByLoginId" => is("loginEnabled") && !is("isAdmin"),
        "adminUser.login" | "adminUser.updatePassword" | "user.generateQrCode" => is("loginEnabled") && is("isAdmin"),
        "user.disableLogin" => is("loginEnabled") && !is("isAdmin"),
        "user.enableLogin" => !is("loginEnabled"),
        "user.demoteAdmin" => is("isAdmin"),
        // What is built in is nobody's to change.
        "userRole.update"
        | "userRole.delete"
        | "permission.update"
        | "permission.delete"
        | "permissionItem.update"
        | "permissionItem.delete" => object["partnerId"].as_i64() != Some(0),
        "ks_secret.setPrimary" | "ks_secret.disable" | "ks_session.revokeSecret" => {
            object["status"] == 1 && object["kind"] == 2
        }
        "appToken.startSession" => object["status"] == 2,
        "partner.getSecrets" => is("loginEnabled") && is("isAdmin"),
        _ => true,
    }
}

fn text_of(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}
