"""Who trades in the benchmarks' ledgers: parties, sites, keys, and the events that register them."""

import hashlib
from collections.abc import Iterator
from typing import Any, NamedTuple

from ledger import b64
from ledger.keys import PrivateKey, possession_message
from tests.posting import roomy

NAME = "example.com/benchmark"
REGISTRAR = "urn:example:party:registrar"


class Place(NamedTuple):
    """A site with the one party that works there and holds its key."""

    party: str
    site: str
    lots: str  # the prefix of its lots' ids
    role: str
    kinds: tuple[str, ...]


def _places(name: str, count: int, role: str, *kinds: str) -> list[Place]:
    return [
        Place(
            f"urn:example:party:{name}-{n}",
            f"urn:example:site:{name}-{n}",
            f"urn:example:lot:{name}-{n}:",
            role,
            kinds,
        )
        for n in range(1, count + 1)
    ]


MINES = _places("mine", 8, "miner", "mine")
REFINERIES = _places("refinery", 3, "refiner", "refinery")
SMELTERS = _places("smelter", 5, "smelter", "smelter", "casthouse")
MILLS = _places("mill", 4, "roller", "mill")
PRESSES = _places("press", 6, "stamper", "press_shop")
PLANTS = _places("plant", 3, "maker", "assembly_plant")
PLACES = [*MINES, *REFINERIES, *SMELTERS, *MILLS, *PRESSES, *PLANTS]


def key_of(party: str) -> PrivateKey:
    """The key that a party's id makes: every run has the same."""
    return PrivateKey.from_seed("Ed25519", hashlib.sha256(party.encode()).digest())


OPERATOR = key_of("operator")


def registrations() -> Iterator[dict[str, Any]]:
    """The charter, then each party with its key and its site; without ``id`` and ``time``."""
    yield {
        "type": "charter",
        "party": REGISTRAR,
        "name": NAME,
        "rules": 1,
        "registrar_keys": [key_of(REGISTRAR).public.jwk],
        "recovery_key": key_of("recovery").public.jwk,
        "operator_key": OPERATOR.public.jwk,
        "catalogue": roomy(),
    }
    for place in PLACES:
        name = place.party.rpartition(":")[2].replace("-", " ").title()
        about: dict[str, Any] = {"party": REGISTRAR, "subject": place.party}
        yield {
            "type": "party",
            **about,
            "name": name,
            "country": "CA",
            "roles": [place.role],
            "prefixes": [place.lots],
        }
        key = key_of(place.party)
        proof = b64.encode(key.sign(possession_message(NAME, place.party, key.public.kid)))
        yield {"type": "key", **about, "jwk": key.public.jwk, "proof": proof}
        yield {
            "type": "site",
            "party": REGISTRAR,
            "subject": place.site,
            "operator": place.party,
            "kinds": list(place.kinds),
            "country": "CA",
            "subdivision": "CA-QC",
        }
