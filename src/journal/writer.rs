//! The one writer thread: takes what is queued, up to a group's size, writes it in one transaction, answers after the
//! commit.
//!
//! The first failure of the storage ends all writing of this process: after a failed sync nobody can know what the disk
//! holds, so nothing is tried again; the next process reads what is there. A writer that ends in any other way than by
//! being closed counts as such a failure.

use std::sync::{Arc, OnceLock};

use rusqlite::Connection;
use tokio::sync::{mpsc, oneshot, watch};

use super::apply::Writer;
use super::chain::Head;
use super::types::JournalError;
use super::work::{Fault, Outcome, Work};

/// The most verbs in one transaction.
pub(super) const GROUP: usize = 1_024;

/// A verb's work and where its answer goes.
pub(super) struct Job {
    pub(super) work: Work,
    pub(super) reply: oneshot::Sender<Result<Outcome, JournalError>>,
}

/// What comes through the queue.
pub(super) enum Order {
    Do(Box<Job>),
    Close(oneshot::Sender<Result<(), JournalError>>),
}

/// Set once, when the storage has failed.
pub(super) type Failure = Arc<OnceLock<String>>;

/// Says that the storage has failed when the writer ends without having been told to.
pub(super) struct Watch<'f>(Option<&'f Failure>);

impl<'f> Watch<'f> {
    pub(super) fn over(failure: &'f Failure) -> Watch<'f> {
        Watch(Some(failure))
    }

    /// The writer ends as it should.
    pub(super) fn end(mut self) {
        self.0 = None;
    }
}

impl Drop for Watch<'_> {
    fn drop(&mut self) {
        if let Some(failure) = self.0 {
            // A failure that came before is the better cause.
            let _ = failure.set("the writer has ended by itself".to_owned());
        }
    }
}

/// Works until the queue ends or a close is asked for; gives back whom to tell that it is closed.
pub(super) fn run(
    writer: &mut Writer<'_>,
    queue: &mut mpsc::Receiver<Order>,
    grew: &watch::Sender<i64>,
    failure: &Failure,
) -> Option<oneshot::Sender<Result<(), JournalError>>> {
    grew.send_replace(writer.head.seq);
    let mut orders = Vec::with_capacity(GROUP);
    let mut jobs = Vec::with_capacity(GROUP);
    while queue.blocking_recv_many(&mut orders, GROUP) > 0 {
        let mut close = None;
        for order in orders.drain(..) {
            match order {
                Order::Do(job) => jobs.push(*job),
                Order::Close(reply) => close = Some(reply),
            }
        }
        group(writer, &mut jobs, failure);
        grew.send_replace(writer.head.seq);
        if close.is_some() {
            return close;
        }
    }
    None
}

fn group(writer: &mut Writer<'_>, jobs: &mut Vec<Job>, failure: &Failure) {
    let mut answers: Vec<Option<Result<Outcome, JournalError>>> = jobs.iter().map(|_| None).collect();
    let ended = if let Some(cause) = failure.get() { Err(storage(cause)) } else { commit(writer, jobs, &mut answers) };
    if let Err(JournalError::Unhealthy(cause) | JournalError::InDoubt(cause)) = &ended {
        // A second failure keeps the first cause.
        let _ = failure.set(cause.clone());
    }
    for (job, answer) in jobs.drain(..).zip(answers) {
        let answer = match (&ended, answer) {
            (Err(error), _) => Err(error.clone()),
            (Ok(()), Some(answer)) => answer,
            (Ok(()), None) => Err(JournalError::Unavailable("not reached".to_owned())),
        };
        // A caller that has gone away finds its answer under its key.
        let _ = job.reply.send(answer);
    }
}

fn storage(cause: &str) -> JournalError {
    JournalError::Unhealthy(cause.to_owned())
}

/// Everything in one transaction. Work that must be undone is answered and the group is begun again without it.
fn commit(
    writer: &mut Writer<'_>,
    jobs: &[Job],
    answers: &mut [Option<Result<Outcome, JournalError>>],
) -> Result<(), JournalError> {
    let mut undone = vec![false; jobs.len()];
    loop {
        let before = (writer.head, writer.next_delivery);
        match attempt(writer, jobs, answers, &mut undone, before.0) {
            Ok(()) => return Ok(()),
            Err(fault) => {
                (writer.head, writer.next_delivery) = before;
                // Fails only when SQLite has rolled back already.
                let _ = writer.statements.rollback.execute([]);
                match fault {
                    Fault::Undo(_) => {}
                    Fault::Refused(error) => return Err(error),
                    Fault::Busy(cause) => return Err(JournalError::Unavailable(cause)),
                    Fault::Storage(cause) => return Err(storage(&cause)),
                    Fault::InDoubt(cause) => return Err(JournalError::InDoubt(cause)),
                }
            }
        }
    }
}

fn attempt(
    writer: &mut Writer<'_>,
    jobs: &[Job],
    answers: &mut [Option<Result<Outcome, JournalError>>],
    undone: &mut [bool],
    before: Head,
) -> Result<(), Fault> {
    writer.statements.begin.execute([])?;
    for ((job, answer), undone) in jobs.iter().zip(answers.iter_mut()).zip(undone.iter_mut()).filter(|(_, it)| !**it) {
        match writer.apply(&job.work) {
            Ok(outcome) => *answer = Some(Ok(outcome)),
            Err(Fault::Refused(error)) => *answer = Some(Err(error)),
            Err(Fault::Undo(error)) => {
                *answer = Some(Err(error.clone()));
                *undone = true;
                return Err(Fault::Undo(error));
            }
            Err(fault @ (Fault::Busy(_) | Fault::Storage(_) | Fault::InDoubt(_))) => return Err(fault),
        }
    }
    finish(writer, before)
}

/// Moves the head, if the chain grew, and commits.
///
/// A commit that fails is in doubt, not undone: its frames may stand in the log and be read at the next start, though the
/// sync behind them failed.
pub(super) fn finish(writer: &mut Writer<'_>, before: Head) -> Result<(), Fault> {
    if writer.head != before {
        let mac = writer.head.mac(&writer.keys);
        let head = writer.head;
        let row = rusqlite::params![head.seq, head.hash, mac];
        writer.statements.move_head.execute(row).map_err(|error| Fault::of_store(&error))?;
    }
    writer.statements.commit.execute([]).map_err(|error| Fault::InDoubt(error.to_string()))?;
    Ok(())
}

/// Copies the log into the database and empties it.
pub(super) fn checkpoint(connection: &Connection) -> Result<(), JournalError> {
    let busy: i64 = connection
        .query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |row| row.get(0))
        .map_err(|error| storage(&error.to_string()))?;
    if busy == 0 { Ok(()) } else { Err(JournalError::Unavailable("another program is reading the journal".to_owned())) }
}

#[cfg(test)]
mod tests;
