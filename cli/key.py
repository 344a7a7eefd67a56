"""``oreline key``: keys, and how a newcomer's gets into a ledger."""

import os
import re
from pathlib import Path
from typing import Any

import click

from cli import files, options, output, registry
from ledger import b64, strictjson
from ledger.errors import EnvironmentFault, Malformed, OrelineError
from ledger.keys import PrivateKey, PublicKey, possession_message

REQUEST = "oreline-key-request/1"
_LIKE_AN_OPTION = re.compile(r"-[A-Za-z0-9_-]{42}")


class _TakesKid(click.Command):
    """One key's id in 64 begins with a hyphen; it is no option."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        kids = [arg for arg in args if _LIKE_AN_OPTION.fullmatch(arg)]
        if kids and "--" not in args:
            args = [*(arg for arg in args if arg not in kids), "--", *kids]
        return super().parse_args(ctx, args)


@click.group("key")
def command() -> None:
    """Make, show, register and revoke keys.

    \b
    With the registrar's key at hand:
      oreline key new acme.jwk
      oreline key register acme.jwk --party urn:example:party:acme
    On two machines, the private key never leaving yours:
      oreline key public acme.jwk --party urn:example:party:acme \\
        --ledger-name example.com/ledger -o acme.request.json
      oreline key register acme.request.json        (the registrar)
    """


@command.command("new", short_help="Make a private key.")
@click.argument("file")
@click.option(
    "--p256", is_flag=True, help="A P-256 key (ES256), as many hardware modules make; else Ed25519."
)
@click.option(
    "--ml-dsa", is_flag=True, help="An ML-DSA-44 key, which withstands quantum computers; large signatures."
)
@click.option("--encrypt", is_flag=True, help="Encrypt it with a passphrase. [env: ORELINE_PASSPHRASE]")
@options.as_json
def new(file: str, p256: bool, ml_dsa: bool, encrypt: bool, as_json: bool) -> None:
    """Make a private key in FILE, which must not exist; only you can read it."""
    if p256 and ml_dsa:
        raise click.UsageError("A key is of one kind: --p256 or --ml-dsa.")
    from ledger.keyfile import save_private

    if os.path.lexists(file):  # before a passphrase is thought of
        raise EnvironmentFault("key.exists", detail=f"{file} exists")
    passphrase = options.new_passphrase(file) if encrypt else None
    key = PrivateKey.from_seed("ES256" if p256 else "ML-DSA-44" if ml_dsa else "Ed25519", os.urandom(32))
    save_private(Path(file), key, passphrase)
    if as_json:
        output.print_json({"file": file, "kid": key.public.kid, "algorithm": key.public.algorithm})
    else:
        output.say(f"{file}: a new {key.public.algorithm} key\nkid {key.public.kid}")


@command.command("show", short_help="Show the public side of a key, and whose it is.")
@click.argument("file")
@options.ledger
@options.as_json
def show(file: str, folder: str | None, as_json: bool) -> None:
    """Show the public side of the key in FILE; with a ledger, whose it is there, and of an operator's the
    verifier key for trust files."""
    key, private = _load(file)
    found: dict[str, Any] = {
        "kid": key.kid,
        "algorithm": key.algorithm,
        "private": private,
        "jwk": key.jwk,
    }
    if folder:
        found |= _registration(key, folder)
    if as_json:
        output.print_json(found)
        return
    shown = {**found, "private": _yes(private), "jwk": strictjson.dumps(key.jwk).decode()}
    if folder:
        shown["registered_to"] = found["registered_to"] or "nobody in that ledger"
    if "live" in found:
        shown |= {"sites": found["sites"] or "all of the party's", "live": _yes(found["live"])}
    output.say(output.fields({name.replace("_", " "): value for name, value in shown.items()}))


def _yes(so: bool) -> str:
    return "yes" if so else "no"


def _registration(key: PublicKey, folder: str) -> dict[str, Any]:
    from ledger import note
    from ledger.lookup import queries
    from ledger.register import Key, KeyRecord

    kid, charter = key.kid, Key("charter", "0")
    with options.reading(options.ledger_folder(folder)) as store:
        records = store.read((Key("key", kid), charter))
        record = records.get(Key("key", kid))
        if record is None:
            return {"registered_to": None}
        value: KeyRecord = record.value
        marks = queries.marks(store, (f"key {kid}",))[f"key {kid}"]
        found = {
            "registered_to": value.party,
            "use": value.use,
            "sites": list(value.sites),
            "live": not marks,
        }
        if value.use == "operator":
            found["verifier_key"] = note.ed25519_vkey(records[charter].value.name, key.raw)
        return found


@command.command("public", short_help="Print a public key, or a request to register it.")
@click.argument("file")
@click.option("-o", "--output", "out", metavar="FILE", help="Write there instead of to standard output.")
@click.option("--party", metavar="PARTY", help="Make a request to the registrar: the key of this party.")
@click.option("--site", "sites", multiple=True, metavar="SITE", help="Good for this site only; repeatable.")
@click.option("--ledger-name", metavar="NAME", help="The request is for this ledger.")
@options.ledger
@click.option("--json", "as_json", is_flag=True, help="It always prints JSON.")
def public(
    file: str,
    out: str | None,
    party: str | None,
    sites: tuple[str, ...],
    ledger_name: str | None,
    folder: str | None,
    as_json: bool,
) -> None:
    """Print the public key in FILE, to be given away.

    With --party, what is printed is a request to the registrar: it also proves that you have the key.
    """
    if party:
        found = _request(options.private_key(file), ledger_name or _name(folder), party, sites)
    else:
        found = dict(_load(file)[0].jwk)
    data = strictjson.dumps(found) + b"\n"
    if out:
        files.write(Path(out), data)
    else:
        click.echo(data, nl=False)


def _name(folder: str | None) -> str:
    if not folder:
        raise OrelineError("command.ledger", detail="a request needs --ledger-name or --ledger")
    from ledger.register import Key

    with options.reading(options.ledger_folder(folder)) as store:
        name: str = store.read((Key("charter", "0"),))[Key("charter", "0")].value.name
        return name


def _request(key: PrivateKey, ledger: str, party: str, sites: tuple[str, ...]) -> dict[str, Any]:
    """What the registrar needs to know of a new key: the key, and its proof of possession."""
    found: dict[str, Any] = {
        "format": REQUEST,
        "ledger": ledger,
        "subject": party,
        "jwk": key.public.jwk,
        "proof": b64.encode(key.sign(possession_message(ledger, party, key.public.kid))),
    }
    return found | ({"sites": list(sites)} if sites else {})


@command.command("register", short_help="Register a key of a party.")
@click.argument("file")
@click.option("--party", metavar="PARTY", help="Whose key it is; a request says so itself.")
@click.option("--site", "sites", multiple=True, metavar="SITE", help="Good for this site only; repeatable.")
@registry.posting
def register(
    file: str,
    party: str | None,
    sites: tuple[str, ...],
    posting: registry.Posting,
) -> None:
    """Register the key in FILE: a private key, or the request that `oreline key public --party` made.

    The first key of a party is signed by the registrar: --key, or the key that `oreline init` left in
    the ledger's folder. Every further key is signed by a live key of the party: --key.
    """
    signing = posting.key()
    with posting.target() as ledger:
        request = _read_request(file, ledger.charter()["ledger"], party, sites)
        by = registry.speaker(ledger, signing)
        members = {name: value for name, value in request.items() if name not in ("format", "ledger")}
        event = {"type": "key", "party": by or request["subject"], **members}
        kid = PublicKey.from_jwk(request["jwk"]).kid
        posting.announce(ledger, event, signing, f"key {kid} is registered to {request['subject']}")


def _read_request(file: str, ledger: str, party: str | None, sites: tuple[str, ...]) -> dict[str, Any]:
    """The request in a file, or made from the private key in it."""
    data = files.read(file, 1 << 16).strip()
    try:
        found = strictjson.loads(data) if data.startswith(b"{") else None
    except Malformed as error:
        raise OrelineError("command.content", file, f"the file is no JSON: {error.detail}") from None
    if found is None or "format" not in found:
        if not party:
            raise click.UsageError("Say whose key it is: --party PARTY.", click.get_current_context())
        if found is not None and not found.keys() & {"d", "priv"} and "kty" in found:
            detail = "a public key alone does not prove that its owner asks: use `oreline key public --party`"
            raise OrelineError("command.content", file, detail)
        return _request(options.private_key(file), ledger, party, sites)
    wanted = {"format", "ledger", "subject", "jwk", "proof"}
    if found["format"] != REQUEST or not wanted <= found.keys() <= wanted | {"sites"}:
        raise OrelineError("command.content", file, "this is no request to register a key")
    if found["ledger"] != ledger:
        raise OrelineError("command.content", file, f"the request is for {found['ledger']}, this is {ledger}")
    if party not in (None, found["subject"]) or sites:
        raise click.UsageError("The request says itself whose key it is, and for which sites.")
    PublicKey.from_jwk(found["jwk"] if isinstance(found["jwk"], dict) else {}, f"{file} $.jwk")
    request: dict[str, Any] = found
    return request


@command.command("revoke", cls=_TakesKid, short_help="End a key for good.")
@click.argument("kid")
@click.option("--reason", required=True, help="Why, for whoever reads the ledger.")
@click.option("--since", metavar="TIME", help="Suspect from then on: 2026-03-02T06:00:00Z.")
@click.option("--party", metavar="PARTY", help="Who revokes; found by the signing key unless --url is given.")
@registry.posting
def revoke(
    kid: str,
    reason: str,
    since: str | None,
    party: str | None,
    posting: registry.Posting,
) -> None:
    """End a key for good, given its KID or its file.

    Signed by a key of the same party, or by the registrar's.
    """
    if Path(kid).is_file():
        kid = _load(kid)[0].kid
    signing = posting.key()
    with posting.target() as ledger:
        by = party or registry.speaker(ledger, signing) or ledger.charter()["party"]
        event = {"type": "revoke_key", "party": by, "kid": kid, "reason": reason}
        posting.announce(
            ledger, event | ({"since": since} if since else {}), signing, f"key {kid} is revoked"
        )


def _load(file: str) -> tuple[PublicKey, bool]:
    """The public side of a key file, and whether the file holds the private one."""
    data = files.read(file, 1 << 16).strip()
    if data.startswith(b"{") and b'"d"' not in data and b'"priv"' not in data:
        from ledger.keyfile import load_public

        return load_public(Path(file)), False
    return options.private_key(file).public, True
