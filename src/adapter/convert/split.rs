//! One canonical value over several fields of the wire, by the code of a second value.

use std::borrow::Cow;

use crate::adapter::plan::{PartWidth, SplitPlan};
use crate::lang::Phrase;
use crate::message::{Field, Record};

/// A part that was read.
#[derive(Clone)]
pub(crate) struct Part<'p, 't> {
    /// The split it belongs to.
    pub(crate) split: &'p SplitPlan,
    /// Which part, from 0.
    pub(crate) index: usize,
    /// Its text; empty where there is none.
    pub(crate) text: Cow<'t, str>,
}

/// Part `index` of `value`. Widths are bytes; the value must be ASCII, so that no cut can hit a character.
pub(super) fn part<'v>(
    split: &SplitPlan,
    index: usize,
    value: &'v str,
    record: Option<&Record<'_>>,
) -> Result<&'v str, Phrase> {
    let code = record.and_then(|record| record.text(split.on));
    let code = code.ok_or_else(|| Phrase::new("adapter-split-needs").with("field", split.on.name()))?;
    let case = split.cases.iter().find(|(of, _)| of == code);
    let (_, widths) = case.ok_or_else(|| Phrase::new("adapter-split-no-case").with("field", split.on.name()))?;
    let mut rest = value;
    let mut wanted = None;
    for (at, width) in widths.iter().enumerate() {
        let taken = match width {
            PartWidth::Exact(bytes) => *bytes,
            PartWidth::Rest(most) if !rest.is_empty() && rest.len() <= *most => rest.len(),
            PartWidth::Rest(_) => return Err(Phrase::new("adapter-split-width")),
        };
        let (part, after) = rest.split_at_checked(taken).ok_or_else(|| Phrase::new("adapter-split-width"))?;
        if at == index {
            wanted = Some(part);
        }
        rest = after;
    }
    if !rest.is_empty() || !value.is_ascii() {
        return Err(Phrase::new("adapter-split-width"));
    }
    wanted.ok_or_else(|| Phrase::new("adapter-split-width"))
}

/// Puts the parts that were read together again: the value and its code go into `record`.
///
/// # Errors
/// No case fits the parts, more than one does, or the record already says otherwise. Names the field.
pub(crate) fn join<'t>(parts: &[Part<'_, 't>], record: &mut Record<'t>) -> Result<(), (Field, Phrase)> {
    for (at, first) in parts.iter().enumerate() {
        let split = first.split;
        let earlier = parts.iter().take(at).any(|part| part.split.of == split.of && part.split.on == split.on);
        if earlier {
            continue;
        }
        let known = record.text(split.on).map(str::to_owned);
        let mut cases = split
            .cases
            .iter()
            .filter(|(code, widths)| known.as_ref().is_none_or(|known| known == code) && fits(split, widths, parts));
        let (Some((code, widths)), None) = (cases.next(), cases.next()) else {
            if all_empty(split, parts) {
                continue;
            }
            return Err((split.of, Phrase::new("adapter-split-unreadable")));
        };
        let whole: String = (0..widths.len()).map(|index| text(split, index, parts)).collect();
        if record.text(split.of).is_some_and(|known| known != whole) {
            return Err((split.of, Phrase::new("adapter-contradiction")));
        }
        record.set_text(split.of, whole);
        record.set_text(split.on, code.clone());
    }
    Ok(())
}

fn text<'x>(split: &SplitPlan, index: usize, parts: &'x [Part<'_, '_>]) -> &'x str {
    let part = parts.iter().find(|part| part.split == split && part.index == index);
    part.map_or("", |part| part.text.as_ref())
}

fn all_empty(split: &SplitPlan, parts: &[Part<'_, '_>]) -> bool {
    parts.iter().filter(|part| part.split == split).all(|part| part.text.is_empty())
}

fn fits(split: &SplitPlan, widths: &[PartWidth], parts: &[Part<'_, '_>]) -> bool {
    widths.iter().enumerate().all(|(index, width)| {
        let length = text(split, index, parts).len();
        match width {
            PartWidth::Exact(bytes) => length == *bytes,
            PartWidth::Rest(most) => (1..=*most).contains(&length),
        }
    })
}
