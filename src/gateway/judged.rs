//! What the county's rules find in a message, and the registers that they ask: a view of the journal, made when it is first
//! needed and kept up by whatever is entered.
//!
//! Without a county there are no rules. What was found goes into the claim's record, so that it is written down with the
//! message or not at all.

use std::sync::{PoisonError, RwLock};

use jiff::Timestamp;
use jiff::civil::Time;
use tokio::sync::OnceCell;

use super::Gateway;
use super::handled::Hand;
use super::repeat::OwnedKey;
use crate::clock;
use crate::county::{Case, County, Finding, Registers, Severity, judge};
use crate::journal::{BodyKind, Filter, JournalError, RuleSwitch};
use crate::life::State;
use crate::message::{Field, Operation, Problem, Record, north};

/// Messages read at one time while the registers are made.
const PAGE: u32 = 1_000;
/// What the registers are made of, in the order in which it is entered.
const ENTERED: [Operation; 3] = [Operation::CardIssued, Operation::CardActivated, Operation::AccountChange];

/// The registers, once somebody has asked.
pub(super) type Kept = OnceCell<RwLock<Registers>>;

/// What the rules found.
#[derive(Default)]
pub(super) struct Judged {
    findings: Vec<Finding>,
    /// What the payment shares with others of the same benefit.
    pub twin: Option<[u8; 32]>,
    /// Nobody else claims such a payment while this is held.
    _alone: Option<Hand<OwnedKey>>,
}

impl Judged {
    /// The rule for which the message has to wait for people.
    pub(super) fn held_by(&self) -> Option<&'static str> {
        self.findings.iter().find(|finding| finding.severity == Severity::Hold).map(|finding| finding.rule.id)
    }

    /// The rules that refuse the message.
    pub(super) fn problems(&self) -> Vec<Problem> {
        let refuses = self.findings.iter().filter(|finding| finding.severity == Severity::Refuse);
        refuses.map(|finding| Problem::new("county-rule", finding.reason())).collect()
    }

    /// For the record: rule and severity.
    pub(super) fn findings(&self) -> Vec<(&'static str, &'static str)> {
        self.findings.iter().map(|finding| (finding.rule.id, finding.severity.name())).collect()
    }
}

impl Gateway {
    /// Asks the rules about a message that is about to be claimed.
    pub(super) async fn judged(
        &self,
        org: &str,
        operation: Operation,
        record: &Record<'_>,
        at: Timestamp,
    ) -> Result<Judged, JournalError> {
        let Some(county) = &self.county else { return Ok(Judged::default()) };
        let twin = (operation == Operation::PaymentPay).then(|| self.twin(org, record));
        // Two payments of the same benefit at the same moment: one of them sees the other.
        let alone = match &twin {
            Some(twin) => Some(self.alone(org, twin).await),
            None => None,
        };
        let has_twin = match twin {
            Some(twin) => self.journal.find_twin(twin).await?.is_some(),
            None => false,
        };
        let registers = self.registers().await?.read().unwrap_or_else(PoisonError::into_inner);
        let today = clock::business_date(at, Time::midnight());
        let findings = judge(&Case { operation, record, county, registers: &registers, today, twin: has_twin });
        Ok(Judged { findings, twin, _alone: alone })
    }

    fn twin(&self, org: &str, record: &Record<'_>) -> [u8; 32] {
        let fields = [Field::PayeeIdType, Field::PayeeId, Field::Fund, Field::Kind, Field::Period];
        let said = fields.map(|field| record.text(field).unwrap_or_default());
        self.keys.twin(&[&[org], &said[..]].concat())
    }

    async fn alone(&self, org: &str, twin: &[u8; 32]) -> Hand<OwnedKey> {
        let key = (org.to_owned(), Operation::PaymentPay, format!("twin:{}", data_encoding::HEXLOWER.encode(twin)));
        loop {
            let let_go = self.claiming.let_go();
            match self.claiming.take(key.clone()) {
                Some(hand) => return hand,
                None => let_go.await,
            }
        }
    }

    /// The registers; read from the journal if nobody has asked before.
    pub(super) async fn registers(&self) -> Result<&RwLock<Registers>, JournalError> {
        self.registers.get_or_try_init(|| self.read_registers()).await
    }

    /// Takes in what was entered just now.
    pub(super) fn enter(&self, operation: Operation, record: &Record<'_>) {
        if let Some(registers) = self.registers.get() {
            registers.write().unwrap_or_else(PoisonError::into_inner).enter(operation, record);
        }
    }

    async fn read_registers(&self) -> Result<RwLock<Registers>, JournalError> {
        let mut registers = Registers::default();
        for operation in ENTERED {
            let mut after = None;
            loop {
                let filter = Filter { operation: Some(operation), state: Some(State::Succeeded), ..Filter::default() };
                let page = self.journal.list(filter, after, PAGE).await?;
                let Some(last) = page.last() else { break };
                after = Some(last.id);
                for message in &page {
                    let body = self.journal.body(message.id, BodyKind::Request).await?.unwrap_or_default();
                    if let Ok(record) = north::decode(operation, &body) {
                        registers.enter(operation, &record);
                    }
                }
            }
        }
        Ok(RwLock::new(registers))
    }

    /// Writes down which rules were given another severity, and by whom; and says which agreements are about to end.
    pub(super) async fn announce(&self, county: &County) {
        let at = self.clock.now();
        let today = clock::business_date(at, Time::midnight());
        for (rule, switch) in &county.switches {
            let people = switch.by.clone();
            let written = RuleSwitch { rule, severity: switch.severity.name(), since: switch.since, people, at };
            if let Err(error) = self.journal.switch(written).await {
                tracing::warn!(rule, %error, "a switched rule was not written down");
            }
        }
        for agreement in county.ending(today, ENDING_DAYS) {
            tracing::warn!(bank = agreement.bank, kind = agreement.kind.name(), until = %agreement.until, "R01: an agreement is about to end");
        }
    }
}

/// So many days before its end an agreement is spoken of.
const ENDING_DAYS: i32 = 60;
