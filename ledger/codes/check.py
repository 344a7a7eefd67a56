"""What the offline check of a proof finds."""

from ledger.codes.code import Code

CHECK: dict[str, Code] = {
    # -- proof, chain, missing, standing: the offline check
    "proof.size": Code(
        "The proof is larger than 64 MiB or holds more than 100,000 entries.",
        "Ask for a smaller proof: --horizon 5% rests on the register's root behind smaller shares,"
        " --min-share leaves such ancestors out and lists them.",
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
        "The proof's member register is not made of records, buckets and hashes as the format says.",
        "Get the proof again from its source, as bytes; if it stays so, whoever made it made it wrongly.",
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
        "The proof's hashes are not the base64 of 32 octets each, joined.",
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
        "Check the id, or the number, for misprints; `oreline show` finds lots by the beginning of their id "
        "or of what is stamped on them.",
    ),
    "history.unknown": Code(
        "The ledger has no entry about this lot, or of this party in this month.",
        "Check the id, or the number, for misprints; `oreline show` finds lots by the beginning of their id "
        "or of what is stamped on them. A month is written 2026-03, and is that of the events' own time.",
    ),
    "history.incomplete": Code(
        "The file is not the whole history: the register knows of other entries, or of more.",
        "Do not rely on this file: entries were taken out of it, or put in. Ask the ledger itself for it.",
    ),
    "horizon.form": Code(
        "The horizon is not a share, a number of births back, or a date.",
        "Write it as 5% (or 0.05), 4, or 2026-03-01.",
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
    "chain.future": Code(
        "The proof's last entry was received at a time that is yet to come.",
        "Check this machine's clock. If it is right, the ledger's runs ahead, so nothing says how old the "
        "proof is: ask its operator.",
    ),
    "chain.ahead": Code(
        "The proof's last entry says that it was received after the last of the witnesses had cosigned it.",
        "The ledger's clock ran ahead, or was set so: nothing tells when anything was received. Keep the "
        "proof, and ask the operator and the witnesses.",
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
    "claims.contradicted": Code(
        "A certifier declared a better value of a lot than the entries it rests on come to.",
        "Ask the certifier how the value was found, and the lot's maker what the entries leave out; until "
        "one of them corrects it, rely on the value that was recomputed.",
    ),
    "missing.work": Code(
        "The proof's lots have more origins than are followed, so the rest of it was not checked.",
        "Ask for a proof made with --min-share, which leaves out small ancestors.",
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
        "The proof does not show the register, so how the subject stands cannot be proven from it.",
        "Ask the ledger for a proof from its last checkpoint: an honest one shows the register.",
    ),
    "standing.not_shown": Code(
        "The proof shows the register, but not all that tells how the subject stands.",
        "Ask the ledger itself for the proof: what is not shown may have been taken out on the way.",
    ),
    "standing.left_out": Code(
        "Something was said about what the subject rests on, and the proof leaves it out.",
        "Do not rely on this file: a correction, a revocation or a suspension was taken out of it. Ask the "
        "ledger itself for a proof.",
    ),
    "standing.beyond": Code(
        "What was said about the lots at the horizon, and about all behind them, is not in the proof.",
        "Ask the ledger itself (`oreline check`), or for a proof without a horizon: whoever made this one "
        "chose where it stops, and a dispute may lie behind that. --accept-root does without knowing.",
    ),
    "rests.root": Code(
        "Part of the ancestry is not replayed here: it rests on the register's root.",
        "Ask for a proof without a horizon; or, if you trust those who signed the root, use --accept-root, "
        "and ask the ledger itself how all of it stands.",
    ),
    "register.missing": Code(
        "The proof shows the register, but its last entry is not the event with the register's root.",
        "Get the proof again from its source: what it shows of the register belongs to no root.",
    ),
    "register.record": Code(
        "A record in the proof is not one that the register has, or not spelt as the register spells it.",
        "Get the proof again from its source; if it stays so, whoever made it made it wrongly.",
    ),
    "register.contradicted": Code(
        "The register's record is not what the replayed entries, or an earlier root, come to.",
        "Keep the proof: either its maker changed it, or the operator signed a root that is not that of the "
        "entries. Ask whoever replays the ledger.",
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
}
