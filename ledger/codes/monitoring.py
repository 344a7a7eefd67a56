"""What a monitor alarms about, and evidence that holds against a log."""

from ledger.codes.code import Code

MONITORING: dict[str, Code] = {
    # -- evidence: files that anyone can check
    "evidence.form": Code(
        "The file is not an evidence file, spelt exactly.",
        "Get the file again from whoever made it, as bytes; do not re-format it on the way.",
    ),
    "evidence.kind": Code(
        "The evidence is of a kind that this version does not know.",
        "Check it with a newer version of Oreline.",
    ),
    "evidence.unproven": Code(
        "The evidence does not show what it claims.",
        "Hold nothing against the log for it; ask whoever made it where it comes from.",
    ),
    # -- monitor: what is wrong with a log that is followed
    "monitor.fork": Code(
        "The log signed two histories.",
        "Keep the evidence file and give it to everyone who relies on this ledger; rely on none of the two "
        "until the operator has explained it. `oreline evidence` checks the file offline.",
    ),
    "monitor.rollback": Code(
        "The log serves a checkpoint of fewer entries than it signed before.",
        "Look for a stale cache in between. If there is none, the ledger was rolled back: keep your state "
        "file, which holds the later checkpoint, and ask the operator.",
    ),
    "monitor.stall": Code(
        "The log has published no new checkpoint for longer than you said it may.",
        "Ask the operator. What is posted and not covered by a checkpoint can still be denied.",
    ),
    "monitor.tile": Code(
        "The log serves tiles that do not belong to the root that it signed.",
        "Try again, past any cache. If it stays so, ask the operator: nobody can check this ledger.",
    ),
    "monitor.entry": Code(
        "The log serves an entry that is not the one in its tree, or holds one that no honest ledger makes.",
        "Keep what was served, and ask the operator. A witness that replays says what is wrong with it.",
    ),
    "monitor.charter": Code(
        "Entry 0 is not the charter that the trust file names: this is another ledger.",
        "Check the URL and the trust file. If both are right, do not rely on what is served there.",
    ),
    "monitor.event": Code(
        "The ledger holds an event under the party's name that its list does not know.",
        "Find out who posted it. If nobody of yours did, a key was stolen: revoke it with `oreline key "
        "revoke --since`, and dispute the event.",
    ),
    "monitor.key": Code(
        "A key was registered to the party, or one of its keys was revoked.",
        "If that was not you, call the registrar: whoever holds that key can speak in your name.",
    ),
    "monitor.state": Code(
        "The state file is not one that a monitor of this log wrote.",
        "Give each ledger a state file of its own. Never delete one without keeping it elsewhere: it is what "
        "the log is held to.",
    ),
    "monitor.known": Code(
        "The list of known events is neither lines with an id each nor what `oreline post --json` printed.",
        "Write the id of each event that you post on a line of its own, or keep the receipts as JSON.",
    ),
}
