"""docs/reference/formats/register.md and map.md: the Python shown makes what the program makes, of the
example and of any records, and what the pages say of the example is so."""

import json
import re
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from ledger import b64, events, register, registermap
from ledger.register import KINDS, Key
from tests.core import map_reference
from tests.docs import blocks_map
from tests.docs.blocks import FENCE, REFERENCE, of_entry
from tests.docs.example import example


def python(page: str) -> dict[str, Any]:
    """What the page's Python defines."""
    defined: dict[str, Any] = {}
    for language, _, code in FENCE.findall((REFERENCE / "formats" / page).read_text("utf-8")):
        if language == "python":
            exec(code, defined)
    return defined


REGISTER, MAP = python("register.md"), python("map.md")
KEYS = st.builds(Key, st.sampled_from(list(KINDS)), st.text(max_size=6))


@given(st.sets(st.integers(0, 2**53), max_size=6))
def test_chains_follow_from_the_python_shown(indices: set[int]) -> None:
    chain = ""
    for index in sorted(indices):
        chain = register.chained(chain, index)
    assert REGISTER["chain"](indices) == chain


def test_the_chains_shown_are_those_of_the_entries_shown() -> None:
    for line in blocks_map.chains().splitlines():
        found = re.fullmatch(r"\w+ .+: (\[.+\]) (\S+)", line)
        assert found
        assert REGISTER["chain"](json.loads(found[1])) == found[2]


@given(st.binary(min_size=32, max_size=32), st.dictionaries(KEYS, st.binary(max_size=4), max_size=60))
def test_maps_follow_from_the_python_shown(charter: bytes, records: dict[Key, bytes]) -> None:
    shown = MAP["map_root"](charter, records)
    assert shown == map_reference.root(charter, records)
    assert shown[0] == registermap.depth_of(len(records))
    for key in records:
        assert MAP["key_hash"](*key) == registermap.key_hash(key)


def test_the_examples_map_follows_from_the_python_shown() -> None:
    depth, root = MAP["map_root"](blocks_map.charter(), blocks_map.records())
    assert (depth, root) == (blocks_map.depth(), blocks_map.root())
    assert blocks_map.map_buckets().endswith(f"\nroot {root.hex()}\n")


def test_the_example_is_the_published_one() -> None:
    """The register event at the example's end states the root that the page shows."""
    assert "as the seven entries before the last leave them" in (REFERENCE / "formats" / "map.md").read_text(
        "utf-8"
    )
    assert max(record[: record.index(b",")] for record in blocks_map.records().values()) == b"[6"
    assert example().store.head().size == blocks_map.STATED + 1
    stated = events.parse(of_entry(blocks_map.STATED).payload)
    assert isinstance(stated, events.Register)
    root = b64.encode_std(blocks_map.root())
    assert (stated.size, stated.depth, stated.root) == (blocks_map.STATED, blocks_map.depth(), root)


def test_what_the_proof_shows_of_the_example() -> None:
    text = blocks_map.map_proof()
    assert "the record [5,500,1," in text
    assert text.count("no such record") == 2
