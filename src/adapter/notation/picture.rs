//! Pictures: `X(n)`, `9(n)`, `9(n)V99`, `G(n)`, `LLVAR(n)`, `LLLVAR(n)`, `BCD(n)`, `S9(n)`, `B(n)`.

use crate::adapter::plan::Picture;

/// The longest width that a picture may have, bytes.
const WIDEST: usize = 1_000_000;

/// Reads a picture; `None` where it is not one.
pub(crate) fn parse(text: &str) -> Option<Picture> {
    let (kind, rest) = text.split_once('(')?;
    let (digits, tail) = rest.split_once(')')?;
    if digits.is_empty() || digits.starts_with('0') || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    let width: usize = digits.parse().ok().filter(|width| *width <= WIDEST)?;
    match (kind, tail) {
        ("X", "") => Some(Picture::X(width)),
        ("9", "") => Some(Picture::Nine { digits: width, scale: 0 }),
        ("9", "V99") => Some(Picture::Nine { digits: width + 2, scale: 2 }),
        ("G", "") => Some(Picture::G(width)),
        ("LLVAR", "") => (width <= 99).then_some(Picture::Var { prefix: 2, max: width }),
        ("LLLVAR", "") => (width <= 999).then_some(Picture::Var { prefix: 3, max: width }),
        ("BCD", "") => Some(Picture::Bcd { digits: width }),
        ("S9", "") => Some(Picture::Signed { digits: width, plus: b'+', minus: b'-' }),
        ("B", "") => Some(Picture::B { bytes: width, number: None }),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pictures_are_read_and_nothing_else_is() {
        assert_eq!(parse("X(4)"), Some(Picture::X(4)));
        assert_eq!(parse("9(13)V99"), Some(Picture::Nine { digits: 15, scale: 2 }));
        assert_eq!(parse("9(6)"), Some(Picture::Nine { digits: 6, scale: 0 }));
        assert_eq!(parse("LLVAR(32)"), Some(Picture::Var { prefix: 2, max: 32 }));
        assert_eq!(parse("LLLVAR(999)"), Some(Picture::Var { prefix: 3, max: 999 }));
        assert_eq!(parse("BCD(11)").unwrap().width(), Some(6));
        assert_eq!(parse("S9(12)").unwrap().width(), Some(13));
        for bad in [
            "BCD(0)",
            "S9(3)V99",
            "",
            "X",
            "X()",
            "X(0)",
            "X(04)",
            "X(4",
            "x(4)",
            "X(4) ",
            "9(3)V9",
            "X(4)V99",
            "LLVAR(100)",
            "LLLVAR(1000)",
            "X(+4)",
            "X(99999999999999999999)",
        ] {
            assert_eq!(parse(bad), None, "{bad}");
        }
        assert_eq!(parse("LLVAR(5)").unwrap().width(), None);
        assert_eq!(parse("9(13)V99").unwrap().width(), Some(15));
    }
}
