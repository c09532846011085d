//! The interface manual of a bank, made from its adapter: for an engineer who has the manual and a dump of bytes, and nothing
//! else.
//!
//! Everything in it comes from the description of the checked plan and from the samples beside it, so it cannot say
//! anything that the gateway does not do. [`page`] knows Markdown and HTML, this module what belongs into a manual.

mod page;

use std::path::Path;

use super::describe::{Content, Description, Field, Frame, Message, Operation, Part, describe};
use super::explain;
use super::plan::Adapter;
use super::runtime::{Settings, Wire};
use crate::lang::Lang;
pub use page::Form;
use page::Page;

/// The manual of an adapter. `folder` is where its samples lie; without one there are none in it.
pub fn manual(adapter: &Adapter, folder: Option<&Path>, lang: Lang, form: Form) -> String {
    let described = describe(adapter);
    let writer = Writer { adapter, folder, lang };
    let mut page = Page::default();
    writer.front(&mut page, &described);
    writer.wire(&mut page, &described);
    for operation in &described.operations {
        writer.operation(&mut page, operation);
    }
    let title = format!("{} {}", described.id, writer.say(&described.party.zh, &described.party.en));
    page.render(form, &title, lang)
}

struct Writer<'a> {
    adapter: &'a Adapter,
    folder: Option<&'a Path>,
    lang: Lang,
}

impl Writer<'_> {
    fn say<'t>(&self, zh: &'t str, en: &'t str) -> &'t str {
        match self.lang {
            Lang::Zh => zh,
            Lang::En => en,
        }
    }

    fn words(&self, pairs: &[(&str, &str)]) -> Vec<String> {
        pairs.iter().map(|(zh, en)| self.say(zh, en).to_owned()).collect()
    }

    fn front(&self, page: &mut Page, described: &Description) {
        let party = &described.party;
        page.heading(1, format!("{} · {}", self.say(&party.zh, &party.en), self.say("接口手册", "interface manual")));
        page.text(self.say(
            "本手册由适配器自动生成，所述即网关所为。它依据公开资料拟制，不是银行的正式接口规范；对接前须与银行确认。",
            "Made from the adapter: it says what the gateway does. It is modelled on public material and is no official \
             specification of the bank; ask the bank before any integration.",
        ));
        let mut rows = vec![
            vec![self.say("依据", "evidence").to_owned(), party.evidence.clone()],
            vec![self.say("联行号", "CNAPS").to_owned(), party.cnaps.clone()],
            vec![self.say("适配器摘要", "digest of the adapter").to_owned(), described.digest.clone()],
        ];
        let serial = &described.serial;
        let duplicates = if serial.refuses_duplicates {
            self.say("银行拒绝重复流水号", "the bank refuses one it has seen")
        } else {
            self.say("重复流水号不被识别", "a repeated one is not noticed")
        };
        let scope = if serial.scope == "day" {
            self.say("每营业日唯一", "unique on its business date")
        } else {
            self.say("永久唯一", "unique for ever")
        };
        rows.push(vec![
            self.say("我方流水号", "our serial").to_owned(),
            format!("{} · {scope} · {duplicates}", serial.picture),
        ]);
        rows.push(vec![
            self.say("应答超时（秒）", "answer time-out (seconds)").to_owned(),
            described.delivery.answer_seconds.to_string(),
        ]);
        page.table(self.words(&[("项目", "item"), ("内容", "content")]), rows);
        page.heading(2, self.say("参数", "Settings"));
        page.text(self.say(
            "由链路配置提供，报文中写作 `setting.名称`。",
            "Supplied by the link; messages call them `setting.NAME`.",
        ));
        let rows = described.settings.iter().map(|it| {
            let secret = if it.secret { self.say("保密", "secret") } else { "" };
            vec![format!("`{}`", it.name), it.picture.clone(), self.say(&it.zh, &it.en).to_owned(), secret.to_owned()]
        });
        page.table(self.words(&[("名称", "name"), ("格式", "picture"), ("含义", "meaning"), ("", "")]), rows.collect());
        page.heading(2, self.say("字段格式", "Pictures"));
        page.table(
            self.words(&[("写法", "written"), ("字节", "bytes")]),
            PICTURES
                .iter()
                .map(|(picture, zh, en)| vec![format!("`{picture}`"), self.say(zh, en).to_owned()])
                .collect(),
        );
    }

    fn wire(&self, page: &mut Page, described: &Description) {
        let wire = &described.wire;
        page.heading(2, self.say("传输与成帧", "Transport and framing"));
        let one = if wire.one_request {
            self.say("短连接，一问一答", "one request on a connection")
        } else {
            self.say("长连接", "connections are kept")
        };
        page.text(format!(
            "{} · {} {} → {} · {} {} {}",
            wire.transport.to_uppercase(),
            self.say("字符集", "charset"),
            wire.charset,
            wire.reply_charset,
            one,
            self.say("· 报文最长", "· longest message"),
            wire.max_bytes,
        ));
        if let Some(frames) = &wire.frames {
            for (title, frame) in [
                (self.say("请求帧", "Frame of requests"), &frames.request),
                (self.say("应答帧", "Frame of replies"), &frames.reply),
            ] {
                page.heading(3, title);
                page.drawing(self.drawing(frame));
                if !frame.header.is_empty() {
                    self.fields(page, &frame.header);
                }
            }
        }
        if let Some(http) = &wire.http {
            page.drawing(format!("{} {}\nContent-Type: {}", http.method, http.target, http.content_type));
            let rows = http.form.iter().map(|(name, value)| vec![format!("`{name}`"), format!("`{value}`")]);
            page.table(self.words(&[("表单字段", "form field"), ("内容", "content")]), rows.collect());
            let base64 = if http.reply_base64 { " + Base64" } else { "" };
            page.text(format!("{} `{}`{base64}", self.say("应答：", "Answer:"), http.reply_prefix));
        }
    }

    fn drawing(&self, frame: &Frame) -> String {
        let body = self.say("报文体", "body");
        match frame.kind {
            "prefix" => {
                let cell = |field: &Field| format!("{} {}", field.name, field.picture);
                let cells: Vec<String> = frame.header.iter().map(cell).chain([body.to_owned()]).collect();
                let counts = if frame.counts_header == Some(true) {
                    self.say("长度含报文头", "the length counts the header too")
                } else {
                    self.say("长度只计报文体", "the length counts the body only")
                };
                format!("| {} |\n{counts}", cells.join(" | "))
            }
            "fixed" => format!("| {body}: {} {} |", frame.bytes.unwrap_or_default(), self.say("字节", "bytes")),
            "end-tag" => format!("| {body} … {} |", frame.tag.as_deref().unwrap_or_default()),
            "line" => format!("| {body} LF |"),
            _ => format!("| {body} … {} |", self.say("至连接关闭", "until the connection closes")),
        }
    }

    fn operation(&self, page: &mut Page, operation: &Operation) {
        let title = format!("`{}` {}", operation.operation, self.say(operation.zh, operation.en));
        page.heading(2, title);
        let begins = if operation.initiator == "bank" {
            self.say("由银行发起", "the bank begins")
        } else {
            self.say("由社保经办发起", "the agency begins")
        };
        page.text(format!("{begins} · {}", operation.source.as_deref().unwrap_or_default()));
        page.heading(3, self.say("请求", "Request"));
        self.message(page, &operation.request);
        if !operation.absent.is_empty() {
            page.text(self.say("下列要素该接口无处可放：", "What this interface has no place for:"));
            let rows = operation.absent.iter().map(|(field, why)| vec![format!("`{field}`"), why.clone()]);
            page.table(self.words(&[("要素", "field"), ("原因", "why")]), rows.collect());
        }
        page.heading(3, self.say("应答", "Reply"));
        self.message(page, &operation.reply);
        let echo = if operation.correlate.is_empty() {
            self.say("应答只凭连接对应请求。", "Only the connection tells whose answer it is.").to_owned()
        } else {
            format!(
                "{} `{}`",
                self.say("应答须原样带回：", "Must come back as it was sent:"),
                operation.correlate.join("`, `")
            )
        };
        page.text(echo);
        page.heading(3, self.say("结果判定", "What a reply means"));
        page.text(self.say(
            "自上而下，第一条成立的规则决定；都不成立，或表中无此代码，结果即为不明，须查询，不得当作失败。",
            "From the top, the first rule that holds decides. If none does, or a table does not have the code, the outcome is \
             unknown: ask, and never take it for a failure.",
        ));
        self.outcome(page, operation);
        self.samples(page, operation);
    }

    fn message(&self, page: &mut Page, message: &Message) {
        if let Some(seal) = &message.seal {
            let algorithm = message.seal_algorithm.unwrap_or_default();
            let place = message.seal_place.as_deref().unwrap_or_default().escape_debug();
            let said = self.say("整个报文加封，位置如下：", "The whole message is sealed, as follows:");
            page.text(format!("{said} `{seal}` · `{algorithm}` · `{place}`"));
        }
        if !message.elements.is_empty() {
            if let Some(declaration) = &message.declaration {
                page.drawing(format!("<?xml version=\"1.0\" encoding=\"{declaration}\"?>"));
            }
            let rows = message.elements.iter().map(|element| {
                let mut notes = Vec::new();
                for (holds, zh, en) in [
                    (element.optional, "可缺", "may be missing"),
                    (element.each, "每笔一组", "once per item"),
                    (element.any_order, "子元素顺序不定", "children in any order"),
                    (element.skip_others, "其他子元素忽略", "other children are skipped"),
                    (element.trim, "去首尾空格", "blanks around it are not part of it"),
                ] {
                    if holds {
                        notes.push(self.say(zh, en).to_owned());
                    }
                }
                notes.extend(element.also.iter().map(|name| format!("= `{name}`")));
                let marks = element.attributes.iter().filter_map(|(name, content)| match content {
                    Content::Literal { text } => Some(format!("{name}=\"{text}\"")),
                    Content::Skip { .. } | Content::Value { .. } | Content::Children | Content::Record { .. } => None,
                });
                notes.extend(marks);
                let indent = "·\u{a0}".repeat(element.depth);
                vec![
                    format!("{indent}`{}`", element.name),
                    self.content(&element.content),
                    notes.join(self.say("；", "; ")),
                ]
            });
            page.table(self.words(&[("元素", "element"), ("内容", "content"), ("说明", "notes")]), rows.collect());
            for element in &message.elements {
                if let Content::Record { parts } = &element.content {
                    parts.iter().for_each(|part| self.part(page, part));
                }
            }
        }
        for part in &message.parts {
            self.part(page, part);
        }
    }

    fn part(&self, page: &mut Page, part: &Part) {
        let how = part.how.as_deref().unwrap_or_default();
        let title = match part.kind {
            "literal" => {
                return page.text(format!("{} `{}`", self.say("固定字符", "Always"), part.name));
            }
            "variant" => format!("{how} = `{}`", part.name),
            "bitmap" => format!(
                "{}: {}",
                part.name,
                self.say(
                    "位图 8 字节（含 64 以上的位时 16 字节），其后按位号排列",
                    "a bitmap of 8 bytes, 16 where a bit above 64 is set, then by rising bit"
                ),
            ),
            "items" => format!("{}: {}", part.name, self.say("每笔一组", "once per item")),
            "repeat" => format!("{}: × {how}", part.name),
            "delimited" => format!("{}: {} `{how}`", part.name, self.say("分隔符", "delimited by")),
            _ => part.name.clone(),
        };
        page.heading(4, title);
        self.fields(page, &part.fields);
    }

    fn fields(&self, page: &mut Page, fields: &[Field]) {
        let bits = fields.iter().any(|field| field.bit.is_some());
        let head = if bits { ("位", "bit") } else { ("位置", "at") };
        let rows = fields.iter().map(|field| {
            let place = field.bit.map(|bit| bit.to_string()).or(field.offset.map(|offset| offset.to_string()));
            let fill = match (field.justify, field.fill.as_str()) {
                (_, "20") if field.justify == "left" => self.say("左对齐补空格", "left, blanks").to_owned(),
                ("right", "30") => self.say("右对齐补零", "right, zeros").to_owned(),
                (side, byte) => format!("{side} 0x{byte}"),
            };
            vec![
                place.unwrap_or_else(|| "…".to_owned()),
                format!("`{}`", field.name),
                field.picture.clone(),
                fill,
                field.zh.clone(),
                self.content(&field.content),
            ]
        });
        let heads =
            [head, ("名称", "name"), ("格式", "picture"), ("填充", "fill"), ("含义", "meaning"), ("内容", "content")];
        page.table(self.words(&heads), rows.collect());
    }

    fn content(&self, content: &Content) -> String {
        match content {
            Content::Literal { text } if text.is_empty() => self.say("空", "empty").to_owned(),
            Content::Literal { text } => format!("= `{text}`"),
            Content::Skip { .. } => self.say("不解读", "not looked at").to_owned(),
            Content::Value { value, zh, how, map } => {
                let title = zh.filter(|_| self.lang == Lang::Zh).map(|zh| format!(" {zh}")).unwrap_or_default();
                let pairs: Vec<String> = map.iter().map(|(code, bank)| format!("{code} = {bank}")).collect();
                let map = if pairs.is_empty() { String::new() } else { format!(" ({})", pairs.join(", ")) };
                let how = how.as_ref().map(|how| format!(": {how}")).unwrap_or_default();
                format!("`{value}`{title}{map}{how}")
            }
            Content::Children => String::new(),
            Content::Record { parts } => {
                let names: Vec<&str> = parts.iter().map(|part| part.name.as_str()).collect();
                format!("{} {}", self.say("记录，见下：", "a record, below:"), names.join(", "))
            }
        }
    }

    fn outcome(&self, page: &mut Page, operation: &Operation) {
        for rule in &operation.outcome {
            let when: Vec<String> =
                rule.when.iter().map(|(value, how, text)| format!("`{value}` {how} `{text}`")).collect();
            let by = rule.by.as_ref().map(|by| format!("`{by}` →")).unwrap_or_default();
            let condition = if when.is_empty() { by } else { format!("{} {by}", when.join(" ∧ ")) };
            if !condition.is_empty() {
                page.text(condition);
            }
            let rows = rule.means.iter().map(|meaning| {
                let mut outcome = self.occurrence(meaning.occurrence).to_owned();
                if meaning.not_found {
                    outcome = self.say("不明：查无此笔", "unknown: no trace").to_owned();
                } else if meaning.duplicate {
                    outcome = self.say("不明：流水号已见过", "unknown: the serial was seen before").to_owned();
                }
                vec![
                    meaning.code.as_ref().map(|code| format!("`{code}`")).unwrap_or_default(),
                    outcome,
                    meaning.reason.clone().unwrap_or_default(),
                    self.say(&meaning.zh, &meaning.en).to_owned(),
                    meaning.source.clone(),
                ]
            });
            let heads =
                [("代码", "code"), ("结果", "outcome"), ("原因", "reason"), ("含义", "meaning"), ("依据", "evidence")];
            page.table(self.words(&heads), rows.collect());
        }
    }

    fn occurrence(&self, name: &str) -> &'static str {
        match (name, self.lang) {
            ("YES", Lang::Zh) => "成功",
            ("YES", Lang::En) => "done",
            ("NO", Lang::Zh) => "失败",
            ("NO", Lang::En) => "refused",
            ("IN_HAND", Lang::Zh) => "处理中",
            ("IN_HAND", Lang::En) => "in hand",
            (_, Lang::Zh) => "不明",
            (_, Lang::En) => "unknown",
        }
    }

    /// The first good sample of the operation, every byte explained. The people in it are invented.
    fn samples(&self, page: &mut Page, operation: &Operation) {
        let Some(folder) = self.folder else { return };
        let mut cases: Vec<_> = std::fs::read_dir(folder.join("samples").join(operation.operation))
            .into_iter()
            .flatten()
            .filter_map(|entry| Some(entry.ok()?.path()))
            .filter(|case| case.join("request.wire").is_file() && case.join("reply.wire").is_file())
            .filter(|case| !case.join("problem.json").is_file())
            .collect();
        cases.sort();
        let Some(case) = cases.first() else { return };
        let Some(plan) = self.adapter.operations.values().find(|it| it.operation.name() == operation.operation) else {
            return;
        };
        let read = |name: &str| std::fs::read(case.join(name)).ok();
        let context: serde_json::Value =
            read("context.json").and_then(|bytes| serde_json::from_slice(&bytes).ok()).unwrap_or_default();
        let supply = |name: &str| context.get("settings")?.get(name)?.as_str().map(str::to_owned);
        let settings = Settings(self.adapter.settings.iter().map(|setting| supply(&setting.name)).collect());
        page.heading(3, self.say("样例（虚构）", "Sample (invented)"));
        let note = read("note.md").and_then(|bytes| String::from_utf8(bytes).ok()).unwrap_or_default();
        page.text(note.trim().to_owned());
        if let Some(body) = read("request.wire") {
            let wire = Wire { target: read("request.target"), body };
            let explained = self.adapter.explain_request(plan, &wire, &settings, true);
            page.drawing(explain::render(&explained, self.lang));
        }
        if let Some(body) = read("reply.wire") {
            page.drawing(explain::render(&self.adapter.explain_reply(plan, &body, &settings, true), self.lang));
        }
    }
}

/// What each picture means in bytes.
const PICTURES: &[(&str, &str, &str)] = &[
    ("X(n)", "n 字节文本", "n bytes of text"),
    ("G(n)", "n 字节文本，可含汉字，不截断字符", "n bytes of text, Chinese too; no character is cut"),
    ("9(n)", "n 位 ASCII 数字", "n ASCII digits"),
    ("9(n)V99", "n + 2 位数字，隐含两位小数", "n + 2 digits, of which two follow an implied point"),
    (
        "LLVAR(n) LLLVAR(n)",
        "2 或 3 位长度（字节数），其后至多 n 字节",
        "2 or 3 digits of length in bytes, then at most n bytes",
    ),
    (
        "BCD(n)",
        "n 位数字，每字节两位；奇数位时首半字节为零",
        "n digits, two in a byte; of an odd n the first half byte is zero",
    ),
    ("S9(n) CD", "符号一字节（非负、负），其后 n 位数字", "one byte of sign (not negative, negative), then n digits"),
    (
        "B(n)",
        "n 个原始字节；big/little 为无符号整数的字节序",
        "n raw bytes; big and little: the byte order of an unsigned number",
    ),
];

#[cfg(test)]
mod tests;
