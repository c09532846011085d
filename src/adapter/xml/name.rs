//! Names and characters of XML 1.0, fifth edition: productions Char (2), S (3), NameStartChar (4), NameChar (4a), and
//! QName of Namespaces in XML 1.0.

/// White space, production S.
pub(super) fn is_space(byte: u8) -> bool {
    matches!(byte, b' ' | b'\t' | b'\r' | b'\n')
}

/// Production Char: what a document may contain at all.
pub(super) fn is_char(c: char) -> bool {
    matches!(c, '\t' | '\n' | '\r' | '\u{20}'..='\u{D7FF}' | '\u{E000}'..='\u{FFFD}' | '\u{10000}'..='\u{10FFFF}')
}

/// NameStartChar without the colon, which only separates a prefix here.
fn is_name_start(c: char) -> bool {
    matches!(c,
        'A'..='Z' | '_' | 'a'..='z' | '\u{C0}'..='\u{D6}' | '\u{D8}'..='\u{F6}' | '\u{F8}'..='\u{2FF}'
        | '\u{370}'..='\u{37D}' | '\u{37F}'..='\u{1FFF}' | '\u{200C}'..='\u{200D}' | '\u{2070}'..='\u{218F}'
        | '\u{2C00}'..='\u{2FEF}' | '\u{3001}'..='\u{D7FF}' | '\u{F900}'..='\u{FDCF}' | '\u{FDF0}'..='\u{FFFD}'
        | '\u{10000}'..='\u{EFFFF}')
}

/// NameChar without the colon.
fn is_name_char(c: char) -> bool {
    is_name_start(c) || matches!(c, '-' | '.' | '0'..='9' | '\u{B7}' | '\u{300}'..='\u{36F}' | '\u{203F}'..='\u{2040}')
}

/// A qualified name at the head of some text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct QName {
    /// Bytes of the whole name.
    pub(super) len: usize,
    /// Where its colon is, if it has a prefix.
    pub(super) colon: Option<usize>,
}

/// Reads the longest qualified name at the head of `text`.
///
/// The error is the offset at which a name character was missing: an empty name, a bad first character, a colon at
/// either end or a second colon.
pub(super) fn qname(text: &str) -> Result<QName, usize> {
    let mut colon = None;
    let mut fresh = true; // the next character has to be a NameStartChar
    for (at, byte) in text.bytes().enumerate() {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'_' => fresh = false,
            b'0'..=b'9' | b'-' | b'.' if !fresh => {}
            b':' if !fresh && colon.is_none() => {
                colon = Some(at);
                fresh = true;
            }
            0x80.. => return qname_beyond_ascii(text),
            b':' => return Err(at),
            _ if fresh => return Err(at),
            _ => return Ok(QName { len: at, colon }),
        }
    }
    if fresh { Err(text.len()) } else { Ok(QName { len: text.len(), colon }) }
}

fn qname_beyond_ascii(text: &str) -> Result<QName, usize> {
    let mut colon = None;
    let mut fresh = true;
    for (at, c) in text.char_indices() {
        if c == ':' {
            if fresh || colon.is_some() {
                return Err(at);
            }
            colon = Some(at);
            fresh = true;
        } else if fresh {
            if !is_name_start(c) {
                return Err(at);
            }
            fresh = false;
        } else if !is_name_char(c) {
            return Ok(QName { len: at, colon });
        }
    }
    if fresh { Err(text.len()) } else { Ok(QName { len: text.len(), colon }) }
}

/// Offset of the first character of `text` that production Char excludes.
pub(super) fn find_bad_character(text: &str) -> Option<usize> {
    // Branch-free over the whole slice, so that it is vectorised: only control characters and the lead byte of
    // U+F000..U+FFFF (which include U+FFFE and U+FFFF, but also the full-width forms) need a closer look.
    let suspect = text.bytes().fold(false, |suspect, b| suspect | (b < 0x20) | (b == 0xEF));
    if !suspect {
        return None;
    }
    text.char_indices().find(|(_, c)| !is_char(*c)).map(|(at, _)| at)
}
