"""The one place where a command ends: what went wrong becomes a message and an exit code.

    error: CODE at PATH: what is wrong, in a sentence
    what to do: …

on standard error, never a traceback (unless ORELINE_DEBUG is set and it is our own mistake). With
``--json``, standard output gets ``{"problems": […]}`` as well, so that a script always reads JSON.

Exit codes: 0 done, it holds; 1 refused, it does not hold; 2 it could not be checked or done; as shells
have it 130 after ctrl-C, 141 after a closed pipe, 143 after SIGTERM.
"""

import contextlib
import errno
import io
import os
import signal
import sys
from collections.abc import Iterable, Sequence
from typing import NoReturn

import click

from cli.output import note, print_json
from ledger.errors import OrelineError, Problem, problem

DOES_NOT_HOLD = 1
NOT_CHECKED = 2
INTERRUPTED = 128 + signal.SIGINT
PIPE_CLOSED = 128 + signal.SIGPIPE
TERMINATED = 128 + signal.SIGTERM
COMPLETE = "_ORELINE_COMPLETE"


class Refused(Exception):
    """The answer is no: ends the command with exit code 1 and these problems, each under its heading."""

    def __init__(self, problems: Sequence[tuple[str, Problem]]) -> None:
        super().__init__(problems)
        self.problems = problems


class Terminated(BaseException):
    """SIGTERM came: what is open gets closed on the way out."""


def prepare() -> None:
    """What a process of our own needs before it runs a command."""
    signal.signal(signal.SIGTERM, _terminate)
    _open_what_is_closed()
    _write_all()
    for stream in (sys.stdout, sys.stderr):
        reconfigure = getattr(stream, "reconfigure", None)
        if reconfigure is not None:
            reconfigure(errors="backslashreplace")  # a name that the terminal cannot show ends nothing


def _open_what_is_closed() -> None:
    """A process may be started without its standard streams (``>&-``), and then has None in their place.

    Standard output becomes one that refuses what is written, since nobody would get the result.
    """
    for name, flags, mode in (
        ("stdin", os.O_RDONLY, "r"),
        ("stdout", os.O_RDONLY, "w"),
        ("stderr", os.O_WRONLY, "w"),
    ):
        if getattr(sys, name) is None:
            handle = os.open(os.devnull, flags)  # the lowest that is free: its own number
            setattr(sys, name, os.fdopen(handle, mode, encoding="utf-8"))


def _write_all() -> None:
    """Where Python is told not to buffer (PYTHONUNBUFFERED, as containers often have it), it writes once and
    drops without a word what did not fit, as on a full disk. A buffer writes the rest, or refuses."""
    raw = getattr(sys.stdout, "buffer", None)
    if isinstance(raw, io.RawIOBase):
        buffer = io.BufferedWriter(raw)
        sys.stdout = io.TextIOWrapper(buffer, sys.stdout.encoding, sys.stdout.errors, line_buffering=True)


def _terminate(number: int, frame: object) -> NoReturn:
    raise Terminated


def run(command: click.Command, args: Sequence[str] | None = None) -> NoReturn:
    """Run a command line and exit."""
    given = list(sys.argv[1:] if args is None else args)
    if COMPLETE in os.environ:
        _complete(command)
    try:
        code = _code(command, given)
    except Terminated:
        code = TERMINATED
    except (KeyboardInterrupt, click.Abort):
        with contextlib.suppress(OSError):
            click.echo("interrupted", err=True)
        code = INTERRUPTED
    except BrokenPipeError:
        code = PIPE_CLOSED
    code = _flush(code)
    sys.exit(code)


def _code(command: click.Command, args: list[str]) -> int:
    """The exit code of a command line; what is wrong has been said."""
    problems: list[tuple[str, Problem]]
    code = NOT_CHECKED
    try:
        for arg in args:
            if not arg.isascii() and arg != arg.encode("utf-8", "replace").decode():
                raise click.UsageError(f"{arg} is not UTF-8.")
        with command.make_context("oreline", list(args)) as context:
            command.invoke(context)
        sys.stdout.flush()
        return 0
    except click.exceptions.Exit as left:
        return left.exit_code
    except Refused as refused:
        problems, code = list(refused.problems), DOES_NOT_HOLD
    except click.UsageError as wrong:
        where = wrong.ctx.command_path if wrong.ctx else "oreline"
        if isinstance(wrong, click.exceptions.NoArgsIsHelpError):
            click.echo(f"{wrong.format_message()}\n", err=True)
            said = "Say which of its commands."
        else:
            said = " ".join(wrong.format_message().split())
            if isinstance(wrong, click.MissingParameter):
                said = f"{said} {getattr(wrong.param, 'help', None) or ''}".rstrip()
        problems = [("", problem("command.usage", where, said))]
    except OrelineError as error:
        problems = [("", one) for one in error.problems]
    except (BrokenPipeError, click.Abort):  # ctrl-C, or the end of the file, where something is asked for
        raise
    except OSError as error:
        problems = [("", of_os(error))]
    except Exception as bug:
        if os.environ.get("ORELINE_DEBUG"):
            raise
        kind = type(bug).__name__
        problems = [("", problem("command.internal", "$", f"{kind}: {bug}" if str(bug) else kind))]
    tell(problems, "--json" in args)
    return code


def of_os(error: OSError) -> Problem:
    """The problem of a file or stream that the operating system refused."""
    what = os.strerror(error.errno) if error.errno else str(error)
    return problem("command.output", str(error.filename or "standard output"), what)


def tell(problems: Iterable[tuple[str, Problem]], as_json: bool) -> None:
    """Print problems: for people to standard error, and as JSON to standard output if that is wanted."""
    problems = list(problems)
    heading = ""
    for n, (title, found) in enumerate(problems):
        if title != heading:
            note(f"{title}:")
            heading = title
        note(message(found))
        if n + 1 == len(problems) or problems[n + 1][1].remedy != found.remedy:  # once for several alike
            note(f"what to do: {found.remedy}")
    if as_json:
        with contextlib.suppress(OSError):  # that it cannot be written may be the very problem
            print_json({"problems": [found.as_json() for _, found in problems]})


def message(found: Problem) -> str:
    """What is wrong, without what to do about it."""
    place = f" at {found.path}" if found.path not in ("", "$") else ""
    waiting = f"\nwaiting for: {found.waiting_for}" if found.waiting_for else ""
    return f"error: {found.code}{place}: {found.detail}{waiting}"


def _flush(code: int) -> int:
    """What is still buffered goes out now, while a failure can be told; then nothing can fail at exit."""
    try:
        sys.stdout.flush()
    except OSError as error:
        pipe = error.errno == errno.EPIPE
        if code == 0 and not pipe:
            tell([("", of_os(error))], False)
        code = code or (PIPE_CLOSED if pipe else NOT_CHECKED)
        _discard()
    with contextlib.suppress(OSError):
        sys.stderr.flush()
    return code


def _discard() -> None:
    """Let what could not be written go nowhere, or the interpreter would complain at its exit."""
    with contextlib.suppress(OSError, ValueError):
        nowhere = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nowhere, sys.stdout.fileno())
        os.close(nowhere)


def _complete(command: click.Command) -> NoReturn:
    """Answer a shell that completes a command line (``_ORELINE_COMPLETE=bash_source oreline``)."""
    from click.shell_completion import shell_complete

    asked = os.environ[COMPLETE]
    sys.exit(shell_complete(command, {}, "oreline", COMPLETE, asked))
