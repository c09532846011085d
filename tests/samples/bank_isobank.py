"""isobank: ISO 8583. Two bytes of length, four packed digits of type, a bitmap, fields by rising bit."""

from facts import gbk, payment, problem, reply

SETTINGS = {"terminal": "T0000009", "acceptor": "SB5002360000009", "payer": "7900000000000000009"}
SERIAL, QUERY, HOST = "1000000016", "9000000018", "880000000077"
WHEN, ASKED = "2022-03-15T09:30:15+08:00", "2022-03-15T10:00:15+08:00"
KINDS = {"card": "10", "account": "20"}


def packed(text, digits):
    text = text.rjust(digits + digits % 2, "0")
    assert text.isdigit() and len(text) == digits + digits % 2, text
    return bytes.fromhex(text)


def counted(value, prefix):
    coded = gbk(value)
    return str(len(coded)).rjust(prefix, "0").encode() + coded


def signed(number, digits):
    return (b"D" if number < 0 else b"C") + str(abs(number)).rjust(digits, "0").encode()


def message(kind, fields):
    """`fields`: bit and bytes, by rising bit."""
    bits = [bit for bit, _ in fields]
    assert bits == sorted(set(bits)), bits
    wide = bits[-1] > 64
    bitmap = sum(1 << (128 - bit) for bit in bits + ([1] if wide else []))
    raw = bitmap.to_bytes(16, "big")[: 16 if wide else 8]
    return packed(kind, 4) + raw + b"".join(value for _, value in fields)


def framed(body, length=None):
    return (len(body) if length is None else length).to_bytes(2, "big") + body


def context(serial=SERIAL):
    return {"serial": serial, "sent_at": WHEN, "business_date": "2022-03-15", "settings": SETTINGS}


def query_context():
    return {"serial": QUERY, "sent_at": ASKED, "business_date": "2022-03-15", "settings": SETTINGS,
            "original": {"serial": SERIAL, "sent_at": WHEN, "business_date": "2022-03-15"}}


def pay(paid, amount=None, more=(), without=()):
    payee = paid["payee"]
    amount = paid["amount"] if amount is None else amount
    fields = [
        (2, counted(payee["account"], 2)), (3, packed("290000", 6)), (4, packed(str(amount), 12)), (7, packed("0315093015", 10)),
        (11, packed(SERIAL, 10)), (15, packed("20220315", 8)), (25, packed(KINDS[payee["account_kind"]], 2)),
        (30, signed(paid["amount"], 12)), (41, SETTINGS["terminal"].encode()), (42, SETTINGS["acceptor"].encode()),
        (43, counted(payee["name"], 2)), (48, counted(paid["order"], 3)), (49, b"156")]
    fields += [(63, counted(paid["purpose"], 3))] if "purpose" in paid else []
    fields += [(102, counted(SETTINGS["payer"], 2))]
    fields = sorted([field for field in fields if field[0] not in without] + list(more))
    return message("0200", fields)


def answer(paid, code, host=None, text=None, balance=None, serial=SERIAL, amount=None, more=(), without=()):
    fields = [(2, counted(paid["payee"]["account"], 2)), (3, packed("290000", 6)),
              (4, packed(str(paid["amount"] if amount is None else amount), 12)), (11, packed(serial, 10))]
    fields += [(37, host.encode())] if host else []
    fields += [(39, code.encode())] if code else []
    fields += [(44, counted(text, 2))] if text else []
    fields += [(54, signed(balance, 12))] if balance is not None else []
    return message("0210", sorted([field for field in fields if field[0] not in without] + list(more)))


def ask():
    return message("0200", [(3, packed("310000", 6)), (7, packed("0315100015", 10)), (11, packed(QUERY, 10)), (15, packed("20220315", 8)),
                            (41, SETTINGS["terminal"].encode()), (90, packed(SERIAL, 10)), (93, packed("20220315", 8))])


def found(response, status=None, host=None, amount=None):
    fields = [(3, packed("310000", 6))] + ([(4, packed(str(amount), 12))] if amount is not None else []) + [(11, packed(QUERY, 10))]
    fields += [(37, host.encode())] if host else []
    fields += [(39, response.encode())] + ([(62, status.encode())] if status else [])
    return message("0210", fields)


def cases():
    paid = payment("isobank", {"bank": None})
    out = {"request": paid, "context": context(), "request.wire": framed(pay(paid))}
    account, amount = paid["payee"]["account"], paid["amount"]

    def told(occurrence, code, details=None, **more):
        return reply(occurrence, details, **{"bank_code": code, "amount": amount, "account": account, "serial": SERIAL, **more})

    yield "payment.pay/accepted", {
        **out, "note": "00: paid. Sixteen bytes of bitmap, because the payer stands at 102; the answer has eight. The balance is negative.",
        "reply.wire": framed(answer(paid, "00", HOST, balance=-123456)),
        "reply": told("YES", "00", {"Balance": "-123456"}, bank_serial=HOST),
    }
    small = payment("isobank", {"bank": None, "name": "欧阳韡·珅", "account": "605123456789", "account_kind": "account"}, purpose=None, amount=5)
    yield "payment.pay/accepted-account", {
        "note": "A passbook account, five fen, no purpose: bit 63 is off. The balance is zero, and zero is not negative.",
        "request": small, "context": context(), "request.wire": framed(pay(small)),
        "reply.wire": framed(answer(small, "00", balance=0)),
        "reply": reply("YES", {"Balance": "0"}, bank_code="00", amount=5, account="605123456789", serial=SERIAL),
    }
    for name, note, code, means in (
        ("declined", "14: no such account.", "14", ("NO", "AC01")), ("pending", "68: in progress.", "68", ("IN_HAND", None)),
        ("unknown-duplicate", "94: seen before. Look, do not fail.", "94", ("UNKNOWN", None)),
        ("unknown", "A code in no list.", "96", ("UNKNOWN", None)),
    ):
        yield "payment.pay/" + name, {**out, "note": note, "reply.wire": framed(answer(paid, code, text="说明")),
                                      "reply": told(means[0], code, bank_text="说明", reason=means[1])}
    yield "payment.pay/unknown-no-code", {
        **out, "note": "No bit 39: nothing is said. Read only.", "reply.also.wire": framed(answer(paid, None)), "reply": reply(
            "UNKNOWN", amount=amount, account=account, serial=SERIAL)}
    good = answer(paid, "00")
    bad = {
        "bit-unknown": ("Bit 5 is set, and nobody knows how long its field is.", framed(answer(paid, "00", more=[(5, b"0")])), "cannot-decode"),
        "bit-missing": ("Bit 11 is off: whose answer is this?", framed(answer(paid, "00", without=(11,))), "cannot-decode"),
        "bitmap-wide": ("Sixteen bytes of bitmap that say no more than eight.",
                        framed(good[:2] + bytes([good[2] | 0x80]) + good[3:10] + bytes(8) + good[10:]), "cannot-decode"),
        "bitmap-cut": ("The message ends within the bitmap.", framed(good[:7]), "cannot-decode"),
        "half-byte": ("A half byte of the trace is no digit.", framed(good.replace(packed(SERIAL, 10), b"\x1a" + packed(SERIAL, 10)[1:])), "cannot-decode"),
        "type": ("Another type.", framed(b"\x02\x00" + good[2:]), "cannot-decode"),
        "sign": ("A balance with a third sign.", framed(answer(paid, "00", balance=1).replace(b"C000000000001", b"E000000000001")), "cannot-decode"),
        "minus-zero": ("A negative zero.", framed(answer(paid, "00", balance=0).replace(b"C000000000000", b"D000000000000")), "cannot-decode"),
        "trailing": ("A byte that no bit announces.", framed(good + b"0"), "trailing-data"),
        "length": ("One byte more is promised than came.", framed(good, len(good) + 1), "frame"),
    }
    for name, (note, bytes_, code) in bad.items():
        yield "payment.pay/bad-reply-" + name, {**out, "note": note, "reply.wire": bytes_, "problem": problem("reply", code)}
    requests = {
        "amounts-differ": ("The amount without a sign is another one.", framed(pay(paid, amount=123451))),
        "negative": ("A negative amount.", framed(pay(paid).replace(b"C000000123450", b"D000000123450"))),
        "bit-missing": ("No account.", framed(pay(paid, without=(2,)))),
    }
    for name, (note, bytes_) in requests.items():
        yield "payment.pay/bad-request-" + name, {
            **out, "request": None, "note": note, "request.wire": bytes_, "problem": problem("request", "cannot-decode")}
    yield "payment.pay/bad-amount-too-long", {
        "note": "Thirteen digits of fen do not go into twelve.", "context": context(),
        "request": payment("isobank", {"bank": None}, amount=1000000000000), "problem": problem("request", "cannot-encode", "amount")}

    asked = {"request": paid, "context": query_context(), "request.wire": framed(ask())}

    def heard(occurrence, response, status=None, **more):
        return reply(occurrence, {"Response": response}, bank_code=status, serial=QUERY, **more)

    for name, note, status, means in (
        ("accepted", "Booked.", "00", ("YES", None)), ("declined", "Refused.", "14", ("NO", "AC01")),
        ("pending", "In progress.", "68", ("IN_HAND", None)), ("unknown", "A status in no list.", "77", ("UNKNOWN", None)),
    ):
        yield "payment.query/" + name, {
            **asked, "note": note, "reply.wire": framed(found("00", status, HOST, 0)),
            "reply.also.wire": framed(found("00", status, HOST)), "reply": heard(means[0], "00", status, reason=means[1], bank_serial=HOST)}
    yield "payment.query/not-found", {
        **asked, "note": "25: no trace.", "reply.wire": framed(found("25", amount=0)), "reply": heard("UNKNOWN", "25", not_found=True)}
    yield "payment.query/bad-reply-cut", {
        **asked, "note": "The last field is cut.", "reply.wire": framed(found("00", "00")[:-1]), "problem": problem("reply", "cannot-decode")}
