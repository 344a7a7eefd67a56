"""What the replay of a whole ledger finds."""

from ledger.codes.code import Code

AUDIT: dict[str, Code] = {
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
        "An entry before this one was changed, taken out or put in: restore a copy whose root is the "
        "signed one.",
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
    "audit.account": Code(
        "A kept account, from which a lot's claims are told, is not what the entries make it.",
        "The entries are sound; drop all kept accounts with `oreline audit --rebuild`, then ask again.",
    ),
    "audit.register": Code(
        "The register event states another root than the entries before it make.",
        "The operator signed it, so it is evidence against him: keep the file that `oreline audit` writes.",
    ),
    "audit.map": Code(
        "The map of the register that the store keeps is not the one that its entries make.",
        "The entries are sound; rebuild everything derived from them with `oreline audit --rebuild`.",
    ),
    "audit.head": Code(
        "The head is not the end of the entries.",
        "The entries are sound; rebuild everything derived from them with `oreline audit --rebuild`.",
    ),
    "audit.stray": Code(
        "The store's file holds what is not the ledger's: rows beyond its end, counts that do "
        "not fit its rows, or triggers.",
        "Someone else wrote into it; make the ledger anew from its entries with `oreline audit --rebuild`.",
    ),
    "audit.checkpoint": Code(
        "The checkpoint is not one of this ledger: it cannot be read, or its operator has not signed it.",
        "Post something, and the next checkpoint takes its place (`oreline audit --rebuild` drops one that "
        "cannot be read); if it came from elsewhere, ask there which ledger it is of.",
    ),
    "audit.root": Code(
        "The entries have another root than the signed checkpoint: they are not the history that was signed.",
        "Keep both as evidence: either the store was rewritten, or two histories were signed.",
    ),
    "audit.rolled_back": Code(
        "The checkpoint covers more entries than the store holds.",
        "The store was restored from an old copy or cut short: bring back the newest copy before anyone "
        "signs.",
    ),
}
