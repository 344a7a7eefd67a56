"""The garbage collector, set for long work.

Admission makes many objects and hardly any cycles, so with CPython's usual thresholds nearly a third of
the time goes into searching for garbage that is not there.
"""

import gc

THRESHOLDS = (50_000, 50, 100)


def settle() -> None:
    """Take what is loaded out of the search, and search rarely. For posting, auditing, serving."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(*THRESHOLDS)
