"""The policy file: what is read, and how each thing that is wrong is told."""

from typing import Any

import pytest

from ledger.errors import Malformed
from ledger.policy import load, names, try_examples
from ledger.policy.kinds import KINDS
from ledger.policy.problems import MOST
from ledger.policy.reading import MAX_OCTETS, MAX_TABLES
from ledger.policy.shipped import text
from tests.policy.asking import HEAD, ONE, judged

FOOT = '[[requirement]]\nid = "foot"\nkind = "footprint"\nmethod = "by_mass"\n'
ATT = '[[requirement]]\nid = "att"\nkind = "attested"\n'
OWN = '[schemes.own]\ntitle = "Our own"\nissuer = "We"\nsubjects = ["site"]\nask = "Ask us."\n'


def refused(text: str) -> tuple[str, str, str]:
    with pytest.raises(Malformed) as found:
        load(text)
    return found.value.code, found.value.path, found.value.detail


def test_a_policy_is_read_whole() -> None:
    policy = load(HEAD + 'about = "What it is for."\n' + ONE + OWN)
    assert policy[:4] == ("t", "A test", "1", "What it is for.")
    assert [one.id for one in policy.requirements] == ["one"]
    assert policy.examples == ()
    assert policy.schemes["own"].title == "Our own"
    assert policy.schemes["asi_performance"].statuses == ("certified", "provisional")
    assert policy.text.startswith("format")


@pytest.mark.parametrize(
    ("written", "code", "path", "says"),
    [
        ("name = ", "policy.syntax", "$", "end of document"),
        ("a = 1\na = 2\n", "policy.syntax", "$", "overwrite"),
        ("a = " + "[" * 5000, "policy.syntax", "$", "nested too deeply"),
        ("a = " + "9" * 5000, "policy.syntax", "$", ""),
        ("a = 1\n" + "a." * 60_000 + "a = 1", "policy.syntax", "$", "line 2 has more than 1000 dots"),
        ("[[requirement]]\n" + "kind." * 900 + "kind = 1", "policy.syntax", "$", "nested too deeply"),
        ("a = " + "[" * 70 + "]" * 70, "policy.syntax", "$", "nested too deeply"),
        ("\n#" + "x" * MAX_OCTETS, "policy.size", "$", "131074 octets; at most 131072 are read"),
        ("\n#" + "\udc80" * 50_000, "policy.size", "$", "octets"),
        ("# empty\n", "policy.format", "$.format", "it is not there"),
        ('format = "oreline-policy/2"\n', "policy.format", "$.format", 'found "oreline-policy/2"'),
        ('format = "oreline-policy/1"\n', "policy.missing", "$.name", "is required"),
        (HEAD, "policy.missing", "$.requirement", "at least one [[requirement]]"),
        (HEAD + "requirement = 1\n", "policy.value", "$.requirement", "must be an array of tables"),
        (HEAD + "[requirement]\n", "policy.value", "$.requirement", "must be an array of tables"),
        (HEAD + "requirement = [1]\n", "policy.value", "$.requirement[0]", "must be a table"),
        (HEAD + "colour = 1\n" + ONE, "policy.unknown", "$.colour", "is not a member here"),
        (HEAD + "given = []\n" + ONE, "policy.value", "$.given", "must be a table"),
        (HEAD + "schemes = []\n" + ONE, "policy.value", "$.schemes", "must be tables"),
        (HEAD + "example = 1\n" + ONE, "policy.value", "$.example", "must be an array of tables"),
        (HEAD + ONE + ONE, "policy.twice", "$.requirement[1].id", '"one" was given before'),
        (HEAD + '[[requirement]]\nid = "x"\n', "policy.missing", "$.requirement[0].kind", "is required"),
        (
            HEAD + '[[requirement]]\nid = "x"\nkind = "magic"\n',
            "policy.kind",
            "$.requirement[0].kind",
            "one of attested,",
        ),
        (
            HEAD + '[[requirement]]\nid = "x"\nkind = ["a"]\n',
            "policy.kind",
            "$.requirement[0].kind",
            'found ["a"]',
        ),
        (
            HEAD + '[[requirement]]\nkind = "standing"\n',
            "policy.missing",
            "$.requirement[0].id",
            "is required",
        ),
        (
            HEAD + '[[requirement]]\nid = "A b"\nkind = "standing"\n',
            "policy.value",
            "$.requirement[0].id",
            'found "A b"',
        ),
        (
            HEAD + ONE + FOOT + "most = 4.0\n",
            "policy.value",
            "$.requirement[1].most",
            "must be a decimal number",
        ),
        (HEAD + FOOT + 'most = "-1"\n', "policy.value", "$.requirement[0].most", 'found "-1"'),
        (
            HEAD + FOOT,
            "policy.missing",
            "$.requirement[0]",
            "at least one of most, primary_data must be given",
        ),
        (
            HEAD + FOOT + 'most = "4"\nyear = "2026"\n',
            "policy.value",
            "$.requirement[0].year",
            "must be a whole number",
        ),
        (HEAD + FOOT + 'most = "4"\nyear = 99999\n', "policy.value", "$.requirement[0].year", "at most 9999"),
        (HEAD + FOOT + 'most = "4"\nyear = 1\n', "policy.value", "$.requirement[0].year", "at least 1900"),
        (HEAD + FOOT + 'most = "4"\nmost_ = "5"\n', "policy.unknown", "$.requirement[0].most_", ""),
        (
            HEAD + FOOT.replace("by_mass", "free"),
            "policy.value",
            "$.requirement[0].method",
            "'cut_off' or 'by_mass'",
        ),
        (HEAD + ATT, "policy.missing", "$.requirement[0].schemes", "is required"),
        (HEAD + ATT + "schemes = []\n", "policy.value", "$.requirement[0].schemes", "at least 1, but has 0"),
        (HEAD + ATT + 'schemes = "x"\n', "policy.value", "$.requirement[0].schemes", "must be an array"),
        (
            HEAD + ATT + f"schemes = {['x'] * 201}\n",
            "policy.value",
            "$.requirement[0].schemes",
            "must have at most 200",
        ),
        (
            HEAD + ATT + 'schemes = ["nobody"]\n',
            "policy.scheme",
            "$.requirement[0]",
            '"nobody" is not one of asi_perf',
        ),
        (
            HEAD + ATT + 'schemes = ["own"]\nof = 1\n',
            "policy.value",
            "$.requirement[0].of",
            "must be a table",
        ),
        (
            HEAD + ATT + 'schemes = ["own"]\naccredited = "yes"\n',
            "policy.value",
            "$.requirement[0].accredited",
            "true or",
        ),
        (
            HEAD + ATT + 'schemes = ["own"]\nof = { stages = ["flying"] }\n',
            "policy.value",
            "$.requirement[0].of.stages[0]",
            "must be",
        ),
        (
            HEAD + '[[requirement]]\nid = "p"\nkind = "places"\n',
            "policy.missing",
            "$.requirement[0]",
            "countries, sub",
        ),
        (
            HEAD + '[[requirement]]\nid = "p"\nkind = "places"\ncountries = ["China"]\n',
            "policy.value",
            "$.requirement[0].countries[0]",
            "country code",
        ),
        (
            HEAD + '[[requirement]]\nid = "p"\nkind = "recycled"\nrule = "own_loop"\n',
            "policy.missing",
            "$.requirement[0]",
            "post, pre, both",
        ),
        (
            HEAD + '[[requirement]]\nid = "e"\nkind = "expression"\ncel = "' + "x" * 1001 + '"\n',
            "policy.value",
            "$.requirement[0].cel",
            "at most 1000",
        ),
        (HEAD + ONE + '[[example]]\nname = "n"\n', "policy.missing", "$.example[0].expect", "is required"),
        (
            HEAD + ONE + '[[example]]\nname = "n"\nexpect = {}\n',
            "policy.value",
            "$.example[0].expect",
            "at least 1",
        ),
        (
            HEAD + ONE + '[[example]]\nname = "n"\nexpect = { two = "pass" }\n',
            "policy.expect",
            "$.example[0].expect",
            '"two"',
        ),
        (
            HEAD + ONE + '[[example]]\nname = "n"\nexpect = { one = "maybe" }\n',
            "policy.value",
            "$.example[0].expect.one",
            "",
        ),
        (
            HEAD + ONE + '[[example]]\nname = "n"\nexpect = { one = "pass" }\nclaims = { colour = 1 }\n',
            "policy.unknown",
            "$.example[0].claims.colour",
            "",
        ),
        (
            HEAD + ONE + '[[example]]\nname = "n"\nexpect = { one = "pass" }\nclaims = { steps = [{}] }\n',
            "policy.missing",
            "$.example[0].claims.steps[0].site",
            "",
        ),
        (
            HEAD + ONE + '[[example]]\nname = "n"\nexpect = { one = "pass" }\n' * 2,
            "policy.twice",
            "$.example[1].name",
            '"n"',
        ),
        (HEAD + ONE + "[schemes.own]\n", "policy.missing", "$.schemes.own.title", ""),
        (HEAD + ONE + '[schemes."O w"]\n', "policy.value", "$.schemes.names[0]", "must be a name"),
        (HEAD + ONE + OWN + 'colour = "red"\n', "policy.unknown", "$.schemes.own.colour", ""),
        (HEAD + ONE + OWN + '"a b" = "red"\n', "policy.unknown", '$.schemes.own["a b"]', ""),
        (
            HEAD + ONE * (MAX_TABLES + 1),
            "policy.size",
            "$.requirement",
            "there are 101; at most 100 are read",
        ),
        (
            HEAD + ONE + '[[example]]\nname = "n"\n' * (MAX_TABLES + 1),
            "policy.size",
            "$.example",
            "there are 101",
        ),
        (
            HEAD + ONE + "".join(f"[schemes.s{i}]\n" for i in range(101)),
            "policy.size",
            "$.schemes",
            "there are 101",
        ),
        ("low-carbon-5", "policy.name", "$", "there are asi, cbam-data,"),
    ],
)
def test_what_is_wrong_is_told_with_its_place(written: str, code: str, path: str, says: str) -> None:
    found = refused(written)
    assert found[:2] == (code, path)
    assert says in found[2]


def test_everything_that_is_wrong_is_told_at_once() -> None:
    written = (
        HEAD.replace('version = "1"', "version = 1")
        + 'author = "me"\n'
        + FOOT.replace("method", "methd")
        + 'mots = "4.0"\n'
        + '[[requirement]]\nid = "foot"\nkind = "recycle"\n'
        + ATT.replace("att", "twice", 1)
        + 'schemes = ["nobody"]\n'
        + '[[example]]\nname = "x"\nexpect = { foot = "pas", twice = "pass" }\n'
        + "[schemes.own]\n[schemes.other]\n"
    )
    with pytest.raises(Malformed) as found:
        load(written)
    told = [(one.code, one.path) for one in found.value.problems]
    assert told == [
        ("policy.value", "$.version"),
        ("policy.unknown", "$.author"),
        *(("policy.missing", f"$.schemes.own.{name}") for name in ("title", "issuer", "subjects", "ask")),
        *(("policy.missing", f"$.schemes.other.{name}") for name in ("title", "issuer", "subjects", "ask")),
        ("policy.missing", "$.requirement[0].method"),
        ("policy.unknown", "$.requirement[0].methd"),
        ("policy.unknown", "$.requirement[0].mots"),
        ("policy.missing", "$.requirement[0]"),
        ("policy.kind", "$.requirement[1].kind"),
        ("policy.scheme", "$.requirement[2]"),
        ("policy.twice", "$.requirement[1].id"),
        ("policy.value", "$.example[0].expect.foot"),
    ]
    said = [one.detail for one in found.value.problems]
    assert "is not a member here; is method meant?" in said
    assert "is not a member here; is most meant?" in said
    many = HEAD + "".join(f'[[requirement]]\nid = "{n}"\n' for n in range(MAX_TABLES))
    with pytest.raises(Malformed) as found:
        load(many)
    assert len(found.value.problems) == MOST


def test_the_largest_policy_is_read() -> None:
    whole = HEAD + ONE
    assert load(whole + "#" * (MAX_OCTETS - len(whole))).name == "t"
    many = "".join(ONE.replace('"one"', f'"one{i}"') for i in range(MAX_TABLES))
    assert len(load(HEAD + many).requirements) == MAX_TABLES


def test_a_scheme_of_the_policy_is_known_to_its_requirements() -> None:
    found = judged(
        ATT + 'schemes = ["own"]\n' + OWN,
        steps=[{"site": "s:1", "process": "x", "runs": [["2026-01-02T00:00:00Z", "2026-01-02T00:00:00Z"]]}],
    )
    assert found.findings[0].ask == (("s:1", "Ask us."),)
    assert "(Our own)" in found.findings[0].sentence


def test_examples_take_what_is_given_and_their_own_members_go_before() -> None:
    policy = load(
        HEAD
        + '[[requirement]]\nid = "a"\nkind = "fields"\nfields = ["material", "holder"]\n'
        + '[given]\nmaterial = "coil"\nholder = "h:1"\n'
        + '[[example]]\nname = "given"\nexpect = { a = "pass", verdict = "pass" }\n'
        + '[[example]]\nname = "taken away"\nclaims = { holder = "" }\nexpect = { a = "pass" }\n'
    )
    tried = try_examples(policy)
    assert [(one.example, one.requirement, one.expected, one.found, one.agrees) for one in tried] == [
        ("given", "a", "pass", "pass", True),
        ("given", "verdict", "pass", "pass", True),
        ("taken away", "a", "pass", "not provable", False),
    ]
    assert tried[2].sentence == "Missing: holder."
    assert policy.examples[0].claims.material == "coil"


@pytest.mark.parametrize("name", names())
def test_a_shipped_policy_holds_what_its_examples_say(name: str) -> None:
    policy = load(name)
    tried = try_examples(policy)
    assert [one for one in tried if not one.agrees] == []
    assert {one.expected for one in tried} == {"pass", "fail", "not provable"}
    assert len(policy.examples) >= 3
    assert {one.requirement for one in tried} >= {one.id for one in policy.requirements}
    assert (policy.name, load(text(name)).requirements) == (name, policy.requirements)
    assert all(one.title for one in policy.requirements)
    assert policy.about
    assert text(name).startswith("# ")


def test_the_names_of_the_shipped_policies() -> None:
    assert names() == ("asi", "cbam-data", "low-carbon-4", "low-carbon-hood", "recycled-75", "uflpa")
    with pytest.raises(Malformed, match=r"policy\.name"):
        text("../schemes")


def test_every_kind_bears_its_name() -> None:
    for name, kind in KINDS.items():
        field: Any = kind.model_fields["kind"]
        assert field.annotation.__args__ == (name,)
        assert kind.__doc__
