"""What two parties have agreed on: ``agree``, and the deliveries that name an agreement."""

from ledger.register import Agreement, Key
from ledger.rules.draft import Draft, refuse


def agree(draft: Draft) -> None:
    """Offer an agreement to another party, or accept what that party has offered."""
    event = draft.event
    draft.need("party", event.with_, "$.with")
    if event.with_ == event.party:
        refuse("agreement.self", "$.with", f"{event.party} agrees with itself")
    draft.others.add(event.with_)
    if event.terms.material not in draft.catalogue.materials:
        detail = f"{event.terms.material} is not in the catalogue"
        refuse("material.unknown", "$.terms.material", detail)
    if event.terms.destination is not None:
        draft.need("site", event.terms.destination, "$.terms.destination")
    if event.of is None:
        offer = Agreement(event.party, event.with_, event.terms.digest, "")
        draft.put("agreement", draft.name, offer)
        return
    name = event.of.name
    key = Key("agreement", name)
    known: Agreement = draft.need("agreement", name, "$.of")
    if (known.party, known.other) != (event.with_, event.party):
        refuse("agreement.other", "$.of", f"{known.party} offered it to {known.other}", key)
    if known.accepted:
        refuse("agreement.accepted", "$.of", f"{known.accepted} accepts it", key)
    if known.terms != event.terms.digest:
        refuse("agreement.terms", "$.terms", f"{name} offers other terms", key)
    draft.put("agreement", name, known._replace(accepted=draft.name))


def under(draft: Draft) -> None:
    """What is delivered under an agreement goes from one of its two parties to the other, and both have
    signed it."""
    event = draft.event
    if event.agreement is None:
        return
    name = event.agreement.name
    known: Agreement = draft.need("agreement", name, "$.agreement")
    if not known.accepted:
        detail = f"{known.other} has not accepted it"
        refuse("agreement.open", "$.agreement", detail, Key("agreement", name))
    if {event.party, event.to} != {known.party, known.other}:
        detail = f"it is between {known.party} and {known.other}"
        refuse("agreement.parties", "$.agreement", detail, Key("agreement", name))
