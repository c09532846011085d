//! The words for a decision, in the bank's own dialect, and what a fault makes of them.

use super::{Doing, Teller, sent_on};
use crate::adapter::answers::Answer;
use crate::adapter::plan::OperationPlan;
use crate::adapter::runtime::{Expected, Incoming, Original};
use crate::clock::Clock;
use crate::message::{Field, Record};
use crate::simulator::chance::Chance;
use crate::simulator::ledger::Standing;
use crate::simulator::misbehaviour::Misbehaviour;
use crate::simulator::spoil;

/// What there is to say.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Say {
    Yes,
    No,
    InHand,
    Duplicate,
    NotFound,
    Nothing,
}

/// One request on its way to an answer.
pub(super) struct Exchange<'a> {
    pub(super) plan: &'a OperationPlan,
    pub(super) incoming: &'a Incoming<'static>,
    pub(super) say: Say,
    /// What was asked for.
    pub(super) answers: Record<'static>,
    pub(super) fault: Option<Misbehaviour>,
    pub(super) chance: Chance,
    pub(super) about: Option<Standing>,
}

impl Teller {
    /// Finds the words, and spoils them where a fault has struck.
    pub(super) fn put(&self, mut exchange: Exchange<'_>) -> Doing {
        let Some(bytes) = self.words(&mut exchange) else {
            return Doing::Close;
        };
        let length = u32::try_from(bytes.len()).unwrap_or(u32::MAX);
        let somewhere = usize::try_from(exchange.chance.below(length)).unwrap_or_default();
        match exchange.fault {
            None | Some(Misbehaviour::Another | Misbehaviour::UnlistedCode | Misbehaviour::Denies) => {
                Doing::Answer(bytes)
            }
            Some(Misbehaviour::Silence) => Doing::Silence,
            Some(Misbehaviour::Late) => Doing::Late(bytes),
            Some(Misbehaviour::Twice) => Doing::Twice(bytes.clone(), bytes),
            Some(Misbehaviour::Contradicts) => {
                let opposite = match exchange.say {
                    Say::Yes => Some(Say::No),
                    Say::No => Some(Say::Yes),
                    Say::InHand | Say::Duplicate | Say::NotFound | Say::Nothing => None,
                };
                let second = opposite.and_then(|say| {
                    exchange.say = say;
                    self.words(&mut exchange)
                });
                match second {
                    Some(second) => Doing::Twice(bytes, second),
                    None => Doing::Answer(bytes),
                }
            }
            Some(Misbehaviour::Cut) => Doing::Cut(bytes, somewhere),
            Some(Misbehaviour::WrongLength) => Doing::Last(spoil::wrong_length(&self.adapter, bytes)),
            Some(Misbehaviour::WrongCharset) => Doing::Answer(spoil::wrong_charset(&self.adapter, bytes, somewhere)),
            Some(Misbehaviour::Status500) => Doing::Failure,
            Some(Misbehaviour::RefuseConnection | Misbehaviour::CloseUnread | Misbehaviour::CloseUnexecuted) => {
                Doing::Close
            }
        }
    }

    fn words(&self, exchange: &mut Exchange<'_>) -> Option<Vec<u8>> {
        let (plan, incoming) = (exchange.plan, exchange.incoming);
        let about = match exchange.fault {
            Some(Misbehaviour::Another) => self.ledger.look(|books| {
                let own = incoming.original_serial.as_ref().or(incoming.serial.as_ref());
                own.and_then(|own| books.another(own).cloned())
            }),
            _ => None,
        };
        if about.is_some() {
            // The other one was paid, and that is what its answer says.
            exchange.say = Say::Yes;
        }
        let answer = self.choose(exchange)?;
        let another = about.is_some();
        let about = about.as_ref().or(exchange.about.as_ref());
        let mut item: Record<'_> = incoming.items.first().cloned().unwrap_or_default();
        if let Some(about) = about.filter(|_| plan.operation.is_payment()) {
            item.set_text(Field::PayeeAccount, about.account.as_str());
            item.set_fen(Field::Amount, about.fen);
        }
        let mut reply = answer.reply(plan);
        reply.answers = exchange.answers.clone();
        reply.bank_serial = about.filter(|_| exchange.say != Say::NotFound).map(|about| format!("{:08}", about.place));
        let now = Clock::REAL.now();
        let original = incoming.original_serial.as_deref().map(|serial| Original {
            serial: about.filter(|_| another).map_or(serial, |about| about.serial.as_str()),
            sent_at: incoming.original_sent_at.unwrap_or(now),
            business_date: about.map_or(sent_on(incoming), |about| about.business_date),
            bank_serial: incoming.original_bank_serial.as_deref(),
        });
        let own = incoming.serial.as_deref().unwrap_or_default();
        let expected = Expected {
            serial: about.filter(|_| another).map_or(own, |about| about.serial.as_str()),
            item: &item,
            item_number: 1,
            sent_at: incoming.sent_at.unwrap_or(now),
            business_date: sent_on(incoming),
            original,
            settings: &self.settings,
        };
        // Words for people are worth less than the answer: a dialect may have no room for them, or for the bank's serial.
        for _ in 0..3 {
            match self.adapter.encode_reply(plan, &reply, &expected) {
                Ok(bytes) => return Some(bytes),
                Err(refusal) if reply.bank_serial.is_none() && reply.bank_text.is_none() => {
                    tracing::warn!(bank = self.ledger.bank(), code = refusal.code, field = refusal.field, "no words");
                    return None;
                }
                Err(_) if reply.bank_text.is_some() => reply.bank_text = None,
                Err(_) => reply.bank_serial = None,
            }
        }
        None
    }

    fn choose(&self, exchange: &mut Exchange<'_>) -> Option<&Answer> {
        let answers = self.answers.get(&exchange.plan.operation)?;
        let honest = match exchange.say {
            // A bank that only ever says "accepted" at once says it of what it has done, too.
            Say::Yes => answers.yes.first().or(answers.in_hand.first()),
            Say::No => exchange.chance.one_of(&answers.no),
            Say::InHand => exchange.chance.one_of(&answers.in_hand),
            Say::Duplicate => answers.duplicate.as_ref(),
            Say::NotFound => answers.not_found.as_ref(),
            Say::Nothing => None,
        }?;
        let unlisted = answers.unlisted.as_ref().filter(|_| exchange.fault == Some(Misbehaviour::UnlistedCode));
        Some(unlisted.unwrap_or(honest))
    }
}
