"""What is shown, traced, exported, and the schema."""

import json
import shutil
import sqlite3
from pathlib import Path

import pytest

from ledger import note, tiles
from ledger.merkle import leaf_hash, root
from tests.cli.commands import (
    ACME,
    CHAIN,
    HOOD,
    METAL,
    NAME,
    call,
    casting,
    damaged,
    done,
    failed,
    opening,
    signed,
)
from tests.world import LOT, PARTY, SITE

ORE = LOT + "miner:ore"


# --- Show


def test_a_lot(here: Path) -> None:
    text = done("show", HOOD, *CHAIN)
    for part in (
        "stamped_part, one item",
        "serial HOOD-1",
        "66.66 %",
        SITE + "pit-2",
        "asi_coc",
        "transform",
    ):
        assert part in text
    assert text == done("show", "lot", HOOD, *CHAIN) == done("show", "HOOD-1", *CHAIN)
    shown = call("show", HOOD, *CHAIN, "--json").json
    assert (shown["left"], shown["marks"], len(shown["attestations"])) == ("8", {"serial": "HOOD-1"}, 1)
    assert [origin["share"] for origin in shown["shares"]["origins"]] == ["0.666666", "0.333333"]
    gone = done("show", LOT + "smelter:slab", *CHAIN)
    assert "left      nothing" in gone
    assert max(map(len, (text + gone).splitlines())) <= 80


def test_an_entry_is_shown_by_the_number_that_reports_cite(here: Path) -> None:
    first = call("show", "entry", "0", *CHAIN, "--json").json
    assert (first["at"], first["type"]) == (0, "charter")
    assert done("show", "entry", "0", *CHAIN).startswith("charter ")
    assert "request.absent" in call("show", "entry", "100000", *CHAIN).err
    for number in ("one", "1_0", "+1", "01", "\u0661", "9" * 17):
        assert "no number in digits" in failed("command.usage", "show", "entry", number, *CHAIN)
        assert "no number in digits" in failed(
            "command.usage", "export", "entries", "--start", number, *CHAIN
        )


def test_a_party_a_site_an_event(here: Path) -> None:
    assert "keys" in done("show", PARTY + "miner", *CHAIN)
    assert call("show", "party", PARTY + "miner", *CHAIN, "--json").json["sites"] == [SITE + "pit"]
    assert "none yet" in done("show", PARTY + "certifier", *CHAIN)
    assert "coil" in done("show", "site", SITE + "press", *CHAIN)
    assert "Nothing is in stock." in done("show", SITE + "pit", *CHAIN)
    assert call("show", SITE + "press", *CHAIN, "--json").json["balances"][0]["stock"] == "835"
    event = done("show", PARTY + "stamper", "evt:37", *CHAIN)
    assert event.startswith("transform evt:37\n")
    assert (
        event == done("show", "event", PARTY + "stamper", "evt:37", *CHAIN) == done("show", "evt:37", *CHAIN)
    )
    assert call("show", "evt:37", *CHAIN, "--json").json["payload"]["process"] == "stamp"


def test_the_catalogue_attestations_and_a_search(here: Path) -> None:
    said = " ".join(done("show", "catalogue", *CHAIN).split())
    assert "bauxite" in said
    assert "cast takes" in said
    assert "by-products dross" in said
    assert "1.8 to 2.15 kg in per kg out" in said
    assert "foundry_ingot origin yes metal 0.91 alloy at most 0.3 " in said
    assert "mine gives bauxite" in said
    assert "certifier, registrar, operator" in said
    assert "terminal, warehouse" in said
    assert "stamp" in call("show", "catalogue", *CHAIN, "--json").json["processes"]
    everything = call("show", "attestations", *CHAIN, "--json").json
    assert everything == call("show", "attestations", HOOD, *CHAIN, "--json").json
    assert len(everything) == 1
    assert "certifier" in done("show", "attestations", *CHAIN)
    assert "`oreline show hood` searches" in done("show", "attestations", "hood", *CHAIN)
    told = done("show", "attestations", ORE, *CHAIN)
    assert told == f"There are no attestations about {ORE}.\n"
    told = done("show", "attestations", ORE + "x", *CHAIN)
    assert (
        told == f"There are no attestations about {ORE}x, which is not in the ledger: look for misprints.\n"
    )
    assert HOOD in done("show", LOT, *CHAIN)
    assert {hit["kind"] for hit in call("show", LOT, *CHAIN, "--json").json} == {"lot"}


def test_a_lot_may_be_named_by_what_is_stamped_on_it(here: Path) -> None:
    absent = {"trace": "request.absent", "uses": "request.absent", "prove": "proof.subject"}
    for command, code in (absent | {"history": "history.unknown"}).items():
        by_mark = call(command, "HOOD-1", *CHAIN)
        assert (by_mark.code, by_mark.err) == (0, f"HOOD-1 is stamped on {HOOD}\n")
        assert by_mark.out == done(command, HOOD, *CHAIN)
        told = failed(code, command, "HOOD-", *CHAIN)
        assert "for misprints" in told
        assert "`oreline show`" in told
    assert done("show", "lot", "HOOD-1", *CHAIN) == done("show", "lot", HOOD, *CHAIN)
    failed("request.absent", "show", "lot", "HOOD-", *CHAIN)


def test_a_number_on_several_lots_names_none_of_them(here: Path) -> None:
    whole = ("--ledger", "ledger")
    half = {"lot": METAL, "kg": "500"}
    slab = {"kg": "490", "material": "rolling_slab", "marks": {"heat": "H-1", "bundle": "S-1"}}
    casts = [
        casting(id=f"evt:{n}", inputs=[half], outputs=[slab | {"lot": f"{LOT}acme:slab-{n}"}]) for n in "12"
    ]
    done("post", *whole, stdin=signed(opening()) + "".join(map(signed, casts)))
    said = failed("command.usage", "trace", "H-1", *whole)
    assert "H-1 is stamped on 2 lots" in said
    assert f"{LOT}acme:slab-1, {LOT}acme:slab-2" in said
    (here / "parts.txt").write_text(f"{METAL}\nH-1\n\nS-1\n")
    listed = ("check", "--policy", "asi", *whole)
    said = failed("command.content", *listed, "--list", "parts.txt")
    assert "parts.txt, line 2: H-1 is" in said
    assert "parts.txt, line 4: S-1 is" in said
    failed("command.usage", *listed, "H-1")


def test_open_marks_are_shown(here: Path) -> None:
    whole = ("--ledger", "ledger")
    done("post", *whole, stdin=signed(opening()) + signed(casting()))
    of = {"party": ACME, "id": "evt:cast"}
    dispute = {"type": "correct", "id": "evt:d", "of": of, "action": "dispute", "reason": "a test"}
    done("post", *whole, stdin=signed(json.dumps(dispute)))
    assert f"disputed by {ACME}" in done("show", LOT + "acme:slab", *whole)
    assert "What was said of it since" in done("show", "event", ACME, "evt:cast", *whole)
    assert "cast (disputed)" in done("trace", LOT + "acme:slab", *whole)
    withdraw = {"type": "correct", "id": "evt:w", "of": of, "action": "withdraw", "reason": "a test"}
    done("post", *whole, stdin=signed(json.dumps(withdraw)))
    assert "its birth was withdrawn" in done("show", LOT + "acme:slab", *whole)
    assert "(withdrawn" in done("uses", METAL, *whole)


def test_what_is_not_there(here: Path) -> None:
    for args in (["lot", ORE + "x"], ["party", ORE], ["site", ORE], ["event", ACME, "evt:0"], [ACME, "evt:0"],
                 ["nothing like it"]):  # fmt: skip
        failed("request.absent", "show", *args, *CHAIN)
    for args in (["lot"], ["a", "b"], ["event", "x"], ["attestations", "a", "b", "c"],
                 ["entry", "x"]):  # fmt: skip
        failed("command.usage at oreline show", "show", *args, *CHAIN)
    failed("request.absent", "trace", ORE + "x", *CHAIN)
    failed("request.absent", "uses", ORE + "x", *CHAIN)
    failed("proof.subject", "prove", ORE + "x", *CHAIN)


# --- Trace and uses


def test_the_way_back(here: Path) -> None:
    text = done("trace", HOOD, *CHAIN)
    steps = [line.split("  ")[-2].strip() for line in text.splitlines() if line.startswith("2026-")]
    assert steps == ["stamp", "blank", "roll", "cast", "electrolysis", "refine", "mine", "mine"]
    assert max(map(len, text.splitlines())) <= 80
    graph = call("trace", HOOD, *CHAIN, "--json").json
    assert graph.keys() == {"lot", "size", "nodes", "edges", "shares"}
    cut = done("trace", HOOD, *CHAIN, "--min-share", "50%")
    assert cut.count("not followed further") == 1
    assert cut == done("trace", HOOD, *CHAIN, "--min-share", "0.5")
    assert "carries no origin" not in text


def test_the_way_forward(here: Path) -> None:
    text = done("uses", ORE, *CHAIN)
    assert text.startswith(f"{ORE}\n7 lots made of it\n")
    assert "lost: 930 kg" in text
    assert call("uses", ORE, *CHAIN, "--json").json.keys() == {"lot", "size", "nodes", "edges"}


def test_the_way_goes_by_the_time_of_the_events_not_of_their_posting(here: Path) -> None:
    whole = ("--ledger", "ledger")
    second = {"lot": LOT + "acme:2", "kg": "1000", "material": "liquid_aluminium"}
    inputs = [{"lot": METAL, "kg": "1000"}, {"lot": LOT + "acme:2", "kg": "1000"}]
    slab = {"lot": LOT + "acme:slab", "kg": "1960", "material": "rolling_slab", "marks": {"heat": "H-1"}}
    posted = [
        opening(id="evt:2", kind="purchase", outputs=[second], time="2026-01-05T00:00:00Z"),
        opening(time="2026-01-04T00:00:00Z"),
        casting(inputs=inputs, outputs=[slab], time="2026-01-06T00:00:00Z"),
    ]
    done("post", *whole, stdin=signed("\n".join(posted)))

    def days(told: str) -> list[str]:
        return [line[8:10] for line in told.splitlines() if line.startswith("2026-")]

    assert days(done("trace", LOT + "acme:slab", *whole)) == ["06", "05", "04"]
    assert days(done("uses", METAL, *whole)) == ["04", "06"]


def test_where_metal_leaves_and_what_carries_no_origin(here: Path) -> None:
    whole = ("--ledger", "ledger")
    event = {"type": "exit", "id": "evt:x", "lines": [{"lot": METAL, "kg": "10"}], "reason": "installed"}
    event["into"] = "urn:example:vehicle:1"
    kinds = [opening(), json.dumps(event)]
    anode = json.loads(opening(id="evt:a"))
    anode["outputs"] = [{"lot": LOT + "acme:anode", "kg": "10", "material": "anode"}]
    done("post", *whole, stdin=signed("\n".join([*kinds, json.dumps(anode)])))
    told = done("uses", METAL, *whole)
    assert "Fitted to\n  urn:example:vehicle:1" in told
    assert f"installed  {ACME}\n    liquid_aluminium, 10 kg\n    {METAL}\n" in told
    assert "anode carries no origin." in done("trace", LOT + "acme:anode", *whole)


@pytest.mark.parametrize("share", ["x", "2", "101%", "-1", "0.1234567"])
def test_a_share_that_is_none(here: Path, share: str) -> None:
    failed("command.usage", "trace", HOOD, *CHAIN, "--min-share", share)


# --- Export


def test_a_static_log_is_complete_and_brought_up_to_date(here: Path) -> None:
    told = done("export", "tiles", "ledger", "out")
    assert told == f"out: the log {NAME}, 8 entries; 3 files written\n"
    whole = ("--ledger", "ledger")
    done("post", *whole, stdin=signed(opening()))
    more = []
    for n in range(300):
        line = {"lot": f"{LOT}acme:s{n}", "kg": "1.98", "material": "rolling_slab"}
        more.append(casting(id=f"evt:{n}", inputs=[{"lot": METAL, "kg": "2"}], outputs=[line]))
    done("post", *whole, stdin=signed("\n".join(more)))
    made = call("export", "tiles", "ledger", "out", "--json").json
    assert (made["size"], made["origin"]) == (311, NAME)
    out = Path("out")
    checkpoint = note.checkpoint_of((out / "checkpoint").read_text())
    names = ["tile/entries/000", "tile/entries/001.p/55"]
    entries = [entry for name in names for entry in tiles.decode_bundle((out / name).read_bytes())]
    leaves = [leaf_hash(entry) for entry in entries]
    assert root(leaves) == checkpoint.root
    assert (out / "tile/0/000").read_bytes() + (out / "tile/0/001.p/55").read_bytes() == b"".join(leaves)
    assert (out / "tile/1/000.p/1").read_bytes() == root(leaves[:256])
    done("export", "tiles", "fresh", "--ledger", "ledger")
    fresh = {str(path.relative_to("fresh")) for path in Path("fresh").rglob("*") if path.is_file()}
    updated = {str(path.relative_to("out")) for path in out.rglob("*") if path.is_file()}
    assert fresh == updated - {"tile/entries/000.p/8", "tile/0/000.p/8"}
    lines = done("export", "entries", "ledger").encode().splitlines()
    assert lines == entries
    assert json.loads(done("export", "entries", "ledger", "--start", "303", "--json"))[1]["index"] == 304
    assert done("export", "entries", "ledger", "--start", "1", "--limit", "1").count("\n") == 1
    assert done("export", "entries", "ledger", "--start", "999") == ""


def test_another_log_is_not_overwritten(here: Path) -> None:
    done("export", "tiles", "chain", "out")
    failed("command.exists at out: there is another log", "export", "tiles", "ledger", "out")
    Path("out/checkpoint").write_text("?")
    failed(
        "command.exists at out: there is a checkpoint that cannot be read", "export", "tiles", "chain", "out"
    )
    failed("command.exists at guard", "export", "tiles", "chain", "guard")
    failed("store.missing", "export", "tiles", "out", "x")
    failed("store.missing", "export", "entries", "out")
    failed("command.ledger", "export", "entries")
    failed("command.ledger", "export", "tiles", "out2")
    failed("command.usage", "export", "tiles", "chain", "out", "more")


def test_a_ledger_without_checkpoint_or_tiles(here: Path) -> None:
    damaged("DELETE FROM checkpoint")
    failed("proof.unpublished", "export", "tiles", "chain", "out")
    failed("proof.unpublished", "prove", HOOD, *CHAIN)
    shutil.rmtree("out", ignore_errors=True)
    db = sqlite3.connect("ledger/ledger.db")
    db.execute("DELETE FROM tiles")
    db.commit()
    db.close()
    failed("tile.width", "export", "tiles", "ledger", "out")
    assert not Path("out").exists()


# --- Schema


def test_the_schema_and_a_part_of_it(here: Path) -> None:
    whole = call("schema").json
    assert len(whole["oneOf"]) == 20
    part = call("schema", "ship", "--json").json
    assert part["$ref"] == "#/$defs/Ship"
    assert {"Ship", "ShipLine"} <= part["$defs"].keys()
    assert "Transform" not in part["$defs"]
    failed("command.usage at oreline schema: boat is no type", "schema", "boat")
