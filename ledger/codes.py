"""Every stable code: what it means and what to do. The docs' table is checked against this one.

A code, once released, keeps its meaning for ever; a code is never reused.
The part before the dot says where it comes from.
"""

from ledger.codes_rules import RULES, Code

CODES: dict[str, Code] = {
    **RULES,
    # -- json: strict JSON (ledger.strictjson)
    "json.utf8": Code(
        "The octets are not UTF-8.",
        "Write the JSON text as UTF-8 before you sign or send it.",
    ),
    "json.bom": Code(
        "The JSON text begins with a byte-order mark.",
        "Write UTF-8 without a byte-order mark.",
    ),
    "json.syntax": Code(
        "The octets are not one JSON text.",
        "Send exactly one JSON value (RFC 8259) and nothing after it.",
    ),
    "json.depth": Code(
        "The JSON text is nested too deeply.",
        "Nest arrays and objects at most 32 deep.",
    ),
    "json.duplicate": Code(
        "An object holds the same name twice, so two readers could see two values.",
        "Give each name once in an object.",
    ),
    "json.proto": Code(
        "An object holds the name __proto__, which some readers obey instead of reading.",
        "Choose another name.",
    ),
    "json.number": Code(
        "A number is a fraction, has an exponent, is -0, NaN or infinite.",
        'Write whole numbers in plain digits; write decimals as strings, for instance "1.5".',
    ),
    "json.range": Code(
        "A number is 2^53 or more in magnitude, which some readers would round.",
        "Write large numbers as strings.",
    ),
    "json.surrogate": Code(
        "A string or name holds half of a surrogate pair, which is no character.",
        "Write whole characters: both halves of the pair, or the character itself in UTF-8.",
    ),
    # -- value: times, masses, ids, decimals (ledger.quantity)
    "value.mass": Code(
        "The mass is not spelt as kg: digits without leading zeros and at most three decimals.",
        'Write the mass in kg as a string such as "17400" or "8.25", below 1,000,000,000,000.',
    ),
    "value.mass_zero": Code(
        "The mass is zero.",
        "Leave the line out, or give the mass that there is: every mass is above zero.",
    ),
    "value.time": Code(
        "The time is not spelt YYYY-MM-DDTHH:MM:SSZ.",
        "Write the time in UTC with whole seconds and a Z, for instance 2026-03-02T06:00:00Z.",
    ),
    "value.instant": Code(
        "The time is not spelt YYYY-MM-DDTHH:MM:SS.mmmZ.",
        "Write the time in UTC with three decimals and a Z, for instance 2026-03-02T06:00:01.123Z.",
    ),
    "value.date": Code(
        "There is no such day in the calendar.",
        "Correct the day; years run from 0001 to 9999.",
    ),
    "value.id": Code(
        "The id is not a URI as this ledger takes them.",
        "Use at most 256 ASCII characters of a URI, with a lower-case scheme and no percent sign, for "
        "instance urn:example:lot:4711.",
    ),
    "value.name": Code(
        "The name could mislead the people who read it.",
        "Give 1 to 200 visible characters in Unicode form NFC, without control, bidi or zero-width "
        "characters and without white space at the ends.",
    ),
    "value.ratio": Code(
        "The ratio is not a plain decimal with at most six places.",
        'Write it as a string such as "1.889".',
    ),
    # -- key, statement: keys and JWS (ledger.keys, ledger.keyfile, ledger.statement)
    "key.type": Code(
        "The key is of a kind that this ledger does not use.",
        "Use an Ed25519 key (kty OKP, crv Ed25519) or a P-256 key (kty EC, crv P-256).",
    ),
    "key.member": Code(
        "The key lacks a member that its kind needs, or has one that no public key has.",
        "Give kty, crv and x (P-256: also y) as strings, and nothing else but kid, use, alg, key_ops or ext.",
    ),
    "key.private": Code(
        "The key holds the secret member d where a public key belongs.",
        "Treat this key as lost: revoke it, make a new one, and give away only the public half.",
    ),
    "key.encoding": Code(
        "A coordinate or secret of the key is not 32 octets in unpadded base64url.",
        "Write x, y and d as RFC 7518 says: always 32 octets, leading zeros kept, base64url without padding.",
    ),
    "key.point": Code(
        "The key is not a canonical point of its curve's prime-order group, so libraries could "
        "disagree about its signatures.",
        "Make a new key with a common library; an honest one never makes such a key.",
    ),
    "key.mismatch": Code(
        "The secret and the public half of the key do not belong together.",
        "Restore the key file from a copy, or make a new key.",
    ),
    "key.use": Code(
        "The key says that it is for something else than signing with its own algorithm.",
        "Leave out use, or write sig; leave out alg, or write the algorithm of the key's kind.",
    ),
    "key.form": Code(
        "The file does not hold a key.",
        "Give the path of a JSON Web Key, or of an encrypted one made by oreline key.",
    ),
    "key.passphrase": Code(
        "The key file is encrypted, and no passphrase or a wrong one was given.",
        "Give the passphrase that the key was saved with; it cannot be recovered.",
    ),
    "key.unreadable": Code(
        "The key file cannot be read.",
        "Check the path and that you may read the file.",
    ),
    "key.unwritable": Code(
        "The key file cannot be written.",
        "Check that the folder exists, that you may write to it, and that there is room.",
    ),
    "key.exists": Code(
        "There is already a file at that path, and a key is never overwritten.",
        "Choose another path; move the old key away only if you are sure that no one needs it.",
    ),
    "key.file_mode": Code(
        "Others on this machine may read the private key.",
        "Take their rights away with chmod 600; if someone may have read it, revoke the key.",
    ),
    "statement.size": Code(
        "The statement is longer than 48 KiB.",
        "Split the event into several; keep documents elsewhere and give their hashes.",
    ),
    "statement.form": Code(
        "The statement is not three parts of ASCII text with two dots between.",
        "Use JWS compact serialisation (RFC 7515 section 7.1), without line breaks or white space around it.",
    ),
    "statement.base64": Code(
        "A part of the statement is not base64url as RFC 7515 has it: no padding, no white space, no "
        "stray bits.",
        "Send the statement exactly as the JWS library made it.",
    ),
    "statement.header": Code(
        "The header is not a strict JSON object of exactly alg, kid and typ.",
        "Set these three members in the protected header, and no other.",
    ),
    "statement.typ": Code(
        "The header's typ is not oreline+jws.",
        "Set typ to oreline+jws, so that a signature made for something else can never pass as a statement.",
    ),
    "statement.alg": Code(
        "The header's alg is not the one that the key's kind fixes.",
        "Set alg to Ed25519 (or EdDSA) for an Ed25519 key and to ES256 for a P-256 key.",
    ),
    "statement.kid": Code(
        "The header's kid is not the RFC 7638 thumbprint of the key that is to have signed.",
        "Set kid to the base64url SHA-256 thumbprint of the public key, 43 characters.",
    ),
    "statement.signature": Code(
        "The signature is not the key's over this header and payload.",
        "Sign again with the registered key; if you changed nothing, someone else changed the "
        "statement on its way.",
    ),
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
        "Copy the verifier key again from its source; known types are 1 (Ed25519) and 4 (cosignature).",
    ),
    "note.signature": Code(
        "A signature under a known key does not verify.",
        "Do not trust the note: it was changed, or signed by someone else in that key's name.",
    ),
    "note.unsigned": Code(
        "None of the keys that you know has signed the note.",
        "Check that you hold the right keys for this log; if you do, do not trust the note.",
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
    "trust.text": Code(
        "The trust file holds a character that is not allowed, or its last line does not end in a newline.",
        "Write the trust file as UTF-8 text with plain newlines and no control characters but tabs.",
    ),
    "trust.line": Code(
        "A line of the trust file is not log, witness, group, quorum, charter, a comment or empty.",
        "Correct the line that is named; the form is that of C2SP tlog-policy plus one charter line.",
    ),
    "trust.key": Code(
        "A key of the trust file cannot be read, or is not of the type that its line needs.",
        "Copy the verifier key again: a log's key has type 1 (Ed25519), a witness's type 4 (cosignature).",
    ),
    "trust.duplicate": Code(
        "The trust file names something twice that may stand there once.",
        "Remove one of the two: a log's or witness's key, a name, a membership, the quorum, the charter.",
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
        "Add the line; without the charter's hash an operator could invent a whole ledger.",
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
        "The checkpoint is of a log that the trust file does not list.",
        "Use the trust file of that ledger; if you do, do not trust the checkpoint.",
    ),
    "trust.log": Code(
        "No log key of the trust file has signed the checkpoint.",
        "Check that the trust file is the current one; if it is, do not trust the checkpoint.",
    ),
    "trust.quorum": Code(
        "Too few of the trust file's witnesses have signed the checkpoint.",
        "Ask for a checkpoint, or a proof, that bears the cosignatures your trust file requires.",
    ),
    # -- event: the event models (ledger.events)
    "event.object": Code(
        "The payload of the statement is not a JSON object.",
        "Sign one event as one JSON object; send several events as several statements.",
    ),
    "event.type": Code(
        "The member `type` does not name a type of event.",
        "Use one of the types in docs/reference/events.md, spelt exactly so.",
    ),
    "event.missing": Code(
        "A member that this type of event requires is absent.",
        "Add the member that the path names, then sign and post the event again.",
    ),
    "event.unknown": Code(
        "The event has a member that its type does not know.",
        "Check the spelling against docs/reference/events.md; put data of your own into `ext`.",
    ),
    "event.value": Code(
        "A value is not of the form that its member asks for.",
        "Spell the value as the detail says; masses and decimals are text, not numbers.",
    ),
    "event.choice": Code(
        "A value is not one of the words that its member allows.",
        "Use one of the words that the detail lists.",
    ),
    "event.size": Code(
        "A list or map has too few or too many entries.",
        "Leave out an optional list that is empty; spread a long event over several events.",
    ),
    "event.twice": Code(
        "A list names the same thing twice.",
        "Name each thing once.",
    ),
    "event.lot_twice": Code(
        "An event names the same lot twice.",
        "Add the masses up into one line; give each new lot an id of its own.",
    ),
    "event.empty": Code(
        "An amendment that changes nothing.",
        "Name at least one member of the charter with its new value.",
    ),
    "event.order": Code(
        "Two values of the event stand in the wrong order: first and last day, or gross and tare.",
        "Check whether the two were exchanged, and correct them.",
    ),
    # -- charter, registrar, party, site: the registry's rules
    "catalogue.limits": Code(
        "A lower limit in the catalogue is above its upper limit.",
        "Write the pair as [lower, upper].",
    ),
    "catalogue.material": Code(
        "The catalogue names a material that is not among its materials.",
        "Add the material to `materials`, or correct its spelling.",
    ),
    "catalogue.site_kind": Code(
        "The catalogue names a kind of site that is not among its `site_kinds`.",
        "Add the kind to `site_kinds`, or correct its spelling; `any` stands alone.",
    ),
    "catalogue.role": Code(
        "The catalogue names a role that is not among its `roles`.",
        "Add the role to `roles`, or correct its spelling.",
    ),
    "catalogue.process": Code(
        "A process of the catalogue has no inputs or no outputs.",
        "List at least one material of each; a process that makes nothing is an `exit`.",
    ),
    "catalogue.addition": Code(
        "A process of the catalogue allows an addition that carries origin, so metal could enter unseen.",
        "List such a material among the process's `inputs`; its lots then come from a `source`.",
    ),
    # -- lot, mass, process, time, owner, hold, mark: custody's rules
    # -- correct, attest: assurance's rules
    # -- store, guard, clock: the environment
    "clock.behind": Code(
        "This machine's clock is more than 60 seconds behind the ledger's last entry.",
        "Set the clock; nothing was recorded.",
    ),
    "guard.missing": Code(
        "Checkpoints were signed before, and the guard that remembers the last one is not here.",
        "Bring the guard's file from the machine that signed last; if it is lost, run `oreline audit --adopt-guard`.",
    ),
    "guard.rolled_back": Code(
        "The store has fewer entries than the last signed checkpoint: it was restored from an old copy.",
        "Do not sign. Bring back the newest copy of the store; nobody may see two histories.",
    ),
    "guard.forked": Code(
        "The store's history is not the one that was signed.",
        "Do not sign. Run `oreline audit`, and bring back a copy of the store with the signed history.",
    ),
    "store.exists": Code(
        "There is a ledger in this folder already.",
        "Choose another folder; a ledger is never made anew in place.",
    ),
    "store.empty": Code(
        "The ledger in this folder has no charter yet.",
        "Finish creating it with `oreline init`.",
    ),
    "store.missing": Code(
        "There is no ledger in this folder.",
        "Check the path, or make a new ledger there with `oreline init`.",
    ),
    "store.foreign": Code(
        "The file is not an Oreline ledger.",
        "Point to the folder of a ledger, or move the other file away before you make a new ledger here.",
    ),
    "store.newer": Code(
        "The ledger's file was written by a newer Oreline, in a format that this one does not know.",
        "Install the newer version of Oreline; the file has not been changed.",
    ),
    "store.busy": Code(
        "Another writer holds the ledger, and did not let go of it in time.",
        "Try again; posting again never records twice. If it persists, look for a process that hangs.",
    ),
    "store.full": Code(
        "There is no space left for the ledger; nothing of this write was kept.",
        "Free space on the disk that holds the ledger, then send the same again.",
    ),
    "store.read_only": Code(
        "The ledger's file, or its folder, may not be written to.",
        "Give this user the right to write to the folder and its files, or mount the disk writable.",
    ),
    "store.corrupt": Code(
        "The ledger's file is damaged or was altered: what it holds cannot be read as a ledger.",
        "Stop writing, keep the file for examination, and restore a copy; then run `oreline audit`.",
    ),
    "store.unavailable": Code(
        "The ledger's storage could not be read or written.",
        "Look at the detail and at the disk's health and rights; then try again.",
    ),
    "store.unknown_outcome": Code(
        "The storage failed at the moment of commit: the group is wholly there or not at all, unknown which.",
        "Remedy the storage, then send the same again: what was recorded is answered with its first receipt.",
    ),
    "store.closed": Code(
        "The store was closed before this request reached it.",
        "Try again once the service has started; a program must open the store anew.",
    ),
    "guard.moved": Code(
        "The guard holds another checkpoint than the one to be replaced: someone else signed in between, or "
        "the store is older than the last signed checkpoint.",
        "If another replica signed, try again. If the store was restored from a copy, recover the missing "
        "entries first: signing now would make a second history.",
    ),
    "guard.inside": Code(
        "The guard's folder is the ledger's folder or lies in it: who restores an old copy of the ledger "
        "would restore the guard with it.",
        "Point $ORELINE_GUARD to a folder outside the ledger's.",
    ),
    "guard.corrupt": Code(
        "The guard's file is not what the guard wrote.",
        "Compare it with the last published checkpoint and restore it from there; never just delete it.",
    ),
    "guard.busy": Code(
        "Another process holds the guard's lock, and did not let go of it in time.",
        "Try again; if it persists, look for a process that hangs.",
    ),
    "guard.unavailable": Code(
        "The guard's file could not be read or written durably, so no checkpoint may be signed.",
        "Make the guard's folder ($ORELINE_GUARD) writable and give its disk space; then try again.",
    ),
    # -- request: what a caller asked of a face (API, CLI)
    "request.cursor": Code(
        "The cursor is not one that the previous page of this very list gave.",
        "Pass `next` of the page before as it is, with the same question; or begin again without a cursor.",
    ),
    "request.route": Code(
        "There is nothing at this path.",
        "Look the path up in /openapi.json; ids go into the query, never into the path.",
    ),
    "request.method": Code(
        "This path does not take that HTTP method.",
        "Use one of the methods that the Allow header lists.",
    ),
    "request.parameter": Code(
        "A parameter is missing, has a value of the wrong form, is given twice, or is not known here.",
        "Correct the parameter that the path names; /openapi.json describes all of them.",
    ),
    "request.type": Code(
        "The body is not announced as plain JSON.",
        "Send Content-Type: application/json, in UTF-8, and no Content-Encoding.",
    ),
    "request.body": Code(
        "The body is not a JSON array of statements, each a string, or it ended too early.",
        'Send an array such as ["<statement>", "<statement>"]; each statement is one compact JWS.',
    ),
    "request.size": Code(
        "The body is larger than 8 MiB.",
        "Post the statements in several batches; each is all or nothing.",
    ),
    "request.count": Code(
        "The batch holds more than 5,000 statements.",
        "Post the statements in several batches; each is all or nothing.",
    ),
    "request.slow": Code(
        "The body did not arrive within a minute.",
        "Post smaller batches, or over a faster connection; nothing was recorded.",
    ),
    "request.busy": Code(
        "More is being posted at this moment than the server may hold in memory.",
        "Wait as long as Retry-After says, then post the same again; nothing was recorded.",
    ),
    "request.absent": Code(
        "The ledger does not hold what was asked for.",
        "Check the id or the index; what was posted a moment ago is there once its receipt is.",
    ),
    "request.uncovered": Code(
        "No published checkpoint covers what was asked for yet.",
        "Ask again in a moment, or post with wait=checkpoint.",
    ),
    "request.address": Code(
        "The server cannot listen on that address and port.",
        "Choose a free port and an address of this machine; ports below 1024 need rights that you lack.",
    ),
    "request.internal": Code(
        "The server made a mistake of its own.",
        "Post again if you were posting, which never records twice; tell the operator, whose log has more.",
    ),
    # -- command: the command line
    "command.usage": Code(
        "The command line is not one that oreline understands.",
        "Add --help to the command to see what it takes.",
    ),
    "command.ledger": Code(
        "The command line does not say which ledger is meant.",
        "Give --ledger FOLDER, or set ORELINE_LEDGER to the folder that holds ledger.db.",
    ),
    "command.key": Code(
        "The command line does not say which private key is to sign.",
        "Give --key FILE, or set ORELINE_KEY; `oreline key new` makes a key.",
    ),
    "command.input": Code(
        "The file cannot be read.",
        "Check the path and that you may read the file; a - stands for standard input.",
    ),
    "command.content": Code(
        "The file does not hold what this command takes.",
        "Check that it is the right file; the command's --help says what it takes.",
    ),
    "command.output": Code(
        "The output could not be written, and nothing half-written was left behind.",
        "Check that the folder exists, that you may write to it, and that the disk has room.",
    ),
    "command.exists": Code(
        "There is something at that path already, and it is not overwritten.",
        "Choose another path, or move away what is there.",
    ),
    "command.remote": Code(
        "The server could not be reached, or its answer is not that of a ledger.",
        "Check the URL and that `oreline serve` runs there; to post the same again never records twice.",
    ),
    "command.public": Code(
        "The address can be reached from other machines.",
        "Serve on 127.0.0.1 behind a proxy that encrypts and knows its users; or say --public if you mean it.",
    ),
    "command.internal": Code(
        "The program made a mistake of its own.",
        "Set ORELINE_DEBUG=1, run the command again, and send what it prints to those who maintain Oreline.",
    ),
    # -- proof, chain, missing, standing: the offline check
    "proof.size": Code(
        "The proof is larger than 64 MiB or holds more than 100,000 entries.",
        "Ask for a smaller proof: --min-share leaves out ancestors of a small share and lists them.",
    ),
    "proof.form": Code(
        "The proof file is not spelt exactly as JSON.stringify gives its members, plus one newline.",
        "Get the proof again from its source, as bytes; do not re-format it or change its line ends.",
    ),
    "proof.format": Code(
        "The file says that it is of a format other than oreline-proof/1.",
        "Check that this is a proof; if its version is newer, use a newer oreline.",
    ),
    "proof.register": Code(
        "The proof has the member register, which is reserved and which this version cannot check.",
        "Use a newer oreline to check this proof.",
    ),
    "proof.order": Code(
        "The indices of the proof's entries do not strictly ascend.",
        "Get the proof again from its source; if it stays so, whoever made it made it wrongly.",
    ),
    "proof.range": Code(
        "The proof holds an entry whose index is not below the checkpoint's size.",
        "Get the proof again from its source; its checkpoint does not cover its entries.",
    ),
    "proof.last": Code(
        "The proof lacks the last entry below the checkpoint's size, which dates the proof.",
        "Ask for a proof that holds it: every honestly made proof does.",
    ),
    "proof.hash": Code(
        "A hash of the proof is not the base64 of 32 bytes.",
        "Get the proof again from its source; it was changed on the way.",
    ),
    "proof.hashes": Code(
        "The proof's hashes do not fit the tree: too few, too many, or leaves that are not in it.",
        "Get the proof again from its source; if it stays so, whoever made it made it wrongly.",
    ),
    "proof.inclusion": Code(
        "The inclusion proof does not fit the leaf's index and the tree's size.",
        "Get the proof again from its source; if it stays so, do not trust the entry.",
    ),
    "proof.consistency": Code(
        "The later tree is not shown to begin with the earlier one.",
        "Keep both checkpoints: if no consistency proof exists, the log has told two histories.",
    ),
    "proof.tlog": Code(
        "The text is not a C2SP tlog-proof: heading, extra, index, hashes, an empty line, the checkpoint.",
        "Get the proof again from its source; transfer it as bytes, without changing its line ends.",
    ),
    "proof.subject": Code(
        "The ledger has no lot of this id.",
        "Check the id for misprints; search the ledger for the part's marks to find its lot.",
    ),
    "proof.unpublished": Code(
        "The lot is newer than the last published checkpoint, or none has been published.",
        "Publish a checkpoint first (`oreline serve` does so regularly), then ask for the proof again.",
    ),
    "chain.charter": Code(
        "Entry 0 of the proof is not the charter that the trust file names.",
        "Do not rely on it: this is another ledger, or an invented one. Compare your trust file's source.",
    ),
    "chain.origin": Code(
        "The checkpoint is of another log than the one that the charter names.",
        "Do not rely on it: the entries of one ledger were put under the checkpoint of another.",
    ),
    "chain.fork": Code(
        "Two checkpoints or proofs show different histories of the same log.",
        "Keep both files: together they prove that the operator told two histories. Tell the witnesses.",
    ),
    "chain.stale": Code(
        "The proof's last entry is older than the age that you allow.",
        "Ask for a new proof. If the ledger is merely quiet, allow a greater age.",
    ),
    "chain.root": Code(
        "The entries do not lead to the root that the checkpoint signs: an entry or a hash was changed.",
        "Get the proof again from its source; if it stays so, do not trust whoever gave it out.",
    ),
    "chain.prev": Code(
        "Two adjacent entries do not link: the later does not name the hash of the earlier.",
        "Do not rely on it: no honest ledger makes such entries. Report it to the operator and witnesses.",
    ),
    "chain.received": Code(
        "An entry was received before an entry with a lower index.",
        "Do not rely on it: no honest ledger makes such entries. Report it to the operator and witnesses.",
    ),
    "chain.partly": Code(
        "The chain is unbroken for a part of the mass only.",
        "See the findings beside this one: they say which share is lacking, and why.",
    ),
    "missing.proof": Code(
        "An earlier check failed, so that this one had nothing to check.",
        "Mend what the earlier check says, then check again.",
    ),
    "missing.charter": Code(
        "The charter, or an amendment of it, by which an entry was judged is not in the proof.",
        "Ask for a complete proof: every honestly made one holds the charter and all amendments.",
    ),
    "missing.seen": Code(
        "A checkpoint that you saw earlier cannot be compared with this proof.",
        "Ask for a proof made with `--seen` and that checkpoint, from the present head of the ledger.",
    ),
    "missing.key": Code(
        "The event that registers a signing key is not in the proof.",
        "Ask for a complete proof: something was taken out of this one.",
    ),
    "missing.party": Code(
        "The event that registers a party is not in the proof.",
        "Ask for a complete proof: something was taken out of this one.",
    ),
    "missing.site": Code(
        "The event that registers a site is not in the proof.",
        "Ask for a complete proof: something was taken out of this one.",
    ),
    "missing.lot": Code(
        "The birth of a lot that an event names is not in the proof.",
        "Ask for a complete proof, made without `--min-share`.",
    ),
    "missing.event": Code(
        "An event that another one names is not in the proof.",
        "Ask for a complete proof: something was taken out of this one.",
    ),
    "missing.birth": Code(
        "The subject's own birth is not in the proof, or does not stand.",
        "Check that this is the proof of this part; then ask for a complete one.",
    ),
    "missing.ancestor": Code(
        "What a lot was made of is not in the proof, so its share of the mass is not traced.",
        "Ask for a complete proof, made without `--min-share`, if that share matters to you.",
    ),
    "missing.origin": Code(
        "A share of the mass came from outside: bought in, opening stock, or found in a stocktake.",
        "Ask whoever posted it for evidence; as the ledger stands, nobody can prove its origin.",
    ),
    "standing.unseen": Code(
        "Standing cannot be proven by one file.",
        "Ask the ledger itself how the lot stands, or get a later proof from somebody else.",
    ),
    "standing.withdrawn": Code(
        "The birth of the subject or of a lot in its chain was withdrawn by its poster.",
        "Do not rely on this lot: it never was. Ask its poster what replaces it.",
    ),
    "standing.disputed": Code(
        "An event that the subject rests on is disputed, and the dispute is not resolved.",
        "Ask both parties; when the dispute is resolved, get a new proof.",
    ),
    "standing.difference": Code(
        "A delivery that the subject rests on weighed more or less than was shipped, unresolved.",
        "Ask sender and receiver to resolve the difference; then get a new proof.",
    ),
    "standing.suspect": Code(
        "An entry was signed with a key that was later declared lost or stolen from before that time.",
        "Ask the key's party to confirm what it signed; until then do not rely on this entry.",
    ),
    "standing.attestation": Code(
        "An attestation in the proof was suspended or withdrawn.",
        "Do not rely on that certificate; ask its certifier from when on, and whether another holds.",
    ),
    "standing.overdrawn": Code(
        "More of a lot was used than there was.",
        "Do not rely on it: keep the proofs, they show who used the same metal twice.",
    ),
    # -- audit: the replay
    "audit.missing": Code(
        "An entry is not there, although the ledger goes on after it.",
        "Stop writing, keep the store for examination, and restore a copy that holds the entry.",
    ),
    "audit.entry": Code(
        "The bytes at this place are not an entry, or not the entry of this place.",
        "Stop writing, keep the store for examination, and restore a copy; compare the copy's root first.",
    ),
    "audit.chain": Code(
        "The entry does not follow the one before it: its `prev` is another entry's leaf hash.",
        "An entry before this one was changed, taken out or put in: restore a copy whose root is the signed one.",
    ),
    "audit.received": Code(
        "The entry says that it was received before the entry that precedes it.",
        "No honest writer made this entry: restore a copy whose root is the signed one.",
    ),
    "audit.statement": Code(
        "The entry's statement is not a well-formed event.",
        "No honest writer made this entry: restore a copy whose root is the signed one.",
    ),
    "audit.signature": Code(
        "The statement's signature is not its key's.",
        "The statement was changed after it was signed: restore a copy whose root is the signed one.",
    ),
    "audit.rule": Code(
        "The rules refuse the entry on replay, so no honest writer admitted it.",
        "Restore a copy whose root is the signed one; if that is refused too, the operator broke the rules.",
    ),
    "audit.needs": Code(
        "The needs that the store keeps for an entry are not those that its replay finds.",
        "The entries are sound; rebuild everything derived from them with `oreline audit --rebuild`.",
    ),
    "audit.flow": Code(
        "The flows that the store keeps for an entry are not those that its replay finds.",
        "The entries are sound; rebuild everything derived from them with `oreline audit --rebuild`.",
    ),
    "audit.touch": Code(
        "The corrections and attestations that the store keeps for an entry are not those of its replay.",
        "The entries are sound; rebuild everything derived from them with `oreline audit --rebuild`.",
    ),
    "audit.tile": Code(
        "A hash tile is not that of the entries.",
        "The entries are sound; rebuild everything derived from them with `oreline audit --rebuild`.",
    ),
    "audit.record": Code(
        "A record of the register is not what the entries make it.",
        "The entries are sound; rebuild everything derived from them with `oreline audit --rebuild`.",
    ),
    "audit.head": Code(
        "The head is not the end of the entries.",
        "The entries are sound; rebuild everything derived from them with `oreline audit --rebuild`.",
    ),
    "audit.checkpoint": Code(
        "The checkpoint is not one of this ledger: it cannot be read, or its operator has not signed it.",
        "Publish a new checkpoint; if this one came from elsewhere, ask there which ledger it is of.",
    ),
    "audit.root": Code(
        "The entries have another root than the signed checkpoint: they are not the history that was signed.",
        "Keep both as evidence: either the store was rewritten, or two histories were signed.",
    ),
    "audit.rolled_back": Code(
        "The checkpoint covers more entries than the store holds.",
        "The store was restored from an old copy or cut short: bring back the newest copy before anyone signs.",
    ),
}
