"""The register: what is true after entry *n*, as key → record, the fold of all entries by the rules.

Three classes of kinds, and the difference carries the whole offline proof:

- **write-once**: written by one entry and never again. Reading one makes its writer a *need*.
- **chained**: each writer has read the value before. Reading one makes its last writer a *need*,
  and that writer's own needs lead back to the first.
- **standing**: may be changed by entries that the reader does not depend on. A reader of a
  standing record rests on an *assumption* offline, so rules may use it in one direction only:
  fewer writes must never turn an admissible event into a refused one.
"""

from hashlib import sha256
from typing import Any, NamedTuple, TypeAlias

import orjson

from ledger import b64


class Key(NamedTuple):
    """The name of one record: one concern per key; a key is never deleted."""

    kind: str
    id: str


def event_name(party: str, id: str) -> str:
    """The name of an event, (party, id), as one string; ids hold no space, so it is unambiguous."""
    return f"{party} {id}"


class Charter(NamedTuple):
    """Who runs the ledger and by which rules; id = the index of the charter or amendment."""

    name: str
    party: str  # the registrar's party id
    rules: int
    registrar: tuple[str, ...]  # kids
    recovery: str  # kid
    operator: str  # kid
    effective: int  # ms since the epoch: entries received from then on are judged by it
    catalogue: str  # the catalogue's JSON text


class Charters(NamedTuple):
    """All charters so far, chained under the single id ``""``: (index, effective) ascending."""

    known: tuple[tuple[int, int], ...]


class Party(NamedTuple):
    """An organisation; each later ``party`` event of the same subject replaces the value."""

    name: str
    country: str
    roles: tuple[str, ...]
    prefixes: tuple[str, ...]
    successor: str
    event: str  # event name of this registration


class Site(NamedTuple):
    """Where a party works."""

    operator: str
    kinds: tuple[str, ...]
    country: str
    subdivision: str
    event: str


class KeyRecord(NamedTuple):
    """A public key. ``use``: party, registrar, recovery or operator. ``sites`` empty = all of the party's."""

    party: str
    use: str
    jwk: str  # JSON text of the public JWK: members sorted, no white space
    sites: tuple[str, ...]
    by: str  # kid that signed the registration
    received: int  # ms


class Lot(NamedTuple):
    """A lot as it was born. ``composition``: milligrams by origin, sorted by origin, summing to ``grams``
    for a material that carries origin, else empty. ``traces``: origins that are in it, but whose
    share rounds to zero milligrams; composition and traces together are the *set* of origins. An origin
    is ``mine <site>``, ``collection <site>``, ``addition <declared origin>``, ``added <process>`` (mass
    that a process added without a lot) or ``unknown <why>``."""

    material: str
    grams: int
    item: bool
    role: str  # product | by_product | heel | source | part (split off by a shipment)
    party: str  # holder at birth
    site: str
    since: int  # s: it exists from then on
    event: str  # event name of its birth
    composition: tuple[tuple[str, int], ...]
    traces: tuple[str, ...]


class Hold(NamedTuple):
    """Who holds a lot, where. In transit ``to`` is the receiver and ``holder``/``site`` still the sender's.
    ``event``: the name of the event that left it so; a withdrawal gives the earlier value back with the
    earlier name, so "nothing has happened to it since" is one comparison."""

    holder: str
    site: str
    since: int  # s
    to: str  # "" unless in transit
    shipment: str  # event name of the last ``ship``; "" before the first
    passes: bool  # title passes to the receiver on receipt
    withdrawn: bool  # its birth was withdrawn: it never was
    event: str


class Owner(NamedTuple):
    """Who owns a lot. ``to`` is set between a ``transfer`` and its ``receive``. ``event``: as of ``Hold``."""

    owner: str
    to: str
    transfer: str  # event name of the pending transfer
    since: int  # s: title was gained at that time
    event: str


class Event(NamedTuple):
    """An admitted event, with what ``withdraw`` must undo.

    ``born``: lots it made. ``used``: grams it took from lots. ``undo``: records that it replaced, as
    they were before, ``(kind, id, fields)``. ``others``: parties that may dispute besides the poster.
    ``gone``: grams of the lots whose hold or owner it replaced that were used when it was done, if any.
    Kinds without such effects (registry, assurance) leave all five empty.
    """

    type: str
    digest: str  # base64url SHA-256 of the payload octets: the event's identity
    time: int  # s
    kid: str
    born: tuple[str, ...]
    used: tuple[tuple[str, int], ...]
    undo: tuple[tuple[str, str, tuple[Any, ...]], ...]
    others: tuple[str, ...]
    gone: tuple[tuple[str, int], ...] = ()


class Attestation(NamedTuple):
    """A certifier's statement about a subject (a party, site or lot id, or an event name)."""

    subject: str
    certifier: str
    scheme: str
    status: str
    valid_from: int  # s
    valid_until: int  # s
    certificate: str


class Used(NamedTuple):
    """What has become of a lot since its birth. ``grams``: how much of it is gone, by uses, parts split
    off, losses found by weighing or counting. ``events``, ``chain``: how many entries after its birth
    moved, used, sold, corrected or attested it, and the ``chained`` hash of their indices. ``moves``: the
    same hash of those that wrote its hold or owner."""

    grams: int
    events: int = 0
    chain: str = ""
    moves: str = ""


class Posted(NamedTuple):
    """What a party has posted for a month. id: ``<party> <YYYY-MM>``, the month of the events' ``time``.
    ``events``, ``chain``: how many entries, and the ``chained`` hash of their indices."""

    events: int
    chain: str


class About(NamedTuple):
    """What was said about something: corrections, revocations, replacements, attestations. id: ``<kind>
    <id>`` of a record. ``events``, ``chain``: how many entries, and the ``chained`` hash of their
    indices. So whoever takes one of them out of a proof is found out."""

    events: int
    chain: str


class Status(NamedTuple):
    """Open marks on something (id: ``event <name>``, ``party <id>``, ``site <id>``, ``key <kid>``,
    ``attestation <event name>``), each ``(mark, party, event name, since_ms)``. No marks: it stands."""

    marks: tuple[tuple[str, str, str, int], ...]


class Mark(NamedTuple):
    """What is stamped on a lot. id: ``<name> <value> <party>`` for a unique mark, else
    ``<name> <value> <lot>``. ``lot`` is "" once its birth was withdrawn."""

    lot: str


class Spent(NamedTuple):
    """Something that serves once: ``ticket <ticket> <party>``, ``opening <material> <site>`` and
    ``carry <account>`` (what it brings forward). ``on``: the event that it served; "" if that was withdrawn.
    Or ``instrument <energy certificate> <site or party>``: ``amount`` is the watt hours that are drawn on the
    certificate there, or by that party, so far, and ``on`` is ""."""

    on: str
    amount: int = 0


class Month(NamedTuple):
    """What a process took and gave at a site in a month, or a mine or collection (``source:<kind>``) brought:
    grams of what carries origin, net of heels. id: ``<site> <process> <YYYY-MM>``, the month of the events'
    ``time``."""

    into: int
    out: int


class Book(NamedTuple):
    """What a mass-balance account is kept for, as it was opened. id: the account's. ``yields`` and
    ``overdraft``: millionths of the certified input."""

    party: str
    scheme: str
    sites: tuple[str, ...]
    materials: tuple[str, ...]  # products that are booked out of it, and issued
    since: int  # s
    until: int  # s: the last second of the period
    yields: int
    overdraft: int
    before: str  # the account of the period before; "" if none
    event: str


class Account(NamedTuple):
    """How a mass-balance account stands, in grams; ``yields``, ``overdraft`` as in its ``Book``. ``issued``:
    sold as certified, of which ``majeure`` under force majeure. ``entitled``, ``overdrawn``, ``carry`` are 0
    while ``state`` is ``open``; ``closed`` judges them by the percentage of the whole period."""

    party: str
    scheme: str
    yields: int
    overdraft: int
    brought: int
    certified_in: int
    total_in: int
    total_out: int
    issued: int
    majeure: int
    state: str
    entitled: int
    overdrawn: int
    carry: int
    event: str  # that opened it, or closed it


class Scope(NamedTuple):
    """The mass-balance accounts that are kept for a material at a site. id: ``<site> <material>``.
    ``accounts``: (account, party, since, until), s, in the order in which they were opened. ``unbooked``: s,
    the end of the last day on which a transform made it that names no account; 0 if there is none."""

    accounts: tuple[tuple[str, str, int, int], ...]
    unbooked: int


class Coc(NamedTuple):
    """How much of a lot is sold as certified by a scheme and has not been booked since. id: the lot."""

    scheme: str
    grams: int


class Agreement(NamedTuple):
    """What ``party`` offered ``other``. id: the offer's name. ``terms``: base64url SHA-256 of the terms.
    ``accepted``: the name of the event of ``other`` that accepts it; "" before."""

    party: str
    other: str
    terms: str
    accepted: str


class Prefix(NamedTuple):
    """A lot-id prefix. ``party`` is "" where only longer prefixes below it are given out."""

    party: str


class Said(NamedTuple):
    """How often a party has spoken of one thing. id: ``<party> <kind> <id>``."""

    times: int


class Keys(NamedTuple):
    """All keys ever registered for a party: (kid, signer's kid, received ms, live)."""

    known: tuple[tuple[str, str, int, bool], ...]


class Stock(NamedTuple):
    """Grams at a site of one owner and material. id: ``<site> <owner> <material>``;
    kind ``stock`` = on the site, kind ``transit`` = shipped from there, not yet received."""

    grams: int


Value: TypeAlias = (
    Charter | Charters | Party | Site | KeyRecord | Lot | Hold | Owner | Event | Attestation
    | Used | Posted | About | Status | Mark | Spent | Said | Prefix | Keys | Stock
    | Month | Book | Account | Coc | Agreement | Scope
)  # fmt: skip

WRITE_ONCE: dict[str, type[Any]] = {
    "charter": Charter,
    "key": KeyRecord,
    "lot": Lot,
    "event": Event,
    "attestation": Attestation,
    "book": Book,
}
CHAINED: dict[str, type[Any]] = {
    "charters": Charters,
    "party": Party,
    "site": Site,
    "hold": Hold,
    "owner": Owner,
    "agreement": Agreement,
}
STANDING: dict[str, type[Any]] = {
    "used": Used,
    "status": Status,
    "mark": Mark,
    "spent": Spent,
    "month": Month,
    "account": Account,
    "coc": Coc,
    "scope": Scope,
    "said": Said,
    "prefix": Prefix,
    "keys": Keys,
    "stock": Stock,
    "transit": Stock,
    "posted": Posted,
    "about": About,
}
KINDS: dict[str, type[Any]] = {**WRITE_ONCE, **CHAINED, **STANDING}
NEEDED = frozenset(WRITE_ONCE) | frozenset(CHAINED)
OF_A_LOT = frozenset(("lot", "hold", "owner", "used"))  # kinds whose id is the lot's that they are about


class Record(NamedTuple):
    """``at``: index of the entry that wrote it last. ``value``: of the key's kind (``KINDS``)."""

    at: int
    value: Any


class Flow(NamedTuple):
    """Grams that went from one node to another. A node is a lot id, or the name of the event
    (which holds a space) in which lots were joined: inputs → event → outputs. What leaves is
    lot → event of the exit; what a source brings is event → lot; a loss is event → ``loss``."""

    src: str
    dst: str
    grams: int


def chained(chain: str, index: int) -> str:
    """The hash chain over entries, one entry longer: base64url of SHA-256(the chain before ‖ the index as
    eight octets, big-endian), where the chain of no entry is no octets. Who holds the entries can show
    by it that they are all."""
    return b64.encode(sha256(b64.decode(chain) + index.to_bytes(8, "big")).digest())


def is_event(node: str) -> bool:
    """Whether a node of a flow is an event, by its name."""
    return " " in node


def encode(record: Record) -> bytes:
    """The one byte form of a record: the JSON array ``[at, field, …]`` as ``JSON.stringify`` writes it."""
    return orjson.dumps([record.at, *record.value])


def at_of(data: bytes) -> int:
    """The index of the last writer of a record in its byte form; ``ValueError`` if it is none."""
    return int(data[1 : data.index(b",")])
