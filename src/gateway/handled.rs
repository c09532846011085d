//! Which messages a task of this process has in its hands, and which keys are just being taken.
//!
//! A repeat of a message in hand is told to come back; the resolver leaves it alone. The knowledge dies with the process,
//! which is right: nobody else can hold a message of this data directory (decision 0002).

use std::collections::HashSet;
use std::hash::Hash;
use std::sync::{Arc, Mutex, PoisonError};

use tokio::sync::Notify;
use tokio::sync::futures::Notified;

use crate::journal::MessageId;

/// The set of what is in hand.
pub(crate) struct Handled<T = MessageId>(Arc<Held<T>>);

struct Held<T> {
    all: Mutex<HashSet<T>>,
    let_go: Notify,
}

/// Holds one until it is dropped.
pub(crate) struct Hand<T: Eq + Hash = MessageId> {
    handled: Handled<T>,
    id: T,
}

impl<T> Default for Handled<T> {
    fn default() -> Self {
        Handled(Arc::new(Held { all: Mutex::default(), let_go: Notify::new() }))
    }
}

impl<T> Clone for Handled<T> {
    fn clone(&self) -> Self {
        Handled(Arc::clone(&self.0))
    }
}

impl<T: Eq + Hash + Clone> Handled<T> {
    /// Takes it; `None` when another task has it.
    pub(crate) fn take(&self, id: T) -> Option<Hand<T>> {
        let taken = self.0.all.lock().unwrap_or_else(PoisonError::into_inner).insert(id.clone());
        taken.then(|| Hand { handled: self.clone(), id })
    }

    /// Whether a task has it.
    pub(crate) fn has(&self, id: T) -> bool {
        self.0.all.lock().unwrap_or_else(PoisonError::into_inner).contains(&id)
    }

    /// Ends when any hand lets go after this call.
    pub(crate) fn let_go(&self) -> Notified<'_> {
        self.0.let_go.notified()
    }
}

impl Hand {
    /// The message in hand.
    pub(crate) fn id(&self) -> MessageId {
        self.id
    }
}

impl<T: Eq + Hash> Drop for Hand<T> {
    fn drop(&mut self) {
        self.handled.0.all.lock().unwrap_or_else(PoisonError::into_inner).remove(&self.id);
        self.handled.0.let_go.notify_waiters();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_message_is_in_one_hand_at_a_time_and_a_lost_hand_lets_go() {
        let handled = Handled::<MessageId>::default();
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
