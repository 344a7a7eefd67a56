"""What no honest operator logs; each returns the index of the entry that cannot stand."""

from collections.abc import Callable
from typing import Any

from tests.witness.liar import Liar
from tests.world import LOT, PARTY, REGISTRAR, SITE, private_key

HONEST: dict[str, Any] = {
    "type": "party",
    "party": REGISTRAR,
    "subject": PARTY + "x",
    "name": "X",
    "country": "CA",
    "roles": ["miner"],
    "prefixes": [],
}


def overdrawn(liar: Liar) -> int:
    """More metal than there is."""
    event = {
        "type": "transform",
        "party": PARTY + "stamper",
        "site": SITE + "press",
        "process": "blank",
        "inputs": [{"lot": LOT + "roller:coil", "kg": "849"}],
        "outputs": [{"lot": LOT + "stamper:more", "material": "blank", "kg": "849"}],
        "model": "segregated",
    }
    return liar.put(event)


def stolen(liar: Liar) -> int:
    """Signed with somebody else's key."""
    return liar.put(HONEST, private_key("miner"))


def unsigned(liar: Liar) -> int:
    """A signature that is none."""
    head, payload, _ = liar.world.sign(liar.world.event(HONEST)).split(".")
    return liar.put_statement(f"{head}.{payload}.{'A' * 86}")


def nonsense(liar: Liar) -> int:
    """Octets that are no entry."""
    return liar.put_bytes(b"\xff\0nonsense")


def unchained(liar: Liar) -> int:
    """Behind another entry than the one before it."""
    return liar.put(HONEST, prev=bytes(32))


def backdated(liar: Liar) -> int:
    """Received before the entry before it."""
    return liar.put(HONEST, received=liar.world.store.head().received - 1)


def unknown_key(liar: Liar) -> int:
    """By a key that is nowhere."""
    return liar.put(HONEST, private_key("nobody"))


def other_size(liar: Liar) -> int:
    """A root of another size."""
    return liar.state(size=3)


REFUSED: dict[Callable[[Liar], int], str] = {
    overdrawn: "lot.overdrawn",
    stolen: "key.other_party",
    unsigned: "statement.signature",
    nonsense: "entry.form",
    unchained: "entry.chain",
    backdated: "entry.chain",
    unknown_key: "key.unknown",
    other_size: "register.size",
}
