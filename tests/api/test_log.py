"""Entries, inclusion proofs, checkpoint and tiles, as a C2SP client would read them."""

import json

import httpx
import pytest

from api.log import FOR_EVER, NEVER, SHORTLY
from ledger import tiles, tlogproof
from ledger.entry import decode
from ledger.merkle import leaf_hash, root, root_from_inclusion
from ledger.note import checkpoint_of
from tests.api.serving import App, ledger_of, served
from tests.world import LOT, PARTY, REGISTRAR, World

COVERED, SIZE = 600, 605  # entries the checkpoint covers; all entries


def large() -> World:
    """A ledger of ``SIZE`` entries, the first ``COVERED`` of them under a checkpoint."""
    world = World()
    made = {"type": "party", "party": REGISTRAR, "country": "CA", "roles": ["miner"], "prefixes": []}
    events = [
        world.event(made | {"subject": f"{PARTY}p{n}", "name": f"P {n}", "prefixes": [f"urn:p{n}:"]})
        for n in range(SIZE - 2)
    ]
    statements = [world.sign(event) for event in events]
    assert not world.log.post(statements[: COVERED - 2]).problems
    world.publish()
    assert not world.log.post(statements[COVERED - 2 :]).problems
    return world


@pytest.fixture(scope="module")
def world() -> World:
    return large()


@pytest.fixture(scope="module")
def app(world: World) -> App:
    return App(ledger_of(world))


def entries_of(answer: httpx.Response) -> list[bytes]:
    assert answer.headers["content-type"] == "application/x-ndjson"
    return answer.content.splitlines()


def test_entries_are_streamed_as_they_are_hashed(world: World, app: App) -> None:
    every = list(world.store.entries(0, SIZE))
    assert entries_of(app.get("/entries")) == every
    assert entries_of(app.get("/entries", start=598)) == every[598:]
    assert entries_of(app.get("/entries", start=300, limit=257)) == every[300:557]
    assert entries_of(app.get("/entries", start=SIZE)) == []
    assert decode(entries_of(app.get("/entries", start=7, limit=1))[0]).index == 7


@pytest.mark.parametrize(("index", "caching"), [(0, FOR_EVER), (COVERED - 1, FOR_EVER), (COVERED, NEVER)])
def test_one_entry(world: World, app: App, index: int, caching: dict[str, str]) -> None:
    answer = app.get(f"/entries/{index}")
    assert answer.content == world.store.entries_at((index,))[index]
    assert answer.headers["content-type"] == "application/json"
    assert answer.headers["cache-control"] == caching["cache-control"]
    assert app.get(f"/entries/{SIZE}").status_code == 404


@pytest.mark.parametrize("number", ["1_0", "+1", " 1", "01", "1.0", "\u0661", "9" * 17])
def test_a_number_has_one_spelling(app: App, number: str) -> None:
    account = {"kind": "asi-account", "lot": "urn:x:1", "page": number}
    for url, params in [
        (f"/entries/{number}", {}),
        (f"/entries/{number}/proof", {}),
        ("/entries", {"start": number}),
        ("/entries", {"limit": number}),
        ("/parties", {"limit": number}),
        ("/report", account),
    ]:
        (wrong,) = app.get(url, **params).json()["problems"]
        assert wrong["code"] == "request.parameter", url
        assert "no number in digits" in wrong["detail"]


@pytest.mark.parametrize("index", [0, 1, 255, 256, 511, 512, COVERED - 1])
def test_an_inclusion_proof_leads_to_the_trusted_checkpoint(world: World, app: App, index: int) -> None:
    answer = app.get(f"/entries/{index}/proof")
    assert answer.headers["content-type"] == "text/plain; charset=utf-8"
    proof = tlogproof.decode(answer.text)
    checkpoint = world.trust.check(proof.checkpoint).checkpoint
    leaf = leaf_hash(app.get(f"/entries/{index}").content)
    assert (proof.index, checkpoint.size) == (index, COVERED)
    assert root_from_inclusion(index, checkpoint.size, leaf, proof.hashes) == checkpoint.root


def test_no_proof_beyond_the_checkpoint(app: App) -> None:
    for url, code in [
        (f"/entries/{COVERED}/proof", "request.uncovered"),
        (f"/entries/{SIZE}/proof", "request.absent"),
    ]:
        answer = app.get(url)
        assert (answer.status_code, answer.json()["code"]) == (404, code)


def test_a_client_rebuilds_the_tree_from_checkpoint_and_tiles(world: World, app: App) -> None:
    answer = app.get("/log/checkpoint")
    assert answer.headers["content-type"] == "text/plain; charset=utf-8"
    assert answer.headers["cache-control"] == "no-cache"
    checkpoint = checkpoint_of(answer.text)
    entries: list[bytes] = []
    for number in range(3):
        width = tiles.tile_width(0, number, checkpoint.size)
        bundle = app.get("/log/" + tiles.tile_path(tiles.ENTRIES, number, width))
        hashes = app.get("/log/" + tiles.tile_path(0, number, width))
        found = tiles.decode_bundle(bundle.content)
        assert len(found) == width
        assert hashes.content == b"".join(map(leaf_hash, found))
        entries += found
    assert root([leaf_hash(entry) for entry in entries]) == checkpoint.root


@pytest.mark.parametrize(
    ("path", "length"),
    [
        ("0/000", 8192),
        ("0/001", 8192),
        ("1/000.p/2", 64),
        ("0/002.p/88", 88 * 32),
        ("0/002.p/1", 32),  # the tree has grown since, and the old width is still served
        ("0/000.p/255", 255 * 32),
    ],
)
def test_tiles_that_the_checkpoint_covers(world: World, app: App, path: str, length: int) -> None:
    answer = app.get(f"/log/tile/{path}")
    level, number = int(path[0]), int(path[2:5])
    assert answer.content == (world.store.tile(level, number) or b"")[:length]
    assert len(answer.content) == length
    assert answer.headers["content-type"] == "application/octet-stream"
    caching = FOR_EVER if length == 8192 else SHORTLY
    assert answer.headers["cache-control"] == caching["cache-control"]


@pytest.mark.parametrize(
    "path",
    [
        "0/003.p/1",
        "1/000",
        "1/000.p/3",
        "2/000.p/1",
        "entries/x001/000.p/1",
        "63/000.p/1",
    ],
)
def test_tiles_of_entries_that_are_not_there(app: App, path: str) -> None:
    answer = app.get(f"/log/tile/{path}")
    assert (answer.status_code, answer.json()["code"]) == (404, "request.absent")


def test_tiles_for_witnesses_that_no_checkpoint_covers_are_kept_by_no_cache(world: World, app: App) -> None:
    last = SIZE % tiles.WIDTH
    assert last > COVERED % tiles.WIDTH
    answer = app.get(f"/log/tile/0/002.p/{last}")
    assert answer.content == world.store.tile(0, 2)
    assert answer.headers["cache-control"] == "no-cache"
    bundle = app.get(f"/log/tile/entries/002.p/{last}")
    assert tiles.decode_bundle(bundle.content) == list(world.store.entries(2 * tiles.WIDTH, SIZE))
    assert bundle.headers["cache-control"] == "no-cache"
    assert app.get(f"/log/tile/0/002.p/{last + 1}").status_code == 404


@pytest.mark.parametrize("path", ["64/000", "0/0", "0/000.p/256", "0/000.p/0", "00/000", "x/000", "", "0"])
def test_paths_that_no_tile_has(app: App, path: str) -> None:
    answer = app.get(f"/log/tile/{path}")
    assert (answer.status_code, answer.json()["code"]) == (404, "tile.path")
    assert answer.json()["path"] == "$.path.tile"


def test_a_store_without_its_tiles_says_so(app: App, world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(world.store, "tile", lambda level, number: None)
    answer = app.get("/log/tile/0/000")
    assert (answer.status_code, answer.json()["code"]) == (503, "tile.width")


@pytest.mark.parametrize("note", ["hello", "a\nb\nc\n\n\u2014 d e\n"])
def test_a_published_note_that_is_damaged_is_the_servers_fault(note: str) -> None:
    world = World()
    world.source("pit", "ore", "1")
    app, lot = App(ledger_of(world)), f"{LOT}pit:ore"
    there = decode(world.store.entries_at((1,))[1]).statement
    world.store.publish(note, 1)
    answers = [app.get("/log/checkpoint"), app.get("/entries/0/proof"), app.get("/proof", lot=lot)]
    answers += [app.post([there], wait="checkpoint")]
    for answer in answers:
        assert (answer.status_code, answer.json()["code"]) == (503, "store.corrupt"), answer.text


def test_nothing_is_covered_before_the_first_checkpoint() -> None:
    app = App(ledger_of(World()))
    for url in ("/log/checkpoint", "/entries/0/proof"):
        answer = app.get(url)
        assert (answer.status_code, answer.json()["code"]) == (404, "request.uncovered")
    assert app.get("/log/tile/0/000.p/1").headers["cache-control"] == "no-cache"
    assert app.get("/entries/0").headers["cache-control"] == "no-cache"


def test_a_server_signs_and_serves_what_it_finds() -> None:
    world = World()
    world.hood()
    size = world.store.head().size + 1  # the register's root comes behind it
    with served(ledger_of(world)) as client:
        lines = client.get("/entries").text.splitlines()
        assert [json.loads(line)["index"] for line in lines] == list(range(size))
        assert checkpoint_of(client.get("/log/checkpoint").text).size == size
        assert len(client.get(f"/log/tile/0/000.p/{size}").content) == 32 * size
