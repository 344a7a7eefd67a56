"""What the registry's commands share: an event made from options, signed, and posted."""

from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager
from functools import wraps
from typing import Any, NamedTuple
from uuid import uuid4

import click

from cli import files, options, output
from cli.answers import receipt_of
from cli.errors import Refused
from cli.target import Target, submit, target
from ledger import events, statement, strictjson
from ledger.keys import PrivateKey, PublicKey
from ledger.quantity import format_time

REGISTRAR_FILE = "registrar.jwk"  # where ``oreline init`` leaves the registrar's key, among the ledger's keys

_OPTIONS = (
    options.key,
    options.ledger,
    options.url,
    click.option("--id", "event_id", metavar="URI", help="The event's id; a new urn:uuid unless given."),
    click.option("--no-post", is_flag=True, help="Print the signed statement instead of posting it."),
    options.as_json,
)


class Posting(NamedTuple):
    """How a registry event is signed and posted: the options of ``posting``."""

    key_file: str | None
    folder: str | None
    url: str | None
    event_id: str | None
    no_post: bool
    as_json: bool

    def key(self) -> PrivateKey:
        """The key that signs for the registrar: the one given, else the one that init left in the ledger."""
        name = self.key_file
        if not name and self.folder:
            left = options.ledger_folder(self.folder) / "keys" / REGISTRAR_FILE
            with files.refusing(left, "key.unreadable"):
                name = str(left) if left.exists() else None
        return options.private_key(name)

    def target(self) -> AbstractContextManager[Target]:
        """Where it is posted."""
        return target(self.folder, self.url)

    def announce(self, target: Target, event: Mapping[str, Any], key: PrivateKey, told: str) -> None:
        """Complete an event with ledger, id and time; sign it; post it and tell what was done."""
        whole = {
            "ledger": target.charter()["ledger"],
            "type": event["type"],
            "id": self.event_id or f"urn:uuid:{uuid4()}",
            "time": format_time(options.now() // 1000),
            **event,
        }
        payload = strictjson.dumps(whole)
        wrong = events.errors(payload)
        if wrong:
            raise Refused([("", problem) for problem in wrong])
        signed = statement.sign(payload, key)
        if self.no_post:
            click.echo(signed)
            return
        receipt = receipt_of(submit(target, [signed]))
        if self.as_json:
            output.print_json({**receipt, "event": whole})
        else:
            output.say(output.paragraph(f"{told} (entry {receipt['index']})"))


def posting(command: Callable[..., None]) -> Callable[..., None]:
    """Gives a command the options of a ``Posting``, and one of these as ``posting``."""

    @wraps(command)
    def run(**given: Any) -> None:
        how = Posting(**{name: given.pop(name) for name in Posting._fields})
        command(**given, posting=how)

    found: Callable[..., None] = run
    for option in reversed(_OPTIONS):
        found = option(found)
    return found


def speaker(target: Target, key: PrivateKey) -> str | None:
    """Whose the key is: the registrar's, or that of the party it is registered to, if that is known."""
    charter = target.charter()
    kids = [PublicKey.from_jwk(jwk).kid for jwk in charter["registrar_keys"]]
    registrar: str = charter["party"]
    return registrar if key.public.kid in kids else target.party_of(key.public.kid)


def pairs(given: tuple[str, ...]) -> dict[str, str]:
    """``name=value`` options as a map."""
    found = {}
    for text in given:
        name, sign, value = text.partition("=")
        if not sign:
            raise click.UsageError(f"{text} is not NAME=VALUE.")
        found[name] = value
    return found
