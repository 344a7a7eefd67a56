"""What the ledger of a test says: refusals with their place, and the records that an event left."""

from collections.abc import Mapping
from typing import Any

from ledger.keys import PrivateKey
from ledger.log import Refused
from ledger.register import Flow, Key
from tests.world import World


def refusal(world: World, event: Mapping[str, Any], by: PrivateKey | None = None) -> tuple[str, str]:
    """The code and the path with which the event is refused; it must be."""
    outcome = world.try_post(event, by)
    assert isinstance(outcome, Refused), "the event was admitted"
    (problem,) = outcome.problems
    return problem.code, problem.path.replace("$[0]", "$")


def waits_for(world: World, event: Mapping[str, Any]) -> str | None:
    """What a refused event waits for."""
    outcome = world.try_post(event)
    assert isinstance(outcome, Refused), "the event was admitted"
    return outcome.problems[0].waiting_for


def value(world: World, kind: str, id: str) -> Any:
    """The value of a record, or None."""
    record = world.store.read((Key(kind, id),)).get(Key(kind, id))
    return None if record is None else record.value


def at(world: World, kind: str, id: str) -> int:
    """The index of a record's last writer."""
    return world.store.read((Key(kind, id),))[Key(kind, id)].at


def flows(world: World) -> set[Flow]:
    """The flows of the last entry."""
    size = world.store.head().size
    return {flow for _, flow in world.store.flows_between(size - 1, size)}


def needs(world: World, index: int | None = None) -> tuple[int, ...]:
    """The needs of one entry, by default the last."""
    at = world.store.head().size - 1 if index is None else index
    return world.store.needs((at,))[at]


def touched(world: World, kind: str, id: str) -> tuple[int, ...]:
    """The entries that correct, revoke, replace or attest what the key names."""
    return world.store.touches((Key(kind, id),)).get(Key(kind, id), ())


def stock(world: World, site: str, owner: str, material: str, kind: str = "stock") -> int:
    """Grams of one owner's material at a site, or (kind ``transit``) on the way from there."""
    found = value(world, kind, f"{site} {owner} {material}")
    return 0 if found is None else int(found.grams)


def register(world: World) -> dict[Key, Any]:
    """The whole register."""
    from ledger.register import KINDS

    return {key: record for kind in KINDS for key, record in world.store.scan(kind, limit=100_000)}
