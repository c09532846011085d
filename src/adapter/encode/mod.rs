//! A plan, run forwards: canonical values to the exact bytes of one message.
//!
//! In reading order: [`given`] (what there is to write), [`record`] and [`picture`] (fixed and delimited records),
//! [`script`] and [`xml`] (templates). A value is written or refused by name; nothing is cut, replaced or assumed.

mod given;
mod picture;
mod record;
mod script;
mod xml;

pub(in crate::adapter) use given::setting;
pub(in crate::adapter) use record::bit_of;

use crate::adapter::charset::Charset;
use crate::adapter::convert::Datum;
use crate::adapter::http;
use crate::adapter::outcome::IntoText;
use crate::adapter::plan::{Adapter, FramePlan, Layout, MessagePlan, OperationPlan, RecordField, Transport};
use crate::adapter::runtime::{Expected, Outgoing, Refusal, Wire};
use crate::adapter::seal;
use crate::lang::Phrase;
use crate::message::Reply;
use given::Given;
use record::RecordWriter;
use std::borrow::Cow;

impl<'v> IntoText<'v> for Datum<'v> {
    fn into_text(self) -> Option<Cow<'v, str>> {
        given::as_text(self)
    }
}

impl Adapter {
    /// The bytes of a request: target and body for HTTP, a frame otherwise.
    ///
    /// # Errors
    /// `cannot-encode` or `missing-setting`, naming the canonical field or the setting.
    pub fn encode_request(&self, plan: &OperationPlan, outgoing: &Outgoing<'_>) -> Result<Wire, Refusal> {
        let given = Given::request(self, plan, outgoing);
        let wire = match &plan.transport {
            Transport::Tcp { request, .. } => Wire { target: None, body: framed(&given, &plan.request, request)? },
            Transport::Http(http) => {
                let message = message(&given, &plan.request)?;
                http::request(http, |value| given.text(value), message, plan.request.charset)?
            }
        };
        self.within_max(wire.body.len())?;
        Ok(wire)
    }

    /// The message of a request alone (sealed where it is sealed), without frame, form or target.
    ///
    /// # Errors
    /// As for [`encode_request`](Self::encode_request).
    pub fn encode_request_message(&self, plan: &OperationPlan, outgoing: &Outgoing<'_>) -> Result<Vec<u8>, Refusal> {
        message(&Given::request(self, plan, outgoing), &plan.request)
    }

    /// The bytes of a bank's reply to what `expected` describes: for simulated banks, and to show a reply on the wire.
    ///
    /// Echoes come from `expected`. What the reply's verdict rests on but the reply does not say (a line's status beside
    /// the bank's code) comes from its details, else from the first outcome rule that gives this verdict. A value that
    /// only the bank could supply and did not is written empty where an empty one is read as none, and refused elsewhere.
    ///
    /// # Errors
    /// As for [`encode_request`](Self::encode_request).
    pub fn encode_reply(
        &self,
        plan: &OperationPlan,
        reply: &Reply,
        expected: &Expected<'_>,
    ) -> Result<Vec<u8>, Refusal> {
        let given = Given::reply(self, plan, reply, expected);
        let bytes = match &plan.transport {
            Transport::Tcp { reply, .. } => framed(&given, &plan.reply, reply)?,
            Transport::Http(http) => http::reply(http, message(&given, &plan.reply)?),
        };
        self.within_max(bytes.len())?;
        Ok(bytes)
    }

    /// The message of a reply alone, without frame, prefix or Base64.
    ///
    /// # Errors
    /// As for [`encode_reply`](Self::encode_reply).
    pub fn encode_reply_message(
        &self,
        plan: &OperationPlan,
        reply: &Reply,
        expected: &Expected<'_>,
    ) -> Result<Vec<u8>, Refusal> {
        message(&Given::reply(self, plan, reply, expected), &plan.reply)
    }

    /// A serial that fills the whole width of this adapter's rule: what a dry encode uses before a real serial exists.
    pub fn full_width_serial(&self) -> String {
        let filler = if self.serial.digits { "9" } else { "Z" };
        filler.repeat(self.serial.width)
    }

    fn within_max(&self, length: usize) -> Result<(), Refusal> {
        if length > self.wire.max {
            let rule = Phrase::new("adapter-message-too-long").with("max", self.wire.max);
            return Err(Refusal::unencodable("frame.length", rule));
        }
        Ok(())
    }
}

/// Appends the text that always stands in `field`.
///
/// # Errors
/// It does not fit the picture, which compiling rules out.
pub(in crate::adapter) fn literal(
    out: &mut Vec<u8>,
    charset: Charset,
    field: &RecordField,
    text: &str,
) -> Result<(), Phrase> {
    picture::put(out, charset, field, text, picture::Written::Literal)
}

/// The message, sealed where it is sealed.
fn message(given: &Given<'_>, plan: &MessagePlan) -> Result<Vec<u8>, Refusal> {
    let mut out = Vec::with_capacity(1024);
    append_message(given, plan, &mut out)?;
    Ok(out)
}

fn append_message(given: &Given<'_>, plan: &MessagePlan, out: &mut Vec<u8>) -> Result<(), Refusal> {
    if given.items() == 0 {
        return Err(Refusal::unencodable("items", Phrase::new("adapter-no-payment")));
    }
    let start = out.len();
    match &plan.layout {
        Layout::Record(layout) => RecordWriter::new(given, plan.charset).record(out, layout)?,
        Layout::Xml(layout) => xml::write(given, plan.charset, layout, out)?,
    }
    if let Some(sealing) = &plan.seal {
        let key = setting(given.adapter, given.settings(), sealing.key)?;
        seal::put(sealing, key, out, start).map_err(|rule| Refusal::unencodable("seal", rule))?;
    }
    Ok(())
}

/// The message in its frame. The header's place is kept while the message is written, so that it is written once.
fn framed(given: &Given<'_>, plan: &MessagePlan, frame: &FramePlan) -> Result<Vec<u8>, Refusal> {
    let unfit = |rule| Refusal::unencodable("frame.length", rule);
    let mut out = Vec::with_capacity(1024);
    match frame {
        FramePlan::Prefix { header, header_len, counts_all } => {
            out.resize(*header_len, 0);
            append_message(given, plan, &mut out)?;
            let counted = if *counts_all { out.len() } else { out.len().saturating_sub(*header_len) };
            let length = u64::try_from(counted).map_err(|_| unfit(Phrase::new("adapter-frame-length")))?;
            let mut head = Vec::with_capacity(*header_len);
            RecordWriter::new(given, plan.charset).header(&mut head, header, length)?;
            let place = out.get_mut(..*header_len).filter(|place| place.len() == head.len());
            place.ok_or_else(|| unfit(Phrase::new("adapter-frame-length")))?.copy_from_slice(&head);
        }
        FramePlan::ToEnd => append_message(given, plan, &mut out)?,
        FramePlan::Fixed(size) => {
            append_message(given, plan, &mut out)?;
            if out.len() != *size {
                return Err(unfit(Phrase::new("adapter-frame-fixed").with("size", *size)));
            }
        }
        FramePlan::EndTag(tag) => {
            append_message(given, plan, &mut out)?;
            let end = memchr::memmem::find(&out, tag.as_bytes()).map(|at| at.saturating_add(tag.len()));
            if end != Some(out.len()) {
                return Err(unfit(Phrase::new("adapter-frame-end-tag").with("tag", tag)));
            }
        }
        FramePlan::Line => {
            append_message(given, plan, &mut out)?;
            if out.contains(&b'\n') {
                return Err(unfit(Phrase::new("adapter-frame-line")));
            }
            out.push(b'\n');
        }
    }
    Ok(out)
}
