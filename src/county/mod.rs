//! The county's plan 奉节人社发〔2022〕18号 as rules: what its clauses ask of a message, of a county as it is configured and
//! of what the registers know, today.
//!
//! Pure: [`judge`] reads and answers, it stores nothing and stops nothing. What becomes of a finding (a refusal, a message that
//! waits for people, a notice in the journal) is the gateway's work. No rule makes a person travel or go unpaid: special cases
//! (异地居住, 行动不便, 二代卡有效期内) pass, and rules of one stage never stop a message of another.

mod registers;
mod rules;
#[cfg(test)]
mod tests;

use std::collections::{BTreeMap, BTreeSet};

use jiff::civil::Date;

pub use registers::{Card, Payout, Registers};
pub use rules::{Case, Finding, RULES, Rule, Severity, Stage, judge, rule};

use crate::life::TwoPeople;

/// A county as it is configured.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct County {
    /// Its name.
    pub name: String,
    /// From this day on new cards are of the third generation (R04).
    pub third_generation_from: Date,
    /// From this month on, `yyyymm`, whoever newly receives a benefit applies on the card (R09).
    pub new_recipients_from: String,
    /// Insurance kinds of people retired from public institutions (R12).
    pub institutional_funds: BTreeSet<String>,
    /// When the tender for their banks was awarded; `None` while it is not.
    pub tender_awarded: Option<Date>,
    /// Banks that carry cards and benefits (R01).
    pub contracted: BTreeSet<String>,
    /// Agreements with them.
    pub agreements: Vec<Agreement>,
    /// Outlets that make cards (R02).
    pub outlets: Vec<Outlet>,
    /// Rules that were given another severity, each by two people.
    pub switches: BTreeMap<&'static str, Switch>,
    /// What is to be reached (二、目标任务).
    pub targets: Targets,
}

/// What is to be reached, in per cent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Targets {
    /// 新增领取社保待遇人员用卡率.
    pub new_use: u8,
    /// 存量领取社保待遇人员用卡率.
    pub existing_use: u8,
    /// 存量领取社保待遇人员资金拨付率.
    pub existing_paid: u8,
}

impl Default for Targets {
    /// 新增用卡率达到95%以上，存量用卡率和资金拨付率均达到60%以上.
    fn default() -> Targets {
        Targets { new_use: 95, existing_use: 60, existing_paid: 60 }
    }
}

/// What an agreement is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum AgreementKind {
    /// 《委托金融机构发放基本养老金协议书》
    Payout,
    /// 《社会保险信息数据保密及专用网络安全协议》
    Confidentiality,
    /// 《奉节县社会保险事务中心与合作银行承办社会保障卡相关业务协议》
    Card,
}

impl AgreementKind {
    /// The three that each bank signs.
    pub const ALL: [AgreementKind; 3] = [AgreementKind::Payout, AgreementKind::Confidentiality, AgreementKind::Card];

    /// As the county's file spells it.
    pub const fn name(self) -> &'static str {
        match self {
            AgreementKind::Payout => "payout",
            AgreementKind::Confidentiality => "confidentiality",
            AgreementKind::Card => "card",
        }
    }
}

/// An agreement with a bank.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Agreement {
    /// The bank.
    pub bank: String,
    /// What it is about.
    pub kind: AgreementKind,
    /// Its first day.
    pub from: Date,
    /// Its last day.
    pub until: Date,
}

/// An outlet that makes cards.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Outlet {
    /// The bank.
    pub bank: String,
    /// Its name, as messages spell it.
    pub name: String,
    /// In a village (农村制卡网点).
    pub rural: bool,
    /// Its first day.
    pub from: Date,
    /// Its last day; `None` while it is open.
    pub until: Option<Date>,
}

/// A decision of two people to give a rule another severity.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Switch {
    /// What it is now.
    pub severity: Severity,
    /// Since when.
    pub since: Date,
    /// Who proposed it and who agreed.
    pub by: TwoPeople,
    /// Why.
    pub reason: String,
}

impl County {
    /// Whether a bank has all three agreements in force.
    pub fn has_agreements(&self, bank: &str, today: Date) -> bool {
        let in_force = |kind| {
            let of = |it: &&Agreement| it.bank == bank && it.kind == kind && (it.from..=it.until).contains(&today);
            self.agreements.iter().any(|agreement| of(&agreement))
        };
        AgreementKind::ALL.into_iter().all(in_force)
    }

    /// Agreements that end within so many days and have none of their kind to follow.
    pub fn ending(&self, today: Date, days: i32) -> impl Iterator<Item = &Agreement> {
        let soon =
            move |it: &&Agreement| it.until >= today && today.until(it.until).is_ok_and(|left| left.get_days() <= days);
        let followed = |it: &Agreement| {
            self.agreements.iter().any(|next| next.bank == it.bank && next.kind == it.kind && next.until > it.until)
        };
        self.agreements.iter().filter(soon).filter(move |it| !followed(it))
    }

    /// Whether an outlet is in the register on a day.
    pub fn has_outlet(&self, bank: &str, name: &str, day: Date) -> bool {
        let open = |it: &Outlet| day >= it.from && it.until.is_none_or(|until| day <= until);
        self.outlets.iter().any(|outlet| outlet.bank == bank && outlet.name == name && open(outlet))
    }

    /// How severe a finding of a rule is on a day.
    pub fn severity(&self, rule: &Rule, today: Date) -> Severity {
        let switched = self.switches.get(rule.id).filter(|switch| switch.since <= today);
        switched.map_or(rule.severity, |switch| switch.severity)
    }
}
