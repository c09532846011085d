"""What the banks' scripts share: invented payments, bytes of GBK, files of a case. Knows nothing of kuimen."""

import copy

# Python's codec and Java's differ in the euro sign and the private use area; no sample rests on either.
UNSURE = {0x20AC}


def gbk(text):
    """Bytes of `text`. Refuses what Python's codec and Java's might not agree on."""
    assert not any(ord(c) in UNSURE or 0xE000 <= ord(c) <= 0xF8FF for c in text), text
    return text.encode("gbk")


def card(body):
    """`body` with its Luhn check digit."""
    total = 0
    for place, digit in enumerate(reversed(body)):
        value = int(digit) * (2 if place % 2 == 0 else 1)
        total += value - 9 if value > 9 else value
    return body + str(-total % 10)


CARD = card("621700123456789012")
BASE = {
    "payee": {
        "name": "张三",
        "id_type": "resident",
        "id": "11010519491231002X",
        "account": CARD,
        "account_kind": "card",
    },
    "amount": 123450,
    "fund": "110",
    "kind": "regular",
    "period": "202203",
    "order": "FJ202203000001",
    "purpose": "养老金",
}
ORDER = ["payee", "amount", "fund", "kind", "period", "order", "bank", "purpose"]
PAYEE = ["name", "id_type", "id", "account", "account_kind", "bank"]


def payment(bank, payee=None, **changes):
    """An invented payment to `bank`; a change to None takes the field away."""
    made = copy.deepcopy(BASE)
    made["bank"] = bank
    made["payee"].update(payee or {})
    made.update(changes)
    made["payee"] = {key: made["payee"][key] for key in PAYEE if made["payee"].get(key) is not None}
    return {key: made[key] for key in ORDER if made.get(key) is not None}


HOLDER = {"name": "张三", "id_type": "resident", "id": "11010519491231002X"}
GROUPS = {
    "payee": PAYEE,
    "holder": ["name", "id_type", "id"],
    "card": ["number", "region", "code", "account", "kind", "generation", "issued_on", "social_expiry", "financial_expiry", "outlet",
             "fee"],
    "loss": ["kind", "reason"],
    "meeting": ["kind", "on", "outlet", "clerk", "originals", "hardship", "with"],
    "returned": ["serial", "on", "reason"],
}


def errand(bank, **groups):
    """An invented message that moves no money; a member that is None is left out."""
    made = {}
    for group, order in GROUPS.items():
        if group in groups:
            said = groups.pop(group)
            assert set(said) <= set(order), said
            made[group] = {key: said[key] for key in order if said.get(key) is not None}
    amount = {"amount": groups.pop("amount")} if "amount" in groups else {}
    assert not groups, groups
    order = ["payee", "amount", "bank", "holder", "card", "loss", "meeting", "returned"]
    made = {**made, **amount, "bank": bank}
    return {key: made[key] for key in order if key in made}


def reply(occurrence, details=None, card=None, **said):
    """A canonical reply in the order of its schema."""
    order = ["not_found", "bank_code", "bank_text", "reason", "bank_serial", "amount", "account", "serial"]
    made = {"occurrence": occurrence}
    made.update((key, said[key]) for key in order if said.get(key) is not None)
    assert set(said) <= set(order), said
    if card:
        made["card"] = card
    if details:
        made["details"] = details
    return made


def escaped(text):
    """Text of an element."""
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def element(name, inside=""):
    """An element around text that needs no escaping, or around other elements."""
    return "<%s>%s</%s>" % (name, inside, name)


def flat(pairs):
    """Elements with text, one behind the other."""
    return "".join(element(name, escaped(str(text))) for name, text in pairs)


def problem(message, code, field=None, at=None):
    """What a bad case must be refused with."""
    made = {"message": message, "code": code}
    if field is not None:
        made["field"] = field
    if at is not None:
        made["at"] = at
    return made
