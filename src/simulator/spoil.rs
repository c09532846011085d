//! Sound answers made unsound: wrong lengths and bytes that no charset has.

use data_encoding::BASE64;

use crate::adapter::plan::{Adapter, Content, FramePlan, RecordField, Source};

/// A byte that begins no character of any charset that banks use.
const NO_CHARACTER: u8 = 0xff;

/// `bytes` with a length that is not theirs: the last digit of the frame's length is another one. Where nothing says the
/// length there is a byte too few, or, in a frame of one size, a byte too many.
pub(super) fn wrong_length(adapter: &Adapter, mut bytes: Vec<u8>) -> Vec<u8> {
    let frame = match &adapter.wire.frames {
        Some((_, reply)) => reply,
        None => {
            bytes.pop();
            return bytes;
        }
    };
    match frame {
        FramePlan::Prefix { header, .. } => {
            let (start, end) = length_field(header);
            let digits = bytes.get_mut(start..end).unwrap_or_default();
            if let Some(digit) = digits.iter_mut().rev().find(|byte| byte.is_ascii_digit()) {
                *digit = if *digit == b'9' { b'8' } else { digit.saturating_add(1) };
            } else if let Some(low) = digits.last_mut() {
                *low = low.wrapping_add(1);
            }
        }
        FramePlan::Fixed(_) => bytes.push(b' '),
        FramePlan::ToEnd | FramePlan::Line | FramePlan::EndTag(_) => {
            bytes.pop();
        }
    }
    bytes
}

/// Where the length stands in a header.
fn length_field(header: &[RecordField]) -> (usize, usize) {
    let mut start = 0_usize;
    for field in header {
        let end = start.saturating_add(field.picture.width().unwrap_or_default());
        if matches!(&field.content, Content::Value(value) if value.source == Source::FrameLength) {
            return (start, end);
        }
        start = end;
    }
    (0, 0)
}

/// `bytes` with one byte of the message, `at` bytes from its start (taken around its length), that is in no charset.
pub(super) fn wrong_charset(adapter: &Adapter, bytes: Vec<u8>, at: usize) -> Vec<u8> {
    match (&adapter.wire.frames, adapter.http()) {
        (Some((_, reply)), _) => {
            let head = match reply {
                FramePlan::Prefix { header_len, .. } => *header_len,
                FramePlan::ToEnd | FramePlan::Fixed(_) | FramePlan::Line | FramePlan::EndTag(_) => 0,
            };
            struck(bytes, head, at)
        }
        (None, Some(http)) if http.reply_base64 => {
            let prefix = http.reply_prefix.as_bytes();
            let Some(message) = bytes.strip_prefix(prefix).and_then(|text| BASE64.decode(text).ok()) else {
                return bytes;
            };
            [prefix, BASE64.encode(&struck(message, 0, at)).as_bytes()].concat()
        }
        (None, Some(http)) => struck(bytes, http.reply_prefix.len(), at),
        (None, None) => bytes,
    }
}

fn struck(mut bytes: Vec<u8>, head: usize, at: usize) -> Vec<u8> {
    let message = bytes.get_mut(head..).unwrap_or_default();
    let at = at.checked_rem(message.len()).unwrap_or_default();
    if let Some(byte) = message.get_mut(at) {
        *byte = NO_CHARACTER;
    }
    bytes
}
