"""The kinds of requirements, by the name that stands in ``kind``. A new kind: one file and one line here."""

from ledger.policy.kinds.attested import Attested
from ledger.policy.kinds.benchmark import Benchmark
from ledger.policy.kinds.footprint import FootprintMost
from ledger.policy.kinds.known_origin import KnownOrigin
from ledger.policy.kinds.places import Places
from ledger.policy.requirement import Requirement

KINDS: dict[str, type[Requirement]] = {
    "attested": Attested,
    "places": Places,
    "known_origin": KnownOrigin,
    "footprint": FootprintMost,
    "benchmark": Benchmark,
}
