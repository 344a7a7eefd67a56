"""A page for people: what passed, what failed, what cannot be said, and what to ask whom next."""

from textwrap import wrap

from ledger.claims import shares
from ledger.policy.finding import FAIL, NOT_PROVABLE, PASS, Ask, Finding, Verdict, worst
from ledger.policy.output.many import Verdicts, called, counts, many
from ledger.quantity import counted

WIDTH = 80
MOST_EVENTS = 3
MOST_PAGES = 20
_MARK = {PASS: "pass", FAIL: "FAIL", NOT_PROVABLE: "NOT PROVABLE"}
_ORDER = (FAIL, NOT_PROVABLE, PASS)


def text(verdicts: Verdicts, width: int = WIDTH) -> str:
    """One lot: its page. Many: a table of lots, the worst first, then the pages of the worst that do not
    pass: of so many that somebody may read them. Lines of at most ``width`` columns, but for longer ids."""
    lots = many(verdicts)
    if len(lots) == 1:
        return _page(lots[0], width)
    ranked = sorted(lots, key=lambda one: _ORDER.index(one.verdict))
    sums = counts([one.verdict for one in lots])
    told = ", ".join(f"{number:,} {word}" for word, number in sums.items())
    lines = [f"{len(lots):,} lots: {_MARK[worst(one.verdict for one in lots)]} ({told})", ""]
    for one in ranked:
        short = [found.requirement for found in one.findings if found.verdict != PASS]
        lines += _hang(
            f"{_MARK[one.verdict]:<13}", called(one) + (f"  {', '.join(short)}" if short else ""), width
        )
    bad = [one for one in ranked if one.verdict != PASS]
    pages = [_page(one, width) for one in bad[:MOST_PAGES]]
    more = len(bad) - len(pages)
    if more > 0:
        pages.append(f"and {more:,} more lots that do not pass: ask for them by name, or as JSON\n")
    return "\n".join(lines) + "\n" + "".join(f"\n{'=' * width}\n{page}" for page in pages)


def _page(one: Verdict, width: int) -> str:
    lines = _hang("", f"{_MARK[one.verdict]}: {one.title} ({one.policy} {one.version})", width)
    lines += _hang("  ", f"{called(one)}{', ' + one.material if one.material else ''}", width)
    whence = "the ledger" if one.rests_on == "ledger" else "a proof"
    at = f" {one.as_of.ledger}, {one.as_of.size:,} entries, {one.as_of.received}" if one.as_of.ledger else ""
    lines += _hang("  ", f"as told by {whence}{at}", width)
    lines += _hang("  ", f"origin unknown or not shown: {_unknown(one.unknown_ppm)}", width)
    if one.left == 0:
        lines += _hang("  ", "nothing of it is left: it was used up, fitted, sold outside or lost", width)
    for word in _ORDER:
        for found in one.findings:
            if found.verdict == word:
                lines += ["", *_found(found, width)]
    asked = _asked(one)
    if asked:
        lines += ["", "What to ask next"]
        for ask in asked:
            lines += _hang("  - ", f"{ask.whom}: {ask.what}", width)
    return "\n".join(lines) + "\n"


def _found(found: Finding, width: int) -> list[str]:
    lines = _hang("", f"{_MARK[found.verdict]}  {found.title} [{found.requirement}]", width)
    lines += _hang("  ", found.sentence, width)
    for event in found.events[:MOST_EVENTS]:
        at = f" (entry {event.index})" if event.index >= 0 else ""
        lines += _hang("  event ", f"{event.id}{at}", width)
    more = len(found.events) - MOST_EVENTS
    return [*lines, f"  and {counted(more, 'more event')}"] if more > 0 else lines


def _asked(one: Verdict) -> list[Ask]:
    """What to ask, fails first, each question once."""
    rows = [
        ask for word in _ORDER[:2] for found in one.findings if found.verdict == word for ask in found.ask
    ]
    return list(dict.fromkeys(rows))


def _unknown(ppm: int | None) -> str:
    return "all of it" if ppm is None else shares.Part(ppm, shares.WHOLE, up=True).percent()


def _hang(first: str, said: str, width: int) -> list[str]:
    """Lines of at most so many columns, the following ones indented like the first. Ids are not broken."""
    return wrap(
        said,
        width,
        initial_indent=first,
        subsequent_indent=" " * (len(first) or 2),
        break_long_words=False,
        break_on_hyphens=False,
    )
