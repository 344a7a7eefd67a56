"""What a report was asked for that it cannot give."""

from ledger.codes.code import Code

REPORT: dict[str, Code] = {
    "report.kind": Code(
        "There is no report of this kind.",
        "Choose section232, uflpa, cbam, asi-account, coc-document or exclusive.",
    ),
    "report.field": Code(
        "The report has no such field to be given, or the value is empty, too long or not on one line.",
        "Give only the fields that the reference of reports lists for this kind, each as plain text.",
    ),
    "report.option": Code(
        "The option does not belong to this kind of report.",
        "Leave it out; the reference of reports says which kind takes which option.",
    ),
    "report.document": Code(
        "The lot was not shipped with a chain-of-custody document of that number.",
        "Leave the number out to get the latest, or look it up with `oreline show LOT`.",
    ),
    "report.subject": Code(
        "This kind of report cannot be made of what was named.",
        "Name an account for asi-account (`oreline show SITE` lists those of a site), or a lot, which "
        "tells its accounts; a lot or a site for exclusive; a lot for all others.",
    ),
}
