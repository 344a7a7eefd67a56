"""Signing and posting: receipts, refusals, retries, here and over HTTP."""

import json
import shutil
from pathlib import Path
from typing import Any, NoReturn

import pytest

from cli import options, remote
from cli.errors import Terminated
from ledger.errors import EnvironmentFault
from ledger.folder import open_ledger
from ledger.log import Log
from ledger.statement import parse
from tests.api.serving import served
from tests.cli.commands import ACME, METAL, NAME, WORKS, call, casting, done, failed, opening, signed
from tests.world import LOT, REGISTRAR

LEDGER = ("--ledger", "ledger")


# --- Signing


def test_a_file_is_signed_octet_for_octet(here: Path) -> None:
    spelt = '{ "ledger":"example.com/ledger" , "party":"' + ACME + '",\n "time":"2026-03-02T06:00:00Z",'
    event = spelt + opening().removeprefix("{")
    Path("event.json").write_text(event + "\n\n")
    assert done("sign", "event.json", "--key", "acme.jwk", "-o", "event.jws") == ""
    text = Path("event.jws").read_text()
    assert parse(text.rstrip("\n")).payload == event.encode()


def test_nothing_is_filled_in_unless_asked(here: Path) -> None:
    found = failed("event.missing at $.ledger", "sign", "--key", "acme.jwk", stdin=opening(), exit_code=1)
    assert found.startswith("standard input:\n")
    assert found.count("error: event.missing") == 3
    told = call("sign", "--fill", "--key", "acme.jwk", *LEDGER, stdin=opening())
    assert told.err.startswith("standard input: filled in time ")
    assert f"ledger {NAME}, party {ACME}" in told.err
    again = call("sign", "--fill", "--key", "acme.jwk", "--ledger-name", "other.org", "--json",
                 stdin=opening(party=ACME, time="2026-03-02T06:00:00Z"))  # fmt: skip
    assert len(again.json) == 1
    assert "filled in ledger other.org" in again.err
    whole = opening(party=ACME, time="2026-03-02T06:00:00Z", ledger=NAME)
    assert call("sign", "--fill", "--key", "acme.jwk", *LEDGER, stdin=whole).err == ""


@pytest.mark.parametrize("text", ["[1]", '{"a":1', '[{"type":"source"}]', "17"])
def test_what_is_no_event_is_not_signed(here: Path, text: str) -> None:
    found = call("sign", "--fill", "--key", "acme.jwk", *LEDGER, stdin=text)
    assert (found.code, found.out) == (1, "")


def test_events_may_be_saved_with_a_byte_order_mark(here: Path) -> None:
    """Editors and spreadsheets put it before the text: it is the file's, and no part of any event."""
    for text in (opening(time="2026-03-02T06:00:00Z"), f"[{opening(time='2026-03-02T06:00:00Z')}]"):
        fill = ("sign", "--fill", *LEDGER, "--key", "acme.jwk")
        assert done(*fill, stdin=b"\xef\xbb\xbf" + text.encode()) == done(*fill, stdin=text)


def test_signing_says_what_is_wrong_with_its_files(here: Path) -> None:
    statement = signed(opening())
    failed(
        "command.content at standard input: this is a statement", "sign", "--key", "acme.jwk", stdin=statement
    )
    failed(
        "command.content at standard input: this is no event: one is a JSON object",
        *("sign", "--key", "acme.jwk"), stdin="Charge;Menge\nH-1;17,4\n",
    )  # fmt: skip
    failed("command.content at standard input: it is empty", "sign", "--key", "acme.jwk", stdin=" \n")
    failed("command.key", "sign", stdin=opening())
    failed("command.ledger", "sign", "--fill", "--key", "acme.jwk", stdin=opening())
    failed("command.input at none.json", "sign", "none.json", "--key", "acme.jwk")
    told = failed("json.syntax at standard input $", "sign", "--key", "acme.jwk", stdin='[{"a":1}')
    assert "what to do: Correct the text where the detail says" in told
    failed("key.unreadable", "sign", "--key", "none.jwk", stdin=opening())
    failed("key.form", "sign", "--key", "ledger/trust.policy", stdin=opening())
    long = opening(party=ACME, time="2026-03-02T06:00:00Z", ledger=NAME, ext={"a": "x" * 50_000})
    failed("statement.size", "sign", "--key", "acme.jwk", stdin=long, exit_code=1)


def test_an_unknown_scheme_may_be_a_slip(here: Path) -> None:
    event = {"ledger": NAME, "type": "attest", "id": "urn:x:1", "time": "2026-03-02T06:00:00Z", "party": ACME,
             "subject": ACME, "status": "certified",
             "valid_from": "2026-01-01T00:00:00Z", "valid_until": "2027-01-01T00:00:00Z"}  # fmt: skip
    for scheme, said in (("asi_performance", ""), ("asi_performence", "(but asi_performance)")):
        told = call("sign", "--key", "acme.jwk", stdin=json.dumps(event | {"scheme": scheme}))
        assert told.code == 0
        assert said in told.err
        assert bool(told.err) == bool(said)
    scope = {"processes": ["electrolisis", "mine"], "materials": ["slabs", "bauxite"], "schemes": ["asi"]}
    sites = {"sites": [WORKS, WORKS + "x"]}
    event |= {"scheme": "asi_performance", "scope": scope | sites}
    told = call("sign", "--key", "acme.jwk", stdin=json.dumps(event))
    lines = [line.removeprefix("standard input: ") for line in told.err.splitlines()]
    assert lines[0].startswith("no scheme asi comes with Oreline")
    assert lines[1:] == [
        "of its scope's processes the catalogue has no electrolisis (but electrolysis)",
        "of its scope's materials the catalogue has no slabs",
    ]
    there = call("sign", "--key", "acme.jwk", *LEDGER, stdin=json.dumps(event))
    assert there.err == f"{told.err}standard input: of its scope's sites the ledger has no {WORKS}x\n"
    assert there.out == told.out


def test_what_a_shell_wrote_as_utf_16_is_said(here: Path) -> None:
    for command in (("sign", "--key", "acme.jwk"), ("post", *LEDGER)):
        assert "UTF-16" in failed("command.content", *command, stdin="{}".encode("utf-16"))


def test_several_events_become_several_statements(here: Path) -> None:
    lines = f"{opening()}\n\n{casting()}\n"
    assert len(signed(lines).splitlines()) == 2
    assert len(signed(f"[{opening()},{casting()}]").splitlines()) == 2


# --- Posting


def test_receipts_and_their_table(here: Path) -> None:
    Path("two.jws").write_text(signed(opening()) + signed(casting()))
    out = done("post", "two.jws", *LEDGER)
    assert out.splitlines() == [
        "2 statements: 2 recorded",
        "entry            type       id",
        "    8  recorded  source     evt:open",
        "    9  recorded  transform  evt:cast",
    ]
    again = call("post", "two.jws", *LEDGER, "--json").json
    assert (again["recorded"], again["duplicates"], again["refused"]) == (0, 2, 0)
    assert again["outcomes"][0].keys() == {"index", "leaf", "received", "duplicate"}
    assert "2 already there" in done("post", *LEDGER, stdin=json.dumps(Path("two.jws").read_text().split()))


def test_all_or_nothing_and_every_refusal_at_once(here: Path) -> None:
    good, bad = signed(opening()), signed(casting(inputs=[{"lot": LOT + "acme:2", "kg": "1"}]))
    lines = good + bad + "eyJ.bad.one\n"
    found = call("post", *LEDGER, "-", stdin=lines)
    assert found.code == 1
    assert "2 of 3 statements refused; nothing was recorded" in found.out
    assert "standard input, line 2, evt:cast:\nerror: lot.unknown at $[1].inputs[0].lot" in found.err
    assert f"waiting for: {LOT}acme:2" in found.err
    assert "standard input, line 3:\nerror: statement." in found.err
    as_json = call("post", *LEDGER, "--json", stdin=lines)
    assert as_json.code == 1
    assert [outcome and "problems" in outcome for outcome in as_json.json["outcomes"]] == [None, True, True]
    assert "would be refused" in call("post", *LEDGER, "--dry-run", stdin=lines).out
    assert "all would be taken" in done("post", *LEDGER, "--dry-run", stdin=good)
    found = call("post", *LEDGER, "--proceed", stdin=lines)
    assert (found.code, found.out.splitlines()[0]) == (1, "3 statements: 1 recorded, 2 refused")


def test_the_event_that_is_refused_is_named(here: Path) -> None:
    done("init", "second", "--name", "example.com/second", "--registrar", REGISTRAR)
    found = call("post", "--ledger", "second", stdin=signed(opening()) + "eyJ.bad.one\n")
    assert "standard input, line 1, evt:open:\nerror: event.ledger" in found.err
    assert "look at ORELINE_LEDGER" in found.err
    assert "standard input, line 2:\n" in found.err  # which event that is cannot be read


def test_proceed_tries_again_until_nothing_changes(here: Path) -> None:
    first = signed(opening())
    lines = signed(casting()) + first
    assert call("post", *LEDGER, stdin=lines).code == 1
    found = call("post", *LEDGER, "--proceed", "--json", stdin=lines)
    assert (found.code, found.json["recorded"], found.json["refused"]) == (0, 2, 0)
    assert [outcome["index"] for outcome in found.json["outcomes"]] == [10, 8]  # 9 is a register event
    assert "checkpoint" in found.json


def test_many_receipts_are_cut_short_for_people(here: Path) -> None:
    events = [opening()]
    for n in range(25):
        line = {"lot": f"{LOT}acme:b{n}", "kg": "39", "material": "rolling_slab"}
        events.append(casting(id=f"evt:{n}", inputs=[{"lot": METAL, "kg": "40"}], outputs=[line]))
    assert "and 6 more (--json lists all)" in done("post", *LEDGER, stdin=signed("\n".join(events)))


def test_many_refusals_are_cut_short_for_people(here: Path) -> None:
    events = [casting(id=f"evt:{n}") for n in range(25)]
    signing = call("sign", "--key", "acme.jwk", "--fill", *LEDGER, stdin="\n".join(events))
    assert "and so in 5 more" in signing.err
    refused = call("post", *LEDGER, stdin=signing.out)
    assert refused.err.count("lot.unknown") == 20
    assert "and 5 more refused (--json lists all)" in refused.err
    assert len(call("post", *LEDGER, "--json", stdin=signing.out).json["outcomes"]) == 25


def test_a_dry_run_tries_as_the_real_run_does(here: Path) -> None:
    first = signed(opening())  # it is the older one, whatever second it is by the time of the next
    backwards = signed(casting()) + first + signed(casting(id="evt:never", site="urn:example:site:no"))
    assert "1 would be refused" in call("post", *LEDGER, "--proceed", "--dry-run", stdin=backwards).out
    found = call("post", *LEDGER, "--proceed", "--dry-run", "--json", stdin=backwards).json
    assert found["outcomes"][:2] == [None, None]
    assert found["outcomes"][2]["problems"][0]["path"].startswith("$[2].")
    assert call("post", *LEDGER, "--proceed", "--json", stdin=backwards).json["recorded"] == 2


def test_posting_says_what_is_wrong_with_its_files(here: Path) -> None:
    failed("command.content at standard input: there is no statement", "post", *LEDGER)
    failed(
        "command.content at standard input: this is JSON, perhaps an event", "post", *LEDGER, stdin=opening()
    )
    failed(
        "command.content at standard input, line 1: this is not a statement", "post", *LEDGER, stdin="hello"
    )
    failed(
        "command.content at standard input $[0]: this is an event", "post", *LEDGER, stdin=f"[{opening()}]"
    )
    failed("command.content at standard input $[0]: this is no text", "post", *LEDGER, stdin="[1]")
    marked = b"\xef\xbb\xbf" + signed(opening()).replace("\n", "\r\n").encode()  # as an editor saved it
    assert call("post", *LEDGER, "--dry-run", stdin=marked).code == 0
    failed("command.input at ledger", "post", "ledger", *LEDGER)
    failed("command.ledger", "post", stdin=signed(opening()))
    told = failed("store.missing", "post", "--ledger", "nowhere", stdin=signed(opening()))
    assert "ORELINE_LEDGER" in told  # which may have been set long ago
    failed(
        "command.usage at oreline post",
        "post",
        *LEDGER,
        "--url",
        "http://127.0.0.1:1",
        stdin=signed(opening()),
    )


def test_an_operator_without_key_cannot_post(here: Path) -> None:
    Path("ledger/keys/operator.jwk").unlink()
    failed("key.unreadable", "post", *LEDGER, stdin=signed(opening()))


def test_a_lost_guard_stops_posting_until_it_is_adopted(here: Path) -> None:
    statement = signed(opening())
    for file in Path("guard").iterdir():
        file.unlink()
    assert "guard.missing at " + str(here / "guard") in failed(
        "guard.missing", "post", *LEDGER, stdin=statement
    )
    assert "nothing shows that no end was cut off" in call("audit", "ledger").err
    found = call("audit", "ledger", "--adopt-guard", "--json")
    assert (found.code, found.json["adopted"], found.json["compared"]) == (0, True, False)
    done("post", *LEDGER, stdin=statement)
    failed("guard.moved", "audit", "ledger", "--adopt-guard")


def test_a_ledger_that_was_rolled_back_is_neither_served_nor_posted_to(here: Path) -> None:
    shutil.copytree("ledger", "old")
    done("post", *LEDGER, stdin=signed(opening()))
    for way in ((), ("--dry-run",)):
        failed("guard.rolled_back", "post", "--ledger", "old", *way, stdin=signed(casting()))
    found = failed("guard.rolled_back: a checkpoint of ", "serve", "old", "--port", "0")
    assert "is served" not in found


def test_a_guard_inside_the_ledger_is_refused(here: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ORELINE_GUARD", "ledger/guard")
    failed("guard.inside", "post", *LEDGER, stdin=signed(opening()))


@pytest.mark.parametrize(("signal", "code"), [(KeyboardInterrupt, 130), (Terminated, 143)])
def test_whoever_interrupts_learns_that_posting_again_is_safe(
    here: Path, monkeypatch: pytest.MonkeyPatch, signal: type[BaseException], code: int
) -> None:
    statement = signed(opening())
    real = Log.post

    def recorded(self: Log, *args: Any, **options: Any) -> NoReturn:
        real(self, *args, **options)
        raise signal

    with monkeypatch.context() as patch:
        patch.setattr(Log, "post", recorded)
        stopped = call("post", *LEDGER, stdin=statement)
        dry = call("post", *LEDGER, "--dry-run", stdin=statement)
    assert (stopped.code, dry.code, "posting the same again is safe" in stopped.err) == (code, code, True)
    assert "again" not in dry.err
    assert "1 already there" in done("post", *LEDGER, stdin=statement)


# --- Over HTTP


def test_posting_over_http_answers_the_same(here: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    first = signed(opening())  # the older one
    lines = signed(casting()) + first
    ledger = open_ledger(Path("ledger"), options.now, Path("guard"))
    with served(ledger) as client:
        url = str(client.base_url).rstrip("/")
        refused = call("post", "--url", url, "--json", stdin=lines)
        assert (refused.code, refused.json["refused"], refused.json["outcomes"][1]) == (1, 1, None)
        assert "nothing was recorded" in call("post", "--url", url, stdin=lines).out
        monkeypatch.setenv("ORELINE_URL", url)
        assert "1 would be refused" in call("post", "--dry-run", stdin=lines).out
        found = call("post", "--proceed", "--json", stdin=lines)
        assert (found.code, found.json["recorded"]) == (0, 2)
        assert found.json["checkpoint"].startswith(f"{NAME}\n12\n")
        done("site", "add", "urn:example:site:acme", "--operator", ACME, "--kind", "smelter", "--subdivision",
             "CA-QC", "--replace", "--key", "ledger/keys/registrar.jwk")  # fmt: skip
        failed("party.replaces", "party", "add", ACME, "--name", "A", "--country", "CA", "--role", "smelter",
               "--key", "ledger/keys/registrar.jwk", exit_code=1)  # fmt: skip
        done("key", "new", "acme2.jwk")
        done("key", "register", "acme2.jwk", "--party", ACME, "--key", "acme.jwk")
        done("key", "revoke", "acme2.jwk", "--reason", "lost", "--party", ACME, "--key", "acme.jwk")
        failed("request.count", "post", stdin=json.dumps(lines.split()[:1] * 5_001))
        failed("request.route", "post", "--url", f"{url}/nothing/here", stdin=lines)
        with pytest.raises(EnvironmentFault):
            remote.Remote(f"{url}/openapi.json#").charter()
    ledger.close()


def test_a_server_that_is_none(here: Path) -> None:
    statement = signed(opening())
    failed("command.remote at ftp://example.com", "post", "--url", "ftp://example.com", stdin=statement)
    failed("command.remote at http://127.0.0.1:1", "post", "--url", "http://127.0.0.1:1", stdin=statement)
    failed("command.remote at http://[", "post", "--url", "http://[", stdin=statement)
