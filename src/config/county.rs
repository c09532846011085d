//! The county's file: dates, banks, agreements, outlets, switched rules.

use std::collections::BTreeMap;
use std::path::Path;

use jiff::civil::Date;
use toml::de::DeTable;

use super::section::{Section, Sheet};
use super::{ConfigFault, Faults};
use crate::county::{Agreement, AgreementKind, County, Outlet, Severity, Switch, Targets, rule};
use crate::lang::Phrase;
use crate::life::TwoPeople;

/// Reads a county's file.
///
/// # Errors
/// Every fault of the file; one without a place if it cannot be read.
pub fn load(file: &Path) -> Result<County, Faults> {
    let text = std::fs::read_to_string(file).map_err(|error| {
        let rule = Phrase::new("front-config-file").with("reason", error.kind());
        Faults::new(file, "", vec![ConfigFault::at("", (0, 0), rule)])
    })?;
    parse(file, &text)
}

/// Reads a text as if it stood in `file`.
///
/// # Errors
/// Every fault of the text.
pub fn parse(file: &Path, text: &str) -> Result<County, Faults> {
    let sheet = Sheet { text, faults: Vec::new().into() };
    let (table, errors) = DeTable::parse_recoverable(text);
    for error in errors {
        // The parser's own words are English in any language; the place says most of it.
        let rule = Phrase::new("front-config-toml").with("reason", error.message());
        sheet.fault(error.span().unwrap_or_default(), rule);
    }
    // What follows would only repeat that a broken line is missing.
    let sound = sheet.faults.borrow().is_empty();
    let county = sound.then(|| read(&Section::new(&sheet, Some(table.get_ref()), 0..0))).flatten();
    let faults = sheet.faults.into_inner();
    match county {
        Some(county) if faults.is_empty() => Ok(county),
        Some(_) | None => Err(Faults::new(file, text, faults)),
    }
}

fn read(root: &Section<'_>) -> Option<County> {
    let name = root.need("name");
    let third = day(root, "third_generation_from");
    let month = |text: &str| crate::message::value::period::is_period(text).then(|| text.to_owned());
    let newly = root.form(root.need("new_recipients_from"), month, Phrase::new("front-config-month"));
    let funds = if root.has("institutional_funds") { root.texts("institutional_funds") } else { Vec::new() };
    let tender_awarded = root.has("tender_awarded").then(|| day(root, "tender_awarded")).flatten();
    let contracted = root.texts("contracted");
    let agreements = root.tables("agreement").iter().filter_map(agreement).collect();
    let outlets = outlets(&root.table("outlets"));
    let switches = switches(root);
    let targets = targets(root);
    root.unknown();
    Some(County {
        name: name?.value,
        third_generation_from: third?,
        new_recipients_from: newly?,
        institutional_funds: funds.into_iter().map(|fund| fund.value).collect(),
        tender_awarded,
        contracted: contracted.into_iter().map(|bank| bank.value).collect(),
        agreements,
        outlets,
        switches,
        targets,
    })
}

/// The plan's targets, or what the file says instead.
fn targets(root: &Section<'_>) -> Targets {
    let plan = Targets::default();
    if !root.has("targets") {
        return plan;
    }
    let section = root.table("targets");
    let percent = |key: &str, plan: u8| {
        if !section.has(key) {
            return plan;
        }
        section.number(key, 1..101).and_then(|number| u8::try_from(number).ok()).unwrap_or(plan)
    };
    let targets = Targets {
        new_use: percent("new_card_use", plan.new_use),
        existing_use: percent("existing_card_use", plan.existing_use),
        existing_paid: percent("existing_paid_amount", plan.existing_paid),
    };
    section.unknown();
    targets
}

fn day(section: &Section<'_>, key: &str) -> Option<Date> {
    section.form(section.need(key), |text| text.parse().ok(), Phrase::new("front-config-day"))
}

fn agreement(section: &Section<'_>) -> Option<Agreement> {
    let bank = section.need("bank");
    let known = |text: &str| AgreementKind::ALL.into_iter().find(|kind| kind.name() == text);
    let kind = section.form(section.need("kind"), known, Phrase::new("front-config-agreement"));
    let (from, until) = (day(section, "from"), day(section, "until"));
    section.unknown();
    Some(Agreement { bank: bank?.value, kind: kind?, from: from?, until: until? })
}

fn outlets(section: &Section<'_>) -> Vec<Outlet> {
    let mut outlets = Vec::new();
    for (bank, _) in section.entries() {
        let of_bank = section.table(&bank.value);
        for (name, _) in of_bank.entries() {
            let outlet = of_bank.table(&name.value);
            let known = |text: &str| match text {
                "town" => Some(false),
                "rural" => Some(true),
                _ => None,
            };
            let rural = outlet.form(outlet.need("kind"), known, Phrase::new("front-config-outlet"));
            let from = day(&outlet, "from");
            let until = outlet.has("until").then(|| day(&outlet, "until")).flatten();
            outlet.unknown();
            if let (Some(rural), Some(from)) = (rural, from) {
                outlets.push(Outlet { bank: bank.value.clone(), name: name.value, rural, from, until });
            }
        }
    }
    outlets
}

fn switches(root: &Section<'_>) -> BTreeMap<&'static str, Switch> {
    let mut switches = BTreeMap::new();
    for section in root.tables("switch") {
        let known = section.form(section.need("rule"), rule, Phrase::new("front-config-rule"));
        let severity = |text: &str| Severity::ALL.into_iter().find(|severity| severity.name() == text);
        let severity = section.form(section.need("severity"), severity, Phrase::new("front-config-severity"));
        let names: Vec<String> = section.texts("by").into_iter().map(|name| name.value).collect();
        let by = match names.as_slice() {
            [first, second] => TwoPeople::new(first, second),
            _ => None,
        };
        if by.is_none() {
            section.fault(section.place("by"), Phrase::new("front-config-two-people"));
        }
        let (since, reason) = (day(&section, "since"), section.need("reason"));
        section.unknown();
        if let (Some(rule), Some(severity), Some(by), Some(since), Some(reason)) = (known, severity, by, since, reason)
            && switches.insert(rule.id, Switch { severity, since, by, reason: reason.value }).is_some()
        {
            section.fault(section.place("rule"), Phrase::new("front-config-rule-twice"));
        }
    }
    switches
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lang::Lang;

    const COUNTY: &str = include_str!("../../conformance/county/county.toml");

    fn faults(from: &str, to: &str) -> Vec<(usize, String)> {
        assert_eq!(COUNTY.matches(from).count(), 1, "{from}");
        let changed = COUNTY.replace(from, to);
        let faults = parse(Path::new("county.toml"), &changed).expect_err("a fault");
        faults.list.iter().map(|fault| (fault.line, fault.rule.text(Lang::En))).collect()
    }

    #[test]
    fn the_county_of_the_plan_has_its_sixty_seven_outlets() {
        let county = parse(Path::new("county.toml"), COUNTY).expect("a county");
        let count = |bank: &str, rural: bool| {
            let of = |outlet: &&Outlet| outlet.bank == bank && (!rural || outlet.rural);
            county.outlets.iter().filter(of).count()
        };
        let banks = ["crcb", "psbc", "abc", "icbc", "ccb", "cqcb", "ctgb"];
        assert_eq!(
            banks.map(|bank| (count(bank, false), count(bank, true))),
            [(40, 28), (13, 7), (6, 1), (4, 0), (2, 0), (1, 0), (1, 0)]
        );
        assert_eq!((county.outlets.len(), county.agreements.len(), county.contracted.len()), (67, 21, 7));
        assert!(banks.iter().all(|bank| county.has_agreements(bank, jiff::civil::date(2022, 6, 1))));
    }

    #[test]
    fn a_faulty_county_is_refused_with_the_place() {
        let line = |needle: &str| COUNTY.lines().position(|line| line.starts_with(needle)).expect("a line") + 1;
        assert_eq!(faults("= \"2022-01-01\"", "= \"2022-02-30\"")[0].0, line("third_generation_from"));
        assert_eq!(faults("= \"202201\"", "= \"2022-01\"")[0].0, line("new_recipients_from"));
        assert_eq!(faults("name                  =", "nome =").len(), 2, "missing and unknown");
    }

    #[test]
    fn targets_are_the_plans_unless_the_file_says_otherwise() {
        let targets = |text: &str| parse(Path::new("county.toml"), text).expect("a county").targets;
        let plan = Targets { new_use: 95, existing_use: 60, existing_paid: 60 };
        assert_eq!(targets(COUNTY), plan);
        let own = COUNTY.replace("existing_card_use    = 60", "existing_card_use    = 80");
        assert_eq!(targets(&own), Targets { existing_use: 80, ..plan });
        let at = COUNTY.lines().position(|line| line.starts_with("new_card_use")).expect("a line") + 1;
        for wrong in ["0", "101", "\"95\"", "0.95"] {
            assert_eq!(faults("= 95", &format!("= {wrong}"))[0].0, at, "{wrong}");
        }
        assert_eq!(faults("new_card_use  ", "new_cards     ").len(), 1, "unknown");
    }

    #[test]
    fn one_person_alone_switches_nothing() {
        let switch = |by: &str| {
            format!(
                "{COUNTY}\n[[switch]]\nrule = \"R02\"\nseverity = \"off\"\nby = {by}\nsince = \"2022-06-01\"\nreason = \"x\"\n"
            )
        };
        let county = parse(Path::new("county.toml"), &switch("[\"甲\", \"乙\"]")).expect("two people");
        assert_eq!(county.switches["R02"].severity, Severity::Off);
        for by in ["[\"甲\"]", "[\"甲\", \"甲\"]", "[\"甲\", \"\"]", "[\"甲\", \"乙\", \"丙\"]"] {
            assert!(parse(Path::new("county.toml"), &switch(by)).is_err(), "{by}");
        }
        assert!(parse(Path::new("county.toml"), &switch("[\"甲\", \"乙\"]").replace("R02", "R99")).is_err());
        let once = switch("[\"甲\", \"乙\"]");
        let again = once.strip_prefix(COUNTY).expect("the county first");
        let twice = format!("{once}{again}");
        assert!(parse(Path::new("county.toml"), &twice).is_err());
    }
}
