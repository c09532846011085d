//! How a delivery, or the wish for one, ends.

use std::time::Duration;

use crate::lang::Phrase;

/// The end of one delivery.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Delivery {
    /// No byte of the request left this process: safe to try again.
    NotSent(Unsent),
    /// One whole answer, as the bank sent it.
    Answered(Vec<u8>),
    /// A byte may have reached the bank, and no whole answer came back.
    Unknown(Unknown),
}

/// Why nothing was sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Unsent {
    /// The link is closed.
    Closed,
    /// The bank's host name has no address.
    Resolve,
    /// The bank refuses the connection, or cannot be reached.
    Connect,
    /// The connect deadline passed before the handshake was done.
    ConnectTimeout,
    /// The TLS handshake failed: a certificate that is expired, revoked, for another name or from another authority, or
    /// no common version.
    Handshake,
    /// A link without TLS leads off this machine.
    NotLoopback,
    /// The HTTP request target cannot be written as one.
    Target,
}

impl Unsent {
    /// Stable code for the journal.
    pub fn code(self) -> &'static str {
        match self {
            Self::Closed => "link-closed",
            Self::Resolve => "name-not-found",
            Self::Connect => "connect-refused",
            Self::ConnectTimeout => "connect-timeout",
            Self::Handshake => "tls-refused",
            Self::NotLoopback => "not-loopback",
            Self::Target => "bad-request-target",
        }
    }

    /// In words.
    pub fn phrase(self) -> Phrase {
        match self {
            Self::Closed => Phrase::new("front-link-closed"),
            Self::Resolve => Phrase::new("front-link-resolve"),
            Self::Connect => Phrase::new("front-link-connect"),
            Self::ConnectTimeout => Phrase::new("front-link-connect-timeout"),
            Self::Handshake => Phrase::new("front-link-handshake"),
            Self::NotLoopback => Phrase::new("front-link-not-loopback"),
            Self::Target => Phrase::new("front-link-target"),
        }
    }
}

/// Why the outcome is unknown.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Unknown {
    /// Writing failed part of the way.
    Write,
    /// The write deadline passed.
    WriteTimeout,
    /// The answer deadline passed.
    Silence,
    /// The connection ended before the answer was whole.
    Cut,
    /// The answer is longer than the link allows.
    TooLong,
    /// The answer is not framed as the bank's interface says.
    Frame,
    /// The answer is not HTTP.
    Http,
    /// The bank's HTTP server answered with a status other than 200.
    Status(u16),
}

impl Unknown {
    /// Stable code for the journal.
    pub fn code(self) -> &'static str {
        match self {
            Self::Write => "write-failed",
            Self::WriteTimeout => "write-timeout",
            Self::Silence => "no-answer",
            Self::Cut => "answer-cut",
            Self::TooLong => "answer-too-long",
            Self::Frame => "answer-frame",
            Self::Http => "answer-not-http",
            Self::Status(_) => "answer-status",
        }
    }

    /// In words.
    pub fn phrase(self) -> Phrase {
        match self {
            Self::Write => Phrase::new("front-link-write"),
            Self::WriteTimeout => Phrase::new("front-link-write-timeout"),
            Self::Silence => Phrase::new("front-link-silence"),
            Self::Cut => Phrase::new("front-link-cut"),
            Self::TooLong => Phrase::new("front-link-too-long"),
            Self::Frame => Phrase::new("front-link-frame"),
            Self::Http => Phrase::new("front-link-http"),
            Self::Status(status) => Phrase::new("front-link-status").with("status", status),
        }
    }
}

/// What a slot is wanted for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Purpose {
    /// A request that may move money: stopped by an open breaker.
    Send,
    /// A question about one: never stopped.
    Query,
}

/// Why there is no slot.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NoSlot {
    /// All are taken.
    Busy,
    /// The breaker is open.
    Open {
        /// Until it lets one send through to try the bank.
        again_in: Duration,
    },
    /// The link is closed.
    Closed,
}
