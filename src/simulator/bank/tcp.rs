//! Framed messages on a bare stream.

use std::sync::Arc;
use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio_rustls::server::TlsStream;

use super::{Counter, Doing};
use crate::adapter::plan::{Adapter, FramePlan};
use crate::adapter::runtime::Wire;
use crate::adapter::{self, Direction};
use crate::link::{BadFrame, FrameProgress, FrameReader, Framing, read_frame};

/// Between an answer and the one that contradicts it.
const SECOND_THOUGHT: Duration = Duration::from_millis(40);

/// The frame of one direction, as the reader of streams asks for it.
struct Frames(Arc<Adapter>, Direction);

/// How the messages of one direction are told apart on a stream.
pub(in crate::simulator) fn framing(adapter: &Arc<Adapter>, direction: Direction) -> Framing {
    let frame = adapter.wire.frames.as_ref().map(|(request, reply)| match direction {
        Direction::Request => request,
        Direction::Reply => reply,
    });
    match frame {
        Some(FramePlan::ToEnd) | None => Framing::ToEnd,
        Some(_) => Framing::Frames(Arc::new(Frames(adapter.clone(), direction))),
    }
}

impl FrameReader for Frames {
    fn need(&self, so_far: &[u8]) -> Result<FrameProgress, BadFrame> {
        match self.0.frame_reader(self.1).need(so_far).map_err(|_| BadFrame)? {
            adapter::FrameProgress::More(missing) => Ok(FrameProgress::More(missing)),
            adapter::FrameProgress::Complete(length) => Ok(FrameProgress::Complete(length)),
            // Only asked of a frame that ends itself.
            adapter::FrameProgress::ToEnd => Err(BadFrame),
        }
    }
}

/// Serves requests one after the other until either side has had enough.
pub(super) async fn serve(mut stream: TlsStream<TcpStream>, counter: &Arc<Counter>) {
    let adapter = counter.teller.adapter.clone();
    let (max, one_request) = (adapter.wire.max, adapter.wire.one_request);
    let framing = framing(&adapter, Direction::Request);
    while let Some(Ok((body, surplus))) = counter.stop.run_until_cancelled(read_frame(&mut stream, &framing, max)).await
    {
        // A second request that did not wait for its answer cannot be told from rubbish.
        let last = one_request || !surplus.is_empty() || matches!(framing, Framing::ToEnd);
        let doing = counter.serve(Wire { target: None, body }).await;
        if !act(&mut stream, counter, doing).await || last {
            break;
        }
    }
    let _ = stream.shutdown().await;
}

/// Whether the connection may go on.
async fn act(stream: &mut TlsStream<TcpStream>, counter: &Counter, doing: Doing) -> bool {
    let (bytes, goes_on) = match doing {
        Doing::Answer(bytes) => (bytes, true),
        Doing::Late(bytes) => {
            if counter.wait(tokio::time::sleep(counter.late)).await.is_none() {
                return false;
            }
            (bytes, false)
        }
        // A contradiction comes when the connection rests, where connections do.
        Doing::Twice(first, second) if first != second && !counter.teller.adapter.wire.one_request => {
            let written = stream.write_all(&first).await.is_ok() && stream.flush().await.is_ok();
            if !written || counter.wait(tokio::time::sleep(SECOND_THOUGHT)).await.is_none() {
                return false;
            }
            (second, true)
        }
        Doing::Twice(first, second) => ([first, second].concat(), true),
        Doing::Cut(mut bytes, length) => {
            bytes.truncate(length);
            (bytes, false)
        }
        Doing::Last(bytes) => (bytes, false),
        Doing::Silence => {
            // Until the client goes: whatever it still sends is not read as a request.
            let gone = async {
                let mut rest = [0_u8; 256];
                while matches!(stream.read(&mut rest).await, Ok(1..)) {}
            };
            let _ = counter.wait(gone).await;
            return false;
        }
        Doing::Failure | Doing::Close | Doing::Unreadable => return false,
    };
    stream.write_all(&bytes).await.is_ok() && stream.flush().await.is_ok() && goes_on
}
