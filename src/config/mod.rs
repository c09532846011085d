//! The configuration of `kuimen serve`: one TOML file, read strictly, every fault at once with its place.
//!
//! Paths are relative to the file. Secrets stand in files or in the environment; which settings are secrets is the
//! adapter's word, checked by [`Config::check_settings`] once the adapters are loaded. `docs/kuimen.example.toml` shows
//! every key. Nothing is connected to, listened on or written here.

mod bank;
pub mod county;
mod fault;
mod read;
mod section;

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use jiff::civil::Time;
use secrecy::SecretString;

pub use bank::{Bank, BankSecurity, Certificates};
pub use fault::{ConfigFault, Faults};

use crate::clock::Clock;
use crate::county::County;
use crate::front::Limits;
use crate::lang::Phrase;
use crate::tls::{Party, ServerFiles};

/// A configuration without faults.
#[derive(Debug, Clone)]
pub struct Config {
    /// Where the journal and the archived adapters are kept.
    pub data: PathBuf,
    /// The installation's key file, outside of the data directory.
    pub key: PathBuf,
    /// The folder of adapter folders.
    pub adapters: PathBuf,
    /// The north listener's address.
    pub listen: SocketAddr,
    /// Its certificates.
    pub server: ServerFiles,
    /// What a client may cost.
    pub limits: Limits,
    /// Who may ask.
    pub parties: Vec<Party>,
    /// The banks by id, which is the name of their adapter folder.
    pub banks: BTreeMap<String, Bank>,
    /// The county whose rules are asked, if one is named.
    pub county: Option<County>,
    /// The clock: its factor is 1 unless invented things are allowed.
    pub clock: Clock,
    /// Codes that nobody has seen at a bank, and a fast clock, are allowed; the data directory becomes a simulation.
    pub allow_invented: bool,
    /// How the log is written.
    pub logging: Logging,
    /// Where the county's file is.
    county_file: Option<PathBuf>,
    origin: Origin,
}

/// How the log is written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Logging {
    /// JSON lines instead of text.
    pub json: bool,
    /// Filter, e.g. `info` or `info,kuimen::link=debug`.
    pub filter: String,
}

/// A value that a link supplies to its adapter.
#[derive(Debug, Clone)]
pub struct Setting {
    /// The value. Never printed, whether it is a secret or not.
    pub value: SecretString,
    /// It stands in the file itself.
    inline: bool,
    span: (usize, usize),
}

/// The file that a configuration came from, for faults that are found later.
#[derive(Debug, Clone)]
struct Origin {
    file: PathBuf,
    text: Arc<str>,
}

impl Config {
    /// Reads and checks a file.
    ///
    /// # Errors
    /// Every fault of the file; one without a place if it cannot be read.
    pub fn load(file: &Path) -> Result<Self, Faults> {
        let text = std::fs::read_to_string(file).map_err(|error| {
            let rule = Phrase::new("front-config-file").with("reason", error.kind());
            Faults::new(file, "", vec![ConfigFault::at("", (0, 0), rule)])
        })?;
        let mut config = Self::parse(file, &text)?;
        config.county = config.county_file.as_deref().map(county::load).transpose()?;
        Ok(config)
    }

    /// Checks a text as if it stood in `file`. The county's file is not looked at.
    ///
    /// # Errors
    /// Every fault of the text.
    pub fn parse(file: &Path, text: &str) -> Result<Self, Faults> {
        read::config(file, text).map_err(|list| Faults::new(file, text, list))
    }

    /// Holds the settings of a bank against those its adapter asks for: (name, is it a secret).
    ///
    /// # Errors
    /// A setting is missing, unknown, or a secret that stands in the file.
    pub fn check_settings<'a>(
        &self,
        bank: &str,
        wanted: impl IntoIterator<Item = (&'a str, bool)>,
    ) -> Result<(), Faults> {
        let text = &self.origin.text;
        let Some(entry) = self.banks.get(bank) else { return Ok(()) };
        let mut faults = Vec::new();
        let mut known = Vec::new();
        for (name, secret) in wanted {
            known.push(name);
            match entry.settings.get(name) {
                None => {
                    let rule = Phrase::new("front-config-setting-missing").with("name", name);
                    faults.push(ConfigFault::at(text, entry.span, rule));
                }
                Some(setting) if secret && setting.inline => {
                    let rule = Phrase::new("front-config-setting-inline").with("name", name);
                    faults.push(ConfigFault::at(text, setting.span, rule).hidden());
                }
                Some(_) => {}
            }
        }
        for (name, setting) in entry.settings.iter().filter(|(name, _)| !known.contains(&name.as_str())) {
            let rule = Phrase::new("front-config-setting-unknown").with("name", name);
            faults.push(ConfigFault::at(text, setting.span, rule).hidden());
        }
        if faults.is_empty() { Ok(()) } else { Err(Faults::new(&self.origin.file, text, faults)) }
    }
}

/// Reads `hh:mm` or `hh:mm:ss`.
fn time_of_day(text: &str) -> Option<Time> {
    let plain = text.len() >= 5 && text.bytes().all(|byte| byte.is_ascii_digit() || byte == b':');
    plain.then(|| text.parse().ok()).flatten()
}

#[cfg(test)]
mod tests;
