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
    /// Gives its answer and then, unasked, the opposite one. The first is the true one.
    Contradicts,
    /// Asked about what it has, says that it was never there. Queries only.
    Denies,
}

impl Misbehaviour {
    /// All of them.
    pub const ALL: [Misbehaviour; 14] = [
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
        Misbehaviour::Contradicts,
        Misbehaviour::Denies,
    ];

    /// Whether it strikes a connection before any request is read.
    pub const fn is_of_connection(self) -> bool {
        matches!(self, Misbehaviour::RefuseConnection | Misbehaviour::CloseUnread)
    }

    /// How often it strikes in ten thousand requests (or connections) when much goes wrong.
    const fn in_ten_thousand(self) -> u32 {
        match self {
            Misbehaviour::Contradicts | Misbehaviour::Denies => 100,
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

/// What goes wrong in which order, for a bank that is to be seen doing one thing and then another. What lies beyond the
/// end of a list goes well, and so does a turn without a fault.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Script {
    /// By connection, over all of them.
    pub connections: Vec<Option<Misbehaviour>>,
    /// By arrival of the same payment.
    pub payments: Vec<Option<Misbehaviour>>,
    /// By query about the same payment.
    pub queries: Vec<Option<Misbehaviour>>,
}

/// What a fault can strike, and which one of its kind, from 1.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Turn {
    Connection(u32),
    Payment(u32),
    Query(u32),
}

impl Script {
    fn at(&self, turn: Turn) -> Option<Misbehaviour> {
        let (list, number) = match turn {
            Turn::Connection(number) => (&self.connections, number),
            Turn::Payment(number) => (&self.payments, number),
            Turn::Query(number) => (&self.queries, number),
        };
        list.get(usize::try_from(number).ok()?.checked_sub(1)?).copied().flatten()
    }
}

/// How often each fault strikes, in ten thousand, or when.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct FaultPlan {
    rates: Vec<(Misbehaviour, u32)>,
    script: Option<Script>,
}

impl FaultPlan {
    /// A bank that does everything right.
    pub fn none() -> FaultPlan {
        FaultPlan::default()
    }

    /// Now and then something goes wrong: a sixth of [`many`](Self::many).
    pub fn some() -> FaultPlan {
        FaultPlan::rates(Misbehaviour::ALL.map(|fault| (fault, fault.in_ten_thousand().div_ceil(6))).to_vec())
    }

    /// About one exchange in four goes wrong.
    pub fn many() -> FaultPlan {
        FaultPlan::rates(Misbehaviour::ALL.map(|fault| (fault, fault.in_ten_thousand())).to_vec())
    }

    /// This one fault, `in_ten_thousand` times in ten thousand.
    pub fn only(fault: Misbehaviour, in_ten_thousand: u32) -> FaultPlan {
        FaultPlan::rates(vec![(fault, in_ten_thousand)])
    }

    /// These faults in this order, and no others.
    pub fn script(script: Script) -> FaultPlan {
        FaultPlan { rates: Vec::new(), script: Some(script) }
    }

    fn rates(rates: Vec<(Misbehaviour, u32)>) -> FaultPlan {
        FaultPlan { rates, script: None }
    }

    /// The fault that strikes now, among those that `fits` lets through.
    pub(super) fn strikes(
        &self,
        turn: Turn,
        chance: &mut Chance,
        fits: impl Fn(Misbehaviour) -> bool,
    ) -> Option<Misbehaviour> {
        if let Some(script) = &self.script {
            return script.at(turn).filter(|fault| fits(*fault));
        }
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
            if let Some(fault) = plan.strikes(Turn::Payment(1), &mut chance, |fault| fault != Misbehaviour::Another) {
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

    #[test]
    fn a_script_is_played_turn_by_turn() {
        let plan = FaultPlan::script(Script {
            payments: vec![Some(Misbehaviour::Cut)],
            queries: vec![None, Some(Misbehaviour::Denies), Some(Misbehaviour::Another)],
            ..Script::default()
        });
        let at = |turn| plan.strikes(turn, &mut Chance::new(1, &[]), |fault| fault != Misbehaviour::Another);
        assert_eq!([1, 2].map(|n| at(Turn::Payment(n))), [Some(Misbehaviour::Cut), None]);
        assert_eq!([0, 1, 2, 3, 4].map(|n| at(Turn::Query(n))), [None, None, Some(Misbehaviour::Denies), None, None]);
        assert_eq!(at(Turn::Connection(1)), None);
    }
}
