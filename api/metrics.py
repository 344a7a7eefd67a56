"""Counters for Prometheus, in its text format 0.0.4. Small enough not to need a library."""

from collections import Counter
from collections.abc import Iterable, Mapping
from threading import Lock
from typing import Any

from ledger.log import Posted, Receipt, Refused
from ledger.witness.collect import WitnessState

MEDIA_TYPE = "text/plain; version=0.0.4; charset=utf-8"

# name → (type, help); labels are fixed by who counts.
METRICS: Mapping[str, tuple[str, str]] = {
    "oreline_entries": ("gauge", "Entries in the ledger."),
    "oreline_checkpoint_entries": ("gauge", "Entries covered by the published checkpoint."),
    "oreline_checkpoint_lag_entries": ("gauge", "Entries that no published checkpoint covers yet."),
    "oreline_checkpoint_fault": ("gauge", "1 while no checkpoint can be signed and published, else 0."),
    "oreline_witness_entries": ("gauge", "Entries of the last checkpoint that the witness cosigned."),
    "oreline_witness_lag_entries": ("gauge", "Entries that the witness has cosigned no checkpoint of yet."),
    "oreline_witness_lag_seconds": (
        "gauge",
        "Since when the witness owes a cosignature; 0 while it owes none.",
    ),
    "oreline_witness_fault": ("gauge", "1 while the witness refuses or does not answer, else 0."),
    "oreline_posts_total": ("counter", "Posted batches, by what became of them."),
    "oreline_statements_total": ("counter", "Posted statements, by what became of them."),
    "oreline_refusals_total": ("counter", "Reasons for which statements were refused, by code."),
}


class Metrics:
    """What this process has counted since it started. Safe for many threads."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._counts: Counter[tuple[str, str]] = Counter()

    def fault(self, code: str) -> None:
        """A batch got no answer from the ledger, for this reason."""
        with self._lock:
            self._counts["oreline_posts_total", 'outcome="fault"'] += 1
            self._counts["oreline_refusals_total", f'code="{code}"'] += 1

    def posted(self, posted: Posted) -> None:
        """The ledger answered a batch."""
        kinds = Counter(map(_kind, posted.outcomes))
        codes = Counter(found.code for found in posted.problems)
        outcome = "recorded" if kinds["recorded"] else "refused" if kinds["refused"] else "unchanged"
        with self._lock:
            self._counts["oreline_posts_total", f'outcome="{outcome}"'] += 1
            for kind, n in kinds.items():
                self._counts["oreline_statements_total", f'outcome="{kind}"'] += n
            for code, n in codes.items():
                self._counts["oreline_refusals_total", f'code="{code}"'] += n

    def text(self, gauges: Mapping[str, int], witnesses: Iterable[WitnessState] = ()) -> str:
        """The exposition: all counters, and the gauges as they are now."""
        with self._lock:
            rows: list[tuple[str, str, Any]] = [(*key, n) for key, n in self._counts.items()]
        rows += [(name, "", value) for name, value in gauges.items()]
        for witness in witnesses:
            rows += _of_witness(witness, gauges["oreline_entries"])
        lines = []
        for name, (kind, meaning) in METRICS.items():
            lines += [f"# HELP {name} {meaning}", f"# TYPE {name} {kind}"]
            for _, label, value in sorted(row for row in rows if row[0] == name):
                lines.append(f"{name}{{{label}}} {value}" if label else f"{name} {value}")
        return "\n".join(lines) + "\n"


def _of_witness(witness: WitnessState, entries: int) -> list[tuple[str, str, int]]:
    name = witness.name.replace("\\", "\\\\").replace('"', '\\"')
    values = {
        "oreline_witness_entries": witness.size,
        "oreline_witness_lag_entries": entries - witness.size,
        "oreline_witness_lag_seconds": witness.behind // 1000,
        "oreline_witness_fault": int(bool(witness.error)),
    }
    return [(metric, f'witness="{name}"', value) for metric, value in values.items()]


def _kind(outcome: Receipt | Refused | None) -> str:
    if outcome is None:
        return "unrecorded"
    if isinstance(outcome, Refused):
        return "refused"
    return "duplicate" if outcome.duplicate else "recorded"
