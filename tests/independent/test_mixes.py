"""What inputs weigh among each other, and from when on there was enough: any mix, in both implementations."""

import json
import random
from types import SimpleNamespace
from typing import Any

import pytest

from ledger.quantity import format_kg
from ledger.rules.catalogue import Catalogue
from ledger.rules.custody import Input, _since
from tests.independent.harness import HERE

from values import there_was, weights_in  # isort: skip

TEXT = (HERE.parents[1] / "cli/data/catalogue.json").read_text("utf-8")
THEIRS: dict[str, dict[str, Any]] = json.loads(TEXT)["processes"]
OURS = Catalogue.parse(TEXT).processes
MASSES = (1, 2, 3, 100, 180, 1_000, 99_999, 10**9)


@pytest.mark.parametrize("name", sorted(THEIRS))
def test_any_mix_is_seen_alike(name: str) -> None:
    chance = random.Random(name)
    materials = sorted({*THEIRS[name]["inputs"], *THEIRS[name]["outputs"]} - {"any", "same"}) or ["coil"]
    for _ in range(60):
        parts = [
            (chance.choice(materials), chance.choice(MASSES), chance.randrange(5))
            for _ in range(chance.randint(1, 6))
        ]
        masses = [chance.choice(MASSES) for _ in range(chance.randint(1, 6))]
        if chance.random() < 0.5:  # of what is plausible
            into = sum(mass for _, mass, _ in parts)
            masses = [max(1, into * chance.choice((45, 90, 98, 100, 130)) // 100 // len(masses))] * len(
                masses
            )
        found = OURS[name].weights(
            [(material, 1000 * mass) for material, mass, _ in parts], 1000 * sum(masses)
        )
        mixed = [(material, mass) for material, mass, _ in parts]
        assert found == weights_in(THEIRS[name], mixed, sum(masses))
        roles = [chance.choice(("product", "product", "by_product")) for _ in masses]
        began = chance.randrange(5)
        outputs = [
            SimpleNamespace(lot=n, grams=mass, role=role)
            for n, (mass, role) in enumerate(zip(masses, roles, strict=True))
        ]
        event = SimpleNamespace(start=began, outputs=outputs)
        inputs = [
            Input(SimpleNamespace(material=material, composition=(("a", 1),)), mass, "", since)
            for material, mass, since in parts
        ]
        lines = [{"kg": format_kg(mass), "role": role} for mass, role in zip(masses, roles, strict=True)]
        there = [(since, {"material": material}, mass) for material, mass, since in parts]
        expected = [
            max(began, there_was(THEIRS[name], there, lines, lines[: n + 1])) for n in range(len(lines))
        ]
        assert _since(event, OURS[name], inputs, dict.fromkeys(range(len(outputs)))) == expected
