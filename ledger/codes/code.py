"""What stands behind a code."""

from typing import NamedTuple


class Code(NamedTuple):
    """``meaning``: what is wrong. ``remedy``: what the reader should do next."""

    meaning: str
    remedy: str
