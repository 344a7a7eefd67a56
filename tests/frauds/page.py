"""The tables of docs/frauds.md, made of frauds.json by ``uv run python -m tests.frauds.page``."""

from collections.abc import Sequence
from pathlib import Path

from cli.demo.frauds import Fraud, load

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
        tuple(f"check {n}" for n in (1, 2, 3, 4, 5, 6, 7, 9)),
        "`oreline verify` says so, from the file and the trust file alone.",
    ),
    (
        "Caught by the offline check, for a reader who asks for it",
        ("check 2 (--seen)", "check 2 (--max-age)"),
        "The reader keeps an earlier checkpoint, or limits a proof's age.",
    ),
    (
        "Shown by check 8, where the proof holds the evidence",
        ("check 8",),
        "Honest proofs hold every correction and revocation. Somebody could strip them out: see below.",
    ),
    ("Caught by an audit", ("audit",), "`oreline audit` replays the whole ledger and compares everything."),
    (
        "Caught by the guard",
        ("guard",),
        "No checkpoint is signed, so nothing that was done can be published.",
    ),
)


def _table(frauds: Sequence[Fraud]) -> str:
    """Rows in the order of the file. Places are told where a part has several."""
    several = len({fraud.caught_by for fraud in frauds}) > 1
    heads = ["fraud", "what is tried", *(["caught by"] if several else []), "code"]
    rows = ["| " + " | ".join(heads) + " |", "|" + "---|" * len(heads)]
    for fraud in frauds:
        cells = [f'<a id="{fraud.name}"></a>`{fraud.name}`', f"*{fraud.family}*: {fraud.story}"]
        cells += [fraud.caught_by] if several else []
        rows.append("| " + " | ".join([*cells, f"[`{fraud.code}`](reference/codes.md#{fraud.code})"]) + " |")
    return "\n".join(rows) + "\n"


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
