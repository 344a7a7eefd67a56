"""The whole suite measures itself: branch coverage of ledger, api and cli, subprocesses included.

- all of it: at least ``TOTAL`` per cent;
- the pure core (``ledger.verify`` and whatever importing it runs): every line and every branch.

Tracing more than doubles what a test costs. Tests that try many cases over code that others cover carry the
mark ``unmeasured``: neither they nor their subprocesses are traced, and what they alone reach counts as not
covered.

Only the whole suite can answer, so a run of chosen paths, names or marks neither measures nor fails.
The outcome is reported as two more tests, so that pytest's closing line and exit code tell it.
"""

import json
import os
import shutil
import sys
import tempfile
import threading
from collections.abc import Generator
from pathlib import Path
from typing import Any

import coverage
import pytest
from grimp.exceptions import GrimpException

from tests.house.tree import ROOT, pure_core

TOTAL = 95.0
WORST = 8
TOLD = "COVERAGE_PROCESS_CONFIG"  # by this, coverage tells subprocesses to measure themselves


def whole_suite(config: pytest.Config) -> bool:
    """Nothing on the command line chooses among the tests."""
    chosen = ("keyword", "markexpr", "deselect", "ignore", "ignore_glob", "lf", "stepwise", "collectonly")
    return config.args_source is pytest.Config.ArgsSource.TESTPATHS and not any(
        config.getoption(name, default=None) for name in chosen
    )


def register(config: pytest.Config) -> None:
    """Called by the top conftest, in the main process and in each worker."""
    if hasattr(config, "workerinput"):
        config.pluginmanager.register(Worker())
    elif whole_suite(config):
        config.pluginmanager.register(Gate(config))


class Measuring:
    """Whoever runs tests."""

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_protocol(self, item: pytest.Item) -> Generator[None, object, object]:
        if coverage.Coverage.current() is None or item.get_closest_marker("unmeasured") is None:
            return (yield)
        here, threads, told = sys.gettrace(), threading.gettrace(), os.environ.pop(TOLD)
        sys.settrace(None)
        threading.settrace(None)
        try:
            return (yield)
        finally:
            os.environ[TOLD] = told
            threading.settrace(threads)
            sys.settrace(here)


class Worker(Measuring):
    """A worker of pytest-xdist: a subprocess, so coverage started by itself if the gate is on."""

    def pytest_sessionfinish(self) -> None:
        running = coverage.Coverage.current()
        if running is not None:
            running.stop()
            running.save()


class Gate(Measuring):
    """Measures the session and judges the sum."""

    def __init__(self, config: pytest.Config) -> None:
        self.config = config
        self.folder = Path(tempfile.mkdtemp(prefix="oreline-coverage-"))
        self.summary: list[str] = []
        self.coverage = self.opened()
        self.coverage.start()

    def opened(self) -> coverage.Coverage:
        """A view of this run's data, which lies outside the tree; subprocesses are told where."""
        return coverage.Coverage(
            data_file=str(self.folder / "data"), config_file=str(ROOT / "pyproject.toml")
        )

    @pytest.hookimpl(wrapper=True)
    def pytest_runtestloop(self, session: pytest.Session) -> Generator[None, object, object]:
        outcome = yield
        files = self.measured()
        total = percent(files.values())
        self.summary = [f"total {total:.2f} % (at least {TOTAL:.0f} %)", *worst(files)]
        self.report("total", total >= TOTAL, f"{total:.2f} % is covered; at least {TOTAL:.0f} % must be.")
        gaps = [f"{name}: {why}" for name, why in pure_gaps(files)]
        self.report("pure core", not gaps, "Not every line and branch is covered:\n" + "\n".join(gaps))
        return outcome

    def measured(self) -> dict[str, dict[str, Any]]:
        """Path from the root -> coverage's JSON about it; all processes together."""
        self.coverage.stop()
        self.coverage.save()
        whole = self.opened()
        whole.combine()
        whole.save()
        report = self.folder / "report.json"
        whole.json_report(outfile=str(report))
        shutil.copy(self.folder / "data", ROOT / ".coverage")  # for `coverage html`
        found: dict[str, dict[str, Any]] = json.loads(report.read_text())["files"]
        return found

    def report(self, name: str, passed: bool, text: str) -> None:
        """One more test."""
        nodeid = f"coverage of the {name}"
        found = pytest.TestReport(
            nodeid=nodeid,
            location=("tests/house/coverage_gate.py", None, nodeid),
            keywords={},
            outcome="passed" if passed else "failed",
            longrepr=None if passed else text,
            when="call",
        )
        self.config.hook.pytest_runtest_logreport(report=found)

    def pytest_terminal_summary(self, terminalreporter: pytest.TerminalReporter) -> None:
        if self.summary:
            terminalreporter.section("coverage")
            for line in self.summary:
                terminalreporter.write_line(line)

    def pytest_unconfigure(self) -> None:
        shutil.rmtree(self.folder, ignore_errors=True)


def percent(files: Any) -> float:
    """Covered lines and branches of all that there are."""
    covered = every = 0
    for file in files:
        counts = file["summary"]
        covered += counts["covered_lines"] + counts["covered_branches"]
        every += counts["num_statements"] + counts["num_branches"]
    return 100 * covered / every if every else 100.0


def gap(file: dict[str, Any]) -> str:
    """What is not covered in one file: lines, and branches ``from->to``; "" if nothing."""
    missing = [str(line) for line in file["missing_lines"]]
    missing += [
        f"{a}->{b if b > 0 else 'exit'}"
        for a, b in file["missing_branches"]
        if a not in file["missing_lines"]
    ]
    return ", ".join(missing)


def worst(files: dict[str, dict[str, Any]]) -> list[str]:
    """The files with the least of them covered, one line each."""
    rows = sorted((percent([file]), name, gap(file)) for name, file in files.items())
    return [f"{share:6.2f} %  {name}  {text[:120]}" for share, name, text in rows[:WORST] if text]


def pure_gaps(files: dict[str, dict[str, Any]]) -> list[tuple[str, str]]:
    """(file, what is not covered) over the pure core."""
    try:
        names = [path.relative_to(ROOT).as_posix() for path in pure_core().values()]
    except GrimpException as error:  # no verifier, or a file that does not parse
        return [("ledger/verify.py", str(error))]
    # A file without statements is not in coverage's report.
    return [(name, gap(files[name])) for name in names if name in files and gap(files[name])]
