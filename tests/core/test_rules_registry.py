"""The charter and its amendments, parties and sites: who may speak, and who may say so."""

import json
from typing import Any

import pytest

from ledger.keys import PrivateKey
from ledger.log import Log, Refused
from ledger.register import Charters, KeyRecord, Party, Site, Status
from ledger.store.memory import MemoryStore
from tests.core.judging import at, needs, refusal, touched, value, waits_for
from tests.world import CATALOGUE, LOT, NAME, PARTY, REGISTRAR, SITE, World, private_key

DAY = 24 * 60 * 60


@pytest.fixture
def world() -> World:
    return World()


def amend(**what: Any) -> dict[str, Any]:
    return {"type": "amend", "party": REGISTRAR} | what


# -- charter


def test_the_charter_registers_its_keys_and_is_in_force_at_once(world: World) -> None:
    charter = value(world, "charter", "0")
    assert (charter.name, charter.party, charter.rules) == (NAME, REGISTRAR, 1)
    assert charter.registrar == (world.registrar.public.kid,)
    assert (charter.recovery, charter.operator) == (world.recovery.public.kid, world.operator.public.kid)
    assert value(world, "charters", "") == Charters(((0, charter.effective),))
    for use in ("registrar", "recovery", "operator"):
        key = private_key(use).public
        record = value(world, "key", key.kid)
        assert record == KeyRecord(
            REGISTRAR, use, key.jwk_text, (), world.registrar.public.kid, charter.effective
        )
    assert needs(world, 0) == ()


def test_a_ledger_has_one_charter(world: World) -> None:
    again = world.posted[0] | {"id": "evt:again"}
    assert refusal(world, again) == ("charter.again", "$.type")


def first_charter(by: PrivateKey | None = None, **changed: Any) -> tuple[str, str]:
    """What is wrong with a charter that differs from the usual one."""
    world = World()
    event = world.posted[0] | changed
    log = Log(MemoryStore(), lambda: world.now)
    (outcome,) = log.post([world.sign(event, by)]).outcomes
    log.close()
    assert isinstance(outcome, Refused)
    return outcome.problems[0].code, outcome.problems[0].path.replace("$[0]", "$")


def test_a_charter_is_signed_by_one_of_its_registrar_keys() -> None:
    assert first_charter(private_key("recovery")) == ("registrar.key", "$")


def test_the_operators_key_signs_checkpoints_so_it_is_ed25519() -> None:
    key = private_key("x", "ES256").public.jwk
    assert first_charter(operator_key=key) == ("charter.operator_key", "$.operator_key")


def test_one_key_has_one_use() -> None:
    jwk = private_key("registrar").public.jwk
    assert first_charter(recovery_key=jwk) == ("key.registered", "$.recovery_key")


def test_rules_that_this_program_lacks_are_refused(world: World) -> None:
    assert first_charter(rules=2) == ("charter.rules", "$.rules")
    assert refusal(world, amend(rules=2)) == ("charter.rules", "$.rules")


# -- amendments


def looser() -> dict[str, Any]:
    catalogue: dict[str, Any] = json.loads(CATALOGUE.read_text())
    catalogue["processes"]["electrolysis"]["ratio"] = ["1", "3"]
    return catalogue


def test_an_amendment_is_in_force_after_a_day_and_not_a_millisecond_earlier(world: World) -> None:
    alumina = world.source("smelter", "a", "1000", kind="purchase", material="alumina")
    made = world.event(
        {
            "type": "transform",
            "party": PARTY + "smelter",
            "site": SITE + "smelter",
            "process": "electrolysis",
            "inputs": [{"lot": alumina, "kg": "100"}],
            "outputs": [{"lot": LOT + "smelter:m", "kg": "100", "material": "liquid_aluminium"}],
            "model": "segregated",
        }
    )
    when = world.now
    receipt = world.post(amend(catalogue=looser()))
    assert value(world, "charters", "").known[1] == (receipt.index, when + DAY * 1000)
    world.now = when + DAY * 1000 - 1
    assert refusal(world, made) == ("process.ratio", "$.outputs")
    world.now += 1
    world.post(made)
    assert receipt.index in needs(world)


def test_what_an_amendment_does_not_name_stays(world: World) -> None:
    before = value(world, "charter", "0")
    receipt = world.post(amend(rules=1, catalogue=looser(), name="Renamed"))
    after = value(world, "charter", str(receipt.index))
    assert after.name == NAME
    assert after._replace(catalogue=before.catalogue, effective=before.effective) == before
    assert after.catalogue != before.catalogue


def test_amendments_add_up_before_they_are_in_force(world: World) -> None:
    world.post(amend(catalogue=looser()))
    receipt = world.post(amend(operator_key=private_key("operator-2").public.jwk), private_key("recovery"))
    after = value(world, "charter", str(receipt.index))
    assert after.operator == private_key("operator-2").public.kid
    assert '"ratio":["1","3"]' in after.catalogue


@pytest.mark.parametrize("member", ["registrar_keys", "recovery_key", "operator_key"])
def test_keys_are_replaced_by_the_recovery_key_alone(world: World, member: str) -> None:
    new = private_key("new").public.jwk
    event = amend(**{member: [new] if member == "registrar_keys" else new})
    assert refusal(world, event) == ("charter.signer", "$")
    world.post(event, world.recovery)


def test_the_same_keys_again_are_no_change(world: World) -> None:
    world.post(amend(registrar_keys=[world.registrar.public.jwk], operator_key=world.operator.public.jwk))


def test_registrar_keys_change_with_the_amendment(world: World) -> None:
    new = private_key("registrar-2")
    world.post(amend(registrar_keys=[new.public.jwk]), world.recovery)
    said = party(PARTY + "a")
    assert refusal(world, said, new) == ("registrar.key", "$")
    world.tick(DAY)
    assert refusal(world, said) == ("registrar.key", "$")
    assert refusal(world, amend(rules=1)) == ("registrar.key", "$")
    world.post(said, new)


def test_a_replaced_recovery_key_recovers_nothing(world: World) -> None:
    world.post(amend(recovery_key=private_key("recovery-2").public.jwk), world.recovery)
    assert refusal(world, amend(rules=1), world.recovery) == ("charter.signer", "$")


def test_a_partys_key_amends_nothing(world: World) -> None:
    world.post(
        {"type": "party", "party": REGISTRAR, "subject": REGISTRAR, "name": "R", "country": "CA"}
        | {"roles": ["registrar"], "prefixes": []}
    )
    own = private_key("own")
    world.post(world.key_event(REGISTRAR, own))
    assert refusal(world, amend(rules=1), own) == ("charter.signer", "$")


def test_a_charters_key_is_no_partys_key_besides(world: World) -> None:
    miner = world.party("miner")
    taken = amend(operator_key=world.keys[miner].public.jwk)
    assert refusal(world, taken, world.recovery) == ("key.registered", "$.operator_key")


# -- parties and sites


def party(subject: str, **more: Any) -> dict[str, Any]:
    said = {"type": "party", "party": REGISTRAR, "subject": subject, "name": "P", "country": "CA"}
    return said | {"roles": ["trader"], "prefixes": []} | more


def site(subject: str, operator: str, **more: Any) -> dict[str, Any]:
    said = {"type": "site", "party": REGISTRAR, "subject": subject, "operator": operator}
    return said | {"kinds": ["warehouse"], "country": "CA", "subdivision": "CA-QC"} | more


def test_a_party_is_what_the_registrar_says(world: World) -> None:
    a = PARTY + "a"
    world.post(party(PARTY + "b"))
    world.post(party(a, prefixes=[LOT + "a:"], successor=PARTY + "b", country="GN", name="Ä"))
    name = f"{REGISTRAR} {world.last['id']}"
    assert value(world, "party", a) == Party("Ä", "GN", ("trader",), (LOT + "a:",), PARTY + "b", name)
    assert value(world, "status", f"party {a}") is None
    assert touched(world, "party", a) == ()


def test_only_the_registrar_admits(world: World) -> None:
    miner = world.party("miner")
    assert refusal(world, party(PARTY + "x") | {"party": miner}) == ("registrar.key", "$")
    assert refusal(world, site(SITE + "x", miner) | {"party": miner}) == ("registrar.key", "$")


def test_a_later_registration_names_the_one_in_force(world: World) -> None:
    a = PARTY + "a"
    assert refusal(world, party(a, replaces={"party": REGISTRAR, "id": "x:1"})) == (
        "party.replaces",
        "$.replaces",
    )
    world.post(party(a))
    first, index = world.last, at(world, "party", a)
    assert refusal(world, party(a)) == ("party.replaces", "$.replaces")
    world.post(party(a, replaces=first, name="New"))
    assert (value(world, "party", a).name, index in needs(world)) == ("New", True)
    assert touched(world, "party", a) == (at(world, "party", a),)
    assert refusal(world, party(a, replaces=first)) == ("party.replaces", "$.replaces")


def test_a_site_likewise(world: World) -> None:
    s, operator = SITE + "s", world.party("trader")
    world.post(site(s, operator, kinds=["mine", "terminal"]))
    first = world.last
    name = f"{REGISTRAR} {first['id']}"
    assert value(world, "site", s) == Site(operator, ("mine", "terminal"), "CA", "CA-QC", name)
    assert refusal(world, site(s, operator)) == ("site.replaces", "$.replaces")
    world.post(site(s, operator, replaces=first, status="closed"))
    (mark,) = value(world, "status", f"site {s}").marks
    assert mark == ("closed", REGISTRAR, f"{REGISTRAR} {world.last['id']}", world.now - 1000)
    world.post(site(s, operator, replaces=world.last))
    assert value(world, "status", f"site {s}") == Status(())
    assert waits_for(world, site(SITE + "t", PARTY + "nobody")) == PARTY + "nobody"
    assert refusal(world, site(SITE + "t", PARTY + "nobody")) == ("party.unknown", "$.operator")


def test_a_party_may_begin_suspended(world: World) -> None:
    world.post(party(PARTY + "a", status="suspended"))
    assert value(world, "status", f"party {PARTY}a").marks[0][0] == "suspended"


def test_a_successor_is_known(world: World) -> None:
    event = party(PARTY + "a", successor=PARTY + "b")
    assert refusal(world, event) == ("party.unknown", "$.successor")


def test_roles_and_kinds_are_words_of_the_catalogue(world: World) -> None:
    event = party(PARTY + "a", roles=["trader", "smeltre"])
    assert refusal(world, event) == ("party.role", "$.roles[1]")
    trader = world.party("trader")
    assert refusal(world, site(SITE + "a", trader, kinds=["mien"])) == ("site.kind", "$.kinds[0]")


def test_no_id_is_two_kinds_of_thing(world: World) -> None:
    """A certificate of a site would else be read as a certificate of a lot with the site's id."""
    trader = world.party("trader")
    pit = world.site("pit")
    ore = world.source("pit", "ore", "1")
    assert refusal(world, party(pit)) == ("party.exists", "$.subject")
    assert refusal(world, site(trader, trader)) == ("site.exists", "$.subject")
    assert refusal(world, party(ore)) == ("party.exists", "$.subject")
    assert refusal(world, site(ore, trader)) == ("site.exists", "$.subject")


# -- prefixes


@pytest.mark.parametrize(
    ("taken", "asked"),
    [
        ("urn:a:b:", "urn:a:b:"),
        ("urn:a:b:", "urn:a:b:c:"),
        ("urn:a:b:", "urn:a:"),
        ("urn:a:b:c:d:", "urn:a:"),
        ("urn:a/b#", "urn:a/"),
        ("https://a.example/", "https://a."),
    ],
)
def test_prefixes_never_overlap_another_partys(world: World, taken: str, asked: str) -> None:
    world.post(party(PARTY + "a", prefixes=[taken]))
    assert refusal(world, party(PARTY + "b", prefixes=["urn:free:", asked])) == (
        "party.prefix_taken",
        "$.prefixes[1]",
    )


def test_prefixes_beside_each_other_are_given_out(world: World) -> None:
    world.post(party(PARTY + "a", prefixes=["urn:a:b:"]))
    world.post(party(PARTY + "b", prefixes=["urn:a:bb:", "urn:a:c:"]))
    # A longer one below one's own, and the same ones again.
    world.post(party(PARTY + "a", prefixes=["urn:a:b:", "urn:a:b:c:"], replaces=first_of(world, PARTY + "a")))


def first_of(world: World, id: str) -> dict[str, str]:
    party, event = value(world, "party", id).event.split(" ")
    return {"party": party, "id": event}


def test_a_prefix_is_never_freed(world: World) -> None:
    world.post(party(PARTY + "a", prefixes=["urn:a:"]))
    world.post(party(PARTY + "a", replaces=world.last))
    assert refusal(world, party(PARTY + "b", prefixes=["urn:a:"])) == ("party.prefix_taken", "$.prefixes[0]")


def test_a_prefix_ends_at_a_delimiter(world: World) -> None:
    event = party(PARTY + "a", prefixes=["urn:a:b"])
    assert refusal(world, event) == ("party.prefix_end", "$.prefixes[0]")
