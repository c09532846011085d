//! Processes of the benchmark, and how much CPU time each has used.

use std::io::{BufRead as _, BufReader};
use std::net::SocketAddr;
use std::path::Path;
use std::process::{Child, Command, ExitStatus, Stdio};

/// A process that listens. It is killed when the benchmark lets go of it.
pub(crate) struct Listening {
    child: Child,
    pub(crate) address: SocketAddr,
}

impl Listening {
    /// Starts it and reads the line in which it says where it listens.
    pub(crate) fn start(mut command: Command) -> Listening {
        let mut child = command.stdout(Stdio::piped()).spawn().expect("a process");
        let out = child.stdout.take().expect("its output");
        let mut line = String::new();
        BufReader::new(out).read_line(&mut line).expect("its first line");
        let said: serde_json::Value = serde_json::from_str(&line).unwrap_or_default();
        let address = said.get("listening").and_then(|at| at.as_str()).and_then(|at| at.parse().ok());
        Listening { child, address: address.expect("where it listens") }
    }

    pub(crate) fn id(&self) -> u32 {
        self.child.id()
    }

    /// SIGTERM, and how it ended.
    pub(crate) fn terminate(mut self) -> ExitStatus {
        let told = Command::new("kill").arg("-TERM").arg(self.child.id().to_string()).status();
        assert!(told.expect("the kill command").success(), "the process takes a signal");
        self.child.wait().expect("its status")
    }
}

impl Drop for Listening {
    fn drop(&mut self) {
        // Already gone after `terminate`.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Says on standard output where this process listens.
pub(crate) fn say_listening(address: SocketAddr) {
    println!("{}", serde_json::json!({ "listening": address.to_string() }));
}

/// CPU time that a process and its threads have used, user and system, in microseconds; in steps of 10,000.
pub(crate) fn cpu_micros(process: u32) -> u64 {
    // Linux shows this file in units of 1/100 s whatever its own tick is (USER_HZ).
    const MICROS: u64 = 10_000;
    let stat = std::fs::read_to_string(Path::new("/proc").join(process.to_string()).join("stat")).expect("its times");
    // The name, in brackets, may hold anything: what follows it starts at field 3.
    let rest = stat.rsplit_once(')').map_or("", |(_, rest)| rest);
    let field = |number: usize| rest.split_whitespace().nth(number - 3).and_then(|text| text.parse::<u64>().ok());
    (field(14).unwrap_or(0) + field(15).unwrap_or(0)) * MICROS
}
