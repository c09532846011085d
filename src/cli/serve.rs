//! `kuimen serve`: the gateway. Needs no terminal; ends in order on SIGTERM or SIGINT.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use secrecy::ExposeSecret as _;
use serde_json::json;
use tokio::signal::unix::{SignalKind, signal};
use tokio_util::sync::CancellationToken;

use super::arguments::Serve;
use super::running::{BankParts, CallsParts, Parts, Running, StartError};
use super::shelf::Shelved;
use super::{Exit, Screen, shelf};
use crate::config::{Bank, Config, Faults};
use crate::journal::{Keys, OpenError};
use crate::lang::Phrase;
use crate::telemetry;
use crate::tls::{self, Live, POLL, Parties};

/// How often a running gateway looks whether its journal still takes writes.
const HEALTH: Duration = Duration::from_millis(500);

/// Runs until told to stop. Exit 78 with every fault of the configuration, 69 if the directory or the address is taken,
/// 74 if storage fails.
pub(crate) fn run(screen: &Screen, command: &Serve) -> Exit {
    tls::install_provider();
    let config = match Config::load(&command.config) {
        Ok(config) => config,
        Err(faults) => return show(screen, &faults),
    };
    telemetry::start(config.logging.json, &config.logging.filter);
    let banks = match banks(screen, &config) {
        Ok(banks) => banks,
        Err(exit) => return exit,
    };
    let keys = match keys(screen, &config.key) {
        Ok(keys) => keys,
        Err(exit) => return exit,
    };
    let runtime = match tokio::runtime::Builder::new_multi_thread().enable_all().build() {
        Ok(runtime) => runtime,
        Err(error) => return stopped(screen, Exit::Software, error),
    };
    runtime.block_on(serve(screen, config, banks, keys))
}

/// Shows every fault of a configuration.
pub(crate) fn show(screen: &Screen, faults: &Faults) -> Exit {
    screen.result(|lang| faults.render(lang), || json!({ "faults": faults.json(screen.lang()) }));
    Exit::Config
}

/// Each configured bank with its adapter; refuses what is invented, and an algorithm that is broken, unless the
/// configuration allows it.
pub(crate) fn banks(screen: &Screen, config: &Config) -> Result<BTreeMap<String, Shelved>, Exit> {
    let mut shelf = shelf::all(screen, Some(&config.adapters))?;
    let mut found = BTreeMap::new();
    for (id, bank) in &config.banks {
        let Some(shelved) = shelf.remove(id) else {
            let phrase = Phrase::new("cli-no-such-adapter")
                .with("adapter", id)
                .with("known", shelf.keys().cloned().collect::<Vec<_>>().join(", "));
            return Err(screen.fail(Exit::Config, "no-such-adapter", &phrase));
        };
        let wanted = shelved.adapter.settings.iter().map(|setting| (setting.name.as_str(), setting.secret));
        config.check_settings(id, wanted).map_err(|faults| show(screen, &faults))?;
        if let Some(invented) = shelved.adapter.invented.first().filter(|_| !config.allow_invented) {
            let phrase = Phrase::new("cli-serve-invented")
                .with("bank", id)
                .with("file", &invented.file)
                .with("line", invented.line)
                .with("what", &invented.what);
            return Err(screen.fail(Exit::Config, "invented", &phrase));
        }
        let weak = shelved.adapter.legacy().find(|algorithm| !bank.legacy.iter().any(|name| name == algorithm.name()));
        if let Some(algorithm) = weak {
            let phrase = Phrase::new("cli-serve-legacy").with("bank", id).with("algorithm", algorithm.name());
            return Err(screen.fail(Exit::Config, "legacy", &phrase));
        }
        found.insert(id.clone(), shelved);
    }
    Ok(found)
}

/// The installation's keys; made at the first start, because nothing can have been sealed with them yet.
fn keys(screen: &Screen, path: &Path) -> Result<Arc<Keys>, Exit> {
    let keys = if path.exists() { Keys::load_private(path) } else { Keys::create(path) };
    keys.map(Arc::new).map_err(|error| {
        let phrase = Phrase::new("cli-input-unreadable").with("file", path.display()).with("cause", error);
        screen.fail(Exit::Config, "key-file", &phrase)
    })
}

async fn serve(screen: &Screen, config: Config, shelved: BTreeMap<String, Shelved>, keys: Arc<Keys>) -> Exit {
    let stop = CancellationToken::new();
    let mut banks = Vec::new();
    for (id, Shelved { adapter, files }) in shelved {
        let Some(bank) = config.banks.get(&id) else { continue };
        match bank_parts(bank, Shelved { adapter, files }, &stop) {
            Ok(parts) => banks.push(parts),
            Err(Refused::Tls(error)) => return stopped(screen, Exit::Config, error),
            Err(Refused::Setting(name)) => {
                let phrase = Phrase::new("cli-serve-setting").with("bank", &id).with("name", name);
                return screen.fail(Exit::Config, "setting", &phrase);
            }
        }
    }
    let server = config.server.clone();
    let tls = match Live::open(server.paths(), move || server.load()) {
        Ok(tls) => tls,
        Err(error) => return stopped(screen, Exit::Config, error),
    };
    let parts = Parts {
        data_dir: config.data.clone(),
        keys,
        listen: config.listen,
        tls,
        parties: Parties::new(config.parties.clone()),
        limits: config.limits,
        banks,
        county: config.county.clone(),
        clock: config.clock,
        simulation: config.allow_invented,
    };
    let running = match Running::start(parts).await {
        Ok(running) => running,
        Err(error) => {
            let exit = match &error {
                StartError::Journal(OpenError::Damaged(_) | OpenError::Database(_) | OpenError::Io(_)) => Exit::Io,
                StartError::Journal(OpenError::Simulation) | StartError::Transport(_) => Exit::Config,
                StartError::Journal(_) | StartError::Io(_) => Exit::Unavailable,
            };
            return stopped(screen, exit, error);
        }
    };
    let up = Phrase::new("cli-serve-up").with("address", running.address);
    screen.result(|lang| up.text(lang), || json!({ "listening": running.address.to_string() }));
    let exit = until_told(&running).await;
    stop.cancel();
    let clean = running.stop().await;
    if exit == Exit::Ok && !clean { Exit::Unavailable } else { exit }
}

/// Waits for a signal, or for storage to fail: then nothing more is accepted and the process has to end.
async fn until_told(running: &Running) -> Exit {
    let (Ok(mut terminate), Ok(mut interrupt)) = (signal(SignalKind::terminate()), signal(SignalKind::interrupt()))
    else {
        return Exit::Software;
    };
    loop {
        tokio::select! {
            _ = terminate.recv() => return Exit::Ok,
            _ = interrupt.recv() => return Exit::Ok,
            () = tokio::time::sleep(HEALTH) => {
                if let Some(cause) = running.gateway.journal().failure() {
                    tracing::error!(cause, "storage has failed");
                    return Exit::Io;
                }
            }
        }
    }
}

enum Refused {
    Tls(tls::TlsError),
    Setting(String),
}

fn bank_parts(bank: &Bank, shelved: Shelved, stop: &CancellationToken) -> Result<BankParts, Refused> {
    let Shelved { adapter, files } = shelved;
    let supply = |name: &str| bank.settings.get(name).map(|setting| setting.value.expose_secret().to_owned());
    let settings = adapter
        .settings_from(supply)
        .map_err(|wrong| Refused::Setting(wrong.into_iter().map(|(name, _)| name).next().unwrap_or_default()))?;
    let answer = Duration::from_secs(adapter.delivery.answer_seconds);
    let (target, certificates) =
        bank.target(!adapter.wire.one_request, adapter.wire.max, answer).map_err(Refused::Tls)?;
    if let Some(live) = certificates {
        tokio::spawn(live.watch(adapter.id.clone(), POLL, stop.clone()));
    }
    let calls = match &bank.calls {
        None => None,
        Some(calls) => {
            let files = calls.files.clone();
            let tls = Live::open(files.paths(), move || files.load()).map_err(Refused::Tls)?;
            Some(CallsParts { listen: calls.address, tls, caller: calls.san.clone() })
        }
    };
    Ok(BankParts { adapter, files, settings, target, cut_over: bank.cut_over, calls })
}

fn stopped(screen: &Screen, exit: Exit, cause: impl std::fmt::Display) -> Exit {
    screen.fail(exit, "not-started", &Phrase::new("cli-serve-stopped").with("cause", cause))
}
