"""A ledger that is served over HTTP."""

import json
import urllib.parse
from collections.abc import Mapping, Sequence
from time import monotonic
from typing import Any

from cli import output
from cli.answers import Answer, charter_in, number_of
from ledger.codes import CODES
from ledger.errors import EnvironmentFault, OrelineError
from ledger.exchange import exchange, is_url
from ledger.judging import answer_of

SECONDS = 120  # for the whole answer
LIST_SECONDS = 300  # for a whole list, page by page
MOST = 64 * 1024 * 1024  # octets of an answer


class Remote:
    """The ledger served at a URL. Raises ``EnvironmentFault``: ``command.remote``, or the server's code."""

    def __init__(self, url: str) -> None:
        self._url = url.rstrip("/")
        self._charter: dict[str, Any] | None = None
        if not is_url(self._url):
            raise EnvironmentFault("command.remote", url, "the URL does not begin with http:// or https://")

    def charter(self) -> dict[str, Any]:
        """See ``cli.target.Target``."""
        if self._charter is None:
            status, data = self._fetch("/entries/0")
            try:
                self._charter = charter_in(data)
            except OrelineError:
                raise self._fault(status, _object(data)) from None
        return self._charter

    def party_of(self, kid: str) -> str | None:
        """See ``cli.target.Target``. A server does not tell."""
        return None

    def registered(self, kind: str, id: str) -> dict[str, str] | None:
        """See ``cli.target.Target``."""
        first = {"party": "/parties?", "site": "/sites?"}[kind]
        path = f"{first}limit=1000"
        begun = monotonic()
        while monotonic() - begun < LIST_SECONDS:
            status, page = self._ask(path)
            try:
                for row in page["items"]:
                    if row["id"] == id:
                        found: dict[str, str] = row["event"]
                        return found
                if page["next"] is None:
                    return None
                path = str(page["next"])
            except (KeyError, TypeError):
                raise self._fault(status, page) from None
            if not path.startswith(first):  # it could lead to another machine
                raise EnvironmentFault("command.remote", self._url, "the next page is none of this list")
        raise EnvironmentFault("command.remote", self._url, f"a list had no end in {LIST_SECONDS} seconds")

    def post(self, statements: Sequence[str], proceed: bool, dry_run: bool) -> Answer:
        """See ``cli.target.Target``."""
        query = {"on_error": "proceed" if proceed else "refuse", "dry_run": "true" if dry_run else "false"}
        if not dry_run:
            query["wait"] = "checkpoint"
        body = json.dumps(list(statements)).encode()
        status, found = self._ask("/events", query, body)
        if found.get("code") == "witness.quorum":  # recorded; only the checkpoint is not to be had
            output.note(
                f"recorded, so it counts as already there, and not published yet: {found.get('detail')}"
            )
            del query["wait"]
            status, found = self._ask("/events", query, body)
        try:
            if status == 200 and len(found["outcomes"]) == len(statements):
                return answer_of(found["outcomes"], found.get("checkpoint"))
            if status in (409, 422):
                return _refused(found["problems"], len(statements))
        except (IndexError, KeyError, TypeError):  # not the form of an answer
            pass
        raise self._fault(status, found)

    def check(self, lots: Sequence[str], policy: str) -> list[dict[str, Any]]:
        """The verdicts of a policy (its text) on these lots, in their order: see ``POST /check``. What has no
        colon is stamped on the lot that is meant."""
        body = json.dumps({"lots": list(lots), "policy": {"text": policy}}).encode()
        status, found = self._ask("/check", None, body)
        try:
            rows: list[dict[str, Any]] = found["lots"]
            told = zip(lots, (row["subject"] for row in rows), strict=True)
            if status == 200 and all(lot == subject or ":" not in lot for lot, subject in told):
                return rows
        except (KeyError, TypeError, ValueError):  # not the form of an answer
            pass
        raise self._fault(status, found)

    def _ask(
        self, path: str, query: Mapping[str, str] | None = None, body: bytes | None = None
    ) -> tuple[int, dict[str, Any]]:
        """Status and JSON object of the answer."""
        status, data = self._fetch(path + (f"?{urllib.parse.urlencode(query)}" if query else ""), body)
        found = _object(data)
        if not found:
            raise EnvironmentFault("command.remote", self._url, f"status {status}, and no JSON object")
        return status, found

    def _fetch(self, path: str, body: bytes | None = None) -> tuple[int, bytes]:
        """Status and octets of the answer."""
        headers = {"Content-Type": "application/json"} if body is not None else {}
        try:
            return exchange(self._url + path, body, headers, seconds=SECONDS, most=MOST)
        except EnvironmentFault as fault:
            raise EnvironmentFault("command.remote", self._url, fault.detail) from None

    def _fault(self, status: int, found: Mapping[str, Any]) -> EnvironmentFault:
        """All that the server says is wrong, under its codes as far as we know them."""
        several = found.get("problems")
        rows: list[Mapping[str, Any]]
        rows = [one for one in several if isinstance(one, dict)] if isinstance(several, list) else []
        told = [
            EnvironmentFault(str(one["code"]), self._url, str(one.get("detail") or ""))
            for one in rows or [found]
            if str(one.get("code")) in CODES
        ]
        if told:
            return EnvironmentFault(told[0].code, told[0].path, told[0].detail, told[1:])
        return EnvironmentFault("command.remote", self._url, f"the server answers with status {status}")


def _refused(problems: Sequence[dict[str, Any]], size: int) -> Answer:
    """The answer of which nothing was recorded: the problems, each with its statement. ``IndexError`` and
    the like where they name none."""
    outcomes: list[Any] = [None] * size
    for found in problems:
        number = number_of(found["path"])
        outcomes[number] = outcomes[number] or {"problems": []}
        outcomes[number]["problems"].append(found)
    return answer_of(outcomes)


def _object(data: bytes) -> dict[str, Any]:
    """The JSON object in an answer; empty where it is none."""
    try:
        found = json.loads(data)
    except (ValueError, RecursionError):
        return {}
    return found if isinstance(found, dict) else {}
