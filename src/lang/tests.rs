//! The catalogue is whole: both languages say the same things, and the sources and the catalogue agree.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use super::*;
use fluent_bundle::FluentResource;

/// Key to the variables of its pattern, for one language.
fn keys(sources: &[&str]) -> BTreeMap<String, BTreeSet<String>> {
    let mut keys = BTreeMap::new();
    for source in sources {
        FluentResource::try_new((*source).to_owned()).expect("a catalogue file parses");
        let mut key = String::new();
        for line in source.lines().filter(|line| !line.starts_with('#')) {
            if let Some((head, _)) = line.split_once(" =").filter(|_| !line.starts_with(' ')) {
                key = head.to_owned();
                assert!(keys.insert(key.clone(), BTreeSet::new()).is_none(), "{key} is defined twice");
            }
            let variables = line.split('$').skip(1).map(|rest| {
                rest.split(|c: char| !c.is_alphanumeric() && c != '-' && c != '_').next().unwrap_or_default().to_owned()
            });
            keys.entry(key.clone()).or_default().extend(variables);
        }
        keys.remove("");
    }
    keys
}

fn sources_under(folder: &Path, found: &mut Vec<(String, String)>) {
    for entry in std::fs::read_dir(folder).expect("a folder of sources") {
        let path = entry.expect("an entry").path();
        if path.is_dir() {
            sources_under(&path, found);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            found.push((path.display().to_string(), std::fs::read_to_string(&path).expect("a source file")));
        }
    }
}

fn sources() -> Vec<(String, String)> {
    let mut found = Vec::new();
    sources_under(&Path::new(env!("CARGO_MANIFEST_DIR")).join("src"), &mut found);
    found.retain(|(path, _)| !path.contains("/lang/"));
    found
}

#[test]
fn the_files_are_sound() {
    for lang in Lang::ALL {
        assert_eq!(catalogue(lang).faults, Vec::<String>::new(), "{lang:?}");
    }
}

#[test]
fn both_languages_have_the_same_keys_and_variables() {
    let (zh, en) = (keys(&files(Lang::Zh)), keys(&files(Lang::En)));
    for (key, variables) in &zh {
        assert_eq!(Some(variables), en.get(key), "{key}: variables of zh and en");
    }
    assert_eq!(zh.keys().collect::<Vec<_>>(), en.keys().collect::<Vec<_>>());
}

#[test]
fn every_phrase_of_the_sources_is_in_the_catalogue() {
    let keys = keys(&files(Lang::Zh));
    for (path, source) in sources() {
        for rest in source.split("Phrase::new(").skip(1) {
            let Some(key) = rest.trim_start().strip_prefix('"').and_then(|rest| rest.split('"').next()) else {
                continue;
            };
            assert!(keys.contains_key(key), "{path}: no text for {key}");
        }
    }
}

#[test]
fn every_key_of_the_catalogue_is_used() {
    let sources = sources();
    let literals: BTreeSet<&str> = sources.iter().flat_map(|(_, source)| source.split('"').skip(1)).collect();
    let unused: Vec<_> = keys(&files(Lang::Zh)).into_keys().filter(|key| !literals.contains(key.as_str())).collect();
    assert_eq!(unused, Vec::<String>::new());
}

#[test]
fn a_phrase_has_its_words_and_arguments_in_both_languages() {
    let phrase = Phrase::new("message-text-too-long").with("max", 60);
    assert_eq!(phrase.text(Lang::Zh), "不得超过 60 个字符");
    assert_eq!(phrase.text(Lang::En), "at most 60 characters");
    assert_eq!(Phrase { key: "no-such-key", args: vec![] }.text(Lang::En), "no-such-key");
}

#[test]
fn arguments_are_never_read_as_words_or_numbers() {
    let phrase = Phrase::new("message-text-too-long").with("max", "{ $max } 1234567");
    assert_eq!(phrase.text(Lang::En), "at most { $max } 1234567 characters");
}
