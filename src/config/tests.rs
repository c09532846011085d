use secrecy::ExposeSecret;

use super::*;
use crate::lang::Lang;

const MINIMAL: &str = r#"
[data]
directory = "data"
key = "kuimen.key"
[adapters]
directory = "adapters"
[listen]
address = "127.0.0.1:0"
certificate = "gateway.pem"
key = "gateway.key"
client_ca = "ca.pem"
[[party]]
id = "agency"
san = "dns:agency.test"
banks = ["*"]
operations = ["*"]
[bank.b1]
address = "127.0.0.1:1"
security = "front-end"
"#;

fn parse(text: &str) -> Result<Config, Faults> {
    Config::parse(Path::new("/etc/k/kuimen.toml"), text)
}

/// The faults of a text as (line, column, key).
fn faults(text: &str) -> Vec<(usize, usize, &'static str)> {
    let list = parse(text).expect_err("a fault is expected").list;
    list.iter().map(|fault| (fault.line, fault.column, fault.rule.key())).collect()
}

#[test]
fn the_example_is_whole() {
    // The one secret of the example comes from a file here, since a test cannot set a variable for one thread.
    let dir = tempfile::tempdir().unwrap();
    std::fs::write(dir.path().join("secret"), "s3cret\n").unwrap();
    let text = include_str!("../../docs/kuimen.example.toml")
        .replace(r#"{ env = "KUIMEN_FIRST_BANK_PASSWORD" }"#, r#"{ file = "secret" }"#);
    let config = Config::parse(&dir.path().join("kuimen.toml"), &text).map_err(|it| it.render(Lang::En)).unwrap();
    assert_eq!(config.listen.port(), 8443);
    assert_eq!(config.server.certificate, dir.path().join("tls/gateway.pem"));
    assert_eq!(config.data, Path::new("/var/lib/kuimen"));
    assert_eq!(config.parties.len(), 2);
    assert!(config.parties[1].may_reach("first-bank") && !config.parties[1].may_ask("payment.pay"));
    let bank = &config.banks["first-bank"];
    assert_eq!((bank.cut_over.hour(), bank.cut_over.minute()), (23, 30));
    assert_eq!(config.banks["second-bank"].cut_over, Time::midnight());
    assert_eq!(bank.settings["password"].value.expose_secret(), "s3cret");
    assert_eq!(config.banks["second-bank"].server_name, "127.0.0.1");
    // Every value of the example that has a standard is that standard, so that it documents them.
    let (limits, standard) = (config.limits, Limits::default());
    assert_eq!(format!("{limits:?}"), format!("{standard:?}"));
    assert_eq!(bank.breaker, crate::link::BreakerRule::default());
    assert_eq!(format!("{:?}", bank.deadlines), format!("{:?}", crate::link::Deadlines::default()));
    let shown = format!("{config:?}");
    assert!(!shown.contains("s3cret\")") && !shown.contains("SecretString(\"s3cret"), "secrets are not printed");
}

#[test]
fn a_short_file_is_enough() {
    let config = parse(MINIMAL).map_err(|it| it.render(Lang::En)).unwrap();
    assert_eq!(config.data, Path::new("/etc/k/data"));
    assert_eq!(config.clock.factor().get(), 1);
    assert!(!config.allow_invented);
    assert_eq!(config.logging, Logging { json: false, filter: "info".into() });
}

#[test]
fn a_legacy_algorithm_is_allowed_by_its_name_only() {
    let with = |line: &str| format!("{MINIMAL}{line}\n");
    assert!(parse(MINIMAL).map_err(|it| it.render(Lang::En)).unwrap().banks["b1"].legacy.is_empty());
    let config = parse(&with(r#"legacy = ["des-cbc-mac"]"#)).map_err(|it| it.render(Lang::En)).unwrap();
    assert_eq!(config.banks["b1"].legacy, ["des-cbc-mac"]);
    // What is not broken needs no word, and what is unknown is a slip.
    for name in ["stand-in-hmac-sha256", "des"] {
        let line = MINIMAL.lines().count() + 1;
        assert_eq!(faults(&with(&format!("legacy = [{name:?}]"))), [(line, 11, "front-config-legacy")]);
    }
}

#[test]
fn all_faults_are_told_at_once_with_their_places() {
    let text = r#"colour = "red"
clock_factor = 60
[data]
directory = "data"
key = "data/key"
[adapters]
directory = 7
[listen]
address = "8443"
certificate = "c"
key = "k"
client_ca = ""
tls12 = "no"
[listen.limits]
connections = 0
[logging]
format = "xml"
[[party]]
id = "a"
san = "agency"
banks = ["b1", "b9"]
operations = ["pay"]
[[party]]
id = "a"
san = "dns:*.test"
banks = []
[bank.b1]
address = "bank.test:80"
security = "front-end"
[bank.b2]
address = "bank.test"
security = "mutual"
[bank.b3]
address = "x:1"
security = "none"
server_ca = "ca"
[bank.B4]
address = "x:1"
"#;
    assert_eq!(
        faults(text),
        [
            (1, 1, "front-config-unknown-key"),
            (2, 16, "front-config-clock-factor"),
            (3, 1, "front-config-key-inside"),
            (7, 13, "front-config-not-text"),
            (9, 11, "front-config-address"),
            (12, 13, "front-config-empty"),
            (13, 9, "front-config-not-flag"),
            (15, 15, "front-config-number-range"),
            (17, 10, "front-config-log-format"),
            (20, 7, "front-config-san"),
            (21, 16, "front-config-party-bank"),
            (22, 15, "front-config-party-operation"),
            (23, 1, "front-config-missing"),
            (24, 6, "front-config-party-twice"),
            (25, 7, "front-config-san"),
            (26, 9, "front-config-empty"),
            (29, 12, "front-config-front-end"),
            (30, 1, "front-config-missing"),
            (30, 1, "front-config-missing"),
            (30, 1, "front-config-missing"),
            (31, 11, "front-config-host-port"),
            (35, 12, "front-config-security"),
            (37, 7, "front-config-bank-id"),
        ]
    );
}

#[test]
fn every_syntax_fault_is_told() {
    let found = faults("a = \nb = 1\nc = = 2\n");
    assert_eq!(found.iter().map(|(line, _, key)| (*line, *key)).collect::<Vec<_>>()[0], (1, "front-config-toml"));
    assert!(found.len() >= 2 && found.iter().any(|(line, _, _)| *line == 3), "{found:?}");
}

#[test]
fn a_fault_is_shown_with_a_pointer_in_both_languages() {
    let text = MINIMAL.replace("127.0.0.1:0", "nowhere");
    let faults = parse(&text).unwrap_err();
    let english = faults.render(Lang::En);
    assert!(english.contains("kuimen.toml:8:11]") && english.contains(r#"address = "nowhere""#), "{english}");
    assert!(
        english.contains("an address and a port are wanted") && english.contains("·           ─────────\n"),
        "{english}"
    );
    assert!(faults.render(Lang::Zh).contains("应为地址和端口"));
    let json = faults.json(Lang::En);
    assert_eq!((json[0]["line"].as_u64(), json[0]["column"].as_u64()), (Some(8), Some(11)));
}

#[test]
fn two_parties_cannot_share_a_certificate() {
    let party = |id: &str, issuer: &str| {
        format!("[[party]]\nid = \"{id}\"\nsan = \"dns:AGENCY.test\"\n{issuer}banks = [\"*\"]\noperations = [\"*\"]\n")
    };
    let with = |issuer: &str| format!("{MINIMAL}{}", party("second", issuer));
    assert_eq!(faults(&with(""))[0].2, "front-config-san-twice");
    let pinned = |digit: char| format!("issuer = \"{}\"\n", digit.to_string().repeat(64));
    assert_eq!(faults(&with(&pinned('a')))[0].2, "front-config-san-twice", "the first one takes any authority");
    let first = MINIMAL.replace("banks", &format!("{}banks", pinned('b')));
    assert!(parse(&format!("{first}{}", party("second", &pinned('a')))).is_ok());
    assert!(faults(&with("issuer = \"ab\"\n")).iter().any(|(_, _, key)| *key == "front-config-issuer"));
}

#[test]
fn settings_are_held_against_the_adapter_and_secrets_stay_out_of_sight() {
    let text = format!("{MINIMAL}[bank.b1.settings]\nopen = \"380000\"\nsecret = \"hunter22\"\nextra = \"x9x9\"\n",);
    let config = parse(&text).unwrap();
    let faults = config.check_settings("b1", [("open", false), ("secret", true), ("gone", false)]).unwrap_err();
    let keys: Vec<_> = faults.list.iter().map(|fault| (fault.line, fault.rule.key())).collect();
    assert_eq!(
        keys,
        [
            (17, "front-config-setting-missing"),
            (22, "front-config-setting-inline"),
            (23, "front-config-setting-unknown")
        ]
    );
    for shown in [faults.render(Lang::En), faults.render(Lang::Zh), format!("{:?}", config.banks)] {
        assert!(!shown.contains("hunter22") && !shown.contains("x9x9"), "{shown}");
    }
    assert!(config.check_settings("b1", [("open", false), ("secret", false), ("extra", false)]).is_ok());
}

#[test]
fn settings_come_from_files_and_the_environment() {
    let dir = tempfile::tempdir().unwrap();
    std::fs::write(dir.path().join("s"), " two words \r\n").unwrap();
    let with = |setting: &str| {
        let text = format!("{MINIMAL}[bank.b1.settings]\nx = {setting}\n");
        Config::parse(&dir.path().join("kuimen.toml"), &text)
    };
    let value = |setting: &str| with(setting).unwrap().banks["b1"].settings["x"].value.expose_secret().to_owned();
    assert_eq!(value(r#"{ file = "s" }"#), " two words ");
    assert_eq!(value(r#"{ env = "PATH" }"#), std::env::var("PATH").unwrap());
    let key = |setting: &str| with(setting).unwrap_err().list[0].rule.key();
    assert_eq!(key(r#"{ file = "none" }"#), "front-config-secret-file");
    assert_eq!(key(r#"{ env = "KUIMEN_NO_SUCH_VARIABLE" }"#), "front-config-secret-env");
    assert_eq!(key(r#"{ file = "s", env = "PATH" }"#), "front-config-setting-form");
    assert_eq!(key("{ }"), "front-config-setting-form");
    assert_eq!(key("7"), "front-config-setting-form");
}

#[test]
fn a_missing_file_is_a_fault_too() {
    let faults = Config::load(Path::new("/no/such/kuimen.toml")).unwrap_err();
    assert_eq!(faults.list[0].rule.key(), "front-config-file");
    assert!(faults.render(Lang::En).contains("/no/such/kuimen.toml"));
}
