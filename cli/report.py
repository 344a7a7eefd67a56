"""``oreline report``: what people hand in, made of a ledger or of a proof file."""

import re
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from cli import files, options, output
from cli.errors import DOES_NOT_HOLD, NOT_CHECKED

if TYPE_CHECKING:
    from ledger.claims.document import Claims
    from ledger.reports import Listed, Report

KINDS = ("section232", "uflpa", "cbam", "asi-account", "coc-document", "exclusive")
ENDINGS = {".html": "html", ".htm": "html", ".json": "json"}
"""The format by the name of the file, where none is asked for."""
FOREIGN = (".pdf", ".doc", ".docx", ".odt", ".xls", ".xlsx", ".ods")
"""What programs would not open as the text that it is."""
CODES = {"complete": 0, "disproven": DOES_NOT_HOLD, "incomplete": NOT_CHECKED}


def pairs(context: click.Context, parameter: click.Parameter, given: Sequence[str]) -> dict[str, str]:
    """``NAME=VALUE`` each."""
    found: dict[str, str] = {}
    for text in given:
        name, equals, value = text.partition("=")
        if not equals or not name:
            raise click.BadParameter("a field is written NAME=VALUE", context, parameter)
        if name in found:
            raise click.BadParameter(f"{name} is given twice", context, parameter)
        found[name] = value
    return found


def listed_of(given: Sequence[str]) -> "Listed | None":
    """What may not be in the chain: a country as CN, a subdivision as CN-XJ, or the id of a party or site."""
    from ledger.policy.countries import no_place
    from ledger.reports import Listed

    if not given:
        return None
    countries = [one for one in given if re.fullmatch("[A-Z]{2}", one)]
    subdivisions = [one for one in given if re.fullmatch("[A-Z]{2}-[A-Z0-9]{1,3}", one)]
    ids = tuple(one for one in given if ":" in one)
    if len(countries) + len(subdivisions) + len(ids) != len(given):
        raise click.UsageError("--listed takes a country (CN), a subdivision (CN-XJ) or an id.")
    for code in (*countries, *subdivisions):
        if no_place(code[:2]):  # a misprint would touch nothing, ever
            raise click.UsageError(f"--listed {code}: {code[:2]} is no country (ISO 3166-1).")
    return Listed(tuple(countries), tuple(subdivisions), ids, ids)


@click.command("report")
@click.argument("kind", metavar="KIND", type=click.Choice(KINDS))
@click.argument("subject", metavar="[LOT|SITE|ACCOUNT]", required=False)
@options.ledger
@click.option("--proof", metavar="FILE", help="Instead of a ledger: a proof file, checked offline.")
@click.option("--trust", "trust_file", metavar="FILE", help="With --proof: what you trust.")
@click.option("--plant", metavar="SITE", help="exclusive: the plant that must have used all of it.")
@click.option(
    "--listed",
    metavar="CODE_OR_ID",
    multiple=True,
    help="uflpa: a country, subdivision, party or site that may not be in it; CN-XJ if none is given.",
)
@click.option("--document", metavar="NUMBER", help="coc-document: which of the lot's; else the latest.")
@click.option(
    "--field",
    "fields",
    metavar="NAME=VALUE",
    multiple=True,
    callback=pairs,
    help="cbam, coc-document: a field that no event says; it is marked as stated by you.",
)
@click.option("--page", type=options.Whole(1), metavar="N", help="asi-account: which page of the bookings.")
@click.option(
    "--format",
    "form",
    type=click.Choice(["text", "json", "html"]),
    help="text, json, or html: one page, ready to print. If not given: as FILE ends, else text.",
)
@click.option("-o", "out", metavar="FILE", help="Write it to this file.")
@options.as_json
@click.pass_context
def command(
    context: click.Context,
    kind: str,
    subject: str | None,
    folder: str | None,
    proof: str | None,
    trust_file: str | None,
    plant: str | None,
    listed: tuple[str, ...],
    document: str | None,
    fields: dict[str, str],
    page: int | None,
    form: str | None,
    out: str | None,
    as_json: bool,
) -> None:
    """Make a report to hand in: of a lot, of a site (exclusive), or of an account (asi-account).

    \b
    section232    countries of smelt and last cast, for a US customs entry
    uflpa         the chain tier by tier, for a forced-labour review
    cbam          emissions, route, scrap and elements, for an EU importer
    asi-account   the statement of a mass-balance account
    coc-document  the chain-of-custody document of a shipment
    exclusive     agreed and delivered, and where all metal went

    Exit code 0: complete; 2: fields are missing, and each is named with whom to ask; 1: what the report is
    about does not hold.
    """
    from ledger.reports import make

    if proof is None and not subject:
        raise click.UsageError("Name a lot, a site or an account; or a proof file with --proof.")
    if (proof is None) != (trust_file is None):
        raise click.UsageError("--proof and --trust belong together.")
    if proof is not None and page is not None:
        raise click.UsageError("--page is of an account's bookings, which no proof holds.")
    if as_json and form not in (None, "json"):
        raise click.UsageError("--json and --format exclude each other.")
    suffix = Path(out or "").suffix.lower()
    if suffix in FOREIGN and not (form or as_json):
        raise click.UsageError(
            f"A report is text, JSON or HTML, and not {suffix}: a browser prints .html as PDF."
        )
    wanted = listed_of(listed)
    more: dict[str, Any] = {
        "fields": fields,
        "listed": wanted,
        "plant": plant or "",
        "document": document or "",
    }
    if proof is None:
        report = _of_ledger(folder, kind, subject or "", page, more)
    else:
        report = make(kind, _of_proof(proof, trust_file, subject), **more)
    _give(report, "json" if as_json else form or ENDINGS.get(suffix, "text"), out)
    context.exit(CODES[report.outcome])


def _of_ledger(
    folder: str | None, kind: str, subject: str, page: int | None, more: dict[str, Any]
) -> "Report":
    from ledger.reports import asked, make

    with options.reading(options.ledger_folder(folder)) as store:
        listed = more["listed"]
        for id in asked.strangers(store, listed.parties if listed else ()):  # would touch nothing, ever
            output.note(f"{id} is listed, but is no party or site of this ledger")
        subject = options.lot_of(store, subject)
        claims, beside = asked.whole(store, kind, subject, more["plant"], page)
        return make(kind, claims, beside=beside, **more)


def _of_proof(name: str, trust_file: str | None, subject: str | None) -> "Claims":
    from cli.trustfile import trust_of
    from ledger.reports import asked
    from ledger.verify import check

    assert trust_file is not None
    (checked,) = check([files.read_proof(name)], trust_of(trust_file)).proofs
    if subject and subject != checked.subject:
        raise click.UsageError(f"The proof is of {checked.subject or 'nothing that can be read'}.")
    return asked.of_proof(checked)


def _give(report: "Report", form: str, out: str | None) -> None:
    """Print the report, or write it to a file and say how it ends."""
    from ledger.reports import as_html, as_json, as_text, ending

    if out is None:
        if form == "json":
            output.print_json(as_json(report))
        else:
            output.say((as_html(report) if form == "html" else as_text(report, output.width())).rstrip("\n"))
        return
    data = _json(as_json(report)) if form == "json" else None
    if data is None:
        data = (as_html(report) if form == "html" else as_text(report)).encode()
    files.write(Path(out), data)
    if form == "json":
        output.print_json({"file": out, "outcome": report.outcome, "verdict": ending(report)})
        return
    output.say(f"{out}: {len(data):,} bytes. {ending(report)}")


def _json(value: Any) -> bytes:
    import orjson

    return orjson.dumps(value, option=orjson.OPT_INDENT_2 | orjson.OPT_APPEND_NEWLINE)
