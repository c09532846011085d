//! A MAC over named fields of one record: a stand-in (HMAC-SHA-256, cut to its field) for what banks compute in hardware, HMAC
//! with SM3, SM4 in a chain, or the DES MAC of old interfaces.
//!
//! It covers the *values* of the fields, without fill and lengths, normalised as the plan says: both sides compute it from
//! what they mean, not from how it is padded.

pub(crate) mod chain;

use aws_lc_rs::hmac;
use des::Des;
use sm4::Sm4;

use crate::adapter::charset::Charset;
use crate::adapter::plan::{MacAlgorithm, MacPlan, Picture, RecordField};
use crate::adapter::seal;
use crate::lang::Phrase;

/// Where a field of the record stands.
#[derive(Clone, Copy)]
pub(crate) struct Stood<'p> {
    /// The field.
    pub(crate) field: &'p RecordField,
    /// Its first byte.
    pub(crate) start: usize,
    /// Behind its last byte.
    pub(crate) end: usize,
}

/// The bytes of the code: raw in `B(n)`, else lower-case hexadecimal, cut to the picture.
///
/// # Errors
/// The picture is wider than the code, the key is none of the algorithm, or a covered field is not text of the charset.
pub(crate) fn code(
    plan: &MacPlan,
    picture: Picture,
    key: &str,
    stood: &[Stood<'_>],
    bytes: &[u8],
    charset: Charset,
) -> Result<Vec<u8>, Phrase> {
    let message = covered(plan, stood, bytes, charset)?;
    let unfit = || Phrase::new("adapter-mac-key").with("algorithm", plan.algorithm.name());
    let tag = match plan.algorithm {
        MacAlgorithm::StandInHmacSha256 => {
            let key = hmac::Key::new(hmac::HMAC_SHA256, key.as_bytes());
            hmac::sign(&key, message.as_bytes()).as_ref().to_vec()
        }
        MacAlgorithm::HmacSm3 => seal::hmac_sm3(key, message.as_bytes()).ok_or_else(unfit)?,
        MacAlgorithm::Sm4CbcMac => chain::code(&chain::cipher::<Sm4>(key).ok_or_else(unfit)?, message.as_bytes()),
        MacAlgorithm::DesCbcMac => chain::code(&chain::cipher::<Des>(key).ok_or_else(unfit)?, message.as_bytes()),
    };
    let full = match picture {
        Picture::B { .. } => tag,
        Picture::X(_)
        | Picture::G(_)
        | Picture::Nine { .. }
        | Picture::Bcd { .. }
        | Picture::Signed { .. }
        | Picture::Var { .. } => data_encoding::HEXLOWER.encode(&tag).into_bytes(),
    };
    let cut = picture.width().and_then(|width| full.get(..width));
    cut.map(<[u8]>::to_vec).ok_or_else(|| Phrase::new("adapter-mac-width"))
}

/// The text that the code is computed over.
fn covered(plan: &MacPlan, stood: &[Stood<'_>], bytes: &[u8], charset: Charset) -> Result<String, Phrase> {
    let mut message = String::new();
    for (index, name) in plan.over.iter().enumerate() {
        if index > 0 {
            message.push_str(&plan.join);
        }
        for place in stood.iter().filter(|place| place.field.name == *name) {
            let raw = bytes.get(place.start..place.end).unwrap_or_default();
            let text =
                charset.decode(raw).map_err(|_| Phrase::new("adapter-charset").with("charset", charset.name()))?;
            message.push_str(bare(place.field, &text));
        }
    }
    if !plan.keep.is_empty() {
        message.retain(|character| plan.keep.contains(character));
    }
    if plan.collapse {
        let mut before = ' ';
        let twice = |character: char| {
            let drop = character == ' ' && before == ' ';
            before = character;
            !drop
        };
        message.retain(twice);
        message.truncate(message.trim_end_matches(' ').len());
    }
    Ok(message)
}

/// The value without its fill or length.
fn bare<'t>(field: &RecordField, text: &'t str) -> &'t str {
    let fill = char::from(field.fill);
    match field.picture {
        Picture::Var { prefix, .. } => text.get(prefix..).unwrap_or_default(),
        Picture::X(_) | Picture::G(_) if field.right => text.trim_start_matches(fill),
        Picture::X(_) | Picture::G(_) => text.trim_end_matches(fill),
        Picture::Nine { .. } | Picture::Bcd { .. } | Picture::Signed { .. } | Picture::B { .. } => text,
    }
}
