//! What is translated: the invented county's payments, on their way to a bank and answered by it.

use std::sync::Arc;

use jiff::Timestamp;
use jiff::civil::Date;
use kuimen::adapter::plan::{Adapter, OperationPlan};
use kuimen::adapter::runtime::{Expected, Outgoing, Settings, Wire};
use kuimen::adapter::{builtin, fault::Faults};
use kuimen::message::{Occurrence, Operation, Record, Reply, north};
use kuimen::simulator::county::{PayingBank, month};

use crate::abc::Abc;
use crate::by_hand::ByHand;
use crate::crcb::Crcb;
use crate::icbc::Icbc;

/// A bank, both ways of speaking to it, and its payments.
pub(crate) struct Bank {
    pub(crate) id: &'static str,
    pub(crate) adapter: Arc<Adapter>,
    pub(crate) hand: Box<dyn ByHand>,
    pub(crate) settings: Settings,
    pub(crate) business_date: Date,
    pub(crate) messages: Vec<Message>,
}

/// One payment in all its forms.
#[derive(Clone)]
pub(crate) struct Message {
    pub(crate) json: String,
    pub(crate) items: [Record<'static>; 1],
    pub(crate) serial: String,
    pub(crate) sent_at: Timestamp,
    pub(crate) wire: Wire,
    pub(crate) reply: Vec<u8>,
}

impl Bank {
    pub(crate) fn plan(&self) -> &OperationPlan {
        self.adapter.operation(Operation::PaymentPay).expect("every bank pays")
    }

    pub(crate) fn outgoing<'a>(&'a self, message: &'a Message, items: &'a [Record<'a>]) -> Outgoing<'a> {
        Outgoing {
            serial: &message.serial,
            sent_at: message.sent_at,
            business_date: self.business_date,
            settings: &self.settings,
            items,
            original: None,
        }
    }

    pub(crate) fn expected<'a>(&'a self, message: &'a Message) -> Expected<'a> {
        Expected {
            serial: &message.serial,
            item: &message.items[0],
            item_number: 1,
            sent_at: message.sent_at,
            business_date: self.business_date,
            original: None,
            settings: &self.settings,
        }
    }
}

/// The three banks with `count` payments between them.
pub(crate) fn banks(count: u32) -> Result<Vec<Bank>, Faults> {
    let adapters = builtin::load_all()?;
    let ids = ["crcb", "icbc", "abc"];
    let paying = ids.map(|id| PayingBank { id: id.to_owned(), cnaps: adapters[id].party.cnaps.clone() });
    let demands = month(1, count, &paying);
    let start: Timestamp = "2022-03-15T09:30:15.123+08:00".parse().expect("an instant");
    Ok(ids
        .into_iter()
        .map(|id| {
            let adapter = Arc::clone(&adapters[id]);
            let hand: Box<dyn ByHand> = match id {
                "crcb" => Box::new(Crcb::new(&adapter)),
                "icbc" => Box::new(Icbc::new(&adapter)),
                _ => Box::new(Abc::new(&adapter)),
            };
            let settings = adapter.demo_settings();
            let business_date = Date::constant(2022, 3, 15);
            let mut bank = Bank { id, adapter, hand, settings, business_date, messages: Vec::new() };
            let own = demands.iter().filter(|demand| demand.bank == id);
            let messages = own.enumerate().map(|(at, demand)| bank.message(&demand.record, start, at)).collect();
            bank.messages = messages;
            bank
        })
        .collect())
}

impl Bank {
    fn message(&self, record: &Record<'static>, start: Timestamp, at: usize) -> Message {
        let serial = if self.adapter.serial.digits { format!("{at:010}") } else { format!("K{at:015}") };
        let sent_at = start + jiff::SignedDuration::from_millis(i64::try_from(at).expect("few") * 37);
        let json = north::encode(record);
        let (wire, reply) = (Wire { target: None, body: Vec::new() }, Vec::new());
        let mut message = Message { json, items: [record.clone()], serial, sent_at, wire, reply };
        message.wire =
            self.adapter.encode_request(self.plan(), &self.outgoing(&message, &message.items)).expect("in order");
        let said = self.answer(at);
        let reply = self.adapter.encode_reply(self.plan(), &said, &self.expected(&message)).expect("in order");
        // Every fourth answer of a bank that writes its elements in any order is written in another one.
        message.reply = if at % 4 == 3 { self.reordered(&reply) } else { reply };
        message
    }

    /// Eight in ten are paid, one is refused, one is in hand (where the dialect can say so).
    fn answer(&self, at: usize) -> Reply {
        let (occurrence, code) = match (self.id, at % 10) {
            ("crcb", 8 | 9) => (Occurrence::No, "KMN0001"),
            ("icbc", 8) => (Occurrence::No, "6"),
            ("icbc", 9) => (Occurrence::InHand, "4"),
            ("abc", 8) => (Occurrence::No, "KM01"),
            ("abc", 9) => (Occurrence::InHand, "0001"),
            ("crcb", _) => (Occurrence::Yes, "AAAAAAA"),
            ("icbc", _) => (Occurrence::Yes, "7"),
            _ => (Occurrence::Yes, "0000"),
        };
        let mut reply = Reply::new(occurrence);
        reply.bank_code = Some(code.to_owned());
        reply.bank_serial = Some(format!("{at:08}"));
        if self.id != "crcb" {
            reply.bank_text = Some(format!("交易{}", if occurrence == Occurrence::Yes { "成功" } else { "未成功" }));
        } else if occurrence == Occurrence::No {
            (reply.bank_text, reply.bank_serial) = (Some("账户状态不正常".to_owned()), None);
        }
        if self.id == "icbc" {
            reply.amount = None;
            let details = [("RetMsg", "已受理"), ("iRetMsg", "处理完毕")];
            reply.details = details.map(|(name, value)| (name.to_owned(), value.to_owned())).to_vec();
        } else if self.id == "abc" {
            let details = [("RespSource", "HOST"), ("RxtInfo", "联机交易"), ("WaitFlag", "0")];
            reply.details = details.map(|(name, value)| (name.to_owned(), value.to_owned())).to_vec();
        }
        reply
    }

    /// The same answer with the children of its root turned round, one to a line, by their other names.
    fn reordered(&self, reply: &[u8]) -> Vec<u8> {
        if self.id != "abc" {
            return reply.to_vec();
        }
        let message = self.hand.peel_reply(reply);
        let inner = message.strip_prefix(b"<ap>").and_then(|rest| rest.strip_suffix(b"</ap>")).expect("an answer");
        let mut children: Vec<&[u8]> = Vec::new();
        let mut rest = inner;
        while !rest.is_empty() {
            let name = rest.iter().position(|byte| *byte == b'>').map(|end| &rest[1..end]).expect("a tag");
            let close = [b"</", name, b">"].concat();
            let end = memchr::memmem::find(rest, &close).expect("an end tag") + close.len();
            let (child, after) = rest.split_at(end);
            children.push(child);
            rest = after;
        }
        children.reverse();
        let mut turned = b"<ap>\n".to_vec();
        for child in children {
            turned.extend_from_slice(b"  ");
            turned.extend_from_slice(child);
            turned.push(b'\n');
        }
        turned.extend_from_slice(b"</ap>\n");
        self.hand.wrap_reply(&turned)
    }
}
