"""crcb: ACE2032. 6 digits of length, bar, head of 100, bar, body of 163, bar; replies without a head."""

import sys

import errands
from facts import CARD, card, gbk, payment, problem, reply

SETTINGS = {
    "institution": "380017",
    "teller": "380123",
    "authoriser": "380456",
    "authorise_password": "pw7890",
    "terminal": "TERM0007",
    "authority": "500236009999",
}


def context(serial="2231500016", sent_at="2022-03-15T09:30:15+08:00", date="2022-03-15"):
    return {"serial": serial, "sent_at": sent_at, "business_date": date, "settings": SETTINGS}


def digits(value, width):
    text = str(value).rjust(width, "0")
    assert len(text) == width and text.isdigit(), text
    return text.encode("ascii")


def left(text, width):
    coded = gbk(text)
    assert len(coded) <= width, text
    return coded + b" " * (width - len(coded))


def right(text, width):
    assert len(text) <= width and not text.startswith("0"), text
    return text.rjust(width, "0").encode("ascii")


def framed(*pieces):
    """Bars between the pieces and after the last; the length counts itself."""
    body = b"|" + b"|".join(pieces) + b"|"
    return digits(len(body) + 6, 6) + body


def head(code, s):
    """The head of every message."""
    made = b"".join([
        code.encode(), digits(s["institution"], 6), digits(s["teller"], 6), digits(s["authoriser"], 6),
        left(s["authorise_password"], 6), left(s["terminal"], 8), b"000", b" " * 50, b"0000000", b"0", b"001",
    ])
    assert len(made) == 100
    return made


def request(paid, with_):
    """272 bytes, always."""
    s = with_["settings"]
    kind = {"account": b"1", "card": b"2"}[paid["payee"]["account_kind"]]
    body = b"".join([
        with_["business_date"].replace("-", "").encode(), digits(with_["serial"], 10), b"00000000",
        left(s["authority"], 12), left(paid["order"], 32), digits(paid["amount"], 15), b"1", b"01",
        right(paid["payee"]["account"], 19), kind, b"C", b"0" * 13, b"0", b"0" * 8, b" " * 12,
        left(paid["payee"]["id"], 20),
    ])
    assert len(body) == 163, len(body)
    wire = framed(head("2032", s), body)
    assert len(wire) == 272
    return wire


def done(serial, times="01", when="20220301093000", where="380000", account="", name="", balance=0):
    return framed(b"AAAAAAA" + times.encode() + when.encode() + left(serial, 15) + where.encode()
                  + left(account, 19) + left(name, 60) + digits(balance, 15))


def other(mark, text):
    return framed(left(mark, 7) + left(text, 60))


def cases():
    paid, sent = payment("crcb"), context()
    wire = request(paid, sent)
    both = {"request": paid, "context": sent, "request.wire": wire}

    yield "payment.pay/accepted", {
        **both, "note": "AAAAAAA: paid. What else the reply holds is not looked at, so the second form reads the same.",
        "reply.wire": done("380123000000042"),
        "reply.also.wire": done("380123000000042", "02", "20220315093016", "380017", "0000000000012345678", "张葇|", 99),
        "reply": reply("YES", bank_code="AAAAAAA", bank_serial="380123000000042"),
    }
    yield "payment.pay/declined", {
        **both, "note": "The one refusal code, and it is invented.",
        "reply.wire": other("KMN0001", "账户状态不正常"),
        "reply": reply("NO", bank_code="KMN0001", bank_text="账户状态不正常", reason="AC04"),
    }
    yield "payment.pay/unknown", {
        **both, "note": "Any other mark is unknown, whatever its words say. This one is a time-out behind the bank's gateway.",
        "reply.wire": other("TIMEOUT", "通讯超时，交易失败"),
        "reply": reply("UNKNOWN", bank_code="TIMEOUT", bank_text="通讯超时，交易失败"),
    }
    yield "payment.pay/unknown-bar-in-a-character", {
        **both, "note": "The second byte of 韡 is a bar (ED 7C) and stands directly before one. Fields are cut by width, not by bars.",
        "reply.wire": other("E000377", "x" * 58 + "韡"),
        "reply": reply("UNKNOWN", bank_code="E000377", bank_text="x" * 58 + "韡"),
    }
    paid2 = payment("crcb", {"account": "3100021509200000", "account_kind": "account"}, amount=1, order="FJ/2022-Q1#9")
    sent2 = context("0000000018", "2022-03-31T23:10:05+08:00", "2022-04-01")
    yield "payment.pay/accepted-account", {
        "note": "An account of sixteen digits behind three zeros of fill; one fen; the bank's business date is not the calendar's.",
        "request": paid2, "context": sent2, "request.wire": request(paid2, sent2),
        "reply.wire": done("9"), "reply": reply("YES", bank_code="AAAAAAA", bank_serial="9"),
    }
    paid3 = payment("crcb", {"account": "6" * 19, "account_kind": "account"}, amount=999999999999999, order="X" * 32)
    yield "payment.pay/widest", {
        "note": "Every field full, the serial too.",
        "request": paid3, "context": context("9999999999"), "request.wire": request(paid3, context("9999999999")),
        "reply.wire": other("9" * 7, "满" * 30),
        "reply": reply("UNKNOWN", bank_code="9" * 7, bank_text="满" * 30),
    }
    yield "payment.pay/bad-account-begins-with-zero", {
        "note": "The zero could not be told from the fill, so the payment is refused before anything is claimed.",
        "request": payment("crcb", {"account": "0123456789012", "account_kind": "account"}), "context": sent,
        "problem": problem("request", "cannot-encode", "payee.account"),
    }
    yield "payment.pay/bad-account-too-long", {
        "note": "Twenty digits do not go into nineteen; nothing is cut.",
        "request": payment("crcb", {"account": "6" * 20, "account_kind": "account"}), "context": sent,
        "problem": problem("request", "cannot-encode", "payee.account"),
    }
    yield "payment.pay/bad-order-unmappable", {
        "note": "䶮 has no bytes in the GBK that a Java system writes; it is refused, never written as a question mark.",
        "request": payment("crcb", order="FJ䶮1"), "context": sent,
        "problem": problem("request", "cannot-encode", "order"),
    }
    yield "payment.pay/bad-order-too-long", {
        "note": "One byte too many for the field: thirty-one letters and a character of two bytes.",
        "request": payment("crcb", order="X" * 31 + "张"), "context": sent,
        "problem": problem("request", "cannot-encode", "order"),
    }
    spoilt = bytearray(wire)
    spoilt[185:186] = b"x"
    yield "payment.pay/bad-request-amount", {
        **both, "note": "A letter among the digits of the amount (bytes 178 to 192).", "request": None,
        "request.wire": bytes(spoilt), "problem": problem("request", "cannot-decode"),
    }
    good = done("380123000000042")
    bad = {
        "length-off-by-one": ("The length counts 6 + 1 + n and forgets the last bar: seen in one client, not forgiven.",
                              b"000145" + good[6:], problem("reply", "frame")),
        "length-not-digits": ("A blank in the length.", b" 00146" + good[6:], problem("reply", "frame")),
        "bar-missing": ("No bar after the length.", good[:6] + b"A" + good[7:], problem("reply", "cannot-decode", at=6)),
        "other-layout": ("The mark says done, and the layout is that of everything else.",
                         framed(b"AAAAAAA" + left("交易成功", 60)), problem("reply", "cannot-decode")),
        "cut-character": ("The text ends in half a character, and the bar behind it would complete it (D5 7C).",
                          framed(b"E000377" + b"x" * 59 + b"\xd5"), problem("reply", "charset", at=73)),
        "empty": ("No byte came back.", b"", problem("reply", "frame")),
    }
    for name, (note, bytes_, what) in bad.items():
        yield "payment.pay/bad-reply-" + name, {**both, "note": note, "reply.wire": bytes_, "problem": what}
    assert card(CARD[:-1]) == CARD
    yield from errands.cases(sys.modules[__name__], "crcb", context())
    yield from errands.told(sys.modules[__name__], "crcb", context())


ERRANDS = {"done": "AAAAAAA", "already": "KMN0011", "pending": "KMN0012", "none": "KMN0013", "name": "KMN0014", "cancelled": "KMN0015",
           "unlisted": "TIMEOUT"}
ACE = {"card.query": "2071", "card.report-loss": "2072", "card.release-loss": "2073", "card.cancel": "2074", "account.verify": "2075"}
KINDS = {"account": "1", "card": "2"}


def errand_request(operation, said):
    with_ = context()
    body = with_["business_date"].replace("-", "").encode() + digits(with_["serial"], 10)
    person = said.get("payee") or said["holder"]
    known = left(errands.DOCUMENTS[person["id_type"]], 2) + left(person["id"], 20) + left(person["name"], 60)
    if operation == "account.verify":
        body += left(person["account"], 32) + left(KINDS[person["account_kind"]], 1) + known
    else:
        loss = said.get("loss", {})
        body += left(said["card"]["number"], 9) + left(said["card"].get("account", ""), 19) + known
        body += left(errands.LOSSES[loss["kind"]], 1) if operation == "card.report-loss" else b""
        body += left(loss.get("reason", ""), 120) if operation != "card.query" else b""
    return {"request.wire": framed(head(ACE[operation], with_["settings"]), body)}


def errand_answer(operation, code, text=None, card=None):
    if code != "AAAAAAA":
        return other(code, text or "")
    body = b"AAAAAAA" + b"01" + b"20220301" + b"093000" + left("380123000000042", 15)
    if operation == "card.query":
        said = card or {}
        days = b"".join(left(errands.day(said.get(name, "")), 8) for name in ("issued_on", "social_expiry", "financial_expiry"))
        body += left(said.get("account", ""), 19) + days
        body += left(errands.SOCIAL.get(said.get("social_status"), ""), 1) + left(errands.FINANCIAL.get(said.get("financial_status"), ""), 1)
    return framed(body)


def errand_cut(operation, code):
    return errand_answer(operation, code)[:-1], "frame"


def errand_told(occurrence, code, text, reason, card):
    serial = "380123000000042" if code == "AAAAAAA" else None
    return reply(occurrence, card=card, bank_code=code, bank_text=text, reason=reason, bank_serial=serial)


NOTICES = {"taken": "AAAAAAA", "refused": "KMN0021", "reused": "KMN0022"}
TELLS = {"card.check": "2081", "card.issued": "2082", "card.activated": "2083", "payment.returned": "2084"}


def told_request(operation, said):
    with_ = context()
    body = with_["business_date"].replace("-", "").encode() + digits(with_["serial"], 10)
    for path, _, _, form in errands.TOLD[operation]:
        value = errands.said_at(said, path, KINDS)
        body += digits(value, 15) if form == "N" else left(value or "", int(form[1:]))
    return {"request.wire": framed(head(TELLS[operation], with_["settings"]), body)}


def told_answer(operation, code):
    return framed(b"AAAAAAA") if code == "AAAAAAA" else other(code, "")


def told_cut(operation, code):
    return told_answer(operation, code)[:-1], "frame"


def told_reply(occurrence, code):
    return reply(occurrence, bank_code=code)
