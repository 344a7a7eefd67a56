"""expression: what no other kind can say, in the Common Expression Language (cel.dev).

The library is an extra (``oreline[policies]``); without it an expression is not provable. Its work is
bounded before it runs: by the expression's length, by the functions that are allowed, and by how often
the document's longest list would be gone through.
"""

import re
from collections.abc import Iterator, Mapping
from typing import Annotated, Any, Literal

from pydantic import Field

from ledger.claims.document import Claims
from ledger.events.common import Text
from ledger.policy.chain import mend, unsettled
from ledger.policy.finding import Ask, Outcome, failed, passed, unproven
from ledger.policy.kinds.fields import AREA
from ledger.policy.kinds.places import NO_PLACE
from ledger.policy.requirement import Requirement, called, hidden, seller, show_more, some
from ledger.policy.schemes import Scheme

MAX_TEXT = 1000
MAX_WORK = 100_000
MAX_INT = 2**63 - 1
MAX_SAID = 200  # characters of what is wrong with an expression
OPERATORS = ("!_", "_&&_", "_||_", "_?_:_", "_==_", "_!=_", "_<_", "_<=_", "_>_", "_>=_", "@in", "_[_]")
SUMS = ("_+_", "_-_", "-_", "_*_", "_/_", "_%_", "int")
TEXTS = ("size", "contains", "startsWith", "endsWith", "string")
ALLOWED = frozenset((*OPERATORS, *SUMS, *TEXTS, "@not_strictly_false"))
"""Operators and functions; the macros has, all, exists, exists_one, filter and map are made of them.
``matches`` is none of them: a pattern of a few characters takes any time."""

_MACRO = re.compile(r"\.\s*(all|exists|exists_one|filter|map)\s*\(")
_TEXT = re.compile(r'"(?:[^"\\\n]|\\.)*"|\'(?:[^\'\\\n]|\\.)*\'')
_COMPARES = re.compile(r"[=!<>]=|[<>](?!=)|\bin\b")
_LOCATED = (*NO_PLACE, "steps")
_READS_CODES = re.compile("country|subdivision")
_HIDDEN_WITH = {**AREA, "names": "", "format": "", "as_of": "", "rests_on": "", "proof": "", "unshown": ""}


class Expression(Requirement):
    """A CEL expression over the claims document must be true. Each member of the document is a variable
    (`steps`, `origins`, `footprint` …). An expression that reads what was not shown, fails to evaluate or
    gives no truth value is not provable, and so is one that reads a country or subdivision where a code is of
    no place. It should compare whole numbers (`mg`, `ppm`, `ug`), never decimals."""

    kind: Literal["expression"]
    cel: Annotated[str, Field(min_length=1, max_length=MAX_TEXT)] = Field(
        description="The expression, at most 1,000 characters."
    )
    says: Text | None = Field(None, description="The sentence to print where it is not true.")

    def judge(self, claims: Claims, book: Mapping[str, Scheme]) -> Outcome:
        try:
            import cel  # the extra `policies`
        except ImportError:
            install = Ask("whoever runs this program", "Install it with its extra: oreline[policies].")
            return unproven("The library for expressions is not installed here.", ask=[install])
        try:
            program = cel.compile(self.cel)
            named = program.references()
        except Exception as error:  # noqa: BLE001  # the library raises many kinds; a policy never raises
            return self._broken(f"cannot be read: {error}")
        strange = sorted(set(named["functions"]) - ALLOWED)
        if strange:
            return self._broken(f"uses {', '.join(strange)}, which is not allowed")
        data = {
            name: getattr(claims, name) for name in type(claims).model_fields if name in named["variables"]
        }
        dark = [name for name in data if hidden(claims, _HIDDEN_WITH.get(name, "ancestry"))]
        if dark:
            return unproven(
                f"It asks for what is not shown: {', '.join(dark)}.", ask=[show_more(claims, dark[0])]
            )
        lost = [
            row
            for name in data
            if name in _LOCATED and _READS_CODES.search(self.cel)
            for row in data[name]
            if unsettled(row)
        ]
        if lost:
            said = some([f"{called(claims, row.site)}: {unsettled(row)}" for row in lost])
            return unproven(
                f"It asks where places are: {said}.", ask=[Ask(r.party or r.site, mend(r)) for r in lost]
            )
        plain = claims.model_dump(mode="json", include=set(data))
        if work(self.cel, plain) > MAX_WORK:
            return self._broken("would take too much work on this document")
        if any(isinstance(one, int) and abs(one) > MAX_INT for one in _values(plain)):
            return self._broken("meets a number of more than 63 bits")
        try:
            found = program.execute(plain)
        except Exception as error:  # noqa: BLE001
            return self._broken(f"cannot be evaluated: {str(error).rstrip('.')}")
        if found is True:
            return passed("The expression is true.")
        if found is False:
            whom = seller(claims)
            return failed(self.says or f"Not so: {self.cel}.", ask=[Ask(whom, self.ask)] if self.ask else ())
        return self._broken(f"gives {type(found).__name__}, no truth value")

    def _broken(self, why: str) -> Outcome:
        line = " ".join(why.split()).rstrip(".")
        line = f"{line}." if len(line) < MAX_SAID else f"{line[: MAX_SAID - 1]}…"
        return unproven(f"The expression {line}", ask=[Ask("the policy's author", "Correct the expression.")])


def work(expression: str, plain: Mapping[str, Any]) -> int:
    """An upper bound of the elements gone through: the longest list, grown by each ``+`` and comma as often
    as there are macros, to the power of how deep the macros stand in each other. ``map`` and ``filter`` copy
    their result at each element and count twice; a member of the document that is compared or copied as a
    whole counts with all that is in it. At each element all of the expression may be gone through: it counts
    as often as it compares, and once for each hundred characters."""
    bare = _TEXT.sub("''", expression)
    macros = list(_MACRO.finditer(bare))
    grows = 1 + bare.count("+") + max(0, bare.count(",") - len(macros))
    longest = max(len(one) for one in _values(plain) if isinstance(one, list | dict))
    size = max(1, longest) * grows ** len(macros)
    ends = {found.end(): 2 if found[1] in ("filter", "map") else 1 for found in macros}
    depth = deepest = 0
    open_: list[int] = []
    for place, letter in enumerate(bare, 1):
        if letter == "(":
            open_.append(ends.get(place, 0))
            depth += open_[-1]
            deepest = max(deepest, depth)
        elif letter == ")" and open_:
            depth -= open_.pop()
    if deepest >= 40:
        return MAX_WORK + 1
    whole = 1
    for name, value in plain.items() if macros else ():
        if re.search(rf"(?<![\w.])(?<!size\(){name}\b(?!\s*[.\[(])", bare):
            whole *= sum(1 for _ in _values(value))
    each = max(1, len(_COMPARES.findall(bare)), len(bare) // 100) if macros else 1
    return int(size ** max(1, deepest)) * whole * each


def _values(value: Any) -> Iterator[Any]:
    """The value, and all in it."""
    yield value
    if isinstance(value, list | dict):
        for one in value.values() if isinstance(value, dict) else value:
            yield from _values(one)
