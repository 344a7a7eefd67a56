"""Reports of a real ledger, and of a proof of it: the same answers, and never a better one from the proof."""

from typing import Any

import pytest

from ledger.errors import Malformed
from ledger.proof import build
from ledger.reports import KINDS, Report, as_json, as_text, asked, make
from ledger.reports.report import Row
from ledger.trust import Trust
from ledger.verify import check
from tests.claims.making import gas
from tests.core.books import MILL, ROLLER, SMELTER, WORKS, Books, book
from tests.world import LOT, PARTY, SITE, World, event_ref

PLANT = SITE + "plant"
STAMPER = PARTY + "stamper"


def rows(report: Report) -> dict[str, Row]:
    return {row.key: row for row in report.rows()}


def reported(world: World, kind: str, subject: str, **more: Any) -> Report:
    claims, beside = asked.whole(world.store, kind, subject)
    return make(kind, claims, beside=beside, **more)


def proven(world: World, kind: str, lot: str) -> Report:
    world.publish()
    data = build(world.store, lot)
    return make(kind, asked.of_proof(check([data], Trust.parse(world.trust_text())).proofs[0]))


@pytest.fixture(scope="module")
def world() -> World:
    world = World()
    world.hood()
    return world


HOOD = LOT + "stamper:hood"


@pytest.mark.parametrize("kind", sorted(set(KINDS) - {"exclusive"}))
def test_a_proof_says_what_the_ledger_says(world: World, kind: str) -> None:
    ledger, proof = as_json(reported(world, kind, HOOD)), as_json(proven(world, kind, HOOD))
    assert proof["rests_on"] == "proof"
    assert proof["proof"] == {"verdict": "holds", "codes": []}
    for name in ("sections", "missing", "outcome", "limits", "subject"):
        assert proof[name] == ledger[name]


def test_what_became_of_a_lot_only_the_ledger_tells(world: World) -> None:
    ledger = make("exclusive", asked.of_ledger(world.store, "exclusive", HOOD), plant=PLANT)
    assert "not used up" in ledger.verdict
    world.publish()
    data = build(world.store, HOOD)
    checked = check([data], Trust.parse(world.trust_text())).proofs[0]
    proof = make("exclusive", asked.of_proof(checked), plant=PLANT)
    assert "what became of all of it is not shown" in proof.verdict


def test_a_file_that_is_no_proof_gives_a_report_that_does_not_hold(world: World) -> None:
    for kind in KINDS:
        checked = check([b"{}"], Trust.parse(world.trust_text())).proofs[0]
        report = make(kind, asked.of_proof(checked))
        assert report.outcome == "disproven"
        assert "DOES NOT HOLD" in as_text(report)


def test_a_proof_that_was_changed_gives_a_report_that_does_not_hold(world: World) -> None:
    world.publish()
    data = build(world.store, HOOD).replace(
        b'"subject":"' + HOOD.encode(), b'"subject":"' + LOT.encode() + b"x"
    )
    checked = check([data], Trust.parse(world.trust_text())).proofs[0]
    report = make("section232", asked.of_proof(checked))
    assert report.outcome != "complete"
    assert report.as_of.size == world.store.head().size
    assert checked.claims is None


def test_what_is_not_there_or_of_another_sort_is_refused(world: World) -> None:
    for kind, subject, code in (
        ("section232", LOT + "nothing", "claims.subject"),
        ("exclusive", LOT + "nothing", "claims.subject"),
        ("section232", SITE + "press", "report.subject"),
        ("asi-account", SITE + "press", "report.subject"),
    ):
        with pytest.raises(Malformed) as caught:
            asked.of_ledger(world.store, kind, subject)
        assert caught.value.code == code


# --- Accounts and their documents


def books() -> tuple[Books, str]:
    """A works that sells certified scrap on to a mill; the lot."""
    world = Books()
    world.open(PARTY + "collector")
    world.open()
    made = world.made({world.sold("100"): "100", world.bought("100"): "100"}, "190")
    coc = world.document(
        document="COC-7", issuer_no="77", customer_no="88", responsible="A. Smelter", statement="conforms"
    )
    part = world.lot(SMELTER, "part")
    shipment = world.ship("smelter", "roller", {made: "90"}, {made: "part"}, coc=coc)
    world.receive(shipment, "mill", {part: "90"})
    return world, part


def test_the_account_of_a_ledger_is_stated_and_reconciles() -> None:
    world, _ = books()
    report = reported(world, "asi-account", book(SMELTER))
    found = rows(report)
    assert [found[key].value for key in ("certified_in", "total_in", "total_out", "issued")] == [
        "100 kg", "200 kg", "190 kg", "90 kg",
    ]  # fmt: skip
    assert found["party"].value == f"Smelter ({SMELTER})"
    assert found["period"].value == "2026-01-01/2026-12-31"
    assert "provisional" in report.verdict
    world.now = 1_799_000_000_000  # in 2027
    world.post({"type": "close", "party": SMELTER, "account": book(SMELTER)})
    closed = reported(world, "asi-account", book(SMELTER))
    assert "reconciles to the gram" in closed.verdict
    assert rows(closed)["carry"].value == "5 kg"
    assert closed.outcome == "complete"


def test_the_document_of_a_shipment_comes_from_its_event() -> None:
    world, part = books()
    for report in (reported(world, "coc-document", part), proven(world, "coc-document", part)):
        found = rows(report)
        assert found["reference"].value == "COC-7"
        assert found["issuer"].value == f"Smelter ({SMELTER})"
        assert found["customer"].value == f"Roller ({ROLLER})"
        assert (found["issuer_no"].value, found["customer_no"].value) == ("77", "88")
        assert found["coc_mass"].value == found["total_mass"].value == "90 kg"
        assert "provisional" in found["account"].note
        assert "certificate" in [row.key for row in report.missing()]
    world.attest(WORKS, certificate_no="C-5", valid_from="2026-01-01T00:00:00Z")
    assert rows(reported(world, "coc-document", part))["certificate"].note == "C-5"
    assert "Account" in as_text(reported(world, "asi-account", part))


# --- Agreements


def promised(**more: Any) -> tuple[World, dict[str, str]]:
    """A smelter that promises a mill slabs for the mill alone, and keeps half of its word."""
    world = World()
    for name in ("smelter", "mill", "plant"):
        world.site(name)
    for name, kg in (("a", "60"), ("b", "30"), ("c", "10")):
        world.source("smelter", name, kg, kind="purchase", material="rolling_slab", emissions=gas(kg, 3))
    years = [{"year": 2026, "kg": "100"}, {"year": 2027, "kg": "5"}]
    terms = {"material": "rolling_slab", "destination": MILL, "exclusive": True, "years": years} | more
    world.post({"type": "agree", "party": SMELTER, "with": ROLLER, "terms": terms})
    offer = world.last
    world.post({"type": "agree", "party": ROLLER, "with": SMELTER, "terms": terms, "of": offer})
    for name, kg in (("a", "60"), ("b", "30")):
        lot = LOT + f"smelter:{name}"
        world.receive(world.ship("smelter", "roller", {lot: kg}, agreement=offer), "mill", {lot: kg})
    return world, offer


def test_agreed_is_held_against_delivered_by_year() -> None:
    world, offer = promised()
    report = reported(world, "exclusive", WORKS)
    (row,) = [row for row in report.rows() if row.key == "between"]
    assert row.source is not None
    assert row.source.id == offer["id"]
    assert "2026 100 kg 90 kg -10 kg" in " ".join(as_text(report).split())
    assert "2027 5 kg 0 kg -5 kg" in " ".join(as_text(report).split())
    last = next(event for event in reversed(world.posted) if event["type"] == "receive")
    world.correct({"party": last["party"], "id": last["id"]}, "withdraw")
    world.correct(dict(last["of"]), "withdraw")
    assert "2026 100 kg 60 kg -40 kg" in " ".join(as_text(reported(world, "exclusive", WORKS)).split())


AGREED = {"kg_per_kg": "1", "method": "by_mass", "boundary": "cradle_to_gate", "stage": "rolling_slab"}


@pytest.mark.parametrize(
    ("agreed", "value", "note"),
    [
        ({}, "1.000 kg CO2e per kg", f"no more than agreed: {LOT}smelter:b"),
        ({"kg_per_kg": "0.999999"}, "1.000 kg CO2e per kg", f"more than agreed: {LOT}smelter:b"),
        ({"method": "cut_off"}, "1.000 kg CO2e per kg", f"no more than agreed: {LOT}smelter:b"),
        ({"method": "economic"}, "", ""),
        ({"boundary": "gate_to_gate"}, "", ""),
        ({"stage": "coil"}, "", ""),
    ],
)
def test_the_greatest_footprint_agreed_is_held_against_each_lot_delivered(
    agreed: dict[str, str], value: str, note: str
) -> None:
    """Of all lots that were sent under it; compared with figures of the same kind only."""
    world, offer = promised(footprint=AGREED | agreed)
    report = reported(world, "exclusive", WORKS)
    said, got = rows(report)["footprint_agreed"], rows(report)["footprint_delivered"]
    assert (got.value, got.note, got.missing) == (value, note, not value)
    assert said.value == f"{(AGREED | agreed)['kg_per_kg']} kg CO2e per kg"
    assert ("More than the footprint agreed" in report.verdict) == note.startswith("more")
    assert ("footprint_agreed" in rows(reported(world, "exclusive", LOT + "smelter:a"))) is True
    bare = world.source("smelter", "bare", "1", kind="purchase", material="rolling_slab")
    world.ship("smelter", "roller", {bare: "1"}, agreement=offer)
    got = rows(reported(world, "exclusive", WORKS))["footprint_delivered"]
    assert got.missing == (not note.startswith("more"))
    assert ("behind 1 lot" in got.note) == note.startswith("no more")


def test_where_nothing_was_delivered_or_it_is_not_shown_no_footprint_is() -> None:
    world, _ = promised(footprint=AGREED)
    for event in [one for one in reversed(world.posted) if one["type"] in ("receive", "ship")]:
        world.correct(event_ref(event), "withdraw")
    assert rows(reported(world, "exclusive", WORKS))["footprint_delivered"].value.startswith("none")
    told = asked.of_ledger(world.store, "exclusive", WORKS)
    assert rows(make("exclusive", told))["footprint_delivered"].missing


def test_a_year_that_nobody_promised_is_shown_too() -> None:
    world, offer = promised()
    world.now = 1_830_000_000_000  # in 2027
    world.now += 366 * 86_400_000  # in 2028
    lot = LOT + "smelter:c"
    world.ship("smelter", "roller", {lot: "10"}, agreement=offer)  # on the way: its receiver is no holder yet
    assert rows(reported(world, "exclusive", lot))["plant"].value == MILL
    assert "2028 0 kg 10 kg +10 kg" in " ".join(as_text(reported(world, "exclusive", WORKS)).split())


def test_a_lot_is_held_to_the_agreements_of_its_chain() -> None:
    world, _ = promised()
    lot = LOT + "smelter:a"
    report = reported(world, "exclusive", lot)
    assert rows(report)["plant"].value == MILL
    assert "60 kg is not used up" in report.verdict
    world.post({"type": "exit", "party": ROLLER, "lines": [{"lot": lot, "kg": "60"}], "reason": "installed",
                "into": "urn:example:vehicle:1"})  # fmt: skip
    assert reported(world, "exclusive", lot).outcome == "complete"
    other = LOT + "smelter:b"
    world.post({"type": "exit", "party": ROLLER, "lines": [{"lot": other, "kg": "30"}],
                "reason": "sold_outside", "to_name": "someone"})  # fmt: skip
    report = reported(world, "exclusive", other)
    assert report.outcome == "disproven"
    assert other in report.verdict
    assert reported(world, "exclusive", WORKS).outcome == "disproven"


def test_only_what_stands_and_names_the_agreement_is_delivered_under_it() -> None:
    world, offer = promised()
    lot = LOT + "smelter:c"
    world.ship("smelter", "roller", {lot: "10"})  # under no agreement
    other = {"material": "rolling_slab", "years": [{"year": 2026, "kg": "1"}]}
    world.post({"type": "agree", "party": SMELTER, "with": ROLLER, "terms": other})
    text = " ".join(as_text(reported(world, "exclusive", WORKS)).split())
    assert "2026 100 kg 90 kg -10 kg" in text
    assert "2026 1 kg 0 kg -1 kg" in text
    assert "only one side has logged it" in text
    assert offer["id"] in text


def test_the_same_metal_to_and_fro_is_not_all_that_was_promised() -> None:
    """Nor is scrap, where slabs were."""
    world, offer = promised()
    lot = LOT + "smelter:b"
    for _ in range(3):
        back = world.ship("mill", "smelter", {lot: "30"}, agreement=offer)
        world.receive(back, "smelter", {lot: "30"})
        world.receive(world.ship("smelter", "roller", {lot: "30"}, agreement=offer), "mill", {lot: "30"})
    scrap = world.source("smelter", "scrap", "10", kind="purchase", material="remelt_ingot")
    world.ship("smelter", "roller", {scrap: "10"}, agreement=offer)
    assert "2026 100 kg 90 kg -10 kg" in " ".join(as_text(reported(world, "exclusive", WORKS)).split())
