"""Events through the real models, folded into accounts, without a register."""

import json
from pathlib import Path
from typing import Any

from ledger import events
from ledger.claims.account import Account
from ledger.claims.fold import Position, born
from ledger.claims.method import DEFAULT, Method
from ledger.quantity import format_kg, format_time, parse_time
from ledger.register import Lot
from ledger.rules.catalogue import Catalogue

CATALOGUE = Catalogue.parse((Path(__file__).parents[2] / "cli/data/catalogue.json").read_text("utf-8"))
HYDRO = {"carrier": "electricity", "unit": "kWh", "source": "hydro"}
MELT: Any = {"site": "s:casthouse", "party": "caster"}


def kg(grams: int | str) -> str:
    """Grams as events spell them; text stays."""
    return grams if isinstance(grams, str) else format_kg(grams)


class Works:
    """Folds events as a ledger does that admits everything. Ids are short words here."""

    def __init__(self, method: Method = DEFAULT) -> None:
        self.lots: dict[str, Lot] = {}
        self.accounts: dict[str, Account] = {}
        self.method = method
        self.index = 0
        self.time = "2026-03-02T06:00:00Z"
        self.late = 0  # seconds after its time that an event is received

    def post(self, type: str, party: str, **members: Any) -> dict[str, Account]:
        """Fold one event."""
        self.index += 1
        event = {
            "type": type,
            "ledger": "example.com/ledger",
            "id": f"e:{self.index}",
            "time": self.time,
            "party": f"p:{party}",
        }
        event |= {name: value for name, value in members.items() if value is not None}
        read = events.parse(json.dumps(event).encode())
        received = (parse_time(self.time) + self.late) * 1000
        position = Position(self.index, received, f"p:{party} e:{self.index}")
        made = born(read, position, self.lots.__getitem__, self.accounts.__getitem__, CATALOGUE, self.method)
        lines = [(line.lot, line) for line in vars(read).get("outputs", ())]
        lines += [(line.as_, line) for line in vars(read).get("lines", ()) if vars(line).get("as_")]
        for lot, line in lines:
            material = vars(line).get("material") or self.lots[line.lot].material
            role = vars(line).get("role", "part")
            site = vars(read)["site"]
            self.lots[lot] = Lot(
                material, line.grams, False, role, event["party"], site, 0, position.name, (), ()
            )
        self.accounts |= made
        return made

    def source(self, lot: str, material: str, mass: int | str, **more: Any) -> Account:
        """One lot from a source; a mine unless said otherwise."""
        more = {"kind": "mine", "site": "s:mine", "party": "miner"} | more
        output = {"lot": f"l:{lot}", "material": material, "kg": kg(mass)}
        return self.post("source", outputs=[output], **more)[f"l:{lot}"]

    def transform(
        self,
        process: str,
        inputs: dict[str, int | str],
        outputs: dict[str, Any],
        **more: Any,
    ) -> dict[str, Account]:
        """``outputs``: lot → material, kg and, unless it is a product, role. What refines or smelts has begun
        a day before, unless ``from`` is given."""
        more = {"site": "s:works", "party": "maker", "model": "segregated"} | more
        if process in self.method.refines | self.method.smelts:
            more = {"from": format_time(parse_time(self.time) - 86_400)} | more
        return self.post(
            "transform",
            process=process,
            inputs=[{"lot": f"l:{lot}", "kg": kg(mass)} for lot, mass in inputs.items()],
            outputs=[
                {"lot": f"l:{lot}", "material": row[0], "kg": kg(row[1]), "role": (*row, "product")[2]}
                for lot, row in outputs.items()
            ],
            **more,
        )

    def has(self, lot: str, account: Account, grams: int, material: str = "liquid_aluminium") -> None:
        """A lot that came from somewhere else, with what it carries."""
        self.accounts[f"l:{lot}"] = account
        self.lots[f"l:{lot}"] = Lot(material, grams, False, "product", "p:x", "s:x", 0, "p:x e:x", (), ())


def gas(kg_co2e: str, scope: int = 1, gas: str = "CO2e") -> list[dict[str, Any]]:
    """One emission, as a list."""
    return [{"scope": scope, "gas": gas, "kg": kg_co2e}]
