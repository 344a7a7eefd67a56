"""C2SP tlog-proof: the example of the specification, and every change is refused or seen."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ledger import b64, tlogproof
from ledger.tlogproof import TlogProof
from tests.core.refusal import read_or_code, refusal

CHECKPOINT = (
    "example.com/fancylog\n109482\nsFodV/vSp5O8n9a8QpW6PRY97tfOSW5bsc2Xl/EQi08=\n\n"
    "— example.com/fancylog hI2DJw[...]1roloI=\n"
)
# The example of the specification. Its ``extra`` there is not base64 of any octets; this one is.
LINES = [
    "c2sp.org/tlog-proof@v1",
    "extra YWdlLXYxLjIuMS1kYXJ3aW4tYXJtNjQudGFyLmd6",
    "index 73894",
    "gSKyXoYZUgZ6jduWYrkDOARinOMGJveXjgMkBTcdPlQ=",
    "B95lDa8R83lS8n0eG+o0buTxRKQTYFi//1U8anccXmA=",
    "EKNzoDWG8LGC0Yp9o+sv3qllpMP9uHQ9B20KNL+Q1zs=",
    "RoopEkOdqkYqMB4MJXrbt/hMjOxsVn0IrWjpz1ZMMes=",
    "AHCioX9nLjsrse6YhjRRmk1WUEirVOLLRoOQ6vfO5vk=",
]
EXAMPLE = "\n".join(LINES) + "\n\n" + CHECKPOINT
HASH = LINES[3]


def test_the_example_of_the_specification() -> None:
    proof = tlogproof.decode(EXAMPLE)
    assert (proof.index, len(proof.hashes), proof.checkpoint) == (73894, 5, CHECKPOINT)
    assert proof.extra == b"age-v1.2.1-darwin-arm64.tar.gz"
    assert tlogproof.encode(proof) == EXAMPLE
    plain = tlogproof.decode(EXAMPLE.replace(LINES[1] + "\n", ""))
    assert plain == proof._replace(extra=None)


@given(
    st.integers(0, 2**63 - 2),
    st.lists(st.binary(min_size=32, max_size=32), max_size=63),
    st.none() | st.binary(),
    st.text(min_size=1),
)
def test_round_trip(index: int, hashes: list[bytes], extra: bytes | None, checkpoint: str) -> None:
    proof = TlogProof(index, tuple(hashes), checkpoint, extra)
    assert tlogproof.decode(tlogproof.encode(proof)) == proof


def test_the_longest() -> None:
    proof = TlogProof(0, (bytes(32),) * 63, "x" * (tlogproof.MAX_TEXT - 22 - 1 - 7 - 1 - 63 * 45 - 1))
    assert len(tlogproof.encode(proof)) == tlogproof.MAX_TEXT == 524_288
    assert tlogproof.decode(tlogproof.encode(proof)) == proof
    assert refusal(tlogproof.decode, tlogproof.encode(proof) + "x")[0] == "proof.tlog"


@pytest.mark.parametrize(
    "text",
    [
        "",
        CHECKPOINT,
        "\n\n" + EXAMPLE,
        "\n".join(LINES) + "\n",
        "\n".join(LINES) + "\n\n",
        "\n".join(LINES) + "\n" + CHECKPOINT.replace("\n\n", "\n"),
        LINES[0] + "\n\n" + CHECKPOINT,
        "\n".join(LINES[:2]) + "\n\n" + CHECKPOINT,
        EXAMPLE.replace("@v1", "@v2"),
        EXAMPLE.replace("\n", "\r\n"),
        EXAMPLE.replace("index 73894", "index 073894"),
        EXAMPLE.replace("index 73894", "index -1"),
        EXAMPLE.replace("index 73894", "index  7"),
        EXAMPLE.replace("index 73894", "index ٧"),
        EXAMPLE.replace("index 73894", "index 9223372036854775807"),
        EXAMPLE.replace("index 73894", "index 10000000000000000000"),
        EXAMPLE.replace("index 73894\n", ""),
        EXAMPLE.replace("index 73894\n", "index 73894\nindex 73894\n"),
        EXAMPLE.replace("extra ", "extra  "),
        EXAMPLE.replace("extra ", "Extra "),
        EXAMPLE.replace("Lmd6\n", "Lmd\n"),
        EXAMPLE.replace("Lmd6\n", "Lmd=\n"),
        EXAMPLE.replace(HASH, HASH[:-1]),
        EXAMPLE.replace(HASH, HASH[:-2] + "R="),
        EXAMPLE.replace(HASH, HASH + " "),
        EXAMPLE.replace(HASH, b64.encode_std(bytes(31))),
        EXAMPLE.replace(HASH, "\n".join([HASH] * 60)),
        EXAMPLE + "x" * tlogproof.MAX_TEXT,
    ],
)
def test_texts_that_are_none(text: str) -> None:
    assert refusal(tlogproof.decode, text) == ("proof.tlog", "$")


def test_every_change_of_one_byte_is_refused_or_seen() -> None:
    proof = tlogproof.decode(EXAMPLE)
    for at in range(len(EXAMPLE)):
        for other in (chr(ord(EXAMPLE[at]) ^ 1), "\n", " ", "A", "="):
            changed = EXAMPLE[:at] + other + EXAMPLE[at + 1 :]
            found = read_or_code(tlogproof.decode, changed)
            assert (found == proof) == (changed == EXAMPLE)
            assert isinstance(found, str) or tlogproof.encode(found) == changed
