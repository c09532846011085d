//! kill -9 at random moments: what was acknowledged is there, and the chain is whole.

use std::io::Read;
use std::path::PathBuf;
use std::process::{Command, Stdio};
use std::sync::Arc;
use std::time::Duration;

use super::fixture::*;
use crate::journal::verify::{Claims, verify};
use crate::journal::{Journal, default_key_file};
use crate::life::{Event, State, Verdict};

const KILLS: usize = 20;
const DIRECTORY: &str = "KUIMEN_TEST_CRASH_DIRECTORY";

/// Claims and settles without end, and says every identity that was acknowledged.
fn work(dir: PathBuf) {
    let keys = keys(&dir);
    let journal = Arc::new(open(&dir));
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
    runtime.block_on(async {
        let tasks: Vec<tokio::task::JoinHandle<()>> = (0..8)
            .map(|_| {
                let (journal, keys) = (Arc::clone(&journal), Arc::clone(&keys));
                tokio::spawn(async move {
                    loop {
                        let key = format!("key-{}", crate::journal::MessageId::new());
                        let message = won(&*journal, sent(&keys, &key)).await;
                        println!("acked {}", message.id);
                        let mut result = change(message.id, Event::Answered(Verdict::Yes));
                        result.evidence.response = Some(response(State::Succeeded));
                        journal.advance(result).await.unwrap();
                    }
                })
            })
            .collect();
        for task in tasks {
            task.await.unwrap();
        }
    });
}

#[test]
fn nothing_acknowledged_is_lost_by_a_kill() {
    if let Some(dir) = std::env::var_os(DIRECTORY) {
        return work(dir.into());
    }
    let folder = tempfile::tempdir().unwrap();
    keys(folder.path());
    let mut acked = Vec::new();
    for round in 0..KILLS {
        let mut child = Command::new(std::env::current_exe().unwrap())
            .args(["journal::tests::crash::nothing_acknowledged_is_lost_by_a_kill", "--exact", "--nocapture"])
            .env(DIRECTORY, folder.path())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let mut stdout = child.stdout.take().unwrap();
        let reader = std::thread::spawn(move || {
            let mut text = Vec::new();
            stdout.read_to_end(&mut text).unwrap();
            text
        });
        std::thread::sleep(Duration::from_millis(60 + fastrand::u64(..120)));
        child.kill().unwrap();
        child.wait().unwrap();
        let text = String::from_utf8(reader.join().unwrap()).unwrap();
        // The last line may have been cut by the kill.
        let whole = text.rsplit_once('\n').map_or("", |(whole, _)| whole);
        let before = acked.len();
        acked.extend(whole.lines().filter_map(|line| line.split("acked ").nth(1).map(str::to_owned)));
        assert!(round > 0 || acked.len() > before, "the first round acknowledged something: {text}");
    }
    assert!(acked.len() > KILLS, "{}", acked.len());
    let list = acked.join("\n");
    let report = verify(folder.path(), &default_key_file(folder.path()), Claims { acked: Some(&list), sent: None });
    let report = report.unwrap();
    assert_eq!(report.violations, []);
    assert_eq!(report.acked, acked.len() as u64);

    let journal = open(folder.path());
    assert!(journal.recovered().iter().all(|message| message.state == State::Unknown));
    drop(journal);
    let report = verify(folder.path(), &default_key_file(folder.path()), Claims { acked: Some(&list), sent: None });
    assert_eq!(report.unwrap().violations, []);
}
