"""The gate's own behaviour, on a small project that it measures for real."""

import shutil
import sys
from pathlib import Path

import pytest

from tests.house.tree import ROOT, run

FILES = {
    "api/__init__.py": "",
    "cli/__init__.py": "",
    "ledger/__init__.py": "",
    "ledger/leaf.py": "def sign(x: int) -> str:\n    if x < 0:\n        return '-'\n    return '+'\n",
    "ledger/verify.py": "from ledger.leaf import sign\n\n\ndef verify(x: int) -> str:\n    return sign(x)\n",
    "ledger/store.py": "\n".join(f"def unused_{i}() -> int:\n    return {i}\n" for i in range(3)),
    "tests/area/test_here.py": "from ledger.verify import verify\ndef test_plus(): assert verify(1) == '+'\n",
}
IN_SUBPROCESS = """
import subprocess, sys

def test_minus_in_a_process_that_leaves_at_once():
    program = "import os, ledger.verify as v; assert v.verify(-1) == '-'; os._exit(0)"
    subprocess.run([sys.executable, "-c", program], check=True)
"""
UNMEASURED = """
import pytest

@pytest.mark.unmeasured
@pytest.mark.parametrize("n", range(2))
def test_what_is_tried_here_does_not_count(n):
    import subprocess, sys, threading
    from ledger import leaf, store
    assert leaf.sign(-1) == "-"
    subprocess.run([sys.executable, "-c", "import ledger.leaf as l; assert l.sign(-1) == '-'"], check=True)
    thread = threading.Thread(target=leaf.sign, args=(-1,))
    thread.start()
    thread.join()
"""
STORE = """
from ledger import store

def test_store():
    assert [store.unused_0(), store.unused_1(), store.unused_2()] == [0, 1, 2]
"""


@pytest.fixture
def project(tmp_path: Path) -> Path:
    for name in ("pyproject.toml", "tests/__init__.py", "tests/conftest.py"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        shutil.copy(ROOT / name, tmp_path / name)
    (tmp_path / "tests/house").mkdir()
    for name in ("tree.py", "coverage_gate.py"):
        shutil.copy(ROOT / "tests/house" / name, tmp_path / "tests/house" / name)
    for name, text in FILES.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(text)
    assert run("git", "init", "-q", cwd=tmp_path).returncode == 0
    return tmp_path


def suite(project: Path, *arguments: str) -> tuple[int, str]:
    quick = ("-p", "no:schemathesis")  # nothing here asks for it, and it takes a second to load
    done = run(sys.executable, "-m", "pytest", *quick, *arguments, cwd=project, PYTHONPATH=str(project))
    return done.returncode, done.stdout + done.stderr


@pytest.mark.parametrize("workers", ["0", "1"])
def test_the_whole_suite_fails_below_the_thresholds(project: Path, workers: str) -> None:
    code, text = suite(project, "-n", workers)
    assert code == 1
    assert "FAILED coverage of the total" in text
    assert "FAILED coverage of the pure core" in text
    assert "ledger/leaf.py: 3" in text
    assert "2 failed, 1 passed" in text


def test_subprocesses_count(project: Path) -> None:
    (project / "tests/area/test_more.py").write_text(IN_SUBPROCESS)
    (project / "tests/area/test_store.py").write_text(STORE)
    code, text = suite(project, "-n", "1")
    assert code == 0, text
    assert "total 100.00 %" in text
    assert "5 passed" in text


@pytest.mark.parametrize("workers", ["0", "1"])
def test_what_is_unmeasured_does_not_count_and_all_else_does(project: Path, workers: str) -> None:
    (project / "tests/area/test_first.py").write_text(UNMEASURED)
    (project / "tests/area/test_store.py").write_text(STORE)
    code, text = suite(project, "-n", workers)
    assert code == 1
    assert "FAILED coverage of the pure core" in text
    assert "ledger/leaf.py: 3, 2->3\n" in text
    assert "2 failed, 4 passed" in text


def test_the_pure_core_must_be_whole_even_where_the_total_suffices(project: Path) -> None:
    (project / "ledger/store.py").write_text("x = 0\n" * 100)
    (project / "tests/area/test_store.py").write_text(
        "from ledger import store\ndef test(): assert store.x == 0\n"
    )
    code, text = suite(project, "-n", "0")
    assert code == 1
    assert "FAILED coverage of the pure core" in text
    assert "1 failed, 3 passed" in text


@pytest.mark.parametrize("choice", [["tests/area"], ["-k", "plus"]])
def test_a_part_of_the_suite_is_not_measured(project: Path, choice: list[str]) -> None:
    code, text = suite(project, "-n", "0", *choice)
    assert code == 0, text
    assert "coverage" not in text
