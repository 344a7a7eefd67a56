"""How lots change hands and leave: ``ship``, ``receive``, ``transfer``, ``exit``, ``count``."""

from typing import Any

from ledger.quantity import FINE, MILLION, shown_kg
from ledger.register import Hold, Key, Lot, Owner, Spent
from ledger.rules import accounts
from ledger.rules.agreements import under
from ledger.rules.composition import Composition, share
from ledger.rules.draft import Draft, refuse
from ledger.rules.lots import Birth, bear, few_shares, held, owned, spend, take, too_early, used_grams


def ship(draft: Draft) -> None:
    """Lots leave a site for a party, which has to receive them. A line without ``as`` moves a lot
    whole; part of a lot travels under a new id."""
    event = draft.event
    draft.need("party", event.to, "$.to")
    draft.others.add(event.to)
    under(draft)
    shares = 0  # of the parts
    for n, line in enumerate(event.lines):
        path = f"$.lines[{n}]"
        lot, hold, owner = held(draft, line.lot, f"{path}.lot", event.site)
        draft.others.add(owner.owner)
        mine = owner.owner == event.party
        if event.title == "passes" and not mine:
            refuse("owner.title", "$.title", f"{line.lot} is owned by {owner.owner}", Key("owner", line.lot))
        if line.as_ is None and (line.grams != lot.grams or used_grams(draft, line.lot)):
            refuse(
                "lot.not_whole",
                f"{path}.kg",
                f"{line.lot} was born with {shown_kg(lot.grams)}",
                Key("lot", line.lot),
                Key("used", line.lot),
            )
        passes = mine and event.title != "stays"
        since = max(event.start, lot.since, hold.since)  # nothing leaves before it is there
        leaving = Hold(hold.holder, hold.site, since, event.to, draft.name, passes, False, draft.name)
        if line.as_ is None:
            draft.replace("hold", line.lot, leaving)
        else:
            shares += len(lot.composition) + len(lot.traces)
            few_shares(shares)
            _part(draft, line, lot, owner, since, path)
            draft.put("hold", line.as_, leaving)
    accounts.issue(draft)


def _part(draft: Draft, line: Any, lot: Lot, owner: Owner, since: int, path: str) -> None:
    """Split a part off a lot, of the same material, owner and composition."""
    if lot.item:
        refuse("lot.item", f"{path}.as", f"{line.lot} is one item")
    take(draft, line.lot, lot, line.grams, path)
    made = share(Composition(lot.composition, lot.traces), FINE * line.grams)
    birth = Birth(
        line.as_,
        lot.material,
        line.grams,
        False,
        "part",
        draft.event.site,
        owner.owner,
        since,
        made,
    )
    bear(draft, birth, f"{path}.as")
    draft.flow(line.lot, line.as_, line.grams)


def receive(draft: Draft) -> None:
    """The other side of a ``ship`` or a ``transfer``."""
    event = draft.event
    name = event.of.name
    known = draft.need("event", name, "$.of", "event.not_here")
    if known.type not in ("ship", "transfer"):
        refuse("receive.of", "$.of", f"{name} is a {known.type}", Key("event", name))
    if (event.site is None) == (known.type == "ship"):
        refuse("receive.site", "$.site", "goods arrive at a `site`; title does not")
    if event.weighing is not None:
        _ticket(draft, event.weighing.ticket)
    draft.others.add(name.split(" ", 1)[0])
    for n, line in enumerate(event.lines):
        if known.type == "ship":
            _arrive(draft, line, name, f"$.lines[{n}]")
        else:
            _gain_title(draft, line, name, f"$.lines[{n}]")


def _arrive(draft: Draft, line: Any, shipment: str, path: str) -> None:
    event = draft.event
    lot: Lot = draft.need("lot", line.lot, f"{path}.lot")
    hold: Hold = draft.need("hold", line.lot, f"{path}.lot")
    if hold.to != event.party:
        to = hold.to or "no one"
        refuse("lot.receiver", f"{path}.lot", f"{line.lot} is on its way to {to}", Key("hold", line.lot))
    if hold.shipment != shipment:
        refuse("lot.shipment", f"{path}.lot", f"{line.lot} left with {hold.shipment}", Key("hold", line.lot))
    if event.at < hold.since:
        too_early(hold.since, f"{line.lot} is on its way", Key("hold", line.lot))
    if line.result == "refused":
        back = Hold(hold.holder, hold.site, event.at, "", shipment, False, False, draft.name)
        draft.replace("hold", line.lot, back)
        return
    if lot.item and line.grams != lot.grams:
        refuse("lot.item", f"{path}.kg", f"{line.lot} is one item of {shown_kg(lot.grams)}")
    _weigh(draft, line, lot)
    here = Hold(event.party, event.site, event.at, "", shipment, False, False, draft.name)
    draft.replace("hold", line.lot, here)
    owner: Owner = draft.need("owner", line.lot, f"{path}.lot")
    draft.others.add(owner.owner)
    if hold.passes:
        draft.replace("owner", line.lot, Owner(event.party, "", "", event.at, draft.name))


def _weigh(draft: Draft, line: Any, lot: Lot) -> None:
    """What may be used is min(shipped, arrived). A tolerance accepts a reading, never creates metal;
    a larger difference is marked until it is resolved."""
    missing = lot.grams - line.grams
    if missing > 0:
        spend(draft, line.lot, missing)
        draft.flow(line.lot, "loss", missing)
    if abs(missing) * MILLION > draft.catalogue.receive_tolerance * lot.grams:
        subject = f"event {draft.name}"
        if not draft.marks(subject):
            draft.mark(subject, ("difference", draft.context.received))


def _ticket(draft: Draft, ticket: str) -> None:
    """One weighbridge ticket weighs one delivery."""
    what = f"ticket {ticket} {draft.event.party}"
    spent: Spent | None = draft.get("spent", what)
    if spent is not None and spent.on:
        refuse("receive.ticket", "$.weighing.ticket", f"{ticket} weighed {spent.on}", Key("spent", what))
    draft.put("spent", what, Spent(draft.name))
    draft.undo.append(("spent", what, ("",)))


def _gain_title(draft: Draft, line: Any, transfer: str, path: str) -> None:
    event = draft.event
    owner: Owner = draft.need("owner", line.lot, f"{path}.lot")
    if owner.to != event.party or owner.transfer != transfer:
        detail = f"title of {line.lot} is not on its way to {event.party} by {transfer}"
        refuse("owner.receiver", f"{path}.lot", detail, Key("owner", line.lot))
    if event.at < owner.since:
        too_early(owner.since, f"title of {line.lot} is on its way", Key("owner", line.lot))
    gained = owner.owner if line.result == "refused" else event.party
    draft.replace("owner", line.lot, Owner(gained, "", "", event.at, draft.name))


def transfer(draft: Draft) -> None:
    """An owner passes the title of whole lots on, wherever they are."""
    event = draft.event
    draft.need("party", event.to, "$.to")
    draft.others.add(event.to)
    under(draft)
    for n, line in enumerate(event.lines):
        path = f"$.lines[{n}]"
        lot: Lot = draft.need("lot", line.lot, f"{path}.lot")
        hold: Hold = draft.need("hold", line.lot, f"{path}.lot")
        if hold.withdrawn:
            refuse(
                "lot.withdrawn",
                f"{path}.lot",
                f"the birth of {line.lot} was withdrawn",
                Key("hold", line.lot),
            )
        if hold.to and hold.passes:
            detail = f"title of {line.lot} passes to {hold.to} on arrival"
            refuse("owner.pending", f"{path}.lot", detail, Key("hold", line.lot))
        owner = owned(draft, line.lot, f"{path}.lot")
        if owner.owner != event.party:
            refuse(
                "owner.other", f"{path}.lot", f"{line.lot} is owned by {owner.owner}", Key("owner", line.lot)
            )
        if used_grams(draft, line.lot) + line.grams > lot.grams:
            refuse("lot.overdrawn", f"{path}.kg", f"less of {line.lot} is left", Key("used", line.lot))
        draft.others.add(hold.holder)
        draft.replace("owner", line.lot, Owner(event.party, event.to, draft.name, event.at, draft.name))


def exit_(draft: Draft) -> None:
    """Metal leaves the ledger, or is fitted to a vehicle (``into``)."""
    event = draft.event
    for n, line in enumerate(event.lines):
        path = f"$.lines[{n}]"
        lot, _, owner = held(draft, line.lot, f"{path}.lot")
        if event.reason in ("sold_outside", "installed") and owner.owner != event.party:
            refuse(
                "owner.other", f"{path}.lot", f"{line.lot} is owned by {owner.owner}", Key("owner", line.lot)
            )
        draft.others.add(owner.owner)
        take(draft, line.lot, lot, line.grams, path)
        draft.flow(line.lot, draft.name, line.grams)
        if event.into is not None:
            draft.flow(draft.name, event.into, line.grams)


def count(draft: Draft) -> None:
    """A stocktake. What is not there is lost; what is there too much needs a ``gain``."""
    event = draft.event
    for n, line in enumerate(event.lines):
        path = f"$.lines[{n}]"
        lot, _, owner = held(draft, line.lot, f"{path}.lot", event.site)
        used = used_grams(draft, line.lot)
        if used + line.grams > lot.grams:
            detail = f"the books hold {shown_kg(max(0, lot.grams - used))} of {line.lot}"
            refuse("count.excess", f"{path}.kg", detail, Key("used", line.lot))
        if lot.item and line.grams != lot.grams:
            refuse("lot.item", f"{path}.kg", f"{line.lot} is one item of {shown_kg(lot.grams)}")
        draft.others.add(owner.owner)
        short = lot.grams - used - line.grams
        spend(draft, line.lot, short)
        draft.flow(line.lot, "loss", short)
