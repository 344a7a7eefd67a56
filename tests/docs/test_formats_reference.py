"""docs/reference/formats and rules.md: every example is made by the program, every piece of Python on the
pages does what the program does, and nothing that the code has is missing."""

import json
import re
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ledger import codes, entry, events, merkle, note, prooffile, register, strictjson, verify
from ledger.check import evidence
from ledger.check.report import CHECKS
from ledger.errors import Malformed
from ledger.events import EVENT_TYPES
from ledger.merkle import leaf_hash
from ledger.prooffile import entries_of, leaves_of
from ledger.quantity import apportion
from ledger.rules import composition
from ledger.trust import Trust
from tests.core.examples import examples
from tests.docs import blocks_log, codes_page, update
from tests.docs.blocks import BLOCKS, FENCE, PAGES, REFERENCE, of_entry, public_key
from tests.docs.example import PILE, example

TEXTS = {page.name: page.read_text("utf-8") for page in PAGES}
FENCES = [(name, fence) for name, text in TEXTS.items() for fence in FENCE.findall(text)]
RULES = TEXTS["rules.md"]
MASSES = st.integers(0, 10**15)


def python() -> dict[str, Any]:
    """What the pages' Python defines, read in their order."""
    defined: dict[str, Any] = {}
    for _, (language, _, code) in FENCES:
        if language == "python":
            exec(code, defined)
    return defined


PYTHON = python()


# -- every example is the program's own


def test_every_fence_has_a_name_and_a_maker() -> None:
    names = [name for _, (language, name, _) in FENCES if language != "python"]
    assert sorted(names) == sorted(BLOCKS)
    assert all(text.count("```") == 2 * len(FENCE.findall(text)) for text in TEXTS.values())


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_the_page_shows_what_the_program_makes(page: Any) -> None:
    text = page.read_text("utf-8")
    assert update.filled(text) == text, "run: uv run python -m tests.docs.update"


def test_the_example_files_are_what_the_program_makes() -> None:
    made = blocks_log.files()
    assert {path.name for path in blocks_log.EXAMPLES.iterdir()} == set(made)
    for name, data in made.items():
        assert (blocks_log.EXAMPLES / name).read_bytes() == data, "run: uv run python -m tests.docs.update"


def test_the_files_say_what_the_pages_say_of_them() -> None:
    entries = (blocks_log.EXAMPLES / "entries.jsonl").read_bytes().splitlines()
    assert [entry.encode(entry.decode(data)) for data in entries] == entries
    proof = (blocks_log.EXAMPLES / "mine.proof.json").read_bytes()
    trust = (blocks_log.EXAMPLES / "trust.policy").read_text("utf-8")
    report = json.loads((blocks_log.EXAMPLES / "mine.report.json").read_bytes())
    assert verify.check([proof], Trust.parse(trust)).as_json() == report
    assert (report["verdict"], report["proofs"][0]["subject"]) == ("holds", PILE)
    assert prooffile.encode(prooffile.decode(proof)) == proof


def test_the_signatures_have_the_verdicts_shown() -> None:
    for line in BLOCKS["signatures"]().splitlines():
        verdict, kind, key, message, signature = line.split()
        found = "no"
        try:
            if public_key(kind, bytes.fromhex(key)).verify(bytes.fromhex(signature), bytes.fromhex(message)):
                found = "ok"
        except (Malformed, ValueError):
            assert message == "-"
        assert found == verdict, line
    assert {line.split()[0] for line in BLOCKS["signatures"]().splitlines()} == {"ok", "no"}


def test_the_values_shown_cover_each_code() -> None:
    shown = BLOCKS["strict-json"]() + BLOCKS["values"]()
    wanted = {code for code in codes.CODES if code.startswith(("json.", "value."))}
    assert wanted - {"json.utf8", "json.bom", "value.id", "value.name"} <= set(re.findall(r"\w+\.\w+", shown))


# -- the Python of the pages against the program's


def test_shares_follow_from_the_python_shown() -> None:
    @given(MASSES, st.dictionaries(st.text("abc", min_size=1), MASSES.filter(bool), min_size=1))
    def same(total: int, weights: dict[str, int]) -> None:
        rows = sorted(weights.items())
        assert PYTHON["apportion"](total, rows) == apportion(total, rows)

    same()
    for line in BLOCKS["apportion-examples"]().splitlines():
        total, weights, shares = json.loads(line)
        assert [list(row) for row in PYTHON["apportion"](total, weights)] == shares


LOTS = st.dictionaries(st.sampled_from("abcde"), st.integers(1, 10**9), min_size=1, max_size=4)


@given(st.lists(st.tuples(LOTS, st.sampled_from("fgh")), min_size=1, max_size=4), st.data())
def test_compositions_follow_from_the_python_shown(lots: list[Any], data: st.DataObject) -> None:
    shown, ours, whole = [], [], 0
    for grams_by, trace in lots:
        rows = tuple(sorted(grams_by.items()))
        taken = data.draw(st.integers(1, sum(grams_by.values())))
        whole += taken
        shown.append((rows, [trace], taken))
        ours.append(composition.Part(taken, composition.Composition(rows, (trace,))))
        kept, lost = PYTHON["share"](rows, [trace], taken)
        assert composition.share(ours[-1].composition, taken) == (tuple(kept), tuple(lost))
    outputs = data.draw(st.lists(st.integers(1, max(1, whole // 4_000)), max_size=4))
    made = PYTHON["split"](shown, outputs)
    assert [(tuple(kept), tuple(lost)) for kept, lost in made] == list(composition.split(ours, outputs))


@given(st.integers(1, 40), st.data())
def test_trees_follow_from_the_python_shown(size: int, data: st.DataObject) -> None:
    leaves = [leaf_hash(bytes([n])) for n in range(size)]

    def read(level: int, index: int) -> bytes:
        return merkle.root(leaves[index << level : (index + 1) << level])

    assert PYTHON["root"](leaves) == merkle.root(leaves)
    wanted = sorted(data.draw(st.sets(st.integers(0, size - 1))))
    hashes = PYTHON["make"](wanted, leaves)
    assert hashes == merkle.multiproof(wanted, size, read)
    known = [(index, leaves[index]) for index in wanted]
    assert PYTHON["check"](known, size, hashes) == merkle.root(leaves)
    for wrong in (hashes[:-1], [*hashes, bytes(32)]):
        if wrong != hashes:
            with pytest.raises(ValueError, match="hashes"):
                PYTHON["check"](known, size, wrong)
    old = data.draw(st.integers(1, size))
    assert PYTHON["check_at"](old, known, size, hashes) == merkle.root_at(old, known, size, hashes)


def test_the_example_proof_is_checked_by_the_python_shown() -> None:
    proof = prooffile.decode(example().proof)
    checkpoint = note.checkpoint_of(proof.checkpoint)
    entries = entries_of(proof, checkpoint.size)
    leaves = [
        (found.index, PYTHON["leaf_hash"](text.encode()))
        for found, text in zip(entries, proof.entries, strict=True)
    ]
    assert leaves == leaves_of(proof, entries)
    assert PYTHON["check"](leaves, checkpoint.size, list(proof.hashes)) == checkpoint.root
    assert PYTHON["root"]([leaf_hash(data) for data in example().entries]) == checkpoint.root


# -- nothing is missing


def table(text: str, header: str) -> dict[str, list[str]]:
    """The rows of the table whose first column has this heading, by each name in their first cell."""
    found = re.search(rf"^\| {header} \|.*\n\|-.*\n((?:\|.*\n)+)", text, re.M)
    assert found, header
    rows = [[cell.strip() for cell in re.split(r"(?<!\\)\|", line[1:-1])] for line in found[1].splitlines()]
    return {name.strip("` "): row for first, *row in rows for name in first.split(",")}


def test_every_kind_of_record_has_its_class_and_fields() -> None:
    rows = table(TEXTS["register.md"], "class")
    classes = {"write-once": register.WRITE_ONCE, "chained": register.CHAINED, "standing": register.STANDING}
    for name, kinds in classes.items():
        assert re.findall(r"`(\w+)`", rows[name][0]) == list(kinds)
    rows = table(TEXTS["register.md"], "kind")
    assert set(rows) == set(register.KINDS)
    for kind, record in register.KINDS.items():
        assert rows[kind][1].split(", ") == list(record._fields), kind


def test_every_type_has_its_rules_in_order() -> None:
    headings = re.findall(r"^## (.+)$", RULES, re.M)
    assert [heading for heading in headings if heading in EVENT_TYPES] == list(EVENT_TYPES)


def test_every_refusal_stands_in_the_rules() -> None:
    wanted = {code for table in codes_page.RULES for code in table}
    shown = set(re.findall(r"`(\w+\.\w+)`", RULES))
    generic = {f"{kind}.unknown" for kind in ("party", "site", "key", "hold", "owner", "attestation")}
    assert wanted - shown - generic == set()
    assert shown - set(codes.CODES) == set()


def test_every_code_that_the_pages_name_exists() -> None:
    families = {code.partition(".")[0] for code in codes.CODES} - {"log", "trace"}
    for name, text in TEXTS.items():
        for code in re.findall(r"`([a-z]+\.[a-z_0-9]+)`", text):
            if code.partition(".")[0] in families and not code.endswith((".py", ".policy")):
                assert code in codes.CODES, (name, code)


def test_the_pages_name_every_code_of_their_formats() -> None:
    shown = "".join(TEXTS.values())
    tables = (codes.formats.FORMATS, codes.log.LOG, codes.check.CHECK)
    elsewhere = {
        "key.form",
        "key.passphrase",
        "key.unreadable",
        "key.unwritable",
        "proof.subject",
        "proof.unpublished",
        "history.unknown",
        "horizon.form",
        "statement.unread",
    }
    assert [
        code for table in tables for code in table if f"`{code}`" not in shown and code not in elsewhere
    ] == []


def test_what_events_write_and_touch_is_told() -> None:
    rows = table(TEXTS["checks.md"], "event")
    for name, event in examples().items():
        read = events.parse(json.dumps(event).encode())
        told = [set(re.findall(r"`(\w+)`", cell)) for cell in rows.get(f"`{name}`", rows.get(name, ["", ""]))]
        written = {key.kind for key in evidence.writes(read, 1)} - {"event"}
        touched = {key.kind for key in evidence.about(read)}
        assert written <= told[0], name
        assert touched <= (told[0] if name in ("party", "site") else told[1]), name


def test_every_check_has_its_section() -> None:
    titles = re.findall(r"^## Check (\d): ", TEXTS["checks.md"], re.M)
    assert [int(number) for number in titles] == list(CHECKS)


def test_the_report_has_the_members_listed() -> None:
    report = example().report.as_json()
    proof = report["proofs"][0]
    none = verify.check([b"{}"], Trust.parse(example().trust)).as_json()["proofs"][0]
    finding = none["checks"][0]["findings"][0]
    text = TEXTS["checks.md"]
    for header, members in (
        ("member", report),
        ("member of a proof", proof),
        ("member of a finding", finding),
    ):
        assert set(table(text, header)) == set(members), header


def test_every_page_is_listed() -> None:
    for page in (REFERENCE / "formats").glob("*.md"):
        assert f"(formats/{page.name})" in TEXTS["formats.md"]


def test_the_statement_shown_is_that_of_entry_4() -> None:
    assert strictjson.loads(of_entry(4).payload)["outputs"][0]["lot"] == PILE
    assert BLOCKS["statement"]().strip() in BLOCKS["entry"]()
