//! The closed sets of values.

use super::Code;

const fn code(code: &'static str, zh: &'static str, en: &'static str) -> Code {
    Code { code, zh, en, jinbao: None }
}

const fn known(code: &'static str, zh: &'static str, en: &'static str, jinbao: &'static str) -> Code {
    Code { code, zh, en, jinbao: Some(jinbao) }
}

/// Identity documents. The 金保 values of AAC058 are given where they are in common use; none is known to us for the
/// residence permit of Hong Kong, Macao and Taiwan residents. Both resident forms are the same document there.
pub const DOCUMENTS: &[Code] = &[
    known("resident", "居民身份证", "resident identity card", "01"),
    known("resident-15", "居民身份证（15位旧号）", "resident identity card, 15 digits", "01"),
    code("hmt", "港澳台居民居住证", "residence permit, Hong Kong, Macao, Taiwan"),
    known("permanent-residence", "外国人永久居留身份证", "foreign permanent residence", "07"),
];

/// Kinds of account numbers.
pub const ACCOUNT_KINDS: &[Code] =
    &[code("card", "银行卡", "bank card"), code("account", "银行账户（存折等）", "bank account or passbook")];

/// Kinds of payment (支付类别).
pub const KINDS: &[Code] =
    &[code("regular", "定期", "regular"), code("arrears", "补发", "arrears"), code("one-off", "一次性", "one-off")];

/// Why a card is made (制卡类别). The first exchange is free for its holder.
pub(super) const CARD_KINDS: &[Code] = &[
    code("first", "首次申领", "first card"),
    code("first-exchange", "首次换领", "first exchange for the third generation"),
    code("renewal", "到期换卡", "renewal of an expired card"),
    code("replacement", "补卡", "replacement of a lost or damaged card"),
    code("bank-change", "换银行", "exchange for a card of another bank"),
];

/// Generations (卡规范版本).
pub(super) const GENERATIONS: &[Code] =
    &[code("2", "第二代", "second generation"), code("3", "第三代", "third generation")];

/// The social side of a card (卡应用状态, AAZ502).
pub(super) const SOCIAL_STATUSES: &[Code] = &[
    known("sealed", "封存", "sealed, not yet in use", "0"),
    known("active", "正常", "in use", "1"),
    known("lost", "正式挂失", "reported lost", "2"),
    known("locked", "应用锁定", "locked", "3"),
    known("lost-for-now", "临时挂失", "reported lost for the time being", "4"),
    known("cancelled", "注销", "cancelled", "9"),
];

/// The bank's side of a card (金融账户状态), which moves by itself.
pub(super) const FINANCIAL_STATUSES: &[Code] = &[
    code("inactive", "未激活", "not activated"),
    code("active", "已激活", "active"),
    code("lost", "已挂失", "reported lost"),
    code("closed", "已销户", "closed"),
];

/// How strongly a loss is reported.
pub(super) const LOSSES: &[Code] =
    &[code("for-now", "临时挂失", "for the time being"), code("formal", "正式挂失", "formal")];

/// How bank and holder met at activation. There is no code for an activation without meeting: it has no meeting.
pub(super) const MEETINGS: &[Code] =
    &[code("counter", "网点柜面", "at the counter"), code("home-visit", "上门服务", "at home")];

/// Whether the originals of identity card and social security card were seen.
pub(super) const ORIGINALS: &[Code] =
    &[code("seen", "已核验原件", "originals seen"), code("not-seen", "未核验原件", "originals not seen")];

/// Why somebody was visited at home.
pub(super) const HARDSHIPS: &[Code] = &[
    code("illness", "因病", "illness"),
    code("disability", "因残", "disability"),
    code("age", "高龄", "great age"),
    code("other", "其他特殊困难", "another special difficulty"),
];

/// Who decided (意愿).
pub const CHOICES: &[Code] = &[
    code("self", "本人", "the person"),
    code("agent", "代理人", "an agent with authority"),
    code("guardian", "监护人", "a guardian"),
    code("none", "无本人意愿记录", "no wish on record"),
];

/// Why an account is entered in the payout register.
pub(super) const CHANGES: &[Code] = &[
    code("application", "申领登记", "application for a benefit"),
    code("change", "银行账户变更", "change of the account"),
];

/// Where a change was asked for.
pub(super) const CHANNELS: &[Code] =
    &[code("counter", "经办窗口", "the agency's counter"), code("app", "重庆人社APP", "the 重庆人社 app")];
