//! A plan, run backwards: the exact bytes of one message to canonical values.
//!
//! In reading order: [`envelope`] (frame, form, Base64, seal), [`record`] and [`field`] (fixed and delimited records),
//! [`xml`] (templates), [`taken`] (what was read so far), [`request`] and [`reply`] (what it comes to), [`trace`] (who
//! watches). Strict: every byte is accounted for, and anything unexpected is a refusal with its place.

mod envelope;
pub(in crate::adapter) mod field;
mod offset;
mod record;
mod reply;
mod request;
mod taken;
pub(in crate::adapter) mod trace;
mod xml;

use std::borrow::Cow;

use crate::adapter::convert::Spelling;
use crate::adapter::encode::setting;
use crate::adapter::plan::{Adapter, Layout, MessagePlan, OperationPlan};
use crate::adapter::runtime::{Answered, Expected, Incoming, Refusal, Settings, Wire};
use crate::adapter::seal;
use crate::lang::Phrase;
use record::RecordReader;
use taken::Taken;
use trace::{Kind, NoTrace, Piece, Trace};

/// What reading needs besides the bytes.
#[derive(Clone, Copy)]
pub(in crate::adapter) struct Context<'p> {
    pub(in crate::adapter) adapter: &'p Adapter,
    pub(in crate::adapter) plan: &'p OperationPlan,
    pub(in crate::adapter) settings: &'p Settings,
}

/// Which message is read, and how much of what is around it there is.
#[derive(Clone, Copy)]
pub(in crate::adapter) enum Bytes<'b> {
    /// A request with its frame or form.
    Request(&'b Wire),
    /// A reply with its frame, prefix and Base64.
    Reply(&'b [u8]),
    /// The message of a request alone.
    RequestMessage(&'b [u8]),
    /// The message of a reply alone.
    ReplyMessage(&'b [u8]),
}

impl Adapter {
    /// Reads a request: for simulated banks, and to show a request in canonical terms. The settings supply the keys of
    /// seals and MACs; settings that stand in the message are reported as read.
    ///
    /// # Errors
    /// Whatever is wrong first, with its byte offset.
    pub fn decode_request(
        &self,
        plan: &OperationPlan,
        wire: &Wire,
        settings: &Settings,
    ) -> Result<Incoming<'static>, Refusal> {
        let context = Context { adapter: self, plan, settings };
        envelope::open(&context, Bytes::Request(wire), &mut NoTrace, request::incoming)
    }

    /// The same for the message alone, without frame, form or target.
    ///
    /// # Errors
    /// As for [`decode_request`](Self::decode_request).
    pub fn decode_request_message(
        &self,
        plan: &OperationPlan,
        message: &[u8],
        settings: &Settings,
    ) -> Result<Incoming<'static>, Refusal> {
        let context = Context { adapter: self, plan, settings };
        envelope::open(&context, Bytes::RequestMessage(message), &mut NoTrace, request::incoming)
    }

    /// Reads a reply and compares it with what was sent. A reply that is refused says nothing: the outcome is unknown.
    ///
    /// # Errors
    /// Whatever is wrong first, with its byte offset; also a reply about several items of which none, or more than one,
    /// is ours.
    pub fn decode_reply(
        &self,
        plan: &OperationPlan,
        bytes: &[u8],
        expected: &Expected<'_>,
    ) -> Result<Answered, Refusal> {
        let context = Context { adapter: self, plan, settings: expected.settings };
        envelope::open(&context, Bytes::Reply(bytes), &mut NoTrace, |taken| reply::judge(&context, &taken, expected))
    }

    /// The same for the message alone, without frame, prefix or Base64.
    ///
    /// # Errors
    /// As for [`decode_reply`](Self::decode_reply).
    pub fn decode_reply_message(
        &self,
        plan: &OperationPlan,
        message: &[u8],
        expected: &Expected<'_>,
    ) -> Result<Answered, Refusal> {
        let context = Context { adapter: self, plan, settings: expected.settings };
        let bytes = Bytes::ReplyMessage(message);
        envelope::open(&context, bytes, &mut NoTrace, |taken| reply::judge(&context, &taken, expected))
    }
}

/// Reads a message for whoever watches, and keeps nothing of it.
pub(in crate::adapter) fn watch<T: Trace>(
    context: &Context<'_>,
    bytes: Bytes<'_>,
    trace: &mut T,
) -> Result<(), Refusal> {
    let whole = matches!(bytes, Bytes::Request(_) | Bytes::RequestMessage(_));
    envelope::open(context, bytes, trace, |taken| if whole { request::incoming(taken).map(|_| ()) } else { Ok(()) })
}

/// Reads the (sealed) message in `bytes`, which begin at `base` of the layer, and hands over what was read.
fn message<'p, T: Trace, R>(
    context: &Context<'p>,
    plan: &'p MessagePlan,
    bytes: &[u8],
    base: usize,
    taken: Taken<'p, 'static>,
    trace: &mut T,
    finish: impl FnOnce(Taken<'_, '_>) -> Result<R, Refusal>,
) -> Result<R, Refusal> {
    let (inner, base) = match &plan.seal {
        Some(sealing) => {
            let key = setting(context.adapter, context.settings, sealing.key)?;
            let (inner, at) = seal::open(sealing, key, bytes, base)?;
            let begins = base.saturating_add(at);
            if T::ON {
                let ends = begins.saturating_add(inner.len());
                let beside = if at > 0 { (base, begins) } else { (ends, base.saturating_add(bytes.len())) };
                let (start, end) = beside;
                let (picture, text, spelling) = (None, None, Spelling::Exact);
                let (field, kind) = ("seal", Kind::Wrapping);
                trace.piece(Piece { start, end, field, picture, text, kind, spelling });
            }
            (inner, begins)
        }
        None => (bytes, base),
    };
    let mut taken = taken;
    match &plan.layout {
        Layout::Record(layout) => {
            let (charset, keep, at, stood) = (plan.charset, borrowed as _, 0, None);
            RecordReader { context, charset, bytes: inner, base, keep, trace, at, stood }.record(layout, &mut taken)?;
            taken.complete()?;
            finish(taken)
        }
        Layout::Xml(layout) => {
            let text = plan.charset.decode(inner).map_err(|error| {
                let rule = Phrase::new("adapter-charset").with("charset", plan.charset.name());
                Refusal::undecodable(base.saturating_add(error.at), rule).coded("charset")
            })?;
            let source = xml::XmlSource { context, charset: plan.charset, bytes: inner, text: &text, base };
            xml::read(source, layout, &mut taken, trace)?;
            taken.complete()?;
            finish(taken)
        }
    }
}

/// Keeps a text as it is.
fn borrowed(text: Cow<'_, str>) -> Cow<'_, str> {
    text
}
