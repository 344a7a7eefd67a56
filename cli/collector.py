"""The garbage collector and the interpreter lock, set for long work.

Admission makes many objects and hardly any cycles, so with CPython's usual thresholds nearly a third of
the time goes into searching for garbage that is not there. And while one thread judges a batch, another
that has to read the next one asks for the lock in vain for 5 ms, each time that it let go of it.
"""

import gc
import sys

THRESHOLDS = (50_000, 50, 100)
TURN = 0.001  # seconds that a thread may keep the interpreter lock while another waits


def settle() -> None:
    """Search rarely, and not what is loaded already; take turns often. For posting, auditing, serving."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(*THRESHOLDS)
    sys.setswitchinterval(TURN)
