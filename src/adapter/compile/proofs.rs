//! Proofs over a whole message: nothing canonical is lost, nothing is said twice in two ways, what must be read is read.

use crate::adapter::compile::scope::{Scope, Use};
use crate::adapter::fault::At;
use crate::adapter::plan::{Conversion, Source};
use crate::lang::Phrase;
use crate::message::Field;

/// Proves a request: every canonical field reaches the wire or is declared absent, and the serial reaches it.
pub(super) fn request<'a>(scope: &Scope<'_, 'a>, at: &At<'a>, absent: &[(Field, String, At<'a>)]) {
    let uses = scope.uses.borrow();
    let asks = scope.operation.asks_about();
    for field in scope.operation.fields() {
        let carried = uses.iter().any(|used| carries(used, field));
        let declared = absent.iter().find(|(declared, _, _)| *declared == field);
        // An optional field that is silently dropped is a default by another name. A query describes a payment that was
        // already carried, so only what a query must say is asked of it.
        let needed = asks.is_none() || scope.operation.requires(field);
        match (carried, declared) {
            (true, Some((_, _, at))) => {
                scope.sink.report(at, Phrase::new("adapter-fault-absent-but-present").with("field", field.name()));
            }
            (false, None) if needed && !scope.broken.get() => {
                scope.sink.report(at, Phrase::new("adapter-fault-field-unmapped").with("field", field.name()));
            }
            (true | false, Some(_) | None) => {}
        }
    }
    let references: &[Source] =
        if asks.is_some() { &[Source::OriginalSerial, Source::OriginalBankSerial] } else { &[Source::Serial] };
    let found = uses.iter().any(|used| references.contains(&used.plan.source));
    twice(scope, &uses);
    if scope.broken.get() {
        return;
    }
    if !found {
        scope.sink.report(at, Phrase::new("adapter-fault-serial-not-sent"));
    }
    splits(scope, &uses);
}

/// Whether a value carries `field`: itself, or as the code that a split's shape says.
fn carries(used: &Use<'_>, field: Field) -> bool {
    let itself = used.plan.source == Source::Field(field);
    let shape = matches!(&used.plan.conversion, Conversion::Part { split, index: _ } if split.on == field);
    itself || shape
}

/// A field that is written twice must be written the same way: two forms could say two things.
fn twice(scope: &Scope<'_, '_>, uses: &[Use<'_>]) {
    for (index, used) in uses.iter().enumerate() {
        if !matches!(used.plan.source, Source::Field(_) | Source::ItemSum) {
            continue;
        }
        let differs = |before: &&Use<'_>| {
            before.plan.source == used.plan.source
                && before.plan.conversion != used.plan.conversion
                && !(is_part(before) && is_part(used))
        };
        if uses.iter().take(index).any(|before| differs(&before)) {
            scope.sink.report(&used.at, Phrase::new("adapter-fault-written-twice"));
        }
    }
}

fn is_part(used: &Use<'_>) -> bool {
    matches!(used.plan.conversion, Conversion::Part { .. })
}

/// A split value must be written with all its parts.
fn splits(scope: &Scope<'_, '_>, uses: &[Use<'_>]) {
    for used in uses {
        let Conversion::Part { split, .. } = &used.plan.conversion else { continue };
        let parts = split.cases.first().map_or(0, |(_, widths)| widths.len());
        for part in 0..parts {
            let written = uses.iter().any(|other| {
                matches!(&other.plan.conversion,
                    Conversion::Part { split: same, index } if same == split && *index == part)
            });
            if !written {
                let rule = Phrase::new("adapter-fault-split-part-missing");
                scope.sink.report(&used.at, rule.with("part", part + 1));
            }
        }
    }
}

/// Whether every reply that can be read holds `source`: outside of options and in every variant.
pub(super) fn always_read(scope: &Scope<'_, '_>, source: &Source) -> bool {
    let uses = scope.uses.borrow();
    let known = uses.iter().filter(|used| used.plan.source == *source && !used.spot.optional);
    let variants = uses.iter().filter_map(|used| used.spot.variant).max().map_or(0, |last| last + 1);
    let mut seen = vec![false; variants];
    for used in known {
        match used.spot.variant {
            None => return true,
            Some(variant) => {
                if let Some(seen) = seen.get_mut(variant) {
                    *seen = true;
                }
            }
        }
    }
    variants > 0 && seen.into_iter().all(|seen| seen)
}
