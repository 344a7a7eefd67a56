"""Opened buckets that somebody changed: refused, or they show nothing that is not so."""

import random
from collections.abc import Sequence
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ledger import merkle, registermap
from ledger.errors import Malformed
from ledger.registermap import Opened, OpenedMap, bucket_hash
from tests.core.mapping import CHARTER, Map, numbered, stuffed
from tests.core.refusal import refusal


def rooted(tree: bytes) -> bytes:
    """The register's root, of the map's tree."""
    return merkle.node_hash(CHARTER, tree)


def read(found: Map, opened: Any, hashes: Any, wanted: Sequence[bytes]) -> Any:
    """What is shown of the key hashes, or the code of the refusal."""
    try:
        shown = found.shown(opened, hashes)
    except Malformed as wrong:
        return wrong.code
    return {hash: shown.digest(hash) for hash in wanted if shown.shows(hash)}


@given(st.integers(0, 2**32))
def test_whatever_is_changed_is_refused_or_changes_nothing(seed: int) -> None:
    chance = random.Random(seed)
    pairs = chance.choice(
        [numbered(40, seed), stuffed(40, 9, seed), stuffed(30, 20, seed) | numbered(20, seed)]
    )
    found = Map(pairs)
    wanted = [*chance.sample(sorted(pairs), 3), chance.randbytes(32)]
    opened, hashes = found.prove(wanted)
    truth = {hash: pairs.get(hash) for hash in wanted}
    assert read(found, opened, hashes, wanted) == truth
    for _ in range(30):
        said = read(found, *tampered(chance, opened, hashes), wanted)
        if isinstance(said, dict):  # it may show less, and never anything else
            assert said.items() <= truth.items()
        else:
            assert said in ("map.order", "map.bucket", "map.root", "proof.hashes")


def tampered(
    chance: random.Random, opened: Sequence[Opened], hashes: Sequence[bytes]
) -> tuple[list[Opened], list[bytes]]:
    """The proof with something in it changed, moved, left out or put in."""
    buckets, rest = [Opened(one.number, one.parts) for one in opened], list(hashes)
    at = chance.randrange(len(buckets))
    number, parts = buckets[at].number, list(buckets[at].parts)
    where = chance.randrange(len(parts))
    part = parts[where] or b""
    cut = 64 * chance.randrange(len(part) // 64 + 1)
    new: list[bytes | None] = [
        flipped(chance, part),
        part[:cut] + part[cut + 64 :],
        part[:cut] + chance.randbytes(64) + part[cut:],
        part[64:] + part[:64],
        part[: chance.randrange(len(part) + 1)],
        chance.randbytes(32),
        bucket_hash(part, 0),
        None,
        b"",
    ]
    how = chance.randrange(8)
    if how < 3:
        parts[where] = chance.choice(new)
    elif how == 3:
        parts.insert(where, chance.choice(new))
    elif how == 4:
        del parts[where]
    elif how == 5:
        number = chance.choice([number + 1, number - 1, number ^ 2, 1 << 60])
    elif how == 6:
        chance.shuffle(buckets)
        return buckets + chance.choice([[], buckets[:1]]), rest
    else:
        what = chance.randrange(3)
        if what == 0 or not rest:
            rest.append(chance.randbytes(chance.choice([0, 31, 32])))
        elif what == 1:
            rest.pop(chance.randrange(len(rest)))
        else:
            rest[0] = flipped(chance, rest[0])
    buckets[at] = Opened(number, tuple(parts))
    return buckets, rest


def flipped(chance: random.Random, data: bytes) -> bytes:
    """With one bit changed."""
    if not data:
        return b"\x00"
    at = chance.randrange(len(data))
    return data[:at] + bytes([data[at] ^ 1 << chance.randrange(8)]) + data[at + 1 :]


@pytest.mark.parametrize("depth", [-1, 41])
def test_a_depth_has_limits(depth: int) -> None:
    assert refusal(OpenedMap, CHARTER, bytes(32), depth, [], []) == ("map.depth", "$.depth")


def test_a_map_may_be_forty_deep() -> None:
    opened = [Opened(2**40 - 1, (b"",))]
    hashes = [bytes(32)] * 40
    root = registermap.EMPTY
    for hash in hashes:
        root = merkle.node_hash(hash, root)
    assert OpenedMap(CHARTER, rooted(root), 40, opened, hashes).digest(b"\xff" * 32) is None


def test_where_it_is_wrong() -> None:
    found = Map(numbered(40))
    opened, hashes = found.prove(sorted(found.pairs))
    two = [opened[0], Opened(opened[1].number, (*opened[1].parts, bytes(64)))]
    assert refusal(found.shown, [*two, *opened[2:]], hashes) == ("map.bucket", "$.buckets[1]")
    assert refusal(found.shown, opened[::-1], hashes) == ("map.order", "$.buckets")
    assert refusal(found.shown, [opened[0], *opened], hashes) == ("map.order", "$.buckets")
    assert refusal(found.shown, [Opened(opened[0].number, ()), *opened[1:]], hashes)[0] == "map.bucket"
    assert refusal(OpenedMap, CHARTER, bytes(32), found.depth, opened, hashes) == ("map.root", "$")
    assert refusal(found.shown, opened, [*hashes, bytes(32)])[0] == "proof.hashes"
    assert refusal(OpenedMap, CHARTER, found.root, 0, [Opened(1, (b"",))], [])[0] == "proof.hashes"


def test_a_part_shows_no_pair_that_belongs_elsewhere() -> None:
    """However it is signed: else one key could lie in two places, and be there and not there."""
    hash = b"\x80" + bytes(31)
    part = hash + bytes(32)
    other = b"\x00" + part[1:]
    for parts in ((None, part, b""), (None, b"", other), (None, None, b"", part, b"")):
        with pytest.raises(Malformed) as wrong:
            OpenedMap(CHARTER, bytes(32), 0, [Opened(0, parts)], [])
        assert wrong.value.code == "map.bucket"
    root = merkle.node_hash(merkle.leaf_hash(b""), merkle.leaf_hash(part))
    assert OpenedMap(CHARTER, rooted(root), 0, [Opened(0, (None, b"", part))], []).digest(hash) == bytes(32)


def test_a_tree_ends_at_the_last_bit() -> None:
    root = merkle.leaf_hash(b"")
    for _ in range(128):
        root = merkle.node_hash(root, merkle.leaf_hash(b""))
    parts = (None,) * 128 + (b"",) * 129
    assert OpenedMap(CHARTER, rooted(root), 0, [Opened(0, parts)], []).digest(bytes(32)) is None
    deeper = (None,) * 129 + (b"",) * 130
    assert refusal(OpenedMap, CHARTER, rooted(root), 0, [Opened(0, deeper)], [])[0] == "map.bucket"


def test_pairs_of_two_subjects_are_no_part() -> None:
    """Else one map had two roots."""
    of_one = sorted(stuffed(9, 128).items())
    part = b"".join(hash + digest for hash, digest in of_one)
    root = rooted(merkle.leaf_hash(part))
    assert OpenedMap(CHARTER, root, 0, [Opened(0, (part,))], []).digest(of_one[0][0]) == of_one[0][1]
    of_two = b"".join(hash + digest for hash, digest in sorted(stuffed(2, 127, seed=2).items()))
    assert of_two[:16] != of_two[64:80]
    assert (
        refusal(OpenedMap, CHARTER, rooted(merkle.leaf_hash(of_two)), 0, [Opened(0, (of_two,))], [])[0]
        == "map.bucket"
    )


def test_a_key_is_shown_once_and_in_order() -> None:
    (one, first), (two, second) = sorted(numbered(2).items())
    assert (
        refusal(OpenedMap, CHARTER, bytes(32), 0, [Opened(0, (one + first + one + second,))], [])[0]
        == "map.bucket"
    )
    assert (
        refusal(OpenedMap, CHARTER, bytes(32), 0, [Opened(0, (two + second + one + first,))], [])[0]
        == "map.bucket"
    )


# -- pairs that are left out


@given(st.integers(0, 2**32))
def test_what_is_left_out_counts_as_if_it_were_there(seed: int) -> None:
    chance = random.Random(seed)
    pairs = chance.choice([numbered(40, seed), stuffed(9, 128, seed) | numbered(30, seed)])
    found = Map(pairs)
    wanted = [*chance.sample(sorted(pairs), 5), chance.randbytes(32)]
    whole, hashes = found.prove(wanted)
    beside = {hash: pairs[hash] for hash in chance.sample(wanted[:5], chance.randrange(6))}
    opened = registermap.without(whole, beside)
    shown = found.shown(opened, hashes, beside)
    assert {hash: shown.digest(hash) for hash in wanted} == {hash: pairs.get(hash) for hash in wanted}
    assert registermap.root_with(CHARTER, found.depth, opened, hashes, beside) == found.root
    if beside:
        assert refusal(found.shown, opened, hashes) == ("map.root", "$")
        assert refusal(found.shown, whole, hashes, beside)[0] == "map.bucket"  # one spelling only
        one = min(beside)
        assert refusal(found.shown, opened, hashes, beside | {one: bytes(32)}) == ("map.root", "$")


def test_a_pair_of_a_closed_part_is_not_shown_by_standing_beside() -> None:
    pairs = numbered(40)
    found = Map(pairs)
    opened, hashes = found.prove([min(pairs)])
    shown = found.shown(opened, hashes, {max(pairs): bytes(32)})
    assert not shown.shows(max(pairs))
    with pytest.raises(KeyError):
        shown.digest(max(pairs))


def test_a_pair_of_another_subject_is_not_left_out_of_a_part() -> None:
    (one, first), (two, second) = sorted(numbered(2).items())
    root = rooted(merkle.leaf_hash(one + first + two + second))
    opened = [Opened(0, (one + first,))]
    assert refusal(OpenedMap, CHARTER, root, 0, opened, [], {two: second})[0] == "map.bucket"


def test_a_root_is_of_one_ledger() -> None:
    found = Map(numbered(40))
    opened, hashes = found.prove([bytes(32)])
    assert refusal(OpenedMap, bytes(32), found.root, found.depth, opened, hashes) == ("map.root", "$")
    assert (
        refusal(OpenedMap, CHARTER, merkle.root(found.hashes), found.depth, opened, hashes)[0] == "map.root"
    )
