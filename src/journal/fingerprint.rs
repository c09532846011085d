//! Fingerprints of requests: equal canonical fields give an equal fingerprint, and of two that differ the first
//! differing field can be named without knowing its value. Keyed, because identity numbers can be guessed.
//!
//! Stored form: version (1 byte), digest over all (32 bytes), then for each field the length of its name (1 byte), the
//! name, and the first 8 bytes of its own digest: enough to tell fields apart, and it decides nothing.

use aws_lc_rs::hmac;

use super::keys::{Keys, part, tag};
use super::types::Fingerprint;

const VERSION: u8 = 1;
const WHOLE: usize = 33;

impl Keys {
    /// What payments of the same benefit have in common: keyed, because identity numbers can be guessed.
    pub fn twin(&self, parts: &[&str]) -> [u8; 32] {
        let mut whole = hmac::Context::with_key(&self.fingerprint);
        whole.update(b"twin");
        for each in parts {
            part(&mut whole, each.as_bytes());
        }
        tag(&whole.sign())
    }

    /// The fingerprint of an operation's canonical fields, in schema order.
    pub fn fingerprint(&self, operation: &str, fields: &[(&'static str, String)]) -> Fingerprint {
        let mut whole = hmac::Context::with_key(&self.fingerprint);
        whole.update(&[VERSION]);
        part(&mut whole, operation.as_bytes());
        let each = fields.iter().map(|(name, value)| {
            part(&mut whole, name.as_bytes());
            part(&mut whole, value.as_bytes());
            let mut one = hmac::Context::with_key(&self.fingerprint);
            one.update(&[VERSION]);
            part(&mut one, operation.as_bytes());
            part(&mut one, name.as_bytes());
            part(&mut one, value.as_bytes());
            let digest = one.sign();
            let mut short = [0; 8];
            short.iter_mut().zip(digest.as_ref()).for_each(|(to, from)| *to = *from);
            (*name, short)
        });
        let fields = each.collect();
        Fingerprint { version: VERSION, whole: tag(&whole.sign()), fields }
    }
}

impl Fingerprint {
    pub(super) fn to_stored(&self) -> Vec<u8> {
        let mut stored = Vec::with_capacity(WHOLE + self.fields.len() * 24);
        stored.push(self.version);
        stored.extend_from_slice(&self.whole);
        for (name, digest) in &self.fields {
            stored.push(u8::try_from(name.len()).unwrap_or(u8::MAX));
            stored.extend(name.bytes().take(usize::from(u8::MAX)));
            stored.extend_from_slice(digest);
        }
        stored
    }

    /// `None` when the stored fingerprint is equal, else the first field that differs, in schema order; a field that
    /// only the stored request had comes last.
    pub(super) fn differs_from(&self, stored: &[u8]) -> Option<String> {
        let equal = stored.split_first().is_some_and(|(version, rest)| {
            *version == self.version && rest.get(..32).is_some_and(|whole| whole == self.whole)
        });
        if equal {
            return None;
        }
        let before: Vec<(&str, &[u8])> = stored_fields(stored);
        let changed = self.fields.iter().find(|(name, digest)| {
            before.iter().find(|(known, _)| known == name).is_none_or(|(_, known)| known != digest)
        });
        let gone = || before.iter().find(|(known, _)| !self.fields.iter().any(|(name, _)| name == known));
        let name = changed.map(|(name, _)| *name).or_else(|| gone().map(|(name, _)| *name));
        Some(name.unwrap_or("operation").to_owned())
    }
}

fn stored_fields(stored: &[u8]) -> Vec<(&str, &[u8])> {
    let mut rest = stored.get(WHOLE..).unwrap_or_default();
    let mut fields = Vec::new();
    while let Some((length, after)) = rest.split_first() {
        let Some((name, after)) = after.split_at_checked(usize::from(*length)) else { break };
        let Some((digest, after)) = after.split_at_checked(8) else { break };
        fields.push((std::str::from_utf8(name).unwrap_or_default(), digest));
        rest = after;
    }
    fields
}

#[cfg(test)]
mod tests {
    use super::*;

    const FIELDS: [(&str, &str); 4] =
        [("payee.name", "张三"), ("payee.id", "11010519491231002X"), ("amount", "123450"), ("purpose", "")];

    fn fields() -> Vec<(&'static str, String)> {
        FIELDS.iter().map(|(name, value)| (*name, (*value).to_owned())).collect()
    }

    #[test]
    fn each_changed_field_is_named_and_no_value_is_stored() {
        let folder = tempfile::tempdir().unwrap();
        let keys = Keys::create(&folder.path().join("k")).unwrap();
        let first = keys.fingerprint("payment.pay", &fields());
        let stored = first.to_stored();
        assert_eq!(keys.fingerprint("payment.pay", &fields()).differs_from(&stored), None);
        assert!(!stored.windows(6).any(|window| window == b"123450"));
        for (at, (name, _)) in FIELDS.iter().enumerate() {
            let mut changed = fields();
            changed[at].1.push('1');
            assert_eq!(keys.fingerprint("payment.pay", &changed).differs_from(&stored).as_deref(), Some(*name));
            let mut missing = fields();
            missing.remove(at);
            assert_eq!(keys.fingerprint("payment.pay", &missing).differs_from(&stored).as_deref(), Some(*name));
        }
        let other = keys.fingerprint("payment.query", &fields());
        assert_eq!(other.differs_from(&stored).as_deref(), Some("payee.name"));
    }

    #[test]
    fn neighbouring_values_cannot_run_into_one_another() {
        let folder = tempfile::tempdir().unwrap();
        let keys = Keys::create(&folder.path().join("k")).unwrap();
        let one = keys.fingerprint("o", &[("a", "bc".to_owned()), ("d", String::new())]);
        let two = keys.fingerprint("o", &[("a", "b".to_owned()), ("d", "c".to_owned())]);
        assert_ne!(one.whole, two.whole);
    }
}
