"""Vectors as shares of the subject's mass: places, and recycled content by both rules."""

from collections.abc import Iterable, Mapping
from typing import Literal

from ledger.claims.account import Account, Vector
from ledger.claims.document import Place, Recycled, Share
from ledger.claims.placed import Placed
from ledger.claims.shares import DARK, Part, of_origin
from ledger.quantity import FINE
from ledger.register import Lot

_AT_SITE = ("mine", "collection", "collected", "refinery", "smelter", "cast")


def sites_of(labels: Iterable[str]) -> set[str]:
    """The ids in labels that may be sites'."""
    return {id for _, id in map(_apart, labels) if id}


def _apart(label: str) -> tuple[str, str]:
    word, _, rest = label.partition(" ")
    return word, rest


def origins(lot: Lot) -> Vector:
    """A lot's origins as a vector."""
    return dict(lot.composition) | dict.fromkeys(lot.traces, 0)


def casts(account: Account) -> Vector:
    """Where it was cast last: labels ``cast <site>``, ``none`` of what was never cast here, or what is
    known of that instead."""
    found: dict[str, int] = {}
    for label, mg in account.content.items():
        what, site, _ = label.split(" ")
        name = f"cast {site}" if site != "-" else what if what in DARK else "none"
        found[name] = found.get(name, 0) + mg
    return found


def places(vector: Vector, grams: int, sites: Mapping[str, Placed]) -> tuple[Place, ...]:
    """The shares of a vector, the largest first. What is unknown is rounded up."""
    rows = sorted(vector.items(), key=lambda row: (-row[1], row[0]))
    return tuple([_place(label, mg, grams, sites) for label, mg in rows])


def _place(label: str, mg: int, grams: int, sites: Mapping[str, Placed]) -> Place:
    kind, rest = _apart(label)
    site = sites.get(rest)
    at_site = kind in _AT_SITE or site is not None
    return Place(
        mg=mg,
        ppm=of_origin(label, mg, grams).ppm,
        kind=kind,
        site=rest if at_site else "",
        party=site.operator if site else "",
        country=site.country if site else "",
        subdivision=site.subdivision if site else "",
        also=tuple(sorted((*site.also, *site.operators))) if site else (),
        kinds=site.kinds if site else (),
        why="" if at_site else rest,
        trace=not mg,
    )


def recycled(vector: Vector, grams: int, rule: Literal["own_loop", "own_party"]) -> Recycled:
    """Recycled content by a rule: what flatters is rounded down, the rest up."""
    sums = dict.fromkeys(("post", "pre", "primary", "alloy", "added", "unknown"), 0)
    for label, mg in vector.items():
        word = label.partition(" ")[0]
        sums["unknown" if word in DARK else word] += mg
    parts = {word: Part(mg, FINE * grams, up=word not in ("post", "pre")) for word, mg in sums.items()}
    shares = {word: Share(mg=part.amount, ppm=part.ppm) for word, part in parts.items()}
    return Recycled(rule=rule, **shares)
