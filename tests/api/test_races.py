"""One process serves a ledger and is posted to without a pause; others ask it, and read its folder. Whatever
is answered is of one state of the ledger, and says of which."""

import json
import subprocess
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager
from pathlib import Path
from threading import Event
from typing import Any, NamedTuple

import httpx

from ledger import note
from ledger.folder import open_ledger
from ledger.keyfile import save_private
from ledger.merkle import Frontier, leaf_hash
from ledger.monitoring.copies import TileFolder
from ledger.store.sqlite import SqliteStore
from ledger.tiles import WIDTH
from ledger.trust import Trust
from ledger.verify import check
from tests import children
from tests.cli.commands import SCRIPT, call, environment, folder
from tests.world import LOT, PARTY, World

COIL = LOT + "roller:coil"
WHOLE, TAKEN = 835_000, 10  # grams of the coil, and of each sample of it
POSTED = 20  # samples


class Race(NamedTuple):
    """``samples``: statements, each of a sample of the coil. ``answers``: of each, what answered, the size of
    the ledger that it says it is of, and the grams that were left of the coil."""

    trust: Trust
    client: httpx.Client
    samples: Iterator[str]
    answers: list[tuple[str, int, int]]

    def get(self, path: str, **params: Any) -> httpx.Response:
        answer = self.client.get(path, params=params or None)
        assert answer.status_code == 200, (path, answer.text)
        return answer

    def run(self, *args: str) -> str:
        found = call(*args)
        assert found.code == 0, found
        return found.out


@contextmanager
def racing(place: Path) -> Iterator[Race]:
    """A ledger in ``place/ledger``, served by a process of its own. The folder is this process's, too."""
    today = time.strftime("%Y-%m-%dT00:00:00Z", time.gmtime(time.time() - 86_400))
    path = place / "ledger"
    world = World(SqliteStore(path, create=True), start=today)
    world.hood()
    trust = world.trust
    world.log.close()
    (path / "keys").mkdir(mode=0o700)
    save_private(path / "keys" / "operator.jwk", world.operator)
    with closing(open_ledger(path, lambda: world.now, place / "guard")) as ledger:
        ledger.publish()
    command = [SCRIPT, "serve", "ledger", "--port", "0", "--json"]
    given: dict[str, Any] = {"cwd": place, "env": environment(place), "stdout": subprocess.PIPE, "text": True}
    with folder(place), children.running(command, **given) as server:
        assert server.stdout is not None
        text = ""
        while not text.endswith("}\n"):
            text += server.stdout.readline()
        with httpx.Client(base_url=json.loads(text)["url"], timeout=60) as client:
            yield Race(trust, client, _samples(world), [])


def _samples(world: World) -> Iterator[str]:
    party, lines = PARTY + "stamper", [{"lot": COIL, "kg": f"0.0{TAKEN}".rstrip("0")}]
    while True:
        yield world.sign(world.event({"type": "exit", "party": party, "lines": lines, "reason": "sample"}))


def posted(race: Race, stop: Callable[[int], bool]) -> list[int]:
    """The index of each sample, posted one after the other."""
    indices: list[int] = []
    while not stop(len(indices)):
        answer = race.client.post("/events", json=[next(race.samples)])
        assert answer.status_code == 200, answer.text
        indices.append(answer.json()["outcomes"][0]["index"])
    return indices


# --- What is asked meanwhile


def claims(race: Race) -> None:
    document = race.get("/claims", lot=COIL).json()
    race.answers.append(("GET /claims", document["as_of"]["size"], document["left"]))


def verdicts(race: Race) -> None:
    asked = {"lots": [COIL, LOT + "stamper:hood"], "policy": "low-carbon-hood"}
    answer = race.client.post("/check", json=asked)
    assert answer.status_code == 200, answer.text
    coil, hood = answer.json()["lots"]
    assert coil["as_of"] == hood["as_of"]
    race.answers.append(("POST /check", coil["as_of"]["size"], coil["left"]))


def uses(race: Race) -> None:
    """All pages of it are of the state of the first one."""
    graph = race.get("/uses", lot=COIL, limit=1_000).json()
    nodes, size = graph["nodes"], graph["size"]
    while graph["next"] is not None:
        graph = race.get(graph["next"]).json()
        nodes += graph["nodes"]
        assert graph["size"] == size
    exits = [node for node in nodes if node["kind"] == "event" and node["event"]["type"] == "exit"]
    race.answers.append(("GET /uses", size, WHOLE - TAKEN * len(exits)))


def proof(race: Race) -> None:
    holds(race, "GET /proof", race.get("/proof", lot=COIL).content)


def holds(race: Race, name: str, data: bytes) -> None:
    report = check([data], race.trust)
    (one,) = report.proofs
    assert report.verdict == "holds", one.findings
    assert one.claims is not None
    assert one.claims.left is not None
    race.answers.append((name, one.claims.as_of.size, one.claims.left))


def by_folder(race: Race) -> None:
    document = json.loads(race.run("claims", COIL, "--ledger", "ledger", "--json"))
    race.answers.append(("claims", document["as_of"]["size"], document["left"]))
    race.run("prove", COIL, "--ledger", "ledger", "-o", "coil.json")
    holds(race, "prove", Path("coil.json").read_bytes())
    race.run("history", COIL, "--ledger", "ledger", "--proof", "history.json")
    assert check([Path("history.json").read_bytes()], race.trust).verdict == "holds"
    assert json.loads(race.run("audit", "ledger", "--json"))["ok"]


def tiles(race: Race) -> None:
    race.run("export", "tiles", "ledger", "tiles")
    copy = TileFolder(Path("tiles"))
    signed = note.checkpoint_of(Path("tiles/checkpoint").read_text())
    tree = Frontier()
    for number in range(-(-signed.size // WIDTH)):
        for entry in copy.entries(number, min(WIDTH, signed.size - number * WIDTH)):
            tree.append(leaf_hash(entry))
    assert tree.root() == signed.root


ASKED = (claims, verdicts, uses, proof, by_folder, tiles)


def race_of(place: Path, stop: Callable[[int], bool]) -> tuple[list[tuple[str, int, int]], int]:
    """All of it at once until ``stop``; the answers, none of which is of two states, and the number of
    samples."""
    with racing(place) as race, ThreadPoolExecutor(3) as asking:
        done = Event()

        def asked(several: tuple[Callable[[Race], None], ...]) -> None:
            while True:
                for one in several:
                    one(race)
                if done.is_set():
                    return

        # commands that are called here share what a process has but one of
        work = [asking.submit(asked, some) for some in (ASKED[:2], ASKED[2:4], ASKED[4:])]
        try:
            indices = posted(race, lambda count: stop(count) or any(one.done() for one in work))
        finally:
            done.set()
        for one in work:
            one.result()
    for name, size, left in race.answers:
        taken = sum(index < size for index in indices)
        assert left == WHOLE - TAKEN * taken, (name, size)
    return race.answers, len(indices)


def test_no_answer_is_of_two_states(tmp_path: Path) -> None:
    answers, _ = race_of(tmp_path, lambda count: count == POSTED)
    assert {name for name, _, _ in answers} == {
        "GET /claims", "POST /check", "GET /uses", "GET /proof", "claims", "prove"
    }  # fmt: skip
    assert len({size for _, size, _ in answers}) > 1
