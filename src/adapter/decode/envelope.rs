//! What is around a message, opened from the outside in: frame or form, prefix and Base64, then the seal.

use std::borrow::Cow;

use crate::adapter::convert::{self, Spelling};
use crate::adapter::frame::Direction;
use crate::adapter::http;
use crate::adapter::plan::{FormContent, HttpPlan, TargetPart, Transport, ValuePlan};
use crate::adapter::runtime::{Refusal, Wire};
use crate::lang::Phrase;

use super::record::RecordReader;
use super::taken::Taken;
use super::trace::{Kind, Piece, Trace};
use super::{Bytes, Context, message};

/// The outermost layer: the frame, or the HTTP body.
const WIRE: &str = "wire";

/// Opens `bytes`, reads the message in them, and hands over what was read.
pub(super) fn open<'p, T: Trace, R>(
    context: &Context<'p>,
    bytes: Bytes<'_>,
    trace: &mut T,
    finish: impl FnOnce(Taken<'_, '_>) -> Result<R, Refusal>,
) -> Result<R, Refusal> {
    let plan = context.plan;
    match (bytes, &plan.transport) {
        (Bytes::Request(wire), Transport::Http(http)) => request(context, http, wire, trace, finish),
        (Bytes::Reply(body), Transport::Http(http)) => reply(context, http, body, trace, finish),
        (Bytes::Request(wire), Transport::Tcp { .. }) => framed(context, Direction::Request, &wire.body, trace, finish),
        (Bytes::Reply(frame), Transport::Tcp { .. }) => framed(context, Direction::Reply, frame, trace, finish),
        (Bytes::RequestMessage(bytes), _) => {
            trace.layer(WIRE, bytes);
            within_max(context, bytes)?;
            message(context, &plan.request, bytes, 0, Taken::default(), trace, finish)
        }
        (Bytes::ReplyMessage(bytes), _) => {
            trace.layer(WIRE, bytes);
            within_max(context, bytes)?;
            message(context, &plan.reply, bytes, 0, Taken::default(), trace, finish)
        }
    }
}

fn within_max(context: &Context<'_>, bytes: &[u8]) -> Result<(), Refusal> {
    let max = context.adapter.wire.max;
    if bytes.len() > max {
        let rule = Phrase::new("adapter-message-too-long").with("max", max);
        return Err(Refusal::undecodable(max, rule).coded("frame"));
    }
    Ok(())
}

fn framed<'p, T: Trace, R>(
    context: &Context<'p>,
    direction: Direction,
    frame: &[u8],
    trace: &mut T,
    finish: impl FnOnce(Taken<'_, '_>) -> Result<R, Refusal>,
) -> Result<R, Refusal> {
    trace.layer(WIRE, frame);
    within_max(context, frame)?;
    let plan = match direction {
        Direction::Request => &context.plan.request,
        Direction::Reply => &context.plan.reply,
    };
    let cursor = context.adapter.frame_reader(direction);
    let body = cursor.body(frame)?;
    let mut taken: Taken<'p, 'static> = Taken::default();
    let (header, base, charset, at, stood) = (frame.get(..body.start).unwrap_or_default(), 0, plan.charset, 0, None);
    let keep = owned as fn(Cow<'_, str>) -> Cow<'static, str>;
    let fields = cursor.header();
    RecordReader { context, charset, bytes: header, base, keep, trace: &mut *trace, at, stood }
        .fields(fields, &mut taken)
        .map_err(|refusal| refusal.coded("frame"))?;
    let bytes = frame.get(body.clone()).unwrap_or_default();
    let read = message(context, plan, bytes, body.start, taken, trace, finish)?;
    if T::ON && body.end < frame.len() {
        wrapping(trace, body.end, frame.len(), "");
    }
    Ok(read)
}

fn request<'p, T: Trace, R>(
    context: &Context<'p>,
    plan: &'p HttpPlan,
    wire: &Wire,
    trace: &mut T,
    finish: impl FnOnce(Taken<'_, '_>) -> Result<R, Refusal>,
) -> Result<R, Refusal> {
    let mut taken: Taken<'p, 'static> = Taken::default();
    if let Some(bytes) = &wire.target {
        trace.layer("target", bytes);
        target(context, plan, bytes, &mut taken, trace)?;
    }
    trace.layer(WIRE, &wire.body);
    within_max(context, &wire.body)?;
    if plan.form.is_empty() {
        return message(context, &context.plan.request, &wire.body, 0, taken, trace, finish);
    }
    let mut inner = None;
    let mut before = 0;
    for (field, range) in plan.form.iter().zip(http::form(plan, &wire.body)?) {
        let raw = wire.body.get(range.clone()).unwrap_or_default();
        let named = |refusal: Refusal| refusal.in_field(&field.name);
        let bytes = http::unescape(raw, range.start).map_err(named)?;
        tell(trace, (before, range.start), "", &field.name, Kind::Literal);
        before = range.end;
        match &field.content {
            FormContent::Message => {
                wrapping(trace, range.start, range.end, &field.name);
                inner = Some((field.name.as_str(), bytes));
            }
            FormContent::Literal(literal) => {
                let text = text(context, &bytes, range.start).map_err(named)?;
                if text != literal.as_str() {
                    return Err(named(http::refused(range.start, Phrase::new("adapter-literal-differs"))));
                }
                tell(trace, (range.start, range.end), &field.name, &text, Kind::Literal);
            }
            FormContent::Value(value) => {
                let text = text(context, &bytes, range.start).map_err(named)?;
                take(value, &text, range.start, &mut taken).map_err(named)?;
                tell(trace, (range.start, range.end), &field.name, &text, Kind::Value(value));
            }
        }
    }
    let (name, bytes) = inner.ok_or_else(|| http::refused(0, Phrase::new("adapter-cut")))?;
    trace.layer(name, &bytes);
    message(context, &context.plan.request, &bytes, 0, taken, trace, finish)
}

fn reply<'p, T: Trace, R>(
    context: &Context<'p>,
    plan: &'p HttpPlan,
    body: &[u8],
    trace: &mut T,
    finish: impl FnOnce(Taken<'_, '_>) -> Result<R, Refusal>,
) -> Result<R, Refusal> {
    trace.layer(WIRE, body);
    within_max(context, body)?;
    let (bytes, base) = http::open_reply(plan, body)?;
    if base > 0 {
        wrapping(trace, 0, base, "");
    }
    if !plan.reply_base64 {
        return message(context, &context.plan.reply, &bytes, base, Taken::default(), trace, finish);
    }
    wrapping(trace, base, body.len(), "base64");
    trace.layer("message", &bytes);
    message(context, &context.plan.reply, &bytes, 0, Taken::default(), trace, finish)
}

/// The request target: literals as they stand, each value up to the literal behind it.
fn target<'p, T: Trace>(
    context: &Context<'p>,
    plan: &'p HttpPlan,
    bytes: &[u8],
    taken: &mut Taken<'p, 'static>,
    trace: &mut T,
) -> Result<(), Refusal> {
    let mut at = 0_usize;
    for (index, part) in plan.target.iter().enumerate() {
        let rest = bytes.get(at..).unwrap_or_default();
        let length = match part {
            TargetPart::Literal(literal) if rest.starts_with(literal.as_bytes()) => {
                tell(trace, (at, at.saturating_add(literal.len())), "", literal, Kind::Literal);
                literal.len()
            }
            TargetPart::Literal(_) => return Err(http::refused(at, Phrase::new("adapter-literal-differs"))),
            TargetPart::Value(value) => {
                let end = match plan.target.get(index.saturating_add(1)) {
                    Some(TargetPart::Literal(next)) => memchr::memmem::find(rest, next.as_bytes()),
                    Some(TargetPart::Value(_)) | None => None,
                };
                let raw = rest.get(..end.unwrap_or(rest.len())).unwrap_or_default();
                let unescaped = http::unescape(raw, at)?;
                let text = text(context, &unescaped, at)?;
                take(value, &text, at, taken)?;
                tell(trace, (at, at.saturating_add(raw.len())), "", &text, Kind::Value(value));
                raw.len()
            }
        };
        at = at.saturating_add(length);
    }
    if at < bytes.len() {
        return Err(http::refused(at, Phrase::new("adapter-trailing-data")).coded("trailing-data"));
    }
    Ok(())
}

fn take<'p>(value: &'p ValuePlan, text: &str, at: usize, taken: &mut Taken<'p, 'static>) -> Result<(), Refusal> {
    if text.is_empty() {
        return Err(http::refused(at, Phrase::new("adapter-value-missing")));
    }
    let refused = |rule| http::refused(at, rule);
    convert::clean(&value.source, text).map_err(refused)?;
    taken.take(value, Cow::Owned(text.to_owned()), Spelling::Exact, at).map_err(refused)
}

fn text<'b>(context: &Context<'_>, bytes: &'b [u8], at: usize) -> Result<Cow<'b, str>, Refusal> {
    let charset = context.plan.request.charset;
    charset.decode(bytes).map_err(|_| {
        Refusal::undecodable(at, Phrase::new("adapter-charset").with("charset", charset.name())).coded("charset")
    })
}

fn tell<T: Trace>(trace: &mut T, (start, end): (usize, usize), field: &str, text: &str, kind: Kind<'_>) {
    if T::ON {
        let (picture, text, spelling) = (None, Some(text), Spelling::Exact);
        trace.piece(Piece { start, end, field, picture, text, kind, spelling });
    }
}

fn wrapping<T: Trace>(trace: &mut T, start: usize, end: usize, field: &str) {
    if T::ON {
        let (picture, text, spelling, kind) = (None, None, Spelling::Exact, Kind::Wrapping);
        trace.piece(Piece { start, end, field, picture, text, kind, spelling });
    }
}

fn owned(text: Cow<'_, str>) -> Cow<'static, str> {
    Cow::Owned(text.into_owned())
}
