//! Where each operation is offered.

use crate::message::Operation;

/// The paths that take a message, each for one operation.
pub const OFFERED: [(&str, Operation); 9] = [
    ("/v1/payments", Operation::PaymentPay),
    ("/v1/cards/apply", Operation::CardApply),
    ("/v1/cards/query", Operation::CardQuery),
    ("/v1/cards/report-loss", Operation::CardReportLoss),
    ("/v1/cards/release-loss", Operation::CardReleaseLoss),
    ("/v1/cards/cancel", Operation::CardCancel),
    ("/v1/cards/activation-list", Operation::ActivationList),
    ("/v1/accounts/verify", Operation::AccountVerify),
    ("/v1/accounts/change", Operation::AccountChange),
];

/// What a path takes.
pub(super) fn offered_at(path: &str) -> Option<Operation> {
    OFFERED.into_iter().find(|(at, _)| *at == path).map(|(_, operation)| operation)
}

/// Where a message is read.
pub(super) fn of(operation: Operation, id: impl std::fmt::Display) -> String {
    let shelf = if operation.is_payment() { "payments" } else { "messages" };
    format!("/v1/{shelf}/{id}")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::message::dictionary::Side;

    #[test]
    fn whatever_the_agency_begins_has_a_path() {
        for operation in Operation::ALL {
            let begins = !matches!(operation.def().side, Side::Bank) && operation.asks_about().is_none();
            let paths = OFFERED.iter().filter(|(_, offered)| *offered == operation).count();
            assert_eq!(paths, usize::from(begins), "{}", operation.name());
        }
    }
}
