//! What a command shows: a result on standard output, as words or as JSON, and notes on standard error.

use std::io::{self, IsTerminal as _, Write as _};

use serde_json::Value;

use super::Exit;
use crate::lang::{Lang, Phrase};
use crate::message::Problem;

/// Where a command writes, in which language and in which form.
#[derive(Clone, Copy, Debug)]
pub struct Screen {
    lang: Lang,
    json: bool,
}

impl Screen {
    /// A screen in `lang`; with `json` the result is one JSON value on one line.
    pub const fn new(lang: Lang, json: bool) -> Screen {
        Screen { lang, json }
    }

    /// The reader's language.
    pub const fn lang(&self) -> Lang {
        self.lang
    }

    /// Whether the result is wanted as JSON.
    pub const fn json(&self) -> bool {
        self.json
    }

    /// Whether progress may be drawn: standard error is a terminal and the result is for a person.
    pub fn lively(&self) -> bool {
        !self.json && io::stderr().is_terminal()
    }

    /// The result: words for a person, or the JSON value. A reader that has gone away is not an error of ours.
    pub fn result(&self, words: impl FnOnce(Lang) -> String, json: impl FnOnce() -> Value) {
        let text = if self.json { json().to_string() } else { words(self.lang) };
        let mut out = io::stdout().lock();
        let _ = if text.ends_with('\n') { write!(out, "{text}") } else { writeln!(out, "{text}") };
        let _ = out.flush();
    }

    /// Bytes as they are, for a result that is a message.
    pub fn bytes(&self, bytes: &[u8]) -> Exit {
        let mut out = io::stdout().lock();
        match out.write_all(bytes).and_then(|()| out.flush()) {
            Ok(()) => Exit::Ok,
            Err(error) if error.kind() == io::ErrorKind::BrokenPipe => Exit::Ok,
            Err(_) => Exit::Io,
        }
    }

    /// A remark for a person; silent when the result is JSON.
    pub fn note(&self, phrase: &Phrase) {
        if !self.json {
            let _ = writeln!(io::stderr().lock(), "{}", phrase.text(self.lang));
        }
    }

    /// Why the command could not do it, with the code it ends with.
    pub fn fail(&self, exit: Exit, code: &'static str, phrase: &Phrase) -> Exit {
        self.problems(exit, &[Problem::new(code, phrase.clone())])
    }

    /// Everything that is wrong with the input, with the code the command ends with.
    ///
    /// As JSON it is an RFC 9457 document on standard output; as words a line each on standard error.
    pub fn problems(&self, exit: Exit, problems: &[Problem]) -> Exit {
        if self.json {
            self.result(|_| String::new(), || problem_document(problems, self.lang));
        } else {
            let mut err = io::stderr().lock();
            for problem in problems {
                let _ = writeln!(err, "{}", line(problem, self.lang));
            }
        }
        exit
    }
}

fn line(problem: &Problem, lang: Lang) -> String {
    let mut line = problem.code.to_owned();
    if let Some(field) = &problem.field {
        line.push_str(&format!(" [{field}]"));
    }
    if let Some(at) = problem.at {
        line.push_str(&format!(" @{at}"));
    }
    format!("{line}: {}", problem.text(lang))
}

/// The problem document of a command: the first problem gives its type, `errors` lists all.
pub(crate) fn problem_document(problems: &[Problem], lang: Lang) -> Value {
    let errors: Vec<Value> = problems
        .iter()
        .map(|problem| {
            let mut error = serde_json::Map::new();
            error.insert("code".into(), problem.code.into());
            if let Some(field) = &problem.field {
                error.insert("field".into(), field.as_str().into());
            }
            if let Some(at) = problem.at {
                error.insert("at".into(), at.into());
            }
            error.insert("detail".into(), problem.text(lang).into());
            Value::Object(error)
        })
        .collect();
    let first = problems.first();
    serde_json::json!({
        "type": format!("urn:kuimen:problem:{}", first.map_or("internal", |problem| problem.code)),
        "code": first.map_or("internal", |problem| problem.code),
        "detail": first.map(|problem| problem.text(lang)).unwrap_or_default(),
        "errors": errors,
    })
}
