//! Exit codes: public and stable. Numbers from 64 up follow `sysexits.h`, which operators' scripts already know.

use std::process::ExitCode;

/// How a command ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Exit {
    /// Everything was as it should be.
    Ok,
    /// The command worked and what it looked at is not in order: a violation, a fault in an adapter, a fen off.
    Found,
    /// The command line makes no sense.
    Usage,
    /// The input is bad: a message, a context.
    Data,
    /// The input cannot be read or is not there.
    NoInput,
    /// Another process, or a peer that is needed, is in the way or away.
    Unavailable,
    /// Our own fault.
    Software,
    /// The disk refused: nothing more is accepted.
    Io,
    /// The configuration is wrong.
    Config,
}

impl Exit {
    /// Every code, in ascending order.
    pub const ALL: [Exit; 9] = [
        Exit::Ok,
        Exit::Found,
        Exit::Usage,
        Exit::Data,
        Exit::NoInput,
        Exit::Unavailable,
        Exit::Software,
        Exit::Io,
        Exit::Config,
    ];

    /// The number the process ends with.
    pub const fn code(self) -> u8 {
        match self {
            Exit::Ok => 0,
            Exit::Found => 1,
            Exit::Usage => 64,
            Exit::Data => 65,
            Exit::NoInput => 66,
            Exit::Unavailable => 69,
            Exit::Software => 70,
            Exit::Io => 74,
            Exit::Config => 78,
        }
    }
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> ExitCode {
        ExitCode::from(exit.code())
    }
}
