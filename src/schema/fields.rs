//! A request as JSON Schema 2020-12: one property for each field that the operation has, those of a group in an object.

use serde_json::{Map, Value, json};

use super::DIALECT;
use crate::message::dictionary::{self, Code, FieldDef, Operation, Type};
use crate::message::value::{Document, Fen, account, card, cnaps, date, period, text, token};

/// The schema of a request of `operation`. Beside the standard keywords each field carries `x-title-en`,
/// `x-sensitivity`, and where they exist `x-jinbao` and `x-iso20022`.
pub fn json_schema(operation: Operation) -> Value {
    let mut schema = Map::new();
    schema.insert("$schema".into(), json!(DIALECT));
    schema.insert("$id".into(), json!(format!("urn:kuimen:schema:{}", operation.name())));
    schema.insert("title".into(), json!(operation.name()));
    schema.extend(request(operation));
    Value::Object(schema)
}

/// The schema without its identity, as it stands inside OpenAPI.
pub(super) fn request(operation: Operation) -> Map<String, Value> {
    let mut root = object(operation, None);
    for group in operation.groups().collect::<Vec<_>>().into_iter().rev() {
        let mut inner = object(operation, Some(group.name));
        inner.insert("title".into(), json!(group.zh));
        inner.insert("x-title-en".into(), json!(group.en));
        dependencies(operation, group.name, &mut inner);
        let needed = inner.get("required").and_then(Value::as_array).is_some_and(|required| !required.is_empty());
        if let Some(properties) = root.get_mut("properties").and_then(Value::as_object_mut) {
            properties.shift_insert(0, group.name.into(), Value::Object(inner));
        }
        if let Some(required) = root.get_mut("required").and_then(Value::as_array_mut).filter(|_| needed) {
            required.insert(0, json!(group.name));
        }
    }
    root
}

/// What an answer may say of what was asked for: every field that some operation answers with. A bank's words are not
/// held to the forms of requests.
pub(super) fn answers() -> Map<String, Value> {
    let mut root: Map<String, Value> = Map::new();
    for def in Operation::ALL.iter().flat_map(|operation| operation.def().answers).map(|field| dictionary::def(*field))
    {
        let (group, name) = def.place();
        let said = json!({ "type": if def.ty.is_money() { "integer" } else { "string" }, "title": def.zh, "x-title-en": def.en });
        let Some(group) = group else {
            root.insert(name.into(), said);
            continue;
        };
        let inner = root.entry(group).or_insert_with(|| json!({ "type": "object", "properties": {} }));
        if let Some(properties) = inner.get_mut("properties").and_then(Value::as_object_mut) {
            properties.insert(name.into(), said);
        }
    }
    root
}

/// The fields of one group, or those that stand alone.
fn object(operation: Operation, group: Option<&str>) -> Map<String, Value> {
    let mut properties = Map::new();
    let mut required = Vec::new();
    for field in operation.fields() {
        let def = dictionary::def(field);
        let (of, name) = def.place();
        if of != group {
            continue;
        }
        properties.insert(name.into(), property(def));
        if operation.requires(field) {
            required.push(json!(name));
        }
    }
    let mut object = Map::new();
    object.insert("type".into(), json!("object"));
    object.insert("additionalProperties".into(), json!(false));
    object.insert("required".into(), Value::Array(required));
    object.insert("properties".into(), Value::Object(properties));
    object
}

fn property(def: &FieldDef) -> Value {
    let mut property = Map::new();
    property.insert("title".into(), json!(def.zh));
    property.insert("x-title-en".into(), json!(def.en));
    if let Some(code) = def.jinbao {
        property.insert("x-jinbao".into(), json!(code));
    }
    if let Some(path) = def.iso20022 {
        property.insert("x-iso20022".into(), json!(path));
    }
    property.insert("x-sensitivity".into(), json!(def.sensitivity.name()));
    if def.ty.is_money() {
        property.insert("type".into(), json!("integer"));
        property.insert("minimum".into(), json!(i64::from(def.ty != Type::Fee)));
        property.insert("maximum".into(), json!(Fen::MAX_PAYMENT.get()));
        property.insert("description".into(), json!("分，只写数字。 Fen, in digits only: no point, no exponent."));
        return Value::Object(property);
    }
    property.insert("type".into(), json!("string"));
    if let Type::Code(codes) = def.ty {
        property.insert("oneOf".into(), Value::Array(codes.iter().map(code).collect()));
        return Value::Object(property);
    }
    property.insert("minLength".into(), json!(1));
    // The number of a document without a known type has no form of its own, so it has no length either.
    if !matches!(def.ty, Type::Document(_)) {
        property.insert("maxLength".into(), json!(def.max));
    }
    if let Some(pattern) = pattern(def.ty) {
        property.insert("pattern".into(), json!(pattern));
    }
    Value::Object(property)
}

fn code(code: &Code) -> Value {
    let mut value = json!({ "const": code.code, "title": code.zh, "x-title-en": code.en });
    if let (Some(jinbao), Some(value)) = (code.jinbao, value.as_object_mut()) {
        value.insert("x-jinbao".into(), json!(jinbao));
    }
    value
}

fn pattern(ty: Type) -> Option<&'static str> {
    match ty {
        Type::Text => Some(text::PATTERN),
        Type::Account(_) => Some(account::ACCOUNT_PATTERN),
        Type::BankCard => Some(account::CARD_PATTERN),
        Type::Cnaps => Some(cnaps::PATTERN),
        Type::Fund => Some(token::FUND_PATTERN),
        Type::Period => Some(period::PATTERN),
        Type::BankId => Some(token::BANK_PATTERN),
        Type::Date => Some(date::PATTERN),
        Type::Region => Some(card::REGION_PATTERN),
        Type::CardNumber => Some(card::NUMBER_PATTERN),
        Type::CardCode => Some(card::CODE_PATTERN),
        // The form of a document's number depends on its type: see `dependencies`.
        Type::Document(_) | Type::Code(_) | Type::Fen | Type::Fee => None,
    }
}

/// What depends on another field of the same group: numbers of documents on their type, of accounts on their kind.
fn dependencies(operation: Operation, group: &str, object: &mut Map<String, Value>) {
    let mut needs = Map::new();
    let mut forms = Vec::new();
    for def in operation.fields().map(dictionary::def).filter(|def| def.place().0 == Some(group)) {
        let Some(kind) = def.ty.depends_on().map(|kind| dictionary::def(kind).place().1) else { continue };
        let name = def.place().1;
        if matches!(def.ty, Type::Document(_)) {
            // A document number without its type cannot be checked.
            needs.insert(name.into(), json!([kind]));
            forms.extend(Document::ALL.map(|document| when(kind, document.code(), name, document.pattern())));
        } else {
            forms.push(when(kind, "card", name, account::CARD_PATTERN));
        }
    }
    if !needs.is_empty() {
        object.insert("dependentRequired".into(), Value::Object(needs));
    }
    if !forms.is_empty() {
        object.insert("allOf".into(), Value::Array(forms));
    }
}

/// Where `field` is `code`, `target` has the form `pattern`.
fn when(field: &str, code: &str, target: &str, pattern: &str) -> Value {
    let mut condition = Map::new();
    condition.insert(field.into(), json!({ "const": code }));
    let mut consequence = Map::new();
    consequence.insert(target.into(), json!({ "pattern": pattern }));
    json!({
        "if": { "required": [field], "properties": condition },
        "then": { "properties": consequence },
    })
}
