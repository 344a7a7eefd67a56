"""Claims that are asked for and that there is nothing to make of."""

from ledger.codes.code import Code

CLAIMS: dict[str, Code] = {
    "claims.subject": Code(
        "There is no such lot (or site, where one may be asked for) in the ledger.",
        "Check the id; `oreline show` finds lots by the beginning of their id or by what is stamped on them.",
    ),
    "claims.process": Code(
        "The ledger's catalogue has no process of that name.",
        "Take one of the names that are listed, spelt as there; `oreline show catalogue` says what each is.",
    ),
}
