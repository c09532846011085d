//! Framed messages on a stream, one after the other.

use tokio::io::AsyncWriteExt as _;
use tokio::net::TcpStream;
use tokio::time::timeout;
use tokio_rustls::server::TlsStream;
use tokio_util::sync::CancellationToken;

use super::{Call, IDLE, UNREAD};
use crate::adapter::Direction;
use crate::adapter::runtime::Wire;
use crate::gateway::{Told, framing};
use crate::link::{Framing, resume_frame};

/// Serves requests until the bank has had enough, says something unreadable, or the gateway ends.
pub(super) async fn serve(call: &Call, mut stream: TlsStream<TcpStream>, stop: &CancellationToken) {
    let adapter = &call.door.bank.current.adapter;
    let Some(framing) = framing(adapter, Direction::Request) else { return };
    let last = adapter.wire.one_request || matches!(framing, Framing::ToEnd);
    let mut read = Vec::new();
    loop {
        let message = timeout(IDLE, resume_frame(&mut stream, read, &framing, adapter.wire.max));
        let Some(Ok(Ok((body, beyond)))) = stop.run_until_cancelled(message).await else { break };
        let Told::Answer(bytes) = call.told(Wire { target: None, body }).await else { break };
        let written = timeout(UNREAD, async {
            stream.write_all(&bytes).await?;
            stream.flush().await
        });
        if !matches!(written.await, Ok(Ok(()))) || last {
            break;
        }
        read = beyond;
    }
    // Failing to say goodbye changes nothing.
    drop(timeout(UNREAD, stream.shutdown()).await);
}
