//! Figures of one run, and medians over all of them.

use std::collections::BTreeMap;
use std::time::Duration;

use comfy_table::{CellAlignment, Table};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

/// One measurement.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub(crate) struct Figures {
    pub(crate) done: u64,
    pub(crate) seconds: f64,
    pub(crate) p50_ms: f64,
    pub(crate) p99_ms: f64,
    /// Of the process in the middle, or of the journal's.
    pub(crate) cpu_us: u64,
    pub(crate) request_bytes: usize,
    pub(crate) answer_bytes: usize,
    /// An answer that was not what it must be.
    pub(crate) wrong: Option<String>,
}

impl Figures {
    pub(crate) fn new(mut took: Vec<Duration>, lasting: Duration, cpu_us: u64) -> Figures {
        took.sort_unstable();
        let at = |share: usize| {
            let place = took.len().saturating_sub(1) * share / 100;
            took.get(place).map_or(0.0, |took| took.as_secs_f64() * 1e3)
        };
        Figures {
            done: took.len() as u64,
            seconds: lasting.as_secs_f64(),
            p50_ms: at(50),
            p99_ms: at(99),
            cpu_us,
            ..Figures::default()
        }
    }

    pub(crate) fn rate(&self) -> f64 {
        self.done as f64 / self.seconds
    }

    fn cpu_each(&self) -> f64 {
        self.cpu_us as f64 / (self.done.max(1) as f64)
    }
}

/// Median, smallest and largest of the rounds.
#[derive(Clone, Copy, Serialize)]
struct Spread {
    median: f64,
    min: f64,
    max: f64,
}

fn spread(values: &[f64]) -> Spread {
    let mut sorted = values.to_vec();
    sorted.sort_by(f64::total_cmp);
    let at = |place: usize| sorted.get(place).copied().unwrap_or_default();
    let (half, last) = (sorted.len() / 2, sorted.len().saturating_sub(1));
    let median = if sorted.len() % 2 == 1 { at(half) } else { (at(half.saturating_sub(1)) + at(half)) / 2.0 };
    Spread { median, min: at(0), max: at(last) }
}

/// What was measured, in order of being shown.
const SUBJECTS: [&str; 3] = ["kuimen", "proxy", "ceiling"];
const MEASURES: [&str; 4] = ["rate", "p50_ms", "p99_ms", "cpu_us"];

/// All rounds.
pub(crate) struct Report {
    file_system: String,
    links: usize,
    seconds: u64,
    /// By number of clients, subject and measure: one value a round.
    values: BTreeMap<(usize, &'static str, &'static str), Vec<f64>>,
    bytes: BTreeMap<&'static str, (usize, usize)>,
}

impl Report {
    pub(crate) fn new(file_system: String, links: usize, seconds: u64) -> Report {
        Report { file_system, links, seconds, values: BTreeMap::new(), bytes: BTreeMap::new() }
    }

    pub(crate) fn add(&mut self, clients: usize, kuimen: &Figures, proxy: &Figures, ceiling: &Figures, disk: f64) {
        let mut put = |subject, measure, value| self.values.entry((clients, subject, measure)).or_default().push(value);
        for (subject, figures) in SUBJECTS.into_iter().zip([kuimen, proxy, ceiling]) {
            let measured = [figures.rate(), figures.p50_ms, figures.p99_ms, figures.cpu_each()];
            MEASURES.into_iter().zip(measured).for_each(|(measure, value)| put(subject, measure, value));
        }
        put("disk", "rate", disk);
        // A ratio is taken within a round: its two sides saw the same machine.
        put("kuimen / ceiling", "ratio", kuimen.rate() / ceiling.rate());
        put("kuimen / proxy", "ratio", kuimen.rate() / proxy.rate());
        self.bytes.insert("kuimen", (kuimen.request_bytes, kuimen.answer_bytes));
        self.bytes.insert("proxy", (proxy.request_bytes, proxy.answer_bytes));
    }

    fn of(&self, clients: usize, subject: &'static str, measure: &'static str) -> Option<Spread> {
        self.values.get(&(clients, subject, measure)).map(|values| spread(values))
    }

    fn clients(&self) -> Vec<usize> {
        let mut clients: Vec<usize> = self.values.keys().map(|(clients, _, _)| *clients).collect();
        clients.dedup();
        clients
    }

    pub(crate) fn table(&self) -> String {
        let mut table = Table::new();
        table.set_header(["clients", "", "messages / s", "p50 ms", "p99 ms", "CPU us / message"]);
        let text = |spread: Option<Spread>, digits: usize| match spread {
            Some(Spread { median, min, max }) => format!("{median:.digits$} ({min:.digits$} to {max:.digits$})"),
            None => String::new(),
        };
        for clients in self.clients() {
            for subject in SUBJECTS {
                let of = |measure, digits| text(self.of(clients, subject, measure), digits);
                let cells = [of("rate", 0), of("p50_ms", 1), of("p99_ms", 1), of("cpu_us", 0)];
                table.add_row([clients.to_string(), subject.to_owned()].into_iter().chain(cells));
            }
            for subject in ["kuimen / ceiling", "kuimen / proxy"] {
                let ratio = text(self.of(clients, subject, "ratio"), 2);
                table.add_row([clients.to_string(), subject.to_owned(), ratio]);
            }
            let disk = text(self.of(clients, "disk", "rate"), 0);
            table.add_row([clients.to_string(), "disk, syncs".to_owned(), disk]);
        }
        table.column_iter_mut().skip(2).for_each(|column| column.set_cell_alignment(CellAlignment::Right));
        let mut out =
            format!("{table}\n\nmedian (least to most) of the rounds, {} s each; {}; ", self.seconds, self.file_system);
        out.push_str(&format!("at most {} connections to the bank\n", self.links));
        for (subject, (request, answer)) in &self.bytes {
            out.push_str(&format!("{subject}: a request of about {request} bytes, an answer of about {answer}\n"));
        }
        out
    }

    pub(crate) fn json(&self) -> Value {
        let mut runs = Vec::new();
        for clients in self.clients() {
            let mut run = json!({ "clients": clients });
            for ((of, subject, measure), values) in &self.values {
                if *of == clients
                    && let Some(members) = run.as_object_mut()
                {
                    let subject = members.entry((*subject).to_owned()).or_insert_with(|| json!({}));
                    if let Some(subject) = subject.as_object_mut() {
                        subject.insert((*measure).to_owned(), json!(spread(values)));
                    }
                }
            }
            runs.push(run);
        }
        json!({ "file_system": self.file_system, "links": self.links, "seconds": self.seconds, "runs": runs })
    }
}
