"""The operator signs a root that is not that of the entries: what shows, and what breaks nothing."""

import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ledger.check.report import FAIL, NOT_PROVABLE, PASS, Checked
from ledger.check.text import as_text
from ledger.prooffile import HISTORY
from ledger.register import Key, Posted, Record, encode
from ledger.verify import check
from tests.check.liar import Liar
from tests.core import chaining
from tests.world import LOT, PARTY, World, private_key

HOOD, COIL, BLANK = LOT + "stamper:hood", LOT + "roller:coil", LOT + "stamper:blank"


@pytest.fixture(scope="module")
def liar() -> Liar:
    world = World()
    assert world.hood() == HOOD
    return Liar(world)


def checked(liar: Liar, data: bytes, **options: Any) -> Checked:
    (found,) = check([data], liar.forge.world.trust, **options).proofs
    return found


def codes(found: Checked, check: int, verdict: str = FAIL) -> set[str]:
    return {f.code for f in found.findings if (f.check, f.verdict) == (check, verdict)}


def changed(liar: Liar, key: Key, *pairs: tuple[int, Any]) -> dict[Key, bytes | None]:
    """The key's record with some of its members (0 is ``at``) changed."""
    fields = json.loads(liar.records[key])
    for place, value in pairs:
        fields[place] = value
    return {key: json.dumps(fields, separators=(",", ":")).encode()}


def test_an_honest_root_holds(liar: Liar) -> None:
    report = check([liar.file(HOOD)], liar.forge.world.trust)
    assert report.verdict == "holds", as_text(report)


# -- the register does not say what the entries come to

LIES: dict[str, tuple[Key, tuple[tuple[int, Any], ...], int, str]] = {
    "overdrawn": (Key("used", COIL), ((1, 850_001),), 8, "standing.overdrawn"),
    "less is gone than was used": (Key("used", COIL), ((1, 14_999),), 6, "register.contradicted"),
    "nothing is gone since": (Key("used", COIL), ((0, 3),), 6, "register.contradicted"),
    "moved by others": (Key("used", COIL), ((4, "A" * 43),), 8, "standing.left_out"),
    "the subject withdrawn": (Key("hold", HOOD), ((7, True),), 8, "standing.withdrawn"),
    "the subject moved since": (Key("hold", HOOD), ((0, 30),), 6, "register.contradicted"),
    "another lot": (Key("lot", COIL), ((2, 850_001),), 8, "register.contradicted"),
    "another charter": (Key("charters", ""), ((1, [[0, 5]]),), 8, "register.contradicted"),
}


@pytest.mark.parametrize("name", LIES)
def test_a_record_is_not_what_the_entries_come_to(liar: Liar, name: str) -> None:
    key, pairs, number, code = LIES[name]
    found = checked(liar, liar.file(HOOD, changed(liar, key, *pairs)))
    assert codes(found, number) == {code}


def test_the_subject_was_left_so_by_an_entry_that_is_not_there(liar: Liar) -> None:
    """Its own birth is the last entry; the register says that a later one moved it."""
    world = World()
    world.hood()
    world.source("yard", "scrap", "5", kind="collection", material="post_consumer_scrap")
    other = Liar(world)
    lie = changed(other, Key("owner", HOOD), (0, other.size - 1))
    found = checked(other, other.file(HOOD, lie, indices=range(37)))
    assert codes(found, 8) == {"standing.left_out"}


def test_something_was_said_that_nobody_said(liar: Liar) -> None:
    about = Key("about", f"lot {COIL}")
    found = checked(liar, liar.file(HOOD, {about: b'[30,1,"' + b"A" * 43 + b'"]'}))
    assert codes(found, 8) == {"standing.left_out"}


def test_the_register_knows_nothing_of_what_was_used(liar: Liar) -> None:
    found = checked(liar, liar.file(HOOD, {Key("used", BLANK): None}))
    assert codes(found, 8) == {"register.contradicted"}


def test_what_is_not_shown_is_not_provable(liar: Liar) -> None:
    for kind in ("used", "hold", "owner"):
        hidden = Key(kind, HOOD if kind != "used" else COIL)
        found = checked(liar, liar.file(HOOD, hidden=[hidden]))
        assert codes(found, 8, NOT_PROVABLE) == {"standing.not_shown"}
        assert not codes(found, 8)
    for key in (Key("lot", COIL), Key("about", f"lot {COIL}"), Key("charters", "")):
        found = checked(liar, liar.file(HOOD, closed=[key]))
        assert "standing.not_shown" in codes(found, 8, NOT_PROVABLE)
        assert not codes(found, 8)


@pytest.mark.parametrize(
    ("event", "code"), [({"size": 3}, "register.missing"), ({"root": "A" * 43 + "="}, "map.root")]
)
def test_a_root_that_is_none(liar: Liar, event: dict[str, Any], code: str) -> None:
    found = checked(liar, liar.file(HOOD, **event))
    assert codes(found, 8) == {code}
    assert codes(found, 8, NOT_PROVABLE) == {"standing.unseen"}


def test_the_last_entry_states_no_root(liar: Liar) -> None:
    data = json.loads(liar.file(HOOD))
    bare = json.loads(liar.forge.proof(HOOD))
    stripped = Liar(liar.forge.world)
    plain = json.loads(stripped.forge.proof(HOOD)) | {"register": data["register"]}
    assert bare["entries"][:-1] == plain["entries"]
    found = checked(liar, json.dumps(plain, separators=(",", ":"), ensure_ascii=False).encode() + b"\n")
    assert codes(found, 8) == {"register.missing"}


# -- nonsense, signed

NONSENSE: list[tuple[str, str]] = [
    (f"used {COIL}", "[]"),
    (f"used {COIL}", "{}"),
    (f"used {COIL}", '[29,-1,3,"",""]'),
    (f"used {COIL}", '[29,1,-3,"",""]'),
    (f"used {COIL}", '[-1,1,3,"",""]'),
    (f"used {COIL}", '[999,1,3,"",""]'),
    (f"used {COIL}", '[29,1,3,"",""] '),
    (f"used {COIL}", '[29,1.0,3,"",""]'),
    (f"used {COIL}", '[29,true,3,"",""]'),
    (f"used {COIL}", '[29,"1",3,"",""]'),
    (f"used {COIL}", f'[29,{2**64},3,"",""]'),
    (f"used {COIL}", f'[29,{"9" * 5000},3,"",""]'),
    (f"used {COIL}", "[" * 5000),
    (f"hold {HOOD}", '[36,"a","b",253402300800,"","",false,false,"c"]'),
    (f"hold {HOOD}", '[36,"a","b",-62135596801,"","",false,false,"c"]'),
    (f"hold {HOOD}", '[36,"a","b",5,"","",0,false,"c"]'),
    (f"hold {HOOD}", '[36,"\\ud800","b",5,"","",false,false,"c"]'),
    (f"lot {HOOD}", '[36,"m",0,true,"product","p","s",5,"e f",[],[]]'),
    (f"lot {HOOD}", '[36,"m",8,true,"product","p","s",5,"e f",[["mine a",7999]],[]]'),
    (f"lot {HOOD}", '[36,"m",8,true,"product","p","s",5,"e f",[["mine a",8001],["mine b",-1]],[]]'),
    (f"lot {HOOD}", '[36,"m",8,true,"product","p","s",5,"e f",[["mine b",4000],["mine a",4000]],[]]'),
    (f"lot {HOOD}", '[36,"m",8,true,"product","p","s",5,"e f",[["mine a",4000],["mine a",4000]],[]]'),
    (f"lot {HOOD}", '[36,"m",8,true,"product","p","s",5,"e f",[["unproven a:b",8000]],[]]'),
    (f"lot {HOOD}", '[36,"m",8,true,"product","p","s",5,"e f",[],["mine a"]]'),
    ("party urn:example:party:miner", "[1]"),  # of no kind that the check rests on
]


@pytest.mark.parametrize(("name", "record"), NONSENSE)
def test_a_record_that_no_fold_comes_to(liar: Liar, name: str, record: str) -> None:
    kind, _, id = name.partition(" ")
    try:
        lie: dict[Key, bytes | None] = {Key(kind, id): record.encode()}
        data = liar.file(HOOD, lie, shown=(kind,))
    except UnicodeEncodeError:
        return
    found = checked(liar, data)
    assert codes(found, 8) == {"register.record"}


@pytest.mark.parametrize("since", [-62_135_596_800, 253_402_300_799])
def test_the_first_and_the_last_second_of_all_have_a_spelling(liar: Liar, since: int) -> None:
    record = f'[36,"a","b",{since},"","",false,false,"c"]'.encode()
    data = liar.file(HOOD, {Key("hold", HOOD): record}, shown=("hold",))
    assert "register.record" not in codes(checked(liar, data), 8)


def test_a_lot_may_be_of_one_gram(liar: Liar) -> None:
    record = b'[36,"m",1,true,"product","p","s",5,"e f",[["mine a",1000]],[]]'
    data = liar.file(HOOD, {Key("lot", HOOD): record}, shown=("lot",))
    assert "register.record" not in codes(checked(liar, data), 8)


def test_records_in_another_order_or_twice(liar: Liar) -> None:
    value = json.loads(liar.file(HOOD))
    rows = value["register"]["records"]
    for wrong in ([rows[1], rows[0], *rows[2:]], [rows[0], *rows]):
        value["register"]["records"] = wrong
        data = json.dumps(value, separators=(",", ":"), ensure_ascii=False).encode() + b"\n"
        assert codes(checked(liar, data), 8) == {"register.record"}


_LEAF = st.none() | st.booleans() | st.integers(-(2**70), 2**70) | st.text(max_size=4) | st.floats(0, 1)
_ANY = st.recursive(_LEAF, lambda inner: st.lists(inner, max_size=3), max_leaves=6)


@pytest.mark.unmeasured
@given(st.data())
@settings(max_examples=60, deadline=None)
def test_nothing_that_he_signs_breaks_the_check(liar: Liar, data: st.DataObject) -> None:
    """Whatever stands in records, there is a report, and it is not better than the truth."""
    key = data.draw(st.sampled_from(sorted(key for key in liar.records if key.kind in (*KINDS, "lot"))))
    fields = json.loads(liar.records[key])
    for _ in range(data.draw(st.integers(1, 2))):
        fields[data.draw(st.integers(0, len(fields) - 1))] = data.draw(_ANY)
    record = json.dumps(fields, separators=(",", ":"), ensure_ascii=False).encode("utf-8", "replace")
    subject = data.draw(st.sampled_from([HOOD, COIL]))
    indices = data.draw(st.sampled_from([None, (), range(34), (0,)]))
    file = liar.file(subject, {key: record}, shown=(*KINDS, "lot"), indices=indices)
    report = check([file], liar.forge.world.trust, accept_root=data.draw(st.booleans()))
    assert as_text(report)
    json.dumps(report.as_json())
    history = liar.file(f"lot {subject}", {key: record}, shown=(*KINDS, "lot"), format=HISTORY)
    assert as_text(check([history], liar.forge.world.trust))


@pytest.mark.parametrize("text", ["", "[]", "5", "{", '{"kty":"OKP"}'])
def test_a_key_that_is_none_breaks_no_history(liar: Liar, text: str) -> None:
    records = {key: json.loads(value) for key, value in liar.records.items() if key.kind == "key"}
    false = {
        key: json.dumps([*row[:3], text, *row[4:]], separators=(",", ":")) for key, row in records.items()
    }
    shown = {key: row.encode() for key, row in false.items()}
    history = liar.file(f"lot {HOOD}", shown, shown=(*KINDS, "lot"), format=HISTORY)
    (found,) = check([history], liar.forge.world.trust).proofs
    assert {code for code in codes(found, 5) if code.startswith("key.")}


KINDS = ("used", "hold", "owner", "status", "posted", "key")


def test_the_births_entry_cannot_be_read_but_its_record_is_proven(liar: Liar) -> None:
    world = World()
    world.hood()
    other = Liar(world)
    other.forge.replace(36, statement="AAAA.AAAA.AAAA")
    found = checked(other, other.file(HOOD, shown=(*KINDS, "lot")))
    assert (5, "statement.header") in {(f.check, f.code) for f in found.findings}
    assert (found.grams, found.marks) == (8_000, ())


# -- where only records are shown


def short(liar: Liar, change: dict[Key, bytes | None] | None = None, **more: Any) -> Checked:
    data = liar.file(HOOD, change, shown=(*KINDS, "lot"), indices=(), **more)
    return checked(liar, data, accept_root=True)


def test_a_short_proof_rests_on_the_root(liar: Liar) -> None:
    assert short(liar).verdict(7) == PASS
    assert "Whether what it was made of, or a hand-over of it, is disputed" in str(short(liar).findings)
    assert codes(short(liar), 8, PASS) == {"standing.beyond"}
    found = short(liar, changed(liar, Key("hold", HOOD), (7, True)))
    assert "standing.withdrawn" in codes(found, 8)
    mark = f'[36,[["disputed","{PARTY}roller","a b",5]]]'.encode()
    birth = json.loads(liar.records[Key("lot", HOOD)])[8]
    found = short(liar, {Key("status", f"event {birth}"): mark})
    assert codes(found, 8) == {"standing.disputed"}
    found = short(liar, hidden=[Key("hold", HOOD)])
    assert codes(found, 8, NOT_PROVABLE) == {"standing.not_shown"}
    found = short(liar, closed=[Key("status", f"event {birth}")])
    assert codes(found, 8, NOT_PROVABLE) == {"standing.not_shown"}
    found = short(liar, hidden=[Key("lot", HOOD)])
    assert codes(found, 7, NOT_PROVABLE) == {"missing.birth"}


def test_no_key_but_the_operators_states_a_root_without_the_charter(liar: Liar) -> None:
    data = liar.file(HOOD, shown=(*KINDS, "lot"), indices=())
    world = liar.forge.world
    del liar.forge.entries[-1]
    thief = private_key("thief")
    operator, world.operator = world.operator, thief
    try:
        forged = liar.file(HOOD, shown=(*KINDS, "lot"), indices=())
    finally:
        world.operator = operator
    assert codes(checked(liar, data), 5) == set()
    assert codes(checked(liar, forged), 5, NOT_PROVABLE) == {"missing.charter"}


# -- histories


def told(liar: Liar, change: dict[Key, bytes | None] | None = None, **more: Any) -> Checked:
    """The blank's history: its birth and its use."""
    data = liar.file(f"lot {BLANK}", change, shown=(*KINDS, "lot"), indices=(35, 36), format=HISTORY, **more)
    return checked(liar, data)


def test_a_history_rests_on_keys_and_chains(liar: Liar) -> None:
    assert [told(liar).verdict(number) for number in (2, 3, 5, 8)] == [PASS] * 4
    kid = liar.forge.world.keys[PARTY + "stamper"].public.kid
    key = Key("key", kid)
    found = told(liar, changed(liar, key, (1, PARTY + "roller")))
    assert codes(found, 5) == {"key.other_party"}
    found = told(liar, changed(liar, key, (3, "{}")))
    assert len(codes(found, 5)) == 1
    found = told(liar, changed(liar, key, (3, private_key("thief").public.jwk_text)))
    assert codes(found, 5) == {"statement.kid"}
    assert codes(told(liar, hidden=[key]), 5, NOT_PROVABLE) == {"missing.key"}
    assert codes(told(liar, hidden=[Key("lot", BLANK)]), 8, NOT_PROVABLE) == {"standing.not_shown"}
    assert codes(told(liar, hidden=[Key("used", BLANK)]), 8, NOT_PROVABLE) == {"standing.not_shown"}
    for change in (
        changed(liar, Key("used", BLANK), (2, 2)),
        changed(liar, Key("used", BLANK), (3, "A" * 43)),
    ):
        assert codes(told(liar, change), 8) == {"history.incomplete"}
    found = told(liar, changed(liar, Key("lot", BLANK), (0, 34)))
    assert codes(found, 8) == {"history.incomplete"}
    found = told(liar, changed(liar, Key("lot", BLANK), (0, 36)))
    assert codes(found, 8) == {"history.incomplete"}


def test_a_history_does_not_believe_a_key_that_it_brings_itself() -> None:
    """The operator lets in a key that signs its own registration, and what that key says."""
    world = World()
    party, site = world.party("miner"), world.site("pit")
    liar, thief = Liar(world), private_key("thief")
    event = world.key_event(party, thief) | {"party": party}
    ore: dict[str, Any] = {"type": "source", "party": party, "site": site, "kind": "mine"}
    ore["outputs"] = [{"lot": LOT + "miner:x", "kg": "1", "material": "bauxite"}]
    told = [liar.forge.add(event, by=thief), liar.forge.add(ore, by=thief)]
    liar.size = len(liar.forge.entries)
    month = Key("posted", f"{party} 2026-03")
    posted: dict[Key, bytes | None] = {month: encode(Record(told[1], Posted(2, chaining.chain(told))))}
    data = liar.file(f"party {month.id}", posted, indices=told, format=HISTORY)
    found = checked(liar, data)
    assert found.verdict(8) == PASS
    assert codes(found, 5, NOT_PROVABLE) == {"missing.key"}


def test_a_history_with_an_entry_that_cannot_be_read(liar: Liar) -> None:
    world = World()
    world.hood()
    other = Liar(world)
    other.forge.add_statement("AAAA.AAAA.AAAA")
    other.size += 1
    data = other.file(f"lot {BLANK}", shown=(*KINDS, "lot"), indices=(35, 36, 37), format=HISTORY)
    assert codes(checked(other, data), 5) == {"statement.header"}


def test_a_history_without_the_registers_root(liar: Liar) -> None:
    value = json.loads(liar.file(f"lot {BLANK}", shown=(*KINDS, "lot"), indices=(0, 35, 36), format=HISTORY))
    del value["register"]
    data = json.dumps(value, separators=(",", ":"), ensure_ascii=False).encode() + b"\n"
    found = checked(liar, data)
    assert codes(found, 8, NOT_PROVABLE) == {"standing.unseen"}
