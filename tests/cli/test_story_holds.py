"""Everything that the demo's story promises to show is really in the ledger."""

import hashlib
from collections import Counter

from cli.demo import story
from cli.demo.story import Clock
from ledger import events
from ledger.log import Log
from ledger.quantity import parse_kg
from ledger.register import event_name
from ledger.rules.composition import in_grams
from ledger.store.memory import MemoryStore
from tests.cli.telling import LOT, PARTY, SITE, Told


def shares(told: Told, lot: str) -> dict[str, int]:
    return dict(in_grams(told.value("lot", lot)).shares)


def test_the_hood_is_wholly_of_known_origin_and_its_shares_sum_to_its_grams(told: Told) -> None:
    hood = told.value("lot", told.story.subject)
    assert (hood.material, hood.item, hood.traces) == ("joined_part", True, ())
    found = shares(told, told.story.subject)
    assert sum(found.values()) == hood.grams == 8000
    assert set(found) == {
        f"mine {SITE}amrun-mine",
        f"mine {SITE}sangaredi-mine",
        f"collection {SITE}northbay-yard",
        f"addition {SITE}boreal-plant",
        "added join",
    }
    assert told.value("mark", f"serial CC26-0305-0003 {PARTY}cardinal").lot == told.story.subject


def test_the_hoods_ancestry_has_all_that_the_story_is_about(told: Told) -> None:
    above = told.ancestors(told.story.subject)
    assert {
        LOT + "amrun:stockpile-01",
        LOT + "sangaredi:stockpile-w01",
        LOT + "sangaredi:stockpile-w02",
        LOT + "portalfred:pile-b1",
        LOT + "laterriere:potline-1-tap-w07",
        LOT + "laterriere:inert-line-tap-w07",
        LOT + "northbay:bales-0203",
        LOT + "cardinal:press-scrap-0210",  # back from the press shop
        LOT + "laterriere:heel-H26-0128",
        LOT + "boreal:magnesium-2601",
        LOT + "tannerybend:coil-70455",
        LOT + "kestrel:coil-70455-A",
        LOT + "cardinal:blanks-outer-70455-A",
        LOT + "cardinal:hood-inner-0210",
        LOT + "cardinal:hood-outer-0304",
    } <= above
    assert not any("opening" in node for node in above)
    lots = {node for node in above if " " not in node}
    made = {node for node in above - lots if not node.startswith("addition ")}
    assert {told.value("event", node).type for node in made} == {"source", "transform"}
    assert {told.value("lot", lot).role for lot in lots} >= {
        "source",
        "part",
        "product",
        "by_product",
        "heel",
    }


def test_the_scrap_of_the_first_heats_parts_goes_into_the_heat_of_the_hood(told: Told) -> None:
    above = told.ancestors(told.name("heat-H26-0219"))
    assert told.name("heat-H26-0128") in above
    assert {LOT + "cardinal:press-scrap-0210", LOT + "cardinal:scrap-stamp-inner-0210"} <= above
    assert told.value("lot", LOT + "cardinal:press-scrap-0210").material == "press_scrap"
    assert told.value("hold", LOT + "cardinal:press-scrap-0210").holder == PARTY + "laterriere"


def test_another_hood_holds_opening_stock_through_a_furnace_heel(told: Told) -> None:
    found = shares(told, told.story.with_unknown)
    assert sum(found.values()) == 8000
    assert 0 < found["unknown opening"] < 2000
    heat = told.step("heat-H26-0222").event
    assert heat["inputs"][0]["lot"] == LOT + "laterriere:heel-furnace-2-opening"
    opened = told.step("furnace2-opening").event
    assert (opened["kind"], opened["outputs"][0]["material"]) == ("opening", "liquid_aluminium")


def test_metal_is_tolled_its_owner_is_not_the_sites(told: Told) -> None:
    tolled = {LOT + "vaudreuil:alumina-c0210": "laterriere", LOT + "tannerybend:coil-70455": "spartanburg"}
    for lot, owner in tolled.items():
        born = told.value("lot", lot)
        site = told.value("site", born.site)
        assert site.operator == born.party
        assert told.value("owner", lot).owner == PARTY + owner != born.party


def test_the_trader_holds_title_and_never_a_lot(told: Told) -> None:
    trader = PARTY + "mercator"
    bought = [step for step in told.steps if step.event["party"] == trader]
    assert {step.event["type"] for step in bought} == {"receive", "transfer"}
    assert all("site" not in step.event for step in bought)
    assert not any(told.value("site", site["subject"]).operator == trader for site in told.story.sites)
    holds = [record.value for _, record in told.store.scan("hold")]
    assert all(hold.holder != trader for hold in holds)
    assert told.value("owner", LOT + "amrun:cargo-0105").owner == PARTY + "laterriere"


def test_goods_leave_a_stockpile_in_parts_and_one_cargo_is_still_at_sea(told: Told) -> None:
    pile = LOT + "amrun:stockpile-01"
    assert told.value("lot", LOT + "amrun:cargo-0105").role == "part"
    assert told.value("used", pile).grams == parse_kg("54000000") < told.value("lot", pile).grams
    assert told.value("hold", LOT + "amrun:cargo-0310").to == PARTY + "portalfred"


def test_a_difference_was_marked_and_is_resolved(told: Told) -> None:
    clock = Clock()
    log = Log(MemoryStore(), clock)
    before = told.steps[: told.steps.index(told.step("resolve-difference-a0212"))]
    story.play(before, told.keys, log, clock)
    assert told._replace(store=log.store).marks("smelter-train-a0212") == ["difference"]
    log.close()
    assert told.marks("smelter-train-a0212") == []
    assert told.value("used", LOT + "vaudreuil:train-a0212").grams > parse_kg("11400")


def test_the_refused_coil_is_back_with_its_sender(told: Told) -> None:
    coil = LOT + "tannerybend:coil-70412"
    hold = told.value("hold", coil)
    assert (hold.holder, hold.site, hold.to) == (PARTY + "tannerybend", SITE + "tannerybend-mill", "")
    assert hold.shipment == told.name("coils-0204-ship")
    assert told.value("hold", LOT + "tannerybend:coil-70411").holder == PARTY + "kestrel"


def test_the_mistake_is_withdrawn_and_not_edited(told: Told) -> None:
    assert told.marks("northbay-collect-0112-typo") == ["withdrawn"]
    assert told.value("hold", LOT + "northbay:collection-0112").withdrawn
    assert told.value("lot", LOT + "northbay:collection-0112").grams == parse_kg("43200")
    assert told.value("lot", LOT + "northbay:collection-0112-r1").grams == parse_kg("34200")
    assert LOT + "northbay:collection-0112-r1" in told.ancestors(told.story.subject)


def test_the_inert_line_runs_without_anodes_and_says_so(told: Told) -> None:
    event = told.step("inert-line-w07").event
    assert (event["process"], event["unit"]) == ("electrolysis_inert", "inert-line-1")
    assert [told.value("lot", line["lot"]).material for line in event["inputs"]] == ["alumina"]
    assert event["emissions"][0] == {
        "scope": 1,
        "gas": "CO2",
        "kg": "0",
        "method": "inert anodes: oxygen only",
    }
    for id in ("potline1-w07", "inert-line-w07"):
        assert told.step(id).event["energy"][0]["source"] == "hydro"


def test_slabs_bear_heat_numbers(told: Told) -> None:
    slabs = told.step("saw-H26-0219").event["outputs"][:3]
    assert [slab["marks"] for slab in slabs] == [
        {"heat": "H26-0219", "slab": f"H26-0219-{n}"} for n in (1, 2, 3)
    ]
    assert told.value("mark", f"slab H26-0219-1 {PARTY}laterriere").lot == slabs[0]["lot"]


def test_the_hood_ends_in_a_vehicle(told: Told) -> None:
    installed = told.name("hood-installed")
    (flow,) = [f for _, f in told.store.flows_out_of([told.story.subject])]
    assert (flow.dst, flow.grams) == (installed, 8000)
    (into,) = [f for _, f in told.store.flows_out_of([installed])]
    assert into.dst == "urn:oreline-demo:vehicle:DEMO-VIN-0000017"
    assert told.value("hold", told.story.subject).holder == PARTY + "spartanburg"


def test_every_kind_of_custody_event_and_source_occurs(told: Told) -> None:
    types = Counter(step.event["type"] for step in told.steps)
    assert set(events.EVENT_TYPES) - types.keys() == {"amend", "revoke_key", "register"}
    sources = {step.event["kind"] for step in told.steps if step.event["type"] == "source"}
    assert sources == {"mine", "collection", "addition", "opening", "gain"}


def test_certificates_lie_on_the_hoods_sites(told: Told) -> None:
    records = [record.value for _, record in told.store.scan("attestation")]
    found = {(record.subject, record.scheme) for record in records}
    smelter = SITE + "laterriere-smelter"
    assert {scheme for subject, scheme in found if subject == smelter} == {
        "asi_performance",
        "asi_chain_of_custody",
        "energy_certificate",
        "technology",
        "due_diligence_audit",
    }
    for site in ("amrun-mine", "sangaredi-mine", "vaudreuil-refinery", "laterriere-casthouse"):
        assert {(SITE + site, "asi_performance"), (SITE + site, "due_diligence_audit")} <= found
    assert (PARTY + "meridian", "accreditation") in found
    accredited = told.step("accreditation-meridian").event["scope"]["schemes"]
    assert {record.scheme for record in records if record.certifier == PARTY + "meridian"} == set(accredited)


def test_what_a_certificate_says_of_its_evidence_is_so(told: Told) -> None:
    files = {document["name"]: document["text"].encode() for document in told.story.documents}
    named = [evidence for step in told.steps for evidence in step.event.get("evidence", ())]
    assert {evidence["name"] for evidence in named} == files.keys()
    for evidence in named:
        data = files[evidence["name"]]
        assert evidence["size"] == len(data)
        assert evidence["sha256"] == hashlib.sha256(data).hexdigest()
        assert evidence["media_type"] == "text/plain"
        assert b"illustrative" in data


def test_smelting_names_the_certificate_of_its_power_and_draws_no_more_than_it_has(told: Told) -> None:
    certified = {
        step.event["certificate_no"]: step.event["measured"][0]["amount"]
        for step in told.steps
        if step.event.get("scheme") == "energy_certificate"
    }
    drawn: Counter[str] = Counter()
    for step in told.steps:
        for used in step.event.get("energy", ()):
            if "instrument" in used:
                assert (used["unit"], used["source"]) == ("kWh", "hydro")
                drawn[used["instrument"]] += int(used["amount"])
    assert drawn.keys() == certified.keys()
    assert all(kwh <= int(certified[instrument]) * 1000 for instrument, kwh in drawn.items())


def test_the_collectors_accounts_reconcile_and_one_brings_forward_what_the_other_left(told: Told) -> None:
    january, february = (told.value("account", f"{LOT}northbay:coc-2026-0{month}") for month in (1, 2))
    assert (january.state, january.certified_in, january.issued) == ("closed", 34_200_000, 20_000_000)
    assert january.carry == february.brought == 13_610_344
    assert (february.state, february.issued, february.overdrawn) == ("closed", 48_100_000, 0)
    assert LOT + "northbay:truck-0120" in told.ancestors(told.story.subject)  # sold from the first


def test_the_slabs_are_delivered_under_an_agreement_that_both_sides_signed(told: Told) -> None:
    offer = told.name("agreement-slabs")
    agreement = told.value("agreement", offer)
    assert (agreement.party, agreement.other) == (PARTY + "laterriere", PARTY + "spartanburg")
    assert agreement.accepted == told.name("agreement-slabs-accepted")
    sold = [step for step in told.steps if step.event.get("agreement")]
    assert len(sold) == 5
    assert {event_name(**step.event["agreement"]) for step in sold} == {offer}
    terms = told.step("agreement-slabs").event["terms"]
    assert (terms["exclusive"], terms["destination"]) == (True, SITE + "spartanburg-plant")


def test_the_second_hood_is_of_a_bad_start_a_suspended_mine_and_little_scrap(told: Told) -> None:
    above = told.ancestors(told.story.fails)
    assert told.name("potline2-w09") in above

    def cf4(step: str) -> float:
        event = told.step(step).event
        (kg,) = [float(gas["kg"]) for gas in event["emissions"] if gas["gas"] == "CF4"]
        return kg / float(event["outputs"][0]["kg"])

    assert cf4("potline2-w09") > 20 * cf4("potline1-w07")
    assert told.name("gove-mine-01") in above
    assert told.name("gove-mine-01") not in told.ancestors(told.story.subject)
    suspended = told.step("suspend-gove")
    mined = told.step("gove-mine-01")
    assert suspended.event["since"] < mined.event["from"] < mined.event["time"] < suspended.event["time"]
    collected = f"collection {SITE}northbay-yard"
    assert 5 * shares(told, told.story.fails)[collected] < shares(told, told.story.subject)[collected]
    assert not any("opening" in node for node in above)


def test_the_third_hood_is_of_a_smelter_that_states_neither_power_nor_perfluorocarbons(told: Told) -> None:
    assert told.name("grandebaie-w09") in told.ancestors(told.story.not_provable)
    gases = {step.id: {gas["gas"] for gas in step.event.get("emissions", ())} for step in told.steps}
    assert "CF4" not in gases["grandebaie-w09"]
    assert "energy" not in told.step("grandebaie-w09").event
    complete = ("potline1-w04", "potline1-w07", "potline2-w09", "inert-line-w07")
    assert all("CF4" in gases[id] for id in complete)
    unknown = {party["subject"] for party in told.story.parties if party["short"] == "quayside"}
    assert {told.step("cert-grandebaie").event["party"]} == unknown
    assert unknown.isdisjoint(
        step.event["subject"] for step in told.steps if step.event.get("scheme") == "accreditation"
    )
