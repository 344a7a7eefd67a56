"""A weighbridge that posts its tickets, one a line: ``python weighbridge.py tickets.csv KEY.jwk URL``.
The first line: ``ticket,time,sender,delivery,lot,gross,tare``; sender and delivery name the ``ship``."""

import csv
import json
import subprocess
import sys

HERE = {"ledger": "oreline.example/demo", "party": "urn:oreline-demo:party:laterriere"}


def receive(row: dict[str, str]) -> str:
    """The event of a ticket. Its id is the ticket's number: the same ticket is the same event."""
    return json.dumps(HERE | {
        "type": "receive", "site": "urn:oreline-demo:site:laterriere-casthouse", "time": row["time"],
        "id": f"urn:oreline-demo:wb-1:{row['ticket']}", "of": {"party": row["sender"], "id": row["delivery"]},
        "lines": [{"lot": row["lot"], "kg": str(int(row["gross"]) - int(row["tare"]))}],
        "weighing": {"ticket": row["ticket"], "gross": row["gross"], "tare": row["tare"], "device": "WB-1"},
    })  # fmt: skip


if len(sys.argv) != 4:
    print(__doc__, file=sys.stderr)
    sys.exit(2)
with open(sys.argv[1], newline="", encoding="utf-8") as file:
    events = "\n".join(receive(row) for row in csv.DictReader(file))
signed = subprocess.run(["oreline", "sign", "--key", sys.argv[2]], input=events, stdout=-1, text=True)
# The whole day may be posted again: what is there gets its first receipt, and the rest is tried again.
post = ["oreline", "post", "--url", sys.argv[3], "--proceed"]
sys.exit(signed.returncode or subprocess.run(post, input=signed.stdout, text=True).returncode)
