//! The fixed-width dialect by hand: 272 bytes out, 146 or 75 back.

use std::borrow::Cow;

use kuimen::adapter::plan::Adapter;
use kuimen::adapter::runtime::{Answered, Expected, Incoming, Ours, Outgoing, Settings, Wire};
use kuimen::message::{Fen, Field, Occurrence, Record, Reply};

use crate::by_hand::{
    Bad, ByHand, Done, GBK, clean, date, digits, ensure, fen, is_digits, need, no_control, place, put_date, setting,
};

const MAX: usize = 9999;
const LITERALS: [&[u8]; 2] = [b"0000000000000000000", b"                                                  "];

pub(crate) struct Crcb {
    institution: usize,
    teller: usize,
    authoriser: usize,
    password: usize,
    terminal: usize,
    authority: usize,
}

impl Crcb {
    pub(crate) fn new(adapter: &Adapter) -> Crcb {
        Crcb {
            institution: place(adapter, "institution"),
            teller: place(adapter, "teller"),
            authoriser: place(adapter, "authoriser"),
            password: place(adapter, "authorise_password"),
            terminal: place(adapter, "terminal"),
            authority: place(adapter, "authority"),
        }
    }
}

impl ByHand for Crcb {
    fn write_request(&self, outgoing: &Outgoing<'_>) -> Done<Wire> {
        let [item] = outgoing.items else { return Err(Bad("one payment")) };
        let of = |at| setting(outgoing.settings, at);
        let mut out = Vec::with_capacity(272);
        out.extend_from_slice(b"000272|2032");
        all_digits(&mut out, of(self.institution)?, 6)?;
        all_digits(&mut out, of(self.teller)?, 6)?;
        all_digits(&mut out, of(self.authoriser)?, 6)?;
        left(&mut out, of(self.password)?, 6)?;
        left(&mut out, of(self.terminal)?, 8)?;
        out.extend_from_slice(b"000");
        out.extend_from_slice(LITERALS[1]);
        out.extend_from_slice(b"00000000001|");
        put_date(&mut out, outgoing.business_date)?;
        all_digits(&mut out, outgoing.serial, 10)?;
        out.extend_from_slice(b"00000000");
        left(&mut out, of(self.authority)?, 12)?;
        left(&mut out, need(item.text(Field::Order))?, 32)?;
        let before = out.len();
        digits(&mut out, fen(need(item.fen(Field::Amount))?)?, 15);
        ensure(out.len() == before + 15, "amount")?;
        out.extend_from_slice(b"101");
        account(&mut out, need(item.text(Field::PayeeAccount))?)?;
        out.extend_from_slice(match need(item.text(Field::PayeeAccountKind))? {
            "account" => b"1",
            "card" => b"2",
            _ => return Err(Bad("kind of account")),
        });
        out.extend_from_slice(b"C0000000000000000000000            ");
        left(&mut out, need(item.text(Field::PayeeId))?, 20)?;
        out.push(b'|');
        Ok(Wire { target: None, body: out })
    }

    fn read_request(&self, wire: &Wire, _: &Settings) -> Done<Incoming<'static>> {
        let mut cut = Cut::framed(&wire.body)?;
        let known = [self.institution, self.teller, self.authoriser, self.password, self.terminal, self.authority];
        let mut settings = vec![None; known.into_iter().max().unwrap_or_default() + 1];
        let mut keep = |at: usize, text: Option<Cow<'_, str>>| settings[at] = text.map(Cow::into_owned);
        let mut record = Record::new();
        cut.is(b"|2032")?;
        keep(self.institution, Some(cut.digits(6)?));
        keep(self.teller, Some(cut.digits(6)?));
        keep(self.authoriser, Some(cut.digits(6)?));
        keep(self.password, cut.left(6)?);
        keep(self.terminal, cut.left(8)?);
        cut.is(b"000")?;
        cut.is(LITERALS[1])?;
        cut.is(b"00000000001|")?;
        let day = date(&cut.digits(8)?)?;
        let serial = cut.digits(10)?.into_owned();
        cut.is(b"00000000")?;
        keep(self.authority, cut.left(12)?);
        let mut text = |field, text: Option<Cow<'_, str>>| {
            if let Some(text) = text {
                record.set_text(field, text.into_owned());
            }
        };
        text(Field::Order, cut.left(32)?);
        let amount = Fen::parse_fen(&cut.digits(15)?).ok_or(Bad("amount"))?;
        cut.is(b"101")?;
        let account = GBK.decode(cut.take(19)?).map_err(|_| Bad("charset"))?;
        let account = account.trim_start_matches('0');
        clean(account)?;
        text(Field::PayeeAccount, Some(Cow::Borrowed(account)).filter(|account| !account.is_empty()));
        match cut.take(1)? {
            b"1" => text(Field::PayeeAccountKind, Some(Cow::Borrowed("account"))),
            b"2" => text(Field::PayeeAccountKind, Some(Cow::Borrowed("card"))),
            b" " => {}
            _ => return Err(Bad("kind of account")),
        }
        cut.is(b"C0000000000000000000000            ")?;
        text(Field::PayeeId, cut.left(20)?);
        cut.is(b"|")?;
        cut.end()?;
        record.set_fen(Field::Amount, amount);
        Ok(Incoming {
            serial: Some(serial),
            sent_at: None,
            business_date: Some(day),
            settings,
            items: vec![record],
            original_serial: None,
            original_sent_at: None,
            original_business_date: None,
            original_bank_serial: None,
        })
    }

    fn read_reply(&self, bytes: &[u8], _: &Expected<'_>) -> Done<Answered> {
        let mut cut = Cut::framed(bytes)?;
        cut.is(b"|")?;
        let code = cut.left(7)?;
        let (occurrence, reason) = match code.as_deref() {
            Some("AAAAAAA") => (Occurrence::Yes, None),
            Some("KMN0001") => (Occurrence::No, Some("AC04")),
            Some(_) | None => (Occurrence::Unknown, None),
        };
        let mut reply = Reply::new(occurrence);
        reply.reason = reason.map(str::to_owned);
        if occurrence == Occurrence::Yes {
            cut.take(16)?;
            reply.bank_serial = cut.left(15)?.map(Cow::into_owned);
            cut.take(100)?;
        } else {
            let text = GBK.decode(cut.take(60)?).map_err(|_| Bad("charset"))?;
            let text = text.trim_end_matches(' ');
            no_control(text)?;
            reply.bank_text = Some(text.to_owned()).filter(|text| !text.is_empty());
        }
        cut.is(b"|")?;
        cut.end()?;
        reply.bank_code = code.map(Cow::into_owned);
        Ok(Answered { reply, correlation: Ours::Yes, known: false })
    }

    fn peel_request(&self, wire: &Wire) -> Vec<u8> {
        self.peel_reply(&wire.body)
    }

    fn wrap_request(&self, _: &Wire, message: &[u8], _: &Settings) -> Wire {
        Wire { target: None, body: self.wrap_reply(message) }
    }

    fn peel_reply(&self, bytes: &[u8]) -> Vec<u8> {
        bytes.get(6..).unwrap_or_default().to_vec()
    }

    fn wrap_reply(&self, message: &[u8]) -> Vec<u8> {
        [format!("{:06}", message.len() + 6).as_bytes(), message].concat()
    }
}

/// Text to the left, blanks behind it.
fn left(out: &mut Vec<u8>, text: &str, width: usize) -> Done<()> {
    clean(text)?;
    let end = out.len() + width;
    GBK.encode_into(text, out).map_err(|_| Bad("unmappable"))?;
    ensure(out.len() <= end, "too long")?;
    out.resize(end, b' ');
    Ok(())
}

fn all_digits(out: &mut Vec<u8>, text: &str, width: usize) -> Done<()> {
    ensure(text.len() == width && is_digits(text), "digits")?;
    out.extend_from_slice(text.as_bytes());
    Ok(())
}

/// To the right, zeros before it; one that begins with a zero could not be told from its fill.
fn account(out: &mut Vec<u8>, text: &str) -> Done<()> {
    clean(text)?;
    ensure(!text.starts_with('0'), "like fill")?;
    let length = GBK.encoded_len(text).map_err(|_| Bad("unmappable"))?;
    let blank = 19_usize.checked_sub(length).ok_or(Bad("too long"))?;
    out.extend_from_slice(&LITERALS[0][..blank]);
    GBK.encode_into(text, out).map_err(|_| Bad("unmappable"))
}

/// Bytes that are cut off piece by piece.
struct Cut<'b>(&'b [u8]);

impl<'b> Cut<'b> {
    /// Behind the six digits, which count themselves.
    fn framed(frame: &'b [u8]) -> Done<Cut<'b>> {
        ensure(frame.len() <= MAX, "too long")?;
        let mut cut = Cut(frame);
        let length: usize = cut.digits(6)?.parse().map_err(|_| Bad("length"))?;
        ensure(length == frame.len(), "length")?;
        Ok(cut)
    }

    fn take(&mut self, width: usize) -> Done<&'b [u8]> {
        let (taken, rest) = self.0.split_at_checked(width).ok_or(Bad("cut"))?;
        self.0 = rest;
        Ok(taken)
    }

    fn is(&mut self, literal: &[u8]) -> Done<()> {
        self.0 = self.0.strip_prefix(literal).ok_or(Bad("literal"))?;
        Ok(())
    }

    fn digits(&mut self, width: usize) -> Done<Cow<'b, str>> {
        let text = std::str::from_utf8(self.take(width)?).map_err(|_| Bad("digits"))?;
        ensure(is_digits(text), "digits")?;
        Ok(Cow::Borrowed(text))
    }

    /// Without the blanks behind it; `None` where there is nothing else.
    fn left(&mut self, width: usize) -> Done<Option<Cow<'b, str>>> {
        let text = match GBK.decode(self.take(width)?).map_err(|_| Bad("charset"))? {
            Cow::Borrowed(text) => Cow::Borrowed(text.trim_end_matches(' ')),
            Cow::Owned(text) => Cow::Owned(text.trim_end_matches(' ').to_owned()),
        };
        clean(&text)?;
        Ok(Some(text).filter(|text| !text.is_empty()))
    }

    fn end(&self) -> Done<()> {
        ensure(self.0.is_empty(), "trailing data")
    }
}
