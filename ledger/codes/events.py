"""What can be wrong with an event, or with a catalogue, before any rule looks at it."""

from ledger.codes.code import Code

EVENTS: dict[str, Code] = {
    # -- event: the event models (ledger.events)
    "event.object": Code(
        "The payload of the statement is not a JSON object.",
        "Sign one event as one JSON object; send several events as several statements.",
    ),
    "event.type": Code(
        "The member `type` does not name a type of event.",
        "Use one of the types in docs/reference/events.md, spelt exactly so.",
    ),
    "event.missing": Code(
        "A member that this type of event requires is absent.",
        "Add the member that the path names (`oreline sign --fill` adds ledger and party), then sign again.",
    ),
    "event.unknown": Code(
        "The event has a member that its type does not know.",
        "Check the spelling against docs/reference/events.md; put data of your own into `ext`.",
    ),
    "event.value": Code(
        "A value is not of the form that its member asks for.",
        "Spell the value as the example in the detail; masses, decimals and times are text in quotes.",
    ),
    "event.choice": Code(
        "A value is not one of the words that its member allows.",
        "Use one of the words that the detail lists.",
    ),
    "event.size": Code(
        "A list or map has too few or too many entries.",
        "Leave out an optional list that is empty; spread a long event over several events.",
    ),
    "event.twice": Code(
        "A list names the same thing twice.",
        "Name each thing once.",
    ),
    "event.lot_twice": Code(
        "An event names the same lot twice.",
        "Add the masses up into one line; give each new lot an id of its own.",
    ),
    "event.empty": Code(
        "An amendment that changes nothing.",
        "Name at least one member of the charter with its new value.",
    ),
    "event.order": Code(
        "Two values of the event stand in the wrong order: first and last day, or gross and tare.",
        "Check whether the two were exchanged, and correct them.",
    ),
    # -- catalogue: the charter's catalogue (ledger.events.catalogue)
    "catalogue.limits": Code(
        "A lower limit in the catalogue is above its upper limit.",
        "Write the pair as [lower, upper].",
    ),
    "catalogue.material": Code(
        "The catalogue names a material that is not among its materials.",
        "Add the material to `materials`, or correct its spelling.",
    ),
    "catalogue.site_kind": Code(
        "The catalogue names a kind of site that is not among its `site_kinds`.",
        "Add the kind to `site_kinds`, or correct its spelling; `any` stands alone.",
    ),
    "catalogue.role": Code(
        "The catalogue names a role that is not among its `roles`.",
        "Add the role to `roles`, or correct its spelling.",
    ),
    "catalogue.process": Code(
        "A process of the catalogue has no inputs or no outputs.",
        "List at least one material of each; a process that makes nothing is an `exit`.",
    ),
    "catalogue.addition": Code(
        "A process of the catalogue allows an addition that carries origin, so metal could enter unseen.",
        "List such a material among the process's `inputs`; its lots then come from a `source`.",
    ),
}
