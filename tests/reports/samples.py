"""Claims documents written by hand: one in which nothing is missing, and what each report needs beside it."""

from typing import Any

from ledger.claims.document import Claims, Ref
from ledger.reports import Beside
from ledger.reports.promises import Sent

LOT = "urn:example:lot:stamper:hood-1"
PLANT = "urn:example:site:plant-x"
DAY = "2026-03-0{}T10:00:00Z"


def ref(index: int, party: str = "smelter") -> dict[str, Any]:
    return {"party": f"urn:example:party:{party}", "id": f"evt:{index}", "index": index}


def site(name: str) -> str:
    return f"urn:example:site:{name}"


def party(name: str) -> str:
    return f"urn:example:party:{name}"


def place(kind: str, name: str, country: str, subdivision: str, mg: int) -> dict[str, Any]:
    where = {"site": site(name), "party": party(name)} if name else {}
    return {
        "kind": kind, **where, "country": country, "subdivision": subdivision, "mg": mg, "ppm": mg // 8
    }  # fmt: skip


def step(index: int, name: str, process: str, country: str, subdivision: str, **more: Any) -> dict[str, Any]:
    return {
        "site": site(name),
        "party": party(name),
        "country": country,
        "subdivision": subdivision,
        "kinds": [name],
        "process": process,
        "runs": [[DAY.format(1), DAY.format(2)]],
        "first": ref(index, name),
        "documents": 1,
        "papers": [{"name": f"record of {name}", "sha256": f"{index:064x}", "media_type": "application/pdf"}],
        **more,
    }


WHOLE: dict[str, Any] = {
    "subject": LOT,
    "material": "joined_part",
    "grams": 8_000,
    "year": 2026,
    "born": DAY.format(5),
    "marks_on_it": {"serial": "HOOD-1"},
    "holder": party("stamper"),
    "owner": party("stamper"),
    "as_of": {"ledger": "example.com/oreline", "size": 333, "received": "2026-03-09T10:00:00.000Z"},
    "origins": [
        place("mine", "mine", "AU", "AU-QLD", 6_000_000),
        place("collection", "yard", "CA", "CA-ON", 1_920_000),
        place("addition", "alloys", "CA", "CA-QC", 80_000) | {"kinds": ["alloy_plant"]},
    ],
    "refineries": [place("refinery", "refinery", "CA", "CA-QC", 6_000_000)],
    "smelters": [
        place("smelter", "smelter", "CA", "CA-QC", 5_000_000),
        place("smelter", "other", "NO", "", 1_000_000),
        place("collected", "yard", "CA", "CA-ON", 1_920_000),
        place("addition", "", "", "", 80_000),
    ],
    "casts": [place("cast", "casthouse", "CA", "CA-QC", 8_000_000)],
    "recycled": [
        {
            "rule": rule,
            "post": {"mg": 0, "ppm": 0},
            "pre": {"mg": 0, "ppm": 0},
            "primary": {"mg": 7_920_000, "ppm": 990_000},
            "alloy": {"mg": 80_000, "ppm": 10_000},
        }
        for rule in ("own_loop", "own_party")
    ],
    "footprint": [
        {
            "method": "cut_off", "year": 2026, "stage": "joined_part", "g_per_kg": 7_741,
            "ug": 61_925_600_000, "grams": 8_000, "primary_data_ppm": 900_000, "indirect_ug": 2_000_000_000,
        },
        {
            "method": "by_mass", "year": 2026, "stage": "joined_part", "g_per_kg": 3_953,
            "ug": 31_622_400_000, "grams": 8_000, "primary_data_ppm": 910_000, "indirect_ug": 1_000_000_001,
        },
    ],
    "models": [
        {"process": "roll", "model": "segregated", "event": ref(41, "mill")},
        {"process": "cast", "model": "mass_balance", "event": ref(31, "casthouse")},
    ],
    "weakest": "mass_balance",
    "steps": [
        step(1, "mine", "source:mine", "AU", "AU-QLD", events=3),
        step(11, "refinery", "refine", "CA", "CA-QC"),
        step(21, "smelter", "electrolysis", "CA", "CA-QC", unit="P-1"),
        step(22, "other", "electrolysis", "NO", ""),
        step(25, "yard", "source:collection", "CA", "CA-ON"),
        step(31, "casthouse", "cast", "CA", "CA-QC"),
        step(41, "mill", "roll", "US", "US-KY"),
        step(51, "stamper", "stamp", "US", "US-SC"),
    ],
    "attestations": [
        {
            "event": ref(5, "certifier"),
            "subject": {"kind": "party", "id": party("casthouse")},
            "scheme": "asi_coc",
            "certifier": party("certifier"),
            "certificate_no": "C-77",
            "held": [["2026-01-01T00:00:00Z", "2027-01-01T00:00:00Z"]],
            "evidence": [{"name": "certificate C-77", "sha256": "c" * 64}],
        }
    ],
    "accounts": [
        {
            "id": "urn:example:account:casthouse:2026", "scheme": "asi_coc", "party": party("casthouse"),
            "period": "2026-01-01/2026-12-31", "closed": True, "certified_in": 48_000_000_000,
            "total_in": 80_000_000_000, "total_out": 76_000_000_000, "brought": 500_000_000,
            "issued": 45_000_000_000, "carry": 1_100_000_000,
        }
    ],
    "agreements": [
        {
            "event": ref(7, "stamper"), "party": party("stamper"), "other": party("maker"), "accepted": True,
            "exclusive_to": PLANT, "material": "joined_part",
            "years": [
                {"year": 2025, "agreed": 1_000_000},
                {"year": 2026, "agreed": 2_000_000},
                {"year": 2027, "agreed": 3_000_000},
            ],
        }
    ],
    "fates": [
        {"fate": "installed", "site": PLANT, "party": party("maker"), "into": "urn:example:vehicle:1",
         "grams": 7_900, "lots": [LOT]},
        {"fate": "loss", "site": site("stamper"), "party": party("stamper"), "grams": 100},
    ],
    "coc": [
        {
            "event": ref(61, "casthouse"), "time": DAY.format(4), "scheme": "asi_coc", "document": "D-9",
            "issuer": party("casthouse"), "issuer_no": "77", "customer": party("mill"), "customer_no": "88",
            "responsible": "A. Caster", "statement": "conforms to the ASI CoC Standard",
            "account": "urn:example:account:casthouse:2026", "material": "joined_part",
            "grams": 8_000, "total": 17_400_000,
        }
    ],
    "names": {party("stamper"): "Palmetto Stamping", party("casthouse"): "Saguenay Casting"},
}  # fmt: skip
"""A document from which every report is complete."""

BESIDE = Beside(
    delivered={Ref(**ref(7, "stamper")): Sent({2025: 1_000_000, 2026: 1_900_000, 2027: 3_000_500})},
)
"""What a ledger tells beside it."""

FIELDS = {"cbam": {"cn_code": "8708 29 90", "carbon_price": "none was due"}}


def claims(**changed: Any) -> Claims:
    """The whole document with some members changed."""
    return Claims.model_validate({**WHOLE, **changed})
