"""Claims from a proof alone, and what certifiers declared held against them."""

import json
from typing import Any

import pytest

from ledger import claiming
from ledger.check import folded
from ledger.check.report import FAIL, NOT_PROVABLE, Checked
from ledger.check.summary import lines
from ledger.check.text import as_text
from ledger.claims import coc
from ledger.claims.document import Claims, Recycled, Ref, Share
from ledger.events import parse
from ledger.proof import SHORT, Horizon, build
from ledger.verify import check
from tests.check.forge import Forge
from tests.claims.making import gas
from tests.core.books import COLLECTOR, SMELTER, YEAR, Books, book
from tests.world import LOT, PARTY, World

CAST = {"carrier": "natural_gas", "amount": "0.9", "unit": "GJ"}
HYDRO = {
    "carrier": "electricity",
    "amount": "13600",
    "unit": "kWh",
    "source": "hydro",
    "instrument": "urn:c:hydro",
}


def chain(world: World) -> str:
    """Ore, half of which is shipped; a slab of hydropower's metal and of old scrap; a part of it is sold."""
    paper = {"name": "log", "sha256": "0" * 64}
    ore = world.source("pit", "ore", "9000", emissions=gas("100"), evidence=[paper, paper])
    shipped = world.ship("pit", "refiner", {ore: "4500"}, {ore: "half"})
    half = world.lot(world.operators[world.site("pit")], "half")
    world.receive(shipped, "refinery", {half: "4500"})
    (alumina,) = world.transform(
        "refinery", "refine", {half: "4500"}, {"alumina": ("alumina", "1930")}, emissions=gas("1000")
    )
    world.hand_over("refinery", "smelter", {alumina: "1930"})
    (metal,) = world.transform(
        "smelter",
        "electrolysis",
        {alumina: "1930"},
        {"metal": ("liquid_aluminium", "1000")},
        energy=[HYDRO],
        emissions=gas("1307", 1, "CO2") + gas("0", 1, "CF4") + gas("193", 3),
    )
    old = world.source("yard", "old", "250", "collection", "post_consumer_scrap", emissions=gas("10"))
    world.hand_over("yard", "smelter", {old: "250"})
    (slab,) = world.transform(
        "smelter",
        "cast",
        {metal: "1000", old: "250"},
        {"slab": ("rolling_slab", "1200")},
        model="mass_balance",
        energy=[CAST],
    )
    return slab


def told(world: World, lot: str, **more: Any) -> Checked:
    (found,) = check([build(world.store, lot, **more)], world.trust, accept_root=True).proofs
    return found


def claims(world: World, lot: str, **more: Any) -> Claims:
    found = told(world, lot, **more).claims
    assert found is not None
    return found


@pytest.fixture
def world() -> World:
    return World()


def test_a_proof_tells_the_claims_of_its_subject(world: World) -> None:
    slab = chain(world)
    smelter = world.site("smelter")
    world.attest(
        smelter,
        scheme="energy_certificate",
        refs={"instrument": "urn:c:hydro"},
        measured=[
            {
                "quantity": "electricity",
                "amount": "14",
                "unit": "MWh",
                "method": "hydro",
                "period": "2026-03-01/2026-03-31",
            }
        ],
    )
    suspended = world.attest(world.site("pit"))
    certifier = world.party("certifier")
    revoke = {"type": "revoke_attestation", "party": certifier, "of": suspended, "reason": "x"}
    world.post(revoke | {"status": "suspended", "since": world.time})
    world.post(revoke | {"status": "reinstated", "since": world.time})
    world.attest(certifier, scheme="accreditation", scope={"schemes": ["asi_coc"]})
    world.attest(slab, scheme="composition")
    world.attest(suspended, scheme="reviewed")
    world.publish()
    found = claims(world, slab)
    assert (found.subject, found.grams, found.rests_on, found.as_of.size) == (slab, 1_200_000, "proof", 34)
    assert (found.proof and found.proof.verdict, found.unshown) == ("holds", ("fates",))
    cut_off, _ = found.footprint
    assert cut_off.ug == (50 + 1000 + 1500 + 136 + 10) * 10**9 + 9 * 56_100 * 10**5
    assert (cut_off.complete, found.weakest, found.renewable_ppm) == (True, "mass_balance", 1_000_000)
    assert [(one.covered, one.wh) for one in found.power] == [(True, 13_600_000)]
    assert [one.ppm for one in (found.recycled[0].post, found.recycled[0].primary)] == [200_000, 800_000]
    schemes = {one.scheme: [change.status for change in one.history] for one in found.attestations}
    assert schemes == {
        "energy_certificate": [],
        "asi_coc": ["suspended", "reinstated"],
        "accreditation": [],
        "composition": [],
    }
    mine = next(step for step in found.steps if step.process == "source:mine")
    assert (mine.country, mine.documents, len(mine.papers)) == ("CA", 2, 2)
    assert found.names[certifier] == "Certifier"


def test_the_text_of_the_report_tells_them(world: World) -> None:
    slab = chain(world)
    world.publish()
    report = check([build(world.store, slab)], world.trust)
    text = as_text(report)
    assert (
        "  footprint      2.289 kg CO2e/kg cut-off, cradle to gate, 2026\n"
        "                 rolling slab, 86.18 % from primary data\n"
    ) in text
    assert "  recycled       20.00 % post-consumer, 0.00 % pre-consumer, own loop\n" in text
    assert "  weakest model  mass balance (ISO 22095)\n" in text
    assert "  renewable      0.00 % of the smelting energy, with certificates\n" in text
    assert max(map(len, text[text.index("Claims:") : text.index("Verdict")].splitlines())) <= 80
    assert report.as_json()["proofs"][0]["claims"]["subject"] == slab


def test_recycled_content_is_no_figure_where_the_metal_is_unknown(world: World) -> None:
    """What lies behind a horizon, or in opening stock, may be scrap."""
    slab = chain(world)
    world.publish()
    text = as_text(check([build(world.store, slab, horizon=SHORT)], world.trust))
    assert "  recycled       at least 0.00 % post-consumer, 0.00 % pre-consumer, own loop\n" in text
    assert "                 of 100.00 % of the mass it is unknown, so it may be more\n" in text
    share = Share(mg=1, ppm=101_000)  # the widest that can be
    one = Recycled(rule="own_party", post=share, pre=share, unknown=Share(mg=1, ppm=1))
    assert max(map(len, lines(Claims(subject="urn:l", recycled=(one,))))) == 80
    assert "of 0.01 % of the mass" in "".join(lines(Claims(subject="urn:l", recycled=(one,))))


def test_without_the_registers_root_what_was_said_may_be_missing(world: World) -> None:
    slab = chain(world)
    data = Forge(world).proof(slab)
    (found,) = check([data], world.trust).proofs
    assert found.claims is not None
    assert found.claims.unshown == ("attestations", "fates", "instruments", "months", "standing")
    assert (found.claims.renewable_ppm, found.claims.power[0].covered) == (None, None)
    assert "renewable      not provable from this file" in as_text(check([data], world.trust))


def test_a_mark_that_is_open_is_told(world: World) -> None:
    slab = chain(world)
    cast = world.last
    world.correct(cast, "amend")
    world.correct(cast, "dispute")
    world.publish()
    found = claims(world, slab)
    assert [(mark.mark, mark.event.id) for mark in found.marks] == [("disputed", cast["id"])]
    assert found.proof is not None
    assert (found.proof.verdict, found.proof.codes) == ("does not hold", ("standing.disputed",))


@pytest.mark.parametrize("horizon", [Horizon(depth=1), SHORT])
def test_what_rests_on_the_root_is_unproven(world: World, horizon: Horizon) -> None:
    slab = chain(world)
    world.publish()
    found = claims(world, slab, horizon=horizon)
    assert "ancestry" in found.unshown
    assert {one.kind for one in found.smelters} == {"unproven"}
    assert (found.footprint[0].complete, found.recycled[0].post.mg) == (False, 0)
    assert found.grams == 1_200_000


def test_what_a_proof_leaves_out_is_unproven(world: World) -> None:
    slab = chain(world)
    world.publish()
    found = told(world, slab, min_share=990_000)
    assert found.claims is not None
    assert "ancestry" in found.claims.unshown
    assert "unproven" in {one.kind for one in found.claims.smelters}


def test_without_a_birth_there_are_no_claims(world: World) -> None:
    slab = chain(world)
    world.publish()
    (found,) = check([build(world.store, slab).replace(b'"' + slab.encode(), b'"urn:x')], world.trust).proofs
    assert found.claims is None


@pytest.mark.parametrize(
    ("measured", "contradicted"),
    [
        ({"quantity": "recycled_post_consumer", "amount": "0.2", "unit": "kg/kg"}, False),
        ({"quantity": "recycled_post_consumer", "amount": "0.201", "unit": "kg/kg"}, True),
        ({"quantity": "recycled_post_consumer", "amount": "20.4", "unit": "%"}, True),
        ({"quantity": "recycled_post_consumer", "amount": "20", "unit": "%"}, False),
        ({"quantity": "recycled_pre_consumer", "amount": "0.1", "unit": "kg/kg"}, True),
        ({"quantity": "recycled", "amount": "0.3", "unit": "t/t"}, True),
        ({"quantity": "recycled", "amount": "3", "unit": "kg"}, False),
        ({"quantity": "footprint", "amount": "2.289", "unit": "kg/kg", "boundary": "cradle_to_gate"}, False),
        ({"quantity": "footprint", "amount": "2.2", "unit": "kg/kg", "boundary": "cradle_to_gate"}, True),
        ({"quantity": "footprint", "amount": "2", "unit": "kg/kg", "boundary": "cradle_to_gate"}, True),
        ({"quantity": "pcf", "amount": "2200", "unit": "kgCO2e/t", "boundary": "cradle_to_gate"}, True),
        ({"quantity": "footprint", "amount": "2.2", "unit": "kg/kg", "boundary": "gate_to_gate"}, False),
        ({"quantity": "footprint", "amount": "2.2", "unit": "kg/kg"}, False),
        (
            {
                "quantity": "footprint",
                "amount": "1.7",
                "unit": "kg/kg",
                "boundary": "cradle_to_gate",
                "method": "cut_off",
            },
            True,
        ),
        ({"quantity": "footprint", "amount": "2", "unit": "GJ", "boundary": "cradle_to_gate"}, False),
        ({"quantity": "strength", "amount": "200", "unit": "MPa"}, False),
    ],
)
def test_a_declared_value_that_is_better_than_the_entries_give(
    world: World, measured: dict[str, str], contradicted: bool
) -> None:
    slab = chain(world)
    world.attest(slab, scheme="laboratory", measured=[measured])
    world.publish()
    found = [one for one in told(world, slab).findings if one.verdict == FAIL]
    assert [one.code for one in found] == (["claims.contradicted"] if contradicted else [])
    for one in found:
        assert (one.check, one.ids, len(one.entries)) == (9, (slab,), 2)
        assert measured["quantity"] in one.sentence
    marks = [(one.mark, one.event.index, one.by) for one in claiming.claims(world.store, slab).marks]
    assert marks == [("contradicted", one.entries[-1], world.party("certifier")) for one in found]


def test_a_declared_value_that_was_withdrawn_and_one_of_an_ancestor_say_nothing() -> None:
    """Who slipped may correct it; and nobody's figures rest on what was said of other lots."""
    world = World()
    hood = world.hood()
    better = [{"quantity": "recycled", "amount": "0.9", "unit": "kg/kg"}]
    world.attest(LOT + "smelter:slab", measured=better)
    slip = world.attest(hood, measured=better)
    for status, codes in (("suspended", {"claims.contradicted"}), ("withdrawn", set())):
        world.post(
            {"type": "revoke_attestation", "party": PARTY + "certifier", "of": slip, "status": status}
            | {"since": world.time, "reason": "a slip"}
        )
        world.publish()
        assert {one.code for one in told(world, hood).findings if one.check == 9} - {""} == codes
        assert {one.mark for one in claiming.claims(world.store, hood).marks} == (
            {"contradicted"} if codes else set()
        )


def test_unknown_metal_may_have_been_recycled(world: World) -> None:
    bought = world.source("smelter", "bought", "100", "purchase", "remelt_ingot")
    world.attest(bought, measured=[{"quantity": "recycled", "amount": "0.9", "unit": "kg/kg"}])
    world.publish()
    assert not [one for one in told(world, bought).findings if one.verdict == FAIL]


def test_an_attestation_of_a_lot_that_is_not_told_says_nothing(world: World) -> None:
    slab = chain(world)
    world.attest(slab, measured=[{"quantity": "recycled", "amount": "0.9", "unit": "kg/kg"}])
    world.publish()
    found = told(world, slab, horizon=SHORT)
    assert not [one for one in found.findings if one.verdict == FAIL]


def test_what_is_too_much_to_fold_is_not_provable(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    slab = chain(world)
    world.publish()
    monkeypatch.setattr(folded, "MOST", 10)
    found = told(world, slab)
    assert found.claims is None
    assert [(one.check, one.code) for one in found.findings if one.verdict == NOT_PROVABLE] == [
        (9, "missing.work")
    ]


@pytest.mark.parametrize("rooted", [True, False])
def test_the_accounts_that_claims_were_issued_from(rooted: bool) -> None:
    """Without the register's root nobody knows how an account stands."""
    books = Books()
    books.open(COLLECTOR)
    books.open()
    made = books.made({books.sold("300"): "300"}, "290")
    shipment = books.ship("smelter", "roller", {made: "100"}, {made: "part"}, coc=books.document())
    part = books.lot(SMELTER, "part")
    books.receive(shipment, "mill", {part: "100"})
    if rooted:
        books.publish()
    data = build(books.store, part) if rooted else Forge(books).proof(part)
    (found,) = check([data], books.trust).proofs
    assert found.claims is not None
    assert ("accounts" in found.claims.unshown) is not rooted
    shown = {one.id: (one.certified_in, one.issued, one.period, one.closed) for one in found.claims.accounts}
    assert shown == (
        {book(COLLECTOR): (300_000, 300_000, YEAR, False), book(SMELTER): (300_000, 100_000, YEAR, False)}
        if rooted
        else {}
    )
    (paper,) = found.claims.coc
    assert (paper.document, paper.issuer, paper.grams) == ("COC-1", SMELTER, 100_000)


@pytest.mark.parametrize("exclusive", [True, False])
def test_agreements_that_a_shipment_names(world: World, exclusive: bool) -> None:
    slab = chain(world)
    smelter, roller = world.party("smelter"), world.party("roller")
    terms: dict[str, Any] = {"material": "rolling_slab", "years": [{"year": 2026, "kg": "5000"}]}
    terms |= {"destination": world.site("mill"), "exclusive": True} if exclusive else {}
    world.post({"type": "agree", "party": smelter, "with": roller, "terms": terms})
    offer = world.last
    world.post({"type": "agree", "party": roller, "with": smelter, "terms": terms, "of": offer})
    world.receive(world.ship("smelter", "roller", {slab: "1200"}, agreement=offer), "mill", {slab: "1200"})
    world.publish()
    (found,) = claims(world, slab).agreements
    assert (found.event.id, found.party, found.other, found.accepted) == (offer["id"], smelter, roller, True)
    assert found.exclusive_to == (world.site("mill") if exclusive else "")
    assert [(year.year, year.agreed) for year in found.years] == [(2026, 5_000_000)]


def test_a_proofs_months_and_certificates_are_shown_by_the_root(world: World) -> None:
    slab = chain(world)
    world.publish()
    found = claims(world, slab)
    (one,) = found.instruments
    assert (one.serves, one.drawn, one.certified) == (world.site("smelter"), 13_600_000, None)
    months = {one.process: (one.into, one.out, one.within) for one in found.months}
    assert months["electrolysis"] == (1_930_000, 1_000_000, True)
    assert len(months) == 3
    brought = [(one.site, one.kind, one.month, one.grams) for one in found.brought]
    assert brought == [
        (world.site("pit"), "mine", "2026-03", 9_000_000),
        (world.site("yard"), "collection", "2026-03", 250_000),
    ]


def test_behind_a_horizon_or_without_a_root_no_source_is_summed_up(world: World) -> None:
    slab = chain(world)
    world.publish()
    (bare,) = check([Forge(world).proof(slab)], world.trust).proofs
    for found in (claims(world, slab, horizon=SHORT), bare.claims):
        assert found is not None
        assert (found.brought, "months" in found.unshown) == ((), True)


def test_a_lot_without_metal_has_few_claims(world: World) -> None:
    anodes = world.source("smelter", "anodes", "10", "purchase", "anode")
    world.publish()
    text = as_text(check([build(world.store, anodes)], world.trust))
    assert text[text.index("Claims:") :].splitlines()[1:7] == [
        "  footprint      at least 0 kg CO2e/kg cut-off, cradle to gate, 2026",
        "                 anode, 0.00 % from primary data",
        "  footprint      at least 0 kg CO2e/kg by mass, cradle to gate, 2026",
        "                 anode, 0.00 % from primary data",
        "                 data is missing, so it may be more",
        "",
    ]


def test_the_document_that_a_lot_was_last_shipped_with_is_told() -> None:
    books = Books()
    books.open(COLLECTOR)
    lot = books.sold("5")
    books.publish()
    (found,) = check([build(books.store, lot)], books.trust).proofs
    assert found.claims is not None
    told = [(paper.document, paper.issuer, paper.grams) for paper in found.claims.coc]
    assert told == [("COC-1", COLLECTOR, 5_000)]


def test_a_shipment_of_others_has_no_document_of_the_lot() -> None:
    books = Books()
    books.open(COLLECTOR)
    lot = books.collect("5")
    books.ship("yard", "smelter", {lot: "5"}, coc=books.document(COLLECTOR))
    event = parse(json.dumps(books.posted[-1]).encode())
    ref = Ref(id=books.last["id"])
    assert coc.told(event, ref, "urn:example:lot:other", "coil") is None
    told_of = coc.told(event, ref, lot, "post_consumer_scrap")
    assert told_of is not None
    assert (told_of.event, told_of.grams) == (ref, 5_000)
