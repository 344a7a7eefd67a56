"""What is said about events and parties afterwards: ``correct``, ``attest``, ``revoke_attestation``.

Nothing is ever edited. A correction is an event of its own; a dispute is looked up when reading,
never copied to descendants.
"""

from typing import Any

from ledger import register
from ledger.quantity import parse_time
from ledger.register import CHAINED, KINDS, Hold, Key, Used
from ledger.rules import accounts, sums
from ledger.rules.admission import only_at, say
from ledger.rules.draft import Draft, refuse
from ledger.rules.lots import used_grams

KEPT = frozenset(  # never withdrawn
    (
        "charter",
        "amend",
        "party",
        "site",
        "key",
        "revoke_key",
        "correct",
        "attest",
        "revoke_attestation",
        "register",
        "account",
        "close",
        "agree",
    )
)
GROUND = ("charter", "amend")  # what everything rests on: disputing it would stall the whole ledger
OPEN = ("disputed", "difference")  # marks that `resolve` lifts


def correct(draft: Draft) -> None:
    """Withdraw, dispute, resolve or amend an earlier event."""
    event = draft.event
    name = event.of.name
    record = draft.record("event", name)
    known: register.Event = draft.need("event", name, "$.of", "event.not_here")
    assert record is not None
    only_at(draft, draft.get("key", known.kid).sites, "$.of")
    draft.about.append(Key("event", name))
    marks = draft.marks(f"event {name}")
    if any(mark == "withdrawn" for mark, _, _, _ in marks):
        refuse("correct.withdrawn", "$.of", f"{name} is withdrawn already", Key("status", f"event {name}"))
    if event.action == "withdraw":
        _withdraw(draft, name, known, record.at)
    elif event.action == "dispute":
        if not _entitled(draft, name, known):
            refuse(
                "correct.entitled",
                "$.party",
                "poster, counterparty, owner, certifier or registrar may dispute",
            )
        for mark, party, by, _ in marks:
            if (mark, party) == ("disputed", event.party):
                refuse("correct.disputed", "$.of", f"{by} disputes it", Key("status", f"event {name}"))
        say(draft, "event", name, "$.of")
        draft.mark(f"event {name}", ("disputed", draft.context.received))
    elif event.action == "resolve":
        _resolve(draft, name, known)
    else:
        _poster(draft, name)
        if event.replaced_by is not None:
            draft.need("event", event.replaced_by.name, "$.replaced_by", "event.not_here")
        say(draft, "event", name, "$.of")
        draft.mark(f"event {name}", ("amended", draft.context.received))


def _poster(draft: Draft, name: str) -> None:
    if name.split(" ", 1)[0] != draft.event.party:
        refuse("correct.poster", "$.party", f"only the poster of {name} may do that", Key("event", name))


def _is_registrar(draft: Draft) -> bool:
    return draft.context.kid in draft.charter.registrar


def _entitled(draft: Draft, name: str, known: register.Event) -> bool:
    party: str = draft.event.party
    if party == name.split(" ", 1)[0] or party in known.others or _is_registrar(draft):
        return True
    roles = draft.get("party", party).roles
    return known.type not in GROUND and draft.catalogue.certifier_role in roles


def _resolve(draft: Draft, name: str, known: register.Event) -> None:
    """A dispute is lifted by who raised it, a difference by the other side; both by the registrar."""
    party: str = draft.event.party
    subject = f"event {name}"

    def lifts(mark: str, by: str) -> bool:
        if mark not in OPEN:
            return False
        other_side = mark == "difference" and party in known.others
        return _is_registrar(draft) or other_side or (mark == "disputed" and by == party)

    marks = draft.marks(subject)
    left = tuple(mark for mark in marks if not lifts(mark[0], mark[1]))
    if left == marks:
        refuse(
            "correct.nothing_open", "$.of", "nothing open that this party may lift", Key("status", subject)
        )
    for mark in marks:
        if mark not in left:
            draft.record("event", mark[2])  # a need: without what opened it, nothing would be open
    draft.put("status", subject, register.Status(left))


def _withdraw(draft: Draft, name: str, known: register.Event, at: int) -> None:
    """The register goes back to before the event, if nothing has been built on it."""
    _poster(draft, name)
    if known.type in KEPT:
        refuse(
            "correct.kept",
            "$.of",
            f"{name} is of type {known.type}",
            Key("event", name),
        )
    for lot in known.born:
        hold: Hold = _as_left(draft, "hold", lot, name)
        _as_left(draft, "owner", lot, name)
        _unused_since(draft, lot, known)
        draft.put("hold", lot, hold._replace(to="", withdrawn=True, event=draft.name))
    for kind, id, fields in known.undo:
        if sums.is_sum(kind, id):
            sums.take_back(draft, kind, id, fields)
            if kind == "account":
                accounts.still_covers(draft, id)
            continue
        if kind in CHAINED:
            _as_left(draft, kind, id, name)
            _unused_since(draft, id, known)
        draft.put(kind, id, KINDS[kind](*fields))  # a mark, ticket or opening serves nobody else by now
    for lot, grams in known.used:
        _title_since(draft, lot, at)
        draft.put("used", lot, Used(used_grams(draft, lot) - grams))
    draft.put("status", f"event {name}", register.Status(()))
    draft.mark(f"event {name}", ("withdrawn", draft.context.received))


def _as_left(draft: Draft, kind: str, lot: str, name: str) -> Any:
    """The hold or owner of a lot, which must be as this event left it."""
    value = draft.need(kind, lot, "$.of")
    if value.event != name:
        detail = f"{value.event} has changed where {lot} is or whose it is"
        refuse("correct.built_on", "$.of", detail, Key(kind, lot))
    return value


def _unused_since(draft: Draft, lot: str, known: register.Event) -> None:
    """No more of the lot is gone than when the event was done."""
    if used_grams(draft, lot) > dict(known.gone).get(lot, 0):
        refuse("correct.built_on", "$.of", f"{lot} has been used since", Key("used", lot))


def _title_since(draft: Draft, lot: str, at: int) -> None:
    """What is given back goes to whom it was taken from."""
    by = draft.get("owner", lot).event
    draft.need("event", by, "$.of", "event.not_here")  # beyond a proof's horizon
    record = draft.record("event", by)
    assert record is not None
    if record.at > at:
        refuse("correct.built_on", "$.of", f"title of {lot} has changed since, by {by}", Key("owner", lot))


def attest(draft: Draft) -> None:
    """A certifier's statement about a party, a site, a lot or an event."""
    event = draft.event
    if draft.catalogue.certifier_role not in draft.get("party", event.party).roles:
        refuse("attest.certifier", "$.party", f"{event.party} is not registered as a certifier")
    subject = event.subject if isinstance(event.subject, str) else event.subject.name
    kinds = ("party", "site", "lot") if isinstance(event.subject, str) else ("event",)
    found = [kind for kind in kinds if draft.get(kind, subject) is not None]
    if not found:
        refuse("attest.subject", "$.subject", f"{subject} is not in the ledger", waiting_for=subject)
    say(draft, found[0], subject, "$.subject")
    draft.about.append(Key(found[0], subject))
    valid = parse_time(event.valid_from), parse_time(event.valid_until)
    if valid[0] >= valid[1]:
        refuse("attest.validity", "$.valid_until", "`valid_until` is not after `valid_from`")
    draft.put(
        "attestation",
        draft.name,
        register.Attestation(
            subject, event.party, event.scheme, event.status, *valid, event.certificate_no or ""
        ),
    )
    if event.status in ("suspended", "withdrawn"):
        draft.mark(f"attestation {draft.name}", (event.status, draft.context.received))


def revoke_attestation(draft: Draft) -> None:
    """Suspend, withdraw or reinstate an attestation, by its certifier or the registrar."""
    event = draft.event
    name = event.of.name
    known: register.Attestation = draft.need("attestation", name, "$.of")
    if event.party != known.certifier and not _is_registrar(draft):
        refuse("attest.other", "$.party", f"{name} is {known.certifier}'s", Key("attestation", name))
    draft.about += [Key("event", name), Key("attestation", name)]
    subject = f"attestation {name}"
    if any(mark == "withdrawn" for mark, _, _, _ in draft.marks(subject)):
        refuse("attest.withdrawn", "$.of", f"{name} is withdrawn for good", Key("status", subject))
    if event.status != "withdrawn":  # which is for good
        say(draft, "attestation", name, "$.of")
    draft.put("status", subject, register.Status(()))
    if event.status != "reinstated":
        draft.mark(subject, (event.status, parse_time(event.since) * 1000))
