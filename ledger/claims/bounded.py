"""The bounds of an account, so that nobody's strange events make it grow without end.

Units, gases, certificates and times are free text of whoever posts. What is beyond a bound is kept, less
finely, and never to the lot's advantage: units become any unit, electricity loses its certificate and
source, early times become one run, missing data become one gap of a process. A number of more than 62 bits
becomes a gap, too.
"""

from collections.abc import Mapping

from ledger.claims import exposure
from ledger.claims.account import Account, Burden, Visit, Where
from ledger.quantity import FINE

MOST = 2**62  # micrograms, and milliwatt hours
ROWS = 2_000  # of each mapping
RUNS = 100  # of one visit: the latest; those before are one
ANY_UNIT = "*"
MORE = "more data than are listed, electricity among them"


def bounded(account: Account, grams: int, site: str, process: str, index: int) -> Account:
    """The account of a lot of so many grams, within all bounds. ``site``, ``process``, ``index``: of the
    event that made it."""
    account = _counted(account, grams, site, process, index)
    if len(account.power) > ROWS:
        account = account._replace(power=_coarse(account.power))
    if len(account.gaps) > ROWS:
        gaps: dict[tuple[str, str, str], int] = {}
        for (where, of, _), first in account.gaps.items():
            gaps[where, of, MORE] = min(first, gaps.get((where, of, MORE), first))
        account = account._replace(gaps=gaps)
    if len(account.visits) > ROWS:
        rows = account.visits.items()
        any_unit: list[dict[Where, Visit]] = [{(*where[:3], ANY_UNIT): visit} for where, visit in rows]
        account = account._replace(visits=exposure.join(any_unit))
    if any(len(visit.runs) > RUNS for visit in account.visits.values()):
        account = account._replace(visits={where: _few_runs(one) for where, one in account.visits.items()})
    return account


def _counted(account: Account, grams: int, site: str, process: str, index: int) -> Account:
    """Numbers that every reader can count, or else a gap."""
    lacks = []
    if max(burden.total for burden in account.footprint) > MOST:
        lacks.append("emissions that can be counted")
        cut_off, by_mass = (
            Burden(min(total, MOST), min(primary, MOST), min(indirect, MOST))
            for total, primary, indirect in account.footprint
        )
        account = account._replace(footprint=(cut_off, by_mass))
    if max(account.power.values(), default=0) > MOST:
        lacks.append("electricity that can be counted")
        account = account._replace(power={label: min(mwh, MOST) for label, mwh in account.power.items()})
    if lacks:
        gaps = dict(account.gaps)
        for what in lacks:
            gaps.setdefault((site, process, what), index)
        account = account._replace(gaps=gaps, lacking=FINE * grams)
    return account


def _coarse(power: Mapping[str, int]) -> Mapping[str, int]:
    """By site and party alone, in the last month; no certificate covers it."""
    last: dict[str, str] = {}
    sums: dict[str, int] = {}
    for label, mwh in power.items():
        _, _, where = label.split(" ", 2)
        where, _, month = where.rpartition(" ")
        last[where] = max(month, last.get(where, month))
        sums[where] = min(MOST, sums.get(where, 0) + mwh)
    return {f"- - {where} {last[where]}": mwh for where, mwh in sums.items()}


def _few_runs(visit: Visit) -> Visit:
    early = visit.runs[: len(visit.runs) - RUNS + 1]
    if len(early) < 2:
        return visit
    return visit._replace(runs=((early[0][0], early[-1][1]), *visit.runs[len(early) :]))
