//! Canonical JSON of requests, in and out.
//!
//! One request is one object of the fields that its operation has, those of a group (`payee`, `card`) in an object of
//! their own. `payment.query` has the same members as `payment.pay`: the payment whose outcome is asked for, of which only
//! `payee.account` and `amount` must be there; the serial and the day it was sent with belong to the context.
//! A member that says nothing is left out: `null` and empty text are refused.

use super::dictionary::{self, Field, Operation};
use super::json::{self, Member};
use super::problem::Problem;
use super::record::{Record, Value};
use super::rules;
use super::shape::Shape;
use super::value::Fen;

#[cfg(test)]
mod tests;

/// Reads and validates a request.
///
/// # Errors
/// Everything that is wrong with it, in the order of the document: either the first thing that is not strict JSON, or
/// all members, types and values that break a rule.
pub fn decode(operation: Operation, bytes: &[u8]) -> Result<Record<'_>, Vec<Problem>> {
    let root = json::parse(bytes).map_err(|problem| vec![problem])?;
    let mut reader = Reader { operation, shape: Shape::default(), record: Record::new(), places: [None; Field::COUNT] };
    let start = root.at;
    let mut groups: Vec<(&'static str, usize)> = Vec::new();
    for member in reader.shape.object(root, "") {
        if let Some(group) = operation.group_at(&member.name) {
            groups.push((group.name, member.value.at));
            for inner in reader.shape.object(member.value, group.name) {
                reader.take(Some(group.name), inner);
            }
        } else {
            reader.take(None, member);
        }
    }
    rules::normalise(&mut reader.record);
    reader.check_values();
    for field in rules::missing(operation, &reader.record) {
        if reader.place(field).is_none() {
            let group = dictionary::def(field).place().0;
            let at = groups.iter().find(|(name, _)| Some(*name) == group).map_or(start, |(_, at)| *at);
            reader.shape.missing(field.name(), at);
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
        let (group, name) = dictionary::def(field).place();
        let Some(group) = group else {
            root.insert(name.to_owned(), value);
            continue;
        };
        let inner = root.entry(group).or_insert_with(|| serde_json::Value::Object(serde_json::Map::new()));
        if let Some(inner) = inner.as_object_mut() {
            inner.insert(name.to_owned(), value);
        }
    }
    root
}

/// Takes a member of a reply that holds what was asked for: a field, or a group of them. The values are a bank's words
/// in canonical form and are not held to a request's rules.
pub(super) fn answer(shape: &mut Shape, answers: &mut Record<'static>, member: Member<'_>) {
    let Some(group) = dictionary::GROUPS.iter().find(|group| group.name == member.name) else {
        return answered(shape, answers, None, member);
    };
    for inner in shape.object(member.value, group.name) {
        answered(shape, answers, Some(group.name), inner);
    }
}

fn answered(shape: &mut Shape, answers: &mut Record<'static>, group: Option<&'static str>, member: Member<'_>) {
    let Some(field) = Field::from_place(group, &member.name) else {
        return shape.unknown(&member, group.unwrap_or_default());
    };
    if dictionary::def(field).ty.is_money() {
        if let Some(fen) = shape.integer(&member.value, field.name()) {
            answers.set_fen(field, Fen::new(fen));
        }
    } else if let Some(text) = shape.text(member.value, field.name()) {
        answers.set_text(field, text.into_owned());
    }
}

struct Reader<'a> {
    operation: Operation,
    shape: Shape,
    record: Record<'a>,
    /// Where each field's value stands, also one of the wrong type, which is not missing.
    places: [Option<usize>; Field::COUNT],
}

impl<'a> Reader<'a> {
    fn place(&self, field: Field) -> Option<usize> {
        self.places.get(field.index()).copied().flatten()
    }

    fn take(&mut self, group: Option<&'static str>, member: Member<'a>) {
        let Some(field) = self.operation.field_at(group, &member.name) else {
            return self.shape.unknown(&member, group.unwrap_or_default());
        };
        if let Some(place) = self.places.get_mut(field.index()) {
            *place = Some(member.value.at);
        }
        let def = dictionary::def(field);
        if def.ty.is_money() {
            if let Some(fen) = self.shape.money(&member.value, def.ty, def.name) {
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
