"""What holds for every test of the suite."""

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


def pytest_configure(config: pytest.Config) -> None:
    coverage_gate.register(config)
