//! One `[bank.<id>]`: how it is reached and what its adapter is given.

use std::collections::BTreeMap;
use std::net::{IpAddr, SocketAddr};
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use jiff::civil::Time;
use secrecy::SecretString;
use toml::de::DeValue;

use super::Setting;
use super::read::{cut_over, resolve, seconds, versions};
use super::section::Section;
use crate::adapter::plan::MacAlgorithm;
use crate::lang::Phrase;
use crate::link::{BreakerRule, Deadlines, Security, Target};
use crate::tls::{ClientFiles, ClientTls, Live, San, ServerFiles, TlsError};

/// The certificates of a link, to be watched for changes.
pub type Certificates = Arc<Live<ClientTls>>;

/// A bank as configured.
#[derive(Debug, Clone)]
pub struct Bank {
    /// `host:port`.
    pub address: String,
    /// The name its certificate must bear.
    pub server_name: String,
    /// What protects the link.
    pub security: BankSecurity,
    /// Most connections at one time.
    pub connections: usize,
    /// Limits other than the answer's.
    pub deadlines: Deadlines,
    /// Limit of an answer, if it is to differ from the adapter's.
    pub answer: Option<Duration>,
    /// When to stop sending.
    pub breaker: BreakerRule,
    /// From when on the business date is the next day's.
    pub cut_over: Time,
    /// Algorithms that are too weak to be used unless they stand here, by name.
    pub legacy: Vec<String>,
    /// Where it calls, if it does.
    pub calls: Option<Calls>,
    /// Values for the adapter, by name.
    pub settings: BTreeMap<String, Setting>,
    pub(super) span: (usize, usize),
}

/// Where a bank calls.
#[derive(Debug, Clone)]
pub struct Calls {
    /// Where to listen.
    pub address: SocketAddr,
    /// The listener's certificates, and whose client certificates it takes.
    pub files: ServerFiles,
    /// The alternative name in the bank's certificate.
    pub san: San,
}

/// What protects the link to a bank.
#[derive(Debug, Clone)]
pub enum BankSecurity {
    /// TLS with certificates on both sides.
    Mutual(ClientFiles),
    /// TLS with the bank's certificate only.
    Server(ClientFiles),
    /// A vendor's client on this machine.
    FrontEnd,
}

impl Bank {
    /// The link's target. What the adapter says comes with it: whether connections are kept, the longest answer in bytes
    /// and the bank's own answer time-out. Also gives the certificates to be watched, if there are any.
    ///
    /// # Errors
    /// The certificates cannot be used.
    pub fn target(
        &self,
        reuse: bool,
        max_answer: usize,
        answer: Duration,
    ) -> Result<(Target, Option<Certificates>), TlsError> {
        let open = |files: &ClientFiles| {
            let files = files.clone();
            Live::open(files.paths(), move || files.load())
        };
        let (security, live) = match &self.security {
            BankSecurity::FrontEnd => (Security::FrontEnd, None),
            BankSecurity::Mutual(files) => {
                let live = open(files)?;
                (Security::Mutual(live.clone()), Some(live))
            }
            BankSecurity::Server(files) => {
                let live = open(files)?;
                (Security::Server(live.clone()), Some(live))
            }
        };
        let target = Target {
            address: self.address.clone(),
            server_name: self.server_name.clone(),
            security,
            reuse,
            max_connections: self.connections,
            deadlines: Deadlines { answer: self.answer.unwrap_or(answer), ..self.deadlines },
            max_answer,
            breaker: self.breaker,
        };
        Ok((target, live))
    }
}

pub(super) fn read(section: Section<'_>, base: &Path, standard_cut_over: Time) -> Option<Bank> {
    let parse = |text: &str| split(text).is_some().then(|| text.to_owned());
    let address = section.form(section.need("address"), parse, Phrase::new("front-config-host-port"));
    let host = address.as_deref().and_then(split).map(|(host, _)| host.to_owned()).unwrap_or_default();
    let name = |text: &str| rustls_pki_types::ServerName::try_from(text.to_owned()).is_ok().then(|| text.to_owned());
    let server_name = section.form(section.text("server_name"), name, Phrase::new("front-config-server-name"));
    let security = security(&section, base, &host);
    let standard = Deadlines::default();
    let deadlines = section.table("deadlines");
    let limit = |key: &str| seconds(&deadlines, key);
    let connect = limit("connect_seconds").unwrap_or(standard.connect);
    let write = limit("write_seconds").unwrap_or(standard.write);
    let idle = limit("idle_seconds").unwrap_or(standard.idle);
    let answer = limit("answer_seconds");
    deadlines.unknown();
    let standard_rule = BreakerRule::default();
    let rule = section.table("breaker");
    let failures = rule.number("failures", 1..1001).and_then(|number| u32::try_from(number).ok());
    let breaker = BreakerRule {
        failures: failures.unwrap_or(standard_rule.failures),
        back_off: seconds(&rule, "back_off_seconds").unwrap_or(standard_rule.back_off),
        back_off_max: seconds(&rule, "back_off_max_seconds").unwrap_or(standard_rule.back_off_max),
    };
    rule.unknown();
    let connections = section.number("connections", 1..1001).and_then(|number| usize::try_from(number).ok());
    let bank = Bank {
        server_name: server_name.unwrap_or(host),
        address: address.unwrap_or_default(),
        security: security?,
        connections: connections.unwrap_or(16),
        deadlines: Deadlines { connect, write, idle, ..standard },
        answer,
        breaker,
        cut_over: cut_over(&section).unwrap_or(standard_cut_over),
        legacy: legacy(&section),
        calls: calls(&section, base),
        settings: settings(&section.table("settings"), base),
        span: (section.span.start, section.span.end.saturating_sub(section.span.start)),
    };
    section.unknown();
    Some(bank)
}

fn security(section: &Section<'_>, base: &Path, host: &str) -> Option<BankSecurity> {
    let kind = section.need("security");
    let place = section.place("security");
    let file = |key: &str| section.text(key).map(|path| resolve(base, &path));
    let needed = |key: &str| section.need(key).map(|path| resolve(base, &path)).unwrap_or_default();
    let kind = kind?.value;
    let files = || ClientFiles {
        server_ca: needed("server_ca"),
        server_crl: file("server_crl"),
        identity: None,
        versions: versions(section),
    };
    match kind.as_str() {
        "mutual" => {
            let identity = Some((needed("certificate"), needed("key")));
            Some(BankSecurity::Mutual(ClientFiles { identity, ..files() }))
        }
        "server" => Some(BankSecurity::Server(files())),
        "front-end" => {
            let local = host == "localhost" || host.parse().is_ok_and(|address: IpAddr| address.is_loopback());
            if !local {
                section.fault(place, Phrase::new("front-config-front-end"));
            }
            Some(BankSecurity::FrontEnd)
        }
        _ => {
            section.fault(place, Phrase::new("front-config-security"));
            // The keys of whatever was meant are not unknown ones.
            for key in ["server_ca", "server_crl", "certificate", "key", "tls12"] {
                section.has(key);
            }
            None
        }
    }
}

/// `[bank.ID.calls]`, where there is one.
fn calls(section: &Section<'_>, base: &Path) -> Option<Calls> {
    if !section.has("calls") {
        return None;
    }
    let calls = section.table("calls");
    let address = calls.form(calls.need("address"), |it| it.parse().ok(), Phrase::new("front-config-address"));
    let san = calls.form(calls.need("san"), San::parse, Phrase::new("front-config-san"));
    let needed = |key: &str| calls.need(key).map(|path| resolve(base, &path)).unwrap_or_default();
    let files = ServerFiles {
        certificate: needed("certificate"),
        key: needed("key"),
        client_ca: needed("client_ca"),
        client_crl: calls.text("client_crl").map(|path| resolve(base, &path)),
        versions: versions(&calls),
        alpn: &[],
    };
    calls.unknown();
    Some(Calls { address: address?, files, san: san? })
}

/// The legacy algorithms that this link may use.
fn legacy(section: &Section<'_>) -> Vec<String> {
    let listed = if section.has("legacy") { section.texts("legacy") } else { Vec::new() };
    let known = |name: &str| MacAlgorithm::ALL.into_iter().any(|known| known.is_legacy() && known.name() == name);
    for unknown in listed.iter().filter(|name| !known(&name.value)) {
        section.fault(unknown.span.clone(), Phrase::new("front-config-legacy"));
    }
    listed.into_iter().map(|name| name.value).collect()
}

/// Text inline, or `{ file = "…" }`, or `{ env = "…" }`.
fn settings(section: &Section<'_>, base: &Path) -> BTreeMap<String, Setting> {
    let mut settings = BTreeMap::new();
    for (name, value) in section.entries() {
        let range = value.span();
        let span = (range.start, range.end.saturating_sub(range.start));
        if let Some(text) = value.get_ref().as_str() {
            settings.insert(name.value, Setting { value: text.into(), inline: true, span });
            continue;
        }
        if !matches!(value.get_ref(), DeValue::Table(_)) {
            section.hidden_fault(range, Phrase::new("front-config-setting-form"));
            continue;
        }
        let source = section.table(&name.value);
        let secret: Option<SecretString> = match (source.text("file"), source.text("env")) {
            (Some(file), None) => {
                let read = std::fs::read_to_string(resolve(base, &file)).ok();
                if read.is_none() {
                    section.fault(file.span, Phrase::new("front-config-secret-file"));
                }
                // An editor's line end is not part of a secret.
                read.map(zeroize::Zeroizing::new)
                    .map(|text| text.strip_suffix('\n').unwrap_or(&text).trim_end_matches('\r').into())
            }
            (None, Some(variable)) => {
                let read = std::env::var(&variable.value).ok();
                if read.is_none() {
                    section.fault(variable.span, Phrase::new("front-config-secret-env"));
                }
                read.map(Into::into)
            }
            (Some(_), Some(_)) | (None, None) => {
                section.hidden_fault(range, Phrase::new("front-config-setting-form"));
                None
            }
        };
        source.unknown();
        if let Some(value) = secret {
            settings.insert(name.value, Setting { value, inline: false, span });
        }
    }
    settings
}

/// Host and port; an IPv6 address stands in brackets.
fn split(text: &str) -> Option<(&str, u16)> {
    if let Ok(SocketAddr::V6(_)) = text.parse() {
        let (host, port) = text.rsplit_once(':')?;
        return Some((host.trim_start_matches('[').trim_end_matches(']'), port.parse().ok()?));
    }
    let (host, port) = text.rsplit_once(':')?;
    let plain = !host.is_empty() && host.bytes().all(|byte| byte.is_ascii_alphanumeric() || b".-_".contains(&byte));
    plain.then_some((host, port.parse().ok().filter(|port| *port != 0)?))
}
