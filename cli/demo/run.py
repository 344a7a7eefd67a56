"""``oreline demo``: makes a ledger, tells the story in it, proves one hood, asks a buyer's policy of three,
and shows tampering caught."""

import json as jsonlib
import os
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

from cli.demo import place, tamper
from cli.demo import story as demo
from cli.demo.outcome import POLICY, PROOF, Caught, Demo, judge, next_commands
from cli.demo.story import Clock, Step, Story
from cli.demo.tell import Teller
from ledger import claiming, folder, policy, proof, verify
from ledger.check.report import Report
from ledger.claims.shares import Part
from ledger.folder import Ledger
from ledger.lookup import trace
from ledger.lookup.graph import WHOLE, Walk
from ledger.policy import Verdict
from ledger.quantity import shown_kg
from ledger.register import Lot
from ledger.store import Store
from ledger.trust import Trust


def run_demo(
    directory: Path,
    out: Callable[[str], None],
    *,
    json: bool = False,
    colour: bool = False,
    guard: Path | None = None,
    random: Callable[[int], bytes] = os.urandom,
) -> Demo:
    """Run the demo into ``directory``; ``out`` takes each line (with ``json``, one JSON object only).

    ``guard``: where the guard of the ledger's last checkpoint is kept, as for ``ledger.folder.create``.
    Where the demo stands already, nothing is changed. Raises ``StorageError("store.exists")`` where
    ``directory`` holds something else under one of the demo's names.
    """
    teller = Teller((lambda line: None) if json else out, colour)
    story = demo.load()
    if place.stands(directory, story):
        made = Demo(story.subject, directory, created=False)
        teller.say(f"The demo is in {directory} already; nothing was changed.")
        teller.say("For a new one, delete that folder, or name another: oreline demo --dir DIR")
    else:
        with place.staged(directory) as stage:
            made = _Run(story, teller, random).run(stage, directory, guard)
    teller.ending(next_commands(made))
    if json:
        out(jsonlib.dumps(made.as_json()))
    return made


class _Run:
    """One run: the story told, the hood traced, proven and judged, the tampered copies caught."""

    def __init__(self, story: Story, teller: Teller, random: Callable[[int], bytes]) -> None:
        self._story = story
        self._teller = teller
        self._random = random
        self._keys = demo.make_keys(story, lambda name: random(32))
        self._steps = demo.all_steps(story, self._keys)

    def run(self, stage: Path, directory: Path, guard: Path | None) -> Demo:
        """Do it all in ``stage``; ``directory`` is what people are told."""
        story, teller = self._story, self._teller
        teller.title("A ledger for an invented quarter of aluminium")
        teller.say(story.illustrative)
        clock = Clock(self._steps[0].received)
        charter = demo.sign(self._steps[0], self._keys)
        ledger = folder.create(stage, charter, self._keys["operator"], clock, guard)
        try:
            place.write_keys(stage, self._keys)
            place.write_example(stage, story)
            place.write_documents(stage, story)
            self._post(ledger, clock)
            origins = self._trace(ledger.store)
            file, other = (proof.build(ledger.store, lot) for lot in (story.subject, story.with_unknown))
            verdicts = self._judge(ledger.store)
            entries = list(ledger.store.entries(0, ledger.store.head().size))
        finally:
            ledger.close()
        (stage / PROOF).write_bytes(file)
        trust = Trust.parse((stage / folder.TRUST).read_text("utf-8"))
        report = self._check(file, other, trust)
        self._tell(verdicts, report)
        caught = tuple(self._tamper(file, entries, trust))
        return Demo(story.subject, directory, True, len(entries), report.verdict, origins, caught, verdicts)

    def _post(self, ledger: Ledger, clock: Clock) -> None:
        story, teller = self._story, self._teller
        teller.say(
            f"{len(story.parties)} parties and {len(story.sites)} sites register, all with keys of their own."
        )
        teller.title("January to March 2026, as their systems posted it")

        def told(batch: Sequence[Step]) -> None:
            for step in batch:
                if step.say:
                    teller.event(step.received, step.say)

        posted = 1 + demo.play(self._steps[1:], self._keys, ledger.log, clock, told)
        ledger.publish()
        teller.say(f"{posted} signed events were admitted by the rules, and the checkpoint is signed.")

    def _trace(self, store: Store) -> tuple[tuple[str, int], ...]:
        subject, teller = self._story.subject, self._teller
        shares = trace.shares(store, subject)
        assert shares is not None
        teller.title("One hood, traced back to every origin")
        teller.say(f"{subject}: a {shares.material} of {shown_kg(shares.grams)}")
        teller.shares(shares)
        teller.say("")
        teller.say("What it was made of, back to the mines; share of its metal that went that way:")
        teller.way(self._way(store))
        return tuple((f"{origin.kind} {origin.id}", origin.grams) for origin in shares.origins)

    def _way(self, store: Store) -> Iterator[tuple[str, str, str, str]]:
        """Every lot that was made (not merely split off) and carries some of its mass, newest first."""
        rows: list[tuple[str, str, str, str]] = []
        made = {f"{step.event['party']} {step.event['id']}": step.event for step in self._steps}
        for node, _ in Walk(store, self._story.subject, store.head().size, 0).run():
            if isinstance(node.value, Lot) and node.value.role != "part" and node.share:
                event = made[node.value.event]
                done = event.get("process") or event["kind"]
                rows.append((event["time"], Part(node.share, WHOLE).percent(), done, node.id))
        for time, percent, done, lot in sorted(rows, key=lambda row: row[0], reverse=True):
            yield time[:10], percent, done, lot

    def _check(self, file: bytes, other: bytes, trust: Trust) -> Report:
        teller = self._teller
        teller.title("Its proof, checked offline: this file, the trust file, nothing else")
        report = verify.check([file], trust)
        teller.say(f"{PROOF} has {len(file):,} bytes.")
        teller.say("")
        teller.report(report)
        teller.title("A hood whose furnace held opening stock: what is not known is not hidden")
        unknown = judge(self._story.with_unknown, verify.check([other], trust))
        teller.finding(self._story.with_unknown, unknown)
        return report

    def _judge(self, store: Store) -> tuple[Verdict, ...]:
        """What the buyer's policy says of the three hoods, as the ledger knows them."""
        story, wanted = self._story, policy.load(POLICY)
        hoods = (story.subject, story.fails, story.not_provable)
        return tuple(policy.judge(wanted, claims) for claims in claiming.Claiming(store).all(hoods))

    def _tell(self, verdicts: Sequence[Verdict], report: Report) -> None:
        teller, wanted = self._teller, policy.load(POLICY)
        teller.title(f"May we buy it? Three hoods, and the policy {POLICY}")
        teller.say(wanted.about)
        for verdict in verdicts:
            teller.verdict(verdict)
        claims = report.proofs[0].claims
        assert claims is not None
        offline = policy.judge(wanted, claims).verdict
        teller.say("")
        teller.say(f"Asked of the first one's proof alone, without the ledger: {offline}.")

    def _tamper(self, file: bytes, entries: Sequence[bytes], trust: Trust) -> Iterator[Caught]:
        teller = self._teller
        teller.title("Copies of the proof, tampered with")
        original = tamper.Original(file, entries, self._story, self._steps, self._keys)
        for copy in tamper.tampered(original, lambda name: self._random(32)):
            caught = judge(copy.what, verify.check([copy.proof], trust))
            teller.caught(caught)
            yield caught
