//! Canonical JSON of requests, in and out.
//!
//! One request is one object of the dictionary's fields, those of the recipient under `payee`. `payment.query` has the
//! same members as `payment.pay`: the payment whose outcome is asked for, of which only `payee.account` and `amount`
//! must be there; the serial and the day it was sent with belong to the context.
//! A member that says nothing is left out: `null` and empty text are refused.

use super::dictionary::{self, Field, Operation, Type};
use super::json::{self, Member};
use super::problem::Problem;
use super::record::{Record, Value};
use super::rules;
use super::shape::Shape;

#[cfg(test)]
mod tests;

/// The member that holds the recipient's fields.
pub(crate) const PAYEE: &str = "payee";

/// Reads and validates a request.
///
/// # Errors
/// Everything that is wrong with it, in the order of the document: either the first thing that is not strict JSON, or
/// all members, types and values that break a rule.
pub fn decode(operation: Operation, bytes: &[u8]) -> Result<Record<'_>, Vec<Problem>> {
    let root = json::parse(bytes).map_err(|problem| vec![problem])?;
    let mut reader = Reader { shape: Shape::default(), record: Record::new(), places: [None; Field::COUNT] };
    let start = root.at;
    let mut payee_start = start;
    for member in reader.shape.object(root, "") {
        if member.name == PAYEE {
            payee_start = member.value.at;
            for inner in reader.shape.object(member.value, PAYEE) {
                let field = payee_field(&inner.name);
                reader.take(field, inner, PAYEE);
            }
        } else {
            let field = Field::from_name(&member.name).filter(|field| !is_of_payee(*field));
            reader.take(field, member, "");
        }
    }
    rules::normalise(&mut reader.record);
    reader.check_values();
    for field in rules::missing(operation, &reader.record) {
        if reader.place(field).is_none() {
            reader.shape.missing(field.name(), if is_of_payee(field) { payee_start } else { start });
        }
    }
    reader.shape.finish(reader.record)
}

/// Writes a record as a request, members in schema order, without blanks.
pub fn encode(record: &Record<'_>) -> String {
    serde_json::Value::Object(object(record)).to_string()
}

/// A record as the JSON object of a request.
pub fn object(record: &Record<'_>) -> serde_json::Map<String, serde_json::Value> {
    let mut root = serde_json::Map::new();
    for (field, value) in record.iter() {
        let value = match value {
            Value::Text(text) => serde_json::Value::from(text.as_ref()),
            Value::Fen(fen) => serde_json::Value::from(fen.get()),
        };
        match payee_member(field) {
            Some(name) => {
                let payee = root.entry(PAYEE).or_insert_with(|| serde_json::Value::Object(serde_json::Map::new()));
                if let Some(payee) = payee.as_object_mut() {
                    payee.insert(name.to_owned(), value);
                }
            }
            None => {
                root.insert(field.name().to_owned(), value);
            }
        }
    }
    root
}

/// The name below `payee` of a field that stands there.
pub(crate) fn payee_member(field: Field) -> Option<&'static str> {
    field.name().strip_prefix(PAYEE)?.strip_prefix('.')
}

fn is_of_payee(field: Field) -> bool {
    payee_member(field).is_some()
}

fn payee_field(name: &str) -> Option<Field> {
    Field::ALL.into_iter().find(|field| payee_member(*field) == Some(name))
}

struct Reader<'a> {
    shape: Shape,
    record: Record<'a>,
    /// Where each field's value stands, also one of the wrong type, which is not missing.
    places: [Option<usize>; Field::COUNT],
}

impl<'a> Reader<'a> {
    fn place(&self, field: Field) -> Option<usize> {
        self.places.get(field.index()).copied().flatten()
    }

    fn take(&mut self, field: Option<Field>, member: Member<'a>, parent: &str) {
        let Some(field) = field else {
            return self.shape.unknown(&member, parent);
        };
        if let Some(place) = self.places.get_mut(field.index()) {
            *place = Some(member.value.at);
        }
        let def = dictionary::def(field);
        if def.ty == Type::Fen {
            if let Some(fen) = self.shape.fen(&member.value, def.name) {
                self.record.set_fen(field, fen);
            }
        } else if let Some(text) = self.shape.text(member.value, def.name) {
            self.record.set_text(field, text);
        }
    }

    fn check_values(&mut self) {
        for problem in rules::validate(&self.record) {
            let at = problem.field.as_deref().and_then(Field::from_name).and_then(|field| self.place(field));
            self.shape.report(Problem { at, ..problem });
        }
    }
}
