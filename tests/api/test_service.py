"""Health, metrics, codes; the server's address and its stop."""

import os
import signal
import socket
import threading
from pathlib import Path

import httpx
import pytest

from api import models
from api.errors import FAMILIES, STATUS, status_of
from api.health import VERSION
from api.metrics import METRICS
from api.serve import listen, serve
from ledger import b64
from ledger.codes import CODES
from ledger.errors import EnvironmentFault
from tests.api.serving import App, ledger_of, served
from tests.world import World


def test_health_says_how_far_the_ledger_is() -> None:
    world = World()
    app = App(ledger_of(world))
    world.publish()
    world.party("miner")
    answer = app.get("/health")
    assert models.Health.model_validate_json(answer.content, strict=True) == models.Health(
        ledger=world.name,
        charter=b64.encode(world.charter_leaf),
        version=VERSION,
        rules=1,
        size=4,
        checkpoint_size=2,
    )


def test_the_address_itself_says_what_this_is_and_where_to_go_on() -> None:
    world = World()
    app = App(ledger_of(world))
    lot = world.source("pit", "ore", "1")
    world.publish()
    world.party("refiner")
    found = models.Home.model_validate_json(app.get("/").content, strict=True)
    size = world.store.head().size
    assert (found.ledger, found.version, found.size) == (world.name, VERSION, size)
    assert 0 < found.checkpoint_size < size
    for path in found.paths.values():
        assert app.request("GET", path.format(text="urn:", lot=lot)).status_code == 200, path


def test_head_is_answered_as_get_is_without_the_body() -> None:
    world = World()
    world.publish()
    with served(ledger_of(world)) as client:
        for path in ("/", "/health", "/log/checkpoint", "/lot?id=urn:x", "/nothing"):
            head, get = client.head(path), client.get(path)
            assert (head.status_code, head.content) == (get.status_code, b"")
            assert head.headers["content-length"] == get.headers["content-length"]
        assert client.head("/events").status_code == 405


def test_what_is_not_there_is_named() -> None:
    app = App(ledger_of(World()))
    assert app.get("/nothing").json()["detail"] == "there is nothing at /nothing"
    assert len(app.get("/" + "x" * 5_000).json()["detail"]) < 300
    wrong = app.request("DELETE", "/health")
    assert (wrong.headers["allow"], wrong.json()["detail"]) == ("GET, HEAD", "/health takes GET, HEAD")
    assert app.get("/events").headers["allow"] == "POST"


def test_metrics_count_what_was_posted() -> None:
    world = World()
    app = App(ledger_of(world))
    world.publish()
    good = world.sign(world.event({"type": "party", "party": "urn:example:party:registrar", "name": "A",
                                   "subject": "urn:a", "country": "CA", "roles": ["miner"],
                                   "prefixes": ["urn:a:"]}))  # fmt: skip
    app.post([good])
    app.post([good])
    app.post([good, "x", "x"])
    app.post([good, "x", "é"], on_error="proceed")
    app.post([good], dry_run="true")
    answer = app.get("/metrics")
    assert answer.headers["content-type"] == "text/plain; version=0.0.4; charset=utf-8"
    lines = answer.text.splitlines()
    assert set(lines) >= {
        "oreline_entries 3",
        "oreline_checkpoint_entries 2",
        "oreline_checkpoint_lag_entries 1",
        "oreline_checkpoint_fault 0",
        'oreline_posts_total{outcome="recorded"} 1',
        'oreline_posts_total{outcome="unchanged"} 2',
        'oreline_posts_total{outcome="refused"} 2',
        'oreline_statements_total{outcome="recorded"} 1',
        'oreline_statements_total{outcome="duplicate"} 4',
        'oreline_statements_total{outcome="refused"} 4',
        'oreline_refusals_total{code="statement.form"} 4',
    }
    named = {line.split()[2] for line in lines if line.startswith("# TYPE")}
    assert named == set(METRICS)
    assert answer.text.endswith("\n")


def test_the_table_of_codes() -> None:
    table = App(ledger_of(World())).get("/codes").json()
    assert table == {
        code: {"meaning": found.meaning, "remedy": found.remedy} for code, found in CODES.items()
    }


def test_every_status_is_given_for_a_code_that_exists() -> None:
    assert set(STATUS) <= set(CODES)
    assert set(FAMILIES) <= {code.partition(".")[0] for code in CODES}
    assert {code for code in CODES if status_of(code) == 500} == {"request.internal"}
    assert status_of("mass.created") == 422


def test_an_address_that_is_taken_or_not_ours() -> None:
    with listen(port=0) as bound:
        taken = bound.getsockname()[1]
        for host, port in [("127.0.0.1", taken), ("256.0.0.1", 0), ("127.0.0.1", 70_000), ("a" * 300, 0)]:
            with pytest.raises(EnvironmentFault, match=r"request\.address"):
                listen(host, port)


def test_answers_do_not_wait_for_acknowledgements() -> None:
    """Else each request on a connection that is used again takes 40 ms more (see ``listen``)."""
    with listen(port=0) as bound, socket.create_connection(bound.getsockname()):
        accepted, _ = bound.accept()
        with accepted:
            assert accepted.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY)


def test_serve_tells_its_address_and_stops_on_a_signal(tmp_path: Path) -> None:
    """In the main thread, as the command runs it: SIGINT stops it after the last checkpoint."""
    world = World()
    world.party("miner")
    found: list[httpx.Response] = []

    def visit(url: str) -> None:
        def ask() -> None:
            found.append(httpx.get(url + "/health", timeout=30))
            os.kill(os.getpid(), signal.SIGINT)

        threading.Thread(target=ask).start()

    def interrupted(number: int, frame: object) -> None:
        found.append(httpx.Response(999))

    before = signal.signal(signal.SIGINT, interrupted)
    try:
        serve(ledger_of(world), port=0, ready=visit)
    finally:
        signal.signal(signal.SIGINT, before)
    assert found[0].status_code == 200
    assert found[0].url.host == "127.0.0.1"
    assert world.trust.check(world.store.checkpoint() or "").checkpoint.size == 4
