"""Who named a document: all evidence of attestations and sources that has a file's SHA-256."""

from collections.abc import Iterable, Iterator
from typing import Any, NamedTuple

from ledger import events
from ledger.claiming import read
from ledger.claims.attested import paper
from ledger.claims.document import Document
from ledger.events import Event
from ledger.quantity import format_instant
from ledger.register import at_of
from ledger.store import Store

PAGE = 2_000
_KINDS = (b'"attest"', b'"source"')


class Named(NamedTuple):
    """A document as an event names it. ``about``: what the event attests, or where the metal began.
    ``received``: when the ledger learned it."""

    party: str
    id: str
    index: int  # type: ignore[assignment]  # tuple.index is not missed
    type: str
    about: str
    time: str
    received: str
    document: Document

    def as_json(self) -> dict[str, Any]:
        """The JSON object of this naming."""
        return {**self._asdict(), "document": self.document.model_dump(mode="json")}


def named(store: Store, sha256: str) -> list[Named]:
    """All of the ledger that name the document with this hash, in the ledger's order."""
    size = store.head().size
    found: list[Named] = []
    for some in read.chunks(index for index in sorted(_candidates(store)) if index < size):
        for one in read.entries(store, some).values():
            found += naming(one.index, one.received, one.event, sha256)
    return found


def naming(index: int, received: int, event: Event, sha256: str) -> Iterable[Named]:
    """The documents with this hash that one event names."""
    if not isinstance(event, events.Attest | events.Source):
        return
    subject = event.site if isinstance(event, events.Source) else event.subject
    about = subject if isinstance(subject, str) else subject.name
    for one in event.evidence or ():
        if one.sha256 == sha256:
            yield Named(
                event.party, event.id, index, event.type, about, event.time, format_instant(received),
                paper(one),
            )  # fmt: skip


def _candidates(store: Store) -> Iterator[int]:
    """The entries that may name documents; the records of the others are not taken apart."""
    after = ""
    while page := store.scan_bytes("event", after, PAGE):
        for _, record in page:
            if record[record.index(b",") + 1 :].startswith(_KINDS):
                yield at_of(record)
        after = page[-1][0]
