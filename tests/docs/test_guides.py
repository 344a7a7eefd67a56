"""What the guides show is what happens (see ``tests.docs.shell``)."""

from pathlib import Path

import pytest

from tests.docs.shell import check
from tests.house.tree import ROOT

pytestmark = pytest.mark.unmeasured

GUIDES = sorted((ROOT / "docs" / "guides").glob("*.md"))


@pytest.mark.parametrize("page", GUIDES, ids=lambda page: page.stem)
def test_a_page_shows_what_happens(page: Path, tmp_path: Path) -> None:
    check(page, tmp_path)
