//! Which messages a task of this process has in its hands.
//!
//! A repeat of a message in hand is told to come back; the resolver leaves it alone. The knowledge dies with the process,
//! which is right: nobody else can hold a message of this data directory (decision 0002).

use std::collections::HashSet;
use std::sync::{Arc, Mutex, PoisonError};

use crate::journal::MessageId;

/// The set of messages in hand.
#[derive(Clone, Default)]
pub(crate) struct Handled {
    ids: Arc<Mutex<HashSet<MessageId>>>,
}

/// Holds one message until it is dropped.
pub(crate) struct Hand {
    handled: Handled,
    id: MessageId,
}

impl Handled {
    /// Takes the message; `None` when another task has it.
    pub(crate) fn take(&self, id: MessageId) -> Option<Hand> {
        let taken = self.ids.lock().unwrap_or_else(PoisonError::into_inner).insert(id);
        taken.then(|| Hand { handled: self.clone(), id })
    }

    /// Whether a task has it.
    pub(crate) fn has(&self, id: MessageId) -> bool {
        self.ids.lock().unwrap_or_else(PoisonError::into_inner).contains(&id)
    }
}

impl Hand {
    /// The message in hand.
    pub(crate) fn id(&self) -> MessageId {
        self.id
    }
}

impl Drop for Hand {
    fn drop(&mut self) {
        self.handled.ids.lock().unwrap_or_else(PoisonError::into_inner).remove(&self.id);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_message_is_in_one_hand_at_a_time_and_a_lost_hand_lets_go() {
        let handled = Handled::default();
        let id = MessageId::new();
        let hand = handled.take(id).unwrap();
        assert!(handled.has(id));
        assert!(handled.take(id).is_none());
        assert!(handled.take(MessageId::new()).is_some());
        drop(hand);
        assert!(!handled.has(id));
        let panicked = std::panic::catch_unwind({
            let handled = handled.clone();
            move || {
                let _hand = handled.take(id).unwrap();
                std::panic::resume_unwind(Box::new("the task ends"));
            }
        });
        assert!(panicked.is_err());
        assert!(handled.take(id).is_some(), "a panic lets go as well");
    }
}
