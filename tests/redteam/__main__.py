"""``python -m tests.redteam PROOF TRUST --rounds N``: attack an honest file, and report every hole.

With ``--ledger DIR`` (a copy: it is only read) the attacker knows the whole ledger behind the file. Holes
are written as files into the working directory. Exit code 1 if there is one.
"""

import argparse
import sys
from pathlib import Path

from ledger.folder import open_store
from ledger.prooffile import decode
from ledger.trust import Trust
from tests.redteam.engine import Team


def main() -> int:
    """Run as many attacks as asked."""
    parser = argparse.ArgumentParser(prog="python -m tests.redteam")
    parser.add_argument("proof", type=Path)
    parser.add_argument("trust", type=Path)
    parser.add_argument("--rounds", type=int, default=1_000)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--ledger", help="the ledger's folder, of which the attacker knows all")
    given = parser.parse_args()
    data = given.proof.read_bytes()
    trust = Trust.parse(given.trust.read_text())
    store = open_store(given.ledger) if given.ledger else None
    team = Team(trust, decode(data).subject, store, [data], given.seed)
    found = 0
    for hole in team.holes(given.rounds):
        found += 1
        name = f"hole-{given.seed}-{team.rounds}.proof.json"
        Path(name).write_bytes(hole.data)
        print(f"{name}: {' + '.join(hole.how)}: {hole.what}")
    print(f"{team.rounds} variants, {found} holes")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
