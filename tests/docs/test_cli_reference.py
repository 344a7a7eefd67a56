"""docs/reference/cli.md tells of every command and every option, and its examples are typed rightly."""

import shlex

import click
import pytest

from tests.docs import cli_page

NAMES = dict(cli_page.commands())


def test_the_page_is_made_of_the_commands() -> None:
    text = cli_page.PAGE.read_text("utf-8")
    assert text == cli_page.render(text)


def test_every_command_and_option_stands_in_it() -> None:
    text = cli_page.PAGE.read_text("utf-8")
    for name, command in NAMES.items():
        assert f"# {name}\n" in text
        section = text.split(f"# {name}\n")[1].split("\n#")[0]
        for parameter in command.params:
            for option in parameter.opts if isinstance(parameter, click.Option) else ():
                assert f"`{option}" in section, (name, option)


def test_every_command_has_one_example() -> None:
    assert set(cli_page.EXAMPLES) == {name for name, one in NAMES.items() if not isinstance(one, click.Group)}


@pytest.mark.parametrize("name", cli_page.EXAMPLES)
def test_every_example_parses(name: str) -> None:
    words = shlex.split(cli_page.EXAMPLES[name].partition(" > ")[0].replace("\\\n", " "))
    assert words[: 1 + len(name.split())] == ["oreline", *name.split()]
    command, rest = NAMES[name], words[1 + len(name.split()) :]
    command.make_context(name, rest, parent=cli_page.ROOT)
