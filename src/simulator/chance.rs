//! Chance that can be repeated: the same seed and the same words give the same throws, on every machine and in every
//! order of events. No state, no clock, and no hash that a library may change.

/// A row of throws.
#[derive(Debug, Clone)]
pub(super) struct Chance(fastrand::Rng);

impl Chance {
    /// The throws that belong to `words` under `seed`.
    pub(super) fn new(seed: u64, words: &[&str]) -> Chance {
        // FNV-1a with a separator that no word holds, then the generator's own mixing.
        let mut hash = 0xcbf2_9ce4_8422_2325_u64 ^ seed.wrapping_mul(0x9e37_79b9_7f4a_7c15);
        for byte in words.iter().flat_map(|word| word.bytes().chain([0xff])) {
            hash = (hash ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01b3);
        }
        Chance(fastrand::Rng::with_seed(hash ^ (hash >> 32)))
    }

    /// A number below `end`; 0 if there is none.
    pub(super) fn below(&mut self, end: u32) -> u32 {
        if end == 0 { 0 } else { self.0.u32(..end) }
    }

    /// Whether something that happens `per_mille` times in a thousand happens now.
    pub(super) fn happens(&mut self, per_mille: u32) -> bool {
        self.below(1000) < per_mille
    }

    /// One of these.
    pub(super) fn one_of<'a, T>(&mut self, these: &'a [T]) -> Option<&'a T> {
        let index = self.below(u32::try_from(these.len()).unwrap_or(u32::MAX));
        these.get(usize::try_from(index).unwrap_or(usize::MAX))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_words_throw_the_same_and_others_do_not() {
        let row = |seed, words: &[&str]| {
            let mut chance = Chance::new(seed, words);
            (0..20).map(|_| chance.below(1_000_000)).collect::<Vec<_>>()
        };
        assert_eq!(row(1, &["pay", "79"]), row(1, &["pay", "79"]));
        assert_ne!(row(1, &["pay", "79"]), row(2, &["pay", "79"]));
        assert_ne!(row(1, &["pay", "79"]), row(1, &["pa", "y79"]));
    }

    #[test]
    fn rates_are_what_they_say() {
        let hits = (0..20_000).filter(|n| Chance::new(7, &[&n.to_string()]).happens(50)).count();
        assert!((850..1150).contains(&hits), "{hits} of 20000 at 50 in a thousand");
        assert!((0..1000).all(|n| !Chance::new(7, &[&n.to_string()]).happens(0)));
        assert_eq!(Chance::new(7, &[]).one_of::<u8>(&[]), None);
    }
}
