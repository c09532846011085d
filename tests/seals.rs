//! Seals against OpenSSL: what a bank's adapter seals OpenSSL takes, and what OpenSSL seals the adapter takes, with keys that
//! OpenSSL made. The adapter is a shipped one with another table of seals: nothing else changes.

#![expect(clippy::expect_used, clippy::panic, reason = "a test fails by panicking, in helpers too")]

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use jiff::civil::date;
use kuimen::adapter::builtin;
use kuimen::adapter::load::FileSet;
use kuimen::adapter::plan::Adapter;
use kuimen::adapter::runtime::{Expected, Outgoing, Settings};
use kuimen::message::{Occurrence, Operation, Record, Reply};
use kuimen::simulator::county::{PayingBank, month};

const BANK: &str = "icbc";
const MARK: &[u8] = b"\nSIGN=";

/// What OpenSSL prints.
fn openssl(dir: &Path, arguments: &[&str]) -> Vec<u8> {
    let run = Command::new("openssl").args(arguments).current_dir(dir).output();
    let run =
        run.unwrap_or_else(|error| panic!("cannot run `openssl` ({error}): install it with `apt-get install openssl`"));
    assert!(run.status.success(), "openssl {arguments:?}: {}", String::from_utf8_lossy(&run.stderr));
    run.stdout
}

/// One algorithm, as the notation and as OpenSSL name it.
struct Case {
    algorithm: &'static str,
    key: &'static [&'static str],
    options: &'static [&'static str],
    digest: &'static str,
}

const CASES: [Case; 2] = [
    Case {
        algorithm: "sm2-sm3-der",
        key: &["genpkey", "-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:SM2", "-out"],
        options: &["-sigopt", "distid:1234567812345678"],
        digest: "-sm3",
    },
    Case {
        algorithm: "rsa-sha256",
        key: &["genpkey", "-algorithm", "RSA", "-pkeyopt", "rsa_keygen_bits:2048", "-out"],
        options: &[],
        digest: "-sha256",
    },
];

/// The two sides of one link and their keys in a folder.
struct Sides {
    dir: tempfile::TempDir,
    adapter: Adapter,
}

impl Sides {
    fn new(case: &Case) -> Sides {
        let dir = tempfile::tempdir().expect("a folder");
        for who in ["own", "bank"] {
            openssl(dir.path(), &[case.key, &[&format!("{who}.key")]].concat());
            openssl(dir.path(), &["pkey", "-in", &format!("{who}.key"), "-pubout", "-out", &format!("{who}.pub")]);
        }
        let subject = ["-subj", "/CN=bank", "-out", "bank.crt"];
        openssl(
            dir.path(),
            &[&["req", "-new", "-x509", case.digest, "-key", "bank.key"], case.options, &subject].concat(),
        );
        Sides { adapter: adapter(case.algorithm), dir }
    }

    fn read(&self, name: &str) -> String {
        fs::read_to_string(self.dir.path().join(name)).expect("a key")
    }

    fn file(&self, name: &str, content: &[u8]) -> PathBuf {
        let path = self.dir.path().join(name);
        fs::write(&path, content).expect("a file");
        path
    }

    /// The settings with which the gateway, or the bank, holds its key and the other's public half.
    fn settings(&self, own: &str, bank: &str) -> Settings {
        let demo = |name: &str| self.adapter.settings.iter().find(|setting| setting.name == name)?.demo.clone();
        let supply = |name: &str| match name {
            "seal_key" => Some(self.read(own)),
            "bank_key" => Some(self.read(bank)),
            _ => demo(name),
        };
        self.adapter.settings_from(supply).unwrap_or_else(|wrong| panic!("{wrong:?}"))
    }
}

/// A shipped adapter with this algorithm, requests and replies sealed.
fn adapter(algorithm: &str) -> Adapter {
    Adapter::compile(BANK, &FileSet::of(files(algorithm))).unwrap_or_else(|faults| panic!("{faults}"))
}

fn files(algorithm: &str) -> BTreeMap<String, String> {
    let mut files = builtin::file_sets().remove(BANK).expect("a built-in adapter").texts().clone();
    let mut change = |name: &str, pairs: &[(&str, &str)]| {
        let text = files.get_mut(name).expect("a file");
        for (from, to) in pairs {
            assert_eq!(text.matches(from).count(), 1, "{from}");
            *text = text.replace(from, to);
        }
    };
    let seal = format!("algorithm = {algorithm:?}\nbank_key = \"setting.bank_key\"");
    let keys = "[settings]\nbank_key = { pic = \"X(4000)\", zh = \"银行公钥\", en = \"the bank's key\" }";
    change(
        "adapter.toml",
        &[
            ("algorithm = \"hmac-sha256\"", seal.as_str()),
            ("before    = \"KM-SEAL-1 {hex}\\n\"", "after = \"\\nSIGN={base64}\""),
            ("[settings]", keys),
            ("pic = \"X(64)\", zh = \"签名密钥\"", "pic = \"X(4000)\", zh = \"签名密钥\""),
            ("demo = \"kuimen-simulation-seal-key-icbc-0001\", ", ""),
        ],
    );
    change("payment.pay.toml", &[("[reply]", "[reply]\nseal = \"stand-in\"")]);
    files
}

fn payment(adapter: &Adapter) -> Record<'static> {
    let bank = PayingBank { id: BANK.to_owned(), cnaps: adapter.party.cnaps.clone() };
    month(3, 1, &[bank]).pop().expect("a payment").record
}

/// The message and the code that stands behind it.
fn parted(sealed: &[u8]) -> (&[u8], Vec<u8>) {
    let at = sealed.windows(MARK.len()).rposition(|window| window == MARK).expect("a seal");
    let (message, seal) = sealed.split_at(at);
    (message, data_encoding::BASE64.decode(seal.get(MARK.len()..).expect("digits")).expect("Base64"))
}

#[test]
fn what_the_adapter_seals_openssl_takes_and_the_reverse() {
    for case in &CASES {
        let sides = Sides::new(case);
        let (adapter, dir) = (&sides.adapter, sides.dir.path());
        let plan = adapter.operation(Operation::PaymentPay).expect("payments");
        let gateway = sides.settings("own.key", "bank.crt");
        let items = [payment(adapter)];
        let sent_at = "2022-03-15T01:30:00Z".parse().expect("a time");
        let (serial, business_date) = (adapter.full_width_serial(), date(2022, 3, 15));
        let outgoing =
            Outgoing { serial: &serial, sent_at, business_date, settings: &gateway, items: &items, original: None };
        let request = adapter.encode_request_message(plan, &outgoing).expect("a request");

        let (message, code) = parted(&request);
        sides.file("request", message);
        sides.file("request.sig", &code);
        let verify = ["dgst", case.digest, "-verify", "own.pub", "-signature", "request.sig"];
        let said = openssl(dir, &[&verify[..], case.options, &["request"]].concat());
        assert!(said.starts_with(b"Verified OK"), "{}", case.algorithm);
        // The bank has our public half and its own key.
        assert!(adapter.decode_request_message(plan, &request, &sides.settings("own.key", "bank.key")).is_ok());

        let [item] = &items;
        let expected = Expected {
            serial: &serial,
            item,
            item_number: 1,
            sent_at,
            business_date,
            original: None,
            settings: &sides.settings("own.key", "bank.key"),
        };
        let reply = Reply { bank_code: Some("7".to_owned()), ..Reply::new(Occurrence::Yes) };
        let sealed = adapter.encode_reply_message(plan, &reply, &expected).expect("a reply");
        let (message, _) = parted(&sealed);
        sides.file("reply", message);
        let sign = ["dgst", case.digest, "-sign", "bank.key"];
        let code = openssl(dir, &[&sign[..], case.options, &["reply"]].concat());
        let theirs = [message, MARK, data_encoding::BASE64.encode(&code).as_bytes()].concat();
        let expected = Expected { settings: &gateway, ..expected };
        let answered = adapter.decode_reply_message(plan, &theirs, &expected).expect("OpenSSL's seal");
        assert_eq!(answered.reply.occurrence, Occurrence::Yes);

        // Our own seal, a seal of another message, and an unsealed reply say nothing.
        let own = openssl(dir, &[&["dgst", case.digest, "-sign", "own.key"], case.options, &["reply"]].concat());
        let ours = [message, MARK, data_encoding::BASE64.encode(&own).as_bytes()].concat();
        let mut changed = theirs.clone();
        changed[message.len() / 2] ^= 1;
        for wrong in [ours.as_slice(), changed.as_slice(), message] {
            let refusal = adapter.decode_reply_message(plan, wrong, &expected).expect_err("no seal of the bank");
            assert_eq!(refusal.code, "seal", "{}", case.algorithm);
        }
    }
}

#[test]
fn a_bank_that_seals_with_a_pair_has_a_key_to_check_it_with() {
    let mut files = files("rsa-sha256");
    let text = files.get_mut("adapter.toml").expect("a file");
    *text = text.replace("\nbank_key = \"setting.bank_key\"", "").replace("bank_key = {", "# bank_key = {");
    let faults = Adapter::compile(BANK, &FileSet::of(files)).expect_err("no key to check with").to_string();
    assert!(faults.contains("payment.pay.toml") && faults.contains("seal-bank-key"), "{faults}");
}

#[test]
fn a_key_that_does_not_fit_is_refused_before_anything_is_sent() {
    let (sm2, rsa) = (Sides::new(&CASES[0]), Sides::new(&CASES[1]));
    for (sides, own, bank, wrong) in [
        (&sm2, sm2.read("own.pub"), sm2.read("bank.pub"), "seal_key"),
        (&sm2, sm2.read("own.key"), rsa.read("bank.pub"), "bank_key"),
        (&rsa, sm2.read("own.key"), rsa.read("bank.crt"), "seal_key"),
        (&rsa, rsa.read("own.key"), "no key".to_owned(), "bank_key"),
    ] {
        let demo = |name: &str| sides.adapter.settings.iter().find(|setting| setting.name == name)?.demo.clone();
        let supply = |name: &str| match name {
            "seal_key" => Some(own.clone()),
            "bank_key" => Some(bank.clone()),
            _ => demo(name),
        };
        let faults = sides.adapter.settings_from(supply).err().expect("a fault");
        assert_eq!(faults.iter().map(|(name, _)| name.as_str()).collect::<Vec<_>>(), [wrong]);
    }
}
