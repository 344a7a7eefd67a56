"""The intake: statements from outside, read and their signatures checked, before any lock is taken."""

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import NamedTuple

from ledger import events, statement
from ledger.errors import Malformed, Problem, problem
from ledger.events import Event, brought
from ledger.keys import PublicKey
from ledger.register import Key
from ledger.signatures import Check, Checkers
from ledger.statement import Statement
from ledger.store import Store

MAX_KEYS = 10_000  # public keys remembered
# What is wrong costs more to tell than what is right to read, and anyone may send it. Of one batch no more
# statements are read once so much was wrong with it.
MOST_PROBLEMS = 1_000  # in the form of its statements
MOST_MALFORMED = 1024 * 1024  # octets of statements that are malformed
CHARTER = Key("charter", "0")


class Prepared(NamedTuple):
    """A statement that says what its signer signed. Whether the key may speak is for the rules."""

    statement: Statement
    event: Event


Taken = Prepared | tuple[Problem, ...]


class Intake:
    """Reads statements and checks signatures. Safe for many threads.

    A ``kid`` is the hash of its key, so any key with that hash is *the* key: where it was found
    (in the register, or in a ``key`` event of the same batch) does not matter here.
    """

    def __init__(self, store: Store) -> None:
        self._store = store
        self._keys: dict[str, PublicKey] = {}
        self._checkers = Checkers()

    def take(self, statements: Iterable[str | bytes]) -> list[Taken]:
        """Each statement prepared, or all that is wrong with it: ``statement.unread`` where too much is."""
        taken = list(_read_all(statements))
        read = [(n, found) for n, found in enumerate(taken) if isinstance(found, Prepared)]
        keys = self._find([found for _, found in read])
        known: list[int] = []
        checks: list[Check] = []
        for n, found in read:
            key = keys.get(found.statement.kid)
            if key is None:
                taken[n] = (self._of_a_stranger(found),)
            else:
                known.append(n)
                checks.append(Check(found.statement.text, key.jwk_text))
        for wrong in self._checkers.check(checks):
            taken[known[wrong.place]] = (problem(wrong.code, wrong.path, wrong.detail),)
        return taken

    def close(self) -> None:
        """Let the processes end that check signatures."""
        self._checkers.close()

    def _of_a_stranger(self, found: Prepared) -> Problem:
        """Why nobody can check it. Mostly it was meant for another ledger, where its key is known."""
        charter = self._store.read([CHARTER]).get(CHARTER)
        if charter is not None and found.event.ledger != charter.value.name:
            return problem("event.ledger", "$.ledger", f"this ledger is {charter.value.name}")
        kid = found.statement.kid
        return problem("key.unknown", "$", f"{kid} is not in the ledger", kid)

    def _find(self, batch: Sequence[Prepared]) -> Mapping[str, PublicKey]:
        """The public keys that the batch names, as far as they are known."""
        wanted = {found.statement.kid for found in batch}
        keys = {kid: self._keys[kid] for kid in wanted if kid in self._keys}
        if len(keys) < len(wanted):
            found = self._store.read(Key("key", kid) for kid in wanted - keys.keys())
            fresh = {
                key.id: PublicKey.from_jwk(json.loads(record.value.jwk)) for key, record in found.items()
            }
            if len(self._keys) + len(fresh) > MAX_KEYS:
                self._keys = {}
            self._keys.update(fresh)  # only registered keys: a stranger's batch cannot fill the memory
            keys.update(fresh)
        if len(keys) < len(wanted):
            keys.update(
                {key.kid: key for prepared in batch for key in brought(prepared.event) if key.kid in wanted}
            )
        return keys


def _read_all(statements: Iterable[str | bytes]) -> Iterator[Taken]:
    problems = octets = 0
    for text in statements:
        if problems >= MOST_PROBLEMS or octets >= MOST_MALFORMED:
            yield (problem("statement.unread", "$"),)
            continue
        found = _read(text)
        if not isinstance(found, Prepared):
            problems += len(found)
            octets += min(len(text), statement.MAX)  # a longer one is not looked at
        yield found


def _read(text: str | bytes) -> Taken:
    try:
        found = statement.parse(text)
        return Prepared(found, events.parse(found.payload))
    except Malformed as wrong:
        return tuple(wrong.problems)
