//! The disk's own sync rate.

use std::fs::File;
use std::os::unix::fs::FileExt as _;
use std::path::Path;
use std::time::{Duration, Instant};

const BLOCK: usize = 4_096;
/// The file is written once, then over and over: a log that is used again does not grow either.
const BLOCKS: u64 = 1_024;

/// How often a second one thread can write 4 KiB and have them on the disk.
pub(crate) fn syncs_a_second(dir: &Path, lasting: Duration) -> f64 {
    let path = dir.join("syncs");
    let file = File::create(&path).expect("a file");
    let block = [0x5a; BLOCK];
    let write = |number: u64| file.write_all_at(&block, number % BLOCKS * 4_096).expect("a write");
    (0..BLOCKS).for_each(write);
    file.sync_all().expect("a sync");
    let begun = Instant::now();
    let mut done = 0;
    while begun.elapsed() < lasting {
        write(done);
        file.sync_data().expect("a sync");
        done += 1;
    }
    let rate = done as f64 / begun.elapsed().as_secs_f64();
    std::fs::remove_file(&path).expect("the file is gone");
    rate
}
