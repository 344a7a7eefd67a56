"""What must hold of every event before its own rule is asked: who signed it, when, for which ledger."""

from collections.abc import Mapping, Sequence
from typing import Any

from ledger import register
from ledger.quantity import format_instant
from ledger.register import Key
from ledger.rules.catalogue import Catalogue
from ledger.rules.draft import Draft, refuse

FUTURE_MS = 5 * 60 * 1000  # an event may lie at most this far after its receipt: clocks differ
MOST_SAID = 8  # disputes, amendments, attestations, revocations: by one party of one thing
MOST_SAID_OF_A_PLACE = 100  # of a party or a site, which are attested year after year
ENDED = ("suspended", "closed")  # a party or site with such a status posts nothing
_ENDED_CODES = {
    ("party", "suspended"): "party.suspended",
    ("party", "closed"): "party.closed",
    ("site", "suspended"): "site.suspended",
    ("site", "closed"): "site.closed",
}
REGISTRAR_SIGNS = frozenset(("amend", "party", "site", "key", "revoke_key", "correct", "revoke_attestation"))
RESERVED = frozenset((("recovery", "amend"), ("operator", "register")))  # all that these keys sign
ASKED_BY_RULE = frozenset(("exit", "key", "revoke_key", "correct"))  # their rules know the sites


def admit(draft: Draft, rules: Mapping[int, Any]) -> None:
    """What holds for every event: identity, ledger, charter in force, time, key and party."""
    _identity(draft)
    version = vars(draft.event).get("rules")
    if version is not None and version not in rules:
        refuse("charter.rules", "$.rules", f"rules version {version} is not known here")
    if draft.event.type != "charter":  # which is its own authority: see ``registry.charter``
        _in_force(draft)
        _signer(draft)
    _time(draft)


def _identity(draft: Draft) -> None:
    known = draft.record("event", draft.name)
    if known is None:
        return
    key = Key("event", draft.name)
    if known.value.digest == draft.context.digest:
        refuse("event.duplicate", "$.id", f"entry {known.at} is this event", key)
    refuse("event.conflict", "$.id", f"entry {known.at} is another event with this party and id", key)


def _in_force(draft: Draft) -> None:
    context = draft.context
    if context.index == 0:
        refuse("charter.first", "$.type", "entry 0 is the charter")
    charters = draft.need("charters", "", "$", "charter.unknown")
    ruling = in_force(charters, context.received)
    if context.charter != ruling:
        detail = f"entry {ruling} was in force, not {context.charter}"
        refuse("charter.not_in_force", "$", detail, Key("charters", ""))
    draft.charter = draft.need("charter", str(context.charter), "$")
    draft.catalogue = Catalogue.parse(draft.charter.catalogue)
    if draft.event.ledger != draft.charter.name:
        refuse("event.ledger", "$.ledger", f"this ledger is {draft.charter.name}")


def in_force(charters: register.Charters, received: int) -> int:
    """The index of the charter or amendment by which an entry received then is judged: the latest
    one in force; entry 0 where the receipt is before all of them, as only a forger's can be."""
    for index, effective in reversed(charters.known):
        if effective <= received:
            return index
    return 0


def _signer(draft: Draft) -> None:
    """The key speaks for this party, and for these sites, and still may."""
    event, kid = draft.event, draft.context.kid
    key = draft.key = draft.need("key", kid, "$")
    if key.party != event.party:
        refuse("key.other_party", "$.party", f"key {kid} is registered to {key.party}", Key("key", kid))
    for mark, _, name, _ in draft.marks(f"key {kid}"):
        refuse("key.revoked", "$", f"key {kid} was {mark} by event {name}", Key("status", f"key {kid}"))
    if key.use == "party":
        draft.need("party", event.party, "$.party")
        _stands(draft, "party", event.party, "$.party")
    elif key.use == "registrar" and event.type in REGISTRAR_SIGNS:
        by_registrar(draft)
    elif (key.use, event.type) not in RESERVED:
        refuse(
            "key.reserved", "$", f"a key of the use {key.use} signs no {event.type} events", Key("key", kid)
        )
    site = vars(event).get("site")
    if site is not None:
        for_site(draft, site, "$.site")
    elif event.type not in ASKED_BY_RULE:
        only_at(draft, (), "$")


def for_site(draft: Draft, site: str, path: str) -> None:
    """The signing key is good for this site, which the poster operates and which is open."""
    found: register.Site = draft.need("site", site, path)
    if found.operator != draft.event.party:
        refuse("site.operator", path, f"{site} is operated by {found.operator}", Key("site", site))
    _stands(draft, "site", site, path)
    only_at(draft, (site,), path)


def only_at(draft: Draft, sites: Sequence[str], path: str) -> None:
    """A key that is limited to sites speaks for these alone. ``sites``: what it speaks for; none is all
    of the party's."""
    good = draft.key.sites
    if good and not (sites and set(sites).issubset(good)):
        where = ", ".join(good[:3]) + (f" and {len(good) - 3} more" if good[3:] else "")
        refuse(
            "key.site",
            path,
            f"the signing key is registered for {where} only",
            Key("key", draft.context.kid),
        )


def _stands(draft: Draft, kind: str, id: str, path: str) -> None:
    """The registrar's last word on a party or site is not one of ``ENDED``: no other marks are put on it."""
    for mark, _, name, _ in draft.marks(f"{kind} {id}"):
        code = _ENDED_CODES[kind, mark]
        refuse(code, path, f"{id} was {mark} by event {name}", Key("status", f"{kind} {id}"))


def _time(draft: Draft) -> None:
    event = draft.event
    if event.at * 1000 > draft.context.received + FUTURE_MS:
        refuse("time.future", "$.time", f"received {format_instant(draft.context.received)}")
    if event.start > event.at:
        refuse("time.from", "$.from", "`from` is after `time`")


def say(draft: Draft, kind: str, id: str, path: str) -> None:
    """The poster speaks of a thing once more. A proof holds whatever was said of what it rests on: so
    nobody may talk others' proofs to death."""
    subject = f"{draft.event.party} {kind} {id}"
    said: register.Said | None = draft.get("said", subject)
    times = said.times + 1 if said else 1
    if times > (MOST_SAID_OF_A_PLACE if kind in ("party", "site") else MOST_SAID):
        refuse(
            "said.limit",
            path,
            f"{draft.event.party} has spoken of {id} {times - 1} times",
            Key("said", subject),
        )
    draft.put("said", subject, register.Said(times))


def by_registrar(draft: Draft) -> None:
    """Signed by a registrar key of the charter in force."""
    if draft.context.kid not in draft.charter.registrar:
        refuse("registrar.key", "$", "only a registrar key of the charter in force may sign this")
