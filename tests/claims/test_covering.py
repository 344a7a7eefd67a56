"""Energy certificates: what each covers, what is certified, and the renewable share."""

from typing import Any

import pytest

from ledger.claims.covering import Item, certificates, certified, cover, items, renewable
from ledger.claims.document import Ref
from ledger.claims.facts import Attested, Revoked
from ledger.claims.method import DEFAULT
from ledger.claims.power import end_of
from ledger.quantity import parse_time
from tests.claims.test_attested import given

ITEM = Item("c:hydro", "hydro", "s:smelter", "p:smelter", "2026-01", 1_500)
MONTH = "2026-01-01/2026-01-31"
POWER = {"quantity": "electricity", "amount": "20", "unit": "MWh", "method": "Hydropower, metered"}


def certificate(*later: tuple[str, int], measured: Any = None, **more: Any) -> Attested:
    value = POWER | {"period": MONTH} | (measured or {})
    more = {"subject": "s:smelter", "refs": {"instrument": "c:hydro"}} | more
    return given(*later, measured=[value], **more)


def test_an_accounts_power_is_taken_apart() -> None:
    found = items({"c:1 hydro s:b p:b 2026-01": 2, "- - s:a p:a 2026-02": 1})
    assert found == [
        Item("", "", "s:a", "p:a", "2026-02", 1),
        Item("c:1", "hydro", "s:b", "p:b", "2026-01", 2),
    ]


def test_a_certificate_is_what_measured_electricity() -> None:
    one, other = certificate(), certificate(measured={"quantity": "heat"})
    assert certificates([one, other, given()]) == [one]


@pytest.mark.parametrize(
    "named",
    [
        {},
        {"refs": {}, "certificate_no": "c:hydro"},
        {"refs": {}, "id": "c:hydro"},
        {"scope": {"sites": ["s:smelter"]}},
        {"scope": {"sites": []}},
        {"measured": {"method": "metered"}, "scope": {"text": "Hydro of six stations"}},
        {"measured": {"method": "Wasserkraft (HYDRO)"}},
        {"measured": {"method": "hydrogen and hydro_power, hydro"}},
        {"measured": {"period": "2025-11-01/2026-02-28"}},
        {"measured": {"method": "Renewable: hydropower of six stations"}},
    ],
)
def test_what_is_covered(named: dict[str, Any]) -> None:
    one = certificate(**named)
    found = cover(ITEM, [one], unshown=False)
    assert (found.covered, found.why, found.wh) == (True, "", 2)
    assert found.certificate is not None
    assert (found.certificate.id, found.certificate.index) == (one.event.id, one.index)


def test_one_about_the_operator_covers_its_sites() -> None:
    one = certificate(subject="p:smelter")._replace(kind="party")
    assert cover(ITEM, [one], unshown=False).covered is True
    found = cover(ITEM._replace(party="p:other"), [one], unshown=False)
    assert found.covered is False
    assert "not about this site or who smelted there" in found.why


@pytest.mark.parametrize(
    ("party", "sold", "covered"),
    [
        ("p:smelter", "2026-01-15T00:00:00Z", True),
        ("p:smelter", "2025-12-15T00:00:00Z", True),
        ("p:taker", "2026-01-15T00:00:00Z", False),
        ("p:taker", "2025-12-15T00:00:00Z", False),
        ("p:taker", "2026-02-01T00:00:00Z", True),
    ],
)
def test_a_sites_certificate_is_of_whoever_had_it_then(party: str, sold: str, covered: bool) -> None:
    """What that party used it used before the site was another's, in the month of the sale too."""
    turns = (Revoked(Ref(), 9, "suspended", parse_time(sold)),)
    one = certificate()._replace(operator=turns, worker="p:smelter")
    assert cover(ITEM._replace(party=party), [one], unshown=False).covered is covered


@pytest.mark.parametrize(
    ("one", "why"),
    [
        (certificate(subject="s:other"), "not about this site"),
        (certificate(scope={"sites": ["s:other"]}), "scope"),
        (certificate(("withdrawn", 20)), "withdrawn"),
        (certificate(("suspended", 20)), "suspended"),
        (certificate(measured={"period": "2026-01-02/2026-01-31"}), "period"),
        (certificate(measured={"period": "2026-01-01/2026-01-30"}), "period"),
        (certificate(measured={"method": "wind"}), "source is hydro"),
        (certificate(measured={"method": "Fuel cells, hydrogen"}), "source is hydro"),
        (certificate(measured={"method": "Hydropower and nuclear power"}), "source is hydro alone"),
        (certificate(scope={"text": "A station on coal, beside the river"}), "source is hydro alone"),
        (certificate(measured={"method": "Hydro, or natural gas in winter"}), "source is hydro alone"),
        (certificate(measured={"method": "gas; dehydropower"}), "source is hydro"),
        (certificate(measured={"method": "hydro2 and hydropowers"}), "source is hydro"),
        (given(subject="s:smelter", refs={"instrument": "c:hydro"}, measured=[POWER]), "period"),
        (certificate(refs={}), "No certifier has attested c:hydro"),
    ],
)
def test_what_is_not(one: Attested, why: str) -> None:
    found = cover(ITEM, [one], unshown=False)
    assert found.covered is False
    assert why in found.why
    assert cover(ITEM, [one], unshown=True).covered is None


def test_electricity_of_no_month_is_covered_by_nothing() -> None:
    ever = certificate(measured={"period": "0001-01-01/9999-12-31"})
    assert cover(ITEM, [ever], unshown=False).covered is True
    found = cover(ITEM._replace(month="0001-01"), [ever], unshown=False)
    assert (found.covered, found.why) == (False, "It is not told in which months this electricity was used.")


def test_one_that_fits_is_enough() -> None:
    several = [certificate(subject="s:other"), certificate()]
    assert cover(ITEM, several, unshown=False).covered is True


@pytest.mark.parametrize(
    ("grid", "grids", "covered", "told"),
    [
        ("CA-QC", ("CA", "CA-QC"), True, "CA-QC"),
        ("CA", ("CA", "CA-QC"), True, "CA"),
        ("NO", ("CA", "CA-QC"), False, ""),
        ("CA-ON", ("CA", "CA-QC"), False, ""),
        ("CA-QC", (), False, ""),
        (None, ("CA", "CA-QC"), True, ""),
    ],
)
def test_a_certificate_counts_within_its_grid(
    grid: str | None, grids: tuple[str, ...], covered: bool, told: str
) -> None:
    one = certificate(measured={"grid": grid} if grid else {})
    found = cover(ITEM, [one], False, grids)
    assert (found.covered, found.grid) == (covered, told)
    assert covered or f"of the grid {grid}, and this site is not on it" in found.why
    assert cover(ITEM, [one], True, grids).covered is (True if covered else None)


def test_the_source_must_be_named() -> None:
    assert "stated" in cover(ITEM._replace(source=""), [certificate()], unshown=False).why


@pytest.mark.parametrize(
    ("source", "method", "covered"),
    [
        ("renewable", "Renewable: wind and solar", True),
        ("renewable", "Renewable, and coal", False),
        ("natural_gas", "Natural gas", True),
        ("gas", "Natural gas", True),
        ("natural_gas", "Gas", False),
        ("tidal", "Tidal", True),
        ("tidal", "Tidal and coal", False),
    ],
)
def test_a_source_is_alone(source: str, method: str, covered: bool) -> None:
    one = certificate(measured={"method": method})
    assert cover(ITEM._replace(source=source), [one], unshown=False).covered is covered


def test_what_two_sources_made_has_two_certificates() -> None:
    """Else nuclear power of the month would count as hydropower of it."""
    nuclear = POWER | {"method": "nuclear", "period": "2025-12-01/2025-12-31"}
    two = given(
        subject="s:smelter", refs={"instrument": "c:hydro"}, measured=[POWER | {"period": MONTH}, nuclear]
    )
    assert "of all of it that its source is hydro" in cover(ITEM, [two], unshown=False).why
    alike = given(
        subject="s:smelter",
        refs={"instrument": "c:hydro"},
        measured=[POWER | {"period": MONTH, "grid": "CA"}, POWER | {"period": "2025-12-01/2025-12-31"}],
    )
    found = cover(ITEM, [alike], False, ("CA", ""))
    assert (found.covered, found.grid) == (True, "")  # the grid is not told of all of it


def test_no_certificate_covers_nothing_even_where_not_all_is_shown() -> None:
    found = cover(ITEM._replace(instrument=""), [certificate()], unshown=True)
    assert (found.covered, found.certificate) == (False, None)


@pytest.mark.parametrize("month", ["2025-12", "2024-02"])
def test_months_end_where_the_calendar_says(month: str) -> None:
    year = month[:4]
    last = {"2025-12": "2025-12-31", "2024-02": "2024-02-29"}[month]
    inside = certificate(measured={"period": f"{year}-01-01/{last}"})
    assert cover(ITEM._replace(month=month), [inside], unshown=False).covered is True


def test_what_is_certified_is_added_up() -> None:
    small = {"amount": "1.000001", "unit": "kWh"}
    later = certificate(measured=small | {"period": "2026-02-01/2026-02-28"})
    assert certified("c:hydro", [certificate(), later], DEFAULT, ()) == 20_001_000
    assert certified("c:hydro", [later, certificate()], DEFAULT, ()) == 20_001_000
    assert certified("c:hydro", [certificate(("withdrawn", 20)), certificate(refs={})], DEFAULT, ()) is None
    assert certified("c:hydro", [certificate(measured={"unit": "t"})], DEFAULT, ()) is None
    assert certified("c:hydro", [], DEFAULT, ()) is None


@pytest.mark.parametrize("period", ["2026-01-01/2026-01-31", "2026-01-31/2026-02-28", None])
def test_a_certificate_is_not_more_for_being_attested_twice(period: str | None) -> None:
    """Not in periods that overlap, nor in one that nobody states."""
    stated = {} if period is None else {"period": period}
    again = given(refs={"instrument": "c:hydro"}, measured=[POWER | {"amount": "19"} | stated])
    assert certified("c:hydro", [certificate(), again], DEFAULT, ()) == 20_000_000
    assert certified("c:hydro", [again, certificate()], DEFAULT, ()) == 20_000_000
    third = certificate(measured={"amount": "1", "period": "2026-02-28/2026-03-05"})
    expected = 20_000_000 if period != "2026-01-01/2026-01-31" else 21_000_000
    assert certified("c:hydro", [third, again, certificate()], DEFAULT, ()) == expected


def test_a_certificate_does_not_grow_by_what_a_friend_attests_of_it() -> None:
    friend = given(party="p:friend", refs={"instrument": "c:hydro"}, measured=[POWER | {"amount": "90"} | {
        "period": "2026-03-01/2026-03-31"}])  # fmt: skip
    both = [friend, certificate()]
    own = certificate().event.party
    assert certified("c:hydro", both, DEFAULT, {own}) == 20_000_000
    assert certified("c:hydro", both, DEFAULT, {"p:friend"}) == 90_000_000
    assert certified("c:hydro", both, DEFAULT, {own, "p:friend"}) == 20_000_000
    assert certified("c:hydro", both, DEFAULT, ()) == 20_000_000
    assert certified("c:hydro", both, DEFAULT, {"p:nobody"}) is None
    mute = given(party="p:mute", refs={"instrument": "c:hydro"}, measured=[POWER | {"unit": "t"}])
    assert certified("c:hydro", [mute, *both], DEFAULT, {own, "p:mute"}) is None
    assert certified("c:hydro", [mute, *both], DEFAULT, ()) == 20_000_000
    aside = certificate(party="p:aside", refs={"instrument": "c:other"})
    assert certified("c:hydro", [aside, *both], DEFAULT, {own, "p:aside"}) == 20_000_000


def test_two_stations_of_one_certificate_are_two_amounts() -> None:
    value = POWER | {"period": "2026-01-01/2026-01-31"}
    both = given(refs={"instrument": "c:hydro"}, measured=[value, value | {"amount": "1"}])
    assert certified("c:hydro", [both], DEFAULT, ()) == 21_000_000


def share(power: list[tuple[Item, bool | None]], smelter: dict[str, int], *lacking: str) -> int | None:
    return renewable(power, smelter, frozenset(lacking), DEFAULT)


COAL = Item("c:coal", "coal", "s:smelter", "p:smelter", "2026-01", 500)
HERE = {"smelter s:smelter": 100}


def test_the_renewable_share() -> None:
    assert share([(ITEM, True)], HERE) == 1_000_000
    assert share([(ITEM, True), (COAL, True)], HERE) == 750_000
    assert share([(ITEM, False), (COAL, True)], HERE) == 0
    assert share([(ITEM, True), (COAL, None)], HERE) == 750_000
    assert share([(ITEM, None)], HERE) is None
    assert share([], HERE) is None
    assert share([(ITEM, True)], {"collected s:yard": 1}) is None


def test_metal_whose_smelting_is_not_shown_counts_as_made_without() -> None:
    assert (
        share([(ITEM, True)], HERE | {"unknown opening": 50, "unproven l:x": 50, "collected s:y": 900})
        == 500_000
    )
    assert share([(ITEM, True)], HERE | {"smelter s:silent": 100}, "s:silent") == 500_000
    assert share([(ITEM, True)], HERE, "s:smelter") == 0


def test_a_certificate_has_one_name() -> None:
    """Else it would be spent once under its number, once under its id, and once under each of its refs."""
    several = {"refs": {"instrument": "c:a", "x": "c:b"}, "certificate_no": "c:c", "id": "c:d"}
    one = certificate(**several)
    assert [certified(name, [one], DEFAULT, ()) is not None for name in ("c:a", "c:b", "c:c", "c:d")] == [
        True, False, False, False,
    ]  # fmt: skip
    numbered = {"refs": {}, "certificate_no": "c:c", "id": "c:d"}
    assert certified("c:c", [certificate(**numbered)], DEFAULT, ()) is not None
    assert certified("c:d", [certificate(**numbered)], DEFAULT, ()) is None
    assert certified("c:d", [certificate(refs={}, certificate_no="NO-7", id="c:d")], DEFAULT, ()) is not None


def test_nor_under_the_name_that_another_certifier_gives_it() -> None:
    first = certificate(refs={"instrument": "c:a"}, certificate_no="7")
    again = certificate(refs={"instrument": "c:b"}, certificate_no="7")
    assert certificates([first, again]) == [first]
    same = certificate(refs={"instrument": "c:a"}, certificate_no="7", id="c:again")
    other = certificate(refs={"instrument": "c:b"}, certificate_no="8")
    assert certificates([first, same, other]) == [first, same, other]


def test_what_was_withdrawn_keeps_no_number() -> None:
    """Else whoever attests a rival's number first has blocked it for good."""
    gone = certificate(("withdrawn", 20), refs={"instrument": "c:b"}, certificate_no="7")
    ours = certificate(refs={"instrument": "c:hydro"}, certificate_no="7")
    assert certificates([gone, ours]) == [gone, ours]
    assert cover(ITEM, certificates([gone, ours]), unshown=False).covered is True
    assert certified("c:b", certificates([gone, ours]), DEFAULT, ()) is None


def test_the_last_month_of_all_has_an_end() -> None:
    assert end_of("9999-12") == parse_time("9999-12-31T23:59:59Z") + 1
    assert end_of("2024-02") == parse_time("2024-03-01T00:00:00Z")


@pytest.mark.parametrize(
    ("turns", "covered"),
    [
        ([("suspended", "2026-02-01T00:00:00Z")], True),
        ([("suspended", "2026-01-31T23:59:59Z")], False),
        ([("suspended", "2025-12-01T00:00:00Z"), ("reinstated", "2026-01-01T00:00:00Z")], True),
        ([("suspended", "2025-12-01T00:00:00Z"), ("reinstated", "2026-01-01T00:00:01Z")], False),
        ([("suspended", "2025-12-01T00:00:00Z")], False),
    ],
)
def test_a_certifier_that_is_suspended_vouches_for_no_electricity_of_that_month(
    turns: Any, covered: bool
) -> None:
    """What it said of a month that was over before stays."""
    changes = tuple(Revoked(Ref(), 0, status, parse_time(since)) for status, since in turns)
    found = cover(ITEM, [certificate()._replace(certifier=changes)], unshown=False)
    assert found.covered == covered
    assert (
        covered
        or found.why == "In 2026-01 the certifier was suspended, or the site was not of whom it was given to."
    )
