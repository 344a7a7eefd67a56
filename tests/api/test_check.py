"""``POST /check``, ``GET /claims`` and ``GET /policies``, over a real connection where it matters."""

import json
from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from api import check as routes
from api.check import Policies, Verdicts
from api.errors import MEDIA_TYPE
from ledger.claiming import claims
from ledger.claims.document import Claims
from tests.api.serving import App, ledger_of, served
from tests.world import LOT, SITE, World

HOOD, BOUGHT = LOT + "stamper:hood", LOT + "remelter:bought"
POLICY = """\
format = "oreline-policy/1"
name = "house"
title = "Known origin"
version = "1"

[[requirement]]
id = "known"
kind = "known_origin"
"""
ASKED = {"lots": [HOOD], "policy": {"text": POLICY}}


@pytest.fixture(scope="module")
def world() -> World:
    world = World()
    world.hood()
    world.source("recycler", "bought", "500", "purchase", "remelt_ingot")
    ingot = {"material": "remelt_ingot", "kg": "1", "marks": {"heat": "H-1"}}
    outputs = [{"lot": f"{LOT}remelter:{name}", **ingot} for name in ("one", "two")]
    world.source("recycler", "none", "1", "purchase", "remelt_ingot", outputs=outputs)
    return world


@pytest.fixture(scope="module")
def client(world: World) -> Iterator[httpx.Client]:
    with served(ledger_of(world)) as client:
        yield client


def verdicts(answer: httpx.Response) -> dict[str, Any]:
    """The answer, which has the form that is described."""
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    Verdicts.model_validate(found)
    return found


def problem(answer: httpx.Response, status: int, code: str, path: str = "") -> None:
    assert (answer.status_code, answer.json()["code"]) == (status, code), answer.text
    assert answer.headers["content-type"] == MEDIA_TYPE
    assert answer.json()["remedy"]
    assert path in answer.json()["path"]


def test_lots_are_checked_in_the_order_asked(client: httpx.Client) -> None:
    found = verdicts(client.post("/check", json=ASKED | {"lots": [BOUGHT, HOOD, LOT + "x:no", HOOD]}))
    assert [lot["subject"] for lot in found["lots"]] == [BOUGHT, HOOD, LOT + "x:no", HOOD]
    assert [lot["verdict"] for lot in found["lots"]] == ["fail", "pass", "not provable", "pass"]
    assert found["verdict"] == "fail"
    assert found["counts"] == {"pass": 2, "fail": 1, "not provable": 1}
    stamped = verdicts(client.post("/check", json=ASKED | {"lots": ["HOOD-1", "HOOD-2", ""]}))
    assert [lot["subject"] for lot in stamped["lots"]] == [HOOD, "HOOD-2", ""]
    named = verdicts(client.post("/check", json={"lots": [HOOD], "policy": "low-carbon-hood"}))
    assert named["lots"][0]["policy"]["name"] == "low-carbon-hood"


def test_all_numbers_that_mean_several_lots_are_told_at_once(
    client: httpx.Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = ASKED | {"lots": ["H-1", HOOD, "H-1", "H-1"]}
    for most, paths in ((20, ["$.lots[0]", "$.lots[2]", "$.lots[3]"]), (2, ["$.lots[0]", "$.lots[2]"])):
        monkeypatch.setattr(routes, "MAX_TOLD", most)
        answer = client.post("/check", json=asked)
        problem(answer, 422, "request.parameter", "$.lots[0]")
        assert [one["path"] for one in answer.json()["problems"]] == paths
        assert answer.json()["detail"] == "H-1 is stamped on 2 lots: name one by its id"


def test_a_policy_of_endless_work_is_not_answered_for_all_lots(
    client: httpx.Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(routes, "MAX_SECONDS", -1)
    problem(client.post("/check", json=ASKED | {"lots": [BOUGHT, HOOD]}), 413, "request.lots", "$.lots")
    assert verdicts(client.post("/check", json=ASKED | {"lots": [HOOD, HOOD]}))["verdict"] == "pass"


def test_nothing_is_recorded(client: httpx.Client, world: World) -> None:
    size = world.store.head().size
    client.post("/check", json=ASKED)
    assert world.store.head().size == size


def test_the_claims_document(client: httpx.Client, world: World) -> None:
    answer = client.get("/claims", params={"lot": HOOD})
    assert Claims.model_validate(answer.json()) == claims(world.store, HOOD)
    followed = client.get("/claims", params={"lot": HOOD, "fates": "true"}).json()
    assert followed["fates"][0]["fate"] == "stock"
    problem(client.get("/claims", params={"lot": LOT + "x:no"}), 404, "claims.subject")
    problem(client.get("/claims"), 422, "request.parameter", "lot")
    problem(client.get("/claims", params={"lot": SITE + "mill"}), 404, "claims.subject")


def test_the_policies_by_name(client: httpx.Client) -> None:
    found = client.get("/policies").json()
    Policies.model_validate(found)
    assert "asi" in [one["name"] for one in found["items"]]


@pytest.mark.parametrize(
    ("body", "status", "code", "path"),
    [
        ([], 400, "request.body", "$"),
        ({"lots": [HOOD]}, 400, "request.body", "$"),
        (ASKED | {"more": 1}, 400, "request.body", "$"),
        (ASKED | {"lots": HOOD}, 400, "request.body", "$.lots"),
        (ASKED | {"lots": [HOOD, 7]}, 400, "request.body", "$.lots[1]"),
        (ASKED | {"lots": [HOOD, "H-1"]}, 422, "request.parameter", "$.lots[1]"),
        (ASKED | {"lots": []}, 400, "request.body", "$.lots"),
        (ASKED | {"lots": [HOOD] * 1001}, 413, "request.lots", "$.lots"),
        (ASKED | {"policy": "nosuch"}, 422, "policy.name", "$.policy"),
        (ASKED | {"policy": 7}, 400, "request.body", "$.policy"),
        (ASKED | {"policy": {"text": 7}}, 400, "request.body", "$.policy"),
        (ASKED | {"policy": {"text": "asi"}}, 422, "policy.syntax", "$.policy.text"),
        (ASKED | {"policy": {"text": POLICY.replace("known_origin", "guess")}}, 422, "policy.kind", "[0]"),
    ],
    ids=str,
)
def test_what_cannot_be_asked(client: httpx.Client, body: Any, status: int, code: str, path: str) -> None:
    problem(client.post("/check", json=body), status, code, path)


def test_who_sends_a_policys_text_for_its_name_is_told_where_it_goes(client: httpx.Client) -> None:
    told = client.post("/check", json=ASKED | {"policy": POLICY}).json()
    assert told["code"] == "policy.name"
    assert 'a policy\'s text goes in {"text": "<TOML>"}' in told["detail"]


def test_bodies_are_plain_and_bounded(client: httpx.Client, monkeypatch: pytest.MonkeyPatch) -> None:
    data = json.dumps(ASKED).encode()
    problem(client.post("/check", content=data, headers={"content-type": "text/plain"}), 415, "request.type")
    problem(client.post("/check?dry_run=true", json=ASKED), 422, "request.parameter")
    problem(
        client.post("/check", content=b"{", headers={"content-type": "application/json"}), 400, "json.syntax"
    )
    monkeypatch.setattr(routes, "MAX_BODY", 10)
    problem(client.post("/check", json=ASKED), 413, "request.size")


def test_a_thousand_at_once() -> None:
    world = World()
    world.hood()
    coil = LOT + "roller:coil"
    lots = []
    for part in range(3):
        names = {f"b{part}-{n}": ("blank", "0.7") for n in range(333)}
        lots += world.transform("press", "blank", {coil: "278"}, names)
    found = verdicts(App(ledger_of(world)).request("POST", "/check", json=ASKED | {"lots": [HOOD, *lots]}))
    assert found["counts"]["pass"] == 1_000
