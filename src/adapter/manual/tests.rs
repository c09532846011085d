//! The manual of every shipped adapter: whole, in both languages and both forms.

use super::*;
use crate::adapter::builtin;

#[test]
fn every_field_element_code_and_setting_stands_in_the_manual() {
    for (id, adapter) in builtin::load_all().expect("sound adapters") {
        let described = serde_json::to_value(describe(&adapter)).expect("JSON");
        let text = manual(&adapter, None, Lang::En, Form::Markdown);
        let mut wanted = Vec::new();
        names(&described["operations"], &mut wanted);
        names(&described["settings"], &mut wanted);
        assert!(wanted.len() > 50, "{id}");
        for name in wanted {
            assert!(text.contains(&format!("`{name}`")), "{id}: {name} is not in the manual");
        }
    }
}

/// Names of fields and elements, and codes.
fn names(value: &serde_json::Value, found: &mut Vec<String>) {
    match value {
        serde_json::Value::Object(members) => {
            for key in ["name", "code"] {
                found.extend(
                    members.get(key).and_then(|name| name.as_str()).filter(|it| it.len() > 1).map(str::to_owned),
                );
            }
            if members
                .get("kind")
                .and_then(|kind| kind.as_str())
                .is_some_and(|kind| ["fields", "items"].contains(&kind))
            {
                found.pop();
            }
            members.values().for_each(|inner| names(inner, found));
        }
        serde_json::Value::Array(items) => items.iter().for_each(|inner| names(inner, found)),
        serde_json::Value::Null
        | serde_json::Value::Bool(_)
        | serde_json::Value::Number(_)
        | serde_json::Value::String(_) => {}
    }
}

#[test]
fn html_is_the_same_page_and_carries_nothing_that_runs() {
    let adapters = builtin::load_all().expect("sound adapters");
    for adapter in adapters.values() {
        let (markdown, html) =
            (manual(adapter, None, Lang::Zh, Form::Markdown), manual(adapter, None, Lang::Zh, Form::Html));
        assert_eq!(html.matches("<table>").count(), markdown.matches("\n|---|").count(), "{}", adapter.id);
        assert_eq!(html.matches("<h2>").count(), markdown.matches("\n## ").count(), "{}", adapter.id);
        assert!(!html.contains("<script") && !html.contains("http://") && html.starts_with("<!DOCTYPE html>"));
    }
}

#[test]
fn a_secret_s_value_is_in_no_description() {
    for adapter in builtin::load_all().expect("sound adapters").values() {
        let text = serde_json::to_string(&describe(adapter)).expect("JSON");
        for setting in adapter.settings.iter().filter(|setting| setting.secret) {
            let demo = setting.demo.as_deref().unwrap_or_default();
            assert!(demo.is_empty() || !text.contains(demo), "{} {}", adapter.id, setting.name);
        }
    }
}
