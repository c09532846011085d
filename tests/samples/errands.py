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
