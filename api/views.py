"""The forms of what is looked up, for OpenAPI: see ``api.models``."""

from typing import Annotated, Any, Generic, Literal, TypeVar

from pydantic import Field

from api.models import Answer, Hash, Index, Instant

T = TypeVar("T")

Id = Annotated[str, Field(examples=["urn:example:lot:stamper:hood"])]
Time = Annotated[str, Field(examples=["2026-03-02T06:00:00Z"])]
Kg = Annotated[str, Field(description="Kilograms, to the gram.", examples=["17400", "8.25"])]
Next = Annotated[str | None, Field(description="Where the next page is; null: this is the last.")]


class Page(Answer, Generic[T]):
    """A page of a list."""

    items: list[T]
    next: Next


class EventName(Answer):
    """An event, as other events name it."""

    party: Id
    id: Id


class Mark(Answer):
    """Something that is open: a dispute, a suspension, a withdrawal."""

    mark: str
    party: Id
    event: EventName | None
    since: Instant


class EventLine(Answer):
    """An event in a list."""

    at: Index
    party: Id
    id: Id
    type: str
    time: Time
    received: Instant
    open: list[Mark]


class Place(Answer):
    """The receipt, as the poster was given it."""

    index: Index
    leaf: Hash
    received: Instant


class EventView(EventLine):
    """An event, its entry, and what was said of it since."""

    receipt: Place
    charter: Index
    prev: Hash
    kid: Annotated[str, Field(description="Thumbprint of the key that signed.")]
    payload: Annotated[dict[str, Any], Field(description="The event, decoded; its bytes are in statement.")]
    statement: Annotated[str, Field(description="The signed bytes.")]
    touched_by: list[EventLine]


class AttestationView(Answer):
    """A certifier's statement and what became of it."""

    event: EventName
    at: Index
    subject: Annotated[str, Field(description="An id, or the party and id of an event with a space between.")]
    certifier: Id
    scheme: str
    status: str
    valid_from: Time
    valid_until: Time
    certificate_no: str
    open: list[Mark]
    certifier_open: Annotated[
        list[Mark], Field(description="Against the certifier: while it is suspended this does not hold.")
    ]


class Born(Answer):
    """A lot's birth."""

    event: EventName
    party: Id
    site: Id
    since: Time


class Hold(Answer):
    """Who holds a lot, where. In transit ``to`` is the receiver, else empty."""

    holder: Id
    site: Id
    since: Time
    to: str
    shipment: EventName | None


class Owner(Answer):
    """Who owns a lot. ``to`` is the new owner while a transfer is pending, else empty."""

    owner: Id
    to: str
    transfer: EventName | None
    since: Time


class Part(Answer):
    """Kilograms of a lot from one origin."""

    origin: Annotated[str, Field(description="Kind and id, with a space between.")]
    kg: Kg


class Origin(Answer):
    """What one origin has in a lot."""

    kind: Annotated[str, Field(description="mine, collection, addition, added or unknown")]
    id: Annotated[str, Field(description="The site, the declared origin, or why it is unknown.")]
    kg: Kg
    share: Annotated[str, Field(description="Of the lot's mass, 0 to 1, rounded down; what is unknown, up.")]


class Trace(Answer):
    """An origin with less than half a gram in a lot."""

    kind: str
    id: str


class Shares(Answer):
    """What a lot is made of, greatest first."""

    lot: Id
    material: str
    kg: Kg
    origins: list[Origin]
    traces: list[Trace]


class LotView(Answer):
    """A lot as it was born, as it is now, and its way from hand to hand."""

    id: Id
    material: str
    kg: Kg
    item: bool
    role: str
    born: Born
    used: Kg
    left: Kg
    withdrawn: bool
    hold: Hold
    owner: Owner
    composition: list[Part]
    traces: list[str]
    marks: Annotated[dict[str, str], Field(description="What is stamped on it.")]
    history: list[EventLine]
    attestations: list[AttestationView]
    shares: Shares


class NodeEvent(Answer):
    """The event that a node is."""

    party: Id
    id: Id
    type: str
    time: Time


class Node(Answer):
    """A node of the graph; further members by kind."""

    kind: Literal["lot", "event", "addition", "loss", "into"]
    id: str
    at: Index | None
    depth: Annotated[int, Field(ge=0, description="Fewest steps from the subject.")]
    share: Annotated[str, Field(description="Of the subject's mass, 0 to 1; only in /trace.")] = ""
    cut: Annotated[bool, Field(description="Below min_share: what lies behind is left out.")] = False
    withdrawn: bool
    open: list[str]
    material: Annotated[str, Field(description="Of a lot, as all down to since.")] = ""
    kg: Kg = ""
    item: bool = False
    role: str = ""
    party: str = ""
    site: str = ""
    since: str = ""
    event: NodeEvent | None = None


class Edge(Answer):
    """Kilograms that went from one node to another by the entry ``at``."""

    at: Index
    from_: Annotated[str, Field(alias="from")]
    to: str
    kg: Kg
    withdrawn: bool


class Graph(Answer):
    """A page of a graph, as of the ledger's first ``size`` entries."""

    lot: Id
    size: Index
    nodes: list[Node]
    edges: list[Edge]
    next: Next


class Registered(Answer):
    """What was registered last under an id."""

    id: Id
    country: str
    event: EventName
    open: list[Mark]


class PartyView(Registered):
    """A party."""

    name: str
    roles: list[str]
    prefixes: list[str]
    successor: str


class SiteView(Registered):
    """A site."""

    operator: Id
    kinds: list[str]
    subdivision: str


class Balance(Answer):
    """One owner's material: at a site, and shipped from there but not yet received."""

    site: Id
    owner: Id
    material: str
    stock: Kg
    transit: Kg


class Hit(Answer):
    """Something that a search found. An event's id is its party and id."""

    kind: Literal["lot", "event", "party", "site"]
    id: str | EventName
    by: Annotated[str, Field(description="What matched: id, mark or name.")]
    text: str
