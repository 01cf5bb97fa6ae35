//! The declarations in `api/`, read and cross-checked.

use std::collections::BTreeMap;
use std::path::Path;

use serde::Deserialize;

/// Everything that is declared. Maps are sorted by name, so that the output does not depend on files.
pub(crate) struct Model {
    pub(crate) services: Vec<Service>,
    pub(crate) classes: BTreeMap<String, Class>,
    pub(crate) enums: BTreeMap<String, Enum>,
    pub(crate) errors: Vec<(String, ApiError)>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Service {
    pub(crate) id: String,
    pub(crate) plugin: Option<String>,
    pub(crate) description: String,
    pub(crate) actions: toml::map::Map<String, toml::Value>,
    #[serde(skip)]
    pub(crate) parsed: Vec<(String, Action)>,
}

#[derive(Deserialize, Clone)]
#[serde(deny_unknown_fields)]
pub(crate) struct Action {
    pub(crate) description: String,
    pub(crate) ks: String,
    pub(crate) permissions: Vec<String>,
    #[serde(default)]
    pub(crate) throws: Vec<String>,
    /// Further codes that it raises here, which the published API does not list.
    #[serde(default)]
    pub(crate) raises: Vec<String>,
    #[serde(default = "void")]
    pub(crate) result: String,
    #[serde(default)]
    pub(crate) params: Vec<Param>,
    #[serde(default = "yes")]
    pub(crate) partner_required: bool,
    #[serde(default)]
    pub(crate) writes: bool,
    pub(crate) deprecated: Option<String>,
    pub(crate) flatten: Option<Flatten>,
}

/// Errors that all look alike to clients.
#[derive(Deserialize, Clone)]
#[serde(deny_unknown_fields)]
pub(crate) struct Flatten {
    pub(crate) to: Option<String>,
    #[serde(default)]
    pub(crate) keep: Vec<String>,
}

#[derive(Deserialize, Clone)]
#[serde(deny_unknown_fields)]
pub(crate) struct Param {
    pub(crate) name: String,
    #[serde(rename = "type")]
    pub(crate) ty: String,
    #[serde(default)]
    pub(crate) optional: bool,
    pub(crate) default: Option<toml::Value>,
    #[serde(default)]
    pub(crate) sensitive: bool,
    pub(crate) description: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Class {
    pub(crate) description: String,
    pub(crate) base: Option<String>,
    pub(crate) plugin: Option<String>,
    #[serde(default, rename = "abstract")]
    pub(crate) is_abstract: bool,
    pub(crate) order_by: Option<String>,
    pub(crate) properties: Vec<Property>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Property {
    pub(crate) name: String,
    #[serde(rename = "type")]
    pub(crate) ty: String,
    pub(crate) access: Option<String>,
    #[serde(default)]
    pub(crate) filters: Vec<String>,
    #[serde(default)]
    pub(crate) requires_permission: Vec<String>,
    #[serde(default)]
    pub(crate) sensitive: bool,
    pub(crate) min_length: Option<usize>,
    pub(crate) max_length: Option<usize>,
    pub(crate) min: Option<i64>,
    pub(crate) max: Option<i64>,
    pub(crate) description: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Enum {
    pub(crate) description: String,
    #[serde(rename = "type")]
    pub(crate) ty: String,
    pub(crate) values: toml::map::Map<String, toml::Value>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct ApiError {
    pub(crate) args: Vec<String>,
    pub(crate) message: String,
    pub(crate) meaning: String,
}

/// The type of a parameter, property or result.
#[derive(Clone, PartialEq)]
pub(crate) enum Ty {
    Void,
    Int,
    BigInt,
    Float,
    Bool,
    Text,
    Time,
    File,
    Enum(String),
    Object(String),
    Array(String),
    Map(String),
}

/// The class that every class without a base extends.
pub(crate) const ROOT_CLASS: &str = "KalturaObject";

fn void() -> String {
    "void".to_owned()
}

const fn yes() -> bool {
    true
}

impl Model {
    pub(crate) fn load(api: &Path) -> Result<Self, String> {
        let mut services: Vec<Service> = tables(&api.join("services"))?;
        services.sort_by_key(|service| service.id.to_lowercase());
        for service in &mut services {
            for (name, value) in &service.actions {
                let action: Action =
                    value.clone().try_into().map_err(|error| format!("{}.{name}: {error}", service.id))?;
                service.parsed.push((name.clone(), action));
            }
        }
        let classes = merged(&api.join("objects"))?;
        let enums = merged(&api.join("enums"))?;
        let errors: BTreeMap<String, ApiError> = read(&api.join("errors.toml"))?;
        let model = Self { services, classes, enums, errors: errors.into_iter().collect() };
        model.validate()?;
        Ok(model)
    }

    pub(crate) fn ty(&self, text: &str) -> Result<Ty, String> {
        let inner = |prefix: &str| text.strip_prefix(prefix).and_then(|rest| rest.strip_suffix('>'));
        let class = |name: &str| {
            self.classes.contains_key(name).then(|| name.to_owned()).ok_or(format!("unknown class {name}"))
        };
        if let Some(name) = inner("array<") {
            return class(name).map(Ty::Array);
        }
        if let Some(name) = inner("map<") {
            return class(name).map(Ty::Map);
        }
        Ok(match text {
            "void" => Ty::Void,
            "int" => Ty::Int,
            "bigint" => Ty::BigInt,
            "float" => Ty::Float,
            "bool" => Ty::Bool,
            "string" => Ty::Text,
            "time" => Ty::Time,
            "file" => Ty::File,
            name if self.enums.contains_key(name) => Ty::Enum(name.to_owned()),
            name => Ty::Object(class(name)?),
        })
    }

    /// A type that `validate` has already looked at.
    pub(crate) fn known_ty(&self, text: &str) -> Ty {
        self.ty(text).unwrap_or(Ty::Void)
    }

    /// The base of a class; every class but the root has one.
    pub(crate) fn base<'a>(&'a self, name: &str) -> Option<&'a str> {
        if name == ROOT_CLASS { None } else { self.classes[name].base.as_deref().or(Some(ROOT_CLASS)) }
    }

    /// All properties of a class, those of its bases first, with the class that declares each.
    pub(crate) fn properties<'a>(&'a self, name: &'a str) -> Vec<(&'a str, &'a Property)> {
        let mut out = self.base(name).map_or_else(Vec::new, |base| self.properties(base));
        out.extend(self.classes[name].properties.iter().map(|property| (name, property)));
        out
    }

    /// Every class below this one, at any distance, that is not abstract.
    pub(crate) fn concrete_below(&self, name: &str) -> Vec<&str> {
        self.classes
            .iter()
            .filter(|(other, class)| {
                let mut at = Some(other.as_str());
                while let Some(this) = at {
                    at = self.base(this);
                    if at == Some(name) {
                        return !class.is_abstract;
                    }
                }
                false
            })
            .map(|(other, _)| other.as_str())
            .collect()
    }

    /// Whether a reference to this class may hold objects of other classes too.
    pub(crate) fn is_open(&self, name: &str) -> bool {
        self.classes[name].is_abstract || !self.concrete_below(name).is_empty()
    }

    fn validate(&self) -> Result<(), String> {
        let mut faults = Vec::new();
        for (name, class) in &self.classes {
            if let Some(base) = &class.base
                && !self.classes.contains_key(base)
            {
                faults.push(format!("{name}: unknown base {base}"));
            }
            if let Some(order) = &class.order_by
                && !self.enums.contains_key(order)
            {
                faults.push(format!("{name}: unknown enum {order}"));
            }
            for property in &class.properties {
                if let Err(fault) = self.ty(&property.ty) {
                    faults.push(format!("{name}.{}: {fault}", property.name));
                }
            }
        }
        for (code, error) in &self.errors {
            if error.message.is_empty() {
                faults.push(format!("{code}: an empty message reads as success"));
            }
            for arg in &error.args {
                if !error.message.contains(&format!("@{arg}@")) {
                    faults.push(format!("{code}: the message does not say {arg}"));
                }
            }
        }
        for service in &self.services {
            for (name, action) in &service.parsed {
                let at = format!("{}.{name}", service.id);
                if let Err(fault) = self.ty(&action.result) {
                    faults.push(format!("{at}: {fault}"));
                }
                for param in &action.params {
                    if let Err(fault) = self.ty(&param.ty) {
                        faults.push(format!("{at}.{}: {fault}", param.name));
                    }
                }
                for code in action.raises.iter().filter(|code| action.throws.contains(code)) {
                    faults.push(format!("{at}: {code} is in `throws` already"));
                }
                for code in action.throws.iter().chain(&action.raises) {
                    if !self.errors.iter().any(|(known, _)| known == code) {
                        faults.push(format!("{at}: unknown error {code}"));
                    }
                }
                if !["ignored", "optional", "required"].contains(&action.ks.as_str()) {
                    faults.push(format!("{at}: ks is ignored, optional or required"));
                }
                let named = action.flatten.iter().flat_map(|flatten| flatten.to.iter().chain(&flatten.keep));
                for code in named.filter(|code| !self.errors.iter().any(|(known, _)| known == *code)) {
                    faults.push(format!("{at}: unknown error {code}"));
                }
            }
        }
        if faults.is_empty() { Ok(()) } else { Err(faults.join("\n")) }
    }
}

fn read<T: for<'de> Deserialize<'de>>(path: &Path) -> Result<T, String> {
    let text = std::fs::read_to_string(path).map_err(|error| format!("{}: {error}", path.display()))?;
    toml::from_str(&text).map_err(|error| format!("{}: {error}", path.display()))
}

fn toml_files(folder: &Path) -> Result<Vec<std::path::PathBuf>, String> {
    let mut paths: Vec<_> = std::fs::read_dir(folder)
        .map_err(|error| format!("{}: {error}", folder.display()))?
        .filter_map(|entry| entry.ok().map(|entry| entry.path()))
        .filter(|path| path.extension().is_some_and(|extension| extension == "toml"))
        .collect();
    paths.sort();
    Ok(paths)
}

fn tables<T: for<'de> Deserialize<'de>>(folder: &Path) -> Result<Vec<T>, String> {
    toml_files(folder)?.iter().map(|path| read(path)).collect()
}

fn merged<T: for<'de> Deserialize<'de>>(folder: &Path) -> Result<BTreeMap<String, T>, String> {
    let mut out = BTreeMap::new();
    for path in toml_files(folder)? {
        for (name, value) in read::<BTreeMap<String, T>>(&path)? {
            if out.insert(name.clone(), value).is_some() {
                return Err(format!("{}: {name} is declared twice", path.display()));
            }
        }
    }
    Ok(out)
}
