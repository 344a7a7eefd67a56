"""What every backend must do with kept accounts; inherited beside ``StoreContract``."""

from ledger.register import Key, Lot, Record, Used
from ledger.store import Group, Store
from tests.store.contract import Backend, plain

LOTS = ["urn:a", "urn:ab", "urn:b", "urn:é", "urn:\\", "urn:%"]


class AccountsContract(Backend):
    """The suite."""

    def test_no_account_is_there_before_one_is_kept(self, store: Store) -> None:
        assert store.accounts(LOTS) == {}
        assert store.scan_accounts() == []

    def test_what_is_kept_is_read(self, store: Store) -> None:
        _with_lots(store)
        store.keep_accounts({lot: lot.encode() for lot in LOTS[:3]})
        assert store.accounts(iter(LOTS)) == {lot: lot.encode() for lot in LOTS[:3]}
        assert store.accounts([LOTS[1], LOTS[1], "urn:nowhere"]) == {LOTS[1]: LOTS[1].encode()}
        assert store.accounts([]) == {}
        store.keep_accounts({})
        store.keep_accounts({LOTS[3]: b"\x00\xff", LOTS[4]: b"", LOTS[5]: b"x"})
        assert store.accounts(LOTS[3:]) == {LOTS[3]: b"\x00\xff", LOTS[4]: b"", LOTS[5]: b"x"}

    def test_the_last_that_was_kept_counts(self, store: Store) -> None:
        _with_lots(store)
        store.keep_accounts({LOTS[0]: b"old", LOTS[1]: b"other"})
        store.keep_accounts({LOTS[0]: b"new"})
        assert store.accounts(LOTS) == {LOTS[0]: b"new", LOTS[1]: b"other"}

    def test_all_are_found_page_by_page(self, store: Store) -> None:
        _with_lots(store)
        kept = {lot: lot.encode() for lot in LOTS}
        store.keep_accounts(kept)
        whole = store.scan_accounts()
        assert dict(whole) == kept
        assert len(whole) == len(kept)
        for limit in (1, 2, 5):
            found: list[tuple[str, bytes]] = []
            while page := store.scan_accounts(found[-1][0] if found else "", limit):
                assert len(page) <= limit
                found += page
            assert found == whole
        assert store.scan_accounts(limit=0) == []

    def test_they_are_no_part_of_the_ledger(self, store: Store) -> None:
        _with_lots(store)
        before = store.head()
        store.keep_accounts({LOTS[0]: b"x"})
        assert store.head() == before
        assert store.strays() == []
        assert store.scan("lot")[0][0] == Key("lot", LOTS[0])


def _with_lots(store: Store) -> None:
    """A ledger that knows the lots: any record of the family will do for the store."""
    group: Group = plain(0)
    born = Lot("ingot", 1, False, "product", "urn:p", "urn:s", 0, "urn:p evt:1", (), ())
    records = {Key("used", lot): Record(0, Used(1)) for lot in LOTS}
    records[Key("lot", LOTS[0])] = Record(0, born)
    with store.writing() as writing:
        writing.commit(group._replace(records={**group.records, **records}))
