"""What README, tutorials and guides show is typed into a shell, in order, and prints what they show.

A page runs with an empty HOME, in one bash, in a folder that has a clone's folders and is else empty.
In a ``console`` fence a line that begins with ``$ `` is a command (a backslash at its end continues it). The
lines below it are all that it prints: ``…`` stands for anything on that line, a line that is only ``…``
for any lines. A command that ends in ``&`` stays in the background once it has printed a line. A named
fence, such as ``json cast.json``, is that file.
"""

import os
import re
import shlex
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import NamedTuple

from tests.house.tree import PACKAGES

FENCE = re.compile(r"^```(\w+)(?: (\S+))?\n(.*?)^```$", re.M | re.S)
COMMAND = re.compile(r"^\$ ((?:.*\\\n)*.*)\n((?:(?!\$ ).*\n)*)", re.M)
MARK = "---- end of a command ----"
PORTS = ("8117", "8118")  # the defaults, which pages show; here they are two that are free
SECONDS = 300


class Step(NamedTuple):
    """Something to type, and what shall be printed."""

    command: str
    shown: str


def steps(text: str) -> Iterator[Step]:
    """The files and commands of a page, in its order."""
    for language, name, body in FENCE.findall(text):
        if name:
            yield Step(f"cat > {shlex.quote(name)} <<'{MARK}'\n{body}{MARK}", "")
        elif language == "console":
            found = COMMAND.findall(body)
            assert "".join(f"$ {command}\n{shown}" for command, shown in found) == body, body
            yield from (Step(command, shown) for command, shown in found)


def typed(command: str) -> str:
    """A command as the shell gets it: here nothing needs ``uv run``."""
    command = command.replace("uv run ", "")
    if command.endswith(" &"):
        command = f'exec 9< <({command[:-2]} 2>&1); read -r line <&9; echo "$line"'
    return f"{command}\nstatus=$?; printf '\\n{MARK}\\n'; (exit $status)"


def printed(commands: list[str], folder: Path) -> list[str]:
    """What each of the commands prints when they are typed one after the other."""
    folder.joinpath("home").mkdir()
    folder.joinpath("here").mkdir()
    unset = ("ORELINE_", "XDG_", "COLUMNS", "LINES")
    clean = {name: value for name, value in os.environ.items() if not name.startswith(unset)}
    path = f"{Path(sys.executable).parent}{os.pathsep}{clean['PATH']}"
    shell = subprocess.Popen(
        ["bash", "-c", "\n".join(map(typed, commands))],
        cwd=folder / "here",
        env=clean | {"HOME": str(folder / "home"), "PATH": path},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        start_new_session=True,
    )
    try:
        out, _ = shell.communicate(timeout=SECONDS)
    finally:
        with suppress(ProcessLookupError):  # nothing is left
            os.killpg(shell.pid, signal.SIGKILL)
    return out.split(f"\n{MARK}\n")[:-1]


def matches(shown: str, text: str) -> bool:
    """Whether a page shows what was printed."""
    wanted = "".join(f"{line}\n" for line in shown.splitlines())
    wanted = re.sub("^…\n", "(.*\n)*", re.escape(wanted).replace("\\\n", "\n"), flags=re.M).replace("…", ".*")
    return re.fullmatch(wanted, text.rstrip("\n") + "\n" * bool(text.strip("\n"))) is not None


def check(page: Path, folder: Path) -> None:
    """Type what the page shows, and compare what is printed."""
    for name in (*PACKAGES, "docs", "tests"):  # whoever types it in a clone finds these names taken
        (folder / name).mkdir()
        (folder / name / "ours").touch()
    text = page.read_text("utf-8")
    with socket.create_server(("127.0.0.1", 0)) as one, socket.create_server(("127.0.0.1", 0)) as two:
        for shown, free in zip(PORTS, (one, two), strict=True):
            text = text.replace(shown, str(free.getsockname()[1]))
    wanted = list(steps(text))
    texts = printed([step.command for step in wanted], folder)
    for step, found in zip(wanted, texts, strict=True):
        told = f"$ {step.command}\n--- shown\n{step.shown}--- printed\n{found}"
        assert matches(step.shown, found), told
