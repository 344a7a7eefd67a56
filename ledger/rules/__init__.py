"""The rules: pure functions from (event, register) to changes or a refusal.

``apply`` is the only place that knows what is allowed. It does no input or output, takes time and
identity as arguments and reads the register through one function. The same code admits an event,
replays the log in an audit and checks a proof offline.

A rule may rest on a standing record in one direction only: fewer writes must never turn an
admissible event into a refused one, or an honest proof (which does not hold all that ever drew on
the same pile) would not replay. What needs the other direction (the cap of an account, which rises with
what others' events credit to it) is judged only where ``Context.whole`` says that the register is whole.
"""

from collections.abc import Callable, Mapping

from ledger.events import Charter, Event
from ledger.rules import accounts, agreements, assurance, custody, movement, registry
from ledger.rules.admission import admit
from ledger.rules.draft import Changes, Context, Draft, Read, Refusal, Refused
from ledger.rules.named import named

__all__ = ["RULES", "Changes", "Context", "Read", "Refusal", "apply", "named"]

RULES: Mapping[int, Mapping[str, Callable[[Draft], None]]] = {
    1: {
        "charter": registry.charter,
        "amend": registry.amend,
        "party": registry.party,
        "site": registry.site,
        "key": registry.key,
        "revoke_key": registry.revoke_key,
        "source": custody.source,
        "transform": custody.transform,
        "ship": movement.ship,
        "receive": movement.receive,
        "transfer": movement.transfer,
        "exit": movement.exit_,
        "count": movement.count,
        "correct": assurance.correct,
        "attest": assurance.attest,
        "revoke_attestation": assurance.revoke_attestation,
        "account": accounts.account,
        "close": accounts.close,
        "agree": agreements.agree,
        "register": registry.register_root,
    }
}


def apply(event: Event, context: Context, read: Read) -> Changes | Refusal:
    """Judge one event against the register: what it changes, or why it is refused.

    ``read`` answers with the register as of the entry before. The statement's signature by
    ``context.kid`` has been checked already; whether that key may speak is judged here.
    """
    try:
        draft = Draft(event, context, read)
        admit(draft, RULES)
        version = event.rules if isinstance(event, Charter) else draft.charter.rules
        RULES[version][event.type](draft)
        return draft.changes()
    except Refused as refused:
        return refused.refusal
