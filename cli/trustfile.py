"""Trust files as commands read them."""

from cli import files
from ledger.errors import OrelineError
from ledger.trust import Trust


def trust_of(name: str) -> Trust:
    """The trust file of that name; ``OrelineError`` with the file's name and line."""
    text = files.read_text(name).replace("\r\n", "\n")  # mail programs of some systems end lines so
    if text.startswith("{"):
        raise OrelineError("command.content", name, "this is JSON, perhaps a proof, and no trust file")
    with files.named(name):
        return Trust.parse(text)
