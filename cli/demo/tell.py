"""How the demo speaks: lines of at most 80 columns, coloured only where a terminal shows them."""

import re
import textwrap
from collections.abc import Callable, Iterable, Sequence

from cli.demo.outcome import Caught
from ledger.check.report import Report
from ledger.check.text import as_text
from ledger.claims.shares import ADDED
from ledger.lookup.trace import Shares
from ledger.policy import Verdict
from ledger.quantity import format_time, shown_kg

WIDTH = 80
BOLD, DIM, GREEN, RED, YELLOW = "1", "2", "32", "31", "33"
VERDICTS = {"PASS": GREEN, "FAIL": RED, "NOT PROVABLE": YELLOW}


class Teller:
    """Says things line by line through ``out``. ``colour``: with ANSI colours."""

    def __init__(self, out: Callable[[str], None], colour: bool) -> None:
        self._out = out
        self._colour = colour
        self._chapter = 0

    def title(self, text: str) -> None:
        """The next numbered chapter."""
        self._chapter += 1
        self._out("")
        self._out(self._in(BOLD, f"{self._chapter}. {text}"))

    def say(self, text: str) -> None:
        """A paragraph; without text, an empty line."""
        for line in textwrap.wrap(text, WIDTH - 3, break_long_words=False, break_on_hyphens=False) or [""]:
            self._out(f"   {line}".rstrip())

    def event(self, received: int, text: str) -> None:
        """Something that the ledger received on a day."""
        self._out(f"   {self._in(DIM, format_time(received // 1000)[:10])}  {text}")

    def shares(self, shares: Shares) -> None:
        """A lot's origins, greatest first."""
        for origin in shares.origins:
            kg = shown_kg(origin.grams)
            self._out(f"   {origin.part.percent():>8}  {kg:>9}  {origin.kind:<10}  {_short(origin.id)}")
        total = shown_kg(sum(origin.grams for origin in shares.origins))
        self._out(f"   100.00 %  {total:>9}  in all, of {shown_kg(shares.grams)}")
        if any(origin.kind == "added" for origin in shares.origins):
            self.say(ADDED)

    def way(self, rows: Iterable[tuple[str, str, str, str]]) -> None:
        """The way back: date, share of the mass, what was done, the lot that came of it."""
        for date, share, done, lot in rows:
            self._out(f"   {self._in(DIM, date)}  {share:>8}  {done:<18}  {':'.join(lot.split(':')[-2:])}")

    def report(self, report: Report) -> None:
        """The numbered report."""
        for line in as_text(report, WIDTH - 3).splitlines():
            self._out("   " + self._verdict(line) if line else "")

    def caught(self, caught: Caught) -> None:
        """A tampered copy and what became of it."""
        self._out("   " + self._in(BOLD, caught.what))
        word, colour = ("CAUGHT", GREEN) if caught.caught else ("NOT CAUGHT", RED)
        first, *more = _judged(word + ": ", caught)
        self._out("     " + first.replace(word, self._in(colour, word), 1))
        for line in more:
            self._out("     " + line)

    def finding(self, subject: str, found: Caught) -> None:
        """What the checks say of another lot."""
        self.say(subject)
        for line in _judged("", found):
            self._out("     " + line)

    def verdict(self, found: Verdict) -> None:
        """A policy's answer for one lot: what does not pass, and whom to ask; or all that does."""
        self.say("")
        self.say(found.subject)
        word = found.verdict.upper()
        open_ = [finding for finding in found.findings if finding.verdict != "pass"]
        passed = [finding.requirement for finding in found.findings if finding.verdict == "pass"]
        count = f"{len(passed)} of {len(found.findings)} requirements hold"
        said = f"{word}: {count}" + ("." if open_ else f": {', '.join(passed)}.")
        first, *more = _lines(said)
        self._out("     " + first.replace(word, self._in(VERDICTS[word], word), 1))
        for line in more:
            self._out("     " + line)
        for finding in open_:
            self._hang(f"{finding.requirement}: {finding.verdict}. {finding.sentence}")
        asks = dict.fromkeys(ask for finding in open_ for ask in finding.ask)
        if asks:
            self._out("     What to ask next")
        for ask in asks:
            self._hang(f"{_short(ask.whom)}: {ask.what}")

    def ending(self, commands: Sequence[tuple[str, str]]) -> None:
        """What to try next. Commands are continued as a shell takes it: they are there to be copied."""
        self.title("Now you")
        self.say("In a clone of the repository, type `uv run oreline` for `oreline`.")
        for who, command in commands:
            self.say(f"For {who}:")
            for line in _typed(command):
                self._out("     " + self._in(BOLD, line))

    def _hang(self, text: str) -> None:
        first, *more = _lines(text, 2)
        self._out("     - " + first)
        for line in more:
            self._out("       " + line)

    def _verdict(self, line: str) -> str:
        for word, colour in VERDICTS.items():
            if f". {word}: " in line:
                return line.replace(word, self._in(colour, word), 1)
        return line

    def _in(self, colour: str, text: str) -> str:
        return f"\x1b[{colour}m{text}\x1b[0m" if self._colour else text


def _short(id: str) -> str:
    """The last part of an id of the demo."""
    return id.rpartition(":")[2]


def _judged(word: str, found: Caught) -> list[str]:
    text = f"{word}check {found.check}, {found.verdict} [{found.code}]. {found.sentence}"
    return _lines(text)


def _typed(command: str) -> list[str]:
    """A command in as many lines as it takes; whole where a break might fall into a quoted name."""
    if len(command) <= WIDTH - 5 or "'" in command:
        return [command]
    first, *parts = re.split(r" (?=--|\| )", command)
    lines = [first]
    for part in parts:
        longer = f"{lines[-1]} {part}"
        if part.startswith("|") or len(longer) > WIDTH - 5 - len(" \\"):
            lines.append(f"  {part}")
        else:
            lines[-1] = longer
    return [*(f"{line} \\" for line in lines[:-1]), lines[-1]]


def _lines(text: str, less: int = 0) -> list[str]:
    return textwrap.wrap(text, WIDTH - 5 - less, break_long_words=False, break_on_hyphens=False)
