"""The method: every parameter of the computed claims, with where its value comes from.

A figure is only as good as these. They are data, so that another method is another ``Method``. Factors and
global warming potentials are integers: milligrams CO2e per unit, thousandths.

- Global warming potentials over 100 years: IPCC AR6, working group I, table 7.15 and 7.SM.7. Methane as
  fossil methane.
- Electricity by source: hydropower 10 g/kWh, the value of the worked example that this project is tested
  with; wind, solar, nuclear, geothermal, biomass, gas and coal: IPCC AR5, working group III, annex III,
  table A.III.2, medians over the life cycle. Of the grid, or of a source that is not said: 500 g/kWh, the
  world's average of recent years rounded up.
- Fuels, what burning them gives off: IPCC 2006 Guidelines, volume 2, table 2.2, kg CO2 per GJ of net
  calorific value; a litre of diesel as 36 MJ, a cubic metre of natural gas as 36 MJ, both rounded up.

What is computed with such a factor is *secondary* data; what the poster declares as given off at its own
works, scope 1 and 2, is *primary*. Transport to a site is declared, in scope 3, by who uses what arrived.
"""

from collections.abc import Mapping
from typing import NamedTuple

Demand = tuple[str, ...]  # any one of these is enough


class Method(NamedTuple):
    """``refines``, ``smelts``, ``melts``: processes by stage. ``gwp``: thousandths, by gas. ``inert``: gases
    that are no greenhouse gases. ``electricity``: mg CO2e per kWh, by source; ``grid`` for any other.
    ``fuels``: mg CO2e per GJ. ``kwh``: units of energy as (numerator, denominator) of a kWh; ``gj``: of a
    GJ, and for units of volume by carrier. ``renewable``: sources of electricity.
    ``smelting_kwh``: the least and the most that a kg of metal can take; 12.5 to 15.5 is usual, and what
    stays in the cells blurs single events. ``anodes``: processes that use up a material, the making of which
    gave off at least so many grams of CO2e for a kg of what is smelted: about 0.8 kg for a kg of metal is
    usual, so 415 g; a quarter is asked. ``carbon``: and they give off at least so many grams of CO2 for it;
    1.22 kg for a kg of metal is what chemistry asks.
    ``post_consumer``: materials of a collection that were in use before. ``demands``: what each process,
    or ``source:<kind>``, has to declare, and of every process that is not named, ``""``. What refines and
    smelts goes on for weeks: without ``BEGAN`` it would have been done in one second, under whatever
    certificate held then."""

    refines: frozenset[str]
    smelts: frozenset[str]
    melts: frozenset[str]
    gwp: Mapping[str, int]
    inert: frozenset[str]
    electricity: Mapping[str, int]
    grid: int
    fuels: Mapping[str, int]
    kwh: Mapping[str, tuple[int, int]]
    gj: Mapping[str, tuple[int, int]]
    renewable: frozenset[str]
    smelting_kwh: tuple[int, int]
    anodes: Mapping[str, tuple[str, int]]
    carbon: Mapping[str, int]
    post_consumer: frozenset[str]
    demands: Mapping[str, tuple[Demand, ...]]


BEGAN = "when it began"

_LASTS = (BEGAN,)
_USES = (("energy", "emissions"),)
_BURNS = (("CO2", "CO2e", "natural_gas", "fuel_oil", "coal"),)
_GIVES = (("emissions",),)

DEFAULT = Method(
    refines=frozenset({"refine"}),
    smelts=frozenset({"electrolysis", "electrolysis_inert"}),
    melts=frozenset({"cast", "remelt", "dross_recovery"}),
    gwp={
        "CO2": 1_000,
        "CO2e": 1_000,
        "CH4": 29_800,
        "N2O": 273_000,
        "CF4": 7_380_000,
        "C2F6": 12_400_000,
        "SF6": 24_300_000,
    },
    inert=frozenset({"O2", "CO", "SO2", "NOx", "HF", "HCl", "H2O", "dust", "PM", "PM10", "PM2.5", "VOC"}),
    electricity={
        "hydro": 10_000,
        "wind": 11_000,
        "nuclear": 12_000,
        "geothermal": 38_000,
        "solar": 48_000,
        "biomass": 230_000,
        "gas": 490_000,
        "natural_gas": 490_000,
        "coal": 820_000,
    },
    grid=500_000,
    fuels={
        "natural_gas": 56_100_000,
        "lpg": 63_100_000,
        "diesel": 74_100_000,
        "fuel_oil": 77_400_000,
        "coal": 94_600_000,
        "petroleum_coke": 97_500_000,
    },
    kwh={
        "Wh": (1, 1000),
        "kWh": (1, 1),
        "MWh": (1000, 1),
        "GWh": (1_000_000, 1),
        "MJ": (10, 36),
        "GJ": (10_000, 36),
    },
    gj={
        "kWh": (36, 10_000),
        "MWh": (36, 10),
        "GWh": (3_600, 1),
        "MJ": (1, 1_000),
        "GJ": (1, 1),
        "TJ": (1_000, 1),
        "diesel L": (36, 1_000),
        "natural_gas m3": (36, 1_000),
    },
    renewable=frozenset({"hydro", "wind", "solar", "geothermal", "biomass", "renewable"}),
    smelting_kwh=(8, 25),
    anodes={"electrolysis": ("anode", 100)},
    carbon={"electrolysis": 350},
    post_consumer=frozenset({"post_consumer_scrap"}),
    demands={
        "source:mine": _BURNS,
        "source:collection": _USES,
        "source:addition": _GIVES,
        "source:purchase": _GIVES,
        "source:opening": _GIVES,
        "source:gain": _GIVES,
        "refine": (_LASTS, *_BURNS),
        "electrolysis": (_LASTS, ("electricity",), ("CO2", "CO2e"), ("CF4",)),
        "electrolysis_inert": (_LASTS, ("electricity",)),
        "cast": _BURNS,
        "remelt": _BURNS,
        "dross_recovery": _BURNS,
        "blend": (),
        "bin": (),
        "bale": (),
        "shred": (),
        "saw": (),
        "scalp": (),
        "slit": (),
        "": _USES,
    },
)
