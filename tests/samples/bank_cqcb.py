"""cqcb: a routing tag of 8, a fixed head of 114, two data parts of 250, no length of the whole; 85 bytes back."""

from facts import gbk, payment, problem, reply

SETTINGS = {"origin": "SB07", "terminal": "T017", "teller": "8017", "payer_account": "3001010120010009876"}


def context(serial="K7Q2M4XH5RZT3WBA"):
    return {"serial": serial, "sent_at": "2022-03-15T09:30:15+08:00", "business_date": "2022-03-15", "settings": SETTINGS}


def digits(value, width):
    text = str(value).rjust(width, "0")
    assert len(text) == width and text.isdigit(), text
    return text.encode("ascii")


def left(text, width):
    coded = gbk(text)
    assert len(coded) <= width, text
    return coded.ljust(width)


def request(paid, with_):
    """622 bytes, always."""
    s, payee = with_["settings"], paid["payee"]
    code = {"account": b"0160", "card": b"0161"}[payee["account_kind"]]
    head = b"".join([
        b"0000010000", b"01", code, left(s["origin"], 4), left(s["terminal"], 4), b"0001", left(s["teller"], 4), b"0", b"00",
        b" " * 4, b" " * 4, b" " * 4, b" " * 4, b" ", b" ", b" " * 40, b"0000000", b" " * 8, b"250", b"250",
    ])
    data1 = b"".join([
        left(payee["account"], 32), left(payee["name"], 60), left(payee["id"], 20), left(s["payer_account"], 32),
        left(with_["serial"], 16), left(paid["order"], 32),
    ]).ljust(250)
    data2 = b"".join([
        b"91", b" " * 2, b" " * 9, b"01", digits(paid["amount"], 19), left(paid.get("purpose", ""), 40), b" " * 8, b" " * 8,
    ]).ljust(250)
    wire = b"TIPS3001" + head + data1 + data2
    assert (len(head), len(data1), len(data2), len(wire)) == (114, 250, 250, 622)
    return wire


def answer(code, transaction="161", journal="", voucher="", result="", date="20220301", fill=b" "):
    """85 bytes: what a client reads, at the places where it reads it; nothing is known of the rest."""
    made = bytearray(fill * 85)
    for start, end, text in [(11, 14, transaction), (21, 29, date), (37, 38, result), (54, 61, journal), (69, 77, voucher),
                             (81, 85, code)]:
        made[start:end] = left(text, end - start)
    assert len(made) == 85
    return bytes(made)


def cases():
    paid, sent = payment("cqcb"), context()
    wire = request(paid, sent)
    both = {"request": paid, "context": sent, "request.wire": wire}

    def told(occurrence, code, transaction="161", **more):
        details = {"TrCode": transaction} if transaction else {}
        details.update((name, more.pop(name)) for name in ("Result", "VoucherNo") if name in more)
        return reply(occurrence, details, bank_code=code, **more)

    yield "payment.pay/accepted", {
        **both, "note": "9004 in the last four of 85 bytes: paid. To a card, so 0161. No length stands anywhere; both messages have one size. "
                        "In the second form the bytes that nobody has explained are filled with NUL and half characters: they are not read.",
        "reply.wire": answer("9004", "160", "0004711", "20220042", "0"),
        "reply.also.wire": answer("9004", "160", "0004711", "20220042", "0", "20220315", b"\0").replace(b"\0" * 8, b"\0\xd5\0\0\0\0\0\xd5"),
        "reply": told("YES", "9004", "160", bank_serial="0004711", Result="0", VoucherNo="20220042"),
    }
    account = payment("cqcb", {"name": "欧阳韡·珅", "account": "0123451000012345"[:15], "account_kind": "account"}, purpose=None, amount=1,
                      order="FJ/2022|Q1#9")
    assert gbk("韡")[1:] == b"|"
    yield "payment.pay/accepted-account", {
        "note": "An account of fifteen digits, so 0160; it begins with a zero, and blanks fill it. One fen in nineteen digits. A name whose "
                "characters hold bars as second bytes, and a bar in the order: nothing is delimited here. No purpose.",
        "request": account, "context": sent, "request.wire": request(account, sent),
        "reply.wire": answer("9004", "160"), "reply": told("YES", "9004", "160"),
    }
    wide = payment("cqcb", {"name": "满" * 30, "account": "6" * 32, "account_kind": "account"}, amount=9007199254740991,
                   order="X" * 32, purpose="备" * 20)
    yield "payment.pay/widest", {
        "note": "Every field full: widths are in bytes, so thirty characters of name and twenty of memo. The largest amount there is, in "
                "nineteen digits.",
        "request": wide, "context": context("Z" * 16), "request.wire": request(wide, context("Z" * 16)),
        "reply.wire": answer("ZZZZ", "160", "9" * 7, "9" * 8, "9"),
        "reply": told("UNKNOWN", "ZZZZ", "160", bank_serial="9" * 7, Result="9", VoucherNo="9" * 8),
    }
    yield "payment.pay/declined", {
        **both, "note": "The one refusal code, and it is invented.",
        "reply.wire": answer("KM01"), "reply": told("NO", "KM01", reason="AC04"),
    }
    unknown = {
        "": ("Any other code is unknown: no success is reported without the success code, and no failure either.", answer("9999"),
             told("UNKNOWN", "9999")),
        "-another-transaction": ("9004, and the transaction is a reversal (0399): not the answer to a payment.", answer("9004", "399"),
                                 told("UNKNOWN", "9004", "399")),
        "-no-transaction": ("9004 without any transaction code.", answer("9004", ""), told("UNKNOWN", "9004", "")),
        "-no-code": ("The last four bytes are blank, though a journal number is there.", answer("", "161", "0004711"),
                     told("UNKNOWN", None, bank_serial="0004711")),
    }
    for name, (note, bytes_, means) in unknown.items():
        yield "payment.pay/unknown" + name, {**both, "note": note, "reply.wire": bytes_, "reply": means}
    refused = {
        "name-unmappable": ("䶮 has no bytes in the GBK that a Java system writes; it is refused, never written as a question mark.",
                            payment("cqcb", {"name": "王䶮"}), "payee.name"),
        "name-too-long": ("Thirty-one characters are sixty-two bytes; the name is not cut.", payment("cqcb", {"name": "满" * 31}),
                          "payee.name"),
        "memo-too-long": ("Twenty characters and a letter are forty-one bytes.", payment("cqcb", purpose="备" * 20 + "x"), "purpose"),
        "order-too-long": ("Fifteen characters and three letters are thirty-three bytes.", payment("cqcb", order="单" * 15 + "xyz"), "order"),
    }
    for name, (note, made, field) in refused.items():
        yield "payment.pay/bad-" + name, {"note": note, "context": sent, "request": made,
                                          "problem": problem("request", "cannot-encode", field)}
    requests = {
        "amount": ("A minus among the digits of the amount: an amount is never negative.",
                   wire.replace(b"0000000000000123450", b"-000000000000123450"), problem("request", "cannot-decode")),
        "transaction": ("A transaction that is none of the two.", wire.replace(b"0000010000010161", b"0000010000010152"),
                        problem("request", "cannot-decode")),
        "route": ("The routing tag of queries.", b"TIPS3002" + wire[8:], problem("request", "cannot-decode", at=0)),
        "data-length": ("The first data part announces 249 bytes.", wire[:116] + b"249" + wire[119:],
                        problem("request", "cannot-decode", at=116)),
        "longer": ("One byte more.", wire + b" ", problem("request", "frame")),
    }
    for name, (note, bytes_, what) in requests.items():
        assert bytes_ != wire
        yield "payment.pay/bad-request-" + name, {**both, "request": None, "note": note, "request.wire": bytes_, "problem": what}
    good = answer("9004")
    bad = {
        "short": ("84 bytes: the success code is cut off by one.", good[:84], problem("reply", "frame")),
        "long": ("86 bytes.", good + b" ", problem("reply", "frame")),
        "two-in-one-read": ("Two answers in one read.", good * 2, problem("reply", "frame")),
        "empty": ("No byte came back: a time-out of six seconds is not long.", b"", problem("reply", "frame")),
        "not-gbk": ("Half a character where the journal number stands.", good[:60] + b"\xd5" + good[61:], problem("reply", "charset")),
        "query-lines": ("The shape of an answer to a query: lines.", b"9004\n0001|ok\n", problem("reply", "frame")),
    }
    for name, (note, bytes_, what) in bad.items():
        yield "payment.pay/bad-reply-" + name, {**both, "note": note, "reply.wire": bytes_, "problem": what}
