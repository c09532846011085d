//! The place of the benchmark: certificates, configuration, data directories, and the runs in them.

use std::fmt::Write as _;
use std::net::{Ipv4Addr, SocketAddr, TcpListener};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::Arc;

use kuimen::tls::dev::{self, House};
use kuimen::tls::{ClientFiles, ServerFiles, Versions};
use rustls::{ClientConfig, ServerConfig};

use crate::figures::Figures;
use crate::payments;
use crate::process::Listening;

pub(crate) struct Place {
    pub(crate) dir: PathBuf,
    house: House,
}

impl Place {
    /// A place of its own, empty but for certificates.
    pub(crate) fn new(dir: &Path) -> Place {
        if dir.exists() {
            std::fs::remove_dir_all(dir).expect("the last run's files are gone");
        }
        std::fs::create_dir_all(dir).expect("a folder");
        // The configuration's own paths are relative to its file.
        let dir = dir.canonicalize().expect("the folder");
        let house = dev::write(&dir.join("tls"), &[payments::BANK]).expect("certificates");
        Place { dir, house }
    }

    /// The kind of file system the place is on, as the system names it.
    pub(crate) fn file_system(&self) -> String {
        let mounts = std::fs::read_to_string("/proc/mounts").unwrap_or_default();
        let mut found = (0, "unknown");
        for line in mounts.lines() {
            let mut words = line.split(' ').skip(1);
            let (Some(point), Some(kind)) = (words.next(), words.next()) else { continue };
            if self.dir.starts_with(point) && point.len() >= found.0 {
                found = (point.len(), kind);
            }
        }
        found.1.to_owned()
    }

    /// The kind of a file system on which a sync means nothing.
    pub(crate) fn not_a_disk(&self) -> Option<String> {
        Some(self.file_system()).filter(|kind| ["tmpfs", "ramfs", "devtmpfs"].contains(&kind.as_str()))
    }

    fn role(&self, role: &str) -> Command {
        let mut command = Command::new(std::env::current_exe().expect("this program"));
        command.arg(role);
        command
    }

    pub(crate) fn start_bank(&self) -> Listening {
        let mut command = self.role("bank");
        command.arg(&self.dir);
        Listening::start(command)
    }

    pub(crate) fn start_proxy(&self, bank: SocketAddr) -> Listening {
        let mut command = self.role("proxy");
        command.arg(&self.dir).arg(bank.to_string());
        Listening::start(command)
    }

    /// One run of the journal alone.
    pub(crate) fn ceiling(&self, clients: usize, seconds: u64) -> Figures {
        let dir = self.dir.join("journal");
        let mut command = self.role("ceiling");
        std::fs::create_dir_all(&dir).expect("a folder");
        let figures = figures(command.arg(&dir).arg(clients.to_string()).arg(seconds.to_string()));
        std::fs::remove_dir_all(dir).expect("the journal is gone");
        figures
    }

    /// One run of clients against what listens at `address`.
    pub(crate) fn load(&self, kind: &str, address: SocketAddr, process: u32, clients: usize, seconds: u64) -> Figures {
        let mut command = self.role("client");
        command.arg(kind).arg(&self.dir).arg(address.to_string()).arg(process.to_string());
        command.arg(clients.to_string()).arg(seconds.to_string());
        if kind == "gateway" {
            command.arg("--acked").arg(self.dir.join("acked"));
        }
        figures(&mut command)
    }

    /// One run of the gateway on a fresh data directory, which is verified after it was closed. Also says what was wrong.
    pub(crate) fn gateway(
        &self,
        round: usize,
        bank: SocketAddr,
        clients: usize,
        links: usize,
        seconds: u64,
    ) -> (Figures, Option<String>) {
        let home = self.dir.join(format!("gateway-{round}-{clients}"));
        std::fs::create_dir_all(&home).expect("a folder");
        self.configure(&home, bank, links);
        let mut command = Command::new(env!("CARGO_BIN_EXE_kuimen"));
        command.args(["serve", "--json", "--config"]).arg(home.join("kuimen.toml"));
        let gateway = Listening::start(command);
        let figures = self.load("gateway", gateway.address, gateway.id(), clients, seconds);
        let wrong = figures.wrong.as_ref().map(|answer| format!("a payment did not end as it must: {answer}"));
        let ended = gateway.terminate();
        let wrong = wrong.or_else(|| (!ended.success()).then(|| format!("the gateway ended with {ended}")));
        let wrong = wrong.or_else(|| self.verify(&home));
        std::fs::remove_dir_all(home).expect("the data directory is gone");
        (figures, wrong)
    }

    fn configure(&self, home: &Path, bank: SocketAddr, links: usize) {
        let adapter = payments::adapter();
        let (tls, id) = (self.house.dir.display(), payments::BANK);
        let adapters = Path::new(env!("CARGO_MANIFEST_DIR")).join("adapters");
        let mut text = format!(
            "allow_invented = true\n[data]\ndirectory = \"data\"\nkey = \"kuimen.key\"\n\
             [adapters]\ndirectory = {adapters:?}\n\
             [listen]\naddress = \"{}\"\ncertificate = \"{tls}/gateway.pem\"\nkey = \"{tls}/gateway.key\"\n\
             client_ca = \"{tls}/ca.pem\"\n[logging]\nformat = \"json\"\nfilter = \"warn\"\n\
             [[party]]\nid = \"agency\"\nsan = \"uri:urn:kuimen:party:agency\"\nbanks = [\"*\"]\noperations = [\"*\"]\n\
             [bank.{id}]\naddress = \"{bank}\"\nserver_name = \"{id}\"\nsecurity = \"mutual\"\n\
             server_ca = \"{tls}/ca.pem\"\ncertificate = \"{tls}/gateway-client.pem\"\n\
             key = \"{tls}/gateway-client.key\"\nconnections = {links}\n[bank.{id}.settings]\n",
            free_port(),
        );
        for setting in &adapter.settings {
            let value = setting.demo.as_deref().expect("a value for demonstrations");
            if setting.secret {
                let file = format!("{}.secret", setting.name);
                std::fs::write(home.join(&file), value).expect("a secret");
                let _ = writeln!(text, "{} = {{ file = {file:?} }}", setting.name);
            } else {
                let _ = writeln!(text, "{} = {value:?}", setting.name);
            }
        }
        std::fs::write(home.join("kuimen.toml"), text).expect("a configuration");
    }

    /// What `kuimen verify` finds wrong with a closed directory, given every payment that was acknowledged.
    fn verify(&self, home: &Path) -> Option<String> {
        let mut command = Command::new(env!("CARGO_BIN_EXE_kuimen"));
        command.args(["verify", "--json", "--dir"]).arg(home.join("data")).arg("--key").arg(home.join("kuimen.key"));
        let run = command.arg("--acked").arg(self.dir.join("acked")).output().expect("verify runs");
        let report = String::from_utf8_lossy(&run.stdout);
        let clean = run.status.success() && report.contains("\"closed\":true");
        (!clean).then(|| format!("verify: {} {report}", run.status))
    }

    pub(crate) fn tidy(&self) {
        std::fs::remove_dir_all(&self.dir).expect("the benchmark's files are gone");
    }
}

/// Runs a process to its end and reads its figures.
fn figures(command: &mut Command) -> Figures {
    let run = command.stderr(Stdio::inherit()).output().expect("a process");
    assert!(run.status.success(), "{}", run.status);
    serde_json::from_slice(&run.stdout).expect("its figures")
}

/// A free port; the configuration takes no "any".
fn free_port() -> SocketAddr {
    let any = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).expect("a port");
    any.local_addr().expect("its address")
}

/// A listener that demands client certificates.
pub(crate) fn server_tls(dir: &Path, name: &str) -> Arc<ServerConfig> {
    let house = House { dir: dir.join("tls") };
    let (certificate, key) = house.leaf(name);
    let files = ServerFiles {
        certificate,
        key,
        client_ca: house.ca(),
        client_crl: None,
        versions: Versions::Tls13,
        alpn: &[b"http/1.1"],
    };
    files.load().expect("certificates").config
}

/// A client end with a certificate.
pub(crate) fn client_tls(dir: &Path, name: &str) -> Arc<ClientConfig> {
    let house = House { dir: dir.join("tls") };
    let identity = Some(house.leaf(name));
    let files = ClientFiles { server_ca: house.ca(), server_crl: None, identity, versions: Versions::Tls13 };
    files.load().expect("certificates").config
}
