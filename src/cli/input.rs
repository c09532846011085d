//! Reading what a command is given: a file, or standard input when the name is `-`.

use std::io::Read as _;
use std::path::Path;

use super::{Exit, Screen};
use crate::lang::Phrase;

/// Longest input of a command that reads one message, in bytes. A message of any bank is far shorter.
pub(crate) const MESSAGE_BYTES_MAX: u64 = 16 * 1024 * 1024;

/// The whole of `path`, at most [`MESSAGE_BYTES_MAX`] bytes.
pub(crate) fn read(screen: &Screen, path: &Path) -> Result<Vec<u8>, Exit> {
    let refuse = |phrase: Phrase| screen.fail(Exit::NoInput, "no-input", &phrase.with("file", path.display()));
    let mut bytes = Vec::new();
    let outcome = if path.as_os_str() == "-" {
        std::io::stdin().lock().take(MESSAGE_BYTES_MAX.saturating_add(1)).read_to_end(&mut bytes)
    } else {
        std::fs::File::open(path)
            .and_then(|file| file.take(MESSAGE_BYTES_MAX.saturating_add(1)).read_to_end(&mut bytes))
    };
    match outcome {
        Ok(length) if u64::try_from(length).unwrap_or(u64::MAX) > MESSAGE_BYTES_MAX => {
            Err(refuse(Phrase::new("cli-input-too-long")))
        }
        Ok(_) => Ok(bytes),
        Err(error) => Err(refuse(Phrase::new("cli-input-unreadable").with("cause", error))),
    }
}
