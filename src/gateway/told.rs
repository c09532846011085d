//! What a bank tells on its own: read in its dialect, claimed under its serial, answered in its words.
//!
//! A request of a bank is final in one commit: the answer that it gets is stored with it, and whoever tells it again gets
//! the same bytes. The key is the bank's serial, with the business date where the message carries one. Nothing that was
//! not written down is answered: a bank that hears nothing tells it again.

use std::sync::{Arc, PoisonError};

use jiff::civil::Date;

use super::accept::Outcome;
use super::bank::Bank;
use super::draft::{Panicked, guarded};
use super::repeat::Found;
use super::{Gateway, Pinned};
use crate::adapter::answers::{Answer, Answers};
use crate::adapter::plan::OperationPlan;
use crate::adapter::runtime::{Expected, Incoming, Wire};
use crate::journal::{
    BodyKind, Change, Claim, Claimed, Evidence, JournalError, Message, MessageId, Response, Then, sha256,
};
use crate::life::{Event, State};
use crate::message::{Field, Operation, Record, fingerprint, north};

/// How long after a payment its money may come back, in days, where serials are of a day.
const RETURN_DAYS: u32 = 60;

/// What a bank is told.
#[derive(Debug, PartialEq, Eq)]
pub enum Told {
    /// These bytes.
    Answer(Vec<u8>),
    /// It is no message of this interface.
    Unreadable,
    /// Nothing: it has to tell it again.
    Nothing,
}

/// Yes or no.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Say {
    Yes,
    No,
    /// The serial belongs to another message.
    Reused,
}

/// A request of a bank on its way to an answer.
struct Telling<'a> {
    bank: &'a Bank,
    plan: &'a OperationPlan,
    incoming: Incoming<'static>,
    record: Record<'static>,
    serial: String,
    raw: &'a [u8],
}

impl Gateway {
    /// Takes what a bank tells, in a task of its own: a bank that hangs up loses its answer, never what it told.
    pub async fn told(self: &Arc<Self>, bank: &Arc<Bank>, wire: Wire) -> Told {
        if self.closing.is_cancelled() {
            return Told::Nothing;
        }
        let (gateway, bank) = (Arc::clone(self), Arc::clone(bank));
        let work = self.work.spawn(async move { gateway.hear(&bank, &wire).await });
        work.await.unwrap_or(Told::Nothing)
    }

    async fn hear(&self, bank: &Bank, wire: &Wire) -> Told {
        let Some(telling) = read(bank, wire) else {
            self.note_refusal(&bank.id, &wire.body, "unreadable").await;
            return Told::Unreadable;
        };
        match self.take_down(&telling).await {
            Ok(told) => told,
            Err(error) => {
                tracing::warn!(bank = %bank.id, %error, "what a bank tells cannot be written down");
                Told::Nothing
            }
        }
    }

    async fn take_down(&self, telling: &Telling<'_>) -> Result<Told, JournalError> {
        let Telling { bank, plan, record, .. } = telling;
        let (operation, key) = (plan.operation, telling.key());
        let body = north::encode(record).into_bytes();
        let hand = match self.find_key(&bank.id, operation, &key).await {
            Found::Message(message) => {
                return Ok(match self.repeat(&bank.id, &body, *message).await {
                    Outcome::Repeated(message) => self.said_before(&message).await?,
                    Outcome::KeyReused { .. } => telling.answer(Say::Reused),
                    Outcome::Refused(..) | Outcome::InDoubt | Outcome::Handled(_) | Outcome::InProgress(_) => {
                        Told::Nothing
                    }
                });
            }
            Found::Unreadable => return Ok(Told::Nothing),
            Found::Nothing(hand) => hand,
        };
        if let Err(problems) = north::decode(operation, &body) {
            let code = problems.first().map_or("internal", |problem| problem.code);
            tracing::warn!(bank = %bank.id, operation = operation.name(), code, "a bank tells what breaks the rules");
            self.note_refusal(&bank.id, telling.raw, code).await;
            return Ok(telling.answer(Say::No));
        }
        let say = self.consider(telling).await?;
        let Told::Answer(answer) = telling.answer(say) else { return Ok(Told::Nothing) };
        let at = self.clock.now();
        // It has happened: a finding marks it, and stops nothing.
        let judged = self.judged(&bank.id, operation, record, at).await?;
        let claim = Claim {
            id: MessageId::new(),
            org: bank.id.clone(),
            operation,
            key,
            fingerprint: self.keys.fingerprint(operation.name(), &fingerprint::canonical_fields(record)),
            raw_digest: sha256(telling.raw),
            bank: bank.id.clone(),
            order: None,
            fen: 0,
            twin: None,
            findings: judged.findings(),
            adapter: bank.current.adapter.digest.clone(),
            at,
            request: body,
            then: Then::Enter(Response { state: State::Succeeded, status: 200, body: answer.clone() }),
        };
        let claimed = self.journal.claim(claim).await?;
        drop(hand);
        Ok(match claimed {
            Claimed::Won(_) => {
                self.enter(operation, record);
                Told::Answer(answer)
            }
            Claimed::Same(message) => self.said_before(&message).await?,
            Claimed::Different { .. } => telling.answer(Say::Reused),
            Claimed::SerialTaken => Told::Nothing,
        })
    }

    /// The very bytes that were answered the first time.
    async fn said_before(&self, message: &Message) -> Result<Told, JournalError> {
        let body = self.journal.body(message.id, BodyKind::Response).await?;
        Ok(body.map_or(Told::Nothing, Told::Answer))
    }

    /// What there is to do before it is written down, and whether the answer is yes.
    async fn consider(&self, telling: &Telling<'_>) -> Result<Say, JournalError> {
        let record = &telling.record;
        let yes = match telling.plan.operation {
            Operation::PaymentReturned => self.give_back(telling).await?,
            Operation::CardCheck => {
                let first = matches!(record.text(Field::CardKind), Some("first" | "first-exchange"));
                let registers = self.registers().await?.read().unwrap_or_else(PoisonError::into_inner);
                !(first && registers.has_card(record.text(Field::HolderId).unwrap_or_default()))
            }
            Operation::CardIssued | Operation::CardActivated => true,
            // Whatever else a dialect lets its bank begin is taken note of.
            Operation::CardReportLoss | Operation::CardReleaseLoss | Operation::CardCancel => true,
            Operation::PaymentPay
            | Operation::PaymentQuery
            | Operation::CardApply
            | Operation::CardQuery
            | Operation::ActivationList
            | Operation::AccountVerify
            | Operation::AccountChange => false,
        };
        Ok(if yes { Say::Yes } else { Say::No })
    }

    /// Links money that came back to the payment that it was. The link is made once, however often the bank tells it and
    /// wherever the process ended in between. No for a payment that is not ours, not paid, or of another amount.
    async fn give_back(&self, telling: &Telling<'_>) -> Result<bool, JournalError> {
        let record = &telling.record;
        let (Some(serial), Some(fen)) = (record.text(Field::ReturnedSerial), record.fen(Field::Amount)) else {
            return Ok(false);
        };
        let on = record.text(Field::ReturnedOn).and_then(|on| on.parse::<Date>().ok());
        let Some(paid) = self.find_paid(telling.bank, serial, on, fen.get()).await? else {
            tracing::warn!(bank = %telling.bank.id, "money comes back for a payment that is not ours, or of another amount");
            return Ok(false);
        };
        if paid.given_back == fen.get() {
            return Ok(true);
        }
        let evidence = Evidence { reason: Some("returned".to_owned()), ..Evidence::default() };
        let policy = telling.bank.policy(&paid, self.clock);
        let event = Event::Returned { fen: fen.get() };
        let change = Change { id: paid.id, at: self.clock.now(), event, policy, evidence };
        match self.journal.advance(change).await {
            Ok(_) => Ok(true),
            Err(JournalError::Illegal(illegal)) => {
                tracing::error!(id = %paid.id, %illegal, "money comes back for a payment that was not made");
                Ok(false)
            }
            Err(error) => Err(error),
        }
    }

    /// The payment of this serial and amount: the serial is unique for ever, or on the day it was sent.
    async fn find_paid(
        &self,
        bank: &Bank,
        serial: &str,
        on: Option<Date>,
        fen: i64,
    ) -> Result<Option<Message>, JournalError> {
        let mut day = on.unwrap_or_else(|| bank.business_date(self.clock.now()));
        let mut scope = String::new();
        for _ in 0..=RETURN_DAYS {
            let found = self.journal.find_serial(&bank.id, &scope, serial).await?;
            if let Some(message) = found.filter(|it| it.operation == Operation::PaymentPay && it.fen == fen) {
                return Ok(Some(message));
            }
            scope = day.to_string();
            let Ok(before) = day.yesterday() else { break };
            day = before;
        }
        Ok(None)
    }
}

/// The first of the operations that banks begin as which the bytes can be read.
fn read<'a>(bank: &'a Bank, wire: &'a Wire) -> Option<Telling<'a>> {
    let Pinned { adapter, settings, .. } = &bank.current;
    let plans = adapter.operations.values().filter(|plan| plan.bank_initiates);
    let decode = |plan| guarded(|| adapter.decode_request(plan, wire, settings)).ok()?.ok();
    let (plan, mut incoming) = plans.into_iter().find_map(|plan| Some((plan, decode(plan)?)))?;
    // What is meant for another customer of the bank is not ours, however well it reads.
    let meant = incoming.settings.iter().zip(&settings.0).all(|(said, own)| said.is_none() || said == own);
    let serial = incoming.serial.clone().filter(|serial| (1..=40).contains(&serial.len()) && is_plain(serial))?;
    let alone = incoming.items.len() == 1;
    let mut record = incoming.items.pop().filter(|_| alone && meant)?;
    record.set_text(Field::Bank, bank.id.clone());
    Some(Telling { bank, plan, incoming, record, serial, raw: &wire.body })
}

/// Visible ASCII, and nothing that a key may not hold.
fn is_plain(text: &str) -> bool {
    text.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_.".contains(&byte))
}

impl Telling<'_> {
    fn key(&self) -> String {
        match self.incoming.business_date {
            Some(date) => format!("{date}:{}", self.serial),
            None => format!("ever:{}", self.serial),
        }
    }

    /// The bytes of an answer; nothing where the dialect has no words for it.
    fn answer(&self, say: Say) -> Told {
        let answers = Answers::of(self.plan);
        let words: Option<&Answer> = match say {
            Say::Yes => answers.yes.first(),
            Say::No => answers.no.first(),
            Say::Reused => answers.duplicate.as_ref().or(answers.no.first()),
        };
        let encoded = words.map(|words| guarded(|| self.encode(words)));
        match encoded {
            Some(Ok(Some(bytes))) => Told::Answer(bytes),
            Some(Ok(None)) | Some(Err(Panicked)) | None => {
                tracing::error!(bank = %self.bank.id, operation = self.plan.operation.name(), ?say, "no words for an answer");
                Told::Nothing
            }
        }
    }

    fn encode(&self, words: &Answer) -> Option<Vec<u8>> {
        let Pinned { adapter, settings, .. } = &self.bank.current;
        let told_at = self.incoming.sent_at.unwrap_or_else(jiff::Timestamp::now);
        let expected = Expected {
            serial: &self.serial,
            item: &self.record,
            item_number: 1,
            sent_at: told_at,
            business_date: self.incoming.business_date.unwrap_or_else(|| self.bank.business_date(told_at)),
            original: None,
            settings,
        };
        let mut reply = words.reply(self.plan);
        // Words for people are worth less than the answer: a dialect may have no room for them.
        adapter.encode_reply(self.plan, &reply, &expected).ok().or_else(|| {
            reply.bank_text = None;
            adapter.encode_reply(self.plan, &reply, &expected).ok()
        })
    }
}
