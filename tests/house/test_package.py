"""The wheel holds all that the program needs, and runs by itself."""

import json
import zipfile
from pathlib import Path

import pytest

from tests.house.tree import PACKAGES, ROOT, files, python

FORCED = {"cli/demo/frauds.json": "tests/frauds/frauds.json"}


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The wheel as the build back end makes it; without network, since the back end is installed."""
    folder = tmp_path_factory.mktemp("dist")
    python("-m", "hatchling", "build", "-t", "wheel", "-d", str(folder))
    (built,) = folder.glob("*.whl")
    return built


def test_it_holds_every_file_of_the_packages_and_nothing_else(wheel: Path) -> None:
    ours = {p.relative_to(ROOT).as_posix() for p in files()}
    expected = {name for name in ours if name.partition("/")[0] in PACKAGES} | set(FORCED)
    with zipfile.ZipFile(wheel) as archive:
        held = {name for name in archive.namelist() if ".dist-info/" not in name}
        assert held == expected
        for inside, outside in FORCED.items():
            assert archive.read(inside) == (ROOT / outside).read_bytes()


def test_it_names_the_command_the_licence_and_the_python_it_needs(wheel: Path) -> None:
    with zipfile.ZipFile(wheel) as archive:
        info = {
            name.partition(".dist-info/")[2]: name for name in archive.namelist() if ".dist-info/" in name
        }
        assert (
            archive.read(info["entry_points.txt"]).decode() == "[console_scripts]\noreline = cli.main:main\n"
        )
        metadata = archive.read(info["METADATA"]).decode()
        assert archive.read(info["licenses/LICENSE"]) == (ROOT / "LICENSE").read_bytes()
    assert {"Name: oreline", "Requires-Python: >=3.11", "License-Expression: Apache-2.0"} <= set(
        metadata.splitlines()
    )


def test_its_command_runs_away_from_the_tree(wheel: Path, tmp_path: Path) -> None:
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(tmp_path / "installed")
    program = (
        "import json, sys, ledger.verify, api, cli.main\n"
        "print(json.dumps([m.__file__ for m in (ledger.verify, api, cli.main)]))\n"
        "sys.argv = ['oreline', '--help']\n"
        "cli.main.main()"
    )
    printed = python("-c", program, cwd=tmp_path, PYTHONPATH=str(tmp_path / "installed"))
    places, _, usage = printed.partition("\n")
    assert all(Path(place).is_relative_to(tmp_path / "installed") for place in json.loads(places))
    assert "oreline" in usage
