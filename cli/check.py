"""``oreline check``: a buyer's policy, asked of lots of a ledger or of proofs."""

import urllib.parse
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from cli import files, options, output, parts
from cli.policy import policy_of
from cli.trustfile import trust_of
from cli.verify import duration

if TYPE_CHECKING:
    from ledger.check.report import Report
    from ledger.policy import Policy, Verdict
    from ledger.policy.output import Location

MOST = 1_000  # lots that a server is asked about at once


@click.command("check")
@click.argument("lots", metavar="[LOT]...", nargs=-1)
@click.option(
    "--policy", "policy_name", metavar="NAME|FILE", required=True,
    help="A shipped policy (`oreline policy list`), or a policy file.",
)  # fmt: skip
@options.ledger
@click.option(
    "--url", metavar="URL", help="Ask the ledger served there instead of a local one. [env: ORELINE_URL]"
)
@click.option(
    "--list", "lists", metavar="FILE", multiple=True,
    help="A list of parts: a lot's id or what is stamped on it on each line; of a .csv in the column headed "
    "lot, serial number or part number, or in the first.",
)  # fmt: skip
@click.option(
    "--proof", "proofs", metavar="FILE", multiple=True, help="Instead of a ledger: a proof file, offline."
)
@click.option("--trust", "trust_file", metavar="FILE", help="With --proof: what you trust, the trust file.")
@click.option(
    "--accept-root",
    is_flag=True,
    help="With --proof: take the register's root for what a proof with a horizon does not replay.",
)
@click.option(
    "--max-age", metavar="DURATION", callback=duration, help="With --proof: refuse older ones: 12h, 30d, 4w."
)
@click.option("--junit", metavar="FILE", help="Write the verdicts there as JUnit XML, too.")
@click.option("--sarif", metavar="FILE", help="Write the verdicts there as SARIF, too.")
@options.as_json
@click.pass_context
def command(
    context: click.Context,
    lots: tuple[str, ...],
    policy_name: str,
    folder: str | None,
    url: str | None,
    lists: tuple[str, ...],
    proofs: tuple[str, ...],
    trust_file: str | None,
    accept_root: bool,
    max_age: int | None,
    junit: str | None,
    sarif: str | None,
    as_json: bool,
) -> None:
    """May we buy LOT? Ask a policy of it: of each requirement pass, fail or not provable, with the events
    that decided it and what to ask whom next.

    Of several lots the worst verdict counts. With --proof nothing but the files is read, and what they do
    not show is not provable; LOT then picks from their subjects, by its id or by what is stamped on it.

    Exit code 0: pass; 1: fail; 2: not provable, or it could not be checked.
    """
    from ledger.policy import EXIT
    from ledger.policy.finding import worst
    from ledger.policy.output import WIDTH, text
    from ledger.policy.output import as_json as json_of
    from ledger.policy.output import junit as junit_of
    from ledger.policy.output import sarif as sarif_of

    policy = policy_of(policy_name)
    for lot in lots:
        options.no_blank(lot)
        if ":" not in lot and Path(lot).is_file():
            raise click.UsageError(
                f"{lot} is a file: a proof goes with --proof, a list of parts with --list."
            )
    listed = [(lot, name, line) for name in lists for lot, line in parts.read(name).items()]
    wanted = list(dict.fromkeys([*lots, *(lot for lot, _, _ in listed)]))
    locations = {lot: _location(name, line) for lot, name, line in reversed(listed) if name != files.STDIN}
    if proofs:
        if not trust_file:
            raise click.UsageError("--proof goes with --trust.")
        verdicts = _of_proofs(policy, proofs, trust_file, accept_root, max_age, wanted, locations)
    elif trust_file or accept_root or max_age is not None:
        raise click.UsageError("--trust, --accept-root and --max-age go with --proof.")
    elif not wanted:
        raise click.UsageError("Name a lot, --list or --proof.")
    else:
        verdicts = list(_of_lots(policy, wanted, folder, url, locations))
    if junit is not None:
        files.write(Path(junit), junit_of(verdicts).encode())
    if sarif is not None:
        files.write(Path(sarif), sarif_of(verdicts, locations).encode())
    if as_json:
        output.print_json(json_of(verdicts))
    else:
        output.say(text(verdicts, min(output.width(), WIDTH)).rstrip("\n"))
    context.exit(EXIT[worst(one.verdict for one in verdicts)])


def _location(name: str, line: int = 1) -> "Location":
    """A file's line as SARIF names it: from where the command runs, which in a pipeline is the repository."""
    from ledger.policy.output import Location

    path = Path(name)
    return Location(path.as_uri() if path.is_absolute() else urllib.parse.quote(path.as_posix()), line)


def _of_lots(
    policy: "Policy",
    lots: Sequence[str],
    folder: str | None,
    url: str | None,
    locations: "dict[str, Location]",
) -> "Iterator[Verdict]":
    """``locations``: of what is asked for; of a number that is stamped on a lot the lot's is added."""
    from cli.target import served

    where = served(folder, url)
    if where is None:
        from ledger.lookup.search import meant
        from ledger.verdicts import of_lots

        with (
            options.reading(options.ledger_folder(folder)) as store,
            output.Progress("events folded for the first time") as folded,
            output.Progress("lots judged") as judged,
        ):
            named = _named(lambda given: meant(store, given), lots, locations)
            for n, one in enumerate(of_lots(store, list(named), policy, folded), 1):
                judged(n, len(named))
                yield one._replace(asked=named[one.subject])
        return
    from cli.remote import Remote

    remote = Remote(where)
    told: set[str] = set()
    for start in range(0, len(lots), MOST):
        some = lots[start : start + MOST]
        for given, row in zip(some, remote.check(some, policy.text), strict=True):
            one = _verdict(row)
            if given in locations:
                locations.setdefault(one.subject, locations[given])
            if one.subject not in told:
                yield one._replace(asked=given if given != one.subject else "")
            told.add(one.subject)


def _named(
    meant: Callable[[str], Sequence[str]], lots: Sequence[str], locations: "dict[str, Location]"
) -> dict[str, str]:
    """The lots that are meant, each once, with what is stamped on it if it was named by that."""
    named: dict[str, str] = {}
    problems = []
    for given in lots:
        location = locations.get(given)
        try:
            lot = options.only(given, meant(given))
        except click.UsageError as wrong:
            if location is None:
                raise
            problems.append(parts.wrong_line(*location, wrong.message))
            continue
        named.setdefault(lot, given if given != lot else "")
        if location is not None:
            locations.setdefault(lot, location)
    parts.refuse(problems)
    return named


def _verdict(row: dict[str, Any]) -> "Verdict":
    """The verdict of its JSON object, as a server gives it."""
    from ledger.claims.document import AsOf, Ref
    from ledger.policy import Ask, Finding, Verdict

    findings = tuple(
        Finding(
            found["requirement"],
            found["title"],
            found["verdict"],
            found["sentence"],
            tuple(Ref(**event) for event in found["events"]),
            tuple(Ask(**ask) for ask in found["ask"]),
        )
        for found in row["findings"]
    )
    policy = row["policy"]
    return Verdict(
        policy["name"],
        policy["version"],
        policy["title"],
        row["subject"],
        row["name"],
        row["material"],
        row["verdict"],
        findings,
        AsOf(**row["as_of"]),
        row["rests_on"],
        row["unknown_ppm"],
        row["left"],
    )


def _of_proofs(
    policy: "Policy",
    names: Sequence[str],
    trust_file: str,
    accept_root: bool,
    max_age: int | None,
    wanted: Sequence[str],
    locations: "dict[str, Location]",
) -> "list[Verdict]":
    """On the proofs' subjects, or the wanted ones of them. ``locations``: the proofs' own are added."""
    from ledger import verify
    from ledger.errors import Malformed
    from ledger.verdicts import of_report

    trust = trust_of(trust_file)
    data = [files.read_proof(name) for name in names]
    now = options.now() // 1000 if max_age is not None else None
    report = verify.check(data, trust, now=now, max_age=max_age, accept_root=accept_root)
    found = of_report(report, policy)
    named = _named(lambda given: _meant(report, given), wanted, locations)
    for name, one in zip(names, found, strict=True):
        locations.setdefault(one.subject, _location(name))
    missing = [lot for lot in named if lot not in {one.subject for one in found}]
    if missing:
        raise Malformed("claims.subject", detail=f"None of the proofs is one of {missing[0]}.")
    return [
        one._replace(asked=named.get(one.subject, "")) for one in found if not named or one.subject in named
    ]


def _meant(report: "Report", given: str) -> list[str]:
    """The subjects of proofs that somebody means, as ``search.meant`` finds the lots of a ledger."""
    stamped = {one.subject for one in report.proofs if given in dict(one.marks).values()}
    return [given] if ":" in given else sorted(stamped) or [given]
