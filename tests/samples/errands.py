"""Cases of what moves no money, the same for every bank that carries it: how each bank says it is the bank's own module.

A module has ERRANDS, its codes for `done`, `already`, `pending`, `none`, `name`, `cancelled` and `unlisted`, and
    errand_request(operation, said)                   the files of the request
    errand_answer(operation, code, text, card)        the bytes of the answer
    errand_cut(operation, code)                       an answer that stops too early, and the code it is refused with
    errand_told(occurrence, code, text, reason, card) the canonical reply
"""

from facts import CARD, HOLDER, errand, problem

DAYS = {"account": CARD, "issued_on": "2022-03-15", "social_expiry": "2032-03-15", "financial_expiry": "2027-03-15"}
SIDES = [
    ("accepted", "In use on both sides.", "active", "active"),
    ("accepted-inactive", "The social side is in use, the bank's is not activated.", "active", "inactive"),
    ("accepted-lost", "Lost for the time being; the bank's side is still active.", "lost-for-now", "active"),
]
SOCIAL = {"sealed": "0", "active": "1", "lost": "2", "locked": "3", "lost-for-now": "4", "cancelled": "9"}
FINANCIAL = {"inactive": "0", "active": "1", "lost": "2", "closed": "9"}
LOSSES = {"for-now": "0", "formal": "1"}
DOCUMENTS = {"resident": "01", "resident-15": "02", "hmt": "31", "permanent-residence": "32"}
ACCOUNT_KINDS = {"card": "1", "account": "2"}


def day(text):
    return text.replace("-", "")


def cases(bank, name, context):
    codes = bank.ERRANDS
    person = errand(name, holder=HOLDER, card={"number": "B00000019", "account": CARD})
    lost = errand(name, holder=HOLDER, card={"number": "B00000019", "account": CARD}, loss={"kind": "formal", "reason": "钱包丢失"})
    verify = errand(name, payee={**HOLDER, "account": CARD, "account_kind": "card"})

    def given(operation, said):
        return {"context": context, "request": said, **bank.errand_request(operation, said)}

    def case(operation, said, note, occurrence, code, text=None, reason=None, card=None):
        return {**given(operation, said), "note": note, "reply.wire": bank.errand_answer(operation, codes[code], text, card),
                "reply": bank.errand_told(occurrence, codes[code], text, reason, card)}

    for label, note, social, financial in SIDES:
        card = {**DAYS, "social_status": social, "financial_status": financial}
        yield "card.query/" + label, case("card.query", person, note, "YES", "done", card=card)
    yield "card.report-loss/accepted", case("card.report-loss", lost, "Reported.", "YES", "done")
    yield "card.report-loss/accepted-already", case(
        "card.report-loss", lost, "It was lost before: that is success.", "YES", "already", "该卡已是此状态")
    yield "card.report-loss/declined-cancelled", case(
        "card.report-loss", lost, "A cancelled card cannot be lost.", "NO", "cancelled", "该卡已注销")
    for_now = errand(name, holder=HOLDER, card={"number": "500000019"}, loss={"kind": "for-now"})
    yield "card.report-loss/accepted-for-now", case(
        "card.report-loss", for_now, "For the time being, without a reason and without the bank card's number.", "YES", "done")
    yield "card.release-loss/accepted", case("card.release-loss", person, "Released.", "YES", "done")
    yield "card.cancel/accepted", case("card.cancel", person, "Cancelled.", "YES", "done")
    yield "account.verify/accepted", case("account.verify", verify, "They belong together.", "YES", "done")
    yield "account.verify/declined-name", case(
        "account.verify", verify, "They do not belong together.", "NO", "name", "户名、证件与账户不符", "BE01")
    for operation in ("card.query", "card.report-loss", "card.release-loss", "card.cancel", "account.verify"):
        said = {"card.report-loss": lost, "account.verify": verify}.get(operation, person)
        yield operation + "/declined", case(operation, said, "The bank has no such card or account.", "NO", "none", "无此卡")
        yield operation + "/unknown", case(operation, said, "A code in no list, whatever its words say.", "UNKNOWN", "unlisted", "成功")
        if operation.startswith("card.") and operation != "card.query":
            yield operation + "/pending", case(
                operation, said, "The social side is done, the bank's side still has to be.", "IN_HAND", "pending", "请到银行办理")
        bytes_, code = bank.errand_cut(operation, codes["done"])
        yield operation + "/bad-reply-cut", {
            **given(operation, said), "note": "The answer stops before its end.", "reply.wire": bytes_, "problem": problem("reply", code)}


# What banks begin. For each operation the values in the order of every dialect: where a value stands, its name in the two
# styles of XML, its form in records.
HOLDERS = [("holder.id_type", "CertType", "CERT_TYPE", "X2"), ("holder.id", "CertNo", "CERT_ID", "X20"),
           ("holder.name", "CustName", "CUST_NAME", "X60")]
TOLD = {
    "card.check": HOLDERS + [("card.kind", "CardKind", "CARD_KIND", "X1"), ("card.outlet", "Outlet", "OUTLET", "X40")],
    "card.issued": HOLDERS + [
        ("card.number", "SiCardNo", "SI_CARD_NO", "X9"), ("card.region", "Region", "REGION", "X6"),
        ("card.kind", "CardKind", "CARD_KIND", "X1"), ("card.generation", "Generation", "GENERATION", "X1"),
        ("card.issued_on", "IssueDate", "ISSUE_DATE", "X8"), ("card.outlet", "Outlet", "OUTLET", "X40"),
        ("card.code", "CardCode", "CARD_CODE", "X32"), ("card.account", "CardNo", "CARD_NO", "X19"),
        ("card.social_expiry", "SiExpDate", "SI_EXP_DATE", "X8"), ("card.financial_expiry", "ExpDate", "EXP_DATE", "X8"),
        ("card.fee", "Fee", "FEE", "X16")],
    "card.activated": HOLDERS + [
        ("card.number", "SiCardNo", "SI_CARD_NO", "X9"), ("card.account", "CardNo", "CARD_NO", "X19"),
        ("card.region", "Region", "REGION", "X6"), ("card.code", "CardCode", "CARD_CODE", "X32"),
        ("card.financial_expiry", "ExpDate", "EXP_DATE", "X8"), ("meeting.kind", "MeetKind", "MEET_KIND", "X1"),
        ("meeting.on", "MeetDate", "MEET_DATE", "X8"), ("meeting.outlet", "MeetOutlet", "MEET_OUTLET", "X40"),
        ("meeting.clerk", "Clerk", "CLERK", "X64"), ("meeting.originals", "Originals", "ORIGINALS", "X1"),
        ("meeting.hardship", "Hardship", "HARDSHIP", "X1"), ("meeting.with", "MeetWith", "MEET_WITH", "X1")],
    "payment.returned": [
        ("returned.serial", "OrigSeqNo", "ORIG_SN", "X40"), ("amount", "Amt", "AMOUNT", "N"),
        ("returned.on", "ReturnDate", "RETURN_DATE", "X8"), ("payee.name", "AccName", "ACC_NAME", "X60"),
        ("payee.account", "AccNo", "ACC_NO", "X32"), ("payee.account_kind", "AccType", "ACC_TYPE", "X1"),
        ("returned.reason", "Reason", "REASON", "X120")],
}
MAPS = {
    "holder.id_type": DOCUMENTS,
    "card.kind": {"first": "1", "first-exchange": "2", "renewal": "3", "replacement": "4", "bank-change": "5"},
    "meeting.kind": {"counter": "1", "home-visit": "2"},
    "meeting.originals": {"seen": "1", "not-seen": "0"},
    "meeting.hardship": {"illness": "1", "disability": "2", "age": "3", "other": "9"},
    "meeting.with": {"self": "1", "agent": "2", "guardian": "3", "none": "0"},
    "payee.account_kind": ACCOUNT_KINDS,
}
DAYS_OF = {"card.issued_on", "card.social_expiry", "card.financial_expiry", "meeting.on", "returned.on"}


def said_at(said, path, kinds=None):
    """The text of a value as dialects write it; None where the message does not say. Money is left to them."""
    for key in path.split("."):
        said = said.get(key) if said is not None else None
    if said is None or path == "amount":
        return said
    if path == "payee.account_kind" and kinds:
        return kinds[said]
    return day(str(said)) if path in DAYS_OF else MAPS[path][said] if path in MAPS else str(said)


def told(bank, name, context):
    """Cases of what the bank begins. A module has NOTICES, its codes for `taken`, `refused` and `reused`, and
    told_request(operation, said), told_answer(operation, code), told_cut(operation, code), told_reply(occurrence, code)."""
    codes = bank.NOTICES
    card = {"number": "B00000019", "region": "500236", "code": "500236D156000005AB0123456789ABCD", "account": CARD}
    made = {**card, "kind": "first-exchange", "generation": "3", "issued_on": "2022-03-15", "social_expiry": "2032-03-15",
            "financial_expiry": "2027-03-15", "outlet": "永安支行", "fee": 0}
    meeting = {"kind": "home-visit", "on": "2022-03-16", "outlet": "永安支行", "clerk": "王五 0007", "originals": "seen",
               "hardship": "illness", "with": "self"}
    few = ("number", "region", "kind", "generation", "issued_on", "outlet")
    cases_ = {
        "card.check/accepted": ("May this person have a first card?", errand(name, holder=HOLDER, card={"kind": "first", "outlet": "永安支行"})),
        "card.check/accepted-no-outlet": ("Without an outlet.", errand(name, holder=HOLDER, card={"kind": "renewal"})),
        "card.issued/accepted": ("A card of the third generation, first exchange, free of charge.", errand(name, holder=HOLDER, card=made)),
        "card.issued/accepted-few": ("Only what has to be said: no bank card yet, no fee told.", errand(
            name, holder=HOLDER, card={key: made[key] for key in few})),
        "card.activated/accepted": ("At home, because of illness, with the originals.", errand(
            name, holder=HOLDER, card={**card, "financial_expiry": "2027-03-15"}, meeting=meeting)),
        "card.activated/accepted-no-meeting": ("Without any evidence of a meeting: that is told too.", errand(
            name, holder=HOLDER, card={"number": "B00000019", "account": CARD})),
        "payment.returned/accepted": ("Money came back two days later.", errand(
            name, payee={"name": "张三", "account": CARD, "account_kind": "card"}, amount=123450,
            returned={"serial": "K7Q2M4XH5RZT3WBA", "on": "2022-03-17", "reason": "户名不符"})),
        "payment.returned/accepted-bare": ("Serial, amount and day.", errand(
            name, amount=5, returned={"serial": "20220315", "on": "2022-03-17"})),
    }
    seen = set()
    for place, (note, said) in cases_.items():
        operation = place.split("/")[0]
        given = {"context": context, "request": said, **bank.told_request(operation, said)}

        def answered(code, occurrence):
            return {**given, "reply.wire": bank.told_answer(operation, codes[code]), "reply": bank.told_reply(occurrence, codes[code])}

        yield place, {**answered("taken", "YES"), "note": note}
        if operation in seen:
            continue
        seen.add(operation)
        yield operation + "/declined", {**answered("refused", "NO"), "note": "We do not accept it."}
        yield operation + "/unknown-reused", {**answered("reused", "UNKNOWN"), "note": "The serial belongs to another message."}
        bytes_, code = bank.told_cut(operation, codes["taken"])
        yield operation + "/bad-reply-cut", {
            **given, "note": "The answer stops before its end.", "reply.wire": bytes_, "problem": problem("reply", code)}
