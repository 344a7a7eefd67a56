"""The tables of docs/frauds.md, made of frauds.json by ``uv run python -m tests.frauds.page``."""

from collections.abc import Sequence
from pathlib import Path

from cli.demo.frauds import Fraud, load
from ledger.policy.kinds import KINDS

PAGE = Path(__file__).parents[2] / "docs" / "frauds.md"

BEGIN, END = "<!-- frauds -->\n", "<!-- end -->\n"
PARTS: tuple[tuple[str, tuple[str, ...], str], ...] = (
    (
        "Caught at admission",
        ("admission",),
        "The event is refused when it is posted; nothing of it is recorded.",
    ),
    (
        "Caught by the offline check",
        tuple(f"check {n}" for n in range(1, 10)),
        "`oreline verify` says so, from the file and the trust file alone. What is missing makes the verdict "
        "*not provable*; what contradicts makes it *does not hold*.",
    ),
    (
        "Caught by the offline check, for a reader who asks for it",
        ("check 2 (--seen)", "check 2 (--max-age)"),
        "The reader keeps an earlier checkpoint, or limits a proof's age.",
    ),
    (
        "Caught by a witness",
        ("witness",),
        "`oreline witness serve` gives no cosignature, so that no quorum comes together.",
    ),
    (
        "Caught by a witness that replays",
        ("replaying witness",),
        "It judges every entry and recomputes the register's root before it cosigns. A proof alone does not "
        "show these, nor does a witness that only compares checkpoints.",
    ),
    ("Caught by a monitor", ("monitor",), "`oreline monitor` says so, and keeps the evidence of a fork."),
    (
        "Refused as evidence",
        ("evidence",),
        "`oreline evidence` shows it to be none: an honest operator cannot be framed.",
    ),
    ("Caught by an audit", ("audit",), "`oreline audit` replays the whole ledger and compares everything."),
    (
        "Caught by the guard",
        ("guard",),
        "No checkpoint is signed, so nothing that was done can be published.",
    ),
    (
        "Caught by a buyer's policy",
        ("policy",),
        "The ledger admits it, for no rule of metal is broken; who asks does not buy. `oreline check` "
        "says *fail*, and never *pass* of a proof alone. The code is the kind of requirement.",
    ),
    (
        "Not provable to a buyer",
        ("policy (not provable)",),
        "`oreline check` says *not provable*, and whom to ask for what. It never passes.",
    ),
    (
        "Caught by comparing the document",
        ("evidence check",),
        "`oreline evidence check` compares a file with what the ledger names: SHA-256, size and kind.",
    ),
    ("Done in vain", ("in vain",), "Nothing objects, for nothing comes of it."),
)


def _table(frauds: Sequence[Fraud]) -> str:
    """Rows in the order of the file. Places are told where a part has several."""
    several = len({fraud.caught_by for fraud in frauds}) > 1
    coded = any(fraud.code for fraud in frauds)
    heads = ["fraud", "what is tried", *(["caught by"] if several else []), *(["code"] if coded else [])]
    rows = ["| " + " | ".join(heads) + " |", "|" + "---|" * len(heads)]
    for fraud in frauds:
        cells = [f'<a id="{fraud.name}"></a>`{fraud.name}`', f"*{fraud.family}*: {fraud.story}"]
        cells += [fraud.caught_by] if several else []
        cells += [_code(fraud)] if coded else []
        rows.append("| " + " | ".join(cells) + " |")
    return "\n".join(rows) + "\n"


def _code(fraud: Fraud) -> str:
    page = "policies" if fraud.code in KINDS else "codes"
    return f"[`{fraud.code}`](reference/{page}.md#{fraud.code})"


def render(text: str) -> str:
    """The page, with the tables between its marks made anew."""
    frauds = load()
    before, _, rest = text.partition(BEGIN)
    parts = [before, BEGIN]
    for title, places, words in PARTS:
        chosen = [fraud for fraud in frauds if fraud.caught_by in places]
        parts.append(f"\n## {title}\n\n{words}\n\n{_table(chosen)}")
    return "".join([*parts, "\n", END, rest.partition(END)[2]])


if __name__ == "__main__":
    PAGE.write_text(render(PAGE.read_text("utf-8")), "utf-8")
