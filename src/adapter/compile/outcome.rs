//! Outcome rules: read in order, and proved reachable.

use crate::adapter::compile::scope::Scope;
use crate::adapter::compile::tables::verdict;
use crate::adapter::fault::At;
use crate::adapter::notation::reader::{Node, Table, Text};
use crate::adapter::plan::{Condition, OutcomeRule, OutcomeThen, Source};
use crate::lang::Phrase;

/// Reads the rules of a reply; `file` names the operation in the list of what is invented.
pub(super) fn rules<'a>(scope: &Scope<'_, 'a>, reply: &Table<'a>, invented_as: &str) -> Vec<OutcomeRule> {
    let mut rules: Vec<OutcomeRule> = Vec::new();
    let mut decided = false;
    let list = reply.need("outcome").and_then(|node| node.list()).unwrap_or_default();
    for (index, node) in list.iter().enumerate() {
        let Some(table) = node.table() else { continue };
        let when = conditions(scope, &table);
        let then = then(scope, &table, &format!("{invented_as}.outcome.{}", index + 1));
        let at = table.at.clone();
        table.close();
        let Some(when) = when else { continue };
        if decided || rules.iter().any(|before| same(&before.when, &when)) {
            scope.sink.report(&at, Phrase::new("adapter-fault-outcome-unreachable"));
        }
        decided |= when.is_empty();
        rules.extend(then.map(|then| OutcomeRule { when, then }));
    }
    rules
}

/// Whether two lists hold the same conditions in any order.
fn same(a: &[(Source, Condition)], b: &[(Source, Condition)]) -> bool {
    a.len() == b.len() && a.iter().all(|condition| b.contains(condition))
}

fn then<'a>(scope: &Scope<'_, 'a>, table: &Table<'a>, what: &str) -> Option<OutcomeThen> {
    let Some(by) = table.text("by") else {
        let verdict = verdict(scope.sink, table, &table.at, &scope.tables.invented, what);
        return verdict.map(OutcomeThen::Verdict);
    };
    let codes = table.need_text("codes")?;
    let source = read_source(scope, &by);
    let found = scope.tables.codes.take(codes.value);
    if found.is_none() {
        scope.sink.report(&codes.at, Phrase::new("adapter-fault-unknown-table").with("name", codes.value));
    }
    Some(OutcomeThen::Table { by: source?, codes: found?.1.value.clone() })
}

/// A value that the reply's layout reads; a fault for any other name.
pub(super) fn read_source<'a>(scope: &Scope<'_, 'a>, name: &Text<'a>) -> Option<Source> {
    let known = scope.locals.borrow().len();
    let source = match scope.lookup(name.value) {
        Ok(source) => source,
        Err(rule) => {
            scope.sink.report(&name.at, rule);
            return None;
        }
    };
    // A local that only a rule names is read nowhere: looking it up must not declare it.
    scope.locals.borrow_mut().truncate(known);
    let read = scope.uses.borrow().iter().any(|used| used.plan.source == source);
    if !read {
        scope.sink.report(&name.at, Phrase::new("adapter-fault-not-read").with("name", name.value));
    }
    read.then_some(source)
}

fn conditions<'a>(scope: &Scope<'_, 'a>, table: &Table<'a>) -> Option<Vec<(Source, Condition)>> {
    let mut conditions = Vec::new();
    let Some(node) = table.get("when") else { return Some(conditions) };
    for (name, node) in node.table()?.entries() {
        let source = read_source(scope, &name);
        let condition = condition(scope, &node);
        conditions.push((source?, condition?));
    }
    Some(conditions)
}

fn condition<'a>(scope: &Scope<'_, 'a>, node: &Node<'a>) -> Option<Condition> {
    if node.is_text() {
        return node.text().map(|text| Condition::Is(text.value.to_owned()));
    }
    let table = node.table()?;
    let own = |text: Text<'a>| text.value.to_owned();
    let any = table.get("any").and_then(|node| node.list());
    let found = [
        table.text("not").map(|text| Condition::Not(own(text))),
        table.text("contains").map(|text| Condition::Contains(own(text))),
        any.map(|nodes| Condition::Any(nodes.iter().filter_map(Node::text).map(own).collect())),
        table.get("present").and_then(|node| node.flag()).map(Condition::Present),
    ];
    let at: At<'a> = table.at.clone();
    table.close();
    let mut found = found.into_iter().flatten();
    let condition = found.next();
    if condition.is_none() || found.next().is_some() {
        scope.sink.report(&at, Phrase::new("adapter-fault-one-condition"));
        return None;
    }
    condition
}
