"""A witness over HTTP, byte for byte as C2SP tlog-witness has it: a real process, a log of a stranger."""

import base64
import hashlib
import json
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import httpx
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from cryptography.hazmat.primitives.asymmetric.mldsa import MLDSA44PublicKey

from ledger import evidencefile, note
from ledger.witness import client as asking
from ledger.witness.request import MAX_BODY
from tests.cli.commands import done, failed, folder
from tests.witness.log import EMPTY, TestLog, b64, body
from tests.witness.serving import add, monitoring, process

LOGS = {name: TestLog(f"{name}.example/log") for name in "abcdefghijklmnop"}
OTHER = TestLog("stranger.example/log")


class Serving(NamedTuple):
    """A witness that is served."""

    place: Path
    client: httpx.Client
    vkeys: list[note.Verifier]


@pytest.fixture(scope="module")
def serving(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Serving]:
    place = tmp_path_factory.mktemp("witness")
    with folder(place):
        made = json.loads(done("witness", "init", "w", "--name", "witness.example/w", "--ml-dsa", "--json"))
    lines = [f"log {log.vkey} https://{log.origin}" for log in LOGS.values()]
    lines += [f"log {LOGS['p'].vkey_pq}", LOGS["o"].vkey_pq, "# a comment", "", "quorum none", LOGS["a"].vkey]
    (place / "logs").write_text("\n".join(lines))
    with process(place) as (client, _):
        yield Serving(place, client, [note.parse_vkey(vkey) for vkey in made["vkeys"]])


def code(answer: httpx.Response) -> tuple[int, str]:
    assert answer.headers["content-type"] == "application/problem+json"
    return answer.status_code, answer.json()["code"]


# --- 200


def test_cosignatures_by_both_keys_and_what_they_sign(serving: Serving) -> None:
    log = LOGS["a"]
    answer = add(serving.client, log.request(0, 5))
    assert (answer.status_code, answer.headers["content-type"]) == (200, "text/plain; charset=utf-8")
    lines = answer.text.splitlines(keepends=True)
    assert len(lines) == 2
    assert all(line.startswith("— witness.example/w ") and line.endswith("\n") for line in lines)
    one, two = (base64.b64decode(line.split()[2], validate=True) for line in lines)
    old, new = serving.vkeys
    for data, key in ((one, old), (two, new)):
        assert data[:4] == hashlib.sha256(b"witness.example/w\n" + bytes([key.type]) + key.key).digest()[:4]
    time = one[4:12]
    assert two[4:12] == time
    text = log.text(5).encode()
    header = b"cosignature/v1\ntime %d\n" % int.from_bytes(time, "big")
    Ed25519PublicKey.from_public_bytes(old.key).verify(one[12:], header + text)
    message = b"subtree/v1\n\0\x11witness.example/w" + time + b"\x0da.example/log" + bytes(8)
    message += (5).to_bytes(8, "big") + log.root(5)
    MLDSA44PublicKey.from_public_bytes(new.key).verify(two[12:], message)


def test_it_goes_on_and_again_and_shows_what_it_cosigned_last(serving: Serving) -> None:
    log = LOGS["b"]
    assert add(serving.client, log.request(0, 1)).status_code == 200
    for old, new in [(1, 2), (2, 2), (2, 7), (7, 8), (8, 8), (8, 63), (63, 64)]:
        answer = add(serving.client, log.request(old, new))
        assert answer.status_code == 200, (old, new, answer.text)
        shown = serving.client.get(monitoring(log.origin))
        assert (shown.status_code, shown.headers["content-type"]) == (200, "text/plain; charset=utf-8")
        assert shown.text == log.checkpoint(new) + answer.text
        assert shown.headers["cache-control"] == "no-store"


def test_the_empty_tree_and_then_more(serving: Serving) -> None:
    log = LOGS["c"]
    for old, new in [(0, 0), (0, 0), (0, 3)]:
        assert add(serving.client, log.request(old, new)).status_code == 200


def test_a_connection_is_kept(serving: Serving) -> None:
    with httpx.Client(base_url=serving.client.base_url, limits=httpx.Limits(max_connections=1)) as client:
        streams = {
            id(client.post("/add-checkpoint", content=b"").extensions["network_stream"]) for _ in range(3)
        }
    assert len(streams) == 1


def test_signatures_of_strangers_are_ignored_and_not_handed_on(serving: Serving) -> None:
    log = LOGS["d"]
    stranger = OTHER.sign(log.text(4))
    impostor = f"— {log.origin} {b64(bytes(68))}\n"
    twice = log.sign(log.text(4))
    request = body(0, [], f"{log.text(4)}\n{stranger}{twice}{impostor}{twice}")
    answer = add(serving.client, request)
    assert answer.status_code == 200
    assert serving.client.get(monitoring(log.origin)).text == log.checkpoint(4) + answer.text


def test_either_of_a_log_s_two_keys_is_enough(serving: Serving) -> None:
    log = LOGS["p"]
    assert add(serving.client, log.request(0, 2)).status_code == 200
    checkpoint = f"{log.text(3)}\n{log.sign_pq(3, 1_700_000_000)}"
    answer = add(serving.client, body(2, log.proof(2, 3), checkpoint))
    assert answer.status_code == 200
    assert serving.client.get(monitoring(log.origin)).text == checkpoint + answer.text


def test_our_own_collector_understands_it(serving: Serving) -> None:
    log = LOGS["e"]
    url = str(serving.client.base_url)
    for old, size in [(0, 5), (0, 9), (9, 30)]:  # the second one learns the size from a 409
        answer = asking.add_checkpoint(url, log.checkpoint(size), serving.vkeys, old, log.proof, 30)
        assert (list(answer.lines), answer.old, answer.reason) == (serving.vkeys, size, "")


# --- 400


@pytest.mark.parametrize(
    "request_body",
    [
        b"",
        b"old 0",
        b"old 0\n",
        b"old 0\n\n",
        LOGS["f"].request(0, 3).replace(b"old 0\n", b""),
        LOGS["f"].request(0, 3).replace(b"old 0", b"old 00"),
        LOGS["f"].request(0, 3).replace(b"old 0", b"old -1"),
        LOGS["f"].request(0, 3).replace(b"old 0", b"old  0"),
        LOGS["f"].request(0, 3).replace(b"old 0", b"Old 0"),
        LOGS["f"].request(0, 3).replace(b"old 0", b"old 0 "),
        LOGS["f"].request(0, 3).replace(b"old 0", b"old 0\r"),
        LOGS["f"].request(0, 3).replace(b"old 0", "old ٠".encode()),
        LOGS["f"].request(0, 3).replace(b"old 0", b"old 99999999999999999999"),
        LOGS["f"].request(0, 3).replace(b"\n\n", b"\n", 1),
        body(0, [b"x" * 31], LOGS["f"].checkpoint(3)),
        body(0, [b"x" * 33], LOGS["f"].checkpoint(3)),
        LOGS["f"].request(1, 3).replace(b"=\n", b"\n", 1),
        LOGS["f"].request(1, 3).replace(b"=\n", b"= \n", 1),
        body("0\n" + b64(b"\xff" * 32)[:-2] + "9=", [], LOGS["f"].checkpoint(3)),  # stray bits
        body(0, [b"x" * 32] * 64, LOGS["f"].checkpoint(3)),
        LOGS["f"].request(0, 3)[:-1],
        LOGS["f"].request(0, 3) + b"\n",
        LOGS["f"].request(0, 3).replace("— ".encode(), b"- "),
        LOGS["f"].request(0, 3) + b"\xff",
        LOGS["f"].request(0, 3).replace(b"\n3\n", b"\n03\n"),
        LOGS["f"].request(0, 3).replace(b"\n3\n", b"\nthree\n"),
        LOGS["f"].request(4, 3),
        body(64, [], LOGS["f"].checkpoint(63)),
    ],
)
def test_bad_requests(serving: Serving, request_body: bytes) -> None:
    answer = add(serving.client, request_body)
    assert code(answer)[0] == 400, answer.text
    assert serving.client.get(monitoring(LOGS["f"].origin)).status_code == 404


def test_the_old_size_is_not_above_the_new(serving: Serving) -> None:
    assert code(add(serving.client, LOGS["f"].request(4, 3))) == (400, "witness.old_size")


def test_a_body_that_is_too_long(serving: Serving) -> None:
    request = LOGS["f"].request(0, 3)
    longest = request + b"x" * (MAX_BODY - len(request))
    assert code(add(serving.client, longest))[0] == 400
    assert code(add(serving.client, longest + b"x")) == (413, "request.size")


# --- 403 and 404


def test_without_a_good_signature_of_the_log(serving: Serving) -> None:
    log = LOGS["g"]
    text = log.text(3)
    renamed = TestLog(log.origin)
    renamed._secret = bytes(32)
    for checkpoint, expected in [
        (f"{text}\n{OTHER.sign(text)}", "note.unsigned"),
        (f"{text}\n{renamed.sign(text)}", "note.unsigned"),
        (f"{text}\n{log.sign(log.text(4))}", "note.signature"),
        (f"{text}\n{log.sign(text)}{log.sign(log.text(4))}", "note.signature"),
    ]:
        assert code(add(serving.client, body(0, [], checkpoint))) == (403, expected)
        assert code(add(serving.client, body(9, [], checkpoint))) == (403, expected)  # before the sizes
    assert serving.client.get(monitoring(log.origin)).status_code == 404


def test_a_log_that_it_does_not_know(serving: Serving) -> None:
    assert code(add(serving.client, OTHER.request(0, 3))) == (404, "witness.origin")
    stolen = f"{OTHER.text(3)}\n{LOGS['a'].sign(OTHER.text(3))}"  # a known log in another's name
    assert code(add(serving.client, body(0, [], stolen))) == (404, "witness.origin")
    # the example of the specification
    example = (Path(__file__).parent / "add_checkpoint.txt").read_bytes()
    assert code(add(serving.client, example)) == (404, "witness.origin")


@pytest.mark.parametrize(
    "path", [monitoring("nobody"), monitoring("a.example/log").upper(), "/x/checkpoint", "/%2e%2e/checkpoint"]
)
def test_nothing_to_show(serving: Serving, path: str) -> None:
    assert serving.client.get(path).status_code == 404


def test_other_paths_and_methods(serving: Serving) -> None:
    assert serving.client.get("/health").text == "serving\n"
    assert code(serving.client.get("/add-checkpoint")) == (405, "request.method")
    assert code(serving.client.get("/")) == (404, "request.route")
    assert code(serving.client.post(monitoring("a.example/log"))) == (405, "request.method")


# --- 409


def test_a_request_from_another_size(serving: Serving) -> None:
    log = LOGS["h"]
    first = add(serving.client, log.request(3, 9))
    assert (first.status_code, first.content) == (409, b"0\n")
    assert add(serving.client, log.request(0, 7)).status_code == 200
    for old, size in [(0, 9), (6, 9), (8, 9), (0, 7), (3, 3), (0, 0)]:
        answer = add(serving.client, log.request(old, size))
        assert (answer.status_code, answer.content) == (409, b"7\n")
        assert answer.headers["content-type"] == "text/x.tlog.size"
    assert serving.client.get(monitoring(log.origin)).text.startswith(log.text(7))


# --- 422


def test_a_proof_that_does_not_verify(serving: Serving) -> None:
    log = LOGS["i"]
    assert code(add(serving.client, body(0, [b"x" * 32], log.checkpoint(3)))) == (422, "witness.inconsistent")
    assert code(add(serving.client, body(0, [b"x" * 32] * 63, log.checkpoint(3))))[0] == 422
    assert add(serving.client, log.request(0, 6)).status_code == 200
    good = log.proof(6, 11)
    bad = [good[:-1], [*good, good[0]], good[::-1], [bytes(32), *good[1:]], []]
    for hashes in bad:
        answer = add(serving.client, body(6, hashes, log.checkpoint(11)))
        assert code(answer) == (422, "witness.inconsistent")
    same = body(6, [b"x" * 32], log.checkpoint(6))
    assert code(add(serving.client, same)) == (422, "witness.inconsistent")
    assert serving.client.get(monitoring(log.origin)).text.startswith(log.text(6))


def test_another_history_and_the_evidence_of_it(serving: Serving) -> None:
    log, fork = LOGS["j"], TestLog(LOGS["j"].origin, "two")
    cosigned = add(serving.client, log.request(0, 6))
    evidence = serving.place / "w" / "evidence"
    before = set(evidence.iterdir()) if evidence.exists() else set()
    for request in (fork.request(6, 9), body(6, log.proof(6, 9), fork.checkpoint(9))):
        assert code(add(serving.client, request)) == (422, "witness.inconsistent")
    assert (set(evidence.iterdir()) if evidence.exists() else set()) == before  # nothing contradicts itself
    for _ in range(2):
        assert code(add(serving.client, fork.request(6, 6))) == (422, "witness.inconsistent")
    (kept,) = set(evidence.iterdir()) - before
    assert evidencefile.decode(kept.read_bytes()).notes == (
        log.checkpoint(6) + cosigned.text,
        fork.checkpoint(6),
    )
    (serving.place / "trust").write_text(f"log {log.vkey}\nquorum none\ncharter {b64(bytes(32))}\n")
    told = done("evidence", str(kept), "--trust", str(serving.place / "trust"))
    assert f"The log {log.origin} signed two histories of 6 entries: their roots differ" in " ".join(
        told.split()
    )


def test_the_empty_tree_has_one_root(serving: Serving) -> None:
    log = LOGS["k"]
    text = log.text(0).replace(b64(EMPTY), b64(bytes(32)))
    request = body(0, [], f"{text}\n{log.sign(text)}")
    assert code(add(serving.client, request)) == (422, "witness.inconsistent")


# --- The command


def test_what_the_commands_refuse(serving: Serving, tmp_path: Path) -> None:
    with folder(tmp_path):
        failed("witness.missing", "witness", "serve", "w", "--log", str(serving.place / "logs"))
        failed("witness.exists", "witness", "init", str(serving.place / "w"), "--name", "x")
        for name in ("", "a b", "a+b", "https://a.example", "x" * 256):
            failed("command.usage", "witness", "init", "w", "--name", name)
        said = done("witness", "init", "w", "--name", "witness.example/é")
        (vkey,) = Path("w/vkeys.txt").read_text().splitlines()
        assert vkey in said
        logs = str(serving.place / "logs")
        for listen in ("8118", "localhost:", "localhost:x", "localhost:65536", "localhost:٣"):
            failed("command.usage", "witness", "serve", "w", "--log", logs, "--listen", listen)
        failed("command.public", "witness", "serve", "w", "--log", logs, "--listen", "192.0.2.1:8118")
        failed(
            "request.address", "witness", "serve", "w", "--log", logs, "--public", "--listen", "192.0.2.1:1"
        )
        for text, wrong in [
            ("", "bad"),
            ("nonsense\n", "bad line 1"),
            ("# x\nlgo " + OTHER.vkey, "bad line 2"),
            (vkey, "bad line 1"),
        ]:
            Path("bad").write_text(text)
            assert wrong in failed("witness.logs", "witness", "serve", "w", "--log", "bad")
        Path("w/keys/witness.jwk").chmod(0o644)
        failed("key.file_mode", "witness", "serve", "w", "--log", logs)
