//! Types, classes and enums as JSON Schema.

use std::collections::BTreeSet;

use ks_schema::describe::{Access, ClassInfo, EnumInfo, EnumValues, PropertyInfo, Type};
use ks_schema::generated::classes;
use serde_json::{Map, Value, json};

/// Which way a value travels.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Way {
    /// From the caller: what may be written, open, since unknown names are ignored.
    In,
    /// To the caller: what is answered, closed.
    Out,
}

impl Way {
    const fn suffix(self) -> &'static str {
        match self {
            Self::In => ".input",
            Self::Out => "",
        }
    }

    /// Whether a property takes part.
    const fn has(self, access: Access) -> bool {
        match (self, access) {
            (Self::In, Access::ReadOnly) | (Self::Out, Access::WriteOnly | Access::InsertOnlyWriteOnly) => false,
            (Self::In | Self::Out, _) => true,
        }
    }
}

/// The named schemas that were asked for so far.
#[derive(Default)]
pub(super) struct Schemas {
    done: BTreeSet<String>,
    map: Map<String, Value>,
}

impl Schemas {
    pub(super) fn insert(&mut self, name: &str, schema: Value) {
        self.done.insert(name.to_owned());
        self.map.insert(name.to_owned(), schema);
    }

    pub(super) fn into_map(mut self) -> Map<String, Value> {
        self.map.sort_keys();
        self.map
    }

    /// The schema of a value.
    pub(super) fn of(&mut self, ty: Type, way: Way) -> Value {
        match ty {
            Type::Void => json!({ "type": "null" }),
            Type::Int => json!({ "type": "integer", "format": "int64" }),
            // It travels as a double.
            Type::BigInt => json!({ "type": "number" }),
            Type::Float => json!({ "type": "number", "format": "double" }),
            Type::Bool => json!({ "type": "boolean" }),
            Type::Text => json!({ "type": "string" }),
            Type::Time => json!({ "type": "integer", "format": "int64", "x-time": true }),
            Type::File => json!({ "type": "string", "format": "binary" }),
            Type::Enum(info) => member(info),
            Type::Object(class) => self.any(class, way),
            Type::Array(class) => json!({ "type": "array", "items": self.any(class, way) }),
            Type::Map(class) => json!({ "type": "object", "additionalProperties": self.any(class, way) }),
        }
    }

    /// An object of a class, or of one below it.
    fn any(&mut self, class: &'static ClassInfo, way: Way) -> Value {
        let concrete: Vec<&'static ClassInfo> =
            classes::ALL.iter().copied().filter(|other| !other.is_abstract && other.is_a(class)).collect();
        if let [only] = concrete.as_slice()
            && only.name == class.name
        {
            return self.exactly(class, way);
        }
        let name = format!("{}{}.any", class.name, way.suffix());
        if self.done.insert(name.clone()) {
            let mut mapping = Map::new();
            let mut kinds = Vec::new();
            for class in concrete {
                let kind = self.exactly(class, way);
                mapping.insert(class.name.to_owned(), kind["$ref"].clone());
                kinds.push(match way {
                    Way::Out => kind,
                    // Which class is meant is told by its name alone.
                    Way::In => json!({ "allOf": [kind], "required": ["objectType"] }),
                });
            }
            let schema = if kinds.is_empty() {
                json!({ "not": {}, "description": format!("No class below {} is known.", class.name) })
            } else {
                json!({ "oneOf": kinds, "discriminator": { "propertyName": "objectType", "mapping": mapping } })
            };
            self.map.insert(name.clone(), schema);
        }
        reference(&name)
    }

    /// An object of exactly this class.
    fn exactly(&mut self, class: &'static ClassInfo, way: Way) -> Value {
        let name = format!("{}{}", class.name, way.suffix());
        // Named before it is made: classes refer to each other in circles.
        if self.done.insert(name.clone()) {
            let mut properties = Map::new();
            for property in class.properties.iter().filter(|property| way.has(property.access)) {
                properties.insert(property.name.to_owned(), self.property(class, property, way));
            }
            properties.insert("objectType".to_owned(), json!({ "const": class.name }));
            let mut schema = json!({ "type": "object", "description": class.description, "properties": properties });
            if way == Way::Out {
                schema["required"] = json!(["objectType"]);
                schema["additionalProperties"] = json!(false);
            }
            self.map.insert(name.clone(), schema);
        }
        reference(&name)
    }

    fn property(&mut self, class: &ClassInfo, property: &PropertyInfo, way: Way) -> Value {
        let mut schema = match (property.name, class.order_by) {
            ("orderBy", Some(order)) => json!({ "type": "string", "examples": names(order) }),
            _ => self.of(property.ty, way),
        };
        describe(&mut schema, property.description);
        if way == Way::In {
            // Lengths are told in bytes, of which a character has at least one.
            let limits = property.limits;
            let bounds = [
                ("maxLength", limits.max_length.and_then(|it| i64::try_from(it).ok())),
                ("minLength", limits.min_length.and_then(|it| i64::try_from(it).ok())),
                ("minimum", limits.min),
                ("maximum", limits.max),
            ];
            for (key, bound) in bounds {
                if let Some(bound) = bound {
                    schema[key] = json!(bound);
                }
            }
            if property.sensitive {
                schema["writeOnly"] = json!(true);
            }
        } else if property.access == Access::ReadOnly {
            schema["readOnly"] = json!(true);
        }
        schema
    }
}

/// Adds a description.
pub(super) fn describe(schema: &mut Value, description: &str) {
    if !description.is_empty() {
        schema["description"] = json!(description);
    }
}

fn reference(name: &str) -> Value {
    json!({ "$ref": format!("#/components/schemas/{name}") })
}

/// A member of an enum, with the names of the members beside their values.
fn member(info: &EnumInfo) -> Value {
    let (ty, values): (&str, Vec<Value>) = match info.values {
        EnumValues::Int(values) => ("integer", values.iter().map(|(_, value)| json!(value)).collect()),
        EnumValues::Text(values) => ("string", values.iter().map(|(_, value)| json!(value)).collect()),
    };
    json!({ "type": ty, "enum": values, "x-enumType": info.name, "x-enumLabels": labels(info) })
}

fn labels(info: &EnumInfo) -> Vec<&'static str> {
    match info.values {
        EnumValues::Int(values) => values.iter().map(|(name, _)| *name).collect(),
        EnumValues::Text(values) => values.iter().map(|(name, _)| *name).collect(),
    }
}

fn names(info: &EnumInfo) -> Vec<&'static str> {
    match info.values {
        EnumValues::Int(_) => Vec::new(),
        EnumValues::Text(values) => values.iter().map(|(_, value)| *value).collect(),
    }
}
