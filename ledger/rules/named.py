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
    site = getattr(event, "site", None)
    if site:
        keys += [Key("site", site), Key("status", f"site {site}")]
    of = getattr(event, "of", None)
    if of:
        keys += [Key("event", of.name), Key("status", f"event {of.name}")]
    to = getattr(event, "to", None)
    if to:
        keys.append(Key("party", to))
    for line in (*getattr(event, "inputs", ()), *getattr(event, "lines", ())):
        keys += [Key(kind, line.lot) for kind in ("lot", "hold", "owner", "used")]
        part = getattr(line, "as_", None)
        if part:
            keys += [Key(kind, part) for kind in ("lot", "hold", "owner", "used")]
    for output in getattr(event, "outputs", ()):
        keys += [Key(kind, output.lot) for kind in ("lot", "hold", "owner", "used")]
        if output.owner:
            keys.append(Key("party", output.owner))
    return tuple(keys)
