"""``oreline report`` and ``GET /report``."""

import json
from pathlib import Path

import pytest

from cli.report import KINDS as TYPED
from ledger.reports import FIELDS, KINDS
from tests.api.serving import App, ledger_of
from tests.cli.commands import HOOD, call, chain, done, failed, folder
from tests.world import SITE, World

PLANT = SITE + "plant"


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a ledger ``chain`` in which a hood was made, and the proof of it."""
    path = tmp_path_factory.mktemp("reports")
    chain(path)
    with folder(path):
        done("prove", HOOD, "--ledger", "chain", "-o", "hood.proof.json")
    return path


def test_the_command_knows_every_kind() -> None:
    assert tuple(KINDS) == TYPED
    assert set(FIELDS) <= set(KINDS)


@pytest.mark.parametrize("kind", TYPED)
def test_each_kind_in_each_form(place: Path, kind: str) -> None:
    with folder(place):
        text = call("report", kind, HOOD, "--ledger", "chain")
        data = call("report", kind, HOOD, "--ledger", "chain", "--json")
        same = call("report", kind, HOOD, "--ledger", "chain", "--format", "json")
        page = call("report", kind, HOOD, "--ledger", "chain", "--format", "html")
    assert data.json == same.json
    code = {"complete": 0, "disproven": 1, "incomplete": 2}[data.json["outcome"]]
    assert text.code == data.code == page.code == code
    assert data.json["format"] == f"oreline-report-{kind}/1"
    assert data.json["title"] in text.out
    assert page.out.startswith("<!doctype html>")
    assert text.err == data.err == page.err == ""


def test_the_exit_code_tells_complete_missing_and_disproven(place: Path) -> None:
    with folder(place):
        assert call("report", "section232", HOOD, "--ledger", "chain").code == 0
        assert call("report", "exclusive", HOOD, "--ledger", "chain").code == 2
        assert call("report", "uflpa", HOOD, "--ledger", "chain", "--listed", "CA").code == 1
        assert call("report", "uflpa", HOOD, "--ledger", "chain", "--listed", "CA-QC").code == 1
        assert call("report", "uflpa", HOOD, "--ledger", "chain", "--listed", SITE + "pit").code == 1


def test_a_file_is_not_named_as_what_it_is_not(place: Path) -> None:
    given = ("report", "section232", HOOD, "--ledger", "chain", "-o")
    with folder(place):
        told = failed("command.usage", *given, "r.PDF")
        assert "and not .pdf: a browser prints .html as PDF" in told
        assert not Path("r.PDF").exists()
        done(*given, "r.doc", "--format", "text")  # whoever says so


def test_it_is_written_to_a_file(place: Path) -> None:
    with folder(place):
        said = done("report", "section232", HOOD, "--ledger", "chain", "--format", "html", "-o", "r.html")
        assert said.endswith("bytes. Verdict: complete, no field is missing.\n")
        printed = call("report", "section232", HOOD, "--ledger", "chain", "--format", "html")
        assert Path("r.html").read_text() == printed.out
        done("report", "section232", HOOD, "--ledger", "chain", "-o", "named.HTML")
        assert Path("named.HTML").read_text() == printed.out
        done("report", "section232", HOOD, "--ledger", "chain", "-o", "r.txt")
        assert Path("r.txt").read_text() == done("report", "section232", HOOD, "--ledger", "chain")
        told = done("report", "section232", HOOD, "--ledger", "chain", "--json", "-o", "r.json")
        assert json.loads(told)["outcome"] == "complete"
        assert json.loads(Path("r.json").read_text())["subject"] == HOOD


def test_a_proof_is_enough(place: Path) -> None:
    args = ("--proof", "hood.proof.json", "--trust", "chain/trust.policy")
    with folder(place):
        found = call("report", "section232", *args, "--json")
        assert (found.code, found.json["rests_on"]) == (0, "proof")
        assert found.json["proof"]["verdict"] == "holds"
        assert call("report", "section232", HOOD, *args).code == 0
        failed("command.usage", "report", "section232", "urn:x:y", *args)
        Path("bad.json").write_text(Path("hood.proof.json").read_text()[:-20])
        bad = call("report", "section232", "--proof", "bad.json", "--trust", "chain/trust.policy")
        assert bad.code == 1
        assert "DOES NOT HOLD" in bad.out


def test_a_listed_id_that_the_ledger_does_not_know_is_told(place: Path) -> None:
    with folder(place):
        given = ("--listed", SITE + "press", "--listed", SITE + "perss", "--listed", "CN")
        found = call("report", "uflpa", HOOD, "--ledger", "chain", *given)
    assert found.err == f"{SITE}perss is listed, but is no party or site of this ledger\n"


def test_fields_plant_and_document_are_handed_on(place: Path) -> None:
    with folder(place):
        found = call("report", "cbam", HOOD, "--ledger", "chain", "--field", "cn_code=8708 29 90", "--json")
        assert "cn_code" not in [one["key"] for one in found.json["missing"]]
        text = call("report", "exclusive", HOOD, "--ledger", "chain", "--plant", SITE + "press").out
        assert SITE + "press" in text
        failed("report.document", "report", "coc-document", HOOD, "--ledger", "chain", "--document", "D")


@pytest.mark.parametrize(
    ("code", "args"),
    [
        ("command.usage", ("section232",)),
        ("command.usage", ("other", HOOD)),
        ("command.usage", ("section232", HOOD, "--proof", "x")),
        ("command.usage", ("section232", HOOD, "--trust", "x")),
        ("command.usage", ("section232", HOOD, "--json", "--format", "text")),
        ("command.usage", ("cbam", HOOD, "--field", "x")),
        ("command.usage", ("cbam", HOOD, "--field", "=x")),
        ("command.usage", ("cbam", HOOD, "--field", "cn_code=1", "--field", "cn_code=2")),
        ("command.usage", ("uflpa", HOOD, "--listed", "xinjiang")),
        ("command.usage", ("uflpa", HOOD, "--listed", "XQ")),
        ("command.usage", ("uflpa", HOOD, "--listed", "XJ-CN")),
        ("report.field", ("cbam", HOOD, "--field", "other=1")),
        ("report.option", ("cbam", HOOD, "--plant", PLANT)),
        ("report.option", ("section232", HOOD, "--listed", "CN")),
        ("report.option", ("section232", HOOD, "--page", "1")),
        ("report.subject", ("cbam", SITE + "press")),
        ("claims.subject", ("cbam", "urn:example:lot:none")),
        ("request.absent", ("exclusive", HOOD, "--plant", SITE + "plnat")),
    ],
)
def test_what_cannot_be_asked_is_refused(place: Path, code: str, args: tuple[str, ...]) -> None:
    with folder(place):
        failed(code, "report", *args, "--ledger", "chain")


# --- GET /report


@pytest.fixture(scope="module")
def app() -> App:
    world = World()
    world.hood()
    return App(ledger_of(world))


@pytest.mark.parametrize("kind", TYPED)
def test_the_route_gives_the_same(app: App, place: Path, kind: str) -> None:
    found = app.get("/report", kind=kind, lot=HOOD)
    assert found.status_code == 200
    with folder(place):
        typed = call("report", kind, HOOD, "--ledger", "chain", "--json").json
    assert {**found.json(), "as_of": 0, "sections": 0} == {**typed, "as_of": 0, "sections": 0}
    page = app.get("/report", kind=kind, lot=HOOD, format="html")
    assert page.headers["content-type"] == "text/html; charset=utf-8"
    assert "default-src 'none'" in page.headers["content-security-policy"]
    assert page.text.startswith("<!doctype html>")
    text = app.get("/report", kind=kind, lot=HOOD, format="text")
    assert text.headers["content-type"] == "text/plain; charset=utf-8"
    assert found.json()["title"] in text.text


@pytest.mark.parametrize(
    ("status", "code", "params"),
    [
        (404, "claims.subject", {"kind": "cbam", "lot": "urn:example:lot:none"}),
        (404, "request.absent", {"kind": "exclusive", "lot": HOOD, "plant": SITE + "plnat"}),
        (422, "report.subject", {"kind": "cbam", "lot": SITE + "press"}),
        (422, "report.option", {"kind": "cbam", "lot": HOOD, "plant": PLANT}),
        (422, "report.option", {"kind": "asi-account", "lot": HOOD, "page": "1"}),
        (422, "request.parameter", {"kind": "asi-account", "lot": HOOD, "page": "0"}),
        (422, "report.document", {"kind": "coc-document", "lot": HOOD, "document": "D"}),
        (422, "request.parameter", {"kind": "other", "lot": HOOD}),
        (422, "request.parameter", {"kind": "cbam", "lot": HOOD, "format": "pdf"}),
    ],
)
def test_the_route_refuses(app: App, status: int, code: str, params: dict[str, str]) -> None:
    answer = app.get("/report", **params)
    assert (answer.status_code, answer.json()["code"]) == (status, code)
