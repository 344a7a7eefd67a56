"""The answers' forms, for OpenAPI. Tests hold every answer against its model; nothing else uses them."""

from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field

Index = Annotated[int, Field(ge=0, description="Index of an entry.")]
Count = Annotated[int, Field(ge=0)]
Hash = Annotated[str, Field(pattern="^[A-Za-z0-9_-]{43}$", description="SHA-256, base64url.")]
Instant = Annotated[str, Field(examples=["2026-03-02T06:00:01.123Z"])]


class Answer(BaseModel):
    """Every member is described here; there are no others."""

    model_config = ConfigDict(extra="forbid")


class Found(Answer):
    """One thing that is wrong."""

    code: Annotated[str, Field(description="Stable for ever; see /codes.", examples=["lot.overdrawn"])]
    path: Annotated[str, Field(description="Where in the input.", examples=["$[0].inputs[1].kg"])]
    detail: Annotated[str, Field(description="What is wrong here, in a sentence.")]
    remedy: Annotated[str, Field(description="What to do about it.")]
    waiting_for: Annotated[
        str, Field(description="Id of what is not in the ledger yet; only where the problem may pass.")
    ] = ""


class Problem(Found):
    """RFC 9457 problem details. The members of ``problems[0]`` stand at the top, too."""

    type: Annotated[str, Field(description="/codes#<code>")]
    title: Annotated[str, Field(description="What the code means.")]
    status: Annotated[int, Field(description="The HTTP status.")]
    problems: Annotated[list[Found], Field(min_length=1, description="Everything that is wrong.")]


class Receipt(Answer):
    """The statement is in the ledger, durably."""

    index: Index
    leaf: Annotated[Hash, Field(description="The entry's leaf hash, base64url.")]
    received: Instant
    duplicate: Annotated[bool, Field(description="It was there before this post.")]


class Refused(Answer):
    """The statement is not in the ledger."""

    problems: list[Found]


class Posted(Answer):
    """What became of a batch."""

    outcomes: Annotated[
        list[Receipt | Refused | None],
        Field(description="One for each statement, in order; null: valid, and not recorded (dry run)."),
    ]
    recorded: Count
    duplicates: Count
    refused: Count
    checkpoint: Annotated[
        str, Field(description="With wait=checkpoint: a signed note that covers every receipt.")
    ] = ""


class Meaning(Answer):
    """What a code means, and what to do about it."""

    meaning: str
    remedy: str


class Witness(Answer):
    """How a witness answers."""

    name: Annotated[str, Field(description="As the policy calls it.")]
    size: Annotated[Count, Field(description="Entries of the last checkpoint that it cosigned.")]
    cosigned: Annotated[Instant | None, Field(description="When it cosigned that; null: not known.")]
    contact: Annotated[Instant | None, Field(description="When it answered last, since this server started.")]
    behind_seconds: Annotated[Count, Field(description="Since when it owes a cosignature; 0: it owes none.")]
    error: Annotated[str, Field(description="Why the last request brought none; empty where it did.")]


class Health(Answer):
    """How the ledger is."""

    ledger: Annotated[str, Field(description="The ledger's name: the log's origin.")]
    charter: Annotated[Hash, Field(description="Leaf hash of entry 0, base64url.")]
    version: Annotated[str, Field(description="Of the software.")]
    rules: Annotated[int, Field(description="Version of the rules in force.")]
    size: Annotated[Count, Field(description="Entries in the ledger.")]
    checkpoint_size: Annotated[Count, Field(description="Entries that the published checkpoint covers.")]
    unpublished: Annotated[
        str | None,
        Field(description="witness.quorum while the newest checkpoint waits for its witnesses, else null."),
    ] = None
    witnesses: Annotated[list[Witness], Field(description="Who is asked for cosignatures.")] = []


class Home(Answer):
    """What this server is."""

    about: str
    ledger: Annotated[str, Field(description="The ledger's name: the log's origin.")]
    version: Annotated[str, Field(description="Of the software.")]
    size: Annotated[Count, Field(description="Entries in the ledger.")]
    checkpoint_size: Annotated[Count, Field(description="Entries that the published checkpoint covers.")]
    paths: Annotated[dict[str, str], Field(description="Where to go on, by what is there.")]


def problems(*statuses: int) -> dict[int | str, dict[str, Any]]:
    """The OpenAPI responses of these statuses, and of those that every route may give: all problems."""
    return {
        status: {
            "description": _MEANINGS[status],
            "content": {"application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}},
        }
        for status in sorted({*statuses, 422, 503})
    }


_MEANINGS = {
    400: "The body is not what it should be.",
    404: "Not in the ledger, or not covered by a published checkpoint yet.",
    408: "The body came too slowly.",
    409: "Other events with these ids are in the ledger; nothing was recorded.",
    413: "The batch is too large.",
    415: "The body is not plain JSON.",
    422: "A parameter is wrong, or statements are refused and nothing was recorded.",
    503: "The ledger cannot answer now: its storage, its clock, its guard, or its witnesses.",
    507: "The disk is full; nothing was recorded.",
}
