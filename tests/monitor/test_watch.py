"""A party that watches its own name, and what a monitor remembers."""

import pytest

from ledger import b64
from ledger.errors import Malformed
from ledger.merkle import leaf_hash
from ledger.monitoring import state as states
from ledger.monitoring.state import State
from ledger.monitoring.watch import Known, Watch, parse_known
from tests.monitor.histories import NOW, Eyes
from tests.monitor.proxy import Proxy
from tests.world import PARTY, World


def test_events_that_a_partys_list_does_not_know(world: World, proxy: Proxy) -> None:
    smelter = world.party("smelter")
    world.site("smelter")
    world.source("smelter", "stock", "1000", kind="opening", material="liquid_aluminium")
    mine = world.last["id"]
    world.publish()
    eyes = Eyes(proxy, world.trust, Watch(smelter, Known(ids={mine}), False))
    assert eyes.look() == []
    world.source("smelter", "more", "1000", kind="gain", material="liquid_aluminium")
    theft = world.last["id"]
    *_, stolen = world.store.entries(0, world.store.head().size)
    world.publish()
    assert eyes.look() == ["monitor.event"]
    assert theft in eyes.last.alarms[0].detail
    assert eyes.look() == []  # told once, and the log goes on
    again = Eyes(proxy, world.trust, Watch(smelter, Known(), False))
    assert again.look() == ["monitor.event", "monitor.event"]
    leaf = b64.encode(leaf_hash(stolen))
    again = Eyes(proxy, world.trust, Watch(smelter, Known(ids={mine}, leaves={leaf}), True))
    assert again.look() == ["monitor.key"]


def test_keys_of_a_party(world: World, proxy: Proxy) -> None:
    smelter = world.party("smelter")
    world.publish()
    watch = Watch(smelter, None, True)
    eyes = Eyes(proxy, world.trust, watch)
    assert eyes.look() == ["monitor.key"]
    kid = world.keys[smelter].public.kid
    assert kid in eyes.last.alarms[0].detail
    assert eyes.state is not None
    assert eyes.state.kids == (kid,)
    world.party("roller")
    world.revoke_key(PARTY + "roller")
    world.revoke_key(smelter)
    world.publish()
    eyes.watch = Watch(smelter, None, True, frozenset(eyes.state.kids))
    assert eyes.look() == ["monitor.key"]
    assert "revokes" in eyes.last.alarms[0].detail


def test_anothers_event_under_an_id_of_the_list(world: World, proxy: Proxy) -> None:
    """Whoever registers a key in the party's name chooses the id, and may have read the party's."""
    smelter = world.party("smelter")
    registrars = world.last["id"]
    world.publish()
    assert Eyes(proxy, world.trust, Watch(smelter, Known(ids={registrars}), True)).look() == ["monitor.key"]


def test_a_payload_that_is_no_event() -> None:
    watch = Watch("urn:p", None, True)
    for payload in (b"", b"1", b"[]", b"{}", b'{"party":"urn:p","type":"key"}'):
        with pytest.raises(Malformed):
            watch.look(1, bytes(32), payload)
    odd = b'{"party":"urn:r","type":"key","id":"i","subject":"urn:p","jwk":1}'
    assert [found.code for found in watch.look(1, bytes(32), odd)] == ["monitor.key"]


def test_the_list_of_known_events() -> None:
    assert parse_known("evt:1\n\n evt:2 \n") == Known(ids={"evt:1", "evt:2"})
    assert parse_known("") == Known()
    answer = '{"outcomes": [{"index": 1, "leaf": "AA"}, null, {"problems": []}]}\n'
    assert parse_known(answer + answer.replace("AA", "BB")) == Known(leaves={"AA", "BB"})
    for wrong in ("{", '{"a":1}', '{"outcomes":1}', '{"outcomes":[1]}', '{"outcomes":[]} x'):
        with pytest.raises(Malformed) as caught:
            parse_known(wrong)
        assert caught.value.code == "monitor.known"


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"[]",
        b"{}",
        b'{"format":"oreline-monitor/1","checkpoint":"x","since":"2026-03-02T06:00:00.000Z","kids":[]}\n',
    ],
)
def test_a_state_of_another_form(data: bytes, world: World) -> None:
    with pytest.raises(Malformed) as caught:
        states.decode(data)
    assert caught.value.code == "monitor.state"
    good = states.encode(State(world.checkpoint(), NOW))
    with pytest.raises(Malformed):
        states.decode(b" " + good)
