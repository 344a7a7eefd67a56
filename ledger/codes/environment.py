"""What can go wrong around the ledger: its storage, its guard, its clock."""

from ledger.codes.code import Code

ENVIRONMENT: dict[str, Code] = {
    # -- store, guard, clock: the environment
    "key.not_operator": Code(
        "An operator's key in the ledger's folder is not the one that the charter names; or not the one of "
        "ML-DSA-44 that the folder's trust file names.",
        "Put the operator key there that is named; to change the charter's, post an `amend` by the recovery "
        "key first.",
    ),
    "clock.behind": Code(
        "This machine's clock is more than 60 seconds behind the ledger's last entry.",
        "Set the clock; if it was ahead when that entry was made, wait. Nothing was recorded.",
    ),
    "guard.missing": Code(
        "Checkpoints were signed before, and the guard that remembers the last one is not here.",
        "Sign as the user who signed last, or say with $ORELINE_GUARD where the guard is; from another "
        "machine bring its file along. If it is lost, run `oreline audit --adopt-guard`.",
    ),
    "guard.rolled_back": Code(
        "The store has fewer entries than the last signed checkpoint: it was restored from an old copy.",
        "Do not sign. Bring back the newest copy of the store, or the missing entries from a copy of the log "
        "with `oreline restore`; nobody may see two histories.",
    ),
    "guard.forked": Code(
        "The store's history is not the one that was signed.",
        "Do not sign. Run `oreline audit`, and bring back a copy of the store with the signed history; or "
        "put ledger.db aside and make it anew from a copy of the log with `oreline restore`.",
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
        "Check the path (--ledger, or ORELINE_LEDGER), or make a new ledger there with `oreline init`.",
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
        "Try again; posting again never records twice. If it persists, look for what has it open: a "
        "server that runs (--rebuild needs it stopped), or a process that hangs.",
    ),
    "store.full": Code(
        "There is no space left for the ledger; nothing of this write was kept.",
        "Free space on the disk that holds the ledger, then send the same again.",
    ),
    "store.read_only": Code(
        "The ledger's file, or its folder, may not be written to.",
        "Give this user the right to write to the folder and its files, mount the disk writable, or copy the "
        "folder to where you may write. To read it takes no more than the right to read, once whoever wrote "
        "last has closed it or while they have it open.",
    ),
    "store.changed": Code(
        "The ledger was written to while it was read by someone who may not write there.",
        "Ask again: while its server has the ledger open, it can be read all the same.",
    ),
    "store.corrupt": Code(
        "The ledger's file is damaged or was altered: what it holds cannot be read as a ledger.",
        "Stop writing, keep the file for examination, and restore a copy; then run `oreline audit`.",
    ),
    "store.unavailable": Code(
        "The ledger's storage could not be read or written.",
        "Look at the detail and at the disk's room, health and rights; then try again.",
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
    # -- restore: entries brought back from a copy of the log
    "restore.missing": Code(
        "The copy of the log does not hold what is asked for.",
        "Check the path: it is a ledger's folder, the folder `mirror` of a witness that replays, or what "
        "`oreline export tiles` wrote. If it is right, the copy is not whole: take another one.",
    ),
    "restore.short": Code(
        "The copy of the log ends before the last checkpoint that was signed.",
        "Nothing was written. Take a copy that has all entries of that checkpoint: another witness's, a "
        "monitor's, or a newer export.",
    ),
    "restore.other": Code(
        "It is the copy of another ledger.",
        "Nothing was written. Check which ledger the copy is of, and which one is to be restored.",
    ),
    "restore.served": Code(
        "The copy holds entries or tiles that do not belong to the checkpoint that was signed.",
        "They were not written. The copy is damaged, or somebody changed it: take another one, and run the "
        "same again; it goes on where it was.",
    ),
    "restore.guard": Code(
        "The copy holds a checkpoint that this log signed after the one that the guard remembers: the guard "
        "is an old copy itself.",
        "Nothing was written. Bring back the newest guard: what is signed on top of an old one is a second "
        "history.",
    ),
    "restore.forked": Code(
        "The log signed two histories.",
        "Nothing was written. Keep the evidence file, which `oreline evidence` checks; find out who signed "
        "with the operator's key, and tell everyone who relies on this ledger.",
    ),
    "restore.refused": Code(
        "The copy holds what was signed, and an entry of it cannot stand: no honest writer admitted it.",
        "Only what comes before it was written. Keep the evidence file, which `oreline evidence` checks; "
        "find out who wrote to the ledger and signed it.",
    ),
    # -- other machines
    "network.unreachable": Code(
        "The other machine could not be reached, did not answer in time, or answered more than is read.",
        "Check the URL and the connection; then try again.",
    ),
    "network.status": Code(
        "The other machine answered, and does not have what was asked for or cannot give it now.",
        "Check that the URL is that of the ledger and ends before /log; then try again.",
    ),
    # -- witness: a witness's own folder, state and guard
    "witness.exists": Code(
        "There is a witness in this folder already.",
        "Choose another folder; a witness is never made anew in place, since its key has a history.",
    ),
    "witness.missing": Code(
        "There is no witness in this folder.",
        "Check the path, or make one there with `oreline witness init`. If its state was lost, retire the "
        "key: make a new witness under a new key.",
    ),
    "witness.store": Code(
        "The witness's state could not be read or written, so it cosigns nothing.",
        "Look at the detail and at the disk's room, health and rights; then try again.",
    ),
    "witness.unguarded": Code(
        "The witness has cosigned for this log before, and the guard that remembers the last checkpoint is "
        "not here: its folder may be an old copy.",
        "Bring the guard's file along ($ORELINE_GUARD). If it is lost, make sure that the log has published "
        "nothing newer with this witness's cosignature; then run `oreline witness serve --adopt-guard` once.",
    ),
    "witness.forked": Code(
        "The witness's state and its guard hold checkpoints of one size with different roots: two histories "
        "were cosigned.",
        "Stop. Keep both files as evidence, retire this key, and tell everyone who trusts it.",
    ),
    "witness.clock": Code(
        "This machine's clock is more than 60 seconds behind the witness's last cosignature.",
        "Set the clock; nothing was cosigned.",
    ),
    "witness.behind": Code(
        "The witness has not replayed the checkpoint yet: it is busy with the entries before, or another "
        "process is.",
        "Ask again: it goes on meanwhile. GET /health tells how far it is.",
    ),
    "witness.ahead": Code(
        "The checkpoint's last entry says that it was received more than five minutes from now, by the "
        "witness's clock.",
        "Nothing was cosigned; it will be once that time has come. If this machine's clock is right, the "
        "ledger's runs ahead, or was set so: ask its operator.",
    ),
    "witness.served": Code(
        "The log serves entries or tiles that do not belong to the root that it signed, so they cannot be "
        "replayed.",
        "Nothing was cosigned. Look for a stale cache in between; if it stays so, ask the log's operator.",
    ),
    "witness.stopped": Code(
        "The witness was stopped while it replayed.",
        "Start it again: it goes on where it was.",
    ),
    "witness.replays": Code(
        "This witness replays the rules before it cosigns, and its key vouches for that.",
        "Run it with `oreline witness replay`; for a plain witness make another one, with a key of its own.",
    ),
    "witness.plain": Code(
        "This witness was served without replaying, and what its key vouches for never changes.",
        "Run it with `oreline witness serve`; for one that replays make another one, with a key of its own.",
    ),
    "witness.quorum": Code(
        "Too few of the witnesses cosigned the new checkpoint, so it is not published; the old one stays.",
        "Nothing is lost: what was posted is recorded, and the next attempt goes on from there. See /health "
        "or the detail for each witness's reason, and mend what keeps it.",
    ),
}
