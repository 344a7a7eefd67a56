"""Tampered copies of the demo's proof: who could try what, from a changed digit to a whole invented ledger.

Each copy is as good as its forger can make it: the tree is rebuilt and signed again wherever the forger
holds the operator's key. What still gives it away is for the numbered checks to find.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import NamedTuple

from cli.demo import story as demo
from cli.demo.story import Clock, Step, Story
from ledger import b64, entry, events, merkle, note, prooffile, statement
from ledger.keys import PrivateKey
from ledger.log import Log
from ledger.merkle import leaf_hash
from ledger.prooffile import ProofFile
from ledger.publisher import Publisher
from ledger.store.guard import MemoryGuard
from ledger.store.memory import MemoryStore

CHANGED = "slit-70455"  # the step whose mass is changed
WAS, IS = b'"kg":"3420"', b'"kg":"3720"'
CUT = "amrun-mine-01"  # the step that is cut out


class Tampered(NamedTuple):
    """``what`` was done, in one line, and the proof file that came of it."""

    what: str
    proof: bytes


class Original(NamedTuple):
    """The honest proof, and what forgers may lay their hands on. ``entries``: all of the ledger's;
    ``steps`` made them, in the same order."""

    proof: bytes
    entries: Sequence[bytes]
    story: Story
    steps: Sequence[Step]
    keys: Mapping[str, PrivateKey]

    def entry_of(self, step: str) -> int:
        """The entry that a step became."""
        event = self.step(step).event["id"]
        return next(index for index, data in enumerate(self.entries) if _event(data) == event)

    def step(self, step: str) -> Step:
        """The step with this id."""
        return next(found for found in self.steps if found.id == step)


def tampered(original: Original, seed: Callable[[str], bytes]) -> Iterator[Tampered]:
    """All the copies, one by one. ``seed`` makes the invented ledger's keys."""
    honest = prooffile.decode(original.proof)
    wanted = [entry.decode(text.encode()).index for text in honest.entries]
    entries, operator = original.entries, original.keys["operator"]
    at = original.entry_of(CHANGED)
    name = original.story.ledger

    changed = _replaced(entries[at], lambda text: _reworded(text, None))
    rows = [changed.decode() if text.encode() == entries[at] else text for text in honest.entries]
    yield Tampered("Someone changes a digit: 3,420 kg become 3,720.", _file(honest, tuple(rows)))

    forged = _rechained(entries, at, changed)
    yield Tampered(
        "The operator does it, and signs the new tree.", _signed(honest, wanted, forged, name, operator)
    )

    slitter = original.keys[original.step(CHANGED).by]
    forged = _rechained(entries, at, _replaced(entries[at], lambda text: _reworded(text, slitter)))
    yield Tampered(
        "The slitter signs it too: more metal out than in.", _signed(honest, wanted, forged, name, operator)
    )

    cut = original.entry_of(CUT)
    left = [index for index in wanted if index != cut]
    yield Tampered("The operator leaves out a mine.", _signed(honest, left, entries, name, operator))

    other = honest._replace(subject=original.story.with_unknown)
    yield Tampered("The proof is relabelled for another hood.", prooffile.encode(other))

    text = note.split(honest.checkpoint)[0]
    stranger = honest._replace(checkpoint=note.sign_note(text, name, original.keys["mercator"]))
    yield Tampered("The trader signs the checkpoint in the log's name.", prooffile.encode(stranger))

    keys = demo.make_keys(original.story, seed)
    invented = _invented(original.story, keys)
    yield Tampered(
        "A whole ledger is invented, every signature good.",
        _signed(honest, wanted, invented, name, keys["operator"]),
    )


def _event(data: bytes) -> str:
    """The id of an entry's event."""
    return events.in_entry(data).id


def _reworded(text: str, signer: PrivateKey | None) -> str:
    """A statement with the changed mass, signed anew or under the old signature."""
    header, payload, signature = text.split(".")
    changed = b64.decode(payload).replace(WAS, IS, 1)
    return statement.sign(changed, signer) if signer else f"{header}.{b64.encode(changed)}.{signature}"


def _replaced(data: bytes, change: Callable[[str], str]) -> bytes:
    """An entry with its statement changed."""
    found = entry.decode(data)
    return entry.encode(found._replace(statement=change(found.statement)))


def _rechained(entries: Sequence[bytes], at: int, changed: bytes) -> list[bytes]:
    """All entries with one changed, and every later one linked to the entry before."""
    chain = [*entries[:at], changed]
    for data in entries[at + 1 :]:
        chain.append(entry.encode(entry.decode(data)._replace(prev=leaf_hash(chain[-1]))))
    return chain


def _file(honest: ProofFile, rows: tuple[str, ...]) -> bytes:
    return prooffile.encode(honest._replace(entries=rows))


def _signed(
    honest: ProofFile, wanted: Sequence[int], entries: Sequence[bytes], name: str, operator: PrivateKey
) -> bytes:
    """A proof of the same subject from another tree, whose checkpoint ``operator`` signs."""
    leaves = [leaf_hash(data) for data in entries]
    size = len(leaves)

    def read(level: int, index: int) -> bytes:
        return merkle.root(leaves[index << level : (index + 1) << level])

    checkpoint = note.format_checkpoint(note.Checkpoint(name, size, merkle.root(leaves)))
    return prooffile.encode(
        ProofFile(
            honest.subject,
            note.sign_note(checkpoint, name, operator),
            tuple(entries[index].decode() for index in wanted),
            tuple(merkle.multiproof(wanted, size, read)),
        )
    )


def _invented(story: Story, keys: Mapping[str, PrivateKey]) -> list[bytes]:
    """The entries of the same story told with other keys."""
    clock = Clock()
    log = Log(MemoryStore(), clock)
    publisher = Publisher(log, MemoryGuard(), keys["operator"], story.ledger)
    steps = demo.all_steps(story, keys)
    try:
        for part in steps[:1], steps[1:]:  # as the honest one was made
            demo.play(part, keys, log, clock)
            publisher.publish()
        return list(log.store.entries(0, log.store.head().size))
    finally:
        log.close()
