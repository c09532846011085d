"""psbc: nineteen bytes of header (length of the body 6, direction 1, party 12), then fixed and counted fields, then eight
bytes of DES MAC. 774000 pays, 772030 asks."""

import sys

import des
import errands
from facts import gbk, payment, problem, reply

KEY = "133457799bbcdff1"
SETTINGS = {"party": "500236000777", "channel": "07", "business": "S00410", "region": "500236", "mac_key": KEY}
SERIAL, QUERY = "10000016", "90000018"
WHEN, ASKED = "2022-03-15T09:30:15+08:00", "2022-03-16T10:00:15+08:00"
KEPT = set(b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz,. ")
HOLDER = {"account": b"1", "card": b"2"}


def context(serial=SERIAL, sent_at=WHEN, date="2022-03-15"):
    return {"serial": serial, "sent_at": sent_at, "business_date": date, "settings": SETTINGS}


def query_context(sent_at=WHEN, date="2022-03-15"):
    return {"serial": QUERY, "sent_at": ASKED, "business_date": "2022-03-16", "settings": SETTINGS,
            "original": {"serial": SERIAL, "sent_at": sent_at, "business_date": date}}


def day(instant):
    return instant[:10].replace("-", "").encode()


def time(instant):
    return instant[11:19].replace(":", "").encode()


def digits(value, width):
    text = str(value).rjust(width, "0")
    assert len(text) == width and text.isdigit(), text
    return text.encode("ascii")


def left(text, width):
    coded = gbk(text)
    assert len(coded) <= width, text
    return coded.ljust(width)


def counted(value, prefix, most):
    """The length in bytes, not in characters, then the value."""
    coded = value if isinstance(value, bytes) else gbk(value)
    assert len(coded) <= most, value
    return digits(len(coded), prefix) + coded


def sealed(body, *covered):
    """`body` and its MAC: the covered values joined by blanks, stripped of all but letters, digits, comma, point and blank."""
    message = bytes(byte for byte in b" ".join(covered) if byte in KEPT)
    while b"  " in message:
        message = message.replace(b"  ", b" ")
    return body + des.mac(bytes.fromhex(KEY), message.strip(b" "))


def framed(body, direction=b"0", length=None, party=SETTINGS["party"]):
    return digits(len(body) if length is None else length, 6) + direction + left(party, 12) + body


def pay(paid, with_):
    payee, when = paid["payee"], with_["sent_at"]
    party, serial = SETTINGS["party"].encode(), with_["serial"].encode()
    account, amount, clearing = payee["account"].encode(), digits(paid["amount"], 12), day(with_["business_date"])
    assert len(serial) == 8
    body = b"".join([
        b"774000", counted(account, 2, 32), amount, SETTINGS["channel"].encode(), b"00000000", serial, time(when), day(when),
        clearing, HOLDER[payee["account_kind"]] + b"0" * 15, left(SETTINGS["party"], 12), b"00", b"000",
        counted(payee["name"], 2, 60), b" " * 25, counted(paid["order"], 2, 40), left(SETTINGS["business"], 6),
        SETTINGS["region"].encode(), counted(paid.get("purpose", ""), 3, 999),
    ])
    return framed(sealed(body, b"774000", account, amount, serial, time(when), day(when), clearing, party))


def answer(paid, code, serial=SERIAL, amount=None, clearing="", at="093000", on="20220301", echo=None, key_over=None):
    """The answer to 774000. `echo` is what it repeats of the request's counted fields behind the account."""
    account = paid["payee"]["account"].encode()
    amount = digits(paid["amount"] if amount is None else amount, 12)
    echo = b"00" b"000" b"00" b"00" b"000" if echo is None else echo
    body = b"".join([
        b"774000", amount, SETTINGS["channel"].encode(), serial.encode(), left(at, 6), left(on, 8), left(clearing, 8),
        left(SETTINGS["party"], 12), left(code, 2), counted(account, 2, 32), echo,
    ])
    over = [b"774000", amount, serial.encode(), SETTINGS["party"].encode(), code.encode(), account]
    return sealed(body, *(over if key_over is None else key_over))


def ask(paid, with_):
    original, party = with_["original"], SETTINGS["party"].encode()
    own = [QUERY.encode(), time(ASKED), day(ASKED), day(with_["business_date"]), party]
    of = [b"774000", day(original["sent_at"]), time(original["sent_at"]), day(original["business_date"]), party,
          original["serial"].encode(), digits(paid["amount"], 12)]
    body = b"772030" + SETTINGS["channel"].encode() + b"".join(own) + b"".join(of)
    return framed(sealed(body, b"772030", *own, *of))


def found(response, status="", text="", serial=QUERY, at="093000", on="20220301", cleared="20220301"):
    """The answer to 772030: 40 bytes of words behind the status."""
    party = SETTINGS["party"].encode()
    body = b"".join([
        b"772030", SETTINGS["channel"].encode(), serial.encode(), left(at, 6), left(on, 8), left(cleared, 8), party,
        left(response, 2), left(status, 2), text.ljust(40) if isinstance(text, bytes) else left(text, 40),
    ])
    return sealed(body, b"772030", serial.encode(), party, response.encode(), status.encode())


def back(body):
    return framed(body, direction=b"1")


def cases():
    paid, sent = payment("psbc"), context()
    wire = pay(paid, sent)
    out = {"request": paid, "context": sent, "request.wire": wire}
    account = paid["payee"]["account"]

    def told(occurrence, code, details=None, of=paid, **more):
        said = {"amount": of["amount"], "account": of["payee"]["account"], "serial": SERIAL, **more}
        return reply(occurrence, details, bank_code=code, **said)

    cut = b"00" + b"000" + counted(gbk("张三")[:3], 2, 60) + counted(paid["order"], 2, 40) + counted("养老金", 3, 999)
    assert cut[5:10] == b"03\xd5\xc5\xc8"
    yield "payment.pay/accepted", {
        **out, "note": "00: paid. Twelve digits of fen, a length that counts bytes of GBK and not itself, eight raw bytes of MAC behind "
                       "Chinese text. In the second form the answer repeats the request's counted fields, so what follows them moves; "
                       "the name in it is cut in the middle of a character, and the time lacks the zero of its hour (95959). "
                       "None of that is looked at.",
        "reply.wire": back(answer(paid, "00")), "reply": told("YES", "00"),
        "reply.also.wire": back(answer(paid, "00", echo=cut, at="95959", on="20220315")),
    }
    day_switch = context("10000024", "2022-03-15T23:40:05+08:00", "2022-03-16")
    yield "payment.pay/accepted-after-the-day-switch", {
        "note": "The clearing date is tomorrow's, the local date is today's; both go out, and the answer names the clearing date.",
        "request": paid, "context": day_switch, "request.wire": pay(paid, day_switch),
        "reply.wire": back(answer(paid, "00", "10000024", clearing="20220316")),
        "reply": told("YES", "00", {"ClearingDate": "20220316"}, serial="10000024"),
    }
    rare = payment("psbc", {"name": "欧阳韡·珅", "account": "605123456789", "account_kind": "account"}, purpose=None, amount=5,
                   order="FJ|A B")
    coded = gbk("欧阳韡·珅")
    assert coded.count(b"|") == 2 and len(coded) == 10
    made = pay(rare, sent)
    assert b"10" + coded in made and made[-11:-8] == b"000"
    yield "payment.pay/accepted-account", {
        "note": "A passbook account, five fen, no purpose. The name's length is in bytes: five characters, ten bytes, and the second "
                "byte of two of them is a bar, which delimits nothing here; nor does the bar in the order.",
        "request": rare, "context": sent, "request.wire": made,
        "reply.wire": back(answer(rare, "00")), "reply": told("YES", "00", of=rare),
    }
    wide = payment("psbc", {"name": "满" * 30, "account": "6" * 32, "account_kind": "account"}, amount=999999999999,
                   order="X" * 32, purpose="备注" * 30)
    yield "payment.pay/widest", {
        "note": "Every field as full as the canonical payment makes it: thirty characters of name are sixty bytes. The serial is the last "
                "of its lane.",
        "request": wide, "context": context("89999994"), "request.wire": pay(wide, context("89999994")),
        "reply.wire": back(answer(wide, "00", "89999994")), "reply": told("YES", "00", of=wide, serial="89999994"),
    }
    declined = {"": ("An invented refusal: no such account.", "14", "AC01"),
                "-blocked": ("An invented refusal: the account is blocked.", "62", "AC06")}
    for name, (note, code, reason) in declined.items():
        yield "payment.pay/declined" + name, {**out, "note": note, "reply.wire": back(answer(paid, code)),
                                              "reply": told("NO", code, reason=reason)}
    unknown = {
        "zz": ("ZZ: a client takes it for a failure, and nothing says that nothing happened.", answer(paid, "ZZ"), told("UNKNOWN", "ZZ")),
        "duplicate": ("The invented code for a serial that was seen before on this day: look, do not fail.", answer(paid, "94"),
                      told("UNKNOWN", "94")),
        "unlisted": ("A code in no list.", answer(paid, "98"), told("UNKNOWN", "98")),
        "empty-code": ("No code at all. Read only.", answer(paid, "  ", key_over=[
            b"774000", digits(paid["amount"], 12), SERIAL.encode(), SETTINGS["party"].encode(), b"", account.encode()]),
                       reply("UNKNOWN", amount=paid["amount"], account=account, serial=SERIAL)),
        "another-serial": ("The answer to another order: it reads well and is not ours.", answer(paid, "00", "10000024"),
                           told("YES", "00", serial="10000024")),
        "another-amount": ("00, and the amount is not the one that was sent: a person has to look.", answer(paid, "00", amount=123451),
                           told("YES", "00", amount=123451)),
    }
    for name, (note, body, means) in unknown.items():
        # What an answer does not say is not written either: it would be filled in by the rules.
        file = "reply.also.wire" if name == "empty-code" else "reply.wire"
        yield "payment.pay/unknown-" + name, {**out, "note": note, file: back(body), "reply": means}

    refused = {
        "name-unmappable": ("䶮 has no bytes in the GBK that a Java system writes; it is refused, never written as a question mark.",
                            payment("psbc", {"name": "王䶮"}), "payee.name"),
        "name-too-long": ("Thirty-one characters are sixty-two bytes; the name is not cut.", payment("psbc", {"name": "满" * 31}),
                          "payee.name"),
        "amount-too-long": ("Thirteen digits of fen.", payment("psbc", amount=1000000000000), "amount"),
        "order-too-long": ("Twenty-one characters are forty-two bytes.", payment("psbc", order="单" * 21), "order"),
    }
    for name, (note, request, field) in refused.items():
        yield "payment.pay/bad-" + name, {"note": note, "context": sent, "request": request,
                                          "problem": problem("request", "cannot-encode", field)}
    requests = {
        "mac": ("The last byte of the MAC is another one.", wire[:-1] + bytes([wire[-1] ^ 1]), problem("request", "mac", "MAC")),
        "amount-changed": ("Another amount under the old MAC.", wire.replace(b"000000123450", b"000000123451"),
                           problem("request", "mac", "MAC")),
        "amount": ("A letter among the digits of the amount.", wire.replace(b"000000123450", b"0000001234S0"),
                   problem("request", "cannot-decode")),
        "direction": ("The header says that this is no request.", wire[:6] + b"1" + wire[7:], problem("request", "frame")),
        "name-length": ("The name's length in characters instead of bytes: everything behind it has moved.",
                        wire.replace(b"04" + gbk("张三"), b"02" + gbk("张三")), problem("request", "cannot-decode")),
    }
    for name, (note, bytes_, what) in requests.items():
        assert bytes_ != wire
        yield "payment.pay/bad-request-" + name, {**out, "request": None, "note": note, "request.wire": bytes_, "problem": what}
    good = answer(paid, "00")
    bad = {
        "mac": ("An answer whose code was changed from 14 to 00 on the way.",
                back(answer(paid, "14").replace(SETTINGS["party"].encode() + b"14", SETTINGS["party"].encode() + b"00")),
                problem("reply", "mac", "MAC")),
        "mac-as-text": ("The MAC went through a text conversion and came back as question marks.", back(good[:-8] + b"?" * 8),
                        problem("reply", "mac", "MAC")),
        "length": ("One byte more is promised than came.", framed(good, b"1", len(good) + 1), problem("reply", "frame")),
        "length-counts-header": ("The length counts the header too.", framed(good, b"1", len(good) + 19), problem("reply", "frame")),
        "length-blank": ("Blanks instead of zeros before the length.",
                         str(len(good)).rjust(6).encode() + back(good)[6:], problem("reply", "frame")),
        "header-cut": ("Eighteen bytes.", back(good)[:18], problem("reply", "frame")),
        "empty": ("No byte came back.", b"", problem("reply", "frame")),
        "two-in-one-read": ("Two answers in one read.", back(good) * 2, problem("reply", "frame")),
        "account-length": ("The account's length is not a number.", back(good.replace(b"19" + account.encode(), b"1A" + account.encode())),
                           problem("reply", "cannot-decode")),
        "another-transaction": ("The answer to another transaction.", back(b"772000" + good[6:]), problem("reply", "cannot-decode")),
        "trailing": ("A byte behind the MAC, counted.", back(good + b"\0"), problem("reply", "trailing-data")),
    }
    assert len(account) == 19
    for name, (note, bytes_, what) in bad.items():
        yield "payment.pay/bad-reply-" + name, {**out, "note": note, "reply.wire": bytes_, "problem": what}

    asked = {"request": paid, "context": query_context(), "request.wire": ask(paid, query_context())}

    def heard(occurrence, response="00", status=None, text=None, **more):
        return reply(occurrence, {"Response": response}, bank_code=status, bank_text=text, serial=QUERY, **more)

    old = query_context("2022-03-14T23:40:05+08:00", "2022-03-15")
    yield "payment.query/accepted", {
        "note": "Status 00. The question is asked on another day and names the original's date, time, clearing date, party, serial and "
                "amount: without any of them it would not be found. In the second form the times of the answer mean nothing: one lacks "
                "its zero.",
        "request": paid, "context": old, "request.wire": ask(paid, old),
        "reply.wire": back(found("00", "00", "成功")), "reply": heard("YES", status="00", text="成功"),
        "reply.also.wire": back(found("00", "00", "成功", at="95959", on="20220316", cleared="")),
    }
    means = {
        "declined": ("Status 01: failed.", "01", "失败", "NO", "MS03"),
        "declined-cancelled": ("Status 03: cancelled.", "03", "被取消", "NO", "DS02"),
        "unknown-restored": ("Status 02: restored. Whether the payee keeps the money is not said, so a person has to look.", "02",
                             "交易被恢复", "UNKNOWN", None),
        "unknown-unlisted": ("A status in no list, whatever its words say.", "09", "处理失败", "UNKNOWN", None),
        "unknown-widest": ("Forty bytes of words.", "99", "满" * 20, "UNKNOWN", None),
    }
    for name, (note, status, text, occurrence, reason) in means.items():
        yield "payment.query/" + name, {**asked, "note": note, "reply.wire": back(found("00", status, text)),
                                        "reply": heard(occurrence, status=status, text=text, reason=reason)}
    others = {
        "not-found": ("The invented code that says there is no trace. It is invented, so it proves nothing, and nothing is sent again.",
                      found("25", text="原交易不存在"), heard("UNKNOWN", "25", text="原交易不存在", not_found=True)),
        "unknown": ("The query itself failed: that says nothing of the payment.", found("ZZ"), heard("UNKNOWN", "ZZ")),
        "unknown-status-of-a-failed-query": ("Status 00 beside a query that failed is no success.", found("96", "00", "成功"),
                                             heard("UNKNOWN", "96", "00", "成功")),
        "unknown-empty-status": ("The query went well and the status is blank: that is no failure and no success. Read only.", found("00"),
                                 heard("UNKNOWN")),
    }
    for name, (note, body, heard_) in others.items():
        file = "reply.also.wire" if name == "unknown-empty-status" else "reply.wire"
        yield "payment.query/" + name, {**asked, "note": note, file: back(body), "reply": heard_}
    bad = {
        "cut-character": ("The words are cut in the middle of a character.", found("00", "01", gbk("失" * 20)[:39]),
                          problem("reply", "charset")),
        "mac": ("A failed status was made a success on the way.",
                found("00", "01", "失败").replace(b"0001" + gbk("失败"), b"0000" + gbk("失败")), problem("reply", "mac", "MAC")),
        "short": ("Thirty-nine bytes of words: the MAC is one byte too near.", found("00", "00")[:-9] + found("00", "00")[-8:],
                  problem("reply", "charset")),
    }
    for name, (note, body, what) in bad.items():
        yield "payment.query/bad-reply-" + name, {**asked, "note": note, "reply.wire": back(body), "problem": what}
    yield "payment.query/bad-request-original-clearing-date", {
        **asked, "request": None, "note": "The original's clearing date is no date.", "problem": problem("request", "cannot-decode"),
        "request.wire": ask(paid, query_context(date="2022-02-30")),
    }
    yield from errands.cases(sys.modules[__name__], "psbc", context())
    yield from errands.told(sys.modules[__name__], "psbc", context())


ERRANDS = {"done": "00", "already": "J1", "pending": "J2", "none": "J3", "name": "J4", "cancelled": "J5", "unlisted": "ZZ"}
CODES = {"card.query": "775001", "card.report-loss": "775002", "card.release-loss": "775003", "card.cancel": "775004",
         "account.verify": "775005"}


def errand_request(operation, said):
    code, party = CODES[operation].encode(), SETTINGS["party"].encode()
    own = [SERIAL.encode(), time(WHEN), day(WHEN), day("2022-03-15")]
    body = code + SETTINGS["channel"].encode() + b"".join(own) + left(SETTINGS["party"], 12)
    person = said.get("payee") or said["holder"]
    known = [digits(errands.DOCUMENTS[person["id_type"]], 2), counted(person["id"], 2, 20), counted(person["name"], 2, 60)]
    if operation == "account.verify":
        card = person["account"]
        body += counted(card, 2, 32) + HOLDER[person["account_kind"]] + b"".join(known)
    else:
        card, loss = said["card"]["number"], said.get("loss", {})
        body += left(card, 9) + counted(said["card"].get("account", ""), 2, 32) + b"".join(known)
        body += errands.LOSSES[loss["kind"]].encode() if operation == "card.report-loss" else b""
        body += counted(loss.get("reason", ""), 3, 120) if operation != "card.query" else b""
    return {"request.wire": framed(sealed(body, code, card.encode(), *own, party))}


def errand_answer(operation, code, text=None, card=None):
    transaction, party = CODES[operation].encode(), SETTINGS["party"].encode()
    body = b"".join([transaction, SETTINGS["channel"].encode(), SERIAL.encode(), b"093000", b"20220301", b"20220301", party,
                     left(code, 2), left(text or "", 40)])
    if operation == "card.query":
        said = card or {}
        days = b"".join(left(errands.day(said.get(name, "")), 8) for name in ("issued_on", "social_expiry", "financial_expiry"))
        body += counted(said.get("account", ""), 2, 32) + days
        body += left(errands.SOCIAL.get(said.get("social_status"), ""), 1) + left(errands.FINANCIAL.get(said.get("financial_status"), ""), 1)
    return back(sealed(body, transaction, SERIAL.encode(), party, code.encode()))


def errand_cut(operation, code):
    return errand_answer(operation, code)[:-1], "frame"


def errand_told(occurrence, code, text, reason, card):
    return reply(occurrence, card=card, bank_code=code, bank_text=text, reason=reason, serial=SERIAL)


NOTICES = {"taken": "00", "refused": "J7", "reused": "J8"}
TELLS = {"card.check": "776001", "card.issued": "776002", "card.activated": "776003", "payment.returned": "776004"}
COUNTED = {"X20": 2, "X60": 2, "X19": 2, "X40": 2, "X120": 3, "X32": 2, "X64": 2}


def told_request(operation, said):
    code, party = TELLS[operation].encode(), SETTINGS["party"].encode()
    own = [SERIAL.encode(), time(WHEN), day(WHEN), day("2022-03-15")]
    body = code + SETTINGS["channel"].encode() + b"".join(own) + left(SETTINGS["party"], 12)
    for path, _, _, form in errands.TOLD[operation]:
        value = errands.said_at(said, path, {kind: text.decode() for kind, text in HOLDER.items()})
        if form == "N":
            body += digits(value, 12)
        elif form in COUNTED:
            body += counted(value or "", COUNTED[form], int(form[1:]))
        else:
            body += left(value or "", int(form[1:]))
    subject = {"card.check": [said.get("holder", {}).get("id", "").encode()],
               "payment.returned": [said.get("returned", {}).get("serial", "").encode(), digits(said.get("amount", 0), 12)]}
    return {"request.wire": framed(sealed(body, code, *subject.get(operation, [said.get("card", {}).get("number", "").encode()]), *own, party))}


def told_answer(operation, code):
    transaction, party = TELLS[operation].encode(), SETTINGS["party"].encode()
    body = b"".join([transaction, SETTINGS["channel"].encode(), SERIAL.encode(), b"093000", b"20220301", b"20220301", party,
                     left(code, 2), b" " * 40])
    return back(sealed(body, transaction, SERIAL.encode(), party, code.encode()))


def told_cut(operation, code):
    return told_answer(operation, code)[:-1], "frame"


def told_reply(occurrence, code):
    return reply(occurrence, bank_code=code, serial=SERIAL)
