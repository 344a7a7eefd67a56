"""The account: what one lot carries of all that claims are made of, from its birth on.

It is made by ``ledger.claims.fold`` out of the accounts of what the lot was made of, and never changes: a
part that is taken from the lot has its share of everything. Only integers. A share that flatters (recycled,
renewable, from primary data) is rounded down when it is drawn, a burden up, and what is then left of the
mass goes to the label of least merit. So lots may be cut and joined in any way and no figure improves, and
the order of lines does not matter.
"""

from collections.abc import Iterable, Mapping
from functools import lru_cache
from typing import Any, NamedTuple, TypeAlias, TypeVar

from ledger.quantity import FINE

Vector: TypeAlias = Mapping[str, int]
"""Milligrams by label, summing to the lot's mass; a label of none is a trace: in it, but less than that.
Empty for a material that carries no origin."""

_MERIT = {"unproven": 0, "unknown": 1, "added": 2, "alloy": 3, "none": 4, "primary": 5, "pre": 7, "post": 8}
_OTHER = 6

K = TypeVar("K")
V = TypeVar("V")


class Burden(NamedTuple):
    """Greenhouse gas in micrograms CO2e. ``primary``: how much of it the poster has declared as measured at
    its own works, not computed with a default factor; ``indirect``: from electricity that was bought."""

    total: int
    primary: int
    indirect: int = 0


class Visit(NamedTuple):
    """That metal of the lot was at a site for a process. ``runs``: first and last second, ascending, without
    a gap of more than a day between; ``late``: when (ms) those of its events were received that came later
    than the catalogue's ``max_delay_days``; ``lag``: the longest that one was received after its time (s);
    ``first``: index of the first of them; ``documents``: how many each of them has at least; ``unbooked``:
    index of the first of them that attributed metal in books and names no account, -1 if none did."""

    runs: tuple[tuple[int, int], ...]
    late: tuple[int, ...]
    materials: tuple[str, ...]
    first: int
    documents: int
    lag: int
    unbooked: int


Where: TypeAlias = tuple[str, str, str, str]
"""Site, party that posted, process or ``source:<kind>``, unit or ""."""


class Account(NamedTuple):
    """What a lot carries, for its whole mass at birth. All mappings are shared: nobody changes them.

    ``refinery``, ``smelter``: labels ``refinery <site>``, ``smelter <site>``, ``collected <site>`` of scrap,
    ``alloy``, ``added <process>``, ``unknown <why>``, ``unproven <lot>``, ``none`` before there is one.
    ``content``, ``content_party``: labels ``<class> <last cast site or -> <who made it scrap or ->`` by the
    two rules of ``ledger.claims.content``. ``footprint``: by cut-off and by mass. ``power``: milliwatt hours
    of smelting by ``<instrument or -> <source or -> <site> <party> <YYYY-MM>``. ``models``: of each process
    the weakest model and the index of the first entry that stated it. ``visits``: where its metal was.
    ``gaps``: (site, process, what is missing) with the index of the first entry that lacks it. ``lacking``:
    milligrams that passed an entry with a gap, or came from one; rounded up when drawn, at most the mass."""

    refinery: Vector
    smelter: Vector
    content: Vector
    content_party: Vector
    footprint: tuple[Burden, Burden]
    power: Mapping[str, int]
    models: Mapping[str, tuple[int, int]]
    visits: Mapping[Where, Visit]
    gaps: Mapping[tuple[str, str, str], int]
    lacking: int


NO_BURDEN = Burden(0, 0)
EMPTY = Account({}, {}, {}, {}, (NO_BURDEN, NO_BURDEN), {}, {}, {}, {}, 0)


def unproven(lot: str, grams: int, carries: bool, index: int) -> Account:
    """The account of a lot of which nobody has shown what it was made of."""
    vector = {f"unproven {lot}": FINE * grams} if carries else {}
    content = {"unproven - -": FINE * grams} if carries else {}
    gaps = {("", "", f"the ancestry of {lot}"): index}
    return EMPTY._replace(
        refinery=vector,
        smelter=vector,
        content=content,
        content_party=content,
        gaps=gaps,
        lacking=FINE * grams,
    )


def scale(vector: Vector, whole: int, part: int) -> Vector:
    """``part`` milligrams of a vector that sums to ``whole``: each label rounded down, and what is left over
    goes to the label of least merit.

    >>> scale({"post - -": 1, "primary - -": 2}, 3, 2)
    {'post - -': 0, 'primary - -': 2}
    """
    if part == whole or not vector:
        return vector
    drawn = {label: mg * part // whole for label, mg in vector.items()}
    left = part - sum(drawn.values())
    if left:
        drawn[min(drawn, key=_merit)] += left
    return drawn


@lru_cache(maxsize=8192)
def _merit(label: str) -> tuple[int, str]:
    return _MERIT.get(label.partition(" ")[0], _OTHER), label


def add_up(vectors: Iterable[Mapping[K, int]]) -> Mapping[K, int]:
    """The sum of several, label by label."""
    first, *rest = vectors
    if not rest:
        return first
    total = dict(first)
    for vector in rest:
        for label, amount in vector.items():
            total[label] = total.get(label, 0) + amount
    return total


def least(several: Iterable[Mapping[K, V]]) -> Mapping[K, V]:
    """All keys of several, each with its least value."""
    first, *rest = several
    total: dict[K, Any] | None = None
    for more in rest:
        if more is first or not more:
            continue
        if total is None:
            total = dict(first)
        for key, value in more.items():
            if key not in total or value < total[key]:
                total[key] = value
    return first if total is None else total


def draw_burden(burden: Burden, whole: int, part: int) -> Burden:
    """The part's share: the burden rounded up, what is primary of it down."""
    if part == whole:
        return burden
    return Burden(
        -(-burden.total * part // whole), burden.primary * part // whole, -(-burden.indirect * part // whole)
    )


def draw(account: Account, whole: int, part: int, renewable: frozenset[str]) -> Account:
    """The account of ``part`` grams out of a lot of ``whole``. ``renewable``: sources of electricity whose
    share flatters."""
    if part == whole:
        return account
    return weigh(account, FINE * whole, FINE * part)._replace(
        footprint=(
            draw_burden(account.footprint[0], whole, part),
            draw_burden(account.footprint[1], whole, part),
        ),
        power=draw_power(account.power, whole, part, renewable),
    )


def weigh(account: Account, whole: int, weight: int) -> Account:
    """The account as one of ``weight`` milligrams, of what was ``whole``: the vectors and what has no data.
    What was used and emitted stays as much as it was."""
    if weight == whole:
        return account
    content = scale(account.content, whole, weight)
    same = account.content_party is account.content
    return account._replace(
        refinery=scale(account.refinery, whole, weight),
        smelter=scale(account.smelter, whole, weight),
        content=content,
        content_party=content if same else scale(account.content_party, whole, weight),
        lacking=-(-account.lacking * weight // whole),
    )


def draw_power(
    power: Mapping[str, int], whole: int, part: int, renewable: frozenset[str]
) -> Mapping[str, int]:
    """The part's share of electricity: of a renewable source rounded down, else up."""
    if part == whole or not power:
        return power
    return {
        label: mwh * part // whole if _source(label) in renewable else -(-mwh * part // whole)
        for label, mwh in power.items()
    }


@lru_cache(maxsize=8192)
def _source(label: str) -> str:
    return label.split(" ", 2)[1]
