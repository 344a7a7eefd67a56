"""The event of an agreement between two parties: offered by one, accepted by the other."""

import json
from hashlib import sha256
from typing import Annotated, Literal

from pydantic import Field

from ledger import b64
from ledger.events.common import (
    Amount,
    Common,
    EventRef,
    Id,
    Mass,
    Material,
    Maybe,
    Model,
    Some,
    Time,
    Token,
    each_once,
    once,
)
from ledger.quantity import parse_kg


class AgreedYear(Model):
    """What is to be delivered in a calendar year (UTC)."""

    year: Annotated[int, Field(ge=1, le=9_999)]
    kg: Mass

    @property
    def grams(self) -> int:
        """The mass in grams."""
        return parse_kg(self.kg)


class AgreedFootprint(Model):
    """The greatest footprint that was agreed: kg CO2e per kg, by a method, within a boundary, of a product
    stage (a material)."""

    kg_per_kg: Amount
    method: Token
    boundary: Token
    stage: Material


class Terms(Model):
    """What two parties agree on. ``exclusive``: all of it is for the site ``destination``."""

    material: Material
    destination: Maybe[Id] = None
    exclusive: bool = False
    years: Annotated[Some[AgreedYear], each_once("year", "{} is listed twice")]
    footprint: Maybe[AgreedFootprint] = None
    until: Maybe[Time] = None

    @once
    def digest(self) -> str:
        """Base64url SHA-256 of the terms as JSON: names sorted, no white space, absent members left out, but
        ``exclusive`` always there."""
        data = self.model_dump(mode="json", exclude_none=True)
        return b64.encode(sha256(json.dumps(data, sort_keys=True, separators=(",", ":")).encode()).digest())


class Agree(Common):
    """Offers an agreement to another party; with ``of``, accepts what that party has offered."""

    type: Literal["agree"]
    with_: Id = Field(alias="with")
    terms: Terms
    of: Maybe[EventRef] = None
