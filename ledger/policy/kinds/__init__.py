"""The kinds of requirements, by the name that stands in ``kind``. A new kind: one file and one line here."""

from ledger.policy.kinds.accounts import Accounts
from ledger.policy.kinds.attested import Attested
from ledger.policy.kinds.benchmark import Benchmark
from ledger.policy.kinds.capacity import Capacity
from ledger.policy.kinds.elements import Elements
from ledger.policy.kinds.evidence import Evidence
from ledger.policy.kinds.exclusive import Exclusive
from ledger.policy.kinds.expression import Expression
from ledger.policy.kinds.fields import Fields
from ledger.policy.kinds.footprint import FootprintMost
from ledger.policy.kinds.instruments import Instruments
from ledger.policy.kinds.known_origin import KnownOrigin
from ledger.policy.kinds.lag import LagMost
from ledger.policy.kinds.model import ModelLeast
from ledger.policy.kinds.months import Months
from ledger.policy.kinds.places import Places
from ledger.policy.kinds.recycled import RecycledLeast
from ledger.policy.kinds.renewable import RenewableLeast
from ledger.policy.kinds.standing import Standing
from ledger.policy.kinds.technology import Technology
from ledger.policy.requirement import Requirement

KINDS: dict[str, type[Requirement]] = {
    "attested": Attested,
    "technology": Technology,
    "places": Places,
    "known_origin": KnownOrigin,
    "footprint": FootprintMost,
    "benchmark": Benchmark,
    "recycled": RecycledLeast,
    "renewable": RenewableLeast,
    "model": ModelLeast,
    "accounts": Accounts,
    "instruments": Instruments,
    "months": Months,
    "capacity": Capacity,
    "standing": Standing,
    "lag": LagMost,
    "evidence": Evidence,
    "fields": Fields,
    "elements": Elements,
    "exclusive": Exclusive,
    "expression": Expression,
}
