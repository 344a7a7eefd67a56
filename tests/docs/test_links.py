"""Every relative link of the documents leads somewhere, and every command they show is one that there is."""

import re
import shlex
from collections.abc import Iterator
from itertools import groupby
from pathlib import Path

import click
import pytest

from cli.commands import oreline
from cli.evidence import WithDefault
from tests.docs.cli_page import ROOT as CONTEXT
from tests.house.tree import ROOT, files

PAGES = sorted(
    path
    for path in files()
    if path.suffix == ".md" and (path.parent == ROOT or ROOT / "docs" in path.parents)
)
FENCE = re.compile(r"^(`{3,}|~{3,})([^\n`]*)\n(.*?)^\1\s*$", re.M | re.S)
LINK = re.compile(r"!?\[(?:[^\[\]]|\[[^\]]*\])*\]\(\s*<?([^)\s>]+)>?(?:\s+\"[^\"]*\")?\s*\)")
REFERENCE = re.compile(r"^\[[^\]]+\]:\s*(\S+)", re.M)
HEADING = re.compile(r"^#{1,6}\s+(.+?)\s*#*$", re.M)
ID = re.compile(r"<a (?:id|name)=\"([^\"]+)\"")
OUTSIDE = re.compile(r"[a-z][a-z0-9+.-]*:")


def prose(text: str) -> str:
    """The page without its code."""
    return re.sub(r"`[^`\n]*`", "", FENCE.sub("", text))


def anchors(path: Path) -> set[str]:
    """What a fragment of a link to this page may be: headings as GitHub names them, and ids."""
    text = FENCE.sub("", path.read_text("utf-8"))
    found = set(ID.findall(text))
    counts: dict[str, int] = {}
    for heading in HEADING.findall(text):
        plain = re.sub(r"\[([^\]]*)\]\([^)]*\)", r"\1", heading).replace("`", "").lower()
        slug = re.sub(r"[^\w\- ]", "", plain).replace(" ", "-")
        seen = counts.get(slug, 0)
        counts[slug] = seen + 1
        found.add(f"{slug}-{seen}" if seen else slug)
    return found


def broken(path: Path) -> Iterator[str]:
    text = path.read_text("utf-8")
    for target in [*LINK.findall(prose(text)), *REFERENCE.findall(FENCE.sub("", text))]:
        if OUTSIDE.match(target):
            continue
        name, _, fragment = target.partition("#")
        there = (path.parent / name).resolve() if name else path
        if not there.exists() or ROOT not in [there, *there.parents]:
            yield f"{path.relative_to(ROOT)}: {target} is not there"
        elif fragment and there.suffix == ".md" and fragment not in anchors(there):
            yield f"{path.relative_to(ROOT)}: {target} has no such anchor"


@pytest.mark.parametrize("path", PAGES, ids=lambda path: path.relative_to(ROOT).as_posix())
def test_relative_links_lead_somewhere(path: Path) -> None:
    assert list(broken(path)) == []


def commands(text: str) -> Iterator[list[str]]:
    """The arguments of every ``oreline`` that a page's ``console`` and ``bash`` fences show."""
    for _, info, code in FENCE.findall(text):
        language = info.strip()
        if language not in ("console", "bash", "sh", "shell"):
            continue
        for line in code.replace("\\\n", " ").splitlines():
            if language == "console" and not line.startswith("$ "):
                continue  # what the command printed
            words = shlex.shlex(line.removeprefix("$ "), posix=True, punctuation_chars="|&;<>")
            words.whitespace_split = True
            for operator, part in groupby(words, key=lambda word: set(word) <= set("|&;<>")):
                command = list(part)
                while command and re.fullmatch(r"[A-Z_]+=.*", command[0]):
                    del command[0]
                if command[:2] == ["uv", "run"]:
                    del command[:2]
                if not operator and command[:1] == ["oreline"]:
                    yield command[1:]


def parse(arguments: list[str]) -> None:
    """Raise ``click.UsageError`` for a command or an option that there is not. Values are not looked at."""
    command: click.Command = oreline
    context = CONTEXT
    while True:
        values, rest, _ = command.make_parser(context).parse_args(list(arguments))
        if not isinstance(command, click.Group):
            wanted = sum(isinstance(p, click.Argument) and p.required for p in command.params)
            given = sum(
                bool(values.get(p.name or "")) for p in command.params if isinstance(p, click.Argument)
            )
            if given < wanted and not {"help", "version"} & {name for name, value in values.items() if value}:
                raise click.UsageError(f"{' '.join(arguments)}: an argument is missing")
            if rest:
                raise click.UsageError(f"{' '.join(rest)}: too many arguments")
            return
        if not rest:
            return
        name, *arguments = rest
        if isinstance(command, WithDefault) and name not in command.commands:
            name, arguments = "show", rest
        found = command.get_command(context, name)
        if found is None:
            raise click.UsageError(f"there is no command {name}")
        command, context = found, click.Context(found, parent=context, info_name=name)


SHOWN = [(path, arguments) for path in PAGES for arguments in commands(path.read_text("utf-8"))]


@pytest.mark.parametrize(
    ("path", "arguments"), SHOWN, ids=[f"{path.name}: {' '.join(arguments)}" for path, arguments in SHOWN]
)
def test_every_command_shown_is_one(path: Path, arguments: list[str]) -> None:
    parse(arguments)


@pytest.mark.parametrize("arguments", [["nonsense"], ["post", "--nonsense"], ["--nonsense"]])
def test_what_is_no_command_is_found_out(arguments: list[str]) -> None:
    with pytest.raises(click.UsageError):
        parse(arguments)


def test_the_reader_of_commands() -> None:
    text = (
        "```console\n$ ORELINE_KEY=k uv run oreline sign a.json | oreline post - # why\nok\n```\n"
        "```bash\noreline show x \\\n  --json > out; oreline serve\n```\n```text\noreline no\n```\n"
    )
    assert list(commands(text)) == [["sign", "a.json"], ["post", "-"], ["show", "x", "--json"], ["serve"]]
    assert list(commands(text.replace("out; ", "out && "))) == list(commands(text))


def test_the_reader_of_links(tmp_path: Path) -> None:
    page = ROOT / "docs" / "design.md"
    assert {"design", "one-idea", "the-nine-checks"} <= anchors(page)
    assert LINK.findall("see [a `b`](c.md#d), ![e](<f.png>) and [g][h]") == ["c.md#d", "f.png"]
