"""Refusals of corrections and attestations."""

from ledger.codes.code import Code

ASSURANCE: dict[str, Code] = {
    # -- corrections
    "correct.poster": Code(
        "Only the poster may withdraw or amend its event.",
        "Raise a `dispute`, or ask the poster.",
    ),
    "correct.entitled": Code(
        "Only the poster, a counterparty, an owner, a certifier or the registrar may dispute an event; "
        "the charter and its amendments the registrar alone.",
        "Ask one of them.",
    ),
    "correct.built_on": Code(
        "Something has been built on the event since.",
        "Withdraw what builds on it first, newest first; else post an amendment or a dispute.",
    ),
    "correct.kept": Code(
        "An event of this type is not withdrawn.",
        "Replace a party or site, revoke a key or an attestation, amend a charter, resolve a dispute.",
    ),
    "correct.withdrawn": Code(
        "The event is withdrawn already.",
        "Nothing more can be said of it.",
    ),
    "correct.nothing_open": Code(
        "There is nothing open that this party may lift.",
        "A dispute is lifted by who raised it, a weighing difference by the other side; both by the "
        "registrar.",
    ),
    "correct.disputed": Code(
        "The party disputes the event already.",
        "Resolve the open dispute first, or leave it as it is: one counts as much as many.",
    ),
    # -- attestations
    "attest.certifier": Code(
        "The poster is not registered as a certifier.",
        "Ask the registrar for the role; only certifiers attest.",
    ),
    "attest.subject": Code(
        "The attestation's subject is not in the ledger.",
        "Register the party or site, or post the event of the lot, first.",
    ),
    "attest.validity": Code(
        "The attestation ends before it begins.",
        "Correct `valid_from` and `valid_until`.",
    ),
    "attest.other": Code(
        "The attestation is another certifier's.",
        "Its certifier or the registrar suspends, withdraws or reinstates it.",
    ),
    "attest.withdrawn": Code(
        "The attestation is withdrawn for good.",
        "Attest anew.",
    ),
    "said.limit": Code(
        "The party has spoken of this thing as often as one party may.",
        "Ask the registrar, or another party that may speak of it: every proof holds what was said.",
    ),
    "attestation.unknown": Code(
        "The event names an attestation that is not in the ledger.",
        "Post the `attest` first, or correct its party and id.",
    ),
}
