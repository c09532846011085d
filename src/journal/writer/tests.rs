//! How a commit and the writer itself may end.

use super::*;
use crate::clock::Clock;
use crate::journal::open;
use crate::journal::tests::fixture;

#[test]
fn a_commit_that_fails_is_in_doubt() {
    let folder = tempfile::tempdir().unwrap();
    let keys = fixture::keys(folder.path());
    let settings = fixture::settings(folder.path());
    let directory = open::directory(&settings, &keys).unwrap();
    let connection = open::connect(&settings, directory.was_closed).unwrap();
    let head = open::head(&connection, &keys).unwrap();
    let mut writer = open::writer(&connection, keys, Clock::REAL, head, 1).unwrap();
    writer.statements.begin.execute([]).unwrap();
    // Refers to a delivery that is not there, which SQLite looks at in the commit only.
    connection
        .execute_batch(
            "INSERT INTO message VALUES (randomblob(16), 'o', 'payment.pay', 'k', x'', 'b', NULL, 1, 'a', 0, 'READY', NULL,
             NULL, NULL, NULL, NULL, NULL, 0, 0, 0, 99, 1, NULL, NULL, 1, NULL)",
        )
        .unwrap();
    let ended = finish(&mut writer, head);
    assert!(matches!(ended, Err(Fault::InDoubt(_))), "{ended:?}");
}

#[test]
fn a_writer_that_ends_by_itself_is_a_failure() {
    let failure = Failure::default();
    Watch::over(&failure).end();
    assert_eq!(failure.get(), None);
    let panicked = std::panic::catch_unwind(|| {
        let _watch = Watch::over(&failure);
        panic!("the writer meets a bug");
    });
    assert!(panicked.is_err() && failure.get().is_some());
}
