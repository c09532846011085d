//! One bank as the gateway sees it: adapter, link, policy, and whether its lane is open.

use std::collections::HashMap;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, PoisonError, RwLock};
use std::time::Duration;

use jiff::Timestamp;
use jiff::civil::{Date, Time};

use crate::adapter::plan::{Adapter, FramePlan, OperationPlan};
use crate::adapter::runtime::Settings;
use crate::adapter::{Direction, FrameProgress as Cursor};
use crate::clock::{self, Clock};
use crate::journal::Message;
use crate::life::BankPolicy;
use crate::link::{BadFrame, FrameProgress, FrameReader, Framing, Link, Transport};
use crate::message::Operation;

/// An adapter with the link's settings in its order. A message stays with the one it was encoded by.
#[derive(Clone)]
pub struct Pinned {
    /// The checked plan.
    pub adapter: Arc<Adapter>,
    /// The link's settings.
    pub settings: Arc<Settings>,
    /// How its messages travel.
    pub transport: Transport,
    /// What the interface allows for payments, by this adapter; durations are already on the clock.
    payments: BankPolicy,
}

impl Pinned {
    /// An adapter on a link with these settings. `None` for an HTTP method or content type that no request can carry.
    pub fn new(adapter: Arc<Adapter>, settings: Settings, clock: Clock) -> Option<Pinned> {
        let (transport, payments) = (transport(&adapter)?, policy(&adapter, clock));
        Some(Pinned { adapter, settings: Arc::new(settings), transport, payments })
    }

    /// What may be done with a message of an operation. No dialect has a query for what moves no money.
    pub const fn policy(&self, operation: Operation) -> BankPolicy {
        if operation.is_payment() {
            return self.payments;
        }
        BankPolicy { has_query: false, repeatable: operation.is_repeatable(), ..self.payments }
    }

    /// The plan of an operation, where this dialect has it.
    pub fn plan(&self, operation: Operation) -> Option<&OperationPlan> {
        self.adapter.operations.get(&operation)
    }
}

/// One paying bank.
pub struct Bank {
    /// The adapter's id, the `bank` of a payment.
    pub id: String,
    /// The adapter in force: new messages are encoded with it.
    pub current: Pinned,
    /// How the bank is reached.
    pub link: Arc<Link>,
    /// From this time of day at UTC+8 on, the business date is tomorrow's.
    pub cut_over: Time,
    older: RwLock<HashMap<String, Pinned>>,
    open: AtomicBool,
}

impl Bank {
    /// A bank whose lane is still closed: recovery opens it.
    pub fn new(id: String, current: Pinned, link: Arc<Link>, cut_over: Time) -> Bank {
        Bank { id, current, link, cut_over, older: RwLock::default(), open: AtomicBool::new(false) }
    }

    /// Makes an archived adapter known, for messages that are pinned to it.
    pub fn remember(&self, pinned: Pinned) {
        let mut older = self.older.write().unwrap_or_else(PoisonError::into_inner);
        older.insert(pinned.adapter.digest.clone(), pinned);
    }

    /// The adapter that a message is pinned to; `None` when neither the current nor an archived one has this digest.
    pub fn pinned(&self, digest: &str) -> Option<Pinned> {
        if self.current.adapter.digest == digest {
            return Some(self.current.clone());
        }
        self.older.read().unwrap_or_else(PoisonError::into_inner).get(digest).cloned()
    }

    /// What may be done with a message, by the adapter that it is pinned to. Where that is not there, nothing can be asked and
    /// nothing sent again: people have to look.
    pub fn policy(&self, message: &Message, clock: Clock) -> BankPolicy {
        let pinned = self.pinned(&message.adapter);
        pinned.map_or_else(|| BankPolicy::CAREFUL.on(clock), |pinned| pinned.policy(message.operation))
    }

    /// Whether new sends may start: what the previous process left in flight has been asked about.
    pub fn lane_is_open(&self) -> bool {
        self.open.load(Ordering::Acquire)
    }

    /// Lets new sends start.
    pub fn open_lane(&self) {
        self.open.store(true, Ordering::Release);
    }

    /// The business date of an instant at this bank.
    pub fn business_date(&self, at: Timestamp) -> Date {
        clock::business_date(at, self.cut_over)
    }
}

const HOUR: u64 = 3_600;

/// The policy that an adapter's serial, query and delivery rules amount to, on this clock.
pub fn policy(adapter: &Adapter, clock: Clock) -> BankPolicy {
    let hours = |hours: u64| Duration::from_secs(hours.saturating_mul(HOUR));
    BankPolicy {
        has_query: adapter.query.supported,
        // A "not found" of a query that is not authoritative is no evidence, so nothing may be sent again on its word.
        refuses_duplicate_serial: adapter.serial.refuses_duplicates && adapter.query.authoritative,
        resends_same_bytes: !adapter.delivery.today_only,
        wants_todays_date: adapter.delivery.today_only,
        retry_horizon: hours(adapter.delivery.resend_hours),
        resend_horizon: hours(adapter.delivery.resend_hours),
        resolve_horizon: hours(adapter.delivery.unknown_hours),
        ..BankPolicy::CAREFUL
    }
    .on(clock)
}

/// How the messages of an adapter travel, in the words of the link. `None` for an HTTP method or content type that no
/// request can carry.
fn transport(adapter: &Arc<Adapter>) -> Option<Transport> {
    match &adapter.wire.frames {
        Some(_) => Some(Transport::Tcp { framing: framing(adapter, Direction::Reply)? }),
        None => adapter.http().and_then(|http| {
            Some(Transport::Http { method: http.method.parse().ok()?, content_type: http.content_type.parse().ok()? })
        }),
    }
}

/// How the messages of one direction are told apart on a stream; `None` over HTTP.
pub fn framing(adapter: &Arc<Adapter>, direction: Direction) -> Option<Framing> {
    let (request, reply) = adapter.wire.frames.as_ref()?;
    let frame = if direction == Direction::Request { request } else { reply };
    let to_end = matches!(frame, FramePlan::ToEnd);
    Some(if to_end { Framing::ToEnd } else { Framing::Frames(Arc::new(Frames(Arc::clone(adapter), direction))) })
}

/// Finds the end of a message by the adapter's frame.
struct Frames(Arc<Adapter>, Direction);

impl FrameReader for Frames {
    fn need(&self, so_far: &[u8]) -> Result<FrameProgress, BadFrame> {
        match self.0.frame_reader(self.1).need(so_far) {
            Ok(Cursor::More(missing)) => Ok(FrameProgress::More(missing)),
            Ok(Cursor::Complete(length)) => Ok(FrameProgress::Complete(length)),
            // A message that ends with the stream has its own framing and never comes here.
            Ok(Cursor::ToEnd) | Err(_) => Err(BadFrame),
        }
    }
}
