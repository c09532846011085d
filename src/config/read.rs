//! From the text to a [`Config`], gathering every fault on the way.

use std::collections::{BTreeMap, BTreeSet};
use std::num::NonZeroU32;
use std::path::{Path, PathBuf};
use std::time::Duration;

use jiff::civil::Time;
use toml::de::DeTable;

use super::section::{At, Section, Sheet};
use super::{Bank, Config, ConfigFault, Logging, Origin, bank, time_of_day};
use crate::clock::Clock;
use crate::front::{ALPN, Limits};
use crate::lang::Phrase;
use crate::message::Operation;
use crate::tls::{Party, San, ServerFiles, Versions};

/// Policy time may run at most this much faster.
const MAX_FACTOR: u64 = 100_000;

pub(super) fn config(file: &Path, text: &str) -> Result<Config, Vec<ConfigFault>> {
    let sheet = Sheet { text, faults: Vec::new().into() };
    let (table, errors) = DeTable::parse_recoverable(text);
    for error in errors {
        // The parser's own words are English in any language; the place says most of it.
        let rule = Phrase::new("front-config-toml").with("reason", error.message());
        sheet.hidden_fault(error.span().unwrap_or_default(), rule);
    }
    // What follows would only repeat that a broken line is missing.
    let config = if sheet.faults.borrow().is_empty() {
        read(&Section::new(&sheet, Some(table.get_ref()), 0..0), file, text)
    } else {
        None
    };
    let faults = sheet.faults.into_inner();
    match config {
        Some(config) if faults.is_empty() => Ok(config),
        Some(_) | None => Err(faults),
    }
}

/// A path as the file means it.
pub(super) fn resolve(base: &Path, path: &At<String>) -> PathBuf {
    base.join(&path.value)
}

fn read(root: &Section<'_>, file: &Path, text: &str) -> Option<Config> {
    let base = file.parent().unwrap_or_else(|| Path::new(""));
    let path = |section: &Section<'_>, key: &str| section.need(key).map(|path| resolve(base, &path));

    let data = root.table("data");
    let (directory, key) = (path(&data, "directory"), path(&data, "key"));
    if let (Some(directory), Some(key)) = (&directory, &key)
        && key.starts_with(directory)
    {
        root.fault(data.span.clone(), Phrase::new("front-config-key-inside"));
    }
    data.unknown();

    let adapters = root.table("adapters");
    let folder = path(&adapters, "directory");
    adapters.unknown();

    let listen = root.table("listen");
    let address = listen.form(listen.need("address"), |it| it.parse().ok(), Phrase::new("front-config-address"));
    let server = ServerFiles {
        certificate: path(&listen, "certificate").unwrap_or_default(),
        key: path(&listen, "key").unwrap_or_default(),
        client_ca: path(&listen, "client_ca").unwrap_or_default(),
        client_crl: listen.text("client_crl").map(|path| resolve(base, &path)),
        versions: versions(&listen),
        alpn: ALPN,
    };
    let limits = limits(&listen.table("limits"));
    listen.unknown();

    let allow_invented = root.flag("allow_invented");
    let clock = clock(root, allow_invented);
    let cut_over = cut_over(root).unwrap_or(Time::midnight());
    let banks = banks(root, base, cut_over);
    let parties = parties(root, &banks);
    let logging = logging(&root.table("logging"));
    let county = root.table("county");
    let county_file = county.text("file").map(|file| resolve(base, &file));
    county.unknown();
    root.unknown();
    Some(Config {
        data: directory?,
        key: key?,
        adapters: folder?,
        listen: address?,
        server,
        limits,
        parties,
        banks,
        county: None,
        county_file,
        clock,
        allow_invented,
        logging,
        origin: Origin { file: file.to_owned(), text: text.into() },
    })
}

pub(super) fn versions(section: &Section<'_>) -> Versions {
    if section.flag("tls12") { Versions::Tls12AndTls13 } else { Versions::Tls13 }
}

pub(super) fn cut_over(section: &Section<'_>) -> Option<Time> {
    section.form(section.text("cut_over"), time_of_day, Phrase::new("front-config-time"))
}

pub(super) fn seconds(section: &Section<'_>, key: &str) -> Option<Duration> {
    section.number(key, 1..3601).map(Duration::from_secs)
}

fn clock(root: &Section<'_>, allow_invented: bool) -> Clock {
    let factor = root.number("clock_factor", 1..MAX_FACTOR.saturating_add(1)).unwrap_or(1);
    if factor != 1 && !allow_invented {
        root.fault(root.place("clock_factor"), Phrase::new("front-config-clock-factor"));
    }
    u32::try_from(factor).ok().and_then(NonZeroU32::new).map_or(Clock::REAL, Clock::with_factor)
}

fn limits(section: &Section<'_>) -> Limits {
    let standard = Limits::default();
    let count = |key: &str, standard: usize| {
        section.number(key, 1..100_001).and_then(|number| usize::try_from(number).ok()).unwrap_or(standard)
    };
    let limits = Limits {
        connections: count("connections", standard.connections),
        connections_per_party: count("connections_per_party", standard.connections_per_party),
        handshakes: count("handshakes", standard.handshakes),
        handshakes_per_address: count("handshakes_per_address", standard.handshakes_per_address),
        requests: count("requests", standard.requests),
        requests_per_second: section
            .number("requests_per_second", 1..100_001)
            .and_then(|number| u32::try_from(number).ok())
            .unwrap_or(standard.requests_per_second),
        handshake: seconds(section, "handshake_seconds").unwrap_or(standard.handshake),
        header: seconds(section, "header_seconds").unwrap_or(standard.header),
        body: seconds(section, "body_seconds").unwrap_or(standard.body),
        stall: seconds(section, "stall_seconds").unwrap_or(standard.stall),
        drain: seconds(section, "drain_seconds").unwrap_or(standard.drain),
        feeds_per_party: count("feeds_per_party", standard.feeds_per_party),
        streams: standard.streams,
        header_bytes: standard.header_bytes,
        body_bytes: standard.body_bytes,
    };
    section.unknown();
    limits
}

fn logging(section: &Section<'_>) -> Logging {
    let form = |text: &str| match text {
        "text" => Some(false),
        "json" => Some(true),
        _ => None,
    };
    let json = section.form(section.text("format"), form, Phrase::new("front-config-log-format")).unwrap_or_default();
    let filter = |text: &str| crate::telemetry::is_filter(text).then(|| text.to_owned());
    let filter = section.form(section.text("filter"), filter, Phrase::new("front-config-log-filter"));
    section.unknown();
    Logging { json, filter: filter.unwrap_or_else(|| "info".to_owned()) }
}

fn banks(root: &Section<'_>, base: &Path, cut_over: Time) -> BTreeMap<String, Bank> {
    let section = root.table("bank");
    let mut banks = BTreeMap::new();
    for (name, _) in section.entries() {
        let plain = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-';
        if !name.value.bytes().all(plain) || name.value.is_empty() {
            root.fault(name.span, Phrase::new("front-config-bank-id"));
            continue;
        }
        if let Some(bank) = bank::read(section.table(&name.value), base, cut_over) {
            banks.insert(name.value, bank);
        }
    }
    banks
}

fn parties(root: &Section<'_>, banks: &BTreeMap<String, Bank>) -> Vec<Party> {
    // A bank with a fault of its own is not in `banks`, but it is named.
    let named: BTreeSet<String> = root.table("bank").entries().into_iter().map(|(name, _)| name.value).collect();
    let mut parties: Vec<Party> = Vec::new();
    let mut ids = BTreeSet::new();
    let list = root.tables("party");
    if list.is_empty() {
        root.fault(0..0, Phrase::new("front-config-no-party"));
    }
    if named.is_empty() && banks.is_empty() {
        root.fault(0..0, Phrase::new("front-config-no-bank"));
    }
    for section in list {
        let id = section.need("id");
        let san = section.need("san");
        if id.as_ref().is_some_and(|id| !ids.insert(id.value.clone())) {
            section.fault(section.place("id"), Phrase::new("front-config-party-twice"));
        }
        let parsed = section.form(san, San::parse, Phrase::new("front-config-san"));
        let issuer = section.form(section.text("issuer"), fingerprint, Phrase::new("front-config-issuer"));
        let rival = |party: &Party| {
            parsed.as_ref() == Some(&party.san)
                && (party.issuer == issuer || party.issuer.is_none() || issuer.is_none())
        };
        if parties.iter().any(rival) {
            section.fault(section.place("san"), Phrase::new("front-config-san-twice"));
        }
        let allowed = |key: &str, known: &dyn Fn(&str) -> bool, rule: &Phrase| {
            let mut set = BTreeSet::new();
            for entry in section.texts(key) {
                if entry.value != "*" && !known(&entry.value) {
                    section.fault(entry.span, rule.clone());
                }
                set.insert(entry.value);
            }
            set
        };
        let banks = allowed("banks", &|name| named.contains(name), &Phrase::new("front-config-party-bank"));
        let operation = |name: &str| Operation::from_name(name).is_some();
        let operations = allowed("operations", &operation, &Phrase::new("front-config-party-operation"));
        section.unknown();
        if let (Some(id), Some(san)) = (id, parsed) {
            parties.push(Party { id: id.value, san, issuer, banks, operations });
        }
    }
    parties
}

/// SHA-256 in 64 hexadecimal digits.
fn fingerprint(text: &str) -> Option<[u8; 32]> {
    data_encoding::HEXLOWER_PERMISSIVE.decode(text.as_bytes()).ok()?.try_into().ok()
}
