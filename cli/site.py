"""``oreline site``: where parties work."""

import click

from cli import options, output, registry, views


@click.group("site")
def command() -> None:
    """Register sites and list them. A site is a place where a party works; the registrar admits it."""


@command.command("add", short_help="Register a site, or replace its registration.")
@click.argument("site")
@click.option("--operator", required=True, metavar="PARTY", help="The party that works there.")
@click.option(
    "--kind", "kinds", multiple=True, required=True, help="mine, smelter, casthouse, mill, …; repeatable."
)
@click.option("--subdivision", required=True, metavar="CC-SUB", help="ISO 3166-2: CA-QC.")
@click.option("--country", metavar="CC", help="ISO 3166-1 alpha-2; the subdivision's unless given.")
@click.option("--gln", help="GS1 Global Location Number.")
@click.option("--geo", metavar="LAT,LON", help="Degrees (WGS 84): 48.43,-71.06")
@click.option("--status", type=click.Choice(["active", "suspended", "closed"]), help="Active unless given.")
@click.option("--replace", is_flag=True, help="Replace the registration in force; give every member anew.")
@registry.posting
def add(
    site: str,
    operator: str,
    kinds: tuple[str, ...],
    subdivision: str,
    country: str | None,
    gln: str | None,
    geo: str | None,
    status: str | None,
    replace: bool,
    posting: registry.Posting,
) -> None:
    """Register SITE, an id such as urn:example:site:acme-casthouse.

    Signed with a registrar's key: --key, or the one that `oreline init` left in the ledger's folder.
    """
    from ledger.policy.countries import no_place

    latitude, _, longitude = (geo or "").partition(",")
    key = posting.key()
    with posting.target() as ledger:
        event = {
            "type": "site",
            "party": ledger.charter()["party"],
            "subject": site,
            "operator": operator,
            "kinds": list(kinds),
            "country": country or subdivision[:2],
            "subdivision": subdivision,
            "gln": gln,
            "geo": {"lat": latitude.strip(), "lon": longitude.strip()} if geo else None,
            "status": status,
            "replaces": ledger.registered("site", site) if replace else None,
        }
        event = {name: value for name, value in event.items() if value}
        posting.announce(ledger, event, key, f"{site} is registered")
    if why := no_place(country or subdivision[:2], subdivision):
        output.note(f"{why}: policies will take the site for unknown origin, unless you register it again")


@command.command("list")
@click.option("--operator", metavar="PARTY", help="Only this party's.")
@options.ledger
@options.as_json
def list_(operator: str | None, folder: str | None, as_json: bool) -> None:
    """List all sites."""
    from ledger.lookup import queries

    with options.reading(options.ledger_folder(folder)) as store:
        found = list(views.every(queries.sites, store, operator))
    if as_json:
        output.print_json([site.as_json() for site in found])
    elif not found:
        output.say("No site is registered yet: oreline site add")
    else:
        rows = [
            (
                one.id,
                one.value.operator,
                ", ".join(one.value.kinds),
                one.value.subdivision or one.value.country,
                views.marks(one.open),
            )
            for one in found
        ]
        output.say(output.table(("site", "operator", "kinds", "place", "open"), rows))
