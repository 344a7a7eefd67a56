"""``oreline init``: a new ledger."""

import os
import shlex
from pathlib import Path
from typing import Any
from uuid import uuid4

import click

from cli import files, options, output
from cli.errors import Refused
from ledger import events, statement, strictjson
from ledger.errors import Malformed, OrelineError, StorageError
from ledger.keys import PrivateKey
from ledger.quantity import check_id, format_time

RULES = 1
REGISTRAR, RECOVERY, OPERATOR = "registrar", "recovery", "operator"
SECOND = "operator-ml-dsa-44"


@click.command("init")
@click.argument("folder")
@click.option(
    "--name", required=True, help="The ledger's name, a schemaless URL of yours: example.com/ledger"
)
@click.option(
    "--registrar", required=True, metavar="PARTY", help="The registrar's id: urn:example:party:registrar"
)
@click.option(
    "--catalogue", metavar="FILE", help="Materials, processes and marks; those of Oreline unless given."
)
@click.option(
    "--encrypt", is_flag=True, help="Encrypt the registrar's and the recovery key with a passphrase."
)
@click.option(
    "--post-quantum", is_flag=True, help="Sign checkpoints with an ML-DSA-44 key, too; checkers need both."
)
@options.as_json
def command(
    folder: str,
    name: str,
    registrar: str,
    catalogue: str | None,
    encrypt: bool,
    post_quantum: bool,
    as_json: bool,
) -> None:
    """Make a new ledger in FOLDER, which must not exist, or must be empty.

    Makes the registrar's, the recovery and the operator's key, the charter that they found the ledger
    with, and the trust file for everyone who checks proofs. The whole folder is there at the end, or
    nothing of it.
    """
    if "://" in name:
        raise click.UsageError(f"The name of a ledger has no scheme: {name.partition('://')[2]}")
    try:
        check_id(registrar)
    except Malformed as wrong:
        raise click.UsageError(f"--registrar: {wrong.detail}, such as urn:example:party:registrar") from None
    target = Path(folder)
    if (target / "ledger.db").exists():
        raise StorageError("store.exists", detail=f"{folder} holds a ledger")
    keys = {role: PrivateKey.from_seed("Ed25519", os.urandom(32)) for role in (REGISTRAR, RECOVERY, OPERATOR)}
    charter = _charter(name, registrar, _catalogue(catalogue), keys)
    passphrase = options.new_passphrase("the registrar's and the recovery key") if encrypt else None
    second = PrivateKey.from_seed("ML-DSA-44", os.urandom(32)) if post_quantum else None
    _create(target, charter, keys, passphrase, second)
    if second is not None:
        keys[SECOND] = second
    trust = (target / "trust.policy").read_text()
    if as_json:
        output.print_json(
            {
                "ledger": folder,
                "name": name,
                "registrar": registrar,
                "keys": {role: str(target / "keys" / f"{role}.jwk") for role in keys},
                "kids": {role: key.public.kid for role, key in keys.items()},
                "trust": str(target / "trust.policy"),
                "charter": next(line for line in trust.splitlines() if line.startswith("charter ")).split()[
                    1
                ],
            }
        )
    else:
        output.say(_told(target, name, post_quantum))


def _charter(name: str, registrar: str, catalogue: Any, keys: dict[str, PrivateKey]) -> str:
    """The charter, signed; ``Refused`` with all that is wrong with its form."""
    payload = strictjson.dumps(
        {
            "ledger": name,
            "type": "charter",
            "id": f"urn:uuid:{uuid4()}",
            "time": format_time(options.now() // 1000),
            "party": registrar,
            "name": name,
            "rules": RULES,
            "registrar_keys": [keys[REGISTRAR].public.jwk],
            "recovery_key": keys[RECOVERY].public.jwk,
            "operator_key": keys[OPERATOR].public.jwk,
            "catalogue": catalogue,
        }
    )
    wrong = events.errors(payload)
    if wrong:
        raise Refused([("the charter", problem) for problem in wrong])
    return statement.sign(payload, keys[REGISTRAR])


def _catalogue(file: str | None) -> Any:
    if file is None:
        return strictjson.loads(files.shipped_catalogue())
    try:
        return strictjson.loads(files.read(file, statement.MAX))
    except Malformed as error:
        raise OrelineError(error.code, f"{file} {error.path}", error.detail) from None


def _create(
    target: Path,
    charter: str,
    keys: dict[str, PrivateKey],
    passphrase: str | None,
    second: PrivateKey | None,
) -> None:
    from ledger.folder import KEYS, create
    from ledger.keyfile import save_private
    from ledger.store.guard import default_directory

    guard = default_directory(target)
    with files.staged(target) as stage:
        create(stage, charter, keys[OPERATOR], options.now, guard, second=second).close()
        for role in (REGISTRAR, RECOVERY):
            save_private(stage / KEYS / f"{role}.jwk", keys[role], passphrase)


def _told(target: Path, name: str, post_quantum: bool) -> str:
    at = shlex.quote(str(target))
    second = (
        "\n  keys/operator-ml-dsa-44.jwk  signs them, too; trust.policy asks for both signatures"
        if post_quantum
        else ""
    )
    return f"""\
The ledger {name} is in {target}.

  keys/registrar.jwk  admits parties and sites; only for the registrar to read
  keys/recovery.jwk   replaces lost registrar keys; move it to a safe place now
  keys/operator.jwk   signs checkpoints; whoever posts or serves here needs it{second}
  trust.policy        for everyone who checks proofs; hand it over in a way they
                      trust, since it is all that they will believe

What comes next, from the first party to the first proof:

  export ORELINE_LEDGER={at}
  oreline party add urn:example:party:acme --name "Acme Smelting" --country CA \\
    --role smelter --prefix urn:example:lot:acme:
  oreline site add urn:example:site:acme --operator urn:example:party:acme \\
    --kind smelter --kind casthouse --subdivision CA-QC
  oreline key new acme.jwk
  oreline key register acme.jwk --party urn:example:party:acme
  echo '{{"type": "source", "id": "urn:example:event:1", "kind": "opening",
    "site": "urn:example:site:acme",
    "outputs": [{{"lot": "urn:example:lot:acme:1", "kg": "1000",
                 "material": "liquid_aluminium"}}]}}' > event.json
  oreline sign event.json --key acme.jwk --fill | oreline post
  oreline show urn:example:lot:acme:1
  oreline prove urn:example:lot:acme:1 -o lot.proof.json
  oreline verify lot.proof.json \\
    --trust {shlex.quote(str(target / "trust.policy"))}

(The verdict will be NOT PROVABLE: opening stock is of unknown origin. For a
chain that holds, see: oreline demo)"""
