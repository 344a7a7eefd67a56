"""Schemes of attestations: data, not code. A policy may describe its own beside those that are shipped."""

from collections.abc import Mapping
from typing import Annotated, Literal

from pydantic import Field

from ledger.events.common import Model, Status, Text, Token

Subject = Literal["party", "site", "lot", "event"]


class Scheme(Model):
    """What a certifier's statement of this name means. ``issuer``: who makes it. ``subjects``: what it may
    be about; one about anything else does not count. ``statuses``: those that count where a requirement
    names none. ``measured``: quantities that it states. ``ask``: what to ask a site or party for."""

    title: Text
    issuer: Text
    subjects: Annotated[tuple[Subject, ...], Field(min_length=1, strict=False)]
    statuses: Annotated[tuple[Status, ...], Field(min_length=1, strict=False)] = ("certified",)
    measured: Annotated[tuple[Token, ...], Field(strict=False)] = ()
    ask: Text


def title_of(book: Mapping[str, Scheme], name: str) -> str:
    """The scheme's title, or its name where nobody describes it."""
    return book[name].title if name in book else name


def ask_of(book: Mapping[str, Scheme], name: str) -> str:
    """What to ask for."""
    return book[name].ask if name in book else f"Ask for an attestation of the scheme {name}."
