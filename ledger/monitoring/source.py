"""A log as it is served over HTTP (C2SP tlog-tiles): its checkpoint, its tiles, its entries. Nothing that
comes from here is believed until it hashes into a signed root."""

from ledger import note
from ledger.entry import MAX_ENTRY
from ledger.errors import EnvironmentFault, Malformed
from ledger.exchange import exchange, is_url
from ledger.tiles import ENTRIES, FULL_TILE, WIDTH, decode_bundle, tile_path

PREFIX = "log"  # below the ledger's URL
SECONDS = 30.0
MAX_BUNDLE = WIDTH * (2 + MAX_ENTRY)


class HttpSource:
    """The log of the ledger at ``url``. Raises ``EnvironmentFault`` ``network.unreachable`` and
    ``network.status`` where it does not give what is asked for."""

    def __init__(self, url: str) -> None:
        if not is_url(url):
            detail = "the URL does not begin with http:// or https://"
            raise EnvironmentFault("network.unreachable", url, detail)
        self._url = f"{url.rstrip('/')}/{PREFIX}"

    def checkpoint(self) -> str:
        """The signed note that is published now; ``Malformed("note.text")`` if it is not UTF-8."""
        data = self._found("checkpoint", note.MAX_NOTE)
        try:
            return data.decode()
        except UnicodeDecodeError:
            raise Malformed("note.text") from None

    def tile(self, level: int, number: int, width: int) -> bytes:
        """At least the first ``width`` hashes of a tile."""
        return self._wide(level, number, width, FULL_TILE)

    def entries(self, number: int, width: int) -> list[bytes]:
        """The first ``width`` entries of a bundle, or fewer if it has no more; ``Malformed``."""
        return decode_bundle(self._wide(ENTRIES, number, width, MAX_BUNDLE))[:width]

    def _wide(self, level: int, number: int, width: int, most: int) -> bytes:
        """A partial tile; where that is gone, the full one, which it has grown to."""
        try:
            return self._found(tile_path(level, number, width), most)
        except EnvironmentFault as fault:
            if width == WIDTH or fault.code != "network.status":
                raise
            return self._found(tile_path(level, number), most)

    def _found(self, path: str, most: int) -> bytes:
        url = f"{self._url}/{path}"
        status, data = exchange(url, seconds=SECONDS, most=most)
        if status != 200:
            raise EnvironmentFault("network.status", url, f"status {status}")
        return data
