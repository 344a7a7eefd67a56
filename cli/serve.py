"""``oreline serve``: a ledger over HTTP."""

import fcntl
import ipaddress
import os
import socket
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import click

from cli import options, output
from cli.collector import settle
from cli.errors import Terminated
from ledger.errors import EnvironmentFault


@click.command("serve")
@click.argument("place", metavar="[LEDGER]", required=False)
@options.ledger
@click.option("--host", default="127.0.0.1", show_default=True, help="Address to listen on.")
@click.option(
    "--port", default=8117, show_default=True, type=options.Whole(0, 65535), help="0: any free port."
)
@click.option(
    "--interval",
    default=1,
    show_default=True,
    type=options.Whole(1, 86_400),
    help="Seconds between checkpoints, while something is posted.",
)
@options.public
@options.where_as_json
def command(
    place: str | None, folder: str | None, host: str, port: int, interval: int, public: bool, as_json: bool
) -> None:
    """Serve a ledger over HTTP until ctrl-C or SIGTERM; then finish what is running and sign it.

    It does not start where the guard says that this is not the history that was signed, nor where another
    server serves the same folder.

    Whoever reaches the port can read everything, and post what is rightly signed. There is no encryption
    here and there are no passwords: put a proxy in front.
    """
    path = options.ledger_folder(place or folder)
    if not public and not loopback(host):
        raise EnvironmentFault("command.public", detail=f"{host} can be reached from other machines")
    from api.serve import serve

    with options.writing(path) as ledger, alone(path):
        ledger.compare()
        settle()

        def ready(url: str) -> None:
            if as_json:
                output.print_json({"ledger": ledger.name, "url": url})
            else:
                output.say(f"{ledger.name} is served on {url} (ctrl-C stops)")

        with suppress(KeyboardInterrupt, Terminated):  # passed on by uvicorn after its graceful stop
            serve(ledger, host, port, interval, ready=ready)
    if not as_json:
        output.say("stopped")


@contextmanager
def alone(folder: Path) -> Iterator[None]:
    """One server for each folder: two would sign checkpoints in turns. ``command.served``. What is locked is
    the folder of its keys, so nothing is left behind, however the server ends."""
    from ledger.folder import KEYS

    handle = os.open(folder / KEYS, os.O_RDONLY)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        os.close(handle)
        raise EnvironmentFault("command.served", str(folder)) from None
    except OSError:  # a file system without locks of folders
        pass
    try:
        yield
    finally:
        os.close(handle)


def loopback(host: str) -> bool:
    """Whether every address of the host is this machine's own."""
    try:
        found = {row[4][0] for row in socket.getaddrinfo(host, None, type=socket.SOCK_STREAM)}
    except (OSError, UnicodeError):
        return True  # no address at all: listening will say so
    return all(ipaddress.ip_address(str(address).partition("%")[0]).is_loopback for address in found)
