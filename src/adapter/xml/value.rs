//! Character data: references, line ends (2.11) and the normalisation of attribute values (3.3.3).

use std::borrow::Cow;

use super::fault::{XmlFault, XmlFaultKind};
use super::name::{find_bad_character, is_char, qname};

/// The character that `&name;` or `&#…;` stands for; `body` is what lies between `&` and `;`.
///
/// Without a document type there are five entities; none is ever expanded into markup or into another reference.
pub(super) fn resolve(body: &str) -> Result<char, XmlFaultKind> {
    match body {
        "amp" => Ok('&'),
        "lt" => Ok('<'),
        "gt" => Ok('>'),
        "quot" => Ok('"'),
        "apos" => Ok('\''),
        _ => match body.strip_prefix('#') {
            Some(digits) => character(digits),
            None if qname(body).is_ok_and(|name| name.len == body.len()) => Err(XmlFaultKind::UnknownEntity),
            None => Err(XmlFaultKind::BadReference),
        },
    }
}

fn character(digits: &str) -> Result<char, XmlFaultKind> {
    let (digits, radix) = match digits.strip_prefix('x') {
        Some(hex) => (hex, 16),
        None => (digits, 10),
    };
    if digits.is_empty() || !digits.bytes().all(|b| char::from(b).is_digit(radix)) {
        return Err(XmlFaultKind::BadReference);
    }
    // A number beyond 32 bits is no character; leading zeros are allowed and do not overflow.
    u32::from_str_radix(digits, radix)
        .ok()
        .and_then(char::from_u32)
        .filter(|c| is_char(*c))
        .ok_or(XmlFaultKind::BadCharacter)
}

/// Checks one piece of character data between markup and references; `at` is its place in the document.
pub(super) fn check_text(piece: &str, at: usize) -> Result<(), XmlFault> {
    if let Some(bad) = find_bad_character(piece) {
        return Err(XmlFault::new(at + bad, XmlFaultKind::BadCharacter));
    }
    if let Some(end) = memchr::memmem::find(piece.as_bytes(), b"]]>") {
        return Err(XmlFault::new(at + end, XmlFaultKind::CdataEndInText));
    }
    Ok(())
}

/// Line ends as the specification wants them handed on: CR LF and a lone CR become LF.
pub(super) fn normalise_lines(piece: &str) -> Cow<'_, str> {
    if memchr::memchr(b'\r', piece.as_bytes()).is_none() {
        return Cow::Borrowed(piece);
    }
    Cow::Owned(piece.replace("\r\n", "\n").replace('\r', "\n"))
}

/// Checks an attribute value as it stands between its quotes; `at` is its place in the document.
pub(super) fn check_attribute(raw: &str, at: usize) -> Result<(), XmlFault> {
    let suspect = raw.bytes().fold(false, |suspect, b| suspect | (b < 0x20) | (b == 0xEF) | (b == b'<') | (b == b'&'));
    if !suspect {
        return Ok(());
    }
    let mut rest = raw;
    while let Some(c) = rest.chars().next() {
        let fault = |kind| XmlFault::new(at + raw.len() - rest.len(), kind);
        let after = rest.strip_prefix(c).unwrap_or_default();
        rest = match c {
            '<' => return Err(fault(XmlFaultKind::LessThanInAttribute)),
            '&' => {
                let (body, after) = after.split_once(';').ok_or_else(|| fault(XmlFaultKind::BadReference))?;
                resolve(body).map_err(fault)?;
                after
            }
            c if is_char(c) => after,
            _ => return Err(fault(XmlFaultKind::BadCharacter)),
        };
    }
    Ok(())
}

/// The value of an attribute without a declared type: references resolved, each literal white space character a space.
pub(super) fn attribute_value(raw: &str) -> Cow<'_, str> {
    let plain = !raw.bytes().fold(false, |other, b| other | (b < 0x20) | (b == b'&'));
    if plain {
        return Cow::Borrowed(raw);
    }
    let mut value = String::with_capacity(raw.len());
    let mut rest = raw;
    while let Some(c) = rest.chars().next() {
        rest = rest.strip_prefix(c).unwrap_or_default();
        match c {
            '\r' => {
                rest = rest.strip_prefix('\n').unwrap_or(rest);
                value.push(' ');
            }
            '\n' | '\t' => value.push(' '),
            '&' => {
                let (body, after) = rest.split_once(';').unwrap_or((rest, ""));
                value.extend(resolve(body));
                rest = after;
            }
            c => value.push(c),
        }
    }
    Cow::Owned(value)
}
