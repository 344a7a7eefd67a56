"""What strangers may send: every such request is refused with a problem, and none breaks the server."""

import asyncio
import json
import socket
from collections.abc import AsyncIterator, Iterator
from typing import Any
from unittest.mock import Mock

import httpx
import pytest

from api import bodies, events, models, service
from ledger.errors import Malformed
from ledger.statement import sign
from tests.api.serving import App, ledger_of, served
from tests.posting import private_key
from tests.world import World

JSON = {"content-type": "application/json"}


@pytest.fixture(scope="module")
def app() -> App:
    return App(ledger_of(World()))


@pytest.fixture(scope="module")
def client() -> Iterator[httpx.Client]:
    with served(ledger_of(World())) as client:
        yield client


BODIES: dict[str, tuple[bytes, int, str]] = {
    "nothing": (b"", 400, "json.syntax"),
    "truncated": (b'["abc', 400, "json.syntax"),
    "two values": (b"[] []", 400, "json.syntax"),
    "not UTF-8": (b'["\xff\xfe"]', 400, "json.utf8"),
    "byte-order mark": (b"\xef\xbb\xbf[]", 400, "json.bom"),
    "nested": (b"[" * 100_000, 400, "json.depth"),
    "nested and closed": (b"[" * 100_000 + b"]" * 100_000, 400, "json.depth"),
    "nested objects": (b'{"a":' * 100_000, 400, "json.depth"),
    "name twice": (b'[{"a":1,"a":2}]', 400, "json.duplicate"),
    "__proto__": (b'{"__proto__":[]}', 400, "json.proto"),
    "huge integer": (b"[" + b"9" * 1_000_000 + b"]", 400, "json.range"),
    "fraction": (b"[1.5]", 400, "json.number"),
    "exponent": (b"[1e999999999]", 400, "json.number"),
    "NaN": (b"[NaN]", 400, "json.number"),
    "half a surrogate": (b'["\\ud800"]', 400, "json.surrogate"),
    "an object": (b'{"statements":[]}', 400, "request.body"),
    "a string": (b'"abc"', 400, "request.body"),
    "null": (b"null", 400, "request.body"),
    "numbers": (b"[1,2]", 400, "request.body"),
    "array in array": (b"[[]]", 400, "request.body"),
    "an event, not signed": (b'[{"type":"party"}]', 400, "request.body"),
    "too many": (json.dumps(["x"] * 5_001).encode(), 413, "request.count"),
    "too large": (b" " * (events.MAX_BODY + 1), 413, "request.size"),
    "empty statement": (b'[""]', 422, "statement.form"),
    "NUL": (b'["\\u0000"]', 422, "statement.form"),
    "dots": (b'["' + b"." * 100_000 + b'"]', 422, "statement.size"),
    "letters beyond ASCII": ('["é.é.é"]'.encode(), 422, "statement.base64"),
}


@pytest.mark.parametrize("name", BODIES)
def test_hostile_bodies(app: App, name: str) -> None:
    body, status, code = BODIES[name]
    answer = app.request("POST", "/events", content=body, headers=JSON)
    assert (answer.status_code, answer.json()["code"]) == (status, code)
    assert answer.headers["content-type"] == "application/problem+json"
    models.Problem.model_validate_json(answer.content, strict=True)


def test_all_that_is_no_statement_is_named_at_once(app: App) -> None:
    answer = app.request("POST", "/events", content=b'[1,"x",null]', headers=JSON).json()
    assert [problem["path"] for problem in answer["problems"]] == ["$[0]", "$[2]"]
    answer = app.request("POST", "/events", content=json.dumps([0] * 5_000).encode(), headers=JSON).json()
    assert len(answer["problems"]) == events.TOLD


@pytest.mark.parametrize("event", [{"inputs": [0] * 100}, {"inputs": [{}], "x" * 30_000: 0}])
def test_the_answer_to_much_nonsense_is_short(app: App, event: dict[str, Any]) -> None:
    """However much is wrong: no octet sent is answered with many, and no work is done for nothing."""
    key = private_key("stranger")
    nonsense = sign(json.dumps({"type": "transform", **event}).encode(), key)
    batch = [nonsense] * min(5_000, events.MAX_BODY // (len(nonsense) + 4))
    answer = app.post(batch)
    assert answer.status_code == 422
    assert len(answer.content) < 2_000_000
    assert answer.json()["problems"][-1]["code"] == "statement.unread"


def test_an_empty_batch_is_no_mistake(app: App) -> None:
    assert app.post([]).json() == {"outcomes": [], "recorded": 0, "duplicates": 0, "refused": 0}


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"content-type": "text/plain"},
        {"content-type": "application/jsonx"},
        {"content-type": "application/json; charset=latin-1"},
        JSON | {"content-encoding": "gzip"},
    ],
)
def test_only_plain_json_is_read(app: App, headers: dict[str, str]) -> None:
    answer = app.request("POST", "/events", content=b"[]", headers=headers)
    assert (answer.status_code, answer.json()["code"]) == (415, "request.type")


@pytest.mark.parametrize("kind", ["application/json", 'APPLICATION/JSON; charset="UTF-8"'])
def test_json_may_be_announced_in_every_spelling(app: App, kind: str) -> None:
    assert app.request("POST", "/events", content=b"[]", headers={"content-type": kind}).status_code == 200


def test_a_body_without_announced_length_is_cut_off_at_the_limit(app: App) -> None:
    async def endless() -> AsyncIterator[bytes]:
        for _ in range(1_000):
            yield b" " * 65_536

    answer = app.request("POST", "/events", content=endless(), headers=JSON)
    assert (answer.status_code, answer.json()["code"]) == (413, "request.size")


def test_a_body_that_never_ends_is_given_up(app: App, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bodies, "SECONDS", 0.01)

    async def stalling() -> AsyncIterator[bytes]:
        yield b"["
        await asyncio.Event().wait()

    answer = app.request("POST", "/events", content=stalling(), headers=JSON)
    assert (answer.status_code, answer.json()["code"]) == (408, "request.slow")


def test_no_more_bodies_are_held_than_there_is_room_for(app: App, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(service, "MAX_HELD", 1)
    answer = app.request("POST", "/events", content=b"[]", headers=JSON)
    assert (answer.status_code, answer.json()["code"]) == (503, "request.busy")
    assert "retry-after" in answer.headers
    monkeypatch.setattr(service, "MAX_HELD", 2)
    for _ in range(2):  # room is given back
        assert app.request("POST", "/events", content=b"[]", headers=JSON).status_code == 200


def test_who_announces_much_and_sends_nothing_keeps_nobody_out(
    client: httpx.Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(service, "MAX_HELD", events.MAX_BODY)
    asked = f"POST /events HTTP/1.1\r\nHost: ledger\r\nContent-Length: {events.MAX_BODY}\r\n"
    with socket.create_connection((client.base_url.host, client.base_url.port or 0)) as silent:
        silent.sendall(f"{asked}Content-Type: application/json\r\nExpect: 100-continue\r\n\r\n".encode())
        assert silent.recv(64).startswith(b"HTTP/1.1 100 ")  # from here on the body is waited for
        assert client.post("/events", content=b"[]", headers=JSON).status_code == 200


@pytest.mark.parametrize(
    ("url", "path"),
    [
        ("/events?dryrun=true", "$.query.dryrun"),
        ("/events?dry_run=perhaps", "$.query.dry_run"),
        ("/events?dry_run=true&dry_run=false", "$.query.dry_run"),
        ("/events?on_error=ignore", "$.query.on_error"),
        ("/events?wait=receipt", "$.query.wait"),
    ],
)
def test_misspelt_parameters_record_nothing(app: App, url: str, path: str) -> None:
    answer = app.request("POST", url, json=[])
    assert (answer.status_code, answer.json()["code"]) == (422, "request.parameter")
    assert answer.json()["path"] == path


@pytest.mark.parametrize(
    ("method", "url", "status", "code"),
    [
        ("POST", "/", 405, "request.method"),
        ("GET", "/nothing", 404, "request.route"),
        ("GET", "/health/", 404, "request.route"),
        ("GET", "/events", 405, "request.method"),
        ("DELETE", "/entries/0", 405, "request.method"),
        ("GET", "/entries/-1", 422, "request.parameter"),
        ("GET", "/entries/01x", 422, "request.parameter"),
        ("GET", "/entries/" + "9" * 5_000, 422, "request.parameter"),
        ("GET", "/entries/9007199254740991", 404, "request.absent"),
        ("GET", "/entries?start=9", 404, "request.absent"),
        ("GET", "/entries?limit=0", 422, "request.parameter"),
        ("GET", "/log/tile/0/000", 404, "request.absent"),
        ("GET", "/log/tile/0/%2e%2e/0/000", 404, "tile.path"),
        ("GET", "/log/tile/%00", 404, "tile.path"),
        ("GET", "/log/tile/0/%D9%A0%D9%A0%D9%A0.p/1", 404, "tile.path"),
    ],
)
def test_requests_that_lead_nowhere(app: App, method: str, url: str, status: int, code: str) -> None:
    app.post([], wait="checkpoint")
    asyncio.run(app.app.state.service.checkpoints.covering(1))
    answer = app.request(method, url)
    assert (answer.status_code, answer.json()["code"]) == (status, code)
    models.Problem.model_validate_json(answer.content, strict=True)


def raw(client: httpx.Client, request: bytes, *, then_close: bool = False) -> bytes:
    """What the server says to these octets, until it closes the connection."""
    with socket.create_connection(("127.0.0.1", client.base_url.port or 0), timeout=30) as connection:
        connection.sendall(request)
        if then_close:
            connection.shutdown(socket.SHUT_WR)
        found = b""
        while part := connection.recv(65_536):
            found += part
        return found


POST = b"POST /events HTTP/1.1\r\nhost: x\r\nconnection: close\r\ncontent-type: application/json\r\n"


def test_an_announced_oversize_is_refused_before_it_is_sent(client: httpx.Client) -> None:
    assert b" 413 " in raw(client, POST + b"content-length: 8388609\r\n\r\n").partition(b"\r\n")[0]


def test_bad_lengths_and_broken_connections_do_no_harm(client: httpx.Client) -> None:
    for length in (b"-1", b"1e3", b"9" * 400, b"1, 2"):
        answer = raw(client, POST + b"content-length: " + length + b"\r\n\r\n")
        assert answer.split(b" ")[1] in (b"400", b"413")
    raw(client, POST + b'content-length: 100\r\n\r\n["abc', then_close=True)
    raw(client, b"\x16\x03\x01\x00\xa5\x01\x00", then_close=True)
    assert client.get("/health").status_code == 200


def test_a_client_that_goes_away_in_the_middle_posts_nothing() -> None:
    world = World()
    app = App(ledger_of(world)).app
    messages: Iterator[dict[str, Any]] = iter(
        [{"type": "http.request", "body": b"[", "more_body": True}, {"type": "http.disconnect"}]
    )
    sent: list[Any] = []

    async def receive() -> Any:
        return next(messages)

    async def send(message: Any) -> None:
        sent.append(message)

    scope = {
        "type": "http", "method": "POST", "path": "/events", "raw_path": b"/events", "query_string": b"",
        "headers": [(b"content-type", b"application/json")], "http_version": "1.1", "scheme": "http",
        "server": ("ledger", 80), "client": None, "root_path": "", "app": app,
    }  # fmt: skip
    asyncio.run(app(scope, receive, send))
    assert sent[0]["status"] == 400
    assert world.store.head().size == 1


def test_our_own_mistakes_are_answered_as_problems(monkeypatch: pytest.MonkeyPatch) -> None:
    app = App(ledger_of(World()))
    monkeypatch.setattr(app.app.state.service.store, "head", Mock(side_effect=AssertionError("secret")))
    answer = app.get("/health")
    assert (answer.status_code, answer.json()["code"]) == (500, "request.internal")
    assert "secret" not in answer.text


def test_a_length_that_is_no_number_is_too_large() -> None:
    request = Mock(headers={"content-type": "application/json", "content-length": "many"})
    with pytest.raises(Malformed, match=r"request\.size"):
        bodies.announced(request, events.MAX_BODY)
