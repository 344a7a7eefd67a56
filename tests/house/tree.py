"""What the house tests look at: the tree's files, its modules, and a clean process to run things in."""

import ast
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import grimp

ROOT = Path(__file__).resolve().parents[2]
PACKAGES = ("ledger", "api", "cli")


def run(*command: str, cwd: Path = ROOT, **env: str) -> subprocess.CompletedProcess[str]:
    """Run to the end without stdin, unmeasured: tools and import tests must not see our coverage."""
    clean = {k: v for k, v in os.environ.items() if not k.startswith(("COVERAGE_", "PYTEST_"))}
    return subprocess.run(
        command,
        cwd=cwd,
        env=clean | env,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )


def python(*arguments: str, cwd: Path = ROOT, **env: str) -> str:
    """The standard output of this interpreter on the arguments; what it printed is the failure's text."""
    done = run(sys.executable, *arguments, cwd=cwd, **env)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def files() -> list[Path]:
    """Every file that is, or would be, in the repository: tracked or new, and not ignored."""
    # Whoever checked the tree out, its files may be listed: hence safe.directory.
    listing = run(
        "git", "-c", "safe.directory=*", "ls-files", "-z", "--cached", "--others", "--exclude-standard"
    )
    assert listing.returncode == 0, listing.stderr
    found = [ROOT / name for name in sorted(set(listing.stdout.split("\0")) - {""})]
    return [path for path in found if path.is_file()]


def sources() -> list[Path]:
    """The Python files of ledger, api and cli."""
    return [p for p in files() if p.suffix == ".py" and p.relative_to(ROOT).parts[0] in PACKAGES]


def module_name(path: Path) -> str:
    """``ledger/rules/__init__.py`` -> ``ledger.rules``."""
    parts = path.relative_to(ROOT).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def pure_core() -> dict[str, Path]:
    """Module name -> file of ``ledger.verify`` and all of ours that importing it runs."""
    graph = grimp.build_graph("ledger", cache_dir=None)
    named = graph.find_upstream_modules("ledger.verify") | {"ledger.verify"}
    named |= {name.rpartition(".")[0] for name in named} - {""}
    every = {module_name(path): path for path in sources()}
    return {name: every[name] for name in sorted(named)}


def nodes(path: Path) -> Iterator[ast.AST]:
    """Every node of a Python file's syntax tree."""
    return ast.walk(ast.parse(path.read_text(encoding="utf-8"), str(path)))


def where(path: Path, node: ast.AST) -> str:
    """``ledger/verify.py:12``."""
    return f"{path.relative_to(ROOT)}:{getattr(node, 'lineno', 0)}"
