"""What a group must be before any backend takes it. Breaking it is our bug, not bad evidence."""

from ledger.store import Group


def check(group: Group, size: int) -> None:
    """Assert that the group continues a ledger of ``size`` entries and speaks of its own entries only."""
    stop = group.start + len(group.entries)
    assert group.start == size, f"group starts at {group.start}, the ledger ends at {size}"
    assert group.entries, "a group without entries"
    assert group.head.size == stop, "the head does not end with the group"
    assert len(group.needs) == len(group.entries), "needs do not pair with entries"
    for index, needs in enumerate(group.needs, group.start):
        assert not needs or needs[-1] < index, "an entry needs only earlier ones"
    assert all(group.start <= index < stop for index, _ in group.flows), "a flow of another group"
    assert all(group.start <= index < stop for _, index in group.touches), "a touch of another group"
