"""What an event is said to write and to rest on, against what the rules in fact write and need."""

import json
from collections.abc import Callable
from functools import partial

import pytest

from ledger.check import evidence
from ledger.entry import decode
from ledger.register import CHAINED, WRITE_ONCE, Key
from ledger.rules.fold import Fold
from tests.check.busy import Busy
from tests.core.replaying import admitted
from tests.world import World


def hood() -> World:
    world = World()
    world.hood()
    return world


@pytest.mark.parametrize("make", [hood, *(partial(Busy, seed, 80) for seed in range(4))])
def test_what_events_name_is_what_the_rules_use(make: Callable[[], World | Busy]) -> None:
    """Of entry after entry: ``writes`` covers the records written, ``about`` the touches, and ``rests_on``
    with what those writers rest on covers the needs. Only corrections write more: they restore what
    the corrected event, which they are about, had replaced."""
    made = make()
    world = made.world if isinstance(made, Busy) else made
    fold = Fold(lambda key: None)
    written: dict[int, set[Key]] = {}
    below: dict[int, set[int]] = {}  # entries that an entry rests on, and those rest on, and so on
    for data in world.store.entries(0, world.store.head().size):
        piece = evidence.read(decode(data))
        entry, signed = piece.entry, piece.statement
        assert signed is not None
        event, step = admitted(fold, data)
        claimed = set(evidence.writes(event, entry.index))
        judged = {key for key in step.records if key.kind in WRITE_ONCE or key.kind in CHAINED}
        if event.type != "correct":
            assert judged <= claimed
        assert set(step.about) - set(evidence.about(event)) <= {
            Key("attestation", name.id) for name in evidence.about(event)
        } | {key for key in step.about if key.kind == "key"}
        rests = set(evidence.rests_on(event, signed.kid))
        direct = {index for index, keys in written.items() if keys & rests}
        below[entry.index] = direct.union(*(below[index] for index in direct))
        speakers = {
            index
            for index in written
            if index not in below[entry.index] and json.loads(_payload(world, index))["type"] in SPEAKERS
        }
        assert set(step.needs) <= below[entry.index] | speakers
        written[entry.index] = claimed


SPEAKERS = {"correct", "revoke_key"}  # wanted through what they are about


def _payload(world: World, index: int) -> bytes:
    piece = evidence.read(decode(world.store.entries_at([index])[index]))
    assert piece.statement is not None
    return piece.statement.payload
