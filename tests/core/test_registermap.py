"""The register's map: one root for all records, and proofs of what one says, or that there is none."""

import doctest
import random
from collections.abc import Sequence
from hashlib import sha256

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ledger import merkle, registermap
from ledger.register import KINDS, Key
from ledger.registermap import PAIR_BYTES, Opened, depth_of
from tests.core import map_reference
from tests.core.mapping import CHARTER, Map, numbered, stuffed

IDS = st.one_of(st.text(max_size=5), st.sampled_from(["urn:a:1", "urn:a:2", "lot urn:a:1"]))
KEYS = st.builds(Key, st.sampled_from(list(KINDS)), IDS)
RECORDS = st.dictionaries(KEYS, st.binary(max_size=3), max_size=80)


def size(opened: Sequence[Opened], hashes: Sequence[bytes]) -> int:
    """Octets of a proof."""
    return sum(len(part or b"") for bucket in opened for part in bucket.parts) + sum(map(len, hashes))


def test_the_specification_holds() -> None:
    assert doctest.testmod(registermap).failed == 0


# -- the map


@given(RECORDS)
def test_the_root_is_the_one_defined(records: dict[Key, bytes]) -> None:
    found = Map.of(records)
    assert (found.depth, found.root) == map_reference.root(CHARTER, records)


@pytest.mark.parametrize("count", [0, 1, 4, 5, 8, 9, 16, 17, 64, 65, 1000])
def test_the_root_of_many_is_too(count: int) -> None:
    pairs = numbered(count)
    found = Map(pairs)
    assert (found.depth, found.root) == map_reference.root_of_pairs(CHARTER, pairs)


@pytest.mark.parametrize(("count", "bits"), [(17, 0), (17, 40), (60, 100), (33, 250)])
def test_and_of_buckets_that_somebody_stuffed(count: int, bits: int) -> None:
    pairs = stuffed(count, bits) | numbered(100)
    found = Map(pairs)
    assert (found.depth, found.root) == map_reference.root_of_pairs(CHARTER, pairs)


def test_a_bucket_holds_four_on_average_at_most() -> None:
    for count in range(3000):
        depth = depth_of(count)
        assert count <= 4 << depth
        assert depth == 0 or count > 4 << depth - 1


def test_records_about_one_thing_lie_in_one_bucket() -> None:
    of_lot = [Key(kind, "urn:a:1") for kind in ("lot", "hold", "owner", "used")]
    of_lot += [Key(kind, "lot urn:a:1") for kind in ("about", "status")]
    of_event = [Key("event", "p e"), Key("status", "event p e"), Key("about", "event p e")]
    of_key = [Key("key", "k"), Key("status", "key k"), Key("about", "key k")]
    for keys in (of_lot, of_event, of_key):
        hashes = {registermap.key_hash(key) for key in keys}
        assert len(hashes) == len(keys)
        assert len({hash[:16] for hash in hashes}) == 1
    apart = [Key(kind, "urn:a:1") for kind in ("party", "site", "attestation", "posted", "mark")]
    assert len({registermap.key_hash(key)[:16] for key in [*apart, of_lot[0]]}) == len(apart) + 1


def test_two_ids_cannot_be_made_to_meet() -> None:
    """128 bits of a key hash would be met in 2^64 tries: no half of it is the other's."""
    for kind in KINDS:
        hash = registermap.key_hash(Key(kind, "lot urn:a:1"))
        assert hash[16:] == sha256(f"{kind} lot urn:a:1".encode()).digest()[16:]
        assert hash[:16] != hash[16:]
    assert registermap.key_hash(Key("lot", "urn:a:1")) == sha256(b"lot urn:a:1").digest()


@given(RECORDS, KEYS, st.binary(max_size=3))
def test_each_record_counts(records: dict[Key, bytes], key: Key, data: bytes) -> None:
    """Another record of one key, or one more or less, is another root."""
    before = records.get(key)
    assert (Map.of(records | {key: data}).root == Map.of(records).root) == (before == data)


# -- proofs


@given(RECORDS, st.lists(KEYS, max_size=6), st.data())
def test_whatever_is_asked_is_shown(records: dict[Key, bytes], more: list[Key], data: st.DataObject) -> None:
    """Records that there are, and that there are not."""
    found = Map.of(records)
    there = data.draw(st.lists(st.sampled_from(sorted(records)), max_size=6)) if records else []
    shown = found.shown(*found.prove([registermap.key_hash(key) for key in there + more]))
    for key in there + more:
        expected = sha256(records[key]).digest() if key in records else None
        assert shown.digest(registermap.key_hash(key)) == expected
        assert shown.shows(registermap.key_hash(key))


@pytest.mark.parametrize("pairs", [numbered(200), stuffed(200, 60), stuffed(90, 20) | numbered(150)])
def test_what_is_not_opened_is_not_said(pairs: dict[bytes, bytes]) -> None:
    found = Map(pairs)
    chance = random.Random(1)
    everything = [*pairs, *(chance.randbytes(32) for _ in range(100))]
    for wanted in chance.sample(everything, 20):
        shown = found.shown(*found.prove([wanted]))
        for hash in everything:
            if shown.shows(hash):
                assert shown.digest(hash) == pairs.get(hash)
            else:
                with pytest.raises(KeyError):
                    shown.digest(hash)


def test_all_can_be_shown_at_once() -> None:
    pairs = stuffed(100, 30) | numbered(500)
    found = Map(pairs)
    opened, hashes = found.prove([*pairs, *numbered(500, 1)])
    shown = found.shown(opened, hashes)
    assert {hash: shown.digest(hash) for hash in pairs} == pairs
    assert all(shown.digest(hash) is None for hash in numbered(500, 1) if shown.shows(hash))


def test_nothing_asked_is_the_root_alone() -> None:
    found = Map(numbered(100))
    tree = merkle.root(found.hashes)
    assert found.prove([]) == ([], [tree])
    assert not found.shown([], [tree]).shows(bytes(32))


def test_an_empty_map_shows_that_nothing_is_there() -> None:
    found = Map({})
    opened, hashes = found.prove([bytes(32)])
    assert (opened, hashes) == ([Opened(0, (b"",))], [])
    assert found.root == merkle.node_hash(CHARTER, registermap.EMPTY)
    assert found.shown(opened, hashes).digest(bytes(32)) is None


@pytest.mark.parametrize("bits", [60, 90, 120])
def test_a_stuffed_bucket_is_opened_with_a_few_hundred_octets(bits: int) -> None:
    """A bucket in which somebody put 10,000 pairs: 32 octets for each level, and one part."""
    victim = stuffed(1, 0, seed=9)
    (hash,) = victim
    mask = (1 << 256 - bits) - 1
    crowd = {
        (int.from_bytes(hash, "big") & ~mask | int.from_bytes(other, "big") & mask).to_bytes(
            32, "big"
        ): digest
        for other, digest in numbered(10_000, seed=3).items()
    }
    pairs = victim | crowd
    found = Map(pairs)
    opened, hashes = found.prove([hash])
    assert found.shown(opened, hashes).digest(hash) == victim[hash]
    (bucket,) = opened
    parts = [part for part in bucket.parts if part is not None]
    closed = [part for part in parts if len(part) == 32]
    assert len(closed) <= bits - found.depth + 20  # the levels that were ground, and those of 10,000 pairs
    assert size(opened, hashes) <= 32 * (bits + 20) + PAIR_BYTES


def test_a_deep_bucket_of_real_grinding_costs_little() -> None:
    """2^40 hashes buy a bucket of 27 levels below a map of 2^13: still below two kilobytes."""
    pairs = numbered(30_000) | stuffed(100, 40)
    found = Map(pairs)
    wanted = next(iter(stuffed(100, 40)))
    opened, hashes = found.prove([wanted])
    assert found.shown(opened, hashes).digest(wanted) == pairs[wanted]
    assert found.depth == 13
    assert size(opened, hashes) < 32 * (40 + 8) + PAIR_BYTES
