"""Names in attestations that nothing else bears: recorded as they are, they may be meant otherwise."""

from collections.abc import Collection, Iterable, Iterator
from contextlib import nullcontext
from difflib import get_close_matches
from typing import TYPE_CHECKING, Any

from cli import files, options
from cli.inputs import Input
from ledger import strictjson

if TYPE_CHECKING:
    from ledger.store import Store


def slips(found: Iterable[Input], folder: str | None) -> Iterator[str]:
    """What to say of well-formed events. Schemes are looked up among those that come with the program; what a
    scope names, in the ledger: processes and materials in its catalogue, and sites. Without a ledger the
    catalogue is the one that comes with the program, and no site is looked up."""
    events = [(one.place, strictjson.loads(one.data)) for one in found]
    attests = [(place, event) for place, event in events if event["type"] == "attest"]
    if not attests:
        return
    with options.reading(options.ledger_folder(folder)) if folder else nullcontext() as store:
        catalogue = _catalogue(store)
        for place, event in attests:
            for told in _of_one(event, catalogue, store):
                yield f"{place}: {told}"


def _catalogue(store: "Store | None") -> Any:
    if store is None:
        return strictjson.loads(files.shipped_catalogue())
    from cli.views import catalogue

    return catalogue(store)[0]


def _of_one(event: Any, catalogue: Any, store: "Store | None") -> Iterator[str]:
    from ledger.policy.shipped import schemes

    scope: dict[str, list[str]] = event.get("scope", {})
    for name in _unknown((event["scheme"], *scope.get("schemes", ())), schemes()):
        also = _near(name, schemes())
        yield f"no scheme {name} comes with Oreline{also}: only policies that bring it will find this"
    known = {
        "processes": (*catalogue["processes"], *catalogue["sources"]),
        "materials": catalogue["materials"],
    }
    for what, names in known.items():
        for name in _unknown(scope.get(what, ()), names):
            yield f"of its scope's {what} the catalogue has no {name}{_near(name, names)}"
    if store is not None and "sites" in scope:
        from ledger.register import Key

        sites = {key.id for key in store.read(Key("site", site) for site in scope["sites"])}
        for name in _unknown(scope["sites"], sites):
            yield f"of its scope's sites the ledger has no {name}"


def _unknown(names: Iterable[str], known: Collection[str]) -> list[str]:
    return [name for name in names if name not in known]


def _near(name: str, known: Iterable[str]) -> str:
    near = get_close_matches(name, known, 1)
    return f" (but {near[0]})" if near else ""
