"""``oreline claims``: what is computed about a lot for whoever may buy it."""

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

import click

from cli import options, output
from ledger.quantity import format_kg

if TYPE_CHECKING:
    from ledger.claims.document import Claims, Fate, Place

Row = tuple[str, str]


@click.command("claims")
@click.argument("lot")
@options.ledger
@click.option("--fates", is_flag=True, help="Follow the lot forward, too: where did its metal go?")
@options.as_json
def command(lot: str, folder: str | None, fates: bool, as_json: bool) -> None:
    """Show what is computed about LOT: origins, recycled content, footprint, renewable power, the models of
    custody, who certified what, and what is open.

    With --json: the claims document, which policies and reports read.
    """
    from ledger.claiming import Claiming, claims

    with (
        options.reading(options.ledger_folder(folder)) as store,
        output.Progress("events folded for the first time") as progress,
    ):
        found = claims(store, lot, memo=Claiming(store, progress=progress), fates=fates)
    if as_json:
        output.print_json(found.as_json())
        return
    output.say(f"{found.subject}\n{found.material}, {format_kg(found.grams)} kg, born {found.born}\n")
    for heading, rows in _tables(found):
        grouped: dict[str, list[str]] = {}
        for name, value in rows:
            grouped.setdefault(name, []).append(value)
        if grouped:
            output.say(f"{heading}\n\n{output.fields(grouped)}\n")
    output.say(f"As of {found.as_of.size:,} entries of {found.as_of.ledger}, {found.as_of.received}.")


def _tables(found: "Claims") -> Iterator[tuple[str, Iterable[Row]]]:
    for heading, places in (
        ("Origins", found.origins),
        ("Refineries", found.refineries),
        ("Smelters", found.smelters),
        ("Last cast", found.casts),
    ):
        yield heading, map(_place, places)
    for one in found.recycled:
        shares = (("post-consumer", one.post.ppm), ("pre-consumer", one.pre.ppm))
        yield f"Recycled content, by the rule {one.rule}", [(name, _percent(ppm)) for name, ppm in shares]
    yield (
        f"Footprint: cradle to gate, {found.year}, {found.material}",
        [
            (one.method, f"{_kg(one.g_per_kg)} kg CO2e/kg" + ("" if one.complete else ", data are missing"))
            for one in found.footprint
        ],
    )
    if found.renewable_ppm is not None:
        yield "Electricity of smelting", [("renewable", _percent(found.renewable_ppm))]
    models = [(one.process, one.model) for one in found.models]
    yield f"Chain of custody: {found.weakest or 'no step'} at its weakest", models
    yield (
        "Attestations",
        [
            (one.scheme, f"{one.subject.id}, by {one.certifier}, {one.valid_from} to {one.valid_until}")
            for one in found.attestations
        ],
    )
    yield "Open", [(one.mark, f"{one.event.id} of {one.event.party}") for one in found.marks]
    yield "Data that are missing", [(one.process, f"{one.missing} ({one.site})") for one in found.gaps]
    yield "Where it went", map(_fate, found.fates)


def _place(one: "Place") -> Row:
    where = " ".join(filter(None, (one.kind, one.site or one.why, one.subdivision or one.country)))
    return "less than 1 mg" if one.trace else _percent(one.ppm), where


def _fate(one: "Fate") -> Row:
    return one.fate, " ".join(filter(None, (f"{format_kg(one.grams)} kg", one.site, one.party, one.into)))


def _percent(ppm: int) -> str:
    return f"{ppm // 10_000}.{ppm % 10_000 // 100:02} %"


def _kg(grams: int) -> str:
    return f"{grams // 1000}.{grams % 1000:03}"
