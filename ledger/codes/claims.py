"""What claims are asked for that there is none to make."""

from ledger.codes.code import Code

CLAIMS: dict[str, Code] = {
    "claims.subject": Code(
        "There is no such lot (or site, where one may be asked for) in the ledger.",
        "Check the id; `oreline show` finds lots by the beginning of their id or by what is stamped on them.",
    ),
}
