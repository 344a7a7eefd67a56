"""Who may speak: the charter and its amendments, parties, sites and keys."""

from collections.abc import Collection, Mapping, Sequence
from typing import Any

from ledger import b64, register
from ledger.keys import PublicKey, possession_message
from ledger.quantity import parse_time
from ledger.register import Key
from ledger.rules.admission import ENDED, by_registrar, only_at, say
from ledger.rules.catalogue import Catalogue
from ledger.rules.draft import Draft, refuse

AMENDMENT_MS = 24 * 60 * 60 * 1000  # an amendment is in force this long after its receipt
PREFIX_ENDS = ":/.#-_"  # a lot-id prefix ends at one of these
MOST_KEYS = 1_000  # that a party's own keys may have registered for it, ever
MOST_PENDING = 8  # amendments that are not in force yet
_KEYS = slice(3, 6)  # a charter's registrar, recovery and operator kids


# -- charter and amendments


def _register_keys(draft: Draft, use: str, jwks: Sequence[Mapping[str, Any]], path: str) -> tuple[str, ...]:
    """The kids of the keys, ascending; those that are new are written."""
    kids = []
    for jwk in jwks:
        key = PublicKey.from_jwk(jwk, path)
        if use == "operator" and key.algorithm != "Ed25519":
            refuse("charter.operator_key", path, "the operator's key signs C2SP checkpoints: Ed25519")
        known: register.KeyRecord | None = draft.get("key", key.kid)
        if known is None:
            by = (draft.context.kid, draft.context.received)
            draft.put("key", key.kid, register.KeyRecord(draft.event.party, use, key.jwk_text, (), *by))
        elif (known.party, known.use) != (draft.event.party, use):
            refuse("key.registered", path, f"key {key.kid} is already a {known.use} key", Key("key", key.kid))
        kids.append(key.kid)
    return tuple(sorted(kids))


def _amended(draft: Draft, before: register.Charter) -> register.Charter:
    """The charter with what the event names changed; what it does not name stays."""
    event, after = draft.event, before
    if event.rules is not None:
        after = after._replace(rules=event.rules)
    if event.registrar_keys is not None:
        after = after._replace(
            registrar=_register_keys(draft, "registrar", event.registrar_keys, "$.registrar_keys")
        )
    if event.recovery_key is not None:
        after = after._replace(
            recovery=_register_keys(draft, "recovery", [event.recovery_key], "$.recovery_key")[0]
        )
    if event.operator_key is not None:
        after = after._replace(
            operator=_register_keys(draft, "operator", [event.operator_key], "$.operator_key")[0]
        )
    if event.catalogue is not None:
        after = after._replace(catalogue=event.catalogue.text)
    return after


def charter(draft: Draft) -> None:
    """Entry 0, in force from its own receipt, signed by one of its own registrar keys."""
    event, context = draft.event, draft.context
    if context.index != 0 or context.charter != 0:
        refuse("charter.again", "$.type", "a ledger has one charter, its entry 0; later ones are amendments")
    empty = register.Charter(event.ledger, event.party, event.rules, (), "", "", context.received, "")
    made = _amended(draft, empty)
    Catalogue.parse(made.catalogue)
    if context.kid not in made.registrar:
        refuse("registrar.key", "$", "a charter is signed by one of its own registrar keys")
    draft.put("charter", "0", made)
    draft.put("charters", "", register.Charters(((0, context.received),)))


def amend(draft: Draft) -> None:
    """Changes of the charter, in force 24 h after receipt. Keys change by the recovery key alone."""
    context = draft.context
    known = draft.get("charters", "").known
    latest: register.Charter = draft.need("charter", str(known[-1][0]), "$")
    after = _amended(draft, latest)
    keys_change = latest[_KEYS] != after[_KEYS]
    signers = (latest.recovery,) if keys_change else (latest.recovery, *draft.charter.registrar)
    if context.kid not in signers:
        who = "the recovery key alone" if keys_change else "a registrar key or the recovery key"
        refuse("charter.signer", "$", f"this amendment is signed by {who}")
    pending = sum(effective > context.received for _, effective in known[-MOST_PENDING:])
    if pending >= MOST_PENDING and context.kid != latest.recovery:
        refuse("charter.pending", "$", f"{pending} amendments are not in force yet", Key("charters", ""))
    effective = context.received + AMENDMENT_MS
    draft.put("charter", str(context.index), after._replace(effective=effective, name=latest.name))
    draft.put("charters", "", register.Charters((*known, (context.index, effective))))


# -- parties and sites


def party(draft: Draft) -> None:
    """The registrar admits a party, or replaces what it said of one."""
    by_registrar(draft)
    event = draft.event
    _known(draft.catalogue.roles, event.roles, "party.role", "$.roles")
    _replaces(draft, "party", event.subject)
    if event.successor is not None:
        draft.need("party", event.successor, "$.successor")
    for n, prefix in enumerate(event.prefixes):
        _grant(draft, prefix, event.subject, f"$.prefixes[{n}]")
    draft.put(
        "party",
        event.subject,
        register.Party(
            event.name,
            event.country,
            tuple(event.roles),
            tuple(event.prefixes),
            event.successor or "",
            draft.name,
        ),
    )


def site(draft: Draft) -> None:
    """The registrar admits a site of a party, or replaces what it said of one."""
    by_registrar(draft)
    event = draft.event
    _known(draft.catalogue.site_kinds, event.kinds, "site.kind", "$.kinds")
    _replaces(draft, "site", event.subject)
    draft.need("party", event.operator, "$.operator")
    draft.put(
        "site",
        event.subject,
        register.Site(event.operator, tuple(event.kinds), event.country, event.subdivision or "", draft.name),
    )


def _known(words: Collection[str], said: Sequence[str], code: str, path: str) -> None:
    """The words said are words of the catalogue."""
    for n, word in enumerate(said):
        if word not in words:
            refuse(code, f"{path}[{n}]", f"{word} is not in the catalogue")


def _replaces(draft: Draft, kind: str, subject: str) -> None:
    """A first registration replaces nothing; a later one names the one in force, and sets the status."""
    event = draft.event
    known = draft.get(kind, subject)
    named = event.replaces.name if event.replaces else None
    if named != (known.event if known else None):
        found = f"registered already, by {known.event}" if known else "not registered yet"
        detail = f"{subject} is {found}"
        refuse(f"{kind}.replaces", "$.replaces", detail, Key(kind, subject))
    for other in ("party", "site", "lot"):
        if other != kind and draft.get(other, subject) is not None:
            refuse(f"{kind}.exists", "$.subject", f"{subject} is a {other}", Key(other, subject))
    if known is not None:
        draft.about.append(Key(kind, subject))
    if known is not None or event.status in ENDED:
        ended = event.status in ENDED
        marks = ((event.status, event.party, draft.name, draft.context.received),) if ended else ()
        draft.put("status", f"{kind} {subject}", register.Status(marks))


def _grant(draft: Draft, prefix: str, subject: str, path: str) -> None:
    """Give out a prefix: no other party's may begin with it, or be the beginning of it."""
    if prefix[-1] not in PREFIX_ENDS:
        refuse("party.prefix_end", path, f"a prefix ends with one of {PREFIX_ENDS}")
    shorter = [prefix[:n] for n in range(1, len(prefix)) if prefix[n - 1] in PREFIX_ENDS]
    for granted in (*shorter, prefix):
        holder = draft.get("prefix", granted)
        if holder is not None and holder.party not in ("", subject):
            refuse("party.prefix_taken", path, f"{granted} belongs to {holder.party}", Key("prefix", granted))
    mine = draft.get("prefix", prefix)
    if mine is not None and mine.party == "":
        refuse("party.prefix_taken", path, "longer prefixes below it are given out", Key("prefix", prefix))
    draft.put("prefix", prefix, register.Prefix(subject))
    for outer in shorter:
        if draft.get("prefix", outer) is None:
            draft.put("prefix", outer, register.Prefix(""))


# -- the register's root


def register_root(draft: Draft) -> None:
    """The operator says what all entries before this one come to. Whether the root is right no rule can
    tell: every replay of those entries does."""
    if draft.context.kid != draft.charter.operator:
        refuse("register.key", "$", "the root is signed by the operator's key of the charter in force")
    if draft.event.size != draft.context.index:
        refuse("register.size", "$.size", f"{draft.context.index} entries are before this one")


# -- keys


def key(draft: Draft) -> None:
    """A party's new key: vouched for by a live key of the party, by the registrar when none is live."""
    event, context = draft.event, draft.context
    draft.need("party", event.subject, "$.subject")
    new = PublicKey.from_jwk(event.jwk, "$.jwk")
    if draft.get("key", new.kid) is not None:
        refuse("key.registered", "$.jwk", f"key {new.kid} is already registered", Key("key", new.kid))
    known = draft.get("keys", event.subject)
    keys: tuple[tuple[str, str, int, bool], ...] = known.known if known else ()
    if event.party == event.subject and draft.get("key", context.kid).use == "party":
        only_at(draft, event.sites or (), "$.sites")
        if (
            len(keys) >= MOST_KEYS
        ):  # beyond that only the registrar, so that a thief cannot lock the party out
            refuse(
                "key.limit",
                "$.subject",
                f"{event.subject} has registered {len(keys)} keys",
                Key("keys", event.subject),
            )
    else:
        by_registrar(draft)
        live = [kid for kid, _, _, alive in keys if alive]
        if live:
            refuse(
                "key.live",
                "$.party",
                f"{event.subject} has a live key, {live[0]}: let it sign",
                Key("keys", event.subject),
            )
        for kid, _, _, _ in keys:
            for _, _, revocation, _ in draft.marks(f"key {kid}"):
                draft.record("event", revocation)  # a need: without it that key would seem live
    message = possession_message(event.ledger, event.subject, new.kid)
    if not new.verify(b64.decode(event.proof), message):
        refuse("key.possession", "$.proof", "the new key has not signed the possession message")
    for n, site in enumerate(event.sites or ()):
        if draft.need("site", site, f"$.sites[{n}]").operator != event.subject:
            refuse("site.operator", f"$.sites[{n}]", f"{site} is not {event.subject}'s", Key("site", site))
    record = register.KeyRecord(
        event.subject, "party", new.jwk_text, tuple(event.sites or ()), context.kid, context.received
    )
    draft.put("key", new.kid, record)
    draft.put("keys", event.subject, register.Keys((*keys, (new.kid, context.kid, context.received, True))))


def revoke_key(draft: Draft) -> None:
    """End a key from this entry on. ``since`` makes what it signed since then suspect, and ends the
    keys that it added since then, and theirs."""
    event, context = draft.event, draft.context
    found: register.KeyRecord = draft.need("key", event.kid, "$.kid")
    if found.use != "party":
        refuse(
            "key.charter", "$.kid", f"a {found.use} key is replaced by an amendment", Key("key", event.kid)
        )
    if event.party != found.party:
        by_registrar(draft)
    only_at(draft, found.sites, "$.kid")
    since = parse_time(event.since) * 1000 if event.since else context.received
    if since > context.received:
        refuse("time.future", "$.since", "`since` is after the receipt")
    say(draft, "key", event.kid, "$.kid")
    known = draft.get("keys", found.party).known
    ended = {event.kid}
    for kid, by, received, _ in known:  # in order of registration, so children follow parents
        if event.since and by in ended and received >= since:
            ended.add(kid)
    for kid, _, _, _ in known:
        if kid in ended:
            draft.mark(f"key {kid}", ("revoked", since))
            draft.about.append(Key("key", kid))
    still = tuple((kid, by, received, live and kid not in ended) for kid, by, received, live in known)
    draft.put("keys", found.party, register.Keys(still))
