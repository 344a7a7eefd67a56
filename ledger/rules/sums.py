"""Sums: what many events add to, and what a withdrawal takes away again, whatever came in between.

A month's mass of a process or a source, the energy drawn on a certificate, an account, the certified grams
of a lot.
The event remembers in ``undo`` what it added, not what was there before: so the order in which
independent events come, or are withdrawn, makes no difference.
"""

from typing import Any

from ledger.quantity import DAY, MILLION, months, parse_ratio
from ledger.register import Key, Month, Spent, Value
from ledger.rules.draft import MOST_STOCK, Draft, refuse

CERTAIN = ("mine", "collection")  # sources of known origin: what they bring began at their site
MOST_MONTHS = 24  # that an event may last and still be followed through each
SOURCE = "source:"  # how a source is named in the place of a process
INSTRUMENT = "instrument "  # how the ids of those ``spent`` records begin that are sums
FIELDS = {
    "month": ("into", "out"),
    "spent": ("amount",),
    "account": ("certified_in", "total_in", "total_out", "issued", "majeure"),
    "coc": ("grams",),
}
WATT_HOURS = {"kWh": 10**3, "MWh": 10**6, "GWh": 10**9}


def is_sum(kind: str, id: str) -> bool:
    """Whether the record is one that events add to."""
    return kind in FIELDS and (kind != "spent" or id.startswith(INSTRUMENT))


def add(draft: Draft, kind: str, id: str, value: Value, *added: int) -> None:
    """Add to the sums of a record; ``value``: it as it is, or one of nothing."""
    names = FIELDS[kind]
    after = {name: getattr(value, name) + more for name, more in zip(names, added, strict=True)}
    if max(after.values()) > MOST_STOCK:
        refuse("sum.limit", "$", f"{kind} {id}: {max(after.values())}", Key(kind, id))
    draft.put(kind, id, _with(value, after))
    draft.undo.append((kind, id, added))


def take_back(draft: Draft, kind: str, id: str, added: tuple[int, ...]) -> None:
    """Take away what a withdrawn event added."""
    value = draft.get(kind, id)
    after = {name: getattr(value, name) - less for name, less in zip(FIELDS[kind], added, strict=True)}
    draft.put(kind, id, _with(value, after))


def book_month(draft: Draft, into: int, out: int) -> None:
    """What a process took and gave in a month at a site, for the narrower limits of a month: grams that
    carry origin, net of heels. A source takes nothing: what it gave, for the site's capacity."""
    id = " ".join(month_of(draft.event))
    add(draft, "month", id, draft.get("month", id) or Month(0, 0), into, out)


def month_of(event: Any) -> tuple[str, str, str] | tuple[()]:
    """Site, process or ``source:<kind>``, and month of the sum that an event adds to; empty if there is none.
    No process has such a name: a word has no colon."""
    process = vars(event).get("process")
    if event.type == "source" and event.kind in CERTAIN:
        process = SOURCE + event.kind
    return (event.site, process, event.time[:7]) if process else ()


def months_of(event: Any) -> list[tuple[str, str, str]] | None:
    """The months in which what such an event did went on, each as ``month_of`` names its own, which is the
    last. None where it is said to have taken more than ``MOST_MONTHS``: nobody shows all those."""
    own = month_of(event)
    if not own:
        return []
    if event.at - event.start > MOST_MONTHS * 31 * DAY:
        return None
    site, process, _ = own
    return [(site, process, month) for month in months(event.start, event.at)]


def book_energy(draft: Draft) -> None:
    """It is known how much is drawn on an energy certificate at a site, and by a party: whichever of the two
    it was given to. Nobody else adds to those sums, so no rival uses it up. Nothing is refused for drawing
    more than it covers: the certificate may be attested later."""
    for n, energy in enumerate(draft.event.energy or ()):
        if energy.instrument is not None:
            drawn = _watt_hours(energy, f"$.energy[{n}]")
            for id in spent_on(energy.instrument, draft.event):
                add(draft, "spent", id, draft.get("spent", id) or Spent(""), drawn)


def spent_on(instrument: str, event: Any) -> list[str]:
    """The ids of the ``spent`` records of an energy certificate to which an event adds."""
    return [drawn_by(instrument, id) for id in sorted({event.site, event.party})]


def drawn_by(instrument: str, id: str) -> str:
    """The id of the ``spent`` record of what is drawn on an energy certificate at a site, or by a party."""
    return f"{INSTRUMENT}{instrument} {id}"


def _watt_hours(energy: Any, path: str) -> int:
    """Rounded up: what is drawn is never less than what was used."""
    size = WATT_HOURS.get(energy.unit)
    if size is None or energy.carrier != "electricity":
        found = f"{energy.unit} of {energy.carrier}"
        refuse("energy.unit", f"{path}.unit", f"{found} is not kWh, MWh or GWh of electricity")
    return -(-parse_ratio(energy.amount) * size // MILLION)


def _with(value: Any, fields: dict[str, Any]) -> Value:
    changed: Value = value._replace(**fields)
    return changed
