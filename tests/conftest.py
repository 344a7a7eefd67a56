"""What holds for every test of the suite."""

import signal

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


# Who starts the suite in the background may have made it deaf to ctrl-C, and its children would be too.
if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)


def pytest_configure(config: pytest.Config) -> None:
    coverage_gate.register(config)
