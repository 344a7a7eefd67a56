"""Which open marks a lot rests on: exactly, and without walking its whole ancestry.

A lot rests on the events that bore what it was made of, on those that moved it before it was used, on the
registrations of the places and parties on the way, on what was attested of these and of whoever attested
it, on the accounts and agreements that its way names, and on the charter; and on what was said of any of
these, such as that a dispute is resolved; and on the keys that signed any of them. A proof of the lot holds
all of them. Few marks are open, and most are of places where the lot's metal never was, of lots that were
born there, or of other times: those fall out at once. For what is left the ancestors are followed back, no
further than to the oldest of these events.
"""

from collections.abc import Collection, Iterator, Mapping

from ledger import events
from ledger.check import evidence
from ledger.claiming import read
from ledger.claiming.known import Known, Open
from ledger.claiming.ways import Ways
from ledger.claims.account import Account
from ledger.claims.bounded import ANY_UNIT
from ledger.claims.document import Thing
from ledger.register import Key
from ledger.rules.sums import SOURCE


def marks_on(known: Known, subject: str, account: Account, now: Collection[str], ways: Ways) -> list[Open]:
    """The open marks of events that the lot rests on. ``now``: where and whose it is; ``ways``: what its way
    names."""
    open = known.open_marks()
    if not open:
        return []
    entries = [(at, one) for at, several in known.marked().items() for one in several]
    things = {("site", where[0]) for where in account.visits} | {("lot", subject)}
    things |= {("party", where[1]) for where in account.visits}
    things |= {(kind, id) for id in {*now, *ways.places} for kind in ("party", "site")}
    places = {id for _, id in things}
    while things:  # and whoever certified them, and whoever accredited those
        told = [Thing.model_validate({"kind": kind, "id": id}) for kind, id in sorted(things)]
        things = {("party", one.event.party) for one in known.attestations(told)}
        things = {(kind, id) for kind, id in things if id not in places}
        places |= {id for _, id in things}
    wanted = {
        at
        for at, one in entries
        if _of_a_place(one.event) in places
        or _is_named(one, ways)
        or isinstance(one.event, events.Charter | events.Amend)
    }
    born = known.births() if account.content else {}  # else what it is made of may have been anywhere
    been = {where[:2] for where in account.visits}
    moves = []
    for at, one in entries:
        lots = frozenset([lot for lot in _lots(one.event, account) if lot not in born or born[lot] in been])
        if lots and at not in wanted:
            moves.append((at, one.index, lots))
    if moves:
        last = _last_uses(known, subject, min(index for _, index, _ in moves))
        wanted |= {at for at, index, lots in moves if any(last.get(lot, -1) > index for lot in lots)}
    return [one for one in open if one.at in wanted]


def _is_named(one: read.Read, ways: Ways) -> bool:
    """Whether it is an account or an agreement that the lot's way names."""
    if isinstance(one.event, events.Agree):
        return (one.event.of.name if one.event.of else one.name) in ways.agreements
    return isinstance(one.event, events.Account) and one.event.account in ways.accounts


def _of_a_place(event: events.Event) -> str:
    """The place, party or lot that the event registers or attests; "" if it does neither."""
    if isinstance(event, events.Party | events.Site | events.Attest):
        return event.subject if isinstance(event.subject, str) else ""
    return ""


def _lots(event: events.Event, account: Account) -> Iterator[str]:
    """The lots that the event bore or moved, if it may have been on the way."""
    if isinstance(event, events.Transform | events.Source):
        process = event.process if isinstance(event, events.Transform) else SOURCE + event.kind
        unit = event.unit or "" if isinstance(event, events.Transform) else ""
        where = event.site, event.party, process
        visits = (account.visits.get((*where, one)) for one in (unit, ANY_UNIT))
        runs = (run for visit in visits if visit for run in visit.runs)
        if not account.visits or any(first <= event.at <= last for first, last in runs):
            yield from (output.lot for output in event.outputs)
    elif isinstance(event, events.Ship):
        yield from (line.as_ or line.lot for line in event.lines)
    elif isinstance(event, events.Receive | events.Transfer):
        yield from (line.lot for line in event.lines)


def _last_uses(known: Known, subject: str, least: int) -> Mapping[str, int]:
    """Of the subject and those of its ancestors that were used after the entry ``least``, the last entry by
    which they were used for it."""
    last = {subject: known.size}
    todo = [subject]
    seen = {subject}
    while todo:
        fresh: set[str] = set()
        for some in read.chunks(todo):
            births = {key.id: r.at for key, r in known.store.read(Key("lot", lot) for lot in some).items()}
            later = {lot: at for lot, at in births.items() if at > least}
            entries = read.entries(known.store, set(later.values()))
            for lot, at in later.items():
                for parent in evidence.parents(entries[at].event, lot):
                    last[parent] = max(at, last.get(parent, at))
                    fresh.add(parent)
        todo = sorted(fresh - seen)
        seen |= fresh
    return last
