"""Which records an event will read, as far as the event itself tells: for bulk prefetch.

Only a matter of speed: a rule that reads what is not named here reads it all the same.
"""

from typing import Any

from ledger.register import Key, event_name


def named(event: Any) -> tuple[Key, ...]:
    """The keys that judging this event will read."""
    keys = [
        Key("event", event_name(event.party, event.id)),
        Key("charters", ""),
        Key("party", event.party),
        Key("status", f"party {event.party}"),
    ]
    members = vars(event)
    if site := members.get("site"):
        keys += [Key("site", site), Key("status", f"site {site}")]
    if of := members.get("of"):
        keys += [Key("event", of.name), Key("status", f"event {of.name}")]
    if to := members.get("to"):
        keys.append(Key("party", to))
    for line in (*members.get("inputs", ()), *members.get("lines", ())):
        keys += _of_lot(line.lot)
        if part := vars(line).get("as_"):
            keys += _of_new(part)
    for output in members.get("outputs", ()):
        keys += _of_new(output.lot)
        if output.owner:
            keys.append(Key("party", output.owner))
        for name, value in output.marks.items():  # unique to its party, or to its lot
            keys += [Key("mark", f"{name} {value} {of}") for of in (event.party, output.lot)]
    return tuple(keys)


def _of_new(lot: str) -> list[Key]:
    return [Key("lot", lot), Key("party", lot), Key("site", lot)]


def _of_lot(lot: str) -> list[Key]:
    return [Key("lot", lot), Key("hold", lot), Key("owner", lot), Key("used", lot)]
