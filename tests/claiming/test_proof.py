"""What a proof says of a lot is what the ledger says of it, or less; never more favourable."""

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ledger import policy, proof, verify
from ledger.claiming import claims
from ledger.claims.document import Claims
from ledger.policy import judge
from tests.world import LOT, PARTY, SITE, World, event_ref

HOOD, COIL, OFFCUT = LOT + "stamper:hood", LOT + "roller:coil", LOT + "stamper:offcut"
OWN = {"rests_on", "proof", "unshown", "fates"}  # in which a proof's document differs from the ledger's
EARLY = "2026-01-01T00:00:00Z"
POLICIES = [policy.load(name) for name in policy.names()]
SUBJECTS = [
    *(SITE + name for name in ("pit", "refinery", "smelter", "mill", "yard")),
    PARTY + "certifier",
    HOOD,
    COIL,
]


def of_proof(world: World, lot: str, **how: Any) -> Claims:
    (checked,) = verify.check([proof.build(world.store, lot, **how)], world.trust, accept_root=True).proofs
    assert checked.claims is not None
    return checked.claims


def same(one: Claims, other: Claims) -> None:
    for name in Claims.model_fields.keys() - OWN:
        assert getattr(one, name) == getattr(other, name), name


def never_more_favourable(found: Claims, told: Claims) -> None:
    """``found``: by the proof; ``told``: by the ledger."""
    for one in POLICIES:
        by_ledger = {finding.requirement: finding.verdict for finding in judge(one, told).findings}
        for finding in judge(one, found).findings:
            if by_ledger.get(finding.requirement, "pass") != "pass":
                assert finding.verdict != "pass", (one.name, finding)
            if by_ledger.get(finding.requirement) == "not provable":
                assert finding.verdict != "pass", (one.name, finding)


def test_a_whole_proof_says_the_same() -> None:
    world = World()
    world.hood()
    world.attest(SITE + "mill", valid_from=EARLY)
    world.hand_over("press", "recycler", {OFFCUT: "4"})
    world.transform("recycler", "remelt", {OFFCUT: "4"}, {"ingot": ("remelt_ingot", "3.9")})
    world.publish()
    for lot in (HOOD, COIL, OFFCUT, LOT + "remelter:ingot", LOT + "miner:ore"):
        same(of_proof(world, lot), claims(world.store, lot))


def test_both_tell_what_the_registrar_has_said_since() -> None:
    """A site that moves on paper, and one that did before; certifiers suspended, reinstated, and in time."""
    world = World()
    world.site("smelter")
    world.anew(SITE + "smelter", country="AU", subdivision="AU-QLD")
    world.hood()
    for name in ("early", "late"):
        world.party(name, roles=["certifier"])
    for name in ("early", "late", "certifier"):
        world.attest(SITE + "mill", party=world.party(name, roles=["certifier"]), scheme=name)
    world.tick(60)
    for status in ("suspended", "active", "suspended"):
        world.anew(PARTY + "late", status=status)
    world.attest(SITE + "mill", scheme="again")
    world.anew(PARTY + "early", status="suspended")
    world.anew(SITE + "mill", country="CN", subdivision="CN-XJ")
    world.anew(SITE + "mill", country="US", subdivision="US-TN")
    world.publish()
    told = claims(world.store, HOOD)
    same(of_proof(world, HOOD), told)
    also = {step.site: step.also for step in told.steps}
    assert also[SITE + "mill"] == ("CA", "CA-QC", "CN", "CN-XJ")
    assert not any(codes for site, codes in also.items() if site != SITE + "mill")
    assert {one.scheme: [change.status for change in one.history] for one in told.attestations} == {
        "early": ["suspended"],
        "late": ["suspended", "reinstated", "suspended"],
        "certifier": [],
        "again": [],
    }


@st.composite
def trades(draw: st.DrawFn) -> World:
    """A hood, with things declared, attested, suspended, disputed, resolved and sold on; published."""
    world = World()
    for site in ("yard", "recycler"):
        world.site(site)
    world.hood()
    world.party("certifier")
    custody = [e for e in world.posted if e["type"] in ("source", "transform", "ship", "receive", "site")]
    given: list[dict[str, str]] = []
    for _ in range(draw(st.integers(0, 6))):
        kind = draw(
            st.sampled_from(["attest", "suspend", "dispute", "resolve", "sell", "exit", "move", "anew"])
        )
        if kind == "attest":
            scheme = draw(st.sampled_from(["asi_performance", "asi_chain_of_custody", "accreditation"]))
            subject = draw(st.sampled_from(SUBJECTS))
            given.append(world.attest(subject, scheme=scheme, valid_from=EARLY))
        elif kind == "suspend" and given:
            event = {
                "type": "revoke_attestation",
                "party": PARTY + "certifier",
                "of": draw(st.sampled_from(given)),
            }
            status = draw(st.sampled_from(["suspended", "reinstated"]))
            world.try_post(event | {"status": status, "since": world.time, "reason": "a test"})
        elif kind in ("dispute", "resolve"):
            action = {"type": "correct", "action": kind, "reason": "a test"}
            of = draw(st.sampled_from([*map(event_ref, custody), *given]))
            world.try_post(action | {"party": of["party"], "of": of})
        elif kind == "anew":
            country, code = draw(st.sampled_from([("CN", "CN-XJ"), ("US", "US-TN"), ("CA", "CA-QC")]))
            world.anew(SITE + draw(st.sampled_from(["pit", "mill"])), country=country, subdivision=code)
            for status in ("suspended", "active"):
                world.anew(PARTY + "certifier", status=status)
        elif kind == "sell":
            lines = [{"lot": COIL, "kg": "1"}]
            world.try_post(
                {"type": "transfer", "party": PARTY + "stamper", "to": PARTY + "roller", "lines": lines}
            )
            custody.append(world.posted[-1])
        elif kind == "exit":
            lines = [{"lot": COIL, "kg": "1"}]
            exit_ = {"type": "exit", "party": PARTY + "stamper", "lines": lines, "reason": "sample"}
            world.try_post(exit_)
            custody.append(world.posted[-1])
        elif kind == "move" and not any(
            e["type"] == "ship" and e["lines"][0]["lot"] == HOOD for e in custody
        ):
            world.ship("press", "maker", {HOOD: "8"})
            custody.append(world.posted[-1])
    world.publish()
    return world


@pytest.mark.unmeasured
@settings(max_examples=40, deadline=None)
@given(world=trades(), lot=st.sampled_from([HOOD, COIL, OFFCUT]))
def test_the_same_of_small_trades(world: World, lot: str) -> None:
    told = claims(world.store, lot)
    found = of_proof(world, lot)
    same(found, told)
    never_more_favourable(found, told)


@pytest.mark.unmeasured
@settings(max_examples=40, deadline=None)
@given(world=trades(), horizon=st.sampled_from(["0", "1", "2", "3", "50%"]), share=st.booleans())
def test_a_proof_that_leaves_something_out_is_never_more_favourable(
    world: World, horizon: str, share: bool
) -> None:
    told = claims(world.store, HOOD)
    how: dict[str, Any] = {"min_share": 500_000} if share else {"horizon": proof.Horizon.parse(horizon)}
    never_more_favourable(of_proof(world, HOOD, **how), told)
    never_more_favourable(of_proof(world, HOOD, horizon=proof.SHORT), told)
