"""Generated requests, right and wrong, against a real server: nothing is answered but as documented."""

from collections.abc import Iterator
from typing import Any

import hypothesis
import pytest
import schemathesis
from schemathesis import Case
from schemathesis.checks import load_all_checks, not_a_server_error

from api.app import create_app
from tests.api.serving import ledger_of, served
from tests.world import World

load_all_checks()
SCHEMA = schemathesis.openapi.from_dict(create_app(ledger_of(World())).openapi())
CHECKS: list[Any] = [
    not_a_server_error,
    *schemathesis.checks.CHECKS.get_by_names(
        [
            "status_code_conformance",
            "content_type_conformance",
            "response_headers_conformance",
            "response_schema_conformance",
            "unsupported_method",
        ]
    ),
]


@pytest.fixture(scope="module")
def url() -> Iterator[str]:
    world = World()
    world.hood()
    with served(ledger_of(world)) as client:
        yield str(client.base_url)


@SCHEMA.parametrize()
@hypothesis.settings(
    max_examples=25,
    deadline=None,
    derandomize=True,
    database=None,
    suppress_health_check=list(hypothesis.HealthCheck),
)
def test_every_answer_is_documented(case: Case[Any], url: str) -> None:
    case.call_and_validate(base_url=url, checks=CHECKS)
