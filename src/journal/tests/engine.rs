//! What the SQLite engine adds: groups, guards in the schema, recovery, fail-stop, one process per directory.

use std::path::Path;
use std::sync::Arc;

use rusqlite::Connection;

use super::fixture::*;
use crate::journal::manifest;
use crate::journal::{Claimed, Filter, Journal, JournalError, OpenError, Settings, SqliteJournal, Then};
use crate::life::{Cause, Event, State, Verdict};

fn raw(dir: &Path) -> Connection {
    Connection::open(dir.join("gateway/journal.sqlite")).unwrap()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn sixty_four_claims_at_once_share_commits() {
    let folder = tempfile::tempdir().unwrap();
    let journal = Arc::new(open(folder.path()));
    let keys = keys(folder.path());
    let claims: Vec<_> = (0..64)
        .map(|n| {
            let (journal, claim) = (Arc::clone(&journal), sent(&keys, &format!("key-{n:04}")));
            tokio::spawn(async move { journal.claim(claim).await.unwrap() })
        })
        .collect();
    for claim in claims {
        assert!(matches!(claim.await.unwrap(), Claimed::Won(_)));
    }
    let all = journal.list(Filter::default(), None, 100).await.unwrap();
    assert_eq!(all.len(), 64);
    assert!(all.iter().all(|message| message.state == State::Sending));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn of_a_storm_on_one_key_one_wins() {
    let folder = tempfile::tempdir().unwrap();
    let journal = Arc::new(open(folder.path()));
    let keys = keys(folder.path());
    let storm: Vec<_> = (0..64)
        .map(|_| {
            let (journal, keys) = (Arc::clone(&journal), Arc::clone(&keys));
            tokio::spawn(async move {
                let mut won = 0;
                for n in 0..50 {
                    let claimed = journal.claim(sent(&keys, &format!("key-{n:04}"))).await.unwrap();
                    assert!(matches!(claimed, Claimed::Won(_) | Claimed::Same(_)), "{claimed:?}");
                    won += usize::from(matches!(claimed, Claimed::Won(_)));
                }
                won
            })
        })
        .collect();
    let mut won = 0;
    for one in storm {
        won += one.await.unwrap();
    }
    assert_eq!(won, 50);
    assert_eq!(journal.list(Filter::default(), None, 100).await.unwrap().len(), 50);
}

#[tokio::test]
async fn the_schema_refuses_what_the_program_never_does() {
    let folder = tempfile::tempdir().unwrap();
    let journal = open(folder.path());
    let keys = keys(folder.path());
    let id = won(&journal, sent(&keys, "key-1")).await.id;
    journal.advance(change(id, Event::Answered(Verdict::Yes))).await.unwrap();
    journal.advance(change(id, Event::Returned { fen: 5 })).await.unwrap();
    journal.claim(sent(&keys, "key-2")).await.unwrap();
    let raw = raw(folder.path());
    for sql in [
        "UPDATE message SET state = 'FAILED' WHERE key = 'key-1'",
        "UPDATE message SET reason = 'x' WHERE key = 'key-1'",
        "UPDATE message SET bank_serial = 'x' WHERE key = 'key-1'",
        "UPDATE message SET settled_at = 1 WHERE key = 'key-1'",
        "UPDATE message SET status = 500 WHERE key = 'key-1'",
        "UPDATE message SET fen = fen + 1",
        "UPDATE message SET key = 'other' WHERE key = 'key-2'",
        "UPDATE message SET fingerprint = x'00'",
        "UPDATE message SET delivery = NULL WHERE key = 'key-2'",
        "UPDATE message SET state = 'PAID' WHERE key = 'key-2'",
        "UPDATE message SET state = 'SUCCEEDED' WHERE key = 'key-2'",
        "UPDATE delivery SET serial = 'x'",
        "UPDATE delivery SET digest = zeroblob(32)",
        "UPDATE delivery SET business_date = '2022-01-01'",
        "UPDATE chain SET record = ''",
        "UPDATE fact SET fen = 0",
        "UPDATE body SET sealed = x'00'",
        "UPDATE meta SET value = 'other' WHERE name = 'installation'",
        "DELETE FROM message",
        "DELETE FROM delivery",
        "DELETE FROM chain",
        "DELETE FROM fact",
        "DELETE FROM meta",
        "INSERT OR REPLACE INTO chain VALUES (1, '', zeroblob(32))",
        "INSERT INTO chain VALUES (99, '', zeroblob(32))",
        "INSERT OR REPLACE INTO body SELECT slot, x'00' FROM body",
        "INSERT OR REPLACE INTO delivery SELECT id, bank, 'x', 'x', 1, 0, business_date, digest, 1, 1, 1, 0, 0, 0, 0, \
         0, NULL, NULL, 0, 0 FROM delivery",
    ] {
        assert!(raw.execute(sql, []).is_err(), "{sql}");
    }
    let replace = "INSERT OR REPLACE INTO message SELECT id, org, operation, key, fingerprint, bank, document, fen, \
        adapter, accepted_at, 'HELD', NULL, NULL, NULL, NULL, NULL, NULL, 0, 0, 0, NULL, 1, NULL, NULL, 1, NULL FROM message";
    assert_eq!(raw.execute(replace, []).unwrap(), 0, "a taken key is left alone");
    assert_eq!(raw.execute("DELETE FROM body", []).unwrap(), 4, "only bodies may be pruned");
    let state: String = raw.query_row("SELECT state FROM message WHERE key = 'key-1'", [], |row| row.get(0)).unwrap();
    assert_eq!(state, "SUCCEEDED");
}

#[tokio::test]
async fn a_start_ends_what_was_in_flight_and_sends_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let keys = keys(folder.path());
    let journal = open(folder.path());
    let mut ids = Vec::new();
    for key in ["sending", "querying", "acked", "done"] {
        ids.push(won(&journal, sent(&keys, key)).await.id);
    }
    journal.advance(change(ids[1], Event::SendUnknown(Cause::Cut))).await.unwrap();
    journal.advance(change(ids[1], Event::QueryDue)).await.unwrap();
    journal.advance(change(ids[2], Event::Answered(Verdict::InHand))).await.unwrap();
    journal.advance(change(ids[3], Event::Answered(Verdict::Yes))).await.unwrap();
    let fence = journal.fence();
    drop(journal);

    let journal = open(folder.path());
    assert_eq!(journal.fence(), fence + 1);
    let recovered: Vec<_> = journal.recovered().iter().map(|message| (message.id, message.state)).collect();
    assert_eq!(recovered, [(ids[0], State::Unknown), (ids[1], State::Unknown)]);
    assert!(journal.recovered().is_empty());
    let due: Vec<_> =
        journal.due("b1", &State::ALL, now(), 10).await.unwrap().iter().map(|message| message.id).collect();
    assert_eq!(due.len(), 2, "{due:?}");
    assert_eq!(journal.find(ids[2]).await.unwrap().unwrap().state, State::Acked);
    assert_eq!(journal.find(ids[3]).await.unwrap().unwrap().state, State::Succeeded);
    journal.close().await.unwrap();
    drop(journal);
    assert!(open(folder.path()).recovered().is_empty());
}

#[tokio::test]
async fn a_directory_has_one_process_and_one_purpose() {
    let folder = tempfile::tempdir().unwrap();
    let first = open(folder.path());
    let second = SqliteJournal::open(settings(folder.path()), keys(folder.path()));
    assert!(matches!(second, Err(OpenError::Locked)));
    first.close().await.unwrap();
    drop(first);
    let simulation = Settings { simulation: true, ..settings(folder.path()) };
    SqliteJournal::open(simulation.clone(), keys(folder.path())).unwrap().close().await.unwrap();
    let real = SqliteJournal::open(settings(folder.path()), keys(folder.path()));
    assert!(matches!(real, Err(OpenError::Simulation)));
    SqliteJournal::open(simulation, keys(folder.path())).unwrap().close().await.unwrap();
}

#[tokio::test]
async fn a_full_disk_stops_all_writing_and_loses_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let keys = keys(folder.path());
    let small = Settings { max_pages: Some(60), ..settings(folder.path()) };
    let journal = SqliteJournal::open(small, Arc::clone(&keys)).unwrap();
    let mut acknowledged = Vec::new();
    let cause = loop {
        let mut claim = sent(&keys, &format!("key-{}", acknowledged.len()));
        claim.request = (0..2_000).map(|_| fastrand::u8(..)).collect();
        let claimed = journal.claim(claim).await;
        if let Err(JournalError::Unhealthy(cause)) = claimed {
            break cause;
        }
        let Ok(Claimed::Won(message)) = claimed else { panic!("{claimed:?}") };
        acknowledged.push(message.id);
    };
    assert!(!acknowledged.is_empty());
    assert_eq!(journal.failure(), Some(cause));
    let after = journal.claim(claim(&keys, "after", Then::Wait)).await;
    assert!(matches!(after, Err(JournalError::Unhealthy(_))));
    let also = journal.advance(change(acknowledged[0], Event::Answered(Verdict::Yes))).await;
    assert!(matches!(also, Err(JournalError::Unhealthy(_))));
    assert!(journal.find(acknowledged[0]).await.unwrap().is_some(), "reading goes on");
    assert!(journal.close().await.is_err());
    drop(journal);
    assert!(!manifest::is_closed(folder.path()));
    let journal = open(folder.path());
    for id in &acknowledged {
        assert!(journal.find(*id).await.unwrap().is_some());
    }
    assert_eq!(journal.list(Filter::default(), None, 10_000).await.unwrap().len(), acknowledged.len());
}

#[tokio::test]
async fn a_clean_close_leaves_one_file_and_a_manifest() {
    let folder = tempfile::tempdir().unwrap();
    let keys = keys(folder.path());
    let journal = open(folder.path());
    journal.claim(claim(&keys, "key-1", Then::Release)).await.unwrap();
    assert!(!manifest::is_closed(folder.path()));
    journal.close().await.unwrap();
    assert!(matches!(journal.find(crate::journal::MessageId::new()).await, Err(JournalError::Unavailable(_))));
    assert!(journal.claim(claim(&keys, "key-2", Then::Release)).await.is_err());
    assert_eq!(manifest::check(folder.path(), &keys).unwrap(), []);
    let mut names: Vec<_> = std::fs::read_dir(folder.path().join("gateway"))
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    names.sort();
    assert_eq!(names, ["journal.sqlite", "lock"]);
}

#[tokio::test]
async fn a_closed_directory_that_was_touched_is_not_opened() {
    let folder = tempfile::tempdir().unwrap();
    let keys = keys(folder.path());
    let journal = open(folder.path());
    journal.claim(claim(&keys, "key-1", Then::Release)).await.unwrap();
    journal.close().await.unwrap();
    drop(journal);
    let database = folder.path().join("gateway/journal.sqlite");
    let whole = std::fs::read(&database).unwrap();
    for place in [30, whole.len() / 2, whole.len() - 1] {
        let mut changed = whole.clone();
        changed[place] ^= 1;
        std::fs::write(&database, changed).unwrap();
        let refused = SqliteJournal::open(settings(folder.path()), Arc::clone(&keys)).unwrap_err();
        assert!(refused.to_string().contains("gateway/journal.sqlite was changed"), "{place}: {refused}");
        assert!(manifest::is_closed(folder.path()), "the evidence stays");
    }
    std::fs::write(&database, &whole).unwrap();
    // A log with frames would be read into the database; the files of a start that was killed say nothing.
    let log = folder.path().join("gateway/journal.sqlite-wal");
    std::fs::write(&log, [1; 32]).unwrap();
    assert!(SqliteJournal::open(settings(folder.path()), Arc::clone(&keys)).is_err());
    std::fs::write(&log, []).unwrap();
    std::fs::write(folder.path().join("gateway/journal.sqlite-shm"), []).unwrap();
    SqliteJournal::open(settings(folder.path()), keys).unwrap().close().await.unwrap();
}

#[tokio::test]
async fn a_refused_start_leaves_a_directory_as_closed_as_it_was() {
    let folder = tempfile::tempdir().unwrap();
    let simulation = Settings { simulation: true, ..settings(folder.path()) };
    let keys = keys(folder.path());
    SqliteJournal::open(simulation, Arc::clone(&keys)).unwrap().close().await.unwrap();
    let refused = SqliteJournal::open(settings(folder.path()), Arc::clone(&keys));
    assert!(matches!(refused, Err(OpenError::Simulation)));
    assert_eq!(manifest::check(folder.path(), &keys).unwrap(), []);
    let other = Arc::new(crate::journal::Keys::create(&folder.path().join("another/key")).unwrap());
    assert!(matches!(SqliteJournal::open(settings(folder.path()), other), Err(OpenError::Damaged(_))));
    std::fs::remove_dir_all(folder.path().join("another")).unwrap();
    assert_eq!(manifest::check(folder.path(), &keys).unwrap(), []);
}

#[tokio::test]
async fn a_chain_that_somebody_else_went_on_with_is_a_failure_of_the_storage() {
    let folder = tempfile::tempdir().unwrap();
    let keys = keys(folder.path());
    let journal = open(folder.path());
    journal.claim(claim(&keys, "key-1", Then::Release)).await.unwrap();
    let next = "INSERT INTO chain SELECT max(seq) + 1, 'event=forged\n', zeroblob(32) FROM chain";
    raw(folder.path()).execute_batch(next).unwrap();
    let claimed = journal.claim(claim(&keys, "key-2", Then::Release)).await;
    assert!(matches!(claimed, Err(JournalError::Unhealthy(_))), "{claimed:?}");
    assert!(journal.failure().is_some(), "the process has to end");
}
