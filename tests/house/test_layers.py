"""Imports point only downward, and the verifier is pure: in the source, and when it runs."""

import ast
import json
import re
import sys
import tomllib
from itertools import pairwise

import pytest

from tests.house.tree import ROOT, nodes, pure_core, python, run, where

LINTER = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["importlinter"]

# What pydantic, nacl and cryptography load by themselves, and so cannot be kept out of the process:
# os and time (the interpreter), pathlib, secrets, tempfile and threading (pydantic), socket and selectors
# (importlib.metadata's email.utils). Of these we only say that none of our own modules imports them.
NEVER_LOADED = {
    "asyncio", "click", "concurrent.futures", "fastapi", "http.client", "httpx", "joserfc",
    "multiprocessing", "psycopg", "sqlite3", "sqlite_utils", "ssl", "starlette", "subprocess",
    "urllib.request", "uvicorn", "api", "cli", "ledger.audit", "ledger.folder", "ledger.keyfile",
    "ledger.log", "ledger.policy", "ledger.proof", "ledger.publisher", "ledger.store", "ledger.lookup.trace",
}  # fmt: skip


@pytest.mark.parametrize("contract", [contract["id"] for contract in LINTER["contracts"]])
def test_contract(contract: str) -> None:
    program = "import sys; from importlinter.cli import lint_imports_command as c; c()"
    done = run(sys.executable, "-c", program, "--contract", contract, "--no-cache")
    assert done.returncode == 0, done.stdout + done.stderr


def test_the_design_shows_these_layers_and_no_others() -> None:
    (block,) = re.findall(
        "```\ncli/  api/[^\n]*\n(.*?)```", (ROOT / "docs/design.md").read_text("utf-8"), re.S
    )
    shown = [
        re.findall(r"(?<=[/ ])(\w+)(?:/|\.py)(?= )", line.partition("   ")[0] + " ")
        for line in block.splitlines()
    ]
    rows = {name: row for row, names in enumerate(shown) for name in names}
    (contract,) = [one for one in LINTER["contracts"] if one["id"] == "layers"]
    layers = [re.findall(r"\w+", layer) for layer in contract["layers"]]
    assert rows.keys() == {name for names in layers for name in names}
    downward = [sorted(rows[name] for name in names) for names in layers]
    assert all(upper[-1] <= lower[0] for upper, lower in pairwise(downward))


def loaded(statement: str) -> set[str]:
    """The modules of a fresh process after the statement."""
    return set(
        json.loads(python("-c", f"{statement}\nimport json, sys; print(json.dumps(sorted(sys.modules)))"))
    )


def test_importing_the_verifier_loads_no_storage_network_or_web_code() -> None:
    assert sorted(loaded("import ledger.verify") & NEVER_LOADED) == []


def test_importing_the_verifier_runs_the_pure_core_and_nothing_else_of_ours() -> None:
    ours = {name for name in loaded("import ledger.verify") if name.partition(".")[0] == "ledger"}
    assert ours <= set(pure_core())


def test_the_pure_core_asks_no_clock_and_opens_nothing() -> None:
    calls = {"open", "input", "print", "exec", "eval", "compile", "__import__", "now", "utcnow", "today"}
    found = [
        f"{where(path, node)}: {ast.unparse(node)[:60]}"
        for path in pure_core().values()
        for node in nodes(path)
        if isinstance(node, ast.Call)
        and (name := getattr(node.func, "id", None) or getattr(node.func, "attr", None)) in calls
        and not (name == "compile" and isinstance(node.func, ast.Attribute))  # re.compile
    ]
    assert not found, "\n".join(found)


def test_the_pure_core_has_no_floats() -> None:
    found = [
        f"{where(path, node)}: {ast.unparse(node)[:60]}"
        for path in pure_core().values()
        for node in nodes(path)
        if (isinstance(node, ast.Constant) and isinstance(node.value, float))
        or (isinstance(node, ast.BinOp | ast.AugAssign) and isinstance(node.op, ast.Div))
        or (isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "float")
    ]
    assert not found, "\n".join(found)
