"""What a check says of lots that rest on the register's root."""

from ledger.check.report import NOT_PROVABLE, PASS, Checked
from ledger.verify import check
from tests.world import World

ROOT = "rests.root"
BEYOND = 8, "standing.beyond"


def checked(world: World, data: bytes, accept_root: bool = True) -> Checked:
    (found,) = check([data], world.trust, accept_root=accept_root).proofs
    said = {(f.check, f.code, f.verdict) for f in found.findings if f.code in (ROOT, BEYOND[1])}
    verdict = PASS if accept_root else NOT_PROVABLE
    assert said == ({(7, ROOT, verdict), (*BEYOND, verdict)} if rested(found) else set())
    return found


def bad(found: Checked) -> set[tuple[int, str]]:
    return {(f.check, f.code) for f in found.findings if f.verdict != PASS}


def rested(found: Checked) -> set[str]:
    """Names of the lots that rest on the root."""
    return {
        id.rpartition(":")[2]
        for f in found.findings
        if f.check == 7 and "rest on" in f.sentence.replace("rests", "rest")
        for id in f.ids
    }
