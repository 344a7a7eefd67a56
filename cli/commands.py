"""The commands by name. Each lives in a module of its own, which is loaded when it is used."""

from collections.abc import Sequence
from importlib import import_module
from typing import Any, NoReturn

import click

from cli.errors import run

COMMANDS: dict[str, tuple[str, str]] = {
    "demo": ("cli.demo.command", "Make a demo ledger, trace a part, prove it, tamper with it."),
    "init": ("cli.init", "Make a new ledger: its keys, its charter, its trust file."),
    "key": ("cli.key", "Make, show, register and revoke keys."),
    "party": ("cli.party", "Register parties and list them."),
    "site": ("cli.site", "Register sites and list them."),
    "sign": ("cli.sign", "Sign events: JSON in, statements out."),
    "post": ("cli.post", "Record statements in a ledger."),
    "show": ("cli.show", "Show a lot, party, site, event, the catalogue, attestations."),
    "trace": ("cli.trace", "Where a lot came from: its origins and its way."),
    "uses": ("cli.uses", "What became of a lot."),
    "prove": ("cli.prove", "Make the proof file of a lot."),
    "history": ("cli.history", "All entries about a lot, or of a party's month, provably."),
    "sample": ("cli.sample", "Draw events for an audit, so that nobody chooses them."),
    "verify": ("cli.verify", "Check proof files, offline."),
    "check": ("cli.check", "May we buy it? Ask a policy of lots, or of proofs offline."),
    "policy": ("cli.policy", "List, show and try policies."),
    "claims": ("cli.claims", "All that a buyer may ask about a lot, computed."),
    "report": ("cli.report", "Make a report to hand in: customs, carbon, custody, exclusive use."),
    "evidence": ("cli.evidence", "Check evidence, and who named a document."),
    "audit": ("cli.audit", "Replay a whole ledger and compare everything."),
    "restore": ("cli.restore", "Bring back missing entries from a copy of the log."),
    "serve": ("cli.serve", "Serve a ledger over HTTP."),
    "witness": ("cli.witness", "Run a witness: cosign the checkpoints of logs."),
    "monitor": ("cli.monitor", "Follow a served ledger from outside, and alarm."),
    "export": ("cli.export", "Write a ledger's log as files."),
    "schema": ("cli.schema", "Print the JSON Schema of the events."),
}

EPILOG = """\b
Exit codes: 0 it holds, or it is done; 1 it does not hold, or it was refused;
2 it could not be checked or done.

\b
A first look:  oreline demo
Variables:     ORELINE_LEDGER, ORELINE_URL, ORELINE_KEY, ORELINE_PASSPHRASE,
               ORELINE_GUARD
"""


class Commands(click.Group):
    """Loads a command when it is used. All errors end in ``cli.errors``."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in COMMANDS:
            return None
        command: click.Command = import_module(COMMANDS[cmd_name][0]).command
        return command

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """As click does, and says which command may have been meant."""
        name = args[0]
        if name not in COMMANDS and not name.startswith("-") and not ctx.resilient_parsing:
            from difflib import get_close_matches

            near = get_close_matches(name, COMMANDS)
            if near:
                raise click.UsageError(f"No such command {name!r}. Did you mean {' or '.join(near)}?", ctx)
        return super().resolve_command(ctx, args)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        with formatter.section("Commands"):
            formatter.write_dl([(name, about) for name, (_, about) in COMMANDS.items()])

    def main(self, args: Sequence[str] | None = None, *ignored: Any, **extra: Any) -> NoReturn:
        run(self, args)


@click.group(
    cls=Commands,
    epilog=EPILOG,
    no_args_is_help=False,
    invoke_without_command=True,
    context_settings={"help_option_names": ["-h", "--help"]},
)
@click.version_option(package_name="oreline", message="%(prog)s %(version)s")
@click.pass_context
def oreline(ctx: click.Context) -> None:
    """A provenance ledger for aluminium: record what happened to a lot, and prove offline where it came
    from."""
    if ctx.invoked_subcommand is None:
        click.echo(ctx.get_help())
