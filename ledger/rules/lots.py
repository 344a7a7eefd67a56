"""What can be done to a lot: bear it, take from it, move it. Every custody rule is made of these."""

from collections.abc import Mapping
from typing import NamedTuple, NoReturn

from ledger.quantity import format_time, shown_kg
from ledger.register import Hold, Key, Lot, Mark, Owner, Party, Used
from ledger.rules.admission import for_site
from ledger.rules.composition import MOST_SHARES, Composition
from ledger.rules.draft import Draft, refuse


class Birth(NamedTuple):
    """A lot about to be born. ``since``: s, from when on it exists."""

    id: str
    material: str
    grams: int
    item: bool
    role: str
    site: str
    owner: str
    since: int
    composition: Composition


def bear(draft: Draft, birth: Birth, path: str) -> None:
    """A lot is born once, under its poster's prefix. ``path``: of its id."""
    party: Party = draft.need("party", draft.event.party, "$.party")
    if not birth.id.startswith(party.prefixes):
        refuse("lot.prefix", path, f"{birth.id} begins with none of the poster's prefixes")
    known = draft.get("lot", birth.id)
    if known is not None:
        refuse("lot.exists", path, f"{birth.id} was born in {known.event}", Key("lot", birth.id))
    for kind in ("party", "site"):  # what a certifier says of these would be read as said of the lot
        if draft.get(kind, birth.id) is not None:
            refuse("lot.exists", path, f"{birth.id} is a {kind}", Key(kind, birth.id))
    draft.put(
        "lot",
        birth.id,
        Lot(
            birth.material,
            birth.grams,
            birth.item,
            birth.role,
            draft.event.party,
            birth.site,
            birth.since,
            draft.name,
            birth.composition.shares,
            birth.composition.traces,
        ),
    )
    hold = Hold(draft.event.party, birth.site, birth.since, "", "", False, False, draft.name)
    draft.put("hold", birth.id, hold)
    draft.put("owner", birth.id, Owner(birth.owner, "", "", birth.since, draft.name))
    draft.born.append(birth.id)


def few_shares(count: int) -> None:
    """Each origin of each lot is kept, and a few hundred octets must not make the ledger write millions of
    shares. ``count``: those that the event reads and writes."""
    if count > MOST_SHARES:
        refuse("lot.shares", "$", f"{count} shares of origins; {MOST_SHARES} may be")


def stamp(draft: Draft, lot: str, marks: Mapping[str, str] | None, path: str) -> None:
    """Put marks on a lot. A unique mark (a serial) stands on one lot of its party only."""
    for name, value in (marks or {}).items():
        unique = draft.catalogue.marks.get(name)
        if unique is None:
            refuse("mark.unknown", f"{path}.marks.{name}", f"{name} is not a mark of the catalogue")
        id = f"{name} {value} {draft.event.party if unique else lot}"
        known = draft.get("mark", id)
        if known is not None and known.lot not in ("", lot):
            refuse(
                "mark.taken", f"{path}.marks.{name}", f"{value} is already on {known.lot}", Key("mark", id)
            )
        draft.put("mark", id, Mark(lot))
        draft.undo.append(("mark", id, ("",)))


def held(draft: Draft, id: str, path: str, site: str | None = None) -> tuple[Lot, Hold, Owner]:
    """The lot, where its poster holds it now: not in transit, not withdrawn, not before it exists,
    its title not on the way to someone else."""
    lot: Lot = draft.need("lot", id, path)
    hold: Hold = draft.need("hold", id, path)
    if hold.withdrawn:
        refuse("lot.withdrawn", path, f"the birth of {id} was withdrawn", Key("hold", id))
    if hold.to:
        refuse("lot.in_transit", path, f"{id} is on its way to {hold.to}", Key("hold", id))
    if hold.holder != draft.event.party:
        refuse("lot.holder", path, f"{id} is held by {hold.holder}", Key("hold", id))
    if site is not None and hold.site != site:
        refuse("lot.site", path, f"{id} is at {hold.site}", Key("hold", id))
    if site is None:
        for_site(draft, hold.site, path)
    since = max(lot.since, hold.since)
    if draft.event.at < since:
        too_early(since, f"{id} is there", Key("hold", id))
    return lot, hold, owned(draft, id, path)


def owned(draft: Draft, id: str, path: str) -> Owner:
    """Who owns the lot, its title settled."""
    owner: Owner = draft.need("owner", id, path)
    if owner.to:
        refuse("owner.pending", path, f"title of {id} is on its way to {owner.to}", Key("owner", id))
    if draft.event.at < owner.since:
        too_early(owner.since, f"{id} is owned by {owner.owner}", Key("owner", id))
    return owner


def too_early(since: int, what: str, key: Key) -> NoReturn:
    """Refuse an event before what it builds on, which is so only ``since`` (s)."""
    refuse("time.before", "$.time", f"{what} only from {format_time(since)} on", key)


def take(draft: Draft, id: str, lot: Lot, grams: int, path: str) -> None:
    """Use part of a lot: never beyond its mass; an item is used whole."""
    if lot.item and grams != lot.grams:
        refuse("lot.item", f"{path}.kg", f"{id} is one item of {shown_kg(lot.grams)}")
    used = used_grams(draft, id)
    if used + grams > lot.grams:
        left = shown_kg(max(0, lot.grams - used))
        refuse("lot.overdrawn", f"{path}.kg", f"{left} of {id} are left", Key("used", id), Key("lot", id))
    spend(draft, id, grams)


def spend(draft: Draft, id: str, grams: int) -> None:
    """Count grams of a lot as gone."""
    if grams:
        draft.put("used", id, Used(used_grams(draft, id) + grams))
        draft.used[id] = draft.used.get(id, 0) + grams


def used_grams(draft: Draft, id: str) -> int:
    """How much of a lot is gone."""
    used: Used | None = draft.get("used", id)
    return used.grams if used else 0
