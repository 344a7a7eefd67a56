"""Where and what a site is, as it was registered at any time since metal of the lot was there.

The registrar may register a site anew. What is said now does not move what was made before: a site that was
in another country, of another kind, or in other hands while the metal was there is told with that, too.
"""

from collections.abc import Mapping
from typing import Any, NamedTuple

from ledger.claims.account import Visit, Where
from ledger.claims.facts import Registrations


class Placed(NamedTuple):
    """``operator``, ``kinds``, ``country``, ``subdivision``, as of the last registration. Of those that were
    in force since metal was there, ascending: ``also``, other codes, and kinds that not all of them have;
    ``operators``, others. ``grids``: the codes that all of these have."""

    operator: str
    kinds: tuple[str, ...]
    country: str
    subdivision: str
    also: tuple[str, ...]
    operators: tuple[str, ...]
    grids: frozenset[str]


def placed(sites: Mapping[str, Registrations], visits: Mapping[Where, Visit]) -> Mapping[str, Placed]:
    """These sites. Where no visit tells when metal was there, all registrations count."""
    first: dict[str, tuple[int, int]] = {}  # index of the first entry, first second
    for (site, *_), visit in visits.items():
        index, begin = first.get(site, (visit.first, visit.runs[0][0]))
        first[site] = min(index, visit.first), min(begin, visit.runs[0][0])
    return {site: _placed(several, *first.get(site, (-1, 0))) for site, several in sites.items()}


def _placed(several: Registrations, index: int, begin: int) -> Placed:
    """A registration counts unless the next one had taken its place before the first entry, and before the
    time of which that speaks: whoever posts late moves nothing either."""
    past = [one.index < index and one.received <= begin * 1000 for one in several[1:]]
    said = [one.event for one, over in zip(several, [*past, False], strict=True) if not over]
    codes, kinds = [_codes(event) for event in said], [frozenset(event.kinds) for event in said]
    last = several[-1].event
    others = frozenset.union(*codes) - codes[-1] | frozenset.union(*kinds) - frozenset.intersection(*kinds)
    return Placed(
        last.operator,
        tuple(last.kinds),
        last.country,
        last.subdivision or "",
        tuple(sorted(others)),
        tuple(sorted({event.operator for event in said} - {last.operator})),
        frozenset.intersection(*codes),
    )


def _codes(event: Any) -> frozenset[str]:
    return frozenset({event.country, event.subdivision or ""} - {""})
