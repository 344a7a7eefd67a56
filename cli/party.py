"""``oreline party``: organisations."""

import click

from cli import options, output, registry, views


@click.group("party")
def command() -> None:
    """Register parties and list them. A party is an organisation; the registrar admits it."""


@command.command("add", short_help="Register a party, or replace its registration.")
@click.argument("party")
@click.option("--name", required=True, help="Its name, for people.")
@click.option("--country", required=True, metavar="CC", help="ISO 3166-1 alpha-2: CA.")
@click.option(
    "--role", "roles", multiple=True, required=True, help="miner, refiner, smelter, certifier, …; repeatable."
)
@click.option(
    "--prefix", "prefixes", multiple=True, metavar="URI", help="Its lots' ids begin so: urn:example:lot:acme:"
)
@click.option("--identifier", "identifiers", multiple=True, metavar="NAME=VALUE", help="lei=…, gs1=…")
@click.option("--status", type=click.Choice(["active", "suspended", "closed"]), help="Active unless given.")
@click.option("--successor", metavar="PARTY", help="Who goes on in its place.")
@click.option("--replace", is_flag=True, help="Replace the registration in force; give every member anew.")
@registry.posting
def add(
    party: str,
    name: str,
    country: str,
    roles: tuple[str, ...],
    prefixes: tuple[str, ...],
    identifiers: tuple[str, ...],
    status: str | None,
    successor: str | None,
    replace: bool,
    posting: registry.Posting,
) -> None:
    """Register PARTY, an id such as urn:example:party:acme.

    Signed with a registrar's key: --key, or the one that `oreline init` left in the ledger's folder.
    """
    more = registry.pairs(identifiers)
    key = posting.key()
    with posting.target() as ledger:
        event = {
            "type": "party",
            "party": ledger.charter()["party"],
            "subject": party,
            "name": name,
            "country": country,
            "roles": list(roles),
            "identifiers": more,
            "status": status,
            "successor": successor,
            "replaces": ledger.registered("party", party) if replace else None,
        }
        event = {name: value for name, value in event.items() if value} | {"prefixes": list(prefixes)}
        posting.announce(ledger, event, key, f"{party} is registered")


@command.command("list")
@options.ledger
@options.as_json
def list_(folder: str | None, as_json: bool) -> None:
    """List all parties."""
    from ledger.lookup import queries

    with options.reading(options.ledger_folder(folder)) as store:
        found = list(views.every(queries.parties, store))
    if as_json:
        output.print_json([party.as_json() for party in found])
    elif not found:
        output.say("No party is registered yet: oreline party add")
    else:
        rows = [
            (one.id, one.value.name, one.value.country, ", ".join(one.value.roles), views.marks(one.open))
            for one in found
        ]
        output.say(output.table(("party", "name", "country", "roles", "open"), rows))
