"""Lots, graphs, proofs, events and lists: every answer is held against the model that OpenAPI shows."""

import json
from typing import Any

import httpx
import pytest
from pydantic import BaseModel

from api import models, views
from ledger import b64
from ledger.lookup import queries, trace
from ledger.merkle import leaf_hash
from ledger.verify import check
from tests.api.serving import App, ledger_of
from tests.world import LOT, PARTY, SITE, World

HOOD = LOT + "stamper:hood"


@pytest.fixture(scope="module")
def world() -> World:
    world = World()
    assert world.hood() == HOOD
    world.attest(HOOD)
    world.publish()
    world.source("pit", "fresh", "10")
    return world


@pytest.fixture(scope="module")
def app(world: World) -> App:
    return App(ledger_of(world))


def held(model: type[BaseModel], answer: httpx.Response) -> Any:
    """The answer's JSON, which is exactly of the model's form."""
    assert answer.status_code == 200, answer.text
    model.model_validate_json(answer.content, strict=True)
    return answer.json()


def test_a_lot_is_shown_whole(world: World, app: App) -> None:
    found = held(views.LotView, app.get("/lot", id=HOOD))
    expected = queries.lot(world.store, HOOD)
    shares = trace.shares(world.store, HOOD)
    assert expected
    assert shares
    assert found == {**expected.as_json(), "shares": shares.as_json()}
    assert found["marks"] == {"serial": "HOOD-1"}
    assert [origin["share"] for origin in found["shares"]["origins"]] == ["0.666666", "0.333333"]


def pages(app: App, model: type[BaseModel], url: str, **params: Any) -> list[Any]:
    """All pages, by following ``next``."""
    answer = app.get(url, **params)
    found = [held(model, answer)]
    while found[-1]["next"]:
        assert answer.headers["link"] == f'<{found[-1]["next"]}>; rel="next"'
        answer = app.request("GET", found[-1]["next"])
        found.append(held(model, answer))
    assert "link" not in answer.headers
    return found


@pytest.mark.parametrize("url", ["/trace", "/uses"])
def test_a_graph_is_the_same_in_pages(app: App, url: str) -> None:
    lot = HOOD if url == "/trace" else LOT + "miner:ore"
    (whole,) = pages(app, views.Graph, url, lot=lot)
    parts = pages(app, views.Graph, url, lot=lot, limit=3)
    assert len(parts) > 2
    assert [node for part in parts for node in part["nodes"]] == whole["nodes"]
    assert [edge for part in parts for edge in part["edges"]] == whole["edges"]
    ids = {node["id"] for node in whole["nodes"]}
    assert {HOOD, LOT + "miner:ore"} <= ids


def test_a_trace_leaves_out_what_is_behind_small_shares(app: App) -> None:
    (whole,) = pages(app, views.Graph, "/trace", lot=HOOD)
    (cut,) = pages(app, views.Graph, "/trace", lot=HOOD, min_share="0.5")
    assert any(node["cut"] for node in cut["nodes"])
    assert len(cut["nodes"]) < len(whole["nodes"])


def test_a_proof_is_checked_offline(world: World, app: App) -> None:
    answer = app.get("/proof", lot=HOOD)
    assert answer.status_code == 200
    assert answer.headers["content-type"] == "application/json"
    assert answer.headers["content-disposition"] == (
        'attachment; filename="urn-example-lot-stamper-hood.proof.json"'
    )
    assert int(answer.headers["content-length"]) == len(answer.content)
    assert check([answer.content], world.trust).verdict == "holds"
    seen = app.get("/log/checkpoint").text
    assert app.get("/proof", lot=HOOD, min_share="0.5", seen=seen).status_code == 200


@pytest.mark.parametrize(
    ("params", "status", "code"),
    [
        ({"lot": LOT + "nobody:1"}, 404, "proof.subject"),
        ({"lot": LOT + "miner:fresh"}, 404, "proof.unpublished"),
        ({"lot": HOOD, "min_share": "1.000001"}, 422, "request.parameter"),
        ({"lot": HOOD, "min_share": "1e3"}, 422, "request.parameter"),
        ({"lot": HOOD, "horizon": "5"}, 200, ""),
        ({"lot": HOOD, "horizon": "2026-02-30"}, 422, "horizon.form"),
        ({"lot": HOOD, "horizon": "half"}, 422, "horizon.form"),
        ({"lot": HOOD, "horizon": "5", "short": "true"}, 422, "request.parameter"),
        ({"lot": HOOD, "min_share": "0.5", "horizon": "5"}, 422, "request.parameter"),
        ({"lot": HOOD, "short": "perhaps"}, 422, "request.parameter"),
        ({"lot": HOOD, "seen": "no checkpoint"}, 422, "note.form"),
        ({"lot": "no id"}, 422, "request.parameter"),
        ({}, 422, "request.parameter"),
    ],
)
def test_proofs_that_cannot_be_made(app: App, params: dict[str, str], status: int, code: str) -> None:
    answer = app.get("/proof", **params)
    assert (answer.status_code, answer.json().get("code", "")) == (status, code)


def test_proofs_may_rest_on_the_registers_root(world: World, app: App) -> None:
    whole, short = app.get("/proof", lot=HOOD).content, app.get("/proof", lot=HOOD, short="true").content
    beyond = app.get("/proof", lot=HOOD, horizon="2").content
    assert len(short) < 6_000 < len(beyond) < len(whole)
    for data in (short, beyond):
        assert check([data], world.trust).verdict == "not provable"
        assert check([data], world.trust, accept_root=True).verdict == "holds"


def test_a_history_is_checked_offline(world: World, app: App) -> None:
    answer = app.get("/history", lot=HOOD)
    assert (answer.status_code, answer.headers["content-type"]) == (200, "application/json")
    assert answer.headers["content-disposition"] == (
        'attachment; filename="urn-example-lot-stamper-hood.history.json"'
    )
    report = check([answer.content], world.trust)
    assert (report.verdict, report.proofs[0].subject) == ("holds", f"lot {HOOD}")
    answer = app.get("/history", party=PARTY + "stamper", month=world.time[:7])
    assert answer.headers["content-disposition"].endswith(f'stamper-{world.time[:7]}.history.json"')
    assert check([answer.content], world.trust).verdict == "holds"


@pytest.mark.parametrize(
    ("params", "status", "code"),
    [
        ({"lot": LOT + "nobody:1"}, 404, "history.unknown"),
        ({"party": PARTY + "stamper", "month": "1999-12"}, 404, "history.unknown"),
        ({}, 422, "request.parameter"),
        ({"lot": HOOD, "party": PARTY + "stamper", "month": "2026-03"}, 422, "request.parameter"),
        ({"lot": HOOD, "month": "2026-03"}, 422, "request.parameter"),
        ({"party": PARTY + "stamper"}, 422, "request.parameter"),
        ({"party": PARTY + "stamper", "month": "2026-13"}, 422, "request.parameter"),
        ({"lot": "no id"}, 422, "request.parameter"),
    ],
)
def test_histories_that_cannot_be_made(app: App, params: dict[str, str], status: int, code: str) -> None:
    answer = app.get("/history", **params)
    assert (answer.status_code, answer.json()["code"]) == (status, code)


def test_an_event_with_its_entry(world: World, app: App) -> None:
    party = PARTY + "stamper"
    id = next(e["id"] for e in world.posted if e["party"] == party and e["type"] == "transform")
    found = held(views.EventView, app.get("/event", party=party, id=id))
    entry = app.get(f"/entries/{found['at']}").content
    assert found["receipt"]["leaf"] == b64.encode(leaf_hash(entry))
    assert found["payload"]["process"] == "blank"
    assert found["statement"].encode() in entry


def test_search_finds_ids_marks_and_names(app: App) -> None:
    (by_mark,) = pages(app, views.Page[views.Hit], "/search", q="HOOD-1")
    assert [(hit["kind"], hit["id"]) for hit in by_mark["items"]] == [("lot", HOOD)]
    (by_id,) = pages(app, views.Page[views.Hit], "/search", q=HOOD)
    assert HOOD in [hit["id"] for hit in by_id["items"]]
    (by_name,) = pages(app, views.Page[views.Hit], "/search", q="stamp")
    assert PARTY + "stamper" in [hit["id"] for hit in by_name["items"]]
    many = pages(app, views.Page[views.Hit], "/search", q="urn:", limit=5)
    assert len(many) > 3
    assert pages(app, views.Page[views.Hit], "/search", q="\x00ü%_'\"")[0]["items"] == []


@pytest.mark.parametrize(
    ("url", "params", "model", "expected"),
    [
        ("/parties", {}, views.PartyView, lambda w: queries.parties(w.store)),
        ("/sites", {}, views.SiteView, lambda w: queries.sites(w.store)),
        ("/sites", {"operator": PARTY + "miner"}, views.SiteView,
         lambda w: queries.sites(w.store, PARTY + "miner")),
        ("/attestations", {}, views.AttestationView, lambda w: queries.attestations(w.store)),
        ("/attestations", {"subject": HOOD}, views.AttestationView,
         lambda w: queries.attestations(w.store, HOOD)),
        ("/balances", {"site": SITE + "press"}, views.Balance,
         lambda w: queries.balances(w.store, SITE + "press")),
        ("/balances", {"site": SITE + "press", "owner": PARTY + "stamper", "material": "coil"}, views.Balance,
         lambda w: queries.balances(w.store, SITE + "press", owner=PARTY + "stamper", material="coil")),
    ],
)  # fmt: skip
def test_lists_in_pages(
    world: World, app: App, url: str, params: dict[str, str], model: Any, expected: Any
) -> None:
    items = json.loads(json.dumps(expected(world).as_json()["items"]))  # tuples become arrays
    assert items
    page = views.Page[model]
    (whole,) = pages(app, page, url, **params)
    assert whole["items"] == items
    single = pages(app, page, url, limit=1, **params)
    assert [item for part in single for item in part["items"]] == items


@pytest.mark.parametrize(
    ("url", "params", "path"),
    [
        ("/lot", {"id": LOT + "nobody:1"}, "$.query.id"),
        ("/trace", {"lot": LOT + "nobody:1"}, "$.query.lot"),
        ("/uses", {"lot": LOT + "nobody:1"}, "$.query.lot"),
        ("/event", {"party": PARTY + "miner", "id": "evt:nothing"}, "$.query.id"),
    ],
)
def test_what_is_not_there(app: App, url: str, params: dict[str, str], path: str) -> None:
    answer = app.get(url, **params)
    problem = models.Problem.model_validate_json(answer.content, strict=True)
    assert (answer.status_code, problem.code, problem.path) == (404, "request.absent", path)


@pytest.mark.parametrize(
    ("url", "params"),
    [
        ("/parties", {"cursor": "made up"}),
        ("/parties", {"cursor": "é"}),
        ("/parties", {"cursor": b64.encode(b'["sites",""]')}),
        ("/parties", {"cursor": b64.encode(b'["parties",7]')}),
        ("/trace", {"lot": HOOD, "cursor": b64.encode(b'["trace","urn:other:lot",0,1,1]')}),
        ("/search", {"q": "HOOD", "cursor": b64.encode(b"[[[[[]]]]]")}),
    ],
)
def test_a_cursor_is_taken_from_the_page_before(app: App, url: str, params: dict[str, str]) -> None:
    answer = app.get(url, **params)
    assert (answer.status_code, answer.json()["code"]) == (422, "request.cursor")
    assert answer.json()["path"] == "$.query.cursor"


@pytest.mark.parametrize("limit", ["0", "1001", "-1", "many", "9" * 5000])
def test_a_page_has_a_size(app: App, limit: str) -> None:
    answer = app.get("/parties", limit=limit)
    assert (answer.status_code, answer.json()["code"]) == (422, "request.parameter")


def test_all_wrong_parameters_are_named_at_once(app: App) -> None:
    answer = app.get("/balances", site="x", owner="y", limit="z")
    paths = {problem["path"] for problem in answer.json()["problems"]}
    assert paths == {"$.query.site", "$.query.owner", "$.query.limit"}


def test_a_stamped_number_given_as_an_id_is_told_where_to_look(app: App) -> None:
    answer = app.get("/lot", id="HOOD-1")
    assert answer.status_code == 422
    assert answer.json()["detail"] == (
        "must be an id such as urn:example:lot:1; /search?q= finds it by what is stamped on a part"
    )


@pytest.mark.parametrize(
    ("url", "params", "said"),
    [
        ("/lot", {}, "is required"),
        ("/search", {"q": ""}, "must not be empty"),
        ("/trace", {"lot": HOOD, "min_share": "1%"}, "must be a share from 0 to 1 such as 0.01"),
        (
            "/balances",
            {"site": SITE + "press", "material": "Coil"},
            "must be a material such as rolling_slab",
        ),
        ("/attestations", {"subject": "HOOD-1"}, "of an event, its party and id with a space between"),
        ("/history", {"party": PARTY + "miner", "month": "2026-3"}, "a month is written 2026-03"),
    ],
)
def test_what_a_parameter_must_be_is_told_in_words(
    app: App, url: str, params: dict[str, str], said: str
) -> None:
    answer = app.get(url, **params)
    assert (answer.status_code, answer.json()["code"]) == (422, "request.parameter")
    assert said in answer.json()["detail"]
    assert "pattern" not in answer.json()["detail"]
