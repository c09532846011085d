//! Who has how much: connections of a party, handshakes of an address, requests in a second.

use std::collections::HashMap;
use std::hash::Hash;
use std::net::{IpAddr, Ipv6Addr};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

/// How many places each has.
pub(super) struct Counts<K>(Arc<Mutex<HashMap<K, usize>>>);

impl<K> Default for Counts<K> {
    fn default() -> Self {
        Counts(Arc::default())
    }
}

impl<K: Eq + Hash + Clone> Counts<K> {
    /// A place for `key`, until it is dropped; `None` if it has `each` already, or all together have `all`.
    pub(super) fn enter(&self, key: K, each: usize, all: usize) -> Option<Seat<K>> {
        let mut counts = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let taken = counts.values().fold(0, |sum: usize, count| sum.saturating_add(*count));
        let own = counts.get(&key).copied().unwrap_or_default();
        if own >= each || taken >= all {
            return None;
        }
        counts.insert(key.clone(), own.saturating_add(1));
        Some(Seat { counts: Counts(Arc::clone(&self.0)), key })
    }
}

/// Where an address comes from: one host of IPv6 has a whole /64 to choose from.
pub(super) fn origin(address: IpAddr) -> IpAddr {
    match address.to_canonical() {
        IpAddr::V6(address) => IpAddr::V6(Ipv6Addr::from_bits(address.to_bits() & !u128::from(u64::MAX))),
        IpAddr::V4(address) => IpAddr::V4(address),
    }
}

/// A place.
pub(super) struct Seat<K: Eq + Hash> {
    counts: Counts<K>,
    key: K,
}

impl<K: Eq + Hash> Drop for Seat<K> {
    fn drop(&mut self) {
        let mut counts = self.counts.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(count) = counts.get_mut(&self.key) {
            *count = count.saturating_sub(1);
            if *count == 0 {
                counts.remove(&self.key);
            }
        }
    }
}

/// How much may come in a burst, in seconds of the steady rate.
const BURST: Duration = Duration::from_secs(1);

/// The pace of each party: so many requests a second, and a second's worth at once.
pub(super) struct Pace {
    each: Duration,
    /// When what has come so far would have come at the steady rate.
    due: Mutex<HashMap<String, Instant>>,
}

impl Pace {
    pub(super) fn new(per_second: u32) -> Pace {
        Pace { each: Duration::from_secs(1).checked_div(per_second).unwrap_or(BURST), due: Mutex::default() }
    }

    /// Whether another request of `party` may come at `now`.
    pub(super) fn allows(&self, party: &str, now: Instant) -> bool {
        let mut due = self.due.lock().unwrap_or_else(PoisonError::into_inner);
        let Some(due) = due.get_mut(party) else {
            due.insert(party.to_owned(), now.checked_add(self.each).unwrap_or(now));
            return true;
        };
        let from = (*due).max(now);
        if from.duration_since(now).saturating_add(self.each) > BURST {
            return false;
        }
        *due = from.checked_add(self.each).unwrap_or(from);
        true
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_has_so_many_places_and_all_together_so_many() {
        let counts = Counts::default();
        let places: Vec<_> = (0..3).map(|_| counts.enter("a", 2, 3)).collect();
        assert!(places[0].is_some() && places[1].is_some() && places[2].is_none());
        let b = counts.enter("b", 2, 3);
        assert!(b.is_some() && counts.enter("c", 2, 3).is_none());
        drop(places);
        assert!(counts.enter("c", 2, 3).is_some());
    }

    #[test]
    fn one_host_is_one_origin() {
        let origin = |text: &str| origin(text.parse().unwrap()).to_string();
        assert_eq!(origin("2001:db8:0:1:aaaa::1"), origin("2001:db8:0:1::2"));
        assert_ne!(origin("2001:db8:0:1::1"), origin("2001:db8:0:2::1"));
        assert_eq!((origin("::ffff:10.1.2.3").as_str(), origin("10.1.2.3").as_str()), ("10.1.2.3", "10.1.2.3"));
        assert_ne!(origin("10.1.2.3"), origin("10.1.2.4"));
    }

    #[test]
    fn a_second_s_worth_may_come_at_once_and_then_the_steady_rate() {
        let pace = Pace::new(100);
        let start = Instant::now();
        let at = |millis| start + Duration::from_millis(millis);
        let burst = (0..500).filter(|_| pace.allows("a", start)).count();
        assert_eq!(burst, 100);
        assert!(!pace.allows("a", at(9)) && pace.allows("a", at(10)) && !pace.allows("a", at(10)));
        assert!(pace.allows("b", at(10)), "another party has its own");
        let later = (0..500).filter(|_| pace.allows("a", at(5_000))).count();
        assert_eq!(later, 100, "rest is not saved up beyond a burst");
    }
}
