"""A code of no place is unknown origin: never a pass, with the site, the code and whom to ask."""

from typing import Any

import pytest

from ledger.claims.document import Claims
from ledger.errors import Malformed
from ledger.policy import load
from ledger.policy.countries import countries, names, no_place
from tests.policy.asking import DIGGER, HEAD, MINE, SMELTER, asked, cert, judged, step, verdict, wanted

LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
USER_ASSIGNED = {"AA", "ZZ", *("Q" + x for x in LETTERS[12:]), *("X" + x for x in LETTERS)}
TERRITORIES = {
    "HK": "CN-HK", "MO": "CN-MO", "TW": "CN-TW", "AX": "FI-01", "GP": "FR-971", "NC": "FR-NC", "AW": "NL-AW",
    "BQ": "NL-BQ3", "SJ": "NO-22", "PR": "US-PR",
}  # fmt: skip
MISPRINTS = [("XQ", "XQ-1", "XQ is no country"), ("AU", "CN-XJ", "CN-XJ is no subdivision of AU")]
KINDS = {"origins": "mine", "refineries": "refinery", "smelters": "smelter", "casts": "cast"}


def row(country: str = "AU", subdivision: str = "AU-QLD", **members: Any) -> dict[str, Any]:
    return {
        "kind": "mine", "site": MINE, "party": DIGGER, "country": country, "subdivision": subdivision,
        "ppm": 1_000_000, **members,
    }  # fmt: skip


def chain(where: str, country: str, subdivision: str) -> dict[str, Any]:
    """A clean chain, one place of which has these codes."""
    rows: dict[str, Any] = {name: [row(kind=kind)] for name, kind in KINDS.items()}
    rows["steps"] = [step(country="AU", subdivision="AU-QLD")]
    rows[where] = [{**rows[where][0], "country": country, "subdivision": subdivision}]
    return rows


def test_the_codes_are_those_of_iso() -> None:
    assert len(countries()) == 249
    assert all(len(code) == 2 and code.isupper() for code in countries())
    assert countries().isdisjoint(USER_ASSIGNED | {"EU", "UK", "SU", "AN", "YU"})
    assert {"CD", "CN", "GN", "AU", "BR", "JM", "IN", "CA", "NO", "IS", "AE", "SS"} <= countries()


def test_what_names_no_place() -> None:
    for country, subdivision, why in MISPRINTS:
        assert no_place(country, subdivision) == why
    assert no_place("CA", "CA-QC") == no_place("CA") == no_place("") == no_place("", "CA-QC") == ""
    assert no_place("XX") == "XX is no country"


@pytest.mark.parametrize(("country", "subdivision"), TERRITORIES.items())
def test_a_territory_is_a_subdivision_of_another_country_too(country: str, subdivision: str) -> None:
    assert no_place(country, subdivision) == ""
    assert no_place("AU", subdivision) != ""
    both = {country, subdivision, subdivision[:2]}
    assert names(country) >= both
    assert names(subdivision[:2], subdivision) == both
    for code in both:
        rule = {"subdivisions" if "-" in code else "countries": [code]}
        for where in ((country, subdivision), (subdivision[:2], subdivision)):
            assert verdict(wanted("places", **rule), **chain("origins", *where)) == "fail"
    assert verdict(wanted("places", countries=["CD"]), **chain("origins", country, subdivision)) == "pass"


@pytest.mark.parametrize("where", [*KINDS, "steps"])
@pytest.mark.parametrize(("country", "subdivision", "why"), MISPRINTS)
def test_a_code_of_no_place_fails_wherever_it_stands(
    where: str, country: str, subdivision: str, why: str
) -> None:
    for rule in ({"countries": ["CD"]}, {"subdivisions": ["CN-SD"]}, {"parties": ["urn:x:party:z"]}):
        requirement = wanted("places", **rule)
        assert verdict(requirement, **chain(where, "AU", "AU-QLD")) == "pass"
        found = asked(requirement, **chain(where, country, subdivision))
        assert found.verdict == "fail"
        assert f"({where}: {MINE}: {why})" in found.sentence
        assert found.ask[0].whom == DIGGER
        assert "Have the registrar correct" in found.ask[0].what
        assert [event.id for event in found.events] == ["urn:x:event:source:mine"] * (where == "steps")
    own = wanted("places", countries=["CD"], ask="Call.")
    assert asked(own, **chain(where, country, subdivision)).ask[0].what == "Call."


def test_what_is_forbidden_is_said_before_what_is_a_misprint() -> None:
    found = asked(wanted("places", countries=["CN"]), **chain("origins", "AU", "CN-XJ"))
    assert found.sentence == f"origins: {MINE} is in CN."
    site = asked(wanted("places", countries=["CD"]), **chain("origins", "XQ", "")).ask[0].whom
    assert site == DIGGER
    nobody = {**chain("casts", "XQ", ""), "casts": [row("XQ", "", kind="cast", party="")]}
    assert asked(wanted("places", countries=["CD"]), **nobody).ask[0].whom == MINE


@pytest.mark.parametrize(("country", "subdivision", "why"), MISPRINTS)
def test_its_metal_is_of_unknown_origin(country: str, subdivision: str, why: str) -> None:
    clean, lost = row(mg=980_000), row(country, subdivision, site=SMELTER, mg=20_000)
    given: dict[str, Any] = {"grams": 1000, "origins": [clean, lost]}
    assert verdict(wanted("known_origin", least="0.98"), **given) == "pass"
    found = asked(wanted("known_origin", least="0.99"), **given)
    assert found.verdict == "fail"
    assert found.sentence.endswith(f" 2.00 % is unknown ({SMELTER}: {why}).")
    assert [(one.whom, one.what[:24]) for one in found.ask] == [(DIGGER, "Have the registrar corre")]
    more = asked(
        wanted("known_origin"),
        holder="urn:x:party:h",
        **{**given, "origins": [*given["origins"], {"kind": "unknown", "mg": 1}]},
    )
    assert [one.whom for one in more.ask] == [DIGGER, "urn:x:party:h"]
    told = judged('[[requirement]]\nid = "r"\nkind = "standing"\n', **given)
    assert told.unknown_ppm == 20_000


def test_an_attested_mine_in_no_place_is_unknown_origin_too() -> None:
    requirement = wanted("attested", schemes=["asi_performance"])
    given = {"steps": [step()], "attestations": [cert()]}
    assert verdict(requirement, origins=[row()], **given) == "pass"
    assert verdict(requirement, origins=[row("XQ", "")], **given) == "not provable"
    nothing = {**row("XQ", ""), "ppm": 0}
    assert verdict(requirement, origins=[nothing], **given) == "pass"


@pytest.mark.parametrize("path", ["smelters.country", "smelters.subdivision", "steps.country"])
def test_a_field_with_a_code_of_no_place_is_missing(path: str) -> None:
    requirement = wanted("fields", fields=[path])
    top = path.partition(".")[0]
    assert verdict(requirement, **chain(top, "AU", "AU-QLD")) == "pass"
    found = asked(requirement, **chain(top, "XQ", "XQ-1"))
    assert found.verdict == "not provable"
    assert found.sentence == f"Missing: {MINE}: XQ is no country."
    assert found.ask[0].whom == DIGGER
    scrap = {"smelters": [row(), row("XQ", "XQ-1", kind="collected")]}
    assert verdict(wanted("fields", fields=["smelters.country"]), **scrap) == "pass"
    assert verdict(wanted("fields", fields=["smelters.kind"]), **chain("smelters", "XQ", "XQ-1")) == "pass"


@pytest.mark.parametrize("where", [*KINDS, "steps"])
def test_an_expression_on_countries_is_not_provable(where: str) -> None:
    pytest.importorskip("cel")
    misprint = chain(where, "XQ", "XQ-1")
    for member, word in (("country", "CD"), ("subdivision", "CN-XJ")):
        reads = wanted("expression", cel=f'{where}.all(one, one.{member} != "{word}")')
        assert verdict(reads, **chain(where, "AU", "AU-QLD")) == "pass"
        found = asked(reads, **misprint)
        assert (found.verdict, found.ask[0].whom) == ("not provable", DIGGER)
        assert found.sentence == f"It asks where places are: {MINE}: XQ is no country."
    moved = chain(where, "AU", "AU-QLD")
    moved[where] = [{**moved[where][0], "also": ["AU-QLD", "CN", "XQ"]}]
    found = asked(wanted("expression", cel=f'{where}.all(one, one.country != "CD")'), **moved)
    assert found.sentence == f"It asks where places are: {MINE}: it was registered in CN before."
    assert found.ask[0].what == "Show by documents where this site was when the metal was there."
    other = next(one for one in KINDS if one != where)
    elsewhere = wanted("expression", cel=f'{other}.all(one, one.country != "CD")')
    assert verdict(elsewhere, **misprint) == "pass"
    assert verdict(wanted("expression", cel=f'{where}.all(one, one.site != "")'), **misprint) == "pass"


@pytest.mark.parametrize(
    ("member", "code"), [("countries", "XQ"), ("countries", "UK"), ("subdivisions", "XJ-CN")]
)
def test_a_policy_that_forbids_no_place_is_refused(member: str, code: str) -> None:
    """It would forbid nothing, and pass."""
    good = "CN-XJ" if "-" in code else "CN"
    text = f'[[requirement]]\nid = "r"\nkind = "places"\n{member} = ["{good}", "{code}"]\n'
    with pytest.raises(Malformed) as caught:
        load(HEAD + text)
    assert caught.value.code == "policy.value"
    assert caught.value.path == f"$.requirement[0].{member}[1]"
    assert f"{code[:2]} is no country" in caught.value.detail


def test_examples_of_the_policies_name_places() -> None:
    for name in ("asi", "uflpa", "cbam-data", "low-carbon-hood"):
        for example in load(name).examples:
            claims: Claims = example.claims
            rows = (*claims.origins, *claims.refineries, *claims.smelters, *claims.casts, *claims.steps)
            assert not [one for one in rows if no_place(one.country, one.subdivision)]
