//! `adapter check`: a folder loads, its samples translate both ways, no piece of one is taken for a message, and generated
//! payments come back as they went.
//!
//! In reading order: [`report`](CheckReport) here, then `case` (what a sample folder holds), `samples` (what must be true of
//! it), `generated` (payments from the dictionary). Deliberately not here: where adapters are found, and exit codes.

mod case;
mod generated;
mod samples;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use crate::adapter::fault::Faults;
use crate::adapter::plan::{Adapter, OperationPlan, OutcomeThen};
use crate::lang::{Lang, Phrase};
use crate::message::Occurrence;

/// How bad a finding is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Severity {
    /// The adapter must not be used.
    Error,
    /// Something is not shown by a sample.
    Warning,
}

/// Something that a sample or a generated message shows to be wrong.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    /// How bad it is.
    pub severity: Severity,
    /// Where: `payment.pay/accepted`, or the operation.
    pub place: String,
    /// The rule; its key without `adapter-check-` is the stable code.
    pub rule: Phrase,
}

impl Finding {
    /// The stable code, in kebab case.
    pub fn code(&self) -> &'static str {
        let key = self.rule.key();
        key.strip_prefix("adapter-check-").unwrap_or(key)
    }
}

/// What was done, and how often.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Counts {
    /// Sample folders.
    pub samples: usize,
    /// Messages translated from a sample, either way.
    pub translations: usize,
    /// Cut messages that were refused.
    pub prefixes: usize,
    /// Generated payments that came back as they went.
    pub generated: usize,
    /// Generated payments that the bank cannot carry and that were refused for it.
    pub refused: usize,
}

/// One adapter's part of the report.
#[derive(Debug, Clone)]
pub struct AdapterReport {
    /// The adapter's id.
    pub id: String,
    /// Its digest, if it loads.
    pub digest: Option<String>,
    /// Its faults, if it does not.
    pub faults: Option<Faults>,
    /// What its samples show, in their order.
    pub findings: Vec<Finding>,
    /// What was done.
    pub counts: Counts,
}

/// The outcome of a check.
#[derive(Debug, Clone)]
pub struct CheckReport {
    /// In the order asked for.
    pub adapters: Vec<AdapterReport>,
}

impl CheckReport {
    /// Whether every adapter may be used. Warnings do not count.
    pub fn is_clean(&self) -> bool {
        self.adapters.iter().all(|adapter| {
            adapter.faults.is_none() && !adapter.findings.iter().any(|finding| finding.severity == Severity::Error)
        })
    }

    /// The report as text.
    pub fn render(&self, lang: Lang) -> String {
        let mut out = String::new();
        for adapter in &self.adapters {
            if let Some(faults) = &adapter.faults {
                out.push_str(&faults.render(lang));
            }
            for finding in &adapter.findings {
                let severity = match finding.severity {
                    Severity::Error => Phrase::new("adapter-check-error"),
                    Severity::Warning => Phrase::new("adapter-check-warning"),
                };
                let line = [
                    format!("{}/samples/{}", adapter.id, finding.place),
                    severity.text(lang),
                    finding.code().to_owned(),
                    finding.rule.text(lang),
                ];
                out.push_str(&line.join(": "));
                out.push('\n');
            }
            let Counts { samples, translations, prefixes, generated, refused } = adapter.counts;
            let summary = Phrase::new("adapter-check-summary")
                .with("id", &adapter.id)
                .with("samples", samples)
                .with("translations", translations)
                .with("prefixes", prefixes)
                .with("generated", generated)
                .with("refused", refused);
            out.push_str(&summary.text(lang));
            out.push('\n');
        }
        out
    }

    /// The report as data.
    pub fn to_json(&self) -> serde_json::Value {
        let adapters = self.adapters.iter().map(|adapter| {
            let findings = adapter.findings.iter().map(|finding| {
                serde_json::json!({
                    "severity": match finding.severity { Severity::Error => "error", Severity::Warning => "warning" },
                    "place": finding.place, "code": finding.code(),
                    "zh": finding.rule.text(Lang::Zh), "en": finding.rule.text(Lang::En),
                })
            });
            let Counts { samples, translations, prefixes, generated, refused } = adapter.counts;
            serde_json::json!({
                "id": adapter.id, "digest": adapter.digest,
                "faults": adapter.faults.as_ref().map_or(serde_json::json!([]), Faults::to_json),
                "findings": findings.collect::<Vec<_>>(),
                "samples": samples, "translations": translations, "prefixes": prefixes,
                "generated": generated, "refused": refused,
            })
        });
        serde_json::json!({ "clean": self.is_clean(), "adapters": adapters.collect::<Vec<_>>() })
    }
}

/// Checks adapter folders. A folder without `adapter.toml` stands for the adapters below it.
pub fn check(folders: &[PathBuf]) -> CheckReport {
    let adapters = folders.iter().flat_map(|folder| adapters_of(folder)).map(|folder| one(&folder)).collect();
    CheckReport { adapters }
}

fn adapters_of(folder: &Path) -> Vec<PathBuf> {
    if folder.join(crate::adapter::load::MAIN_FILE).is_file() {
        return vec![folder.to_owned()];
    }
    let below = case::folders(folder).into_iter().filter(|below| below.join(crate::adapter::load::MAIN_FILE).is_file());
    let below: Vec<PathBuf> = below.collect();
    // A folder that holds no adapter is loaded all the same: its fault is that it holds none.
    if below.is_empty() { vec![folder.to_owned()] } else { below }
}

fn one(folder: &Path) -> AdapterReport {
    match Adapter::load(folder) {
        Err(faults) => AdapterReport {
            id: faults.adapter.clone(),
            digest: None,
            faults: Some(faults),
            findings: Vec::new(),
            counts: Counts::default(),
        },
        Ok(adapter) => loaded(folder, &adapter),
    }
}

fn loaded(folder: &Path, adapter: &Arc<Adapter>) -> AdapterReport {
    let mut findings = Vec::new();
    let mut counts = Counts::default();
    let mut shown: BTreeMap<&str, Vec<samples::Shown>> = BTreeMap::new();
    for below in case::folders(&folder.join("samples")) {
        let name = case::name(&below);
        let Some(plan) = adapter.operations.values().find(|plan| plan.operation.name() == name) else {
            let rule = Phrase::new("adapter-check-unknown-operation");
            findings.push(Finding { severity: Severity::Error, place: name, rule });
            continue;
        };
        for folder in case::folders(&below) {
            let place = format!("{name}/{}", case::name(&folder));
            counts.samples += 1;
            let mut samples = samples::Samples { adapter, plan, place, findings: &mut findings, counts: &mut counts };
            shown.entry(plan.operation.name()).or_default().extend(samples.check(&folder));
        }
    }
    for plan in adapter.operations.values() {
        let shown = shown.get(plan.operation.name()).map(Vec::as_slice).unwrap_or_default();
        missing(plan, shown, &mut findings);
        generated::check(adapter, plan, &mut findings, &mut counts);
    }
    let digest = Some(adapter.digest.clone());
    AdapterReport { id: adapter.id.clone(), digest, faults: None, findings, counts }
}

/// Every class of outcome that the rules can yield, and a malformed message, should have a sample.
fn missing(plan: &OperationPlan, shown: &[samples::Shown], findings: &mut Vec<Finding>) {
    let mut wanted = vec![samples::Shown::Refused, samples::Shown::Outcome(Occurrence::Unknown)];
    for rule in &plan.outcome {
        match &rule.then {
            OutcomeThen::Verdict(verdict) => wanted.push(samples::Shown::Outcome(verdict.occurrence)),
            OutcomeThen::Table { codes, .. } => {
                wanted.extend(codes.iter().map(|(_, verdict)| samples::Shown::Outcome(verdict.occurrence)));
            }
        }
    }
    let mut told = Vec::new();
    for class in wanted {
        if !shown.contains(&class) && !told.contains(&class) {
            told.push(class);
            let class = match class {
                samples::Shown::Refused => "malformed",
                samples::Shown::Outcome(occurrence) => occurrence.name(),
            };
            let rule = Phrase::new("adapter-check-sample-missing").with("class", class);
            findings.push(Finding { severity: Severity::Warning, place: plan.operation.name().to_owned(), rule });
        }
    }
}
