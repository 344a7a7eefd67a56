"""The trust file: C2SP tlog-policy plus the charter line, and which checkpoints it trusts."""

import pytest

from ledger import b64, note
from ledger.errors import Malformed
from ledger.keys import PrivateKey
from ledger.note import COSIGNATURE, ED25519, Checkpoint
from ledger.trust import MAX_NAMES, MAX_TEXT, Group, Log, Trust, Witness
from tests.core.published_notes import ARCHE, ARCHE_LOG, ARCHE_WITNESSES
from tests.core.refusal import read_or_code, refusal

ORIGIN = "example.com/log"
KEYS = {
    name: PrivateKey.from_seed("Ed25519", name.encode().ljust(32))
    for name in ["L", "M", "X1", "X2", "X3", "Y1", "Y2", "Y3"]
}
CHARTER = bytes(range(32))
CHARTER_LINE = f"charter {b64.encode_std(CHARTER)}\n"
TEXT = note.format_checkpoint(Checkpoint(ORIGIN, 7, bytes(32)))


def log(name: str, origin: str = ORIGIN) -> str:
    return note.ed25519_vkey(origin, KEYS[name].public.raw)


def witness(name: str) -> str:
    return note.format_vkey(note.verifier(f"{name}.example", COSIGNATURE, KEYS[name].public.raw))


def signed(*witnesses: str, by: str = "L", text: str = TEXT, name: str = ORIGIN) -> str:
    found = note.sign_note(text, name, KEYS[by])
    for time, cosigner in enumerate(witnesses, 1000):
        found = note.cosign(found, f"{cosigner}.example", KEYS[cosigner], time)
    return found


# The example of the specification, with its elided keys filled in.
EXAMPLE = f"""\
log {log("L")}

witness X1 {witness("X1")}
witness X2 {witness("X2")}
witness X3 {witness("X3")}
group X-witnesses 2 X1 X2 X3

witness Y1 {witness("Y1")}
witness Y2 {witness("Y2")}
witness Y3 {witness("Y3")}
group Y-witnesses any Y1 Y2 Y3

group X-and-Y all X-witnesses Y-witnesses
quorum X-and-Y
{CHARTER_LINE}"""
LOG_LINE = f"log {log('L')}\n"
PLAIN = LOG_LINE + "quorum none\n" + CHARTER_LINE
W1, W2 = f"witness X1 {witness('X1')}\n", f"witness X2 {witness('X2')}\n"


def parsed(*lines: str) -> Trust:
    return Trust.parse("".join(lines))


def test_the_example_of_the_specification() -> None:
    trust = Trust.parse(EXAMPLE)
    assert trust.logs == (Log(note.verifier(ORIGIN, ED25519, KEYS["L"].public.raw)),)
    assert [w.name for w in trust.witnesses] == ["X1", "X2", "X3", "Y1", "Y2", "Y3"]
    assert trust.groups[0] == Group("X-witnesses", "2", ("X1", "X2", "X3"))
    assert (trust.quorum, trust.charter) == ("X-and-Y", CHARTER)
    for cosigners, enough in [
        ("X1 X2 Y1", True),
        ("X1 X2 X3 Y1 Y2 Y3", True),
        ("Y3 X3 X2", True),
        ("X1 X2 X3", False),
        ("X1 Y1 Y2 Y3", False),
        ("", False),
    ]:
        text = signed(*cosigners.split())
        if enough:
            found = trust.check(text)
            assert found.checkpoint == (ORIGIN, 7, bytes(32), ())
            assert found.log == ORIGIN
            times = dict(zip(cosigners.split(), range(1000, 1010), strict=False))
            assert found.witnesses == tuple(sorted(times.items()))
        else:
            assert refusal(trust.check, text)[0] == "trust.quorum"


def test_format_is_the_plainest_text_of_the_same_trust() -> None:
    trust = Trust.parse(EXAMPLE)
    assert Trust.parse(trust.format()) == trust
    assert Trust.parse(trust.format()).format() == trust.format()
    spaced = (
        f"\t# a comment\n  \t\n log\t{log('L')}  https://log.example/é \n#quorum X\n"
        f"witness \t Wité {witness('X1')} u\n"
        f"quorum Wité\t\n{CHARTER_LINE}"
    )
    again = Trust.parse(spaced)
    assert again.logs[0].url == "https://log.example/é"
    assert again.witnesses == (Witness("Wité", note.parse_vkey(witness("X1")), "u"),)
    assert again.format() == (
        f"log {log('L')} https://log.example/é\nwitness Wité {witness('X1')} u\nquorum Wité\n{CHARTER_LINE}"
    )
    assert Trust.parse(again.format()) == again


@pytest.mark.parametrize(
    ("threshold", "cosigners", "enough"),
    [
        ("any", "X2", True),
        ("any", "", False),
        ("1", "X1", True),
        ("2", "X1", False),
        ("2", "X1 X2", True),
        ("all", "X1", False),
        ("all", "X2 X1", True),
        ("all", "X1 X1", False),
    ],
)
def test_thresholds(threshold: str, cosigners: str, enough: bool) -> None:
    trust = parsed(LOG_LINE, W1, W2, f"group G {threshold} X1 X2\n", "quorum G\n", CHARTER_LINE)
    text = signed(*cosigners.split())
    if enough:
        assert len(trust.check(text).witnesses) == len(cosigners.split())
    else:
        assert refusal(trust.check, text)[0] == "trust.quorum"


def test_a_quorum_of_one_witness_or_of_none() -> None:
    one = parsed(LOG_LINE, W1, W2, "quorum X2\n", CHARTER_LINE)
    assert one.check(signed("X2")).witnesses == (("X2", 1000),)
    assert refusal(one.check, signed("X1"))[0] == "trust.quorum"
    none = parsed(LOG_LINE, W1, "quorum none\n", CHARTER_LINE)
    assert none.check(signed()).witnesses == ()
    assert none.check(signed("X1", "Y1")).witnesses == (("X1", 1000),)  # Y1 is unknown here


def test_the_latest_of_a_witness_signatures_counts() -> None:
    trust = parsed(LOG_LINE, W1, "quorum X1\n", CHARTER_LINE)
    text = note.cosign(signed("Y1", "X1"), "X1.example", KEYS["X1"], 999)
    assert trust.check(text).witnesses == (("X1", 1001),)


def test_only_the_log_whose_name_is_the_origin_speaks_for_it() -> None:
    other = note.format_checkpoint(Checkpoint("example.com/other", 7, bytes(32)))
    assert (
        refusal(Trust.parse(PLAIN).check, signed(text=other, name="example.com/other"))[0] == "trust.origin"
    )
    # a trusted key under another name
    assert refusal(Trust.parse(PLAIN).check, signed(by="L", name="example.com/other"))[0] == "note.unsigned"


def test_an_old_and_a_new_key_of_one_log() -> None:
    trust = parsed(PLAIN, f"log {log('M')}\n")
    assert trust.check(signed(by="L")).log == trust.check(signed(by="M")).log == ORIGIN


def test_witnesses_do_not_replace_the_log() -> None:
    trust = parsed(LOG_LINE, W1, "quorum X1\n", CHARTER_LINE)
    assert refusal(trust.check, signed("X1", by="M"))[0] == "trust.log"
    assert refusal(trust.check, signed(by="M"))[0] == "note.unsigned"


def test_a_bad_signature_of_anyone_known_refuses() -> None:
    trust = parsed(LOG_LINE, W1, "quorum none\n", CHARTER_LINE)
    line = note.cosign("x\n\n— a AAAAAAA=\n", "X1.example", KEYS["X1"], 5).splitlines()[-1]
    assert refusal(trust.check, signed() + line + "\n")[0] == "note.signature"
    assert refusal(trust.check, signed().replace("\n7\n", "\n8\n"))[0] == "note.signature"
    assert refusal(trust.check, signed(text="x\n"))[0] == "checkpoint.form"
    assert refusal(trust.check, "x")[0] == "note.form"


def test_a_real_checkpoint_under_a_quorum() -> None:
    lines = [f"witness w{i} {vkey}\n" for i, vkey in enumerate(ARCHE_WITNESSES)]
    trust = parsed(
        f"log {ARCHE_LOG}\n", *lines, "group all-four 3 w0 w1 w2 w3\nquorum all-four\n", CHARTER_LINE
    )
    found = trust.check(ARCHE)
    assert found.checkpoint.size == 1432088532
    assert found.witnesses == tuple((f"w{i}", 0x6A122120) for i in range(4))


GROUPS = LOG_LINE + W1 + W2


@pytest.mark.parametrize(
    ("text", "code", "path"),
    [
        ("", "trust.missing", "$"),
        ("quorum none\n" + CHARTER_LINE, "trust.missing", "$"),
        (LOG_LINE + CHARTER_LINE, "trust.missing", "$"),
        (LOG_LINE + "quorum none\n", "trust.missing", "$"),
        (PLAIN[:-1], "trust.text", "$"),
        (PLAIN + "# no newline", "trust.text", "$"),
        (PLAIN.replace("\n", "\r\n"), "trust.text", "$"),
        (PLAIN + "#\x0b\n", "trust.text", "$"),
        (PLAIN + "#\x7f\n", "trust.text", "$"),
        (PLAIN + "#\x00\n", "trust.text", "$"),
        (PLAIN + "#\ud800\n", "trust.text", "$"),
        (PLAIN + "#" * MAX_TEXT + "\n", "trust.limit", "$"),
        (PLAIN + "nonsense\n", "trust.line", "line 4"),
        (PLAIN + "Log x\n", "trust.line", "line 4"),
        (PLAIN + "log\n", "trust.line", "line 4"),
        (PLAIN + f"log {log('M')} url more\n", "trust.line", "line 4"),
        (PLAIN + "witness X1\n", "trust.line", "line 4"),
        (PLAIN + W1[:-1] + " url more\n", "trust.line", "line 4"),
        (PLAIN + "group G any\n", "trust.line", "line 4"),
        (PLAIN + "charter\n", "trust.line", "line 4"),
        (LOG_LINE + "quorum none none\n", "trust.line", "line 2"),
        (LOG_LINE + "quorum\u00a0none\n", "trust.line", "line 2"),
        (PLAIN + "log nonsense\n", "trust.key", "line 4"),
        (PLAIN + f"log {witness('X1')}\n", "trust.key", "line 4"),
        (PLAIN + f"witness X1 {log('M')}\n", "trust.key", "line 4"),
        (PLAIN + f"log {log('M')[:-1]}A\n", "trust.key", "line 4"),
        (PLAIN + f"log {log('L')}\n", "trust.duplicate", "line 4"),
        (PLAIN + f"log {log('L', 'another.name')}\n", "trust.duplicate", "line 4"),
        (PLAIN + f"log {log('M', 'another.name')}\n", "trust.logs", "line 4"),
        (PLAIN + W1 + W1.replace("X1 ", "X9 "), "trust.duplicate", "line 5"),
        (PLAIN + W1 + W2.replace("X2 ", "X1 ", 1), "trust.duplicate", "line 5"),
        (GROUPS + "group X1 any X2\n", "trust.duplicate", "line 4"),
        (GROUPS + "group G any X1 X1\n", "trust.duplicate", "line 4"),
        (GROUPS + "group G any X1\ngroup H any X1\n", "trust.duplicate", "line 5"),
        (GROUPS + "group G any X1\ngroup H all G X1\n", "trust.duplicate", "line 5"),
        (GROUPS + "group G any G\n", "trust.name", "line 4"),
        (GROUPS + "group G any none\n", "trust.name", "line 4"),
        (GROUPS + "group none any X1\n", "trust.name", "line 4"),
        (GROUPS + "group G any Y1\n", "trust.name", "line 4"),
        (PLAIN + W1.replace("X1 ", "none ", 1), "trust.name", "line 4"),
        (LOG_LINE + "quorum X1\n" + W1, "trust.name", "line 2"),
        (GROUPS + "quorum x1\n", "trust.name", "line 4"),
        (GROUPS + "group G 0 X1\n", "trust.group", "line 4"),
        (GROUPS + "group G 3 X1 X2\n", "trust.group", "line 4"),
        (GROUPS + "group G 01 X1\n", "trust.group", "line 4"),
        (GROUPS + "group G ANY X1\n", "trust.group", "line 4"),
        (GROUPS + "group G -1 X1\n", "trust.group", "line 4"),
        (GROUPS + "group G ١ X1\n", "trust.group", "line 4"),
        (PLAIN + "quorum none\n", "trust.duplicate", "line 4"),
        (PLAIN + CHARTER_LINE, "trust.duplicate", "line 4"),
        (LOG_LINE + "charter AAAA\n", "trust.charter", "line 2"),
        (LOG_LINE + CHARTER_LINE.replace("=", ""), "trust.charter", "line 2"),
    ],
)
def test_trust_files_that_are_none(text: str, code: str, path: str) -> None:
    assert refusal(Trust.parse, text) == (code, path)


def test_how_much_a_trust_file_may_hold() -> None:
    """At least 32 of each kind (C2SP tlog-policy), and not without end."""
    lines = [LOG_LINE]
    for i in range(64):
        key, other = (PrivateKey.from_seed("Ed25519", b"%032d" % (i + n)).public.raw for n in (0, 64))
        lines.append(f"log {note.ed25519_vkey(ORIGIN, key)}\n")
        lines.append(f"witness W{i} {note.format_vkey(note.verifier(f'w{i}', COSIGNATURE, other))}\n")
        lines.append(f"group G{i} 1 W{i}{f' G{i - 1}' if i else ''}\n")
    many = parsed(*lines, "quorum G63\n", CHARTER_LINE)
    assert (len(many.logs), len(many.witnesses), len(many.groups)) == (65, 64, 64)
    more = MAX_NAMES - 65 - 128
    lines += [f"group H{i} any {f'H{i - 1}' if i else 'G63'}\n" for i in range(more + 1)]
    assert len(parsed(*lines[:-1], "quorum G63\n", CHARTER_LINE).groups) == 64 + more
    assert refusal(parsed, *lines, "quorum G63\n", CHARTER_LINE)[0] == "trust.limit"
    comment = "#" * (MAX_TEXT - len(PLAIN) - 1) + "\n"
    assert len(PLAIN + comment) == MAX_TEXT == 1_048_576
    assert parsed(PLAIN, comment) == parsed(PLAIN)
    assert refusal(parsed, PLAIN, "#", comment)[0] == "trust.limit"


@pytest.mark.parametrize("lacking", ["log", "quorum", "charter"])
def test_it_says_which_line_is_missing(lacking: str) -> None:
    lines = [line for line in PLAIN.splitlines(keepends=True) if not line.startswith(lacking)]
    with pytest.raises(Malformed, match=f"no {lacking} line"):
        parsed(*lines)


def test_every_change_of_one_byte_of_a_trust_file_is_refused_or_seen() -> None:
    text = parsed(LOG_LINE, W1, "group G any X1\nquorum G\n", CHARTER_LINE).format()
    trust = Trust.parse(text)
    for at in range(len(text)):
        for other in {text[at].swapcase(), chr(ord(text[at]) ^ 1), "A", "9", " "} - {text[at]}:
            changed = text[:at] + other + text[at + 1 :]
            found = read_or_code(Trust.parse, changed)
            assert found != trust
            assert isinstance(found, Trust) or found.startswith("trust.")
