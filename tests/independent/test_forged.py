"""Proofs that the operator forges: everything is signed, so only the entries can tell. Both checkers must."""

import random
from collections.abc import Iterator
from functools import partial

import pytest

from tests.independent.harness import CERTIFIER, DEMO, HOOD, NAME, Demo, attest, said, same
from tests.independent.trade import Trade

from c2sp import leaf_hash  # isort: skip
from forge import Signer, entry, proof  # isort: skip

pytestmark = pytest.mark.unmeasured

HEEL = f"{DEMO}lot:laterriere:heel-H26-0219"
CRUCIBLES = f"{DEMO}lot:laterriere:crucibles-0219"
Statements = list[str]


def new_key(demo: Demo, key: Signer, n: int, **members: object) -> str:
    """Registered by the certifier's own key."""
    parts = {"subject": CERTIFIER, "jwk": key.public, "proof": key.possession(NAME, CERTIFIER)}
    return demo.key("meridian").statement(said("key", CERTIFIER, n, **(parts | members)))


def forgeries(demo: Demo) -> Iterator[tuple[str, str, Statements]]:
    """Name, what must be found (empty: nothing), and the statements that follow the ledger's own."""
    certifier, registrar, stranger = demo.key("meridian"), demo.key("registrar"), demo.key("cardinal")
    new, curve = Signer.seeded("new"), Signer.seeded("curve", p256=True)
    lattice = Signer.seeded("lattice", ml_dsa=True)
    office = f"{DEMO}party:registrar"
    yield "an attestation", "", [certifier.statement(attest(1))]
    yield "of another party's key", "key.other_party", [stranger.statement(attest(1))]
    yield "of nobody's key", "missing.key", [new.statement(attest(1))]
    yield "of a wrong algorithm", "statement.alg", [certifier.statement(attest(1), alg="ES256")]
    yield "by the old name", "", [certifier.statement(attest(1), alg="EdDSA")]
    yield "of no algorithm", "statement.alg", [certifier.statement(attest(1), alg="none")]
    yield "of another type", "statement.typ", [certifier.statement(attest(1), typ="JWT")]
    yield "with more in the header", "statement.header", [certifier.statement(attest(1), jku="x")]
    yield "in another's name", "statement.signature", [stranger.statement(attest(1), kid=certifier.kid)]
    yield "not an event", "event.unknown", [certifier.statement(attest(1, because=True))]
    yield "not strict JSON", "json.number", [certifier.statement(b'{"type":1.0}')]
    yield "of another ledger", "event.ledger", [certifier.statement(attest(1) | {"ledger": "example.com/x"})]
    yield "from tomorrow", "time.future", [certifier.statement(attest(1) | {"time": "2026-03-17T08:00:00Z"})]
    yield "twice", "event.duplicate", [certifier.statement(attest(1)), certifier.statement(attest(1))]
    yield (
        "twice otherwise",
        "event.conflict",
        [certifier.statement(attest(1)), certifier.statement(attest(1, version="2"))],
    )
    yield "of the registrar's key", "key.reserved", [registrar.statement(attest(1) | {"party": office})]
    yield "of a second key", "", [new_key(demo, new, 1), new.statement(attest(2))]
    yield "of a key on the other curve", "", [new_key(demo, curve, 1), curve.statement(attest(2))]
    yield "of an ML-DSA-44 key", "", [new_key(demo, lattice, 1), lattice.statement(attest(2))]
    yield (
        "of an ML-DSA-44 key by another name",
        "statement.signature",
        [new_key(demo, lattice, 1), lattice.statement(attest(2), alg="Ed25519")],
    )
    yield (
        "of an Ed25519 key by the name of ML-DSA-44",
        "statement.signature",
        [certifier.statement(attest(1), alg="ML-DSA-44")],
    )
    yield (
        "of a key bound to a site",
        "missing.site",
        [
            new_key(demo, new, 1, sites=["urn:no:site"]),
            new.statement(attest(2)),
        ],
    )
    yield (
        "of a key that nobody held",
        "key.possession",
        [
            new_key(demo, new, 1, proof=curve.possession(NAME, CERTIFIER)),
            new.statement(attest(2)),
        ],
    )
    yield (
        "of a key given while one lives",
        "key.live",
        [
            registrar.statement(
                said(
                    "key", office, 1, subject=CERTIFIER, jwk=new.public, proof=new.possession(NAME, CERTIFIER)
                )
            ),
            new.statement(attest(2)),
        ],
    )
    end = partial(said, "revoke_key", CERTIFIER, reason="lost")
    yield (
        "of a revoked key",
        "key.revoked",
        [
            certifier.statement(end(n=1, kid=certifier.kid)),
            certifier.statement(attest(2)),
        ],
    )
    yield (
        "of a key that a revoked key added",
        "key.revoked",
        [
            new_key(demo, new, 1),
            new_key(demo, curve, 2),
            certifier.statement(end(n=3, kid=certifier.kid, since="2026-03-16T09:00:00Z")),
            new.statement(attest(4)),
        ],
    )
    yield (
        "of a key that it had added before",
        "",
        [
            new_key(demo, new, 1),
            certifier.statement(end(n=2, kid=certifier.kid, since="2026-03-16T09:01:00Z")),
            new.statement(attest(3)),
        ],
    )
    yield (
        "of a key that another party revoked",
        "registrar.key",
        [stranger.statement(end(n=1, kid=certifier.kid) | {"party": f"{DEMO}party:cardinal"})],
    )
    mine = {"subject": f"{DEMO}site:amrun-mine", "operator": f"{DEMO}party:amrun", "kinds": ["mine"]}
    mine |= {"country": "AU", "subdivision": "AU-QLD"}
    replaces = {"replaces": {"party": office, "id": f"{DEMO}event:registrar:site-amrun-mine"}}
    again = partial(said, "site", office, **mine)
    yield "a site, again", "", [registrar.statement(again(n=1, **replaces))]
    yield "a site, as if it were new", "site.replaces", [registrar.statement(again(n=1))]
    yield (
        "a site of an unknown kind",
        "site.kind",
        [registrar.statement(again(n=1, **replaces) | {"kinds": ["moon"]})],
    )
    yield (
        "a site, by a party",
        "registrar.key",
        [certifier.statement(again(n=1, **replaces) | {"party": CERTIFIER})],
    )
    hood = {"party": f"{DEMO}party:cardinal", "id": f"{DEMO}event:cardinal:join-0305"}
    yield (
        "a withdrawal of what others built on",
        "correct.built_on",
        [stranger.statement(said("correct", hood["party"], 1, of=hood, action="withdraw", reason="no"))],
    )
    heel = said("count", f"{DEMO}party:laterriere", 1, site=f"{DEMO}site:laterriere-casthouse", basis="level")
    yield (
        "a stocktake",
        "",
        [
            demo.key("laterriere-casthouse").statement(heel | {"lines": [{"lot": HEEL, "kg": "1"}]}),
            certifier.statement(attest(2)),
        ],
    )


def forged(
    demo: Demo, statements: Statements, left_out: set[int] = frozenset(), subject: str = HOOD
) -> bytes:
    """A proof of everything in the ledger and these statements behind it."""
    entries = list(demo.entries)
    for n, statement in enumerate(statements):
        prev = leaf_hash(entries[-1].encode())
        received = f"2026-03-16T{9 + n // 60:02}:{n % 60:02}:00.000Z"
        entries.append(entry(len(entries), prev, received, statement))
    return proof(subject, NAME, demo.key("operator"), entries, left_out)


def test_forged_proofs_are_seen_alike(demo: Demo) -> None:
    cases = list(forgeries(demo))
    seen = same(demo, {name: forged(demo, statements) for name, _, statements in cases})
    for (name, code, _), check in zip(cases, seen, strict=True):
        found = {one for findings in check.findings.values() for _, one, _ in findings} - {"standing.unseen"}
        assert (code in found) if code else not found, (name, found)


def test_proofs_that_leave_out_entries_are_seen_alike(demo: Demo) -> None:
    """One entry at a time; an honest proof may lack those that the subject does not rest on."""
    chance = random.Random(7)
    which = [0, 1, 15, 20, 27, 30, *chance.sample(range(41, 191), 12)]
    seen = same(demo, {f"without {index}": forged(demo, [], {index}) for index in which}, 5)
    assert seen[0].verdict(2) == seen[0].verdict(5) == "not provable"
    assert all(check.verdict(3) == "pass" for check in seen)


# ---- sources, and trade that chance makes up


def test_origins_are_named_alike(demo: Demo) -> None:
    """A mine is named by its site, whatever it is called; only what is no aluminium may be called so."""
    proofs = {}
    for party, site, kind, material, key in (
        ("amrun", "amrun-mine", "mine", "bauxite", "amrun"),
        ("northbay", "northbay-yard", "collection", "post_consumer_scrap", "northbay"),
        ("laterriere", "laterriere-casthouse", "addition", "silicon", "laterriere"),
        ("laterriere", "laterriere-casthouse", "addition", "master_alloy", "laterriere"),
        ("laterriere", "laterriere-smelter", "addition", "anode", "laterriere"),
    ):
        lot = f"{DEMO}lot:{party}:named"
        about = {"site": f"{DEMO}site:{site}", "kind": kind, "origin": "urn:named:1"}
        outputs = [{"lot": lot, "kg": "0.7", "material": material}]
        event = said("source", f"{DEMO}party:{party}", 1, outputs=outputs, **about)
        proofs[material] = forged(demo, [demo.key(key).statement(event)], subject=lot)
    named = [origin for check in same(demo, proofs) for origin, _ in check.origins[0]]
    assert named == [
        f"mine {DEMO}site:amrun-mine",
        f"collection {DEMO}site:northbay-yard",
        "addition urn:named:1",
        "unknown addition",
    ]


def heats() -> Iterator[tuple[str, str, dict[str, str], list[dict[str, str]]]]:
    """Name, what must be found, what is charged and what comes out: at each limit, and a gram beyond."""
    heel = {"kg": "8000", "material": "liquid_aluminium", "role": "heel"}
    for silicon, code in (("30", ""), ("30.001", "material.alloy")):
        made = {"kg": "100", "material": "foundry_ingot"}
        yield f"{silicon} kg of silicon", code, {CRUCIBLES: "70", "silicon": silicon}, [made]
    yield "of no declared origin", "", {"bought": "90"}, [{"kg": "90", "material": "rolling_slab"}]
    for kg, code in (("957.6", ""), ("957.599", "mass.lost")):
        made = {"kg": kg, "material": "remelt_ingot"}
        yield f"{kg} kg beside a heel", code, {HEEL: "8000", CRUCIBLES: "1000"}, [made, heel]
    for kg, code in (("7607.6", ""), ("7607.599", "mass.lost")):
        yield f"{kg} kg of a heel", code, {HEEL: "8000"}, [{"kg": kg, "material": "remelt_ingot"}]


def test_limits_of_alloying_and_losses_are_seen_alike(demo: Demo) -> None:
    party, site = f"{DEMO}party:laterriere", f"{DEMO}site:laterriere-casthouse"
    key, proofs, codes = demo.key("laterriere"), {}, []
    added = partial(said, "source", party, site=site, kind="addition")
    for name, code, charge, made in heats():
        lots = {lot: f"{DEMO}lot:laterriere:{lot}" if ":" not in lot else lot for lot in charge}
        outputs = [{"lot": f"{DEMO}lot:laterriere:made-{n}"} | line for n, line in enumerate(made)]
        bring = {"silicon": {"origin": "urn:made-up:1"}, "bought": {}}
        events = [
            added(n=1, outputs=[{"lot": lots[lot], "kg": "100", "material": "silicon"}], **bring[lot])
            for lot in lots
            if lot in bring
        ]
        inputs = [{"lot": lots[lot], "kg": kg} for lot, kg in charge.items()]
        flux = {} if events else {"additions": [{"material": "flux", "kg": "8"}]}
        about = {"site": site, "process": "cast", "model": "mass_balance"}
        events.append(said("transform", party, 2, inputs=inputs, outputs=outputs, **about, **flux))
        subject = str(outputs[0]["lot"])
        proofs[name] = forged(demo, [key.statement(event) for event in events], subject=subject)
        codes.append(code)
    for name, code, check in zip(proofs, codes, same(demo, proofs), strict=True):
        found = {one for _, one, _ in check.findings[6]}
        assert found == ({code} if code else set()), (name, found)


def test_made_up_trade_is_shared_out_alike(demo: Demo) -> None:
    key, proofs = demo.key("laterriere"), {}
    for seed in range(24):
        trade = Trade(seed, slips=0.0 if seed % 2 else 0.04)
        subject = trade.run(50)
        proofs[f"trade {seed}"] = forged(
            demo, [key.statement(event) for event in trade.events], subject=subject
        )
    seen = same(demo, proofs)
    assert all(check.verdict(6) == "pass" for check in seen[1::2])
    assert sum(check.verdict(6) == "fail" for check in seen[::2]) > 5
    assert any(traces for _, traces in (check.origins for check in seen))
    assert max(len(check.origins[0]) for check in seen) > 3
