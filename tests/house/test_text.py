"""What may and may not stand in the files: machine paths, hosts, codes, and how long a file may be."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

from ledger.codes import CODES
from tests.house.tree import ROOT, files, nodes, sources, where

# What takes a code as its first argument.
TAKERS = {"OrelineError", "Malformed", "StorageError", "GuardError", "ClockError"} | {
    "Refusal", "refuse", "problem", "Problem"
}  # fmt: skip
TABLES = sorted((ROOT / "ledger" / "codes").glob("*.py"))
FAMILIES = {code.partition(".")[0] for code in CODES}
FILE_ENDINGS = {
    "bin",
    "css",
    "csv",
    "db",
    "html",
    "jsonl",
    "js",
    "json",
    "jwk",
    "log",
    "md",
    "policy",
    "py",
    "sqlite",
    "toml",
    "txt",
}


def texts() -> Iterator[tuple[str, str]]:
    """(path from the root, text) of every text file except the lock, which must name its registry."""
    for path in files():
        if path.name != "uv.lock":
            try:
                yield path.relative_to(ROOT).as_posix(), path.read_text(encoding="utf-8")
            except UnicodeDecodeError:
                continue


def test_no_file_names_a_place_on_some_machine_or_a_registry() -> None:
    # Spelt in pieces, so that this file passes itself.
    folders = "|".join(["work", "root", "home", "Users"])
    hosts = "|".join(["pypi" + r"\.org", "python" + "hosted", "index" + "-url", "find" + "-links"])
    pattern = re.compile(rf"(?<![\w.:-])/({folders})/|{hosts}")
    found = [f"{name}: {match.group()}" for name, text in texts() for match in pattern.finditer(text)]
    assert not found, "\n".join(found)


def test_every_file_can_be_read_in_one_sitting() -> None:
    lengths = {str(path.relative_to(ROOT)): len(path.read_text().splitlines()) for path in sources()}
    assert {name: lines for name, lines in lengths.items() if lines > 400} == {}


def called(node: ast.Call) -> str:
    name: str = getattr(node.func, "id", "") or getattr(node.func, "attr", "")
    return name


def codes_in(path: Path) -> Iterator[tuple[ast.AST, str]]:
    """Every string that is given as a code to an error, a refusal or a problem, or looks like a code."""
    for node in nodes(path):
        if isinstance(node, ast.Call) and called(node) in TAKERS and node.args:
            if isinstance(first := node.args[0], ast.Constant):
                yield first, str(first.value)
        elif isinstance(node, ast.Call) and called(node) == "need":
            # draft.need(kind, id, path[, code]) refuses with <kind>.unknown unless told otherwise
            code = node.args[3] if len(node.args) > 3 else node.args[0]
            if isinstance(code, ast.Constant):
                yield code, str(code.value) + ("" if len(node.args) > 3 else ".unknown")
        elif isinstance(node, ast.JoinedStr) and len(node.values) == 2:
            # f"{kind}.unknown": stands for every code that ends so
            _, end = node.values
            if isinstance(end, ast.Constant) and re.fullmatch(r"\.[a-z0-9_]+", str(end.value)):
                yield from ((node, code) for code in CODES if code.endswith(str(end.value)))
        elif isinstance(node, ast.Constant) and isinstance(node.value, str):
            family, _, rest = node.value.partition(".")
            if family in FAMILIES and re.fullmatch("[a-z][a-z0-9_]*", rest) and rest not in FILE_ENDINGS:
                yield node, node.value


def test_every_code_in_the_source_is_explained() -> None:
    unknown = {
        f"{where(path, node)}: {code}"
        for path in sources()
        if path not in TABLES
        for node, code in codes_in(path)
        if code not in CODES
    }
    assert not unknown, "\n".join(sorted(unknown))


def test_every_explained_code_is_in_the_source() -> None:
    used = {code for path in sources() if path not in TABLES for _, code in codes_in(path)}
    unused = sorted(set(CODES) - used)
    assert not unused, "\n".join(unused)


def test_a_code_is_explained_once_in_whole_sentences() -> None:
    keys = [
        str(key.value)
        for path in TABLES
        for node in nodes(path)
        if isinstance(node, ast.Dict)
        for key in node.keys
        if isinstance(key, ast.Constant)
    ]
    assert sorted({code for code in keys if keys.count(code) > 1}) == []
    assert set(keys) == set(CODES)
    sentence = re.compile(r"[A-Z`“\"].{9,}[.!?…]", re.DOTALL)
    poor = [
        code
        for code, (meaning, remedy) in CODES.items()
        if not re.fullmatch(r"[a-z]+\.[a-z][a-z0-9_]*", code)
        or not sentence.fullmatch(meaning)
        or not sentence.fullmatch(remedy)
        or meaning == remedy
    ]
    assert not poor, "\n".join(poor)
