"""``oreline witness``: run a witness of transparency logs."""

import hashlib
import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING

import click

from cli import files, options, output
from cli.collector import settle
from cli.errors import Terminated
from cli.serve import loopback
from ledger.errors import EnvironmentFault, Malformed, OrelineError
from ledger.keys import Algorithm, PrivateKey

if TYPE_CHECKING:
    from ledger.witness.witness import Judge, Witness

LONGEST = 255  # octets of a name that an ML-DSA-44 cosignature can hold


@click.group("witness")
def command() -> None:
    """Run a witness: it cosigns a log's checkpoints, each only if it extends the one before.

    \b
      oreline witness init w1 --name witness.example/w1
      oreline witness serve w1 --log trust.policy
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

    if not note.is_name(name) or len(name.encode()) > LONGEST:
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
        f"The witness {name} is in {folder}; keep {KEYS} to yourself. Its verifier keys, in {VKEYS}:\n"
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
@click.option(
    "--listen", default="127.0.0.1:8118", show_default=True, metavar="HOST:PORT", help="Port 0: any free."
)
@click.option("--public", is_flag=True, help="Listen on an address that other machines reach.")
@click.option(
    "--adopt-guard",
    is_flag=True,
    help="Where the guard was lost, begin a new one with what the folder holds. Make sure first.",
)
@click.option("--json", "as_json", is_flag=True, help="Print where it listens as JSON.")
def serve(
    folder: str, logs: tuple[str, ...], listen: str, public: bool, adopt_guard: bool, as_json: bool
) -> None:
    """Serve the witness in FOLDER until ctrl-C or SIGTERM: C2SP tlog-witness.

    A log posts its checkpoints to /add-checkpoint. Whoever reaches the port may do so, and it is the log's
    signature that counts. There is no encryption here: put a proxy in front.
    """
    from api.witness import serve as run
    from ledger import note

    host, port = _address(listen)
    if not public and not loopback(host):
        raise EnvironmentFault("command.public", detail=f"{host} can be reached from other machines")
    with opened(Path(folder), logs) as witness:
        for origin in witness.adopt() if adopt_guard else ():
            output.note(f"a new guard for {origin}, from what the folder holds")
        settle()

        def ready(url: str) -> None:
            if as_json:
                vkeys = [note.format_vkey(key) for key in witness.keys]
                output.print_json({"url": url, "vkeys": vkeys, "logs": list(witness.origins)})
            else:
                told = output.count(len(witness.origins), "log")
                output.say(f"{witness.keys[0].name} cosigns for {told} on {url} (ctrl-C stops)")

        with suppress(KeyboardInterrupt, Terminated):  # passed on by uvicorn after its graceful stop
            run(witness, host, port, ready)
    if not as_json:
        output.say("stopped")


def _address(text: str) -> tuple[str, int]:
    """Host and port; an IPv6 address stands in brackets."""
    host, colon, port = text.rpartition(":")
    if not colon or not port.isdecimal() or not port.isascii() or int(port) >= 2**16:
        raise click.UsageError(f"--listen takes HOST:PORT, and not {text}.")
    return host.removeprefix("[").removesuffix("]") or "127.0.0.1", int(port)


@contextmanager
def opened(folder: Path, logs: Sequence[str], judge: "Judge | None" = None) -> Iterator["Witness"]:
    """The witness in a folder, for the logs that the files name; with a judge of its own, if it has one."""
    from ledger.store.guard import FileGuard, default_directory
    from ledger.witness.folder import keep_evidence, load, parse_logs
    from ledger.witness.state import States
    from ledger.witness.witness import Witness, plain

    known = []
    for file in logs:
        try:
            known += parse_logs(files.read_text(file))
        except Malformed as wrong:
            raise OrelineError(
                wrong.code, f"{file} {wrong.path.removeprefix('$')}".strip(), wrong.detail
            ) from None
    cosigners = load(folder)
    directory = default_directory(folder)
    whose = cosigners[0].verifier

    def guard(origin: str) -> FileGuard:
        """One guard for each key and log: whoever runs the same key elsewhere should share it."""
        digest = hashlib.sha256(f"{whose.name}\n{origin}".encode() + whose.key).hexdigest()
        return FileGuard(directory, f"witness {digest}")

    states = States(folder)
    try:
        yield Witness(
            states,
            cosigners,
            known,
            lambda: options.now() // 1000,
            guard,
            judge or plain,
            lambda signed, last: keep_evidence(folder, signed, last),
        )
    finally:
        states.close()
