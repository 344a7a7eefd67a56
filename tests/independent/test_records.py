"""Both sides keep the same records, byte for byte: of the demo, of what is said of it, of made-up trade."""

import json

import pytest

from ledger.register import encode
from tests.core.replaying import replay
from tests.independent.harness import CERTIFIER, DEMO, Check, Demo, Trust, attest, said
from tests.independent.test_forged import forged, new_key
from tests.independent.trade import Trade

from records import FIELDS, records  # isort: skip
from forge import Signer  # isort: skip

pytestmark = pytest.mark.unmeasured

REGISTRAR = f"{DEMO}party:registrar"
ROOT = "47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU="


def kept_alike(demo: Demo, statements: list[str]) -> dict[str, str]:
    """The records after the demo's entries and these statements; the entries are judged alike, too."""
    data = forged(demo, statements)
    check = Check(data, Trust(demo.trust.read_bytes()))
    again = replay(dict(enumerate(text.encode() for text in json.loads(data)["entries"])))
    theirs = records(check.replay)
    ours = {
        f"{key.kind} {key.id}": encode(record).decode()
        for key, record in again.register.items()
        if key.kind in FIELDS
    }
    assert theirs == ours
    admitted = {key.id for key in again.register if key.kind == "event"}
    assert {key for kind, key in check.replay.records if kind == "event"} == admitted
    return ours


def register(size: int, n: int, party: str = REGISTRAR) -> dict:
    return said("register", party, n, size=size, depth=5, root=ROOT)


def test_the_demos_records_are_kept_alike(demo: Demo) -> None:
    found = kept_alike(demo, [])
    assert {name.split(" ")[0] for name in found} == set(FIELDS)


def test_made_up_trade_is_recorded_alike(demo: Demo) -> None:
    key, operator = demo.key("laterriere"), demo.key("operator")
    lengths = set()
    for seed in range(12):
        trade = Trade(seed, slips=0.0 if seed % 2 else 0.04)
        trade.run(40)
        statements = [key.statement(event) for event in trade.events]
        for n, of in enumerate(reversed(trade.events[-3:])):
            ref = {"party": of["party"], "id": of["id"]}
            event = said("correct", of["party"], 500 + n, of=ref, action="withdraw", reason="a test")
            statements.append(key.statement(event))
        statements.insert(20, operator.statement(register(len(demo.entries) + 20, 900)))
        found = kept_alike(demo, statements)
        lengths |= {json.loads(text)[2] for name, text in found.items() if name.startswith("used ")}
    assert {1, 2, 3} < lengths


def test_whatever_is_said_is_counted_alike(demo: Demo) -> None:
    """Attestations, disputes, keys and sites, each touching something."""
    known = kept_alike(demo, [])
    certifier, registrar, new = demo.key("meridian"), demo.key("registrar"), Signer.seeded("new")
    first = {"party": CERTIFIER, "id": "urn:forged:1"}
    mine = {"subject": f"{DEMO}site:amrun-mine", "operator": f"{DEMO}party:amrun", "kinds": ["mine"]}
    mine |= {"country": "AU", "subdivision": "AU-QLD"}
    mine |= {"replaces": {"party": REGISTRAR, "id": f"{DEMO}event:registrar:site-amrun-mine"}}
    ends = {"status": "suspended", "since": "2026-03-14T08:00:00Z", "reason": "a test"}
    events = [
        attest(1),
        attest(2) | {"subject": f"{DEMO}party:amrun"},
        attest(3) | {"subject": first},
        said("revoke_attestation", CERTIFIER, 4, of=first, **ends),
        said("correct", CERTIFIER, 5, of=first, action="dispute", reason="a test"),
    ]
    statements = [certifier.statement(event) for event in events]
    statements += [registrar.statement(said("site", REGISTRAR, 6, **mine)), new_key(demo, new, 7)]
    end = said("revoke_key", CERTIFIER, 8, kid=certifier.kid, reason="lost", since="2026-03-16T09:00:00Z")
    found = kept_alike(demo, [*statements, certifier.statement(end)])
    assert json.loads(found[f"about event {CERTIFIER} urn:forged:1"])[1] == 3
    assert json.loads(found[f"about key {new.kid}"])[1] == 1
    before, after = (json.loads(of[f"about site {DEMO}site:amrun-mine"])[1] for of in (known, found))
    assert after == before + 1


def test_only_the_operator_states_the_register_and_at_its_place(demo: Demo) -> None:
    operator, size = demo.key("operator"), len(demo.entries)
    before = kept_alike(demo, [])
    assert kept_alike(demo, [operator.statement(register(size, 1))]) == before  # its own record alone
    events = {
        "wrong size": operator.statement(register(size - 1, 1)),
        "a party's key": demo.key("meridian").statement(register(size, 1, CERTIFIER)),
        "the registrar's key": demo.key("registrar").statement(register(size, 1)),
        "another event": operator.statement(attest(1) | {"party": REGISTRAR}),
    }
    admitted = f"{REGISTRAR} urn:forged:1"
    for name, statement in events.items():
        data = forged(demo, [statement])
        check = Check(data, Trust(demo.trust.read_bytes()))
        assert not check.replay.get("event", admitted), name
        assert kept_alike(demo, [statement]) == before, name
