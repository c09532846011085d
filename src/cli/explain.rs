//! `kuimen explain`: every byte of a message, and the place of the fault if there is one.

use super::arguments::{Explain, Message, Shared};
use super::translate::{Subject, problem};
use super::{Exit, Screen, input};
use crate::adapter::explain;

/// Prints the rows; with a fault the rows end where it is, it is named, and the exit code is 65.
pub(crate) fn run(screen: &Screen, shared: &Shared, command: &Explain) -> Exit {
    show(screen, shared, command).unwrap_or_else(|exit| exit)
}

fn show(screen: &Screen, shared: &Shared, command: &Explain) -> Result<Exit, Exit> {
    let subject = Subject::find(screen, shared, &command.bank, &command.operation, command.context.as_deref())?;
    let bytes = input::read(screen, &command.file)?;
    let plan = subject.plan().map_err(|refusal| screen.problems(Exit::Data, &[problem(refusal)]))?;
    let reveal = command.reveal;
    let (adapter, settings) = (&subject.adapter, &subject.settings);
    let explanation = match (command.message, command.body) {
        (Message::Request, false) => adapter.explain_request(plan, &subject.wire(bytes), settings, reveal),
        (Message::Request, true) => adapter.explain_request_message(plan, &bytes, settings, reveal),
        (Message::Reply, false) => adapter.explain_reply(plan, &bytes, settings, reveal),
        (Message::Reply, true) => adapter.explain_reply_message(plan, &bytes, settings, reveal),
    };
    screen.result(|lang| explain::render(&explanation, lang), || serde_json::json!(explanation));
    Ok(if explanation.fault.is_some() { Exit::Data } else { Exit::Ok })
}
