"""Taking something out of an honest proof, or changing any byte of it, never makes it look better."""

import json
from functools import cache
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ledger import entry
from ledger.check import anchor, evidence
from ledger.check.report import CHECKS, FAIL, NOT_PROVABLE, PASS, Checked
from ledger.check.text import as_text
from ledger.note import checkpoint_of
from ledger.proof import SHORT, build
from ledger.prooffile import decode
from ledger.verify import check
from tests.check.busy import Busy
from tests.check.forge import Forge
from tests.redteam.known import Ledger, file, taken_apart
from tests.world import PARTY, World

RANK = {FAIL: 0, NOT_PROVABLE: 1, PASS: 2}
PROVABLE = [number for number in CHECKS if number != 8]


class Story:
    """A ledger, the proof of its most eventful lot, and what that proof shows."""

    def __init__(self, world: World, lot: str) -> None:
        self.world, self.lot, self.forge = world, lot, Forge(world)
        texts = json.loads(build(world.store, lot))["entries"]
        self.indices = [json.loads(text)["index"] for text in texts]
        self.whole = self.check(self.indices)

    def check(self, indices: list[int]) -> Checked:
        (found,) = check([self.forge.proof(self.lot, indices)], self.world.trust).proofs
        return found


def hood() -> Story:
    world = World()
    lot = world.hood()
    world.scrap("yard", "last", "5")
    world.publish()
    return Story(world, lot)


def busy(seed: int) -> Story:
    """The lot with the largest proof of a busy ledger."""
    found = Busy(seed, 60)
    found.world.publish()
    sizes = {lot: len(json.loads(build(found.world.store, lot))["entries"]) for lot, _ in found.lots}
    return Story(found.world, max(sizes, key=lambda lot: (sizes[lot], lot)))


STORIES = ("hood", "busy 1", "busy 2", "busy 3")


@cache
def story_of(name: str) -> Story:
    return hood() if name == "hood" else busy(int(name.removeprefix("busy ")))


def known(found: Checked) -> int:
    """Grams whose origin is known."""
    return sum(
        grams for origin, grams, _ in found.origins if origin.split()[0] not in ("unknown", "unproven")
    )


def never_better(less: Checked, whole: Checked) -> None:
    for number in PROVABLE:
        assert RANK[less.verdict(number)] <= RANK[whole.verdict(number)], number
    if all(less.verdict(number) == PASS for number in (5, 6, 7)):
        assert (less.origins, less.traces) == (whole.origins, whole.traces)
    if whole.grams:
        assert known(less) <= known(whole) + len(whole.origins)  # rounding, a gram an origin
    assert less.findings[-1].check == 9


@pytest.mark.parametrize("name", STORIES)
def test_no_entry_can_be_spared(name: str) -> None:
    """Every entry but the last is there for a reason: without it something is no longer proven, unless
    it is one of those that only count against the subject."""
    story = story_of(name)
    needless = []
    for index in story.indices[:-1]:
        less = story.check([n for n in story.indices if n != index])
        never_better(less, story.whole)
        if [less.verdict(n) for n in PROVABLE] == [story.whole.verdict(n) for n in PROVABLE]:
            needless.append(index)
    if name == "hood":
        assert needless == []


@pytest.mark.unmeasured
@given(st.sampled_from(STORIES), st.randoms(use_true_random=False), st.floats(0.3, 0.98))
@settings(max_examples=40)
def test_no_part_of_a_proof_shows_more_than_the_whole(name: str, random: Random, share: float) -> None:
    story = story_of(name)
    never_better(story.check([n for n in story.indices if random.random() < share]), story.whole)


@pytest.mark.unmeasured
@given(st.sampled_from(STORIES), st.randoms(use_true_random=False))
@settings(max_examples=40)
def test_no_part_of_the_ledger_shows_more_than_all_of_it(name: str, random: Random) -> None:
    """Entries that the proof would not hold may be put in, too."""
    story = story_of(name)
    every = range(len(story.forge.entries))
    never_better(story.check([n for n in every if random.random() < 0.8]), story.whole)


@pytest.mark.unmeasured
@given(st.data())
@settings(max_examples=120)
def test_a_changed_byte_never_verifies(data: st.DataObject) -> None:
    story = story_of("hood")
    proof = build(story.world.store, story.lot)
    at = data.draw(st.integers(0, len(proof) - 1))
    byte = data.draw(st.integers(0, 255).filter(lambda byte: byte != proof[at]))
    changed = proof[:at] + bytes([byte]) + proof[at + 1 :]
    assert check([changed], story.world.trust).exit_code != 0


@pytest.mark.unmeasured
@given(st.data())
@settings(max_examples=40)
def test_a_lost_doubled_or_cut_stretch_never_verifies(data: st.DataObject) -> None:
    story = story_of("hood")
    proof = build(story.world.store, story.lot)
    start = data.draw(st.integers(0, len(proof) - 1))
    stop = data.draw(st.integers(start + 1, len(proof)))
    for changed in (proof[:start] + proof[stop:], proof[:stop] + proof[start:], proof[:start]):
        assert check([changed], story.world.trust).exit_code != 0


@given(st.binary(max_size=200))
def test_any_bytes_get_a_report(data: bytes) -> None:
    report = check([data], story_of("hood").world.trust)
    assert report.exit_code == 1
    assert as_text(report) != ""


@pytest.mark.unmeasured
@given(st.integers(0, 2**32), st.sampled_from(["busy 1", "busy 2"]))
@settings(max_examples=40)
def test_no_forged_log_breaks_the_checker(seed: int, name: str) -> None:
    """Events put together from pieces of others, under any key, index and time: there is always a report."""
    random, story = Random(seed), story_of(name)
    world, forge = story.world, Forge(story.world)
    for _ in range(6):
        event = dict(random.choice(world.posted))
        for _ in range(random.randint(0, 3)):
            other = random.choice(world.posted)
            member = random.choice([member for member in other if member != "type"])
            event[member] = other[member]
        event["id"] = random.choice([event["id"], f"evt:forged-{len(forge.entries)}"])
        key = random.choice([*world.keys.values(), world.recovery, world.operator])
        members = random.choice([{}, {}, {"received": random.randint(0, 2 * world.now)}, {"charter": 1}])
        forge.add(event, by=random.choice([key, world.keys[event["party"]]]), **members)
    lots = [line["lot"] for event in world.posted for line in event.get("outputs", ())]
    report = check([forge.proof(lot) for lot in random.sample(lots, 2)], world.trust)
    assert as_text(report)
    assert json.loads(json.dumps(report.as_json()))["exit_code"] == report.exit_code


def test_whoever_has_sold_a_part_cannot_show_it_as_theirs() -> None:
    """The register chains what moved a lot. Without its root the report does not claim more than it saw."""
    world = World()
    hood = world.hood()
    world.site("plant")
    size = world.store.head().size
    world.hand_over("press", "plant", {hood: "8"})
    world.source("pit", "later", "1")
    world.publish()
    known = Ledger(world.store)
    claim = taken_apart(known, build(world.store, hood))
    stripped = claim._replace(entries=claim.entries - {size, size + 1})
    (found,) = check([file(known, stripped)], world.trust).proofs
    assert {f.code for f in found.findings if f.verdict == FAIL} == {"standing.left_out"}
    (found,) = check([file(known, stripped._replace(shown=False))], world.trust).proofs
    said = {finding.check: finding.sentence for finding in found.findings}
    assert f"As far as the proof shows, it is held by {PARTY}stamper" in said[7]
    assert found.verdict(8) == NOT_PROVABLE
    assert "handed on" in said[8]


def test_a_root_that_the_logs_key_did_not_sign() -> None:
    world = World()
    lot = world.hood()
    note = world.publish()
    proof = decode(build(world.store, lot, horizon=SHORT))
    found = entry.decode(proof.entries[0].encode())
    last = evidence.read(found)
    assert last.statement is not None
    forged = last._replace(statement=last.statement._replace(signature=bytes(64)))
    read = anchor.Read(proof, checkpoint_of(note), [found], [])
    assert [one.verdict for one in anchor.rooted(read, last, world.trust)] == ["pass"]
    (wrong,) = anchor.rooted(read, forged, world.trust)
    assert (wrong.check, wrong.verdict, wrong.code) == (5, "fail", "statement.signature")
