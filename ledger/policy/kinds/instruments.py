"""instruments: no energy certificate was used for more than it certifies."""

from collections.abc import Mapping
from typing import Literal

from ledger.claims.document import Claims, Instrument, Ref
from ledger.policy.chain import STAGES
from ledger.policy.finding import Ask, Outcome, failed, passed, unproven
from ledger.policy.requirement import Requirement, called, hidden, show_more, some
from ledger.policy.schemes import Scheme
from ledger.quantity import counted


class Instruments(Requirement):
    """Each energy certificate that the lot's smelting names is used, in the whole ledger, at its smelter and
    by who works there, for no more than a certifier confirmed. One megawatt-hour is spent once. What others
    say that they draw on it is not theirs, and counts against nobody else."""

    kind: Literal["instruments"]

    def judge(self, claims: Claims, book: Mapping[str, Scheme]) -> Outcome:
        over = [
            one
            for one in claims.instruments
            if one.drawn is not None and one.certified is not None and one.drawn > one.certified
        ]
        if over:
            said = [f"{one.id}: {one.drawn} Wh used, {one.certified} Wh certified" for one in over]
            what = self.ask or "Ask for certificates for the rest, or for the source of the electricity."
            asks = [Ask(one.serves or "the smelter", what) for one in over]
            return failed(f"{some(said)}.", _events(claims, over), asks)
        listed = {one.id for one in claims.instruments}
        named = sorted({row.instrument for row in claims.power if row.instrument} - listed)
        dark = [one for one in claims.instruments if one.drawn is None or one.certified is None]
        unseen = hidden(claims, "instruments", "ancestry") or any(one.drawn is None for one in dark)
        if named or dark or unseen:
            said = [
                f"{one.id} ({called(claims, one.serves) if one.serves else 'site not shown'})" for one in dark
            ]
            return unproven(
                "It is not shown how much of these is used and certified"
                + (f": {some(said + named)}." if said + named else "."),
                _events(claims, dark),
                [
                    *(
                        Ask(
                            one.serves or "the smelter",
                            self.ask or "Have a certifier post the cancelled amount.",
                        )
                        for one in dark
                        if one.certified is None
                    ),
                    *(
                        [show_more(claims, "how much of each energy certificate is used")]
                        if named or unseen
                        else []
                    ),
                ],
            )
        if not claims.instruments:
            return passed("The lot names no energy certificate.")
        return passed(f"{counted(len(claims.instruments), 'energy certificate')}, each spent once.")


def _events(claims: Claims, of: list[Instrument]) -> list[Ref]:
    """What certifies them, as far as it is told, and the first events of the smelting that names them."""
    names, sites = {one.id for one in of}, {one.serves for one in of}
    certified = [row.certificate for row in claims.power if row.instrument in names and row.certificate]
    smelted = [
        step.first for step in claims.steps if step.site in sites and step.process in STAGES["smelting"]
    ]
    return certified + smelted
