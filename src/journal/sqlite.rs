//! The engine of one machine: SQLite behind one writer thread, readers beside it.

use std::collections::HashMap;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, OnceLock, PoisonError};
use std::thread::JoinHandle;

use jiff::Timestamp;
use jiff::civil::Date;
use rusqlite::config::DbConfig;
use tokio::sync::{mpsc, oneshot, watch};

use super::chain::sha256;
use super::keys::Keys;
use super::open::{self, Directory, OpenError, Settings};
use super::reader::{self, Readers};
use super::record::fits;
use super::types::{
    Advanced, BodyKind, Change, Claim, Claimed, Entry, Feed, Filter, Intent, JournalError, Message, MessageId,
    NewDelivery, Refusal, RuleSwitch, Tally, Then,
};
use super::work::{Outcome, SealedThen, SealedWire, Work};
use super::writer::{self, Failure, Job, Order, Watch};
use super::{Journal, Later, feed, manifest};
use crate::life::{Event, State};
use crate::message::Operation;

/// How many verbs may wait for the writer; more wait in their callers.
const QUEUE: usize = 4_096;

/// A journal in a data directory.
pub struct SqliteJournal {
    orders: Option<mpsc::Sender<Order>>,
    thread: Option<JoinHandle<()>>,
    readers: Arc<Readers>,
    keys: Arc<Keys>,
    failure: Failure,
    end: watch::Receiver<i64>,
    fence: u64,
    recovered: Mutex<Vec<Message>>,
    lanes: Mutex<HashMap<(String, Date, u8), u64>>,
}

impl std::fmt::Debug for SqliteJournal {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("SqliteJournal").field("fence", &self.fence).field("failure", &self.failure).finish()
    }
}

/// What the writer's thread has found when it is ready.
struct Ready {
    fence: u64,
    recovered: Vec<Message>,
}

impl SqliteJournal {
    /// Takes the directory, checks and recovers what is there, and starts the writer. Blocks while it does.
    pub fn open(settings: Settings, keys: Arc<Keys>) -> Result<SqliteJournal, OpenError> {
        let directory = open::directory(&settings, &keys)?;
        let readers = Arc::new(Readers::new(open::file(&settings.dir), Arc::clone(&keys)));
        let failure: Failure = Arc::new(OnceLock::new());
        let (orders, queue) = mpsc::channel(QUEUE);
        let (grew, end) = watch::channel(0);
        let (tell, told) = std::sync::mpsc::sync_channel(1);
        let thread = {
            let (keys, failure) = (Arc::clone(&keys), Arc::clone(&failure));
            let work = move || write(&settings, directory, &keys, (queue, grew), &failure, &tell);
            std::thread::Builder::new().name("journal".to_owned()).spawn(work)?
        };
        let told = told.recv().map_err(|_| OpenError::Damaged("the writer ended at its start".to_owned()));
        let ready = match told.flatten() {
            Ok(ready) => ready,
            Err(error) => {
                // The thread has the lock until it ends. What it has to say, it has said.
                let _ = thread.join();
                return Err(error);
            }
        };
        Ok(SqliteJournal {
            orders: Some(orders),
            thread: Some(thread),
            readers,
            keys,
            failure,
            end,
            fence: ready.fence,
            recovered: Mutex::new(ready.recovered),
            lanes: Mutex::default(),
        })
    }

    /// The keys: for fingerprints and serials.
    pub fn keys(&self) -> &Keys {
        &self.keys
    }

    async fn ask(&self, work: Work) -> Result<Outcome, JournalError> {
        let (reply, answer) = oneshot::channel();
        self.order(Order::Do(Box::new(Job { work, reply }))).await?;
        // The work was taken from the queue and nobody told its end: it may have been committed.
        answer.await.map_err(|_| JournalError::InDoubt("the writer has ended by itself".to_owned()))?
    }

    async fn order(&self, order: Order) -> Result<(), JournalError> {
        if let Some(cause) = self.failure.get() {
            return Err(JournalError::Unhealthy(cause.clone()));
        }
        match &self.orders {
            Some(orders) => orders.send(order).await.map_err(|_| self.gone()),
            None => Err(self.gone()),
        }
    }

    fn gone(&self) -> JournalError {
        match self.failure.get() {
            Some(cause) => JournalError::Unhealthy(cause.clone()),
            None => JournalError::Unavailable("closed".to_owned()),
        }
    }

    async fn ask_advanced(&self, work: Work) -> Result<Advanced, JournalError> {
        match self.ask(work).await? {
            Outcome::Advanced(advanced) => Ok(*advanced),
            Outcome::Claimed(_) | Outcome::Done => Err(self.gone()),
        }
    }

    fn seal_wire(&self, id: MessageId, delivery: &NewDelivery) -> Result<SealedWire, JournalError> {
        check("serial", &delivery.serial)?;
        check("scope", &delivery.scope)?;
        let sealed = self.keys.seal(id, BodyKind::Wire, &delivery.bytes)?;
        Ok(SealedWire { sealed, digest: sha256(&delivery.bytes) })
    }

    fn claim_work(&self, mut claim: Claim) -> Result<Work, JournalError> {
        let moves = claim.operation == Operation::PaymentPay;
        if claim.fen < i64::from(moves) {
            return Err(JournalError::Malformed("amount"));
        }
        for (name, value) in
            [("org", &claim.org), ("key", &claim.key), ("bank", &claim.bank), ("adapter", &claim.adapter)]
        {
            check(name, value)?;
        }
        check("order", claim.order.as_deref().unwrap_or_default())?;
        let then = match &mut claim.then {
            Then::Send(delivery) => {
                let wire = self.seal_wire(claim.id, delivery)?;
                delivery.bytes = Vec::new();
                SealedThen::Send(wire)
            }
            Then::Enter(response) => {
                let body = std::mem::take(&mut response.body);
                SealedThen::Enter(self.keys.seal(claim.id, BodyKind::Response, &body)?)
            }
            Then::Hold(reason) => {
                check("reason", reason)?;
                SealedThen::Nothing
            }
            Then::Wait | Then::Release => SealedThen::Nothing,
        };
        let request = self.keys.seal(claim.id, BodyKind::Request, &std::mem::take(&mut claim.request))?;
        Ok(Work::Claim { claim: Box::new(claim), request, then })
    }

    fn intend_work(&self, intent: Intent) -> Result<Work, JournalError> {
        let Intent { id, at, fence, dated_today, delivery, policy } = intent;
        let first = match delivery {
            None => None,
            Some(mut delivery) => {
                let wire = self.seal_wire(id, &delivery)?;
                delivery.bytes = Vec::new();
                Some((delivery, wire))
            }
        };
        Ok(Work::Intend { id, at, fence, dated_today, policy, first })
    }

    fn advance_work(&self, mut change: Change) -> Result<Work, JournalError> {
        if matches!(change.event, Event::Intended { .. }) {
            return Err(JournalError::Malformed("event"));
        }
        check("reason", change.evidence.reason.as_deref().unwrap_or_default())?;
        check("bank serial", change.evidence.bank_serial.as_deref().unwrap_or_default())?;
        if let Event::CannotEncode { field } = &change.event {
            check("field", field)?;
        }
        if let Some(people) = change.event.people() {
            check("person", people.first())?;
            check("person", people.second())?;
        }
        let id = change.id;
        let answer = change.evidence.answer.take();
        let answer = answer.map(|bytes| self.keys.seal(id, BodyKind::Answer, &bytes)).transpose()?;
        let response = match change.evidence.response.take() {
            None => None,
            Some(mut response) => {
                let body = std::mem::take(&mut response.body);
                let sealed = self.keys.seal(id, BodyKind::Response, &body)?;
                Some((response, sealed))
            }
        };
        Ok(Work::Advance { change: Box::new(change), answer, response })
    }

    async fn next_on_lane(&self, bank: &str, date: Date, shard: u8) -> Result<u64, JournalError> {
        let lane = (bank.to_owned(), date, shard);
        let known = self.lanes.lock().unwrap_or_else(PoisonError::into_inner).contains_key(&lane);
        let stored = if known { 0 } else { self.lane_high_water(bank, date, shard).await? };
        let mut lanes = self.lanes.lock().unwrap_or_else(PoisonError::into_inner);
        let number = lanes.entry(lane).or_insert(stored);
        *number = number.saturating_add(1);
        Ok(*number)
    }
}

/// A value that will stand in the chain.
fn check(name: &'static str, value: &str) -> Result<(), JournalError> {
    if fits(value) { Ok(()) } else { Err(JournalError::Malformed(name)) }
}

/// The writer's thread, from opening to closing.
fn write(
    settings: &Settings,
    directory: Directory,
    keys: &Arc<Keys>,
    (mut queue, grew): (mpsc::Receiver<Order>, watch::Sender<i64>),
    failure: &Failure,
    tell: &std::sync::mpsc::SyncSender<Result<Ready, OpenError>>,
) {
    let watch = Watch::over(failure);
    let connection = match open::connect(settings, directory.was_closed) {
        Ok(connection) => connection,
        Err(error) => return drop(tell.send(Err(error))),
    };
    let start = || -> Result<_, OpenError> {
        let head = open::head(&connection, keys)?;
        // Accepted: from here on the directory is in use.
        manifest::remove(&settings.dir)?;
        let fence = open::own(&connection, settings.clock.now())?;
        let mut writer = open::writer(&connection, Arc::clone(keys), settings.clock, head, fence)?;
        let recovered = open::recover(&connection, &mut writer)?;
        Ok((writer, Ready { fence, recovered }))
    };
    let mut writer = match start() {
        Ok((writer, ready)) => {
            if tell.send(Ok(ready)).is_err() {
                return;
            }
            writer
        }
        Err(error) => return drop(tell.send(Err(error))),
    };
    let close = writer::run(&mut writer, &mut queue, &grew, failure);
    watch.end();
    drop(writer);
    if failure.get().is_some() {
        // Nothing is tried again, not even by SQLite: its last connection would copy the log while it closes.
        let _ = connection.set_db_config(DbConfig::SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, true);
    }
    let Some(reply) = close else { return };
    let checked = writer::checkpoint(&connection);
    let closed = connection.close().map_err(|(_, error)| JournalError::from(error));
    let failed = failure.get().map_or(Ok(()), |cause| Err(JournalError::Unhealthy(cause.clone())));
    let ended = failed.and(checked).and(closed).and_then(|()| {
        manifest::write(&settings.dir, keys).map_err(|error| JournalError::Unavailable(error.to_string()))
    });
    // The lock is held until the manifest is durable.
    drop(directory.lock);
    // The caller may have gone; the directory is closed all the same.
    let _ = reply.send(ended);
}

impl Drop for SqliteJournal {
    fn drop(&mut self) {
        // Without orders the writer ends, after everything that was queued.
        self.orders = None;
        if let Some(thread) = self.thread.take() {
            // A panic of the writer has already shown as answers that never came.
            let _ = thread.join();
        }
    }
}

impl Journal for SqliteJournal {
    fn claim(&self, claim: Claim) -> Later<'_, Claimed> {
        Box::pin(async move {
            match self.ask(self.claim_work(claim)?).await {
                Ok(Outcome::Claimed(claimed)) => Ok(claimed),
                Ok(Outcome::Advanced(_) | Outcome::Done) => Err(self.gone()),
                Err(JournalError::SerialTaken) => Ok(Claimed::SerialTaken),
                Err(error) => Err(error),
            }
        })
    }

    fn intend(&self, intent: Intent) -> Later<'_, Advanced> {
        Box::pin(async move { self.ask_advanced(self.intend_work(intent)?).await })
    }

    fn advance(&self, change: Change) -> Later<'_, Advanced> {
        Box::pin(async move { self.ask_advanced(self.advance_work(change)?).await })
    }

    fn refuse(&self, refusal: Refusal) -> Later<'_, ()> {
        Box::pin(async move {
            check("org", &refusal.org)?;
            check("code", &refusal.code)?;
            self.ask(Work::Refuse(refusal)).await.map(|_| ())
        })
    }

    fn switch(&self, switch: RuleSwitch) -> Later<'_, ()> {
        Box::pin(async move {
            check("first", switch.people.first())?;
            check("second", switch.people.second())?;
            self.ask(Work::Switch(switch)).await.map(|_| ())
        })
    }

    fn find_twin(&self, twin: [u8; 32]) -> Later<'_, Option<MessageId>> {
        Box::pin(self.readers.read(move |connection, _| reader::find_twin(connection, &twin)))
    }

    fn find(&self, id: MessageId) -> Later<'_, Option<Message>> {
        Box::pin(self.readers.read(move |connection, _| reader::find(connection, id)))
    }

    fn find_key(&self, org: &str, operation: &str, key: &str) -> Later<'_, Option<Message>> {
        let (org, operation, key) = (org.to_owned(), operation.to_owned(), key.to_owned());
        Box::pin(self.readers.read(move |connection, _| reader::find_key(connection, (&org, &operation, &key))))
    }

    fn find_serial(&self, bank: &str, scope: &str, serial: &str) -> Later<'_, Option<Message>> {
        let (bank, scope, serial) = (bank.to_owned(), scope.to_owned(), serial.to_owned());
        Box::pin(self.readers.read(move |connection, _| reader::find_serial(connection, (&bank, &scope, &serial))))
    }

    fn list(&self, filter: Filter, after: Option<MessageId>, limit: u32) -> Later<'_, Vec<Message>> {
        Box::pin(self.readers.read(move |connection, _| reader::list(connection, &filter, after, limit)))
    }

    fn due(&self, bank: &str, states: &'static [State], now: Timestamp, limit: u32) -> Later<'_, Vec<Message>> {
        let (bank, now) = (bank.to_owned(), now.as_microsecond());
        Box::pin(self.readers.read(move |connection, _| reader::due(connection, &bank, states, now, limit)))
    }

    fn feed(&self, after: i64, limit: usize) -> Later<'_, Feed> {
        Box::pin(self.readers.read(move |connection, _| feed::read(connection, after, limit)))
    }

    fn end(&self) -> watch::Receiver<i64> {
        self.end.clone()
    }

    fn tally(&self) -> Later<'_, Vec<Tally>> {
        Box::pin(self.readers.read(move |connection, _| reader::tally(connection)))
    }

    fn body(&self, id: MessageId, kind: BodyKind) -> Later<'_, Option<Vec<u8>>> {
        Box::pin(self.readers.read(move |connection, keys| reader::body(connection, keys, id, kind)))
    }

    fn timeline(&self, id: MessageId) -> Later<'_, Vec<Entry>> {
        Box::pin(self.readers.read(move |connection, _| reader::timeline(connection, id)))
    }

    fn lane_next(&self, bank: &str, date: Date, shard: u8) -> Later<'_, u64> {
        let bank = bank.to_owned();
        Box::pin(async move { self.next_on_lane(&bank, date, shard).await })
    }

    fn lane_high_water(&self, bank: &str, date: Date, shard: u8) -> Later<'_, u64> {
        let (bank, date) = (bank.to_owned(), date.to_string());
        Box::pin(self.readers.read(move |connection, _| reader::lane_high_water(connection, &bank, &date, shard)))
    }

    fn recovered(&self) -> Vec<Message> {
        std::mem::take(&mut *self.recovered.lock().unwrap_or_else(PoisonError::into_inner))
    }

    fn fence(&self) -> u64 {
        self.fence
    }

    fn failure(&self) -> Option<String> {
        self.failure.get().cloned()
    }

    fn close(&self) -> Later<'_, ()> {
        Box::pin(async move {
            let readers = Arc::clone(&self.readers);
            let waited = tokio::task::spawn_blocking(move || readers.close());
            waited.await.map_err(|error| JournalError::Unavailable(error.to_string()))?;
            let (reply, answer) = oneshot::channel();
            self.order(Order::Close(reply)).await?;
            answer.await.map_err(|_| self.gone())?
        })
    }
}

/// The default place of the key file below a data directory: for demonstrations. A real installation keeps it elsewhere.
pub fn default_key_file(dir: &std::path::Path) -> PathBuf {
    dir.join("keys").join("journal.key")
}
