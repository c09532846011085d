//! The answer of the HTTP dialect by hand: a head, and lines of which one is ours.

use std::borrow::Cow;

use kuimen::adapter::runtime::{Answered, Expected, Ours};
use kuimen::message::{Fen, Field, Occurrence, Reply};

use crate::by_hand::{Bad, Document, Done, Next, counted, ensure, number, value, words};
use crate::icbc::{LABELS, whole_fen};

/// What the document `text` says about the payment in `expected`.
pub(crate) fn read(text: &str, expected: &Expected<'_>) -> Done<Answered> {
    let mut document = Document::new(text, LABELS);
    let mut answer = Answer::default();
    document.open("CMS")?;
    document.open("eb")?;
    answer.public(&mut document)?;
    let mut lines = Vec::new();
    if let Next::Start(name, _) = document.next()? {
        ensure(name == "out", "element")?;
        while let Next::Start(name, _) = document.next()? {
            if name == "rd" { lines.push(Line::read(&mut document)?) } else { document.skip()? }
        }
        document.close()?;
    }
    document.close()?;
    document.end()?;
    // Lines carry numbers; where there are lines one of them must be ours.
    let numbered = lines.iter().any(|line| line.number.is_some());
    let ours = |line: &Line<'_>| {
        !numbered || line.number.is_some_and(|number| usize::try_from(number) == Ok(expected.item_number))
    };
    let some = !lines.is_empty();
    let mut ours = lines.into_iter().filter(ours);
    let line = ours.next();
    ensure(ours.next().is_none() && line.is_some() == some, "no line, or two")?;
    Ok(answer.judged(line.unwrap_or_default(), expected))
}

/// An outer `None`: the element was not there; an inner one: it said nothing.
type Slot<'t> = Option<Option<Cow<'t, str>>>;

/// The head of an answer.
#[derive(Default)]
struct Answer<'t> {
    code: bool,
    serial: Slot<'t>,
    bank_serial: Slot<'t>,
    ret_code: Slot<'t>,
    ret_text: Slot<'t>,
}

impl<'t> Answer<'t> {
    fn public(&mut self, document: &mut Document<'t>) -> Done<()> {
        match document.next()? {
            Next::Start("pub", _) => {}
            Next::Start(..) | Next::End => return Err(Bad("element")),
        }
        while let Next::Start(name, attributes) = document.next()? {
            match name {
                "TransCode" => {
                    ensure(!self.code && document.said(attributes)?.text == "PAYPER", "literal")?;
                    self.code = true;
                }
                "fSeqno" => fill(&mut self.serial, value(document.said(attributes)?)?)?,
                "SerialNo" => fill(&mut self.bank_serial, value(document.said(attributes)?)?)?,
                "RetCode" => fill(&mut self.ret_code, words(document.said(attributes)?))?,
                "RetMsg" => fill(&mut self.ret_text, words(document.said(attributes)?))?,
                _ => document.skip()?,
            }
        }
        ensure(self.code && self.serial.is_some() && self.ret_code.is_some(), "missing")
    }

    fn judged(self, line: Line<'_>, expected: &Expected<'_>) -> Answered {
        let known = line.number.is_some();
        let own = |slot: Slot<'_>| slot.flatten().map(Cow::into_owned);
        let (ret_code, serial, code, account) =
            (own(self.ret_code), own(self.serial), own(line.code), own(line.account));
        let (occurrence, reason) = match (ret_code.as_deref(), code.as_deref()) {
            (Some("0"), Some(code)) => match code {
                "7" => (Occurrence::Yes, None),
                "6" => (Occurrence::No, Some("MS03")),
                "8" | "11" => (Occurrence::No, Some("DS02")),
                "0" | "1" | "2" | "3" | "4" | "5" | "9" | "10" | "20" | "21" | "86" | "95" => {
                    (Occurrence::InHand, None)
                }
                _ => (Occurrence::Unknown, None),
            },
            (Some("0"), None) if line.number.is_none() => (Occurrence::InHand, None),
            (Some(_) | None, _) => (Occurrence::Unknown, None),
        };
        let differs = |name: &str| Ours::Differs(name.to_owned());
        let other_account = account.as_deref().zip(expected.item.text(Field::PayeeAccount));
        let other_amount = line.amount.flatten().zip(expected.item.fen(Field::Amount));
        let correlation = if serial.as_deref() != Some(expected.serial) {
            Ours::No("serial".to_owned())
        } else if other_amount.is_some_and(|(said, asked)| said != asked) {
            differs("amount")
        } else if other_account.is_some_and(|(said, asked)| said != asked) {
            differs("payee.account")
        } else {
            Ours::Yes
        };
        let details = [
            ("RetCode", ret_code),
            ("RetMsg", own(self.ret_text)),
            ("iRetCode", own(line.ret_code)),
            ("iRetMsg", own(line.ret_text)),
            ("instrRetCode", own(line.instr_code)),
        ];
        let mut reply = Reply::new(occurrence);
        reply.reason = reason.map(str::to_owned);
        reply.bank_code = code;
        reply.bank_text = own(line.text);
        reply.bank_serial = own(self.bank_serial);
        reply.amount = line.amount.flatten();
        reply.account = account;
        reply.serial = serial;
        reply.details = details.into_iter().filter_map(|(name, value)| Some((name.to_owned(), value?))).collect();
        Answered { reply, correlation, known }
    }
}

/// One `rd` of an answer.
#[derive(Default)]
struct Line<'t> {
    seen: bool,
    number: Option<u64>,
    account: Slot<'t>,
    amount: Option<Option<Fen>>,
    code: Slot<'t>,
    ret_code: Slot<'t>,
    ret_text: Slot<'t>,
    instr_code: Slot<'t>,
    text: Slot<'t>,
}

impl<'t> Line<'t> {
    fn read(document: &mut Document<'t>) -> Done<Line<'t>> {
        let mut line = Line::default();
        while let Next::Start(name, attributes) = document.next()? {
            match name {
                "iSeqno" => {
                    ensure(!line.seen, "repeated")?;
                    line.seen = true;
                    line.number = counted(document.said(attributes)?)?.map(|text| number(&text)).transpose()?;
                }
                "RecAccNo" => fill(&mut line.account, value(document.said(attributes)?)?)?,
                "PayAmt" => {
                    ensure(line.amount.is_none(), "repeated")?;
                    let text = counted(document.said(attributes)?)?;
                    line.amount = Some(text.map(|text| whole_fen(&text)).transpose()?);
                }
                "Result" => fill(&mut line.code, value(document.said(attributes)?)?)?,
                "iRetCode" => fill(&mut line.ret_code, words(document.said(attributes)?))?,
                "iRetMsg" => fill(&mut line.ret_text, words(document.said(attributes)?))?,
                "instrRetCode" => fill(&mut line.instr_code, words(document.said(attributes)?))?,
                "instrRetMsg" => fill(&mut line.text, words(document.said(attributes)?))?,
                _ => document.skip()?,
            }
        }
        ensure(line.seen, "missing")?;
        Ok(line)
    }
}

fn fill<'t>(slot: &mut Slot<'t>, value: Option<Cow<'t, str>>) -> Done<()> {
    ensure(slot.is_none(), "repeated")?;
    *slot = Some(value);
    Ok(())
}
