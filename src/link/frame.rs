//! Where a message ends on a stream. What a frame looks like is an adapter's business; bounds are kept here.

use std::sync::Arc;

use tokio::io::{AsyncRead, AsyncReadExt};

/// Bytes asked of the stream at a time.
const CHUNK: usize = 16 * 1024;

/// Says how much of a frame is there. Pure, called again whenever more bytes have come.
pub trait FrameReader: Send + Sync {
    /// Looks at all bytes read so far.
    ///
    /// # Errors
    /// The bytes cannot be the beginning of a frame.
    fn need(&self, so_far: &[u8]) -> Result<FrameProgress, BadFrame>;
}

/// How much of a frame is there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FrameProgress {
    /// At least this many more bytes are needed.
    More(usize),
    /// The frame is the first so many bytes.
    Complete(usize),
}

/// The bytes cannot be the beginning of a frame.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct BadFrame;

/// How the end of a message is known.
#[derive(Clone)]
pub enum Framing {
    /// The bytes themselves say it.
    Frames(Arc<dyn FrameReader>),
    /// The peer closes its side. Over TLS only a proper close counts: a torn connection is not an end.
    ToEnd,
}

/// Why there is no message.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ReadError {
    /// The stream ended or broke before the message was whole; says whether any byte of it had come.
    Cut {
        /// At least one byte was read.
        begun: bool,
    },
    /// It is longer than allowed.
    TooLong,
    /// It is not framed as it should be.
    Frame,
}

/// Reads one message of at most `max` bytes.
///
/// Gives the message and the bytes beyond it that had come with it.
///
/// # Errors
/// The stream ends or breaks first, the message is too long, or its frame is wrong. The stream is of no further use then.
pub async fn read_frame<S>(stream: &mut S, framing: &Framing, max: usize) -> Result<(Vec<u8>, Vec<u8>), ReadError>
where
    S: AsyncRead + Unpin,
{
    resume_frame(stream, Vec::new(), framing, max).await
}

/// Reads one message of which these bytes are there already.
///
/// # Errors
/// As for [`read_frame`].
pub async fn resume_frame<S>(
    stream: &mut S,
    mut read: Vec<u8>,
    framing: &Framing,
    max: usize,
) -> Result<(Vec<u8>, Vec<u8>), ReadError>
where
    S: AsyncRead + Unpin,
{
    loop {
        if let Framing::Frames(reader) = framing {
            match reader.need(&read).map_err(|BadFrame| ReadError::Frame)? {
                FrameProgress::Complete(length) if length > max => return Err(ReadError::TooLong),
                FrameProgress::Complete(length) if length == 0 || length > read.len() => return Err(ReadError::Frame),
                FrameProgress::Complete(length) => {
                    let beyond = read.split_off(length);
                    return Ok((read, beyond));
                }
                FrameProgress::More(missing) if missing > max.saturating_sub(read.len()) => {
                    return Err(ReadError::TooLong);
                }
                FrameProgress::More(_) => {}
            }
        } else if read.len() > max {
            return Err(ReadError::TooLong);
        }
        // One byte more than allowed is asked for, so that an over-long message shows.
        let room = max.saturating_add(1).saturating_sub(read.len()).clamp(1, CHUNK);
        match (&mut *stream).take(u64::try_from(room).unwrap_or(u64::MAX)).read_buf(&mut read).await {
            Ok(0) => {
                return match framing {
                    Framing::ToEnd if !read.is_empty() => Ok((read, Vec::new())),
                    Framing::ToEnd | Framing::Frames(_) => Err(ReadError::Cut { begun: !read.is_empty() }),
                };
            }
            Ok(_) => {}
            Err(_) => return Err(ReadError::Cut { begun: !read.is_empty() }),
        }
    }
}
