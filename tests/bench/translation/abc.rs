//! The TCP dialect with `<ap>` documents by hand.

use std::borrow::Cow;

use kuimen::adapter::plan::Adapter;
use kuimen::adapter::runtime::{Answered, Expected, Incoming, Ours, Outgoing, Settings, Wire};
use kuimen::message::{Fen, Field, Occurrence, Record, Reply};

use crate::by_hand::{
    Bad, ByHand, Document, Done, GBK, Next, date, digits, ensure, fen, in_china, instant, is_digits, need, place,
    put_date, put_text, put_time, setting, time, trimmed, value, words,
};

const MAX: usize = 65536;
const HEADER: usize = 7;
const LABELS: &[&str] = &["GBK", "GB2312"];

pub(crate) struct Abc {
    corp_no: usize,
    op_no: usize,
    auth_no: usize,
    payer_province: usize,
    payer_account: usize,
    payer_name: usize,
}

impl Abc {
    pub(crate) fn new(adapter: &Adapter) -> Abc {
        Abc {
            corp_no: place(adapter, "corp_no"),
            op_no: place(adapter, "op_no"),
            auth_no: place(adapter, "auth_no"),
            payer_province: place(adapter, "payer_province"),
            payer_account: place(adapter, "payer_account"),
            payer_name: place(adapter, "payer_name"),
        }
    }
}

impl ByHand for Abc {
    fn write_request(&self, outgoing: &Outgoing<'_>) -> Done<Wire> {
        let [item] = outgoing.items else { return Err(Bad("one payment")) };
        let of = |at| setting(outgoing.settings, at);
        let sent = in_china(outgoing.sent_at);
        let (province, account) =
            split(need(item.text(Field::PayeeAccountKind))?, need(item.text(Field::PayeeAccount))?)?;
        let mut out = Vec::with_capacity(1280);
        out.extend_from_slice(
            b"0      <ap><CCTransCode>CFRT21</CCTransCode><ProductID>ICC</ProductID><ChannelType>ERP</ChannelType><CorpNo>",
        );
        put_text(&mut out, of(self.corp_no)?)?;
        out.extend_from_slice(b"</CorpNo><OpNo>");
        put_text(&mut out, of(self.op_no)?)?;
        out.extend_from_slice(b"</OpNo><AuthNo>");
        put_text(&mut out, of(self.auth_no)?)?;
        out.extend_from_slice(b"</AuthNo><ReqSeqNo>");
        put_text(&mut out, outgoing.serial)?;
        out.extend_from_slice(b"</ReqSeqNo><ReqDate>");
        put_date(&mut out, sent.date())?;
        out.extend_from_slice(b"</ReqDate><ReqTime>");
        put_time(&mut out, sent.time());
        out.extend_from_slice(b"</ReqTime><Sign></Sign><FileFlag>0</FileFlag><Cmp><DbProv>");
        put_text(&mut out, of(self.payer_province)?)?;
        out.extend_from_slice(b"</DbProv><DbAccNo>");
        put_text(&mut out, of(self.payer_account)?)?;
        out.extend_from_slice(b"</DbAccNo><DbLogAccNo></DbLogAccNo><DbCur>01</DbCur><CrProv>");
        put_text(&mut out, province)?;
        out.extend_from_slice(b"</CrProv><CrAccNo>");
        put_text(&mut out, account)?;
        out.extend_from_slice(
            b"</CrAccNo><CrLogAccNo></CrLogAccNo><CrCur>01</CrCur><ConFlag>1</ConFlag></Cmp><Corp><PsFlag></PsFlag>\
              <BookingFlag>0</BookingFlag><BookingDate></BookingDate><BookingTime></BookingTime>\
              <UrgencyFlag>0</UrgencyFlag><OthBankFlag>0</OthBankFlag><CrBankType></CrBankType><CrAccName>",
        );
        put_text(&mut out, need(item.text(Field::PayeeName))?)?;
        out.extend_from_slice(b"</CrAccName><CrBankName></CrBankName><CrBankNo>");
        put_text(&mut out, item.text(Field::PayeeBank).unwrap_or_default())?;
        out.extend_from_slice(b"</CrBankNo><DbAccName>");
        put_text(&mut out, of(self.payer_name)?)?;
        out.extend_from_slice(b"</DbAccName><WhyUse>");
        put_text(&mut out, item.text(Field::Purpose).unwrap_or_default())?;
        out.extend_from_slice(b"</WhyUse><Postscript>");
        put_text(&mut out, need(item.text(Field::Order))?)?;
        out.extend_from_slice(b"</Postscript></Corp><Amt>");
        let amount = fen(need(item.fen(Field::Amount))?)?;
        digits(&mut out, amount / 100, 1);
        out.push(b'.');
        digits(&mut out, amount % 100, 2);
        out.extend_from_slice(b"</Amt></ap>");
        ensure(out.len() <= MAX, "too long")?;
        let mut length = Vec::with_capacity(6);
        digits(&mut length, u64::try_from(out.len() - HEADER).unwrap_or_default(), 1);
        out[1..=length.len()].copy_from_slice(&length);
        Ok(Wire { target: None, body: out })
    }

    fn read_request(&self, wire: &Wire, _: &Settings) -> Done<Incoming<'static>> {
        let text = GBK.decode(framed(&wire.body)?).map_err(|_| Bad("charset"))?;
        let mut document = Document::new(&text, LABELS);
        let known = [self.corp_no, self.op_no, self.auth_no, self.payer_province, self.payer_account, self.payer_name];
        let mut settings = vec![None; known.into_iter().max().unwrap_or_default() + 1];
        let mut keep = |at: usize, text: Option<Cow<'_, str>>| settings[at] = text.map(Cow::into_owned);
        let mut record = Record::new();
        document.open("ap")?;
        document.literal("CCTransCode", "CFRT21")?;
        document.literal("ProductID", "ICC")?;
        document.literal("ChannelType", "ERP")?;
        keep(self.corp_no, document.value("CorpNo")?);
        keep(self.op_no, document.value("OpNo")?);
        keep(self.auth_no, document.value("AuthNo")?);
        let serial = document.value("ReqSeqNo")?.map(Cow::into_owned);
        let day = document.value("ReqDate")?.map(|text| date(&text)).transpose()?;
        let clock = document.value("ReqTime")?.map(|text| time(&text, false)).transpose()?;
        document.empty("Sign")?;
        document.literal("FileFlag", "0")?;
        document.open("Cmp")?;
        keep(self.payer_province, document.value("DbProv")?);
        keep(self.payer_account, document.value("DbAccNo")?);
        document.empty("DbLogAccNo")?;
        document.literal("DbCur", "01")?;
        let province = document.value("CrProv")?.unwrap_or_default();
        let account = document.value("CrAccNo")?.unwrap_or_default();
        joined(&mut record, &province, &account)?;
        document.empty("CrLogAccNo")?;
        document.literal("CrCur", "01")?;
        document.literal("ConFlag", "1")?;
        document.close()?;
        let mut text = |field, text: Option<Cow<'_, str>>| {
            if let Some(text) = text {
                record.set_text(field, text.into_owned());
            }
        };
        document.open("Corp")?;
        document.empty("PsFlag")?;
        document.literal("BookingFlag", "0")?;
        document.empty("BookingDate")?;
        document.empty("BookingTime")?;
        document.literal("UrgencyFlag", "0")?;
        document.literal("OthBankFlag", "0")?;
        document.empty("CrBankType")?;
        text(Field::PayeeName, document.value("CrAccName")?);
        document.empty("CrBankName")?;
        text(Field::PayeeBank, document.value("CrBankNo")?);
        keep(self.payer_name, document.value("DbAccName")?);
        text(Field::Purpose, document.value("WhyUse")?);
        text(Field::Order, document.value("Postscript")?);
        document.close()?;
        if let Some(text) = document.count("Amt")? {
            record.set_fen(Field::Amount, yuan(&text)?);
        }
        document.close()?;
        document.end()?;
        Ok(Incoming {
            serial,
            sent_at: instant(day, clock),
            business_date: None,
            settings,
            items: vec![record],
            original_serial: None,
            original_sent_at: None,
            original_business_date: None,
            original_bank_serial: None,
        })
    }

    fn read_reply(&self, bytes: &[u8], expected: &Expected<'_>) -> Done<Answered> {
        let text = GBK.decode(framed(bytes)?).map_err(|_| Bad("charset"))?;
        let mut document = Document::new(&text, LABELS);
        match document.next()? {
            Next::Start("ap", _) => {}
            Next::Start(..) | Next::End => return Err(Bad("root")),
        }
        let mut read = Answer::default();
        while let Next::Start(name, attributes) = document.next()? {
            match name {
                "CCTransCode" | "TransCode" => {
                    once_only(&mut read.code_seen)?;
                    ensure(document.said(attributes)?.text == "CFRT21", "literal")?;
                }
                "ReqSeqNo" => fill(&mut read.serial, value(document.said(attributes)?)?)?,
                "RespSource" => fill(&mut read.source, words(document.said(attributes)?))?,
                "RespSeqNo" => fill(&mut read.sequence, words(document.said(attributes)?))?,
                "HostSeqNo" | "HostJrnNo" => fill(&mut read.bank_serial, value(document.said(attributes)?)?)?,
                "RespCode" => fill(&mut read.bank_code, value(document.said(attributes)?)?)?,
                "RespInfo" => fill(&mut read.bank_text, trimmed(document.said(attributes)?))?,
                "RxtInfo" => fill(&mut read.text, trimmed(document.said(attributes)?))?,
                "Corp" => {
                    once_only(&mut read.corp_seen)?;
                    while let Next::Start(name, attributes) = document.next()? {
                        match name {
                            "WaitFlag" => fill(&mut read.wait, words(document.said(attributes)?))?,
                            _ => document.skip()?,
                        }
                    }
                }
                _ => document.skip()?,
            }
        }
        document.end()?;
        ensure(read.code_seen && read.serial.is_some() && read.bank_code.is_some(), "missing")?;
        Ok(read.judged(expected))
    }

    fn peel_request(&self, wire: &Wire) -> Vec<u8> {
        self.peel_reply(&wire.body)
    }

    fn wrap_request(&self, _: &Wire, message: &[u8], _: &Settings) -> Wire {
        Wire { target: None, body: self.wrap_reply(message) }
    }

    fn peel_reply(&self, bytes: &[u8]) -> Vec<u8> {
        bytes.get(7..).unwrap_or_default().to_vec()
    }

    fn wrap_reply(&self, message: &[u8]) -> Vec<u8> {
        [format!("0{:<6}", message.len()).as_bytes(), message].concat()
    }
}

/// An outer `None`: the element was not there; an inner one: it said nothing.
type Slot<'t> = Option<Option<Cow<'t, str>>>;

#[derive(Default)]
struct Answer<'t> {
    code_seen: bool,
    corp_seen: bool,
    serial: Slot<'t>,
    source: Slot<'t>,
    sequence: Slot<'t>,
    bank_serial: Slot<'t>,
    bank_code: Slot<'t>,
    bank_text: Slot<'t>,
    text: Slot<'t>,
    wait: Slot<'t>,
}

impl Answer<'_> {
    fn judged(self, expected: &Expected<'_>) -> Answered {
        let own = |slot: Slot<'_>| slot.flatten().map(Cow::into_owned);
        let (serial, code, words, text) = (own(self.serial), own(self.bank_code), own(self.bank_text), own(self.text));
        let wait = own(self.wait);
        let holds = |text: &Option<String>, part: &str| text.as_ref().is_some_and(|text| text.contains(part));
        let waits = wait.as_deref() == Some("1");
        let (occurrence, reason) = match code.as_deref() {
            Some("9999") => (Occurrence::Unknown, None),
            _ if holds(&words, "CICS") || holds(&text, "CICS") => (Occurrence::Unknown, None),
            Some("0005" | "0000") if holds(&text, "待审核") => (Occurrence::InHand, None),
            Some("0001") => (Occurrence::InHand, None),
            _ if waits => (Occurrence::InHand, None),
            Some("0000") => (Occurrence::Yes, None),
            Some("KM01") => (Occurrence::No, Some("AC04")),
            Some(_) | None => (Occurrence::Unknown, None),
        };
        let correlation = match serial.as_deref() {
            Some(serial) if serial == expected.serial => Ours::Yes,
            Some(_) | None => Ours::No("serial".to_owned()),
        };
        let details = [
            ("RespSource", own(self.source)),
            ("RespSeqNo", own(self.sequence)),
            ("RxtInfo", text),
            ("WaitFlag", wait),
        ];
        let mut reply = Reply::new(occurrence);
        reply.reason = reason.map(str::to_owned);
        reply.bank_code = code;
        reply.bank_text = words;
        reply.bank_serial = own(self.bank_serial);
        reply.serial = serial;
        reply.details = details.into_iter().filter_map(|(name, value)| Some((name.to_owned(), value?))).collect();
        // Its codes say when a serial was seen before; no item ever stands in an answer.
        let known = reply.bank_code.as_deref() == Some("KM02");
        Answered { reply, correlation, known }
    }
}

/// Takes the value of an element that may stand once.
fn fill<'t>(slot: &mut Slot<'t>, value: Option<Cow<'t, str>>) -> Done<()> {
    ensure(slot.is_none(), "repeated")?;
    *slot = Some(value);
    Ok(())
}

fn once_only(seen: &mut bool) -> Done<()> {
    ensure(!*seen, "repeated")?;
    *seen = true;
    Ok(())
}

/// The bytes behind the header, which does not count itself.
fn framed(frame: &[u8]) -> Done<&[u8]> {
    ensure(frame.len() <= MAX, "too long")?;
    let (header, body) = frame.split_at_checked(HEADER).ok_or(Bad("cut"))?;
    let text = std::str::from_utf8(header).map_err(|_| Bad("header"))?;
    let length = text.strip_prefix('0').ok_or(Bad("encrypted"))?.trim_end_matches(' ');
    let length = crate::by_hand::number(length)?;
    ensure(usize::try_from(length) == Ok(body.len()), "length")?;
    Ok(body)
}

/// A card has no province; an account is two digits of it and fifteen more.
fn split<'a>(kind: &str, account: &'a str) -> Done<(&'a str, &'a str)> {
    ensure(account.is_ascii(), "split")?;
    match kind {
        "card" if (1..=32).contains(&account.len()) => Ok(("", account)),
        "account" if account.len() == 17 => Ok(account.split_at(2)),
        _ => Err(Bad("split")),
    }
}

fn joined(record: &mut Record<'static>, province: &str, account: &str) -> Done<()> {
    let kind = match (province.len(), account.len()) {
        (0, 0) => return Ok(()),
        (0, 1..=32) => "card",
        (2, 15) => "account",
        _ => return Err(Bad("split")),
    };
    record.set_text(Field::PayeeAccount, [province, account].concat());
    record.set_text(Field::PayeeAccountKind, kind);
    Ok(())
}

fn yuan(text: &str) -> Done<Fen> {
    let whole = text.split('.').next().unwrap_or_default();
    ensure(is_digits(whole) && (whole.len() == 1 || !whole.starts_with('0')), "yuan")?;
    Fen::parse_yuan(text).ok_or(Bad("yuan"))
}
