"""Which codes name a place on earth: ISO 3166-1, and what a subdivision's code says of its country.

A registration is admitted with any two capitals, since logged entries must replay for ever. So whoever judges
asks here. A code that is no country's, or a subdivision that is another country's, is a misprint or a lie:
where the site is, nobody knows. Whether a country has such a subdivision is not asked.
"""

import tomllib
from collections.abc import Mapping
from functools import cache, lru_cache
from importlib.resources import files
from typing import Any


@cache
def _data() -> Mapping[str, Any]:
    return tomllib.loads((files("ledger.policy") / "countries.toml").read_text("utf-8"))


@cache
def countries() -> frozenset[str]:
    """The codes of ISO 3166-1 alpha-2 that are officially assigned."""
    return frozenset(_data()["countries"].split())


def no_place(country: str, subdivision: str = "") -> str:
    """Why the codes of a site name no place; "" if they name one, or nothing is said.

    >>> no_place("XQ", "XQ-1"), no_place("AU", "CN-XJ"), no_place("CA", "CA-QC"), no_place("HK", "CN-HK")
    ('XQ is no country', 'CN-XJ is no subdivision of AU', '', '')
    """
    if country and country not in countries():
        return f"{country} is no country"
    if country and subdivision and subdivision[:2] != country and subdivision not in _also(country):
        return f"{subdivision} is no subdivision of {country}"
    return ""


@lru_cache(maxsize=1024)
def names(country: str, subdivision: str = "") -> frozenset[str]:
    """All codes under which the place of these codes may be listed.

    >>> sorted(names("HK")), sorted(names("US", "US-PR")), sorted(names("CA", "CA-QC"))
    (['CN', 'CN-HK', 'HK'], ['PR', 'US', 'US-PR'], ['CA', 'CA-QC'])
    """
    parts = {subdivision, *_also(country)} - {""}
    whole = {code for code, several in _data()["territories"].items() if subdivision in several}
    return frozenset({country, *parts, *whole, *(code[:2] for code in parts)} - {""})


def _also(country: str) -> tuple[str, ...]:
    return tuple(_data()["territories"].get(country, ()))
