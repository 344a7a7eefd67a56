"""Our program, run as its users run it, beside the checkers of this folder: both must see the same."""

import json
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

HERE = Path(__file__).parent
sys.path.insert(0, str(HERE))

from checker import Check  # noqa: E402
from forge import Signer  # noqa: E402
from trust import Trust  # noqa: E402
from values import grams  # noqa: E402

ORELINE = Path(sys.executable).with_name("oreline")
DEMO = "urn:oreline-demo:"
HOOD = f"{DEMO}lot:cardinal:hood-0305-0003"
NAME = "oreline.example/demo"
CERTIFIER = f"{DEMO}party:meridian"
VERDICTS = "holds", "does not hold", "not provable"  # by exit code


class Demo:
    """The demo's ledger, and everything that its user can learn with the command line."""

    def __init__(self, home: Path):
        self.home, self.folder = home, home / "demo"
        self.run("demo", "--dir", str(self.folder))
        self.trust = self.folder / "trust.policy"
        self.proof = (self.folder / "hood.proof.json").read_bytes()
        self.entries = self.run("export", "entries", str(self.folder)).splitlines()
        self.vkey = re.findall(r"^log (\S+)$", self.trust.read_text(), re.M)[0]

    def run(self, *arguments: str, text: str = "", codes: tuple[int, ...] = (0,)) -> str:
        environment = {name: value for name, value in os.environ.items() if not name.startswith("ORELINE_")}
        environment |= {"HOME": str(self.home), "XDG_STATE_HOME": str(self.home / "state")}
        done = subprocess.run(
            [ORELINE, *arguments], input=text, capture_output=True, text=True, env=environment
        )
        assert done.returncode in codes, done.stderr
        return done.stdout

    def key(self, name: str) -> Signer:
        return Signer.load(self.folder / f"keys/{name}.jwk")

    def verify(self, proofs: list[bytes]) -> Iterator[dict]:
        """Our report on each of the proofs."""
        for start in range(0, len(proofs), 25):
            files = []
            for number, data in enumerate(proofs[start : start + 25]):
                files.append(self.home / f"{number}.proof.json")
                files[-1].write_bytes(data)
            arguments = ["verify", "--json", "--trust", str(self.trust), *map(str, files)]
            yield from json.loads(self.run(*arguments, codes=(0, 1, 2)))["proofs"]


Seen = dict[int, tuple[str, set[tuple[str, str]]]]


def ours(report: dict) -> Seen:
    """Of each check that was made its verdict, and what was found, by verdict and code."""
    return {
        check["check"]: (
            check["verdict"],
            {(one["verdict"], one["code"]) for one in check["findings"] if one["verdict"] != "pass"},
        )
        for check in report["checks"]
    }


def theirs(check: Check) -> Seen:
    return {
        number: (check.verdict(number), {(verdict, code) for verdict, code, _ in findings})
        for number, findings in check.findings.items()
    }


def claims_apart(known: dict, check: Check) -> Iterator[tuple[str, object, object]]:
    """Members of the claims document that the two tell otherwise. `why` of electricity is for people."""
    told = check.told
    for row in known.get("power", []):
        del row["why"]
    if told:
        codes = {code for found in check.findings.values() for _, code, _ in found}
        told["proof"] = {"verdict": VERDICTS[check.exit_code], "codes": sorted(codes)}
        told["format"] = "oreline-claims/1"
    for member in {*known, *told}:
        if known.get(member) != told.get(member):
            yield member, known.get(member), told.get(member)


def same(demo: Demo, proofs: dict[str, bytes], checks: int = 9) -> list[Check]:
    """Both checkers agree on verdicts, codes, claims, and what the subject is made of; their results.
    Of proofs whose entries were tampered with the first five checks are compared: of check 6 there is more
    than `replay` judges, and of what is wrong with one event's form any code is right."""
    trust, seen, apart = Trust(demo.trust.read_bytes()), [], []
    for (name, data), report in zip(proofs.items(), demo.verify(list(proofs.values())), strict=True):
        check = Check(data, trust)
        seen.append(check)
        made = (
            [(row["origin"], grams(row["kg"])) for row in report.get("origins", [])],
            report.get("traces", []),
        )
        both = [{n: seen for n, seen in one.items() if n <= checks} for one in (ours(report), theirs(check))]
        if both[0] != both[1]:
            apart.append((name, *both))
        if ours(report)[6][0] != "fail" and made != check.origins:
            apart.append((name, made, check.origins))
        if checks == 9:
            apart += [(name, *one) for one in claims_apart(report.get("claims", {}), check)]
    assert not apart, "\n".join(map(str, apart))
    return seen


def said(type_: str, party: str, n: int, **members: object) -> dict:
    """An event that is not the demo's."""
    about = {
        "ledger": NAME,
        "type": type_,
        "id": f"urn:forged:{n}",
        "time": "2026-03-14T08:00:00Z",
        "party": party,
    }
    return about | members


def attest(n: int, **members: object) -> dict:
    validity = {"valid_from": "2026-01-01T00:00:00Z", "valid_until": "2027-01-01T00:00:00Z"}
    about = {"subject": HOOD, "scheme": "origin", "status": "certified"}
    return said("attest", CERTIFIER, n, **about, **validity, **members)
