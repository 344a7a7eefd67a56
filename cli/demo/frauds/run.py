"""Running a fraud: once without its fraudulent step, once with it, and what was said to it."""

import mimetypes
from collections.abc import Sequence
from hashlib import sha256
from itertools import count
from typing import Any, NamedTuple

from cli.demo.frauds import proofs, stores
from cli.demo.frauds.events import Row, Writer
from cli.demo.frauds.fraud import Fraud
from cli.demo.frauds.judging import Asked, Judged, better, document
from cli.demo.frauds.operating import Lie, shown, sign
from cli.demo.frauds.stage import Played, Stage
from cli.demo.frauds.watching import Watchers, log_key
from cli.demo.outcome import decisive
from cli.evidence import differs
from ledger import history, note, proof, prooffile, verify
from ledger.audit import audit
from ledger.check.report import Report
from ledger.claiming import papers
from ledger.errors import GuardError
from ledger.history import Subject
from ledger.log import Receipt, Refused
from ledger.merkle import leaf_hash
from ledger.policy.finding import FAIL, NOT_PROVABLE, PASS
from ledger.proof import Horizon
from ledger.quantity import parse_time
from ledger.register import Key
from ledger.registermap import bucket_of, key_hash
from ledger.trust import NONE, Group, Log, Trust, Witness

ADMISSION, AUDIT, GUARD = "admission", "audit", "guard"
WITNESS, REPLAYING, MONITOR, EVIDENCE = "witness", "replaying witness", "monitor", "evidence"
IN_VAIN = "in vain"  # it is done, and nothing comes of it
POLICY, UNPROVEN, OFFLINE = "policy", "policy (not provable)", "policy (from the proof)"
DOCUMENT = "evidence check"
SEEN, MAX_AGE = "check 2 (--seen)", "check 2 (--max-age)"
QUORUM = "readers"  # the group of the witnesses that a reader asks for
MOST_GROWN = 2_048  # octets by which a proof may grow where somebody stuffs a bucket


class Found(NamedTuple):
    """Who said what: a place such as ``admission`` or ``check 7``, and a code. Both "" where all is well."""

    place: str = ""
    code: str = ""


def try_out(played: Played, fraud: Fraud, honest: bool) -> Found:
    """What is found in one run of a fraud, or of its honest twin."""
    stage = Stage(played, played.before(fraud.before))
    run = _Run(stage, fraud, honest)
    try:
        return run.run()
    finally:
        run.close()
        stage.close()


class _Run:
    """One run of one fraud's steps."""

    def __init__(self, stage: Stage, fraud: Fraud, honest: bool) -> None:
        self._stage = stage
        self._fraud = fraud
        self._honest = honest
        self._writer = Writer(stage.played)
        self._watchers = Watchers(stage)
        self._proofs: list[bytes] = []

    def run(self) -> Found:
        """All the steps, then the one who has to find something looks."""
        for row in self._fraud.steps:
            only = row.get("only", "fraud" if "store" in row or "proof" in row else "")
            if only == ("fraud" if self._honest else "honest"):
                continue
            found = self._take(row)
            if found.place:
                return found
        return self._look()

    def close(self) -> None:
        """Let the witnesses go."""
        self._watchers.close()

    def _take(self, row: Row) -> Found:
        """Take one step; who objected to it, if anyone did."""
        if "witness" in row:
            return _found(
                REPLAYING if row.get("replays") else WITNESS, self._watchers.take(row, self._trust())
            )
        if "accuse" in row:
            how = {} if self._honest else row["fraud"]
            return _found(EVIDENCE, self._watchers.accuse(how, self._trust()))
        if "store" in row:
            stores.change(self._stage, row, self._writer.spelling)
        elif "proof" in row:
            self._proofs[-1] = proofs.change(self._stage, self._proofs[-1], row, self._writer.spelling)
        elif "prove" in row:
            self._prove(row)
        elif "judge" in row:
            return self._judge(row)
        elif "document" in row:
            return self._compare(row)
        else:
            return _found(ADMISSION, self._post(self._stuffing(row) if "stuff" in row else row))
        return Found()

    def _stuffing(self, row: Row) -> Row:
        """A source of so many lots whose ids are ground: they fall into the bucket of the lot to ``stuff``,
        as they agree with it in so many bits."""
        wanted = bucket_of(key_hash(Key("lot", self._writer.spelling.whole(row["stuff"]))), row["bits"])
        start: str = self._writer.spelling.whole(row["start"])
        ids = (f"{start}{n}" for n in count())
        ground = (id for id in ids if bucket_of(key_hash(Key("lot", id)), row["bits"]) == wanted)
        outputs = [row["output"] | {"lot": f"{start}{n}"} for n in range(row["lots"])]
        moved = [output | {"lot": id} for output, id in zip(outputs, ground, strict=False)]
        return {**row, "post": row["post"] | {"outputs": outputs}, "fraud": {"set": {"outputs": moved}}}

    def _post(self, row: Row) -> str:
        honest, fraud = self._writer.write(row, self._stage.clock.now)
        if self._honest or not row.get("operator"):
            outcome = self._stage.post(*(honest if self._honest else fraud))
            return _refusal(outcome)
        assert isinstance(honest.text, str)
        assert isinstance(fraud.text, str)
        charter = row["fraud"].get("charter")
        judged_by = self._writer.events[charter] if charter else None
        self._stage.force(honest.text, fraud.text, fraud.received, judged_by)
        return ""

    def _prove(self, row: Row) -> None:
        """Build a proof of a lot from a checkpoint of all there is, signed by whoever signs."""
        how: Row = row if self._honest else {**row, **row.get("fraud", {})}
        stage, lot = self._stage, self._writer.spelling.whole(row["prove"])
        lie = Lie.of(stage, how, self._writer.spelling)
        at = parse_time(how["at"]) if "at" in how else None
        signed = sign(stage, how.get("cosigned", ()), lie, at)
        store = shown(stage, lie)
        if "history" in how:
            built = history.build(store, Subject(lot))
        else:
            horizon = Horizon.parse(how["horizon"]) if "horizon" in how else None
            seen = [stage.seen] if self._fraud.caught_by == SEEN else []
            built = proof.build(store, lot, horizon=horizon, seen=seen)
        self._proofs.append(prooffile.encode(prooffile.decode(built)._replace(checkpoint=signed)))

    def _judge(self, row: Row) -> Found:
        """A buyer asks, of the ledger and of a proof. What is better in the proof, or else than the step
        says (``offline``), is found as well."""
        asked = Asked.of(row if self._honest else {**row, **row.get("fraud", {})}, self._writer.spelling)
        told = asked.of_ledger(self._stage)
        offline = self._offline(asked)
        expected = {PASS, NOT_PROVABLE} if self._honest else {row.get("offline", told.word)}
        if better(offline.word, told.word) or offline.word not in expected:
            return Found(OFFLINE, f"{offline.word} {offline.kind}".rstrip())
        if told.word == PASS:
            return Found()
        return Found(POLICY if told.word == FAIL else UNPROVEN, told.kind)

    def _offline(self, asked: Asked) -> Judged:
        """What a proof of the lot alone comes to."""
        signed = sign(self._stage)
        built = prooffile.decode(proof.build(self._stage.store, asked.lot))
        (checked,) = verify.check([prooffile.encode(built._replace(checkpoint=signed))], self._trust()).proofs
        assert checked.claims is not None
        return asked.of_claims(checked.claims)

    def _compare(self, row: Row) -> Found:
        """A document is shown: the ledger has to name it, with its size and kind."""
        data = document(self._stage.played.story, row, self._honest)
        named = papers.named(self._stage.store, sha256(data).hexdigest())
        kind = mimetypes.guess_type(row["document"])[0] or ""
        if any(not differs(one, len(data), kind) for one in named):
            return Found()
        return Found(DOCUMENT)

    def _look(self) -> Found:
        place = self._fraud.caught_by
        if place in (ADMISSION, POLICY, UNPROVEN, DOCUMENT):
            return Found()
        if place == GUARD:
            return self._publish()
        if place == AUDIT:
            found = audit(self._stage.store, trusted_checkpoint=self._stage.guard.read()).differences
            return Found(AUDIT, found[0].code) if found else Found()
        if place == MONITOR:
            reader = self._writer.spelling.whole(self._fraud.reader)
            return _found(MONITOR, self._watchers.look(self._trust(), reader))
        if place in (WITNESS, REPLAYING, EVIDENCE):
            return Found()
        return self._verify(place)

    def _publish(self) -> Found:
        try:
            self._stage.publish()
        except GuardError as error:
            return Found(GUARD, error.code)
        return Found()

    def _verify(self, place: str) -> Found:
        options: dict[str, Any] = {"accept_root": self._fraud.reader.get("accept_root", False)}
        if place == SEEN:
            options["seen"] = [self._stage.seen]
        if place == MAX_AGE:
            now, max_age = self._fraud.reader["now"], self._fraud.reader["max_age"]
            options |= {"now": parse_time(now), "max_age": max_age}
        report = verify.check(self._proofs, self._trust(), **options)
        check, code = first_finding(report)
        if not check:
            return self._in_vain() if place == IN_VAIN and not self._honest else Found()
        return Found(place if place.startswith(f"check {check} ") else f"check {check}", code)

    def _in_vain(self) -> Found:
        """All is well, as it must be: the last proof is hardly larger than the first one."""
        grown = len(self._proofs[-1]) - len(self._proofs[0])
        return Found(IN_VAIN, self._fraud.code) if grown <= MOST_GROWN else Found()

    def _trust(self) -> Trust:
        """What the reader was given out of band: the demo's trust file, with witnesses if need be."""
        played = self._stage.played
        key = log_key(self._stage)
        charter = leaf_hash(played.groups[0].entries[0])
        names: Sequence[str] = self._fraud.reader.get("witnesses", ())
        if not names:
            return Trust((Log(key),), (), (), NONE, charter)
        witnesses = tuple(
            Witness(name, note.verifier(name, note.COSIGNATURE, played.key(name).public.raw))
            for name in names
        )
        replaying = tuple(self._fraud.reader.get("replays", ()))
        return Trust(
            (Log(key),), witnesses, (Group(QUORUM, "all", tuple(names)),), QUORUM, charter, replaying
        )


def _found(place: str, code: str) -> Found:
    return Found(place, code) if code else Found()


def _refusal(outcome: Receipt | Refused) -> str:
    """Why a statement made no new entry. One that is there already gets its first receipt again."""
    if isinstance(outcome, Refused):
        return outcome.problems[0].code
    return "event.duplicate" if outcome.duplicate else ""


def first_finding(report: Report) -> tuple[int, str]:
    """The first finding that is no pass, by number, a *fail* before a *not provable*; (0, "") if there is
    none."""
    first = decisive([*report.together, *(found for one in report.proofs for found in one.findings)])
    return (first.check, first.code) if first else (0, "")
