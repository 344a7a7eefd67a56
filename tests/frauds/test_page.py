"""docs/frauds.md is what the data make of it, and says of every known fraud what becomes of it."""

from cli.demo.frauds import load
from tests.frauds import page

TEXT = page.PAGE.read_text("utf-8")

# What rules, checks, audit or guard must catch; docs/frauds.md has the rest.
KNOWN = {
    "same lot sold to two buyers",
    "opening stock inflated to launder later purchases",
    "stock found again and again",
    "weight gained at every hop within tolerance",
    "losses always at the maximum, excess sold outside",
    "heel overstated to hide mass",
    "press scrap sold as post-consumer",
    "prime metal cut up and called scrap",
    "remelted in a third country to change origin",
    "listed-region silicon or magnesium hidden as an addition",
    "one heat's low-carbon twin sold twice",
    "more metal than alumina allows",
    "lot used in transit",
    "hand-over with one signature",
    "item split in two",
    "mass hidden in rounding",
    "circular ancestry",
    "one serial on two panels",
    "toll owner's metal swapped",
    "weighbridge ticket used twice",
    '"exit: lost" to free capacity',
    "dispute to stall a rival",
    "merger to lose a bad history",
    "coal twin claimed hydro; one megawatt-hour at two smelters",
    "exclusive volumes sold elsewhere",
    "suspension kept from the ledger",
    "evidence file swapped later",
    "entry edited",
    "entry removed",
    "entry inserted",
    "entries swapped",
    "history rewritten with all hashes recomputed",
    "rolled back to an old copy, then continued",
    "fork shown to one buyer",
    "whole invented ledger",
    "statement replayed on another ledger",
    "key used after revocation",
    "back-dated by a key's thief",
    "thief's key registered for another party",
    "proof with an ancestor cut off",
    "correction or revocation stripped out of a proof",
    "another panel's proof relabelled",
    "proof with its own trust file",
    "stale checkpoint",
    "same event re-signed as a second one",
    "lot id squatted",
    "duplicate JSON names",
    "lone surrogates",
    "2^53+1",
    "NaN in ext",
    "small-order or mixed-order key",
    "second birth shown in a second proof",
    "catalogue loosened for one entry",
}


def test_the_page_is_what_the_data_make_of_it() -> None:
    assert page.render(TEXT) == TEXT, "run: uv run python -m tests.frauds.page"


def test_the_tables_are_made_anew_and_everything_else_survives() -> None:
    assert page.render(TEXT.replace("lot.receiver", "lot.nonsense") + "A remark.\n") == TEXT + "A remark.\n"


def test_every_fraud_stands_there_once() -> None:
    for fraud in load():
        assert TEXT.count(f"`{fraud.name}` |") == 1, fraud.name


def test_every_known_family_is_tried() -> None:
    families = {fraud.family for fraud in load()}
    assert KNOWN - families == set()
    assert all(f"*{family}*" in TEXT for family in families)
