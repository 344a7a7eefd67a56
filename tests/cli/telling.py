"""The demo's story, told into a ledger in memory, and what it left there."""

import hashlib
from typing import Any, NamedTuple

from cli.demo import story
from cli.demo.story import Clock, Step, Story
from ledger.keys import PrivateKey
from ledger.log import Log
from ledger.register import Key, Record, event_name
from ledger.store import Store

LOT = "urn:oreline-demo:lot:"
PARTY = "urn:oreline-demo:party:"
SITE = "urn:oreline-demo:site:"


def seed(name: str) -> bytes:
    """Of the key with this name."""
    return hashlib.sha256(name.encode()).digest()


class Told(NamedTuple):
    """The story, who tells it, its steps, and the ledger they are in."""

    story: Story
    keys: dict[str, PrivateKey]
    steps: list[Step]
    store: Store

    def value(self, kind: str, id: str) -> Any:
        return self.store.read([Key(kind, id)])[Key(kind, id)].value

    def step(self, id: str) -> Step:
        (found,) = [step for step in self.steps if step.id == id]
        return found

    def marks(self, id: str) -> list[str]:
        """The open marks on a step's event."""
        key = Key("status", f"event {self.name(id)}")
        record: Record | None = self.store.read([key]).get(key)
        return [mark[0] for mark in record.value.marks] if record else []

    def name(self, id: str) -> str:
        event = self.step(id).event
        return event_name(event["party"], event["id"])

    def ancestors(self, lot: str) -> set[str]:
        """Every node upstream of a lot: lots, and events by name."""
        seen: set[str] = set()
        ahead = {lot}
        while ahead:
            seen |= ahead
            ahead = {flow.src for _, flow in self.store.flows_into(ahead)} - seen
        return seen


def tell(log: Log, clock: Clock) -> tuple[Story, dict[str, PrivateKey], list[Step]]:
    """Tell the whole story into a log."""
    told = story.load()
    keys = story.make_keys(told, seed)
    steps = story.all_steps(told, keys)
    story.play(steps, keys, log, clock)
    return told, keys, steps
