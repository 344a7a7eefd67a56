"""The demo's story: a quarter of an invented aluminium trade, as data, and how it is signed and posted.

``story.json`` (package data, illustrative) lists parties, sites, further keys and steps. A step is one
event: the name of the key that signs it, when the ledger receives it, and the event's members without
``ledger`` and ``party``, which follow from the story and the key. The registry's own events (charter,
parties, sites, keys) come first; they are made here, because they hold public keys.

Randomness and time are arguments: ``seed`` gives 32 octets for each key's name, the clock is set to each
step's receipt. The same seeds make the same statements.
"""

import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from importlib import resources
from itertools import groupby
from typing import Any, NamedTuple

from ledger import b64, statement, strictjson
from ledger.errors import Problem
from ledger.keys import Algorithm, PrivateKey, possession_message
from ledger.log import Log
from ledger.quantity import format_time, parse_time

REGISTRAR = "registrar"
OFFICES = (REGISTRAR, "recovery", "operator")  # the charter's keys, by name
PAUSE = 300  # seconds between the registry's batches


class Step(NamedTuple):
    """One event of the story. ``id`` names the step; ``received``: ms; ``by``: the signing key's name;
    ``say``: what a narrator says about it, if anything."""

    id: str
    received: int
    by: str
    event: dict[str, Any]
    say: str = ""


class Story(NamedTuple):
    """The data as read. ``subject``: the hood that the demo proves, and that a buyer may buy; ``fails``: one
    of another heat, that a buyer may not; ``not_provable``: one of which too little was said;
    ``with_unknown``: one whose furnace held opening stock. ``example``: a step not taken, for the smelter to
    try. ``documents``: what the certifiers' evidence is, each a file's ``name`` and ``text``. ``parties``,
    ``sites``: members of the registrar's events; ``keys``: keys beside a party's first one. ``catalogue``:
    the charter's, as text."""

    illustrative: str
    ledger: str
    begins: str
    subject: str
    fails: str
    not_provable: str
    with_unknown: str
    example: dict[str, Any]
    documents: tuple[dict[str, str], ...]
    parties: tuple[dict[str, Any], ...]
    sites: tuple[dict[str, Any], ...]
    keys: tuple[dict[str, Any], ...]
    steps: tuple[dict[str, Any], ...]
    catalogue: str

    def party(self, name: str) -> str:
        """The party id of a key's name."""
        short = next((key["party"] for key in self.keys if key["name"] == name), name)
        short = REGISTRAR if short in OFFICES else short
        subject: str = next(party["subject"] for party in self.parties if party["short"] == short)
        return subject


class Refused(Exception):
    """A step of the story was not admitted: the story and the rules disagree."""

    def __init__(self, step: Step, problems: Sequence[Problem]) -> None:
        super().__init__(f"{step.id}: " + "; ".join(f"{p.code} {p.path} {p.detail}" for p in problems))
        self.step = step
        self.problems = tuple(problems)


class Clock:
    """A clock that the story sets. ``now``: ms since the epoch."""

    def __init__(self, now: int = 0) -> None:
        self.now = now

    def __call__(self) -> int:
        return self.now


def load() -> Story:
    """The story that comes with the package."""
    files = resources.files("cli")
    told = json.loads((files / "demo" / "story.json").read_text("utf-8"))
    rows = {name: tuple(told.pop(name)) for name in ("documents", "parties", "sites", "keys", "steps")}
    return Story(**{**told, **rows, "catalogue": (files / "data" / "catalogue.json").read_text("utf-8")})


def make_keys(story: Story, seed: Callable[[str], bytes]) -> dict[str, PrivateKey]:
    """Every key of the story by its name. ``seed``: 32 octets for a name."""
    wanted: dict[str, Algorithm] = dict.fromkeys(OFFICES, "Ed25519")
    for party in story.parties:
        wanted.setdefault(party["short"], party.get("algorithm", "Ed25519"))
    for key in story.keys:
        wanted[key["name"]] = key.get("algorithm", "Ed25519")
    return {name: PrivateKey.from_seed(algorithm, seed(name)) for name, algorithm in wanted.items()}


def all_steps(story: Story, keys: Mapping[str, PrivateKey]) -> list[Step]:
    """The whole story in order: the registry's steps, the charter first, then the trade's."""
    steps = _registry(story, keys)
    for row in story.steps:
        received = parse_time(row["received"]) * 1000
        event = _event(story, row["by"], row["event"])
        steps.append(Step(row["id"], received, row["by"], event, row.get("say", "")))
    return steps


def example(story: Story) -> dict[str, Any]:
    """An event that the smelter could post next."""
    return _event(story, story.example["by"], story.example["event"])


def sign(step: Step, keys: Mapping[str, PrivateKey]) -> str:
    """The step's statement, signed by its key."""
    return statement.sign(strictjson.dumps(step.event), keys[step.by])


def play(
    steps: Iterable[Step],
    keys: Mapping[str, PrivateKey],
    log: Log,
    clock: Clock,
    progress: Callable[[Sequence[Step]], None] = lambda batch: None,
) -> int:
    """Sign and post the steps as their systems would: what one key sends at one moment is one batch.

    ``progress`` hears of each batch that is in the ledger. Returns how many steps are. Raises ``Refused``
    for the first batch that the ledger does not admit.
    """
    posted = 0
    for (received, _), group in groupby(steps, lambda step: (step.received, step.by)):
        batch = list(group)
        clock.now = received
        result = log.post([sign(step, keys) for step in batch])
        if result.problems:
            raise Refused(batch[0], result.problems)
        posted += len(batch)
        progress(batch)
    return posted


def _event(story: Story, by: str, members: Mapping[str, Any]) -> dict[str, Any]:
    head = {name: members[name] for name in ("type", "id", "time")}
    rest = {name: value for name, value in members.items() if name not in head}
    return {"ledger": story.ledger, **head, "party": story.party(by), **rest}


def _registry(story: Story, keys: Mapping[str, PrivateKey]) -> list[Step]:
    """What the registrar says first: the charter, then all parties, sites and keys."""
    begins = parse_time(story.begins)
    steps: list[Step] = []

    def say(id: str, by: str, batch: int, members: dict[str, Any]) -> None:
        at = begins + batch * PAUSE
        scope = story.party(by).replace(":party:", ":event:")
        head = {"type": members.pop("type"), "id": f"{scope}:{id}", "time": format_time(at)}
        steps.append(Step(id, at * 1000, by, _event(story, by, {**head, **members})))

    registrar, recovery, operator = (keys[name].public.jwk for name in OFFICES)
    charter = {
        "type": "charter",
        "name": story.ledger,
        "rules": 1,
        "registrar_keys": [registrar],
        "recovery_key": recovery,
        "operator_key": operator,
        "catalogue": json.loads(story.catalogue),
    }
    say("charter", REGISTRAR, 0, charter)
    for party in story.parties:
        members = {name: value for name, value in party.items() if name not in ("short", "algorithm")}
        say(f"party-{party['short']}", REGISTRAR, 1, {"type": "party", **members})
    for site in story.sites:
        say(f"site-{site['subject'].rsplit(':', 1)[1]}", REGISTRAR, 2, {"type": "site", **site})
    for party in story.parties:
        if party["short"] not in OFFICES:
            say(f"key-{party['short']}", REGISTRAR, 3, _key(story, party["short"], keys))
    for key in story.keys:
        members = _key(story, key["name"], keys)
        say(f"key-{key['name']}", key["by"], 4, {**members, "sites": key["sites"]})
    return steps


def _key(story: Story, name: str, keys: Mapping[str, PrivateKey]) -> dict[str, Any]:
    """A ``key`` event's members: the new key and its proof of possession."""
    key, subject = keys[name], story.party(name)
    proof = key.sign(possession_message(story.ledger, subject, key.public.kid))
    return {"type": "key", "subject": subject, "jwk": key.public.jwk, "proof": b64.encode(proof)}
