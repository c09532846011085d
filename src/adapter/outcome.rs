//! What an answer means: the first rule that holds decides, and if none does the outcome is unknown.

use std::borrow::Cow;

use crate::adapter::plan::{Condition, OutcomeRule, OutcomeThen, Source, Verdict};
use crate::message::{Occurrence, Reply};

/// The verdict of the first rule that holds; `None` is unknown. A table without an entry for the value is unknown too:
/// a rule that holds has decided, and later ones are not asked.
pub(crate) fn decide<'p, 'v>(
    rules: &'p [OutcomeRule],
    value: impl Fn(&Source) -> Option<Cow<'v, str>>,
) -> Option<&'p Verdict> {
    let rule = rules
        .iter()
        .find(|rule| rule.when.iter().all(|(source, condition)| holds(condition, value(source).as_deref())))?;
    match &rule.then {
        OutcomeThen::Verdict(verdict) => Some(verdict),
        OutcomeThen::Table { by, codes } => {
            let code = value(by)?;
            codes.iter().find(|(of, _)| *of == code).map(|(_, verdict)| verdict)
        }
    }
}

/// Whether a rule holds and what it looks up, if anything, is there.
fn decided<'v>(rules: &[OutcomeRule], value: impl Fn(&Source) -> Option<Cow<'v, str>>) -> bool {
    let holding = rules
        .iter()
        .find(|rule| rule.when.iter().all(|(source, condition)| holds(condition, value(source).as_deref())));
    holding.is_some_and(|rule| match &rule.then {
        OutcomeThen::Verdict(_) => true,
        OutcomeThen::Table { by, codes: _ } => value(by).is_some(),
    })
}

fn holds(condition: &Condition, value: Option<&str>) -> bool {
    match condition {
        Condition::Is(text) => value == Some(text),
        Condition::Not(text) => value != Some(text),
        Condition::Contains(text) => value.is_some_and(|value| value.contains(text.as_str())),
        Condition::Any(texts) => value.is_some_and(|value| texts.iter().any(|text| text == value)),
        Condition::Present(wanted) => value.is_some() == *wanted,
    }
}

/// What a reply that is to be written leaves unsaid but its verdict rests on, by the first rule that can give this
/// verdict. Empty where the reply says enough by itself, or where no rule gives it.
pub(crate) fn assumptions<'p, 'v, V>(
    rules: &'p [OutcomeRule],
    reply: &Reply,
    said: impl Fn(&Source) -> Option<V>,
) -> Vec<(&'p Source, &'p str)>
where
    V: IntoText<'v>,
{
    let value = |source: &Source| said(source).and_then(IntoText::into_text);
    // An unlisted code decides too (it is unknown): a reply that says one has said enough, and gets no other rule's words.
    if decided(rules, value) && means(decide(rules, value), reply) {
        return Vec::new();
    }
    // A table that names the code comes first; a code that no table lists is unknown by any of them.
    for unlisted in [false, true] {
        for rule in rules {
            let Some(assumed) = assume(rule, reply, value, unlisted) else { continue };
            let with = |source: &Source| {
                let taken = assumed.iter().find(|(of, _)| *of == source).map(|(_, text)| Cow::Borrowed(*text));
                value(source).map(|text| Cow::Owned(text.into_owned())).or(taken)
            };
            // An earlier rule may hold as soon as the assumption is made.
            if means(decide(rules, with), reply) {
                return assumed;
            }
        }
    }
    Vec::new()
}

/// A value that conditions can look at.
pub(crate) trait IntoText<'v> {
    /// The text; `None` for values that no condition is about.
    fn into_text(self) -> Option<Cow<'v, str>>;
}

fn means(verdict: Option<&Verdict>, reply: &Reply) -> bool {
    match verdict {
        Some(verdict) => verdict.occurrence == reply.occurrence && verdict.not_found == reply.not_found,
        None => reply.occurrence == Occurrence::Unknown && !reply.not_found,
    }
}

/// What has to be assumed so that `rule` holds and means what `reply` says; `unlisted` allows a code without an entry.
fn assume<'p, 'v>(
    rule: &'p OutcomeRule,
    reply: &Reply,
    value: impl Fn(&Source) -> Option<Cow<'v, str>>,
    unlisted: bool,
) -> Option<Vec<(&'p Source, &'p str)>> {
    let mut assumed: Vec<(&Source, &str)> = Vec::new();
    for (source, condition) in &rule.when {
        match (value(source), condition) {
            (Some(value), condition) if holds(condition, Some(&value)) => {}
            (None, Condition::Is(text) | Condition::Contains(text)) => assumed.push((source, text.as_str())),
            (None, Condition::Any(texts)) => assumed.push((source, texts.first()?.as_str())),
            (None, Condition::Not(_) | Condition::Present(false)) => {}
            (Some(_), _) | (None, Condition::Present(true)) => return None,
        }
    }
    match &rule.then {
        OutcomeThen::Verdict(verdict) => means(Some(verdict), reply).then_some(assumed),
        OutcomeThen::Table { by, codes } => {
            let taken = assumed.iter().find(|(source, _)| *source == by).map(|(_, text)| (*text).to_owned());
            match value(by).map(Cow::into_owned).or(taken) {
                Some(code) => {
                    let entry = codes.iter().find(|(of, _)| *of == code).map(|(_, verdict)| verdict);
                    ((unlisted || entry.is_some()) && means(entry, reply)).then_some(assumed)
                }
                None => {
                    let (code, _) = codes.iter().find(|(_, verdict)| means(Some(verdict), reply))?;
                    assumed.push((by, code));
                    Some(assumed)
                }
            }
        }
    }
}
