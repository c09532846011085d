//! Benefit months, `yyyymm`.

use super::all;

/// Form of a month.
pub const PATTERN: &str = "^(19|20)[0-9]{2}(0[1-9]|1[0-2])$";

/// Whether `text` is a month of the years 1900 to 2099: six digits, `yyyymm`.
pub fn is_period(text: &str) -> bool {
    let (year, month) = text.split_at_checked(4).unwrap_or(("", ""));
    let month_is_real = matches!(month.parse::<u8>(), Ok(1..=12));
    all(text, 6, 6, |byte| byte.is_ascii_digit()) && (year.starts_with("19") || year.starts_with("20")) && month_is_real
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn months_are_real() {
        assert!(is_period("202203") && is_period("190001") && is_period("209912"));
        for bad in ["", "202200", "202213", "2022-3", "20223", "2022031", "180012", "+20223", "２０２２０３", "2022 3"]
        {
            assert!(!is_period(bad), "{bad}");
        }
    }
}
