"""docs/reference/policies.md: the made parts are what the program makes, and its example is a policy."""

import re

import pytest

from ledger.policy import load, try_examples
from ledger.policy.chain import STAGES, Of
from ledger.policy.kinds import KINDS
from ledger.policy.kinds.expression import ALLOWED, MAX_TEXT, MAX_WORK
from ledger.policy.reading import MAX_OCTETS, MAX_TABLES
from ledger.policy.requirement import Requirement
from ledger.policy.shipped import schemes
from tests.docs import policies_page as page

TEXT = page.PAGE.read_text("utf-8")


def test_the_page_is_what_the_program_makes_of_it() -> None:
    assert page.render(TEXT) == TEXT, "run: uv run python -m tests.docs.update"
    assert set(page.MAKERS) == {found[2] for found in page.PART.finditer(TEXT)}


@pytest.mark.parametrize("name", KINDS)
def test_every_kind_and_member_is_named_and_described(name: str) -> None:
    part = TEXT.partition(f"### {name}\n")[2].partition("\n### ")[0]
    assert len(part) > 100
    for member, field in KINDS[name].model_fields.items():
        if member not in (*Requirement.model_fields, "kind"):
            assert f"| `{field.alias or member}` |" in part
            assert field.description


def test_the_members_of_of_the_stages_and_the_schemes_are_named() -> None:
    assert all(f"| `{name}` |" in TEXT for name in (*Of.model_fields, *STAGES, *schemes()))


def test_the_example_on_the_page_is_a_policy_whose_examples_agree() -> None:
    (written,) = re.findall(r"```toml policy\n(.*?)```", TEXT, re.S)
    assert [one for one in try_examples(load(written)) if not one.agrees] == []


def test_limits_and_functions_are_the_programs_own() -> None:
    assert f"{MAX_OCTETS:,} octets, at most {MAX_TABLES} requirements" in TEXT
    assert f"more work than {MAX_WORK:,} elements" in TEXT
    assert f"at most {MAX_TEXT:,} characters" in TEXT
    (row,) = re.findall(r"^\| functions \| (.*) \|$", TEXT, re.M)
    named = set(re.findall(r"`(\w+)`", row))
    assert named == {name for name in ALLOWED if name.isidentifier()}
