//! One field of a record: its picture, its fill, what it holds, and whether these fit each other.

use crate::adapter::compile::conversion::{Kind, date_width, kind};
use crate::adapter::compile::fits;
use crate::adapter::compile::scope::{Resolved, Scope, Side, Spot};
use crate::adapter::compile::tables::picture_of;
use crate::adapter::fault::At;
use crate::adapter::notation::reader::{Table, Text};
use crate::adapter::plan::{ByteOrder, Content, Conversion, Picture, RecordField, Source, ValuePlan};
use crate::lang::Phrase;
use crate::message::dictionary::{Type, def};

/// Reads one field. `at` (its declared offset) is left to the caller, who knows the computed one.
pub(super) fn read<'a>(scope: &Scope<'_, 'a>, table: &Table<'a>, spot: Spot) -> Option<RecordField> {
    let sink = scope.sink;
    let name = table.need_text("name");
    let zh = table.text("zh");
    let picture = picture_of(sink, table);
    let order = [("big", Some(ByteOrder::Big)), ("little", Some(ByteOrder::Little)), ("", None)];
    let binary = table.choice("binary", &order, Some(None)).flatten();
    let sign = table.text("sign");
    let justify = table.choice("justify", &[("left", Some(false)), ("right", Some(true)), ("", None)], Some(None));
    let fill = table.text("fill");
    let content = content(scope, table, spot);
    let (mut picture, picture_text) = picture?;
    if let (Picture::B { bytes, number: _ }, Some(_)) = (picture, binary) {
        picture = Picture::B { bytes, number: binary };
        if bytes > 8 {
            sink.report(&picture_text.at, Phrase::new("adapter-fault-binary-too-wide"));
        }
    } else if binary.is_some() {
        sink.report(&table.key_at("binary"), Phrase::new("adapter-fault-binary-picture"));
    }
    if let Some(sign) = sign {
        match (&mut picture, sign.value.as_bytes()) {
            (Picture::Signed { plus, minus, .. }, [positive, negative])
                if positive.is_ascii_graphic() && negative.is_ascii_graphic() && positive != negative =>
            {
                (*plus, *minus) = (*positive, *negative);
            }
            _ => sink.report(&sign.at, Phrase::new("adapter-fault-sign")),
        }
    }
    let (default_right, default_fill) = match picture {
        Picture::Nine { .. } | Picture::Bcd { .. } | Picture::Signed { .. } => (true, b'0'),
        Picture::X(_) | Picture::G(_) | Picture::Var { .. } => (false, b' '),
        Picture::B { .. } => (false, 0),
    };
    let right = justify.flatten().unwrap_or(default_right);
    let fill_byte = match &fill {
        None => default_fill,
        Some(text) => match (text.value, text.value.as_bytes()) {
            ("NUL", _) => 0,
            (_, [byte]) if byte.is_ascii() => *byte,
            _ => {
                sink.report(&text.at, Phrase::new("adapter-fault-fill-not-ascii"));
                default_fill
            }
        },
    };
    // Digits behind a value cannot be told from it: `1230` is 123 with a fill, or 1230. Ahead of a number only zeros mean nothing.
    let numeric = matches!(picture, Picture::Nine { .. } | Picture::Bcd { .. } | Picture::Signed { .. });
    let packed = matches!(picture, Picture::Bcd { .. } | Picture::Signed { .. });
    if packed && (!right || fill_byte != b'0') {
        sink.report(&table.at, Phrase::new("adapter-fault-packed-fill"));
    }
    let mistaken = fill_byte.is_ascii_digit() && (!right || (numeric && fill_byte != b'0'));
    if mistaken && !matches!(picture, Picture::Var { .. }) {
        let at = fill.map_or_else(|| table.key_at("justify"), |fill| fill.at);
        sink.report(&at, Phrase::new("adapter-fault-fill-ambiguous"));
    }
    let content = content?;
    if let Some((at, Content::Value(plan))) = content.as_ref().map(|(at, content)| (at, content)) {
        check_value(scope, plan, picture, at);
    }
    if let Some((at, Content::Literal(text))) = content.as_ref().map(|(at, content)| (at, content)) {
        check_text(scope, text, picture, at, true);
    }
    if let Some((at, Content::Skip(text))) = content.as_ref().map(|(at, content)| (at, content)) {
        check_text(scope, text, picture, at, false);
    }
    let name = name?.value.to_owned();
    let zh = zh.map_or_else(|| name.clone(), |zh| zh.value.to_owned());
    Some(RecordField { name, zh, picture, right, fill: fill_byte, content: content?.1 })
}

/// What the field holds: exactly one of `from`, `is`, `skip`. The outer `None` never comes with a fault unreported.
#[expect(clippy::option_option, reason = "a field without content is a fault of the field, not an absent field")]
fn content<'a>(scope: &Scope<'_, 'a>, table: &Table<'a>, spot: Spot) -> Option<Option<(At<'a>, Content)>> {
    let from = table.text("from");
    let is = table.text("is");
    let skip = table.text("skip");
    let given = [&from, &is, &skip].into_iter().flatten().count();
    if given != 1 {
        let at = table.text("name").map_or_else(|| table.at.clone(), |name| name.at);
        scope.sink.report(&at, Phrase::new("adapter-fault-one-content"));
        return None;
    }
    let literal = |text: &Text<'a>| Content::Literal(text.value.to_owned());
    let found = match (from, is, skip) {
        (Some(from), _, _) => scope.resolve_text(&from, spot).map(|resolved| match resolved {
            Resolved::Value(plan) => (from.at.clone(), Content::Value(plan)),
            Resolved::Literal(text) => (from.at.clone(), Content::Literal(text)),
        }),
        (None, Some(is), _) => Some((is.at.clone(), literal(&is))),
        (None, None, Some(skip)) => Some((skip.at.clone(), Content::Skip(skip.value.to_owned()))),
        (None, None, None) => None,
    };
    found.map(Some)
}

/// A text that the adapter itself supplies must be writable in its field.
pub(super) fn check_text(scope: &Scope<'_, '_>, text: &str, picture: Picture, at: &At<'_>, literal: bool) {
    let Ok(length) = scope.charset.encoded_len(text) else {
        scope.sink.report(at, Phrase::new("adapter-fault-unmappable"));
        return;
    };
    if length > picture.longest() {
        let rule = if literal {
            Phrase::new("adapter-fault-literal-too-long")
        } else {
            Phrase::new("adapter-fault-skip-too-long")
        };
        scope.sink.report(at, rule.with("length", length).with("room", picture.longest()));
    } else if literal && !fits(picture, text, scope.charset) {
        scope.sink.report(at, Phrase::new("adapter-fault-literal-picture"));
    }
}

/// A value must be able to stand in its picture.
fn check_value(scope: &Scope<'_, '_>, plan: &ValuePlan, picture: Picture, at: &At<'_>) {
    let unfit = || scope.sink.report(at, Phrase::new("adapter-fault-picture-unfit"));
    let room = picture.longest();
    let signed = matches!(picture, Picture::Signed { .. });
    let digits_only = signed || matches!(picture, Picture::Nine { .. } | Picture::Bcd { .. });
    let raw = matches!(picture, Picture::B { .. });
    let scaled = matches!(picture, Picture::Nine { digits: _, scale: 2 });
    let number = matches!(picture, Picture::B { bytes: _, number: Some(_) });
    let kind = kind(&plan.source);
    if raw && !(kind == Kind::Bytes || (kind == Kind::Number && number)) {
        return unfit();
    }
    // A sign belongs to a number: to money, or to what only people look at.
    if signed && !matches!((&plan.source, &plan.conversion), (Source::Local(_), _) | (_, Conversion::Fen)) {
        return unfit();
    }
    match &plan.conversion {
        Conversion::Plain => match kind {
            Kind::Amount if !scaled => {
                scope.sink.report(at, Phrase::new("adapter-fault-amount-needs-conversion"));
            }
            Kind::Amount => {}
            _ if scaled => unfit(),
            Kind::Field(field) => {
                let lettered = match def(field).ty {
                    Type::Text | Type::Code(_) | Type::BankId | Type::CardCode => true,
                    Type::Document(_)
                    | Type::Account(_)
                    | Type::BankCard
                    | Type::Cnaps
                    | Type::Fen
                    | Type::Fee
                    | Type::Fund
                    | Type::Period
                    | Type::Date
                    | Type::Region
                    | Type::CardNumber => false,
                };
                if digits_only && lettered {
                    unfit();
                }
            }
            Kind::Serial => {
                if digits_only && !scope.serial.digits {
                    unfit();
                } else if room < scope.serial.width {
                    let rule = Phrase::new("adapter-fault-serial-field-narrow");
                    scope.sink.report(at, rule.with("room", room).with("width", scope.serial.width));
                }
            }
            Kind::Date => {
                if room < 8 || (digits_only && room != 8) {
                    unfit();
                }
            }
            Kind::Bytes => {
                if room > code_room(plan, picture) {
                    unfit();
                }
            }
            Kind::Text => check_setting(scope, plan, picture, at),
            Kind::Instant | Kind::Number => {}
        },
        Conversion::Fen if scaled => unfit(),
        Conversion::Fen => {}
        Conversion::Yuan => {
            if digits_only {
                unfit();
            }
        }
        Conversion::Date(parts) => {
            let (width, digits) = date_width(parts);
            if width > room || (digits_only && (!digits || width != room)) {
                unfit();
            }
        }
        Conversion::Map(pairs) => {
            if pairs.iter().any(|(_, bank)| !fits(picture, bank, scope.charset)) {
                unfit();
            }
        }
        Conversion::Part { .. } => {}
    }
}

/// The widest field of this picture that a MAC can fill: raw, or in hexadecimal digits.
fn code_room(plan: &ValuePlan, picture: Picture) -> usize {
    let crate::adapter::plan::Source::Mac(mac) = &plan.source else { return 0 };
    match picture {
        Picture::B { .. } => mac.algorithm.code_bytes(),
        Picture::X(_) => mac.algorithm.code_bytes().saturating_mul(2),
        Picture::G(_) | Picture::Nine { .. } | Picture::Bcd { .. } | Picture::Signed { .. } | Picture::Var { .. } => 0,
    }
}

/// A setting that may be longer than the field would be refused only when money moves.
fn check_setting(scope: &Scope<'_, '_>, plan: &ValuePlan, picture: Picture, at: &At<'_>) {
    let crate::adapter::plan::Source::Setting(index) = plan.source else { return };
    let Some(setting) = scope.tables.settings.0.get(index) else { return };
    let (declared, room) = (setting.value.picture, picture.longest());
    let lettered = !matches!(declared, Picture::Nine { .. }) && matches!(picture, Picture::Nine { .. });
    if declared.longest() > room || lettered || (scope.side == Side::Header && declared.width().is_none()) {
        let rule = Phrase::new("adapter-fault-setting-too-wide").with("room", room);
        scope.sink.report(at, rule.with("width", declared.longest()));
    }
}
