"""Every refusal that the rules know is provoked by a test of the rules, under its code."""

import re
from pathlib import Path

import pytest

from ledger.codes.accounts import ACCOUNTS
from ledger.codes.assurance import ASSURANCE
from ledger.codes.custody import CUSTODY
from ledger.codes.registry import REGISTRY

HERE = Path(__file__).parent
POSTED = HERE.parent / "log" / "test_publisher_register.py"  # what the log alone refuses
TESTED = "".join(path.read_text() for path in (*sorted(HERE.glob("test_rules_*.py")), POSTED))
RULES = "".join(path.read_text() for path in sorted((HERE.parents[1] / "ledger" / "rules").glob("*.py")))


@pytest.mark.parametrize("code", [*REGISTRY, *CUSTODY, *ASSURANCE, *ACCOUNTS])
def test_each_refusal_is_provoked(code: str) -> None:
    by_kind = f'{{kind}}.{code.partition(".")[2]}"'
    assert f'"{code}"' in TESTED or by_kind in TESTED


@pytest.mark.parametrize("code", sorted(set(re.findall(r'"([a-z_]+\.[a-z_]+)"', RULES))))
def test_each_refusal_of_the_rules_is_in_a_table(code: str) -> None:
    assert code in {**REGISTRY, **CUSTODY, **ASSURANCE, **ACCOUNTS}
