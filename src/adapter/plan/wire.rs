//! How a message's bytes travel: frames over TCP, target and form over HTTP.

use super::{RecordField, ValuePlan};

/// The two ways bytes travel.
#[derive(Debug)]
pub enum Transport {
    /// Bare TCP (TLS below it), with a frame each way.
    Tcp {
        /// Frame of requests.
        request: FramePlan,
        /// Frame of replies.
        reply: FramePlan,
    },
    /// HTTP/1.1.
    Http(HttpPlan),
}

/// Where a message begins and ends on a stream.
#[derive(Debug, Clone)]
pub enum FramePlan {
    /// A header with the length in it.
    Prefix {
        /// The header, with exactly one `Source::FrameLength` field.
        header: Vec<RecordField>,
        /// Sum of the header's widths, bytes.
        header_len: usize,
        /// The number counts header and body (else body only).
        counts_all: bool,
    },
    /// Until the peer closes.
    ToEnd,
    /// Always this many bytes.
    Fixed(usize),
    /// Until LF, which is part of the frame.
    Line,
    /// Until this end tag of an XML message's root, `</TX>`.
    EndTag(String),
}

/// An HTTP dialect.
#[derive(Debug)]
pub struct HttpPlan {
    /// e.g. `POST`.
    pub method: String,
    /// Request target: literals and values, values percent-encoded.
    pub target: Vec<TargetPart>,
    /// `Content-Type` of the request.
    pub content_type: String,
    /// Ordered form fields; empty: the body is the message itself.
    pub form: Vec<FormField>,
    /// Text that may or must stand before the answer's message.
    pub reply_prefix: String,
    /// The prefix may be missing.
    pub reply_prefix_optional: bool,
    /// The answer's message is Base64.
    pub reply_base64: bool,
}

/// A piece of a request target.
#[derive(Debug, Clone)]
pub enum TargetPart {
    /// As it stands.
    Literal(String),
    /// A value.
    Value(ValuePlan),
}

/// One field of a form body.
#[derive(Debug)]
pub struct FormField {
    /// Its name.
    pub name: String,
    /// What it holds.
    pub content: FormContent,
}

/// What a form field holds.
#[derive(Debug)]
pub enum FormContent {
    /// Always this text.
    Literal(String),
    /// A value.
    Value(ValuePlan),
    /// The (sealed) message bytes, percent-encoded.
    Message,
}
