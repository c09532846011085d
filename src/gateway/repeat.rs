//! Requests whose key was seen before, and what is known of a key when a request is refused.
//!
//! The key is looked up before anything is refused and before anything is taken: what was accepted answers
//! under its key for ever, whatever has become of the party, the bank, the rules or the load since. "The key is free" is
//! said only by somebody who has looked.

use super::Gateway;
use super::accept::{Outcome, Why};
use super::draft::{Panicked, guarded};
use super::handled::Hand;
use crate::journal::{BodyKind, JournalError, Message, MessageId, Refusal, sha256};
use crate::message::{Operation, fingerprint, north};

/// A key with the organisation and the operation that it belongs to.
pub(super) type OwnedKey = (String, Operation, String);

/// What is under a key.
pub(super) enum Found {
    /// What was accepted under it.
    Message(Box<Message>),
    /// Nothing, and nobody else can take it while this hand is held.
    Nothing(Hand<OwnedKey>),
    /// The journal cannot be read; or it has failed, and what it was writing then may yet be there at the next start.
    Unreadable,
}

/// What a refusal can say about the key of its request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum UnderKey {
    /// Nothing: the key is free.
    Nothing,
    /// This message was accepted under it.
    Message(MessageId),
    /// Nobody can say at the moment.
    Unknown,
}

/// Whether a request is the one that took the key.
enum Same {
    Yes,
    /// No; the first field that differs, where one can be named.
    No(Option<String>),
}

impl Found {
    /// In the words of a refusal.
    pub(super) fn under_key(&self) -> UnderKey {
        match self {
            Found::Message(message) => UnderKey::Message(message.id),
            Found::Nothing(_) => UnderKey::Nothing,
            Found::Unreadable => UnderKey::Unknown,
        }
    }
}

impl Gateway {
    /// Looks a key up. Where another request is just taking it, this waits for the journal's answer to that one: a repeat
    /// takes no slot, no number and no trial.
    pub(super) async fn find_key(&self, org: &str, operation: Operation, key: &str) -> Found {
        loop {
            let let_go = self.claiming.let_go();
            // Before the look: whoever takes the key holds this until the journal has answered.
            let hand = self.claiming.take((org.to_owned(), operation, key.to_owned()));
            match (self.journal.find_key(org, operation.name(), key).await, hand) {
                (Ok(Some(message)), _) => return Found::Message(Box::new(message)),
                (Ok(None), _) if self.journal.failure().is_some() => return Found::Unreadable,
                (Ok(None), Some(hand)) => return Found::Nothing(hand),
                (Ok(None), None) => let_go.await,
                (Err(error), _) => {
                    tracing::warn!(%error, "a key cannot be looked up");
                    return Found::Unreadable;
                }
            }
        }
    }

    /// What a request comes to that is refused before it was read. With one key and a body it may still be
    /// the repeat of an accepted message, and is answered as such; else the error says what is under its keys, of which
    /// there may be none, or more than the one that is allowed.
    ///
    /// # Errors
    /// It is no repeat: what the refusal can say about its keys.
    pub async fn turned_away(
        &self,
        org: &str,
        operation: Operation,
        keys: &[&str],
        body: Option<&[u8]>,
    ) -> Result<Outcome, UnderKey> {
        let mut known = UnderKey::Nothing;
        for key in keys {
            match (self.find_key(org, operation, key).await, body, keys) {
                (Found::Message(message), Some(body), [_]) => return Ok(self.repeat(org, body, *message).await),
                (Found::Message(message), _, _) => return Err(UnderKey::Message(message.id)),
                (Found::Nothing(_), _, _) => {}
                (Found::Unreadable, _, _) => known = UnderKey::Unknown,
            }
        }
        Err(known)
    }

    /// A request under the key of a message: the same once more, or another one.
    pub(super) async fn repeat(&self, org: &str, body: &[u8], message: Message) -> Outcome {
        match self.difference(&message, body).await {
            Ok(Same::Yes) => self.as_it_stands(message).await,
            Ok(Same::No(field)) => self.key_reused(org, body, field).await,
            Err(error) => {
                tracing::warn!(id = %message.id, %error, "a repeat cannot be compared");
                Outcome::Refused(Why::NotNow, UnderKey::Message(message.id))
            }
        }
    }

    /// Another request under a taken key: refused, with evidence.
    pub(super) async fn key_reused(&self, org: &str, body: &[u8], field: Option<String>) -> Outcome {
        self.note_refusal(org, body, "idempotency-key-reused").await;
        Outcome::KeyReused { field }
    }

    /// Compares a request with the one that took the key.
    async fn difference(&self, message: &Message, body: &[u8]) -> Result<Same, JournalError> {
        let operation = message.operation;
        let read = || north::decode(operation, body).map(|record| fingerprint::canonical_fields(&record));
        let problems = match guarded(read) {
            Ok(Ok(fields)) => {
                let differs = message.differs_from(&self.keys.fingerprint(operation.name(), &fields));
                return Ok(differs.map_or(Same::Yes, |field| Same::No(Some(field))));
            }
            Ok(Err(problems)) => problems,
            Err(Panicked) => Vec::new(),
        };
        // Today's rules refuse it, but they may have become stricter since: the bytes decide.
        let stored = self.journal.body(message.id, BodyKind::Request).await?;
        if stored.is_some_and(|stored| says_the_same(&stored, body)) {
            return Ok(Same::Yes);
        }
        Ok(Same::No(problems.into_iter().find_map(|problem| problem.field)))
    }

    /// The answer to a repeat. What is final is answered at once, even while a query that came too late is under way.
    pub(super) async fn as_it_stands(&self, message: Message) -> Outcome {
        if message.state.is_terminal() {
            return Outcome::Repeated(Box::new(message));
        }
        if self.handled.has(message.id) {
            return Outcome::InProgress(message.id);
        }
        // Whoever had it in hand may have let go since the row was read, and what he wrote is the newer truth.
        match self.journal.find(message.id).await {
            Ok(Some(newer)) => Outcome::Repeated(Box::new(newer)),
            Ok(None) | Err(_) => Outcome::Repeated(Box::new(message)),
        }
    }

    /// Leaves evidence of a refusal, within the journal's cap. A body that was not read is an empty one.
    pub async fn note_refusal(&self, org: &str, body: &[u8], code: &str) {
        let (org, code) = (org.to_owned(), code.to_owned());
        let at = self.clock.now();
        let evidence = Refusal { id: MessageId::new(), org, raw_digest: sha256(body), code, at };
        if let Err(error) = self.journal.refuse(evidence).await {
            tracing::warn!(%error, "the evidence of a refusal was not written");
        }
    }
}

/// Whether two bodies are the same JSON but for spaces and the order of members.
fn says_the_same(stored: &[u8], offered: &[u8]) -> bool {
    let read = |bytes| serde_json::from_slice::<serde_json::Value>(bytes).ok();
    read(stored).is_some_and(|stored| read(offered) == Some(stored))
}

#[cfg(test)]
mod tests {
    use super::says_the_same;

    #[test]
    fn only_spaces_and_order_may_differ() {
        let stored = br#"{"a":1,"b":{"c":"x"}}"#;
        assert!(says_the_same(stored, br#" { "b" : {"c":"x"}, "a" : 1 } "#));
        for other in [&br#"{"a":2,"b":{"c":"x"}}"#[..], br#"{"a":1}"#, br#"{"a":1,"b":{"c":"x"},"d":0}"#, b"{", b""] {
            assert!(!says_the_same(stored, other), "{}", String::from_utf8_lossy(other));
            assert!(!says_the_same(other, b"{"), "what cannot be read is equal to nothing");
        }
    }
}
