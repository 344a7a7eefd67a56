"""The four outputs, of one lot and of many."""

import json
from typing import Any
from xml.etree import ElementTree as Xml

from ledger.policy import output
from ledger.policy.finding import Verdict
from tests.policy.asking import ONE, judged

POLICY = (
    ONE.replace('kind = "standing"', 'kind = "standing"\ntitle = "Nothing disputed"')
    + '[[requirement]]\nid = "light"\nkind = "footprint"\nmethod = "by_mass"\nmost = "4.0"\n'
    + '[[requirement]]\nid = "material"\nkind = "fields"\nfields = ["material"]\n'
)
LOT: dict[str, Any] = {
    "subject": "urn:x:lot:1",
    "material": "coil",
    "holder": "urn:x:party:mill",
    "as_of": {"ledger": "example.com/x", "size": 333, "received": "2026-03-05T10:00:00.000Z"},
    "origins": [{"kind": "unknown", "ppm": 20_000}],
}
DOUBTS = [
    {"mark": "disputed", "event": {"party": "urn:x:p", "id": f"urn:x:event:{i}", "index": i - 1}}
    for i in range(5)
]
LIGHT = {"footprint": [{"method": "by_mass", "year": 2026, "stage": "coil", "g_per_kg": 4000}]}


def mixed(**members: Any) -> Verdict:
    found: Verdict = judged(POLICY, **{**LOT, "marks": DOUBTS, **members})
    return found


def good() -> Verdict:
    found: Verdict = judged(POLICY, **{**LOT, **LIGHT, "subject": "urn:x:lot:2"})
    return found


PAGE = """\
FAIL: A test (t 1)
  The coil (urn:x:lot:1), coil
  as told by the ledger example.com/x, 333 entries, 2026-03-05T10:00:00.000Z
  origin unknown or not shown: 2.00 %

FAIL  Nothing disputed [one]
  Open doubts: disputed urn:x:event:0; disputed urn:x:event:1; disputed
  urn:x:event:2; and 2 more.
  event urn:x:event:0
  event urn:x:event:1 (entry 0)
  event urn:x:event:2 (entry 1)
  and 2 more events

NOT PROVABLE  Light [light]
  There is no figure of the same kind (by mass, cradle to gate, any year, any
  stage); others are not compared.

pass  Material [material]
  1 field, all there.

What to ask next
  - urn:x:p: Ask how the doubt was settled, and for its resolution to be posted.
  - urn:x:party:mill: Ask for the footprint by this method, boundary, year and
    stage: the ledger itself does not tell.
"""


def test_the_page_of_a_lot() -> None:
    assert output.text(mixed(names={"urn:x:lot:1": "The coil"})) == PAGE
    assert output.text([mixed(names={"urn:x:lot:1": "The coil"})]) == PAGE


def test_the_page_of_a_lot_that_passes_asks_nothing() -> None:
    page = output.text(good())
    assert page.startswith("pass: A test (t 1)\n  urn:x:lot:2, coil\n")
    assert "What to ask" not in page
    assert "left" not in page
    assert "\n  nothing of it is left: " in output.text(good()._replace(left=0))
    assert output.as_json(good()._replace(left=7))["lots"][0]["left"] == 7
    bare = output.text(judged(ONE, rests_on="proof", proof={"verdict": "holds"}))
    assert "as told by a proof\n  origin unknown or not shown: all of it\n" in bare


def test_the_page_of_many_lots_names_the_worst_first() -> None:
    open_ = judged(POLICY, **{**LOT, "subject": "urn:x:lot:3"})
    page = output.text([good(), open_, mixed()])
    table, *pages = page.split("\n" + "=" * 80 + "\n")
    assert table == (
        "3 lots: FAIL (1 pass, 1 fail, 1 not provable)\n\n"
        "FAIL         urn:x:lot:1  one, light\n"
        "NOT PROVABLE urn:x:lot:3  light\n"
        "pass         urn:x:lot:2\n"
    )
    assert [text.partition("\n")[0] for text in pages] == ["FAIL: A test (t 1)", "NOT PROVABLE: A test (t 1)"]
    several = [judged(POLICY, **{**LOT, "subject": f"urn:x:lot:{n}"}) for n in range(23)]
    *read, last = output.text(several).split("\n" + "=" * 80 + "\n")
    assert (len(read) - 1, last) == (
        20,
        "and 3 more lots that do not pass: ask for them by name, or as JSON\n",
    )
    page = output.text(several[:1] * 1_023)
    assert page.startswith("1,023 lots: NOT PROVABLE (0 pass, 0 fail, 1,023 not provable)\n")
    assert "\nand 1,003 more lots" in page
    assert output.text([]) == "0 lots: pass (0 pass, 0 fail, 0 not provable)\n\n"


def test_no_line_is_longer_than_eighty_columns_but_for_ids() -> None:
    long = "urn:x:lot:" + "y" * 90
    lines = output.text([mixed(subject=long), good()]).splitlines()
    assert [line for line in lines if len(line) > 80 and long not in line] == []
    assert any(long in line for line in lines)


def test_json() -> None:
    found = output.as_json([mixed(), good()])
    assert json.loads(json.dumps(found)) == found
    assert {key: found[key] for key in ("format", "verdict", "counts")} == {
        "format": "oreline-verdict/1",
        "verdict": "fail",
        "counts": {"pass": 1, "fail": 1, "not provable": 0},
    }
    first, second = found["lots"]
    assert (first["subject"], second["subject"]) == ("urn:x:lot:1", "urn:x:lot:2")
    assert first["policy"] == {"name": "t", "version": "1", "title": "A test"}
    assert (first["verdict"], first["rests_on"], first["unknown_ppm"]) == ("fail", "ledger", 20_000)
    assert first["as_of"] == {"ledger": "example.com/x", "size": 333, "received": "2026-03-05T10:00:00.000Z"}
    assert (first["name"], first["material"]) == ("", "coil")
    one = first["findings"][0]
    assert (one["requirement"], one["title"], one["verdict"]) == ("one", "Nothing disputed", "fail")
    assert one["events"][1] == {"party": "urn:x:p", "id": "urn:x:event:1", "index": 0}
    assert one["ask"][0]["whom"] == "urn:x:p"
    assert one["sentence"].startswith("Open doubts: ")
    assert output.as_json(good())["lots"] == [second]


def test_junit() -> None:
    written = output.junit([mixed(), good()])
    assert written.startswith('<?xml version="1.0" encoding="UTF-8"?>\n<testsuites ')
    root = Xml.fromstring(written)
    assert root.attrib == {
        "name": "oreline check",
        "tests": "6",
        "failures": "1",
        "errors": "1",
        "skipped": "0",
    }
    first, second = root
    assert first.attrib == {
        "name": "urn:x:lot:1",
        "tests": "3",
        "failures": "1",
        "errors": "1",
        "skipped": "0",
    }
    assert second.attrib["tests"] == "3"
    assert [case.attrib["name"] for case in first] == ["one", "light", "material"]
    assert first[0].attrib["classname"] == "t.urn:x:lot:1"
    assert [case[0].tag for case in first] == ["failure", "error", "system-out"]
    failure = first[0][0]
    assert failure.attrib["type"] == "fail"
    assert failure.attrib["message"].startswith("Open doubts")
    assert "event urn:x:event:4" in (failure.text or "")
    assert "- urn:x:p: Ask how" in (failure.text or "")
    assert first[2][0].text == "1 field, all there."


def test_junit_holds_no_character_that_xml_has_no_place_for() -> None:
    written = output.junit(mixed(subject="a\x00b\x0b<&\ud800\uffff\t"))
    assert Xml.fromstring(written)[0].attrib["name"] == "a\ufffdb\ufffd<&\ufffd\ufffd\t"


# The members that the OASIS schema of SARIF 2.1.0 requires, by object (sections 3.13 to 3.33).
REQUIRED = {
    "log": {"version", "runs"},
    "run": {"tool"},
    "tool": {"driver"},
    "driver": {"name"},
    "rule": {"id"},
    "result": {"message"},
}


def test_sarif() -> None:
    log = json.loads(output.sarif([mixed(), good()]))
    assert set(log) >= REQUIRED["log"]
    assert log["version"] == "2.1.0"
    (run,) = log["runs"]
    assert set(run) >= REQUIRED["run"]
    driver = run["tool"]["driver"]
    assert (driver["name"], driver["version"]) == ("oreline policy t", "1")
    assert [rule["id"] for rule in driver["rules"]] == ["one", "light", "material"]
    assert driver["rules"][0]["shortDescription"]["text"] == "Nothing disputed"
    for result in run["results"]:
        assert set(result) >= REQUIRED["result"]
        assert result["message"]["text"]
        assert driver["rules"][result["ruleIndex"]]["id"] == result["ruleId"]
        assert (result["level"] == "none") == (result["kind"] != "fail")
        (place,) = result["locations"]
        assert place == {
            "logicalLocations": [{"fullyQualifiedName": "urn:x:lot:1", "kind": "resource"}],
            "physicalLocation": {"artifactLocation": {"uri": "x/lot/1"}, "region": {"startLine": 1}},
        }
    assert [result["kind"] for result in run["results"]] == ["fail", "open"]
    first = run["results"][0]
    assert first["level"] == "error"
    assert first["properties"] == {"verdict": "fail", "material": "coil", "asked": "urn:x:lot:1"}
    assert [place["id"] for place in first["relatedLocations"]] == [0, 1, 2, 3, 4]
    assert "What to ask urn:x:p: Ask how the doubt" in first["message"]["text"]


def test_sarif_shows_a_result_where_its_lot_was_asked_for() -> None:
    locations = {"urn:x:lot:1": output.Location("lists/parts.csv", 7)}
    other = mixed(subject="https://mill.example/lot/3#a")
    log = json.loads(output.sarif([mixed(), other], locations))
    found = [result["locations"][0].get("physicalLocation") for result in log["runs"][0]["results"]]
    there = {"artifactLocation": {"uri": "lists/parts.csv"}, "region": {"startLine": 7}}
    own = {"artifactLocation": {"uri": "mill.example/lot/3%23a"}, "region": {"startLine": 1}}
    assert found == [there, there, own, own]


def test_sarif_has_a_run_for_each_policy() -> None:
    other = mixed()._replace(policy="other")
    later = mixed()._replace(version="2")
    log = json.loads(output.sarif([mixed(), other, later, mixed(), good()]))
    assert [run["tool"]["driver"]["name"] for run in log["runs"]] == [
        "oreline policy t", "oreline policy other", "oreline policy t"
    ]  # fmt: skip
    assert [len(run["results"]) for run in log["runs"]] == [4, 2, 2]
    assert json.loads(output.sarif([]))["runs"] == []
