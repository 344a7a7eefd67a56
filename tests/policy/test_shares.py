"""known_origin, recycled, renewable: exact thresholds, and what is dark."""

from typing import Any

import pytest

from ledger.claims import shares
from tests.policy.asking import BODY, CERTIFIER, DIGGER, SMELTER, asked, cert, step, verdict, wanted

KNOWN = wanted("known_origin", least="0.98")
MASS = 1000  # grams, so 1,000,000 mg


def origins(**mg: int) -> dict[str, Any]:
    return {"grams": MASS, "origins": [{"kind": kind, "mg": amount} for kind, amount in mg.items()]}


@pytest.mark.parametrize(
    ("mg", "expected"),
    [
        ({"mine": 1_000_000}, "pass"),
        ({"mine": 500_000, "collection": 480_000, "unknown": 20_000}, "pass"),
        ({"mine": 979_999, "unknown": 20_001}, "fail"),
        ({"mine": 979_999, "unproven": 20_001}, "not provable"),
        ({"mine": 980_000, "unproven": 20_000}, "pass"),
        ({"mine": 979_999}, "not provable"),  # the rest is not told
        ({"mine": 960_000, "unknown": 20_000, "unproven": 20_000}, "not provable"),
        ({"mine": 960_000, "unknown": 20_001, "unproven": 19_999}, "fail"),
        ({"mine": 490_000, "unknown": 10_000, "added": 500_000}, "pass"),
        ({"mine": 489_999, "unknown": 10_001, "added": 500_000}, "fail"),
        ({"added": 1_000_000}, "not provable"),
    ],
)
def test_known_origin(mg: dict[str, int], expected: str) -> None:
    assert verdict(KNOWN, **origins(**mg)) == expected


def test_known_origin_without_masses_counts_millionths() -> None:
    rows = [{"kind": "mine", "ppm": 980_000}, {"kind": "unknown", "ppm": 20_000}]
    assert verdict(KNOWN, origins=rows) == "pass"
    assert verdict(KNOWN, origins=[{"kind": "mine", "ppm": 979_999}, rows[1]]) == "not provable"
    assert verdict(KNOWN, origins=rows, unshown=["ancestry"]) == "not provable"
    assert verdict(KNOWN) == "not provable"


def test_an_addition_whose_declared_origin_is_no_site_is_not_known() -> None:
    """Its source names the origin itself: any name would do."""
    mine = {"kind": "mine", "ppm": 970_000}
    alloy = {"kind": "addition", "why": "urn:x:site:of-nobody", "ppm": 30_000}
    assert verdict(KNOWN, origins=[mine, alloy]) == "not provable"
    assert verdict(KNOWN, origins=[mine, {**alloy, "site": "urn:x:site:alloys"}]) == "not provable"
    plant = {**alloy, "site": "urn:x:site:alloys", "kinds": ["warehouse", "alloy_plant"]}
    assert verdict(KNOWN, origins=[mine, plant]) == "pass"


def test_alloying_metal_is_not_of_the_warehouse_that_it_lay_in() -> None:
    mine = {"kind": "mine", "ppm": 970_000}
    store = {"kind": "addition", "site": "urn:x:site:store", "party": DIGGER, "country": "NO", "ppm": 30_000}
    store |= {"kinds": ["terminal", "warehouse"]}
    found = asked(KNOWN, origins=[mine, store])
    assert found.verdict == "fail"
    assert "(urn:x:site:store: no alloying metal is made at a terminal and warehouse)" in found.sentence
    what = "Name the plant that made this alloying metal as its origin, and have it registered."
    assert found.ask == ((DIGGER, what),)


def test_known_origin_tells_and_asks() -> None:
    found = asked(KNOWN, holder=CERTIFIER, **origins(mine=979_999, unknown=20_001))
    assert found.sentence == (
        "97.99 % of the metal has a known origin; at least 98 % is asked. 2.01 % is unknown."
    )
    assert found.ask[0].whom == CERTIFIER
    stock = {"kind": "unknown", "mg": 20_001, "why": "opening"}
    rest = origins(mine=979_999)
    told = {**rest, "origins": [*rest["origins"], stock]}
    steps = [step(process="source:opening"), step(process="source:purchase", party=CERTIFIER), step()]
    found = asked(KNOWN, holder=CERTIFIER, steps=steps, **told)
    assert [ask.whom for ask in found.ask] == [DIGGER]
    assert [event.id for event in found.events] == ["urn:x:event:source:opening"]
    own = wanted("known_origin", ask="Call.")
    assert asked(own, **origins(mine=999_999, unknown=1)).ask[0] == ("the seller", "Call.")


def scrap(rule: str = "own_loop", **mg: int) -> dict[str, Any]:
    return {
        "grams": MASS,
        "recycled": [{"rule": rule, **{name: {"mg": amount} for name, amount in mg.items()}}],
    }


@pytest.mark.parametrize(
    ("members", "mg", "expected"),
    [
        ({"post": "0.25"}, {"post": 250_000}, "pass"),
        ({"post": "0.25"}, {"post": 249_999, "pre": 750_001}, "fail"),
        ({"pre": "0.25"}, {"pre": 250_000}, "pass"),
        ({"pre": "0.25"}, {"pre": 249_999, "post": 750_001}, "fail"),
        ({"both": "0.5"}, {"pre": 250_000, "post": 250_000}, "pass"),
        ({"both": "0.5"}, {"pre": 250_000, "post": 249_999, "alloy": 500_001}, "fail"),
        ({"post": "0.25", "pre": "0.25"}, {"pre": 250_000, "post": 250_000}, "pass"),
        ({"post": "0.25", "pre": "0.25"}, {"pre": 250_000, "post": 249_999}, "fail"),
        ({"post": "0.25", "pre": "0.25"}, {"pre": 249_999, "post": 250_000}, "fail"),
        ({"post": "0.5", "base": "metal"}, {"post": 250_000, "added": 500_000}, "pass"),
        ({"post": "0.5", "base": "metal"}, {"post": 250_000, "added": 499_999}, "fail"),
        ({"post": "0.5"}, {"post": 250_000, "added": 500_000}, "fail"),
        ({"post": "0.5", "base": "metal"}, {"added": 1_000_000}, "fail"),
    ],
)
def test_recycled(members: dict[str, Any], mg: dict[str, int], expected: str) -> None:
    requirement = wanted("recycled", rule="own_loop", **members)
    assert verdict(requirement, **scrap(**mg)) == expected
    assert verdict(requirement, **scrap("own_party", **mg)) == "not provable"
    assert verdict(requirement, **scrap(**mg), unshown=["ancestry"]) == "not provable"


def test_what_is_not_proven_may_be_recycled_and_what_is_unknown_is_not() -> None:
    quarter = wanted("recycled", rule="own_loop", post="0.25")
    for amount, expected in ((1, "not provable"), (0, "fail")):
        dark = [{"kind": "unproven", "mg": amount}]
        assert verdict(quarter, **scrap(post=249_999), origins=dark) == expected
    assert verdict(quarter, **scrap(post=250_000), origins=[{"kind": "unproven", "mg": 750_000}]) == "pass"
    assert verdict(quarter, **scrap(post=249_999), origins=[{"kind": "unknown", "mg": 9}]) == "fail"


def test_recycled_content_is_told_with_its_rule() -> None:
    requirement = wanted("recycled", rule="own_loop", post="0.2", both="0.2")
    assert asked(requirement, **scrap(post=183_333, pre=50_000)).sentence == (
        "18.33 % is post-consumer scrap, at least 20 % is asked; 23.33 % is post- and pre-consumer scrap, "
        "at least 20 % is asked (rule own_loop, of the product)."
    )


HYDRO = {"site": SMELTER, "month": "2026-02", "source": "hydro", "wh": 900, "covered": True,
         "certificate": {"party": CERTIFIER, "id": "urn:x:event:go"}}  # fmt: skip
ALL = wanted("renewable")
MOST = wanted("renewable", least="0.9")


def power(*rows: dict[str, Any], **members: Any) -> dict[str, Any]:
    return {"power": [{**HYDRO, **row} for row in rows], "renewable_lacking_ppm": 0, **members}


@pytest.mark.parametrize(
    ("row", "expected"),
    [
        ({}, "pass"),
        ({"source": "coal"}, "fail"),
        ({"source": ""}, "not provable"),
        ({"covered": False}, "fail"),
        ({"covered": None}, "not provable"),
        ({"wh": 0}, "not provable"),
    ],
)
def test_all_of_the_electricity(row: dict[str, Any], expected: str) -> None:
    assert verdict(ALL, **power({}, row)) == expected


@pytest.mark.parametrize("row", [{"source": "coal"}, {"covered": False}, {"covered": None}, {"source": ""}])
def test_a_share_of_the_electricity(row: dict[str, Any]) -> None:
    worse = "not provable" if row in ({"covered": None}, {"source": ""}) else "fail"
    assert verdict(MOST, **power({"wh": 900}, {"wh": 100, **row})) == "pass"
    assert verdict(MOST, **power({"wh": 899}, {"wh": 101, **row})) == worse


def test_sources_and_certificates_are_parameters() -> None:
    nuclear = wanted("renewable", sources=["hydro", "nuclear"])
    plain = wanted("renewable", certified=False)
    assert verdict(nuclear, **power({"source": "nuclear"})) == "pass"
    assert verdict(ALL, **power({"source": "nuclear"})) == "fail"
    assert verdict(plain, **power({"covered": False})) == "pass"


@pytest.mark.parametrize(
    ("row", "asked_for"),
    [
        ({"covered": False}, {"certified": False}),
        ({"source": "nuclear"}, {"sources": ["hydro", "nuclear"]}),
    ],
)
def test_metal_of_no_known_smelter_is_made_without_whatever_is_asked(
    row: dict[str, Any], asked_for: dict[str, Any]
) -> None:
    half = wanted("renewable", least="0.5", **asked_for)
    rows = [{**row, "wh": 800}, {"source": "coal", "wh": 200}]
    for dark, expected in ((375_000, "pass"), (375_001, "not provable"), (None, "not provable")):
        assert verdict(half, **power(*rows, renewable_lacking_ppm=dark)) == expected
    lenient = wanted("renewable", least="0.75", lacking="0.1", **asked_for)
    for dark, expected in ((100_000, "pass"), (100_001, "not provable")):
        assert verdict(lenient, **power(*rows, renewable_lacking_ppm=dark)) == expected


@pytest.mark.parametrize(
    ("row", "other", "asked_for"),
    [
        ({}, {"source": "wind"}, {"sources": ["hydro"]}),
        ({}, {"source": "renewable"}, {}),
        ({"grid": "CA-QC"}, {}, {"grid": True}),
    ],
)
def test_what_the_document_counts_and_the_buyer_does_not_makes_up_for_no_unknown_metal(
    row: dict[str, Any], other: dict[str, Any], asked_for: dict[str, Any]
) -> None:
    half = wanted("renewable", least="0.5", **asked_for)
    rows = [{**row, "wh": 800}, {**other, "wh": 200}]
    for dark, expected in ((375_000, "pass"), (375_001, "not provable"), (None, "not provable")):
        assert verdict(half, **power(*rows, renewable_lacking_ppm=dark)) == expected


GIVEN = cert(SMELTER, "energy_certificate", event=HYDRO["certificate"])
BEHIND = cert(
    CERTIFIER,
    "accreditation",
    certifier=BODY,
    scope={"schemes": ["energy_certificate"]},
    held=[["2026-02-01T00:00:00Z", "2026-03-01T00:00:00Z"]],
)


def accredited(*attestations: dict[str, Any], row: dict[str, Any] | None = None, **members: Any) -> Any:
    demand = wanted("renewable", accredited=True)
    return asked(demand, **power(row or {}, attestations=attestations, **members))


def test_who_attested_the_certificate_may_have_to_be_accredited_all_month() -> None:
    assert accredited(GIVEN, BEHIND).verdict == "pass"
    found = accredited(GIVEN)
    assert found.verdict == "fail"
    assert "hydro, by a certifier not shown to be accredited" in found.sentence
    assert accredited(GIVEN, unshown=["attestations"]).verdict == "not provable"
    assert accredited(BEHIND).verdict == "not provable", "the certificate itself is not shown"
    for held in (
        ("2026-02-01T00:00:01Z", "2026-03-01T00:00:00Z"),
        ("2026-02-01T00:00:00Z", "2026-02-28T23:59:59Z"),
    ):
        assert accredited(GIVEN, BEHIND | {"held": [held]}).verdict == "fail"
    assert accredited(GIVEN, BEHIND, row={"month": "2026-03"}).verdict == "fail"
    december = BEHIND | {"held": [["2026-12-01T00:00:00Z", "2027-01-01T00:00:00Z"]]}
    assert accredited(GIVEN, december, row={"month": "2026-12"}).verdict == "pass"
    assert accredited(GIVEN, BEHIND, row={"month": "then"}).verdict == "not provable"
    assert accredited(GIVEN, BEHIND, row={"covered": False}).verdict == "fail"
    assert accredited(GIVEN, BEHIND, row={"source": "coal"}).verdict == "fail"


def test_a_share_of_the_metal_may_be_without_electricity() -> None:
    lenient = wanted("renewable", lacking="0.01")
    little = {"renewable_lacking_ppm": 10_000}
    found = asked(lenient, **power({}, **little))
    assert found.verdict == "pass"
    assert found.sentence.endswith("; of 1.00 % of the metal it is not shown, at most 1 % may be.")
    assert verdict(ALL, **power({}, **little)) == "not provable"
    assert verdict(lenient, **power({}, **little | {"renewable_lacking_ppm": 10_001})) == "not provable"
    assert verdict(lenient, **power({}, renewable_lacking_ppm=None)) == "not provable"
    assert verdict(lenient, **power({}, **little, unshown=["ancestry"])) == "not provable"
    assert verdict(lenient, **power({}, {"source": "coal", "covered": False}, **little)) == "fail"


def test_a_smelter_without_all_its_electricity_outweighs_no_other() -> None:
    lenient = wanted("renewable", least="0.9", lacking="0.01")
    gap = {"site": "urn:x:site:tiny", "process": "electrolysis", "missing": "electricity that fits"}
    tiny = {"site": "urn:x:site:tiny", "wh": 10_000_000}
    little = {"renewable_lacking_ppm": 5_000, "gaps": [gap]}
    assert verdict(lenient, **power({}, tiny, **little)) == "pass"
    assert verdict(lenient, **power({"source": "coal"}, tiny, **little)) == "not provable"
    assert verdict(lenient, **power(tiny, **little)) == "not provable"


def test_the_certificate_may_have_to_name_its_grid() -> None:
    demand = wanted("renewable", grid=True)
    assert verdict(demand, **power({"grid": "CA-QC"})) == "pass"
    found = asked(demand, **power({}))
    assert (found.verdict, verdict(ALL, **power({}))) == ("not provable", "pass")
    assert "hydro, of a grid that the certificate does not name" in found.sentence
    assert verdict(demand, **power({"covered": False})) == "fail"
    assert verdict(demand, **power({"source": "coal"})) == "fail"
    plain = wanted("renewable", grid=True, certified=False)
    assert verdict(plain, **power({}, renewable_lacking_ppm=0)) == "pass"


def test_the_share_is_of_all_smelting() -> None:
    assert verdict(ALL, **power({}, renewable_lacking_ppm=1)) == "not provable"
    assert verdict(MOST, **power({}, renewable_lacking_ppm=100_000)) == "pass"
    assert verdict(MOST, **power({}, renewable_lacking_ppm=100_001)) == "not provable"
    assert verdict(ALL, **power({}, renewable_lacking_ppm=None)) == "not provable"
    gap = {"site": SMELTER, "process": "electrolysis", "missing": "electricity"}
    found = asked(ALL, **power({}, gaps=[gap]))
    assert found.verdict == "not provable"
    assert f"is stated ({SMELTER})" in found.sentence
    assert found.ask == ((SMELTER, "Post the electricity of smelting."),)
    assert verdict(ALL, **power({}, gaps=[{**gap, "missing": "CF4"}])) == "pass"
    assert verdict(ALL, **power({"source": "coal"}, gaps=[gap])) == "fail"


def test_what_is_not_shown_of_the_electricity() -> None:
    assert verdict(ALL) == "not provable"
    assert verdict(ALL, **power({}, unshown=["ancestry"])) == "not provable"
    assert verdict(ALL, **power({"covered": False}, unshown=["attestations"])) == "not provable"
    assert verdict(ALL, **power({}, unshown=["attestations"])) == "pass"
    assert verdict(ALL, **power({"source": "coal", "covered": False}, unshown=["attestations"])) == "fail"


def test_the_electricity_is_told() -> None:
    found = asked(ALL, **power({}))
    assert (
        found.sentence
        == "100.00 % of the electricity of smelting is certified renewable; at least 100 % is asked."
    )
    assert [event.id for event in found.events] == ["urn:x:event:go"]
    found = asked(ALL, **power({}, {"covered": False, "why": "another month", "certificate": None}))
    assert found.sentence.endswith(f"{SMELTER} 2026-02: hydro, another month.")
    assert found.ask[0].whom == SMELTER
    found = asked(ALL, **power({"covered": False}, {"source": "coal"}, {"source": "", "covered": None}))
    assert "hydro, no certificate shown" in found.sentence
    assert "2026-02: coal." in found.sentence
    assert (
        "source not stated, no certificate shown"
        in asked(ALL, **power({"source": "", "covered": None})).sentence
    )
    assert " is renewable;" in asked(wanted("renewable", certified=False), **power({})).sentence


def test_shares_are_printed_rounded_to_the_worse_side() -> None:
    assert shares.Part(1, 3).percent() == "33.33 %"
    assert shares.Part(1, 3, up=True).percent() == "33.34 %"
    assert shares.Part(1, 2).percent() == "50.00 %"
    assert shares.Part(205, 10_000).percent() == "2.05 %"
    assert shares.Part(1, 10_001).percent() == "< 0.01 %"
    assert shares.Part(1, 10_001, up=True).percent() == "0.01 %"
    assert shares.Part(10_000, 10_001).percent() == "99.99 %"
    assert shares.Part(10_000, 10_001, up=True).percent() == "> 99.99 %"
    assert [shares.Part(n, 7, up).percent() for n in (0, 7) for up in (False, True)] == [
        *["0.00 %"] * 2,
        *["100.00 %"] * 2,
    ]
    assert shares.Part(0, 0).percent() == "an unknown share"
    assert not shares.Part(0, 0).least(0)
    assert shares.of_ppm(12_345) == "1.2345 %"
