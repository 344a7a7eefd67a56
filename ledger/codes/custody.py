"""Refusals of custody, mass and physics: lots, sources, processes, title and hand-overs."""

from ledger.codes.code import Code

CUSTODY: dict[str, Code] = {
    # -- lots
    "lot.unknown": Code(
        "The event names a lot that is not in the ledger.",
        "Post the event in which it is born first (`proceed` lets the order sort itself out), or "
        "correct its id.",
    ),
    "hold.unknown": Code(
        "Who holds the lot is not known.",
        "Post the event in which it is born first.",
    ),
    "owner.unknown": Code(
        "Who owns the lot is not known.",
        "Post the event in which it is born first.",
    ),
    "lot.exists": Code(
        "A lot is born once, and this id is taken.",
        "Give the new lot an id of its own; an id whose birth was withdrawn is not used again either.",
    ),
    "lot.prefix": Code(
        "The lot's id begins with none of the poster's prefixes.",
        "Begin it with a prefix that the registrar gave you; `oreline show PARTY` lists them.",
    ),
    "lot.holder": Code(
        "The lot is held by another party.",
        "Only its holder uses or ships a lot: post the `receive` first if it has arrived.",
    ),
    "lot.site": Code(
        "The lot is at another site.",
        "Ship and receive it first, or correct the site.",
    ),
    "lot.in_transit": Code(
        "The lot is on its way; nobody uses it until it is received.",
        "Let the receiver post the `receive` (or refuse it there).",
    ),
    "lot.withdrawn": Code(
        "The event in which the lot was born was withdrawn.",
        "Use the lot that replaced it.",
    ),
    "lot.overdrawn": Code(
        "More of the lot is used than is left of it.",
        "Correct the mass, or name the lot that it really came from; what was found too much needs a `gain`.",
    ),
    "lot.shares": Code(
        "The event would write too many shares: those of each origin in each lot that it makes.",
        "Make fewer lots in one event; post several events.",
    ),
    "stock.limit": Code(
        "A site would hold more of one material for one owner than can be counted: 9 billion tonnes.",
        "Correct the masses: they are in kilograms.",
    ),
    "lot.item": Code(
        "The lot is one item: it is used, shipped and received whole.",
        "Give its whole mass, without `as`.",
    ),
    "lot.not_whole": Code(
        "A line without `as` moves a lot whole, and this is not its whole mass.",
        "Ship part of a lot, or what is left of it, under a new id in `as`.",
    ),
    "lot.receiver": Code(
        "The lot is not on its way to this party.",
        "Check the lot and the shipment; whoever it was shipped to receives it.",
    ),
    "lot.shipment": Code(
        "The lot left with another shipment.",
        "Name that shipment in `of`.",
    ),
    "material.unknown": Code(
        "The material is not in the catalogue.",
        "Use one of the catalogue's materials; `oreline show catalogue` lists them.",
    ),
    "material.alloy": Code(
        "More of the output is alloying metal than the catalogue allows of its material.",
        "Check the masses of what was added, and the output's material; aluminium that was bought is a "
        "`purchase`. `oreline show catalogue` lists the limits.",
    ),
    "mark.unknown": Code(
        "The mark is not in the catalogue.",
        "Use one of the catalogue's marks, such as heat or serial.",
    ),
    "mark.taken": Code(
        "A unique mark stands on another lot of this party.",
        "Correct the serial number; each is given once.",
    ),
    # -- sources and processes
    "source.kind": Code(
        "The catalogue has no source of this kind.",
        "Use one of the catalogue's sources.",
    ),
    "source.site": Code(
        "Such a source is not at a site of this kind.",
        "Correct the site or the kind of source.",
    ),
    "source.material": Code(
        "Such a source does not give this material.",
        "Correct the material or the kind of source; `oreline show catalogue` lists what each gives.",
    ),
    "source.opening": Code(
        "Opening stock is declared once per site and material.",
        "What is found later is a `gain`; its origin is unknown.",
    ),
    "process.unknown": Code(
        "The process is not in the catalogue.",
        "Use one of the catalogue's processes; `oreline show catalogue` lists them.",
    ),
    "process.site": Code(
        "The process is not done at a site of this kind.",
        "Correct the process or the site; the registrar keeps the site's kinds.",
    ),
    "process.input": Code(
        "The process does not take this material.",
        "Correct the lot or the process.",
    ),
    "process.output": Code(
        "The process does not give this material in this role.",
        "Correct the material, the `role` or the process; `oreline show catalogue` lists what each gives.",
    ),
    "process.addition": Code(
        "More is added than the catalogue allows, or something it does not allow.",
        "What is a lot goes into `inputs`; check the mass of the addition.",
    ),
    "process.ratio": Code(
        "The yield is outside what the process can do.",
        "Check the masses and the units; a missing input or heel is the usual reason. `oreline show "
        "catalogue` lists the limits.",
    ),
    "mass.created": Code(
        "More mass comes out than goes in.",
        "Check the masses; name every input and addition.",
    ),
    "mass.lost": Code(
        "More of what went in is in no output than the process can lose.",
        "Book what fell off as a `by_product` and what stayed in the furnace as a `heel`; what was thrown "
        "away or went missing leaves by an `exit`. `oreline show catalogue` lists the limits.",
    ),
    "energy.unit": Code(
        "What is drawn on an energy certificate is not kWh, MWh or GWh of electricity.",
        "State it in one of these units, as the certificate does; or leave `instrument` out.",
    ),
    "sum.limit": Code(
        "A sum of the register would pass what every reader of JSON can count: 2^53 - 1 grams or watt hours.",
        "Correct the masses and amounts: they are in kilograms, and in the unit that is stated.",
    ),
    "owner.balance": Code(
        "An owner gets more out than that owner's inputs can have become.",
        "Check `owner` of the outputs and whose lots went in; a change of title is a `transfer`.",
    ),
    # -- title and hand-overs
    "owner.title": Code(
        "Title cannot pass with goods that the sender does not own.",
        'Leave `title` out or say "stays"; the owner passes it on with a `transfer`.',
    ),
    "owner.pending": Code(
        "The lot's title is on its way to someone.",
        "Wait for the `receive`, or withdraw the `transfer`.",
    ),
    "owner.other": Code(
        "The lot is owned by another party.",
        "Only its owner does that; check the lot.",
    ),
    "owner.receiver": Code(
        "The lot's title is not on its way to this party by that transfer.",
        "Check the lot and the transfer.",
    ),
    "receive.of": Code(
        "A `receive` completes a `ship` or a `transfer`, and this is neither.",
        "Name the shipment or the transfer in `of`.",
    ),
    "receive.site": Code(
        "Goods arrive at a site, title does not.",
        "Give `site` for a shipment and leave it out for a transfer.",
    ),
    "receive.ticket": Code(
        "The weighbridge ticket has weighed another delivery.",
        "Give the ticket of this delivery.",
    ),
    "count.excess": Code(
        "More was counted than the books hold.",
        "Count again; what really is too much enters as a source of kind `gain`, of unknown origin.",
    ),
}
