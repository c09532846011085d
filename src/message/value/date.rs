//! Days, `yyyy-mm-dd`.

use jiff::civil::Date;

use super::all;

/// Form of a day. That the month has that day is checked in the code only.
pub const PATTERN: &str = "^(19|20)[0-9]{2}-(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])$";

/// Why a text is no day.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fault {
    /// It is not written `yyyy-mm-dd`, or lies outside of 1900 to 2099.
    Form,
    /// The calendar has no such day.
    Calendar,
}

/// The day that `text` says.
///
/// # Errors
/// [`Fault`].
pub fn read(text: &str) -> Result<Date, Fault> {
    let mut parts = text.split('-');
    let mut part = |digits: usize| {
        let part = parts.next().filter(|part| all(part, digits, digits, |byte| byte.is_ascii_digit()))?;
        part.parse::<i16>().ok()
    };
    let (Some(year), Some(month), Some(day), None) = (part(4), part(2), part(2), parts.next()) else {
        return Err(Fault::Form);
    };
    if !((1900..2100).contains(&year) && (1..=12).contains(&month) && (1..=31).contains(&day)) {
        return Err(Fault::Form);
    }
    let (Ok(month), Ok(day)) = (i8::try_from(month), i8::try_from(day)) else { return Err(Fault::Form) };
    Date::new(year, month, day).map_err(|_| Fault::Calendar)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_are_real() {
        assert_eq!(read("2024-02-29"), Ok(Date::constant(2024, 2, 29)));
        assert_eq!(read("2023-02-29"), Err(Fault::Calendar));
        assert_eq!(read("2022-04-31"), Err(Fault::Calendar));
        for bad in [
            "",
            "20220315",
            "2022-3-15",
            "2022-03-15T",
            "2022-03-1５",
            "1899-12-31",
            "2100-01-01",
            "2022-00-10",
            "2022-13-01",
            "2022-01-00",
            "2022-01-32",
            "+022-01-01",
            "2022-01-01-",
        ] {
            assert_eq!(read(bad), Err(Fault::Form), "{bad}");
        }
    }
}
