"""abc: <ap> behind seven bytes of header. Flag, length to the left with blanks (GBK bytes, header not counted), yuan."""

import sys

import errands
from facts import CARD, HOLDER, element, errand, flat, gbk, payment, problem, reply

SETTINGS = {
    "corp_no": "5002369900001",
    "op_no": "0007",
    "auth_no": "A99",
    "payer_province": "31",
    "payer_account": "150101040000001",
    "payer_name": "奉节县社会保险事务中心",
}
SERIAL, QUERY, HOST = "K7Q2M4XH5RZT3WBA", "Q0000000000000Q2", "H20220315000077"
WHEN, ASKED = "2022-03-15T09:30:15+08:00", "2022-03-15T10:00:15+08:00"


def context():
    return {"serial": SERIAL, "sent_at": WHEN, "business_date": "2022-03-15", "settings": SETTINGS}


def query_context():
    return {"serial": QUERY, "sent_at": ASKED, "business_date": "2022-03-15", "settings": SETTINGS,
            "original": {"serial": SERIAL, "sent_at": WHEN, "business_date": "2022-03-15"}}


def framed(text, flag=b"0", length=None):
    body = text if isinstance(text, bytes) else gbk(text)
    return flag + str(len(body) if length is None else length).ljust(6).encode() + body


def yuan(fen):
    return "%d.%02d" % divmod(fen, 100)


def head(code, serial, time):
    return flat([
        ("CCTransCode", code), ("ProductID", "ICC"), ("ChannelType", "ERP"), ("CorpNo", SETTINGS["corp_no"]),
        ("OpNo", SETTINGS["op_no"]), ("AuthNo", SETTINGS["auth_no"]), ("ReqSeqNo", serial), ("ReqDate", "20220315"),
        ("ReqTime", time), ("Sign", ""), ("FileFlag", 0),
    ])


def pay(paid):
    payee = paid["payee"]
    number = payee["account"]
    province, rest = ("", number) if payee["account_kind"] == "card" else (number[:2], number[2:])
    assert payee["account_kind"] == "card" or len(rest) == 15
    cmp_ = flat([
        ("DbProv", SETTINGS["payer_province"]), ("DbAccNo", SETTINGS["payer_account"]), ("DbLogAccNo", ""), ("DbCur", "01"),
        ("CrProv", province), ("CrAccNo", rest), ("CrLogAccNo", ""), ("CrCur", "01"), ("ConFlag", 1),
    ])
    corp = flat([
        ("PsFlag", ""), ("BookingFlag", 0), ("BookingDate", ""), ("BookingTime", ""), ("UrgencyFlag", 0), ("OthBankFlag", 0),
        ("CrBankType", ""), ("CrAccName", payee["name"]), ("CrBankName", ""), ("CrBankNo", payee.get("bank", "")),
        ("DbAccName", SETTINGS["payer_name"]), ("WhyUse", paid.get("purpose", "")), ("Postscript", paid["order"]),
    ])
    inside = head("CFRT21", SERIAL, "093015") + element("Cmp", cmp_) + element("Corp", corp)
    return framed(element("ap", inside + flat([("Amt", yuan(paid["amount"]))])))


def answer(code, wait=None, serial=SERIAL, **said):
    """CFRT21's answer in the order that kuimen's simulator writes it; any order is read."""
    order = ["RespSource", "RespSeqNo", "HostSeqNo"]
    pairs = [("CCTransCode", "CFRT21"), ("ReqSeqNo", serial)] + [(name, said[name]) for name in order if name in said]
    pairs += [("RespCode", code)] + [(name, said[name]) for name in ("RespInfo", "RxtInfo") if name in said]
    corp = element("Corp", flat([("WaitFlag", wait)])) if wait is not None else ""
    return element("ap", flat(pairs) + corp)


def ask():
    original = flat([("OrigReqSeqNo", SERIAL), ("OrigReqDate", "20220315")])
    return framed(element("ap", head("CQRT04", QUERY, "100015") + element("Cmp", original)))


def found(code, data=None, text=None):
    pairs = [("CCTransCode", "CQRT04"), ("ReqSeqNo", QUERY), ("RespCode", code)] + ([("RespInfo", text)] if text else [])
    return element("ap", flat(pairs) + (element("Cmp", flat([("RespPrvData", data)])) if data is not None else ""))


def cases():
    paid = payment("abc")
    out = {"request": paid, "context": context(), "request.wire": pay(paid)}

    def told(occurrence, code, details=None, **more):
        return reply(occurrence, details, **{"bank_code": code, "serial": SERIAL, **more})

    any_order = element("ap", flat([("RespInfo", " 交易成功 "), ("HostJrnNo", HOST), ("RespDate", "20220315")])
                        + element("Corp", flat([("UseState", 1), ("WaitFlag", 0), ("Postscript", "FJ")]))
                        + flat([("RespCode", "0000")]) + element("Cme", flat([("RecordNum", 0)]))
                        + flat([("TransCode", "CFRT21"), ("ReqSeqNo", SERIAL)]))
    plain = told("YES", "0000", {"WaitFlag": "0"}, bank_text="交易成功", bank_serial=HOST)
    yield "payment.pay/accepted", {
        **out, "note": "0000 and WaitFlag 0: paid, to a card (no province). The second form has another order, other names, blanks "
                       "around the text and elements that nobody asked for.",
        "reply.wire": framed(answer("0000", 0, HostSeqNo=HOST, RespInfo="交易成功")),
        "reply.also.wire": framed(any_order), "reply": plain,
    }
    name = "欧阳韡·珅"
    account = payment("abc", {"name": name, "account": "31650001040099999", "account_kind": "account", "bank": "103100000026"},
                      purpose=None, amount=5, order="A&B<1>")
    wire = pay(account)
    assert b"<CrProv>31</CrProv><CrAccNo>650001040099999</CrAccNo>" in wire and b"\xed|" in wire and b"<Amt>0.05<" in wire
    yield "payment.pay/accepted-account", {
        "note": "An account: two digits of province and fifteen. A rare name, no purpose, five fen, an order that has to be escaped. "
                "No WaitFlag.",
        "request": account, "context": context(), "request.wire": wire,
        "reply.wire": framed(answer("0000")), "reply": told("YES", "0000"),
    }
    pending = {
        "review": ("0005 and 交易成功, and the other text says that it waits for a review: not paid.",
                   answer("0005", RespInfo="交易成功", RxtInfo="交易待审核"),
                   told("IN_HAND", "0005", {"RxtInfo": "交易待审核"}, bank_text="交易成功")),
        "review-0000": ("The same words beside 0000: not paid either.", answer("0000", RxtInfo="交易待审核,请关注"),
                        told("IN_HAND", "0000", {"RxtInfo": "交易待审核,请关注"})),
        "landed": ("0001: the bank's staff handle it.", answer("0001", 1, RespInfo="落地处理"),
                   told("IN_HAND", "0001", {"WaitFlag": "1"}, bank_text="落地处理")),
        "wait": ("0000 and WaitFlag 1: the words say done, and it is not.", answer("0000", 1, RespInfo="交易成功"),
                 told("IN_HAND", "0000", {"WaitFlag": "1"}, bank_text="交易成功")),
    }
    unknown = {
        "9999": ("9999: the front end lost the host.", answer("9999", RespInfo="通讯失败"), told("UNKNOWN", "9999", bank_text="通讯失败")),
        "cics": ("0000 with CICS in the text: unknown.", answer("0000", RespInfo="CICS ERR 3"),
                 told("UNKNOWN", "0000", bank_text="CICS ERR 3")),
        "cics-other-text": ("CICS in the other text, and a WaitFlag.", answer("0001", 1, RxtInfo="主机CICS通讯异常"),
                            told("UNKNOWN", "0001", {"RxtInfo": "主机CICS通讯异常", "WaitFlag": "1"})),
        "0005": ("0005 without the words about a review: unknown.", answer("0005", RespInfo="交易成功"),
                 told("UNKNOWN", "0005", bank_text="交易成功")),
        "unlisted": ("A code in no list, though the text says failure.", answer("2041", RespInfo="交易失败，余额不足"),
                     told("UNKNOWN", "2041", bank_text="交易失败，余额不足")),
        "duplicate": ("The invented code for a serial that was seen before: look, do not fail.", answer("KM02", RespInfo="流水号重复"),
                      told("UNKNOWN", "KM02", bank_text="流水号重复")),
        "another-serial": ("The answer to another message: it reads well and is not ours.", answer("0000", serial="K7Q2M4XH5RZT3WBB"),
                           told("YES", "0000", serial="K7Q2M4XH5RZT3WBB")),
    }
    declined = {"": ("The one refusal code, and it is invented.",
                     answer("KM01", RespSource="C", RespSeqNo="R1", RespInfo="收款账户状态不正常"),
                     told("NO", "KM01", {"RespSource": "C", "RespSeqNo": "R1"}, bank_text="收款账户状态不正常", reason="AC04"))}
    for kind, group in (("pending", pending), ("unknown", unknown), ("declined", declined)):
        for name, (note, text, means) in group.items():
            yield "payment.pay/" + "-".join(filter(None, (kind, name))), {
                **out, "note": note, "reply.wire": framed(text), "reply": means}

    refused = {
        "name-unmappable": ("䶮 has no bytes in the GBK that a Java system writes.", {"name": "王䶮"}, "payee.name"),
        "account-width": ("An account that is not 2 and 15 digits.", {"account": "3165000104009999", "account_kind": "account"},
                          "payee.account"),
    }
    for name, (note, payee, field) in refused.items():
        yield "payment.pay/bad-" + name, {"note": note, "context": context(), "request": payment("abc", payee),
                                          "problem": problem("request", "cannot-encode", field)}
    good = answer("0000", 0)
    yield "payment.pay/bad-request-amount", {
        **out, "note": "One decimal instead of two.", "request": None, "problem": problem("request", "cannot-decode"),
        "request.wire": framed(pay(paid)[7:].replace(b"<Amt>1234.50<", b"<Amt>1234.5<")),
    }
    bad = {
        "length": ("One byte more is promised than came.", framed(good, length=len(gbk(good)) + 1), "frame"),
        "length-right": ("The length stands to the right, behind blanks.",
                         b"0" + str(len(gbk(good))).rjust(6).encode() + gbk(good), "frame"),
        "encrypted": ("The flag says encrypted.", framed(good, flag=b"1"), "frame"),
        "end-tag": ("The root is not closed.", framed(good[:-5]), "xml"),
        "cut-character": ("A text ends in half a character.",
                          framed(gbk(good).replace(b"</RespCode>", b"</RespCode><RespInfo>\xd5</RespInfo>")), "charset"),
        "no-code": ("No RespCode.", framed(good.replace("<RespCode>0000</RespCode>", "")), "cannot-decode"),
        "both-names": ("An element under both of its names.",
                       framed(good.replace("<RespCode>", "<HostSeqNo>1</HostSeqNo><HostJrnNo>2</HostJrnNo><RespCode>")), "cannot-decode"),
        "trailing": ("A second root.", framed(good + "<ap></ap>"), "xml"),
        "header-cut": ("Five bytes.", framed(good)[:5], "frame"),
    }
    for name, (note, bytes_, code) in bad.items():
        yield "payment.pay/bad-reply-" + name, {**out, "note": note, "reply.wire": bytes_, "problem": problem("reply", code)}

    asked = {"request": paid, "context": query_context(), "request.wire": ask()}
    lead = "CQRT04000000000000"
    assert len(lead) == 18

    def states(first, second):
        return found("0000", lead + first + second)

    means = {
        "accepted": ("Both codes 0000.", "0000", "0000", "YES", None),
        "declined": ("Both codes 0389.", "0389", "0389", "NO", "MS03"),
        "pending": ("The second code is 0388.", "0000", "0388", "IN_HAND", None),
        "pending-first": ("The first code is 0388.", "0388", "0389", "IN_HAND", None),
        "unknown-mixed": ("Two codes that contradict each other.", "0000", "0389", "UNKNOWN", None),
        "unknown-unlisted": ("Two codes in no list.", "0390", "0390", "UNKNOWN", None),
    }
    for name, (note, first, second, occurrence, reason) in means.items():
        yield "payment.query/" + name, {
            **asked, "note": "The codes stand at characters 18 to 22 and 22 to 26 of a text. " + note,
            "reply.wire": framed(states(first, second)),
            "reply.also.wire": framed(states(first, second).replace(lead, "|00000001|张三 |1|").replace("CCTransCode", "TransCode")),
            "reply": reply(occurrence, {"RespCode": "0000", "first": first}, bank_code=second, reason=reason, serial=QUERY),
        }
    yield "payment.query/not-found", {
        **asked, "note": "The invented code that says there is no trace; it is not a refusal.",
        "reply.wire": framed(found("KM03", text="查无此交易")),
        "reply": reply("UNKNOWN", {"RespCode": "KM03"}, not_found=True, bank_text="查无此交易", serial=QUERY),
    }
    yield "payment.query/unknown", {
        **asked, "note": "The query itself failed: that says nothing of the payment.",
        "reply.wire": framed(found("9999", text="CICS")),
        "reply": reply("UNKNOWN", {"RespCode": "9999"}, bank_text="CICS", serial=QUERY),
    }
    for name, data, code in (("short", lead + "0000000", "cannot-decode"), ("long", lead + "00000000|", "trailing-data")):
        yield "payment.query/bad-reply-" + name, {
            **asked, "note": "The text has not 26 characters.", "reply.wire": framed(found("0000", data)),
            "problem": problem("reply", code),
        }
    yield from card_errands()
    yield from errands.told(sys.modules[__name__], "abc", context())


DOCUMENTS = {"resident": "01", "resident-15": "02", "hmt": "31", "permanent-residence": "32"}


def holder(said):
    person, card = said["holder"], said["card"]
    return [("CertType", DOCUMENTS[person["id_type"]]), ("CertNo", person["id"]), ("CustName", person.get("name", "")),
            ("SiCardNo", card["number"]), ("CardNo", card.get("account", ""))]


def order(code, pairs):
    return framed(element("ap", head(code, SERIAL, "093015") + element("Corp", flat(pairs))))


def done(code, result="0000", corp=None, serial=SERIAL, **said):
    pairs = [("CCTransCode", code), ("ReqSeqNo", serial), ("HostSeqNo", said.get("host")), ("RespCode", result),
             ("RespInfo", said.get("text"))]
    pairs = [(name, text) for name, text in pairs if text is not None]
    return element("ap", flat(pairs) + (element("Corp", flat(corp)) if corp is not None else ""))


def card_errands():
    """What moves no money: the envelope is the bank's, codes and elements are invented."""
    card = {"number": "B00000019", "account": CARD}
    person = errand("abc", holder=HOLDER, card=card)

    def told(occurrence, code, card=None, **more):
        return reply(occurrence, card=card, **{"bank_code": code, "serial": SERIAL, **more})

    sides = [("CardNo", CARD), ("IssueDate", "20220315"), ("SiExpDate", "20320315"), ("ExpDate", "20270315")]
    days = {"account": CARD, "issued_on": "2022-03-15", "social_expiry": "2032-03-15", "financial_expiry": "2027-03-15"}
    asked = {"context": context(), "request": person, "request.wire": order("CQKM01", holder(person))}
    for name, note, social, financial in (
        ("accepted", "In use on both sides.", ("1", "active"), ("1", "active")),
        ("accepted-inactive", "The social side is in use, the bank's is not activated.", ("1", "active"), ("0", "inactive")),
        ("accepted-lost", "Lost for the time being; the bank's side is still active.", ("4", "lost-for-now"), ("1", "active")),
    ):
        yield "card.query/" + name, {
            **asked, "note": note,
            "reply.wire": framed(done("CQKM01", corp=sides + [("SiStatus", social[0]), ("Status", financial[0])])),
            "reply": told("YES", "0000", card={**days, "social_status": social[1], "financial_status": financial[1]}),
        }
    yield "card.query/declined", {
        **asked, "note": "The bank has no such card.", "reply.wire": framed(done("CQKM01", "KM13", text="无此卡或账户")),
        "reply": told("NO", "KM13", bank_text="无此卡或账户"),
    }
    yield "card.query/unknown", {
        **asked, "note": "The front end lost the host.", "reply.wire": framed(done("CQKM01", "9999")), "reply": told("UNKNOWN", "9999"),
    }
    both = [("SiStatus", "1"), ("Status", "1")]
    for name, note, corp in (
        ("status", "A status that the dictionary does not know.", sides + [("SiStatus", "7"), ("Status", "1")]),
        ("day", "A day that the calendar does not have.", [("IssueDate", "20220230")] + both),
        ("one-side", "Only the social side is told.", sides + [("SiStatus", "1")]),
    ):
        yield "card.query/bad-reply-" + name, {
            **asked, "note": note, "reply.wire": framed(done("CQKM01", corp=corp)), "problem": problem("reply", "cannot-decode")}

    formal = errand("abc", holder=HOLDER, card=card, loss={"kind": "formal", "reason": "钱包丢失"})
    lost = {"context": context(), "request": formal,
            "request.wire": order("CFKM02", holder(formal) + [("LossFlag", 1), ("Postscript", "钱包丢失")])}
    for name, note, code, text, means in (
        ("accepted", "Reported.", "0000", "挂失成功", ("YES", None)),
        ("accepted-already", "It was lost before: that is success.", "KM11", "该卡已是此状态", ("YES", None)),
        ("pending", "The social side is done, the bank's side still has to be.", "KM12", "请到银行同步办理金融账户业务", ("IN_HAND", None)),
        ("declined", "A cancelled card cannot be lost.", "KM15", "该卡已注销", ("NO", None)),
        ("declined-name", "Another name.", "KM14", "户名、证件与账户不符", ("NO", "BE01")),
        ("unknown", "A code in no list.", "2041", "系统忙", ("UNKNOWN", None)),
    ):
        yield "card.report-loss/" + name, {
            **lost, "note": note, "reply.wire": framed(done("CFKM02", code, host=HOST, text=text)),
            "reply": told(means[0], code, bank_text=text, reason=means[1], bank_serial=HOST),
        }
    for_now = errand("abc", holder=HOLDER, card={"number": "500000019"}, loss={"kind": "for-now"})
    yield "card.report-loss/accepted-for-now", {
        "context": context(), "request": for_now, "note": "For the time being, without a reason and without the bank card's number.",
        "request.wire": order("CFKM02", holder(for_now) + [("LossFlag", 0), ("Postscript", "")]),
        "reply.wire": framed(done("CFKM02")), "reply": told("YES", "0000"),
    }
    yield "card.report-loss/bad-reply-another-transaction", {
        **lost, "note": "An answer to another transaction.", "reply.wire": framed(done("CFKM03")),
        "problem": problem("reply", "cannot-decode"),
    }
    for operation, code, text in (("card.release-loss", "CFKM03", "解挂成功"), ("card.cancel", "CFKM04", "注销成功")):
        given = {"context": context(), "request": person, "request.wire": order(code, holder(person) + [("Postscript", "")])}
        yield operation + "/accepted", {
            **given, "note": "Done.", "reply.wire": framed(done(code, text=text)), "reply": told("YES", "0000", bank_text=text)}
        yield operation + "/declined", {
            **given, "note": "The bank has no such card.", "reply.wire": framed(done(code, "KM13")), "reply": told("NO", "KM13")}
        yield operation + "/pending", {
            **given, "note": "The social side is done, the bank's side still has to be.", "reply.wire": framed(done(code, "KM12")),
            "reply": told("IN_HAND", "KM12")}
        yield operation + "/unknown", {
            **given, "note": "The front end lost the host.", "reply.wire": framed(done(code, "9999")), "reply": told("UNKNOWN", "9999")}
        yield operation + "/bad-reply-cut", {
            **given, "note": "The frame promises more.", "reply.wire": framed(done(code))[:-1], "problem": problem("reply", "frame")}

    payee = {**HOLDER, "account": CARD, "account_kind": "card"}
    verify = errand("abc", payee=payee)
    pairs = [("CertType", "01"), ("CertNo", HOLDER["id"]), ("CustName", HOLDER["name"]), ("AccType", 1), ("AccNo", CARD)]
    given = {"context": context(), "request": verify, "request.wire": order("CQKM05", pairs)}
    yield "account.verify/accepted", {
        **given, "note": "They belong together.", "reply.wire": framed(done("CQKM05")), "reply": told("YES", "0000")}
    yield "account.verify/declined", {
        **given, "note": "They do not.", "reply.wire": framed(done("CQKM05", "KM14", text="户名、证件与账户不符")),
        "reply": told("NO", "KM14", bank_text="户名、证件与账户不符", reason="BE01")}
    yield "account.verify/unknown", {
        **given, "note": "The front end lost the host.", "reply.wire": framed(done("CQKM05", "9999")), "reply": told("UNKNOWN", "9999")}
    yield "account.verify/bad-name-unmappable", {
        "context": context(), "note": "A name that the charset cannot carry.", "problem": problem("request", "cannot-encode", "payee.name"),
        "request": errand("abc", payee={**payee, "name": "王䶮"})}


NOTICES = {"taken": "0000", "refused": "KM21", "reused": "KM22"}
TELLS = {"card.check": "CIKM11", "card.issued": "CIKM12", "card.activated": "CIKM13", "payment.returned": "CIKM14"}


def told_request(operation, said):
    head_ = flat([("CCTransCode", TELLS[operation]), ("CorpNo", SETTINGS["corp_no"]), ("ReqSeqNo", SERIAL), ("ReqDate", "20220315"),
                  ("ReqTime", "093015")])
    pairs = [(name, yuan(said["amount"]) if path == "amount" else errands.said_at(said, path) or "")
             for path, name, _, _ in errands.TOLD[operation]]
    return {"request.wire": framed(element("ap", head_ + element("Corp", flat(pairs))))}


def told_answer(operation, code):
    return framed(done(TELLS[operation], code))


def told_cut(operation, code):
    return told_answer(operation, code)[:-1], "frame"


def told_reply(occurrence, code):
    return reply(occurrence, bank_code=code, serial=SERIAL)
