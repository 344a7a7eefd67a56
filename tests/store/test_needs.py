"""Needs packed as bytes."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ledger.store.needs import pack, unpack


def test_the_example_of_the_docstring() -> None:
    assert pack(300, (2, 298, 299)) == bytes.fromhex("0101a802")
    assert unpack(300, bytes.fromhex("0101a802")) == (2, 298, 299)


@given(needs=st.sets(st.integers(0, 2**40), max_size=20), above=st.integers(1, 2**40))
def test_what_is_packed_is_unpacked(needs: set[int], above: int) -> None:
    ascending = tuple(sorted(needs))
    index = max(needs, default=0) + above
    assert unpack(index, pack(index, ascending)) == ascending


@pytest.mark.parametrize("packed", ["80", "0180", "00", "05", "0401"])
def test_what_none_packed_is_refused(packed: str) -> None:
    with pytest.raises(ValueError, match="need"):
        unpack(4, bytes.fromhex(packed))


def test_an_entry_that_needs_itself_is_our_bug() -> None:
    for needs in ((4,), (5,), (2, 1), (1, 1)):
        with pytest.raises(AssertionError):
            pack(4, needs)
