"""A weighbridge that posts: each line of a CSV file is a lorry, weighed full and empty.

Run it as ``python weighbridge.py tickets.csv KEY.jwk URL``. The file's first line names the columns:
``ticket,time,sender,delivery,lot,gross,tare``; sender and delivery are the party and the id of the ``ship``.
It calls ``oreline`` to sign and to post.
"""

import csv
import json
import subprocess
import sys

HERE = {"ledger": "oreline.example/demo", "party": "urn:oreline-demo:party:laterriere"}
SITE = "urn:oreline-demo:site:laterriere-casthouse"


def receive(row: dict[str, str]) -> str:
    """The event of a ticket. Its id is the ticket's number: the same ticket is the same event."""
    kg = int(row["gross"]) - int(row["tare"])
    return json.dumps(HERE | {
        "type": "receive", "id": f"urn:oreline-demo:ticket:{row['ticket']}", "time": row["time"],
        "of": {"party": row["sender"], "id": row["delivery"]}, "site": SITE,
        "lines": [{"lot": row["lot"], "kg": str(kg)}],
        "weighing": {"ticket": row["ticket"], "gross": row["gross"], "tare": row["tare"], "device": "WB-1"},
    })  # fmt: skip


if len(sys.argv) != 4:
    print(__doc__, file=sys.stderr)
    sys.exit(2)
tickets, key, url = sys.argv[1:]
with open(tickets, newline="", encoding="utf-8") as file:
    events = "\n".join(receive(row) for row in csv.DictReader(file))
signed = subprocess.run(["oreline", "sign", "--key", key], input=events, stdout=-1, text=True, check=False)
if signed.returncode:
    sys.exit(signed.returncode)  # it has said what is wrong
# The whole day may be posted again: what is there gets its first receipt, and the rest is tried again.
post = ["oreline", "post", "--url", url, "--proceed"]
sys.exit(subprocess.run(post, input=signed.stdout, text=True, check=False).returncode)
