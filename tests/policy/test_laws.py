"""Laws that hold for every kind, tried on documents made by chance: removing information from a document
never makes a verdict pass; nothing raises; the same document gives the same verdict."""

from typing import Any

import hypothesis.strategies as st
import pytest
from hypothesis import given, settings

from ledger.claims.document import Claims
from ledger.policy import judge, load, names
from ledger.policy.finding import PASS, WORDS, worst
from ledger.policy.kinds import KINDS
from tests.policy.asking import BODY, CERTIFIER, DIGGER, HEAD, MILL, MINE, SMELTER, cert, step

pytestmark = pytest.mark.unmeasured

EVERY_KIND = load(
    HEAD
    + "".join(
        f'[[requirement]]\nid = "{name}-{i}"\nkind = "{name}"\n{members}\n'
        for name, several in {
            "attested": [
                'schemes = ["asi_performance"]\nof = { stages = ["mining"] }',
                'schemes = ["asi_performance"]\naccredited = true\nnone = "pass"\nof = { kinds = ["mine"] }',
                'schemes = ["asi_performance"]\nat = "today"',
            ],
            "technology": ['processes = ["electrolysis"]'],
            "places": ['subdivisions = ["CN-XJ"]', 'countries = ["RU"]\nparties = ["urn:x:party:bad"]'],
            "known_origin": ['least = "0.5"', 'least = "1"'],
            "footprint": [
                'method = "by_mass"\nmost = "4"',
                'method = "by_mass"\nprimary_data = "0.5"',
                'method = "by_mass"\nmost = "4"\nlacking = "0.01"',
            ],
            "benchmark": [
                'name = "b"\nmethod = "by_mass"\nboundary = "cradle_to_gate"\nyear = 2026\n'
                f'stage = "coil"\nvalue = "16.1"\nreduction = "0.7"{more}'
                for more in ("", '\nlacking = "0.01"')
            ],
            "recycled": [
                'rule = "own_loop"\npost = "0.25"',
                'rule = "own_party"\nboth = "0.5"\nbase = "metal"',
            ],
            "renewable": ['least = "1"', 'least = "0.5"', "certified = false", 'lacking = "0.01"'],
            "model": ['weakest = "segregated"', 'weakest = "mass_balance"\nfirst = "rolling"'],
            "accounts": ["", 'provisional = "pass"'],
            "instruments": [""],
            "months": [""],
            "capacity": ["accredited = false", ""],
            "standing": [""],
            "lag": ["most = 10"],
            "evidence": ["", 'of = { stages = ["mining"] }\nattested = false'],
            "fields": ['fields = ["material", "smelters.country", "steps.party"]\ncomplete = true'],
            "elements": [""],
            "exclusive": ['site = "urn:x:site:plant"', 'site = "urn:x:site:plant"\nagreed = false'],
            "expression": ["cel = 'months.all(m, m.within == true)'", "cel = 'steps.size() < 3'"],
        }.items()
        for i, members in enumerate(several)
    )
)

TRUTH = st.sampled_from([True, True, False, None])
COUNTRY = st.sampled_from(
    [("AU", "AU-QLD")] * 6 + [("CN", "CN-XJ"), ("CN", ""), ("", ""), ("RU", ""), ("XQ", "XQ-1")]
)
HELD = st.sampled_from(
    [
        [["2026-01-01T00:00:00Z", "2027-01-01T00:00:00Z"]],
        [["2026-01-01T00:00:00Z", "2026-01-02T12:00:00Z"]],
        [["2026-01-02T12:00:00Z", "2027-01-01T00:00:00Z"]],
        [],
    ]
)


CLEAN = [
    {"kind": "mine", "site": MINE, "party": DIGGER, "country": "AU", "subdivision": "AU-QLD", "mg": 10**6}
]


@st.composite
def places(draw: st.DrawFn) -> list[dict[str, Any]]:
    kinds = draw(
        st.lists(st.sampled_from(["mine", "collection", "unknown", "unproven", "added"]), max_size=3)
    )
    where = [draw(COUNTRY) for _ in kinds]
    return [
        {"kind": kind, "site": MINE, "party": DIGGER, "country": country, "subdivision": part,
         "mg": draw(st.sampled_from([0, 500_000, 1_000_000])), "trace": draw(st.booleans())}
        for kind, (country, part) in zip(kinds, where, strict=True)
    ]  # fmt: skip


@st.composite
def documents(draw: st.DrawFn) -> dict[str, Any]:
    """A claims document: each list with a few rows of a few values."""

    def some(rows: st.SearchStrategy[Any], most: int = 2) -> list[Any]:
        return draw(st.lists(rows, max_size=most))

    sites = st.sampled_from([(MINE, "source:mine"), (SMELTER, "electrolysis"), (MILL, "roll")])
    steps = [
        step(site, process, unit=draw(st.sampled_from(["", "line-1"])), documents=draw(st.integers(0, 1)),
             kinds=["mine"] if site == MINE else [], country="AU", subdivision="AU-QLD",
             unbooked=draw(st.sampled_from([None, None, {"party": DIGGER, "id": "urn:x:event:bare"}])),
             late=draw(st.sampled_from([[], ["2026-01-05T00:00:00.000Z"], ["2026-03-01T00:00:00.000Z"]])))
        for site, process in some(sites, 3)
    ]  # fmt: skip
    scopes = st.sampled_from(
        [{}, {"units": ["line-1"]}, {"schemes": ["asi_performance", "technology", "capacity"]}]
    )
    about = st.sampled_from([(MINE, "asi_performance"), (SMELTER, "technology"), (SMELTER, "asi_performance"),
                             (MILL, "asi_performance"), (DIGGER, "asi_performance")])  # fmt: skip
    papers = st.sampled_from([[], [{"sha256": "0"}]])
    certs = [
        cert(subject, scheme, held=draw(HELD), scope=draw(scopes), evidence=draw(papers))
        for subject, scheme in some(about, 4)
    ]
    value = {"quantity": "capacity", "unit": "t/month", "amount": draw(st.sampled_from(["1", "2"]))}
    mined = {"scope": {"processes": ["mine"]}, "measured": [value]}
    certs += [cert(MINE, "capacity", held=held, **mined) for held in some(HELD)]
    if draw(st.booleans()):
        certs.append(cert(CERTIFIER, "accreditation", certifier=BODY, held=draw(HELD), scope=draw(scopes)))
    figures = st.fixed_dictionaries(
        {"method": st.sampled_from(["by_mass", "cut_off"]), "year": st.just(2026), "stage": st.just("coil"),
         "g_per_kg": st.sampled_from([1000, 4000, 4830, 9000]), "complete": st.booleans(),
         "lacking_ppm": st.sampled_from([0, 10_000, 10_001]),
         "primary_data_ppm": st.sampled_from([0, 500_000])}
    )  # fmt: skip
    share = st.fixed_dictionaries({"mg": st.sampled_from([0, 250_000, 500_000])})
    scrap = st.fixed_dictionaries(
        {"rule": st.sampled_from(["own_loop", "own_party"]), "post": share, "pre": share, "added": share}
    )
    power = st.fixed_dictionaries(
        {"site": st.just(SMELTER), "month": st.just("2026-01"),
         "source": st.sampled_from(["hydro"] * 4 + ["coal", ""]),
         "instrument": st.sampled_from(["", "urn:x:c:1"]),
         "wh": st.sampled_from([0, 100, 100]), "covered": TRUTH}
    )  # fmt: skip
    return {
        "material": draw(st.sampled_from(["", "coil"])),
        "grams": 1000,
        "as_of": {"received": "2026-06-01T00:00:00.000Z"},
        "origins": draw(st.one_of(st.just(CLEAN), places())),
        "refineries": draw(st.one_of(st.just(CLEAN), places())),
        "smelters": draw(st.one_of(st.just(CLEAN), places())),
        "casts": draw(st.one_of(st.just(CLEAN), places())),
        "steps": steps,
        "attestations": certs,
        "footprint": some(figures),
        "recycled": some(scrap),
        "power": some(power),
        "renewable_ppm": draw(st.sampled_from([None, 500_000, 1_000_000, 1_000_000])),
        "renewable_lacking_ppm": draw(st.sampled_from([None, 0, 10_000, 10_001])),
        "gaps": some(st.just({"site": SMELTER, "process": "electrolysis", "missing": "electricity"}), 1),
        "models": some(
            st.fixed_dictionaries(
                {"process": st.sampled_from(["electrolysis", "roll"]),
                 "model": st.sampled_from(["segregated", "mass_balance", "book_and_claim"])}
            )
        ),
        "accounts": some(st.fixed_dictionaries(
            {"id": st.just("urn:x:a"), "closed": st.booleans(), "overdrawn": st.integers(0, 1)})),
        "instruments": some(st.fixed_dictionaries(
            {"id": st.just("urn:x:c:1"), "drawn": st.sampled_from([None, 1, 2]),
             "certified": st.sampled_from([None, 1])})),
        "months": some(st.fixed_dictionaries(
            {"site": st.sampled_from([SMELTER, MILL]), "process": st.sampled_from(["electrolysis", "roll"]),
             "month": st.just("2026-01"), "within": TRUTH})),
        "brought": some(st.fixed_dictionaries(
            {"site": st.just(MINE), "kind": st.just("mine"), "month": st.just("2026-01"),
             "grams": st.sampled_from([1_000_000, 2_000_000])}), 1),
        "marks": some(st.just({"mark": "disputed"}), 1),
        "agreements": some(st.fixed_dictionaries(
            {"accepted": st.booleans(), "exclusive_to": st.just("urn:x:site:plant")}), 1),
        "fates": some(st.fixed_dictionaries(
            {"fate": st.sampled_from(["installed", "stock", "sold_outside", "loss"]),
             "site": st.sampled_from(["urn:x:site:plant", ""]), "grams": st.just(1)})),
        "unshown": some(st.sampled_from(["standing", "ancestry", "attestations", "instruments"]), 1),
    }  # fmt: skip


HIDDEN_WITH = {
    "standing": ["marks"],
    "ancestry": ["steps", "origins", "smelters", "models", "power", "footprint", "recycled"],
    "attestations": ["attestations"],
    "accounts": ["accounts"],
    "instruments": ["instruments"],
    "months": ["months", "brought"],
    "fates": ["fates"],
}


def hide(draw: Any, given: dict[str, Any]) -> None:
    """An area is not shown, with or without the rows that were in it."""
    area = draw(st.sampled_from(sorted(HIDDEN_WITH)))
    given["unshown"] = [*given["unshown"], area]
    if draw(st.booleans()):
        given |= {name: [] for name in HIDDEN_WITH[area]}


def drop(draw: Any, given: dict[str, Any]) -> None:
    """A row of what speaks for the lot is gone."""
    name = draw(
        st.sampled_from(
            [
                "attestations",
                "footprint",
                "recycled",
                "agreements",
                "smelters",
                "instruments",
                "months",
                "brought",
            ]
        )
    )
    if given[name]:
        at = draw(st.integers(0, len(given[name]) - 1))
        # where a list may have two figures of a kind, both go: one alone is another document
        whole = ("footprint", "recycled", "smelters", "instruments", "months", "brought")
        rows = [] if name in whole else given[name]
        given[name] = [row for i, row in enumerate(rows) if i != at]
        if name in whole[2:]:
            area = {"smelters": "ancestry", "brought": "months"}.get(name, name)
            given["unshown"] = [*given["unshown"], area]


BLANKS: list[tuple[str, str, Any]] = [
    ("steps", "documents", 0),
    ("steps", "runs", []),
    ("steps", "unit", ""),
    ("steps", "party", ""),
    ("attestations", "held", []),
    ("attestations", "evidence", []),
    ("footprint", "complete", False),
    ("footprint", "lacking_ppm", 10_001),
    ("power", "covered", None),
    ("power", "source", ""),
    ("instruments", "drawn", None),
    ("instruments", "certified", None),
    ("months", "within", None),
    ("smelters", "country", ""),
    ("origins", "subdivision", ""),
    ("origins", "kind", "unproven"),
    ("origins", "kind", "unknown"),
    ("fates", "site", ""),
    ("agreements", "accepted", False),
    ("accounts", "closed", False),
]


def blank(draw: Any, given: dict[str, Any]) -> None:
    """A value is gone."""
    name, member, value = draw(st.sampled_from(BLANKS))
    # "nobody knows" says more than "it is not shown", so that is never made of it
    rows = given[name]
    given[name] = [row if row.get("kind") == "unproven" else {**row, member: value} for row in rows]


def forget(draw: Any, given: dict[str, Any]) -> None:
    """A figure, or the material, is gone, or data are missing."""
    gap = {"site": SMELTER, "process": "electrolysis", "missing": "CO2"}
    lacks = [{"renewable_lacking_ppm": 10_001}, {"renewable_lacking_ppm": None}]
    given |= draw(
        st.sampled_from([{"renewable_ppm": None}, {"material": ""}, {"gaps": [*given["gaps"], gap]}, *lacks])
    )


@settings(max_examples=200, deadline=None)
@given(documents(), st.data())
def test_removing_information_never_makes_a_verdict_pass(whole: dict[str, Any], data: st.DataObject) -> None:
    less = dict(whole)
    for removal in data.draw(st.lists(st.sampled_from([hide, drop, blank, forget]), min_size=1, max_size=3)):
        removal(data.draw, less)
    before = judge(EVERY_KIND, Claims.model_validate(whole))
    after = judge(EVERY_KIND, Claims.model_validate(less))
    better = [
        (old.requirement, old.verdict, old.sentence)
        for old, new in zip(before.findings, after.findings, strict=True)
        if new.verdict == PASS != old.verdict
    ]
    assert better == []
    assert not (after.verdict == PASS != before.verdict)


@settings(max_examples=60, deadline=None)
@given(documents())
def test_every_verdict_is_one_of_three_words_with_a_sentence(whole: dict[str, Any]) -> None:
    claims = Claims.model_validate(whole)
    for policy in (EVERY_KIND, *map(load, names())):
        verdict = judge(policy, claims)
        assert verdict == judge(policy, Claims.model_validate_json(claims.model_dump_json()))
        assert verdict.verdict == worst(one.verdict for one in verdict.findings)
        for one in verdict.findings:
            assert one.verdict in WORDS
            assert one.sentence.endswith(".")
            assert len(one.sentence) > 10
            assert all(ask.whom and ask.what.strip() for ask in one.ask)


def test_the_policy_above_has_every_kind() -> None:
    assert {one.kind for one in EVERY_KIND.requirements} == set(KINDS)  # type: ignore[attr-defined]
