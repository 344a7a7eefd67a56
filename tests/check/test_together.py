"""Several files side by side: histories beside proofs, and registers that contradict each other."""

import json
from typing import Any

import pytest

from ledger.check.report import Report
from ledger.history import Subject
from ledger.history import build as history
from ledger.proof import SHORT, Horizon, build
from ledger.prooffile import HISTORY
from ledger.register import Key
from ledger.verify import check
from tests.check.busy import TRADERS, Busy
from tests.check.liar import Liar
from tests.world import LOT, PARTY, World

HOOD, COIL, BLANK = LOT + "stamper:hood", LOT + "roller:coil", LOT + "stamper:blank"
OLD, NEW = Key("used", COIL), Key("hold", HOOD)


def world(scrap: str = "5", more: str = "") -> World:
    """A hood, and then a little scrap; ``more`` of it later."""
    made = World()
    assert made.hood() == HOOD
    for kg in (scrap, more):
        if kg:
            made.scrap("yard", f"scrap-{kg}", kg)
    return made


def beside(*files: bytes) -> set[tuple[int, str, tuple[str, ...]]]:
    """What is found of these files together, each of which is right by itself."""
    report: Report = check(list(files), world().trust, accept_root=True)
    assert not {f.code for one in report.proofs for f in one.findings if f.verdict == "fail"}
    return {(f.check, f.code, f.ids) for f in report.together}


def test_a_history_of_another_history() -> None:
    """A proof, or two histories, of one size but not of one log."""
    one, two = world("5"), world("6")
    one.publish()
    two.publish()
    proof, told = build(one.store, HOOD), history(two.store, Subject(lot=HOOD))
    assert (2, "chain.fork", ()) in beside(proof, told)
    assert (2, "chain.fork", ()) in beside(history(one.store, Subject(lot=HOOD)), told)
    assert beside(proof, history(one.store, Subject(lot=HOOD))) == set()


def test_files_are_numbered_as_they_were_given() -> None:
    one, two = world("5"), world("6")
    one.publish()
    two.publish()
    files = [b"nothing", build(one.store, HOOD), history(two.store, Subject(lot=HOOD))]
    report = check(files, one.trust)
    assert {f.sentence.partition(" has")[0] for f in report.together} == {"File 3"}


def baled_twice(made: World, pile: str) -> tuple[bytes, str]:
    """A proof of what was made of a pile before that was withdrawn, and what was made of it then."""
    (first,) = made.transform("yard", "bale", {pile: "100"}, {"first": ("post_consumer_scrap", "100")})
    baled = made.last
    made.publish()
    early = build(made.store, first)
    made.correct(baled, "withdraw")
    (second,) = made.transform("yard", "bale", {pile: "100"}, {"second": ("post_consumer_scrap", "100")})
    made.publish()
    return early, second


def test_only_the_files_that_do_not_hold_together_are_named() -> None:
    """Both that took of the pile, and not the one about other metal of the same hands."""
    made = World()
    pile, other = made.scrap("yard", "pile", "100"), made.scrap("yard", "other", "100")
    early, second = baled_twice(made, pile)
    files = [build(made.store, other), early, build(made.store, second, horizon=Horizon(depth=1))]
    report = check(files, made.trust, accept_root=True)
    told = [one.sentence.partition(" do not")[0] for one in report.together if one.code == "lot.overdrawn"]
    assert told == ["Files 2 and 3"]


def test_the_same_metal_in_two_proofs_is_seen_though_one_of_them_rests_on_its_record() -> None:
    """What was made of it first was withdrawn between the two, so that each holds by itself."""
    made = World()
    pile = made.scrap("yard", "pile", "100")
    early, second = baled_twice(made, pile)
    late = build(made.store, second, horizon=Horizon(depth=1))
    assert {(check, code) for check, code, _ in beside(early, late)} == {
        (6, "lot.overdrawn"), (8, "standing.overdrawn")
    }  # fmt: skip


def lie(made: World, key: Key, *pairs: tuple[int, Any], **options: Any) -> bytes:
    """A short proof, or a history, under a root with another record."""
    liar = Liar(made)
    fields = json.loads(liar.records[key])
    for place, value in pairs:
        fields[place] = value
    record = json.dumps(fields, separators=(",", ":")).encode()
    return liar.file(HOOD, {key: record}, **({"shown": (*KINDS, "lot"), "indices": ()} | options))


KINDS = ("used", "hold", "owner", "status", "posted", "key")


@pytest.mark.parametrize(
    ("key", "pairs"),
    [
        (OLD, ((1, 14_000),)),  # written before the earlier root, and not what that says
        (OLD, ((0, 44), (2, 1))),  # written since, and no further than before
        (Key("lot", BLANK), ((0, 44),)),  # born again
        (NEW, ((1, PARTY + "roller"),)),
        (Key("posted", f"{PARTY}stamper 2026-03"), ((2, "A" * 43),)),
    ],
)
def test_a_root_that_forgets_what_an_earlier_one_knew(key: Key, pairs: tuple[tuple[int, Any], ...]) -> None:
    """Each short proof fits its own root, and both roots are signed."""
    later = world("5", "6")
    for _ in range(5):
        later.correct(later.last, "amend")
    earlier = Liar(world()).file(HOOD, shown=(*KINDS, "lot"), indices=())
    forged = lie(later, key, *pairs)
    assert beside(earlier, Liar(later).file(HOOD, shown=(*KINDS, "lot"), indices=())) == set()
    assert beside(earlier, forged) == {(8, "register.contradicted", (key.id,))}
    assert beside(forged, earlier) == beside(earlier, forged)


def test_a_record_that_is_gone_or_was_never_there() -> None:
    later = world("5", "6")
    files = {
        hidden: Liar(later).file(HOOD, {OLD: None} if hidden else None, shown=(*KINDS, "lot"), indices=())
        for hidden in (True, False)
    }
    first = {
        hidden: Liar(world()).file(HOOD, {OLD: None} if hidden else None, shown=(*KINDS, "lot"), indices=())
        for hidden in (True, False)
    }
    found = {(8, "register.contradicted", (COIL,))}
    assert beside(first[False], files[True]) == beside(first[True], files[False]) == found
    assert beside(first[True], files[True]) == beside(first[False], files[False]) == set()
    told = Liar(later).file(
        f"lot {BLANK}", {OLD: None}, shown=(*KINDS, "lot"), indices=(35, 36), format=HISTORY
    )
    assert beside(first[False], told) == found


@pytest.mark.parametrize("seed", range(3))
def test_honest_files_of_several_days_hold_together(seed: int) -> None:
    busy = Busy(seed, 40)
    store = busy.world.store
    lots = [lot for lot, _ in busy.lots][-4:]
    files = []
    for _ in range(3):
        busy.world.publish()
        for lot in lots:
            files += [build(store, lot), build(store, lot, horizon=SHORT), history(store, Subject(lot=lot))]
        for name in TRADERS:
            files.append(history(store, Subject(party=PARTY + name, month="2026-03")))
            for act in (busy.ship, busy.receive, busy.blend, busy.correct, busy.exit):
                act(name)
    assert check(files, busy.world.trust).together == ()
