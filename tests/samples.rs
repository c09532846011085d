//! The samples beside the adapters: assembled anew by an independent script, the same to the byte as what is committed, and
//! translated both ways.

#![expect(
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a sample that cannot be read must fail the test, in helpers too"
)]

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::Arc;

use kuimen::adapter::plan::{Adapter, OperationPlan};
use kuimen::adapter::runtime::{Expected, Original, Ours, Outgoing, Refusal, Settings, Wire};
use kuimen::message::context::Context;
use kuimen::message::{Field, Operation, Record, Reply, north};

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

#[test]
fn the_committed_samples_are_what_the_independent_script_assembles() {
    let script = root().join("tests/samples/assemble.py");
    let run = Command::new("python3").arg("-B").arg(script).arg("--check").output();
    let run = run.expect("python3 is needed to assemble the samples");
    assert!(run.status.success(), "{}{}", String::from_utf8_lossy(&run.stdout), String::from_utf8_lossy(&run.stderr));
    let said = String::from_utf8(run.stdout).expect("text");
    let compared: usize = said.split(' ').next().and_then(|count| count.parse().ok()).expect("a count of files");
    assert!(compared > 500, "only {compared} files were compared");
}

/// One case: its files, and what is needed to translate them.
struct Case {
    /// `bank/operation/case`.
    name: String,
    adapter: Arc<Adapter>,
    operation: Operation,
    files: BTreeMap<String, Vec<u8>>,
    context: Context,
    settings: Settings,
}

impl Case {
    fn plan(&self) -> &OperationPlan {
        self.adapter.operation(self.operation).expect("an operation that the adapter has")
    }

    fn file(&self, name: &str) -> Option<&[u8]> {
        self.files.get(name).map(Vec::as_slice)
    }

    fn record(&self) -> Option<Record<'_>> {
        let body = self.file("request.json")?;
        Some(north::decode(self.operation, body).unwrap_or_else(|problems| panic!("{}: {problems:?}", self.name)))
    }

    fn original(&self) -> Option<Original<'_>> {
        let original = self.context.original.as_ref()?;
        Some(Original {
            serial: original.serial.as_deref().expect("original.serial"),
            sent_at: original.sent_at.expect("original.sent_at"),
            business_date: original.business_date.expect("original.business_date"),
            bank_serial: original.bank_serial.as_deref(),
        })
    }

    fn outgoing<'a>(&'a self, items: &'a [Record<'a>]) -> Outgoing<'a> {
        Outgoing {
            serial: self.context.serial.as_deref().expect("serial"),
            sent_at: self.context.sent_at.expect("sent_at"),
            business_date: self.context.business_date.expect("business_date"),
            settings: &self.settings,
            items,
            original: self.original(),
        }
    }

    fn read_reply(&self, bytes: &[u8], item: &Record<'_>) -> Result<Reply, Refusal> {
        let answered = self.adapter.decode_reply(self.plan(), bytes, &self.expected(item))?;
        Ok(answered.reply)
    }

    fn expected<'a>(&'a self, item: &'a Record<'a>) -> Expected<'a> {
        let outgoing = self.outgoing(&[]);
        Expected {
            serial: outgoing.serial,
            item,
            item_number: 1,
            sent_at: outgoing.sent_at,
            business_date: outgoing.business_date,
            original: self.original(),
            settings: &self.settings,
        }
    }

    fn wire(&self, body: &[u8]) -> Wire {
        Wire { target: self.file("request.target").map(<[u8]>::to_vec), body: body.to_vec() }
    }

    /// What a bad case must be refused with: the message, and the problem.
    fn problem(&self) -> Option<(String, serde_json::Value)> {
        let problem: serde_json::Value = serde_json::from_slice(self.file("problem.json")?).expect("problem.json");
        Some((problem["message"].as_str().expect("message").to_owned(), problem))
    }
}

fn folders(parent: &Path) -> Vec<PathBuf> {
    let mut folders: Vec<PathBuf> = fs::read_dir(parent)
        .unwrap_or_else(|error| panic!("{}: {error}", parent.display()))
        .map(|entry| entry.expect("an entry").path())
        .filter(|path| path.is_dir())
        .collect();
    folders.sort();
    folders
}

fn last(path: &Path) -> String {
    path.file_name().expect("a name").to_string_lossy().into_owned()
}

fn cases() -> Vec<Case> {
    let mut cases = Vec::new();
    let adapters = Adapter::load_all(&root().join("adapters")).unwrap_or_else(|faults| panic!("{:#?}", faults.faults));
    for (bank, adapter) in adapters {
        for operation in folders(&root().join("adapters").join(&bank).join("samples")) {
            for folder in folders(&operation) {
                let files: BTreeMap<String, Vec<u8>> = fs::read_dir(&folder)
                    .expect("a folder")
                    .map(|entry| entry.expect("an entry").path())
                    .map(|path| (last(&path), fs::read(&path).expect("a file")))
                    .collect();
                let context = Context::decode(&files["context.json"]).expect("context.json");
                let settings = adapter.settings_from(|name| context.settings.get(name).cloned());
                cases.push(Case {
                    name: format!("{bank}/{}/{}", last(&operation), last(&folder)),
                    adapter: Arc::clone(&adapter),
                    operation: Operation::from_name(&last(&operation)).expect("an operation"),
                    settings: settings.unwrap_or_else(|missing| panic!("{bank}: {missing:?}")),
                    files,
                    context,
                });
            }
        }
    }
    cases
}

#[test]
fn requests_are_written_to_the_byte() {
    let mut compared = 0;
    for case in cases() {
        let (Some(item), Some(shown)) = (case.record(), case.file("request.wire")) else { continue };
        let items = [item];
        let wire = case.adapter.encode_request(case.plan(), &case.outgoing(&items));
        let wire = wire.unwrap_or_else(|refusal| panic!("{}: {refusal:?}", case.name));
        assert_eq!(String::from_utf8_lossy(&wire.body), String::from_utf8_lossy(shown), "{}", case.name);
        assert_eq!(wire, case.wire(shown), "{}", case.name);
        compared += 1;
    }
    assert!(compared > 60, "only {compared}");
}

#[test]
fn requests_are_read_back_without_what_the_dialect_has_no_place_for() {
    for case in cases() {
        let (Some(item), Some(shown)) = (case.record(), case.file("request.wire")) else { continue };
        let wire = case.wire(shown);
        let read = case.adapter.decode_request(case.plan(), &wire, &case.settings);
        let read = read.unwrap_or_else(|refusal| panic!("{}: {refusal:?}", case.name));
        assert_eq!(read.serial.as_deref(), case.context.serial.as_deref(), "{}", case.name);
        let original = case.context.original.as_ref().and_then(|original| original.serial.as_deref());
        assert_eq!(read.original_serial.as_deref(), original, "{}", case.name);
        let [found] = read.items.as_slice() else { panic!("{}: {} payments", case.name, read.items.len()) };
        for field in Field::ALL {
            let absent = case.plan().absent.iter().any(|(absent, _)| *absent == field);
            // A query says what it must say of the payment, and what else it says is true.
            let asked = case.operation == Operation::PaymentQuery;
            let carried = !absent && (!asked || case.operation.requires(field) || found.get(field).is_some());
            assert_eq!(found.get(field), item.get(field).filter(|_| carried), "{}: {}", case.name, field.name());
        }
    }
}

#[test]
fn replies_mean_what_the_facts_say() {
    let mut compared = 0;
    for case in cases() {
        let (Some(item), Some(json)) = (case.record(), case.file("reply.json")) else { continue };
        let wanted = Reply::decode(json).unwrap_or_else(|problems| panic!("{}: {problems:?}", case.name));
        for file in ["reply.wire", "reply.also.wire"] {
            let Some(shown) = case.file(file) else { continue };
            let read = case.read_reply(shown, &item);
            let read = read.unwrap_or_else(|refusal| panic!("{}/{file}: {refusal:?}", case.name));
            assert_eq!(read.encode(), wanted.encode(), "{}/{file}", case.name);
            compared += 1;
        }
    }
    assert!(compared > 60, "only {compared}");
}

#[test]
fn replies_are_written_to_the_byte() {
    for case in cases() {
        let (Some(item), Some(json), Some(shown)) = (case.record(), case.file("reply.json"), case.file("reply.wire"))
        else {
            continue;
        };
        let reply = Reply::decode(json).expect("reply.json");
        let bytes = case.adapter.encode_reply(case.plan(), &reply, &case.expected(&item));
        let bytes = bytes.unwrap_or_else(|refusal| panic!("{}: {refusal:?}", case.name));
        assert_eq!(String::from_utf8_lossy(&bytes), String::from_utf8_lossy(shown), "{}", case.name);
        assert_eq!(bytes, shown, "{}", case.name);
    }
}

#[test]
fn bad_messages_are_refused_as_told() {
    let mut wrong = Vec::new();
    let mut refused = 0;
    for case in cases() {
        let Some((message, problem)) = case.problem() else { continue };
        let refusal = match (message.as_str(), case.file("request.wire"), case.file("reply.wire")) {
            ("request", Some(wire), _) => {
                case.adapter.decode_request(case.plan(), &case.wire(wire), &case.settings).err()
            }
            ("request", None, _) => {
                let items = [case.record().expect("request.json")];
                case.adapter.encode_request(case.plan(), &case.outgoing(&items)).err()
            }
            ("reply", _, Some(wire)) => case.read_reply(wire, &case.record().expect("request.json")).err(),
            other => panic!("{}: {other:?}", case.name),
        };
        let Some(refusal) = refusal else {
            wrong.push(format!("{}: not refused", case.name));
            continue;
        };
        refused += 1;
        let told = |key: &str, is: serde_json::Value| problem.get(key).is_none_or(|wanted| *wanted == is);
        let right = told("code", refusal.code.into())
            && told("field", refusal.field.clone().into())
            && told("at", refusal.at.into());
        if !right {
            wrong.push(format!("{}: {problem} but {refusal:?}", case.name));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert!(refused > 30, "only {refused}");
}

#[test]
fn an_answer_about_another_message_or_amount_is_noticed() {
    for case in cases() {
        let (Some(item), Some(shown), Some(_)) = (case.record(), case.file("reply.wire"), case.file("reply.json"))
        else {
            continue;
        };
        let answered = case.adapter.decode_reply(case.plan(), shown, &case.expected(&item));
        let ours = answered.unwrap_or_else(|refusal| panic!("{}: {refusal:?}", case.name)).correlation;
        let wanted = match case.name.rsplit('/').next() {
            Some("unknown-another-serial") => Ours::No("serial".to_owned()),
            Some("unknown-another-amount") => Ours::Differs("amount".to_owned()),
            Some(_) | None => Ours::Yes,
        };
        assert_eq!(ours, wanted, "{}", case.name);
    }
}

#[test]
fn no_prefix_of_a_message_is_a_message() {
    for case in cases() {
        let Some(item) = case.record().filter(|_| case.file("problem.json").is_none()) else { continue };
        let request = case.file("request.wire").unwrap_or_default();
        for length in 0..request.len() {
            let cut = case.wire(&request[..length]);
            let read = case.adapter.decode_request(case.plan(), &cut, &case.settings);
            assert!(read.is_err(), "{}: {length} bytes of the request", case.name);
        }
        let reply = case.file("reply.wire").unwrap_or_default();
        for length in 0..reply.len() {
            assert!(case.read_reply(&reply[..length], &item).is_err(), "{}: {length} bytes of the reply", case.name);
        }
    }
}
