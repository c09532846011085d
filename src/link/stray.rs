//! Answers that nobody waits for: a second one, or one that came after its exchange was given up.
//!
//! They are evidence, and what they mean is not this room's business. Bytes that stand on a connection although no answer
//! is due are read on in a task of their own, within narrow bounds, and each whole answer among them is handed up with the
//! mark of the last delivery that the connection carried. Nobody who sends or asks ever waits for it. What is cut, too
//! long or beyond the bounds is only counted.

use std::time::Duration;

use tokio::sync::mpsc;
use tokio::time::{Instant, timeout_at};

use super::connection::Connection;
use super::frame::{Framing, resume_frame};
use super::http;

/// What the one who sends knows a delivery by. The link only gives it back.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Mark {
    /// What it is about.
    pub subject: [u8; 16],
    /// Which exchange about it.
    pub exchange: u32,
}

/// How long bytes are waited for once the first has come.
const PATIENCE: Duration = Duration::from_secs(1);
/// Answers read from one connection: a bank that talks on without being asked is not listened to for ever.
const MOST: usize = 4;
/// Answers that may wait to be taken up.
pub(super) const QUEUE: usize = 64;

/// A whole answer that nobody waited for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Stray {
    /// The delivery that its connection carried last. It may be about another one.
    pub behind: Mark,
    /// The answer, as the bank sent it.
    pub bytes: Vec<u8>,
}

/// The last delivery of a connection, and how answers to it are told apart.
#[derive(Clone)]
pub(super) struct Behind {
    pub(super) mark: Mark,
    pub(super) replies: Replies,
}

/// How answers stand on a connection.
#[derive(Clone)]
pub(super) enum Replies {
    /// In frames of the bank's own.
    Framed(Framing),
    /// As HTTP responses.
    Http,
}

/// Bytes that were not due.
pub(super) struct Found {
    /// Where more may come from.
    connection: Option<Connection>,
    begun: Vec<u8>,
    behind: Option<Behind>,
}

impl Found {
    /// On a connection that can be read on.
    pub(super) fn on(connection: Connection, begun: Vec<u8>) -> Found {
        Found { behind: connection.behind().cloned(), connection: Some(connection), begun }
    }

    /// On one that is gone.
    pub(super) fn alone(begun: Vec<u8>, behind: Option<Behind>) -> Found {
        Found { connection: None, begun, behind }
    }
}

/// Reads what is whole among the bytes found, and hands it up.
pub(super) async fn gather(found: Found, max: usize, strays: &mpsc::Sender<Stray>) {
    let Found { mut connection, mut begun, behind } = found;
    let Some(Behind { mark, replies }) = behind else { return };
    let (framing, max) = match &replies {
        Replies::Framed(framing) => (framing.clone(), max),
        Replies::Http => (http::responses(), max.saturating_add(http::MAX_HEAD)),
    };
    let deadline = Instant::now() + PATIENCE;
    for _ in 0..MOST {
        let read = match &mut connection {
            Some(connection) => timeout_at(deadline, resume_frame(connection, begun, &framing, max)).await,
            None => Ok(resume_frame(&mut tokio::io::empty(), begun, &framing, max).await),
        };
        let Ok(Ok((frame, beyond))) = read else { return };
        begun = beyond;
        let bytes = match &replies {
            Replies::Framed(_) => Some(frame),
            Replies::Http => http::body_of(&frame),
        };
        let Some(bytes) = bytes else { continue };
        if strays.try_send(Stray { behind: mark, bytes }).is_err() {
            tracing::warn!("an answer that nobody waited for is dropped: too many of them, or nobody takes them");
            return;
        }
    }
}
