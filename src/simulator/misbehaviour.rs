//! What a simulated bank does wrong, and how often.
//!
//! The books are written before any of this happens, so whatever the bank then says or does not say, what it did is known.
//! Whether a fault strikes a request is a matter of seed, payment and count of arrivals alone: a run can be repeated.

use super::chance::Chance;

/// A way to go wrong.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Misbehaviour {
    /// Executes, then never answers.
    Silence,
    /// Executes and answers after the client has given up.
    Late,
    /// Gives the same answer twice.
    Twice,
    /// Gives the answer to another message. Only where answers are told apart by an echo: a dialect that echoes nothing
    /// rests on one request per connection, and mixing connections up would be beyond any client.
    Another,
    /// Stops in the middle of the answer.
    Cut,
    /// Writes a wrong length.
    WrongLength,
    /// Writes a byte that is in no charset.
    WrongCharset,
    /// Answers with a code that is in no table.
    UnlistedCode,
    /// Closes a new connection before TLS.
    RefuseConnection,
    /// Closes a new connection after TLS, before it reads.
    CloseUnread,
    /// Takes the request in, drops it, and closes.
    CloseUnexecuted,
    /// Executes, then answers with HTTP status 500.
    Status500,
}

impl Misbehaviour {
    /// All of them.
    pub const ALL: [Misbehaviour; 12] = [
        Misbehaviour::Silence,
        Misbehaviour::Late,
        Misbehaviour::Twice,
        Misbehaviour::Another,
        Misbehaviour::Cut,
        Misbehaviour::WrongLength,
        Misbehaviour::WrongCharset,
        Misbehaviour::UnlistedCode,
        Misbehaviour::RefuseConnection,
        Misbehaviour::CloseUnread,
        Misbehaviour::CloseUnexecuted,
        Misbehaviour::Status500,
    ];

    /// Whether it strikes a connection before any request is read.
    pub const fn is_of_connection(self) -> bool {
        matches!(self, Misbehaviour::RefuseConnection | Misbehaviour::CloseUnread)
    }

    /// How often it strikes in ten thousand requests (or connections) when much goes wrong.
    const fn in_ten_thousand(self) -> u32 {
        match self {
            Misbehaviour::Silence
            | Misbehaviour::Late
            | Misbehaviour::WrongLength
            | Misbehaviour::WrongCharset
            | Misbehaviour::CloseUnread => 150,
            Misbehaviour::Twice
            | Misbehaviour::Another
            | Misbehaviour::UnlistedCode
            | Misbehaviour::RefuseConnection
            | Misbehaviour::CloseUnexecuted
            | Misbehaviour::Status500 => 250,
            Misbehaviour::Cut => 300,
        }
    }
}

/// How often each fault strikes, in ten thousand.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct FaultPlan {
    rates: Vec<(Misbehaviour, u32)>,
}

impl FaultPlan {
    /// A bank that does everything right.
    pub fn none() -> FaultPlan {
        FaultPlan::default()
    }

    /// Now and then something goes wrong: a sixth of [`many`](Self::many).
    pub fn some() -> FaultPlan {
        FaultPlan { rates: Misbehaviour::ALL.map(|fault| (fault, fault.in_ten_thousand().div_ceil(6))).to_vec() }
    }

    /// About one exchange in four goes wrong.
    pub fn many() -> FaultPlan {
        FaultPlan { rates: Misbehaviour::ALL.map(|fault| (fault, fault.in_ten_thousand())).to_vec() }
    }

    /// This one fault, `in_ten_thousand` times in ten thousand.
    pub fn only(fault: Misbehaviour, in_ten_thousand: u32) -> FaultPlan {
        FaultPlan { rates: vec![(fault, in_ten_thousand)] }
    }

    /// The fault that strikes now, among those that `fits` lets through.
    pub(super) fn strikes(&self, chance: &mut Chance, fits: impl Fn(Misbehaviour) -> bool) -> Option<Misbehaviour> {
        let mut thrown = chance.below(10_000);
        for (fault, rate) in &self.rates {
            if thrown < *rate {
                return Some(*fault).filter(|fault| fits(*fault));
            }
            thrown = thrown.saturating_sub(*rate);
        }
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeMap;

    fn struck(plan: &FaultPlan) -> BTreeMap<Misbehaviour, u32> {
        let mut struck = BTreeMap::new();
        for n in 0..40_000 {
            let mut chance = Chance::new(5, &[&n.to_string()]);
            if let Some(fault) = plan.strikes(&mut chance, |fault| fault != Misbehaviour::Another) {
                *struck.entry(fault).or_default() += 1;
            }
        }
        struck
    }

    #[test]
    fn each_fault_strikes_as_often_as_planned() {
        assert_eq!(struck(&FaultPlan::none()), BTreeMap::new());
        let many = struck(&FaultPlan::many());
        for fault in Misbehaviour::ALL {
            let got = many.get(&fault).copied().unwrap_or_default();
            if fault == Misbehaviour::Another {
                assert_eq!(got, 0, "it does not fit");
            } else {
                let want = fault.in_ten_thousand() * 4;
                assert!((want * 8 / 10..want * 12 / 10).contains(&got), "{fault:?}: {got} for {want}");
            }
        }
        assert!(struck(&FaultPlan::some()).values().sum::<u32>() * 4 < many.values().sum());
        assert_eq!(struck(&FaultPlan::only(Misbehaviour::Cut, 10_000)), BTreeMap::from([(Misbehaviour::Cut, 40_000)]));
    }
}
