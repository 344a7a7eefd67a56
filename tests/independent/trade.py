"""Trade that chance makes up: both checkers must share out the same grams and refuse the same events."""

import random

from tests.independent.harness import DEMO, said

SMELTER = f"{DEMO}party:laterriere"
CASTHOUSE = f"{DEMO}site:laterriere-casthouse"
Line = dict[str, object]


def kilograms(amount: int) -> str:
    return f"{amount // 1000}.{amount % 1000:03}".rstrip("0").rstrip(".")


class Trade:
    """Alloy metal of some origins is blended, divided, shipped and counted, by chance and with slips."""

    def __init__(self, seed: int, slips: float):
        self.chance, self.slips = random.Random(seed), slips
        self.material = self.chance.choice(("silicon", "silicon", "master_alloy"))
        self.left: dict[str, int] = {}  # grams of each lot that nobody has used
        self.events: list[dict] = []
        self.births = self.minutes = 0

    def slip(self) -> bool:
        return self.chance.random() < self.slips

    def post(self, type_: str, **members: object) -> dict:
        self.minutes += self.chance.choice((0, 0, 1, 3)) - 5 * self.slip()
        times = {"time": f"2026-03-14T{6 + self.minutes // 60:02}:{self.minutes % 60:02}:00Z"}
        if self.chance.random() < 0.5:
            times["from"] = f"2026-03-14T0{self.chance.randrange(7)}:00:00Z"
        self.events.append(said(type_, SMELTER, len(self.events), **members) | times)
        return {"party": SMELTER, "id": self.events[-1]["id"]}

    def name(self) -> str:
        self.births += not self.slip()
        return f"{DEMO}lot:laterriere:made-up-{self.births}"

    def output(self, amount: int, **members: object) -> Line:
        lot = self.name()
        self.left[lot] = amount
        return {"lot": lot, "kg": kilograms(amount), "material": self.material} | members

    def some(self, most: int) -> int:
        """From a gram to all of it, small amounts and large ones alike."""
        return max(1, min(most, int(most ** self.chance.random()) if self.chance.random() < 0.7 else most))

    def take(self) -> Line:
        if not any(self.left.values()):
            self.source()
        lot = self.chance.choice([lot for lot, left in self.left.items() if left])
        amount = self.some(self.left[lot])
        self.left[lot] -= amount
        return {"lot": lot, "kg": kilograms(amount + 10**9 * self.slip())}

    def source(self) -> None:
        amount = self.chance.choice((1, 7, 999, 12_345, 10**7, 10**12 - 1))
        kind = self.chance.choice(("addition", "addition", "purchase", "gain"))
        named = {"origin": f"urn:made-up:{self.chance.randrange(9)}"} if self.chance.random() < 0.8 else {}
        self.post("source", site=CASTHOUSE, kind=kind, outputs=[self.output(amount)], **named)

    def blend(self) -> None:
        lines = {line["lot"]: line for line in (self.take() for _ in range(self.chance.randint(1, 4)))}
        left = into = sum(round(float(str(line["kg"])) * 1000) for line in lines.values())
        outputs = []
        while left and len(outputs) < 5:
            amount = self.some(left)
            left -= amount
            dust = (
                {"material": "dust", "role": "by_product"} if outputs and self.chance.random() < 0.1 else {}
            )
            outputs.append(self.output(amount, **dust))
        if 20 * left > into and not self.slip():  # more than blending may lose
            outputs.append(self.output(left, material="dust", role="by_product"))
        if self.slip():
            outputs.append(self.output(into))
        for out in outputs:
            if out["material"] == "dust":
                self.left[str(out["lot"])] = 0
        one_name = len({out["lot"] for out in outputs}) < len(outputs) or {
            out["lot"] for out in outputs
        } & set(lines)
        if not one_name:
            self.post(
                "transform", site=CASTHOUSE, process="blend", inputs=[*lines.values()], outputs=outputs,
                model="controlled_blending",
            )  # fmt: skip

    def move(self) -> None:
        line = self.take()
        amount, part = round(float(str(line["kg"])) * 1000), self.name()
        ship = self.post("ship", site=CASTHOUSE, lines=[line | {"as": part}], to=SMELTER)
        result = self.chance.choice(("accepted", "accepted", "refused"))
        arrived = (
            amount if result == "refused" else max(1, amount - self.chance.choice((0, 0, 1, amount // 3)))
        )
        self.left[part] = arrived
        if not self.slip():
            back = {"lot": part, "kg": kilograms(arrived), "result": result}
            self.post("receive", of=ship, site=CASTHOUSE, lines=[back])

    def count(self) -> None:
        line = self.take()
        left = self.left[str(line["lot"])] + round(float(str(line["kg"])) * 1000)
        self.left[str(line["lot"])] = found = self.some(left)
        self.post("count", site=CASTHOUSE, lines=[line | {"kg": kilograms(found)}], basis="weighed")

    def run(self, steps: int) -> str:
        """The lot to be proven: the last that was blended, but for dust."""
        for _ in range(3):
            self.source()
        for _ in range(steps):
            self.chance.choice(
                (self.source, self.blend, self.blend, self.blend, self.move, self.move, self.count)
            )()
        blended = [out for event in self.events if event["type"] == "transform" for out in event["outputs"]]
        return str([out for out in blended if out["material"] == self.material][-1]["lot"])
