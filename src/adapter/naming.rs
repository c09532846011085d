//! The names that people know a source by: `payee.name`, `setting.institution`, `local.WaitFlag`.

use std::borrow::Cow;

use crate::adapter::plan::{Adapter, OperationPlan, Source};

/// The name of `source`, as the notation writes it.
pub(crate) fn source_name(adapter: &Adapter, plan: &OperationPlan, source: &Source) -> Cow<'static, str> {
    Cow::Borrowed(match source {
        Source::Field(field) => field.name(),
        Source::ItemNumber => "item.number",
        Source::ItemCount => "items | count",
        Source::ItemSum => "items | sum amount",
        Source::Serial => "serial",
        Source::SentAt => "sent_at",
        Source::BusinessDate => "business_date",
        Source::OriginalSerial => "original.serial",
        Source::OriginalSentAt => "original.sent_at",
        Source::OriginalBusinessDate => "original.business_date",
        Source::OriginalBankSerial => "original.bank_serial",
        Source::BankCode => "bank_code",
        Source::BankText => "bank_text",
        Source::BankSerial => "bank_serial",
        Source::FrameLength => "frame.length",
        Source::Setting(index) => {
            let name = adapter.settings.get(*index).map_or("?", |setting| setting.name.as_str());
            return Cow::Owned(format!("setting.{name}"));
        }
        Source::Local(index) => {
            let name = plan.locals.get(*index).map_or("?", String::as_str);
            return Cow::Owned(format!("local.{name}"));
        }
        Source::Mac(mac) => return Cow::Owned(format!("mac.{}", mac.name)),
    })
}
