"""Refusals that hold for every event, and those of charters, parties, sites and keys."""

from ledger.codes.code import Code

REGISTRY: dict[str, Code] = {
    # -- every event
    "event.duplicate": Code(
        "This very event is in the ledger already.",
        "Nothing: posting again is safe and returns the first receipt.",
    ),
    "event.conflict": Code(
        "Another event with this party and id is in the ledger.",
        "Give a new event a new id; to put an earlier one right, post a `correct`. "
        "`oreline show event PARTY ID` prints what is recorded.",
    ),
    "event.ledger": Code(
        "The event was signed for another ledger.",
        "Post it to the ledger that it names (look at ORELINE_LEDGER and ORELINE_URL), or sign it again with "
        "this ledger's name in `ledger`; `GET /health` tells it.",
    ),
    "event.not_here": Code(
        "The event names an event that is not in the ledger.",
        "Post that event first, or correct its party and id.",
    ),
    "time.future": Code(
        "The time lies after the receipt.",
        "Give the time in UTC, not in local time, and set the clock of the machine that signs; at most 5 "
        "minutes ahead are let through.",
    ),
    "time.from": Code(
        "The event's `from` is after its `time`.",
        "`from` is when it began and `time` when it ended: exchange or correct them.",
    ),
    "time.before": Code(
        "The event happened before something that it builds on.",
        "Correct the time, or name the lot that was really there at that time.",
    ),
    # -- the register's root
    "register.key": Code(
        "Only the operator's key of the charter in force signs the register's root.",
        "Nothing for you to post: the ledger adds this event by itself when it publishes a checkpoint.",
    ),
    "register.size": Code(
        "The register's root is not that of all entries before this one.",
        "Nothing for you to post: the ledger adds this event by itself when it publishes a checkpoint.",
    ),
    "register.posted": Code(
        "The register's root is stated by the ledger itself, at the end of each checkpoint, not by a poster.",
        "Nothing for you to post. If you did not sign this, somebody holds the operator's key: replace it by "
        "an `amend` event.",
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
    "charter.pending": Code(
        "Too many amendments are not in force yet.",
        "Wait until one is in force, a day after its receipt, or sign with the recovery key.",
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
        "A first registration has no `replaces`; to register anew, name in it the event that is in force, as "
        "`oreline party add --replace` does.",
    ),
    "party.exists": Code(
        "The id of the party is a site's or a lot's already.",
        "Give the party an id of its own.",
    ),
    "party.role": Code(
        "A role of the party is not in the catalogue.",
        "Use one of the catalogue's roles; `oreline show catalogue` lists them.",
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
        "A first registration has no `replaces`; to register anew, name in it the event that is in force, as "
        "`oreline site add --replace` does.",
    ),
    "site.exists": Code(
        "The id of the site is a party's or a lot's already.",
        "Give the site an id of its own.",
    ),
    "site.kind": Code(
        "A kind of the site is not in the catalogue.",
        "Use one of the catalogue's kinds of site; `oreline show catalogue` lists them.",
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
        "The signing key is limited to sites, and the event speaks for more than these.",
        "Sign with a key for the site, or with one that is for all sites of the party.",
    ),
    "key.reserved": Code(
        "The registrar's, recovery and operator's keys do not sign events of this type.",
        "Sign with a key of the party.",
    ),
    "key.live": Code(
        "The party has a live key, so the registrar may not add one.",
        "Let a live key of the party sign the `key` event; if all are lost, revoke them first.",
    ),
    "key.limit": Code(
        "The party's keys have registered as many keys as they may.",
        "Revoke the party's live keys and let the registrar add one.",
    ),
    "key.registered": Code(
        "The key is registered already.",
        "If it is a live key of this party, nothing; else make a new one: a key belongs to one party, has "
        "one use, and never comes back once revoked.",
    ),
    "key.possession": Code(
        "The new key has not signed the possession message for this ledger and party.",
        "Make `proof` with the new key itself; `oreline key register` does.",
    ),
    "key.charter": Code(
        "A key of the charter is not revoked by an event.",
        "Post an `amend` with other keys, signed by the recovery key.",
    ),
}
