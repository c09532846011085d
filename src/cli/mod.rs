//! The command line: one file per command, and what all of them share: language, output, exit codes.
//!
//! Commands print their result on standard output and everything else on standard error. Deliberately absent: any
//! business logic; a command calls the library and shows what came back.

mod adapter;
mod arguments;
mod certs;
mod config;
mod demo;
mod exit;
mod explain;
mod export;
mod input;
mod report;
pub mod running;
mod schema;
mod screen;
mod serve;
mod shelf;
mod simulate;
mod translate;
mod verify;

use std::ffi::OsString;

pub use arguments::{Arguments, Command};
pub use exit::Exit;
pub use screen::Screen;

use crate::lang::Lang;

/// Reads the command line and runs it.
pub fn run(words: Vec<OsString>) -> Exit {
    let lang = arguments::language(&words);
    arguments::speak(lang);
    let arguments = match arguments::read(&words) {
        Ok(arguments) => arguments,
        Err(error) => return arguments::explain_error(&error, lang),
    };
    let screen = Screen::new(lang, arguments.json);
    match arguments.command {
        Command::Demo(command) => demo::run(&screen, &arguments.shared, &command),
        Command::Serve(command) => serve::run(&screen, &command),
        Command::Translate(command) => translate::run(&screen, &arguments.shared, &command),
        Command::Explain(command) => explain::run(&screen, &arguments.shared, &command),
        Command::Adapter(command) => adapter::run(&screen, &arguments.shared, &command),
        Command::Simulate(command) => simulate::run(&screen, &arguments.shared, &command),
        Command::Verify(command) => verify::run(&screen, &command),
        Command::Export(command) => export::run(&screen, &command),
        Command::Report(command) => report::run(&screen, &command),
        Command::Certs(command) => certs::run(&screen, &command),
        Command::Config(command) => config::run(&screen, &command),
        Command::Schema(command) => schema::run(&screen, &command),
    }
}

/// The language chosen on the command line, else the environment's.
pub fn language(chosen: Option<&str>) -> Lang {
    chosen.and_then(Lang::from_tag).unwrap_or_else(Lang::from_environment)
}
