"""What certifiers measured, against what the entries come to: docs/reference/claims.md, "Attestations"."""

from fractions import Fraction

from shares import Account

SHARES = {
    "recycled_post_consumer": ("post",),
    "recycled_pre_consumer": ("pre",),
    "recycled": ("post", "pre"),
    "recycled_content": ("post", "pre"),
}
FOOTPRINTS = ("footprint", "carbon_footprint", "product_carbon_footprint", "pcf")
OF_ALL = {"kg/kg": 1, "t/t": 1, "g/g": 1, "%": 100}
PER_MASS = {"kg/kg": 1, "t/t": 1, "kgCO2e/kg": 1, "tCO2e/t": 1, "g/kg": 1000, "kg/t": 1000, "kgCO2e/t": 1000}


def contradicted(value: dict, account: Account, grams: int) -> bool:
    """Whether a measured value is better than the account of a lot of so many grams."""
    amount, unit, quantity = Fraction(value["amount"]), value["unit"], value["quantity"]
    places = len(value["amount"].partition(".")[2])
    half = Fraction(10**6 // (2 * 10**places), 10**6)
    if quantity in SHARES and unit in OF_ALL:
        words = (*SHARES[quantity], "unknown", "unproven")
        rules = [account.vectors.get(rule, {}) for rule in ("own_loop", "own_party")]
        most = max(sum(mg for label, mg in of.items() if label.split(" ")[0] in words) for of in rules)
        slack = min(half, Fraction(OF_ALL[unit], 200))
        return amount - slack > Fraction(most, 1000 * grams) * OF_ALL[unit]
    if quantity in FOOTPRINTS and unit in PER_MASS and value.get("boundary") == "cradle_to_gate":
        named = {"cut_off": account.cut_off.total, "by_mass": account.by_mass.total}
        ug = named.get(value.get("method", ""), min(named.values()))
        slack = min(half, Fraction(PER_MASS[unit], 20))
        return amount + slack < Fraction(ug, grams * 10**6) * PER_MASS[unit]
    return False
