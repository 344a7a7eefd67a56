"""Which entries of a proof count: docs/reference/formats/checks.md, "Which entries count"."""

from lineage import parents
from lots import name_of
from values import jwk

Record = tuple[str, str]
FOUNDING = ("registrar_keys", "recovery_key", "operator_key")
HELD = ("lot", "hold", "owner")
NAMED = ("lot", "party", "site")


def keys_brought(event: dict) -> list[tuple[str, list[str], list[bytes]]]:
    """The keys that an event brings, as `jwk` reads them."""
    found = []
    for member in (*FOUNDING, "jwk"):
        given = event.get(member, [])
        found += [jwk(key) for key in (given if isinstance(given, list) else [given])]
    return found


def each(kinds: tuple[str, ...], key: str) -> set[Record]:
    return {(kind, key) for kind in kinds}


def writes(index: int, event: dict) -> set[Record]:
    type_, found = event["type"], {("event", name_of(event))}
    found |= {("key", key[0]) for key in keys_brought(event)}
    if type_ in ("charter", "amend"):
        found |= {("charters", ""), ("charter", str(index))}
    elif type_ in ("party", "site"):
        found.add((type_, event["subject"]))
    elif type_ == "attest":
        found.add(("attestation", name_of(event)))
    elif type_ == "account":
        found.add(("book", event["account"]))
    elif type_ == "agree":
        found.add(("agreement", name_of(event.get("of", event))))
    for out in event.get("outputs", []):
        found |= each(HELD, out["lot"])
    for line in event.get("lines", []):
        if type_ == "ship":
            found |= each(HELD, line["as"]) if "as" in line else {("hold", line["lot"])}
        elif type_ == "receive":
            found |= each(("hold", "owner") if "site" in event else ("owner",), line["lot"])
        elif type_ == "transfer":
            found.add(("owner", line["lot"]))
    return found


def touches(event: dict) -> set[Record]:
    type_ = event["type"]
    if type_ in ("party", "site"):
        return {(type_, event["subject"])}
    if type_ == "revoke_key":
        return {("key", event["kid"])}
    if type_ in ("correct", "revoke_attestation"):
        return {("event", name_of(event["of"]))}
    if type_ == "attest":
        subject = event["subject"]
        return each(NAMED, subject) if isinstance(subject, str) else {("event", name_of(subject))}
    return set()


def rests_on(kid: str, event: dict) -> set[Record]:
    found = {("key", kid), ("event", name_of(event)), ("charters", "")} | touches(event)
    for member in ("party", "to", "with", "operator", "successor", "subject"):
        if isinstance(event.get(member), str):
            found.add(("party", event[member]))
    sites = [event["site"]] if "site" in event else []
    sites += event.get("sites", []) if event["type"] in ("key", "account") else []
    found |= {("site", site) for site in sites}
    if "destination" in event.get("terms", {}):
        found.add(("site", event["terms"]["destination"]))
    accounts = event.get("account"), event.get("before"), event.get("coc", {}).get("account")
    found |= {("book", account) for account in accounts if account}
    if event["type"] == "agree":
        found.add(("agreement", name_of(event.get("of", event))))
    elif "agreement" in event:
        found.add(("agreement", name_of(event["agreement"])))
    found |= {("event", name_of(event[member])) for member in ("of", "replaced_by") if member in event}
    if event["type"] == "revoke_attestation":
        found.add(("attestation", name_of(event["of"])))
    for line in [*event.get("lines", []), *event.get("inputs", [])]:
        found |= each(HELD, line["lot"]) | (each(NAMED, line["as"]) if "as" in line else set())
    for out in event.get("outputs", []):
        found |= each(NAMED, out["lot"]) | ({("party", out["owner"])} if "owner" in out else set())
    return found


def aside(key: Record, event: dict, lots: set[str]) -> bool:
    """Whether it is of a lot that only travelled along."""
    return "lines" in event and key[0] in HELD and key[1] not in lots


def reads(event: dict) -> set[str]:
    """The lots that it uses or moves."""
    return {line["lot"] for line in [*event.get("lines", []), *event.get("inputs", [])]}


def ancestry(subject: str, born: dict[str, dict]) -> set[str]:
    """The subject, and what it is made of or was split from. `born`: lots and the events that bore them."""
    found, todo = set(), [subject]
    while todo:
        lot = todo.pop()
        if lot not in found:
            found.add(lot)
            todo += parents(born[lot], lot) if lot in born else []
    return found


def births(entries: list[tuple[int, dict]]) -> dict[str, dict]:
    """The lots that the entries would bear, each with the first event that does."""
    found: dict[str, dict] = {}
    for index, event in entries:
        for kind, key in writes(index, event) if event else ():
            if kind == "lot":
                found.setdefault(key, event)
    return found


def judged(subject: str, entries: list[tuple[int, str, dict]]) -> set[int]:
    """Indices of the judged ones among the entries (index, kid, event; an empty event could not be read)."""
    readable = [(index, kid, event) for index, kid, event in entries if event]
    wrote = {index: writes(index, event) for index, _, event in readable}
    touched = {index: touches(event) for index, _, event in readable}
    lots = ancestry(subject, births([(index, event) for index, _, event in readable]))
    rests = {
        index: {key for key in rests_on(kid, event) if not aside(key, event, lots)}
        for index, kid, event in readable
    }
    start = each(HELD, subject) | {("charters", "")}
    spoken_of = {("lot", lot) for lot in lots}
    counts = {index for index in wrote if wrote[index] & start or spoken_of & touched[index]}
    new = list(counts)
    while new:
        one = new.pop()
        more = {index for index in wrote if index < one and wrote[index] & rests[one]}
        said = {key for key in wrote[one] if key[0] != "lot"}
        more |= {index for index in wrote if index > one and touched[index] & said}
        new += more - counts
        counts |= more
    return counts | {index for index, _, event in entries if not event}
