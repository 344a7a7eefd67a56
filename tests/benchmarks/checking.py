"""How long it takes to say whether a hood may be bought: claims told from the ledger, and a policy asked."""

import random
from collections.abc import Sequence
from functools import partial

from ledger.claiming import Claiming
from ledger.policy import Policy, judge, load
from ledger.store.sqlite import SqliteStore
from tests.benchmarks.figures import Figure, milliseconds, spread
from tests.benchmarks.ledgers import Built

POLICY = "low-carbon-hood"
ONE_BY_ONE = 100  # hoods, of which each is asked for alone
AT_ONCE = 1_000  # hoods in one call


def checking(built: Built) -> list[Figure]:
    """Of one ledger: the first check ever, checks of hoods one by one, and of a thousand in one call. Each
    call tells the ledger as it stands, so it shares nothing with the one before but the kept accounts."""
    store = SqliteStore(built.folder)
    random.seed(2)
    late = random.sample(built.late, min(AT_ONCE, len(built.late)))
    policy, of = load(POLICY), built.title
    first = milliseconds(lambda: _check(store, policy, late[:1]))
    figures = [Figure(f"first check of a hood, {of}", first, "ms", "", "folds what nobody has asked for yet")]
    _check(store, policy, late)
    alone = [milliseconds(partial(_check, store, policy, [hood])) for hood in late[:ONE_BY_ONE]]
    figures += spread(f"check of a hood, {of}", alone, "ms", "< 50 ms", f"{POLICY}, {len(alone)} hoods")
    whole = milliseconds(lambda: _check(store, policy, late)) / len(late)
    share = sum(alone) / len(alone)
    figures.append(
        Figure(
            f"check of {len(late)} hoods at once, each, {of}", whole, "ms", f"< {share:.2f} ms", "one by one"
        )
    )
    store.close()
    return figures


def _check(store: SqliteStore, policy: Policy, lots: Sequence[str]) -> None:
    for claims in Claiming(store).all(lots):
        assert judge(policy, claims).findings
