"""Refusals of mass-balance accounts and of agreements."""

from ledger.codes.code import Code

ACCOUNTS: dict[str, Code] = {
    # -- accounts
    "account.unknown": Code(
        "The event names a mass-balance account that is not in the ledger.",
        "Open it with an `account` event first, or correct the id.",
    ),
    "account.exists": Code(
        "There is an account of this id already.",
        "Choose another id: an account is kept for one period and never opened again.",
    ),
    "account.prefix": Code(
        "The account's id begins with none of the poster's prefixes.",
        "Begin it as the ids of your lots begin.",
    ),
    "account.other": Code(
        "The account is another party's.",
        "Name an account of your own.",
    ),
    "account.site": Code(
        "The account is not kept for the event's site.",
        "Name an account that has the site in its scope; the next period's may have more sites.",
    ),
    "account.material": Code(
        "The account is not kept for this material.",
        "Name the account of the material's class, or leave `account` out.",
    ),
    "account.origin": Code(
        "Only what a mine or a collection brings is certified from the start.",
        "Leave `account` out: metal of unknown origin is an input like any other.",
    ),
    "account.period": Code(
        "The event's time is outside the account's period.",
        "Name the account of the period in which it happened.",
    ),
    "account.late": Code(
        "The account's period is over for longer than the catalogue's greatest delay.",
        "It takes no more postings; leave `account` out, of a shipment `coc`, so that the event itself is "
        "recorded.",
    ),
    "account.left_out": Code(
        "The transform makes a material for which an account of its party is kept at this site and time, and "
        "names no account: so it would not count in the percentage.",
        "Name that account in `account`, whether the inputs are certified or not. If it is closed, its "
        "period takes nothing more: let `time` lie in the present period, and `from` where the work began.",
    ),
    "account.unnamed": Code(
        "The chain-of-custody document names no account, and what it sells as certified was not sold so "
        "before, or not all of it: so it would be drawn from nowhere.",
        "Name the account that it is drawn from in `coc.account`; open one of the scheme for this site and "
        "material if none is kept. Else leave `coc` out: the metal itself is told by its origins.",
    ),
    "account.overlap": Code(
        "The party keeps another account for one of these materials at one of these sites, and the periods "
        "overlap: an input would be counted in one of the two, as it suits.",
        "Begin after the other's period, or leave out the sites and materials for which it is kept.",
    ),
    "account.limit": Code(
        "The party keeps 36 accounts already for one of these materials at one of these sites: each event "
        "that makes it reads them all.",
        "Open it later: accounts whose period has been over for the greatest delay count no more.",
    ),
    "account.begun": Code(
        "In this period, or after it, such a material was already made at one of these sites by a transform "
        "that names no account: its inputs would be missing from the percentage.",
        "Begin the period on a later day; open an account before you post what is to be booked on it.",
    ),
    "account.scheme": Code(
        "The document is of another scheme than the account, or a lot is sold as certified by another.",
        "Issue it from the scheme's own account; one kilogram is sold as certified by one scheme only.",
    ),
    "account.overdrawn": Code(
        "More would be issued as certified than the account's credits cover.",
        "Book the certified inputs first, ship less as certified, or leave `coc` out.",
    ),
    "account.closed": Code(
        "The account is closed: nothing is booked on it, or taken back, any more.",
        "Name the account of the present period; post an amendment of an event that was wrong.",
    ),
    "account.early": Code(
        "The account's period is not over yet.",
        "Close it afterwards, when everything of the period is posted.",
    ),
    "account.before": Code(
        "The account named as the one before is not of the same party, scheme and materials, or its period "
        "does not end on the day before this one begins.",
        "Name the account of the period just before, or leave `before` out: what is older has expired.",
    ),
    "account.open": Code(
        "The account named as the one before is not closed, so nobody knows what it has left.",
        "Close it first.",
    ),
    "account.carried": Code(
        "What the account before has left is brought forward already.",
        "Leave `before` out: it is carried once.",
    ),
    # -- agreements
    "agreement.unknown": Code(
        "The event names an agreement that is not in the ledger.",
        "Post the `agree` that offers it first, or correct its party and id; an acceptance is not its name.",
    ),
    "agreement.self": Code(
        "A party cannot agree with itself.",
        "Name the other party in `with`.",
    ),
    "agreement.other": Code(
        "The agreement was not offered by the party in `with` to the poster.",
        "Accept what was offered to you, and name who offered it.",
    ),
    "agreement.accepted": Code(
        "The agreement is accepted already.",
        "Nothing more is needed; other terms are another agreement.",
    ),
    "agreement.terms": Code(
        "The terms that are accepted are not those that were offered.",
        "Repeat the offer's `terms` member for member, or offer your own.",
    ),
    "agreement.open": Code(
        "The agreement is not accepted yet.",
        "Deliver under it once the other party has accepted, or leave `agreement` out.",
    ),
    "agreement.parties": Code(
        "Sender and receiver are not the two parties of the agreement.",
        "Name an agreement between these two, or leave `agreement` out.",
    ),
}
