//! The XML declaration (2.8, 4.3.3).

/// Reads `<?xml … ?>`; returns the declared encoding, or the offset in `token` at which it is malformed.
///
/// Version is `1.` and digits: the fifth edition reads every 1.x document as 1.0.
pub(super) fn parse(token: &str) -> Result<Option<&str>, usize> {
    let offset = |rest: &str| token.len().saturating_sub(2 + rest.len());
    let Some(mut rest) = token.strip_prefix("<?xml").and_then(|rest| rest.strip_suffix("?>")) else {
        return Err(0);
    };
    let version = pseudo_attribute(&mut rest, "version").map_err(offset)?.ok_or(offset(rest))?;
    let minor = version.strip_prefix("1.").ok_or(offset(rest))?;
    if minor.is_empty() || !minor.bytes().all(|b| b.is_ascii_digit()) {
        return Err(offset(rest));
    }
    let encoding = pseudo_attribute(&mut rest, "encoding").map_err(offset)?;
    if encoding.is_some_and(|name| !is_encoding_name(name)) {
        return Err(offset(rest));
    }
    let standalone = pseudo_attribute(&mut rest, "standalone").map_err(offset)?;
    if standalone.is_some_and(|value| value != "yes" && value != "no") {
        return Err(offset(rest));
    }
    let left = trim(rest);
    if left.is_empty() { Ok(encoding) } else { Err(offset(left)) }
}

/// Takes `S name Eq "value"` off the head of `rest` if it is there; the error is what was left when it went wrong.
fn pseudo_attribute<'a>(rest: &mut &'a str, name: &str) -> Result<Option<&'a str>, &'a str> {
    let trimmed = trim(rest);
    let Some(after) = trimmed.strip_prefix(name) else {
        return Ok(None);
    };
    if trimmed.len() == rest.len() {
        return Err(trimmed);
    }
    let value = trim(after).strip_prefix('=').map(trim).ok_or(after)?;
    let quote = value.chars().next().filter(|c| matches!(c, '"' | '\'')).ok_or(value)?;
    let (inside, after) = value.strip_prefix(quote).and_then(|inside| inside.split_once(quote)).ok_or(value)?;
    *rest = after;
    Ok(Some(inside))
}

fn trim(text: &str) -> &str {
    text.trim_start_matches([' ', '\t', '\r', '\n'])
}

/// EncName (81).
fn is_encoding_name(name: &str) -> bool {
    name.starts_with(|c: char| c.is_ascii_alphabetic())
        && name.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'.' | b'_' | b'-'))
}
