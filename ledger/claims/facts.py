"""What the telling of claims has to be given about one lot: by a ledger, or by a proof alone.

Whoever gives the facts says what it cannot see: ``None`` where a method may give it, and the words of
``unshown``. Nothing that cannot be seen may look like something that is not there. Methods take all that is
asked at once, so that a store reads once. Instants are milliseconds, times seconds since 1970.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Literal, NamedTuple, Protocol

from ledger.claims import document
from ledger.claims.account import Account, Visit, Where
from ledger.claims.method import Method
from ledger.events import Attest
from ledger.register import Hold, Lot, Month, Owner, Party, Used
from ledger.rules.catalogue import Catalogue

MonthOf = tuple[str, str, str]  # site, process or source:<kind>, YYYY-MM


class Revoked(NamedTuple):
    """What became of an attestation. ``received``: when the ledger learned it."""

    event: document.Ref
    received: int
    status: Literal["suspended", "reinstated", "withdrawn"]
    since: int


class Registered(NamedTuple):
    """What the registrar said of a party or a site. ``event``: a ``party`` or ``site``."""

    index: int  # type: ignore[assignment]  # tuple.index is not missed
    received: int
    event: Any


class Attested(NamedTuple):
    """An attestation, with all its revocations in the ledger's order. ``kind``: of its subject.
    ``certifier``: since it was given the registrar has suspended, or reinstated, who gave it; ``operator``:
    has registered the site that it is about to another operator than ``worker``, who had it then, or to the
    same again. ``taken_over``: of a party, the sites at which it worked and which came to it since."""

    event: Attest
    index: int  # type: ignore[assignment]  # tuple.index is not missed
    received: int
    kind: Literal["party", "site", "lot", "event"]
    later: tuple[Revoked, ...] = ()
    certifier: tuple[Revoked, ...] = ()
    operator: tuple[Revoked, ...] = ()
    worker: str = ""
    taken_over: tuple[str, ...] = ()


Registrations = Sequence[Registered]


class Facts(Protocol):
    """All about one lot. ``lot``, ``account``: as it was born."""

    @property
    def subject(self) -> str: ...
    @property
    def lot(self) -> Lot: ...
    @property
    def account(self) -> Account: ...
    @property
    def method(self) -> Method: ...
    @property
    def as_of(self) -> document.AsOf: ...
    @property
    def proof(self) -> document.Proof | None:
        """Of a proof, what its checks said; None where the ledger itself tells."""

    @property
    def unshown(self) -> frozenset[document.Unshown]: ...

    def catalogue(self, until: int) -> Catalogue:
        """The one in force at a time (ms), or now if that is yet to come. What is amended since judges
        no month before."""

    def marks_on_it(self) -> Mapping[str, str]:
        """What is stamped on the lot."""

    def hold(self) -> Hold | None:
        """Who holds it as of now."""

    def owner(self) -> Owner | None:
        """Who owns it as of now."""

    def used(self) -> Used | None:
        """How much of it is gone as of now; None if that cannot be seen."""

    def refs(self, indices: Iterable[int]) -> Mapping[int, document.Ref]:
        """The names of entries; those that cannot be seen are left out."""

    def registered(self, kind: Literal["party", "site"], ids: Iterable[str]) -> Mapping[str, Registrations]:
        """All registrations of these, as far as they are known, each in the ledger's order: one at least."""

    def parties(self, ids: Iterable[str]) -> Mapping[str, Party]:
        """The records of parties, as far as they are known."""

    def attestations(self, subjects: Iterable[document.Thing]) -> Sequence[Attested]:
        """All attestations of these, in the ledger's order."""

    def papers(self, visits: Mapping[Where, Visit]) -> Mapping[Where, Sequence[document.Document]]:
        """Documents that the events of these visits bind; at most a hundred for each."""

    def marks(self) -> Sequence[document.Mark]:
        """Open disputes and differences about events that the lot rests on."""

    def months(self, wanted: Iterable[MonthOf]) -> Mapping[MonthOf, Month] | None:
        """The sums of these months, as far as there are any; None if they cannot be seen."""

    def spent(self, wanted: Iterable[tuple[str, str]]) -> Mapping[tuple[str, str], int] | None:
        """Watt hours that are drawn on energy certificates, each at a site or by a party, as far as there are
        any; None if they cannot be seen."""

    def accounts(self) -> Sequence[document.Account]:
        """Mass-balance accounts that the lot's claims were issued from."""

    def agreements(self) -> Sequence[document.Agreement]:
        """Commitments that a shipment of the lot, or of what it is made of, names."""

    def coc(self) -> Sequence[document.CocDocument]:
        """Chain-of-custody documents of the lot's shipments."""

    def fates(self) -> Sequence[document.Fate]:
        """Where its metal went; empty where nobody asks."""
