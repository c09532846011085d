//! Faults planted one at a time into two sound adapters, and where each must be found.
//!
//! A row says: in this file, this text becomes that; then exactly this code stands at exactly this line and column (both
//! from 1, columns in characters). A row never counts what else may be wrong: one slip often breaks two rules.

use std::collections::BTreeSet;

use kuimen::adapter::load::FileSet;
use kuimen::adapter::plan::Adapter;
use kuimen::lang::Lang;

const RECORD: [(&str, &str); 2] = [
    ("adapter.toml", include_str!("faults/record/adapter.toml")),
    ("payment.pay.toml", include_str!("faults/record/payment.pay.toml")),
];

const XML: [(&str, &str); 6] = [
    ("adapter.toml", include_str!("faults/xml/adapter.toml")),
    ("payment.pay.toml", include_str!("faults/xml/payment.pay.toml")),
    ("payment.pay.request.xml", include_str!("faults/xml/payment.pay.request.xml")),
    ("payment.query.toml", include_str!("faults/xml/payment.query.toml")),
    ("payment.query.request.xml", include_str!("faults/xml/payment.query.request.xml")),
    ("reply.xml", include_str!("faults/xml/reply.xml")),
];

const A: &str = "adapter.toml";
const P: &str = "payment.pay.toml";
const Q: &str = "payment.query.toml";
const X: &str = "payment.pay.request.xml";
const R: &str = "reply.xml";

/// File, text to find (it stands there once), text to put there; code, file, line, column.
type Row = (&'static str, &'static str, &'static str, &'static str, &'static str, usize, usize);

#[rustfmt::skip]
const RECORD_ROWS: &[Row] = &[
    // the document
    (A, "[query]\n", "[query\n", "toml", A, 26, 7),
    (A, "max        = 9999", "max = 9999\nmax = 1", "duplicate-key", A, 12, 1),
    (A, "max        = 9999", "max = 9999\nspeed = 1", "unknown-key", A, 12, 1),
    (A, "max        = 9999", "max = \"9999\"", "wrong-type", A, 11, 7),
    (A, "cnaps    = \"102100099996\"\n", "", "missing-key", A, 1, 1),
    (A, "cnaps    = \"102100099996\"", "cnaps = \"102100099997\"", "cnaps", A, 3, 9),
    (A, "scope              = \"day\"", "scope = \"week\"", "not-one-of", A, 21, 9),
    (A, "\"gbk-java\"", "\"gbk\"", "unknown-charset", A, 8, 14),
    // frame and transport
    (A, "\"9(6)\", from = \"frame", "\"9(3)\", from = \"frame", "frame-length-narrow", A, 15, 10),
    (A, "from = \"frame.length\"", "is = \"000000\"", "frame-length", A, 15, 10),
    (A, "\"9(6)\", from = \"frame", "\"LLVAR(6)\", from = \"frame", "frame-header-varies", A, 15, 10),
    (A, "[serial]", "[http]\n[serial]", "http-on-tcp", A, 18, 2),
    (A, "kind   = \"prefix\"", "kind = \"end-tag\"\ntag = \"</TX >\"", "end-tag", A, 15, 7),
    (A, "connection = \"one-request\"", "connection = \"kept\"", "correlation-kept", P, 40, 13),
    // serial, query, delivery
    (A, "\"9(10)\"", "\"9(7)\"", "serial-too-narrow", A, 19, 22),
    (A, "rule               = \"narrow\"", "rule = \"wide\"", "serial-too-narrow", A, 19, 22),
    (A, "resend_hours   = 24", "resend_hours = 48", "resend-beyond-window", A, 31, 16),
    (A, "supported = false", "supported = true", "query-without-file", A, 27, 1),
    (A, "answer_seconds = 60", "answer_seconds = 0", "zero", A, 30, 1),
    // tables
    (A, "pic = \"9(6)\", zh", "pic = \"N(6)\", zh", "picture-syntax", A, 35, 23),
    (A, "demo = \"380000\"", "demo = \"3800001\"", "demo-unfit", A, 35, 70),
    (A, "secret = true, ", "", "key-not-secret", A, 59, 13),
    (A, "[settings]", "[records]\nhead = [ { name = \"A\", pic = \"X(1)\", is = \"1\" } ]\n[settings]", "record-shared", P, 18, 1),
    (A, "[settings]", "[records]\nspare = [ { name = \"A\", pic = \"X(1)\", is = \"1\" } ]\n[settings]", "unused", A, 35, 1),
    (A, "[settings]", "[settings]\nspare = { pic = \"X(1)\", zh = \"备\", en = \"spare\" }", "unused", A, 35, 1),
    (A, "reason = \"AC04\", source = \"invented\"", "reason = \"AC04\"", "no-without-source", A, 40, 1),
    (A, "reason = \"AC04\"", "reason = \"ac4\"", "reason-code", A, 40, 41),
    (A, "source = \"invented\"", "source = \"rumour\"", "source-label", A, 40, 58),
    (A, "\"yes\", zh", "\"yes\", duplicate = true, zh", "verdict-contradiction", A, 39, 1),
    (A, "arrears = \"2\"", "arrears = \"1\"", "map-not-one-to-one", A, 44, 11),
    (A, "one-off = \"3\"", "bonus = \"3\"", "unknown-code", P, 29, 59),
    (A, "card    = [\"\", \"X(32)\"]", "card = [\"X(2)\", \"X(15)\"]", "split-ambiguous", A, 51, 11),
    (A, "card    = [\"\", \"X(32)\"]\n", "", "split-not-covering", A, 47, 1),
    (A, "card    = [\"\", \"X(32)\"]", "card = [\"X(32)\"]", "split-parts", A, 51, 11),
    (A, "\"payee.account_kind\"", "\"payee.name\"", "split-on", A, 49, 1),
    (A, "algorithm = \"stand-in-hmac-sha256\"", "algorithm = \"des\"", "unknown-algorithm", A, 54, 13),
    (P, "pic = \"B(8)\",     from", "pic = \"B(33)\", from", "picture-unfit", P, 33, 44),
    (P, "pic = \"B(8)\",     from", "pic = \"X(65)\", from", "picture-unfit", P, 33, 44),
    (P, "pic = \"B(8)\",     from", "pic = \"9(8)\", from", "picture-unfit", P, 33, 43),
    (A, "algorithm = \"stand-in-hmac-sha256\"", "algorithm = \"des-cbc-mac\"", "mac-key", A, 59, 13),
    (A, "\"ACCT\", \"AMOUNT\"", "\"ACCT\", \"SUM\"", "mac-field", P, 33, 47),
    (A, "\"setting.mac_key\"", "\"setting.mac\"", "unknown-setting", A, 59, 13),
    // fields of a record
    (P, "at = 4", "at = 5", "gap", P, 20, 27),
    (P, "at = 4", "at = 3", "overlap", P, 20, 27),
    (P, "size = 10", "size = 11", "size-mismatch", P, 18, 17),
    (P, "\"INST\",   at", "\"TRCODE\", at", "duplicate-field", P, 20, 12),
    (P, "is = \"01\"", "is = \"001\"", "literal-too-long", P, 31, 45),
    (P, "skip = \"\"", "skip = \"  备用\"", "skip-too-long", P, 32, 47),
    (P, "pic = \"X(2)\",     is = \"01\"", "pic = \"9(2)\", is = \"CN\"", "literal-picture", P, 31, 41),
    (P, "is = \"01\"", "is = \"😀\"", "unmappable", P, 31, 45),
    (P, "is = \"01\"", "is = \"01\", skip = \"\"", "one-content", P, 31, 12),
    (P, "pic = \"X(32)\", ", "pic = \"X32\", ", "picture-syntax", P, 28, 28),
    (P, "zh = \"账号\"", "fill = \"０\", zh = \"账号\"", "fill-not-ascii", P, 28, 87),
    (P, "zh = \"账号\"", "fill = \"0\", zh = \"账号\"", "fill-ambiguous", P, 28, 87),
    (P, "zh = \"账号\"", "binary = \"big\", zh = \"账号\"", "binary-picture", P, 28, 80),
    // packed digits, signs, bitmaps
    (P, "pic = \"9(1)\",     from", "pic = \"BCD(1)\", fill = \" \", from", "packed-fill", P, 29, 3),
    (P, "pic = \"X(2)\",     is = \"01\"", "pic = \"S9(2)\", sign = \"CC\", is = \"01\"", "sign", P, 31, 44),
    (P, "pic = \"G(60)\",    from", "pic = \"S9(60)\", from", "picture-unfit", P, 30, 45),
    (P, "pic = \"G(60)\",    from", "pic = \"BCD(60)\", from", "picture-unfit", P, 30, 46),
    (P, "{ name = \"CUR\",", "{ bit = 3, name = \"CUR\",", "bit-without-bitmap", P, 31, 11),
    (P, "body = [", "body = { bitmap = true, fields = [ { name = \"Z\", pic = \"X(1)\", is = \"1\" } ] }\nmain = [", "bit-missing", P, 22, 34),
    (P, "body = [", "body = { bitmap = true, fields = [ { bit = 65, name = \"Z\", pic = \"X(1)\", is = \"1\" } ] }\nmain = [", "bit-number", P, 22, 44),
    (P, "body = [", "body = { bitmap = true, fields = [ { bit = 3, name = \"Z\", pic = \"X(1)\", is = \"1\" }, { bit = 3, name = \"Y\", pic = \"X(1)\", is = \"1\" } ] }\nmain = [", "bit-number", P, 22, 93),
    (P, "body = [", "body = { bitmap = true, delimited = \"|\", fields = [ { bit = 3, name = \"Z\", pic = \"X(1)\", is = \"1\" } ] }\nmain = [", "bitmap-alone", P, 15, 28),
    (P, "body = [", "body = { delimited = \"|\", fields = [ { name = \"Z\", pic = \"BCD(1)\", is = \"1\" } ] }\nmain = [", "packed-delimited", P, 22, 73),
    // values
    (P, "from = \"payee.name\"", "from = \"payee.nmae\"", "unknown-source", P, 30, 48),
    (P, "from = \"payee.name\"", "from = \"payee name\"", "value-syntax", P, 30, 48),
    (P, "from = \"payee.name\"", "from = \"bank_text\"", "source-not-here", P, 30, 48),
    (P, "from = \"payee.name\"", "from = \"card.number\"", "source-not-here", P, 30, 48),
    (P, "from = \"payee.name\"", "from = \"item.payee.name\"", "not-in-group", P, 30, 48),
    (P, "\"setting.institution\"", "\"setting.institute\"", "unknown-setting", P, 20, 52),
    (P, "\"constant.Code\"", "\"constant.Kode\"", "unknown-constant", P, 19, 52),
    (P, "kind | map kind", "kind | map kinds", "unknown-map", P, 29, 59),
    (P, "kind | map kind", "kind | upper", "unknown-conversion", P, 29, 55),
    (P, "kind | map kind", "kind | yuan", "conversion-unfit", P, 29, 55),
    (P, "part credit 1", "part debit 1", "unknown-split", P, 27, 69),
    (P, "part credit 1", "part credit 3", "split-no-part", P, 27, 69),
    (P, "from = \"payee.account | part credit 1\"", "skip = \"\"", "split-part-missing", P, 28, 48),
    (P, "date yyyyMMdd", "date yyyyMM", "date-pattern", P, 23, 69),
    (P, "sent_at | date HHmmss", "sent_at", "instant-needs-date", P, 24, 48),
    (P, "pic = \"9(13)V99\", from", "pic = \"9(15)\", from", "amount-needs-conversion", P, 26, 44),
    (P, "from = \"mac.body\"", "from = \"mac.head\"", "unknown-mac", P, 33, 48),
    (P, "pic = \"9(6)\",     from", "pic = \"9(5)\", from", "picture-unfit", P, 24, 43),
    (P, "pic = \"9(10)\",    from", "pic = \"9(9)\", from", "serial-field-narrow", P, 25, 43),
    (P, "at = 4, pic = \"9(6)\"", "at = 4, pic = \"9(5)\"", "setting-too-wide", P, 20, 51),
    (P, "skip = \"\"", "from = \"amount | fen\"", "written-twice", P, 32, 48),
    // the whole message
    (P, "\"fund\"          = \"no field\"\n", "", "field-unmapped", P, 13, 1),
    (P, "\"fund\"          = \"no field\"", "\"kind\" = \"no field\"\n\"fund\" = \"no field\"", "absent-but-present", P, 8, 1),
    (P, "\"fund\"          = \"no field\"", "\"fund\" = \" \"", "absent-reason-empty", P, 8, 10),
    (P, "\"fund\" ", "\"found\" ", "unknown-field", P, 8, 1),
    (P, "from = \"serial\", zh = \"流水号\" },\n  { name = \"AMOUNT\"", "is = \"1\", zh = \"\" },\n  { name = \"AMOUNT\"", "serial-not-sent", P, 14, 1),
    (P, "\"head\", \"|\", \"body\"]", "\"haed\", \"|\", \"body\"]", "unknown-part", P, 15, 15),
    (P, "body = [", "body = { repeat = \"items\", fields = [ { name = \"Z\", pic = \"X(1)\", is = \"1\" } ] }\nmain = [", "repeat-without-items", P, 22, 19),
    (P, "body = [", "body = { delimited = \"||\", fields = [] }\nmain = [", "delimiter", P, 22, 22),
    // the reply
    (P, "on        = \"MARKID\"", "on = \"FLAG\"", "discriminator-not-first", P, 39, 27),
    (P, "  { name = \"MARKID\", pic = \"X(7)\",  from = \"bank_code\", zh = \"标志\" },\n  { name = \"INFO\"", "  { name = \"MARKID\", pic = \"X(8)\", from = \"bank_code\" },\n  { name = \"INFO\"", "discriminator-differs", P, 39, 44),
    (P, ", \"*\" = \"other\"", "", "variants-without-star", P, 39, 13),
    (P, "\"AAAAAAA\" = \"success\", \"*\"", "\"AAAAAAAA\" = \"success\", \"*\"", "unreachable-variant", P, 39, 15),
    (P, "\"AAAAAAA\" = \"success\", ", "", "unreachable-variant", P, 47, 1),
    (P, "[\"|\", \"variant\", \"|\"]", "[\"|\", \"other\", \"|\"]", "variants-without-part", P, 38, 13),
    (P, "correlate = \"connection\"", "correlate = [\"serial\"]", "correlation-optional", P, 40, 14),
    (P, "correlate = \"connection\"", "correlate = [\"amount\"]", "not-read", P, 40, 14),
    (P, "correlate = \"connection\"", "correlate = [\"bank_code\"]", "correlation-not-ours", P, 40, 14),
    (P, "correlate = \"connection\"", "correlate = []", "correlation-empty", P, 40, 13),
    (P, "{ by = \"bank_code\", codes = \"result\" },", "{ occurred = \"unknown\" }, { by = \"bank_code\", codes = \"result\" },", "outcome-unreachable", P, 43, 29),
    (P, "codes = \"result\"", "codes = \"results\"", "unknown-table", P, 43, 31),
    (P, "\"local.Flag\" = \"9\"", "\"local.Flags\" = \"9\"", "not-read", P, 42, 14),
    (P, "\"local.Flag\" = \"9\"", "\"local.Flag\" = { is = \"9\" }", "one-condition", P, 42, 29),
];

#[rustfmt::skip]
const XML_ROWS: &[Row] = &[
    (A, "[serial]", "[frame]\n[serial]", "frame-on-http", A, 23, 2),
    (A, "  { name = \"reqData\",   body = true },\n", "", "form-body", A, 18, 8),
    (A, "{serial}", "{setting.seal_key}", "secret-in-target", A, 16, 26),
    (A, "\"/pay?", "\"pay?", "target", A, 16, 17),
    (A, "{serial}&", "{serial&", "braces", A, 16, 36),
    (A, "supported     = true", "supported = false", "query-not-supported", A, 32, 1),
    (A, "declared   = [\"GBK\", \"GB18030\"]", "declared = [\"GB18030\"]", "encoding-not-declared", X, 1, 1),
    (P, "seal = \"stand-in\"", "seal = \"sm2\"", "unknown-seal", P, 16, 8),
    (A, "algorithm = \"hmac-sha256\"", "algorithm = \"md5\"", "unknown-algorithm", A, 47, 13),
    (A, "algorithm = \"hmac-sha256\"", "algorithm = \"sm2-sm3\"", "mac-key", A, 48, 13),
    (A, "before    = \"KM-SEAL-1 {hex}\\n\"\n", "", "seal-no-place", A, 46, 8),
    (A, "before    = \"KM-SEAL-1 {hex}\\n\"", "before    = \"KM-SEAL-1 {hex}\"", "seal-place", A, 49, 13),
    (A, "before    = \"KM-SEAL-1 {hex}\\n\"", "before    = \"{hex}\\n\"\nafter = \"|{hex}\"", "seal-two-places", A, 49, 13),
    (A, "before    = \"KM-SEAL-1 {hex}\\n\"", "before    = \"{hex}\\n\"\nuser_id = \"x\"", "unknown-key", A, 50, 1),
    (P, "\"payment.pay.request.xml\"", "\"pay.xml\"", "template-missing", P, 15, 8),
    (P, "seal = \"stand-in\"", "seal = \"stand-in\"\nparts = []", "two-layouts", P, 17, 9),
    (Q, "xml       = \"reply.xml\"", "xml = \"reply.xml\"\non = \"x\"", "unknown-key", Q, 13, 1),
    (X, "<Seq>{serial}</Seq>", "<Seq>{serial}</seq>", "template", X, 6, 18),
    (X, "</CMS>", "</CMS><CMS/>", "template", X, 20, 8),
    (X, "<No>", "<Acc>1</Acc><No>", "duplicate-sibling", X, 13, 8),
    (X, "<No>", "<D n=\"a\" k:by=\"n\">1</D><D n=\"a\" k:by=\"n\">1</D><No>", "duplicate-sibling", X, 12, 31),
    (X, "<No>", "<D n=\"a\" k:by=\"m\">1</D><No>", "by-no-literal", X, 12, 22),
    (X, "<Date>{sent_at", "<Date>D{sent_at", "mixed-value", X, 5, 11),
    (X, "<in>", "<in>text", "mixed-content", X, 8, 7),
    (X, "{item.amount | fen}", "{item.amount}", "amount-needs-conversion", X, 15, 13),
    (X, "{item.payee.name}", "{payee.name}", "single-in-group", X, 14, 14),
    (X, "{items | count}", "{items}", "items-what", X, 9, 11),
    (X, "k:each=\"items\"", "k:each=\"item\"", "directive-value", X, 11, 17),
    (X, "k:optional", "k:optionally", "directive-unknown", X, 17, 12),
    (X, "<in>", "<in k:trim=\"yes\">", "directive-misplaced", X, 8, 7),
    (X, "ver=\"1\"", "ver=\"{serial | fen}\"", "conversion-unfit", X, 3, 23),
    (R, "<Text k:optional=\"yes\">", "<Text k:names=\"Text SeqNo\">", "ambiguous-alternative", R, 4, 4),
    (R, "k:names=\"Seq SeqNo\"", "k:names=\"Seq SeqNo\" k:optional=\"yes\"", "correlation-optional", P, 20, 14),
    (R, "<Text k:optional=\"yes\">{bank_text}", "<Text>{record text}", "unknown-part", R, 4, 17),
    (R, "<Text k:optional=\"yes\">{bank_text}", "<Text>{original.serial}", "source-not-here", R, 4, 10),
];

fn planted(base: &[(&'static str, &'static str)], row: &Row) -> FileSet {
    let (file, find, replace, ..) = row;
    FileSet::of(base.iter().map(|(name, text)| {
        if name != file {
            return (*name, (*text).to_owned());
        }
        assert_eq!(text.matches(find).count(), 1, "{file}: {find:?} must stand there once");
        (*name, text.replacen(find, replace, 1))
    }))
}

fn check(base: &[(&'static str, &'static str)], rows: &[Row]) -> BTreeSet<&'static str> {
    let mut wrong = Vec::new();
    for row in rows {
        let (_, _, replace, code, file, line, column) = row;
        let faults = match Adapter::compile("b1", &planted(base, row)) {
            Ok(_) => {
                wrong.push(format!("{code}: not found after {replace:?}"));
                continue;
            }
            Err(faults) => faults,
        };
        let found = faults
            .faults
            .iter()
            .any(|fault| fault.code == *code && fault.file == *file && fault.line == *line && fault.column == *column);
        if !found {
            let all: Vec<_> = faults
                .faults
                .iter()
                .map(|fault| format!("{} {}:{}:{}", fault.code, fault.file, fault.line, fault.column))
                .collect();
            wrong.push(format!("{code} at {file}:{line}:{column} after {replace:?}; found {all:?}"));
        }
        for lang in Lang::ALL {
            assert!(faults.render(lang).contains(code), "{code} is not in the text");
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    rows.iter().map(|row| row.3).collect()
}

#[test]
fn the_sound_adapters_have_no_fault() {
    for base in [RECORD.as_slice(), XML.as_slice()] {
        let files = FileSet::of(base.iter().copied());
        if let Err(faults) = Adapter::compile("b1", &files) {
            panic!("{faults}");
        }
    }
}

#[test]
fn every_planted_fault_is_found_where_it_is() {
    let mut codes = check(&RECORD, RECORD_ROWS);
    codes.extend(check(&XML, XML_ROWS));
    assert!(codes.len() >= 90, "{} codes", codes.len());
}

#[test]
fn all_faults_come_at_once() {
    let files = FileSet::of(RECORD.map(|(name, text)| {
        let text =
            text.replace("at = 4", "at = 5").replace("is = \"01\"", "is = \"001\"").replace("= \"2\"", "= \"1\"");
        (name, text)
    }));
    let faults = Adapter::compile("b1", &files).unwrap_err();
    let codes: Vec<&str> = faults.faults.iter().map(|fault| fault.code).collect();
    assert_eq!(codes, ["map-not-one-to-one", "gap", "literal-too-long"]);
}

#[test]
fn a_file_that_nothing_refers_to_and_a_folder_without_main_file_are_faults() {
    let mut files: Vec<_> = RECORD.to_vec();
    files.push(("payment.refund.toml", ""));
    let faults = Adapter::compile("b1", &FileSet::of(files.clone())).unwrap_err();
    assert_eq!(faults.faults.iter().map(|fault| fault.code).collect::<Vec<_>>(), ["unknown-file"]);
    let faults = Adapter::compile("b1", &FileSet::of(files.split_off(1))).unwrap_err();
    assert_eq!(faults.faults[0].code, "no-main-file");
}

#[test]
fn what_is_invented_is_listed_with_its_line() {
    let adapter = Adapter::compile("b1", &FileSet::of(RECORD)).unwrap();
    let invented: Vec<_> =
        adapter.invented.iter().map(|one| (one.file.as_str(), one.line, one.what.as_str())).collect();
    assert_eq!(invented, [("adapter.toml", 40, "codes.result.E000001")]);
    let adapter = Adapter::compile("b1", &FileSet::of(XML)).unwrap();
    let invented: Vec<_> = adapter.invented.iter().map(|one| (one.line, one.what.as_str())).collect();
    assert_eq!(invented, [(29, "serial"), (53, "codes.line.9")]);
}

#[test]
fn the_digest_is_of_names_and_contents() {
    let files = FileSet::of(RECORD);
    let moved = FileSet::of([("adapter.tom", RECORD[0].1), ("lpayment.pay.toml", RECORD[1].1)]);
    let changed = FileSet::of([(RECORD[0].0, RECORD[0].1), (RECORD[1].0, RECORD[1].1.trim_end())]);
    assert_eq!(files.digest(), FileSet::of(RECORD).digest());
    assert_ne!(files.digest(), moved.digest());
    assert_ne!(files.digest(), changed.digest());
}

#[test]
fn settings_must_all_be_there_and_fit() {
    let adapter = Adapter::compile("b1", &FileSet::of(RECORD)).unwrap();
    let settings = adapter.settings_from(|name| Some(if name == "institution" { "380001" } else { "k" }.to_owned()));
    assert_eq!(settings.unwrap().0, [Some("380001".to_owned()), Some("k".to_owned())]);
    let wrong = adapter.settings_from(|name| (name == "institution").then(|| "38000A".to_owned())).err().unwrap();
    let wrong: Vec<_> = wrong.iter().map(|(name, rule)| (name.as_str(), rule.key())).collect();
    assert_eq!(wrong, [("institution", "adapter-setting-unfit"), ("mac_key", "adapter-setting-missing")]);
}
