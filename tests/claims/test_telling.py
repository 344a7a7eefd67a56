"""The whole document, told from facts that are given by hand."""

from typing import Any

import pytest

from ledger.claims import document
from ledger.claims.account import EMPTY
from ledger.claims.document import Claims, Thing
from ledger.claims.sharing import places
from ledger.claims.telling import tell
from ledger.quantity import FINE, parse_time
from ledger.register import Month
from tests.claims.making import CATALOGUE
from tests.claims.test_attested import given
from tests.claims.test_covering import certificate
from tests.claims.test_placed import ABROAD, registered
from tests.claims.told import Told, a_slab


@pytest.fixture
def facts() -> Told:
    return a_slab()


def test_what_the_document_says(facts: Told) -> None:
    claims = tell(facts)
    assert Claims.model_validate(claims.as_json()) == claims
    assert (claims.subject, claims.grams, claims.year, claims.born) == (
        "l:slab",
        1300,
        2026,
        "2026-01-31T06:00:00Z",
    )
    assert (claims.holder, claims.owner, claims.marks_on_it) == ("p:holder", "p:owner", {"slab": "S-1"})
    assert (claims.rests_on, claims.weakest, claims.unshown) == ("ledger", "mass_balance", ())
    assert [(one.kind, one.site, one.why, one.mg, one.ppm, one.trace) for one in claims.origins] == [
        ("mine", "s:mine", "", 1_299_999, 999_999, False),
        ("addition", "", "urn:alloys", 1, 0, False),
        ("unknown", "", "x", 0, 0, True),
    ]
    assert (claims.origins[0].country, claims.origins[0].subdivision, claims.origins[0].party) == (
        "AU",
        "AU-QLD",
        "p:op",
    )
    assert [one.kinds for one in claims.origins] == [("mine",), (), ()]
    smelters = {(one.kind, one.site, one.why): one.ppm for one in claims.smelters}
    assert smelters[("unknown", "", "purchase")] == 751, "what is left over, and rounded up"
    assert smelters[("smelter", "s:smelter", "")] == 749_624
    assert [(one.kind, one.site) for one in claims.casts] == [("cast", "s:casthouse")]
    assert [(one.process, one.model, one.event.id) for one in claims.models] == [
        ("refine", "segregated", "e:2"),
        ("electrolysis", "segregated", ""),
        ("cast", "mass_balance", "e:6"),
    ]


def test_figures_carry_what_they_mean(facts: Told) -> None:
    cut_off, by_mass = tell(facts).footprint
    assert (cut_off.method, by_mass.method) == ("cut_off", "by_mass")
    assert (cut_off.boundary, cut_off.year, cut_off.stage) == ("cradle_to_gate", 2026, "rolling_slab")
    total = 10**9 + 10**9 + 15 * 10**8 + 13 * 10**7 + 10**8
    assert (cut_off.ug, cut_off.grams, cut_off.g_per_kg) == (total, 1300, -(-total // 1_300_000))
    assert (cut_off.indirect_ug, cut_off.complete) == (13 * 10**7, True)
    assert cut_off.primary_data_ppm == (total - 13 * 10**7 - 2 * 10**8) * 10**6 // total
    assert (cut_off.lacking_ppm, by_mass.lacking_ppm) == (0, 0)
    facts.account = EMPTY._replace(gaps={("s:x", "cast", "energy"): 3}, lacking=13_001)
    bare = tell(facts)
    assert [figure.lacking_ppm for figure in bare.footprint] == [10_001, 10_001]
    assert (bare.footprint[0].complete, bare.footprint[0].primary_data_ppm) == (False, 0)
    assert [(gap.missing, gap.event.index, gap.event.id) for gap in bare.gaps] == [("energy", 3, "")]
    assert (bare.recycled, bare.weakest, bare.renewable_ppm, bare.power) == ((), None, None, ())


@pytest.mark.parametrize(
    ("smelter", "gap", "ppm"),
    [
        ({"smelter s:a": 99, "none": 5, "collected s:y": 7}, "CF4", 0),
        ({"smelter s:a": 99, "unknown opening": 1}, "CF4", 10_000),
        ({"smelter s:a": 2, "smelter s:b": 1}, "electricity", 333_334),
        ({"smelter s:a": 999_999, "smelter s:b": 0}, "electricity", 1),
        ({"smelter s:b": 0}, "electricity", 1_000_000),
    ],
)
def test_metal_whose_electricity_is_not_shown_is_counted(
    facts: Told, smelter: dict[str, int], gap: str, ppm: int
) -> None:
    facts.account = EMPTY._replace(smelter=smelter, gaps={("s:b", "electrolysis", gap): 3})
    assert tell(facts).renewable_lacking_ppm == ppm


def test_recycled_content_flatters_nobody(facts: Told) -> None:
    own_loop, own_party = tell(facts).recycled
    assert (own_loop.rule, own_party.rule) == ("own_loop", "own_party")
    assert own_loop.post.mg == 333_000 * 1300 // 1334
    assert own_loop.post.ppm == own_loop.post.mg * 10**6 // 1_300_000
    assert own_loop.unknown.ppm == -(-own_loop.unknown.mg * 10**6 // 1_300_000)


def test_steps_in_the_order_in_which_they_were_done(facts: Told) -> None:
    steps = tell(facts).steps
    assert [step.process for step in steps] == [
        "electrolysis",
        "source:mine",
        "refine",
        "source:collection",
        "source:purchase",
        "cast",
    ]
    mine = steps[1]
    assert (mine.kinds, mine.country, mine.documents, len(mine.papers)) == (("mine",), "AU", 2, 2)
    assert steps[0].runs == (("2025-12-30T06:00:00Z", "2026-01-31T06:00:00Z"),)


def test_power_and_its_certificate(facts: Told) -> None:
    facts.given["site", "s:smelter"] = [certificate(measured={"period": "2025-12-01/2026-01-31"})]
    facts.drawn = {("c:hydro", "s:smelter"): 13_000, ("c:hydro", "s:rival"): 90_000}
    claims = tell(facts)
    assert [(one.covered, one.month) for one in claims.power] == [(True, "2025-12"), (True, "2026-01")]
    assert sum(one.wh for one in claims.power) == 13_001  # each rounded up
    shown = {one.kind: one.mg for one in claims.smelters if one.kind != "collected"}
    assert claims.renewable_ppm == 10**6 * shown["smelter"] // (shown["smelter"] + shown["unknown"])
    (one,) = claims.instruments
    assert (one.id, one.serves, one.drawn, one.certified) == ("c:hydro", "s:smelter", 13_000, 20_000_000)
    facts.drawn["c:hydro", "p:smelter"] = 14_000  # its operator draws at another site, too
    assert tell(facts).instruments[0].drawn == 14_000


def test_a_certificate_serves_the_first_of_its_smelters(facts: Told) -> None:
    sites = ("s:smelter", "s:a", "s:z")
    facts.account = facts.account._replace(power={f"c:hydro hydro {site} p:x 2026-01": 1 for site in sites})
    assert [(one.id, one.serves) for one in tell(facts).instruments] == [("c:hydro", "s:a")]


@pytest.mark.parametrize("amount", ["1", "90"])
def test_who_covers_electricity_alone_says_how_much_there_is_of_it(facts: Told, amount: str) -> None:
    """Not another certifier, of whose certificate the smelter uses nothing."""
    own = certificate(measured={"period": "2025-12-01/2026-01-31"})
    other = certificate(party="p:other", measured={"period": "2024-01-01/2024-01-31", "amount": amount})
    facts.given["site", "s:smelter"] = [other._replace(index=6), own]
    claims = tell(facts)
    assert {one.certificate.party for one in claims.power if one.certificate} == {own.event.party}
    assert [one.certified for one in claims.instruments] == [20_000_000]


def test_power_without_a_certificate_names_none(facts: Told) -> None:
    facts.account = facts.account._replace(power={"- hydro s:smelter p:smelter 2026-01": 13_000_000})
    claims = tell(facts)
    assert [(one.covered, one.month) for one in claims.power] == [(False, "2026-01")]
    assert claims.instruments == ()


def test_what_cannot_be_seen_is_named_and_never_absent(facts: Told) -> None:
    facts.unshown = frozenset({"attestations", "fates"})
    facts.proof = document.Proof(verdict="not provable", codes=("missing.origin",))
    facts.drawn = facts.booked = None
    claims = tell(facts)
    assert claims.unshown == ("attestations", "fates", "instruments", "months")
    assert (claims.rests_on, claims.proof, claims.months) == ("proof", facts.proof, ())
    assert (claims.power[0].covered, claims.renewable_ppm) == (None, None)
    assert claims.instruments[0].drawn is None


def test_months_are_held_to_the_catalogues_limits(facts: Told) -> None:
    facts.booked = {
        ("s:smelter", "electrolysis", "2025-12"): Month(2_000, 1_000),
        ("s:smelter", "electrolysis", "2026-01"): Month(2_001, 1_000),
        ("s:casthouse", "cast", "2026-01"): Month(100_000, 97_000),
        ("s:refinery", "refine", "2026-01"): Month(100_000, 0),
        ("s:refinery", "refine", "2026-02"): Month(1, 1),
    }
    found = {(one.process, one.month): one.within for one in tell(facts).months}
    assert found == {
        ("electrolysis", "2025-12"): True,
        ("electrolysis", "2026-01"): False,
        ("cast", "2026-01"): True,
        ("refine", "2026-01"): False,
    }
    facts.catalogues = ((0, CATALOGUE._replace(processes={})),)
    assert {one.within for one in tell(facts).months} == {None}


@pytest.mark.parametrize(
    ("since", "within"),
    [("2026-01-31T23:59:59Z", True), ("2026-02-01T00:00:00Z", False), ("2026-03-09T00:00:00Z", False)],
)
def test_what_is_amended_since_judges_no_month_before(facts: Told, since: str, within: bool) -> None:
    """By a wider limit a month that was outside would be within, the day after."""
    facts.booked = {("s:smelter", "electrolysis", "2026-01"): Month(2_001, 1_000)}
    process = CATALOGUE.processes["electrolysis"]
    wider = process._replace(monthly=process.monthly._replace(high=3_000_000))
    amended = CATALOGUE._replace(processes={"electrolysis": wider})
    facts.catalogues = ((0, CATALOGUE), (parse_time(since), amended))
    assert [one.within for one in tell(facts).months] == [within]


def test_what_a_source_brought_in_a_month_is_told_apart(facts: Told) -> None:
    facts.booked = {
        ("s:mine", "source:mine", "2026-01"): Month(0, 7_000),
        ("s:smelter", "electrolysis", "2025-12"): Month(2_000, 1_000),
    }
    claims = tell(facts)
    (one,) = claims.brought
    assert (one.site, one.kind, one.month, one.grams) == ("s:mine", "mine", "2026-01", 7_000)
    assert [row.process for row in claims.months] == ["electrolysis"]


@pytest.mark.parametrize(
    ("into", "out", "within"), [(1000, 961, True), (1000, 960, False), (1000, 1010, True)]
)
def test_a_months_readings_have_their_tolerance(facts: Told, into: int, out: int, within: bool) -> None:
    facts.booked = {("s:casthouse", "cast", "2026-01"): Month(into, out)}
    assert tell(facts).months[0].within is within


def test_certifiers_are_asked_for_their_accreditation(facts: Told) -> None:
    facts.given["lot", "l:slab"] = [given(subject="l:slab")._replace(index=8, kind="lot")]
    accreditation = given(subject="p:certifier", scheme="accreditation", party="p:body")
    facts.given["party", "p:certifier"] = [accreditation._replace(index=2, kind="party")]
    claims = tell(facts)
    assert [one.scheme for one in claims.attestations] == ["accreditation", "asi"]
    first, second = facts.asked
    assert Thing(kind="lot", id="l:slab") in first
    assert Thing(kind="site", id="s:mine") in first
    assert Thing(kind="party", id="p:smelter") in first
    assert second == [Thing(kind="party", id="p:certifier")]


def test_all_parties_are_named(facts: Told) -> None:
    facts.given["site", "s:smelter"] = [given()]
    names = tell(facts).names
    assert names == {id: id.upper() for id in sorted(names)}
    assert names.keys() >= {
        "p:holder",
        "p:owner",
        "p:op",
        "p:miner",
        "p:certifier",
        "p:doubter",
        "p:keeper",
        "p:seller",
        "p:buyer",
        "p:issuer",
        "p:customer",
    }


def test_nobody_holds_what_is_not_shown(facts: Told, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(facts, "hold", lambda: None)
    monkeypatch.setattr(facts, "owner", lambda: None)
    monkeypatch.setattr(facts, "registered", lambda kind, ids: {})
    claims: Any = tell(facts)
    assert (claims.holder, claims.owner, claims.origins[0].site, claims.origins[0].country) == (
        "",
        "",
        "s:mine",
        "",
    )


def test_what_was_cast_elsewhere_or_never(facts: Told) -> None:
    mg = {"unknown - -": 1, "unproven - -": 2, "primary - -": 3, "primary s:c -": 4, "post s:c p:x": 5}
    facts.account = facts.account._replace(content=mg)
    assert [(one.kind, one.mg) for one in tell(facts).casts] == [
        ("cast", 9),
        ("none", 3),
        ("unproven", 2),
        ("unknown", 1),
    ]
    assert tell(facts).recycled[0].unknown.mg == 3


@pytest.mark.parametrize("kind", ["mine", "collection", "addition"])
def test_an_origin_where_nothing_of_the_chain_was_done_is_a_place_too(facts: Told, kind: str) -> None:
    facts.lot = facts.lot._replace(composition=((f"{kind} s:far", FINE * facts.lot.grams),), traces=())
    facts.said["s:far"] = [registered(0, "2026-01-01T00:00:00Z", country="CA", subdivision="CA-QC")]
    (place,) = tell(facts).origins
    assert (place.kind, place.site, place.country, place.why) == (kind, "s:far", "CA", "")


@pytest.mark.parametrize("kind", ["mine", "collection", "collected", "refinery", "smelter", "cast"])
def test_what_was_done_at_a_site_is_told_though_its_registration_is_not_shown(kind: str) -> None:
    for label, site, why in ((f"{kind} s:x", "s:x", ""), ("unknown opening", "", "opening")):
        (place,) = places({label: 5}, 1, {})
        assert (place.kind, place.site, place.why) == (label.split(" ")[0], site, why)


def test_places_steps_and_power_tell_where_a_site_was(facts: Told) -> None:
    facts.said["s:smelter"] = [
        registered(0, "2025-01-01T00:00:00Z", **ABROAD),
        registered(9, "2026-03-01T00:00:00Z"),
    ]
    claims = tell(facts)
    assert [place.also for place in claims.smelters if place.kind == "smelter"] == [("CN", "CN-XJ")]
    assert {step.also for step in claims.steps if step.site == "s:smelter"} == {("CN", "CN-XJ")}
    assert {step.also for step in claims.steps if step.site != "s:smelter"} == {()}
    facts.said["s:smelter"][0] = registered(0, "2025-01-01T00:00:00Z", operator="p:once")
    claims = tell(facts)  # who worked there stands in the steps
    assert [place.also for place in claims.smelters if place.kind == "smelter"] == [("p:once",)]
    assert {step.also for step in claims.steps} == {()}
