"""What holds for every test of the suite."""

import os
import signal
import sys
from pathlib import Path

import hypothesis
import pytest

from tests.house import coverage_gate

# Two busy cores are slow at times: a slow example is no failure. In CI (where the variable CI is set)
# hypothesis draws the same examples each time, so that a red build is red again.
hypothesis.settings.register_profile(
    "oreline",
    parent=hypothesis.settings(),
    deadline=None,
    suppress_health_check=[hypothesis.HealthCheck.too_slow],
)
hypothesis.settings.load_profile("oreline")

# Where nothing may write bytecode into the tree, it is kept aside: else each of the many processes that
# tests start compiles anew all that it imports, and each worker rewrites all tests.
if sys.dont_write_bytecode:
    sys.dont_write_bytecode = False
    sys.pycache_prefix = str(Path(__file__).parents[1] / ".pytest_cache" / "bytecode")
    os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
    os.environ["PYTHONPYCACHEPREFIX"] = sys.pycache_prefix

# Who starts the suite in the background may have made it deaf to ctrl-C, and its children would be too.
if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)


def pytest_configure(config: pytest.Config) -> None:
    coverage_gate.register(config)
