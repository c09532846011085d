//! The books survive a torn end, notice every changed byte, and count what moved.

use super::*;
use crate::message::Fen;

fn entry(serial: &str, fen: i64, event: Event) -> Entry {
    Entry {
        serial: serial.to_owned(),
        business_date: jiff::civil::date(2022, 3, 1),
        account: "7900000000000000001".to_owned(),
        fen: Fen::new(fen),
        event,
    }
}

fn received(serial: &str, fen: i64) -> Entry {
    entry(serial, fen, Event::Received { sha256: "ab".repeat(32) })
}

fn put(ledger: &Ledger, entries: Vec<Entry>) {
    let ((), upto) = ledger.decide(|_| (entries, ())).expect("written");
    ledger.sync(upto).expect("synced");
}

fn filled(dir: &Path) -> PathBuf {
    let ledger = Ledger::open(dir, "some").expect("books");
    put(&ledger, vec![received("1", 100), entry("1", 100, Event::Executed { times: 1 })]);
    put(&ledger, vec![received("2", 200), entry("2", 200, Event::InHand)]);
    put(&ledger, vec![received("3", 300)]);
    ledger.path().to_owned()
}

#[test]
fn what_was_written_is_there_again() {
    let dir = tempfile::tempdir().expect("folder");
    let path = filled(dir.path());
    let ledger = Ledger::open(dir.path(), "some").expect("books");
    ledger.look(|books| {
        let status = |serial| books.find(serial, None).map(|standing| (standing.status, standing.executed));
        assert_eq!(status("1"), Some((Status::Paid, 1)));
        assert_eq!(status("2"), Some((Status::InHand, 0)));
        assert_eq!(status("3"), Some((Status::Dropped, 0)));
        assert_eq!(status("4"), None);
        assert_eq!(books.find("1", Some(jiff::civil::date(2022, 3, 2))), None);
        assert_eq!(books.another("2").map(|other| other.serial.as_str()), Some("1"));
        assert_eq!(books.another("1"), None);
    });
    put(&ledger, vec![entry("2", 200, Event::Executed { times: 1 })]);
    let lines = read(&path).expect("lines");
    assert_eq!(lines.iter().map(|line| line.n).collect::<Vec<_>>(), [1, 2, 3, 4, 5, 6]);
    let sent = sent_lines("some", &lines);
    assert_eq!(sent.lines().count(), 3);
    assert_eq!(sent.lines().next(), Some(format!("some\t2022-03-01\t1\t{}", "ab".repeat(32)).as_str()));
}

#[test]
fn executions_are_counted_by_serial_and_by_account_and_amount() {
    let dir = tempfile::tempdir().expect("folder");
    let ledger = Ledger::open(dir.path(), "some").expect("books");
    let executed = |serial, times| entry(serial, 100, Event::Executed { times });
    put(&ledger, vec![received("1", 100), executed("1", 1), received("1", 100), executed("1", 2)]);
    put(&ledger, vec![received("2", 100), executed("2", 1)]);
    ledger.look(|books| {
        assert_eq!(books.find("1", None).map(|standing| (standing.received, standing.executed)), Some((2, 2)));
        assert_eq!(books.executed("7900000000000000001", Fen::new(100)), 3);
        assert_eq!(books.executed("7900000000000000001", Fen::new(101)), 0);
    });
}

#[test]
fn a_torn_last_line_is_cut_off_at_every_length() {
    let dir = tempfile::tempdir().expect("folder");
    let path = filled(dir.path());
    let whole = fs::read(&path).expect("bytes");
    let last = whole[..whole.len() - 1].iter().rposition(|byte| *byte == b'\n').expect("a line before") + 1;
    for length in last..whole.len() {
        fs::write(&path, &whole[..length]).expect("torn");
        assert_eq!(read(&path).expect("complete lines").len(), 4, "{length}");
        let ledger = Ledger::open(dir.path(), "some").expect("books");
        assert_eq!(fs::read(&path).expect("bytes"), whole[..last], "{length}");
        put(&ledger, vec![received("3", 300)]);
        assert_eq!(fs::read(&path).expect("bytes"), whole, "{length}");
    }
}

#[test]
fn a_flipped_bit_in_any_byte_of_a_complete_line_closes_the_books() {
    let dir = tempfile::tempdir().expect("folder");
    let path = filled(dir.path());
    let whole = fs::read(&path).expect("bytes");
    for at in 0..whole.len() - 1 {
        for bit in [0, at % 8] {
            let mut changed = whole.clone();
            changed[at] ^= 1 << bit;
            assert!(line::parse(&changed).is_err(), "byte {at} bit {bit}");
        }
    }
    let mut changed = whole.clone();
    changed[40] ^= 1;
    fs::write(&path, &changed).expect("changed");
    assert!(matches!(Ledger::open(dir.path(), "some"), Err(LedgerError::Changed { line: 1, .. })));
    fs::write(&path, &whole[whole.iter().position(|byte| *byte == b'\n').expect("LF") + 1..]).expect("cut");
    assert!(matches!(read(&path), Err(LedgerError::Changed { line: 1, .. })), "the first line is missing");
}

#[test]
fn nothing_is_written_after_a_failed_write() {
    let dir = tempfile::tempdir().expect("folder");
    let path = filled(dir.path());
    let ledger = Ledger::open(dir.path(), "some").expect("books");
    // A handle that cannot write stands for a full disk.
    ledger.lock().file = File::open(&path).expect("read-only");
    let before = fs::read(&path).expect("bytes");
    assert!(matches!(ledger.decide(|_| (vec![received("9", 1)], ())), Err(LedgerError::File { .. })));
    assert!(matches!(ledger.decide(|_| (vec![], ())), Err(LedgerError::Closed { .. })));
    assert_eq!(ledger.look(|books| books.find("9", None).cloned()), None);
    assert_eq!(fs::read(&path).expect("bytes"), before);
}
