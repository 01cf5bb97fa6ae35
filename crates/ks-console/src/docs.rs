//! The tab "API Documentation": services, actions, objects and enums, read off the declarations.

use askama::Template;
use ks_schema::ErrorCode;
use ks_schema::describe::{ActionInfo, ClassInfo, EnumInfo, EnumValues, ServiceInfo, Type};
use ks_schema::generated::{classes, enums};

use crate::facts::{ActionFacts, ErrorRow, TypeText, error_rows};
use crate::page::render;
use crate::{Answer, Layout, Query, Tab, describe};

/// A link of the navigation.
pub(crate) struct Entry {
    pub(crate) href: String,
    pub(crate) text: String,
    pub(crate) open: bool,
    pub(crate) deprecated: bool,
}

/// The navigation: services, with the actions of the open one; objects, filters and enums.
struct Nav {
    services: Vec<(Entry, Vec<Entry>)>,
    objects: Vec<Entry>,
    filters: Vec<Entry>,
    enums: Vec<Entry>,
}

impl Nav {
    fn new(service: Option<&ServiceInfo>, open: &str) -> Self {
        let entry = |kind: &str, name: &str, text: &str, deprecated: bool| Entry {
            href: format!("?{kind}={name}"),
            text: text.to_owned(),
            open: name == open,
            deprecated,
        };
        let services = describe::sorted_services().into_iter().map(|info| {
            let is_open = service.is_some_and(|open| open.id == info.id);
            let actions = sorted_actions(info).into_iter().filter(|_| is_open);
            let actions = actions
                .map(|action| entry("action", &action.full_name(), action.name, action.deprecated.is_some()))
                .collect();
            (entry("service", info.id, info.id, false), actions)
        });
        let mut all: Vec<&ClassInfo> = classes::ALL.to_vec();
        all.sort_by_key(|class| class.name);
        let (filters, objects): (Vec<_>, Vec<_>) = all.into_iter().partition(|class| class.name.ends_with("Filter"));
        let classes = |list: Vec<&ClassInfo>| list.iter().map(|it| entry("object", it.name, it.name, false)).collect();
        let mut all: Vec<&EnumInfo> = enums::ALL.to_vec();
        all.sort_by_key(|info| info.name);
        Self {
            services: services.collect(),
            objects: classes(objects),
            filters: classes(filters),
            enums: all.iter().map(|it| entry("enum", it.name, it.name, false)).collect(),
        }
    }
}

/// The actions of a service in the order of their names.
pub(crate) fn sorted_actions(service: &ServiceInfo) -> Vec<&'static ActionInfo> {
    let mut actions: Vec<_> = service.actions.to_vec();
    actions.sort_by_key(|action| action.name);
    actions
}

struct PropertyRow {
    name: &'static str,
    ty: TypeText,
    access: &'static str,
    from: Option<&'static str>,
    notes: String,
    description: &'static str,
}

/// Something that a search found.
pub(crate) struct Hit {
    pub(crate) kind: &'static str,
    pub(crate) name: String,
    pub(crate) description: &'static str,
}

/// What stands beside the navigation.
enum Content {
    Overview,
    Service { service: &'static ServiceInfo, actions: Vec<&'static ActionInfo> },
    Action(Box<ActionFacts>),
    Object(Box<ObjectPage>),
    Enum { info: &'static EnumInfo, values: Vec<(&'static str, String)>, used: Vec<Entry> },
    Search { query: String, hits: Vec<Hit> },
    Missing { what: &'static str, name: String },
}

struct ObjectPage {
    class: &'static ClassInfo,
    properties: Vec<PropertyRow>,
    below: Vec<Entry>,
    used: Vec<Entry>,
}

#[derive(Template)]
#[template(path = "docs.html")]
struct Docs {
    page: Layout,
    nav: Nav,
    query: String,
    content: Content,
}

pub(crate) fn page(query: &Query) -> Answer {
    let value = |name: &str| query.get(name).map(str::trim).filter(|text| !text.is_empty());
    let missing = |what, name: &str| (Content::Missing { what, name: name.to_owned() }, None, String::new());
    let (content, service, open) = if let Some(text) = value("q") {
        (Content::Search { query: text.to_owned(), hits: search(text) }, None, String::new())
    } else if let Some(name) = value("action") {
        let (service, action) = name.split_once('.').unwrap_or((value("service").unwrap_or_default(), name));
        let service = describe::service(service);
        match service.and_then(|service| Some((service, describe::action(service, action)?))) {
            Some((service, action)) => {
                let facts = ActionFacts::of(service, action);
                (Content::Action(Box::new(facts)), Some(service), action.full_name())
            }
            None => missing("action", name),
        }
    } else if let Some(name) = value("service") {
        match describe::service(name) {
            Some(service) => {
                (Content::Service { service, actions: sorted_actions(service) }, Some(service), service.id.to_owned())
            }
            None => missing("service", name),
        }
    } else if let Some(name) = value("object") {
        match describe::class(name) {
            Some(class) => (object_page(class), None, class.name.to_owned()),
            None => missing("object", name),
        }
    } else if let Some(name) = value("enum") {
        match describe::enumeration(name) {
            Some(info) => (enum_page(info), None, info.name.to_owned()),
            None => missing("enum", name),
        }
    } else {
        (Content::Overview, None, String::new())
    };
    let title = match &content {
        Content::Overview => "API Documentation".to_owned(),
        Content::Search { query, .. } => format!("Search for {query}: API Documentation"),
        Content::Missing { name, .. } => format!("{name} is not there: API Documentation"),
        _ => format!("{open}: API Documentation"),
    };
    let status = if matches!(content, Content::Missing { .. }) { 404 } else { 200 };
    let page = Layout::api(
        Tab::Documentation,
        title,
        "Services, actions, objects and enums of the API, with errors, permissions and examples.",
    );
    let docs = Docs { page, nav: Nav::new(service, &open), query: value("q").unwrap_or_default().to_owned(), content };
    render(status, &docs)
}

fn object_page(class: &'static ClassInfo) -> Content {
    let properties = class.properties.iter().map(|property| {
        let mut notes = Vec::new();
        let limits = property.limits;
        let bounds = [
            (limits.min_length.map(|it| it.to_string()), "at least", " bytes"),
            (limits.max_length.map(|it| it.to_string()), "at most", " bytes"),
            (limits.min.map(|it| it.to_string()), "from", ""),
            (limits.max.map(|it| it.to_string()), "to", ""),
        ];
        notes.extend(bounds.into_iter().filter_map(|(it, word, unit)| it.map(|it| format!("{word} {it}{unit}"))));
        if !property.requires_permission.is_empty() {
            notes.push(format!("needs a permission to {}", property.requires_permission.join(", ")));
        }
        PropertyRow {
            name: property.name,
            ty: TypeText::of(&property.ty),
            access: describe::access_name(property.access),
            from: (property.declared_in != class.name).then_some(property.declared_in),
            notes: notes.join("; "),
            description: property.description,
        }
    });
    let below = describe::below(class).into_iter().map(|it| link("object", it.name));
    Content::Object(Box::new(ObjectPage {
        class,
        properties: properties.collect(),
        below: below.collect(),
        used: used_by(|ty| matches!(ty, Type::Object(it) | Type::Array(it) | Type::Map(it) if it.name == class.name)),
    }))
}

fn enum_page(info: &'static EnumInfo) -> Content {
    let values = match info.values {
        EnumValues::Int(values) => values.iter().map(|(name, value)| (*name, value.to_string())).collect(),
        EnumValues::Text(values) => values.iter().map(|(name, value)| (*name, (*value).to_owned())).collect(),
    };
    Content::Enum { info, values, used: used_by(|ty| matches!(ty, Type::Enum(it) if it.name == info.name)) }
}

fn link(kind: &str, name: &str) -> Entry {
    Entry { href: format!("?{kind}={name}"), text: name.to_owned(), open: false, deprecated: false }
}

/// The actions and classes in which a type stands.
fn used_by(is: impl Fn(&Type) -> bool) -> Vec<Entry> {
    let services = describe::sorted_services();
    let actions = services.iter().flat_map(|service| sorted_actions(service));
    let actions = actions.filter(|action| is(&action.result) || action.params.iter().any(|param| is(&param.ty)));
    let mut found: Vec<_> = actions.map(|action| link("action", &action.full_name())).collect();
    let classes = classes::ALL
        .iter()
        .filter(|class| class.properties.iter().any(|property| property.declared_in == class.name && is(&property.ty)));
    found.extend(classes.map(|class| link("object", class.name)));
    found
}

/// Everything whose name or description has all the words.
pub(crate) fn search(text: &str) -> Vec<Hit> {
    let words: Vec<String> = text.split_whitespace().map(str::to_lowercase).collect();
    let rank = |name: &str, description: &str| {
        let (name, description) = (name.to_lowercase(), description.to_lowercase());
        let all_in_name = words.iter().all(|word| name.contains(word));
        let all = words.iter().all(|word| name.contains(word) || description.contains(word));
        all.then_some(u8::from(!all_in_name))
    };
    let mut hits: Vec<(u8, Hit)> = Vec::new();
    let mut add = |kind: &'static str, name: String, description: &'static str| {
        if let Some(rank) = rank(&name, description) {
            hits.push((rank, Hit { kind, name, description }));
        }
    };
    for service in describe::sorted_services() {
        add("service", service.id.to_owned(), service.description);
        for action in sorted_actions(service) {
            add("action", action.full_name(), action.description);
        }
    }
    classes::ALL.iter().for_each(|class| add("object", class.name.to_owned(), class.description));
    enums::ALL.iter().for_each(|info| add("enum", info.name.to_owned(), info.description));
    hits.sort_by_key(|(rank, _)| *rank);
    hits.truncate(200);
    hits.into_iter().map(|(_, hit)| hit).collect()
}

/// Every error, for the overview.
fn all_errors() -> Vec<ErrorRow> {
    let mut rows = error_rows(ErrorCode::ALL);
    rows.sort_by_key(|row| row.code);
    rows
}
