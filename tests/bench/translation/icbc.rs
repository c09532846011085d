//! The HTTP dialect by hand: a form with sealed, percent-encoded XML out, Base64 XML back.

use std::borrow::Cow;

use aws_lc_rs::hmac;
use data_encoding::{BASE64, HEXLOWER};
use jiff::civil::{Date, Time};
use kuimen::adapter::plan::Adapter;
use kuimen::adapter::runtime::{Answered, Expected, Incoming, Outgoing, Settings, Wire};
use kuimen::message::{Fen, Field, Record};
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, percent_encode};

use crate::by_hand::{
    Bad, ByHand, Document, Done, GBK, Next, clean, date, digits, ensure, fen, in_china, instant, need, number, once,
    place, put_date, put_millisecond, put_text, put_time, setting, time,
};
use crate::icbc_reply;

const MAX: usize = 65536;
pub(crate) const LABELS: &[&str] = &["GBK", "GB2312"];
const RESERVED: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');
const MARK: &[u8] = b"KM-SEAL-1 ";
const SEAL: usize = 75;
const DATA: &[u8] = b"reqData=";
const TARGET: [&[u8]; 2] = [b"/servlet/ICBCCMPAPIReqServlet?PackageID=", b"&SendTime="];

pub(crate) struct Icbc {
    cis: usize,
    user: usize,
    certificate: usize,
    payer_account: usize,
    payer_name: usize,
    seal_key: usize,
}

impl Icbc {
    pub(crate) fn new(adapter: &Adapter) -> Icbc {
        Icbc {
            cis: place(adapter, "cis"),
            user: place(adapter, "user"),
            certificate: place(adapter, "certificate"),
            payer_account: place(adapter, "payer_account"),
            payer_name: place(adapter, "payer_name"),
            seal_key: place(adapter, "seal_key"),
        }
    }

    fn message(&self, outgoing: &Outgoing<'_>, moment: &[u8]) -> Done<Vec<u8>> {
        let of = |at| setting(outgoing.settings, at);
        let (day, clock) = moment.split_at(8);
        let mut out = Vec::with_capacity(2048);
        out.resize(SEAL, 0);
        out.extend_from_slice(
            b"<?xml version=\"1.0\" encoding=\"GBK\"?><CMS><eb><pub><TransCode>PAYPER</TransCode><CIS>",
        );
        put_text(&mut out, of(self.cis)?)?;
        out.extend_from_slice(b"</CIS><BankCode>102</BankCode><ID>");
        put_text(&mut out, of(self.user)?)?;
        out.extend_from_slice(b"</ID><TranDate>");
        out.extend_from_slice(day);
        out.extend_from_slice(b"</TranDate><TranTime>");
        out.extend_from_slice(clock);
        out.extend_from_slice(b"</TranTime><fSeqno>");
        put_text(&mut out, outgoing.serial)?;
        out.extend_from_slice(b"</fSeqno></pub><in><OnlBatF>1</OnlBatF><SettleMode>0</SettleMode><TotalNum>");
        digits(&mut out, u64::try_from(outgoing.items.len()).unwrap_or_default(), 1);
        out.extend_from_slice(b"</TotalNum><TotalAmt>");
        let mut sum = 0_i64;
        for item in outgoing.items {
            sum = sum.checked_add(need(item.fen(Field::Amount))?.get()).ok_or(Bad("sum"))?;
        }
        digits(&mut out, fen(Fen::new(sum))?, 1);
        out.extend_from_slice(b"</TotalAmt><SignTime>");
        out.extend_from_slice(moment);
        out.extend_from_slice(
            b"</SignTime><THBaseAccFlag></THBaseAccFlag><RegSerialNO></RegSerialNO><PackageName></PackageName>\
              <TotalSummary></TotalSummary><BatchSumFlag></BatchSumFlag>",
        );
        for (index, item) in outgoing.items.iter().enumerate() {
            out.extend_from_slice(b"<rd><iSeqno>");
            digits(&mut out, u64::try_from(index + 1).unwrap_or_default(), 1);
            out.extend_from_slice(
                b"</iSeqno><ReimburseNo></ReimburseNo><ReimburseNum></ReimburseNum><StartDate></StartDate>\
                  <StartTime></StartTime><PayType>1</PayType><PayAccNo>",
            );
            put_text(&mut out, of(self.payer_account)?)?;
            out.extend_from_slice(b"</PayAccNo><PayAccNameCN>");
            put_text(&mut out, of(self.payer_name)?)?;
            out.extend_from_slice(b"</PayAccNameCN><PayAccNameEN></PayAccNameEN><RecAccNo>");
            put_text(&mut out, need(item.text(Field::PayeeAccount))?)?;
            out.extend_from_slice(b"</RecAccNo><RecAccNameCN>");
            put_text(&mut out, need(item.text(Field::PayeeName))?)?;
            out.extend_from_slice(
                b"</RecAccNameCN><RecAccNameEN></RecAccNameEN><SysIOFlg></SysIOFlg><IsSameCity></IsSameCity>\
                  <RecICBCCode></RecICBCCode><RecCityName></RecCityName><RecBankNo>",
            );
            put_text(&mut out, item.text(Field::PayeeBank).unwrap_or_default())?;
            out.extend_from_slice(b"</RecBankNo><RecBankName></RecBankName><CurrType>001</CurrType><PayAmt>");
            digits(&mut out, fen(need(item.fen(Field::Amount))?)?, 1);
            out.extend_from_slice(b"</PayAmt><UseCode></UseCode><UseCN>");
            put_text(&mut out, item.text(Field::Purpose).unwrap_or_default())?;
            out.extend_from_slice(
                b"</UseCN><EnSummary></EnSummary><PostScript></PostScript><Summary></Summary><Ref></Ref><Oref></Oref>\
                  <ERPSqn>",
            );
            put_text(&mut out, need(item.text(Field::Order))?)?;
            out.extend_from_slice(
                b"</ERPSqn><BusCode></BusCode><ERPcheckno></ERPcheckno><CrvouhType></CrvouhType>\
                  <CrvouhName></CrvouhName><CrvouhNo></CrvouhNo><MCardNo></MCardNo><MCardName></MCardName></rd>",
            );
        }
        out.extend_from_slice(b"</in></eb></CMS>");
        self.seal(&mut out, outgoing.settings)?;
        Ok(out)
    }

    /// Fills in the seal, whose place was kept.
    fn seal(&self, out: &mut [u8], settings: &Settings) -> Done<()> {
        let key = hmac::Key::new(hmac::HMAC_SHA256, setting(settings, self.seal_key)?.as_bytes());
        let tag = hmac::sign(&key, &out[SEAL..]);
        out[..MARK.len()].copy_from_slice(MARK);
        HEXLOWER.encode_mut(tag.as_ref(), &mut out[MARK.len()..SEAL - 1]);
        out[SEAL - 1] = b'\n';
        Ok(())
    }

    fn opened<'b>(&self, sealed: &'b [u8], settings: &Settings) -> Done<&'b [u8]> {
        let (place, message) = sealed.split_at_checked(SEAL).ok_or(Bad("seal"))?;
        let digits = place.strip_prefix(MARK).and_then(|rest| rest.strip_suffix(b"\n")).ok_or(Bad("seal"))?;
        let tag = HEXLOWER.decode(digits).map_err(|_| Bad("seal"))?;
        let key = hmac::Key::new(hmac::HMAC_SHA256, setting(settings, self.seal_key)?.as_bytes());
        hmac::verify(&key, message, &tag).map_err(|_| Bad("seal"))?;
        Ok(message)
    }
}

impl ByHand for Icbc {
    fn write_request(&self, outgoing: &Outgoing<'_>) -> Done<Wire> {
        ensure(!outgoing.items.is_empty(), "no payment")?;
        let sent = in_china(outgoing.sent_at);
        let mut moment = Vec::with_capacity(17);
        put_date(&mut moment, sent.date())?;
        put_time(&mut moment, sent.time());
        put_millisecond(&mut moment, sent.time());
        let message = self.message(outgoing, &moment)?;
        let mut target = Vec::with_capacity(96);
        target.extend_from_slice(TARGET[0]);
        escape(&mut target, outgoing.serial)?;
        target.extend_from_slice(TARGET[1]);
        target.extend_from_slice(&moment);
        let mut body = Vec::with_capacity(message.len() * 2 + 256);
        body.extend_from_slice(b"Version=0.0.1.0&TransCode=PAYPER&BankCode=102&GroupCIS=");
        escape(&mut body, setting(outgoing.settings, self.cis)?)?;
        body.extend_from_slice(b"&ID=");
        escape(&mut body, setting(outgoing.settings, self.user)?)?;
        body.extend_from_slice(b"&PackageID=");
        escape(&mut body, outgoing.serial)?;
        body.extend_from_slice(b"&Cert=");
        escape(&mut body, setting(outgoing.settings, self.certificate)?)?;
        body.extend_from_slice(b"&Language=zh_CN&zipFlag=0&reqData=");
        percent(&mut body, &message);
        ensure(body.len() <= MAX, "too long")?;
        Ok(Wire { target: Some(target), body })
    }

    fn read_request(&self, wire: &Wire, keys: &Settings) -> Done<Incoming<'static>> {
        let mut read = Request::default();
        if let Some(target) = &wire.target {
            let rest = target.strip_prefix(TARGET[0]).ok_or(Bad("target"))?;
            let end = memchr::memmem::find(rest, TARGET[1]).ok_or(Bad("target"))?;
            read.serial = Some(plain(&rest[..end])?);
            read.moment(&plain(&rest[end + TARGET[1].len()..])?)?;
        }
        ensure(wire.body.len() <= MAX, "too long")?;
        let mut form = Form(&wire.body);
        form.literal(b"Version=0.0.1.0&TransCode=PAYPER&BankCode=102&GroupCIS=")?;
        read.cis = Some(form.value(b"&ID=")?);
        read.user = Some(form.value(b"&PackageID=")?);
        once(&mut read.serial, form.value(b"&Cert=")?)?;
        let certificate = Some(form.value(b"&Language=zh_CN&zipFlag=0&reqData=")?);
        ensure(!form.0.contains(&b'&'), "form")?;
        let sealed = unescaped(form.0)?;
        let text = GBK.decode(self.opened(&sealed, keys)?).map_err(|_| Bad("charset"))?;
        let items = read.document(&text)?;
        let mut settings = vec![None; self.payer_name.max(self.payer_account).max(self.certificate) + 1];
        settings[self.cis] = read.cis;
        settings[self.user] = read.user;
        settings[self.certificate] = certificate;
        settings[self.payer_account] = read.payer_account;
        settings[self.payer_name] = read.payer_name;
        Ok(Incoming {
            serial: read.serial,
            sent_at: instant(read.day, read.time),
            business_date: None,
            settings,
            items,
            original_serial: None,
            original_sent_at: None,
            original_business_date: None,
            original_bank_serial: None,
        })
    }

    fn read_reply(&self, bytes: &[u8], expected: &Expected<'_>) -> Done<Answered> {
        ensure(bytes.len() <= MAX, "too long")?;
        let inner = bytes.strip_prefix(DATA).unwrap_or(bytes);
        let message = base64(inner)?;
        let text = GBK.decode(&message).map_err(|_| Bad("charset"))?;
        icbc_reply::read(&text, expected)
    }

    fn peel_request(&self, wire: &Wire) -> Vec<u8> {
        let data = memchr::memmem::find(&wire.body, DATA).map_or(0, |at| at + DATA.len());
        unescaped(&wire.body[data..]).map_or_else(|_| Vec::new(), |sealed| sealed[SEAL..].to_vec())
    }

    fn wrap_request(&self, wire: &Wire, message: &[u8], keys: &Settings) -> Wire {
        let data = memchr::memmem::find(&wire.body, DATA).map_or(0, |at| at + DATA.len());
        let mut body = wire.body[..data].to_vec();
        let mut sealed = [&[0; SEAL], message].concat();
        if self.seal(&mut sealed, keys).is_ok() {
            percent(&mut body, &sealed);
        }
        Wire { target: wire.target.clone(), body }
    }

    fn peel_reply(&self, bytes: &[u8]) -> Vec<u8> {
        base64(bytes.strip_prefix(DATA).unwrap_or(bytes)).unwrap_or_default()
    }

    fn wrap_reply(&self, message: &[u8]) -> Vec<u8> {
        [DATA, BASE64.encode(message).as_bytes()].concat()
    }
}

/// A request while it is read: what stands twice must be the same.
#[derive(Default)]
struct Request {
    serial: Option<String>,
    day: Option<Date>,
    time: Option<Time>,
    cis: Option<String>,
    user: Option<String>,
    payer_account: Option<String>,
    payer_name: Option<String>,
}

impl Request {
    fn moment(&mut self, text: &str) -> Done<()> {
        let (day, clock) = text.split_at_checked(8).ok_or(Bad("date"))?;
        once(&mut self.day, date(day)?)?;
        once(&mut self.time, time(clock, true)?)
    }

    fn document(&mut self, text: &str) -> Done<Vec<Record<'static>>> {
        let mut document = Document::new(text, LABELS);
        document.open("CMS")?;
        document.open("eb")?;
        document.open("pub")?;
        document.literal("TransCode", "PAYPER")?;
        same(&mut self.cis, document.value("CIS")?)?;
        document.literal("BankCode", "102")?;
        same(&mut self.user, document.value("ID")?)?;
        if let Some(text) = document.value("TranDate")? {
            once(&mut self.day, date(&text)?)?;
        }
        if let Some(text) = document.value("TranTime")? {
            once(&mut self.time, time(&text, true)?)?;
        }
        same(&mut self.serial, document.value("fSeqno")?)?;
        document.close()?;
        document.open("in")?;
        document.literal("OnlBatF", "1")?;
        document.literal("SettleMode", "0")?;
        let count = document.count("TotalNum")?.map(|text| number(&text)).transpose()?;
        let total = document.count("TotalAmt")?.map(|text| whole_fen(&text)).transpose()?;
        if let Some(text) = document.value("SignTime")? {
            self.moment(&text)?;
        }
        for name in ["THBaseAccFlag", "RegSerialNO", "PackageName", "TotalSummary", "BatchSumFlag"] {
            document.empty(name)?;
        }
        let mut items = Vec::with_capacity(1);
        loop {
            match document.next()? {
                Next::Start("rd", mut attributes) => ensure(attributes.next().is_none(), "attribute")?,
                Next::Start(..) => return Err(Bad("element")),
                Next::End => break,
            }
            items.push(self.line(&mut document, items.len() + 1)?);
        }
        ensure(!items.is_empty(), "no line")?;
        document.close()?;
        document.close()?;
        document.end()?;
        ensure(count.is_none_or(|count| usize::try_from(count) == Ok(items.len())), "count")?;
        if let Some(total) = total {
            let amounts: Vec<Fen> = items.iter().filter_map(|item| item.fen(Field::Amount)).collect();
            let equal = amounts.len() == items.len() && Fen::checked_sum(amounts.iter().copied()) == Some(total);
            ensure(amounts.is_empty() || equal, "sum")?;
        }
        Ok(items)
    }

    fn line(&mut self, document: &mut Document<'_>, place: usize) -> Done<Record<'static>> {
        let mut record = Record::new();
        let mut text = |field, text: Option<Cow<'_, str>>| {
            if let Some(text) = text {
                record.set_text(field, text.into_owned());
            }
        };
        if let Some(text) = document.count("iSeqno")? {
            ensure(usize::try_from(number(&text)?) == Ok(place), "order")?;
        }
        for name in ["ReimburseNo", "ReimburseNum", "StartDate", "StartTime"] {
            document.empty(name)?;
        }
        document.literal("PayType", "1")?;
        same(&mut self.payer_account, document.value("PayAccNo")?)?;
        same(&mut self.payer_name, document.value("PayAccNameCN")?)?;
        document.empty("PayAccNameEN")?;
        text(Field::PayeeAccount, document.value("RecAccNo")?);
        text(Field::PayeeName, document.value("RecAccNameCN")?);
        for name in ["RecAccNameEN", "SysIOFlg", "IsSameCity", "RecICBCCode", "RecCityName"] {
            document.empty(name)?;
        }
        text(Field::PayeeBank, document.value("RecBankNo")?);
        document.empty("RecBankName")?;
        document.literal("CurrType", "001")?;
        let amount = document.count("PayAmt")?.map(|text| whole_fen(&text)).transpose()?;
        document.empty("UseCode")?;
        text(Field::Purpose, document.value("UseCN")?);
        for name in ["EnSummary", "PostScript", "Summary", "Ref", "Oref"] {
            document.empty(name)?;
        }
        text(Field::Order, document.value("ERPSqn")?);
        for name in ["BusCode", "ERPcheckno", "CrvouhType", "CrvouhName", "CrvouhNo", "MCardNo", "MCardName"] {
            document.empty(name)?;
        }
        document.close()?;
        if let Some(amount) = amount {
            record.set_fen(Field::Amount, amount);
        }
        Ok(record)
    }
}

fn same(slot: &mut Option<String>, text: Option<Cow<'_, str>>) -> Done<()> {
    match (slot.as_deref(), text) {
        (Some(known), Some(text)) => ensure(known == text, "contradiction"),
        (None, Some(text)) => {
            *slot = Some(text.into_owned());
            Ok(())
        }
        (_, None) => Ok(()),
    }
}

pub(crate) fn whole_fen(text: &str) -> Done<Fen> {
    number(text)?;
    Fen::parse_fen(text).ok_or(Bad("fen"))
}

fn percent(out: &mut Vec<u8>, bytes: &[u8]) {
    for piece in percent_encode(bytes, RESERVED) {
        out.extend_from_slice(piece.as_bytes());
    }
}

fn escape(out: &mut Vec<u8>, text: &str) -> Done<()> {
    clean(text)?;
    if text.is_ascii() {
        percent(out, text.as_bytes());
        return Ok(());
    }
    let mut bytes = Vec::with_capacity(text.len());
    GBK.encode_into(text, &mut bytes).map_err(|_| Bad("unmappable"))?;
    percent(out, &bytes);
    Ok(())
}

fn stands(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.' | b'_' | b'~')
}

/// Undoes percent-encoding that has one spelling only.
fn unescaped(raw: &[u8]) -> Done<Cow<'_, [u8]>> {
    if raw.iter().copied().all(stands) {
        return Ok(Cow::Borrowed(raw));
    }
    let digit = |byte: u8| match byte {
        b'0'..=b'9' => Some(byte - b'0'),
        b'A'..=b'F' => Some(byte - b'A' + 10),
        _ => None,
    };
    let mut bytes = Vec::with_capacity(raw.len());
    let mut rest = raw;
    loop {
        match rest {
            [] => return Ok(Cow::Owned(bytes)),
            [b'%', high, low, after @ ..] => {
                let byte = digit(*high).zip(digit(*low)).map(|(high, low)| high << 4 | low);
                bytes.push(byte.filter(|byte| !stands(*byte)).ok_or(Bad("escape"))?);
                rest = after;
            }
            [byte, after @ ..] if stands(*byte) => {
                bytes.push(*byte);
                rest = after;
            }
            _ => return Err(Bad("escape")),
        }
    }
}

/// An escaped value of a form or a target.
fn plain(raw: &[u8]) -> Done<String> {
    let bytes = unescaped(raw)?;
    let text = GBK.decode(&bytes).map_err(|_| Bad("charset"))?;
    ensure(!text.is_empty(), "missing")?;
    clean(&text)?;
    Ok(text.into_owned())
}

/// What is left of a form.
struct Form<'b>(&'b [u8]);

impl Form<'_> {
    fn literal(&mut self, literal: &[u8]) -> Done<()> {
        self.0 = self.0.strip_prefix(literal).ok_or(Bad("form"))?;
        Ok(())
    }

    /// The value up to the next `&`, which must be `after`.
    fn value(&mut self, after: &[u8]) -> Done<String> {
        let end = memchr::memchr(b'&', self.0).ok_or(Bad("form"))?;
        let (raw, rest) = self.0.split_at(end);
        self.0 = rest;
        self.literal(after)?;
        plain(raw)
    }
}

/// Base64 in whole groups; lines may end between groups.
fn base64(text: &[u8]) -> Done<Vec<u8>> {
    ensure(!text.is_empty(), "base64")?;
    if !text.contains(&b'\n') {
        return BASE64.decode(text).map_err(|_| Bad("base64"));
    }
    let mut digits = Vec::with_capacity(text.len());
    let mut lines = text.split(|byte| *byte == b'\n').peekable();
    while let Some(line) = lines.next() {
        if lines.peek().is_none() {
            digits.extend_from_slice(line);
            break;
        }
        let line = line.strip_suffix(b"\r").unwrap_or(line);
        ensure(!line.is_empty() && line.len() % 4 == 0, "base64")?;
        digits.extend_from_slice(line);
    }
    BASE64.decode(&digits).map_err(|_| Bad("base64"))
}
