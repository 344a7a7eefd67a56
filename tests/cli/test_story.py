"""The demo's story is admitted whole, by everyone who has a part in it, and in its time."""

import pytest

from cli.demo import story
from cli.demo.story import Clock, Refused
from ledger import entry, statement
from ledger.log import Log
from ledger.store.memory import MemoryStore
from tests.cli.telling import SITE, Told, seed, tell

DAY = 24 * 60 * 60 * 1000


def test_every_step_becomes_one_entry_in_order_and_in_time(told: Told) -> None:
    assert told.store.head().size == len(told.steps) >= 120
    assert len({step.id for step in told.steps}) == len(told.steps)
    for index, data in enumerate(told.store.entries(0, len(told.steps))):
        held, step = entry.decode(data), told.steps[index]
        assert held.received == step.received
        assert held.statement == story.sign(step, told.keys)


def test_the_same_seeds_tell_the_same_story_and_others_another(told: Told) -> None:
    clock = Clock()
    log = Log(MemoryStore(), clock)
    tell(log, clock)
    assert log.store.head() == told.store.head()
    keys = story.make_keys(told.story, lambda name: seed(name + "!"))
    assert {keys[name].public.kid for name in keys}.isdisjoint(key.public.kid for key in told.keys.values())
    log.close()


def test_a_step_that_the_rules_refuse_is_named(told: Told) -> None:
    step = told.step("slit-70455")
    heavier = step.event["outputs"][0] | {"kg": "9999"}
    changed = step._replace(event=step.event | {"outputs": [heavier, *step.event["outputs"][1:]]})
    clock = Clock()
    log = Log(MemoryStore(), clock)
    with pytest.raises(Refused, match=r"slit-70455: mass\.") as refused:
        story.play([changed if s is step else s for s in told.steps], told.keys, log, clock)
    assert refused.value.step == changed
    assert refused.value.problems[0].path.startswith("$[0].outputs")
    log.close()


def test_progress_is_told_batch_by_batch(told: Told) -> None:
    heard: list[list[str]] = []
    clock = Clock()
    log = Log(MemoryStore(), clock)
    story.play(told.steps, told.keys, log, clock, lambda batch: heard.append([step.id for step in batch]))
    log.close()
    assert [id for batch in heard for id in batch] == [step.id for step in told.steps]
    assert heard[0] == ["charter"]
    assert ["laterriere-opening", "anodes-01"] in heard  # sent at one moment with one key


def test_everyone_is_marked_illustrative(told: Told) -> None:
    assert "illustration" in told.story.illustrative
    for party in told.story.parties:
        assert told.value("party", party["subject"]).name.endswith("(illustrative)")
    assert 14 <= len(told.story.parties) <= 18
    assert 12 <= len(told.story.sites) <= 16
    fictional = {party["short"] for party in told.story.parties if "fictional" in party["name"]}
    assert {"tannerybend", "cardinal"} <= fictional


def test_it_happens_from_january_to_march_2026(told: Told) -> None:
    assert all(
        "2026-01-01" <= step.event.get("from", step.event["time"]) < "2026-04-01" for step in told.steps
    )


def test_both_kinds_of_keys_sign_and_one_is_for_a_single_site(told: Told) -> None:
    algorithms = {
        statement.parse(entry.decode(data).statement).alg
        for data in told.store.entries(0, told.store.head().size)
    }
    assert algorithms == {"Ed25519", "ES256"}
    kid = told.keys["laterriere-casthouse"].public.kid
    assert told.value("key", kid).sites == (SITE + "laterriere-casthouse",)


def test_a_weeks_events_were_posted_late_in_one_batch(told: Told) -> None:
    late = [step for step in told.steps if step.id.startswith("sangaredi-") and step.by == "sangaredi"]
    assert len(late) == 6
    assert len({step.received for step in late}) == 1
    for step in late:
        happened = told.value("event", told.name(step.id)).time * 1000
        assert 5 * DAY < step.received - happened < 14 * DAY
    days = {step.event["time"][:10] for step in late}
    assert (min(days), max(days)) == ("2026-01-04", "2026-01-10")


def test_what_the_narrator_says_fits_a_terminal_beside_a_date(told: Told) -> None:
    said = [step.say for step in told.steps if step.say]
    assert len(said) >= 15
    assert all(len(line) <= 65 and line.endswith(".") for line in said)
