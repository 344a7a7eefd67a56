"""What a witness cosigned it never forgets: killed, restored, in two processes, asked by many at once."""

import shutil
import threading
from pathlib import Path

import httpx
import pytest

from tests.cli.commands import done, folder
from tests.witness.log import TestLog, body
from tests.witness.serving import add, dying, monitoring, process

pytestmark = pytest.mark.unmeasured

LOG, FORK = TestLog("log.example", "one"), TestLog("log.example", "two")


@pytest.fixture
def place(tmp_path: Path) -> Path:
    with folder(tmp_path):
        done("witness", "init", "w", "--name", "witness.example/w")
    (tmp_path / "logs").write_text(LOG.vkey)
    return tmp_path


def held(client: httpx.Client, size: int) -> None:
    """The witness stands at this size of LOG, and for no other history."""
    assert add(client, LOG.request(0, 60)).content == b"%d\n" % size
    assert add(client, FORK.request(size, size)).status_code == 422
    assert add(client, body(size, LOG.proof(size, 60), FORK.checkpoint(60))).status_code == 422
    assert add(client, LOG.request(size, size)).status_code == 200


@pytest.mark.parametrize("after", ["guard", "state"])
def test_killed_between_keeping_and_answering(place: Path, after: str) -> None:
    """The log never got the answer; what it would have said holds all the same."""
    with process(place) as (client, _):
        assert add(client, LOG.request(0, 3)).status_code == 200
    with dying(place, after) as client, pytest.raises(httpx.TransportError):
        add(client, LOG.request(3, 8))
    with process(place) as (client, _):
        assert client.get(monitoring(LOG.origin)).text.startswith(LOG.text(8))
        held(client, 8)
        assert add(client, LOG.request(8, 20)).status_code == 200


def test_killed_at_the_first_checkpoint(place: Path) -> None:
    with dying(place, "guard") as client, pytest.raises(httpx.TransportError):
        add(client, LOG.request(0, 5))
    with process(place) as (client, _):
        assert client.get(monitoring(LOG.origin)).text.startswith(LOG.text(5))
        held(client, 5)


def copied(place: Path, to: str) -> None:
    shutil.copytree(place / "w", place / to)


def test_a_witness_restored_from_a_backup_does_not_go_back(place: Path) -> None:
    with process(place) as (client, _):
        assert add(client, LOG.request(0, 3)).status_code == 200
    copied(place, "backup")
    with process(place) as (client, _):
        assert add(client, LOG.request(3, 9)).status_code == 200
    shutil.rmtree(place / "w")
    (place / "backup").rename(place / "w")
    with process(place) as (client, _):
        assert client.get(monitoring(LOG.origin)).text.startswith(LOG.text(9))
        assert add(client, FORK.request(3, 9)).status_code == 409
        held(client, 9)


def test_without_its_guard_it_stops_until_somebody_made_sure(place: Path) -> None:
    with process(place) as (client, _):
        assert add(client, LOG.request(0, 3)).status_code == 200
    shutil.rmtree(place / "guard")
    with process(place) as (client, running):
        for request in (LOG.request(3, 9), FORK.request(3, 9), LOG.request(3, 3)):
            answer = add(client, request)
            assert (answer.status_code, answer.json()["code"]) == (503, "witness.unguarded")
            assert str(place) not in answer.text
        running.terminate()
        out, err = running.communicate(timeout=60)
        assert "witness.unguarded" in err
    with process(place, "--adopt-guard") as (client, running):
        held(client, 3)
        assert add(client, LOG.request(3, 9)).status_code == 200
        running.terminate()
        out, err = running.communicate(timeout=60)
        assert (running.returncode, out) == (0, "")
        assert err == "a new guard for log.example, from what the folder holds\n"
    with process(place, "--adopt-guard") as (client, _):  # there is nothing to adopt
        held(client, 9)


def test_what_no_witness_can_notice(place: Path) -> None:
    """State and guard brought back together are as they were. The guide says so."""
    with process(place) as (client, _):
        assert add(client, LOG.request(0, 1)).status_code == 200
    copied(place, "backup")
    shutil.copytree(place / "guard", place / "backup-guard")
    with process(place) as (client, _):
        assert add(client, LOG.request(1, 9)).status_code == 200
    for name, backup in (("w", "backup"), ("guard", "backup-guard")):
        shutil.rmtree(place / name)
        (place / backup).rename(place / name)
    with process(place) as (client, _):
        assert add(client, LOG.request(1, 5)).status_code == 200


def test_two_histories_in_state_and_guard(place: Path) -> None:
    """Two machines ran the same key, each with a guard of its own, and one state was copied over."""
    copied(place, "other")
    with process(place) as (client, _):
        assert add(client, LOG.request(0, 3)).status_code == 200
    (place / "w").rename(place / "first")
    (place / "other").rename(place / "w")
    (place / "guard").rename(place / "first-guard")
    with process(place) as (client, _):
        assert add(client, FORK.request(0, 3)).status_code == 200
    shutil.rmtree(place / "guard")
    (place / "first-guard").rename(place / "guard")
    with process(place) as (client, _):
        answer = add(client, LOG.request(3, 4))
        assert (answer.status_code, answer.json()["code"]) == (503, "witness.forked")


def test_many_at_once_in_two_processes_never_get_two_histories(place: Path) -> None:
    """Two histories under one key are pushed forward from two processes by eight threads."""
    got: list[tuple[str, int]] = []
    with process(place) as (one, _), process(place) as (two, _):
        # The first step decides; each history tries to be that.
        barrier = threading.Barrier(8)

        def push(client: httpx.Client, log: TestLog, name: str) -> None:
            barrier.wait()
            size = 0
            while size < 24:
                answer = add(client, log.request(size, size + 1))
                if answer.status_code == 200:
                    got.append((name, size + 1))
                    size += 1
                elif answer.status_code == 409:
                    size = int(answer.text)
                else:
                    assert answer.status_code == 422, answer.text  # it stands on the other history
                    return

        threads = [
            threading.Thread(target=push, args=(client, log, name))
            for client in (one, two)
            for log, name in ((LOG, "one"), (FORK, "two"))
            for _ in range(2)
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        (winner,) = {name for name, _ in got}
        assert {size for _, size in got} == set(range(1, 25))
        shown = one.get(monitoring(LOG.origin)).text
        assert shown == two.get(monitoring(LOG.origin)).text
        assert shown.startswith((LOG if winner == "one" else FORK).text(24))
