"""What every kind of requirement has, and the values that a policy file is written with."""

from abc import ABC, abstractmethod
from collections.abc import Collection, Mapping
from typing import Annotated, ClassVar, Self

from pydantic import Field, model_validator
from pydantic_core import PydanticCustomError

from ledger.claims.document import Claims
from ledger.events.common import (
    Country,
    Id,
    Label,
    Material,
    Model,
    Says,
    Subdivision,
    Text,
    Then,
    Token,
    wrong,
)
from ledger.policy.countries import no_place
from ledger.policy.finding import Ask, Outcome
from ledger.policy.schemes import Scheme

MOST = 200  # items of a list in a policy

Name = Annotated[
    str,
    Field(pattern=r"^[a-z][a-z0-9_-]{0,63}$"),
    Says('must be a name such as "mines-asi": a-z, 0-9, - and _, at most 64, a letter first'),
]
Process = Annotated[
    str,
    Field(pattern=r"^(?:source:)?[a-z][a-z0-9_]{0,63}$"),
    Says('must be a process such as "cast", or a source such as "source:mine"'),
]
_LIST = Field(min_length=1, max_length=MOST, strict=False)
Tokens = Annotated[tuple[Token, ...], _LIST]
Ids = Annotated[tuple[Id, ...], _LIST]


def _of_a_country(code: str) -> None:
    if no_place(code[:2]):
        raise wrong("policy.value", f"{code[:2]} is no country (ISO 3166-1 alpha-2)")


Countries = Annotated[tuple[Annotated[Country, Then(_of_a_country)], ...], _LIST]
Subdivisions = Annotated[tuple[Annotated[Subdivision, Then(_of_a_country)], ...], _LIST]
Processes = Annotated[tuple[Process, ...], _LIST]
Labels = Annotated[tuple[Label, ...], _LIST]
Materials = Annotated[tuple[Material, ...], _LIST]


class Requirement(Model, ABC):
    """A named demand. Kinds are told apart by their member ``kind``."""

    id: Name
    title: Text | None = Field(None, description="One line for people; the kind's own words where absent.")
    ask: Text | None = Field(None, description="What to ask where it is not shown, instead of the usual.")

    any_of: ClassVar[tuple[str, ...]] = ()
    """Members of which at least one must be given."""

    @model_validator(mode="after")
    def _something(self) -> Self:
        sentence = self.unasked({name for name in self.any_of if getattr(self, name)})
        if sentence:
            raise PydanticCustomError("policy.missing", "{sentence}", {"sentence": sentence})
        return self

    @classmethod
    def unasked(cls, given: Collection[str]) -> str:
        """What is wrong if only these members are given, or nothing."""
        if not cls.any_of or any(name in given for name in cls.any_of):
            return ""
        return f"at least one of {', '.join(cls.any_of)} must be given"

    def schemes_named(self) -> tuple[str, ...]:
        """The schemes that the policy must know."""
        return ()

    @abstractmethod
    def judge(self, claims: Claims, book: Mapping[str, Scheme]) -> Outcome:
        """What the claims document says of this demand. Never raises. ``book``: schemes by name."""


def seller(claims: Claims) -> str:
    """Whom to ask about the lot: who worked it last. Whoever holds it may be the buyer who asks."""
    return maker(claims) or claims.holder or "the seller"


def maker(claims: Claims) -> str:
    """The party of the last step; "" where none is shown."""
    last = max(claims.steps, key=lambda step: (step.runs[-1:], step.first.index), default=None)
    return last.party if last else ""


def called(claims: Claims, id: str) -> str:
    """An id as sentences print it: with its name where the document has one."""
    name = claims.names.get(id)
    return f"{name} ({id})" if name else id


_SOURCES = {
    "source:mine": "mining",
    "source:collection": "collection of scrap",
    "source:addition": "alloying metal",
    "source:purchase": "bought metal",
    "source:opening": "opening stock",
    "source:gain": "gain",
}


def doing(process: str) -> str:
    """A process, or a source, as sentences print it."""
    return _SOURCES.get(process, process).removeprefix("source:")


def to_begin(process: str) -> str:
    """What to ask whoever does not say when it began."""
    return f"Post when {doing(process)} began (`from`)."


def hidden(claims: Claims, *areas: str) -> list[str]:
    """Those of the areas that the document could not see, or not whole."""
    unproven = any(place.kind == "unproven" for place in claims.origins)
    return [area for area in areas if area in claims.unshown or (area == "ancestry" and unproven)]


def show_more(claims: Claims, what: str) -> Ask:
    """Ask for what was not shown. Who was told by the ledger itself is not sent there once more."""
    if claims.rests_on == "proof":
        whom = "whoever gave you the proof"
        return Ask(whom, f"Show {what}: ask the ledger itself, or for a proof that holds it.")
    return Ask(seller(claims), f"Ask for {what}: the ledger itself does not tell.")


def some(items: list[str], most: int = 3) -> str:
    """The first of a list, and how many more there are."""
    more = len(items) - most
    return "; ".join(items[:most]) + (f"; and {more} more" if more > 0 else "")
