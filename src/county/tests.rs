//! Each rule: a message that passes, one that is caught, and the same with the rule switched off. The clause that it rests on
//! is quoted from the plan 奉节人社发〔2022〕18号.

use jiff::civil::{Date, date};

use super::*;
use crate::message::{Fen, Field, Operation, Record};

const TODAY: Date = date(2022, 6, 15);
const ID: &str = "11010519491231002X";
const CARD: &str = "6217001234567890122";

fn county() -> County {
    let agreement = |kind| Agreement { bank: "b1".into(), kind, from: date(2022, 3, 1), until: date(2027, 2, 28) };
    County {
        name: "测试县".into(),
        third_generation_from: date(2022, 1, 1),
        new_recipients_from: "202201".into(),
        institutional_funds: ["120".to_owned()].into(),
        tender_awarded: None,
        contracted: ["b1".to_owned()].into(),
        agreements: AgreementKind::ALL.map(agreement).into(),
        outlets: vec![Outlet {
            bank: "b1".into(),
            name: "一支行".into(),
            rural: false,
            from: date(2022, 3, 1),
            until: Some(date(2023, 3, 1)),
        }],
        switches: BTreeMap::new(),
        targets: crate::county::Targets::default(),
    }
}

fn record(said: &[(Field, &str)]) -> Record<'static> {
    let mut record = Record::new();
    for (field, text) in said {
        record.set_text(*field, (*text).to_owned());
    }
    record
}

fn with(base: &[(Field, &'static str)], more: &[(Field, &'static str)]) -> Record<'static> {
    record(&[base, more].concat())
}

const ISSUED: [(Field, &str); 6] = [
    (Field::Bank, "b1"),
    (Field::HolderId, ID),
    (Field::CardKind, "first-exchange"),
    (Field::CardGeneration, "3"),
    (Field::CardIssuedOn, "2022-06-10"),
    (Field::CardOutlet, "一支行"),
];
const MET: [(Field, &str); 8] = [
    (Field::Bank, "b1"),
    (Field::HolderId, ID),
    (Field::CardAccount, CARD),
    (Field::MeetingKind, "counter"),
    (Field::MeetingOn, "2022-06-10"),
    (Field::MeetingOutlet, "一支行"),
    (Field::MeetingClerk, "王五"),
    (Field::MeetingOriginals, "seen"),
];
/// Somebody moves his benefit to his own card, by his own wish.
const CHANGE: [(Field, &str); 8] = [
    (Field::Bank, "b1"),
    (Field::PayeeId, ID),
    (Field::PayeeAccount, CARD),
    (Field::PayeeAccountKind, "card"),
    (Field::ChangeKind, "change"),
    (Field::ChangeChannel, "counter"),
    (Field::ChangeEffective, "202207"),
    (Field::ChangeChoice, "self"),
];

/// The registers with the card activated face to face.
fn registers() -> Registers {
    let mut registers = Registers::default();
    registers.enter(Operation::CardActivated, &record(&MET));
    registers
}

/// The rules that find something.
fn found(county: &County, registers: &Registers, operation: Operation, record: &Record<'_>, twin: bool) -> Vec<String> {
    let case = Case { operation, record, county, registers, today: TODAY, twin };
    judge(&case).iter().map(|finding| format!("{} {}", finding.rule.id, finding.severity.name())).collect()
}

fn off(id: &'static str) -> County {
    let by = TwoPeople::new("甲", "乙").unwrap();
    let switch = Switch { severity: Severity::Off, since: date(2022, 6, 1), by, reason: "测试".into() };
    County { switches: [(id, switch)].into(), ..county() }
}

/// A message that passes, one that is caught, and the same with the rule switched off.
fn proves(id: &'static str, expected: &str, operation: Operation, passes: &Record<'_>, caught: &Record<'_>) {
    let (registers, none) = (registers(), Vec::<String>::new());
    assert_eq!(found(&county(), &registers, operation, passes, false), none, "{id} lets it pass");
    assert_eq!(found(&county(), &registers, operation, caught, false), [format!("{id} {expected}")], "{id} catches it");
    assert_eq!(found(&off(id), &registers, operation, caught, false), none, "{id} is off");
}

#[test]
fn r01_七家银行作为我县换发社会保障卡及代发社保待遇的银行() {
    let caught = with(&CHANGE, &[(Field::Bank, "b2")]);
    let mut registers = registers();
    registers.enter(Operation::CardActivated, &with(&MET, &[(Field::Bank, "b2")]));
    // The card of another bank is R11's business too; here the card is that bank's.
    let mut fresh = Registers::default();
    fresh.enter(Operation::CardActivated, &with(&MET, &[(Field::Bank, "b2")]));
    assert_eq!(found(&county(), &fresh, Operation::AccountChange, &caught, false), ["R01 hold"]);
    assert_eq!(found(&off("R01"), &fresh, Operation::AccountChange, &caught, false), [""; 0]);
    assert_eq!(found(&county(), &registers, Operation::AccountChange, &record(&CHANGE), false), [""; 0]);
    // An agreement that has ended is none; an old account stays payable at any bank.
    let mut late = county();
    late.agreements[1].until = date(2022, 6, 14);
    assert_eq!(found(&late, &registers, Operation::AccountChange, &record(&CHANGE), false), ["R01 hold"]);
    let old =
        with(&CHANGE, &[(Field::Bank, "b2"), (Field::PayeeAccountKind, "account"), (Field::PayeeAccount, "31-1")]);
    assert_eq!(found(&county(), &registers, Operation::AccountChange, &old, false), [""; 0]);
}

#[test]
fn r02_全县初步设置67个制卡网点() {
    proves("R02", "notice", Operation::CardIssued, &record(&ISSUED), &with(&ISSUED, &[(Field::CardOutlet, "二支行")]));
    let after = with(&ISSUED, &[(Field::CardIssuedOn, "2023-03-02")]);
    assert_eq!(
        found(&county(), &registers(), Operation::CardIssued, &after, false),
        ["R02 notice"],
        "it was closed by then"
    );
}

#[test]
fn r03_首次换领社会保障卡实行全免费() {
    let mut caught = record(&ISSUED);
    caught.set_fen(Field::CardFee, Fen::new(2_000));
    let mut passes = record(&ISSUED);
    passes.set_fen(Field::CardFee, Fen::ZERO);
    proves("R03", "notice", Operation::CardIssued, &passes, &caught);
    caught.set_text(Field::CardKind, "replacement");
    assert_eq!(
        found(&county(), &registers(), Operation::CardIssued, &caught, false),
        [""; 0],
        "a replacement may cost"
    );
}

#[test]
fn r04_从2022年1月1日起_全面发行第三代社会保障卡() {
    let caught = with(&ISSUED, &[(Field::CardGeneration, "2")]);
    proves("R04", "notice", Operation::CardIssued, &record(&ISSUED), &caught);
    // 第二代社会保障卡在卡片有效期内仍可继续使用: its activation and payments to it are not touched.
    assert_eq!(found(&county(), &registers(), Operation::CardActivated, &record(&MET), false), [""; 0]);
}

#[test]
fn r05_不得强行要求持卡人换卡或指定换卡银行() {
    let caught = with(&CHANGE, &[(Field::ChangeChoice, "agent")]);
    let passes = with(&CHANGE, &[(Field::ChangeChoice, "agent"), (Field::ChangeEvidence, "委托书2022-17")]);
    proves("R05", "hold", Operation::AccountChange, &passes, &caught);
}

#[test]
fn r06_不允许未见面激活社会保障卡金融功能() {
    for field in [Field::MeetingKind, Field::MeetingOn, Field::MeetingOutlet, Field::MeetingClerk] {
        let mut caught = record(&MET);
        caught.clear(field);
        proves("R06", "hold", Operation::CardActivated, &record(&MET), &caught);
    }
    let caught = with(&MET, &[(Field::MeetingOriginals, "not-seen")]);
    proves("R06", "hold", Operation::CardActivated, &record(&MET), &caught);
}

#[test]
fn r07_因病_因残等行动不便的特殊困难人员_可采取上门服务() {
    let caught = with(&MET, &[(Field::MeetingKind, "home-visit")]);
    let passes = with(&MET, &[(Field::MeetingKind, "home-visit"), (Field::MeetingHardship, "illness")]);
    proves("R07", "notice", Operation::CardActivated, &passes, &caught);
}

#[test]
fn r08_严禁要求异地居住人员专程返奉领取() {
    let old = [(Field::PayeeAccountKind, "account"), (Field::PayeeAccount, "31-1")];
    let caught = with(&CHANGE, &[&old[..], &[(Field::ChangeException, "异地居住")]].concat());
    proves("R08", "notice", Operation::AccountChange, &with(&CHANGE, &old), &caught);
    // It is no more than a mark on a payment that goes where the person has an account.
    let mut registers = registers();
    registers.enter(Operation::AccountChange, &caught);
    let pay = with(&old, &[(Field::Bank, "b1"), (Field::PayeeId, ID)]);
    assert_eq!(found(&county(), &registers, Operation::PaymentPay, &pay, false), ["R08 notice"]);
    assert_eq!(found(&off("R08"), &registers, Operation::PaymentPay, &pay, false), [""; 0]);
}

#[test]
fn r09_原则上所有新增领取社保待遇人员需使用社会保障卡办理社保待遇申领() {
    let apply = [(Field::ChangeKind, "application")];
    let old = [(Field::PayeeAccountKind, "account"), (Field::PayeeAccount, "31-1")];
    let caught = with(&CHANGE, &[&apply[..], &old].concat());
    proves("R09", "hold", Operation::AccountChange, &with(&CHANGE, &apply), &caught);
    // 除特殊情况外
    let special = with(&CHANGE, &[&apply[..], &old, &[(Field::ChangeException, "卧床")]].concat());
    assert_eq!(found(&county(), &registers(), Operation::AccountChange, &special, false), ["R08 notice"]);
    let before = with(&CHANGE, &[&apply[..], &old, &[(Field::ChangeEffective, "202112")]].concat());
    assert_eq!(found(&county(), &registers(), Operation::AccountChange, &before, false), [""; 0]);
}

#[test]
fn r10_不愿使用社会保障卡领取社保待遇的_不得强制要求() {
    let caught = with(&CHANGE, &[(Field::ChangeChoice, "none"), (Field::FormerAccount, "31-1")]);
    // Without a wish R05 speaks as well; each can be switched by itself.
    let none = registers();
    assert_eq!(found(&county(), &none, Operation::AccountChange, &caught, false), ["R05 hold", "R10 hold"]);
    assert_eq!(found(&off("R05"), &none, Operation::AccountChange, &caught, false), ["R10 hold"]);
    assert_eq!(found(&off("R10"), &none, Operation::AccountChange, &caught, false), ["R05 hold"]);
    let passes = with(&CHANGE, &[(Field::FormerAccount, "31-1")]);
    assert_eq!(found(&county(), &none, Operation::AccountChange, &passes, false), [""; 0]);
}

#[test]
fn r11_金融功能激活后_办理银行账户变更() {
    let other_card = with(&CHANGE, &[(Field::PayeeAccount, "6217001234567890130")]);
    proves("R11", "hold", Operation::AccountChange, &record(&CHANGE), &other_card);
    let mut unmet = record(&MET);
    unmet.clear(Field::MeetingClerk);
    for (what, activation) in [
        ("not met", unmet),
        ("another bank's", with(&MET, &[(Field::Bank, "b2")])),
        ("another person's", with(&MET, &[(Field::HolderId, "110105194912310038")])),
    ] {
        let mut registers = Registers::default();
        registers.enter(Operation::CardActivated, &activation);
        assert_eq!(
            found(&county(), &registers, Operation::AccountChange, &record(&CHANGE), false),
            ["R11 hold"],
            "{what}"
        );
    }
    let mut issued_only = Registers::default();
    issued_only.enter(Operation::CardIssued, &with(&ISSUED, &[(Field::CardAccount, CARD)]));
    assert_eq!(found(&county(), &issued_only, Operation::AccountChange, &record(&CHANGE), false), ["R11 hold"]);
}

#[test]
fn r12_待通过竞标确定发放银行后全面启动() {
    let caught = with(&CHANGE, &[(Field::Fund, "120")]);
    proves("R12", "hold", Operation::AccountChange, &with(&CHANGE, &[(Field::Fund, "110")]), &caught);
    let awarded = County { tender_awarded: Some(TODAY), ..county() };
    assert_eq!(found(&awarded, &registers(), Operation::AccountChange, &caught, false), [""; 0]);
    // Their present pay goes on.
    let pay =
        with(&CHANGE, &[(Field::Fund, "120"), (Field::PayeeAccountKind, "account"), (Field::PayeeAccount, "31-1")]);
    assert_eq!(found(&county(), &registers(), Operation::PaymentPay, &pay, false), [""; 0]);
}

#[test]
fn h01_the_same_payment_under_another_key_is_for_people() {
    let pay = record(&[(Field::Bank, "b1"), (Field::PayeeId, ID), (Field::PayeeAccountKind, "card")]);
    let registers = registers();
    assert_eq!(found(&county(), &registers, Operation::PaymentPay, &pay, false), [""; 0]);
    assert_eq!(found(&county(), &registers, Operation::PaymentPay, &pay, true), ["H01 hold"]);
    assert_eq!(found(&off("H01"), &registers, Operation::PaymentPay, &pay, true), [""; 0]);
}

#[test]
fn rules_of_other_stages_never_stop_an_approved_payment() {
    // No card, no wish, no contract, no outlet, no meeting: it is paid.
    let pay = record(&[
        (Field::Bank, "b9"),
        (Field::PayeeId, ID),
        (Field::PayeeAccount, CARD),
        (Field::PayeeAccountKind, "card"),
        (Field::Fund, "120"),
    ]);
    assert_eq!(found(&county(), &Registers::default(), Operation::PaymentPay, &pay, false), [""; 0]);
}

#[test]
fn a_switch_holds_from_its_day_on_and_may_also_sharpen() {
    let caught = with(&ISSUED, &[(Field::CardOutlet, "二支行")]);
    let switched = |severity, since| {
        let by = TwoPeople::new("甲", "乙").unwrap();
        let switch = Switch { severity, since, by, reason: "测试".into() };
        County { switches: [("R02", switch)].into(), ..county() }
    };
    let none = registers();
    let tomorrow = switched(Severity::Off, TODAY.tomorrow().unwrap());
    assert_eq!(found(&tomorrow, &none, Operation::CardIssued, &caught, false), ["R02 notice"]);
    assert_eq!(found(&switched(Severity::Refuse, TODAY), &none, Operation::CardIssued, &caught, false), ["R02 refuse"]);
}

#[test]
fn agreements_are_missed_before_they_end() {
    let mut county = county();
    county.agreements[0].until = date(2022, 8, 1);
    let ending = |county: &County| county.ending(TODAY, 60).map(|it| it.kind).collect::<Vec<_>>();
    assert_eq!(ending(&county), [AgreementKind::Payout]);
    let next = Agreement { until: date(2027, 8, 1), from: date(2022, 8, 2), ..county.agreements[0].clone() };
    county.agreements.push(next);
    assert_eq!(ending(&county), []);
}

#[test]
fn every_rule_of_the_plan_quotes_it_and_the_house_rule_does_not() {
    let plan = include_str!("../../conformance/county/clauses.txt");
    let words = |text: &str| text.chars().filter(|letter| !letter.is_whitespace()).collect::<String>();
    for rule in &RULES {
        assert_eq!(rule.clause.is_none(), rule.id.starts_with('H'), "{}", rule.id);
        if let Some(clause) = rule.clause {
            assert!(words(plan).contains(&words(clause)), "{} quotes what the plan does not say", rule.id);
        }
    }
}
