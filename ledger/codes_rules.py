"""The codes of refusals: what the rules do not allow, and what to do then."""

from typing import NamedTuple


class Code(NamedTuple):
    """``meaning``: what is wrong. ``remedy``: what the reader should do next."""

    meaning: str
    remedy: str


RULES: dict[str, Code] = {
    # -- every event
    "event.duplicate": Code(
        "This very event is in the ledger already.",
        "Nothing: posting again is safe and returns the first receipt.",
    ),
    "event.conflict": Code(
        "Another event with this party and id is in the ledger.",
        "Give a new event a new id; to put an earlier one right, post a `correct`.",
    ),
    "event.ledger": Code(
        "The event was signed for another ledger.",
        "Sign it again with this ledger's name in `ledger`; `GET /health` and the charter tell it.",
    ),
    "event.not_here": Code(
        "The event names an event that is not in the ledger.",
        "Post that event first, or correct its party and id.",
    ),
    "time.future": Code(
        "The time lies after the receipt.",
        "Set the clock of the machine that signs; at most 5 minutes ahead are let through.",
    ),
    "time.from": Code(
        "The event's `from` is after its `time`.",
        "`from` is when it began and `time` when it ended: exchange or correct them.",
    ),
    "time.before": Code(
        "The event happened before something that it builds on.",
        "Correct the time, or name the lot that was really there at that time.",
    ),
    # -- charter and registrar
    "charter.unknown": Code(
        "The charter by which the event is judged is not here.",
        "In a ledger, post the charter first; in a proof, ask for one that holds all charters.",
    ),
    "charter.first": Code(
        "Entry 0 of a ledger is its charter.",
        "Create the ledger with `oreline init`.",
    ),
    "charter.again": Code(
        "A ledger has one charter, its entry 0.",
        "Post an `amend` to change it.",
    ),
    "charter.rules": Code(
        "The charter asks for a version of the rules that this program does not have.",
        "Use version 1, or a newer program.",
    ),
    "charter.not_in_force": Code(
        "The entry was judged by a charter that was not in force when it was received.",
        "Nothing the poster can do: this is evidence against the operator. Keep the proof.",
    ),
    "charter.signer": Code(
        "The amendment is not signed by a key that may sign it.",
        "The cold recovery key signs amendments that change keys; a registrar key signs the others.",
    ),
    "charter.operator_key": Code(
        "The operator's key is not an Ed25519 key.",
        "Checkpoints are C2SP signed notes: give an Ed25519 key.",
    ),
    "registrar.key": Code(
        "Only a registrar key of the charter in force may sign this.",
        "Ask the registrar to sign it.",
    ),
    # -- parties and sites
    "party.unknown": Code(
        "The event names a party that is not registered.",
        "Ask the registrar to register it, or correct its id.",
    ),
    "party.replaces": Code(
        "`replaces` is not the party's registration in force.",
        "Leave it out at the first registration; later name the event that is in force.",
    ),
    "party.exists": Code(
        "The id of the party is a site's already.",
        "Give the party an id of its own.",
    ),
    "party.suspended": Code(
        "The registrar has suspended the party.",
        "Ask the registrar; events are taken again when it is active.",
    ),
    "party.closed": Code(
        "The registrar has closed the party.",
        "Its successor posts from now on, under its own id.",
    ),
    "party.prefix_end": Code(
        "A lot-id prefix does not end at a delimiter.",
        "End it with one of : / . # - _ so that no other prefix can grow into it.",
    ),
    "party.prefix_taken": Code(
        "The lot-id prefix overlaps one that another party has.",
        "Choose a prefix that neither begins with theirs nor is the beginning of theirs.",
    ),
    "site.unknown": Code(
        "The event names a site that is not registered.",
        "Ask the registrar to register it, or correct its id.",
    ),
    "site.replaces": Code(
        "`replaces` is not the site's registration in force.",
        "Leave it out at the first registration; later name the event that is in force.",
    ),
    "site.exists": Code(
        "The id of the site is a party's already.",
        "Give the site an id of its own.",
    ),
    "site.suspended": Code(
        "The registrar has suspended the site.",
        "Ask the registrar; events are taken again when it is active.",
    ),
    "site.closed": Code(
        "The registrar has closed the site.",
        "Name the site where it really happened.",
    ),
    "site.operator": Code(
        "The site is operated by another party.",
        "A site's events are signed by its operator; have the registrar correct the operator if it changed.",
    ),
    # -- keys
    "key.unknown": Code(
        "The signing key is not registered here.",
        "Register it with a `key` event first, or sign with a registered key.",
    ),
    "key.other_party": Code(
        "The signing key belongs to another party.",
        "Sign with a key of the event's `party`, or correct `party`.",
    ),
    "key.revoked": Code(
        "The signing key has been revoked.",
        "Sign with a live key; if it was not you who revoked it, ask the registrar.",
    ),
    "key.site": Code(
        "The signing key is not registered for this site.",
        "Sign with a key for the site, or register one with the site in `sites`.",
    ),
    "key.use": Code(
        "The registrar's, recovery and operator's keys do not sign events of this type.",
        "Sign with a key of the party.",
    ),
    "key.live": Code(
        "The party has a live key, so the registrar may not add one.",
        "Let a live key of the party sign the `key` event; if all are lost, revoke them first.",
    ),
    "key.possession": Code(
        "The new key has not signed the possession message for this ledger and party.",
        "Make `proof` with the new key itself; `oreline key register` does.",
    ),
    "key.charter": Code(
        "A key of the charter is not revoked by an event.",
        "Post an `amend` with other keys, signed by the recovery key.",
    ),
    # -- lots
    "lot.unknown": Code(
        "The event names a lot that is not in the ledger.",
        "Post the event in which it is born first (`proceed` lets the order sort itself out), or correct its id.",
    ),
    "hold.unknown": Code(
        "Who holds the lot is not known.",
        "Post the event in which it is born first.",
    ),
    "owner.unknown": Code(
        "Who owns the lot is not known.",
        "Post the event in which it is born first.",
    ),
    "lot.exists": Code(
        "A lot is born once, and this id is taken.",
        "Give the new lot an id of its own.",
    ),
    "lot.prefix": Code(
        "The lot's id begins with none of the poster's prefixes.",
        "Begin it with a prefix that the registrar gave you; `oreline show PARTY` lists them.",
    ),
    "lot.holder": Code(
        "The lot is held by another party.",
        "Only its holder uses or ships a lot: post the `receive` first if it has arrived.",
    ),
    "lot.site": Code(
        "The lot is at another site.",
        "Ship and receive it first, or correct the site.",
    ),
    "lot.in_transit": Code(
        "The lot is on its way; nobody uses it until it is received.",
        "Let the receiver post the `receive` (or refuse it there).",
    ),
    "lot.withdrawn": Code(
        "The event in which the lot was born was withdrawn.",
        "Use the lot that replaced it.",
    ),
    "lot.overdrawn": Code(
        "More of the lot is used than is left of it.",
        "Correct the mass, or name the lot that it really came from; what was found too much needs a `gain`.",
    ),
    "lot.item": Code(
        "The lot is one item: it is used, shipped and received whole.",
        "Give its whole mass, without `as`.",
    ),
    "lot.not_whole": Code(
        "A line without `as` moves a lot whole, and this is not its whole mass.",
        "Ship part of a lot, or what is left of it, under a new id in `as`.",
    ),
    "lot.receiver": Code(
        "The lot is not on its way to this party.",
        "Check the lot and the shipment; whoever it was shipped to receives it.",
    ),
    "lot.shipment": Code(
        "The lot left with another shipment.",
        "Name that shipment in `of`.",
    ),
    "material.unknown": Code(
        "The material is not in the catalogue.",
        "Use one of the catalogue's materials; `oreline show catalogue` lists them.",
    ),
    "mark.unknown": Code(
        "The mark is not in the catalogue.",
        "Use one of the catalogue's marks, such as heat or serial.",
    ),
    "mark.taken": Code(
        "A unique mark stands on another lot of this party.",
        "Correct the serial number; each is given once.",
    ),
    # -- sources and processes
    "source.kind": Code(
        "The catalogue has no source of this kind.",
        "Use one of the catalogue's sources.",
    ),
    "source.site": Code(
        "Such a source is not at a site of this kind.",
        "Correct the site or the kind of source.",
    ),
    "source.material": Code(
        "Such a source does not give this material.",
        "Correct the material or the kind of source.",
    ),
    "source.opening": Code(
        "Opening stock is declared once per site and material.",
        "What is found later is a `gain`; its origin is unknown.",
    ),
    "process.unknown": Code(
        "The process is not in the catalogue.",
        "Use one of the catalogue's processes; `oreline show catalogue` lists them.",
    ),
    "process.site": Code(
        "The process is not done at a site of this kind.",
        "Correct the process or the site; the registrar keeps the site's kinds.",
    ),
    "process.input": Code(
        "The process does not take this material.",
        "Correct the lot or the process.",
    ),
    "process.output": Code(
        "The process does not give this material in this role.",
        "Correct the material, the `role` or the process.",
    ),
    "process.addition": Code(
        "More is added than the catalogue allows, or something it does not allow.",
        "What is a lot goes into `inputs`; check the mass of the addition.",
    ),
    "process.ratio": Code(
        "The yield is outside what the process can do.",
        "Check the masses and the units; a missing input or heel is the usual reason.",
    ),
    "mass.created": Code(
        "More mass comes out than goes in.",
        "Check the masses; name every input and addition.",
    ),
    "owner.balance": Code(
        "An owner gets more out than that owner's inputs can have become.",
        "Check `owner` of the outputs and whose lots went in; a change of title is a `transfer`.",
    ),
    # -- title and hand-overs
    "owner.title": Code(
        "Title cannot pass with goods that the sender does not own.",
        'Leave `title` out or say "stays"; the owner passes it on with a `transfer`.',
    ),
    "owner.pending": Code(
        "The lot's title is on its way to someone.",
        "Wait for the `receive`, or withdraw the `transfer`.",
    ),
    "owner.other": Code(
        "The lot is owned by another party.",
        "Only its owner does that; check the lot.",
    ),
    "owner.receiver": Code(
        "The lot's title is not on its way to this party by that transfer.",
        "Check the lot and the transfer.",
    ),
    "receive.of": Code(
        "A `receive` completes a `ship` or a `transfer`, and this is neither.",
        "Name the shipment or the transfer in `of`.",
    ),
    "receive.site": Code(
        "Goods arrive at a site, title does not.",
        "Give `site` for a shipment and leave it out for a transfer.",
    ),
    "receive.ticket": Code(
        "The weighbridge ticket has weighed another delivery.",
        "Give the ticket of this delivery.",
    ),
    "count.excess": Code(
        "More was counted than the books hold.",
        "Count again; what really is too much enters as a source of kind `gain`, of unknown origin.",
    ),
    # -- corrections
    "correct.poster": Code(
        "Only the poster may withdraw or amend its event.",
        "Raise a `dispute`, or ask the poster.",
    ),
    "correct.entitled": Code(
        "Only the poster, a counterparty, an owner, a certifier or the registrar may dispute an event.",
        "Ask one of them.",
    ),
    "correct.built_on": Code(
        "Something has been built on the event since.",
        "Withdraw what builds on it first, newest first; else post an amendment or a dispute.",
    ),
    "correct.kept": Code(
        "An event of this type is not withdrawn.",
        "Replace a party or site, revoke a key, amend a charter, resolve a dispute.",
    ),
    "correct.withdrawn": Code(
        "The event is withdrawn already.",
        "Nothing more can be said of it.",
    ),
    "correct.nothing_open": Code(
        "There is nothing open that this party may lift.",
        "A dispute is lifted by who raised it, a weighing difference by the other side; both by the registrar.",
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
    "attestation.unknown": Code(
        "The event names an attestation that is not in the ledger.",
        "Post the `attest` first, or correct its party and id.",
    ),
}
