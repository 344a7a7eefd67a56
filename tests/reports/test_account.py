"""Account statements that reconcile, and chain-of-custody documents."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ledger.claims.document import Account, Claims
from ledger.errors import Malformed
from ledger.reports import KINDS, Report, as_text, make
from ledger.reports.asi_account import balance
from ledger.reports.report import Row
from tests.reports.samples import LOT, WHOLE, claims, party, ref, site, step

T = 1_000_000  # grams
MASS = st.integers(0, 10**15)


def rows(report: Report) -> dict[str, Row]:
    return {row.key: row for row in report.rows()}


def statement(**changed: Any) -> Report:
    account = {**WHOLE["accounts"][0], **changed}
    return make("asi_account", Claims(subject="urn:x:account", accounts=(Account.model_validate(account),)))


@pytest.mark.parametrize(
    ("certified", "into", "out", "brought", "issued", "expected"),
    [
        (48_000 * T, 80_000 * T, 76_000 * T, 500 * T, 45_000 * T, (45_600 * T, 0, 1_100 * T, 0)),
        (48_000 * T, 80_000 * T, 76_000 * T, 500 * T, 46_100 * T, (45_600 * T, 0, 0, 0)),
        (48_000 * T, 80_000 * T, 76_000 * T, 500 * T, 46_100 * T + 1, (45_600 * T, 1, 0, 0)),
        (1_000_000, 3_000_000, 2_900_000, 0, 0, (966_666, 0, 966_666, 0)),
        (6_000, 10_000, 4_000, 0, 2_400, (2_400, 0, 0, 0)),
        (6_000, 20_000, 4_000, 0, 2_400, (1_200, 1_200, 0, 0)),  # overdrawn by an input
        (10, 10, 20, 7, 3, (10, 0, 10, 4)),  # brought forward is used first, and expires
        (0, 0, 0, 5, 0, (0, 0, 0, 5)),
    ],
)
def test_the_worked_numbers(
    certified: int, into: int, out: int, brought: int, issued: int, expected: tuple[int, ...]
) -> None:
    account = Account(
        id="a", certified_in=certified, total_in=into, total_out=out, brought=brought, issued=issued
    )
    assert balance(account) == expected


@given(MASS, MASS, MASS, MASS, MASS)
def test_a_statement_always_balances(certified: int, more: int, out: int, brought: int, issued: int) -> None:
    account = Account(
        id="a",
        certified_in=certified,
        total_in=certified + more,
        total_out=out,
        brought=brought,
        issued=issued,
    )
    found = balance(account)
    assert brought + found.entitlement + found.excess == issued + found.carry + found.expired
    assert min(found.excess, found.carry) == 0
    assert found.entitlement <= min(certified, out)


def test_a_closed_account_reconciles_or_does_not_hold() -> None:
    report = statement()
    assert report.outcome == "complete"
    assert "reconciles to the gram" in report.verdict
    assert rows(report)["reconciles"].value == "yes"
    for wrong in ({"carry": 1}, {"carry": 0, "overdrawn": 1}):
        report = statement(**wrong)
        assert report.outcome == "disproven"
        assert rows(report)["reconciles"].value.startswith("no: the bookings give carry 1,100,000 kg")


def test_an_account_cannot_be_overdrawn_by_more_than_its_bookings_say() -> None:
    report = statement(issued=46_100 * T, carry=0, overdrawn=1)
    assert "does not reconcile" in report.verdict
    assert "does not reconcile" not in statement(issued=46_100 * T + 1, carry=0, overdrawn=1).verdict


def test_an_overdrawn_account_does_not_hold() -> None:
    report = statement(issued=46_200 * T, carry=0, overdrawn=100 * T)
    assert report.outcome == "disproven"
    assert "is overdrawn by 100,000 kg" in report.verdict
    assert "Overdrawn" in as_text(report)


def test_an_overdraft_under_force_majeure_is_shown_and_holds() -> None:
    report = statement(issued=46_200 * T, carry=0, overdrawn=0)
    assert report.outcome == "complete"
    flat = " ".join(as_text(report).split())
    assert "Overdraft under force majeure 100,000 kg" in flat
    assert "46,200,000 kg Sum 46,200,000 kg" in flat


def test_an_open_account_is_provisional() -> None:
    report = statement(closed=False, carry=0, issued=47_000 * T)
    assert report.outcome == "complete"
    assert "provisional until its close" in report.verdict
    flat = " ".join(as_text(report).split())
    assert "Not covered so far 900,000 kg" in flat
    assert "to be judged at the close" in flat
    assert "carry" not in rows(report)
    assert "no input" in as_text(statement(closed=False, total_in=0, certified_in=0))


def test_members_that_an_account_lacks_are_named() -> None:
    report = statement(scheme="", party="", period="")
    assert [row.key for row in report.missing()] == ["scheme", "party", "period"]


# --- Chain-of-custody documents


def test_a_document_of_metal_that_was_kept_apart_does_not_call_its_certification_physical() -> None:
    apart = [{**one, "model": "segregated"} for one in WHOLE["models"]]
    found = rows(make("coc_document", claims(models=apart, weakest="segregated")))
    assert found["wording"].value == "This metal is physically from the places that it is traced to."
    assert "in the books, by mass balance. Never: this very metal" in (found["certified"].value or "")


def test_every_member_of_the_standard_is_there() -> None:
    found = rows(make("coc_document", claims()))
    for key, value in {
        "date": "2026-03-04T10:00:00Z",
        "reference": "D-9",
        "issuer": f"Saguenay Casting ({party('casthouse')})",
        "issuer_no": "77",
        "customer": party("mill"),
        "customer_no": "88",
        "responsible": "A. Caster",
        "statement": "conforms to the ASI CoC Standard",
        "material": "joined part",
        "coc_mass": "8 kg",
        "total_mass": "17,400 kg",
        "ghg_cut_off": "7.741 kg CO2e per kg",
        "ghg_by_mass": "3.953 kg CO2e per kg",
    }.items():
        assert found[key].value == value
    assert found["certificate"].note == "C-77"


def test_fields_may_be_given_but_never_replace_what_was_signed() -> None:
    fields = {"responsible": "B. Other", "customer_no": "99"}
    bare = {**WHOLE["coc"][0], "customer_no": ""}
    found = rows(make("coc-document", claims(coc=[bare]), fields=fields))
    assert found["responsible"].value == "A. Caster"
    assert not found["responsible"].stated
    assert (found["customer_no"].value, found["customer_no"].stated) == ("99", True)


def test_a_certificate_counts_only_for_its_scheme_its_holder_and_its_time() -> None:
    said = WHOLE["attestations"][0]
    several: tuple[dict[str, Any], ...] = (
        {"scheme": "iso_14001"},
        {"subject": {"kind": "party", "id": party("mill")}},
        {"held": [["2026-04-01T00:00:00Z", "2027-01-01T00:00:00Z"]]},
        {"held": [["2026-01-01T00:00:00Z", "2026-03-04T10:00:00Z"]]},
        {"held": []},
        {"certifier": WHOLE["coc"][0]["issuer"]},  # nobody certifies himself
        {"scope": {"sites": [site("elsewhere")]}},
    )
    for wrong in several:
        report = make("coc-document", claims(attestations=[{**said, **wrong}]))
        assert [row.key for row in report.missing()] == ["certificate"]
    at_site = {**said, "subject": {"kind": "site", "id": site("casthouse")}}
    assert make("coc-document", claims(attestations=[at_site])).outcome == "complete"
    for stated, held, told in (
        ("2026-12-31T23:59:59Z", "2027-01-01T00:00:00Z", "2026-12-31T23:59:59Z"),  # through that second
        ("2026-12-31T23:59:59Z", "2026-06-01T00:00:00Z", "2026-06-01T00:00:00Z"),  # suspended then
        ("", "2027-01-01T00:00:00Z", "2027-01-01T00:00:00Z"),
    ):
        one = {**said, "valid_until": stated, "held": [["2026-01-01T00:00:00Z", held]]}
        value = rows(make("coc-document", claims(attestations=[one])))["certificate"].value
        assert value is not None
        assert value.endswith(f", until {told}")
    begins = {**said, "held": [["2026-03-04T10:00:00Z", "2027-01-01T00:00:00Z"]]}
    assert make("coc-document", claims(attestations=[begins])).outcome == "complete"


def test_the_account_behind_it_is_shown_with_its_state() -> None:
    account = WHOLE["accounts"][0]
    assert rows(make("coc-document", claims()))["account"].note == "closed"
    opened = make("coc-document", claims(accounts=[{**account, "closed": False}]))
    assert "provisional" in rows(opened)["account"].note
    over = make("coc-document", claims(accounts=[{**account, "overdrawn": 1_000}]))
    assert "overdrawn by 1 kg" in rows(over)["account"].note
    assert rows(make("coc-document", claims(accounts=[])))["account"].missing
    free = {**WHOLE["coc"][0], "account": ""}
    assert "account" not in rows(make("coc-document", claims(coc=[free], models=[])))
    assert rows(make("coc-document", claims(coc=[free])))["account"].missing
    forced = {**WHOLE["coc"][0], "force_majeure": "fire at the yard"}
    assert "fire at the yard" in as_text(make("coc-document", claims(coc=[forced])))


def test_the_latest_document_is_taken_or_the_one_that_is_named() -> None:
    later = {**WHOLE["coc"][0], "document": "D-10", "event": ref(62)}
    both = claims(coc=[later, WHOLE["coc"][0]])
    assert rows(make("coc-document", both))["reference"].value == "D-10"
    named = make("coc-document", both, document="D-9")
    assert rows(named)["reference"].value == "D-9"
    assert "Other documents of this lot" in as_text(named)
    with pytest.raises(Malformed) as caught:
        make("coc-document", both, document="D-11")
    assert caught.value.code == "report.document"


def test_an_incomplete_footprint_is_called_a_least_value() -> None:
    figure = {**WHOLE["footprint"][0], "complete": False}
    assert "at least that" in as_text(make("coc-document", claims(footprint=[figure])))


# --- Kinds


def test_a_kind_that_is_not_known_or_an_option_of_another_is_refused() -> None:
    with pytest.raises(Malformed) as caught:
        make("section301", claims())
    assert caught.value.code == "report.kind"
    for kind in KINDS:
        for option in ({"plant": "x"}, {"document": "x"}, {"fields": {"x": "y"}}):
            if (kind, *option) not in {
                ("exclusive", "plant"), ("coc-document", "document"),
                ("coc-document", "fields"), ("cbam", "fields"),
            }:  # fmt: skip
                with pytest.raises(Malformed) as caught:
                    make(kind, claims(), **option)
                assert caught.value.code == "report.option"


def test_the_steps_of_a_party_are_asked_for_its_certificate() -> None:
    other = step(31, "casthouse", "cast", "CA", "CA-QC", party=party("someone"))
    at_site = {**WHOLE["attestations"][0], "subject": {"kind": "site", "id": site("casthouse")}}
    report = make("coc-document", claims(steps=[other], attestations=[at_site]))
    assert rows(report)["certificate"].missing
    assert report.subject == LOT
