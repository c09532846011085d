"""icbc: CMS/eb over HTTP. Ten form fields out, Base64 of GBK XML back, payments sealed, amounts in fen."""

import base64
import hashlib
import hmac
import re
import sys
from urllib.parse import quote

import errands
from facts import element, escaped, flat, gbk, payment, problem, reply

KEY = "one-key-for-samples-only"
SETTINGS = {
    "cis": "310090001234567",
    "user": "fj.shebao",
    "certificate": "fj 证书.crt",
    "payer_account": "3100021509200000001",
    "payer_name": "奉节县社会保险事务中心（样例）",
    "seal_key": KEY,
}
SERIAL, QUERY, BANK = "K7Q2M4XH5RZT3WBA", "Q0000000000000Q1", "HQH000000000001"
DAY, TIME = "20220315", "093015123"
WHEN = "2022-03-15T09:30:15.123+08:00"
LATER, ASKED = "100015000", "2022-03-15T10:00:15+08:00"
XML = '<?xml version="1.0" encoding="GBK"?>'


def context(serial=SERIAL):
    return {"serial": serial, "sent_at": WHEN, "business_date": "2022-03-15", "item_number": 1, "settings": SETTINGS}


def query_context(bank_serial=BANK):
    original = {"serial": SERIAL, "sent_at": WHEN, "business_date": "2022-03-15"}
    if bank_serial:
        original["bank_serial"] = bank_serial
    return {"serial": QUERY, "sent_at": ASKED, "business_date": "2022-03-15", "item_number": 1,
            "settings": SETTINGS, "original": original}


def cms(pub, rest):
    return XML + element("CMS", element("eb", element("pub", pub) + rest))


def pub(code, serial, time):
    return flat([("TransCode", code), ("CIS", SETTINGS["cis"]), ("BankCode", 102), ("ID", SETTINGS["user"]),
                 ("TranDate", DAY), ("TranTime", time), ("fSeqno", serial)])


def pay(paid, serial):
    """PAYPER: every element of `in` and of `rd` in the manual's order."""
    payee = paid["payee"]
    line = flat([
        ("iSeqno", 1), ("ReimburseNo", ""), ("ReimburseNum", ""), ("StartDate", ""), ("StartTime", ""), ("PayType", 1),
        ("PayAccNo", SETTINGS["payer_account"]), ("PayAccNameCN", SETTINGS["payer_name"]), ("PayAccNameEN", ""),
        ("RecAccNo", payee["account"]), ("RecAccNameCN", payee["name"]), ("RecAccNameEN", ""), ("SysIOFlg", ""),
        ("IsSameCity", ""), ("RecICBCCode", ""), ("RecCityName", ""), ("RecBankNo", payee.get("bank", "")),
        ("RecBankName", ""), ("CurrType", "001"), ("PayAmt", paid["amount"]), ("UseCode", ""),
        ("UseCN", paid.get("purpose", "")), ("EnSummary", ""), ("PostScript", ""), ("Summary", ""), ("Ref", ""),
        ("Oref", ""), ("ERPSqn", paid["order"]), ("BusCode", ""), ("ERPcheckno", ""), ("CrvouhType", ""),
        ("CrvouhName", ""), ("CrvouhNo", ""), ("MCardNo", ""), ("MCardName", ""),
    ])
    head = flat([("OnlBatF", 1), ("SettleMode", 0), ("TotalNum", 1), ("TotalAmt", paid["amount"]),
                 ("SignTime", DAY + TIME), ("THBaseAccFlag", ""), ("RegSerialNO", ""), ("PackageName", ""),
                 ("TotalSummary", ""), ("BatchSumFlag", "")])
    return gbk(cms(pub("PAYPER", serial, TIME), element("in", head + element("rd", line))))


def ask(bank_serial):
    line = flat([("iSeqno", 1), ("QryiSeqno", 1), ("QryOrderNo", "")])
    asked = flat([("QryfSeqno", SERIAL), ("QrySerialNo", bank_serial)])
    return gbk(cms(pub("QPAYPER", QUERY, LATER), element("in", asked + element("rd", line))))


def sealed(message, key=KEY):
    return b"KM-SEAL-1 " + hmac.new(key.encode(), message, hashlib.sha256).hexdigest().encode() + b"\n" + message


def percent(text):
    return quote(text if isinstance(text, bytes) else gbk(text), safe="").encode()


def form(code, serial, data):
    fields = [("Version", "0.0.1.0"), ("TransCode", code), ("BankCode", "102"), ("GroupCIS", SETTINGS["cis"]),
              ("ID", SETTINGS["user"]), ("PackageID", serial), ("Cert", SETTINGS["certificate"]), ("Language", "zh_CN"),
              ("zipFlag", "0"), ("reqData", data)]
    return b"&".join(name.encode() + b"=" + percent(value) for name, value in fields)


def target(serial, time):
    return ("/servlet/ICBCCMPAPIReqServlet?PackageID=%s&SendTime=%s%s" % (serial, DAY, time)).encode()


def answer(text, prefix=b"reqData="):
    coded = text if isinstance(text, bytes) else gbk(text)
    return prefix + base64.b64encode(coded)


def line(paid, **said):
    pairs = [("iSeqno", 1), ("RecAccNo", paid["payee"]["account"]), ("PayAmt", said.pop("amount", paid["amount"]))]
    order = ["Result", "iRetCode", "iRetMsg", "instrRetCode", "instrRetMsg", "BankRetTime"]
    assert set(said) <= set(order), said
    return element("rd", flat(pairs + [(name, said[name]) for name in order if name in said]))


def paid_reply(head, lines, serial=SERIAL, bank_serial=BANK):
    pairs = [("TransCode", "PAYPER"), ("fSeqno", serial)]
    pairs += [("SerialNo", bank_serial)] if bank_serial else []
    return cms(flat(pairs + head), element("out", lines))


def query_reply(head, lines, bank_serial=BANK):
    found = flat([("QryfSeqno", SERIAL)] + ([("QrySerialNo", bank_serial)] if bank_serial else []))
    return cms(flat([("TransCode", "QPAYPER"), ("fSeqno", QUERY)] + head), element("out", found + lines))


OK = [("RetCode", "0")]


def cases():
    paid = payment("icbc", {"bank": "102100099996"})
    account, amount = paid["payee"]["account"], paid["amount"]
    echoed = {"account": account, "amount": amount, "serial": SERIAL}
    out = {"request": paid, "context": context(), "request.target": target(SERIAL, TIME),
           "request.wire": form("PAYPER", SERIAL, sealed(pay(paid, SERIAL)))}

    def told(occurrence, details=None, **more):
        return reply(occurrence, {"RetCode": "0", **(details or {})}, bank_serial=BANK, **{**echoed, **more})

    full = (XML.replace('encoding="GBK"', 'encoding = "GB2312"').replace("?>", " ?>\r\n") + element("CMS", element("eb",
            element("pub", flat([("RetMsg", ""), ("RetCode", 0), ("SerialNo", BANK), ("fSeqno", SERIAL), ("BankCode", 102),
                                 ("TransCode", "PAYPER"), ("CIS", "1")])) +
            element("out", flat([("OnlBatF", 1)]) + element("rd", flat([("Result", 7), ("PayAmt", amount), ("iSeqno", 1)]))))))
    yield "payment.pay/accepted", {
        **out, "note": "RetCode 0 and Result 7: paid. The second form has no prefix.",
        "reply.wire": answer(paid_reply(OK, line(paid, Result=7))),
        "reply.also.wire": answer(paid_reply(OK, line(paid, Result=7)), b""), "reply": told("YES", bank_code="7"),
    }
    yield "payment.pay/accepted-in-another-form", {
        **out, "note": "No prefix, another order, elements that nobody asked for, another declaration and no account. Read only.",
        "reply.also.wire": answer(full, b""), "reply": told("YES", bank_code="7", account=None),
    }
    name = "爱新觉罗·韡珅"
    rare = payment("icbc", {"name": name}, purpose="补发<3月>&清算", order="FJ|1")
    rare_wire = form("PAYPER", SERIAL, sealed(pay(rare, SERIAL)))
    assert b"%ED%7C%AB%7C" in rare_wire
    yield "payment.pay/pending-rare-name", {
        "request": rare, "context": context(), "request.target": target(SERIAL, TIME), "request.wire": rare_wire,
        "note": "A name with characters whose second byte is a bar, a purpose that has to be escaped, no payee's bank. Result 0: in hand.",
        "reply.wire": answer(paid_reply(OK, line(paid, Result=0))), "reply": told("IN_HAND", bank_code="0"),
    }
    yield "payment.pay/pending-no-line", {
        **out, "note": "RetCode 0 and no line: accepted and no more. Read only.",
        "reply.also.wire": answer(cms(flat([("TransCode", "PAYPER"), ("fSeqno", SERIAL), ("SerialNo", BANK)] + OK), "")),
        "reply": reply("IN_HAND", {"RetCode": "0"}, bank_serial=BANK, serial=SERIAL),
    }
    for result in (1, 2, 3, 4, 5, 9, 10, 20, 21, 86, 95):
        yield "payment.pay/pending-%d" % result, {
            **out, "note": "Result %d: the bank has it." % result,
            "reply.wire": answer(paid_reply(OK, line(paid, Result=result))), "reply": told("IN_HAND", bank_code=str(result)),
        }
    why = "收款人户名不符，请核对"
    yield "payment.pay/declined", {
        **out, "note": "Result 6: refused. The true reason stands in instrRetMsg; iRetMsg says success.",
        "reply.wire": answer(paid_reply(OK, line(paid, Result=6, iRetCode="0", iRetMsg="成功", instrRetCode="B0128",
                                                 instrRetMsg=why))),
        "reply": told("NO", {"iRetCode": "0", "iRetMsg": "成功", "instrRetCode": "B0128"}, bank_code="6", bank_text=why,
                      reason="MS03"),
    }
    for result, what in ((8, "authorisation was refused"), (11, "the appointment was cancelled")):
        yield "payment.pay/declined-%d" % result, {
            **out, "note": "Result %d: %s." % (result, what), "reply.wire": answer(paid_reply(OK, line(paid, Result=result))),
            "reply": told("NO", bank_code=str(result), reason="DS02"),
        }
    for result, what in ((22, "one product alone reads it as a refusal"), (98, "contact was doubtful"), (77, "it is in no list")):
        yield "payment.pay/unknown-%d" % result, {
            **out, "note": "Result %d: unknown; %s." % (result, what),
            "reply.wire": answer(paid_reply(OK, line(paid, Result=result))), "reply": told("UNKNOWN", bank_code=str(result)),
        }
    yield "payment.pay/unknown-empty-result", {
        **out, "note": "A line with an empty Result, which some clients take for a failure: unknown. Written without the element.",
        "reply.wire": answer(paid_reply(OK, line(paid))), "reply.also.wire": answer(paid_reply(OK, line(paid, Result=""))),
        "reply": told("UNKNOWN"),
    }
    for name, code, text in (("unknown-retcode", "90012", "验签失败"), ("unknown-duplicate", "KM0101", "包序列号重复")):
        yield "payment.pay/" + name, {
            **out, "note": "RetCode %s: any but 0 decides nothing%s." % (code, "; this one is invented" if "KM" in code else ""),
            "reply.wire": answer(paid_reply([("RetCode", code), ("RetMsg", text)], line(paid), bank_serial=None)),
            "reply": reply("UNKNOWN", {"RetCode": code, "RetMsg": text}, **echoed),
        }
    other = element("rd", flat([("iSeqno", 2), ("RecAccNo", "6222"), ("PayAmt", 1), ("Result", 6)]))
    yield "payment.pay/accepted-two-lines", {
        **out, "note": "Two lines, ours is the second in place and the first in number; the other was refused. Read only.",
        "reply.also.wire": answer(paid_reply(OK, other + line(paid, Result=7))), "reply": told("YES", bank_code="7"),
    }
    yield "payment.pay/unknown-another-amount", {
        **out, "note": "Done, but another amount came back: the reply says so, and the comparison is the gateway's.",
        "reply.wire": answer(paid_reply(OK, line(paid, Result=7, amount=amount + 1))),
        "reply": told("YES", bank_code="7", amount=amount + 1),
    }
    yield "payment.pay/unknown-another-serial", {
        **out, "note": "The answer to another message: it reads well and is not ours.",
        "reply.wire": answer(paid_reply(OK, line(paid, Result=7), serial="K7Q2M4XH5RZT3WBB")),
        "reply": told("YES", bank_code="7", serial="K7Q2M4XH5RZT3WBB"),
    }
    yield "payment.pay/bad-name-unmappable", {
        "note": "䶮 has no bytes in the GBK that a Java system writes.", "context": context(),
        "request": payment("icbc", {"name": "王䶮"}), "problem": problem("request", "cannot-encode", "payee.name"),
    }
    message = pay(paid, SERIAL)
    data = out["request.wire"]
    requests = {
        "seal-wrong": ("Sealed with another key.", form("PAYPER", SERIAL, sealed(message, "other")), "seal"),
        "seal-stale": ("One fen more than was sealed.",
                       form("PAYPER", SERIAL, sealed(message).replace(b"<PayAmt>123450<", b"<PayAmt>123451<")), "seal"),
        "seal-missing": ("Not sealed.", form("PAYPER", SERIAL, message), "seal"),
        "form-order": ("Two form fields have changed places.",
                       re.sub(b"(BankCode=102)&(GroupCIS=[0-9]+)", rb"\2&\1", data), "http"),
        "total": ("The total is not the sum of the lines.",
                  form("PAYPER", SERIAL, sealed(message.replace(b"<TotalAmt>123450<", b"<TotalAmt>123451<"))), "cannot-decode"),
        "escape": ("A percent sign without digits.", data[:-1] + b"%", "http"),
    }
    for name, (note, bytes_, code) in requests.items():
        yield "payment.pay/bad-request-" + name, {**out, "note": note, "request": None, "request.wire": bytes_,
                                                  "problem": problem("request", code)}
    good = paid_reply(OK, line(paid, Result=7))
    replies = {
        "base64": ("Not Base64.", b"reqData=PD94*" + answer(good)[13:], "http"),
        "doctype": ("A DOCTYPE is refused whatever it holds.", answer(good.replace("<CMS>", "<!DOCTYPE CMS><CMS>")), "xml"),
        "end-tag": ("An end tag of another name.", answer(good.replace("</rd>", "</dr>")), "xml"),
        "declared-utf-8": ("Declared UTF-8: well-formed, and not what the bank may declare.", answer(good.replace('"GBK"', '"UTF-8"')), "cannot-decode"),
        "not-gbk": ("A byte that GBK does not have.", answer(gbk(good).replace(b"<RetCode>0", b"<RetCode>\xff")), "charset"),
        "two-results": ("Two Results in one line.", answer(good.replace("</rd>", "<Result>6</Result></rd>")), "cannot-decode"),
        "same-line-twice": ("Two lines of one number.", answer(good.replace("</out>", line(paid, Result=6) + "</out>")), "cannot-decode"),
        "query-code": ("The answer to another transaction.", answer(good.replace("PAYPER", "PAYENT")), "cannot-decode"),
        "empty": ("A prefix and nothing behind it.", b"reqData=", "http"),
    }
    for name, (note, bytes_, code) in replies.items():
        yield "payment.pay/bad-reply-" + name, {**out, "note": note, "reply.wire": bytes_, "problem": problem("reply", code)}

    asked = {"request": paid, "context": query_context(), "request.target": target(QUERY, LATER),
             "request.wire": form("QPAYPER", QUERY, ask(BANK))}
    echoed = {**echoed, "serial": QUERY}
    for result, name, occurrence, reason in ((7, "accepted", "YES", None), (6, "declined", "NO", "MS03"),
                                             (9, "pending", "IN_HAND", None), (98, "unknown", "UNKNOWN", None)):
        yield "payment.query/" + name, {
            **asked, "note": "Asked by the original package number. Result %d." % result,
            "reply.wire": answer(query_reply(OK, line(paid, Result=result, BankRetTime="20220315093020"))),
            "reply": told(occurrence, {"BankRetTime": "20220315093020"}, bank_code=str(result), reason=reason),
        }
    yield "payment.query/not-found", {
        "request": paid, "context": query_context(None), "request.target": target(QUERY, LATER),
        "request.wire": form("QPAYPER", QUERY, ask("")),
        "note": "No bank serial is known. The code that says there is no trace is invented; it is not a refusal.",
        "reply.wire": answer(query_reply([("RetCode", "KM0102"), ("RetMsg", "查无此包")], line(paid), None)),
        "reply": reply("UNKNOWN", {"RetCode": "KM0102", "RetMsg": "查无此包"}, not_found=True, **echoed),
    }
    yield "payment.query/unknown-no-line", {
        **asked, "note": "The query went well and names no line: unknown. Read only.",
        "reply.also.wire": answer(query_reply(OK, "")), "reply": reply("UNKNOWN", {"RetCode": "0"}, bank_serial=BANK, serial=QUERY),
    }
    done = query_reply(OK, line(paid, Result=7))
    for name, note, bytes_, code in (
        ("pay-code", "The answer to the payment, not to the query.", answer(done.replace("QPAYPER", "PAYPER")), "cannot-decode"),
        ("cut", "The last element is not closed.", answer(done[:-len("</CMS>")]), "xml"),
    ):
        assert bytes_ != answer(done)
        yield "payment.query/bad-reply-" + name, {**asked, "note": note, "reply.wire": bytes_, "problem": problem("reply", code)}
    assert escaped("<&>") == "&lt;&amp;&gt;"
    yield from errands.cases(sys.modules[__name__], "icbc", context())
    yield from errands.told(sys.modules[__name__], "icbc", context())


ERRANDS = {"done": "0", "already": "KM0111", "pending": "KM0112", "none": "KM0113", "name": "KM0114", "cancelled": "KM0115",
           "unlisted": "B0057"}
TRANSACTIONS = {"card.query": "QKMCARD", "card.report-loss": "KMLOSS", "card.release-loss": "KMRELS", "card.cancel": "KMCANC",
                "account.verify": "QKMACC"}


def errand_request(operation, said):
    code = TRANSACTIONS[operation]
    if operation == "account.verify":
        payee = said["payee"]
        pairs = [("CertType", errands.DOCUMENTS[payee["id_type"]]), ("CertNo", payee["id"]), ("CustName", payee["name"]),
                 ("AccType", errands.ACCOUNT_KINDS[payee["account_kind"]]), ("AccNo", payee["account"])]
    else:
        holder, card, loss = said["holder"], said["card"], said.get("loss", {})
        pairs = [("CertType", errands.DOCUMENTS[holder["id_type"]]), ("CertNo", holder["id"]), ("CustName", holder["name"]),
                 ("SiCardNo", card["number"]), ("CardNo", card.get("account", ""))]
        pairs += [("LossFlag", errands.LOSSES[loss["kind"]])] if operation == "card.report-loss" else []
        pairs += [("Remark", loss.get("reason", ""))] if operation != "card.query" else []
    message = gbk(cms(pub(code, SERIAL, TIME), element("in", flat(pairs))))
    asks = code.startswith("Q")
    return {"request.wire": form(code, SERIAL, message if asks else sealed(message)), "request.target": target(SERIAL, TIME)}


def errand_text(operation, code, text=None, card=None):
    pairs = [("TransCode", TRANSACTIONS[operation]), ("fSeqno", SERIAL), ("RetCode", code)] + ([("RetMsg", text)] if text else [])
    said = card and element("out", flat([
        ("CardNo", card["account"]), ("IssueDate", errands.day(card["issued_on"])), ("SiExpDate", errands.day(card["social_expiry"])),
        ("ExpDate", errands.day(card["financial_expiry"])), ("SiStatus", errands.SOCIAL[card["social_status"]]),
        ("Status", errands.FINANCIAL[card["financial_status"]])]))
    return cms(flat(pairs), said or "")


def errand_answer(operation, code, text=None, card=None):
    return answer(errand_text(operation, code, text, card))


def errand_cut(operation, code):
    return answer(errand_text(operation, code)[:-3]), "xml"


def errand_told(occurrence, code, text, reason, card):
    return reply(occurrence, card=card, bank_code=code, bank_text=text, reason=reason, serial=SERIAL)


NOTICES = {"taken": "0", "refused": "KM0121", "reused": "KM0122"}
TELLS = {"card.check": "KMCHECK", "card.issued": "KMISSUE", "card.activated": "KMACTIV", "payment.returned": "KMRETN"}


def told_request(operation, said):
    code = TELLS[operation]
    head = [("TransCode", code), ("CIS", SETTINGS["cis"]), ("BankCode", 102), ("TranDate", DAY), ("TranTime", TIME), ("fSeqno", SERIAL)]
    pairs = [(name, said["amount"] if path == "amount" else errands.said_at(said, path) or "")
             for path, name, _, _ in errands.TOLD[operation]]
    message = gbk(cms(flat(head), element("in", flat(pairs))))
    return {"request.wire": form(code, SERIAL, sealed(message)), "request.target": target(SERIAL, TIME)}


def told_text(operation, code):
    return cms(flat([("TransCode", TELLS[operation]), ("fSeqno", SERIAL), ("RetCode", code)]), "")


def told_answer(operation, code):
    return answer(told_text(operation, code))


def told_cut(operation, code):
    return answer(told_text(operation, code)[:-3]), "xml"


def told_reply(occurrence, code):
    return reply(occurrence, bank_code=code, serial=SERIAL)
