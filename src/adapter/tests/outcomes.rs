use std::borrow::Cow;

use super::plans::{by_code, verdict};
use crate::adapter::outcome::decide;
use crate::adapter::plan::{Condition, OutcomeRule, OutcomeThen, Source};
use crate::message::Occurrence;

/// The occurrence for a code, a text and the first local value.
fn occurrence(
    rules: &[OutcomeRule],
    code: Option<&str>,
    text: Option<&str>,
    local: Option<&str>,
) -> Option<Occurrence> {
    let value = |source: &Source| {
        let known = [(Source::BankCode, code), (Source::BankText, text), (Source::Local(0), local)];
        let value = known.into_iter().find(|(of, _)| of == source).and_then(|(_, value)| value);
        value.map(|value| Cow::Owned(value.to_owned()))
    };
    decide(rules, value).map(|verdict| verdict.occurrence)
}

fn rule(when: Vec<(Source, Condition)>, then: Occurrence) -> OutcomeRule {
    OutcomeRule { when, then: OutcomeThen::Verdict(verdict(then)) }
}

#[test]
fn the_first_rule_that_holds_decides() {
    let is = |text: &str| Condition::Is(text.to_owned());
    let rules = [
        rule(vec![(Source::BankCode, is("0000")), (Source::Local(0), Condition::Not("1".to_owned()))], Occurrence::Yes),
        rule(vec![(Source::BankText, Condition::Contains("待审核".to_owned()))], Occurrence::InHand),
        rule(vec![(Source::BankCode, Condition::Any(vec!["0001".to_owned(), "0002".to_owned()]))], Occurrence::InHand),
        rule(vec![(Source::Local(0), Condition::Present(true)), (Source::BankCode, is("9"))], Occurrence::No),
    ];
    let rows = [
        ((Some("0000"), None, None), Some(Occurrence::Yes)),
        ((Some("0000"), None, Some("0")), Some(Occurrence::Yes)),
        ((Some("0000"), None, Some("1")), None),
        ((Some("0005"), Some("交易待审核"), None), Some(Occurrence::InHand)),
        ((Some("0002"), None, None), Some(Occurrence::InHand)),
        ((Some("9"), None, None), None),
        ((Some("9"), None, Some("1")), Some(Occurrence::No)),
        ((None, None, None), None),
        ((Some("00000"), None, None), None),
    ];
    for ((code, text, local), wanted) in rows {
        assert_eq!(occurrence(&rules, code, text, local), wanted, "{code:?} {text:?} {local:?}");
    }
}

#[test]
fn an_unlisted_code_is_unknown_whatever_follows() {
    let rules = [by_code(&[("7", Occurrence::Yes)]), rule(vec![], Occurrence::No)];
    assert_eq!(occurrence(&rules, Some("7"), None, None), Some(Occurrence::Yes));
    assert_eq!(occurrence(&rules, Some("8"), None, None), None);
    assert_eq!(occurrence(&rules, None, None, None), None);
}
