//! The words of the command line. Help texts come from the catalogue, so that `--help` speaks the reader's language.

use std::ffi::OsString;
use std::path::PathBuf;
use std::sync::OnceLock;

use clap::builder::Styles;
use clap::error::{ContextKind, ErrorKind};
use clap::{ArgAction, Args, CommandFactory as _, FromArgMatches as _, Parser, Subcommand, ValueEnum};

use super::{Exit, language as chosen_language};
use crate::lang::{Lang, Phrase};

static SPOKEN: OnceLock<Lang> = OnceLock::new();

/// Sets the language of help texts; the first call decides.
pub(crate) fn speak(lang: Lang) {
    let _ = SPOKEN.set(lang);
}

fn say(phrase: Phrase) -> String {
    phrase.text(*SPOKEN.get().unwrap_or(&Lang::En))
}

/// The language, found before anything is parsed because help itself needs it.
pub(crate) fn language(words: &[OsString]) -> Lang {
    let mut chosen = None;
    let mut words = words.iter().filter_map(|word| word.to_str());
    while let Some(word) = words.next() {
        if word == "--lang" {
            chosen = words.next();
        } else if let Some(value) = word.strip_prefix("--lang=") {
            chosen = Some(value);
        }
    }
    chosen_language(chosen)
}

/// Reads the words of the command line.
///
/// # Errors
/// What the parser has to say: help, the version, or what is wrong; see [`explain_error`].
pub(crate) fn read(words: &[OsString]) -> Result<Arguments, clap::Error> {
    let matches = translated(Arguments::command()).try_get_matches_from(words)?;
    Arguments::from_arg_matches(&matches)
}

/// Gives every command the words around its arguments in the reader's language: the template with its headings, the
/// value that holds when nothing is said, and the values that can be chosen.
fn translated(command: clap::Command) -> clap::Command {
    command
        .help_template(say(Phrase::new("cli-help-template")))
        .subcommand_help_heading(say(Phrase::new("cli-help-commands")))
        .mut_args(|argument| {
            let heading = if argument.is_positional() {
                Phrase::new("cli-help-arguments")
            } else {
                Phrase::new("cli-help-options")
            };
            let argument = argument.help_heading(say(heading));
            if !argument.get_action().takes_values() {
                return argument;
            }
            let mut help = argument.get_help().map(ToString::to_string).unwrap_or_default();
            let chosen: Vec<String> =
                argument.get_possible_values().iter().map(|value| value.get_name().to_owned()).collect();
            if !chosen.is_empty() && !argument.is_hide_possible_values_set() {
                help.push_str(&say(Phrase::new("cli-help-values").with("values", chosen.join(", "))));
            }
            let default: Vec<_> = argument.get_default_values().iter().map(|value| value.to_string_lossy()).collect();
            if !default.is_empty() {
                help.push_str(&say(Phrase::new("cli-help-default").with("value", default.join(" "))));
            }
            argument.help(help).hide_default_value(true).hide_possible_values(true)
        })
        .mut_subcommands(translated)
}

/// Shows help, the version, or what is wrong with the command line.
pub(crate) fn explain_error(error: &clap::Error, lang: Lang) -> Exit {
    let kind = error.kind();
    let wanted = matches!(kind, ErrorKind::DisplayHelp | ErrorKind::DisplayVersion);
    let whole = wanted || kind == ErrorKind::DisplayHelpOnMissingArgumentOrSubcommand;
    if whole || lang == Lang::En {
        // A reader that has gone away is not an error of ours.
        let _ = error.print();
    } else {
        eprintln!("{}", usage(error, kind).text(lang));
    }
    if wanted { Exit::Ok } else { Exit::Usage }
}

/// What is wrong with the command line, for readers of another language than the parser's own.
fn usage(error: &clap::Error, kind: ErrorKind) -> Phrase {
    let named = |kind| error.get(kind).map(ToString::to_string).unwrap_or_default();
    let argument = named(ContextKind::InvalidArg);
    let value = named(ContextKind::InvalidValue);
    if kind == ErrorKind::UnknownArgument {
        Phrase::new("cli-usage-unknown-argument").with("argument", argument)
    } else if kind == ErrorKind::InvalidSubcommand {
        Phrase::new("cli-usage-unknown-command").with("command", named(ContextKind::InvalidSubcommand))
    } else if kind == ErrorKind::MissingRequiredArgument {
        Phrase::new("cli-usage-missing").with("argument", argument)
    } else if value.is_empty() {
        Phrase::new("cli-usage-other").with("argument", argument)
    } else {
        Phrase::new("cli-usage-value").with("argument", argument).with("value", value)
    }
}

/// The whole command line.
#[derive(Debug, Parser)]
#[command(
    name = "kuimen",
    version,
    about = say(Phrase::new("cli-about")),
    styles = Styles::plain(),
    disable_help_flag = true,
    disable_version_flag = true,
    disable_help_subcommand = true,
    after_help = say(Phrase::new("cli-exit-codes")),
)]
pub struct Arguments {
    /// The command.
    #[command(subcommand)]
    pub command: Command,
    /// One JSON value on standard output instead of words.
    #[arg(long, global = true, help = say(Phrase::new("cli-arg-json")))]
    pub json: bool,
    /// What every command that reads adapters shares.
    #[command(flatten)]
    pub shared: Shared,
    /// Language of everything a person reads.
    #[arg(long, global = true, value_name = "zh|en", value_parser = ["zh", "en"], hide_possible_values = true, help = say(Phrase::new("cli-arg-lang")))]
    pub lang: Option<String>,
    #[arg(short = 'h', long, global = true, action = ArgAction::Help, help = say(Phrase::new("cli-arg-help")))]
    help: Option<bool>,
    #[arg(short = 'V', long, action = ArgAction::Version, help = say(Phrase::new("cli-arg-version")))]
    version: Option<bool>,
}

/// What every command that reads adapters shares.
#[derive(Debug, Args)]
pub struct Shared {
    /// Folder of adapters instead of the built-in ones.
    #[arg(long, global = true, value_name = "DIR", help = say(Phrase::new("cli-arg-adapters")))]
    pub adapters: Option<PathBuf>,
}

/// Every command. The order is the order of the help text: what a newcomer runs first stands first.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// The whole county in one process.
    #[command(about = say(Phrase::new("cli-demo")))]
    Demo(Demo),
    /// The gateway.
    #[command(about = say(Phrase::new("cli-serve")))]
    Serve(Serve),
    /// One message from canonical to wire or back.
    #[command(about = say(Phrase::new("cli-translate")))]
    Translate(Translate),
    /// Every byte of a message.
    #[command(about = say(Phrase::new("cli-explain")))]
    Explain(Explain),
    /// Work on adapter folders.
    #[command(about = say(Phrase::new("cli-adapter")))]
    Adapter(Adapter),
    /// A bank made from its adapter.
    #[command(about = say(Phrase::new("cli-simulate")))]
    Simulate(Simulate),
    /// Prove a data directory.
    #[command(about = say(Phrase::new("cli-verify")))]
    Verify(Verify),
    /// A line per message.
    #[command(about = say(Phrase::new("cli-export")))]
    Export(Export),
    /// How far the county's plan has come.
    #[command(about = say(Phrase::new("cli-report")))]
    Report(Report),
    /// Certificates for development.
    #[command(about = say(Phrase::new("cli-certs")))]
    Certs(Certs),
    /// Look at a configuration without starting.
    #[command(about = say(Phrase::new("cli-config")))]
    Config(Config),
    /// JSON Schema and OpenAPI.
    #[command(about = say(Phrase::new("cli-schema")))]
    Schema(Schema),
}

/// `kuimen demo`
#[derive(Debug, Args)]
pub struct Demo {
    /// End by itself.
    #[arg(long, help = say(Phrase::new("cli-demo-once")))]
    pub once: bool,
    /// How many payments.
    #[arg(long, value_name = "N", default_value_t = 3_000, value_parser = clap::value_parser!(u32).range(1..=1_000_000), help = say(Phrase::new("cli-demo-payments")))]
    pub payments: u32,
    /// Seed of people, amounts and misbehaviour.
    #[arg(long, value_name = "S", default_value_t = 1, help = say(Phrase::new("cli-demo-seed")))]
    pub seed: u64,
    /// How much the banks misbehave.
    #[arg(long, value_enum, default_value_t = Faults::Some, help = say(Phrase::new("cli-demo-faults")))]
    pub faults: Faults,
    /// Where to keep everything; a fresh temporary folder if absent.
    #[arg(long, value_name = "D", help = say(Phrase::new("cli-demo-data-dir")))]
    pub data_dir: Option<PathBuf>,
    /// What to log on standard error.
    #[arg(long, value_name = "FILTER", default_value = "off", help = say(Phrase::new("cli-demo-log")))]
    pub log: String,
}

/// How much simulated banks misbehave.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Faults {
    /// Not at all.
    None,
    /// Now and then.
    Some,
    /// Most of the time something is wrong somewhere.
    Many,
}

/// `kuimen serve`
#[derive(Debug, Args)]
pub struct Serve {
    /// The configuration.
    #[arg(long, value_name = "FILE", help = say(Phrase::new("cli-serve-config")))]
    pub config: PathBuf,
}

/// Which message of an exchange.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Message {
    /// What is asked.
    Request,
    /// What is answered.
    Reply,
}

/// Which way to translate.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Form {
    /// The bank's bytes.
    Wire,
    /// Canonical JSON.
    Canonical,
}

/// `kuimen translate`
#[derive(Debug, Args)]
pub struct Translate {
    /// The bank.
    #[arg(long, value_name = "B", help = say(Phrase::new("cli-arg-bank")))]
    pub bank: String,
    /// The operation.
    #[arg(long, value_name = "OP", help = say(Phrase::new("cli-arg-operation")))]
    pub operation: String,
    /// Request or reply.
    #[arg(long, value_enum, default_value_t = Message::Request, help = say(Phrase::new("cli-arg-message")))]
    pub message: Message,
    /// Only the message body, without frame or form.
    #[arg(long, help = say(Phrase::new("cli-arg-body")))]
    pub body: bool,
    /// Serial, time and settings.
    #[arg(long, value_name = "FILE", help = say(Phrase::new("cli-arg-context")))]
    pub context: Option<PathBuf>,
    /// The form wanted.
    #[arg(long, value_enum, help = say(Phrase::new("cli-translate-to")))]
    pub to: Form,
    /// The message, or `-`.
    #[arg(value_name = "FILE", help = say(Phrase::new("cli-arg-file")))]
    pub file: PathBuf,
}

/// `kuimen explain`
#[derive(Debug, Args)]
pub struct Explain {
    /// The bank.
    #[arg(long, value_name = "B", help = say(Phrase::new("cli-arg-bank")))]
    pub bank: String,
    /// The operation.
    #[arg(long, value_name = "OP", default_value = "payment.pay", help = say(Phrase::new("cli-arg-operation")))]
    pub operation: String,
    /// Request or reply.
    #[arg(long, value_enum, default_value_t = Message::Request, help = say(Phrase::new("cli-arg-message")))]
    pub message: Message,
    /// Only the message body, without frame or form.
    #[arg(long, help = say(Phrase::new("cli-arg-body")))]
    pub body: bool,
    /// Serial, time and settings.
    #[arg(long, value_name = "FILE", help = say(Phrase::new("cli-arg-context")))]
    pub context: Option<PathBuf>,
    /// Show personal data.
    #[arg(long, help = say(Phrase::new("cli-explain-reveal")))]
    pub reveal: bool,
    /// The message, or `-`.
    #[arg(value_name = "FILE", help = say(Phrase::new("cli-arg-file")))]
    pub file: PathBuf,
}

/// `kuimen adapter …`
#[derive(Debug, Args)]
pub struct Adapter {
    /// What to do.
    #[command(subcommand)]
    pub action: AdapterAction,
}

/// What can be done with adapter folders.
#[derive(Debug, Subcommand)]
pub enum AdapterAction {
    /// Load, prove, try the samples.
    #[command(about = say(Phrase::new("cli-adapter-check")))]
    Check {
        /// Folders; all adapters if none is named.
        #[arg(value_name = "DIR", help = say(Phrase::new("cli-adapter-check-dir")))]
        dirs: Vec<PathBuf>,
    },
    /// The interface manual of a bank.
    #[command(about = say(Phrase::new("cli-adapter-manual")))]
    Manual {
        /// The folder, or the name of a built-in adapter.
        #[arg(value_name = "DIR|BANK", help = say(Phrase::new("cli-adapter-manual-dir")))]
        adapter: PathBuf,
        /// As HTML instead of Markdown.
        #[arg(long, help = say(Phrase::new("cli-adapter-manual-html")))]
        html: bool,
    },
    /// The whole checked plan as JSON.
    #[command(about = say(Phrase::new("cli-adapter-describe")))]
    Describe {
        /// The folder, or the name of a built-in adapter.
        #[arg(value_name = "DIR|BANK", help = say(Phrase::new("cli-adapter-manual-dir")))]
        adapter: PathBuf,
    },
    /// Which operation which bank carries.
    #[command(about = say(Phrase::new("cli-adapter-operations")))]
    Operations,
}

/// `kuimen simulate`
#[derive(Debug, Args)]
pub struct Simulate {
    /// The bank.
    #[arg(long, value_name = "B", help = say(Phrase::new("cli-arg-bank")))]
    pub bank: String,
    /// Address to listen on.
    #[arg(long, value_name = "ADDR", default_value = "127.0.0.1:0", help = say(Phrase::new("cli-simulate-listen")))]
    pub listen: std::net::SocketAddr,
    /// Where the ledger is kept.
    #[arg(long, value_name = "D", help = say(Phrase::new("cli-simulate-data-dir")))]
    pub data_dir: PathBuf,
    /// Folder of certificates as `certs dev` writes it.
    #[arg(long, value_name = "DIR", help = say(Phrase::new("cli-simulate-certs")))]
    pub certs: PathBuf,
    /// How much it misbehaves.
    #[arg(long, value_enum, default_value_t = Faults::None, help = say(Phrase::new("cli-demo-faults")))]
    pub faults: Faults,
    /// Seed of the misbehaviour.
    #[arg(long, value_name = "S", default_value_t = 1, help = say(Phrase::new("cli-demo-seed")))]
    pub seed: u64,
    /// Whether repeated serials are refused; the adapter's word if absent.
    #[arg(long, value_name = "true|false", help = say(Phrase::new("cli-simulate-duplicates")))]
    pub refuse_duplicates: Option<bool>,
}

/// `kuimen verify`
#[derive(Debug, Args)]
pub struct Verify {
    /// The data directory.
    #[arg(long, value_name = "D", help = say(Phrase::new("cli-arg-dir")))]
    pub dir: PathBuf,
    /// The key file.
    #[arg(long, value_name = "FILE", help = say(Phrase::new("cli-verify-key")))]
    pub key: Option<PathBuf>,
    /// Message ids that were acknowledged, one a line.
    #[arg(long, value_name = "FILE", help = say(Phrase::new("cli-verify-acked")))]
    pub acked: Option<PathBuf>,
    /// What banks saw: bank, business date, serial, SHA-256, separated by TAB.
    #[arg(long, value_name = "FILE", help = say(Phrase::new("cli-verify-sent")))]
    pub sent: Option<PathBuf>,
}

/// `kuimen export`
#[derive(Debug, Args)]
pub struct Export {
    /// The data directory.
    #[arg(long, value_name = "D", help = say(Phrase::new("cli-arg-dir")))]
    pub dir: PathBuf,
    /// The key file.
    #[arg(long, value_name = "FILE", help = say(Phrase::new("cli-verify-key")))]
    pub key: Option<PathBuf>,
    /// One JSON object a line.
    #[arg(long, help = say(Phrase::new("cli-export-ndjson")))]
    pub ndjson: bool,
}

/// `kuimen report …`
#[derive(Debug, Args)]
pub struct Report {
    /// Which.
    #[command(subcommand)]
    pub kind: ReportKind,
}

/// The reports.
#[derive(Debug, Subcommand)]
pub enum ReportKind {
    /// 推行进度
    #[command(about = say(Phrase::new("cli-report-rollout")))]
    Rollout(ReportOf),
    /// 首次换领核对表
    #[command(about = say(Phrase::new("cli-report-first-cards")))]
    FirstCards(ReportOf),
    /// 网点制卡情况
    #[command(about = say(Phrase::new("cli-report-outlets")))]
    Outlets(ReportOf),
    /// 引导激活名单
    #[command(about = say(Phrase::new("cli-report-activation")))]
    Activation(ReportOf),
}

/// What a report is made of, and where it goes.
#[derive(Debug, Args)]
pub struct ReportOf {
    /// The data directory.
    #[arg(long, value_name = "D", help = say(Phrase::new("cli-arg-dir")))]
    pub dir: PathBuf,
    /// The key file.
    #[arg(long, value_name = "FILE", help = say(Phrase::new("cli-verify-key")))]
    pub key: Option<PathBuf>,
    /// The county's file.
    #[arg(long, value_name = "FILE", help = say(Phrase::new("cli-report-county")))]
    pub county: PathBuf,
    /// The register of recipients.
    #[arg(long, value_name = "FILE", help = say(Phrase::new("cli-report-recipients")))]
    pub recipients: Option<PathBuf>,
    /// The first day that counts.
    #[arg(long, value_name = "DAY", help = say(Phrase::new("cli-report-from")))]
    pub from: Option<jiff::civil::Date>,
    /// The last day that counts.
    #[arg(long, value_name = "DAY", help = say(Phrase::new("cli-report-as-of")))]
    pub as_of: Option<jiff::civil::Date>,
    /// Write a workbook.
    #[arg(long, value_name = "FILE", help = say(Phrase::new("cli-report-xlsx")))]
    pub xlsx: Option<PathBuf>,
    /// Write a picture.
    #[arg(long, value_name = "FILE", help = say(Phrase::new("cli-report-svg")))]
    pub svg: Option<PathBuf>,
    /// Show personal data.
    #[arg(long, help = say(Phrase::new("cli-explain-reveal")))]
    pub reveal: bool,
}

/// `kuimen certs …`
#[derive(Debug, Args)]
pub struct Certs {
    /// What to do.
    #[command(subcommand)]
    pub action: CertsAction,
}

/// What can be done with certificates.
#[derive(Debug, Subcommand)]
pub enum CertsAction {
    /// A development authority and everything the demo needs.
    #[command(about = say(Phrase::new("cli-certs-dev")))]
    Dev {
        /// The folder to write.
        #[arg(long, value_name = "DIR", help = say(Phrase::new("cli-certs-dir")))]
        dir: PathBuf,
        /// Banks that get a server certificate; all adapters if none is named.
        #[arg(long, value_name = "B", help = say(Phrase::new("cli-certs-bank")))]
        bank: Vec<String>,
    },
}

/// `kuimen config …`
#[derive(Debug, Args)]
pub struct Config {
    /// What to do.
    #[command(subcommand)]
    pub action: ConfigAction,
}

/// What can be done with a configuration.
#[derive(Debug, Subcommand)]
pub enum ConfigAction {
    /// Every fault at once.
    #[command(about = say(Phrase::new("cli-config-check")))]
    Check {
        /// The configuration.
        #[arg(value_name = "FILE", help = say(Phrase::new("cli-serve-config")))]
        file: PathBuf,
    },
}

/// `kuimen schema …`
#[derive(Debug, Args)]
pub struct Schema {
    /// What to do.
    #[command(subcommand)]
    pub action: SchemaAction,
}

/// What can be done with the schemas.
#[derive(Debug, Subcommand)]
pub enum SchemaAction {
    /// Write them to a folder.
    #[command(about = say(Phrase::new("cli-schema-export")))]
    Export {
        /// The folder.
        #[arg(long, value_name = "DIR", default_value = "schemas", help = say(Phrase::new("cli-schema-dir")))]
        dir: PathBuf,
    },
}
