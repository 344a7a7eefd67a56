"""The list behind an account's sums: each line of it, exact, and nothing else."""

from decimal import Decimal
from typing import Any

import pytest

from cli import views
from ledger.errors import Malformed
from ledger.proof import build
from ledger.reports import Beside, Report, as_html, as_json, as_text, asked, bookings, make
from ledger.reports.bookings import Sums
from ledger.trust import Trust
from ledger.verify import check
from tests.api.serving import App, ledger_of
from tests.cli.commands import call, failed
from tests.core.books import COLLECTOR, SMELTER, YEAR, Books, book
from tests.world import LOT, SITE, World

SUMS = ("certified_in", "total_in", "total_out", "issued")


def kept() -> tuple[Books, str]:
    """Certified and bought scrap blended, a blend withdrawn, parts sold, one by force majeure; another's
    account beside it. And the part that was sold."""
    world = Books()
    world.open(overdraft="0.2")
    world.open(COLLECTOR)
    made = world.made({world.sold("60"): "60", world.bought("40"): "40"}, "95")
    world.made({world.bought("10"): "10"}, "9.5")
    world.correct(world.last, "withdraw")
    world.made({world.bought("5.001"): "5.001"}, "5")
    world.ship("smelter", "roller", {made: "57"}, {made: "part"}, coc=world.document(document="COC-1"))
    forced = world.document(document="COC-2", force_majeure="flood")
    world.made({world.bought("1"): "1"}, "1", id="urn:example:a")  # by its id before all others
    world.ship("smelter", "roller", {made: "10"}, {made: "more"}, coc=forced)
    return world, world.lot(SMELTER, "part")


@pytest.fixture(scope="module")
def world() -> Books:
    return kept()[0]


def listed(world: World, page: int | None = None, account: str = book(SMELTER)) -> Report:
    claims, beside = asked.whole(world.store, "asi-account", account, page=page)
    return make("asi-account", claims, beside=beside)


def lines(report: Report) -> list[dict[str, Any]]:
    (section,) = [one for one in as_json(report)["sections"] if one["title"].startswith("Bookings")]
    return list(section["tables"][0]["lines"])


def masses(line: dict[str, Any]) -> list[Decimal]:
    return [Decimal(line[name].replace(",", "") or "0") for name in SUMS]


def test_a_site_shows_the_accounts_that_are_kept_for_it(world: Books) -> None:
    found = views.site(world.store, SITE + "smelter")
    assert found is not None
    shown, text = found
    assert [(one["id"], one["closed"]) for one in shown["accounts"]] == [(book(SMELTER), False)]
    assert f"{book(SMELTER)}, {YEAR}, open, asi" in " ".join(text().split())
    other = views.site(world.store, SITE + "mill")
    assert other is None or (other[0]["accounts"], "accounts" in other[1]()) == ([], False)


def test_each_booking_is_listed_with_what_it_adds(world: Books) -> None:
    *each, whole = lines(listed(world))
    assert [(line["what"], *(line[name] for name in SUMS)) for line in each] == [
        ("blend", "60", "100", "95", ""),
        ("blend", "", "5.001", "5", ""),
        ("document COC-1", "", "", "", "57"),
        ("blend", "", "1", "1", ""),
        ("document COC-2, force majeure", "", "", "", "10"),
    ]
    assert [line["date"] for line in each] == [
        event["time"][:10] for line in each for event in world.posted if event["id"] == line["source"]["id"]
    ]
    assert [line["source"]["index"] for line in each] == sorted(line["source"]["index"] for line in each)
    assert {line["source"]["party"] for line in each} == {SMELTER}
    assert (whole["what"], whole["source"]) == ("Sum", None)
    other = lines(listed(world, account=book(COLLECTOR)))
    assert [line["what"] for line in other] == ["collection", "document COC-1", "Sum"]


def test_the_sums_of_the_account_are_the_sums_of_the_list(world: Books) -> None:
    for account in (book(SMELTER), book(COLLECTOR)):
        report = listed(world, account=account)
        *each, whole = lines(report)
        told = {row.key: row.value for row in report.rows()}
        for sums in (masses(whole), [sum(column) for column in zip(*map(masses, each), strict=True)]):
            assert [f"{mass.normalize():f} kg" for mass in sums] == [told[name] for name in SUMS]
        assert told["bookings"] == str(len(each))
        assert told["bookings_sum"] == "the masses above"
        assert report.outcome == "complete"


@pytest.mark.parametrize("member", range(4))
def test_a_list_that_does_not_sum_up_does_not_hold(world: Books, member: int) -> None:
    claims, beside = asked.whole(world.store, "asi-account", book(SMELTER))
    assert beside.bookings is not None
    found = beside.bookings
    more = list(found.sums)
    more[member] += 1
    report = make("asi-account", claims, beside=Beside(found._replace(sums=Sums(*more))))
    assert report.outcome == "disproven"
    assert "does not reconcile" in report.verdict
    assert {row.key: row.value for row in report.rows()}["bookings_sum"] == "not the masses above"


def test_a_long_list_comes_in_pages_that_lead_on(world: Books, monkeypatch: pytest.MonkeyPatch) -> None:
    (*each, whole) = lines(listed(world))
    monkeypatch.setattr(bookings, "PAGE", 3)
    monkeypatch.setattr(bookings, "SCAN", 1)
    first, second = listed(world), listed(world, 2)
    *one, so_far = lines(first)
    before, *two, last = lines(second)
    assert one + two == each
    assert (so_far["what"], before["what"], last) == ("Sum so far", "Pages before", whole)
    assert masses(so_far) == masses(before) == [sum(column) for column in zip(*map(masses, one), strict=True)]
    assert first.outcome == second.outcome == "complete"
    for report, title in ((first, "Bookings (page 1 of 2)"), (second, "Bookings (page 2 of 2)")):
        assert title in as_text(report)
        assert title in as_html(report)
    for page in (0, 3):
        with pytest.raises(Malformed) as caught:
            bookings.bookings(world.store, book(SMELTER), page)
        assert (caught.value.code, caught.value.path) == ("request.absent", "$.page")
        assert "fill 2 pages" in caught.value.detail


def test_every_form_has_every_line(world: Books) -> None:
    report = listed(world)
    text, page = " ".join(as_text(report).split()), as_html(report)
    for line in lines(report)[:-1]:
        assert line["source"]["id"] in text
        assert f"entry {line['source']['index']}" in text
        assert f"entry&nbsp;{line['source']['index']}" in page
        assert line["what"] in text
        assert line["what"] in page


def test_an_account_on_which_nothing_was_booked() -> None:
    world = Books()
    world.open()
    report = listed(world)
    assert [line["what"] for line in lines(report)] == ["Sum"]
    assert masses(lines(report)[0]) == [0, 0, 0, 0]


def test_what_is_booked_meanwhile_makes_no_false_alarm(monkeypatch: pytest.MonkeyPatch) -> None:
    """The account is read, then something is booked, then the list is read: both are as they were before."""
    world, _ = kept()
    of_ledger, left = asked.of_ledger, [1]

    def late(*given: Any) -> Any:
        found = of_ledger(*given)
        if left and left.pop():
            world.made({world.bought("1"): "1"}, "1")
        return found

    before = lines(listed(world))
    monkeypatch.setattr(asked, "of_ledger", late)
    report = listed(world)
    assert report.outcome == "complete"
    assert lines(report) == before
    assert len(lines(listed(world))) == len(before) + 1


def test_a_lots_report_and_a_proofs_have_no_list() -> None:
    world, part = kept()
    claims, beside = asked.whole(world.store, "asi-account", part)
    assert beside == Beside()
    assert len(claims.accounts) == 2
    world.publish()
    data = build(world.store, part)
    told = asked.of_proof(check([data], Trust.parse(world.trust_text())).proofs[0])
    assert "Bookings" not in as_text(make("asi-account", told))
    for kind, subject in (("asi-account", part), ("section232", part), ("exclusive", part)):
        with pytest.raises(Malformed) as caught:
            asked.whole(world.store, kind, subject, page=1)
        assert (caught.value.code, caught.value.path) == ("report.option", "$.page")


def test_the_route_gives_the_same_page(world: Books, monkeypatch: pytest.MonkeyPatch) -> None:
    app = App(ledger_of(world))
    monkeypatch.setattr(bookings, "PAGE", 3)
    given = {"kind": "asi-account", "lot": book(SMELTER)}
    for page in (1, 2):
        assert app.get("/report", **given, page=page).json() == as_json(listed(world, page))
    assert app.get("/report", **given).json() == as_json(listed(world, 1))
    beyond = app.get("/report", **given, page=3)
    assert (beyond.status_code, beyond.json()["code"]) == (404, "request.absent")


def test_the_command_asks_for_a_page() -> None:
    failed("command.usage", "report", "asi-account", "--proof", "x", "--trust", "y", "--page", "1")
    assert call("report", "asi-account", LOT + "x", "--page", "0").code == 2
