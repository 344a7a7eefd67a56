"""The policies and schemes that come with the program, by name, read from package data."""

import re
from collections.abc import Mapping
from functools import cache
from importlib.resources import files

from ledger.errors import Malformed
from ledger.policy.reading import Policy, parse, scheme_tables, tables
from ledger.policy.schemes import Scheme

_NAME = re.compile(r"[a-z][a-z0-9_-]{0,63}")


@cache
def schemes() -> Mapping[str, Scheme]:
    """The schemes by name."""
    return scheme_tables(tables((files("ledger.policy") / "schemes.toml").read_text("utf-8"))["schemes"])


@cache
def names() -> tuple[str, ...]:
    """The names of the policies, ascending."""
    folder = files("ledger.policy") / "shipped"
    return tuple(sorted(p.name.removesuffix(".toml") for p in folder.iterdir() if p.name.endswith(".toml")))


def text(name: str) -> str:
    """A shipped policy's file; ``Malformed("policy.name")``."""
    if name not in names():
        raise Malformed("policy.name", "$", f"there is no policy {name}; there are {', '.join(names())}")
    return (files("ledger.policy") / "shipped" / f"{name}.toml").read_text("utf-8")


@cache
def _shipped(name: str) -> Policy:
    return parse(text(name), schemes())


def load(name_or_text: str) -> Policy:
    """The shipped policy of a name, or the policy of a file's text; ``Malformed`` ``policy.…``."""
    if _NAME.fullmatch(name_or_text):
        return _shipped(name_or_text)
    return parse(name_or_text, schemes())
