//! What can be said in an adapter's words, read off its outcome rules backwards: by a simulated bank, and by the gateway
//! itself where a bank begins.
//!
//! The rules say what an answer means; here each entry of each table and each rule becomes the values that an answer must
//! hold to mean it. An answer counts only if the rules, asked forwards, give the same verdict: an earlier rule may shadow
//! a later one.

use std::borrow::Cow;

use super::outcome;
use super::plan::{Condition, OperationPlan, OutcomeRule, OutcomeThen, Source, Verdict};
use crate::message::{Occurrence, Reply};

/// An answer in the making.
#[derive(Debug, Clone)]
pub struct Answer {
    verdict: Verdict,
    says: Vec<(Source, String)>,
}

/// The answers of one operation.
#[derive(Debug)]
pub struct Answers {
    /// Executed.
    pub yes: Vec<Answer>,
    /// Refused.
    pub no: Vec<Answer>,
    /// Taken, not decided.
    pub in_hand: Vec<Answer>,
    /// Never seen (queries).
    pub not_found: Option<Answer>,
    /// Seen before.
    pub duplicate: Option<Answer>,
    /// A code that no table holds.
    pub unlisted: Option<Answer>,
}

impl Answers {
    /// What `plan` has words for.
    pub fn of(plan: &OperationPlan) -> Answers {
        let all: Vec<Answer> = plan.outcome.iter().flat_map(|rule| spell(rule, plan)).collect();
        let with = |occurrence| {
            let plain = |answer: &&Answer| answer.verdict.occurrence == occurrence;
            all.iter().filter(plain).cloned().collect::<Vec<_>>()
        };
        let (yes, in_hand) = (with(Occurrence::Yes), with(Occurrence::InHand));
        Answers {
            no: with(Occurrence::No),
            not_found: all.iter().find(|answer| answer.verdict.not_found).cloned(),
            duplicate: all.iter().find(|answer| answer.verdict.duplicate).cloned(),
            unlisted: yes.iter().chain(&in_hand).find_map(|answer| unlisted(answer, &plan.outcome)),
            yes,
            in_hand,
        }
    }
}

impl Answer {
    /// The reply that says it, in the verdict's own words where the rules do not ask for others.
    pub fn reply(&self, plan: &OperationPlan) -> Reply {
        let mut reply = Reply::new(self.verdict.occurrence);
        reply.not_found = self.verdict.not_found;
        let mut says = self.says.clone();
        let words = (Source::BankText, self.verdict.zh.clone());
        if !words.1.is_empty() && !says.iter().any(|(source, _)| *source == Source::BankText) {
            says.push(words);
            if means(&plan.outcome, &says) != means(&plan.outcome, &self.says) {
                says.pop();
            }
        }
        for (source, text) in says {
            if let Source::Local(index) = source {
                reply.details.extend(plan.locals.get(index).map(|name| (name.clone(), text)));
            } else if source == Source::BankCode {
                reply.bank_code = Some(text);
            } else if source == Source::BankText {
                reply.bank_text = Some(text);
            }
        }
        reply
    }
}

/// The verdict that the rules give to an answer that holds these values about the one item.
fn means<'p>(rules: &'p [OutcomeRule], says: &[(Source, String)]) -> Option<&'p Verdict> {
    outcome::decide(rules, |source| {
        if matches!(source, Source::ItemNumber | Source::ItemCount) {
            return Some(Cow::Borrowed("1"));
        }
        says.iter().find(|(of, _)| of == source).map(|(_, text)| Cow::Owned(text.clone()))
    })
}

/// Every answer that `rule` has a verdict for.
fn spell(rule: &OutcomeRule, plan: &OperationPlan) -> Vec<Answer> {
    let mut says = Vec::new();
    for (source, condition) in &rule.when {
        match condition {
            Condition::Is(text) | Condition::Contains(text) => says.push((source.clone(), text.clone())),
            Condition::Any(texts) => says.extend(texts.first().map(|text| (source.clone(), text.clone()))),
            // Absent is enough, or the table supplies it.
            Condition::Not(_) | Condition::Present(_) => {}
        }
    }
    let candidates = match &rule.then {
        OutcomeThen::Verdict(verdict) => vec![Answer { verdict: verdict.clone(), says }],
        OutcomeThen::Table { by, codes } => {
            let entry = |(code, verdict): &(String, Verdict)| {
                let mut says = says.clone();
                says.push((by.clone(), code.clone()));
                Answer { verdict: verdict.clone(), says }
            };
            codes.iter().map(entry).collect()
        }
    };
    let is_the_banks = |source: &Source| matches!(source, Source::BankCode | Source::BankText | Source::Local(_));
    let sound = |answer: &Answer| {
        answer.says.iter().all(|(source, _)| is_the_banks(source))
            && means(&plan.outcome, &answer.says) == Some(&answer.verdict)
    };
    candidates.into_iter().filter(sound).collect()
}

/// `answer` with a code of the same length that nothing is known about.
fn unlisted(answer: &Answer, rules: &[OutcomeRule]) -> Option<Answer> {
    let at = answer.says.iter().position(|(source, _)| *source == Source::BankCode).unwrap_or_default();
    let length = answer.says.get(at)?.1.len();
    ["Z", "9", "8", "Q"].into_iter().find_map(|letter| {
        let mut other = answer.clone();
        other.says.get_mut(at)?.1 = letter.repeat(length);
        other.verdict.occurrence = Occurrence::Unknown;
        other.verdict.reason = None;
        other.verdict.zh.clear();
        let read = means(rules, &other.says);
        read.is_none_or(|verdict| verdict.occurrence == Occurrence::Unknown && !verdict.not_found).then_some(other)
    })
}
