"""Metal that chance takes from ore and scrap to parts, with data of every quality, in a ledger of its own.

What the ledger refuses is not missed: what is left of each lot may then be too little, never too much."""

import random
from typing import Any

from tests.independent.trade import kilograms
from tests.world import LASTING, LOT, PARTY, SITE, World, event_ref

Lot = dict[str, Any]
SITES = {  # whose, and what
    "pit": ("miner", "mine"),
    "refinery": ("refiner", "refinery"),
    "pots": ("smelter", "smelter"),
    "cells": ("smelter", "smelter"),
    "casthouse": ("smelter", "casthouse"),
    "alloys": ("alloyer", "alloy_plant"),
    "yard": ("collector", "scrap_yard"),
    "remelter": ("remelter", "recycler"),
    "mill": ("roller", "mill"),
    "press": ("stamper", "press_shop"),
    "plant": ("maker", "assembly_plant"),
}
SOURCES = (
    ("mine", "pit", ("bauxite",)),
    ("collection", "yard", ("post_consumer_scrap", "pre_consumer_scrap")),
    ("addition", "alloys", ("silicon", "magnesium", "master_alloy")),
    ("purchase", "casthouse", ("liquid_aluminium", "cast_ends", "rolling_slab", "silicon")),
    ("purchase", "refinery", ("bauxite", "alumina")),
    ("opening", "mill", ("coil", "mill_scrap", "rolling_slab")),
    ("gain", "pots", ("alumina", "liquid_aluminium", "anode", "anode")),
)
SCRAP = ("mill_scrap", "press_scrap", "cast_ends", "chips", "pre_consumer_scrap", "post_consumer_scrap")
MELTED = ("liquid_aluminium", *SCRAP, "remelt_ingot")
CHARGE = (*MELTED, "silicon", "magnesium", "master_alloy")
# process: where, of what, what it makes, what falls off, the least and most of 1,000 that it makes
PROCESSES: dict[str, tuple[str, tuple[str, ...], str, tuple[str, ...], int, int]] = {
    "refine": ("refinery", ("bauxite",), "alumina", ("bauxite_residue",), 300, 600),
    "electrolysis": ("pots", ("alumina",), "liquid_aluminium", (), 480, 540),
    "electrolysis_inert": ("cells", ("alumina",), "liquid_aluminium", (), 480, 540),
    "cast": ("casthouse", CHARGE, "rolling_slab", ("dross", "cast_ends"), 945, 980),
    "remelt": ("remelter", MELTED, "remelt_ingot", ("dross",), 800, 960),
    "dross_recovery": ("remelter", ("dross",), "liquid_aluminium", ("salt_slag",), 300, 650),
    "saw": ("casthouse", ("rolling_slab",), "rolling_slab", ("cast_ends", "chips"), 910, 990),
    "roll": ("mill", ("rolling_slab", "coil"), "coil", ("mill_scrap",), 710, 970),
    "blank": ("press", ("coil",), "blank", ("press_scrap",), 560, 970),
    "stamp": ("press", ("blank",), "stamped_part", ("press_scrap",), 460, 890),
    "bale": ("press", ("press_scrap",), "press_scrap", ("dust",), 810, 990),
    "shred": ("remelter", ("press_scrap",), "press_scrap", ("dust",), 810, 990),
    "join": ("plant", ("stamped_part", "joined_part"), "joined_part", (), 960, 1500),
}
WAY = (
    "refine",
    "electrolysis",
    "electrolysis_inert",
    "cast",
    "saw",
    "roll",
    "blank",
    "stamp",
    "cast",
    "join",
)
SMELTING, HEELS = ("electrolysis", "electrolysis_inert"), ("cast", "electrolysis", "remelt")
MODELS = ("identity_preserved", "segregated", "controlled_blending", "mass_balance")
FUELS = ("natural_gas", "GJ"), ("natural_gas", "m3"), ("diesel", "L"), ("fuel_oil", "MJ"), ("lpg", "kWh")
NO_FUELS = ("wood", "GJ"), ("coal", "t"), ("lpg", "L")
CERTIFICATE = "urn:example:certificate:1"


class Works:
    """`lots`: what there is, each with its place and what is left of it. `good`: how likely data is whole."""

    def __init__(self, seed: int, steps: int):
        self.chance, self.world = random.Random(seed), World(start="2026-01-28T06:00:00Z")
        self.good = self.chance.choice((0.4, 0.8, 0.97))
        self.late = self.chance.choice((0, 0, 7_201, 50 * 86_400))  # seconds from an event to its receipt
        self.lots: list[Lot] = []
        self.named = 0
        for site, (party, kind) in SITES.items():
            self.world.site(site, party, kind)
        for source in SOURCES:
            self.source(*source)
        for _ in range(3):
            self.certify()
        for _ in range(2):
            for process in WAY:
                self.make(process)
        for _ in range(steps):
            self.chance.choice((self.make,) * 9 + (self.buy,) * 3 + (self.certify,))()

    def likely(self, often: float | None = None) -> bool:
        return self.chance.random() < (self.good if often is None else often)

    def time(self, before: int = 0) -> str:
        self.world.now -= (self.late + before) * 1000
        spelt = self.world.time
        self.world.now += (self.late + before) * 1000
        return spelt

    def post(self, party: str, type_: str, **members: Any) -> dict[str, str] | None:
        """A reference to the event, if it was admitted."""
        self.world.tick(self.chance.choice((0, 60, 20_000, 100_000)))
        event = {"type": type_, "party": PARTY + party, "time": self.time(), **members}
        lasts = members.get("process") in LASTING
        if type_ in ("source", "transform") and self.likely(0.9 if lasts else 0.6):
            spans = (1, 5_000, 400_000, 3_000_001, 90_000_000)
            event["from"] = self.time(self.chance.choice((1, 5_000) * 5 * lasts + spans))
        before = len(self.world.posted)
        self.world.try_post(event)
        return event_ref(self.world.posted[-1]) if len(self.world.posted) > before else None

    # ---- data

    def electricity(self, grams: int, smelts: bool) -> list[Lot]:
        """Of smelting, mostly 13 kWh/kg; of other processes little."""
        mix = [("hydro", CERTIFICATE)] * 4 * smelts
        mix += [
            ("natural_gas", CERTIFICATE),
            ("", CERTIFICATE),
            ("hydro", "urn:example:certificate:2"),
        ] * smelts
        mix += [("hydro", ""), ("coal", ""), ("grid", ""), ("", ""), ("tidal", ""), ("natural_gas", "")]
        used = grams * self.chance.choice((13, 13, 13, 15, 9, 7, 30)) if smelts else grams // 20
        rows = []
        for source, instrument in self.chance.sample(mix, self.chance.choice((1, 1, 2))):
            units = [("kWh", 10**3), ("MWh", 10**6), ("GWh", 10**9)] + [("GJ", 277_778), ("PJ", 1)] * (
                not instrument
            )
            unit, per = self.chance.choice(units)
            row = {"carrier": "electricity", "amount": decimal(used * 10**6 // per), "unit": unit}
            rows.append(row | {k: v for k, v in (("source", source), ("instrument", instrument)) if v})
        return rows

    def data(self, process: str, grams: int) -> Lot:
        """`grams` of what is made; energies and emissions, some of them left out."""
        smelts = process in SMELTING
        energy = (
            self.electricity(grams, smelts) if self.likely(self.good if smelts else self.good / 2) else []
        )
        if self.likely(0.4):
            fuel, unit = self.chance.choice(FUELS if self.likely(0.9) else NO_FUELS)
            amount = decimal(grams * self.chance.choice((1, 300, 4001)))
            energy.append({"carrier": fuel, "amount": amount, "unit": unit})
        emissions = []
        for scope, gas, per in (
            (1, "CO2", 1_500_000), (1, "CF4", 12), (1, "N2O", 7), (1, "CH4", 123), (1, "HF", 1),
            (1, "XYZ", 3), (2, "CO2e", 130_001), (2, "CO2", 4_000_000), (3, "CO2", 70_000), (3, "SF6", 1),
        ):  # fmt: skip
            often = {"CF4": self.good if smelts else 0.1, "XYZ": 0.02, "CO2": self.good}.get(gas, 0.2)
            if self.likely(often if scope == 1 else 0.25):
                kg = decimal(grams * per * self.chance.choice((0, 1, 1, 1)) // 1000)
                emissions.append({"scope": scope, "gas": gas, "kg": kg})
        return {name: rows for name, rows in (("energy", energy), ("emissions", emissions)) if rows}

    def certify(self) -> None:
        """Certificates of electricity, each fitting or not in its own way; some are suspended later."""
        measured = {"quantity": "electricity", "amount": "2400", "unit": "MWh"}
        text = self.chance.choice(("Hydropower", "hydrogen", "hydro", "hydro and natural gas"))
        grid = self.chance.choice(({}, {"grid": "CA-QC"}, {}, {"grid": "NO"}, {"grid": "CA"}))
        period = self.chance.choice(
            ("2023-01-01/2026-12-31", "2026-02-01/2026-02-28", "2026-02-02/2026-02-28")
        )
        measured |= {"method": text, "period": period} | grid
        subject = self.chance.choice((*[SITE + "pots"] * 4, PARTY + "smelter", SITE + "casthouse"))
        sites = self.chance.choice((None, None, None, None, [], [SITE + "pots"], [SITE + "pit"]))
        name = self.chance.choice((*[{"certificate_no": CERTIFICATE}] * 3,
                                   {"refs": {"instrument": CERTIFICATE}},
                                   {"certificate_no": "C-1", "refs": {"instrument": CERTIFICATE}},
                                   {"certificate_no": "C-1"}))  # fmt: skip
        scope = {} if sites is None else {"scope": {"sites": sites}}
        status = self.chance.choice(("certified",) * 9 + ("provisional", "suspended"))
        of = self.world.attest(
            subject, scheme="energy_certificate", status=status, measured=[measured], **name, **scope
        )
        for status in ("suspended", "reinstated", "withdrawn"):
            if self.likely(0.07):
                said = {"type": "revoke_attestation", "of": of, "status": status, "since": self.world.time}
                self.world.try_post(said | {"party": PARTY + "certifier", "reason": "a test"})

    # ---- lots

    def output(self, site: str, grams: int, material: str, role: str = "product") -> Lot:
        self.named += 1
        lot = f"{LOT}{SITES[site][0]}:{self.named}"
        more = {"marks": {"heat": f"H-{self.named}"}} if self.likely(0.2) else {}
        return {"lot": lot, "kg": kilograms(grams), "material": material, "role": role} | more

    def keep(self, posted: object, site: str, outputs: list[Lot]) -> None:
        for out in outputs if posted else ():
            grams = round(float(out["kg"]) * 1000)
            self.lots.append(out | {"grams": grams, "left": grams, "site": site})

    def buy(self) -> None:
        self.source(*self.chance.choice(SOURCES))

    def source(self, kind: str, site: str, materials: tuple[str, ...]) -> None:
        made = self.chance.sample(materials, self.chance.randint(1, len(set(materials))))
        masses = (331, 7_003, 1_000_000, 12_345_678)
        outputs = [self.output(site, self.chance.choice(masses), material) for material in made]
        more = {"origin": "urn:example:vein"} if self.likely(0.3) else {}
        more |= {"evidence": [{"name": "a list", "sha256": "0" * 64}]} if self.likely(0.2) else {}
        data = self.data(f"source:{kind}", 10**6)
        self.keep(
            self.post(SITES[site][0], "source", site=SITE + site, kind=kind, outputs=outputs, **more, **data),
            site,
            outputs,
        )

    def bring(self, lot: Lot, site: str) -> None:
        """A lot or a part of it to another site; some of it is lost on the way."""
        party, to = SITES[lot["site"]][0], SITES[site][0]
        grams = lot["left"] if self.likely(0.5) else max(1, int(lot["left"] * self.chance.random()))
        line, part = {"lot": lot["lot"], "kg": kilograms(grams)}, lot
        if grams < lot["grams"]:
            part = self.output(lot["site"], grams, lot["material"], "part") | {"grams": grams}
            line["as"] = part["lot"]
            lot["left"] -= grams
        of = self.post(party, "ship", site=SITE + lot["site"], lines=[line], to=PARTY + to)
        part |= {"left": max(1, grams - self.chance.choice((0, 0, 1, grams // 300))), "site": site}
        if of:
            back = {"lot": part["lot"], "kg": kilograms(part["left"])}
            self.post(to, "receive", of=of, site=SITE + site, lines=[back])
            self.lots += [part] if part is not lot else []

    def make(self, process: str = "") -> None:
        process = process or self.chance.choice(list(PROCESSES))
        site, takes, makes, off, least, most = PROCESSES[process]

        def fits(lot: Lot) -> bool:
            heel = lot["role"] == "heel" and lot["site"] == site and process in HEELS
            return (lot["material"] in takes or heel) and lot["left"] > 20

        far = [lot for lot in self.lots if fits(lot) and lot["site"] != site][-4:]
        for lot in self.chance.sample(far, min(len(far), self.chance.choice((1, 1, 2)))):
            self.bring(lot, site)
        here = [lot for lot in self.lots if fits(lot) and lot["site"] == site][-self.chance.randint(1, 5) :]
        inputs, charge, heels = [], 0, 0
        for lot in here:
            grams = lot["left"] if self.likely(0.5) else max(20, int(lot["left"] * self.chance.random()))
            lot["left"] -= grams
            inputs.append({"lot": lot["lot"], "kg": kilograms(grams)})
            heel = lot["role"] == "heel" and process in HEELS
            charge, heels = charge + grams * (not heel), heels + grams * heel
        if charge < 40:
            return
        more: Lot = {"unit": self.chance.choice(("line-1", "line-2"))} if self.likely(0.7) else {}
        if process == "join" and self.likely(0.7):
            more["additions"] = [{"material": "steel_parts", "kg": kilograms(charge // 4)}]
        made = charge * self.chance.randint(least, most if "additions" in more else min(most, 1000)) // 1000
        outputs, left = [], made + heels
        for role in self.chance.choice(((), ("product",), ("heel",), ("product", "heel"))):
            grams = max(1, int(left * self.chance.random()) // 2)
            left -= grams
            is_heel = role == "heel" and process in HEELS
            outputs.append(
                self.output(site, grams, "liquid_aluminium", role)
                if is_heel
                else self.output(site, grams, makes)
            )
        outputs.append(self.output(site, left, makes))
        for material in off if charge - made > 10 else ():
            grams = max(1, int((charge - made) * self.chance.random()) // 3)
            outputs.append(self.output(site, grams, material, "by_product"))
        anodes = [lot for lot in self.lots if lot["material"] == "anode" and lot["left"] > charge // 5]
        if process == "electrolysis" and anodes and self.likely():
            anodes[0]["left"] -= charge // 5
            inputs.append({"lot": anodes[0]["lot"], "kg": kilograms(charge // 5)})
        model = "book_and_claim" if self.chance.random() < 0.03 else self.chance.choice(MODELS)
        about = {"site": SITE + site, "process": process, "model": model}
        data = self.data(process, made)
        self.keep(
            self.post(SITES[site][0], "transform", inputs=inputs, outputs=outputs, **about, **more, **data),
            site,
            outputs,
        )


def decimal(millionths: int) -> str:
    return f"{millionths // 10**6}.{millionths % 10**6:06}".rstrip("0").rstrip(".")
