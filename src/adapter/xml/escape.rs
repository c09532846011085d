//! What the writer needs: text and attribute values as they must stand in a document so that they are read back equal.

use super::name::find_bad_character;

/// Appends `value` to `out` as character data.
///
/// `&`, `<` and `>` become entities (`>` so that no `]]>` can arise) and a carriage return becomes a character
/// reference, since a reader turns a literal one into a line feed.
///
/// # Errors
/// The offset of the first character that XML 1.0 cannot carry in any form; `out` is then left as it was.
pub fn escape_text(value: &str, out: &mut String) -> Result<(), usize> {
    escape(value, out, |byte| match byte {
        b'&' => Some("&amp;"),
        b'<' => Some("&lt;"),
        b'>' => Some("&gt;"),
        b'\r' => Some("&#13;"),
        _ => None,
    })
}

/// Appends `value` to `out` as the inside of an attribute value, fit for either kind of quote.
///
/// Beyond [`escape_text`], quotes become entities and tabs and line feeds character references, since a reader turns
/// literal ones into spaces.
///
/// # Errors
/// The offset of the first character that XML 1.0 cannot carry in any form; `out` is then left as it was.
pub fn escape_attribute(value: &str, out: &mut String) -> Result<(), usize> {
    escape(value, out, |byte| match byte {
        b'&' => Some("&amp;"),
        b'<' => Some("&lt;"),
        b'>' => Some("&gt;"),
        b'"' => Some("&quot;"),
        b'\'' => Some("&apos;"),
        b'\t' => Some("&#9;"),
        b'\n' => Some("&#10;"),
        b'\r' => Some("&#13;"),
        _ => None,
    })
}

fn escape(value: &str, out: &mut String, entity: impl Fn(u8) -> Option<&'static str>) -> Result<(), usize> {
    if let Some(bad) = find_bad_character(value) {
        return Err(bad);
    }
    let mut rest = value;
    // Every byte that is replaced is ASCII, so both sides of it are character boundaries.
    while let Some((at, replacement)) = rest.bytes().enumerate().find_map(|(at, b)| entity(b).map(|e| (at, e))) {
        let (head, tail) = rest.split_at_checked(at).unwrap_or((rest, ""));
        out.push_str(head);
        out.push_str(replacement);
        rest = tail.get(1..).unwrap_or_default();
    }
    out.push_str(rest);
    Ok(())
}
