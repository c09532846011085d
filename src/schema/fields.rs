//! A request as JSON Schema 2020-12: one property for each field of the dictionary, the recipient's under `payee`.

use serde_json::{Map, Value, json};

use super::DIALECT;
use crate::message::dictionary::{self, Code, Field, FieldDef, Operation, Type};
use crate::message::north;
use crate::message::value::{Document, Fen, account, cnaps, period, text, token};

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
    let of_payee = |field: &Field| north::payee_member(*field).is_some();
    let (payee, own): (Vec<Field>, Vec<Field>) = Field::ALL.into_iter().partition(of_payee);

    let mut recipient = object(operation, &payee, north::payee_member);
    recipient.insert("title".into(), json!("领待人员"));
    recipient.insert("x-title-en".into(), json!("recipient"));
    // A document number without its type cannot be checked.
    recipient.insert("dependentRequired".into(), json!({ "id": ["id_type"] }));
    recipient.insert("allOf".into(), Value::Array(by_kind()));

    let mut root = object(operation, &own, |field| Some(field.name()));
    let payee_is_required = payee.iter().any(|field| operation.requires(*field));
    if let Some(properties) = root.get_mut("properties").and_then(Value::as_object_mut) {
        properties.shift_insert(0, north::PAYEE.into(), Value::Object(recipient));
    }
    if let Some(required) = root.get_mut("required").and_then(Value::as_array_mut).filter(|_| payee_is_required) {
        required.insert(0, json!(north::PAYEE));
    }
    root
}

fn object(operation: Operation, fields: &[Field], name: impl Fn(Field) -> Option<&'static str>) -> Map<String, Value> {
    let mut properties = Map::new();
    let mut required = Vec::new();
    for field in fields {
        let Some(name) = name(*field) else { continue };
        properties.insert(name.into(), property(dictionary::def(*field)));
        if operation.requires(*field) {
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
    if def.ty == Type::Fen {
        property.insert("type".into(), json!("integer"));
        property.insert("minimum".into(), json!(1));
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
    if def.ty != Type::Document {
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
        Type::Account => Some(account::ACCOUNT_PATTERN),
        Type::Cnaps => Some(cnaps::PATTERN),
        Type::Fund => Some(token::FUND_PATTERN),
        Type::Period => Some(period::PATTERN),
        Type::BankId => Some(token::BANK_PATTERN),
        // The form of a document's number depends on its type: see `by_kind`.
        Type::Document | Type::Code(_) | Type::Fen => None,
    }
}

/// The forms that depend on another field: numbers of documents by type, account numbers by kind.
fn by_kind() -> Vec<Value> {
    let when = |field: &str, code: &str, target: &str, pattern: &str| {
        let mut condition = Map::new();
        condition.insert(field.into(), json!({ "const": code }));
        let mut consequence = Map::new();
        consequence.insert(target.into(), json!({ "pattern": pattern }));
        json!({
            "if": { "required": [field], "properties": condition },
            "then": { "properties": consequence },
        })
    };
    let documents = Document::ALL.map(|document| when("id_type", document.code(), "id", document.pattern()));
    let cards = when("account_kind", "card", "account", account::CARD_PATTERN);
    documents.into_iter().chain([cards]).collect()
}
