"""``oreline claims``: what is computed about a lot for whoever may buy it."""

import re
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

import click

from cli import options, output
from ledger.quantity import counted, shown_kg

if TYPE_CHECKING:
    from ledger.claims.document import Account, Attestation, Claims, Fate, Footprint, Place

Row = tuple[str, str]


def calendar_period(context: click.Context, parameter: click.Parameter, given: str | None) -> str | None:
    """A year, or a month of it: ``2026``, ``2026-03``."""
    if given is not None and not re.fullmatch(r"[0-9]{4}(-(0[1-9]|1[0-2]))?", given, re.ASCII):
        raise click.BadParameter("a period is written 2026 or 2026-03", context, parameter)
    return given


@click.command("claims")
@click.argument("subject", metavar="LOT|SITE")
@options.ledger
@click.option("--fates", is_flag=True, help="Follow the lot forward, too: where did its metal go?")
@click.option("--process", metavar="NAME", help="Of a site: the footprint of this process…")
@click.option(
    "--period",
    metavar="YYYY[-MM]",
    callback=calendar_period,
    help="…in this year or month, on average and of each batch.",
)
@options.as_json
def command(
    subject: str, folder: str | None, fates: bool, process: str | None, period: str | None, as_json: bool
) -> None:
    """Show what is computed about LOT: origins, recycled content, footprint, renewable power, the models of
    custody, accounts, months outside the catalogue's limits, who certified what, and what is open. Or what a
    SITE made in a period.

    With --json: the claims document, which policies and reports read.
    """
    from ledger.claiming import claims
    from ledger.register import Key

    if bool(process) != bool(period) or (process and fates):
        raise click.UsageError("Name a lot; or a site, with --process and --period.")
    if process and period:
        _tell_period(subject, process, period, folder, as_json)
        return
    with (
        options.reading(options.ledger_folder(folder)) as store,
        output.Progress("events folded for the first time") as progress,
    ):
        if Key("site", subject) in store.read((Key("site", subject),)):
            raise click.UsageError(f"{subject} is a site: name what it made, with --process and --period.")
        subject = options.lot_of(store, subject)
        found = claims(store, subject, fates=fates, progress=progress)
    if as_json:
        output.print_json(found.as_json())
        return
    output.say(f"{found.subject}\n{found.material}, {shown_kg(found.grams)}, born {found.born}\n")
    for heading, rows in _tables(found):
        grouped: dict[str, list[str]] = {}
        for name, value in rows:
            grouped.setdefault(name, []).append(value)
        if grouped:
            output.say(f"{heading}\n\n{output.fields(grouped)}\n")
    output.say(f"As of {found.as_of.size:,} entries of {found.as_of.ledger}, {found.as_of.received}.")


def _tell_period(site: str, process: str, period: str, folder: str | None, as_json: bool) -> None:
    from ledger.claiming.periods import period_of

    with options.reading(options.ledger_folder(folder)) as store:
        found = period_of(store, site, process, period)
    if as_json:
        output.print_json(found.as_json())
        return
    output.say(f"{site}\n{process}, {period}: kg CO2e per kg, cradle to gate\n")
    if not found.batches:
        output.say("Nothing was made by it there and then.")
        return
    batches = [
        (one.time, f"{one.id} of {one.party}", shown_kg(one.grams), *map(_figure, one.footprint))
        for one in found.batches
    ]
    average = ("average", counted(len(batches), "batch", "batches"))
    rows = [*batches, (*average, shown_kg(found.grams), *map(_figure, found.footprint))]
    output.say(output.table(("time", "batch", "mass", "cut_off", "by_mass"), rows, right=(2, 3, 4)))
    if not all(one.complete for one in found.footprint):
        output.say("\n+: data are missing, so it may be more")


def _figure(one: "Footprint") -> str:
    return _kg(one.g_per_kg) + ("" if one.complete else "+")


def _tables(found: "Claims") -> Iterator[tuple[str, Iterable[Row]]]:
    from ledger.claims import shares

    for heading, places in (
        ("Origins", found.origins),
        ("Refineries", found.refineries),
        ("Smelters", found.smelters),
        ("Last cast", found.casts),
    ):
        rows = [_place(found, one) for one in places]
        if heading == "Origins" and any(one.kind == "added" for one in places):
            rows.append(("", shares.ADDED))
        yield heading, rows
    for one in found.recycled:
        contents = (("post-consumer", one.post), ("pre-consumer", one.pre))
        said = [(name, shares.part(found, [share]).percent()) for name, share in contents]
        yield f"Recycled content, by the rule {one.rule}", said
    yield (
        f"Footprint: cradle to gate, {found.year}, {found.material}",
        [
            (
                one.method,
                f"{_kg(one.g_per_kg)} kg CO2e/kg, "
                f"{shares.Part(one.primary_data_ppm, shares.WHOLE).percent()} from primary data"
                + ("" if one.complete else ", data are missing"),
            )
            for one in found.footprint
        ],
    )
    if found.renewable_ppm is not None:
        yield (
            "Electricity of smelting",
            [("renewable", shares.Part(found.renewable_ppm, shares.WHOLE).percent())],
        )
    models = [(one.process, one.model) for one in found.models]
    yield f"Chain of custody: {found.weakest or 'no step'} at its weakest", models
    yield "Mass-balance accounts", map(_account, found.accounts)
    yield "Months of its sites and processes, against the catalogue's limits", _months(found)
    yield (
        "Attestations",
        [(one.scheme, _attestation(one)) for one in found.attestations],
    )
    yield "Open", [(one.mark, f"{one.event.id} of {one.event.party}") for one in found.marks]
    yield "Data that are missing", [(one.process, f"{one.missing} ({one.site})") for one in found.gaps]
    yield "Where it went", map(_fate, found.fates)


def _place(found: "Claims", one: "Place") -> Row:
    from ledger.claims import shares

    where = " ".join(filter(None, (one.kind, one.site or one.why, one.subdivision or one.country)))
    share = shares.part(found, [one], up=one.kind in shares.DARK)
    return "less than 1 mg" if one.trace else share.percent(), where


def _account(one: "Account") -> Row:
    overdrawn = f", overdrawn by {shown_kg(one.overdrawn)}" if one.overdrawn else ""
    return "closed" if one.closed else "open", f"{one.id}, {one.period}, {one.scheme}{overdrawn}"


def _attestation(one: "Attestation") -> str:
    """What it says, and what became of it: since when, and when the ledger learned it."""
    said = f"{one.subject.id}, by {one.certifier}, {one.valid_from} to {one.valid_until}"
    if one.status != "certified":
        said += f", {one.status}"
    return "; ".join(
        (said, *(f"{then.status} since {then.since}, learned {then.learned}" for then in one.history))
    )


def _months(found: "Claims") -> Iterator[Row]:
    """How many are within the catalogue's limits, and each of the others."""
    within = sum(one.within is True for one in found.months)
    if within:
        yield "within limits", counted(within, "month")
    for one in found.months:
        if not one.within:
            made = f"{shown_kg(one.out)} of {shown_kg(one.into)}"
            name = "limits unknown" if one.within is None else "outside"
            yield name, f"{one.month}, {one.process} at {one.site}: {made}"
    if "months" in found.unshown:
        yield "not shown", "its processes took too long to list their months"


def _fate(one: "Fate") -> Row:
    return one.fate, " ".join(filter(None, (shown_kg(one.grams), one.site, one.party, one.into)))


def _kg(grams: int) -> str:
    return f"{grams // 1000}.{grams % 1000:03}"
