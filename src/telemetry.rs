//! The log: one line per event on standard error, as text or as JSON.
//!
//! A log line is one line, whatever a peer sends: control characters, line separators and marks that reorder text are
//! written as escapes. Personal data never gets here: what is logged are ids, codes and counts.

use std::io::{self, Write};

use tracing_subscriber::EnvFilter;
use tracing_subscriber::fmt::MakeWriter;

/// Starts the log of the process. A second call changes nothing.
pub fn start(json: bool, filter: &str) {
    let filter = EnvFilter::try_new(filter).unwrap_or_else(|_| EnvFilter::new("info"));
    let builder = tracing_subscriber::fmt().with_env_filter(filter).with_ansi(false).with_writer(Clean);
    // The error only says that there is a log already.
    drop(if json { builder.json().flatten_event(true).try_init() } else { builder.try_init() });
}

/// Whether a text is a filter, e.g. `info` or `info,kuimen::link=debug`.
pub fn is_filter(text: &str) -> bool {
    !text.trim().is_empty() && EnvFilter::builder().parse(text).is_ok()
}

/// Makes writers that clean what they are given.
struct Clean;

impl<'a> MakeWriter<'a> for Clean {
    type Writer = Cleaner<io::Stderr>;

    fn make_writer(&'a self) -> Self::Writer {
        Cleaner(io::stderr())
    }
}

/// Writes each event, which arrives whole, as one clean line in one call.
struct Cleaner<W>(W);

impl<W: Write> Write for Cleaner<W> {
    fn write(&mut self, event: &[u8]) -> io::Result<usize> {
        self.0.write_all(clean(&String::from_utf8_lossy(event)).as_bytes())?;
        Ok(event.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        self.0.flush()
    }
}

/// The event with everything escaped that could end its line, move the cursor or reorder its text; its own last line
/// feed stays. In JSON the escape is one that JSON knows.
fn clean(event: &str) -> String {
    let (body, end) = event.strip_suffix('\n').map_or((event, ""), |body| (body, "\n"));
    let mut out = String::with_capacity(event.len());
    for character in body.chars() {
        let code = u32::from(character);
        let reorders = matches!(code, 0x061c | 0x200e | 0x200f | 0x202a..=0x202e | 0x2066..=0x2069);
        if character.is_control() || matches!(code, 0x2028 | 0x2029 | 0xfeff) || reorders {
            out.push_str(&format!("\\u{code:04x}"));
        } else {
            out.push(character);
        }
    }
    out.push_str(end);
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::{Arc, Mutex};

    #[derive(Clone, Default)]
    struct Sink(Arc<Mutex<Vec<u8>>>);

    impl Write for Sink {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            self.0.lock().unwrap().extend_from_slice(bytes);
            Ok(bytes.len())
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    fn logged(json: bool) -> String {
        let sink = Sink::default();
        let writer = sink.clone();
        let builder = tracing_subscriber::fmt().with_ansi(false).with_writer(move || Cleaner(writer.clone()));
        let evil = "a\nb\r\u{1b}[31m\u{2028}\u{202e}\u{85}c";
        let log = || tracing::info!(name = evil, debugged = ?evil, "said {evil}");
        if json {
            tracing::subscriber::with_default(builder.json().flatten_event(true).finish(), log);
        } else {
            tracing::subscriber::with_default(builder.finish(), log);
        }
        let bytes = sink.0.lock().unwrap().clone();
        String::from_utf8(bytes).unwrap()
    }

    #[test]
    fn one_event_is_one_line() {
        for json in [false, true] {
            let line = logged(json);
            assert_eq!(line.matches('\n').count(), 1, "{line}");
            assert!(line.ends_with('\n'));
            let body = line.trim_end_matches('\n');
            let bad = |c: char| c.is_control() || matches!(c, '\u{2028}' | '\u{202e}');
            assert!(!body.contains(bad), "{line:?}");
        }
        let parsed: serde_json::Value = serde_json::from_str(&logged(true)).unwrap();
        assert_eq!(parsed["name"], "a\nb\r\u{1b}[31m\u{2028}\u{202e}\u{85}c", "JSON keeps the value");
    }

    #[test]
    fn filters_are_told_from_other_text() {
        assert!(is_filter("info") && is_filter("info,kuimen::link=debug"));
        assert!(!is_filter("") && !is_filter("info,=,=="));
    }
}
