//! Writing of single rows and of the chain record that closes each change.

use jiff::Timestamp;
use rusqlite::params;

use super::apply::Writer;
use super::row;
use super::seal::Sealed;
use super::types::{DeliveryRow, JournalError, Message, NewDelivery};
use super::work::Fault;
use crate::life::{DeliveryView, State};

impl Writer<'_> {
    pub(super) fn insert(&mut self, message: &Message) -> Result<usize, Fault> {
        Ok(self.statements.insert_message.execute(params![
            message.id.as_bytes(),
            message.org,
            message.operation.name(),
            message.key,
            message.fingerprint,
            message.bank,
            message.order,
            message.fen,
            message.adapter,
            message.accepted_at.as_microsecond(),
            message.state.as_str(),
            message.reason,
            message.due_at.map(Timestamp::as_microsecond),
            i64::try_from(message.fence).unwrap_or(i64::MAX),
            message.delivery.as_ref().map(|delivery| delivery.number),
            message.marks.claim,
            message.twin,
        ])?)
    }

    pub(super) fn insert_delivery(&mut self, bank: &str, new: &NewDelivery, row: &DeliveryRow) -> Result<(), Fault> {
        let date = row.business_date.to_string();
        let inserted = self.statements.insert_delivery.execute(params![
            row.number,
            bank,
            row.scope,
            row.serial,
            row.serial_rule,
            row.salt,
            date,
            row.digest,
            row.intent,
            row.view.intended_at.as_microsecond(),
        ])?;
        if inserted == 0 {
            return Err(Fault::Undo(JournalError::SerialTaken));
        }
        self.next_delivery = self.next_delivery.saturating_add(1);
        if let Some(lane) = new.lane {
            let number = i64::try_from(lane.number).unwrap_or(i64::MAX);
            self.statements.raise_lane.execute(params![bank, date, lane.shard, number])?;
        }
        Ok(())
    }

    pub(super) fn update_delivery(&mut self, number: i64, view: &DeliveryView) -> Result<(), Fault> {
        self.statements.update_delivery.execute(params![
            number,
            view.attempts,
            view.resends,
            view.may_have_reached,
            view.acknowledged,
            view.released,
            view.absent_count,
            view.first_absent_at.map(Timestamp::as_microsecond),
            view.last_absent_at.map(Timestamp::as_microsecond),
            view.queries,
            view.rung,
        ])?;
        Ok(())
    }

    pub(super) fn insert_body(&mut self, seq: i64, sealed: &Sealed) -> Result<(), Fault> {
        self.statements.insert_body.execute(params![sealed.kind.slot(seq), sealed.bytes])?;
        Ok(())
    }

    /// Writes the row as it is now.
    pub(super) fn update(&mut self, message: &Message) -> Result<(), Fault> {
        self.statements.update_message.execute(params![
            message.id.as_bytes(),
            message.state.as_str(),
            message.before_query.map(State::as_str),
            message.reason,
            message.bank_serial,
            message.settled_at.map(Timestamp::as_microsecond),
            message.due_at.map(Timestamp::as_microsecond),
            message.status,
            i64::try_from(message.fence).unwrap_or(i64::MAX),
            message.given_back,
            message.conflict,
            message.delivery.as_ref().map(|delivery| delivery.number),
            message.marks.answer,
            message.marks.response,
            message.marks.last,
        ])?;
        Ok(())
    }

    /// The row is written and its digest ends the record.
    pub(super) fn finish(&mut self, message: &Message) -> Result<(), Fault> {
        self.update(message)?;
        let row = row::digest(message, &mut self.buffer);
        self.record.hex("row", &row);
        self.append()
    }

    pub(super) fn append(&mut self) -> Result<(), Fault> {
        let head = self.head.after(self.record.text());
        let row = params![head.seq, self.record.text(), head.hash];
        self.statements.insert_chain.execute(row).map_err(|error| Fault::of_store(&error))?;
        self.head = head;
        Ok(())
    }
}
