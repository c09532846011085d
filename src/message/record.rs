//! One canonical message as a flat row: a slot per field, borrowed from the input where possible.

use std::borrow::Cow;
use std::fmt;

use super::dictionary::{self, Field};
use super::value::Fen;

/// The value in a slot.
#[derive(Clone, PartialEq, Eq)]
pub enum Value<'a> {
    /// Text, codes, numbers that are names (accounts, identity numbers, periods).
    Text(Cow<'a, str>),
    /// Money.
    Fen(Fen),
}

/// A message of any operation. A slot is empty where the message does not say; no slot has a default.
#[derive(Clone, PartialEq, Eq)]
pub struct Record<'a> {
    values: [Option<Value<'a>>; Field::COUNT],
}

impl Default for Record<'_> {
    fn default() -> Self {
        Record { values: [const { None }; Field::COUNT] }
    }
}

impl<'a> Record<'a> {
    /// A record that says nothing.
    pub fn new() -> Record<'a> {
        Record::default()
    }

    /// The value of `field`.
    pub fn get(&self, field: Field) -> Option<&Value<'a>> {
        self.values.get(field.index()).and_then(Option::as_ref)
    }

    /// Sets `field`.
    pub fn set(&mut self, field: Field, value: Value<'a>) {
        self.put(field, Some(value));
    }

    /// Sets `field` to a text.
    pub fn set_text(&mut self, field: Field, text: impl Into<Cow<'a, str>>) {
        self.put(field, Some(Value::Text(text.into())));
    }

    /// Sets `field` to an amount.
    pub fn set_fen(&mut self, field: Field, fen: Fen) {
        self.put(field, Some(Value::Fen(fen)));
    }

    /// Empties `field`.
    pub fn clear(&mut self, field: Field) {
        self.put(field, None);
    }

    fn put(&mut self, field: Field, value: Option<Value<'a>>) {
        if let Some(slot) = self.values.get_mut(field.index()) {
            *slot = value;
        }
    }

    /// The text in `field`; `None` where it is empty or holds money.
    pub fn text(&self, field: Field) -> Option<&str> {
        match self.get(field)? {
            Value::Text(text) => Some(text),
            Value::Fen(_) => None,
        }
    }

    /// The money in `field`; `None` where it is empty or holds text.
    pub fn fen(&self, field: Field) -> Option<Fen> {
        match self.get(field)? {
            Value::Fen(fen) => Some(*fen),
            Value::Text(_) => None,
        }
    }

    /// The slots that are filled, in schema order.
    pub fn iter(&self) -> impl Iterator<Item = (Field, &Value<'a>)> {
        Field::ALL.into_iter().filter_map(|field| Some((field, self.get(field)?)))
    }

    /// The same record without borrowing from the input.
    pub fn into_owned(self) -> Record<'static> {
        Record {
            values: self.values.map(|slot| {
                slot.map(|value| match value {
                    Value::Text(text) => Value::Text(Cow::Owned(text.into_owned())),
                    Value::Fen(fen) => Value::Fen(fen),
                })
            }),
        }
    }
}

impl fmt::Debug for Record<'_> {
    /// Masked: debug output ends up in logs and test failures.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut map = f.debug_map();
        for (field, value) in self.iter() {
            let shown = match value {
                Value::Text(text) => dictionary::def(field).sensitivity.mask(text).into_owned(),
                Value::Fen(fen) => fen.to_string(),
            };
            map.entry(&field.name(), &shown);
        }
        map.finish()
    }
}

impl fmt::Debug for Value<'_> {
    /// Without its field a value's class is unknown, so a text shows its length only.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Value::Text(text) => write!(f, "Text({} characters)", text.chars().count()),
            Value::Fen(fen) => write!(f, "Fen({fen})"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn slots_are_independent_and_typed() {
        let mut record = Record::new();
        record.set_text(Field::PayeeName, "张三");
        record.set_fen(Field::Amount, Fen::new(123_450));
        assert_eq!(record.text(Field::PayeeName), Some("张三"));
        assert_eq!(record.fen(Field::Amount), Some(Fen::new(123_450)));
        assert_eq!(record.text(Field::Amount), None);
        assert_eq!(record.fen(Field::PayeeName), None);
        assert_eq!(record.iter().map(|(field, _)| field).collect::<Vec<_>>(), [Field::PayeeName, Field::Amount]);
        record.clear(Field::PayeeName);
        assert_eq!(record.get(Field::PayeeName), None);
    }

    #[test]
    fn owning_changes_nothing() {
        let text = String::from("110");
        let mut record = Record::new();
        record.set_text(Field::Fund, text.as_str());
        let owned = record.clone().into_owned();
        assert_eq!(owned.text(Field::Fund), Some("110"));
        assert!(matches!(owned.get(Field::Fund), Some(Value::Text(Cow::Owned(_)))));
    }

    #[test]
    fn debug_output_is_masked() {
        let mut record = Record::new();
        record.set_text(Field::PayeeName, "欧阳小明");
        record.set_text(Field::PayeeId, "11010519491231002X");
        record.set_text(Field::PayeeAccount, "6217001234567890123");
        let shown = format!("{record:?} {:?}", record.get(Field::PayeeName));
        for secret in ["欧阳", "小明", "19491231", "0012345678"] {
            assert!(!shown.contains(secret), "{shown}");
        }
        assert!(shown.contains("621700*********0123"), "{shown}");
    }
}
