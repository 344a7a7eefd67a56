"""What the registry's commands share: an event made from options, signed, and posted."""

from collections.abc import Callable, Mapping
from typing import Any
from uuid import uuid4

import click

from cli import options, output
from cli.answers import receipt_of
from cli.errors import Refused
from cli.target import Target, submit
from ledger import events, statement, strictjson
from ledger.keys import PrivateKey
from ledger.quantity import format_time

REGISTRAR_FILE = "registrar.jwk"  # where ``oreline init`` leaves the registrar's key, among the ledger's keys

event_id: options.Decorator[Any] = click.option(
    "--id", "event_id", metavar="URI", help="The event's id; a new urn:uuid unless given."
)
no_post: options.Decorator[Any] = click.option(
    "--no-post", is_flag=True, help="Print the signed statement instead of posting it."
)


def signer(key_file: str | None, folder: str | None) -> PrivateKey:
    """The key that signs for the registrar: the one given, else the one that init left in the ledger."""
    if not key_file and folder:
        left = options.ledger_folder(folder) / "keys" / REGISTRAR_FILE
        if left.exists():
            key_file = str(left)
    return options.private_key(key_file)


def announce(
    target: Target,
    event: Mapping[str, Any],
    key: PrivateKey,
    *,
    event_id: str | None,
    no_post: bool,
    as_json: bool,
    told: Callable[[], str],
) -> None:
    """Complete an event with ledger, id and time; sign it; post it and tell what was done."""
    whole = {
        "ledger": target.charter()["ledger"],
        "type": event["type"],
        "id": event_id or f"urn:uuid:{uuid4()}",
        "time": format_time(options.now() // 1000),
        **event,
    }
    payload = strictjson.dumps(whole)
    wrong = events.errors(payload)
    if wrong:
        raise Refused([("", problem) for problem in wrong])
    signed = statement.sign(payload, key)
    if no_post:
        click.echo(signed)
        return
    receipt = receipt_of(submit(target, [signed]), "")
    if as_json:
        output.print_json({**receipt, "event": whole})
    else:
        output.say(output.paragraph(f"{told()} (entry {receipt['index']})"))


def replaced(target: Target, kind: str, id: str, wanted: bool) -> dict[str, str] | None:
    """What ``replaces`` says, if a registration is to be replaced."""
    return target.registered(kind, id) if wanted else None


def pairs(given: tuple[str, ...]) -> dict[str, str]:
    """``name=value`` options as a map."""
    found = {}
    for text in given:
        name, sign, value = text.partition("=")
        if not sign:
            raise click.UsageError(f"{text} is not NAME=VALUE.")
        found[name] = value
    return found
