//! What must be true of a sample: bytes and JSON translate into each other, a bad one is refused as told, a cut one always.

use std::path::Path;

use crate::adapter::check::case::{self, Problem, Surroundings};
use crate::adapter::check::{Counts, Finding, Severity};
use crate::adapter::plan::{Adapter, OperationPlan};
use crate::adapter::runtime::{Expected, Incoming, Ours, Refusal, Wire};
use crate::lang::Phrase;
use crate::message::{Field, Occurrence, Operation, Record, Reply, north};

/// What a case shows, for the question of what has no sample.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Shown {
    /// A message that is refused.
    Refused,
    /// A reply that means this.
    Outcome(Occurrence),
}

/// The check of one case.
pub(super) struct Samples<'c> {
    pub(super) adapter: &'c Adapter,
    pub(super) plan: &'c OperationPlan,
    pub(super) place: String,
    pub(super) findings: &'c mut Vec<Finding>,
    pub(super) counts: &'c mut Counts,
}

impl Samples<'_> {
    fn find(&mut self, rule: Phrase) {
        self.findings.push(Finding { severity: Severity::Error, place: self.place.clone(), rule });
    }

    /// Checks a folder; says what it shows.
    pub(super) fn check(&mut self, folder: &Path) -> Option<Shown> {
        let surroundings = match Surroundings::read(self.adapter, folder) {
            Ok(surroundings) => surroundings,
            Err(rule) => {
                self.find(rule);
                return None;
            }
        };
        let body = case::bytes(folder, "request.json");
        let record = match body.as_deref().map(|body| north::decode(self.plan.operation, body)) {
            Some(Ok(record)) => Some(record),
            Some(Err(problems)) => {
                let code = problems.first().map_or("", |problem| problem.code);
                self.find(Phrase::new("adapter-check-request-json").with("code", code));
                return None;
            }
            None => None,
        };
        let items: Vec<Record<'_>> = record.into_iter().collect();
        let problem = match case::bytes(folder, "problem.json").map(|bytes| Problem::decode(&bytes)) {
            Some(Ok(problem)) => Some(problem),
            Some(Err(rule)) => {
                self.find(rule);
                return None;
            }
            None => None,
        };
        let bad_request = problem.as_ref().is_some_and(|problem| !problem.reply);
        if bad_request {
            self.bad_request(folder, &surroundings, &items, problem.as_ref()?);
            return Some(Shown::Refused);
        }
        self.request(folder, &surroundings, &items);
        let nothing = Record::new();
        let expected = surroundings.expected(items.first().unwrap_or(&nothing));
        let Some(expected) = expected else {
            self.find(Phrase::new("adapter-check-context").with("why", "serial, sent_at, business_date"));
            return None;
        };
        if let Some(problem) = problem {
            let wire = case::bytes(folder, "reply.wire").unwrap_or_default();
            let refusal = self.adapter.decode_reply(self.plan, &wire, &expected).err();
            self.refused(&problem, refusal);
            return Some(Shown::Refused);
        }
        self.reply(folder, &expected)
    }

    /// A request that must be refused: read, or without a wire file, written.
    fn bad_request(&mut self, folder: &Path, around: &Surroundings, items: &[Record<'_>], problem: &Problem) {
        let refusal = match wire(folder, "request.wire") {
            Some(wire) => self.adapter.decode_request(self.plan, &wire, &around.settings).err(),
            None => {
                let outgoing = around.outgoing(items);
                outgoing.and_then(|outgoing| self.adapter.encode_request(self.plan, &outgoing).err())
            }
        };
        self.refused(problem, refusal);
    }

    fn refused(&mut self, problem: &Problem, refusal: Option<Refusal>) {
        self.counts.translations += 1;
        let Some(refusal) = refusal else {
            self.find(Phrase::new("adapter-check-not-refused").with("code", &problem.code));
            return;
        };
        let field = problem.field.is_none() || problem.field == refusal.field;
        let at = problem.at.is_none() || problem.at == refusal.at;
        if refusal.code != problem.code || !field || !at {
            let told = |field: &Option<String>, at: Option<usize>| {
                format!(
                    "{} {}",
                    field.as_deref().unwrap_or("-"),
                    at.map_or_else(|| "-".to_owned(), |at| at.to_string())
                )
            };
            let rule = Phrase::new("adapter-check-refused-otherwise")
                .with("wanted", format!("{} {}", problem.code, told(&problem.field, problem.at)))
                .with("found", format!("{} {}", refusal.code, told(&refusal.field, refusal.at)));
            self.find(rule);
        }
    }

    /// `request.json` and `request.wire` are each other's translation; `request.also.wire` is read only.
    fn request(&mut self, folder: &Path, around: &Surroundings, items: &[Record<'_>]) {
        for file in ["request.wire", "request.also.wire"] {
            let Some(shown) = wire(folder, file) else { continue };
            self.counts.translations += 1;
            match self.adapter.decode_request(self.plan, &shown, &around.settings) {
                Ok(read) => self.same_request(file, around, items, &read),
                Err(refusal) => self.unreadable(file, &refusal),
            }
            if file != "request.wire" {
                continue;
            }
            let Some(outgoing) = around.outgoing(items) else {
                self.find(Phrase::new("adapter-check-context").with("why", "serial, sent_at, business_date"));
                continue;
            };
            self.counts.translations += 1;
            match self.adapter.encode_request(self.plan, &outgoing) {
                Ok(written) => {
                    self.same_bytes(file, &written.body, &shown.body);
                    if let (Some(written), Some(shown)) = (&written.target, &shown.target) {
                        self.same_bytes("request.target", written, shown);
                    }
                }
                Err(refusal) => self.unreadable("request.json", &refusal),
            }
            self.prefixes(&shown.body, |adapter, plan, body| {
                let cut = Wire { target: None, body: body.to_vec() };
                adapter.decode_request(plan, &cut, &around.settings).is_err()
            });
        }
    }

    fn same_request(&mut self, file: &str, around: &Surroundings, items: &[Record<'_>], read: &Incoming<'_>) {
        let context = &around.context;
        let mut differ = Vec::new();
        for (item, wanted) in read.items.iter().zip(items) {
            for field in Field::ALL {
                let absent = self.plan.absent.iter().any(|(absent, _)| *absent == field);
                // A query carries what it needs to find a payment, and need not repeat the rest.
                let spared = self.plan.operation.asks_about().is_some() && item.get(field).is_none();
                if !spared && item.get(field) != wanted.get(field).filter(|_| !absent) {
                    differ.push(field.name());
                }
            }
        }
        if self.plan.operation == Operation::PaymentPay && read.items.len() != items.len() {
            differ.push("items");
        }
        if read.serial.is_some() && read.serial != context.serial {
            differ.push("serial");
        }
        if read.business_date.is_some() && read.business_date != context.business_date {
            differ.push("business_date");
        }
        let original = context.original.as_ref().and_then(|original| original.serial.as_ref());
        if read.original_serial.is_some() && read.original_serial.as_ref() != original {
            differ.push("original.serial");
        }
        if !differ.is_empty() {
            self.find(Phrase::new("adapter-check-differs").with("file", file).with("fields", differ.join(", ")));
        }
    }

    /// `reply.json` and `reply.wire` are each other's translation; `reply.also.wire` is read only.
    fn reply(&mut self, folder: &Path, expected: &Expected<'_>) -> Option<Shown> {
        let told = match case::bytes(folder, "reply.json").map(|bytes| Reply::decode(&bytes)) {
            Some(Ok(reply)) => Some(reply),
            Some(Err(problems)) => {
                let code = problems.first().map_or("", |problem| problem.code);
                self.find(Phrase::new("adapter-check-reply-json").with("code", code));
                None
            }
            None => None,
        };
        for file in ["reply.wire", "reply.also.wire"] {
            let Some(shown) = case::bytes(folder, file) else { continue };
            self.counts.translations += 1;
            let answered = match self.adapter.decode_reply(self.plan, &shown, expected) {
                Ok(answered) => answered,
                Err(refusal) => {
                    self.unreadable(file, &refusal);
                    continue;
                }
            };
            let Some(told) = &told else { continue };
            if answered.reply.encode() != told.encode() {
                self.find(Phrase::new("adapter-check-reply-differs").with("file", file));
                continue;
            }
            if file != "reply.wire" {
                continue;
            }
            // An answer to another message cannot be written from what was sent.
            if answered.correlation == Ours::Yes {
                self.counts.translations += 1;
                match self.adapter.encode_reply(self.plan, told, expected) {
                    Ok(written) => self.same_bytes(file, &written, &shown),
                    Err(refusal) => self.unreadable("reply.json", &refusal),
                }
            }
            self.prefixes(&shown, |adapter, plan, body| adapter.decode_reply(plan, body, expected).is_err());
        }
        told.map(|reply| Shown::Outcome(reply.occurrence))
    }

    fn unreadable(&mut self, file: &str, refusal: &Refusal) {
        let place = refusal.field.clone().or_else(|| refusal.at.map(|at| at.to_string())).unwrap_or_default();
        let rule = Phrase::new("adapter-check-refused").with("file", file).with("code", refusal.code);
        self.find(rule.with("place", place));
    }

    fn same_bytes(&mut self, file: &str, written: &[u8], shown: &[u8]) {
        if written != shown {
            let at = written.iter().zip(shown).take_while(|(written, shown)| written == shown).count();
            self.find(Phrase::new("adapter-check-bytes-differ").with("file", file).with("at", at));
        }
    }

    /// No piece of a message from its first byte on may be taken for one.
    fn prefixes(&mut self, bytes: &[u8], refused: impl Fn(&Adapter, &OperationPlan, &[u8]) -> bool) {
        for length in 0..bytes.len() {
            let cut = bytes.get(..length).unwrap_or_default();
            if refused(self.adapter, self.plan, cut) {
                self.counts.prefixes += 1;
            } else {
                self.find(Phrase::new("adapter-check-prefix-accepted").with("length", length));
                return;
            }
        }
    }
}

/// The bytes of a request sample, with its target where it has one.
fn wire(folder: &Path, file: &str) -> Option<Wire> {
    let body = case::bytes(folder, file)?;
    Some(Wire { target: case::bytes(folder, "request.target"), body })
}
