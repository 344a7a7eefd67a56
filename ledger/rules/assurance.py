"""What is said about events and parties afterwards: ``correct``, ``attest``, ``revoke_attestation``.

Nothing is ever edited. A correction is an event of its own; a dispute is looked up when reading,
never copied to descendants.
"""

from ledger import register
from ledger.quantity import parse_time
from ledger.register import KINDS, Hold, Key, Used
from ledger.rules.draft import Draft, refuse
from ledger.rules.lots import used_grams

KEPT = ("charter", "amend", "party", "site", "key", "revoke_key", "correct")  # never withdrawn
OPEN = ("disputed", "difference")  # marks that `resolve` lifts


def correct(draft: Draft) -> None:
    """Withdraw, dispute, resolve or amend an earlier event."""
    event = draft.event
    name = event.of.name
    record = draft.record("event", name)
    known: register.Event = draft.need("event", name, "$.of", "event.not_here")
    assert record is not None
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
        draft.mark(f"event {name}", ("disputed", draft.context.received))
    elif event.action == "resolve":
        _resolve(draft, name, known)
    else:
        _poster(draft, name)
        if event.replaced_by is not None:
            draft.need("event", event.replaced_by.name, "$.replaced_by", "event.not_here")
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
    return draft.catalogue.certifier_role in roles


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
    draft.put("status", subject, register.Status(left))


def _withdraw(draft: Draft, name: str, known: register.Event, at: int) -> None:
    """The register goes back to before the event, if nothing has been built on it."""
    _poster(draft, name)
    if known.type in KEPT:
        refuse(
            "correct.kept",
            "$.of",
            f"a {known.type} is not withdrawn: replace or revoke it",
            Key("event", name),
        )
    for lot in known.born:
        hold = draft.record("hold", lot)
        if hold is None or hold.at != at or used_grams(draft, lot):
            refuse(
                "correct.built_on",
                "$.of",
                f"{lot} has been moved or used since",
                Key("hold", lot),
                Key("used", lot),
            )
        owner = draft.record("owner", lot)
        if owner is None or owner.at != at:
            refuse("correct.built_on", "$.of", f"title of {lot} has passed since", Key("owner", lot))
        before: Hold = hold.value
        draft.put("hold", lot, before._replace(to="", withdrawn=True))
    for kind, id, fields in known.undo:
        now = draft.record(kind, id)
        if now is None or now.at != at:
            refuse("correct.built_on", "$.of", f"{kind} of {id} has changed since", Key(kind, id))
        draft.put(kind, id, KINDS[kind](*fields))
    for lot, grams in known.used:
        draft.put("used", lot, Used(used_grams(draft, lot) - grams))
    draft.put("status", f"event {name}", register.Status(()))
    draft.mark(f"event {name}", ("withdrawn", draft.context.received))


def attest(draft: Draft) -> None:
    """A certifier's statement about a party, a site, a lot or an event."""
    event = draft.event
    party: register.Party | None = draft.get("party", event.party)  # a registrar need not be one
    if party is None or draft.catalogue.certifier_role not in party.roles:
        refuse("attest.certifier", "$.party", f"{event.party} is not registered as a certifier")
    subject = event.subject if isinstance(event.subject, str) else event.subject.name
    kinds = ("party", "site", "lot") if isinstance(event.subject, str) else ("event",)
    found = [kind for kind in kinds if draft.get(kind, subject) is not None]
    if not found:
        refuse("attest.subject", "$.subject", f"{subject} is not in the ledger", waiting_for=subject)
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
    if event.status == "suspended":
        draft.mark(f"attestation {draft.name}", ("suspended", draft.context.received))


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
    draft.put("status", subject, register.Status(()))
    if event.status != "reinstated":
        draft.mark(subject, (event.status, parse_time(event.since) * 1000))
