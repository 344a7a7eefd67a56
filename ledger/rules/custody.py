"""Where metal begins, and where it becomes something else: ``source`` and ``transform``."""

from collections.abc import Mapping
from typing import Any, NamedTuple

from ledger.quantity import FINE, MILLION, format_ratio, shown_kg
from ledger.register import Key, Lot, Spent
from ledger.rules import accounts
from ledger.rules.catalogue import Process
from ledger.rules.composition import NOTHING, Composition, Part, pure, shares_of, split
from ledger.rules.draft import Draft, refuse
from ledger.rules.lots import Birth, bear, few_shares, held, stamp, take
from ledger.rules.sums import book_energy, book_month, month_of

UNKNOWN = ("purchase", "opening", "gain")  # what comes in from outside: its origin is unknown
ALLOYING = "addition "  # how the origins of alloying metal begin


def source(draft: Draft) -> None:
    """Metal (or what becomes it) enters the ledger."""
    event = draft.event
    rule = draft.catalogue.sources.get(event.kind)
    if rule is None:
        refuse("source.kind", "$.kind", f"{event.kind} is not a source of the catalogue")
    if not rule.works_at(draft.get("site", event.site).kinds):
        where = " or ".join(sorted(rule.site_kinds))
        refuse("source.site", "$.site", f"the source {event.kind} is at a site of kind {where}")
    for n, output in enumerate(event.outputs):
        path = f"$.outputs[{n}]"
        if not rule.brings(output.material):
            refuse(
                "source.material",
                f"{path}.material",
                f"the source {event.kind} does not give {output.material}",
            )
        if event.kind == "opening":
            _once(draft, f"opening {output.material} {event.site}", f"{path}.material")
        carries = _carries(draft, output.material)
        made = pure(_origin(draft, output.material), output.grams) if carries else NOTHING
        _bring_out(draft, output, path, made, event.start)
        draft.flow(draft.name, output.lot, output.grams)
    book_energy(draft)
    if month_of(event):
        carrying = (output.grams for output in event.outputs if _carries(draft, output.material))
        book_month(draft, 0, sum(carrying))
    accounts.book_source(draft)


def _origin(draft: Draft, material: str) -> str:
    """Where the metal of a source's output began. What is added to aluminium may be declared; aluminium
    that comes as an alloy metal has its own way back, which nobody has shown."""
    event = draft.event
    if event.kind in UNKNOWN:
        return f"unknown {event.kind}"
    if event.kind == "addition":
        known = draft.catalogue.materials.get(material)
        declared = event.origin is not None and not (known and known.metal)
        return f"{ALLOYING}{event.origin}" if declared else "unknown addition"
    return f"{event.kind} {event.site}"


def _once(draft: Draft, what: str, path: str) -> None:
    spent: Spent | None = draft.get("spent", what)
    if spent is not None and spent.on not in ("", draft.name):
        refuse("source.opening", path, f"opened already by {spent.on}", Key("spent", what))
    draft.put("spent", what, Spent(draft.name))
    draft.undo.append(("spent", what, ("",)))


def _bring_out(draft: Draft, output: Any, path: str, composition: Composition, since: int) -> None:
    """A lot of a known material is born, to a known owner. ``since``: s, from when on it exists."""
    event = draft.event
    material = draft.catalogue.materials.get(output.material)
    if material is None:
        refuse("material.unknown", f"{path}.material", f"{output.material} is not in the catalogue")
    alloy = sum(share for origin, share in composition.shares if origin.startswith(ALLOYING))
    if alloy * MILLION > material.max_alloy * FINE * output.grams:
        limit = f"{output.material} holds at most {format_ratio(material.max_alloy)} kg in a kg"
        what = f"{_kg(alloy // FINE)} of {_kg(output.grams)} are alloying metal; {limit}"
        refuse("material.alloy", f"{path}.material", what)
    if output.owner is not None:
        draft.need("party", output.owner, f"{path}.owner")
        draft.others.add(output.owner)
    birth = Birth(
        output.lot,
        output.material,
        output.grams,
        bool(output.item),
        "source" if event.type == "source" else output.role,
        event.site,
        output.owner or event.party,
        since,
        composition,
    )
    bear(draft, birth, f"{path}.lot")
    stamp(draft, output.lot, output.marks, path)


def transform(draft: Draft) -> None:
    """Lots become other lots: mass, owner's balance and physics hold, and the origins go through."""
    event = draft.event
    process = draft.catalogue.processes.get(event.process)
    if process is None:
        refuse("process.unknown", "$.process", f"{event.process} is not in the catalogue")
    if not process.works_at(draft.get("site", event.site).kinds):
        where = " or ".join(sorted(process.site_kinds))
        refuse("process.site", "$.site", f"{event.process} is done at {where}")
    inputs = _take_in(draft, process)
    added = _additions(draft, process)
    _materials(draft, process, inputs)
    lost = _mass(draft, inputs, added)
    carrying = [output for output in event.outputs if _carries(draft, output.material)]
    into, out = _physics(draft, process, inputs, carrying)
    _owners(draft, process, inputs, added, carrying)
    _losses(draft, process, inputs, added, lost)
    book_energy(draft)
    if into:
        book_month(draft, into, out)
    accounts.book(draft, into, out, _charge(event, process, inputs, into))
    made = _made_of(draft, process, inputs, carrying)
    for n, (output, since) in enumerate(
        zip(event.outputs, _since(event, process, inputs, made), strict=True)
    ):
        _bring_out(draft, output, f"$.outputs[{n}]", made.get(output.lot, NOTHING), since)
    _flows(draft, lost)


class Input(NamedTuple):
    """What goes in. ``since``: from when on (s) it was there."""

    lot: Lot
    grams: int
    owner: str
    since: int


def _charge(event: Any, process: Process, inputs: list[Input], into: int) -> list[accounts.Taken]:
    """What goes in, as an account sees it; ``into``: grams, net of heels if those were left out."""
    net = into < sum(line.grams for line in inputs if line.lot.composition)
    return [
        accounts.Taken(
            line.lot, found.grams, bool(found.lot.composition) and not (net and _is_heel(process, found.lot))
        )
        for line, found in zip(event.inputs, inputs, strict=True)
    ]


def _made_of(
    draft: Draft, process: Process, inputs: list[Input], carrying: list[Any]
) -> dict[str, Composition]:
    """By lot, what each output that carries origin is made of."""
    event = draft.event
    metal = [line for line in inputs if line.lot.composition]
    grams = [output.grams for output in carrying]
    weights = process.weights([(line.lot.material, FINE * line.grams) for line in metal], FINE * sum(grams))
    parts = [Part(weight, _brought_along(event, line)) for line, weight in zip(metal, weights, strict=True)]
    more = sum(grams) - sum(line.grams for line in metal)
    if more > 0:  # steel and paint are nobody's metal: else a door that is joined ten times becomes a hundred
        parts.append(Part(FINE * more, pure(f"added {event.process}", more)))
    few_shares(shares_of(parts, len(carrying)))
    shares = split(parts, grams)
    return {output.lot: share for output, share in zip(carrying, shares, strict=True)}


def _flows(draft: Draft, lost: int) -> None:
    """What went in, through the event, to what came out, and what is in no output."""
    event = draft.event
    for line in event.inputs:
        draft.flow(line.lot, draft.name, line.grams)
    for addition in event.additions or ():
        draft.flow(f"addition {addition.material}", draft.name, addition.grams)
    for output in event.outputs:
        draft.flow(draft.name, output.lot, output.grams)
    draft.flow(draft.name, "loss", lost)


def _brought_along(event: Any, line: Input) -> Composition:
    """What an input is made of; unknown, where only a claim went in, and not this metal."""
    if event.model == "book_and_claim":
        return pure(f"unknown {event.model}", line.lot.grams)
    return Composition(line.lot.composition, line.lot.traces)


def _take_in(draft: Draft, process: Process) -> list[Input]:
    inputs: list[Input] = []
    for n, line in enumerate(draft.event.inputs):
        path = f"$.inputs[{n}]"
        lot, hold, owner = held(draft, line.lot, f"{path}.lot", draft.event.site)
        if not process.takes(lot.material):
            refuse("process.input", f"{path}.lot", f"{draft.event.process} does not take {lot.material}")
        take(draft, line.lot, lot, line.grams, path)
        draft.others.add(owner.owner)
        inputs.append(Input(lot, line.grams, owner.owner, max(lot.since, hold.since)))
    return inputs


def _since(event: Any, process: Process, inputs: list[Input], made: Mapping[str, Any]) -> list[int]:
    """From when on (s) each output exists: not before the event began, nor before there was enough for it
    and for those ahead of it: for all of them by mass, what was added left out of each, and for the products
    by the best yield. ``made``: the outputs that carry origin, which inputs that do are needed for.
    """
    needed = sorted(
        (line for line in inputs if line.lot.composition or not made), key=lambda line: line.since
    )
    whole = sum(line.grams for line in needed)
    out = sum(output.grams for output in event.outputs if output.lot in made or not made)
    supply = iter(needed)
    latest, kept, charge, taken, products = event.start, 0, 0, 0, 0
    found = []
    for output in event.outputs:
        if output.lot in made or not made:
            taken += output.grams
            products += output.grams if output.role != "by_product" and not process.adds else 0
        of_inputs = max(1, taken * whole // max(whole, out))
        while kept + charge < of_inputs or kept + process.most(charge) < products:
            line = next(supply, None)
            if line is None:
                break
            latest = max(latest, line.since)
            if process.keeps(line.lot.material):
                kept += line.grams
            else:
                charge += line.grams
        found.append(latest)
    return found


def _additions(draft: Draft, process: Process) -> int:
    """What is added without a lot of its own, each material capped by the mass of the products."""
    made = sum(output.grams for output in draft.event.outputs if output.role == "product")
    total = 0
    for n, addition in enumerate(draft.event.additions or ()):
        path = f"$.additions[{n}]"
        if addition.material not in process.additions:
            what = f"{addition.material} is not an addition of {draft.event.process}"
            refuse("process.addition", f"{path}.material", what)
        cap = process.cap(addition.material, made)
        if addition.grams > cap:
            refuse("process.addition", f"{path}.kg", f"at most {_kg(cap)} of {addition.material}")
        total += addition.grams
    return total


def _materials(draft: Draft, process: Process, inputs: list[Input]) -> None:
    taken = {line.lot.material for line in inputs}
    for n, output in enumerate(draft.event.outputs):
        fits = process.yields if output.role == "by_product" else process.makes
        if not fits(output.material, taken):
            what = f"{draft.event.process} does not give {output.material} as {output.role}"
            refuse("process.output", f"$.outputs[{n}].material", what)


def _mass(draft: Draft, inputs: list[Input], added: int) -> int:
    """outputs + by-products ≤ inputs + additions, exactly; the loss is what remains: its grams."""
    into = sum(line.grams for line in inputs) + added
    out: int = sum(output.grams for output in draft.event.outputs)
    if out > into:
        refuse("mass.created", "$.outputs", f"{_kg(out)} out of {_kg(into)}")
    return into - out


def _losses(draft: Draft, process: Process, inputs: list[Input], added: int, lost: int) -> None:
    """No more grams are in no output than the process can lose of what it was charged with, beside heels,
    which lose nothing. A furnace that is drained is charged with its heels."""
    if process.max_loss is None:
        return
    charge = sum(line.grams for line in inputs if not _is_heel(process, line.lot))
    charged = (charge or sum(line.grams for line in inputs)) + added
    if lost * MILLION > process.max_loss * charged:
        limit = f"{draft.event.process} loses at most {format_ratio(process.max_loss)} kg of a kg"
        refuse("mass.lost", "$.outputs", f"{_kg(lost)} of {_kg(charged)} are in no output; {limit}")


def _carries(draft: Draft, material: str) -> bool:
    found = draft.catalogue.materials.get(material)
    return found is not None and found.origin


def _is_heel(process: Process, lot: Lot) -> bool:
    """Whether it was left over of what this process makes: alumina is no heel of electrolysis, whatever
    it was called."""
    return lot.role == "heel" and process.keeps(lot.material)


def _owners(draft: Draft, process: Process, inputs: list[Input], added: int, carrying: list[Any]) -> None:
    """No owner gets out more than that owner's inputs could have become: by-products and all no more
    than went in, the products no more than the process's best yield gives. Additions come on top for
    who brought metal, in the products only where they can be in them: nobody is paid in additions."""
    heels: dict[str, int] = {}
    charges: dict[str, int] = {}
    for line in inputs:
        if line.lot.composition:
            brought = heels if _is_heel(process, line.lot) else charges
            brought[line.owner] = brought.get(line.owner, 0) + line.grams
    gained: dict[str, int] = {}
    products: dict[str, int] = {}
    for output in carrying:
        owner = output.owner or draft.event.party
        gained[owner] = gained.get(owner, 0) + output.grams
        if output.role != "by_product":
            products[owner] = products.get(owner, 0) + output.grams
        heel, charge = heels.get(owner, 0), charges.get(owner, 0)
        more = added if heel + charge else 0
        in_products = more if process.adds else 0
        for got, most in (
            (gained, heel + charge + more),
            (products, heel + process.most(charge) + in_products),
        ):
            if got.get(owner, 0) > most:
                what = f"{owner}'s inputs give at most {_kg(most)}"
                n = draft.event.outputs.index(output)
                refuse("owner.balance", f"$.outputs[{n}].owner", what)


def _physics(draft: Draft, process: Process, inputs: list[Input], carrying: list[Any]) -> tuple[int, int]:
    """The process's ratio, net of heels in and out, lies within the catalogue's limits for one event. Gives
    the two masses; none where nothing carries origin."""
    taken = [(_is_heel(process, line.lot), line.grams) for line in inputs if line.lot.composition]
    if not taken and not carrying:
        return 0, 0
    heel = sum(grams for is_heel, grams in taken if is_heel)
    into = sum(grams for _, grams in taken)
    out = sum(output.grams for output in carrying if output.role != "by_product")
    net = 0 < heel < into  # else there is none, or a furnace is drained, and the heel itself is the charge
    if net:
        into, out = into - heel, out - heel
    if not process.in_limits(into, out, process.ratio):
        low, high = map(format_ratio, process.ratio)
        limits = (
            f"takes {low} to {high} kg for a kg"
            if process.per_output
            else f"gives {low} to {high} kg of a kg"
        )
        less = ", without the heels" if net else ""
        detail = f"{_kg(out)} out of {_kg(into)}{less}; {draft.event.process} {limits}"
        refuse("process.ratio", "$.outputs", detail)
    return into, out


def _kg(grams: int) -> str:
    return shown_kg(max(0, grams))
