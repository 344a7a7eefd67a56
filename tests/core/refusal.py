"""What a parser says about bad input."""

from collections.abc import Callable
from typing import Any

import pytest

from ledger.errors import Malformed


def refusal(call: Callable[..., Any], *arguments: Any) -> tuple[str, str]:
    """The code and the path of the ``Malformed`` that the call must raise."""
    with pytest.raises(Malformed) as caught:
        call(*arguments)
    return caught.value.code, caught.value.path


def read_or_code(call: Callable[..., Any], *arguments: Any) -> Any:
    """What the call returns, or the code of the ``Malformed`` that it raises, as ``str``."""
    try:
        return call(*arguments)
    except Malformed as fault:
        return fault.code
