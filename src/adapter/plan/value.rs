//! Where a value comes from, and how it stands on the wire.

use crate::adapter::mac::chain;
use crate::message::Field;

/// A value: where from, and how it is written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ValuePlan {
    /// Where from.
    pub source: Source,
    /// How.
    pub conversion: Conversion,
}

/// Where a value comes from (and goes to, when read).
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Source {
    /// A canonical field; of the item where inside a repeated group, else of the one payment.
    Field(Field),
    /// `item.number`, from 1.
    ItemNumber,
    /// `items | count`.
    ItemCount,
    /// `items | sum amount`.
    ItemSum,
    /// `serial`.
    Serial,
    /// `sent_at`.
    SentAt,
    /// `business_date`.
    BusinessDate,
    /// `original.serial`.
    OriginalSerial,
    /// `original.sent_at`.
    OriginalSentAt,
    /// `original.business_date`.
    OriginalBusinessDate,
    /// `original.bank_serial`.
    OriginalBankSerial,
    /// Index into `Adapter::settings`.
    Setting(usize),
    /// `bank_code`.
    BankCode,
    /// `bank_text`.
    BankText,
    /// `bank_serial`.
    BankSerial,
    /// Index into `OperationPlan::locals`.
    Local(usize),
    /// `frame.length`.
    FrameLength,
    /// `mac.NAME`.
    Mac(Box<MacPlan>),
}

/// How a value stands on the wire.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Conversion {
    /// As it is. For an amount in a picture with a scale: the digits of the fen.
    Plain,
    /// Digits of the fen.
    Fen,
    /// `1234.50`.
    Yuan,
    /// An instant or a date.
    Date(Vec<DatePart>),
    /// One-to-one table: (canonical, bank).
    Map(Vec<(String, String)>),
    /// Part `index` (from 0) of a split.
    Part {
        /// The split.
        split: SplitPlan,
        /// Which part, from 0.
        index: usize,
    },
}

/// A piece of a date pattern.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum DatePart {
    /// `yyyy`
    Year,
    /// `MM`
    Month,
    /// `dd`
    Day,
    /// `HH`
    Hour,
    /// `mm`
    Minute,
    /// `ss`
    Second,
    /// `SSS`
    Millisecond,
    /// Anything else.
    Literal(char),
}

/// One value over several fields.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SplitPlan {
    /// The value that is split.
    pub of: Field,
    /// The field whose code chooses.
    pub on: Field,
    /// (code, widths of the parts in bytes): `Exact(0)` is an empty part.
    pub cases: Vec<(String, Vec<PartWidth>)>,
}

/// The width of a part of a split.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PartWidth {
    /// Exactly so many bytes.
    Exact(usize),
    /// The rest, at most so many bytes (only the last part, only in a case whose other parts are empty).
    Rest(usize),
}

/// How a MAC is computed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum MacAlgorithm {
    /// HMAC-SHA-256, cut to its field. Invented: a stand-in.
    StandInHmacSha256,
    /// HMAC with SM3 (GB/T 15852.2).
    HmacSm3,
    /// SM4 in cipher block chaining from zero, the last block (GB/T 15852.1, algorithm 1 with padding 1).
    Sm4CbcMac,
    /// DES in cipher block chaining, the last block. Legacy: used only where a configuration says so.
    DesCbcMac,
}

impl MacAlgorithm {
    /// All of them.
    pub const ALL: [MacAlgorithm; 4] =
        [MacAlgorithm::StandInHmacSha256, MacAlgorithm::HmacSm3, MacAlgorithm::Sm4CbcMac, MacAlgorithm::DesCbcMac];

    /// Its name in the notation and in a configuration.
    pub const fn name(self) -> &'static str {
        match self {
            MacAlgorithm::StandInHmacSha256 => "stand-in-hmac-sha256",
            MacAlgorithm::HmacSm3 => "hmac-sm3",
            MacAlgorithm::Sm4CbcMac => "sm4-cbc-mac",
            MacAlgorithm::DesCbcMac => "des-cbc-mac",
        }
    }

    /// Bytes of a code.
    pub const fn code_bytes(self) -> usize {
        match self {
            MacAlgorithm::StandInHmacSha256 | MacAlgorithm::HmacSm3 => 32,
            MacAlgorithm::Sm4CbcMac => 16,
            MacAlgorithm::DesCbcMac => 8,
        }
    }

    /// Too weak to be used unless a configuration says so.
    pub const fn is_legacy(self) -> bool {
        match self {
            MacAlgorithm::StandInHmacSha256 | MacAlgorithm::HmacSm3 | MacAlgorithm::Sm4CbcMac => false,
            MacAlgorithm::DesCbcMac => true,
        }
    }

    /// Whether a setting's text is a key of this algorithm.
    pub fn takes(self, key: &str) -> bool {
        match self {
            MacAlgorithm::StandInHmacSha256 | MacAlgorithm::HmacSm3 => true,
            MacAlgorithm::Sm4CbcMac => chain::cipher::<sm4::Sm4>(key).is_some(),
            MacAlgorithm::DesCbcMac => chain::cipher::<des::Des>(key).is_some(),
        }
    }
}

/// A MAC over named fields of the same record.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MacPlan {
    /// Its name.
    pub name: String,
    /// How it is computed.
    pub algorithm: MacAlgorithm,
    /// Names of the covered fields, in this order.
    pub over: Vec<String>,
    /// Text between two fields.
    pub join: String,
    /// ASCII characters that stay; others are dropped. Empty: all stay.
    pub keep: String,
    /// Runs of spaces become one.
    pub collapse: bool,
    /// Index of the key in `Adapter::settings`.
    pub key: usize,
}
