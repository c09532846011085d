//! What goes into a plan and what comes out of it, when it runs.

use aws_lc_rs::digest;
use jiff::Timestamp;
use jiff::civil::Date;

use crate::lang::Phrase;
use crate::message::{Record, Reply};

/// The settings of one link, in the order of `Adapter::settings`; `None` where nothing was supplied.
#[derive(Clone, Default)]
pub struct Settings(pub Vec<Option<String>>);

/// What identifies the payment that a query asks about.
#[derive(Debug, Clone)]
pub struct Original<'a> {
    /// Its serial.
    pub serial: &'a str,
    /// When it was sent (fixed at intent).
    pub sent_at: Timestamp,
    /// Its business date.
    pub business_date: Date,
    /// The bank's serial, where an answer gave one.
    pub bank_serial: Option<&'a str>,
}

/// A request to encode: 1…n payments under one serial.
#[derive(Clone)]
pub struct Outgoing<'a> {
    /// Our serial.
    pub serial: &'a str,
    /// Fixed at intent.
    pub sent_at: Timestamp,
    /// Fixed at intent.
    pub business_date: Date,
    /// The link's settings.
    pub settings: &'a Settings,
    /// The payments, numbered from 1.
    pub items: &'a [Record<'a>],
    /// Queries: what is asked about.
    pub original: Option<Original<'a>>,
}

/// A request as read (by the simulator, by `translate` and `explain`).
#[derive(Debug, Clone)]
pub struct Incoming<'a> {
    /// The serial, where the dialect carries one.
    pub serial: Option<String>,
    /// Where it is carried whole.
    pub sent_at: Option<Timestamp>,
    /// Where it is carried.
    pub business_date: Option<Date>,
    /// Settings that were on the wire, in the order of `Adapter::settings`.
    pub settings: Vec<Option<String>>,
    /// The payments, in order of their number.
    pub items: Vec<Record<'a>>,
    /// Queries: the original's serial.
    pub original_serial: Option<String>,
    /// Queries: when the original was sent, where it is carried whole.
    pub original_sent_at: Option<Timestamp>,
    /// Queries: the original's business date.
    pub original_business_date: Option<Date>,
    /// Queries: the bank's serial of the original.
    pub original_bank_serial: Option<String>,
}

/// What was sent, to compare a reply with. A reply concerns the item with `item_number`.
#[derive(Clone)]
pub struct Expected<'a> {
    /// The request's serial.
    pub serial: &'a str,
    /// The payment it is about.
    pub item: &'a Record<'a>,
    /// Its number in the delivery, from 1.
    pub item_number: usize,
    /// When the request was sent (fixed at intent).
    pub sent_at: Timestamp,
    /// The request's business date (fixed at intent).
    pub business_date: Date,
    /// Queries: the original.
    pub original: Option<Original<'a>>,
    /// The link's settings.
    pub settings: &'a Settings,
}

/// A reply as read.
#[derive(Debug, Clone)]
pub struct Answered {
    /// What it says.
    pub reply: Reply,
    /// Whether it is the answer to what was sent.
    pub correlation: Ours,
    /// It shows that the bank knows the payment, whatever became of it: its code says that the serial was seen before, or
    /// our item stands in it. An echo of the request alone shows nothing.
    pub known: bool,
}

/// Is the answer ours?
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Ours {
    /// Yes.
    Yes,
    /// An echoed value that identifies the message is another's (or missing): quarantine. Names the value.
    No(String),
    /// It is ours by serial, but the amount or the payee differs: money of another size or to another account. Names the field.
    Differs(String),
}

/// The bytes of one message, framed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Wire {
    /// HTTP request target, where the transport is HTTP.
    pub target: Option<Vec<u8>>,
    /// The frame, or the HTTP body.
    pub body: Vec<u8>,
}

impl Wire {
    /// SHA-256 over target, LF and body where there is a target, else over the body. What an intent is pinned to.
    pub fn digest(&self) -> [u8; 32] {
        let mut context = digest::Context::new(&digest::SHA256);
        if let Some(target) = &self.target {
            context.update(target);
            context.update(b"\n");
        }
        context.update(&self.body);
        let mut bytes = [0; 32];
        // SHA-256 is 32 bytes, so nothing is cut and nothing is left over.
        bytes.iter_mut().zip(context.finish().as_ref()).for_each(|(to, from)| *to = *from);
        bytes
    }
}

/// Why bytes could not be made, or not be understood. Never holds the offending value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refusal {
    /// Stable code: `cannot-encode` and `missing-setting` when writing; `frame`, `http`, `seal`, `mac`, `charset`, `xml`,
    /// `trailing-data`, `missing-setting` and, for everything else, `cannot-decode` when reading.
    pub code: &'static str,
    /// The canonical field, setting or bank field it is about.
    pub field: Option<String>,
    /// Byte offset in the layer that was read (`None` when encoding).
    pub at: Option<usize>,
    /// The rule that was broken, for people.
    pub rule: Phrase,
}

impl Refusal {
    /// A value that cannot be written.
    pub(crate) fn unencodable(field: impl Into<String>, rule: Phrase) -> Refusal {
        Refusal { code: "cannot-encode", field: Some(field.into()), at: None, rule }
    }

    /// Bytes at offset `at` that cannot be understood.
    pub(crate) fn undecodable(at: usize, rule: Phrase) -> Refusal {
        Refusal { code: "cannot-decode", field: None, at: Some(at), rule }
    }

    /// The same with another code.
    #[must_use]
    pub(crate) fn coded(mut self, code: &'static str) -> Refusal {
        self.code = code;
        self
    }

    /// Names the field, where none is named yet.
    #[must_use]
    pub(crate) fn in_field(mut self, field: &str) -> Refusal {
        self.field.get_or_insert_with(|| field.to_owned());
        self
    }
}
