"""Where statements go: a ledger on this machine, or one that is served elsewhere. Both answer alike:
see ``cli.answers``.
"""

import os
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from typing import Any, Protocol

import click

from cli import options, output
from cli.answers import Answer, charter_in, renumbered
from ledger.errors import GuardError, WitnessError
from ledger.folder import Ledger
from ledger.judging import answer_of
from ledger.lookup.views import event_json
from ledger.register import Key, Record

CHUNK = 1_000  # statements posted at once, where each stands for itself
ATTEMPTS = 5  # others that share the guard may sign in between


class Target(Protocol):
    """A ledger that takes statements."""

    def charter(self) -> dict[str, Any]:
        """The event of entry 0: ``ledger`` is the ledger's name, ``party`` its registrar."""
        ...

    def party_of(self, kid: str) -> str | None:
        """The party that a key is registered to; None where that is not known."""
        ...

    def registered(self, kind: str, id: str) -> dict[str, str] | None:
        """The event by which a party or site is registered now, as other events name it."""
        ...

    def post(self, statements: Sequence[str], proceed: bool, dry_run: bool) -> Answer:
        """Post once."""
        ...


class Local:
    """A ledger in a folder of this machine."""

    def __init__(self, ledger: Ledger) -> None:
        self._ledger = ledger

    def charter(self) -> dict[str, Any]:
        """See ``Target``."""
        return charter_in(self._ledger.store.entries_at((0,))[0])

    def party_of(self, kid: str) -> str | None:
        """See ``Target``."""
        record = self._read("key", kid)
        return record.value.party if record else None

    def registered(self, kind: str, id: str) -> dict[str, str] | None:
        """See ``Target``."""
        record = self._read(kind, id)
        return event_json(record.value.event) if record else None

    def _read(self, kind: str, id: str) -> Record | None:
        key = Key(kind, id)
        return self._ledger.store.read((key,)).get(key)

    def post(self, statements: Sequence[str], proceed: bool, dry_run: bool) -> Answer:
        """See ``Target``. Nothing is recorded that the guard would not let sign afterwards. What is recorded
        is acknowledged, even where too few witnesses answer for a checkpoint that covers it."""
        if dry_run:
            self._ledger.compare()
        else:
            with suppress(WitnessError):
                _publish(self._ledger)
        answer = self._ledger.log.post(statements, proceed=proceed, dry_run=dry_run).as_json()
        if answer["recorded"] and not dry_run:
            try:
                answer["checkpoint"] = _publish(self._ledger)
            except WitnessError as fault:
                output.note(f"recorded, and not published yet: {fault}")
        return answer


@contextmanager
def target(folder: str | None, url: str | None) -> Iterator[Target]:
    """The ledger that the options name; ORELINE_URL counts where neither is given, ORELINE_LEDGER last."""
    where = served(folder, url)
    if where:
        from cli.remote import Remote

        yield Remote(where)
        return
    with options.writing(options.ledger_folder(folder)) as ledger:
        yield Local(ledger)


def served(folder: str | None, url: str | None) -> str | None:
    """The URL of the ledger that the options name; None where it is one in a folder."""
    from_env = folder is not None and _is_from_env()
    if url and folder and not from_env:
        raise click.UsageError(
            "--ledger and --url exclude each other.", click.get_current_context(silent=True)
        )
    if not url and (folder is None or from_env):
        url = os.environ.get("ORELINE_URL")
    return url or None


def _is_from_env() -> bool:
    """Whether the ledger's folder was named by the environment, not on the command line."""
    context = click.get_current_context(silent=True)
    source = context.get_parameter_source("folder") if context else None
    return source == click.core.ParameterSource.ENVIRONMENT


def submit(
    target: Target,
    statements: Sequence[str],
    *,
    proceed: bool = False,
    dry_run: bool = False,
    progress: Callable[[int, int], None] = lambda done, total: None,
) -> Answer:
    """Post statements; with ``proceed`` what is refused again and again, until nothing changes.

    All that is refused, for not only what names something absent may pass later: a lot whose ``receive``
    stands further down is in transit until then.
    """
    if not proceed:
        return target.post(statements, proceed, dry_run)
    if dry_run:
        return _tried(target, statements)
    outcomes: list[Any] = [None] * len(statements)
    checkpoint = None
    todo = list(range(len(statements)))
    while True:
        refused = []
        moved = False
        for at in range(0, len(todo), CHUNK):
            chunk = todo[at : at + CHUNK]
            answer = target.post([statements[n] for n in chunk], True, False)
            checkpoint = answer.get("checkpoint", checkpoint)
            moved |= answer["recorded"] > 0
            for n, outcome in zip(chunk, answer["outcomes"], strict=True):
                outcomes[n] = renumbered(outcome, n)
                if "problems" in (outcome or {}):
                    refused.append(n)
            progress(len(statements) - len(todo) + at + len(chunk), len(statements))
        if not refused or not moved:
            break
        todo = refused
    return answer_of(outcomes, checkpoint)


def _tried(target: Target, statements: Sequence[str]) -> Answer:
    """A dry run of it: what is refused is put behind what is taken, until nothing changes."""
    order = list(range(len(statements)))
    refused = len(order) + 1
    while True:
        answer = target.post([statements[n] for n in order], True, True)
        outcomes = {n: renumbered(found, n) for n, found in zip(order, answer["outcomes"], strict=True)}
        if answer["refused"] in (0, refused):
            return answer_of([outcomes[n] for n in range(len(statements))])
        refused = answer["refused"]
        order.sort(key=lambda n: "problems" in (outcomes[n] or {}))


def _publish(ledger: Ledger) -> str:
    for _ in range(ATTEMPTS - 1):
        try:
            return ledger.publish()
        except GuardError as error:
            if error.code != "guard.moved":
                raise
    return ledger.publish()
