"""Events of the registry: the charter, parties, sites and their keys."""

from collections.abc import Iterator, Sequence
from typing import Annotated, Any, Literal, Self

from pydantic import Field, model_validator

from ledger.errors import Malformed
from ledger.events.catalogue import Catalogue
from ledger.events.common import (
    Common,
    Country,
    EventRef,
    Id,
    Ids,
    Kid,
    Maybe,
    Model,
    Name,
    Refs,
    Says,
    SomeIds,
    Standing,
    Subdivision,
    Text,
    Then,
    Time,
    Tokens,
    wrong,
)
from ledger.keys import PublicKey


def _public_key(jwk: dict[str, Any]) -> None:
    PublicKey.from_jwk(jwk)


Jwk = Annotated[
    dict[str, Any],
    Field(
        description="A public key (RFC 7517): Ed25519 (kty OKP), P-256 (kty EC) or ML-DSA-44 (kty AKP).",
        json_schema_extra={
            "anyOf": [{"required": ["kty", "crv", "x"]}, {"required": ["kty", "alg", "pub"]}],
            "not": {"anyOf": [{"required": ["d"]}, {"required": ["priv"]}]},
        },
    ),
    Says("must be a public key as a JWK object (RFC 7517): Ed25519, P-256 or ML-DSA-44"),
    Then(_public_key),
]


def _keys_differ(jwks: tuple[dict[str, Any], ...]) -> None:
    kids = [PublicKey.from_jwk(jwk).kid for jwk in jwks]
    for i, kid in enumerate(kids):
        if kid in kids[:i]:
            raise Malformed("event.twice", f"$[{i}]", f"the key {kid} is listed twice")


RegistrarKeys = Annotated[
    tuple[Jwk, ...],
    Field(min_length=1, max_length=8, strict=False),
    Then(_keys_differ),
]
RulesVersion = Annotated[int, Field(ge=1, le=1_000_000, description="Version of the rules.")]


class Charter(Common):
    """Entry 0: who runs the ledger, by which rules."""

    type: Literal["charter"]
    name: Name
    rules: RulesVersion
    registrar_keys: RegistrarKeys
    recovery_key: Jwk
    operator_key: Jwk
    catalogue: Catalogue


class Amend(Common):
    """A change of the charter, in force 24 hours after its receipt; what is absent stays."""

    type: Literal["amend"]
    name: Maybe[Name] = None
    rules: Maybe[RulesVersion] = None
    registrar_keys: Maybe[RegistrarKeys] = None
    recovery_key: Maybe[Jwk] = None
    operator_key: Maybe[Jwk] = None
    catalogue: Maybe[Catalogue] = None

    @model_validator(mode="after")
    def _changes_something(self) -> Self:
        if self.model_fields_set <= Common.model_fields.keys() | {"type"}:
            raise wrong("event.empty", "an amendment names at least one member of the charter")
        return self


class Party(Common):
    """The registrar admits an organisation, or replaces what was said of it."""

    type: Literal["party"]
    subject: Id
    name: Name
    country: Country
    roles: Tokens
    prefixes: Ids
    identifiers: Refs = Field(default_factory=dict)
    status: Standing = "active"
    successor: Maybe[Id] = None
    replaces: Maybe[EventRef] = None


class Geo(Model):
    """A place on the map (WGS 84), decimal degrees."""

    lat: Annotated[
        str,
        Field(pattern=r"^-?(?:90(?:\.0{1,6})?|[1-8]?[0-9](?:\.[0-9]{1,6})?)$"),
        Says('must be a latitude in degrees such as "48.43": text, -90 to 90, at most 6 decimals'),
    ]
    lon: Annotated[
        str,
        Field(pattern=r"^-?(?:180(?:\.0{1,6})?|(?:1[0-7][0-9]|[1-9]?[0-9])(?:\.[0-9]{1,6})?)$"),
        Says('must be a longitude in degrees such as "-71.06": text, -180 to 180, at most 6 decimals'),
    ]


def _gln(text: str) -> None:
    # GS1 General Specifications 7.9: the last digit brings the weighted sum to a multiple of ten.
    if sum(int(digit) * (3 if i % 2 else 1) for i, digit in enumerate(text)) % 10:
        raise Malformed("event.value", detail=f"{text} is not a GLN: its check digit is wrong")


Gln = Annotated[
    str,
    Field(pattern=r"^[0-9]{13}$", description="GS1 Global Location Number."),
    Says("must be a GLN: 13 digits"),
    Then(_gln),
]


class Site(Common):
    """The registrar admits a place where a party works."""

    type: Literal["site"]
    subject: Id
    operator: Id
    kinds: Tokens
    country: Country
    subdivision: Subdivision
    gln: Maybe[Gln] = None
    geo: Maybe[Geo] = None
    status: Standing = "active"
    replaces: Maybe[EventRef] = None


class Key(Common):
    """A new public key of a party, with a proof that whoever registers it can sign with it."""

    type: Literal["key"]
    subject: Id
    jwk: Jwk
    proof: Annotated[
        str,
        Field(
            pattern=r"^([A-Za-z0-9_-]{85}[AQgw]|[A-Za-z0-9_-]{3226}[AEIMQUYcgkosw048])$",
            description="Signature by the new key, base64url.",
        ),
        Says("must be a signature by the new key: 86 characters of base64url, of ML-DSA-44 3,227"),
    ]
    sites: Maybe[SomeIds] = None


class RevokeKey(Common):
    """A key ends. ``since`` marks what it signed from then on as suspect."""

    type: Literal["revoke_key"]
    kid: Kid
    reason: Text
    since: Maybe[Time] = None


class Register(Common):
    """The root of the register as all entries before this one leave it, said by the operator."""

    type: Literal["register"]
    size: Annotated[int, Field(ge=1, le=2**53 - 1, description="How many entries: the index of this one.")]
    depth: Annotated[int, Field(ge=0, le=40, description="The map has 2^depth buckets.")]
    root: Annotated[
        str,
        Field(pattern=r"^[A-Za-z0-9+/]{42}[AEIMQUYcgkosw048]=$", description="SHA-256, base64."),
        Says("must be the map's root: 32 bytes as 44 characters of base64"),
    ]


def brought(event: Common) -> Iterator[PublicKey]:
    """The public keys that an event itself brings: a charter's, an amendment's, a new key.

    A ``kid`` is the hash of its key, so whatever event brings a key with that hash brings *the* key.
    """
    jwks: Sequence[dict[str, Any] | None] = ()
    if isinstance(event, Charter | Amend):
        jwks = (*(event.registrar_keys or ()), event.recovery_key, event.operator_key)
    elif isinstance(event, Key):
        jwks = (event.jwk,)
    for jwk in jwks:
        if jwk is not None:
            yield PublicKey.from_jwk(jwk)
