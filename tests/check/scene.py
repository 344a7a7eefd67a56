"""An honest panel to attack, and what the checks say of it then."""

from ledger.check.report import FAIL, Checked
from ledger.proof import build
from ledger.trust import Trust
from ledger.verify import check
from tests.check.forge import Forge
from tests.world import LOT, PARTY, SITE, START, World

STAMPER, ROLLER = PARTY + "stamper", PARTY + "roller"
BLANK = LOT + "stamper:blank-2"
OTHER = {"lot": BLANK, "material": "blank"}


class Scene:
    """An honest hood, published, for someone to attack."""

    def __init__(self, start: str = START) -> None:
        self.world = World(start=start)
        self.lot = self.world.hood()
        self.world.publish()
        self.data = build(self.world.store, self.lot)

    def check(self, data: bytes, trust: Trust | None = None) -> Checked:
        (found,) = check([data], trust or self.world.trust).proofs
        return found

    def forge(self) -> Forge:
        return Forge(self.world)


def codes(found: Checked, verdict: str = FAIL) -> set[tuple[int, str]]:
    return {(f.check, f.code) for f in found.findings if f.verdict == verdict and f.check != 8}


def eighth(found: Checked) -> set[str]:
    return {finding.code for finding in found.findings if finding.check == 8}


def collected(world: World, lot: str = "scrap") -> dict[str, object]:
    """Scrap enters at a yard; the event."""
    site = world.site("yard")
    line = {"lot": world.lot(PARTY + "collector", lot), "kg": "5", "material": "post_consumer_scrap"}
    return {
        "type": "source",
        "party": PARTY + "collector",
        "site": site,
        "kind": "collection",
        "outputs": [line],
    }


def blanked(world: World, **members: object) -> dict[str, object]:
    """A second hood out of the coil's next blank."""
    line = {"lot": LOT + "stamper:blank-2", "kg": "12", "material": "blank"}
    event = {
        "type": "transform",
        "party": STAMPER,
        "site": SITE + "press",
        "process": "blank",
        "inputs": [{"lot": LOT + "roller:coil", "kg": "15"}],
        "outputs": [line],
        "model": "segregated",
    }
    return event | members
