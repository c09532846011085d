//! `kuimen simulate`: one bank, made from its adapter, with a ledger of its own.

use std::sync::Arc;

use serde_json::json;
use tokio::signal::unix::{SignalKind, signal};

use super::arguments::{Faults, Shared, Simulate};
use super::{Exit, Screen, shelf};
use crate::lang::Phrase;
use crate::simulator::{Bank, FaultPlan, Options};
use crate::tls::{self, ServerFiles, Versions, dev::House};

/// Runs until SIGTERM or SIGINT. The first line on standard output is the address.
pub(crate) fn run(screen: &Screen, shared: &Shared, command: &Simulate) -> Exit {
    tls::install_provider();
    let shelved = match shelf::one(screen, shared.adapters.as_deref(), &command.bank) {
        Ok(shelved) => shelved,
        Err(exit) => return exit,
    };
    let failed = |exit: Exit, cause: String| {
        screen.fail(exit, "not-started", &Phrase::new("cli-serve-stopped").with("cause", cause))
    };
    let tls = match server_files(&House { dir: command.certs.clone() }, &command.bank).load() {
        Ok(tls) => tls,
        Err(error) => return failed(Exit::NoInput, error.to_string()),
    };
    let runtime = match tokio::runtime::Builder::new_multi_thread().enable_all().build() {
        Ok(runtime) => runtime,
        Err(error) => return failed(Exit::Software, error.to_string()),
    };
    runtime.block_on(async {
        let settings = shelved.adapter.demo_settings();
        let options = Options {
            listen: command.listen,
            seed: command.seed,
            faults: plan(command.faults),
            refuses_duplicates: command.refuse_duplicates,
            ..Options::new(command.data_dir.clone(), Arc::clone(&tls.config))
        };
        let bank = match Bank::start(Arc::clone(&shelved.adapter), settings, options).await {
            Ok(bank) => bank,
            Err(error) => return failed(Exit::Unavailable, error.to_string()),
        };
        let address = bank.address;
        screen.result(|_| format!("listening {address}"), || json!({ "listening": address.to_string() }));
        let (Ok(mut terminate), Ok(mut interrupt)) = (signal(SignalKind::terminate()), signal(SignalKind::interrupt()))
        else {
            return Exit::Software;
        };
        tokio::select! {
            _ = terminate.recv() => {}
            _ = interrupt.recv() => {}
        }
        bank.stop().await;
        Exit::Ok
    })
}

/// How often each fault strikes.
pub(crate) fn plan(faults: Faults) -> FaultPlan {
    match faults {
        Faults::None => FaultPlan::none(),
        Faults::Some => FaultPlan::some(),
        Faults::Many => FaultPlan::many(),
    }
}

/// The files of a simulated bank in a development house.
pub(crate) fn server_files(house: &House, bank: &str) -> ServerFiles {
    let (certificate, key) = house.leaf(bank);
    ServerFiles { certificate, key, client_ca: house.ca(), client_crl: None, versions: Versions::Tls13, alpn: &[] }
}
