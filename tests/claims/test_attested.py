"""Attestations through time: when each held, by what the ledger has learned since."""

import json
from types import SimpleNamespace
from typing import Any

import pytest

from ledger import events
from ledger.claims.attested import held, holds_on, told, with_certifier, with_operator, with_sites
from ledger.claims.document import Ref
from ledger.claims.facts import Attested, Registered, Revoked
from ledger.quantity import format_time, parse_time


def day(number: int) -> int:
    return parse_time(f"2026-01-{number:02}T00:00:00Z")


def given(*later: tuple[str, int], status: str = "certified", **more: Any) -> Attested:
    """Valid from the 1st through the 30th."""
    event = {
        "type": "attest",
        "ledger": "l",
        "id": "e:1",
        "time": "2026-01-01T00:00:00Z",
        "party": "p:certifier",
        "subject": "s:site",
        "scheme": "asi",
        "status": status,
        "valid_from": "2026-01-01T00:00:00Z",
        "valid_until": "2026-01-30T23:59:59Z",
    } | more
    read = events.parse(json.dumps(event).encode())
    assert isinstance(read, events.Attest)
    changes = [
        Revoked(Ref(party="p:certifier", id=f"e:{n}", index=n), 1000 * day(20 + n), what, day(since))  # type: ignore[arg-type]
        for n, (what, since) in enumerate(later)
    ]
    return Attested(read, 5, 1000 * day(2), "site", tuple(changes))


@pytest.mark.parametrize(
    ("later", "runs"),
    [
        ([], [(1, 31)]),
        ([("suspended", 10)], [(1, 10)]),
        ([("withdrawn", 10)], [(1, 10)]),
        ([("suspended", 10), ("reinstated", 20)], [(1, 10), (20, 31)]),
        ([("suspended", 10), ("reinstated", 10)], [(1, 31)]),
        ([("suspended", 10), ("reinstated", 5)], [(1, 31)]),
        ([("suspended", 10), ("reinstated", 20), ("withdrawn", 15)], [(1, 10)]),
        (
            [("suspended", 3), ("reinstated", 4), ("suspended", 6), ("reinstated", 8)],
            [(1, 3), (4, 6), (8, 31)],
        ),
        ([("withdrawn", 1)], []),
        ([("suspended", 31)], [(1, 31)]),
        ([("reinstated", 31)], [(1, 31)]),
    ],
)
def test_when_it_held(later: list[tuple[str, int]], runs: list[tuple[int, int]]) -> None:
    one = given(*later)
    assert held(one) == tuple((day(begin), day(end)) for begin, end in runs)
    assert holds_on(one) == (bool(runs) and runs[-1][1] == 31)


def test_no_second_lies_between_one_that_ends_and_the_next() -> None:
    """The last second counts: a certificate ends at 23:59:59, and its successor begins at 00:00:00."""
    after = given(valid_from="2026-01-31T00:00:00Z", valid_until="9999-12-31T23:59:59Z")
    assert held(given())[-1][1] == held(after)[0][0]
    assert told(after).held == (("2026-01-31T00:00:00Z", "9999-12-31T23:59:59Z"),)  # no later time is told
    assert holds_on(after)


def test_what_begins_before_it_is_valid_changes_it_from_its_beginning() -> None:
    assert held(given()._replace(later=(Revoked(Ref(), 0, "suspended", day(1) - 5),))) == ()


@pytest.mark.parametrize("status", ["suspended", "withdrawn"])
def test_one_that_was_not_given_never_held(status: str) -> None:
    assert held(given(status=status)) == ()
    assert held(given(("reinstated", 10), status=status)) == ((day(10), day(31)),)


@pytest.mark.parametrize(
    ("said", "runs"),
    [
        ([("active", 3)], [(1, 31)]),
        ([("suspended", 10)], [(1, 10)]),
        ([("suspended", 10), ("suspended", 12), ("active", 20)], [(1, 10), (20, 31)]),
        ([("suspended", 10), ("closed", 12)], [(1, 10)]),
        ([("suspended", 3), ("active", 4), ("suspended", 6), ("active", 8)], [(1, 3), (4, 6), (8, 31)]),
        ([("closed", 10)], [(1, 31)]),
    ],
)
def test_it_does_not_hold_while_its_certifier_is_suspended(
    said: list[tuple[str, int]], runs: list[tuple[int, int]]
) -> None:
    """What was said of the attestation itself stays as it was, and counts beside."""
    registrations = [
        Registered(10 + n, 1000 * day(on), SimpleNamespace(party="p:r", id=f"r:{n}", status=status))
        for n, (status, on) in enumerate(said)
    ]
    one = with_certifier(given(), registrations)
    assert held(one) == tuple((day(begin), day(end)) for begin, end in runs)
    assert holds_on(one)
    before = [row._replace(index=5) for row in registrations]
    assert held(with_certifier(given(), before)) == held(given())
    both = with_certifier(given(("suspended", 2), ("reinstated", 9)), registrations)
    assert held(both)[0] == (day(1), day(2))
    if (9, 10) not in runs and runs[0][1] >= 10:
        assert held(both)[1][0] == day(9)
    withdrawn = with_certifier(given(("withdrawn", 2)), registrations)
    assert (held(withdrawn), holds_on(withdrawn)) == (((day(1), day(2)),), False)


@pytest.mark.parametrize(
    ("operators", "runs"),
    [
        ([("p:a", 3)], [(1, 31)]),
        ([("p:b", 10)], [(1, 10)]),
        ([("p:b", 10), ("p:c", 12), ("p:a", 20)], [(1, 10), (20, 31)]),
    ],
)
def test_it_does_not_hold_while_its_site_is_anothers(
    operators: list[tuple[str, int]], runs: list[tuple[int, int]]
) -> None:
    """Who was there when it was given was certified, and nobody else."""

    def registered(index: int, on: int, operator: str) -> Registered:
        event = SimpleNamespace(party="p:r", id=f"r:{index}", operator=operator)
        return Registered(index, 1000 * day(on), event)

    since = [registered(10 + n, on, operator) for n, (operator, on) in enumerate(operators)]
    before = [registered(0, 1, "p:b"), registered(1, 2, "p:a")]
    one = with_operator(given(), [*before, *since])
    assert held(one) == tuple((day(begin), day(end)) for begin, end in runs)
    turns = [change.since for change in told(one).history]
    assert turns == [format_time(day(on)) for on in (edge for run in runs for edge in run) if 1 < on < 31]
    assert holds_on(one)
    assert held(with_operator(given(), since)) == held(given()), "whose it was then is not known"
    assert held(with_operator(given(), ())) == held(given())
    suspended = SimpleNamespace(party="p:r", id="r:30", status="suspended")
    both = with_certifier(one, [Registered(30, 1000 * day(2), suspended)])
    assert held(both) == ((day(1), day(2)),)


@pytest.mark.parametrize(
    ("operators", "over"),
    [
        ([("p:a", 1), ("p:b", 3)], False),  # bought before
        ([("p:a", 1), ("p:b", 7)], True),  # bought since
        ([("p:b", 1), ("p:a", 7)], False),  # sold since
        ([("p:b", 1), ("p:a", 7), ("p:b", 8)], False),  # and bought back
        ([("p:b", 6)], False),  # built since
        ([("p:a", 6), ("p:b", 7)], True),  # built by another
        ([], False),
    ],
)
def test_a_party_is_attested_with_the_sites_that_it_had(operators: list[tuple[str, int]], over: bool) -> None:
    """What it buys later nobody has looked at."""
    several = [
        Registered(index, 1000 * day(1), SimpleNamespace(operator=operator)) for operator, index in operators
    ]
    one = with_sites(given(subject="p:b")._replace(kind="party"), {"s:x": several, "s:y": ()})
    assert told(one).taken_over == (("s:x",) if over else ())


def test_what_became_of_the_certifier_is_told_with_the_rest() -> None:
    registered = SimpleNamespace(party="p:r", id="r:0", status="suspended")
    one = told(with_certifier(given(("suspended", 2)), [Registered(6, 1000 * day(10) + 999, registered)]))
    assert [(change.event.id, change.status) for change in one.history] == [
        ("e:0", "suspended"),
        ("r:0", "suspended"),
    ]
    assert (one.history[1].since, one.history[1].learned) == (
        "2026-01-10T00:00:00Z",
        "2026-01-10T00:00:00.999Z",
    )
    assert one.history[1].event == Ref(party="p:r", id="r:0", index=6)


def test_provisional_is_given() -> None:
    assert held(given(status="provisional")) == ((day(1), day(31)),)


def test_both_times_are_told() -> None:
    one = told(
        given(
            ("suspended", 10),
            version="V3",
            level="gold",
            certificate_no="N-1",
            scope={
                "sites": ["s:a"],
                "processes": ["cast"],
                "units": ["f-1"],
                "schemes": ["asi"],
                "text": "all",
            },
            measured=[
                {"quantity": "electricity", "amount": "1", "unit": "MWh", "period": "2026-01-01/2026-01-31"}
            ],
            evidence=[{"name": "report", "sha256": "0" * 64, "media_type": "application/pdf", "size": 9}],
        )
    )
    assert (one.learned, one.valid_from) == ("2026-01-02T00:00:00.000Z", "2026-01-01T00:00:00Z")
    (change,) = one.history
    assert (change.status, change.since, change.learned) == (
        "suspended",
        "2026-01-10T00:00:00Z",
        "2026-01-20T00:00:00.000Z",
    )
    assert one.held == (("2026-01-01T00:00:00Z", "2026-01-10T00:00:00Z"),)
    assert (one.subject.kind, one.subject.id, one.certifier, one.level) == (
        "site",
        "s:site",
        "p:certifier",
        "gold",
    )
    assert (one.scope.sites, one.scope.units, one.measured[0].period) == (
        ("s:a",),
        ("f-1",),
        "2026-01-01/2026-01-31",
    )
    assert (one.evidence[0].size, one.evidence[0].name) == (9, "report")


def test_it_may_be_about_an_event() -> None:
    one = given(subject={"party": "p:x", "id": "e:9"})._replace(kind="event")
    assert (told(one).subject.kind, told(one).subject.id) == ("event", "p:x e:9")
