"""Where and what a site is, whatever it is registered as since."""

from types import SimpleNamespace
from typing import Any

import pytest

from ledger.claims.account import Visit
from ledger.claims.facts import Registered
from ledger.claims.placed import placed
from ledger.quantity import parse_time
from tests.claims.test_attested import day


def registered(index: int, time: str, **members: Any) -> Registered:
    """A registration of a mine in Queensland, unless said otherwise."""
    site = {"operator": "p:op", "kinds": ("mine",), "country": "AU", "subdivision": "AU-QLD"}
    event = SimpleNamespace(party="p:r", id=f"e:{index}", status="active", **(site | members))
    return Registered(index, parse_time(time) * 1000, event)


THERE = {("s:a", "p:x", "cast", ""): Visit(((day(10), day(12)),), (), ("slab",), 5, 0, 0, -1)}
ABROAD = {"country": "CN", "subdivision": "CN-XJ"}


@pytest.mark.parametrize(
    ("index", "time", "also"),
    [
        (4, "2026-01-10T00:00:00Z", ()),  # before the first entry, and before what it tells of began
        (6, "2026-01-09T00:00:00Z", ("CN", "CN-XJ")),  # before it began, and after the entry
        (4, "2026-01-10T00:00:01Z", ("CN", "CN-XJ")),  # posted late
        (9, "2026-02-01T00:00:00Z", ("CN", "CN-XJ")),
    ],
)
def test_a_site_does_not_take_past_metal_along(index: int, time: str, also: tuple[str, ...]) -> None:
    first = registered(0, "2026-01-01T00:00:00Z", **ABROAD)
    here = placed({"s:a": [first, registered(index, time)]}, THERE)["s:a"]
    assert (here.country, here.subdivision, here.also) == ("AU", "AU-QLD", also)
    assert here.grids == (frozenset() if also else {"AU", "AU-QLD"})


def test_where_it_was_meanwhile_counts_too() -> None:
    several = [
        registered(n, f"2026-01-{day:02}T00:00:00Z", subdivision=code)
        for n, day, code in ((0, 1, "AU-NT"), (4, 9, "AU-WA"), (7, 13, "AU-SA"), (8, 14, "AU-QLD"))
    ]
    found = placed({"s:a": several}, THERE)["s:a"]
    assert (found.subdivision, found.also, found.grids) == ("AU-QLD", ("AU-SA", "AU-WA"), {"AU"})


def test_what_and_whose_it_was_counts_too() -> None:
    """Kinds that not all registrations have are told, those that it has now among them."""
    first = registered(0, "2026-01-01T00:00:00Z", kinds=("mine", "terminal"), operator="p:once")
    now = registered(9, "2026-02-01T00:00:00Z", kinds=("alloy_plant", "mine"))
    found = placed({"s:a": [first, now]}, THERE)["s:a"]
    assert (found.kinds, found.also) == (("alloy_plant", "mine"), ("alloy_plant", "terminal"))
    assert (found.operator, found.operators) == ("p:op", ("p:once",))
    over = [first, registered(4, "2026-01-09T00:00:00Z"), now._replace(index=10)]
    found = placed({"s:a": over}, THERE)["s:a"]
    assert (found.also, found.operators) == (("alloy_plant",), ())


def test_where_no_visit_tells_when_all_registrations_of_a_site_count() -> None:
    several = [registered(0, "2026-01-01T00:00:00Z", **ABROAD), registered(1, "2026-01-02T00:00:00Z")]
    assert placed({"s:b": several}, THERE)["s:b"].also == ("CN", "CN-XJ")
    one = {**THERE, ("s:a", "p:y", "saw", ""): next(iter(THERE.values()))._replace(first=0)}
    assert placed({"s:a": several}, one)["s:a"].also == ("CN", "CN-XJ"), "the first entry of all there"
    began = {**THERE, ("s:a", "p:y", "saw", ""): Visit(((day(1), day(3)),), (), ("slab",), 6, 0, 0, -1)}
    assert placed({"s:a": several}, THERE)["s:a"].also == ()
    assert placed({"s:a": several}, began)["s:a"].also == ("CN", "CN-XJ"), "the first second of all there"
