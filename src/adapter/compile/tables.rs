//! The named tables of `adapter.toml`: settings, code tables, maps, splits, seals, MACs, records. Each must be used by something.

use std::cell::RefCell;

use crate::adapter::charset::Charset;
use crate::adapter::compile::seal::{self, SealDef};
use crate::adapter::compile::shelf::{Named, Shelf};
use crate::adapter::compile::{fits, source_label};
use crate::adapter::fault::{At, Sink};
use crate::adapter::notation::picture;
use crate::adapter::notation::reader::{Node, Table, Text};
use crate::adapter::plan::{
    Invented, KeyOf, MacAlgorithm, MacPlan, PartWidth, Picture, SettingDef, SplitPlan, Verdict,
};
use crate::lang::Phrase;
use crate::message::dictionary::{Type, def};
use crate::message::{Field, Occurrence};

/// The entries of a code table.
pub(super) type Codes = Vec<(String, Verdict)>;

/// The pairs of a map: (canonical, bank).
pub(super) type Map = Vec<(String, String)>;

/// All named tables.
pub(super) struct Tables<'a> {
    pub(super) settings: Shelf<'a, SettingDef>,
    pub(super) codes: Shelf<'a, Codes>,
    pub(super) maps: Shelf<'a, Map>,
    pub(super) splits: Shelf<'a, SplitPlan>,
    pub(super) seals: Shelf<'a, SealDef>,
    pub(super) macs: Shelf<'a, MacPlan>,
    /// Records that several operations share, compiled where they are used.
    pub(super) records: Shelf<'a, Node<'a>>,
    pub(super) invented: RefCell<Vec<Invented>>,
}

impl<'a> Tables<'a> {
    /// Reads them from `adapter.toml`.
    pub(super) fn read(sink: &Sink<'a>, root: &Table<'a>, charset: Charset) -> Tables<'a> {
        let invented = RefCell::default();
        let settings = shelf(root, "settings", |key, node| setting(sink, &key, &node, charset));
        let codes = shelf(root, "codes", |key, node| codes(sink, &invented, &key, &node));
        let maps = shelf(root, "maps", |_, node| map(sink, &node));
        let splits = shelf(root, "splits", |_, node| split(sink, &node));
        let seals = shelf(root, "seals", |key, node| seal::read(sink, &key, &node, &settings));
        let macs = shelf(root, "macs", |key, node| mac(sink, &key, &node, &settings));
        let records = shelf(root, "records", |_, node| Some(node));
        Tables { settings, codes, maps, splits, seals, macs, records, invented }
    }

    /// Reports what nothing uses. Called last.
    pub(super) fn report_unused(&self, sink: &Sink<'a>) {
        self.settings.report_unused(sink);
        self.codes.report_unused(sink);
        self.maps.report_unused(sink);
        self.splits.report_unused(sink);
        self.seals.report_unused(sink);
        self.macs.report_unused(sink);
        self.records.report_unused(sink);
    }

    /// The settings in the order of the file.
    pub(super) fn into_settings(self) -> Vec<SettingDef> {
        let mut settings: Vec<SettingDef> = self.settings.0.into_iter().map(|named| named.value).collect();
        for mac in self.macs.0 {
            if let Some(setting) = settings.get_mut(mac.value.key) {
                setting.key_of = Some(KeyOf::Mac(mac.value.algorithm));
            }
        }
        for (index, key_of) in self.seals.0.iter().flat_map(|seal| seal.value.keys()) {
            if let Some(setting) = settings.get_mut(index) {
                setting.key_of = Some(key_of);
            }
        }
        settings
    }
}

fn shelf<'a, T>(root: &Table<'a>, key: &str, mut read: impl FnMut(Text<'a>, Node<'a>) -> Option<T>) -> Shelf<'a, T> {
    let entries = root.table(key).map(|table| table.entries()).unwrap_or_default();
    Shelf(entries.into_iter().filter_map(|(key, node)| Some(Named::new(&key, read(key.clone(), node)?))).collect())
}

/// Reads the picture under `pic`.
pub(super) fn picture_of<'a>(sink: &Sink<'a>, table: &Table<'a>) -> Option<(Picture, Text<'a>)> {
    let text = table.need_text("pic")?;
    let found = picture::parse(text.value);
    if found.is_none() {
        sink.report(&text.at, Phrase::new("adapter-fault-picture-syntax"));
    }
    found.map(|picture| (picture, text))
}

fn setting<'a>(sink: &Sink<'a>, key: &Text<'a>, node: &Node<'a>, charset: Charset) -> Option<SettingDef> {
    let table = node.table()?;
    let picture = picture_of(sink, &table);
    let zh = table.need_text("zh");
    let en = table.need_text("en");
    let secret = table.flag("secret");
    let demo = table.text("demo");
    table.close();
    let (picture, _) = picture?;
    if let Some(demo) = &demo
        && !fits(picture, demo.value, charset)
    {
        sink.report(&demo.at, Phrase::new("adapter-fault-demo-unfit").with("room", picture.longest()));
    }
    Some(SettingDef {
        name: key.value.to_owned(),
        picture,
        zh: zh?.value.to_owned(),
        en: en?.value.to_owned(),
        secret,
        key_of: None,
        demo: demo.map(|demo| demo.value.to_owned()),
    })
}

fn codes<'a>(
    sink: &Sink<'a>,
    invented: &RefCell<Vec<Invented>>,
    key: &Text<'a>,
    node: &Node<'a>,
) -> Option<Vec<(String, Verdict)>> {
    let mut codes = Vec::new();
    for (code, node) in node.table()?.entries() {
        let Some(table) = node.table() else { continue };
        let what = format!("codes.{}.{}", key.value, code.value);
        let verdict = verdict(sink, &table, &code.at, invented, &what);
        table.close();
        codes.extend(verdict.map(|verdict| (code.value.to_owned(), verdict)));
    }
    Some(codes)
}

/// Reads what a code or a rule means: `occurred`, `reason`, `zh`, `en`, `source`, `not_found`, `duplicate`.
pub(super) fn verdict<'a>(
    sink: &Sink<'a>,
    table: &Table<'a>,
    at: &At<'a>,
    invented: &RefCell<Vec<Invented>>,
    what: &str,
) -> Option<Verdict> {
    let words = [
        ("yes", Occurrence::Yes),
        ("no", Occurrence::No),
        ("in-hand", Occurrence::InHand),
        ("unknown", Occurrence::Unknown),
    ];
    let occurrence = table.choice("occurred", &words, None);
    let own = |key: &str| table.text(key).map(|text| text.value.to_owned()).unwrap_or_default();
    let (zh, en) = (own("zh"), own("en"));
    let reason = table.text("reason");
    if let Some(reason) = &reason
        && !(reason.value.len() == 4
            && reason.value.bytes().all(|byte| byte.is_ascii_uppercase() || byte.is_ascii_digit()))
    {
        sink.report(&reason.at, Phrase::new("adapter-fault-reason-code"));
    }
    let (not_found, duplicate) = (table.flag("not_found"), table.flag("duplicate"));
    let source = table.text("source");
    let is_invented = source.as_ref().is_some_and(|source| source_label(sink, source));
    if is_invented {
        let line = sink.line(at);
        invented.borrow_mut().push(Invented { file: at.file.to_owned(), line, what: what.to_owned() });
    }
    let occurrence = occurrence?;
    if (not_found || duplicate) && occurrence != Occurrence::Unknown {
        sink.report(at, Phrase::new("adapter-fault-verdict-contradiction"));
    }
    if occurrence == Occurrence::No && source.is_none() {
        sink.report(at, Phrase::new("adapter-fault-no-without-source"));
    }
    Some(Verdict {
        occurrence,
        not_found,
        duplicate,
        reason: reason.map(|reason| reason.value.to_owned()),
        zh,
        en,
        invented: is_invented,
        source: source.map(|source| source.value.to_owned()).unwrap_or_default(),
    })
}

fn map<'a>(sink: &Sink<'a>, node: &Node<'a>) -> Option<Vec<(String, String)>> {
    let mut map: Vec<(String, String)> = Vec::new();
    for (canonical, node) in node.table()?.entries() {
        let Some(bank) = node.text() else { continue };
        if map.iter().any(|(_, before)| before == bank.value) {
            sink.report(&bank.at, Phrase::new("adapter-fault-map-not-one-to-one"));
        }
        map.push((canonical.value.to_owned(), bank.value.to_owned()));
    }
    Some(map)
}

/// The algorithm that `algorithm = "…"` names.
pub(super) fn algorithm<A: Copy>(
    sink: &Sink<'_>,
    table: &Table<'_>,
    known: &[A],
    name: impl Fn(A) -> &'static str,
) -> Option<A> {
    let text = table.need_text("algorithm")?;
    let found = known.iter().copied().find(|algorithm| name(*algorithm) == text.value);
    if found.is_none() {
        let known: Vec<&str> = known.iter().map(|algorithm| name(*algorithm)).collect();
        sink.report(&text.at, Phrase::new("adapter-fault-unknown-algorithm").with("known", known.join(" | ")));
    }
    found
}

/// The setting that `key = "setting.NAME"` names: secret, unless it is only a public half.
pub(super) fn key_setting<'a>(
    sink: &Sink<'a>,
    settings: &Shelf<'a, SettingDef>,
    key: &Text<'a>,
    public: bool,
    key_of: Option<KeyOf>,
) -> Option<usize> {
    let found = key.value.strip_prefix("setting.").and_then(|name| settings.take(name));
    let Some((index, named)) = found else {
        sink.report(&key.at, Phrase::new("adapter-fault-unknown-setting"));
        return None;
    };
    if !named.value.secret && !public {
        sink.report(&key.at, Phrase::new("adapter-fault-key-not-secret"));
    }
    let key_of = key_of?;
    if named.value.demo.as_ref().is_some_and(|demo| !key_of.takes(demo)) {
        sink.report(&key.at, Phrase::new("adapter-fault-mac-key").with("algorithm", key_of.name()));
    }
    Some(index)
}

fn mac<'a>(sink: &Sink<'a>, key: &Text<'a>, node: &Node<'a>, settings: &Shelf<'a, SettingDef>) -> Option<MacPlan> {
    let table = node.table()?;
    let algorithm = algorithm(sink, &table, &MacAlgorithm::ALL, MacAlgorithm::name);
    let index =
        table.need_text("key").and_then(|key| key_setting(sink, settings, &key, false, algorithm.map(KeyOf::Mac)));
    let over = table.need("over").and_then(|node| node.list());
    let join = table.text("join").map(|text| text.value.to_owned()).unwrap_or_default();
    let keep = table.text("keep").map(|text| characters(text.value)).unwrap_or_default();
    let collapse = table.flag("collapse");
    table.close();
    let over: Vec<String> = over?.iter().filter_map(Node::text).map(|text| text.value.to_owned()).collect();
    let (name, algorithm, key) = (key.value.to_owned(), algorithm?, index?);
    Some(MacPlan { name, algorithm, over, join, keep, collapse, key })
}

/// Spells out the ranges of a set of characters: `0-9A-F` to every character of it.
fn characters(set: &str) -> String {
    let mut spelled = String::new();
    let mut rest = set.chars().peekable();
    while let Some(first) = rest.next() {
        let mut ahead = rest.clone();
        let last = (ahead.next() == Some('-')).then(|| ahead.next()).flatten().filter(|last| *last >= first);
        match last {
            Some(last) => {
                rest = ahead;
                spelled.extend(first..=last);
            }
            None => spelled.push(first),
        }
    }
    spelled
}

fn split<'a>(sink: &Sink<'a>, node: &Node<'a>) -> Option<SplitPlan> {
    let table = node.table()?;
    let of = field_of(sink, &table, "of");
    let on = field_of(sink, &table, "on");
    let (of, on) = (of?, on?);
    let Type::Code(known) = def(on).ty else {
        sink.report(&table.key_at("on"), Phrase::new("adapter-fault-split-on"));
        return None;
    };
    let mut cases: Vec<(String, Vec<PartWidth>)> = Vec::new();
    for (code, node) in table.entries() {
        if ["of", "on"].contains(&code.value) {
            continue;
        }
        if !known.iter().any(|entry| entry.code == code.value) {
            sink.report(&code.at, Phrase::new("adapter-fault-unknown-code").with("field", on.name()));
        }
        let Some(widths) = case(sink, &node) else { continue };
        if let Some((_, before)) = cases.first() {
            if before.len() != widths.len() {
                sink.report(&node.at, Phrase::new("adapter-fault-split-parts"));
            } else if cases.iter().any(|(_, before)| before.first().map(size) == widths.first().map(size)) {
                sink.report(&node.at, Phrase::new("adapter-fault-split-ambiguous"));
            }
        }
        cases.push((code.value.to_owned(), widths));
    }
    for entry in known.iter().filter(|entry| !cases.iter().any(|(code, _)| code == entry.code)) {
        sink.report(&table.at, Phrase::new("adapter-fault-split-not-covering").with("code", entry.code));
    }
    Some(SplitPlan { of, on, cases })
}

/// What tells the first parts of two cases apart: their exact width.
fn size(width: &PartWidth) -> Option<usize> {
    match width {
        PartWidth::Exact(bytes) => Some(*bytes),
        PartWidth::Rest(_) => None,
    }
}

fn case<'a>(sink: &Sink<'a>, node: &Node<'a>) -> Option<Vec<PartWidth>> {
    let mut widths = Vec::new();
    for node in node.list()? {
        let text = node.text()?;
        let width = match picture::parse(text.value) {
            _ if text.value.is_empty() => 0,
            Some(Picture::X(width) | Picture::Nine { digits: width, scale: 0 }) => width,
            Some(
                Picture::Nine { .. }
                | Picture::Bcd { .. }
                | Picture::Signed { .. }
                | Picture::G(_)
                | Picture::Var { .. }
                | Picture::B { .. },
            )
            | None => {
                sink.report(&text.at, Phrase::new("adapter-fault-picture-syntax"));
                return None;
            }
        };
        widths.push(width);
    }
    // A value that stands in one part alone may be shorter than its room; spread over several it must fill them.
    let filled = widths.iter().filter(|width| **width > 0).count();
    let last = widths.len().saturating_sub(1);
    let kind = |(index, width): (usize, usize)| match width {
        width if filled == 1 && index == last && width > 0 => PartWidth::Rest(width),
        width => PartWidth::Exact(width),
    };
    Some(widths.into_iter().enumerate().map(kind).collect())
}

fn field_of<'a>(sink: &Sink<'a>, table: &Table<'a>, key: &str) -> Option<Field> {
    let text = table.need_text(key)?;
    let field = Field::from_name(text.value);
    if field.is_none() {
        sink.report(&text.at, Phrase::new("adapter-fault-unknown-field"));
    }
    field
}
