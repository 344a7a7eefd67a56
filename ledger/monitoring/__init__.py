"""Following a log from outside: what a monitor reads, checks and remembers."""
