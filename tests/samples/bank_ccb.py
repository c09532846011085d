"""ccb: <TX> over TCP without any length. The declaration says GB2312, the bytes are GB18030; yuan with two decimals."""

import sys

import errands
from facts import element, flat, payment, problem, reply

SETTINGS = {
    "customer": "500236990000001",
    "user": "KM0007",
    "password": "p&ss-1",
    "payer_account": "50001903600050009999",
    "contract": "500236220009",
    "use_code": "04",
}
SERIAL, QUERY, CREDIT = "K7Q2M4XH5RZT3WBA", "Q0000000000000Q2", "5002202203150000077"
WHEN, ASKED = "2022-03-15T09:30:15+08:00", "2022-03-15T10:00:15+08:00"
DECLARED = '<?xml version="1.0" encoding="GB2312" standalone="yes" ?>'


def bytes_of(text):
    """GB18030. Of the characters whose codes moved between its editions none is in a sample."""
    return text.encode("gb18030")


def context():
    return {"serial": SERIAL, "sent_at": WHEN, "business_date": "2022-03-15", "settings": SETTINGS}


def query_context():
    return {"serial": QUERY, "sent_at": ASKED, "business_date": "2022-03-15", "settings": SETTINGS,
            "original": {"serial": SERIAL, "sent_at": WHEN, "business_date": "2022-03-15"}}


def request(serial, code, info):
    head = [("REQUEST_SN", serial), ("CUST_ID", SETTINGS["customer"]), ("USER_ID", SETTINGS["user"]),
            ("PASSWORD", SETTINGS["password"]), ("TX_CODE", code), ("LANGUAGE", "CN")]
    inside = flat(head) + element("TX_INFO", flat(info)) + element("SIGN_INFO") + element("SIGNCERT")
    return bytes_of(DECLARED + element("TX", inside))


def pay(paid):
    payee = paid["payee"]
    return request(SERIAL, "6W1303", [
        ("ACC_NO1", SETTINGS["payer_account"]), ("BILL_CODE", SETTINGS["contract"]), ("ACC_NO2", payee["account"]),
        ("OTHER_NAME", payee["name"]), ("AMOUNT", "%d.%02d" % divmod(paid["amount"], 100)), ("USEOF_CODE", SETTINGS["use_code"]),
        ("FLOW_FLAG", 0), ("UBANK_NO", payee.get("bank", "")), ("REM1", paid["order"]), ("REM2", paid.get("purpose", "")),
    ])


def answer(code, result, info=None, text=None, serial=SERIAL, customer=SETTINGS["customer"]):
    pairs = [("REQUEST_SN", serial), ("CUST_ID", customer), ("TX_CODE", code), ("RETURN_CODE", result)]
    pairs += [("RETURN_MSG", text)] if text is not None else []
    return element("TX", flat(pairs + [("LANGUAGE", "CN")]) + (element("TX_INFO", flat(info)) if info is not None else ""))


def cases():
    paid = payment("ccb")
    out = {"request": paid, "context": context(), "request.wire": pay(paid)}

    def told(occurrence, code, details=None, **more):
        return reply(occurrence, details, **{"bank_code": code, "serial": SERIAL, **more})

    full = ('<?xml version="1.0" encoding="GB18030"?>\n<TX>\n<REQUEST_SN>%s</REQUEST_SN>\n<CUST_ID>%s</CUST_ID>\n<TX_CODE>6W1303'
            "</TX_CODE>\n<RETURN_CODE>000000</RETURN_CODE>\n<RETURN_MSG> 交易成功 </RETURN_MSG>\n<LANGUAGE>CN</LANGUAGE>\n<TX_INFO>\n"
            "<CREDIT_NO>%s</CREDIT_NO>\n<INDIVIDUAL_NAME1>x</INDIVIDUAL_NAME1><REM1></REM1>\n</TX_INFO>\n</TX>\n")
    yield "payment.pay/pending", {
        **out, "note": "000000 is accepted, not paid: 6W1503 tells the outcome. The second form has a declaration, line feeds, blanks "
                       "around the text, elements that nobody asked for and a line feed behind the end.",
        "reply.wire": bytes_of(answer("6W1303", "000000", [("CREDIT_NO", CREDIT)], "交易成功")),
        "reply.also.wire": bytes_of(full % (SERIAL, SETTINGS["customer"], CREDIT)),
        "reply": told("IN_HAND", "000000", bank_text="交易成功", bank_serial=CREDIT),
    }
    rare = payment("ccb", {"name": "王䶮㼆𠮷", "account": "31650001040099999", "account_kind": "account", "bank": "314653000011"},
                   purpose=None, amount=5, order="A&B<1>")
    wire = pay(rare)
    assert b"GB2312" in wire and "𠮷".encode("gb18030") in wire and b"<AMOUNT>0.05<" in wire and b"p&amp;ss-1" in wire
    yield "payment.pay/pending-rare-name", {
        "note": "A name outside of GB2312 and of GBK, in four bytes a character, under a declaration of GB2312. An account at another "
                "bank, no purpose, five fen, an order that has to be escaped.",
        "request": rare, "context": context(), "request.wire": wire,
        "reply.wire": bytes_of(answer("6W1303", "000000")), "reply": told("IN_HAND", "000000"),
    }
    for name, note, code, text, means in (
        ("declined", "An invented code: the account is closed.", "KM0101", "收款账户状态不正常", ("NO", "AC04")),
        ("declined-name", "An invented code: another name.", "KM0102", "户名不符", ("NO", "BE01")),
        ("unknown-duplicate", "The record was seen before: look, do not fail.", "0130Z110B144", "记录重复", ("UNKNOWN", None)),
        ("unknown-unlisted", "A code in no list, though the text says failure.", "0130Z1108888", "交易失败", ("UNKNOWN", None)),
    ):
        yield "payment.pay/" + name, {
            **out, "note": note, "reply.wire": bytes_of(answer("6W1303", code, text=text)),
            "reply": told(means[0], code, bank_text=text, reason=means[1]),
        }
    yield "payment.pay/unknown-another-serial", {
        **out, "note": "The answer to another message: it reads well and is not ours.",
        "reply.wire": bytes_of(answer("6W1303", "000000", serial="K7Q2M4XH5RZT3WBB")),
        "reply": told("IN_HAND", "000000", serial="K7Q2M4XH5RZT3WBB"),
    }
    good = answer("6W1303", "000000")
    for name, note, reply_bytes, code in (
        ("cut", "The stream ended early.", bytes_of(good)[:-3], "xml"),
        ("empty", "The bank closed without a word.", b"", "xml"),
        ("charset", "Half a character.", bytes_of(answer("6W1303", "000000", text="@")).replace(b"@", b"\x81\x30"), "charset"),
        ("twice", "A second message behind the first.", bytes_of(good + good), "xml"),
        ("another-transaction", "An answer about another transaction.", bytes_of(answer("6W1503", "000000")), "cannot-decode"),
        ("no-code", "No RETURN_CODE.", bytes_of(good.replace("<RETURN_CODE>000000</RETURN_CODE>", "")), "cannot-decode"),
        ("declared", "It declares another charset.", bytes_of('<?xml version="1.0" encoding="UTF-8"?>' + good), "cannot-decode"),
    ):
        yield "payment.pay/bad-reply-" + name, {**out, "note": note, "reply.wire": reply_bytes, "problem": problem("reply", code)}
    yield "payment.pay/bad-request-end", {
        **out, "note": "The root is not closed.", "request": None, "request.wire": pay(paid)[:-5], "problem": problem("request", "frame"),
    }
    yield "payment.pay/bad-request-amount", {
        **out, "note": "Three decimals.", "request": None, "problem": problem("request", "cannot-decode"),
        "request.wire": pay(paid).replace(b"<AMOUNT>1234.50<", b"<AMOUNT>1234.500<"),
    }

    asked = {"request": paid, "context": query_context(), "request.wire": request(QUERY, "6W1503", [("REQUEST_SN1", SERIAL)])}

    def found(result, text=None):
        return bytes_of(answer("6W1503", "000000", [("CREDIT_NO", CREDIT), ("DEAL_RESULT", result)] + ([("MESSAGE", text)] if text else []),
                               serial=QUERY))

    for name, note, result, text, means in (
        ("accepted", "4: done.", "4", None, ("YES", None)),
        ("declined", "3: failed.", "3", "余额不足", ("NO", "MS03")),
        ("pending", "The invented value for in progress.", "0", None, ("IN_HAND", None)),
        ("unknown-result", "Anything else is unknown.", "9", None, ("UNKNOWN", None)),
    ):
        yield "payment.query/" + name, {
            **asked, "note": "DEAL_RESULT " + note, "reply.wire": found(result, text),
            "reply": reply(means[0], {"RETURN_CODE": "000000", **({"MESSAGE": text} if text else {})}, bank_code=result, reason=means[1],
                           bank_serial=CREDIT, serial=QUERY),
        }
    yield "payment.query/unknown-no-result", {
        **asked, "note": "The query went well and says nothing.", "reply.wire": bytes_of(answer("6W1503", "000000", serial=QUERY)),
        "reply": reply("UNKNOWN", {"RETURN_CODE": "000000"}, serial=QUERY),
    }
    yield "payment.query/not-found", {
        **asked, "note": "查询不到交易: no refusal, and right after a time-out no proof either.",
        "reply.wire": bytes_of(answer("6W1503", "0130Z110BB22", text="查询不到交易", serial=QUERY)),
        "reply": reply("UNKNOWN", {"RETURN_CODE": "0130Z110BB22"}, not_found=True, bank_text="查询不到交易", serial=QUERY),
    }
    yield "payment.query/unknown", {
        **asked, "note": "The query itself failed: that says nothing of the payment.",
        "reply.wire": bytes_of(answer("6W1503", "0130Z1109999", text="系统忙", serial=QUERY)),
        "reply": reply("UNKNOWN", {"RETURN_CODE": "0130Z1109999"}, bank_text="系统忙", serial=QUERY),
    }
    yield "payment.query/bad-reply-cut", {
        **asked, "note": "The stream ended early.", "reply.wire": found("4")[:-6], "problem": problem("reply", "xml"),
    }
    yield from errands.cases(sys.modules[__name__], "ccb", context())
    yield from errands.told(sys.modules[__name__], "ccb", context())


ERRANDS = {"done": "000000", "already": "KM0111", "pending": "KM0112", "none": "KM0113", "name": "KM0114", "cancelled": "KM0115",
           "unlisted": "0130Z1109999"}
TX = {"card.query": "6WKM01", "card.report-loss": "6WKM02", "card.release-loss": "6WKM03", "card.cancel": "6WKM04",
      "account.verify": "6WKM05"}


def errand_request(operation, said):
    if operation == "account.verify":
        payee = said["payee"]
        info = [("CERT_TYPE", errands.DOCUMENTS[payee["id_type"]]), ("CERT_ID", payee["id"]), ("CUST_NAME", payee["name"]),
                ("ACC_TYPE", errands.ACCOUNT_KINDS[payee["account_kind"]]), ("ACC_NO", payee["account"])]
        return {"request.wire": request(SERIAL, TX[operation], info)}
    holder, card, loss = said["holder"], said["card"], said.get("loss", {})
    info = [("CERT_TYPE", errands.DOCUMENTS[holder["id_type"]]), ("CERT_ID", holder["id"]), ("CUST_NAME", holder["name"]),
            ("SI_CARD_NO", card["number"]), ("CARD_NO", card.get("account", ""))]
    if operation == "card.report-loss":
        info.append(("LOSS_FLAG", errands.LOSSES[loss["kind"]]))
    if operation != "card.query":
        info.append(("REM1", loss.get("reason", "")))
    return {"request.wire": request(SERIAL, TX[operation], info)}


def errand_answer(operation, code, text=None, card=None):
    info = card and [("CARD_NO", card["account"]), ("ISSUE_DATE", errands.day(card["issued_on"])),
                     ("SI_EXP_DATE", errands.day(card["social_expiry"])), ("EXP_DATE", errands.day(card["financial_expiry"])),
                     ("SI_STATUS", errands.SOCIAL[card["social_status"]]), ("STATUS", errands.FINANCIAL[card["financial_status"]])]
    return bytes_of(answer(TX[operation], code, info, text))


def errand_cut(operation, code):
    return errand_answer(operation, code)[:-3], "xml"


def errand_told(occurrence, code, text, reason, card):
    return reply(occurrence, card=card, bank_code=code, bank_text=text, reason=reason, serial=SERIAL)


NOTICES = {"taken": "000000", "refused": "KM0121", "reused": "KM0122"}
TELLS = {"card.check": "6WKM11", "card.issued": "6WKM12", "card.activated": "6WKM13", "payment.returned": "6WKM14"}


def told_request(operation, said):
    head = [("REQUEST_SN", SERIAL), ("CUST_ID", SETTINGS["customer"]), ("TX_CODE", TELLS[operation]), ("LANGUAGE", "CN")]
    info = [("TX_DATE", "20220315")]
    info += [(name, "%d.%02d" % divmod(said["amount"], 100) if path == "amount" else errands.said_at(said, path) or "")
             for path, _, name, _ in errands.TOLD[operation]]
    return {"request.wire": bytes_of(DECLARED + element("TX", flat(head) + element("TX_INFO", flat(info))))}


def told_answer(operation, code):
    return bytes_of(answer(TELLS[operation], code))


def told_cut(operation, code):
    return told_answer(operation, code)[:-3], "xml"


def told_reply(occurrence, code):
    return reply(occurrence, bank_code=code, serial=SERIAL)
