"""What all events share: the base model, and the types of single values.

The models check *form* only: which members there are and how each is spelt. Whether an event is
allowed is asked of ``ledger.rules``. Masses and times stay the text that was signed; ``grams``,
``at`` and ``start`` give them as integers.

Models are strict (a number is never read as text), frozen, and refuse unknown members; only
``ext`` is free. They are fed what ``ledger.strictjson`` returned, so no second JSON parser can
read the same bytes differently.
"""

import json
from collections.abc import Callable, Sequence
from functools import cached_property
from typing import Annotated, Any, Literal, TypeVar

from pydantic import BaseModel, ConfigDict, Discriminator, Field, Tag
from pydantic import GetCoreSchemaHandler as Handler
from pydantic_core import PydanticCustomError
from pydantic_core import core_schema as core
from pydantic_core.core_schema import CoreSchema

from ledger import quantity
from ledger.errors import Malformed
from ledger.register import event_name

MAX_LINES = 1_000
MAX_LIST = 100

T = TypeVar("T")


class Says:
    """Gives a value type one plain sentence, said for whatever is wrong with the value."""

    def __init__(self, sentence: str) -> None:
        self.sentence = sentence

    def __get_pydantic_core_schema__(self, source: Any, handler: Handler) -> CoreSchema:
        return core.custom_error_schema(handler(source), "event.value", custom_error_message=self.sentence)


class Then:
    """Runs a check on the validated value. ``Malformed`` keeps its code and its place."""

    def __init__(self, check: Callable[[Any], Any]) -> None:
        self.check = check

    def __get_pydantic_core_schema__(self, source: Any, handler: Handler) -> CoreSchema:
        return core.no_info_after_validator_function(self._run, handler(source))

    def _run(self, value: Any) -> Any:
        try:
            self.check(value)
        except Malformed as found:
            raise wrong(found.code, found.detail, found.path.removeprefix("$")) from None
        return value


class NotNull:
    """Absent is the only spelling of "nothing": an explicit ``null`` is refused."""

    def __get_pydantic_core_schema__(self, source: Any, handler: Handler) -> CoreSchema:
        schema = handler(source)
        assert schema["type"] == "nullable"
        inner: CoreSchema = schema["schema"]
        return inner


Maybe = Annotated[T | None, NotNull()]


def wrong(code: str, sentence: str, inside: str = "") -> PydanticCustomError:
    """An error for pydantic to carry; ``inside`` is the rest of the path, such as ``[3].lot``."""
    return PydanticCustomError(code, "{sentence}", {"sentence": sentence, "inside": inside})


def _ends_after_it_begins(period: str) -> None:
    # Days of one fixed width order as text.
    if period[:10] > period[11:]:
        raise Malformed("event.order", detail=f"the period {period} ends before it begins")


_YEAR = r"(?:000[1-9]|00[1-9][0-9]|0[1-9][0-9]{2}|[1-9][0-9]{3})"
_LEAP = r"(?:[0-9]{2}(?:0[48]|[2468][048]|[13579][26])|(?:0[48]|[2468][048]|[13579][26])00)"
DATE = (
    rf"(?:{_YEAR}-(?:(?:0[13578]|1[02])-(?:0[1-9]|[12][0-9]|3[01])|(?:0[469]|11)-(?:0[1-9]|[12][0-9]|30)"
    rf"|02-(?:0[1-9]|1[0-9]|2[0-8]))|{_LEAP}-02-29)"
)
"""A real date of the Gregorian calendar, year 1 to 9999."""

_WHOLE = r"(?:0|[1-9][0-9]{0,11})"
_ABOVE_ZERO = r"(?:[1-9][0-9]{0,11}(?:\.[0-9]{1,3})?|0\.(?:[1-9][0-9]{0,2}|0[1-9][0-9]?|00[1-9]))"
# The characters that quantity.check_name calls unseen, less surrogates (no JSON text here has any).
_UNSEEN = (
    r"\u0000-\u001f\u007f-\u009f\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f"
    r"\u2028-\u202e\u2060-\u206f\u2800\u3164\ue000-\uf8ff\ufe00-\ufe0f\ufeff\uffa0\ufff0-\uffff"
    r"\u{1bca0}-\u{1bca3}\u{1d173}-\u{1d17a}\u{e0000}-\u{10ffff}"
)

ID = r"^[a-z][a-z0-9+.-]*:[A-Za-z0-9._~:/?#\[\]@!$&'()*+,;=-]+$"
Id = Annotated[
    str,
    Field(
        max_length=quantity.MAX_ID,
        pattern=ID,
        description="An id: a URI, compared as bytes.",
    ),
    Says('must be an id such as "urn:example:lot:1": a URI of at most 256 ASCII characters, no % or space'),
]
Mass = Annotated[
    str,
    Field(pattern=f"^{_ABOVE_ZERO}$", description="A mass in kilograms, above zero, to the gram."),
    Says('must be a mass in kilograms such as "1250.5": text, above zero, at most 3 decimals'),
]
Time = Annotated[
    str,
    Field(
        pattern=f"^{DATE}T(?:[01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9]Z$",
        description="A time in UTC, to the second.",
    ),
    Says('must be a real time in UTC such as "2026-03-02T06:00:00Z"'),
]
Period = Annotated[
    str,
    Field(pattern=f"^{DATE}/{DATE}$", description="First and last day, both included."),
    Says('must be the first and the last day such as "2026-01-01/2026-03-31"'),
    Then(_ends_after_it_begins),
]
Amount = Annotated[
    str,
    Field(pattern=rf"^{_WHOLE}(?:\.[0-9]{{1,6}})?$", description="A decimal number, zero or above."),
    Says('must be a decimal number such as "13.6": text, not negative, at most 6 decimals'),
]
Share = Annotated[
    str,
    Field(pattern=r"^(?:0(?:\.[0-9]{1,6})?|1(?:\.0{1,6})?)$", description="A share from 0 to 1."),
    Says('must be a share from 0 to 1 such as "0.08": text, at most 6 decimals'),
]
Ledger = Annotated[
    str,
    Field(max_length=128, pattern=r"^[!-*,-~]+$", description="The ledger's name: the log's origin."),
    Says('must be the ledger\'s name such as "example.com/oreline": ASCII, no space, no +'),
]
Token = Annotated[
    str,
    Field(pattern=r"^[a-z][a-z0-9_]{0,63}$", description="A word of a list that is data."),
    Says('must be a word such as "rolling_mill": a-z, 0-9 and _, at most 64'),
]
Material = Annotated[
    str,
    Field(pattern=r"^[a-z][a-z0-9_-]{0,63}$", description="A material of the charter's catalogue."),
    Says('must be a material such as "rolling_slab": a-z, 0-9, _ and -, at most 64'),
]
Label = Annotated[
    str,
    Field(pattern=r"^[!-~]{1,64}$", description="What is stamped or printed: ASCII without spaces."),
    Says('must be a number or mark such as "H-20417": ASCII without spaces, at most 64'),
]
Unit = Annotated[
    str,
    Field(pattern=r"^[A-Za-z%][A-Za-z0-9_/%.-]{0,31}$", description="A unit or a chemical formula."),
    Says('must be a unit or formula such as "kWh" or "CF4"'),
]
MediaType = Annotated[
    str,
    Field(
        max_length=128,
        pattern=r"^[a-z0-9][a-z0-9!#$&^_.+-]{0,63}/[a-z0-9][a-z0-9!#$&^_.+-]{0,63}$",
        description="A media type in lower case, without parameters (RFC 6838 section 4.2).",
    ),
    Says('must be a media type such as "application/pdf": lower case, without parameters'),
]
Text = Annotated[
    str,
    Field(max_length=500, pattern=f"^[^{_UNSEEN}]+$", description="Free text on one line, for people."),
    Says("must be text of 1 to 500 characters, without control or invisible characters"),
]
Name = Annotated[
    str,
    Field(
        min_length=1,
        max_length=quantity.MAX_NAME,
        description="A name for people; the id is what counts.",
    ),
    Says("must be a name of 1 to 200 characters"),
    Then(quantity.check_name),
]
Country = Annotated[
    str,
    Field(pattern=r"^[A-Z]{2}$", description="ISO 3166-1 alpha-2."),
    Says('must be a country code such as "CA"'),
]
Subdivision = Annotated[
    str,
    Field(pattern=r"^[A-Z]{2}-[A-Z0-9]{1,3}$", description="ISO 3166-2."),
    Says('must be a subdivision code such as "CA-QC"'),
]
Grid = Annotated[
    str,
    Field(
        pattern=r"^[A-Z]{2}(?:-[A-Z0-9]{1,3})?$",
        description="The country or subdivision whose electricity grid it is, ISO 3166.",
    ),
    Says('must be a country or subdivision whose grid it is, such as "NO" or "CA-QC"'),
]
Kid = Annotated[
    str,
    Field(pattern=r"^[A-Za-z0-9_-]{42}[AEIMQUYcgkosw048]$", description="RFC 7638 thumbprint of a key."),
    Says("must be a key id: the RFC 7638 thumbprint, 43 characters of base64url"),
]
Basis = Literal["weighed", "counted", "level", "draft_survey", "computed"]
CustodyModel = Literal[
    "identity_preserved", "segregated", "controlled_blending", "mass_balance", "book_and_claim"
]
Standing = Literal["active", "suspended", "closed"]
Status = Literal["certified", "provisional", "suspended", "withdrawn"]


def _distinct(values: Sequence[Any]) -> None:
    for i, value in enumerate(values):
        if value in values[:i]:
            raise Malformed("event.twice", f"$[{i}]", f"{json.dumps(value)} is listed twice")


# A JSON array is a list; strict pydantic would refuse it for a tuple. Only the array itself is
# read leniently: its items keep the strictness of their own type.
Tokens = Annotated[tuple[Token, ...], Field(min_length=1, max_length=MAX_LIST, strict=False), Then(_distinct)]
Words = Annotated[tuple[Token, ...], Field(max_length=MAX_LIST, strict=False), Then(_distinct)]
Labels = Annotated[tuple[Label, ...], Field(max_length=MAX_LIST, strict=False), Then(_distinct)]
Materials = Annotated[tuple[Material, ...], Field(max_length=MAX_LIST, strict=False), Then(_distinct)]
SomeMaterials = Annotated[
    tuple[Material, ...], Field(min_length=1, max_length=MAX_LIST, strict=False), Then(_distinct)
]
Ids = Annotated[tuple[Id, ...], Field(max_length=MAX_LIST, strict=False), Then(_distinct)]
SomeIds = Annotated[tuple[Id, ...], Field(min_length=1, max_length=MAX_LIST, strict=False), Then(_distinct)]
Some = Annotated[tuple[T, ...], Field(min_length=1, max_length=MAX_LIST, strict=False)]
Refs = Annotated[dict[Token, Text], Field(max_length=MAX_LIST)]
Marks = Annotated[dict[Token, Label], Field(max_length=MAX_LIST)]


class once(cached_property[T]):  # noqa: N801  # read like ``property``
    """A property that is computed once, without the lock of ``functools.cached_property``, which costs more
    than the properties here. Two threads may compute the same value."""

    def __get__(self, model: Any, owner: Any = None) -> Any:
        value = self.func(model)
        vars(model)[self.attrname] = value  # found there from now on, before this is asked
        return value


class Model(BaseModel):
    """Strict, frozen, no unknown members."""

    model_config = ConfigDict(strict=True, frozen=True, extra="forbid", ignored_types=(once,))


class EventRef(Model):
    """Names an event: the party that posted it and the id that the party gave it."""

    party: Id
    id: Id

    @once
    def name(self) -> str:
        """The two as the register spells them."""
        return event_name(self.party, self.id)


def _id_or_event(value: Any) -> str | None:
    if isinstance(value, str):
        return "#id"
    return "#event" if isinstance(value, dict) else None


Subject = Annotated[
    Annotated[Id, Tag("#id")] | Annotated[EventRef, Tag("#event")],
    Discriminator(
        _id_or_event,
        custom_error_type="event.value",
        custom_error_message='must be an id, or an event as {"party", "id"}',
    ),
]
"""The id of a party, site or lot, or an event. Tags beginning with ``#`` never show in a path."""


class Line(Model):
    """An amount of one lot."""

    lot: Id
    kg: Mass

    @once
    def grams(self) -> int:
        """The mass in grams."""
        return quantity.parse_kg(self.kg)


class Output(Line):
    """A lot that is born."""

    material: Material
    role: Literal["product", "by_product", "heel"] = "product"
    item: bool = False
    pieces: Maybe[Annotated[int, Field(ge=1, le=1_000_000)]] = None
    owner: Maybe[Id] = None
    basis: Maybe[Basis] = None
    marks: Marks = Field(default_factory=dict)


def each_once(member: str, sentence: str, code: str = "event.twice") -> Then:
    """Refuses the second item of a list that has the same value in this member; the ``sentence`` says so of
    the value."""

    def check(items: Sequence[Any]) -> None:
        seen = set()
        for i, item in enumerate(items):
            value = getattr(item, member)
            if value in seen:
                raise Malformed(code, f"$[{i}].{member}", sentence.format(value))
            seen.add(value)

    return Then(check)


L = TypeVar("L", bound=Line)
Lines = Annotated[
    tuple[L, ...],
    Field(min_length=1, max_length=MAX_LINES, strict=False),
    each_once("lot", "the lot {} stands in two lines", "event.lot_twice"),
]


class Evidence(Model):
    """A document outside the ledger, bound by its SHA-256."""

    name: Text
    sha256: Annotated[
        str,
        Field(pattern=r"^[0-9a-f]{64}$", description="SHA-256 of the file, as sha256sum prints it."),
        Says("must be a SHA-256 of 64 lower-case hexadecimal digits, as sha256sum prints it"),
    ]
    uri: Maybe[Id] = None
    media_type: Maybe[MediaType] = None
    size: Maybe[Annotated[int, Field(ge=0, le=2**53 - 1)]] = None


class Energy(Model):
    """Energy that was used."""

    carrier: Token
    amount: Amount
    unit: Unit
    source: Maybe[Token] = None
    instrument: Maybe[Id] = None


class Emission(Model):
    """A gas that was given off; ``scope`` as in the GHG Protocol."""

    scope: Annotated[int, Field(ge=1, le=3), Says("must be 1, 2 or 3")]  # a Literal takes true for 1
    gas: Unit
    kg: Amount
    method: Maybe[Text] = None
    period: Maybe[Period] = None


class Common(Model):
    """The members of every event."""

    ledger: Ledger
    id: Id
    time: Time
    party: Id
    from_: Maybe[Time] = Field(None, alias="from")
    refs: Refs = Field(default_factory=dict)
    ext: dict[str, Any] = Field(default_factory=dict)

    @once
    def at(self) -> int:
        """``time`` in seconds since 1970."""
        return quantity.parse_time(self.time)

    @property
    def start(self) -> int:
        """``from``, or ``time`` where there is none, in seconds since 1970."""
        return self.at if self.from_ is None else quantity.parse_time(self.from_)
