//! Dates and times as digits: the pieces that a pattern shows, and an instant put together from pieces.

use jiff::Timestamp;
use jiff::civil::{Date, DateTime};
use jiff::tz::{Offset, TimeZone};

use crate::adapter::plan::DatePart;
use crate::lang::Phrase;

/// China's time: +08:00 all year, written as a fixed offset because a rule of law is not a file on this machine.
const CHINA: Offset = Offset::constant(8);

/// `yyyyMMdd`.
pub(super) const BASIC: &[DatePart] = &[DatePart::Year, DatePart::Month, DatePart::Day];

/// What is known of a date and time. Several fields of one message may each show a part of it.
#[derive(Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Moment {
    year: Option<i16>,
    month: Option<i8>,
    day: Option<i8>,
    hour: Option<i8>,
    minute: Option<i8>,
    second: Option<i8>,
    millisecond: Option<i16>,
}

impl Moment {
    /// All pieces of an instant; what is finer than a millisecond has no letter in a pattern.
    pub(crate) fn of_instant(instant: Timestamp) -> Moment {
        let shown = CHINA.to_datetime(instant);
        Moment {
            hour: Some(shown.hour()),
            minute: Some(shown.minute()),
            second: Some(shown.second()),
            millisecond: Some(shown.millisecond()),
            ..Moment::of_day(shown.date())
        }
    }

    /// The pieces of a day.
    pub(crate) fn of_day(day: Date) -> Moment {
        Moment { year: Some(day.year()), month: Some(day.month()), day: Some(day.day()), ..Moment::default() }
    }

    /// Appends what `pattern` shows.
    pub(super) fn write(&self, pattern: &[DatePart], buffer: &mut String) -> Result<(), Phrase> {
        for part in pattern {
            let (value, width) = match part {
                DatePart::Year => (self.year, 4),
                DatePart::Month => (self.month.map(i16::from), 2),
                DatePart::Day => (self.day.map(i16::from), 2),
                DatePart::Hour => (self.hour.map(i16::from), 2),
                DatePart::Minute => (self.minute.map(i16::from), 2),
                DatePart::Second => (self.second.map(i16::from), 2),
                DatePart::Millisecond => (self.millisecond, 3),
                DatePart::Literal(literal) => {
                    buffer.push(*literal);
                    continue;
                }
            };
            let digits = value.and_then(|value| u64::try_from(value).ok());
            super::padded(buffer, digits.ok_or_else(|| Phrase::new("adapter-date-unfit"))?, width);
        }
        Ok(())
    }

    /// Reads what `pattern` shows: every digit there, nothing else.
    pub(super) fn read(pattern: &[DatePart], text: &str) -> Result<Moment, Phrase> {
        let bad = || Phrase::new("adapter-not-a-date");
        let mut moment = Moment::default();
        let mut rest = text;
        for part in pattern {
            let width = match part {
                DatePart::Literal(literal) => {
                    rest = rest.strip_prefix(*literal).ok_or_else(bad)?;
                    continue;
                }
                DatePart::Year => 4,
                DatePart::Millisecond => 3,
                DatePart::Month | DatePart::Day | DatePart::Hour | DatePart::Minute | DatePart::Second => 2,
            };
            let (digits, after) = rest.split_at_checked(width).ok_or_else(bad)?;
            rest = after;
            if !digits.bytes().all(|byte| byte.is_ascii_digit()) {
                return Err(bad());
            }
            let value: i16 = digits.parse().map_err(|_| bad())?;
            let short = i8::try_from(value).ok();
            let consistent = match part {
                DatePart::Year => once(&mut moment.year, Some(value)),
                DatePart::Month => once(&mut moment.month, short),
                DatePart::Day => once(&mut moment.day, short),
                DatePart::Hour => once(&mut moment.hour, short),
                DatePart::Minute => once(&mut moment.minute, short),
                DatePart::Second => once(&mut moment.second, short),
                DatePart::Millisecond => once(&mut moment.millisecond, Some(value)),
                DatePart::Literal(_) => true,
            };
            if !consistent {
                return Err(bad());
            }
        }
        if !rest.is_empty() || !moment.exists() {
            return Err(bad());
        }
        Ok(moment)
    }

    /// Whether the pieces can belong to a real date and time (29 February stands while the year is not known).
    fn exists(&self) -> bool {
        let day = Date::new(self.year.unwrap_or(2000), self.month.unwrap_or(1), self.day.unwrap_or(1)).is_ok();
        let within = |piece: Option<i8>, most: i8| piece.is_none_or(|piece| piece <= most);
        day && within(self.hour, 23) && within(self.minute, 59) && within(self.second, 59)
    }

    /// Takes over what `other` shows; false where the two contradict each other.
    pub(crate) fn merge(&mut self, other: Moment) -> bool {
        fn keep<T: Copy + PartialEq>(slot: &mut Option<T>, value: Option<T>) -> bool {
            value.is_none() || once(slot, value)
        }
        keep(&mut self.year, other.year)
            && keep(&mut self.month, other.month)
            && keep(&mut self.day, other.day)
            && keep(&mut self.hour, other.hour)
            && keep(&mut self.minute, other.minute)
            && keep(&mut self.second, other.second)
            && keep(&mut self.millisecond, other.millisecond)
            && self.exists()
    }

    /// Nothing is known.
    pub(crate) fn is_empty(&self) -> bool {
        *self == Moment::default()
    }

    /// Whether everything known here is so of `instant`.
    pub(crate) fn agrees_instant(&self, instant: Timestamp) -> bool {
        self.agrees(Moment::of_instant(instant))
    }

    /// Whether everything known here is so of `day`.
    pub(crate) fn agrees_day(&self, day: Date) -> bool {
        self.agrees(Moment::of_day(day))
    }

    fn agrees(&self, whole: Moment) -> bool {
        let mut merged = whole;
        merged.merge(*self) && merged == whole
    }

    /// The day, where all of it is known.
    pub(crate) fn day(&self) -> Option<Date> {
        Date::new(self.year?, self.month?, self.day?).ok()
    }

    /// The instant, where it is known to the second; without milliseconds they are none.
    pub(crate) fn instant(&self) -> Option<Timestamp> {
        let nanoseconds = i32::from(self.millisecond.unwrap_or(0)).checked_mul(1_000_000)?;
        let day = self.day()?;
        let shown =
            DateTime::new(day.year(), day.month(), day.day(), self.hour?, self.minute?, self.second?, nanoseconds);
        TimeZone::fixed(CHINA).to_timestamp(shown.ok()?).ok()
    }
}

/// Puts a piece into its slot; false where it is none, or another one stands there already.
fn once<T: Copy + PartialEq>(slot: &mut Option<T>, value: Option<T>) -> bool {
    let consistent = value.is_some() && (slot.is_none() || *slot == value);
    *slot = value;
    consistent
}
