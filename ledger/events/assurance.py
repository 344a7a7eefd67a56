"""Events of assurance: corrections and the certifiers' statements."""

from typing import Literal

from ledger.events.common import (
    Amount,
    Common,
    EventRef,
    Evidence,
    Grid,
    Ids,
    Label,
    Labels,
    Materials,
    Maybe,
    Model,
    Period,
    Some,
    Status,
    Subject,
    Text,
    Time,
    Token,
    Unit,
    Words,
)


class Correct(Common):
    """Says of an earlier event that it does not stand, is doubted, or stands again."""

    type: Literal["correct"]
    of: EventRef
    action: Literal["withdraw", "dispute", "resolve", "amend"]
    reason: Text
    effect: Maybe[Text] = None
    replaced_by: Maybe[EventRef] = None


class Scope(Model):
    """What an attestation covers beside its subject. An absent list restricts nothing."""

    sites: Maybe[Ids] = None
    materials: Maybe[Materials] = None
    origins: Maybe[Ids] = None
    processes: Maybe[Words] = None
    units: Maybe[Labels] = None
    schemes: Maybe[Words] = None
    text: Maybe[Text] = None


class Measured(Model):
    """A value that the certifier found or confirmed."""

    quantity: Token
    amount: Amount
    unit: Unit
    boundary: Maybe[Token] = None
    method: Maybe[Text] = None
    period: Maybe[Period] = None
    grid: Maybe[Grid] = None


class Attest(Common):
    """A certifier's statement about a party, a site, a lot or an event."""

    type: Literal["attest"]
    subject: Subject
    scheme: Token
    version: Maybe[Label] = None
    status: Status
    level: Maybe[Token] = None
    scope: Maybe[Scope] = None
    valid_from: Time
    valid_until: Time
    certificate_no: Maybe[Label] = None
    measured: Maybe[Some[Measured]] = None
    evidence: Maybe[Some[Evidence]] = None


class RevokeAttestation(Common):
    """An attestation is suspended, reinstated, or withdrawn for good, from a time on."""

    type: Literal["revoke_attestation"]
    of: EventRef
    status: Literal["suspended", "reinstated", "withdrawn"]
    since: Time
    reason: Text
