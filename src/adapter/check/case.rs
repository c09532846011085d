//! One sample folder: which files it holds and what they say.

use std::path::{Path, PathBuf};

use crate::adapter::plan::Adapter;
use crate::adapter::runtime::{Expected, Original, Outgoing, Settings};
use crate::lang::Phrase;
use crate::message::Record;
use crate::message::context::Context;

/// The sub-folders of a folder, by name; none where it cannot be read.
pub(super) fn folders(folder: &Path) -> Vec<PathBuf> {
    let Ok(entries) = std::fs::read_dir(folder) else { return Vec::new() };
    let mut found: Vec<_> = entries.filter_map(|entry| Some(entry.ok()?.path())).filter(|path| path.is_dir()).collect();
    found.sort();
    found
}

/// The last part of a path.
pub(super) fn name(path: &Path) -> String {
    path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default()
}

/// The bytes of a file of the case, if it is there.
pub(super) fn bytes(folder: &Path, file: &str) -> Option<Vec<u8>> {
    std::fs::read(folder.join(file)).ok()
}

/// How a bad case must be refused.
#[derive(Debug)]
pub(super) struct Problem {
    /// The reply is refused, not the request.
    pub(super) reply: bool,
    pub(super) code: String,
    pub(super) field: Option<String>,
    pub(super) at: Option<usize>,
}

impl Problem {
    /// Reads a `problem.json`.
    pub(super) fn decode(bytes: &[u8]) -> Result<Problem, Phrase> {
        let broken = || Phrase::new("adapter-check-problem-file");
        let value: serde_json::Value = serde_json::from_slice(bytes).map_err(|_| broken())?;
        let text = |key: &str| value.get(key).and_then(serde_json::Value::as_str).map(str::to_owned);
        let reply = match text("message").as_deref() {
            Some("request") => false,
            Some("reply") => true,
            Some(_) | None => return Err(broken()),
        };
        let at = value.get("at").and_then(serde_json::Value::as_u64).and_then(|at| usize::try_from(at).ok());
        Ok(Problem { reply, code: text("code").ok_or_else(broken)?, field: text("field"), at })
    }
}

/// What a translation of the case needs besides the message.
pub(super) struct Surroundings {
    pub(super) context: Context,
    pub(super) settings: Settings,
}

impl Surroundings {
    /// Reads `context.json`. Settings that it does not give are the demo's.
    pub(super) fn read(adapter: &Adapter, folder: &Path) -> Result<Surroundings, Phrase> {
        let broken = |why: String| Phrase::new("adapter-check-context").with("why", why);
        let bytes = bytes(folder, "context.json").ok_or_else(|| broken("context.json".to_owned()))?;
        let context = Context::decode(&bytes)
            .map_err(|problems| broken(problems.first().map(|problem| problem.code.to_owned()).unwrap_or_default()))?;
        let demo = |name: &str| adapter.settings.iter().find(|setting| setting.name == name)?.demo.clone();
        let settings = adapter
            .settings_from(|name| context.settings.get(name).cloned().or_else(|| demo(name)))
            .map_err(|wrong| broken(wrong.first().map(|(name, _)| format!("setting.{name}")).unwrap_or_default()))?;
        Ok(Surroundings { context, settings })
    }

    fn original(&self) -> Option<Original<'_>> {
        let original = self.context.original.as_ref()?;
        Some(Original {
            serial: original.serial.as_deref()?,
            sent_at: original.sent_at?,
            business_date: original.business_date?,
            bank_serial: original.bank_serial.as_deref(),
        })
    }

    /// The request to write, if the context says enough.
    pub(super) fn outgoing<'a>(&'a self, items: &'a [Record<'a>]) -> Option<Outgoing<'a>> {
        Some(Outgoing {
            serial: self.context.serial.as_deref()?,
            sent_at: self.context.sent_at?,
            business_date: self.context.business_date?,
            settings: &self.settings,
            items,
            original: self.original(),
        })
    }

    /// What a reply is compared with, if the context says enough.
    pub(super) fn expected<'a>(&'a self, item: &'a Record<'a>) -> Option<Expected<'a>> {
        Some(Expected {
            serial: self.context.serial.as_deref()?,
            item,
            item_number: self.context.item_number.and_then(|number| usize::try_from(number).ok()).unwrap_or(1),
            sent_at: self.context.sent_at?,
            business_date: self.context.business_date?,
            original: self.original(),
            settings: &self.settings,
        })
    }
}
