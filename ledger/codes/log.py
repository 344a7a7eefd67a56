"""What can be wrong with the log's own formats: entries, notes, checkpoints, tiles, trust files."""

from ledger.codes.code import Code

LOG: dict[str, Code] = {
    # -- entry, note, checkpoint, tile, trust: log formats
    "entry.size": Code(
        "The entry is longer than the 65,535 bytes that an entry bundle of the log can hold.",
        "Get the entry again from its source; no honest entry is that long.",
    ),
    "entry.form": Code(
        "The entry is not spelt exactly: index, charter, prev, received, statement, without white space.",
        "Get the entry again from its source, as bytes; do not re-serialise it on the way.",
    ),
    "entry.received": Code(
        "The entry's time of receipt is not a real instant.",
        "Get the entry again from its source; an honest ledger writes real UTC instants with milliseconds.",
    ),
    "entry.charter": Code(
        "The entry names a charter that stands after it.",
        "Do not trust this entry; ask the operator for an explanation.",
    ),
    "entry.prev": Code(
        "The first entry must have 32 zero bytes where the others have the hash of the entry before.",
        "Do not trust this entry; ask the operator for an explanation.",
    ),
    "entry.chain": Code(
        "The entry does not follow on the one before it: its index, that one's hash, or its time of receipt.",
        "Do not trust this log: whoever wrote the entry there broke the chain. Keep it as evidence.",
    ),
    "note.size": Code(
        "The signed note is larger than 256 KiB or bears more than 64 signatures.",
        "Get the note again from its source, or ask for one that bears only the signatures you need.",
    ),
    "note.text": Code(
        "The signed note is not UTF-8 text, or holds a control character other than the newline.",
        "Get the note again from its source; transfer it as bytes, without changing its line ends.",
    ),
    "note.form": Code(
        "The signed note does not have its parts: text, an empty line, at least one signature line.",
        "Get the note again from its source; it must end with the newline of its last signature line.",
    ),
    "note.line": Code(
        "A signature line is not an em dash, a key name and base64, separated by single spaces.",
        "Get the note again from its source; it was cut or changed on the way.",
    ),
    "note.key": Code(
        "The verifier key is not name+hash+base64 of a known key type, with the hash that belongs to it.",
        "Copy the verifier key again from its source; known types are 1 (Ed25519), 4 (Ed25519 "
        "cosignature) and 6 (ML-DSA-44).",
    ),
    "note.signature": Code(
        "A signature under a known key does not verify.",
        "Do not trust the note: it was changed, or signed by someone else in that key's name.",
    ),
    "note.unsigned": Code(
        "None of the keys that you know has signed the note.",
        "If the operator has a new key, get the trust file that names it from the registrar; else do not "
        "trust the note.",
    ),
    "checkpoint.form": Code(
        "The checkpoint is not a line of origin, one of size and one with the base64 of a 32-byte root.",
        "Get the checkpoint again from the log.",
    ),
    "tile.path": Code(
        "The path is not that of a tile: tile/<level or entries>/<number>[.p/<width>].",
        "Spell the path as C2SP tlog-tiles does, such as tile/0/x001/067 or tile/entries/000.p/12.",
    ),
    "tile.width": Code(
        "The tile is missing, is not made of whole hashes, or is narrower than the tree's size requires.",
        "Get the tile again; if it is your own ledger's, rebuild the tiles from the entries with an audit.",
    ),
    "tile.bundle": Code(
        "The entry bundle is not 1 to 256 entries, each behind its length in two bytes.",
        "Get the entry bundle again from its source.",
    ),
    "map.depth": Code(
        "The depth of the register's map is not a number from 0 to 40.",
        "Get the proof again from its source; no register is that large.",
    ),
    "map.order": Code(
        "The opened buckets of the register's map do not stand in ascending order of their numbers.",
        "Get the proof again from its source; if it stays so, whoever made it made it wrongly.",
    ),
    "map.bucket": Code(
        "An opened bucket of the register's map is not made of whole, ascending pairs that belong there.",
        "Get the proof again from its source; if it stays so, whoever made it made it wrongly.",
    ),
    "map.root": Code(
        "The opened buckets, the records beside them and the trust file's charter do not lead to the root "
        "that the operator signed.",
        "If check 2 says `chain.charter`, settle that first: no root fits another ledger's trust file. Else "
        "do not rely on the records that the proof shows; get the proof again from its source.",
    ),
    # -- witness: requests to a witness (C2SP tlog-witness)
    "witness.request": Code(
        "The request is not a line with the old size, proof lines, an empty line and a checkpoint.",
        "Send the body as C2SP tlog-witness has it, with at most 63 proof lines and no carriage returns.",
    ),
    "witness.origin": Code(
        "The witness does not know this log.",
        "Ask whoever runs the witness to add the log's verifier key to those it is started with.",
    ),
    "witness.old_size": Code(
        "The old size is larger than the checkpoint's.",
        "Send the size of the checkpoint that this witness cosigned last, and one at least as large.",
    ),
    "witness.conflict": Code(
        "The old size is not that of the checkpoint which the witness cosigned last.",
        "Send the request again from the size that the answer states, with the proof from there.",
    ),
    "witness.inconsistent": Code(
        "The checkpoint does not extend the one that the witness cosigned last, or the proof does not show "
        "that it does.",
        "Make the proof anew from the log itself. If it still fails, the log has told two histories: keep "
        "both checkpoints.",
    ),
    "witness.refused": Code(
        "The witness replays the log's entries and found one that cannot stand, or two histories.",
        "Ask the log's operator. The witness's folder holds the evidence, which `oreline evidence` checks; "
        "it cosigns nothing more for this log until its own operator says `--judge-again`.",
    ),
    "witness.charter": Code(
        "The log's entry 0 is not the charter that the witness's trust file names: this is another ledger.",
        "Check the URL and the trust file of the witness; a mirror of another ledger needs another folder.",
    ),
    "witness.unrooted": Code(
        "The checkpoint does not end with the event that states the register's root.",
        "Publish with a version of Oreline that ends each checkpoint with it; nothing else is wrong with it.",
    ),
    "witness.logs": Code(
        "The file names no log's verifier key, or one that cannot be read.",
        "Give a file with a verifier key a line, or a policy with lines log <vkey>; logs' keys have type 1 "
        "or 6.",
    ),
    "trust.text": Code(
        "The trust file holds a character that is not allowed, or its last line is cut: it has no newline.",
        "Write the trust file as UTF-8 text with plain newlines and no control characters but tabs.",
    ),
    "trust.line": Code(
        "A line of the trust file is not log, witness, group, quorum, replays, charter, a comment or empty.",
        "Correct the line that is named; the form is that of C2SP tlog-policy plus our lines charter and "
        "replays.",
    ),
    "trust.key": Code(
        "A key of the trust file cannot be read, or is not of the type that its line needs.",
        "Copy the verifier key again: a log's key has type 1 (Ed25519) or 6 (ML-DSA-44), a witness's type 4 "
        "(Ed25519 cosignature) or 6.",
    ),
    "trust.duplicate": Code(
        "The trust file names something twice that may stand there once.",
        "Remove one of the two: a public key, the name of a witness or of its key, a membership, the quorum, "
        "the charter. Of a witness with two keys list one, or it would count twice.",
    ),
    "trust.name": Code(
        "The trust file refers to a name that no line above defines, or defines the reserved name none.",
        "Define witnesses and groups above the line that uses them, under a name other than none.",
    ),
    "trust.group": Code(
        "The threshold of a group is not any, all or a number from 1 to the number of its members.",
        "Correct the group's line: group <name> any|all|<k> <member>…",
    ),
    "trust.missing": Code(
        "The trust file lacks a line that it must have: a log, the quorum or the charter.",
        "Add the line: without the charter's hash an operator could invent a whole ledger; `quorum none` "
        "asks for no witness.",
    ),
    "trust.logs": Code(
        "The trust file has log lines of different names. It pins one charter, which is one ledger's: "
        "another log listed beside it could pass a register of its own off as that ledger's.",
        "Keep one trust file for each ledger, and check each ledger's files with its own. Several keys of "
        "one log, all under its name, may stand together; so it is in `witnesses.policy`.",
    ),
    "trust.charter": Code(
        "The charter line is not the base64 of 32 bytes.",
        "Write charter and the base64 leaf hash of entry 0, as you were given it out of band.",
    ),
    "trust.limit": Code(
        "The trust file is larger than 1 MiB or defines more than 1,000 logs, witnesses or groups.",
        "Keep only what you need to trust for this ledger.",
    ),
    "trust.origin": Code(
        "The checkpoint is of another log than the trust file.",
        "Use the trust file of that ledger; if you do, do not trust the checkpoint.",
    ),
    "trust.log": Code(
        "The log's keys of the trust file have not signed the checkpoint; where it names an Ed25519 and an "
        "ML-DSA-44 key, both must.",
        "Check that the trust file is the current one; if it is, do not trust the checkpoint.",
    ),
    "trust.quorum": Code(
        "Too few of the trust file's witnesses have signed the checkpoint.",
        "Ask for a checkpoint, or a proof, that bears the cosignatures your trust file requires.",
    ),
}
