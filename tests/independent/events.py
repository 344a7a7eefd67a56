"""The form of every event: docs/reference/events.md. `problems(event)` gives the codes of what is wrong."""

from c2sp import Bad
from values import STRINGS, grams, jwk, millionths

# Each object is a text of `member:form` ("?": it may be absent); `problems` reads them.

FORMS = {
    "event": "party:id id:id",
    "line": "lot:id kg:mass",
    "output": "lot:id kg:mass material:material role?:=product|by_product|heel item?:bool"
    " pieces?:int1-1000000 owner?:id"
    " basis?:=weighed|counted|level|draft_survey|computed marks?:map-word-label",
    "evidence": "name:text sha256:sha256 uri?:id media_type?:media_type size?:int0-9007199254740991",
    "ship_line": "lot:id kg:mass as?:id",
    "receive_line": "lot:id kg:mass result?:=accepted|refused reason?:text",
    "addition": "material:material kg:mass",
    "energy": "carrier:word amount:amount unit:unit source?:word instrument?:id",
    "emission": "scope:int1-3 gas:unit kg:amount method?:text period?:period",
    "geo": "lat:latitude lon:longitude",
    "coc": "scheme:word document:label issuer_no?:label customer_no?:label responsible?:name statement?:text"
    " account?:id force_majeure?:text",
    "weighing": "ticket:label gross?:mass tare?:mass device?:label",
    "scope": "sites?:list0-100-id materials?:list0-100-material origins?:list0-100-id"
    " processes?:list0-100-word units?:list0-100-label schemes?:list0-100-word text?:text",
    "measured": "quantity:word amount:amount unit:unit boundary?:word method?:text period?:period grid?:grid",
    "terms": "material:material destination?:id exclusive?:bool years:list1-100-year footprint?:agreed"
    " until?:time",
    "year": "year:int1-9999 kg:mass",
    "agreed": "kg_per_kg:amount method:word boundary:word stage:material",
    "catalogue": "materials:map-material-material_entry processes:map-word-process"
    " sources:map-kind-source_entry marks:map-word-mark_entry site_kinds:list1-100-word"
    " roles:list1-100-word certifier_role:word tolerances:tolerances max_delay_days:int1-36500",
    "material_entry": "origin:bool metal_fraction:share max_alloy?:share remark?:text",
    "process": "site_kinds:list1-100-word inputs:list0-100-material outputs:list0-100-material"
    " by_products?:list0-100-material per?:=input|output ratio:limits monthly:limits tolerance:share"
    " monthly_tolerance?:share max_loss?:share additions?:map-material-amount remark?:text",
    "source_entry": "site_kinds:list1-100-word materials:list0-100-material",
    "mark_entry": "unique:bool",
    "tolerances": "receive:share",
}
EVENTS = {
    "charter": "name:name rules:int1-1000000 registrar_keys:list1-8-jwk recovery_key:jwk operator_key:jwk"
    " catalogue:catalogue",
    "amend": "name?:name rules?:int1-1000000 registrar_keys?:list1-8-jwk recovery_key?:jwk operator_key?:jwk"
    " catalogue?:catalogue",
    "party": "subject:id name:name country:country roles:list1-100-word prefixes:list0-100-id"
    " identifiers?:map-word-text status?:=active|suspended|closed successor?:id replaces?:event",
    "site": "subject:id operator:id kinds:list1-100-word country:country subdivision:subdivision gln?:gln"
    " geo?:geo status?:=active|suspended|closed replaces?:event",
    "key": "subject:id jwk:jwk proof:signature sites?:list1-100-id",
    "revoke_key": "kid:kid reason:text since?:time",
    "source": "site:id kind:=mine|collection|addition|purchase|opening|gain outputs:list1-1000-output"
    " origin?:id grade?:text moisture?:share evidence?:list1-100-evidence energy?:list1-100-energy"
    " emissions?:list1-100-emission account?:id",
    "transform": "site:id process:word unit?:label inputs:list1-1000-line additions?:list1-100-addition"
    " outputs:list1-1000-output"
    " model:=identity_preserved|segregated|controlled_blending|mass_balance|book_and_claim"
    " account?:id energy?:list1-100-energy emissions?:list1-100-emission",
    "ship": "site:id lines:list1-1000-ship_line to:id mode?:word carrier?:name title?:=passes|stays coc?:coc"
    " agreement?:event",
    "receive": "of:event site?:id lines:list1-1000-receive_line weighing?:weighing difference?:text",
    "transfer": "lines:list1-1000-line to:id agreement?:event",
    "exit": "lines:list1-1000-line reason:=installed|sold_outside|disposed|lost|sample into?:id"
    " to_name?:name",
    "count": "site:id lines:list1-1000-line basis:=weighed|counted|level|draft_survey|computed",
    "correct": "of:event action:=withdraw|dispute|resolve|amend reason:text effect?:text replaced_by?:event",
    "attest": "subject:id_or_event scheme:word version?:label"
    " status:=certified|provisional|suspended|withdrawn level?:word scope?:scope valid_from:time"
    " valid_until:time certificate_no?:label measured?:list1-100-measured evidence?:list1-100-evidence",
    "revoke_attestation": "of:event status:=suspended|reinstated|withdrawn since:time reason:text",
    "account": "account:id scheme:word sites:list1-100-id materials:list1-100-material period:period"
    " yield:share overdraft?:share before?:id",
    "close": "account:id",
    "agree": "with:id terms:terms of?:event",
    "register": f"size:int1-{2**53 - 1} depth:int0-40 root:root",
}
COMMON = "ledger:ledger type:word id:id time:time party:id from?:time refs?:map-word-text ext?:ext"


def problems(event: object) -> list[str]:
    if not isinstance(event, dict):
        return ["event.object"]
    if event.get("type") not in EVENTS:
        return ["event.missing" if "type" not in event else "event.type"]
    found: list[str] = []
    members(event, f"{COMMON} {EVENTS[event['type']]}", found)
    return found or [*across(event)]


def members(value: object, form: str, found: list[str]) -> None:
    if not isinstance(value, dict):
        found.append("event.value")
        return
    known = dict(member.split(":", 1) for member in form.split())
    found += ["event.unknown" for name in value if name not in known and name + "?" not in known]
    for name, inner in known.items():
        if name.rstrip("?") in value:
            fits(value[name.rstrip("?")], inner, found)
        elif not name.endswith("?"):
            found.append("event.missing")


def fits(value: object, form: str, found: list[str]) -> None:
    """Whether a value has a form; else its code is added to what was found."""
    code = ""
    if form in STRINGS:
        code = "" if isinstance(value, str) and STRINGS[form](value) else "event.value"
    elif form.startswith("="):
        code = "" if value in form[1:].split("|") else "event.choice"
    elif form == "bool":
        code = "" if isinstance(value, bool) else "event.value"
    elif form.startswith("int"):
        low, high = map(int, form[3:].split("-"))
        code = "" if type(value) is int and low <= value <= high else "event.value"
    elif form == "ext":
        code = "" if isinstance(value, dict) else "event.value"
    elif form == "id_or_event":
        fits(value, "id" if isinstance(value, str) else "event", found)
    elif form == "limits":
        whole = isinstance(value, list) and len(value) == 2 and all(isinstance(one, str) for one in value)
        code = "" if whole and all(STRINGS["amount"](one) for one in value) else "event.value"
    elif form == "jwk":
        try:
            jwk(value) if isinstance(value, dict) else found.append("event.value")
        except Bad as bad:
            code = bad.code
    elif form.startswith("list"):
        low, high, inner = form[4:].split("-", 2)
        if not isinstance(value, list):
            code = "event.value"
        elif not int(low) <= len(value) <= int(high):
            code = "event.size"
        else:
            for one in value:
                fits(one, inner, found)
            if all(isinstance(one, str) for one in value) and len(set(value)) < len(value):
                code = "event.twice"
    elif form.startswith("map"):
        _, key, inner = form.split("-")
        if not isinstance(value, dict):
            code = "event.value"
        else:
            for name, one in value.items():
                fits(name, FORMS_OF_NAMES.get(key, key), found)
                fits(one, inner, found)
            if len(value) > (1000 if inner == "material_entry" else 100) or (
                inner == "material_entry" and not value
            ):
                code = "event.size"
    else:
        members(value, FORMS[form], found)
    if code:
        found.append(code)


FORMS_OF_NAMES = {"kind": "=mine|collection|addition|purchase|opening|gain"}


def across(event: dict) -> list[str]:
    """What concerns several members together; the form of each is known to be good."""
    found = []
    places = [*event.get("lines", []), *event.get("inputs", [])], event.get("outputs", [])
    for lots in ([line["lot"] for line in places[0]] + [one["as"] for one in places[0] if "as" in one],
                 [line["lot"] for line in places[1]]):  # fmt: skip
        found += ["event.lot_twice"] if len(set(lots)) < len(lots) else []
    added = [one["material"] for one in event.get("additions", [])]
    years = [one["year"] for one in event.get("terms", {}).get("years", [])]
    kids = [jwk(key)[0] for key in event.get("registrar_keys", [])]
    found += ["event.twice" for names in (added, years, kids) if len(set(names)) < len(names)]
    weighed = event.get("weighing", {})
    if "gross" in weighed and "tare" in weighed and grams(weighed["gross"]) <= grams(weighed["tare"]):
        found.append("event.order")
    if event["type"] == "amend" and not set(event) & {name.split("?")[0] for name in EVENTS["amend"].split()}:
        found.append("event.empty")
    return found + (catalogue(event["catalogue"]) if "catalogue" in event else [])


def catalogue(data: dict) -> list[str]:
    """Every word that the catalogue uses is one that it has."""
    found, kinds = [], data["site_kinds"]
    if data["certifier_role"] not in data["roles"]:
        found.append("catalogue.role")
    for entry in [*data["processes"].values(), *data["sources"].values()]:
        if entry["site_kinds"] != ["any"]:
            found += ["catalogue.site_kind" for kind in entry["site_kinds"] if kind not in kinds]
    lists = [(entry["materials"], ["any"]) for entry in data["sources"].values()]
    for process in data["processes"].values():
        lists += [(process["inputs"], ["any"]), (process["outputs"], ["same"])]
        lists.append((process.get("by_products", []), []))
        added = process.get("additions", {})
        lists.append((list(added), []))
        found += ["catalogue.addition" for name in added if data["materials"].get(name, {}).get("origin")]
        if not process["inputs"] or not process["outputs"]:
            found.append("catalogue.process")
        for low, high in (process["ratio"], process["monthly"]):
            found += ["catalogue.limits"] if millionths(low) > millionths(high) else []
    for names, alone in lists:
        if names != alone:
            found += ["catalogue.material" for name in names if name not in data["materials"]]
    return found
