//! The pull reader: tokens from `quick-xml`, checked and merged into events.

use std::borrow::Cow;

use quick_xml::Reader as Tokens;

use super::fault::{XmlFault, XmlFaultKind};
use super::name::{find_bad_character, is_space, qname};
use super::namespace::Namespaces;
use super::tag::{Attributes, Cursor, RawAttribute};
use super::value::{check_attribute, check_text, normalise_lines, resolve};
use super::{Event, Limits, Span, declaration};

/// Reads one document, event by event, in a single pass.
///
/// Events borrow from the document. Nothing is known to be well-formed before [`Event::Eof`] was returned: act on
/// nothing earlier.
#[derive(Debug)]
pub struct Reader<'a> {
    text: &'a str,
    limits: Limits,
    tokens: Tokens<&'a [u8]>,
    /// Offset of the next token.
    at: usize,
    /// Tokens taken so far.
    events: usize,
    open: Vec<Open<'a>>,
    namespaces: Namespaces<'a>,
    /// Attributes of the tag at hand; kept for its allocation.
    seen: Vec<RawAttribute<'a>>,
    /// The tag of an empty element whose end is still to be told.
    empty: Option<Span>,
    stage: Stage,
}

#[derive(Debug, Clone, Copy)]
enum Stage {
    /// Nothing read yet.
    Fresh,
    /// Before the root element.
    Prolog,
    /// The root element was opened.
    Rooted,
    /// The document was refused; the reader repeats why.
    Refused(XmlFault),
}

/// An element that is open.
#[derive(Debug)]
struct Open<'a> {
    name: &'a str,
    /// Namespace declarations in scope before its own.
    mark: usize,
}

/// What the next token is, told from its first bytes.
enum Token {
    Start,
    End,
    Text,
    Reference,
    Cdata,
    Comment,
    Instruction,
    Eof,
}

/// Character data collected between two tags.
struct Run<'a> {
    value: Cow<'a, str>,
    plain: bool,
    at: Span,
}

impl<'a> Reader<'a> {
    /// A reader of `text`, which is decoded and without byte order mark. Nothing is read yet.
    pub fn new(text: &'a str, limits: &Limits) -> Self {
        let mut tokens = Tokens::from_str(text);
        let config = tokens.config_mut();
        // Both are checked here, where the offset and the kind of fault are known.
        config.check_end_names = false;
        config.allow_unmatched_ends = true;
        Self {
            text,
            limits: *limits,
            tokens,
            at: 0,
            events: 0,
            open: Vec::new(),
            namespaces: Namespaces::default(),
            seen: Vec::new(),
            empty: None,
            stage: Stage::Fresh,
        }
    }

    /// The next event.
    ///
    /// # Errors
    /// The first rule the document breaks. The reader then repeats that fault for ever.
    #[expect(clippy::should_implement_trait, reason = "an iterator would have to say what follows a fault")]
    pub fn next(&mut self) -> Result<Event<'a>, XmlFault> {
        if let Stage::Refused(fault) = self.stage {
            return Err(fault);
        }
        self.advance().inspect_err(|fault| self.stage = Stage::Refused(*fault))
    }

    /// How many tokens were taken from the document so far: the measure of [`Limits::events`].
    pub fn events(&self) -> usize {
        self.events
    }

    fn advance(&mut self) -> Result<Event<'a>, XmlFault> {
        if matches!(self.stage, Stage::Fresh) {
            self.stage = Stage::Prolog;
            if let Some(declaration) = self.begin()? {
                return Ok(declaration);
            }
        }
        if let Some(at) = self.empty.take() {
            return self.close(at);
        }
        let mut run = Run { value: Cow::Borrowed(""), plain: true, at: Span { start: self.at, end: self.at } };
        loop {
            match self.peek()? {
                // A tag ends the character data before it; it is taken at the next call.
                Token::Start | Token::End if !run.value.is_empty() => {
                    run.at.end = self.at;
                    return Ok(Event::Text { value: run.value, plain: run.plain, at: run.at });
                }
                Token::Start => return self.start(),
                Token::End => return self.end(),
                Token::Text => self.text(&mut run)?,
                Token::Reference => self.reference(&mut run)?,
                Token::Cdata => self.cdata(&mut run)?,
                Token::Comment => self.comment(&mut run)?,
                Token::Instruction => self.instruction(&mut run)?,
                Token::Eof => return self.finish(),
            }
        }
    }

    /// What has to be right before the first token.
    fn begin(&mut self) -> Result<Option<Event<'a>>, XmlFault> {
        if self.text.len() > self.limits.bytes {
            return Err(XmlFault::new(self.limits.bytes, XmlFaultKind::TooLarge));
        }
        if self.text.starts_with('\u{FEFF}') {
            return Err(XmlFault::new(0, XmlFaultKind::ByteOrderMark));
        }
        let declared = self.text.strip_prefix("<?xml").and_then(|rest| rest.bytes().next());
        if !declared.is_some_and(|byte| is_space(byte) || byte == b'?') {
            return Ok(None);
        }
        let token = self.take()?;
        let encoding = declaration::parse(token).map_err(|bad| XmlFault::new(bad, XmlFaultKind::BadDeclaration))?;
        Ok(Some(Event::Declaration { encoding }))
    }

    fn peek(&self) -> Result<Token, XmlFault> {
        let rest = self.text.as_bytes().get(self.at..).unwrap_or_default();
        Ok(match rest {
            [] => Token::Eof,
            [b'&', ..] => Token::Reference,
            [b'<', b'/', ..] => Token::End,
            [b'<', b'?', ..] => Token::Instruction,
            [b'<', b'!', b'-', b'-', ..] => Token::Comment,
            [b'<', b'!', b'[', b'C', b'D', b'A', b'T', b'A', b'[', ..] => Token::Cdata,
            [b'<', b'!', keyword @ ..] => {
                let doctype = keyword.get(..7).is_some_and(|word| word.eq_ignore_ascii_case(b"DOCTYPE"));
                let kind = match (doctype, b"[CDATA[".starts_with(keyword) || b"--".starts_with(keyword)) {
                    (true, _) => XmlFaultKind::Doctype,
                    (false, true) => XmlFaultKind::Unclosed,
                    (false, false) => XmlFaultKind::BadMarkup,
                };
                return Err(self.fault(kind));
            }
            [b'<', ..] => Token::Start,
            _ => Token::Text,
        })
    }

    /// Takes the next token.
    fn take(&mut self) -> Result<&'a str, XmlFault> {
        self.events += 1;
        if self.events > self.limits.events {
            return Err(self.fault(XmlFaultKind::TooManyEvents));
        }
        // The tokenizer's own errors all mean that a token's end is missing.
        let ended = self.tokens.read_event().is_ok();
        let start = self.at;
        let end = usize::try_from(self.tokens.buffer_position()).unwrap_or(self.text.len());
        let token = self.text.get(start..end).filter(|token| ended && !token.is_empty());
        let token = token.ok_or(self.fault(XmlFaultKind::Unclosed))?;
        self.at = end;
        Ok(token)
    }

    fn fault(&self, kind: XmlFaultKind) -> XmlFault {
        XmlFault::new(self.at, kind)
    }

    fn start(&mut self) -> Result<Event<'a>, XmlFault> {
        let start = self.at;
        if self.open.is_empty() && matches!(self.stage, Stage::Rooted) {
            return Err(self.fault(XmlFaultKind::SecondRoot));
        }
        if self.open.len() >= self.limits.depth {
            return Err(self.fault(XmlFaultKind::TooDeep));
        }
        let token = self.take()?;
        let at = Span { start, end: self.at };
        let inside = token.strip_prefix('<').and_then(|rest| rest.strip_suffix('>')).unwrap_or_default();
        let (inside, empty) = match inside.strip_suffix('/') {
            Some(inside) => (inside, true),
            None => (inside, false),
        };
        let (name, colon, cursor) = Cursor::open(inside, start + 1, &self.limits)?;
        let mark = self.namespaces.mark();
        self.attributes(cursor.clone())?;
        if colon.is_some() || !self.seen.is_empty() {
            self.namespaces.check((name, colon, start + 1), &self.seen)?;
        }
        self.stage = Stage::Rooted;
        self.open.push(Open { name, mark });
        self.empty = empty.then_some(at);
        Ok(Event::Start { name, attributes: Attributes::new(cursor), at })
    }

    /// Checks the attributes of a tag and leaves them in `seen`.
    fn attributes(&mut self, mut cursor: Cursor<'a>) -> Result<(), XmlFault> {
        self.seen.clear();
        while let Some(attribute) = cursor.next()? {
            let refuse = |kind| Err(XmlFault::new(attribute.at.start, kind));
            if self.seen.len() >= self.limits.attributes {
                return refuse(XmlFaultKind::TooManyAttributes);
            }
            if self.seen.iter().any(|earlier| earlier.name == attribute.name) {
                return refuse(XmlFaultKind::DuplicateAttribute);
            }
            if attribute.value.len() > self.limits.text {
                return Err(XmlFault::new(attribute.value_at(), XmlFaultKind::TextTooLong));
            }
            check_attribute(attribute.value, attribute.value_at())?;
            self.namespaces.declare(&attribute, self.limits.namespaces)?;
            self.seen.push(attribute);
        }
        Ok(())
    }

    fn end(&mut self) -> Result<Event<'a>, XmlFault> {
        let start = self.at;
        let token = self.take()?;
        let inside = token.strip_prefix("</").and_then(|rest| rest.strip_suffix('>')).unwrap_or_default();
        // Equal to the open name, it needs no other check.
        let closes = self.open.last().and_then(|open| inside.strip_prefix(open.name));
        if closes.is_some_and(|rest| rest.bytes().all(is_space)) {
            return self.close(Span { start, end: self.at });
        }
        let kind = if qname(inside).is_ok() { XmlFaultKind::MismatchedEnd } else { XmlFaultKind::BadName };
        Err(XmlFault::new(start, kind))
    }

    fn close(&mut self, at: Span) -> Result<Event<'a>, XmlFault> {
        let Some(open) = self.open.pop() else {
            return Err(XmlFault::new(at.start, XmlFaultKind::MismatchedEnd));
        };
        self.namespaces.close(open.mark);
        Ok(Event::End { name: open.name, at })
    }

    fn text(&mut self, run: &mut Run<'a>) -> Result<(), XmlFault> {
        let start = self.at;
        let piece = self.take()?;
        check_text(piece, start)?;
        if self.open.is_empty() {
            return match piece.bytes().position(|b| !is_space(b)) {
                Some(at) => Err(XmlFault::new(start + at, XmlFaultKind::TextOutsideRoot)),
                None => Ok(()),
            };
        }
        self.collect(run, normalise_lines(piece), start)
    }

    fn reference(&mut self, run: &mut Run<'a>) -> Result<(), XmlFault> {
        let start = self.at;
        self.inside_root()?;
        let token = self.take().map_err(|fault| {
            let endless = fault.kind == XmlFaultKind::Unclosed;
            if endless { XmlFault::new(start, XmlFaultKind::BadReference) } else { fault }
        })?;
        let body = token.strip_prefix('&').and_then(|rest| rest.strip_suffix(';')).unwrap_or_default();
        let c = resolve(body).map_err(|kind| XmlFault::new(start, kind))?;
        self.collect(run, Cow::Owned(String::from(c)), start)
    }

    fn cdata(&mut self, run: &mut Run<'a>) -> Result<(), XmlFault> {
        let start = self.at;
        self.inside_root()?;
        let token = self.take()?;
        let inside = token.strip_prefix("<![CDATA[").and_then(|rest| rest.strip_suffix("]]>"));
        let inside = inside.ok_or(XmlFault::new(start, XmlFaultKind::Unclosed))?;
        self.characters(inside, start + "<![CDATA[".len())?;
        run.plain = false;
        self.collect(run, normalise_lines(inside), start)
    }

    fn comment(&mut self, run: &mut Run<'a>) -> Result<(), XmlFault> {
        let start = self.at;
        let token = self.take()?;
        let inside = token.strip_prefix("<!--").and_then(|rest| rest.strip_suffix("-->"));
        let inside = inside.ok_or(XmlFault::new(start, XmlFaultKind::BadComment))?;
        let at = start + "<!--".len();
        self.characters(inside, at)?;
        // `--` must not occur, nor a hyphen right before the end, which would make it `--->`.
        let hyphens = memchr::memmem::find(inside.as_bytes(), b"--");
        if let Some(bad) = hyphens.or(inside.strip_suffix('-').map(str::len)) {
            return Err(XmlFault::new(at + bad, XmlFaultKind::BadComment));
        }
        run.plain = false;
        Ok(())
    }

    fn instruction(&mut self, run: &mut Run<'a>) -> Result<(), XmlFault> {
        let start = self.at;
        let token = self.take()?;
        let bad = |kind| XmlFault::new(start, kind);
        let inside = token.strip_prefix("<?").and_then(|rest| rest.strip_suffix("?>"));
        let inside = inside.ok_or(bad(XmlFaultKind::Unclosed))?;
        let target = qname(inside).map_err(|_| bad(XmlFaultKind::BadPi))?;
        let (name, data) = inside.split_at_checked(target.len).unwrap_or((inside, ""));
        if name.len() > self.limits.name {
            return Err(bad(XmlFaultKind::NameTooLong));
        }
        if name == "xml" {
            return Err(bad(XmlFaultKind::BadDeclaration));
        }
        let separated = data.bytes().next().is_none_or(is_space);
        if target.colon.is_some() || name.eq_ignore_ascii_case("xml") || !separated {
            return Err(bad(XmlFaultKind::BadPi));
        }
        self.characters(data, start + "<?".len() + name.len())?;
        run.plain = false;
        Ok(())
    }

    fn finish(&mut self) -> Result<Event<'a>, XmlFault> {
        match (self.open.is_empty(), self.stage) {
            (false, _) => Err(self.fault(XmlFaultKind::Unclosed)),
            (true, Stage::Rooted) => Ok(Event::Eof),
            (true, Stage::Fresh | Stage::Prolog | Stage::Refused(_)) => Err(self.fault(XmlFaultKind::Empty)),
        }
    }

    fn inside_root(&self) -> Result<(), XmlFault> {
        if self.open.is_empty() { Err(self.fault(XmlFaultKind::TextOutsideRoot)) } else { Ok(()) }
    }

    fn characters(&self, piece: &str, at: usize) -> Result<(), XmlFault> {
        match find_bad_character(piece) {
            Some(bad) => Err(XmlFault::new(at + bad, XmlFaultKind::BadCharacter)),
            None => Ok(()),
        }
    }

    /// Adds a piece to the character data; `at` is where the piece begins.
    fn collect(&self, run: &mut Run<'a>, piece: Cow<'a, str>, at: usize) -> Result<(), XmlFault> {
        if run.value.len() + piece.len() > self.limits.text {
            return Err(XmlFault::new(at, XmlFaultKind::TextTooLong));
        }
        if run.value.is_empty() {
            run.value = piece;
        } else {
            run.value.to_mut().push_str(&piece);
        }
        Ok(())
    }
}
