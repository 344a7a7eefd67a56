"""What the claims tell of a chain-of-custody document: the lot's own mass, beside that of the shipment."""

import json

from ledger import events
from ledger.claims import coc
from ledger.claims.document import Ref


def test_a_document_is_of_the_lots_own_mass() -> None:
    """A kilogram of slab beside a hundred tonnes of billet is no hundred tonnes of certified slab."""
    event = {
        "type": "ship",
        "ledger": "l",
        "id": "e:1",
        "time": "2026-01-01T00:00:00Z",
        "party": "p:caster",
        "site": "s:casthouse",
        "to": "p:mill",
        "lines": [
            {"lot": "l:slab", "kg": "9", "as": "l:part"},
            {"lot": "l:billet", "kg": "100000"},
        ],
        "coc": {"scheme": "asi_coc", "document": "D-1"},
    }
    shipped = events.parse(json.dumps(event).encode())
    told = coc.told(shipped, Ref(), "l:part", "rolling_slab")
    assert told is not None
    assert (told.grams, told.total) == (9_000, 100_009_000)
    assert coc.told(shipped, Ref(), "l:slab", "rolling_slab") is None
