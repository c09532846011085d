//! Verification: what is whole passes, and every edit shows.

use std::fs;
use std::path::{Path, PathBuf};

use rusqlite::Connection;

use super::fixture::*;
use crate::journal::verify::{Claims, Violation, verify};
use crate::journal::{Claim, Claimed, Journal, Response, Then, Unreadable, default_key_file, export, manifest};
use crate::life::{Cause, Event, State, Verdict};
use crate::message::Operation;

/// A journal with messages in several states, closed.
async fn closed(dir: &Path) -> Vec<String> {
    let keys = keys(dir);
    let journal = open(dir);
    let mut acked = Vec::new();
    for n in 0..12 {
        let key = format!("key-{n:02}");
        let claimed = match n % 4 {
            3 => journal.claim(claim(&keys, &key, Then::Hold("H01".to_owned()))).await,
            _ => journal.claim(sent(&keys, &key)).await,
        };
        let Ok(Claimed::Won(message)) = claimed else { panic!("{claimed:?}") };
        acked.push(message.id.to_string());
        let mut result = match n % 4 {
            0 => change(message.id, Event::Answered(Verdict::Yes)),
            1 => change(message.id, Event::SendUnknown(Cause::TimedOut)),
            2 => change(message.id, Event::Answered(Verdict::No)),
            _ => continue,
        };
        result.evidence.answer = Some(b"<Result>7</Result>".repeat(40));
        result.evidence.response = Some(response(if n % 4 == 0 { State::Succeeded } else { State::Failed }));
        journal.advance(result).await.unwrap();
        if n == 4 {
            journal.advance(change(message.id, Event::Returned { fen: 450 })).await.unwrap();
        }
    }
    fs::create_dir_all(dir.join("banks/b1")).unwrap();
    fs::write(dir.join("banks/b1/ledger.log"), "1 2 3\n".repeat(50)).unwrap();
    journal.close().await.unwrap();
    acked
}

fn check(dir: &Path, claims: Claims<'_>) -> Result<Vec<Violation>, Unreadable> {
    verify(dir, &default_key_file(dir), claims).map(|report| report.violations)
}

fn clean(dir: &Path) -> bool {
    check(dir, Claims::default()).is_ok_and(|violations| violations.is_empty())
}

fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    for entry in fs::read_dir(from).unwrap().map(Result::unwrap) {
        let target = to.join(entry.file_name());
        if entry.file_type().unwrap().is_dir() {
            copy(&entry.path(), &target);
        } else {
            fs::copy(entry.path(), target).unwrap();
        }
    }
}

fn files(dir: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(dir).unwrap().map(|entry| entry.unwrap().path());
    let mut found: Vec<_> = entries.flat_map(|path| if path.is_dir() { files(&path) } else { vec![path] }).collect();
    found.sort();
    found
}

fn without_guards(dir: &Path) -> Connection {
    let raw = Connection::open(dir.join("gateway/journal.sqlite")).unwrap();
    let names: Vec<String> = raw
        .prepare("SELECT name FROM sqlite_schema WHERE type = 'trigger'")
        .unwrap()
        .query_map([], |row| row.get(0))
        .unwrap()
        .map(Result::unwrap)
        .collect();
    for name in names {
        raw.execute_batch(&format!("DROP TRIGGER {name}")).unwrap();
    }
    raw.execute_batch("PRAGMA foreign_keys = OFF; PRAGMA ignore_check_constraints = ON").unwrap();
    raw
}

#[tokio::test]
async fn what_is_whole_passes_closed_and_in_use() {
    let folder = tempfile::tempdir().unwrap();
    let dir = folder.path();
    let acked = closed(dir).await;
    let before: Vec<_> = files(dir);
    let report = verify(dir, &default_key_file(dir), Claims::default()).unwrap();
    assert_eq!(report.violations, []);
    assert_eq!((report.closed, report.messages, report.records), (true, 12, 22));
    assert_eq!(report.bodies, 9 * 2 + 3 + 9 + 6);
    let sums = report.banks["b1"];
    assert_eq!(sums.instructed, 12 * 123_450);
    assert_eq!(
        (sums.succeeded, sums.failed, sums.open, sums.held, sums.manual),
        (370_350, 370_350, 370_350, 370_350, 0)
    );
    assert_eq!(files(dir), before, "a verification leaves nothing behind");

    let mut lines = Vec::new();
    let export = export::Export::open(dir).unwrap();
    let mut keep = |line| lines.push(line);
    let each = |message: &crate::journal::Message| -> Result<(), Unreadable> {
        keep(export::line(message));
        Ok(())
    };
    export.each(each).unwrap();
    assert_eq!(lines.len(), 12);
    assert!(
        lines[0].starts_with(&format!(
            "{{\"id\":\"{}\",\"key\":\"key-00\",\"operation\":\"payment.pay\",\"bank\":\"b1\"",
            acked[0]
        )),
        "{}",
        lines[0]
    );
    assert!(lines[0].contains("\"state\":\"SUCCEEDED\",\"iso_status\":\"ACSC\",\"reason\":null,\"fen\":123450,"));
    assert_eq!(files(dir), before, "an export leaves nothing behind");

    let journal = open(dir);
    assert!(clean(dir), "in use");
    drop(journal);
    assert!(!manifest::is_closed(dir));
    assert!(clean(dir), "not closed");
}

#[tokio::test]
async fn what_was_promised_and_sent_is_looked_up() {
    let folder = tempfile::tempdir().unwrap();
    let dir = folder.path();
    let acked = closed(dir).await;
    let keys = keys(dir);
    let all = acked.join("\n");
    assert_eq!(check(dir, Claims { acked: Some(&all), sent: None }).unwrap(), []);
    let lost = "01890000-0000-7000-8000-000000000000";
    let acked = format!("{all}\n{lost}\nrubbish\n");
    let missing = [Violation::AckedMissing(lost.to_owned()), Violation::AckedMissing("rubbish".to_owned())];
    assert_eq!(check(dir, Claims { acked: Some(&acked), sent: None }).unwrap(), missing);

    let line = |key: &str, bytes: &[u8]| {
        let digest = data_encoding::HEXLOWER.encode(&crate::journal::chain::sha256(bytes));
        format!("b1\t2022-03-15\t{}\t{digest}", delivery(&keys, key).serial)
    };
    let right = line("key-00", &delivery(&keys, "key-00").bytes);
    let other = line("key-00", b"other bytes");
    let unknown = line("key-99", b"x");
    let sent = format!("{right}\n{other}\n{unknown}\n");
    let wrong = [Violation::SentOtherBytes(other), Violation::SentWithoutIntent(unknown)];
    assert_eq!(check(dir, Claims { acked: None, sent: Some(&sent) }).unwrap(), wrong);
}

#[tokio::test]
async fn three_hundred_random_edits_of_a_closed_directory_all_show() {
    let folder = tempfile::tempdir().unwrap();
    let original = folder.path().join("original");
    closed(&original).await;
    let mut random = fastrand::Rng::with_seed(18);
    let dir = folder.path().join("edited");
    for edit in 0..300 {
        let _ = fs::remove_dir_all(&dir);
        copy(&original, &dir);
        assert!(edit > 0 || clean(&dir), "the copy is whole");
        let full: Vec<_> = files(&dir).into_iter().filter(|path| fs::metadata(path).unwrap().len() > 0).collect();
        let path = &full[random.usize(..full.len())];
        let mut bytes = fs::read(path).unwrap();
        let at = random.usize(..bytes.len());
        let what = match edit % 5 {
            0 | 1 => {
                bytes[at] ^= 1 << random.u32(..8);
                fs::write(path, &bytes).unwrap();
                format!("bit of byte {at} of {}", path.display())
            }
            2 => {
                fs::write(path, &bytes[..at]).unwrap();
                format!("{} cut to {at}", path.display())
            }
            3 => {
                let table = ["message", "delivery", "chain", "body", "fact"][random.usize(..5)];
                let order = if table == "message" { "id" } else { "rowid" };
                let sql = format!(
                    "DELETE FROM {table} WHERE {order} = (SELECT {order} FROM {table} ORDER BY random() LIMIT 1)"
                );
                assert_eq!(without_guards(&dir).execute(&sql, []).unwrap(), 1);
                sql
            }
            _ => {
                let sql = "UPDATE body SET sealed = (SELECT sealed FROM body b WHERE b.slot <> body.slot \
                    AND b.sealed <> body.sealed ORDER BY random() LIMIT 1) \
                    WHERE slot = (SELECT slot FROM body ORDER BY random() LIMIT 1)";
                assert_eq!(without_guards(&dir).execute(sql, []).unwrap(), 1);
                sql.to_owned()
            }
        };
        assert!(!clean(&dir), "edit {edit}: {what}");
    }
}

#[tokio::test]
async fn without_a_manifest_the_chain_finds_what_was_changed() {
    let folder = tempfile::tempdir().unwrap();
    let original = folder.path().join("original");
    closed(&original).await;
    fs::remove_file(original.join("manifest")).unwrap();
    assert!(clean(&original));
    let dir = folder.path().join("edited");
    for sql in [
        "UPDATE message SET state = 'FAILED' WHERE key = 'key-00'",
        "UPDATE message SET state = 'MANUAL' WHERE key = 'key-01'",
        "UPDATE message SET fen = fen + 1 WHERE key = 'key-02'",
        "UPDATE message SET reason = 'x' WHERE key = 'key-02'",
        "UPDATE message SET bank_serial = 'x' WHERE key = 'key-00'",
        "UPDATE message SET given_back = 0 WHERE key = 'key-04'",
        "UPDATE message SET fingerprint = x'00' WHERE key = 'key-05'",
        "UPDATE message SET key = 'other' WHERE key = 'key-05'",
        "UPDATE message SET settled_at = settled_at + 1 WHERE key = 'key-00'",
        "DELETE FROM message WHERE key = 'key-06'",
        "UPDATE delivery SET serial = 'AAAABBBBCCCCDDDD' WHERE id = 1",
        "UPDATE delivery SET digest = zeroblob(32) WHERE id = 1",
        "UPDATE delivery SET attempts = 2 WHERE id = 1",
        "UPDATE delivery SET business_date = '2022-03-16' WHERE id = 1",
        "INSERT INTO delivery SELECT 99, bank, 'x', 'x', 1, 0, business_date, digest, 1, 1, 1, 0, 0, 0, 0, 0, NULL, \
         NULL, 0, 0 FROM delivery WHERE id = 1",
        "UPDATE fact SET fen = -1",
        "DELETE FROM fact",
        "INSERT INTO fact SELECT 1, message, 'CONFLICT', 0, at FROM fact",
        "UPDATE body SET sealed = (SELECT b.sealed FROM body b ORDER BY b.slot LIMIT 1) WHERE slot > 8",
        "INSERT INTO body SELECT max(slot) + 100, sealed FROM body",
        "UPDATE chain SET record = replace(record, 'fen=123450', 'fen=123451') WHERE seq = 1",
        "DELETE FROM chain WHERE seq = (SELECT max(seq) FROM chain)",
        "DELETE FROM chain WHERE seq = 5",
        "DELETE FROM head",
        "UPDATE head SET mac = zeroblob(32)",
    ] {
        let _ = fs::remove_dir_all(&dir);
        copy(&original, &dir);
        let edited = without_guards(&dir);
        assert!(edited.execute(sql, []).unwrap() > 0, "{sql}");
        drop(edited);
        assert!(!clean(&dir), "{sql}");
    }
}

#[tokio::test]
async fn a_chain_made_anew_without_the_key_does_not_pass() {
    let folder = tempfile::tempdir().unwrap();
    let dir = folder.path();
    closed(dir).await;
    fs::remove_file(dir.join("manifest")).unwrap();
    let raw = without_guards(dir);
    raw.execute("UPDATE chain SET record = replace(record, 'event=answered', 'event=late-answer')", []).unwrap();
    let records: Vec<(i64, String)> = raw
        .prepare("SELECT seq, record FROM chain ORDER BY seq")
        .unwrap()
        .query_map([], |row| Ok((row.get(0)?, row.get(1)?)))
        .unwrap()
        .map(Result::unwrap)
        .collect();
    let mut hash = crate::journal::chain::GENESIS;
    for (seq, record) in &records {
        hash = crate::journal::chain::link(&hash, record);
        raw.execute("UPDATE chain SET hash = ?2 WHERE seq = ?1", rusqlite::params![seq, hash]).unwrap();
    }
    raw.execute("UPDATE head SET hash = ?1", [hash]).unwrap();
    drop(raw);
    assert_eq!(check(dir, Claims::default()).unwrap(), [Violation::Head]);
    let refused = crate::journal::SqliteJournal::open(settings(dir), keys(dir)).unwrap_err();
    assert!(refused.to_string().contains("head of the chain"), "{refused}");
}

#[tokio::test]
async fn the_wrong_key_and_no_journal_are_told_apart() {
    let folder = tempfile::tempdir().unwrap();
    let dir = folder.path().join("data");
    closed(&dir).await;
    let other = folder.path().join("other.key");
    crate::journal::Keys::create(&other).unwrap();
    let report = verify(&dir, &other, Claims::default()).unwrap();
    assert!(!report.is_clean());
    assert!(matches!(verify(&dir, &folder.path().join("none"), Claims::default()), Err(Unreadable::Key(_))));
    assert!(matches!(verify(folder.path(), &other, Claims::default()), Err(Unreadable::NoJournal)));
    assert!(matches!(export::Export::open(folder.path()), Err(Unreadable::NoJournal)));
}

#[tokio::test]
async fn what_a_bank_told_is_part_of_what_is_verified() {
    let folder = tempfile::tempdir().unwrap();
    let dir = folder.path();
    let journal = open(dir);
    let entered = Then::Enter(Response { state: State::Succeeded, status: 200, body: b"<ok/>".to_vec() });
    let told = Claim { operation: Operation::CardIssued, fen: 0, ..claim(&keys(dir), "told", entered) };
    let Claimed::Won(message) = journal.claim(told).await.unwrap() else { panic!("not won") };
    journal.close().await.unwrap();
    drop(journal);
    assert!(clean(dir));
    fs::remove_file(dir.join("manifest")).unwrap();
    assert!(clean(dir));
    let raw = without_guards(dir);
    raw.execute("DELETE FROM body WHERE slot = (SELECT max(slot) FROM body)", []).unwrap();
    raw.execute("UPDATE message SET status = 404 WHERE id = ?1", [message.id.as_bytes()]).unwrap();
    drop(raw);
    assert!(!clean(dir), "another answer than the one that was given");
}
