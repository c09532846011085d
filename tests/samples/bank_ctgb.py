"""ctgb: ten digits of length, a service of data and field elements told apart by their names; declared lengths lie."""

import sys

import errands
from facts import escaped, payment, problem, reply

SETTINGS = {"branch": "653009", "teller": "SB0009", "payer_account": "0101014140000099999"}
SERIAL, QUERY, HOST = "K7Q2M4XH5RZT3WBA", "Q0000000000000Q2", "CT20220315000077"
WHEN, ASKED = "2022-03-15T09:30:15+08:00", "2022-03-15T10:00:15+08:00"
DECLARED = '<?xml version="1.0" encoding="UTF-8"?>'
KINDS = {"card": "1", "account": "2"}
DOCUMENTS = {"resident": "01", "resident-15": "02", "hmt": "31", "permanent-residence": "32"}
PAY_TYPES = {"regular": "01", "arrears": "02", "one-off": "03"}


def context():
    return {"serial": SERIAL, "sent_at": WHEN, "business_date": "2022-03-15", "settings": SETTINGS}


def query_context():
    return {"serial": QUERY, "sent_at": ASKED, "business_date": "2022-03-15", "settings": SETTINGS,
            "original": {"serial": SERIAL, "sent_at": WHEN, "business_date": "2022-03-15"}}


def framed(text, length=None):
    body = text if isinstance(text, bytes) else text.encode("utf-8")
    return b"%010d" % (len(body) if length is None else length) + body


def data(name, value, length, kind="string", scale=0):
    return '<data name="%s"><field type="%s" length="%s" scale="%d" encrypt-mode="">%s</field></data>' % (
        name, kind, length, scale, escaped(value))


def request(service, code, kind, message, serial, time, body):
    head = [("SERVICE_CODE", service, 12), ("TRAN_CODE", code, 4), ("TRAN_MODE", "ONLINE", 10), ("SOURCE_TYPE", "SB", 2),
            ("BRANCH_ID", SETTINGS["branch"], 6), ("USER_ID", SETTINGS["teller"], 30), ("TRAN_DATE", "20220315", 8),
            ("TRAN_TIMESTAMP", time, 9), ("USER_LANG", "CHINESE", 20), ("SEQ_NO", serial, 16), ("PROGRAM_ID", "KMSI", 8),
            ("MODULE_ID", "RB", 2), ("MESSAGE_TYPE", kind, 4), ("MESSAGE_CODE", message, 6)]
    inside = "".join(data(*each) for each in head)
    return framed(DECLARED + '<service><sys-header><data name="SYS_HEAD"><struct>%s</struct></data></sys-header><app-header></app-header>'
                  "<local-header></local-header><body>%s</body></service>" % (inside, "".join(data(*each) for each in body)))


def pay(paid):
    payee = paid["payee"]
    body = [("CCY", "CNY", 3), ("ACCT_NO", SETTINGS["payer_account"], 50), ("CARD_NO", payee["account"], 8),
            ("CARD_TYPE", KINDS[payee["account_kind"]], 1), ("CLIENT_NAME", payee["name"], 60),
            ("DOCUMENT_TYPE", DOCUMENTS[payee["id_type"]], 2), ("DOCUMENT_ID", payee["id"], 20),
            ("TRAN_AMT", "%d.%02d" % divmod(paid["amount"], 100), 17, "double", 2)]
    body += [("OTH_BANK_CODE", payee["bank"], 12)] if "bank" in payee else []
    body += [("BUSI_TYPE", paid["fund"], 8), ("PAY_TYPE", PAY_TYPES[paid["kind"]], 2), ("PERIOD", paid["period"], 6),
             ("REFERENCE", paid["order"], 50)]
    body += [("NARRATIVE", paid["purpose"], 90)] if "purpose" in paid else []
    return request("SVRKMSI00001", "KM01", "1000", "3001", SERIAL, "093015000", body)


def answer(service, status, code, text=None, body=None, serial=SERIAL):
    ret = data("RET_CODE", code, 6) + (data("RET_MSG", text, 90) if text is not None else "")
    head = (data("SERVICE_CODE", service, 12) + data("SEQ_NO", serial, 16) + data("RET_STATUS", status, 1)
            + '<data name="RET"><array><struct>%s</struct></array></data>' % ret)
    inside = "<body>%s</body>" % "".join(data(*each) for each in body) if body is not None else ""
    return ('<service><sys-header><data name="SYS_HEAD"><struct>%s</struct></data></sys-header>%s</service>' % (head, inside))


def cases():
    paid = payment("ctgb")
    wire = pay(paid)
    assert b'length="8" scale="0" encrypt-mode="">%s<' % paid["payee"]["account"].encode() in wire
    out = {"request": paid, "context": context(), "request.wire": wire}

    def told(occurrence, code, status, **more):
        return reply(occurrence, {"RET_STATUS": status}, **{"bank_code": code, "serial": SERIAL, **more})

    def first(status, code, text=None, body=None, serial=SERIAL):
        return answer("SVRKMSI00001", status, code, text, body, serial)

    def amount(fen):
        return [("TRAN_AMT", "%d.%02d" % divmod(fen, 100), 17, "double", 2)]

    paid_for = [("REFERENCE_NO", HOST, 50), ("TRAN_AMT", "1234.50", 17, "double", 2)]
    other = (DECLARED + '\n<service><app-header/><body><data name="TRAN_AMT"><field type="double" length="17" scale="2" encrypt-mode=""> 1234.50 '
             '</field></data><data name="NEW"><field>?</field></data><data name="REFERENCE_NO"><field type="string" length="4" scale="0" '
             'encrypt-mode="">%s  </field></data></body><sys-header><data name="SYS_HEAD"><struct><data name="RET"><array><struct><data '
             'name="RET_MSG"><field type="string" length="3" scale="0" encrypt-mode="">交易成功</field></data><data name="RET_CODE"><field '
             'type="string" length="6" scale="0" encrypt-mode="">000000   </field></data></struct></array></data><data name="RET_STATUS"><field '
             'type="string" length="1" scale="0" encrypt-mode="">S</field></data><data name="SEQ_NO"><field type="string" length="16" scale="0" '
             'encrypt-mode="">%s</field></data><data name="SERVICE_CODE"><field type="string" length="12" scale="0" encrypt-mode="">SVRKMSI00001'
             "</field></data></struct></data></sys-header></service>") % (HOST, SERIAL)
    yield "payment.pay/accepted", {
        **out, "note": "S and 000000: paid. The account stands in a field that declares eight characters. The second form has another order, "
                       "blanks around values, other lengths, and data that nobody asked for.",
        "reply.wire": framed(first("S", "000000", "交易成功", paid_for)), "reply.also.wire": framed(other),
        "reply": told("YES", "000000", "S", bank_text="交易成功", bank_serial=HOST, amount=123450),
    }
    rare = payment("ctgb", {"name": "王䶮·𠮷", "id_type": "hmt", "id": "810000199408230021", "account": "31450001040012345",
                            "account_kind": "account", "bank": "102100099996"}, amount=5, purpose=None, kind="arrears", order="A&B<1>")
    yield "payment.pay/accepted-other-bank", {
        "note": "An account at another bank, a name that only Unicode has, a residence permit, five fen, no purpose.",
        "request": rare, "context": context(), "request.wire": pay(rare), "reply.wire": framed(first("S", "000000", body=amount(5))),
        "reply": told("YES", "000000", "S", amount=5),
    }
    for name, note, status, code, text, means in (
        ("declined", "A peer's code: no such account.", "F", "300313", "账号不存在", ("NO", "AC01")),
        ("declined-blocked", "A peer's code: the account is blocked.", "F", "300314", "账号状态错", ("NO", "AC06")),
        ("unknown-status", "U: the bank itself does not know.", "U", "300313", "账号不存在", ("UNKNOWN", None)),
        ("unknown-warning", "S beside another code than 000000.", "S", "000001", "交易成功", ("UNKNOWN", None)),
        ("unknown-duplicate", "The serial was seen before: look, do not fail.", "F", "KM0001", "流水号重复", ("UNKNOWN", None)),
        ("unknown-unlisted", "A code in no list.", "F", "999999", "系统异常", ("UNKNOWN", None)),
    ):
        yield "payment.pay/" + name, {
            **out, "note": note, "reply.wire": framed(first(status, code, text, amount(123450))),
            "reply": told(means[0], code, status, bank_text=text, reason=means[1], amount=123450),
        }
    yield "payment.pay/unknown-another-serial", {
        **out, "note": "The answer to another message: it reads well and is not ours.",
        "reply": told("YES", "000000", "S", serial="K7Q2M4XH5RZT3WBB", amount=123450),
        "reply.wire": framed(first("S", "000000", body=amount(123450), serial="K7Q2M4XH5RZT3WBB")),
    }
    yield "payment.pay/unknown-another-amount", {
        **out, "note": "Ours, and about another amount: for people.",
        "reply.wire": framed(first("S", "000000", body=amount(123451))),
        "reply": told("YES", "000000", "S", amount=123451),
    }
    good = first("S", "000000")
    for name, note, reply_bytes, code in (
        ("length", "One byte more is promised than came.", framed(good, length=len(good.encode()) + 1), "frame"),
        ("length-spaces", "A length with blanks.", b"%-10d" % len(good) + good.encode(), "frame"),
        ("twice", "The same name twice.", framed(good.replace('<data name="RET_STATUS">', data("RET_STATUS", "F", 1) + '<data name="RET_STATUS">')),
         "cannot-decode"),
        ("no-status", "No RET_STATUS.", framed(good.replace(data("RET_STATUS", "S", 1), "")), "cannot-decode"),
        ("two-returns", "A list of two returns.", framed(good.replace("</struct></array>", "</struct><struct>%s</struct></array>"
                                                                      % data("RET_CODE", "300313", 6))), "cannot-decode"),
        ("charset", "A byte that is not UTF-8.", framed(first("S", "000000", "@").encode().replace(b">@<", b">\xff<")), "charset"),
        ("end", "The root is not closed.", framed(good[:-4]), "xml"),
    ):
        yield "payment.pay/bad-reply-" + name, {**out, "note": note, "reply.wire": reply_bytes, "problem": problem("reply", code)}
    yield "payment.pay/bad-request-amount", {
        **out, "note": "One decimal.", "request": None, "problem": problem("request", "cannot-decode"),
        "request.wire": framed(wire[10:].replace(b">1234.50<", b">1234.5<")),
    }

    asked = {"request": paid, "context": query_context(),
             "request.wire": request("SVRKMSI00002", "KM02", "1400", "3002", QUERY, "100015000",
                                     [("ORIG_SEQ_NO", SERIAL, 16), ("ORIG_TRAN_DATE", "20220315", 8)])}

    def second(status, code, text=None, body=None):
        return framed(answer("SVRKMSI00002", status, code, text, body, serial=QUERY))

    def found(state):
        return [("ORIG_SEQ_NO", SERIAL, 16), ("REFERENCE_NO", HOST, 50), *amount(123450), ("TRAN_STATUS", state, 1)]

    echoed = [("ORIG_SEQ_NO", SERIAL, 16), *amount(123450)]

    for name, note, state, means in (
        ("accepted", "Done.", "S", ("YES", None)), ("declined", "Failed.", "F", ("NO", "MS03")),
        ("pending", "In progress.", "P", ("IN_HAND", None)), ("unknown-state", "The bank does not know.", "U", ("UNKNOWN", None)),
    ):
        yield "payment.query/" + name, {
            **asked, "note": note, "reply.wire": second("S", "000000", body=found(state)),
            "reply": reply(means[0], {"RET_STATUS": "S", "RET_CODE": "000000"}, bank_code=state, reason=means[1], bank_serial=HOST,
                           amount=123450, serial=QUERY),
        }
    yield "payment.query/not-found", {
        **asked, "note": "The invented code that says there is no trace.", "reply.wire": second("F", "KM0002", "查无此交易", echoed),
        "reply.also.wire": second("F", "KM0002", "查无此交易", [echoed[1]]),
        "reply": reply("UNKNOWN", {"RET_STATUS": "F", "RET_CODE": "KM0002"}, not_found=True, bank_text="查无此交易", serial=QUERY, amount=123450),
    }
    yield "payment.query/unknown", {
        **asked, "note": "The query itself failed: that says nothing of the payment.", "reply.wire": second("F", "999999", body=echoed),
        "reply": reply("UNKNOWN", {"RET_STATUS": "F", "RET_CODE": "999999"}, serial=QUERY, amount=123450),
    }
    yield "payment.query/bad-reply-empty", {
        **asked, "note": "Ten zeros.", "reply.wire": b"0000000000", "problem": problem("reply", "xml"),
    }
    yield from errands.cases(sys.modules[__name__], "ctgb", context())
    yield from errands.told(sys.modules[__name__], "ctgb", context())


ERRANDS = {"done": "000000", "already": "KM0011", "pending": "KM0012", "none": "KM0013", "name": "KM0014", "cancelled": "KM0015",
           "unlisted": "999999"}
PLACES = ["card.query", "card.report-loss", "card.release-loss", "card.cancel", "account.verify"]


def service(operation):
    return "SVRKMSI0001%d" % (PLACES.index(operation) + 1)


def errand_request(operation, said):
    number = PLACES.index(operation) + 1
    asks = operation in ("card.query", "account.verify")
    if operation == "account.verify":
        payee = said["payee"]
        body = [("DOCUMENT_TYPE", DOCUMENTS[payee["id_type"]], 2), ("DOCUMENT_ID", payee["id"], 20), ("CLIENT_NAME", payee["name"], 60),
                ("ACCT_TYPE", KINDS[payee["account_kind"]], 1), ("ACCT_NO", payee["account"], 8)]
    else:
        holder, card, loss = said["holder"], said["card"], said.get("loss", {})
        body = [("DOCUMENT_TYPE", DOCUMENTS[holder["id_type"]], 2), ("DOCUMENT_ID", holder["id"], 20), ("CLIENT_NAME", holder["name"], 60),
                ("SI_CARD_NO", card["number"], 9)]
        body += [("CARD_NO", card["account"], 8)] if "account" in card else []
        body += [("LOSS_TYPE", errands.LOSSES[loss["kind"]], 1)] if "kind" in loss else []
        body += [("NARRATIVE", loss["reason"], 90)] if "reason" in loss else []
    return {"request.wire": request(service(operation), "KM1%d" % number, "1400" if asks else "1200", "301%d" % number, SERIAL,
                                    "093015000", body)}


def errand_answer(operation, code, text=None, card=None):
    body = card and [("CARD_NO", card["account"], 8), ("ISSUE_DATE", errands.day(card["issued_on"]), 8),
                     ("SI_EXPIRY", errands.day(card["social_expiry"]), 8), ("EXPIRY", errands.day(card["financial_expiry"]), 8),
                     ("SI_STATUS", errands.SOCIAL[card["social_status"]], 1),
                     ("ACCT_STATUS", errands.FINANCIAL[card["financial_status"]], 1)]
    return framed(answer(service(operation), status_of(code), code, text, body))


def status_of(code):
    return "S" if code == "000000" else "F"


def errand_cut(operation, code):
    return errand_answer(operation, code)[:-1], "frame"


def errand_told(occurrence, code, text, reason, card):
    return reply(occurrence, {"RET_STATUS": status_of(code)}, card=card, bank_code=code, bank_text=text, reason=reason, serial=SERIAL)


NOTICES = {"taken": "000000", "refused": "KM0021", "reused": "KM0022"}
TELLS = {"card.check": 1, "card.issued": 2, "card.activated": 3, "payment.returned": 4}
# A card number of nineteen digits stands in a field that declares eight, here too.
DECLARES = {"CARD_NO": 8, "FEE": 17, "AMOUNT": 17}


def told_request(operation, said):
    body = []
    for path, _, name, width in errands.TOLD[operation]:
        value = "%d.%02d" % divmod(said["amount"], 100) if path == "amount" else errands.said_at(said, path, KINDS)
        body += [(name, value, DECLARES.get(name) or int(width[1:]))] if value is not None else []
    number = TELLS[operation]
    return {"request.wire": request("SVRKMSI0002%d" % number, "KM2%d" % number, "1200", "302%d" % number, SERIAL, "093015000", body)}


def told_answer(operation, code):
    return framed(answer("SVRKMSI0002%d" % TELLS[operation], status_of(code), code))


def told_cut(operation, code):
    return told_answer(operation, code)[:-1], "frame"


def told_reply(occurrence, code):
    return reply(occurrence, {"RET_STATUS": status_of(code)}, bank_code=code, serial=SERIAL)
