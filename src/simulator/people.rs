//! The cards of the invented county: who gets one, what the bank tells of it, and what its holder then asks. 演示数据.
//!
//! Each person is one case: most lives go smoothly, and of the others each shows one thing that the county's plan speaks of.
//! Nothing here knows a rule; the names of the cases are those of lives, not of findings.

use jiff::civil::Date;

use super::chance::Chance;
use super::county;
use crate::message::{Fen, Field, Record};

/// What is special about somebody.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Life {
    /// Nothing.
    Plain,
    /// The bank took a fee for the first exchange.
    Charged,
    /// The card was made where nobody has registered an outlet.
    Elsewhere,
    /// The bank still made a card of the second generation.
    SecondGeneration,
    /// The card was activated, and nobody says where and by whom.
    Unmet,
    /// Somebody came home, and nobody says why.
    VisitedWithoutReason,
    /// An agent asks for the change and shows nothing.
    AgentWithoutPaper,
    /// No wish is on record, and the account that is paid now would go.
    NobodyAsked,
    /// Retired from a public institution.
    Institutional,
    /// A new recipient with an account and no reason.
    NewWithoutCard,
    /// Lives far away and keeps the account there.
    FarAway,
    /// The bank's agreement has ended.
    BankWithoutAgreement,
}

/// The lives, again and again, so that the first few dozen people show all of them.
const LIVES: [Life; 16] = [
    Life::Plain,
    Life::Charged,
    Life::Elsewhere,
    Life::SecondGeneration,
    Life::Unmet,
    Life::Plain,
    Life::VisitedWithoutReason,
    Life::AgentWithoutPaper,
    Life::NobodyAsked,
    Life::Plain,
    Life::Institutional,
    Life::NewWithoutCard,
    Life::FarAway,
    Life::Plain,
    Life::BankWithoutAgreement,
    Life::Plain,
];

/// One person with a card.
#[derive(Clone, Debug)]
pub struct Person {
    /// From 1.
    pub number: u32,
    /// The card's bank, which is to pay as well.
    pub bank: String,
    /// What is special.
    pub life: Life,
    name: String,
    identity: String,
    account: String,
    outlet: String,
    fen: Fen,
}

/// `count` people, spread over `banks`; the last of them is the one whose agreement has ended, and has only such people.
/// `outlet` gives the name of a registered outlet of a bank, for the person with a number.
pub fn people(seed: u64, count: u32, banks: &[String], outlet: impl Fn(&str, u32) -> String) -> Vec<Person> {
    let Some((ended, others)) = banks.split_last().filter(|(_, others)| !others.is_empty()) else {
        return Vec::new();
    };
    let person = |number: u32| {
        let mut chance = Chance::new(seed, &["person", &number.to_string()]);
        let life = LIVES.into_iter().cycle().nth(usize::try_from(number).unwrap_or_default()).unwrap_or(Life::Plain);
        let without = life == Life::BankWithoutAgreement;
        let bank = if without { ended.clone() } else { chance.one_of(others).cloned().unwrap_or_default() };
        Person {
            number,
            life,
            name: county::name(&mut chance),
            identity: county::identity(&mut chance),
            // Behind the numbers of those who are paid.
            account: county::card_number(&mut chance, number.saturating_add(500_000_000)),
            fen: county::pension(&mut chance),
            outlet: if life == Life::Elsewhere { "演示无登记网点".to_owned() } else { outlet(&bank, number) },
            bank,
        }
    };
    (1..=count).map(person).collect()
}

impl Person {
    /// The social security number.
    pub fn id(&self) -> &str {
        &self.identity
    }

    fn holder(&self) -> Record<'static> {
        let mut record = Record::new();
        record.set_text(Field::HolderName, self.name.clone());
        record.set_text(Field::HolderIdType, "resident");
        record.set_text(Field::HolderId, self.identity.clone());
        record
    }

    fn card(&self) -> Record<'static> {
        let mut record = self.holder();
        record.set_text(Field::CardNumber, format!("D{:08}", self.number));
        record.set_text(Field::CardAccount, self.account.clone());
        record
    }

    /// Before the card is made: `card.check`.
    pub fn check(&self) -> Record<'static> {
        let mut record = self.holder();
        record.set_text(Field::CardKind, "first-exchange");
        record
    }

    /// The card was made: `card.issued`.
    pub fn issued(&self, on: Date) -> Record<'static> {
        let mut record = self.card();
        record.set_text(Field::CardRegion, "500236");
        record.set_text(Field::CardKind, "first-exchange");
        record.set_text(Field::CardGeneration, if self.life == Life::SecondGeneration { "2" } else { "3" });
        record.set_text(Field::CardIssuedOn, on.to_string());
        record.set_text(Field::CardOutlet, self.outlet.clone());
        record.set_fen(Field::CardFee, if self.life == Life::Charged { Fen::new(2_000) } else { Fen::ZERO });
        record
    }

    /// The bank's side was activated: `card.activated`.
    pub fn activated(&self, on: Date) -> Record<'static> {
        let mut record = self.card();
        if self.life == Life::Unmet {
            return record;
        }
        let visited = self.life == Life::VisitedWithoutReason;
        record.set_text(Field::MeetingKind, if visited { "home-visit" } else { "counter" });
        record.set_text(Field::MeetingOn, on.to_string());
        record.set_text(Field::MeetingOutlet, self.outlet.clone());
        record.set_text(Field::MeetingClerk, "演示员工");
        record.set_text(Field::MeetingOriginals, "seen");
        record.set_text(Field::MeetingWith, "self");
        record
    }

    /// Where the benefit is to go: `account.change`.
    pub fn change(&self) -> Record<'static> {
        let mut record = Record::new();
        record.set_text(Field::PayeeName, self.name.clone());
        record.set_text(Field::PayeeIdType, "resident");
        record.set_text(Field::PayeeId, self.identity.clone());
        self.set_account(&mut record);
        record.set_text(Field::Bank, self.bank.clone());
        record.set_text(Field::Fund, if self.life == Life::Institutional { "120" } else { "110" });
        record.set_text(Field::ChangeKind, if self.is_new() { "application" } else { "change" });
        record.set_text(Field::ChangeChannel, if self.number.is_multiple_of(3) { "app" } else { "counter" });
        record.set_text(Field::ChangeEffective, "202204");
        let choice = match self.life {
            Life::AgentWithoutPaper => "agent",
            Life::NobodyAsked => "none",
            Life::Plain
            | Life::Charged
            | Life::Elsewhere
            | Life::SecondGeneration
            | Life::Unmet
            | Life::VisitedWithoutReason
            | Life::Institutional
            | Life::NewWithoutCard
            | Life::FarAway
            | Life::BankWithoutAgreement => "self",
        };
        record.set_text(Field::ChangeChoice, choice);
        if self.life == Life::FarAway {
            record.set_text(Field::ChangeException, "异地居住");
        }
        if self.life == Life::NobodyAsked {
            record.set_text(Field::FormerAccount, self.old_account());
            record.set_text(Field::FormerAccountKind, "account");
        }
        record
    }

    /// The first benefit after the change: `payment.pay`, to a bank with this CNAPS number. None where nobody knows yet whether
    /// the change will stand.
    pub fn pension(&self, cnaps: &str) -> Option<Record<'static>> {
        let stands = match self.life {
            Life::Plain
            | Life::Charged
            | Life::Elsewhere
            | Life::SecondGeneration
            | Life::VisitedWithoutReason
            | Life::FarAway => true,
            Life::Unmet
            | Life::AgentWithoutPaper
            | Life::NobodyAsked
            | Life::Institutional
            | Life::NewWithoutCard
            | Life::BankWithoutAgreement => false,
        };
        let mut record = Record::new();
        record.set_text(Field::PayeeName, self.name.clone());
        record.set_text(Field::PayeeIdType, "resident");
        record.set_text(Field::PayeeId, self.identity.clone());
        self.set_account(&mut record);
        record.set_text(Field::PayeeBank, cnaps.to_owned());
        record.set_text(Field::Fund, "110");
        record.set_text(Field::Bank, self.bank.clone());
        record.set_text(Field::Purpose, "演示数据");
        record.set_fen(Field::Amount, self.fen);
        record.set_text(Field::Kind, "regular");
        record.set_text(Field::Period, "202204");
        record.set_text(Field::Order, format!("YS202204{:08}", self.number));
        stands.then_some(record)
    }

    /// Whether this is somebody's first benefit.
    fn is_new(&self) -> bool {
        match self.life {
            Life::NewWithoutCard | Life::FarAway => true,
            Life::Plain => !self.number.is_multiple_of(3),
            Life::Charged
            | Life::Elsewhere
            | Life::SecondGeneration
            | Life::Unmet
            | Life::VisitedWithoutReason
            | Life::AgentWithoutPaper
            | Life::NobodyAsked
            | Life::Institutional
            | Life::BankWithoutAgreement => false,
        }
    }

    fn old_account(&self) -> String {
        format!("79{:015}", self.number)
    }

    /// The account that is to be paid: the card's, or the one that was there.
    fn set_account(&self, record: &mut Record<'static>) {
        let keeps = matches!(self.life, Life::NewWithoutCard | Life::FarAway);
        record.set_text(Field::PayeeAccountKind, if keeps { "account" } else { "card" });
        record.set_text(Field::PayeeAccount, if keeps { self.old_account() } else { self.account.clone() });
    }

    /// How the card stands: `card.query`, `card.cancel`, `card.release-loss`.
    pub fn about_the_card(&self) -> Record<'static> {
        let mut record = self.card();
        record.set_text(Field::Bank, self.bank.clone());
        record
    }

    /// The card is lost: `card.report-loss`.
    pub fn lost(&self) -> Record<'static> {
        let mut record = self.about_the_card();
        record.set_text(Field::LossKind, if self.number.is_multiple_of(2) { "formal" } else { "for-now" });
        record
    }

    /// Whether account and person belong together: `account.verify`.
    pub fn verify(&self) -> Record<'static> {
        let mut record = Record::new();
        record.set_text(Field::PayeeName, self.name.clone());
        record.set_text(Field::PayeeIdType, "resident");
        record.set_text(Field::PayeeId, self.identity.clone());
        record.set_text(Field::PayeeAccountKind, "card");
        record.set_text(Field::PayeeAccount, self.account.clone());
        record.set_text(Field::Bank, self.bank.clone());
        record
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use jiff::civil::date;

    use super::*;
    use crate::message::{Operation, north};

    fn some(count: u32) -> Vec<Person> {
        let banks = ["b1", "b2", "b3"].map(str::to_owned);
        people(7, count, &banks, |bank, _| format!("{bank}支行"))
    }

    #[test]
    fn whatever_is_said_of_a_person_is_a_message() {
        let day = date(2022, 6, 1);
        for person in some(200) {
            let with_bank = |mut record: Record<'static>| {
                record.set_text(Field::Bank, person.bank.clone());
                record
            };
            let pension = person.pension("102100099996").map(|record| (Operation::PaymentPay, record));
            for (operation, record) in pension.into_iter().chain([
                (Operation::CardCheck, with_bank(person.check())),
                (Operation::CardIssued, with_bank(person.issued(day))),
                (Operation::CardActivated, with_bank(person.activated(day))),
                (Operation::AccountChange, person.change()),
                (Operation::CardQuery, person.about_the_card()),
                (Operation::CardReportLoss, person.lost()),
                (Operation::AccountVerify, person.verify()),
            ]) {
                let body = north::encode(&record);
                let read = north::decode(operation, body.as_bytes());
                assert!(read.is_ok(), "{}: {:?}", operation.name(), read.err());
            }
        }
    }

    #[test]
    fn sixteen_people_show_every_life_and_only_one_bank_has_no_agreement() {
        let lives: BTreeSet<String> = some(16).iter().map(|person| format!("{:?}", person.life)).collect();
        assert_eq!(lives.len(), 12);
        for person in some(400) {
            assert_eq!(person.bank == "b3", person.life == Life::BankWithoutAgreement, "{person:?}");
        }
        let accounts: BTreeSet<String> = some(400).into_iter().map(|person| person.account).collect();
        assert_eq!(accounts.len(), 400);
        assert!(people(7, 10, &["b1".to_owned()], |_, _| String::new()).is_empty());
    }
}
