//! Where a message begins and ends: the length in a header, a fixed size, a line, an end tag, or the end of the stream.
//!
//! Two readers of the same header. [`FrameCursor`] stands before a stream and says how many bytes belong to the message,
//! bounded before anything is stored; `body` stands before a complete frame and holds it to its header.

use std::ops::Range;

use crate::adapter::charset::Charset;
use crate::adapter::decode::field;
use crate::adapter::plan::{Adapter, Content, FramePlan, RecordField, Source};
use crate::adapter::runtime::Refusal;
use crate::lang::Phrase;

/// Which way a message goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Direction {
    /// The request of an operation.
    Request,
    /// The reply to it.
    Reply,
}

/// How far a frame has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FrameProgress {
    /// At least this many bytes are still missing.
    More(usize),
    /// The frame is the first so many bytes. What follows belongs to another message.
    Complete(usize),
    /// The peer's end of stream is the end of the message.
    ToEnd,
}

/// A stream that cannot be cut into messages any more.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BadFrame {
    /// Offset of the first byte that is wrong.
    pub at: usize,
    /// The rule that was broken, for people.
    pub rule: Phrase,
}

impl From<BadFrame> for Refusal {
    fn from(bad: BadFrame) -> Refusal {
        Refusal::undecodable(bad.at, bad.rule).coded("frame")
    }
}

/// Finds the end of one message in the bytes of a stream. It keeps nothing: the caller shows all bytes so far.
#[derive(Debug, Clone, Copy)]
pub struct FrameCursor<'p> {
    frame: &'p FramePlan,
    charset: Charset,
    max: usize,
}

static TO_END: FramePlan = FramePlan::ToEnd;

impl Adapter {
    /// A cursor for the messages of one direction. Over HTTP a body has its own end, so there it only bounds the size.
    pub fn frame_reader(&self, direction: Direction) -> FrameCursor<'_> {
        let frame = match (&self.wire.frames, direction) {
            (Some((request, _)), Direction::Request) => request,
            (Some((_, reply)), Direction::Reply) => reply,
            (None, _) => &TO_END,
        };
        let charset = match direction {
            Direction::Request => self.wire.charset,
            Direction::Reply => self.wire.reply_charset,
        };
        FrameCursor { frame, charset, max: self.wire.max }
    }
}

impl<'p> FrameCursor<'p> {
    /// What the bytes so far say. Never asks for more than the adapter's longest message.
    ///
    /// # Errors
    /// The header is not a header, or the message would be longer than the adapter allows.
    pub fn need(&self, so_far: &[u8]) -> Result<FrameProgress, BadFrame> {
        let too_long = |at| BadFrame { at, rule: Phrase::new("adapter-message-too-long").with("max", self.max) };
        let total = match self.frame {
            FramePlan::Prefix { header, header_len, counts_all } => {
                if let Some(missing) = header_len.checked_sub(so_far.len()).filter(|missing| *missing > 0) {
                    return Ok(FrameProgress::More(missing));
                }
                let total = declared(header, *header_len, *counts_all, self.charset, so_far)?;
                if total > self.max {
                    return Err(too_long(length_at(header)));
                }
                total
            }
            FramePlan::Fixed(size) => *size,
            FramePlan::ToEnd if so_far.len() > self.max => return Err(too_long(self.max)),
            FramePlan::ToEnd => return Ok(FrameProgress::ToEnd),
            FramePlan::Line => match memchr::memchr(b'\n', so_far) {
                Some(at) if at < self.max => at.saturating_add(1),
                None if so_far.len() < self.max => return Ok(FrameProgress::More(1)),
                Some(_) | None => return Err(too_long(self.max)),
            },
            // No multi-byte character of our charsets holds a `<`, and within text it is escaped.
            FramePlan::EndTag(tag) => match memchr::memmem::find(so_far, tag.as_bytes()) {
                Some(at) if at.saturating_add(tag.len()) <= self.max => at.saturating_add(tag.len()),
                None if so_far.len() < self.max => return Ok(FrameProgress::More(1)),
                Some(_) | None => return Err(too_long(self.max)),
            },
        };
        Ok(match total.checked_sub(so_far.len()) {
            Some(missing) if missing > 0 => FrameProgress::More(missing),
            Some(_) | None => FrameProgress::Complete(total),
        })
    }

    /// Where the message lies in a complete frame.
    ///
    /// # Errors
    /// `frame`: the header is wrong, or the frame is longer or shorter than it says.
    pub(crate) fn body(&self, frame: &[u8]) -> Result<Range<usize>, Refusal> {
        let refused = |at, rule| Refusal::from(BadFrame { at, rule });
        let (start, end) = match self.frame {
            FramePlan::Prefix { header, header_len, .. } => {
                if frame.len() < *header_len {
                    return Err(refused(frame.len(), Phrase::new("adapter-frame-cut")));
                }
                let total = match self.need(frame)? {
                    FrameProgress::Complete(total) => total,
                    FrameProgress::More(missing) => frame.len().saturating_add(missing),
                    FrameProgress::ToEnd => frame.len(),
                };
                if total != frame.len() {
                    let rule = Phrase::new("adapter-frame-length-differs");
                    return Err(refused(length_at(header), rule).in_field(length_name(header)));
                }
                (*header_len, total)
            }
            FramePlan::Fixed(size) if frame.len() != *size => {
                let rule = Phrase::new("adapter-frame-fixed").with("size", *size);
                return Err(refused(frame.len().min(*size), rule));
            }
            FramePlan::Line | FramePlan::EndTag(_) => match self.need(frame)? {
                FrameProgress::Complete(total) if total == frame.len() => {
                    (0, total.saturating_sub(usize::from(matches!(self.frame, FramePlan::Line))))
                }
                FrameProgress::Complete(total) => {
                    return Err(refused(total, Phrase::new("adapter-trailing-data")));
                }
                FrameProgress::More(_) | FrameProgress::ToEnd => {
                    return Err(refused(frame.len(), Phrase::new("adapter-frame-cut")));
                }
            },
            FramePlan::Fixed(_) | FramePlan::ToEnd => {
                self.need(frame)?;
                (0, frame.len())
            }
        };
        Ok(start..end)
    }

    /// The fields of the header, where there is one.
    pub(crate) fn header(&self) -> &'p [RecordField] {
        match self.frame {
            FramePlan::Prefix { header, .. } => header,
            FramePlan::ToEnd | FramePlan::Fixed(_) | FramePlan::Line | FramePlan::EndTag(_) => &[],
        }
    }
}

/// The bytes of the whole frame by its header, which must be all there.
fn declared(
    header: &[RecordField],
    header_len: usize,
    counts_all: bool,
    charset: Charset,
    bytes: &[u8],
) -> Result<usize, BadFrame> {
    let mut at = 0_usize;
    for field in header {
        let width = field.picture.least();
        let raw = bytes.get(at..at.saturating_add(width)).unwrap_or_default();
        match &field.content {
            Content::Literal(text) => {
                field::compare(field, raw, text, charset).map_err(|rule| BadFrame { at, rule })?;
            }
            Content::Value(value) if value.source == Source::FrameLength => {
                let bad = |(within, rule)| BadFrame { at: at.saturating_add(within), rule };
                let number = field::number(field, raw, charset).map_err(bad)?;
                let number = usize::try_from(number).ok();
                let total =
                    number.and_then(|number| if counts_all { Some(number) } else { number.checked_add(header_len) });
                // A frame that counts itself is never shorter than its own header.
                let total = total.filter(|total| *total >= header_len);
                return total.ok_or_else(|| BadFrame { at, rule: Phrase::new("adapter-frame-length") });
            }
            Content::Value(_) | Content::Skip(_) | Content::Children | Content::Record(_) => {}
        }
        at = at.saturating_add(width);
    }
    Err(BadFrame { at, rule: Phrase::new("adapter-frame-length") })
}

fn length_position(header: &[RecordField]) -> usize {
    let is_length =
        |field: &RecordField| matches!(&field.content, Content::Value(value) if value.source == Source::FrameLength);
    header.iter().position(is_length).unwrap_or(0)
}

fn length_at(header: &[RecordField]) -> usize {
    header.iter().take(length_position(header)).map(|field| field.picture.least()).sum()
}

fn length_name(header: &[RecordField]) -> &str {
    header.get(length_position(header)).map_or("", |field| field.name.as_str())
}
