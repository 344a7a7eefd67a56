"""docs/reference/cli.md: its head is written there, the rest is made of the commands and of EXAMPLES."""

import re
import textwrap
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import click

from cli.commands import COMMANDS, oreline

PAGE = Path(__file__).parents[2] / "docs" / "reference" / "cli.md"

# As the program itself makes it: a command remembers the context that it was first asked in.
ROOT = click.Context(oreline, info_name="oreline", **oreline.context_settings)

EXAMPLES = {
    "demo": "oreline demo",
    "init": "oreline init ledger --name example.com/ledger --registrar urn:example:party:registrar",
    "key new": "oreline key new acme.jwk",
    "key show": "oreline key show acme.jwk --ledger ledger",
    "key public": """\
oreline key public acme.jwk --party urn:example:party:acme \\
    --ledger-name example.com/ledger -o acme.request.json""",
    "key register": "oreline key register acme.jwk --party urn:example:party:acme --ledger ledger",
    "key revoke": """\
oreline key revoke old.jwk --reason "laptop lost" --since 2026-03-02T06:00:00Z \\
    --key acme.jwk --ledger ledger""",
    "party add": """\
oreline party add urn:example:party:acme --name "Acme Smelting" --country CA \\
    --role smelter --prefix urn:example:lot:acme: --ledger ledger""",
    "party list": "oreline party list --ledger ledger",
    "site add": """\
oreline site add urn:example:site:acme --operator urn:example:party:acme \\
    --kind smelter --kind casthouse --subdivision CA-QC --ledger ledger""",
    "site list": "oreline site list --operator urn:example:party:acme --ledger ledger",
    "sign": "oreline sign casts.json --key acme.jwk --fill --ledger ledger > casts.jws",
    "post": "oreline post casts.jws --ledger ledger",
    "show": "oreline show urn:example:lot:acme:1 --ledger ledger",
    "trace": "oreline trace urn:example:lot:acme:1 --min-share 1% --ledger ledger",
    "uses": "oreline uses urn:example:lot:acme:1 --ledger ledger --json",
    "history": "oreline history urn:example:lot:acme:1 --proof lot.history.json --ledger ledger",
    "sample": 'oreline sample month.json --trust trust.policy --count 5 --seed "our seed of 3 March"',
    "prove": "oreline prove urn:example:lot:acme:1 -o lot.proof.json --ledger ledger",
    "verify": "oreline verify lot.proof.json --trust trust.policy --remember newest.checkpoint --max-age 30d",
    "report": """\
oreline report section232 urn:example:lot:acme:1 --format html -o report.html \\
    --ledger ledger""",
    "check": """\
oreline check --list parts.csv --policy low-carbon-4 --ledger ledger \\
    --junit verdicts.xml""",
    "policy list": "oreline policy list",
    "policy show": "oreline policy show low-carbon-4 > house.toml",
    "policy test": "oreline policy test house.toml",
    "claims": "oreline claims urn:example:lot:acme:1 --ledger ledger --json",
    "evidence show": "oreline evidence show fork.evidence.json --trust trust.policy",
    "evidence check": "oreline evidence check certificate.pdf --ledger ledger",
    "audit": "oreline audit ledger",
    "restore": "oreline restore ledger --from https://mirror.example",
    "serve": "oreline serve ledger --port 8117",
    "monitor": """\
oreline monitor http://127.0.0.1:8117 --trust trust.policy --state ledger.state --stall 1h \\
    --party urn:example:party:acme --known posted.txt --keys""",
    "witness init": "oreline witness init w1 --name witness.example/w1",
    "witness serve": "oreline witness serve w1 --log trust.policy --listen 127.0.0.1:8118",
    "witness replay": """\
oreline witness replay w2 --log https://ledger.example --trust trust.policy \\
    --listen 127.0.0.1:8118""",
    "export tiles": "oreline export tiles ledger public/log",
    "export entries": "oreline export entries ledger --start 1000 --limit 100",
    "schema": "oreline schema transform",
}


def commands() -> Iterator[tuple[str, click.Command]]:
    """Every command by what is typed, groups before what is in them."""
    for name in COMMANDS:
        command = oreline.get_command(ROOT, name)
        assert command is not None
        yield name, command
        if isinstance(command, click.Group):
            for inner, below in command.commands.items():
                yield f"{name} {inner}", below


def render(page: str) -> str:
    """The whole page. Its head ends where the first command begins."""
    head, _, _ = page.partition("\n## demo\n")
    return head + "".join(_section(name, command) for name, command in commands())


def _section(name: str, command: click.Command) -> str:
    level = "##" if " " not in name else "###"
    parts = [f"\n{level} {name}\n", _prose(command)]
    if not isinstance(command, click.Group):
        parts += [f"```console\n$ {EXAMPLES[name]}\n```\n", _usage(name, command), _table(command)]
    return "\n".join(part for part in parts if part)


def _prose(command: click.Command) -> str:
    """The help, paragraph by paragraph; what it sets line by line stays so."""
    found = []
    for paragraph in (command.help or "").replace("\n    ", "\n").strip().split("\n\n"):
        if paragraph.startswith("\b"):
            lines = "\n".join(line.rstrip() for line in paragraph.split("\n")[1:])
            found.append(f"```text\n{lines}\n```")
        else:
            found.append("\n".join(_wrapped(" ".join(paragraph.split()))))
    return "\n\n".join(found) + "\n"


def _wrapped(text: str) -> list[str]:
    return textwrap.wrap(text, 116, break_long_words=False, break_on_hyphens=False)


def _usage(name: str, command: click.Command) -> str:
    pieces = " ".join(command.collect_usage_pieces(click.Context(command, ROOT)))
    return f"`oreline {name} {pieces}`\n"


def _table(command: click.Command) -> str:
    options = [parameter for parameter in command.params if isinstance(parameter, click.Option)]
    rows = [f"| {_option(option)} | {_meaning(option)} |" for option in options]
    return "\n".join(["| option | meaning |", "|---|---|", *rows]) + "\n"


def _option(option: click.Option) -> str:
    value = "" if option.is_flag else " " + _metavar(option)
    return ", ".join(f"`{name}{value}`" for name in reversed(option.opts))


def _metavar(option: click.Option) -> str:
    if option.metavar:
        return option.metavar
    if isinstance(option.type, click.Choice):
        return "\\|".join(map(str, option.type.choices))
    return "NUMBER" if isinstance(option.type, click.IntRange) else "TEXT"


def _meaning(option: click.Option) -> str:
    more = []
    if option.required:
        more.append("required")
    if option.multiple and "repeatable" not in (option.help or ""):
        more.append("repeatable")
    default: Any = option.default if option.show_default else None
    if default is not None:
        more.append(f"default {default}")
    text = re.sub(r"\[env: (\w+)\]", r"(`\1`)", option.help or "").replace("|", "\\|")
    return text + (f" ({', '.join(more)})" if more else "")
