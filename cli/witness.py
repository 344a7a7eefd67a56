"""``oreline witness``: run a witness of transparency logs."""

import hashlib
import os
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from cli import files, options, output
from cli.collector import settle
from cli.errors import Terminated
from cli.serve import loopback
from cli.trustfile import trust_of
from cli.verify import interval as every
from ledger.codes import CODES
from ledger.errors import EnvironmentFault
from ledger.keys import Algorithm, PrivateKey
from ledger.quantity import counted, format_instant

if TYPE_CHECKING:
    from ledger.witness.judge import ReplayingJudge
    from ledger.witness.witness import Judge, Witness

_listen = click.option(
    "--listen", default="127.0.0.1:8118", show_default=True, metavar="HOST:PORT", help="Port 0: any free."
)
_adopt_guard = click.option(
    "--adopt-guard",
    is_flag=True,
    help="Where the guard was lost, begin a new one with what the folder holds. Make sure first.",
)


@click.group("witness")
def command() -> None:
    """Run a witness: it cosigns a log's checkpoints, each only if it extends the one before.

    \b
      oreline witness init w1 --name witness.example/w1
      oreline witness serve w1 --log trust.policy

    One that replays also mirrors the entries of an Oreline ledger, and cosigns what it has judged itself:

    \b
      oreline witness init w2 --name witness.example/w2
      oreline witness replay w2 --log https://ledger.example --trust trust.policy
    """


@command.command("init", short_help="Make a witness: its key and its state.")
@click.argument("folder")
@click.option(
    "--name", required=True, help="The witness's name, a schemaless URL of yours: witness.example/w1"
)
@click.option(
    "--ml-dsa", is_flag=True, help="Cosign with an ML-DSA-44 key, too, which quantum computers do not break."
)
@options.as_json
def init(folder: str, name: str, ml_dsa: bool, as_json: bool) -> None:
    """Make a witness in FOLDER and print its verifier keys, for logs and for trust files.

    Of a witness with two keys a trust file names one: it counts once.
    """
    from ledger import note
    from ledger.witness.folder import KEYS, VKEYS, create

    if not note.is_name(name) or len(name.encode()) > note.MAX_NAME:
        raise click.UsageError(
            "A witness's name is not empty, has no white space and no +, and is not too long."
        )
    if "://" in name:
        raise click.UsageError(f"The name of a witness has no scheme: {name.partition('://')[2]}")
    kinds: list[Algorithm] = ["Ed25519", "ML-DSA-44"] if ml_dsa else ["Ed25519"]
    keys = [PrivateKey.from_seed(kind, os.urandom(32)) for kind in kinds]
    vkeys = [note.format_vkey(signer.verifier) for signer in create(Path(folder), name, keys)]
    if as_json:
        output.print_json({"witness": folder, "name": name, "vkeys": vkeys})
        return
    output.say(
        f"The witness {name} is in {folder}; keep {KEYS} to yourself.\nIts verifier keys, in {VKEYS}:\n"
    )
    for vkey in vkeys:
        output.say(vkey)


@command.command("serve", short_help="Cosign checkpoints over HTTP.")
@click.argument("folder")
@click.option(
    "--log",
    "logs",
    metavar="FILE",
    multiple=True,
    required=True,
    help="The logs to cosign for: verifier keys, or a policy with log lines. May be given again.",
)
@_listen
@options.public
@_adopt_guard
@options.where_as_json
def serve(
    folder: str, logs: tuple[str, ...], listen: str, public: bool, adopt_guard: bool, as_json: bool
) -> None:
    """Serve the witness in FOLDER until ctrl-C or SIGTERM: C2SP tlog-witness.

    A log posts its checkpoints to /add-checkpoint. Whoever reaches the port may do so, and it is the log's
    signature that counts. There is no encryption here: put a proxy in front.
    """
    from ledger.witness.folder import serve_plainly

    address = _address(listen, public)
    if replays(Path(folder)):
        raise EnvironmentFault("witness.replays", detail=f"{folder} holds a mirror")
    with opened(Path(folder), logs) as witness:
        serve_plainly(Path(folder))
        told = f"cosigns for {counted(len(witness.origins), 'log')}"
        _run(witness, address, adopt_guard, as_json, told)
    if not as_json:
        output.say("stopped")


@command.command("replay", short_help="Cosign what was replayed, over HTTP.")
@click.argument("folder")
@click.option("--log", "url", metavar="URL", required=True, help="The ledger, as it is served.")
@click.option(
    "--trust", "trust_file", metavar="FILE", required=True, help="Its keys and its charter: a trust file."
)
@_listen
@options.public
@click.option(
    "--interval", metavar="DURATION", default="10s", show_default=True, callback=every,
    help="How often to look for new entries, besides when the log asks.",
)  # fmt: skip
@click.option(
    "--judge-again", is_flag=True, help="Judge a log anew that was refused: after you made sure of the cause."
)
@_adopt_guard
@options.where_as_json
def replay(
    folder: str,
    url: str,
    trust_file: str,
    listen: str,
    public: bool,
    interval: int,
    judge_again: bool,
    adopt_guard: bool,
    as_json: bool,
) -> None:
    """Serve the witness in FOLDER for the ledger at URL, and cosign only what it has replayed itself.

    It keeps a mirror of the ledger's entries in the folder, judges each by the rules and recomputes each
    root of the register. What no honest log signs it refuses from then on, and writes evidence of it to the
    folder's `evidence/`; `oreline evidence` checks it. `GET /health` tells how far it is.

    Ends with ctrl-C or SIGTERM, and goes on where it was.
    """
    address = _address(listen, public)
    with replaying(Path(folder), url, trust_file, judge_again) as (witness, judge):
        told = f"replays and cosigns {witness.origins[0]}"
        _run(witness, address, adopt_guard, as_json, told, lambda: judge.follow(interval), judge.state)
    if not as_json:
        output.say("stopped")


def _run(
    witness: "Witness",
    address: tuple[str, int],
    adopt_guard: bool,
    as_json: bool,
    told: str,
    begin: Callable[[], None] = lambda: None,
    state: Callable[[], Any] | None = None,
) -> None:
    """Serve a witness. ``told``: what it does; ``begin``: what else, once it listens."""
    from api.witness import serve as run
    from ledger import note

    for origin in witness.adopt() if adopt_guard else ():
        output.note(f"a new guard for {origin}, from what the folder holds")
    settle()

    def ready(url: str) -> None:
        if as_json:
            vkeys = [note.format_vkey(key) for key in witness.keys]
            output.print_json({"url": url, "vkeys": vkeys, "logs": list(witness.origins)})
        else:
            output.say(f"{witness.keys[0].name} {told} on {url} (ctrl-C stops)")
        begin()

    with suppress(KeyboardInterrupt, Terminated):  # passed on by uvicorn after its graceful stop
        run(witness, *address, ready, state)


def replays(folder: Path) -> bool:
    """Whether the witness in a folder has replayed anything: without a log to read its mirror is empty."""
    from ledger.store.sqlite import SqliteStore
    from ledger.witness.mirror import MIRROR, REFUSED

    mirror = folder / MIRROR
    if not mirror.exists() or (mirror / REFUSED).exists():
        return mirror.exists()
    store = SqliteStore(mirror)
    try:
        return store.head().size > 0
    finally:
        store.close()


@contextmanager
def replaying(
    folder: Path, url: str, trust_file: str, again: bool
) -> Iterator[tuple["Witness", "ReplayingJudge"]]:
    """The witness over the mirror in its folder, and its judge."""
    from ledger.monitoring.source import HttpSource
    from ledger.store.sqlite import SqliteStore
    from ledger.witness.folder import is_plain, load
    from ledger.witness.judge import ReplayingJudge
    from ledger.witness.mirror import MIRROR, Mirror

    trust = trust_of(trust_file)
    load(folder)  # before a mirror is made
    if is_plain(folder):
        raise EnvironmentFault("witness.plain", detail=f"{folder} was served without replaying")
    store = SqliteStore(folder / MIRROR, create=True)
    try:
        mirror = Mirror(folder, store, HttpSource(url), trust, options.now)
        if again and mirror.judge_again():
            output.note("the log was refused; it is judged again")
        judge = ReplayingJudge(mirror, options.now, partial(_tell, url))
        try:
            with opened(folder, (trust_file,), judge, judge.inconsistent) as witness:
                yield witness, judge
        finally:
            judge.close()
    finally:
        store.close()


def _tell(url: str, code: str, sentence: str) -> None:
    """What keeps it from judging, and what to do."""
    place = f" at {url}" if code.startswith("network.") else ""
    output.note(f"{format_instant(options.now())}  {code}{place}: {sentence}")
    output.note(f"what to do: {CODES[code].remedy}")


def _address(text: str, public: bool) -> tuple[str, int]:
    """Host and port to listen on; an IPv6 address stands in brackets."""
    name, colon, port = text.rpartition(":")
    if not colon or not port.isdecimal() or not port.isascii() or int(port) >= 2**16:
        raise click.UsageError(f"--listen takes HOST:PORT, and not {text}.")
    host = name.removeprefix("[").removesuffix("]") or "127.0.0.1"
    if not public and not loopback(host):
        raise EnvironmentFault("command.public", detail=f"{host} can be reached from other machines")
    return host, int(port)


@contextmanager
def opened(
    folder: Path,
    logs: Sequence[str],
    judge: "Judge | None" = None,
    report: "Callable[[str, str], None] | None" = None,
) -> Iterator["Witness"]:
    """The witness in a folder, for the logs that the files name; with a judge of its own, if it has one, and
    what is to be done with a checkpoint that does not extend the last one."""
    from ledger.store.guard import FileGuard, default_directory
    from ledger.witness.folder import keep_evidence, load, parse_logs
    from ledger.witness.state import States
    from ledger.witness.witness import Witness, contradicts, plain

    known = []
    for file in logs:
        with files.named(file):
            known += parse_logs(files.read_text(file))
    cosigners = load(folder)
    directory = default_directory(folder)
    whose = cosigners[0].verifier

    def guard(origin: str) -> FileGuard:
        """One guard for each key and log: whoever runs the same key elsewhere should share it."""
        digest = hashlib.sha256(f"{whose.name}\n{origin}".encode() + whose.key).hexdigest()
        return FileGuard(directory, f"witness {digest}")

    def plainly(signed: str, last: str) -> None:
        if contradicts(signed, last):
            keep_evidence(folder, signed, last)

    states = States(folder)
    try:
        yield Witness(
            states,
            cosigners,
            known,
            lambda: options.now() // 1000,
            guard,
            judge or plain,
            report or plainly,
        )
    finally:
        states.close()
