"""Which records an event will read, as far as the event itself tells.

For the writer only a matter of speed: it fetches them in bulk, and a rule that reads what is not named
here reads it all the same. For the offline check it decides more: which entries of a proof the subject
rests on, and so are judged (``ledger.check.evidence``, docs/reference/formats/checks.md).
"""

from typing import Any

from ledger.register import event_name
from ledger.rules.draft import PlainKey
from ledger.rules.sums import month_of, spent_on


def named(event: Any) -> list[PlainKey]:
    """The records (kind, id) that judging this event will read."""
    keys: list[PlainKey] = [
        ("event", event_name(event.party, event.id)),
        ("charters", ""),
        ("party", event.party),
        ("status", f"party {event.party}"),
        ("posted", f"{event.party} {event.time[:7]}"),
    ]
    members = vars(event)
    if site := members.get("site"):
        keys += [("site", site), ("status", f"site {site}")]
    if month := month_of(event):
        keys.append(("month", " ".join(month)))
    if of := members.get("of"):
        keys += [("event", of.name), ("status", f"event {of.name}")]
    keys += [("party", members[name]) for name in ("to", "with_") if name in members]
    keys += _of_terms(event)
    for energy in members.get("energy") or ():
        if energy.instrument is not None:
            keys += [("spent", id) for id in spent_on(energy.instrument, event)]
    for line in (*members.get("inputs", ()), *members.get("lines", ())):
        keys += _of_lot(line.lot)
        if part := vars(line).get("as_"):
            keys += _of_new(part)
    for output in members.get("outputs", ()):
        keys += _of_new(output.lot)
        if output.owner:
            keys.append(("party", output.owner))
        for name, value in output.marks.items():  # unique to its party, or to its lot
            keys += [("mark", f"{name} {value} {of}") for of in (event.party, output.lot)]
    return keys


def _of_terms(event: Any) -> list[PlainKey]:
    """What an account or an agreement that is named makes the event rest on."""
    members = vars(event)
    keys: list[PlainKey] = []
    coc = members.get("coc")
    for account in (members.get("account"), members.get("before"), coc and coc.account):
        if account:
            keys += [("book", account), ("account", account)]
    if members.get("account"):
        keys += [("coc", line.lot) for line in members.get("inputs", ())]
    elif event.type == "transform":
        keys += [("scope", f"{event.site} {output.material}") for output in event.outputs]
    elif event.type == "ship":
        keys += [("coc", line.lot) for line in event.lines if coc or line.as_]
    if event.type == "account":
        keys += [("site", site) for site in event.sites]
        keys += [("scope", f"{site} {material}") for site in event.sites for material in event.materials]
    elif event.type == "agree":
        keys.append(("agreement", event.of.name if event.of else event_name(event.party, event.id)))
        if event.terms.destination:
            keys.append(("site", event.terms.destination))
    elif agreement := members.get("agreement"):
        keys.append(("agreement", agreement.name))
    return keys


def _of_new(lot: str) -> list[PlainKey]:
    return [("lot", lot), ("party", lot), ("site", lot)]


def _of_lot(lot: str) -> list[PlainKey]:
    return [("lot", lot), ("hold", lot), ("owner", lot), ("used", lot)]
