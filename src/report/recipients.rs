//! The register of recipients: what the agency knows of people and no bank tells, as a file of comma-separated values.
//!
//! `id,township,since,card`: the social security number; the township (乡镇、街道); the month since which a benefit is
//! received, `yyyymm`; the account of the social security card that the person had before any bank told of it here. All but the
//! first may be empty. UTF-8, the first line names the columns in this order.

use std::collections::BTreeMap;

use crate::lang::Phrase;
use crate::message::Problem;
use crate::message::value::period::is_period;

/// The columns.
const COLUMNS: [&str; 4] = ["id", "township", "since", "card"];

/// What is known of people, by social security number.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Recipients(BTreeMap<String, Recipient>);

/// What is known of one.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Recipient {
    /// Where the person is registered.
    pub township: Option<String>,
    /// Since which month a benefit is received, `yyyymm`.
    pub since: Option<String>,
    /// The account of a card that was there before.
    pub card: Option<String>,
}

impl Recipients {
    /// Reads the register.
    ///
    /// # Errors
    /// Everything that is wrong with it, each with its line; never a value.
    pub fn parse(text: &[u8]) -> Result<Recipients, Vec<Problem>> {
        let text = text.strip_prefix(b"\xef\xbb\xbf").unwrap_or(text);
        let mut reader = csv::ReaderBuilder::new().from_reader(text);
        let (mut people, mut problems) = (BTreeMap::new(), Vec::new());
        let mut fault = |line: u64, column: &str, rule: Phrase| {
            problems.push(Problem::new("recipients-file", rule.with("line", line)).in_field(column));
        };
        match reader.headers() {
            Ok(heads) if heads.iter().eq(COLUMNS) => {}
            Ok(_) | Err(_) => {
                fault(1, "id", Phrase::new("report-recipients-heads"));
                return Err(problems);
            }
        }
        for row in reader.records() {
            let row = match row {
                Ok(row) => row,
                Err(error) => {
                    let line = error.position().map_or(0, csv::Position::line);
                    fault(line, "id", Phrase::new("report-recipients-row"));
                    continue;
                }
            };
            let line = row.position().map_or(0, csv::Position::line);
            let said = |at: usize| row.get(at).map(str::trim).filter(|text| !text.is_empty()).map(str::to_owned);
            let (id, since) = (said(0), said(2));
            if since.as_deref().is_some_and(|month| !is_period(month)) {
                fault(line, "since", Phrase::new("report-recipients-month"));
            }
            let Some(id) = id else {
                fault(line, "id", Phrase::new("report-recipients-nobody"));
                continue;
            };
            let recipient = Recipient { township: said(1), since, card: said(3) };
            if people.insert(id, recipient).is_some() {
                fault(line, "id", Phrase::new("report-recipients-twice"));
            }
        }
        if problems.is_empty() { Ok(Recipients(people)) } else { Err(problems) }
    }

    /// What is known of a person.
    pub fn of(&self, id: &str) -> Option<&Recipient> {
        self.0.get(id)
    }

    /// Whether nobody is registered.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The register as a file.
    pub fn to_csv(people: impl IntoIterator<Item = (String, Recipient)>) -> String {
        let mut writer = csv::Writer::from_writer(Vec::new());
        // Writing to memory cannot fail, and every row has as many columns as the first.
        let _ = writer.write_record(COLUMNS);
        for (id, recipient) in people {
            let Recipient { township, since, card } = recipient;
            let [township, since, card] = [township, since, card].map(Option::unwrap_or_default);
            let _ = writer.write_record([id, township, since, card]);
        }
        String::from_utf8(writer.into_inner().unwrap_or_default()).unwrap_or_default()
    }
}
