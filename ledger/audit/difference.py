"""A difference between what a store holds and what its entries say."""

import json
from typing import Any, NamedTuple

from ledger.codes import CODES


class Difference(NamedTuple):
    """What the store holds, what the entries say, and where: ``$.entries[17]``. A ``Problem`` with
    both sides; ``index``: the entry that it belongs to, None for the whole ledger."""

    code: str
    path: str
    detail: str
    remedy: str
    stored: str
    derived: str
    index: int | None  # type: ignore[assignment]  # tuple.index is not missed

    def as_json(self) -> dict[str, Any]:
        """The JSON object of this difference."""
        return self._asdict()


def difference(
    code: str, path: str, stored: Any, derived: Any, index: int | None = None, detail: str = ""
) -> Difference:
    """The ``Difference`` of a code, its remedy looked up."""
    meaning = CODES[code]
    return Difference(
        code, path, detail or meaning.meaning, meaning.remedy, _shown(stored), _shown(derived), index
    )


def _shown(value: Any) -> str:
    if isinstance(value, bytes):
        value = value.hex()
    text = value if isinstance(value, str) else json.dumps(value, default=str)
    return text if len(text) <= 500 else f"{text[:497]}..."
