"""Events of mass-balance accounts (ISO 22095-2): one is opened, and closed when its period is over."""

from typing import Literal

from pydantic import Field

from ledger.events.common import Common, Id, Maybe, Period, Share, SomeIds, SomeMaterials, Token


class Account(Common):
    """Opens an account for a scheme: some sites, some products, one period.

    ``yield``: the share of certified input that may be issued before the period is judged.
    ``overdraft``: the share of certified input that may be issued beyond it by force majeure. ``before``:
    the account of the period before, of which what is left is brought forward.
    """

    type: Literal["account"]
    account: Id
    scheme: Token
    sites: SomeIds
    materials: SomeMaterials
    period: Period
    yield_: Share = Field(alias="yield")
    overdraft: Maybe[Share] = None
    before: Maybe[Id] = None


class Close(Common):
    """Closes an account after its period: from now on nothing is booked, and the percentage is judged."""

    type: Literal["close"]
    account: Id
