"""What a proof shows of books that many write: months, certificates, accounts, agreements."""

import json
from typing import Any

import pytest

from ledger import prooffile
from ledger.check.evidence import read
from ledger.check.proven import Proven
from ledger.check.report import FAIL, PASS
from ledger.claiming import claims
from ledger.entry import decode
from ledger.errors import Malformed
from ledger.proof import SHORT, build
from ledger.register import Account, Agreement, Key, Month, Record, Spent, encode
from ledger.verify import check
from tests.check.liar import Liar
from tests.core.books import COLLECTOR, ROLLER, SCRAP, SMELTER, WORKS, Books, book
from tests.core.judging import register
from tests.world import LOT, SITE

ENERGY = [{"carrier": "electricity", "amount": "2", "unit": "MWh", "instrument": "urn:goo:1"}]
BOOKS = ("month", "spent", "account", "agreement")


@pytest.fixture
def world() -> Books:
    """Scrap that is sold as certified, under an agreement; others book on the same accounts."""
    world = Books()
    world.open(COLLECTOR)
    world.open()
    terms = {"material": SCRAP, "years": [{"year": 2026, "kg": "100"}]}
    world.post({"type": "agree", "party": SMELTER, "with": ROLLER, "terms": terms})
    world.post({"type": "agree", "party": ROLLER, "with": SMELTER, "terms": terms, "of": world.last})
    return world


def sell(world: Books, name: str, kg: str = "90") -> str:
    """A part that the mill has received; what it is made of alone covers no more than what it is issued."""
    made = world.made({world.sold("100"): "100"}, "100", energy=ENERGY)
    offer = next(event for event in world.posted if event["type"] == "agree")
    agreement = {"party": SMELTER, "id": offer["id"]}
    coc = world.document()
    sent = world.ship("smelter", "roller", {made: kg}, {made: name}, coc=coc, agreement=agreement)
    part = f"{LOT}smelter:{name}"
    world.receive(sent, "mill", {part: kg})
    return part


def proven(world: Books, data: bytes) -> Proven:
    file = prooffile.decode(data)
    assert file.register is not None
    return Proven(file.register, read(decode(file.entries[-1].encode())), world.trust.charter)


def shown(world: Books, data: bytes) -> dict[Key, Any]:
    return {key: record.value for key, record in proven(world, data).records() if key.kind in BOOKS}


def test_a_proof_shows_the_books_that_it_names(world: Books) -> None:
    first = sell(world, "first")
    for n in range(4):
        sell(world, f"sold-{n}")
    world.publish()
    data = build(world.store, first)
    (report,) = check([data], world.trust).proofs
    assert [one.code for one in report.findings if one.verdict != PASS] == []
    found = shown(world, data)
    offer = next(key for key in found if key.kind == "agreement")
    assert found.keys() == {
        Key("month", f"{WORKS} blend 2026-03"),
        Key("month", f"{SITE}yard source:collection 2026-03"),
        Key("spent", f"instrument urn:goo:1 {WORKS}"),
        Key("spent", f"instrument urn:goo:1 {SMELTER}"),
        Key("account", book(COLLECTOR)),
        Key("account", book(SMELTER)),
        offer,
    }
    assert found[Key("month", f"{WORKS} blend 2026-03")] == Month(500_000, 500_000)
    assert found[Key("spent", f"instrument urn:goo:1 {WORKS}")] == Spent("", 10_000_000)
    state: Account = found[Key("account", book(SMELTER))]
    assert (state.certified_in, state.total_in, state.issued) == (500_000, 500_000, 450_000)
    agreement: Agreement = found[offer]
    assert (agreement.party, agreement.other) == (SMELTER, ROLLER)


@pytest.mark.parametrize(
    ("begun", "months"),
    [
        ("2026-01-25T06:00:00Z", ["2026-01", "2026-02", "2026-03"]),
        ("2026-02-25T06:00:00Z", ["2026-02", "2026-03"]),
        ("2023-02-25T06:00:00Z", None),
    ],
)
def test_a_proof_shows_each_month_in_which_it_went_on(begun: str, months: list[str] | None) -> None:
    """What a yard brought in the month before counts as it does for the ledger, and of the one between the
    register shows that nothing was brought. What lasted for years is shown of no month."""
    world = Books()
    world.source("yard", "o", "9", "collection", SCRAP, time="2026-01-31T23:59:59Z")
    lot = world.source("yard", "s", "5", "collection", SCRAP, **{"from": begun})
    world.publish()
    (report,) = check([build(world.store, lot)], world.trust).proofs
    assert report.claims is not None
    brought = {row.month: row.grams for row in report.claims.brought}
    sums = {"2026-01": 9_000, "2026-03": 5_000}
    assert brought == {month: sums[month] for month in months or () if month in sums}
    assert ("months" in report.claims.unshown) == (months is None)
    if months:
        assert report.claims.brought == claims(world.store, lot).brought


def test_an_honest_proof_replays_without_the_credits_of_others(world: Books) -> None:
    """The shipment is covered by what others brought; the proof holds nothing of them."""
    for n in range(3):
        sell(world, f"sold-{n}", "1")
    made = world.made({world.bought("200"): "200"}, "200")
    sent = world.ship("smelter", "roller", {made: "200"}, {made: "late"}, coc=world.document())
    part = f"{LOT}smelter:late"
    world.receive(sent, "mill", {part: "200"})
    world.publish()
    data = build(world.store, part)
    (report,) = check([data], world.trust).proofs
    assert [report.verdict(number) for number in (5, 6, 8)] == [PASS] * 3
    held = [json.loads(text)["index"] for text in json.loads(data)["entries"]]
    assert len(held) < world.store.head().size // 2
    state: Account = shown(world, data)[Key("account", book(SMELTER))]
    assert (state.certified_in, state.issued) == (300_000, 203_000)


def test_a_short_proof_shows_no_books(world: Books) -> None:
    part = sell(world, "first")
    world.publish()
    assert shown(world, build(world.store, part, horizon=SHORT)) == {}


def test_a_proof_that_names_none_shows_none() -> None:
    world = Books()
    lot = world.bought("10")
    world.publish()
    assert shown(world, build(world.store, lot)) == {}


def test_another_number_is_not_the_registers(world: Books) -> None:
    part = sell(world, "first")
    world.publish()
    data = json.loads(build(world.store, part))
    for row in data["register"]["records"]:
        if row[0].startswith("account "):
            changed = [one[:] for one in data["register"]["records"]]
            changed[changed.index(row)][1] = row[1].replace("90000", "80000").replace("100000", "200000")
            file = data | {"register": data["register"] | {"records": changed}}
            text = json.dumps(file, separators=(",", ":"), ensure_ascii=False)
            (report,) = check([f"{text}\n".encode()], world.trust).proofs
            codes = {one.code for one in report.findings if one.verdict == FAIL}
            assert codes == {"map.root"}


@pytest.mark.parametrize(
    ("kind", "value"),
    [
        ("month", Month(-1, 0)),
        ("spent", Spent(WORKS, -1)),
        ("account", Account("p", "s", 0, 0, 0, 0, 0, 0, -1, 0, "open", 0, 0, 0, "e")),
    ],
)
def test_no_sum_is_below_nothing(world: Books, kind: str, value: Any) -> None:
    part = sell(world, "first")
    key = next(key for key in register(world) if key.kind == kind and not key.id.startswith("carry"))
    liar = Liar(world)
    at = json.loads(liar.records[key])[0]
    data = liar.file(part, {key: encode(Record(at, value))}, shown=BOOKS)
    with pytest.raises(Malformed) as caught:
        proven(world, data)
    assert caught.value.code == "register.record"
