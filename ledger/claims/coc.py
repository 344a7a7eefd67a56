"""The chain-of-custody document that a shipment carries, as the claims document tells it."""

from ledger import events
from ledger.claims.document import Claims, CocDocument, Ref
from ledger.claims.exposure import BOOKS


def told(event: events.Event, ref: Ref, lot: str, material: str) -> CocDocument | None:
    """The document of a shipment that moved this lot, whole or as a part; None where there is none.
    ``material``: of the lot. All lines of such a shipment are sold as certified."""
    if not isinstance(event, events.Ship) or event.coc is None:
        return None
    coc = event.coc
    grams = sum(line.grams for line in event.lines if lot == (line.as_ or line.lot))
    if not grams:
        return None
    return CocDocument(
        event=ref,
        time=event.time,
        scheme=coc.scheme,
        document=coc.document,
        issuer=event.party,
        issuer_no=coc.issuer_no or "",
        customer=event.to,
        customer_no=coc.customer_no or "",
        responsible=coc.responsible or "",
        statement=coc.statement or "",
        account=coc.account or "",
        force_majeure=coc.force_majeure or "",
        material=material,
        grams=grams,
        total=sum(line.grams for line in event.lines),
    )


def drawn_on_none(claims: Claims, one: CocDocument) -> bool:
    """Whether its issuer attributed metal of the lot in books, and the document names no account: what it
    calls certified was drawn from nothing."""
    books = {model.process for model in claims.models if model.model in BOOKS}
    by_issuer = any(step.party == one.issuer and step.process in books for step in claims.steps)
    return not one.account and by_issuer
