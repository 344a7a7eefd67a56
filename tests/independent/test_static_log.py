"""The log as static files, read by a stranger; tampered with, it is refused."""

import base64
import json
import random
import re
import shutil
from pathlib import Path

import pytest

from tests.independent.harness import DEMO, Demo, said

from c2sp import Bad  # isort: skip
from static_log import read  # isort: skip

pytestmark = pytest.mark.unmeasured


def count(demo: Demo) -> int:
    return len(demo.run("export", "entries", str(demo.folder)).splitlines())


def grow(demo: Demo, size: int) -> None:
    """Post collections of scrap until the log has so many entries."""
    have = count(demo)
    about = {"site": f"{DEMO}site:northbay-yard", "kind": "collection"}
    lots = [{"lot": f"{DEMO}lot:northbay:more-{n}", "kg": "1"} for n in range(have, size)]
    outputs = [[lot | {"material": "post_consumer_scrap"}] for lot in lots]
    events = "\n".join(
        json.dumps(said("source", f"{DEMO}party:northbay", have + n, outputs=born, **about))
        for n, born in enumerate(outputs)
    )
    key = str(demo.folder / "keys/northbay.jwk")
    statements = demo.run("sign", "-", "--key", key, text=events)
    demo.run("post", "-", "--ledger", str(demo.folder), text=statements)


def tiles(size: int) -> int:
    """How many tiles of hashes a log of less than 65,536 entries has."""
    return -(-size // 256) + (size >= 256)


@pytest.mark.parametrize("beside", [(-2, 0, 2), (-1, 1)])
def test_the_static_log_is_whole_at_every_size(demo: Demo, tmp_path: Path, beside: tuple[int, ...]) -> None:
    """Sizes beside the next full tile; into a new folder, and into one that holds earlier sizes. Each
    export publishes a checkpoint, so it adds the register event."""
    kept = tmp_path / "kept"
    shutil.copytree(demo.folder, tmp_path / "grown")
    shutil.copytree(demo.home / "state", tmp_path / "state")
    grown = Demo.__new__(Demo)
    grown.__dict__ |= vars(demo) | {"home": tmp_path, "folder": tmp_path / "grown"}
    border = (count(demo) // 256 + 1) * 256
    for size in (count(demo), *(border + more for more in beside)):
        if size > count(grown):
            grow(grown, size - 1)
        fresh = tmp_path / str(size)
        for folder in (fresh, kept):
            grown.run("export", "tiles", str(grown.folder), str(folder))
        found = read(fresh, demo.vkey)
        assert (found["size"], found["tiles"]) == (size, tiles(size))
        assert read(kept, demo.vkey)["size"] == size


def test_the_static_log_tampered_with_is_refused(demo: Demo, tmp_path: Path) -> None:
    chance, folder = random.Random(3), tmp_path / "log"
    demo.run("export", "tiles", str(demo.folder), str(folder))
    assert read(folder, demo.vkey)["size"] == count(demo)
    files = [path for path in folder.rglob("*") if path.is_file()]
    entries = -(-count(demo) // 256)  # tiles of them
    assert len(files) == 1 + tiles(count(demo)) + entries

    def refused(path: Path, data: bytes | None) -> None:
        before = path.read_bytes() if path.exists() else None
        path.unlink() if data is None else path.write_bytes(data)
        with pytest.raises((Bad, OSError, UnicodeDecodeError)):
            read(folder, demo.vkey)
        path.unlink(missing_ok=True)
        if before is not None:
            path.write_bytes(before)

    for path in files:
        data = path.read_bytes()
        for _ in range(20):
            at = chance.randrange(len(data))
            refused(path, data[:at] + bytes([data[at] ^ 1]) + data[at + 1 :])
        refused(path, data[:-1])
        refused(path, data + b"\0")
        refused(path, None)
    refused(folder / f"tile/0/{entries:03}", b"\0" * 32)
    text = (folder / "checkpoint").read_text()
    other = base64.b64encode(b"\0" * 32).decode()
    refused(folder / "checkpoint", re.sub(r"(?m)^[A-Za-z0-9+/]{43}=$", other, text).encode())
    assert read(folder, demo.vkey)["size"] == count(demo)
