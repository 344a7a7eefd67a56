"""The rules: pure functions from (event, register) to changes or a refusal.

``apply`` is the only place that knows what is allowed. It does no input or output, takes time and
identity as arguments and reads the register through one function. The same code admits an event,
replays the log in an audit and checks a proof offline.
"""

from collections.abc import Callable, Mapping
from typing import NamedTuple

from ledger.register import Flow, Key, Record, Value


class Context(NamedTuple):
    """Where and when the event is judged. ``received``: ms. ``kid``: whose signature was checked.
    ``digest``: base64url SHA-256 of the payload octets. ``charter``: index of the charter in force."""

    index: int
    received: int
    kid: str
    charter: int
    digest: str


class Changes(NamedTuple):
    """What an admitted event does. ``about``: keys that it corrects, revokes or attests."""

    writes: Mapping[Key, Value]
    flows: tuple[Flow, ...]
    about: tuple[Key, ...]


class Refusal(NamedTuple):
    """Why an event is not admitted. ``keys``: the records that decided it."""

    code: str
    path: str
    detail: str
    keys: tuple[Key, ...]
    waiting_for: str | None = None


Read = Callable[[Key], Record | None]
