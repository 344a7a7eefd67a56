"""The three renderings: the same fields in each, safe whatever names hold, and fit to be handed in."""

import re
from html.parser import HTMLParser

import pytest

from ledger.claims.document import Claims
from ledger.reports import KINDS, as_html, as_json, as_text, make
from tests.reports.samples import BESIDE, FIELDS, LOT, WHOLE, claims, party, site, step

HOSTILE = [
    "<script>alert(1)</script>",
    '"><img src=x onerror=alert(1)>',
    "' onmouseover='alert(1)",
    "</style><script>1</script>",
    "<!-- ",
    "&lt;b&gt;",
    "javascript:alert(1)",
    "a:<wbr>b",
]
VOID = {"meta", "wbr", "br"}


class Page(HTMLParser):
    """The elements and the text of a page; ``open`` is empty where it is well-formed."""

    def __init__(self, text: str) -> None:
        super().__init__(convert_charrefs=True)
        self.tags: list[str] = []
        self.attributes: set[str] = set()
        self.open: list[str] = []
        self.text = ""
        self.feed(text)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.attributes |= {name for name, _ in attrs}
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        if "style" not in self.open:
            self.text += data


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("empty", [False, True])
def test_a_page_is_well_formed_and_loads_nothing(kind: str, empty: bool) -> None:
    text = as_html(make(kind, Claims(subject=LOT) if empty else claims()))
    page = Page(text)
    assert page.open == []
    assert not set(page.tags) & {"script", "link", "img", "iframe", "form", "svg", "a"}
    assert page.attributes <= {"lang", "charset", "http-equiv", "content", "name", "class", "id", "scope",
                               "title"}  # fmt: skip
    assert text.startswith("<!doctype html>\n")
    assert not re.search(r"url\(|@import|https?:", text)
    assert "@page" in text
    assert "default-src &#x27;none&#x27;" in text


@pytest.mark.parametrize("kind", KINDS)
def test_every_table_names_what_its_cells_are(kind: str) -> None:
    text = as_html(make(kind, claims()))
    tables = re.findall(r"<table.*?</table>", text, re.DOTALL)
    assert tables
    for table in tables:
        heads = table.count('scope="col"')
        for row in re.findall(r"<tr[^>]*>.*?</tr>", table.partition("<tbody>")[2], re.DOTALL):
            assert row.count('<th scope="row"') == 1
            assert row.count("<td") == heads - 1


@pytest.mark.parametrize("hostile", HOSTILE)
@pytest.mark.parametrize("kind", KINDS)
def test_whatever_a_name_holds_it_stays_text(kind: str, hostile: str) -> None:
    bad = {
        "subject": hostile,
        "names": dict.fromkeys([*WHOLE["names"], party("mill"), party("maker")], hostile),
        "marks_on_it": {hostile: hostile},
        "steps": [*WHOLE["steps"], step(90, "x", hostile, hostile, hostile, unit=hostile)],
        "casts": [{"kind": hostile, "why": hostile, "mg": 8_000_000}],
        "coc": [{**WHOLE["coc"][0], "responsible": hostile, "statement": hostile}],
        "fates": [{"fate": hostile, "into": hostile, "grams": 1, "lots": [hostile]}],
        "accounts": [{**WHOLE["accounts"][0], "id": hostile, "scheme": hostile}],
        "marks": [{"mark": hostile, "by": hostile, "since": hostile}],
        "gaps": [{"site": hostile, "process": hostile, "missing": hostile}],
        "proof": {"verdict": "not provable", "codes": [hostile]},
        "rests_on": "proof",
    }
    report = make(kind, claims(**bad))
    page = Page(as_html(report))
    plain = Page(as_html(make(kind, claims(**{**bad, **_tame(bad)}))))
    assert page.open == []
    assert set(page.tags) <= set(plain.tags) | {"wbr"}
    assert page.attributes == plain.attributes
    assert hostile in page.text
    assert hostile in " ".join(str(as_json(report)).split()) or "'" in hostile or '"' in hostile


def _tame(value: object) -> dict[str, object]:
    """The same document with plain names."""

    def tame(one: object) -> object:
        if isinstance(one, dict):
            return {tame(key): tame(inner) for key, inner in one.items()}
        if isinstance(one, list):
            return [tame(inner) for inner in one]
        return "plain" if one in HOSTILE else one

    found = tame(value)
    assert isinstance(found, dict)
    return found


@pytest.mark.parametrize("kind", KINDS)
def test_the_text_keeps_to_its_width_where_words_do(kind: str) -> None:
    for width in (60, 80, 120):
        for line in as_text(make(kind, claims()), width).splitlines():
            assert len(line) <= width or max(map(len, line.split())) > width - 40


@pytest.mark.parametrize("kind", KINDS)
def test_all_three_say_the_same(kind: str) -> None:
    report = make(kind, claims(), fields=FIELDS.get(kind), beside=BESIDE)
    text, page, data = as_text(report), Page(as_html(report)).text, as_json(report)
    assert data["format"] == f"oreline-report-{kind}/1"
    flat = " ".join(text.split())
    for section in data["sections"]:
        for row in section["rows"]:
            for part in (row["label"], row["value"], row["note"]):
                assert part in flat
                assert part in page
            if row["source"]:
                assert row["source"]["id"] in text
                assert row["source"]["id"] in page
        for table in section["tables"]:
            for line in table["lines"]:
                source = line.pop("source")
                assert source is None or source["id"] in page
                for cell in line.values():
                    assert cell in flat
                    assert cell in page
        for stage in section["flow"]:
            assert stage["title"] in text
            assert all(item in page and item in flat for item in stage["items"])
    for limit in data["limits"]:
        assert limit in flat
        assert limit in page


@pytest.mark.parametrize("kind", KINDS)
def test_what_is_missing_is_named_with_whom_to_ask(kind: str) -> None:
    report = make(kind, Claims(subject=LOT, holder=party("stamper")))
    assert report.outcome == "incomplete"
    data = as_json(report)
    rows = [row for section in data["sections"] for row in section["rows"] if row["missing"]]
    assert [row["key"] for row in rows] == [row["key"] for row in data["missing"]]
    flat, page = " ".join(as_text(report).split()), as_html(report)
    for row, told in zip(rows, data["missing"], strict=True):
        assert row["value"] is None
        assert row["ask"] == {"whom": told["whom"], "what": told["what"]}
        assert told["whom"]
        assert f"{row['label']}: ask {told['whom']} for {told['what']}." in flat
    assert page.count("MISSING") == 0
    assert page.count('class="tag">missing<') == len(rows)
    assert flat.count(" MISSING") == len(rows)
    assert f"{len(rows)} field" in flat


@pytest.mark.parametrize("kind", KINDS)
def test_a_report_says_what_it_rests_on(kind: str) -> None:
    basis = "ledger example.com/oreline, 333 entries, the last received 2026-03-09T10:00:00.000Z."
    assert f"Computed from the {basis}" in " ".join(as_text(make(kind, claims())).split())
    fields = FIELDS.get(kind)
    for verdict, said, outcome in (
        ("holds", "holds", "complete"),
        ("not provable", "is not provable", "incomplete"),
        ("does not hold", "DOES NOT HOLD", "disproven"),
    ):
        proof = {"verdict": verdict, "codes": ["x.code"]}
        report = make(kind, claims(rests_on="proof", proof=proof), fields=fields, beside=BESIDE)
        flat = " ".join(as_text(report).split())
        assert f"Computed from a proof file, which {said}; {basis}" in flat
        assert report.outcome == outcome
        assert ("x.code" in flat) == (verdict != "holds")
    assert "which was not checked" in make(kind, claims(rests_on="proof")).basis()


def test_a_mark_in_dispute_is_on_the_report() -> None:
    mark = {"mark": "disputed", "event": {"party": "p", "id": "evt:99", "index": 9}, "by": party("mill")}
    for kind in KINDS:
        if kind != "asi-account":
            report = make(kind, claims(marks=[mark]))
            assert report.outcome in ("incomplete", "disproven"), "nobody hands it in as if all were well"
            assert report.missing()[0].key == "standing"
            text = as_text(report)
            assert "In dispute" in text
            assert "evt:99" in text


@pytest.mark.parametrize(
    ("weakest", "says", "physical"),
    [
        ("identity_preserved", "physically from", True),
        ("segregated", "physically from", True),
        ("controlled_blending", "in a controlled blend from", False),
        ("mass_balance", "attributed by mass balance to", False),
        ("book_and_claim", "claimed for, without any physical link to,", False),
    ],
)
def test_physically_from_is_said_only_where_it_is_true(weakest: str, says: str, physical: bool) -> None:
    for kind in set(KINDS) - {"asi-account"}:
        text = " ".join(as_text(make(kind, claims(weakest=weakest))).split())
        assert f"This metal is {says} the places" in text
        assert text.count("physically from") == 1
        assert ("Never: physically from" in text) != physical
        assert weakest.replace("_", " ") in text


def test_a_lot_that_no_process_made_has_no_model() -> None:
    mined = claims(weakest=None, models=[], steps=WHOLE["steps"][:1])
    assert "model" not in [row.key for row in make("section232", mined).missing()]
    bare = claims(weakest=None, models=[])
    assert "model" in [row.key for row in make("section232", bare).missing()]
    assert site("mine") in as_text(make("uflpa", mined))


def test_an_event_without_a_name_is_told_by_its_entry() -> None:
    models = [{"process": "cast", "model": "mass_balance", "event": {"index": 31}}]
    report = make("section232", claims(models=models))
    assert "[entry 31]" in as_text(report)
    assert '<span class="event">entry 31</span>' in as_html(report)
