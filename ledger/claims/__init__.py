"""What can be claimed of a lot, computed from events: a pure fold, and the document that tells it."""
