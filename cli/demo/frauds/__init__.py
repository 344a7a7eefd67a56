"""``oreline demo --frauds``: named frauds, each tried on the demo's ledger with and without its fraudulent
step. The frauds are data (frauds.json), and so is where each of them must be caught."""

from collections.abc import Callable, Iterable
from typing import Any, NamedTuple

from cli.demo.frauds.fraud import Fraud, load
from cli.demo.frauds.run import Found, try_out
from cli.demo.frauds.stage import Played

__all__ = ["Fraud", "Outcome", "Played", "load", "run_fraud", "run_frauds"]

Progress = Callable[[int, int], None]  # frauds tried, frauds in all


class Outcome(NamedTuple):
    """What became of one fraud. ``caught``: exactly where it must be, with that code; ``found`` says where
    it was. ``innocent_passes``: nothing was said against its honest twin, or else ``against`` was."""

    name: str
    family: str
    story: str
    caught_by: str
    code: str
    caught: bool
    innocent_passes: bool
    found: Found
    against: Found

    @property
    def ok(self) -> bool:
        """The fraud was caught, and the innocent passed."""
        return self.caught and self.innocent_passes

    def as_json(self) -> dict[str, Any]:
        """The JSON object of this outcome."""
        return {**self._asdict(), "found": self.found._asdict(), "against": self.against._asdict()}


def run_fraud(played: Played, fraud: Fraud) -> Outcome:
    """Try one fraud, and its honest twin."""
    against = try_out(played, fraud, honest=True)
    found = try_out(played, fraud, honest=False)
    caught = found == (fraud.caught_by, fraud.code)
    told = fraud.name, fraud.family, fraud.story, fraud.caught_by, fraud.code
    return Outcome(*told, caught, against == Found(), found, against)


def run_frauds(
    progress: Progress = lambda done, total: None, frauds: Iterable[Fraud] | None = None
) -> list[Outcome]:
    """Try all frauds (or these), in their order."""
    chosen = list(load() if frauds is None else frauds)
    played = Played()
    outcomes = []
    for number, fraud in enumerate(chosen, 1):
        outcomes.append(run_fraud(played, fraud))
        progress(number, len(chosen))
    return outcomes
