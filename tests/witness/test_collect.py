"""Collecting cosignatures from witnesses of every kind, over real connections."""

import threading
from collections.abc import Callable, Iterator

import pytest

from ledger.errors import Malformed, StorageError, WitnessError
from ledger.merkle import consistency_proof, leaf_hash, root
from ledger.note import ED25519, Checkpoint, Verifier, format_checkpoint, sign_note, split, verifier
from ledger.witness.client import MAX_ANSWER
from ledger.witness.collect import NO_URL, NOT_YET, Collector, WitnessState, parse_policy
from tests.witness.cosigner import CLOCK, Answer, Cosigner, policy, serving
from tests.world import private_key

NAME = "example.com/log"
OPERATOR = private_key("operator")
LEAVES = [leaf_hash(bytes([n])) for n in range(50)]
NOW = 1_772_431_000_000
QUICK = 0.2  # seconds that a quorum which cannot come is waited for


def checkpoint(size: int, leaves: list[bytes] = LEAVES) -> str:
    text = format_checkpoint(Checkpoint(NAME, size, root(leaves[:size])))
    return sign_note(text, NAME, OPERATOR)


def prove(old: int, new: int) -> list[bytes]:
    return consistency_proof(old, new, lambda level, n: root(LEAVES[n << level : (n + 1) << level]))


def log_key() -> Verifier:
    return verifier(NAME, ED25519, OPERATOR.public.raw)


def collector(text: str, published: str | None = None, seconds: float = 10) -> Collector:
    return Collector(parse_policy(text, log_key()), lambda: NOW, published, seconds)


@pytest.fixture
def three() -> Iterator[list[Cosigner]]:
    with serving("one.example", "two.example", "three.example") as witnesses:
        yield witnesses


def missed(asked: Collector, size: int = 7) -> str:
    with pytest.raises(WitnessError) as caught:
        asked.collect(checkpoint(size), prove)
    assert caught.value.code == "witness.quorum"
    return caught.value.detail


def settled(asked: Collector) -> tuple[WitnessState, ...]:
    """What is known once all that is under way has ended."""
    for thread in threading.enumerate():
        if thread.name.startswith("witness "):
            thread.join()
    return asked.states()


def witnesses_of(asked: Collector, note: str) -> list[tuple[str, int]]:
    return list(asked.policy.check(note).witnesses)


def test_all_cosign_and_the_note_has_its_quorum(three: list[Cosigner]) -> None:
    asked = collector(policy(three))
    note = asked.collect(checkpoint(7), prove)
    assert witnesses_of(asked, note) == [("w0", CLOCK), ("w1", CLOCK), ("w2", CLOCK)]
    assert split(note)[0] == split(checkpoint(7))[0]
    assert [witness.requests for witness in three] == [[b"old 0\n\n" + checkpoint(7).encode()]] * 3
    assert asked.states()[0] == WitnessState("w0", 7, NOW, NOW, 0, "")


def test_a_note_that_has_its_quorum_is_not_carried_around_again(three: list[Cosigner]) -> None:
    asked = collector(policy(three))
    note = asked.collect(checkpoint(7), prove)
    assert asked.collect(note, prove) == note
    assert [len(witness.requests) for witness in three] == [1, 1, 1]


def test_the_next_checkpoint_is_proven_from_the_one_cosigned_last(three: list[Cosigner]) -> None:
    asked = collector(policy(three))
    for size in (1, 7, 8, 33):
        asked.collect(checkpoint(size), prove)
    assert [witness.size for witness in three] == [33, 33, 33]
    assert [len(witness.requests) for witness in three] == [4, 4, 4]
    assert three[0].requests[-1].startswith(b"old 8\n")


def test_after_a_restart_the_witness_says_where_it_is(three: list[Cosigner]) -> None:
    note = collector(policy(three)).collect(checkpoint(7), prove)
    again = collector(policy(three))
    assert again.states()[0] == WitnessState("w0", 0, None, None, 0, "")
    again.collect(checkpoint(9), prove)
    assert [len(witness.requests) for witness in three] == [3, 3, 3]
    assert three[0].requests[1].startswith(b"old 0\n\n")

    remembering = collector(policy(three), note)
    assert remembering.states()[0] == WitnessState("w0", 7, CLOCK * 1000, None, 0, "")
    remembering.collect(checkpoint(11), prove)
    assert [len(witness.requests) for witness in three] == [5, 5, 5]  # 7 was not the last: 409 says 9


def test_what_one_lost_of_its_answer_is_asked_for_again(three: list[Cosigner]) -> None:
    """The witness kept the checkpoint, and its answer did not arrive."""
    asked = collector(policy(three), seconds=QUICK)

    def lost(body: bytes) -> None:
        three[1].honest(body)

    three[1].behave = lost
    assert missed(asked).startswith("w1: ")
    three[1].behave = None
    assert witnesses_of(asked, asked.collect(checkpoint(7), prove))[1] == ("w1", CLOCK)
    assert three[1].requests[-1].startswith(b"old 7\n\n")


@pytest.mark.parametrize(("threshold", "needed"), [("any", 1), ("2", 2), ("all", 3)])
def test_nobody_waits_for_more_than_the_quorum(three: list[Cosigner], threshold: str, needed: int) -> None:
    gate = threading.Event()

    def hanging(witness: Cosigner) -> Callable[[bytes], Answer | None]:
        def answer(body: bytes) -> Answer | None:
            gate.wait(30)
            return witness.honest(body)

        return answer

    for witness in three[needed:]:
        witness.behave = hanging(witness)
    asked = collector(policy(three, threshold))
    note = asked.collect(checkpoint(7), prove)  # would last 10 s if it waited
    assert len(witnesses_of(asked, note)) >= 1
    assert [state.size for state in asked.states()[needed:]] == [0] * (3 - needed)
    asked.collect(checkpoint(9), prove)  # the slow ones are busy; they get the newest when they are done
    asked.collect(checkpoint(12), prove)
    gate.set()
    assert [state.size for state in settled(asked)] == [12, 12, 12]
    assert [len(witness.requests) for witness in three[needed:]] == [2] * (3 - needed)


@pytest.mark.parametrize("absent", [0, 1, 2])
def test_a_quorum_of_two_bears_one_that_is_silent(three: list[Cosigner], absent: int) -> None:
    three[absent].behave = lambda body: None
    asked = collector(policy(three, "2"))
    note = asked.collect(checkpoint(7), prove)
    assert [name for name, _ in witnesses_of(asked, note)] == [f"w{n}" for n in range(3) if n != absent]
    assert settled(asked)[absent].error


def other_root(witness: Cosigner, body: bytes) -> Answer:
    """A cosignature, of another checkpoint."""
    return 200, witness.cosign(split(checkpoint(7, LEAVES[::-1]))[0])


def of_stranger(witness: Cosigner, body: bytes) -> Answer:
    return 200, Cosigner("stranger.example").cosign(split(checkpoint(7))[0])


def of_namesake(witness: Cosigner, body: bytes) -> Answer:
    """The key's name and id, and a signature that is not the key's."""
    line = witness.cosign(split(checkpoint(7))[0])
    return 200, line[:-9] + (b"AAAAAAA=" if line[-9:-1] != b"AAAAAAA=" else b"BBBBBBB=") + b"\n"


NO_LINE = "its answer holds no cosignature by the key of one.example"
FRAUDS: list[tuple[Callable[[Cosigner, bytes], Answer | None], str]] = [
    (lambda witness, body: None, "Remote end closed connection"),
    (lambda witness, body: (200, b""), NO_LINE),
    (lambda witness, body: (200, b"\xff\xfe\n\n<html>"), NO_LINE),
    (other_root, NO_LINE),
    (of_stranger, NO_LINE),
    (of_namesake, NO_LINE),
    (lambda witness, body: (200, b"x" * (MAX_ANSWER + 1)), "the answer is longer than"),
    (lambda witness, body: (302, b""), "it does not cosign (status 302)"),
    (
        lambda witness, body: (404, b"never\x1b heard\n"),
        "it does not know this log (status 404: never  heard)",
    ),
    (lambda witness, body: (403, b""), "it does not trust the log's key (status 403)"),
    (lambda witness, body: (422, b""), "it refuses this checkpoint"),
    (
        lambda witness, body: (422, b'{"code":"witness.refused","detail":"monitor.fork: two histories."}'),
        "it refuses this checkpoint (status 422: monitor.fork: two histories.)",
    ),
    (lambda witness, body: (422, b'["x"]'), 'it refuses this checkpoint (status 422: ["x"])'),
    (lambda witness, body: (500, b"x" * 1000), "it does not cosign (status 500: " + "x" * 200 + ")"),
    (lambda witness, body: (409, b"8\n"), "it has cosigned 8 entries, and is asked for 7"),
    (lambda witness, body: (409, b"7\n"), "it has cosigned another checkpoint of 7 entries"),
    (lambda witness, body: (409, b"3\n"), "it asks for a proof from 3 entries, and does not take it"),
    (lambda witness, body: (409, b"9" * 19 + b"\n"), "it has cosigned 9999999999999999999 entries"),
    (lambda witness, body: (409, b"-1\n"), "it does not cosign (status 409: -1)"),
    (lambda witness, body: (409, b"7"), "it does not cosign (status 409: 7)"),
]


@pytest.mark.parametrize(("behave", "reason"), FRAUDS)
def test_a_witness_that_misbehaves_is_named_and_not_needed(
    three: list[Cosigner], behave: Callable[[Cosigner, bytes], Answer | None], reason: str
) -> None:
    bad = three[0]
    bad.behave = lambda body: behave(bad, body)
    told = missed(collector(policy(three)))
    assert told.startswith(f"w0: {reason}"), told
    assert "w1" not in told
    assert len(bad.requests) <= 3

    asked = collector(policy(three, "2"))
    note = asked.collect(checkpoint(8), prove)
    assert [name for name, _ in witnesses_of(asked, note)] == ["w1", "w2"]
    state = settled(asked)[0]
    assert (state.size, state.cosigned, state.error != "") == (0, None, True)


def test_junk_around_a_cosignature_is_ignored(three: list[Cosigner]) -> None:
    def chatty(body: bytes) -> Answer:
        status, line = three[0].honest(body)
        stranger = Cosigner("stranger.example").cosign(split(checkpoint(7))[0])
        return status, b"hello\n\n" + stranger + line + of_namesake(three[0], body)[1] + line + b"\n"

    three[0].behave = chatty
    asked = collector(policy(three[:1]))
    note = asked.collect(checkpoint(7), prove)
    assert note == checkpoint(7) + three[0].cosign(split(checkpoint(7))[0]).decode()


def test_a_missed_quorum_is_told_and_made_good(three: list[Cosigner]) -> None:
    three[2].behave = lambda body: (503, b"back soon")
    now = NOW
    asked = Collector(parse_policy(policy(three), log_key()), lambda: now)
    assert missed(asked) == "w2: it does not cosign (status 503: back soon)"
    now += 3_000
    assert missed(asked, 9) == "w2: it does not cosign (status 503: back soon)"
    one, _, three_ = asked.states()
    assert one == WitnessState("w0", 9, now, now, 0, "")
    assert three_ == WitnessState("w2", 0, None, now, 3_000, "it does not cosign (status 503: back soon)")
    three[2].behave = None
    asked.collect(checkpoint(9), prove)
    assert asked.states()[2] == WitnessState("w2", 9, now, now, 0, "")
    assert [witness.size for witness in three] == [9, 9, 9]


def test_who_does_not_answer_in_time_and_who_cannot_be_asked(three: list[Cosigner]) -> None:
    gate = threading.Event()
    slow = three[0]

    def late(body: bytes) -> Answer:
        gate.wait(30)
        return slow.honest(body)

    slow.behave = late
    three[1].url = ""
    asked = collector(policy(three), seconds=QUICK)
    told = missed(asked)
    gate.set()
    assert told in (f"w0: {NOT_YET}; w1: {NO_URL}", f"w0: timed out; w1: {NO_URL}")
    assert settled(asked)[1] == WitnessState("w1", 0, None, None, 0, NO_URL)


def test_nobody_listens() -> None:
    with serving("gone.example") as witnesses:
        text = policy(witnesses)
    asked = collector(text)
    assert missed(asked) == "w0: Connection refused"
    assert asked.states()[0].contact is None


def test_a_store_that_fails_is_no_witness_fault_and_ends_no_thread(three: list[Cosigner]) -> None:
    asked = collector(policy(three))
    asked.collect(checkpoint(3), prove)

    def closed(old: int, new: int) -> list[bytes]:
        raise StorageError("store.closed")

    with pytest.raises(WitnessError):
        asked.collect(checkpoint(7), closed)
    asked.collect(checkpoint(7), prove)


def test_two_keys_at_one_place_are_asked_once(three: list[Cosigner]) -> None:
    """A witness that signs with two keys gives both lines in one answer."""
    one, two, _ = three
    two.url = one.url

    def twice(body: bytes) -> Answer:
        status, line = one.honest(body)
        return status, line + two.cosign(split(body.decode().partition("\n\n")[2])[0])

    one.behave = twice
    asked = collector(policy([one, two]))
    assert len(witnesses_of(asked, asked.collect(checkpoint(7), prove))) == 2
    assert len(one.requests) == 1
    one.behave = None
    assert missed(asked, 9) == "w1: its answer holds no cosignature by the key of two.example"


def test_without_a_quorum_nobody_is_waited_for_and_all_are_asked(three: list[Cosigner]) -> None:
    text = policy(three).replace("quorum g", "quorum none")
    asked = collector(text)
    assert asked.collect(checkpoint(7), prove) == checkpoint(7)
    assert [state.size for state in settled(asked)] == [7, 7, 7]


# --- The policy


def test_a_policy_may_be_a_whole_trust_file() -> None:
    witness = Cosigner("one.example", "https://one.example/x")
    lines = f"log {NAME}+00000000+AAAA\n{policy([witness])}"
    with pytest.raises(Malformed) as caught:
        parse_policy(lines, log_key())
    assert caught.value.code == "trust.key"
    plain = parse_policy(policy([witness]), log_key())
    assert (plain.logs[0].key, plain.witnesses[0].url) == (log_key(), witness.url)
    assert parse_policy(plain.format(), log_key()) == plain
    other = verifier("example.com/other", ED25519, private_key("other").public.raw)
    with pytest.raises(Malformed) as caught:
        parse_policy(plain.format(), other)
    assert caught.value.code == "trust.log"


@pytest.mark.parametrize("url", ["ftp://one.example", "one.example", "http://", "http://[", "http://x:0"])
def test_a_witness_is_reached_over_http(url: str) -> None:
    with pytest.raises(Malformed) as caught:
        parse_policy(policy([Cosigner("one.example", url)]), log_key())
    assert (caught.value.code, url in caught.value.detail) == ("trust.line", True)


def test_a_checkpoint_of_another_log_is_our_mistake(three: list[Cosigner]) -> None:
    text = format_checkpoint(Checkpoint("example.com/other", 1, root(LEAVES[:1])))
    with pytest.raises(Malformed):
        collector(policy(three)).collect(sign_note(text, "example.com/other", OPERATOR), prove)


def test_what_another_process_collected_is_learned(three: list[Cosigner]) -> None:
    three[2].behave = lambda body: (503, b"")
    asked = collector(policy(three))
    missed(asked, 9)
    three[2].behave = None
    other = collector(policy(three))
    early, late = other.collect(checkpoint(9), prove), other.collect(checkpoint(11), prove)
    asked.recall(early)
    assert [(state.size, state.error) for state in asked.states()] == [(9, ""), (9, ""), (9, "")]
    missed_by_one = checkpoint(12) + "".join(late.splitlines(keepends=True)[5:])
    asked.recall(missed_by_one)  # no cosignature in it is of that checkpoint
    assert [state.size for state in asked.states()] == [9, 9, 9]
    asked.recall(late)
    asked.recall(early)
    assert asked.states()[0] == WitnessState("w0", 11, CLOCK * 1000, NOW, 0, "")
