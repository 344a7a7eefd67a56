"""What can be asked of a ledger: lots, events and lists, the way back and the way forward. Reads only."""
