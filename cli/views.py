"""How things of the ledger are shown: each as its JSON value and its text for people.

Every function returns (value, text) or None; ``text`` is a function, so that only what is wanted is made.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import islice
from typing import Any, TypeVar

import orjson

from cli import output
from cli.way import shares_text
from ledger.lookup import paging, queries, trace
from ledger.lookup import search as searching
from ledger.lookup.views import AttestationView, EventLine, EventView, Hit, LotView, Mark, Registered
from ledger.quantity import format_instant, format_time, shown_kg
from ledger.register import Charter, Charters, Key, Keys, Party, Site
from ledger.store import Store

T = TypeVar("T")
Answer = tuple[Any, Callable[[], str]]
MOST = 1_000  # hits of a search


def every(ask: Callable[..., paging.Page[T]], *asked: object, limit: int = paging.MOST) -> Iterator[T]:
    """All items of all pages, so many on each, of a question to the store."""
    cursor = None
    while True:
        page = ask(*asked, limit=limit, cursor=cursor)
        yield from page.items
        cursor = page.next
        if cursor is None:
            return


# --- Lots and events


def lot(store: Store, id: str) -> Answer | None:
    """A lot."""
    found, made_of = queries.lot(store, id), trace.shares(store, id)
    if found is None or made_of is None:
        return None
    view = found

    def text() -> str:
        parts = [id, "", output.fields(_lot_members(view))]
        if made_of.origins:
            parts += ["", "Origins", "", shares_text(made_of)]
        parts += ["", "From hand to hand", "", _lines(view.history)]
        if view.attestations:
            parts += ["", "Attestations", "", attestation_table(view.attestations)]
        return "\n".join(parts)

    return {**found.as_json(), "shares": made_of.as_json()}, text


def _lot_members(view: LotView) -> dict[str, object]:
    lot, hold, owner = view.lot, view.hold, view.owner
    left = shown_kg(view.left) if view.left else "nothing; `oreline uses` tells where it went"
    if hold.withdrawn:
        left = "nothing: its birth was withdrawn"
    found: dict[str, object] = {
        "material": f"{lot.material}, one item" if lot.item else lot.material,
        "mass": shown_kg(lot.grams),
        "left": left,
        "marks": ", ".join(f"{name} {value}" for name, value in view.marks),
        "made by": lot.party,
        "at": lot.site,
        "since": format_time(lot.since),
        "held by": hold.holder,
        "there": hold.site,
        "on its way to": hold.to,
        "owned by": owner.owner,
        "title passes to": owner.to,
    }
    return {name: value for name, value in found.items() if value}


def event(store: Store, party: str, id: str) -> Answer | None:
    """An event by its party and its id."""
    return _event(queries.event(store, party, id))


def entry(store: Store, index: int) -> Answer | None:
    """The event in an entry, by the entry's index."""
    return _event(queries.entry(store, index))


def _event(view: EventView | None) -> Answer | None:
    if view is None:
        return None

    def text() -> str:
        line = view.line
        members = {
            "party": line.party,
            "entry": f"{line.at}, received {format_instant(line.received)}",
            "signed by key": view.kid,
            "open": marks(line.open),
        }
        shown = {name: value for name, value in members.items() if value}
        payload = orjson.dumps(view.payload, option=orjson.OPT_INDENT_2).decode()
        parts = [f"{line.type} {line.id}", "", output.fields(shown), "", payload]
        if view.touched:
            parts += ["", "What was said of it since", "", _lines(view.touched)]
        return "\n".join(parts)

    return view.as_json(), text


def _lines(lines: Sequence[EventLine]) -> str:
    rows = [(line.at, format_time(line.time), line.type, line.id, marks(line.open)) for line in lines]
    return output.table(("entry", "time", "type", "id", "open"), rows, right=(0,))


def marks(open: Iterable[Mark]) -> str:
    """Open marks on one line."""
    return ", ".join(f"{mark.mark} by {mark.party}" for mark in open)


# --- Parties and sites


def party(store: Store, id: str) -> Answer | None:
    """A party with its keys and sites."""
    party, keys = Key("party", id), Key("keys", id)
    known = store.read((party, keys))
    if party not in known:
        return None
    value: Party = known[party].value
    its: Keys = known[keys].value if keys in known else Keys(())
    open = queries.marks(store, (f"party {id}",))[f"party {id}"]
    sites = list(every(queries.sites, store, id))
    shown = Registered(id, value, open).as_json()
    shown["keys"] = [
        {"kid": kid, "registered": format_instant(received), "live": live}
        for kid, _, received, live in its.known
    ]
    shown["sites"] = [site.id for site in sites]

    def text() -> str:
        members = {
            "name": value.name,
            "country": value.country,
            "roles": ", ".join(value.roles),
            "lot prefixes": value.prefixes,
            "successor": value.successor,
            "open": marks(open),
            "sites": shown["sites"] or "none yet: oreline site add",
            "keys": [f"{kid}{'' if live else ' (revoked)'}" for kid, _, _, live in its.known]
            or "none yet: oreline key register",
        }
        return f"{id}\n\n{output.fields({name: value for name, value in members.items() if value})}"

    return shown, text


def site(store: Store, id: str) -> Answer | None:
    """A site with what is in stock there, and the mass-balance accounts that are kept for it."""
    key = Key("site", id)
    known = store.read((key,))
    if key not in known:
        return None
    value: Site = known[key].value
    open = queries.marks(store, (f"site {id}",))[f"site {id}"]
    stock = list(every(queries.balances, store, id))
    shown = Registered(id, value, open).as_json()
    shown["balances"] = [balance.as_json() for balance in stock]
    accounts = queries.accounts(store, id)
    shown["accounts"] = [account.model_dump(mode="json") for account in accounts]

    def text() -> str:
        members = {
            "operator": value.operator,
            "kinds": ", ".join(value.kinds),
            "place": value.subdivision or value.country,
            "open": marks(open),
            "accounts": [
                f"{one.id}, {one.period}, {'closed' if one.closed else 'open'}, {one.scheme}"
                for one in accounts
            ],
        }
        rows = [
            (row.material, shown_kg(row.stock), shown_kg(row.transit) if row.transit else "", row.owner)
            for row in stock
        ]
        heads = ("material", "here", "on the way out", "owner")
        there = output.table(heads, rows, right=(1, 2)) if rows else "Nothing is in stock."
        return f"{id}\n\n{output.fields({n: v for n, v in members.items() if v})}\n\n{there}"

    return shown, text


# --- Lists


def catalogue(store: Store) -> Answer:
    """The catalogue of the charter that was written last."""
    charters: Charters = store.read((Key("charters", ""),))[Key("charters", "")].value
    key = Key("charter", str(charters.known[-1][0]))
    charter: Charter = store.read((key,))[key].value
    value = orjson.loads(charter.catalogue)

    def text() -> str:
        materials = [
            (
                name,
                "yes" if one["origin"] else "no",
                one["metal_fraction"],
                one.get("max_alloy", ""),
                one.get("remark", ""),
            )
            for name, one in value["materials"].items()
        ]
        processes = [
            (
                name,
                ", ".join(one["inputs"]),
                ", ".join(one["outputs"]),
                ", ".join(one.get("by_products", ())),
                ", ".join(f"{material} {most}" for material, most in one.get("additions", {}).items()),
                f"{one['ratio'][0]} to {one['ratio'][1]} kg "
                + ("in per kg out" if one.get("per") == "output" else "out per kg in"),
                one.get("max_loss", ""),
                ", ".join(one["site_kinds"]),
            )
            for name, one in value["processes"].items()
        ]
        sources = [
            (name, ", ".join(one["materials"]), ", ".join(one["site_kinds"]))
            for name, one in value["sources"].items()
        ]
        marks = [(name, "yes" if one["unique"] else "no") for name, one in value["marks"].items()]
        return "\n".join(
            [
                f"Catalogue of {charter.name}, entry {key.id}",
                "",
                output.table(("material", "origin", "metal", "alloy at most", "remark"), materials),
                "",
                "Processes",
                "",
                output.table(
                    ("process", "takes", "gives", "by-products", "adds", "limits", "loss at most", "at"),
                    processes,
                ),
                "",
                "Sources",
                "",
                output.table(("source", "gives", "at"), sources),
                "",
                output.table(("mark", "unique"), marks),
                "",
                output.fields({"roles": ", ".join(value["roles"]), "sites": ", ".join(value["site_kinds"])}),
            ]
        )

    return value, text


def attestations(store: Store, subject: str | None) -> Answer:
    """All attestations, or those about one subject."""
    found = list(every(queries.attestations, store, subject))
    about = f" about {subject}" if subject else ""
    if subject and ":" not in subject:
        about += f", which is no id: `oreline show {subject}` searches for it"
    elif subject and not store.read(Key(kind, subject) for kind in ("party", "site", "lot", "event")):
        about += ", which is not in the ledger: look for misprints"
    return [
        one.as_json() for one in found
    ], lambda: attestation_table(found) if found else f"There are no attestations{about}."


def attestation_table(found: Sequence[AttestationView]) -> str:
    """Attestations as a table."""
    rows = [
        (
            one.value.subject,
            one.value.scheme,
            ", ".join([one.value.status, *(f"{_since(mark)} by {mark.party}" for mark in one.open)]),
            f"{format_time(one.value.valid_from)[:10]} to {format_time(one.value.valid_until)[:10]}",
            ", ".join([one.value.certifier, *map(_since, one.certifier_open)]),
            one.event.partition(" ")[2],
        )
        for one in found
    ]
    return output.table(("subject", "scheme", "status", "valid", "certifier", "id"), rows)


def _since(mark: Mark) -> str:
    return f"{mark.mark} since {format_instant(mark.since)[:10]}"


def search(store: Store, text: str) -> list[Hit]:
    """What a search finds."""
    found = every(searching.search, store, text, limit=MOST)
    return list(islice(found, MOST))


def hits(found: Sequence[Hit]) -> Answer:
    """Several hits of a search."""
    rows = [(hit.kind, hit.id, f"{hit.by} {hit.text}" if hit.by != "id" else "") for hit in found]
    return [hit.as_json() for hit in found], lambda: output.table(("kind", "id", "found by"), rows)
