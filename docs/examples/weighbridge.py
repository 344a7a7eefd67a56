"""A weighbridge that posts its tickets, one a line: ``python weighbridge.py tickets.csv KEY.jwk URL``.
The first line: ``ticket,time,sender,delivery,lot,gross,tare``; sender and delivery name the ``ship``."""

import csv
import json
import subprocess
import sys


def receive(row: dict[str, str]) -> str:
    """The event of a ticket in whole kg. Its id is the ticket's number: the same ticket is the same event."""
    return json.dumps({
        "type": "receive", "ledger": "oreline.example/demo", "party": "urn:oreline-demo:party:laterriere",
        "site": "urn:oreline-demo:site:laterriere-casthouse", "time": row["time"],
        "id": f"urn:oreline-demo:wb-1:{row['ticket']}", "of": {"party": row["sender"], "id": row["delivery"]},
        "lines": [{"lot": row["lot"], "kg": str(int(row["gross"]) - int(row["tare"]))}],
        "weighing": {"ticket": row["ticket"], "gross": row["gross"], "tare": row["tare"], "device": "WB-1"},
    })  # fmt: skip


try:
    _, tickets, key, url = sys.argv
    with open(tickets, newline="", encoding="utf-8-sig") as file:
        events = "\n".join(receive(row) for row in csv.DictReader(file, restval=""))
except (OSError, KeyError, ValueError) as wrong:
    sys.exit(f"{__doc__}\n{' '.join(sys.argv[1:])}: {wrong!r}")
signed = subprocess.run(["oreline", "sign", "--key", key], input=events, stdout=-1, text=True)
# The whole day may be posted again: what is there gets its first receipt, and the rest is tried again.
post = ["oreline", "post", "--url", url, "--proceed"]
sys.exit(signed.returncode or subprocess.run(post, input=signed.stdout, text=True).returncode)
