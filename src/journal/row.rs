//! A message's row: how it is read, and the digest over it that every chain record carries.

use jiff::Timestamp;
use rusqlite::Row;
use rusqlite::types::Type;

use super::chain::sha256;
use super::types::{DeliveryRow, Marks, Message, MessageId};
use crate::life::{DeliveryView, State};
use crate::message::Operation;

/// The columns that [`message`] reads, to stand between `SELECT` and a condition on `m`.
pub(super) const SELECT: &str = "SELECT m.id, m.org, m.operation, m.key, m.fingerprint, m.bank, m.document, m.fen, \
    m.adapter, m.accepted_at, m.state, m.before_query, m.reason, m.bank_serial, m.settled_at, m.due_at, m.status, \
    m.fence, m.given_back, m.conflict, m.claim_seq, m.answer_seq, m.response_seq, m.last_seq, d.id, d.serial_scope, \
    d.serial, d.serial_rule, d.salt, d.business_date, d.digest, d.intent_seq, d.intended_at, d.attempts, d.resends, \
    d.may_have_reached, d.acknowledged, d.released, d.absent_count, d.first_absent_at, d.last_absent_at, d.queries, \
    d.rung, m.twin FROM message m LEFT JOIN delivery d ON d.id = m.delivery ";

/// Reads a row of [`SELECT`].
pub(super) fn message(row: &Row<'_>) -> rusqlite::Result<Message> {
    Ok(Message {
        id: MessageId(row.get(0)?),
        org: row.get(1)?,
        operation: operation(row, 2)?,
        key: row.get(3)?,
        fingerprint: row.get(4)?,
        bank: row.get(5)?,
        order: row.get(6)?,
        fen: row.get(7)?,
        adapter: row.get(8)?,
        accepted_at: time(row, 9)?,
        state: state(row, 10)?.ok_or_else(|| damaged(10))?,
        before_query: state(row, 11)?,
        reason: row.get(12)?,
        bank_serial: row.get(13)?,
        settled_at: time_if(row, 14)?,
        due_at: time_if(row, 15)?,
        status: row.get(16)?,
        fence: number(row, 17)?,
        given_back: row.get(18)?,
        conflict: row.get(19)?,
        twin: row.get(43)?,
        marks: Marks { claim: row.get(20)?, answer: row.get(21)?, response: row.get(22)?, last: row.get(23)? },
        delivery: delivery(row)?,
    })
}

fn delivery(row: &Row<'_>) -> rusqlite::Result<Option<DeliveryRow>> {
    let Some(number) = row.get(24)? else { return Ok(None) };
    let date: String = row.get(29)?;
    Ok(Some(DeliveryRow {
        number,
        scope: row.get(25)?,
        serial: row.get(26)?,
        serial_rule: row.get(27)?,
        salt: row.get(28)?,
        business_date: date.parse().map_err(|_| damaged(29))?,
        digest: row.get(30)?,
        intent: row.get(31)?,
        view: DeliveryView {
            intended_at: time(row, 32)?,
            attempts: row.get(33)?,
            resends: row.get(34)?,
            may_have_reached: row.get(35)?,
            acknowledged: row.get(36)?,
            released: row.get(37)?,
            absent_count: row.get(38)?,
            first_absent_at: time_if(row, 39)?,
            last_absent_at: time_if(row, 40)?,
            queries: row.get(41)?,
            rung: row.get(42)?,
        },
    }))
}

/// A stored value that this program never writes.
pub(super) fn damaged(column: usize) -> rusqlite::Error {
    rusqlite::Error::FromSqlConversionFailure(column, Type::Text, "damaged value".into())
}

pub(super) fn state(row: &Row<'_>, column: usize) -> rusqlite::Result<Option<State>> {
    match row.get_ref(column)?.as_str_or_null()? {
        None => Ok(None),
        Some(name) => name.parse().map(Some).map_err(|_| damaged(column)),
    }
}

fn operation(row: &Row<'_>, column: usize) -> rusqlite::Result<Operation> {
    Operation::from_name(row.get_ref(column)?.as_str()?).ok_or_else(|| damaged(column))
}

fn time(row: &Row<'_>, column: usize) -> rusqlite::Result<Timestamp> {
    Timestamp::from_microsecond(row.get(column)?).map_err(|_| damaged(column))
}

fn time_if(row: &Row<'_>, column: usize) -> rusqlite::Result<Option<Timestamp>> {
    let micros: Option<i64> = row.get(column)?;
    micros.map(|micros| Timestamp::from_microsecond(micros).map_err(|_| damaged(column))).transpose()
}

fn number(row: &Row<'_>, column: usize) -> rusqlite::Result<u64> {
    u64::try_from(row.get::<_, i64>(column)?).map_err(|_| damaged(column))
}

/// The digest over everything that a message's row and its delivery's row say, but for when to look at it again, which
/// is housekeeping and not evidence.
pub(super) fn digest(message: &Message, buffer: &mut Vec<u8>) -> [u8; 32] {
    buffer.clear();
    let mut fields = Fields(buffer);
    fields.bytes(message.id.as_bytes());
    let operation = message.operation.name();
    for text in [message.org.as_str(), operation, &message.key, &message.bank, &message.adapter] {
        fields.bytes(text.as_bytes());
    }
    fields.bytes(&message.fingerprint);
    for text in [&message.order, &message.reason, &message.bank_serial] {
        fields.maybe(text.as_ref().map(String::as_bytes));
    }
    fields.bytes(message.state.as_str().as_bytes());
    fields.maybe(message.before_query.map(|state| state.as_str().as_bytes()));
    fields.int(message.fen).time(Some(message.accepted_at)).time(message.settled_at);
    fields.int(message.status.map_or(-1, i64::from)).int(i64::try_from(message.fence).unwrap_or(i64::MAX));
    fields.int(message.given_back).int(i64::from(message.conflict));
    fields.maybe(message.twin.as_ref().map(|twin| twin.as_slice()));
    let Marks { claim, answer, response, last } = message.marks;
    fields.int(claim).int(answer.unwrap_or(-1)).int(response.unwrap_or(-1)).int(last);
    if let Some(delivery) = &message.delivery {
        let view = &delivery.view;
        fields.int(delivery.number).int(delivery.intent);
        fields.bytes(delivery.scope.as_bytes());
        fields.bytes(delivery.serial.as_bytes());
        fields.int(i64::from(delivery.serial_rule)).int(i64::from(delivery.salt));
        let date = delivery.business_date;
        fields.int(i64::from(date.year())).int(i64::from(date.month())).int(i64::from(date.day()));
        fields.bytes(&delivery.digest);
        fields.time(Some(view.intended_at)).time(view.first_absent_at).time(view.last_absent_at);
        for count in [view.attempts, view.resends, view.absent_count, view.queries, view.rung] {
            fields.int(i64::from(count));
        }
        for flag in [view.may_have_reached, view.acknowledged, view.released] {
            fields.int(i64::from(flag));
        }
    }
    sha256(buffer)
}

/// Fields led by their length.
struct Fields<'a>(&'a mut Vec<u8>);

impl Fields<'_> {
    fn bytes(&mut self, bytes: &[u8]) -> &mut Self {
        self.int(i64::try_from(bytes.len()).unwrap_or(i64::MAX));
        self.0.extend_from_slice(bytes);
        self
    }

    fn maybe(&mut self, bytes: Option<&[u8]>) -> &mut Self {
        match bytes {
            Some(bytes) => self.bytes(bytes),
            None => self.int(-1),
        }
    }

    fn int(&mut self, value: i64) -> &mut Self {
        self.0.extend_from_slice(&value.to_be_bytes());
        self
    }

    fn time(&mut self, at: Option<Timestamp>) -> &mut Self {
        self.int(at.map_or(i64::MIN, Timestamp::as_microsecond))
    }
}
