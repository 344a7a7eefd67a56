"""An agreement of two parties, as the claims document tells it."""

from typing import Any

from ledger import register
from ledger.claims.document import AgreedYear, Agreement, Ref


def told(ref: Ref, record: register.Agreement, offer: Any) -> Agreement:
    """The agreement by its record and the event that offered it."""
    terms = offer.terms
    return Agreement(
        event=ref,
        party=record.party,
        other=record.other,
        accepted=bool(record.accepted),
        exclusive_to=terms.destination or "" if terms.exclusive else "",
        material=terms.material,
        years=tuple(AgreedYear(year=one.year, agreed=one.grams) for one in terms.years),
        footprint=terms.footprint.model_dump() if terms.footprint else {},
        until=terms.until or "",
    )
