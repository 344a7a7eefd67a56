"""The policy file ``oreline-policy/1``: TOML, strict.

    format = "oreline-policy/1"
    name = "asi"
    title = "Every mine certified"
    version = "1"

    [[requirement]]
    id = "mines-asi"
    kind = "attested"
    of = { stages = ["mining"] }
    schemes = ["asi_performance"]

    [given]                      # members of the claims document that all examples share
    [[example]]
    name = "a certified mine"
    claims = { … }               # a part of a claims document, over what is given
    expect = { mines-asi = "pass" }

    [schemes.my_scheme]          # a scheme that is not shipped

What is not understood is refused: a requirement that is not read would not be demanded.
"""

import tomllib
from collections.abc import Iterable, Mapping
from typing import Annotated, Any, Literal, NamedTuple, TypeVar

from pydantic import BaseModel, Field, ValidationError

from ledger.claims.document import Claims
from ledger.errors import Malformed
from ledger.events.common import Model, Says, Text
from ledger.events.problems import shown
from ledger.policy.finding import Word
from ledger.policy.kinds import KINDS
from ledger.policy.problems import Faults, malformed
from ledger.policy.requirement import Name, Requirement
from ledger.policy.schemes import Scheme

FORMAT = "oreline-policy/1"
MAX_OCTETS = 131_072
MAX_TABLES = 100
MAX_DOTS = 1_000  # in a line: a key of as many parts takes the parser a part's time for each pair of them
MAX_DEPTH = 64
ALL = "verdict"
"""What an example calls the verdict in all."""

M = TypeVar("M", bound=BaseModel)
Version = Annotated[
    str,
    Field(pattern=r"^[!-~]{1,64}$"),
    Says('must be text such as "1" or "2026-03": ASCII without spaces, at most 64'),
]


class Example(NamedTuple):
    """A claims document written by hand, and the verdicts it must get: of requirements by id, and in all
    under ``verdict``."""

    name: str
    claims: Claims
    expect: Mapping[str, Word]


class Policy(NamedTuple):
    """A buyer's requirements. ``schemes``: all that are known, shipped ones and the policy's own."""

    name: str
    title: str
    version: str
    about: str
    requirements: tuple[Requirement, ...]
    examples: tuple[Example, ...]
    schemes: Mapping[str, Scheme]
    text: str


class _Head(Model):
    """What stands above the tables."""

    format: Literal["oreline-policy/1"]
    name: Name
    title: Text
    version: Version
    about: Annotated[str, Field(max_length=4000)] = ""


class _Example(Model):
    name: Text
    claims: dict[str, Any] = Field(default_factory=dict)
    expect: Annotated[dict[str, Word], Field(min_length=1)]


def parse(text: str, schemes: Mapping[str, Scheme]) -> Policy:
    """The policy of a text. ``schemes``: those that are known without it.

    Raises ``Malformed`` ``policy.…`` with the path of what is wrong, such as ``$.requirement[2].most``, and
    with all else that is wrong.
    """
    whole = tables(text)
    if whole.get("format") != FORMAT:
        found = f"found {shown(whole['format'])}" if "format" in whole else "it is not there"
        raise Malformed("policy.format", "$.format", f"must be {shown(FORMAT)}; {found}")
    parts = {name: whole.pop(name, empty) for name, empty in _TABLES.items()}
    for name, empty in _TABLES.items():
        if not isinstance(parts[name], type(empty)):
            raise Malformed("policy.value", f"$.{name}", _SHAPE[name])
        if len(parts[name]) > MAX_TABLES and name != "given":
            most = f"there are {len(parts[name])}; at most {MAX_TABLES} are read"
            raise Malformed("policy.size", f"$.{name}", most)
    faults = Faults()
    head = faults.trying(_read, _Head, whole, "$")
    own = faults.trying(scheme_tables, parts["schemes"]) or {}
    names = [*schemes, *parts["schemes"]]
    requirements = faults.each(_requirement, parts["requirement"], "$.requirement", names)
    if not parts["requirement"]:
        faults.add("policy.missing", "$.requirement", "a policy has at least one [[requirement]]")
    _distinct(faults, parts["requirement"], "$.requirement", "id")
    ids = [raw.get("id") for raw in parts["requirement"] if isinstance(raw, dict)]
    examples = faults.each(_example, parts["example"], "$.example", parts["given"], ids)
    _distinct(faults, parts["example"], "$.example", "name")
    faults.tell()
    assert head is not None, "or it was told"
    return Policy(
        head.name, head.title, head.version, head.about, requirements, examples, {**schemes, **own}, text
    )


_TABLES: dict[str, Any] = {"requirement": [], "example": [], "given": {}, "schemes": {}}
_SHAPE = {
    "requirement": "must be an array of tables: [[requirement]]",
    "example": "must be an array of tables: [[example]]",
    "given": "must be a table: [given]",
    "schemes": "must be tables: [schemes.<name>]",
}


def tables(text: str) -> dict[str, Any]:
    """The TOML tables of a text; ``Malformed`` ``policy.size`` or ``policy.syntax``."""
    octets = len(text.encode("utf-8", "surrogatepass"))
    if octets > MAX_OCTETS:
        raise Malformed("policy.size", "$", f"{octets} octets; at most {MAX_OCTETS} are read")
    for number, line in enumerate(text.split("\n"), 1):
        if line.count(".") > MAX_DOTS:
            raise Malformed("policy.syntax", "$", f"line {number} has more than {MAX_DOTS} dots")
    try:
        found = tomllib.loads(text)
    except RecursionError:
        raise Malformed("policy.syntax", "$", _TOO_DEEP) from None
    except ValueError as error:  # TOMLDecodeError, or a number of thousands of digits
        raise Malformed("policy.syntax", "$", str(error)) from None
    level: list[Any] = [found]
    for _ in range(MAX_DEPTH):
        level = [one for held in level for one in _within(held)]
    if level:
        raise Malformed("policy.syntax", "$", _TOO_DEEP)
    return found


_TOO_DEEP = "it is nested too deeply"


def _within(value: Any) -> Iterable[Any]:
    """What a table or an array holds."""
    return value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()


def scheme_tables(raw: dict[str, Any]) -> dict[str, Scheme]:
    """The schemes of the tables ``[schemes.<name>]``."""
    faults = Faults()
    faults.trying(_read, _Names, {"names": list(raw)}, "$.schemes")
    found = {name: faults.trying(_read, Scheme, one, f"$.schemes.{name}") for name, one in raw.items()}
    faults.tell()
    return {name: scheme for name, scheme in found.items() if scheme is not None}


class _Names(Model):
    names: Annotated[tuple[Name, ...], Field(strict=False)]


def _requirement(raw: Any, path: str, schemes: list[str]) -> Requirement:
    if not isinstance(raw, dict):
        raise Malformed("policy.value", path, "must be a table")
    kind = raw.get("kind")
    if kind is None:
        raise Malformed("policy.missing", f"{path}.kind", "is required")
    if not isinstance(kind, str) or kind not in KINDS:
        raise Malformed(
            "policy.kind", f"{path}.kind", f"must be one of {', '.join(KINDS)}; found {shown(kind)}"
        )
    try:
        found = _read(KINDS[kind], raw, path)
    except Malformed as wrong:
        unasked = KINDS[kind].unasked(raw)
        if unasked and wrong.path != path:  # a misspelt member lets the model look no further
            more = [*wrong.more, Malformed("policy.missing", path, unasked)]
            raise Malformed(wrong.code, wrong.path, wrong.detail, more) from None
        raise
    for name in found.schemes_named():
        if name not in schemes:
            raise Malformed("policy.scheme", path, f"{shown(name)} is not one of {', '.join(schemes)}")
    return found


def _example(raw: Any, path: str, given: dict[str, Any], ids: list[Any]) -> Example:
    example = _read(_Example, raw, path)
    for name in example.expect:
        if name not in ids and name != ALL:
            raise Malformed("policy.expect", f"{path}.expect", f"there is no requirement {shown(name)}")
    return Example(example.name, _read(Claims, {**given, **example.claims}, f"{path}.claims"), example.expect)


def _read(model: type[M], raw: Any, path: str) -> M:
    try:
        return model.model_validate(raw)
    except ValidationError as error:
        raise malformed(error, path, model) from None


def _distinct(faults: Faults, tables: list[Any], path: str, member: str) -> None:
    seen: set[str] = set()
    for i, table in enumerate(tables):
        name = table.get(member) if isinstance(table, dict) else None
        if isinstance(name, str) and name in seen:
            faults.add("policy.twice", f"{path}[{i}].{member}", f"{shown(name)} was given before")
        elif isinstance(name, str):
            seen.add(name)
