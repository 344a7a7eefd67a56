"""What the numbered checks are made of; ``ledger.verify`` puts them together. Pure, like it."""
