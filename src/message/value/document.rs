//! Identity documents by type, and which checks of each are known.
//!
//! | type | form | birth date | check digit |
//! |---|---|---|---|
//! | `resident` | 17 digits and a digit or X; not 81, 82, 83 | checked | checked (GB 11643, ISO 7064 MOD 11-2) |
//! | `resident-15` | 15 digits | checked, the century is 19 | it has none |
//! | `hmt` | 810000, 820000 or 830000, then as `resident` | checked | checked, the same |
//! | `permanent-residence` | 3 capital letters and 12 digits (old), or 9, 16 digits and a digit or X (since 2023) | new form checked | **not checked** |
//!
//! The check digits of permanent residence numbers are not checked because the rule of the old form is not public and
//! numbers of the new form are reported that do not follow GB 11643. Region codes are not checked against a list:
//! people keep numbers of regions that no longer exist. Nothing is converted from one type to another; the one
//! normalisation is a final small `x`, accepted and passed on as `X`.

use super::all;
use jiff::civil::Date;

/// A type of identity document.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Document {
    /// 公民身份号码, 18 characters.
    Resident,
    /// 公民身份号码 of 15 digits, as old pension data still has it.
    Resident15,
    /// 港澳台居民居住证.
    Hmt,
    /// 外国人永久居留身份证.
    PermanentResidence,
}

/// Why a number cannot be one of its type.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fault {
    /// Length, characters or prefix.
    Form,
    /// The digits of the birth date are no date.
    BirthDate,
    /// The check digit is another one.
    CheckDigit,
}

/// Form of an 18-character resident number: 81, 82 and 83 belong to `hmt`.
pub const RESIDENT_PATTERN: &str = "^([0-79][0-9]|8[04-9])[0-9]{15}[0-9Xx]$";
/// Form of a 15-digit resident number.
pub const RESIDENT15_PATTERN: &str = "^[0-9]{15}$";
/// Form of a residence permit number of Hong Kong, Macao and Taiwan residents.
pub const HMT_PATTERN: &str = "^8[123]0{4}[0-9]{11}[0-9Xx]$";
/// Both forms of a permanent residence number.
pub const PERMANENT_RESIDENCE_PATTERN: &str = "^([A-Z]{3}[0-9]{12}|9[0-9]{16}[0-9Xx])$";

impl Document {
    /// All types.
    pub const ALL: [Document; 4] =
        [Document::Resident, Document::Resident15, Document::Hmt, Document::PermanentResidence];

    /// The canonical code.
    pub fn code(self) -> &'static str {
        match self {
            Document::Resident => "resident",
            Document::Resident15 => "resident-15",
            Document::Hmt => "hmt",
            Document::PermanentResidence => "permanent-residence",
        }
    }

    /// The type of a canonical code.
    pub fn from_code(code: &str) -> Option<Document> {
        Document::ALL.into_iter().find(|document| document.code() == code)
    }

    /// The form as a regular expression.
    pub fn pattern(self) -> &'static str {
        match self {
            Document::Resident => RESIDENT_PATTERN,
            Document::Resident15 => RESIDENT15_PATTERN,
            Document::Hmt => HMT_PATTERN,
            Document::PermanentResidence => PERMANENT_RESIDENCE_PATTERN,
        }
    }

    /// Checks everything that is known about a number of this type.
    ///
    /// # Errors
    /// The first check that fails, in the order form, birth date, check digit.
    pub fn check(self, number: &str) -> Result<(), Fault> {
        let of_hmt = ["81", "82", "83"].iter().any(|prefix| number.starts_with(prefix));
        match self {
            Document::Resident => {
                form(is_eighteen(number) && !of_hmt)?;
                birth_date(number.get(6..14))?;
                check_digit(number)
            }
            Document::Resident15 => {
                form(all(number, 15, 15, |byte| byte.is_ascii_digit()))?;
                birth_date(number.get(6..12).map(|date| format!("19{date}")).as_deref())
            }
            Document::Hmt => {
                form(is_eighteen(number) && of_hmt && number.get(2..6) == Some("0000"))?;
                birth_date(number.get(6..14))?;
                check_digit(number)
            }
            Document::PermanentResidence if number.starts_with('9') => {
                form(is_eighteen(number))?;
                birth_date(number.get(6..14))
            }
            Document::PermanentResidence => {
                let (country, digits) = number.split_at_checked(3).ok_or(Fault::Form)?;
                let capitals = all(country, 3, 3, |byte| byte.is_ascii_uppercase());
                form(capitals && all(digits, 12, 12, |byte| byte.is_ascii_digit()))
            }
        }
    }

    /// `number` with a final small `x` as the capital it stands for, where this type can end in one; `None` where
    /// there is nothing to change.
    pub fn with_capital_x(self, number: &str) -> Option<String> {
        let body = number.strip_suffix('x').filter(|body| body.len() == 17)?;
        match self {
            Document::Resident | Document::Hmt | Document::PermanentResidence => Some(format!("{body}X")),
            Document::Resident15 => None,
        }
    }
}

fn form(holds: bool) -> Result<(), Fault> {
    if holds { Ok(()) } else { Err(Fault::Form) }
}

fn is_eighteen(number: &str) -> bool {
    let mut bytes = number.bytes();
    let last = bytes.next_back();
    number.len() == 18
        && bytes.all(|byte| byte.is_ascii_digit())
        && last.is_some_and(|byte| byte.is_ascii_digit() || byte.eq_ignore_ascii_case(&b'X'))
}

/// Whether these eight digits are a date from 1850 on. That it lies in the past is for somebody with a clock.
fn birth_date(digits: Option<&str>) -> Result<(), Fault> {
    let part = |from: usize, to: usize| digits?.get(from..to)?.parse::<i16>().ok();
    let date = || {
        let (month, day) = (i8::try_from(part(4, 6)?).ok()?, i8::try_from(part(6, 8)?).ok()?);
        Date::new(part(0, 4)?, month, day).ok()
    };
    date().filter(|date| date.year() >= 1850).map(|_| ()).ok_or(Fault::BirthDate)
}

/// ISO 7064 MOD 11-2: read as digits of base 2, X worth ten, the whole number is 1 modulo 11.
fn check_digit(number: &str) -> Result<(), Fault> {
    let sum = number.bytes().fold(0, |sum, byte| {
        let value = if byte.is_ascii_digit() { u32::from(byte - b'0') } else { 10 };
        (sum * 2 + value) % 11
    });
    if sum == 1 { Ok(()) } else { Err(Fault::CheckDigit) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::message::dictionary::DOCUMENTS;

    #[test]
    fn each_type_takes_its_own_numbers() {
        use Document::{Hmt, PermanentResidence, Resident, Resident15};
        use Fault::{BirthDate, CheckDigit, Form};
        for (document, number, verdict) in [
            // The example number of GB 11643, and the same with each kind of fault.
            (Resident, "11010519491231002X", Ok(())),
            (Resident, "11010519491231002x", Ok(())),
            (Resident, "440524188001010014", Ok(())),
            (Resident, "110105194912310021", Err(CheckDigit)),
            (Resident, "11010519491331002X", Err(BirthDate)),
            (Resident, "11010519490229002X", Err(BirthDate)),
            (Resident, "11010500001231002X", Err(BirthDate)),
            (Resident, "1101051949123100X2", Err(Form)),
            (Resident, "11010519491231002Ｘ", Err(Form)),
            (Resident, "1101051949123100", Err(Form)),
            (Resident, "110105491231002", Err(Form)),
            (Resident, "810000194912310029", Err(Form)),
            (Resident15, "110105491231002", Ok(())),
            (Resident15, "110105000229002", Err(BirthDate)),
            (Resident15, "110105960229002", Ok(())),
            (Resident15, "11010519491231002X", Err(Form)),
            (Resident15, "11010549123100X", Err(Form)),
            (Hmt, "810000199408230021", Ok(())),
            (Hmt, "830000199201300022", Ok(())),
            (Hmt, "810000199408230022", Err(CheckDigit)),
            (Hmt, "810000199413230021", Err(BirthDate)),
            (Hmt, "810001199408230021", Err(Form)),
            (Hmt, "840000199408230021", Err(Form)),
            (Hmt, "11010519491231002X", Err(Form)),
            (PermanentResidence, "USA110078010112", Ok(())),
            (PermanentResidence, "USA11007801011", Err(Form)),
            (PermanentResidence, "US1110078010112", Err(Form)),
            (PermanentResidence, "usa110078010112", Err(Form)),
            (PermanentResidence, "911124198108030024", Ok(())),
            (PermanentResidence, "911124198113030024", Err(BirthDate)),
            (PermanentResidence, "911124198108030X24", Err(Form)),
            (PermanentResidence, "", Err(Form)),
        ] {
            assert_eq!(document.check(number), verdict, "{document:?} {number}");
        }
    }

    #[test]
    fn codes_are_those_of_the_dictionary() {
        assert_eq!(DOCUMENTS.iter().map(|code| code.code).collect::<Vec<_>>(), Document::ALL.map(Document::code));
        assert!(Document::ALL.iter().all(|document| Document::from_code(document.code()) == Some(*document)));
    }

    #[test]
    fn a_final_small_x_is_the_only_change() {
        assert_eq!(Document::Resident.with_capital_x("11010519491231002x").as_deref(), Some("11010519491231002X"));
        assert_eq!(Document::Resident.with_capital_x("11010519491231002X"), None);
        assert_eq!(Document::Resident.with_capital_x("1101051949123x"), None);
        assert_eq!(Document::Resident15.with_capital_x("11010519491231002x"), None);
    }
}
