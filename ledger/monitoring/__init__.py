"""Following a log from outside."""
