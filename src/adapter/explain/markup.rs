//! The bytes between values: tags one by one, and the text between tags.

use crate::adapter::charset::Charset;

/// A piece of markup, or of text that the template passes over.
pub(super) struct Markup {
    /// First byte.
    pub(super) start: usize,
    /// Behind the last byte.
    pub(super) end: usize,
    /// It begins or ends a tag.
    pub(super) tag: bool,
    /// Its text; `None` where the bytes are none.
    pub(super) text: Option<String>,
    /// The bytes themselves.
    pub(super) bytes: Vec<u8>,
}

/// Cuts `gap` before every `<` and after every `>`. No other byte of a character can be taken for these two.
pub(super) fn split(charset: Charset, gap: &[u8]) -> Vec<Markup> {
    let mut pieces = Vec::new();
    let mut start = 0;
    for (at, byte) in gap.iter().enumerate() {
        let cut = match byte {
            b'<' => at,
            b'>' => at.saturating_add(1),
            _ => continue,
        };
        push(charset, gap, start, cut, &mut pieces);
        start = cut;
    }
    push(charset, gap, start, gap.len(), &mut pieces);
    pieces
}

fn push(charset: Charset, gap: &[u8], start: usize, end: usize, pieces: &mut Vec<Markup>) {
    if start >= end {
        return;
    }
    let bytes = gap.get(start..end).unwrap_or_default();
    let tag = bytes.starts_with(b"<") || bytes.ends_with(b">");
    let text = charset.decode(bytes).ok().map(|text| text.into_owned());
    pieces.push(Markup { start, end, tag, text, bytes: bytes.to_vec() });
}
