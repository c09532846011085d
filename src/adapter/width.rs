//! How wide a picture is, and how people write it.

use std::fmt;

use crate::adapter::plan::{Content, Picture, RecordField, RecordLayout, RecordPart, Source};

impl Picture {
    /// Bytes on the wire, where they are always the same.
    pub(crate) fn width(self) -> Option<usize> {
        match self {
            Picture::X(bytes) | Picture::G(bytes) | Picture::B { bytes, .. } => Some(bytes),
            Picture::Nine { digits, .. } => Some(digits),
            Picture::Bcd { digits } => Some(digits.div_ceil(2)),
            Picture::Signed { digits, .. } => Some(digits.saturating_add(1)),
            Picture::Var { .. } => None,
        }
    }

    /// Fewest bytes on the wire.
    pub(crate) fn least(self) -> usize {
        match self {
            Picture::Var { prefix, .. } => prefix,
            Picture::X(bytes) | Picture::G(bytes) | Picture::B { bytes, .. } => bytes,
            Picture::Nine { digits, .. } => digits,
            Picture::Bcd { digits } => digits.div_ceil(2),
            Picture::Signed { digits, .. } => digits.saturating_add(1),
        }
    }

    /// Most bytes of a value, without a length in front of it; of packed digits, most digits.
    pub(crate) fn longest(self) -> usize {
        match self {
            Picture::X(bytes) | Picture::G(bytes) | Picture::B { bytes, .. } => bytes,
            Picture::Nine { digits, .. } | Picture::Bcd { digits } => digits,
            Picture::Signed { digits, .. } => digits.saturating_add(1),
            Picture::Var { max, .. } => max,
        }
    }
}

impl fmt::Display for Picture {
    /// As the notation writes it: `9(13)V99`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Picture::X(bytes) => write!(f, "X({bytes})"),
            Picture::G(bytes) => write!(f, "G({bytes})"),
            Picture::B { bytes, .. } => write!(f, "B({bytes})"),
            Picture::Bcd { digits } => write!(f, "BCD({digits})"),
            Picture::Signed { digits, .. } => write!(f, "S9({digits})"),
            Picture::Nine { digits, scale: 0 } => write!(f, "9({digits})"),
            Picture::Nine { digits, scale } => {
                write!(f, "9({})V{}", digits.saturating_sub(*scale), "9".repeat(*scale))
            }
            Picture::Var { prefix: 2, max } => write!(f, "LLVAR({max})"),
            Picture::Var { max, .. } => write!(f, "LLLVAR({max})"),
        }
    }
}

/// Whether `field` is a MAC over other fields of its record.
pub(crate) fn is_mac(field: &RecordField) -> bool {
    match &field.content {
        Content::Value(value) => matches!(value.source, Source::Mac(_)),
        Content::Literal(_) | Content::Skip(_) | Content::Children | Content::Record(_) => false,
    }
}

/// All fields of a layout, those of its variants last.
pub(crate) fn all_fields(layout: &RecordLayout) -> impl Iterator<Item = &RecordField> {
    let parts = layout.parts.iter().flat_map(|part| match part {
        RecordPart::Fields { fields, .. }
        | RecordPart::Repeat { fields, .. }
        | RecordPart::Bitmap { fields, .. }
        | RecordPart::Delimited { fields, .. } => fields.as_slice(),
        RecordPart::Literal { .. } | RecordPart::Variant => &[],
    });
    parts.chain(layout.variants.iter().flat_map(|(_, fields)| fields))
}

impl RecordLayout {
    /// A record of these parts. `variants` and `variant_on` are for the part that is a variant.
    pub(crate) fn new(
        parts: Vec<RecordPart>,
        variants: Vec<(Option<String>, Vec<RecordField>)>,
        variant_on: Option<String>,
    ) -> RecordLayout {
        let mut layout = RecordLayout { parts, variants, variant_on, has_mac: false };
        let has_mac = all_fields(&layout).any(is_mac);
        layout.has_mac = has_mac;
        layout
    }
}
