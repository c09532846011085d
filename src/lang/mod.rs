//! Words for people: one catalogue, two languages, looked up by key.
//!
//! Logic never holds a sentence. It makes a [`Phrase`] (a key with named arguments), and whoever shows it to a person
//! asks for its text in a [`Lang`]. The catalogue is one Fluent file per part of the house and language, compiled in.
//! Deliberately absent: number and date formatting. Arguments are finished text, because an amount or a serial must
//! never change its digits with the reader's language.

mod choice;

#[cfg(test)]
mod tests;

use std::fmt::Display;
use std::sync::LazyLock;

use fluent_bundle::concurrent::FluentBundle;
use fluent_bundle::{FluentArgs, FluentResource};
use unic_langid::LanguageIdentifier;

/// A language that the catalogue is complete in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Lang {
    /// Chinese, simplified.
    Zh,
    /// English.
    En,
}

impl Lang {
    /// Both languages, Chinese first.
    pub const ALL: [Lang; 2] = [Lang::Zh, Lang::En];

    /// The language tag: `zh` or `en`.
    pub fn tag(self) -> &'static str {
        match self {
            Lang::Zh => "zh",
            Lang::En => "en",
        }
    }

    /// The language of a tag as it is given to `--lang`: `zh` or `en` and nothing else.
    pub fn from_tag(tag: &str) -> Option<Lang> {
        Lang::ALL.into_iter().find(|lang| lang.tag() == tag)
    }
}

/// A sentence that is not yet in any language: a catalogue key and its named arguments.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Phrase {
    key: &'static str,
    args: Vec<(&'static str, String)>,
}

impl Phrase {
    /// The phrase of `key`, so far without arguments. A test proves that every key written in the sources exists.
    pub fn new(key: &'static str) -> Phrase {
        Phrase { key, args: Vec::new() }
    }

    /// Adds the argument `name`.
    #[must_use]
    pub fn with(mut self, name: &'static str, value: impl Display) -> Phrase {
        self.args.push((name, value.to_string()));
        self
    }

    /// The catalogue key.
    pub fn key(&self) -> &'static str {
        self.key
    }

    /// The arguments in the order they were added.
    pub fn args(&self) -> &[(&'static str, String)] {
        &self.args
    }

    /// The sentence in `lang`. A key without an entry gives the key itself: a person still sees something to search for.
    pub fn text(&self, lang: Lang) -> String {
        let bundle = &catalogue(lang).bundle;
        let Some(pattern) = bundle.get_message(self.key).and_then(|message| message.value()) else {
            return self.key.to_owned();
        };
        let mut args = FluentArgs::with_capacity(self.args.len());
        for (name, value) in &self.args {
            args.set(*name, value.as_str());
        }
        let mut errors = Vec::new();
        bundle.format_pattern(pattern, Some(&args), &mut errors).into_owned()
    }
}

struct Catalogue {
    bundle: FluentBundle<FluentResource>,
    /// What was wrong with the catalogue's own files. Empty in any build whose tests pass.
    #[cfg_attr(not(test), expect(dead_code, reason = "read by the test that proves the catalogue whole"))]
    faults: Vec<String>,
}

macro_rules! sources {
    ($lang:literal) => {
        [
            include_str!(concat!($lang, "/message.ftl")),
            include_str!(concat!($lang, "/adapter.ftl")),
            include_str!(concat!($lang, "/fault.ftl")),
            include_str!(concat!($lang, "/journal.ftl")),
            include_str!(concat!($lang, "/gateway.ftl")),
            include_str!(concat!($lang, "/county.ftl")),
            include_str!(concat!($lang, "/report.ftl")),
            include_str!(concat!($lang, "/front.ftl")),
            include_str!(concat!($lang, "/simulator.ftl")),
            include_str!(concat!($lang, "/cli.ftl")),
        ]
    };
}

static ZH: LazyLock<Catalogue> = LazyLock::new(|| load(Lang::Zh));
static EN: LazyLock<Catalogue> = LazyLock::new(|| load(Lang::En));

/// The catalogue files of a language.
fn files(lang: Lang) -> [&'static str; 10] {
    match lang {
        Lang::Zh => sources!("zh"),
        Lang::En => sources!("en"),
    }
}

fn catalogue(lang: Lang) -> &'static Catalogue {
    match lang {
        Lang::Zh => &ZH,
        Lang::En => &EN,
    }
}

fn load(lang: Lang) -> Catalogue {
    let mut faults = Vec::new();
    let language = lang.tag().parse::<LanguageIdentifier>().unwrap_or_default();
    let mut bundle = FluentBundle::new_concurrent(vec![language]);
    // Fluent would wrap every argument in bidirectional marks; they would end up in terminals, logs and JSON.
    bundle.set_use_isolating(false);
    for source in files(lang) {
        let resource = FluentResource::try_new(source.to_owned()).unwrap_or_else(|(partial, errors)| {
            faults.extend(errors.iter().map(ToString::to_string));
            partial
        });
        if let Err(errors) = bundle.add_resource(resource) {
            faults.extend(errors.iter().map(ToString::to_string));
        }
    }
    Catalogue { bundle, faults }
}
