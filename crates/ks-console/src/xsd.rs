//! The tab "XML Schema": what answers look like, as a schema that programs can check them with, and `KalturaClient.xml`.

use std::fmt::Write as _;

use askama::Template;
use ks_schema::describe::{Access, ClassInfo, Type};
use ks_schema::generated::classes;

use crate::page::render;
use crate::schema::{API_VERSION, escape};
use crate::{Answer, Layout, Query, Tab, describe};

/// The schema of answers in XML.
#[must_use]
pub fn answers_xsd() -> String {
    let mut xsd = String::with_capacity(256 * 1024);
    xsd.push_str(HEAD);
    let mut all: Vec<_> = classes::ALL.to_vec();
    all.sort_by_key(|class| class.name);
    all.into_iter().for_each(|class| class_type(&mut xsd, class));
    xsd.push_str("</xs:schema>\n");
    xsd
}

/// The envelope, the error, and the scalars. A value that is null is an empty element.
const HEAD: &str = r#"<?xml version="1.0" encoding="utf-8"?>
<xs:schema xmlns:xs="http://www.w3.org/2001/XMLSchema" elementFormDefault="qualified">
  <xs:element name="xml">
    <xs:complexType>
      <xs:sequence>
        <xs:element name="result" type="result"/>
        <xs:element name="executionTime" type="xs:double"/>
      </xs:sequence>
    </xs:complexType>
  </xs:element>
  <xs:complexType name="result" mixed="true">
    <xs:sequence><xs:any minOccurs="0" maxOccurs="unbounded" processContents="lax"/></xs:sequence>
  </xs:complexType>
  <xs:element name="error">
    <xs:complexType>
      <xs:sequence>
        <xs:element name="objectType" type="xs:string" fixed="KalturaAPIException"/>
        <xs:element name="code" type="xs:string"/>
        <xs:element name="message" type="xs:string"/>
        <xs:element name="args">
          <xs:complexType>
            <xs:sequence>
              <xs:element name="item" minOccurs="0" maxOccurs="unbounded">
                <xs:complexType>
                  <xs:sequence>
                    <xs:element name="objectType" type="xs:string" fixed="KalturaApiExceptionArg"/>
                    <xs:element name="name" type="xs:string"/>
                    <xs:element name="value" type="xs:string"/>
                  </xs:sequence>
                </xs:complexType>
              </xs:element>
            </xs:sequence>
          </xs:complexType>
        </xs:element>
      </xs:sequence>
    </xs:complexType>
  </xs:element>
  <xs:simpleType name="nothing"><xs:restriction base="xs:string"><xs:length value="0"/></xs:restriction></xs:simpleType>
  <xs:simpleType name="int"><xs:union memberTypes="xs:long nothing"/></xs:simpleType>
  <xs:simpleType name="float"><xs:union memberTypes="xs:double nothing"/></xs:simpleType>
  <xs:simpleType name="bool"><xs:union memberTypes="xs:boolean nothing"/></xs:simpleType>
  <xs:complexType name="array">
    <xs:sequence><xs:element name="item" type="object" minOccurs="0" maxOccurs="unbounded"/></xs:sequence>
  </xs:complexType>
  <xs:complexType name="object" mixed="true">
    <xs:sequence><xs:any minOccurs="0" maxOccurs="unbounded" processContents="lax"/></xs:sequence>
  </xs:complexType>
"#;

/// A class, with the properties of those that it extends: answers have them first.
fn class_type(xsd: &mut String, class: &ClassInfo) {
    let _ = writeln!(xsd, "  <xs:complexType name=\"{}\">", class.name);
    let note = escape(class.description);
    let _ = writeln!(xsd, "    <xs:annotation><xs:documentation>{note}</xs:documentation></xs:annotation>");
    xsd.push_str("    <xs:sequence>\n      <xs:element name=\"objectType\" type=\"xs:string\" minOccurs=\"0\"/>\n");
    for property in class.properties.iter().filter(|it| is_answered(it.access)) {
        let _ = writeln!(
            xsd,
            "      <xs:element name=\"{}\" type=\"{}\" minOccurs=\"0\"/>",
            property.name,
            xsd_type(&property.ty)
        );
    }
    xsd.push_str("    </xs:sequence>\n  </xs:complexType>\n");
}

const fn is_answered(access: Access) -> bool {
    !matches!(access, Access::WriteOnly | Access::InsertOnlyWriteOnly)
}

const fn xsd_type(ty: &Type) -> &'static str {
    match ty {
        Type::Int | Type::Time => "int",
        Type::BigInt | Type::Float => "float",
        Type::Bool => "bool",
        Type::Enum(info) if info.is_int() => "int",
        Type::Object(_) => "object",
        Type::Array(_) | Type::Map(_) => "array",
        Type::Void | Type::Text | Type::File | Type::Enum(_) => "xs:string",
    }
}

#[derive(Template)]
#[template(path = "xsd.html")]
struct Schema {
    page: Layout,
    api_version: &'static str,
    services: usize,
    actions: usize,
    classes: Vec<&'static str>,
    chosen: Option<(&'static ClassInfo, String)>,
    unknown: Option<String>,
}

pub(crate) fn page(query: &Query) -> Answer {
    let wanted = query.get("type").filter(|name| !name.is_empty());
    let class = wanted.and_then(describe::class);
    let title = class.map_or_else(|| "XML Schema".to_owned(), |class| format!("{}: XML Schema", class.name));
    let mut names: Vec<_> = classes::ALL.iter().map(|class| class.name).collect();
    names.sort_unstable();
    let services = describe::sorted_services();
    let template = Schema {
        page: Layout::api(
            Tab::Schema,
            title,
            "The XML schema of answers, and KalturaClient.xml for client generators.",
        ),
        api_version: API_VERSION,
        services: services.len(),
        actions: services.iter().map(|service| service.actions.len()).sum(),
        classes: names,
        chosen: class.map(|class| {
            let mut fragment = String::new();
            class_type(&mut fragment, class);
            (class, fragment)
        }),
        unknown: if class.is_none() { wanted.map(str::to_owned) } else { None },
    };
    render(if template.unknown.is_some() { 404 } else { 200 }, &template)
}
