"""How reports spell masses, shares, places, times and chain-of-custody models."""

from collections.abc import Iterable

from ledger.claims import shares
from ledger.claims.document import Claims, Place, Ref, Step

PHYSICAL = ("identity_preserved", "segregated")
"""Only under these models is the metal itself that of the named origin."""


def kg(mg: int) -> str:
    """Milligrams as kilograms, exact: six decimals, or three where the rest is zero."""
    whole, rest = divmod(mg, 1_000_000)
    text = f"{whole:,}.{rest:06d}"
    return f"{text[:-3] if text.endswith('000') else text} kg"


def share(claims: Claims, places: Iterable[Place], up: bool = False) -> str:
    """The share of places; what is there is never printed as nothing."""
    found = shares.part(claims, places, up)
    return found.percent() if found.amount else "trace: under 1 mg"


def kg_per_kg(grams: int) -> str:
    """Grams CO2e per kilogram as kilograms."""
    return f"{thousandths(grams)} kg CO2e per kg"


def thousandths(grams: int) -> str:
    """Grams as kilograms, with all three decimals."""
    return f"{grams // 1000:,}.{grams % 1000:03d}"


def source(ref: Ref | None) -> str:
    """An event, and the entry that records it."""
    if ref is None or not (ref.id or ref.index >= 0):
        return ""
    if not ref.id:
        return f"entry {ref.index}"
    entry = f", entry {ref.index}" if ref.index >= 0 else ""
    return f"{ref.party} {ref.id}{entry}".strip()


def word(token: str) -> str:
    """A word of a list that is data, as people write it."""
    return token.removeprefix("source:").replace("_", " ")


def place(of: Step) -> str:
    """A country with its subdivision, ISO 3166, and where the site was registered before."""
    codes = [code for code in of.also if code[:2].isupper()]  # the others are kinds
    before = f", before in {' and '.join(codes)}" if codes else ""
    return (f"{of.country} ({of.subdivision})" if of.subdivision else of.country) + before


def party(claims: Claims, id: str) -> str:
    """A party's registered name with its id."""
    name = claims.names.get(id, "")
    return f"{name} ({id})" if name else id


def origin_words(claims: Claims) -> str:
    """How a link to an origin may be called: "physically from" only where the model keeps the metal apart."""
    if claims.weakest in PHYSICAL:
        return "physically from"
    return {
        "controlled_blending": "in a controlled blend from",
        "mass_balance": "attributed by mass balance to",
        "book_and_claim": "claimed for, without any physical link to,",
    }.get(claims.weakest or "", "recorded as from")


def spelt(number: int, one: str, many: str) -> str:
    """``1 event``, ``2 events``."""
    return f"{number:,} {one if number == 1 else many}"
