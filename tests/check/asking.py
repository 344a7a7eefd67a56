"""What the checks say of the proof that a ledger gives of a lot."""

from ledger.check.report import Checked
from ledger.proof import build
from ledger.verify import check
from tests.world import World


def checked(world: World, lot: str, **options: object) -> Checked:
    """The checks of a lot's own proof."""
    report = check([build(world.store, lot)], world.trust, **options)  # type: ignore[arg-type]
    (found,) = report.proofs
    return found


def codes(found: Checked, number: int) -> set[str]:
    """The codes of one check's findings."""
    return {finding.code for finding in found.findings if finding.check == number} - {""}


def of(found: Checked, number: int) -> str:
    """What one check says, in its sentences."""
    return " ".join(finding.sentence for finding in found.findings if finding.check == number)
