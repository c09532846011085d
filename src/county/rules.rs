//! The rules, one by one: the clause that each rests on, its stage, its usual severity, and what it looks for.

use jiff::civil::Date;

use super::County;
use super::registers::{Registers, met};
use crate::lang::Phrase;
use crate::message::{Fen, Field, Operation, Record};

/// What a finding leads to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Severity {
    /// 拒绝: the message is refused; its key stays free.
    Refuse,
    /// 待核实: the message waits for people. What a bank told has happened, and is only marked.
    Hold,
    /// 提示: journaled and told.
    Notice,
    /// 仅统计: journaled.
    Count,
    /// The rule is switched off.
    Off,
}

impl Severity {
    /// All of them.
    pub const ALL: [Severity; 5] = [Severity::Refuse, Severity::Hold, Severity::Notice, Severity::Count, Severity::Off];

    /// As files, records and answers spell it.
    pub const fn name(self) -> &'static str {
        match self {
            Severity::Refuse => "refuse",
            Severity::Hold => "hold",
            Severity::Notice => "notice",
            Severity::Count => "count",
            Severity::Off => "off",
        }
    }
}

/// When a rule is asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stage {
    /// 制发: `card.issued`.
    Issue,
    /// 激活: `card.activated`.
    Activate,
    /// 变更: `account.change` of kind `change`.
    Change,
    /// 申领: `account.change` of kind `application`.
    Apply,
    /// 发放: `payment.pay`.
    Pay,
}

/// One rule.
#[derive(Debug)]
pub struct Rule {
    /// `R01` … `R12` of the plan, `H01` of the house.
    pub id: &'static str,
    /// When it is asked.
    pub stages: &'static [Stage],
    /// How severe a finding is unless two people decided otherwise.
    pub severity: Severity,
    /// The clause in the plan's own words; `None` for a rule of the house.
    pub clause: Option<&'static str>,
    /// What a finding says, a key of the catalogue.
    reason: &'static str,
    finds: fn(&Case<'_>) -> bool,
}

/// What is looked at: a message, the county, what is known, today.
#[derive(Clone, Copy)]
pub struct Case<'a> {
    /// The message's operation.
    pub operation: Operation,
    /// The message.
    pub record: &'a Record<'a>,
    /// The county.
    pub county: &'a County,
    /// What the registers know.
    pub registers: &'a Registers,
    /// Today.
    pub today: Date,
    /// The same person, fund, kind and period is already being paid under another key.
    pub twin: bool,
}

/// A rule that found something.
#[derive(Clone, Copy, Debug)]
pub struct Finding {
    /// The rule.
    pub rule: &'static Rule,
    /// What it leads to.
    pub severity: Severity,
}

impl Rule {
    /// What a finding says.
    pub fn reason(&self) -> Phrase {
        Phrase::new(self.reason)
    }
}

impl Finding {
    /// What it says.
    pub fn reason(&self) -> Phrase {
        self.rule.reason()
    }
}

use Severity::{Hold, Notice};
use Stage::{Activate, Apply, Change, Issue, Pay};

/// Every rule, in the order of the plan.
pub static RULES: [Rule; 13] = [
    Rule {
        id: "R01",
        stages: &[Change, Apply],
        severity: Hold,
        clause: Some("七家银行作为我县换发社会保障卡及代发社保待遇的银行"),
        reason: "county-r01",
        finds: |case| {
            let bank = case.text(Field::Bank);
            case.on_card() && !(case.county.contracted.contains(bank) && case.county.has_agreements(bank, case.today))
        },
    },
    Rule {
        id: "R02",
        stages: &[Issue],
        severity: Notice,
        clause: Some("全县初步设置67个制卡网点"),
        reason: "county-r02",
        finds: |case| {
            let day = case.day(Field::CardIssuedOn).unwrap_or(case.today);
            !case.county.has_outlet(case.text(Field::Bank), case.text(Field::CardOutlet), day)
        },
    },
    Rule {
        id: "R03",
        stages: &[Issue],
        severity: Notice,
        clause: Some("首次换领社会保障卡实行全免费"),
        reason: "county-r03",
        finds: |case| {
            let first = matches!(case.text(Field::CardKind), "first" | "first-exchange");
            first && case.record.fen(Field::CardFee).is_some_and(Fen::is_positive)
        },
    },
    Rule {
        id: "R04",
        stages: &[Issue],
        severity: Notice,
        clause: Some("从2022年1月1日起，全面发行第三代社会保障卡"),
        reason: "county-r04",
        finds: |case| {
            let new = case.day(Field::CardIssuedOn).is_some_and(|day| day >= case.county.third_generation_from);
            new && case.text(Field::CardGeneration) == "2"
        },
    },
    Rule {
        id: "R05",
        stages: &[Change, Apply],
        severity: Hold,
        clause: Some("各单位及银行机构不得强行要求持卡人换卡或指定换卡银行"),
        reason: "county-r05",
        finds: |case| {
            let evidence = case.record.text(Field::ChangeEvidence).is_some();
            match case.text(Field::ChangeChoice) {
                "none" => true,
                "agent" | "guardian" => !evidence,
                _ => false,
            }
        },
    },
    Rule {
        id: "R06",
        stages: &[Activate],
        severity: Hold,
        clause: Some("不允许未见面激活社会保障卡金融功能"),
        reason: "county-r06",
        finds: |case| !met(case.record),
    },
    Rule {
        id: "R07",
        stages: &[Activate],
        severity: Notice,
        clause: Some("对因病、因残等行动不便的特殊困难人员，社保经办机构和银行金融机构可采取上门服务"),
        reason: "county-r07",
        finds: |case| {
            case.text(Field::MeetingKind) == "home-visit" && case.record.text(Field::MeetingHardship).is_none()
        },
    },
    Rule {
        id: "R08",
        stages: &[Change, Apply, Pay],
        severity: Notice,
        clause: Some("严禁要求异地居住人员专程返奉领取、更换或激活社会保障卡，严禁将行动困难人员抬到网点办理业务"),
        reason: "county-r08",
        finds: |case| {
            let known = case.registers.payout(case.text(Field::PayeeId)).is_some_and(|payout| payout.exception);
            !case.on_card() && (case.record.text(Field::ChangeException).is_some() || known)
        },
    },
    Rule {
        id: "R09",
        stages: &[Apply],
        severity: Hold,
        clause: Some("从2022年1月起除特殊情况外，原则上所有新增领取社保待遇人员需使用社会保障卡办理社保待遇申领"),
        reason: "county-r09",
        finds: |case| {
            let newly = case.text(Field::ChangeEffective) >= case.county.new_recipients_from.as_str();
            newly && !case.on_card() && !case.institutional() && case.record.text(Field::ChangeException).is_none()
        },
    },
    Rule {
        id: "R10",
        stages: &[Change],
        severity: Hold,
        clause: Some(
            "对确不愿意激活社会保障卡金融功能或不愿使用社会保障卡领取社保待遇的，各银行和社保经办机构不得强制要求",
        ),
        reason: "county-r10",
        // A change that nobody can be shown to have wished for, away from the account that is paid now.
        finds: |case| case.text(Field::ChangeChoice) == "none" && case.record.text(Field::FormerAccount).is_some(),
    },
    Rule {
        id: "R11",
        stages: &[Change, Apply],
        severity: Hold,
        clause: Some("领待人员在金融功能激活后持社会保障卡、身份证原件到社保经办机构办理银行账户变更"),
        reason: "county-r11",
        finds: |case| {
            let card = case.registers.card(case.text(Field::PayeeAccount));
            let ready = card.is_some_and(|card| {
                card.activated == Some(true)
                    && card.bank == case.text(Field::Bank)
                    && card.holder == case.text(Field::PayeeId)
            });
            case.on_card() && !ready
        },
    },
    Rule {
        id: "R12",
        stages: &[Change, Apply],
        severity: Hold,
        clause: Some("待通过竞标确定发放银行后全面启动社会保障卡发放机关事业单位退休人员社保待遇工作"),
        reason: "county-r12",
        finds: |case| {
            let awarded = case.county.tender_awarded.is_some_and(|day| case.today >= day);
            case.institutional() && case.on_card() && !awarded
        },
    },
    Rule { id: "H01", stages: &[Pay], severity: Hold, clause: None, reason: "county-h01", finds: |case| case.twin },
];

/// The rule of an id.
pub fn rule(id: &str) -> Option<&'static Rule> {
    RULES.iter().find(|rule| rule.id == id)
}

/// Every rule that finds something, in the order of the plan.
pub fn judge(case: &Case<'_>) -> Vec<Finding> {
    let Some(stage) = case.stage() else { return Vec::new() };
    let asked = RULES.iter().filter(|rule| rule.stages.contains(&stage));
    let finding = |rule: &'static Rule| Finding { rule, severity: case.county.severity(rule, case.today) };
    let findings = asked.map(finding).filter(|finding| finding.severity != Severity::Off);
    findings.filter(|finding| (finding.rule.finds)(case)).collect()
}

impl Case<'_> {
    fn stage(&self) -> Option<Stage> {
        match self.operation {
            Operation::CardIssued => Some(Issue),
            Operation::CardActivated => Some(Activate),
            Operation::AccountChange if self.text(Field::ChangeKind) == "application" => Some(Apply),
            Operation::AccountChange => Some(Change),
            Operation::PaymentPay => Some(Pay),
            Operation::PaymentQuery
            | Operation::PaymentReturned
            | Operation::CardCheck
            | Operation::CardApply
            | Operation::CardQuery
            | Operation::CardReportLoss
            | Operation::CardReleaseLoss
            | Operation::CardCancel
            | Operation::ActivationList
            | Operation::AccountVerify => None,
        }
    }

    /// What the message says; nothing is an empty text, which no field may hold.
    fn text(&self, field: Field) -> &str {
        self.record.text(field).unwrap_or_default()
    }

    fn day(&self, field: Field) -> Option<Date> {
        self.record.text(field)?.parse().ok()
    }

    fn on_card(&self) -> bool {
        self.text(Field::PayeeAccountKind) == "card"
    }

    fn institutional(&self) -> bool {
        self.county.institutional_funds.contains(self.text(Field::Fund))
    }
}
