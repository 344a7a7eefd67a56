"""What a monitor remembers from one run to the next: the last checkpoint that it found good.

{"format":"oreline-monitor/1",
 "checkpoint":"<signed note>",
 "since":"<when it was first seen>",
 "kids":["<key of the watched party>",…]}
"""

from typing import NamedTuple

import orjson

from ledger import strictjson
from ledger.errors import Malformed
from ledger.note import Checkpoint, checkpoint_of
from ledger.quantity import format_instant, parse_instant

FORMAT = "oreline-monitor/1"


class State(NamedTuple):
    """``note``: the signed checkpoint. ``since``: ms since the epoch, when it was first seen. ``kids``: keys
    registered to the watched party by its entries, sorted."""

    note: str
    since: int
    kids: tuple[str, ...] = ()

    @property
    def checkpoint(self) -> Checkpoint:
        """What the note says; it was checked before it was kept."""
        return checkpoint_of(self.note)


def encode(state: State) -> bytes:
    """The bytes of the file."""
    value = {
        "format": FORMAT,
        "checkpoint": state.note,
        "since": format_instant(state.since),
        "kids": list(state.kids),
    }
    return strictjson.dumps(value) + b"\n"


def decode(data: bytes) -> State:
    """The state of the file's bytes; ``Malformed("monitor.state")``."""
    try:
        value = orjson.loads(data)
        state = State(value["checkpoint"], parse_instant(value["since"]), tuple(value["kids"]))
        if encode(state) == data and state.checkpoint.size >= 0:
            return state
    except (ValueError, TypeError, KeyError, Malformed):
        pass
    raise Malformed("monitor.state")
