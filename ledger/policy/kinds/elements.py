"""elements: what a product holds beside aluminium is told."""

from collections.abc import Iterable, Mapping
from typing import Literal

from ledger.claims.document import Attestation, Claims, Measure, Recycled, Ref
from ledger.claims.shares import part
from ledger.policy.finding import Ask, Outcome, passed, unproven
from ledger.policy.requirement import Requirement, hidden, seller, show_more
from ledger.policy.schemes import Scheme

RULE = "own_party"
TOTAL = "alloying_elements"
QUANTITIES = ("element_", TOTAL)
ANALYSIS = "a chemical analysis of the melt (elements other than aluminium)"


class Elements(Requirement):
    """Elements other than aluminium are told, as the CBAM sheet asks: by an attestation about the lot that
    stands to its end, with the measured quantity `alloying_elements`, which is all of them (`element_mg`,
    `element_si`, … may stand beside it); or by what was added as alloying metal, where nothing else can have
    brought any. What scrap and metal of unknown origin bring nobody has posted."""

    kind: Literal["elements"]

    def judge(self, claims: Claims, book: Mapping[str, Scheme]) -> Outcome:
        found = analysed(claims)
        if in_all(found):
            return passed("An analysis of the lot tells them.", [event for _, event in found])
        melted = content(claims)
        if melted is None or hidden(claims, "ancestry"):
            return unproven("What went into the melt is not shown.", ask=[show_more(claims, ANALYSIS)])
        said = f"{part(claims, [melted.alloy], up=True).percent()} was added as alloying metal"
        if brings_others(melted):
            what = self.ask or f"Ask for {ANALYSIS}, and for its laboratory to attest it of this lot."
            some = ", and an analysis tells some elements, not all" if found else ""
            return unproven(
                f"{said}; what scrap and unknown metal bring is not known{some}.",
                [event for _, event in found],
                [Ask(seller(claims), what)],
            )
        return passed(f"{said}, and no scrap or unknown metal went in.")


def content(claims: Claims) -> Recycled | None:
    """Of what it was melted: scrap of another party's works too."""
    return next((one for one in claims.recycled if one.rule == RULE), None)


def brings_others(melted: Recycled) -> bool:
    """Whether something went in that may hold any elements."""
    return bool(melted.unknown.mg or melted.post.mg or melted.pre.mg)


def analysed(claims: Claims) -> list[tuple[Measure, Ref]]:
    """What certifiers measured of the lot's elements."""
    return [
        (measure, said.event)
        for said in claims.attestations
        if said.subject.kind == "lot" and said.subject.id == claims.subject and _stands(said)
        for measure in said.measured
        if measure.quantity.startswith(QUANTITIES)
    ]


def in_all(found: Iterable[tuple[Measure, Ref]]) -> bool:
    """Whether it is told how much they are together: one element says nothing of the others."""
    return any(measure.quantity == TOTAL for measure, _ in found)


def _stands(said: Attestation) -> bool:
    """Whether it was given and held to its end: ``held`` is without what was taken back, by whomever."""
    return bool(said.held) and said.held[-1][1] >= said.valid_until
