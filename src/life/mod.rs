//! The life of a message: its states, what can happen to it, and the one table of what follows.
//!
//! Pure: no clock, no store, no network. [`advance`] takes what is known of a message and its delivery, one event, the
//! bank's policy and the time, and answers with the step to take or a refusal. The journal calls it inside its writer's
//! transaction, on the row it has just read, so that the check and the write are one.
//!
//! A *message* owns a key, an amount and an outcome; a *delivery* owns a serial, exact bytes and attempts, and carries
//! one or more messages. What happens to a delivery happens to all its messages that are still open.
//!
//! Deliberately not here: words for people (`lang`), classification of a bank's codes (adapter), waiting (gateway).

mod event;
mod policy;
mod state;
mod table;
#[cfg(test)]
mod tests;
pub mod timetable;
mod view;

pub use event::{Adjudication, Cause, Event, FactKind, Queried, TwoPeople, Verdict};
pub use policy::BankPolicy;
pub use state::{State, UnknownState};
pub use table::advance;
pub use view::{DeliveryView, Due, Illegal, MessageView, Step, Why};
