//! Taking a JSON document apart against the members it may have, collecting every problem on the way.

use std::borrow::Cow;

use super::dictionary::Type;
use super::json::{self, Json, Member, Node};
use super::problem::Problem;
use super::rules;
use super::value::Fen;
use crate::lang::Phrase;

/// Collects problems while values are taken out of a document.
#[derive(Default)]
pub(super) struct Shape {
    problems: Vec<Problem>,
}

impl Shape {
    /// Adds a problem.
    pub(super) fn report(&mut self, problem: Problem) {
        self.problems.push(problem);
    }

    /// The value of a result; its problem is collected with where it is.
    pub(super) fn accept<T>(&mut self, result: Result<T, Problem>, path: &str, at: usize) -> Option<T> {
        result.map_err(|problem| self.report(problem.in_field(path).at(at))).ok()
    }

    /// Everything collected, in the order of the document.
    pub(super) fn finish<T>(mut self, value: T) -> Result<T, Vec<Problem>> {
        if self.problems.is_empty() {
            return Ok(value);
        }
        self.problems.sort_by_key(|problem| problem.at);
        Err(self.problems)
    }

    fn wrong_type(&mut self, path: &str, at: usize, rule: Phrase) {
        let problem = Problem::new("type-wrong", rule).at(at);
        self.report(if path.is_empty() { problem } else { problem.in_field(path) });
    }

    /// The members of an object; a repeated name is a problem at its second place, and its first place counts.
    pub(super) fn object<'a>(&mut self, node: Node<'a>, path: &str) -> Vec<Member<'a>> {
        let Json::Object(mut members) = node.value else {
            self.wrong_type(path, node.at, Phrase::new("message-type-object"));
            return Vec::new();
        };
        let repeated = json::repeated(&members).collect::<Vec<_>>();
        members.retain(|member| !repeated.contains(&member.at));
        for at in repeated {
            let problem = Problem::new("member-repeated", Phrase::new("message-member-repeated")).at(at);
            self.report(if path.is_empty() { problem } else { problem.in_field(path) });
        }
        members
    }

    /// A member that the document must not have. Its name is not repeated: it came from outside and may be anything.
    pub(super) fn unknown(&mut self, member: &Member<'_>, path: &str) {
        let problem = Problem::new("member-unknown", Phrase::new("message-member-unknown")).at(member.at);
        self.report(if path.is_empty() { problem } else { problem.in_field(path) });
    }

    /// A member that must be there and is not.
    pub(super) fn missing(&mut self, path: &str, at: usize) {
        self.report(rules::field_missing(path).at(at));
    }

    /// A string.
    pub(super) fn text<'a>(&mut self, node: Node<'a>, path: &str) -> Option<Cow<'a, str>> {
        if let Json::Text(text) = node.value {
            return Some(text);
        }
        self.wrong_type(path, node.at, Phrase::new("message-type-text"));
        None
    }

    /// `true` or `false`.
    pub(super) fn boolean(&mut self, node: &Node<'_>, path: &str) -> Option<bool> {
        if let Json::Bool(value) = node.value {
            return Some(value);
        }
        self.wrong_type(path, node.at, Phrase::new("message-type-boolean"));
        None
    }

    /// A whole number, written as digits only. `1.0` and `1e3` are whole to a mathematician and refused all the same:
    /// who writes money like that has had it in a floating point number.
    pub(super) fn integer(&mut self, node: &Node<'_>, path: &str) -> Option<i64> {
        let Json::Number(digits) = node.value else {
            self.wrong_type(path, node.at, Phrase::new("message-type-integer"));
            return None;
        };
        let number = if digits.bytes().any(|byte| matches!(byte, b'.' | b'e' | b'E')) {
            Err(Problem::new("number-not-whole", Phrase::new("message-number-not-whole")))
        } else {
            // Nothing but a sign and digits is left, so only the size can be wrong.
            digits.parse().map_err(|_| Problem::new("number-too-large", Phrase::new("message-number-too-large")))
        };
        self.accept(number, path, node.at)
    }

    /// Money of type `ty`, in whole fen.
    pub(super) fn money(&mut self, node: &Node<'_>, ty: Type, path: &str) -> Option<Fen> {
        let fen = Fen::new(self.integer(node, path)?);
        self.accept(rules::money(ty, fen).map(|()| fen), path, node.at)
    }
}
