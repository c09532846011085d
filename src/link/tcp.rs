//! One exchange on a bare stream: write the framed request, read one framed answer.

use tokio::io::AsyncWriteExt;
use tokio::time::timeout;

use super::connection::{Checked, Connection};
use super::stray::Found;
use super::{Framing, ReadError, Target, Unknown, read_frame};

/// What becomes of the connection after an exchange.
pub(super) enum After {
    /// It is open and silent.
    Keep(Connection),
    /// Bytes stood after the answer.
    Surplus(Found),
    /// It is of no further use: dropped.
    Drop,
}

pub(super) async fn exchange(
    mut connection: Connection,
    request: &[u8],
    framing: &Framing,
    target: &Target,
) -> (Result<Vec<u8>, Unknown>, After) {
    let write = async {
        connection.write_all(request).await?;
        connection.flush().await
    };
    match timeout(target.deadlines.write, write).await {
        Ok(Ok(())) => {}
        Ok(Err(_)) => return (Err(Unknown::Write), After::Drop),
        Err(_) => return (Err(Unknown::WriteTimeout), After::Drop),
    }
    match timeout(target.deadlines.answer, read_frame(&mut connection, framing, target.max_answer)).await {
        Err(_) => (Err(Unknown::Silence), After::Drop),
        Ok(Err(ReadError::Cut { .. })) => (Err(Unknown::Cut), After::Drop),
        Ok(Err(ReadError::TooLong)) => (Err(Unknown::TooLong), After::Drop),
        Ok(Err(ReadError::Frame)) => (Err(Unknown::Frame), After::Drop),
        Ok(Ok((answer, beyond))) if beyond.is_empty() => (Ok(answer), settle(connection)),
        Ok(Ok((answer, beyond))) => (Ok(answer), After::Surplus(Found::on(connection, beyond))),
    }
}

/// Looks once more at a connection whose answer is complete.
pub(super) fn settle(mut connection: Connection) -> After {
    match connection.check() {
        Checked::Silent => After::Keep(connection),
        Checked::Surplus(byte) => After::Surplus(Found::on(connection, vec![byte])),
        Checked::Closed => After::Drop,
    }
}
