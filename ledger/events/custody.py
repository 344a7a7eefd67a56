"""Events of custody: metal begins, is changed, moves, changes hands, leaves."""

from collections.abc import Sequence
from typing import Annotated, Literal

from pydantic import Field, model_validator

from ledger.errors import Malformed
from ledger.events.catalogue import SourceKind
from ledger.events.common import (
    Basis,
    Common,
    CustodyModel,
    Emission,
    Energy,
    EventRef,
    Evidence,
    Id,
    Label,
    Line,
    Lines,
    Mass,
    Material,
    Maybe,
    Model,
    Name,
    Output,
    Share,
    Some,
    Text,
    Then,
    Token,
    each_once,
    wrong,
)
from ledger.quantity import parse_kg


class Source(Common):
    """Metal enters the ledger."""

    type: Literal["source"]
    site: Id
    kind: SourceKind
    outputs: Lines[Output]
    origin: Maybe[Id] = None
    grade: Maybe[Text] = None
    moisture: Maybe[Share] = None
    evidence: Maybe[Some[Evidence]] = None
    energy: Maybe[Some[Energy]] = None
    emissions: Maybe[Some[Emission]] = None
    account: Maybe[Id] = None


class Addition(Model):
    """What goes into a process without carrying aluminium's origin: flux, caustic, adhesive."""

    material: Material
    kg: Mass

    @property
    def grams(self) -> int:
        """The mass in grams."""
        return parse_kg(self.kg)


class Transform(Common):
    """Lots become other lots by a process of the catalogue."""

    type: Literal["transform"]
    site: Id
    process: Token
    unit: Maybe[Label] = None
    inputs: Lines[Line]
    additions: Maybe[Annotated[Some[Addition], each_once("material", "{} is added twice")]] = None
    outputs: Lines[Output]
    model: CustodyModel
    account: Maybe[Id] = None
    energy: Maybe[Some[Energy]] = None
    emissions: Maybe[Some[Emission]] = None


class ShipLine(Line):
    """A lot that leaves; a part of a lot leaves as a new lot, named in ``as``."""

    as_: Maybe[Id] = Field(None, alias="as")


def _parts_are_new(lines: Sequence[ShipLine]) -> None:
    seen = {line.lot for line in lines}
    for i, line in enumerate(lines):
        if line.as_ is not None:
            if line.as_ in seen:
                raise Malformed("event.lot_twice", f"$[{i}].as", f"the lot {line.as_} stands in two places")
            seen.add(line.as_)


class CocDocument(Model):
    """What a chain-of-custody document of a scheme says beside the shipment itself."""

    scheme: Token
    document: Label
    issuer_no: Maybe[Label] = None
    customer_no: Maybe[Label] = None
    responsible: Maybe[Name] = None
    statement: Maybe[Text] = None
    account: Maybe[Id] = None
    force_majeure: Maybe[Text] = None


class Ship(Common):
    """Lots leave a site for another party's; in transit until that party receives them."""

    type: Literal["ship"]
    site: Id
    lines: Annotated[Lines[ShipLine], Then(_parts_are_new)]
    to: Id
    mode: Maybe[Token] = None
    carrier: Maybe[Name] = None
    title: Maybe[Literal["passes", "stays"]] = None
    coc: Maybe[CocDocument] = None
    agreement: Maybe[EventRef] = None


class ReceiveLine(Line):
    """What arrived; ``refused`` goes back to the sender."""

    result: Literal["accepted", "refused"] = "accepted"
    reason: Maybe[Text] = None


class Weighing(Model):
    """A weighbridge ticket."""

    ticket: Label
    gross: Maybe[Mass] = None
    tare: Maybe[Mass] = None
    device: Maybe[Label] = None

    @model_validator(mode="after")
    def _gross_above_tare(self) -> "Weighing":
        if self.gross and self.tare and parse_kg(self.gross) <= parse_kg(self.tare):
            raise wrong("event.order", "`gross` is not above `tare`")
        return self


class Receive(Common):
    """The other side of a ``ship`` or a ``transfer``."""

    type: Literal["receive"]
    of: EventRef
    site: Maybe[Id] = None
    lines: Lines[ReceiveLine]
    weighing: Maybe[Weighing] = None
    difference: Maybe[Text] = None


class Transfer(Common):
    """Title passes without movement, once the other party receives it."""

    type: Literal["transfer"]
    lines: Lines[Line]
    to: Id
    agreement: Maybe[EventRef] = None


class Exit(Common):
    """Metal leaves the ledger, or is fitted to a vehicle."""

    type: Literal["exit"]
    lines: Lines[Line]
    reason: Literal["installed", "sold_outside", "disposed", "lost", "sample"]
    into: Maybe[Id] = None
    to_name: Maybe[Name] = None


class Count(Common):
    """A stocktake: what is there of each lot."""

    type: Literal["count"]
    site: Id
    lines: Lines[Line]
    basis: Basis
