//! `kuimen translate`: one message, canonical to wire or back, exactly as the gateway would.

use jiff::Timestamp;
use jiff::civil::Date;

use super::arguments::{Form, Message, Shared, Translate};
use super::{Exit, Screen, input, shelf};
use crate::adapter::plan::{Adapter, OperationPlan};
use crate::adapter::runtime::{Expected, Original, Outgoing, Refusal, Settings, Wire};
use crate::lang::Phrase;
use crate::message::{Context, Operation, Problem, Record, Reply, north};

/// A bad message ends with 65 and every problem; nothing is written then.
pub(crate) fn run(screen: &Screen, shared: &Shared, command: &Translate) -> Exit {
    translate(screen, shared, command).unwrap_or_else(|exit| exit)
}

fn translate(screen: &Screen, shared: &Shared, command: &Translate) -> Result<Exit, Exit> {
    let subject = Subject::find(screen, shared, &command.bank, &command.operation, command.context.as_deref())?;
    let bytes = input::read(screen, &command.file)?;
    let bad = |problems: &[Problem]| screen.problems(Exit::Data, problems);
    let refused = |refusal: Refusal| bad(&[problem(refusal)]);
    let plan = subject.plan().map_err(refused)?;
    let written = match (command.to, command.message) {
        (Form::Wire, Message::Request) => {
            let record = north::decode(subject.operation, &bytes).map_err(|problems| bad(&problems))?;
            subject.to_wire(&record, command.body).map_err(refused)?
        }
        (Form::Wire, Message::Reply) => {
            let reply = Reply::decode(&bytes).map_err(|problems| bad(&problems))?;
            subject.reply_to_wire(&reply, command.body).map_err(refused)?
        }
        (Form::Canonical, Message::Request) => {
            let wire = subject.wire(bytes);
            let incoming = if command.body {
                subject.adapter.decode_request_message(plan, &wire.body, &subject.settings)
            } else {
                subject.adapter.decode_request(plan, &wire, &subject.settings)
            };
            return Ok(canonical(screen, &incoming.map_err(refused)?.items));
        }
        (Form::Canonical, Message::Reply) => {
            let record = Record::new();
            let expected = subject.expected(&record).map_err(refused)?;
            let answered = if command.body {
                subject.adapter.decode_reply_message(plan, &bytes, &expected)
            } else {
                subject.adapter.decode_reply(plan, &bytes, &expected)
            };
            let mut text = answered.map_err(refused)?.reply.encode();
            text.push('\n');
            text.into_bytes()
        }
    };
    Ok(screen.bytes(&written))
}

/// One payment is an object, several are an array of them.
fn canonical(screen: &Screen, items: &[Record<'_>]) -> Exit {
    let mut objects: Vec<serde_json::Value> =
        items.iter().map(|record| serde_json::Value::Object(north::object(record))).collect();
    let value = match objects.pop() {
        Some(only) if objects.is_empty() => only,
        Some(last) => {
            objects.push(last);
            serde_json::Value::Array(objects)
        }
        None => serde_json::Value::Array(objects),
    };
    screen.bytes(format!("{value}\n").as_bytes())
}

/// A refusal as a problem: the field and the offset are kept, a value was never in it.
pub(crate) fn problem(refusal: Refusal) -> Problem {
    let mut problem = Problem::new(refusal.code, refusal.rule);
    problem.field = refusal.field;
    problem.at = refusal.at;
    problem
}

/// What a translation or an explanation is about.
pub(crate) struct Subject {
    /// The adapter.
    pub adapter: std::sync::Arc<Adapter>,
    /// The exchange.
    pub operation: Operation,
    /// Serial, times, settings.
    pub context: Context,
    /// The settings in the adapter's order.
    pub settings: Settings,
}

impl Subject {
    /// Finds adapter, operation and context, or says what is missing.
    pub(crate) fn find(
        screen: &Screen,
        shared: &Shared,
        bank: &str,
        operation: &str,
        context: Option<&std::path::Path>,
    ) -> Result<Subject, Exit> {
        let adapter = shelf::one(screen, shared.adapters.as_deref(), bank)?.adapter;
        let unknown = || {
            let phrase = Phrase::new("cli-no-such-operation").with("operation", operation).with("bank", bank);
            screen.fail(Exit::Usage, "no-such-operation", &phrase)
        };
        let operation = Operation::from_name(operation).ok_or_else(unknown)?;
        adapter.operations.get(&operation).ok_or_else(unknown)?;
        let context = match context {
            Some(path) => {
                let bytes = input::read(screen, path)?;
                Context::decode(&bytes).map_err(|problems| screen.problems(Exit::Data, &problems))?
            }
            None => Context::default(),
        };
        let of_name = |name: &str| context.settings.get(name).cloned();
        let settings = Settings(adapter.settings.iter().map(|setting| of_name(&setting.name)).collect());
        Ok(Subject { adapter, operation, context, settings })
    }

    /// The plan of the exchange.
    ///
    /// # Errors
    /// None after [`Subject::find`], which has looked for it.
    pub(crate) fn plan(&self) -> Result<&OperationPlan, Refusal> {
        self.adapter.operations.get(&self.operation).ok_or_else(|| Refusal {
            code: "not-supported",
            field: None,
            at: None,
            rule: Phrase::new("gateway-not-supported"),
        })
    }

    /// The bytes of a request file: a form body has its target elsewhere.
    pub(crate) fn wire(&self, body: Vec<u8>) -> Wire {
        let target = self.adapter.wire.frames.is_none().then(Vec::new);
        Wire { target, body }
    }

    fn needs<T>(value: Option<T>, name: &'static str) -> Result<T, Refusal> {
        value.ok_or_else(|| Refusal {
            code: "context-missing",
            field: Some(name.to_owned()),
            at: None,
            rule: Phrase::new("cli-context-missing").with("name", name),
        })
    }

    fn original(&self) -> Result<Option<Original<'_>>, Refusal> {
        let Some(original) = &self.context.original else { return Ok(None) };
        Ok(Some(Original {
            serial: Self::needs(original.serial.as_deref(), "original.serial")?,
            sent_at: Self::needs(original.sent_at, "original.sent_at")?,
            business_date: Self::needs(original.business_date, "original.business_date")?,
            bank_serial: original.bank_serial.as_deref(),
        }))
    }

    fn to_wire(&self, record: &Record<'_>, body_only: bool) -> Result<Vec<u8>, Refusal> {
        let sent_at: Timestamp = Self::needs(self.context.sent_at, "sent_at")?;
        let business_date: Date = Self::needs(self.context.business_date, "business_date")?;
        let outgoing = Outgoing {
            serial: Self::needs(self.context.serial.as_deref(), "serial")?,
            sent_at,
            business_date,
            settings: &self.settings,
            items: std::slice::from_ref(record),
            original: self.original()?,
        };
        if body_only {
            self.adapter.encode_request_message(self.plan()?, &outgoing)
        } else {
            self.adapter.encode_request(self.plan()?, &outgoing).map(|wire| wire.body)
        }
    }

    /// What a reply is compared with: the context, and what is known of the payment.
    pub(crate) fn expected<'a>(&'a self, record: &'a Record<'a>) -> Result<Expected<'a>, Refusal> {
        Ok(Expected {
            serial: Self::needs(self.context.serial.as_deref(), "serial")?,
            sent_at: Self::needs(self.context.sent_at, "sent_at")?,
            business_date: Self::needs(self.context.business_date, "business_date")?,
            item: record,
            item_number: self.context.item_number.and_then(|number| usize::try_from(number).ok()).unwrap_or(1),
            original: self.original()?,
            settings: &self.settings,
        })
    }

    fn reply_to_wire(&self, reply: &Reply, body_only: bool) -> Result<Vec<u8>, Refusal> {
        let mut record = Record::new();
        if let Some(fen) = reply.amount {
            record.set_fen(crate::message::Field::Amount, fen);
        }
        if let Some(account) = &reply.account {
            record.set_text(crate::message::Field::PayeeAccount, account.as_str());
        }
        let expected = self.expected(&record)?;
        if body_only {
            self.adapter.encode_reply_message(self.plan()?, reply, &expected)
        } else {
            self.adapter.encode_reply(self.plan()?, reply, &expected)
        }
    }
}
