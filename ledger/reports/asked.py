"""The claims document that a report is made of: asked of a ledger, or of what a check found of a proof."""

from collections.abc import Iterable

from ledger import claiming
from ledger.check.report import Checked, proof_of
from ledger.claiming.fate import fates
from ledger.claiming.known import Known
from ledger.claims import booked
from ledger.claims.document import ALL_UNSHOWN, Account, AsOf, Claims
from ledger.errors import Malformed
from ledger.quantity import format_instant
from ledger.register import Key, event_name
from ledger.reports.beside import Beside
from ledger.reports.bookings import bookings
from ledger.reports.promises import agreements, delivered
from ledger.store import Store

ACCOUNT, EXCLUSIVE, DOCUMENT = "asi-account", "exclusive", "coc-document"


def of_ledger(store: Store, kind: str, subject: str, plant: str = "") -> Claims:
    """Of a lot; of an account for ``asi-account``, of a site for ``exclusive``. ``Malformed``:
    ``claims.subject`` where nothing of that name is there, ``report.subject`` where it is of another sort,
    ``request.absent`` where ``plant`` is no site: all metal went elsewhere than to a misprint."""
    if kind == EXCLUSIVE and plant and not store.read((Key("site", plant),)):
        raise Malformed("request.absent", "$.plant", f"the ledger has no site {plant}")
    keys = [Key(sort, subject) for sort in ("lot", "account", "site")]
    found = {key.kind for key in store.read(keys)}
    if kind == ACCOUNT and "account" in found:
        return _account(store, subject)
    if kind == EXCLUSIVE and "site" in found:
        return _site(store, subject)
    if found and "lot" not in found:
        raise Malformed("report.subject", "$", f"{subject} is a {found.pop()}, which {kind} is not made of")
    claims = claiming.claims(store, subject, fates=kind == EXCLUSIVE)
    if kind in (ACCOUNT, DOCUMENT) and not claims.accounts:
        ids = {coc.account for coc in claims.coc} - {""}
        claims = claims.model_copy(update={"accounts": tuple(_accounts(store, ids))})
    if kind == EXCLUSIVE:
        chain = {step.party for step in claims.steps} | {claims.holder, claims.owner}
        named = {event_name(one.event.party, one.event.id) for one in claims.agreements}
        promised = agreements(store, lambda name, one: name in named or {one.party, one.other} <= chain)
        claims = claims.model_copy(update={"agreements": promised})
    return claims.model_copy(update={"names": claims.names | _names(store, claims)})


def whole(
    store: Store, kind: str, subject: str, plant: str = "", page: int | None = None
) -> tuple[Claims, Beside]:
    """The same, and what else the report needs. ``page``: of an account's bookings. ``Malformed`` also:
    ``report.option`` where a page is asked of what has no list, ``request.absent`` where there is none."""
    with store.snapshot() as still:
        is_account = kind == ACCOUNT and bool(still.read((Key("account", subject),)))
        claims = of_ledger(still, kind, subject, plant)
        found = bookings(still, subject, page or 1) if is_account else None
        if page is not None and found is None:
            raise Malformed("report.option", "$.page", f"only {ACCOUNT} of an account has pages")
        return claims, Beside(found, delivered(still, claims.agreements) if kind == EXCLUSIVE else None)


def strangers(store: Store, ids: Iterable[str]) -> list[str]:
    """Those of the ids that are neither party nor site of the ledger."""
    wanted = list(ids)
    known = {key.id for key in store.read(Key(kind, id) for id in wanted for kind in ("party", "site"))}
    return [id for id in wanted if id not in known]


def of_proof(checked: Checked) -> Claims:
    """Of a proof's subject. What the proof does not show is named in it; nothing of it is asked elsewhere."""
    if checked.claims is not None:
        return checked.claims
    as_of = AsOf()
    if checked.checkpoint is not None:
        as_of = AsOf(
            ledger=checked.checkpoint.origin,
            size=checked.checkpoint.size,
            received=format_instant(checked.received or 0),
        )
    return Claims(
        subject=checked.subject,
        as_of=as_of,
        rests_on="proof",
        proof=proof_of(checked.findings),
        unshown=ALL_UNSHOWN,
    )


def _account(store: Store, id: str) -> Claims:
    claims = Claims(subject=id, as_of=Known(store).as_of, accounts=tuple(_accounts(store, [id])))
    return claims.model_copy(update={"names": _names(store, claims)})


def _accounts(store: Store, ids: Iterable[str]) -> list[Account]:
    wanted = sorted(ids)
    records = store.read(Key(kind, id) for id in wanted for kind in ("account", "book"))
    return [
        booked.told(id, records[Key("account", id)].value, records[Key("book", id)].value) for id in wanted
    ]


def _site(store: Store, site: str) -> Claims:
    operator = store.read((Key("site", site),))[Key("site", site)].value.operator
    claims = Claims(
        subject=site,
        as_of=Known(store).as_of,
        fates=fates(store, site, into=False),
        agreements=agreements(store, lambda _, one: operator in (one.party, one.other)),
    )
    return claims.model_copy(update={"names": _names(store, claims)})


def _names(store: Store, claims: Claims) -> dict[str, str]:
    """The registered names of the parties that only reports name."""
    ids = {fate.party for fate in claims.fates} | {account.party for account in claims.accounts}
    ids |= {id for one in claims.agreements for id in (one.party, one.other)}
    records = store.read(Key("party", id) for id in sorted(ids - {""}))
    return {key.id: record.value.name for key, record in records.items()}
