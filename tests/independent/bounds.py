"""What is kept of a lot however much was said of it: docs/reference/claims.md, "Bounds"."""

from collections.abc import Callable
from dataclasses import replace

from burdens import Burden
from shares import Account, Power, Visit, visited

LIMIT, ROWS, RUNS = 2**62, 2_000, 100
MORE = "more data than are listed, electricity among them"
Gaps = dict[tuple[str, str, str], int]


def bounded(account: Account, mg: int, gaps: Callable[[list[str]], Gaps]) -> Account:
    """The account of so many milligrams; `gaps` of the event that made it."""
    account = counted(account, mg, gaps)
    if len(account.power) > ROWS:
        account = replace(account, power=coarse(account.power))
    if len(account.gaps) > ROWS:
        few: Gaps = {}
        for (site, process, _), index in account.gaps.items():
            few[site, process, MORE] = min(index, few.get((site, process, MORE), index))
        account = replace(account, gaps=few)
    if len(account.visits) > ROWS:
        any_unit = [{(*where[:3], "*"): visit} for where, visit in account.visits.items()]
        account = replace(account, visits=visited(any_unit))
    visits = {where: short(visit) for where, visit in account.visits.items()}
    return replace(account, visits=visits)


def counted(account: Account, mg: int, gaps: Callable[[list[str]], Gaps]) -> Account:
    lacks = []
    if max(account.cut_off.total, account.by_mass.total) > LIMIT:
        lacks.append("emissions that can be counted")
    if max(account.power.values(), default=0) > LIMIT:
        lacks.append("electricity that can be counted")
    if not lacks:
        return account
    by = [Burden(*(min(ug, LIMIT) for ug in burden)) for burden in (account.cut_off, account.by_mass)]
    power = {key: min(mwh, LIMIT) for key, mwh in account.power.items()}
    account = replace(account, cut_off=by[0], by_mass=by[1], power=power)
    return replace(account, gaps=gaps(lacks) | account.gaps, lacking=mg)


def coarse(power: Power) -> Power:
    """By site and party alone, in the last month."""
    last: dict[tuple[str, str], str] = {}
    for _, _, site, party, month in power:
        last[site, party] = max(month, last.get((site, party), month))
    sums = dict.fromkeys(last, 0)
    for (_, _, site, party, _), mwh in power.items():
        sums[site, party] = min(LIMIT, sums[site, party] + mwh)
    return {("-", "-", *where, last[where]): mwh for where, mwh in sums.items()}


def short(visit: Visit) -> Visit:
    early = visit.runs[: max(1, len(visit.runs) - RUNS + 1)]
    return replace(visit, runs=((early[0][0], early[-1][1]), *visit.runs[len(early) :]))
