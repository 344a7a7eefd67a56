"""What README and the tutorials show is what happens (see ``tests.docs.shell``)."""

from pathlib import Path

import pytest

from tests.docs.shell import MARK, Step, check, matches, printed, steps
from tests.house.tree import ROOT

pytestmark = pytest.mark.unmeasured

PAGES = [ROOT / "README.md", *sorted((ROOT / "docs" / "tutorials").glob("*.md"))]


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_a_page_shows_what_happens(page: Path, tmp_path: Path) -> None:
    check(page, tmp_path)


def test_the_reader_of_pages() -> None:
    text = "```json a.json\n{}\n```\n```console\n$ one \\\n  more\nx … z\n…\n$ two\n```\n```sh\nthree\n```\n"
    file, one, two = steps(text)
    assert file.command.splitlines() == ["cat > a.json <<'---- end of a command ----'", "{}", MARK]
    assert (one, two) == (Step("one \\\n  more", "x … z\n…\n"), Step("two", ""))
    assert matches(one.shown, "x y z\n")
    assert matches(one.shown, "x  z\nmore\n\nmore")
    assert not matches(one.shown, "x y\n")
    assert matches("", "\n")
    assert not matches("", "something")


def test_the_shell_keeps_its_state_and_its_servers(tmp_path: Path) -> None:
    commands = ["false", "echo $?", "export A=b; cd ..", "echo $A", "(echo up; exec sleep 60) &", "kill $!"]
    assert printed(commands, tmp_path) == ["", "1\n", "", "b\n", "up\n", ""]
