"""The Merkle tree against RFC 9162's own recursions, published values, and tampering."""

import base64
import doctest
import json
import random
from collections.abc import Callable
from hashlib import sha256
from itertools import combinations
from pathlib import Path

import pytest

from ledger import merkle
from ledger.merkle import Frontier, leaf_hash
from tests.core.refusal import read_or_code, refusal

LEAVES = [leaf_hash(b"leaf %d" % i) for i in range(100)]
HUGE = 2**63 - 1


def mth(leaves: list[bytes]) -> bytes:
    """RFC 9162 2.1.1, from leaf hashes, word for word."""
    if not leaves:
        return sha256().digest()
    if len(leaves) == 1:
        return leaves[0]
    k = 1
    while 2 * k < len(leaves):
        k *= 2
    return sha256(b"\x01" + mth(leaves[:k]) + mth(leaves[k:])).digest()


def path(m: int, leaves: list[bytes]) -> list[bytes]:
    """PATH of RFC 9162 2.1.3.1, word for word."""
    n = len(leaves)
    if n == 1:
        return []
    k = max(2**i for i in range(n) if 2**i < n)
    if m < k:
        return [*path(m, leaves[:k]), mth(leaves[k:])]
    return [*path(m - k, leaves[k:]), mth(leaves[:k])]


def subproof(m: int, leaves: list[bytes], b: bool) -> list[bytes]:
    """SUBPROOF of RFC 9162 2.1.4.1, word for word."""
    n = len(leaves)
    if m == n:
        return [] if b else [mth(leaves)]
    k = max(2**i for i in range(n) if 2**i < n)
    if m <= k:
        return [*subproof(m, leaves[:k], b), mth(leaves[k:])]
    return [*subproof(m - k, leaves[k:], False), mth(leaves[:k])]


def reader(leaves: list[bytes]) -> merkle.ReadHash:
    known = {}
    for level in range(len(leaves).bit_length()):
        for index in range(len(leaves) >> level):
            known[level, index] = mth(leaves[index << level : (index + 1) << level])
    return lambda level, index: known[level, index]


READ = reader(LEAVES)
ROOTS = [mth(LEAVES[:size]) for size in range(101)]


def flip(value: bytes, bit: int = 0) -> bytes:
    return bytes([value[0] ^ (1 << bit)]) + value[1:]


def refused(code: str, call: Callable[..., object], *arguments: object) -> None:
    assert refusal(call, *arguments) == (code, "$")


def test_the_worked_example_of_the_docstring_runs() -> None:
    failures, tests = doctest.testmod(merkle)
    assert tests >= 8
    assert failures == 0


def test_leaves_and_nodes_are_hashed_apart() -> None:
    assert leaf_hash(b"x") == sha256(b"\x00x").digest()
    assert merkle.node_hash(b"l" * 32, b"r" * 32) == sha256(b"\x01" + b"l" * 32 + b"r" * 32).digest()
    assert merkle.EMPTY_ROOT.hex().startswith("e3b0c44298fc1c149afbf4c8996fb924")


@pytest.mark.parametrize("size", range(101))
def test_root_and_frontier_of_every_size(size: int) -> None:
    assert merkle.root(LEAVES[:size]) == merkle.root_of(size, READ) == ROOTS[size]
    frontier = Frontier()
    for leaf in LEAVES[:size]:
        frontier.append(leaf)
    again = Frontier.from_hashes(size, frontier.hashes)
    assert again.root() == ROOTS[size]
    for leaf in LEAVES[size:]:
        again.append(leaf)
    assert (again.size, again.root()) == (100, ROOTS[100])
    assert frontier.size == size  # appending to the copy left the first alone


def test_a_frontier_must_have_one_hash_for_each_one_bit() -> None:
    with pytest.raises(AssertionError):
        Frontier.from_hashes(3, LEAVES[:1])


def test_subtree_hash_takes_only_ranges_of_the_tree() -> None:
    assert merkle.subtree_hash(4, 7, READ) == mth(LEAVES[4:7])
    for start, stop in [(1, 3), (3, 3), (-1, 1)]:
        with pytest.raises(AssertionError):
            merkle.subtree_hash(start, stop, READ)


def test_inclusion_of_every_leaf_of_every_tree() -> None:
    for size in range(1, 101):
        for index in range(size):
            proof = merkle.inclusion_proof(index, size, READ)
            assert proof == path(index, LEAVES[:size])
            assert merkle.root_from_inclusion(index, size, LEAVES[index], proof) == ROOTS[size]
            assert merkle.root_from_inclusion(index, size, flip(LEAVES[index]), proof) != ROOTS[size]


def test_tampered_inclusion_is_seen() -> None:
    for size in range(1, 20):
        for index in range(size):
            proof = merkle.inclusion_proof(index, size, READ)
            for at in range(len(proof)):
                bad = [*proof[:at], flip(proof[at], at % 8), *proof[at + 1 :]]
                assert merkle.root_from_inclusion(index, size, LEAVES[index], bad) != ROOTS[size]
            for bad in (proof[:-1] if proof else [LEAVES[0]], [*proof, LEAVES[0]], [*proof[:-1], b"short"]):
                refused("proof.inclusion", merkle.root_from_inclusion, index, size, LEAVES[index], bad)
            for other in range(size):
                if other != index and len(path(other, LEAVES[:size])) == len(proof):
                    assert merkle.root_from_inclusion(other, size, LEAVES[index], proof) != ROOTS[size]
    for index, size in [(-1, 3), (3, 3), (0, 0)]:
        refused("proof.inclusion", merkle.root_from_inclusion, index, size, LEAVES[0], [])
    refused("proof.inclusion", merkle.root_from_inclusion, 0, HUGE + 1, LEAVES[0], LEAVES[:63])
    with pytest.raises(AssertionError):
        merkle.inclusion_proof(3, 3, READ)


def test_consistency_of_every_pair_of_trees() -> None:
    for new in range(101):
        for old in range(new + 1):
            proof = merkle.consistency_proof(old, new, READ)
            assert proof == (subproof(old, LEAVES[:new], True) if old else [])
            merkle.check_consistency(old, new, ROOTS[old], ROOTS[new], proof)


def test_tampered_consistency_is_seen() -> None:
    def bad(*arguments: object) -> None:
        refused("proof.consistency", merkle.check_consistency, *arguments)

    for new in range(1, 20):
        for old in range(1, new + 1):
            proof = merkle.consistency_proof(old, new, READ)
            bad(old, new, flip(ROOTS[old]), ROOTS[new], proof)
            bad(old, new, ROOTS[old], flip(ROOTS[new]), proof)
            bad(old, new, ROOTS[old], ROOTS[new], [*proof, LEAVES[0]])
            for at in range(len(proof)):
                bad(old, new, ROOTS[old], ROOTS[new], [*proof[:at], flip(proof[at]), *proof[at + 1 :]])
                bad(old, new, ROOTS[old], ROOTS[new], [*proof[:at], proof[at][:-1], *proof[at + 1 :]])
                bad(old, new, ROOTS[old], ROOTS[new], proof[:at] + proof[at + 1 :])
    bad(0, 3, ROOTS[1], ROOTS[3], [])
    bad(0, 3, ROOTS[0], ROOTS[3], [LEAVES[0]])
    bad(3, 3, ROOTS[3], ROOTS[4], [])
    bad(4, 3, ROOTS[4], ROOTS[3], [])
    bad(3, 3, b"", b"", [])
    bad(-1, 3, ROOTS[0], ROOTS[3], [])
    bad(HUGE + 1, HUGE + 1, ROOTS[3], ROOTS[3], [])
    merkle.check_consistency(HUGE, HUGE, ROOTS[3], ROOTS[3], [])
    with pytest.raises(AssertionError):
        merkle.consistency_proof(4, 3, READ)


def chosen(wanted: list[int]) -> list[tuple[int, bytes]]:
    return [(index, LEAVES[index]) for index in wanted]


def check_multiproof(wanted: list[int], size: int) -> None:
    """The proof works, has no hash too many, and gives every earlier root that it should."""
    leaves = chosen(wanted)
    proof = merkle.multiproof(wanted, size, READ)
    assert merkle.root_from_multiproof(leaves, size, proof) == ROOTS[size]
    for at in range(len(proof)):
        refused("proof.hashes", merkle.root_from_multiproof, leaves, size, proof[:at] + proof[at + 1 :])
        bad = [*proof[:at], flip(proof[at]), *proof[at + 1 :]]
        assert merkle.root_from_multiproof(leaves, size, bad) != ROOTS[size]
    refused("proof.hashes", merkle.root_from_multiproof, leaves, size, [*proof, LEAVES[0]])
    for old in range(size + 1):
        found = merkle.root_at(old, leaves, size, proof)
        assert found in (ROOTS[old], None)
        assert found or old - 1 not in wanted
        assert found or 0 < old < size
    assert merkle.root_at(size + 1, leaves, size, proof) is None


def test_multiproof_of_every_set_of_leaves_of_small_trees() -> None:
    for size in range(9):
        for count in range(size + 1):
            for wanted in combinations(range(size), count):
                check_multiproof(list(wanted), size)


def test_multiproof_of_random_sets_of_every_tree() -> None:
    source = random.Random(7)
    for size in range(9, 101):
        for count in (2, size // 3) if size % 9 else (0, 1, size - 1, size):
            check_multiproof(sorted(source.sample(range(size), count)), size)


def test_a_multiproof_of_one_leaf_is_its_inclusion_proof_in_another_order() -> None:
    for size in range(1, 40):
        for index in range(size):
            alone = merkle.multiproof([index], size, READ)
            assert sorted(alone) == sorted(merkle.inclusion_proof(index, size, READ))


def test_multiproofs_that_cannot_be_are_refused() -> None:
    proof = merkle.multiproof([1, 3], 5, READ)
    for leaves, size, hashes in [
        (chosen([3, 1]), 5, proof),
        (chosen([1, 1]), 5, proof),
        ([(-1, LEAVES[0]), (3, LEAVES[3])], 5, proof),
        (chosen([1, 5]), 5, proof),
        (chosen([0]), 0, []),
        ([(0, b"short")], 1, []),
        ([], 0, [LEAVES[0]]),
        ([], -1, []),
        ([], HUGE + 1, [LEAVES[0]]),
        (chosen([1, 3]), 5, [proof[0], proof[1][:-1], *proof[2:]]),
    ]:
        refused("proof.hashes", merkle.root_from_multiproof, leaves, size, hashes)
        refused("proof.hashes", merkle.root_at, 2, leaves, size, hashes)
    for wanted in ([3, 1], [1, 1], [5], [-1]):
        with pytest.raises(AssertionError):
            merkle.multiproof(wanted, 5, READ)


def test_a_size_from_untrusted_input_costs_only_its_bits() -> None:
    first, last = HUGE - 1, LEAVES[1]
    for index, count in [(0, 63), (first, 62)]:
        proof = LEAVES[:count]
        assert len(merkle.root_from_inclusion(index, HUGE, last, proof)) == 32
        merkle.root_from_multiproof([(index, last)], HUGE, proof)
        refused("proof.inclusion", merkle.root_from_inclusion, index, HUGE, last, proof[1:])
        refused("proof.hashes", merkle.root_from_multiproof, [(index, last)], HUGE, proof[1:])
    assert merkle.root_at(2**62, [(first, last)], HUGE, LEAVES[:62]) == LEAVES[0]
    assert merkle.root_at(3, [(first, last)], HUGE, LEAVES[:62]) is None
    refused("proof.consistency", merkle.check_consistency, HUGE // 3, HUGE, LEAVES[0], LEAVES[1], LEAVES[:9])


# --- Published values


# The tree of 8 leaves that Certificate Transparency's implementations share (merkle_tree_test.cc of
# github.com/google/certificate-transparency, Apache-2.0).
CT_LEAVES = ["", "00", "10", "2021", "3031", "40414243", "5051525354555657", bytes(range(0x60, 0x70)).hex()]
CT_ROOTS = [
    "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
    "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
    "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
    "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
    "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
]
A = "96a296d224f285c67bee93c30f8a309157f0daa35dc5b87e410b78630a09cfc7"
B = "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e"
C = "6b47aaf29ee3c2af9af889bc1fb9254dabd31177f16232dd6aab035ca39bf6e4"
D = "bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b"
E = "ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0"
F = "0ebc5d3437fbe2db158b9f126a1d118e308181031d0a949f8dededebc558ef6a"
CT_INCLUSION = [
    (0, 1, []),
    (0, 8, [A, B, C]),
    (5, 8, [D, E, CT_ROOTS[3]]),
    (2, 3, [CT_ROOTS[1]]),
    (1, 5, [CT_ROOTS[0], B, D]),
]
CT_CONSISTENCY = [(1, 1, []), (1, 8, [A, B, C]), (6, 8, [F, E, CT_ROOTS[3]]), (2, 5, [B, D])]


def test_the_reference_tree_of_certificate_transparency() -> None:
    leaves = [leaf_hash(bytes.fromhex(text)) for text in CT_LEAVES]
    roots = [bytes.fromhex(text) for text in CT_ROOTS]
    read = reader(leaves)
    for size, expected in enumerate(roots, 1):
        assert merkle.root(leaves[:size]) == merkle.root_of(size, read) == expected
    for index, size, hashes in CT_INCLUSION:
        proof = list(map(bytes.fromhex, hashes))
        assert merkle.inclusion_proof(index, size, read) == proof
        assert merkle.root_from_inclusion(index, size, leaves[index], proof) == roots[size - 1]
    for old, new, hashes in CT_CONSISTENCY:
        proof = list(map(bytes.fromhex, hashes))
        assert merkle.consistency_proof(old, new, read) == proof
        merkle.check_consistency(old, new, roots[old - 1], roots[new - 1], proof)


VECTORS = json.loads((Path(__file__).parent / "data/inclusion.json").read_text())


@pytest.mark.parametrize("case", VECTORS["cases"], ids=lambda case: case[0])
def test_published_inclusion_proofs(case: tuple[str, int, int, int, int, list[int], bool]) -> None:
    hashes = [base64.b64decode(text) for text in VECTORS["hashes"]]
    _, index, size, root, leaf, proof, want_error = case
    found = read_or_code(merkle.root_from_inclusion, index, size, hashes[leaf], [hashes[at] for at in proof])
    assert (found != hashes[root]) == want_error
