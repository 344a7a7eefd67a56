"""``oreline policy``: the shipped policies, one of them, and the trial of a policy's own examples."""

from pathlib import Path
from typing import TYPE_CHECKING

import click

from cli import files, options, output
from cli.errors import DOES_NOT_HOLD
from ledger.errors import Malformed, OrelineError
from ledger.quantity import counted

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ledger.policy import Policy


def policy_of(name: str) -> "Policy":
    """The shipped policy of that name, or the policy in that file; what is wrong there bears its name."""
    from ledger import policy

    if name in policy.names():
        return policy.load(name)
    if name != files.STDIN and not Path(name).exists() and "/" not in name and "." not in name:
        return policy.load(name)  # which says what names there are
    text = files.read_policy(name)
    try:
        found = policy.load(text + "\n")
    except Malformed as wrong:
        first, *more = (_in(name, one) for one in (wrong, *wrong.more))
        raise OrelineError(first.code, first.path, first.detail, more) from None
    for requirement, process in _strange(found):
        output.note(
            f"{requirement} names the process {process}, which the catalogue of Oreline does not have"
        )
    return found


def _strange(found: "Policy") -> "Iterator[tuple[str, str]]":
    """Processes by requirement that no step has whose ledger keeps the shipped catalogue: misspelt, they ask
    about nothing, and what asks about nothing may pass."""
    from ledger.policy.chain import STAGES

    known = {process for processes in STAGES.values() for process in processes}
    for one in found.requirements:
        named = (getattr(one, "processes", ()), getattr(getattr(one, "of", None), "processes", None))
        for process in dict.fromkeys(process for some in named for process in some or ()):
            if process not in known:
                yield one.id, process


def _in(name: str, wrong: OrelineError) -> OrelineError:
    place = "" if wrong.path == "$" else f" {wrong.path}"
    return OrelineError(wrong.code, f"{files.shown(name)}{place}", wrong.detail)


@click.group("policy")
def command() -> None:
    """List and show the shipped policies, and try a policy's examples."""


@command.command("list", short_help="List the policies that come with the program.")
@options.as_json
def list_(as_json: bool) -> None:
    """List the policies that come with the program: `oreline check --policy NAME` takes them."""
    from ledger import policy

    found = [policy.load(name) for name in policy.names()]
    rows = [
        {"name": one.name, "version": one.version, "title": one.title, "requirements": len(one.requirements)}
        for one in found
    ]
    if as_json:
        output.print_json(rows)
    else:
        output.say(
            output.table(
                ("name", "version", "requirements", "title"),
                [(row["name"], row["version"], row["requirements"], row["title"]) for row in rows],
                right=(2,),
            )
        )


@command.command("show")
@click.argument("name", metavar="NAME|FILE")
@options.as_json
def show(name: str, as_json: bool) -> None:
    """Print a policy as it is written: a beginning for one of your own.

    With --json: its name, its requirements and the text.
    """
    found = policy_of(name)
    if as_json:
        requirements = [one.model_dump(mode="json", exclude_none=True) for one in found.requirements]
        members = {"name": found.name, "version": found.version, "title": found.title, "about": found.about}
        output.print_json(members | {"requirements": requirements, "text": found.text})
    else:
        output.say(found.text.rstrip("\n"))


@command.command("test", short_help="Try the examples in a policy.")
@click.argument("name", metavar="NAME|FILE")
@options.as_json
@click.pass_context
def test(context: click.Context, name: str, as_json: bool) -> None:
    """Try the examples in a policy: does each requirement say of each what the policy expects?

    Exit code 0: all do; 1: some do not; 2: it is no policy, or has no examples.
    """
    from ledger.policy import try_examples

    policy = policy_of(name)
    tried = try_examples(policy)
    if not tried:
        raise OrelineError("policy.examples", name)
    wrong = [one for one in tried if not one.agrees]
    if as_json:
        rows = [{**one._asdict(), "agrees": one.agrees} for one in tried]
        output.print_json({"policy": policy.name, "agree": not wrong, "tried": rows})
    else:
        for one in wrong:
            said = f"{one.example}: {one.requirement} is {one.found}, expected {one.expected}. {one.sentence}"
            output.say(output.paragraph(said))
        examples = counted(len(policy.examples), "example")
        verdicts = counted(len(tried), "verdict")
        told = f"{counted(len(wrong), 'verdict')} not as expected" if wrong else "all as expected"
        output.say(f"{policy.name} {policy.version}: {examples}, {verdicts}, {told}.")
    if wrong:
        context.exit(DOES_NOT_HOLD)
