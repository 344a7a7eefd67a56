"""Figures: measured values, how they are told, and what is wanted of them."""

import json
import time
from collections.abc import Callable, Iterable, Sequence
from typing import Any, NamedTuple


class Figure(NamedTuple):
    """One measured value. ``wanted``: the target, as words; "" where there is none."""

    name: str
    value: float
    unit: str
    wanted: str = ""
    note: str = ""


def percentile(values: Sequence[float], percent: int) -> float:
    """The value that so many percent of the values do not exceed (nearest rank)."""
    ranked = sorted(values)
    return ranked[max(-(-len(ranked) * percent // 100), 1) - 1]


def spread(name: str, values: Sequence[float], unit: str, wanted: str = "", note: str = "") -> list[Figure]:
    """Median and 99th percentile."""
    return [
        Figure(f"{name}, p50", percentile(values, 50), unit, wanted, note),
        Figure(f"{name}, p99", percentile(values, 99), unit),
    ]


def milliseconds(do: Callable[[], Any]) -> float:
    """How long something takes."""
    start = time.perf_counter()
    do()
    return (time.perf_counter() - start) * 1000


def text(figures: Iterable[Figure]) -> str:
    """A table for people."""
    rows = [(f.name, _number(f.value), f.unit, f.wanted, f.note) for f in figures]
    widths = [max((len(row[column]) for row in rows), default=0) for column in range(4)]
    lines = []
    for name, value, unit, wanted, note in rows:
        line = f"{name:<{widths[0]}}  {value:>{widths[1]}} {unit:<{widths[2]}}  {wanted:<{widths[3]}}  {note}"
        lines.append(line.rstrip())
    return "\n".join(lines)


def markdown(figures: Iterable[Figure]) -> str:
    """A table for a page."""
    rows = [f"| {f.name} | {_number(f.value)} {f.unit} | {f.wanted} | {f.note} |" for f in figures]
    return "\n".join(("| figure | measured | wanted | |", "|---|--:|--:|---|", *rows))


def as_json(figures: Iterable[Figure], about: dict[str, str]) -> str:
    """The same for programs."""
    return json.dumps({"machine": about, "figures": [figure._asdict() for figure in figures]}, indent=2)


def _number(value: float) -> str:
    if value >= 100:
        return f"{value:,.0f}"
    return f"{value:.2f}" if value >= 1 else f"{value:.3f}"
