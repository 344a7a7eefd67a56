"""``oreline uses``: what became of a lot."""

import click

from cli import options, output, way
from ledger.quantity import counted


@click.command("uses")
@click.argument("lot")
@options.ledger
@options.as_json
def command(lot: str, folder: str | None, as_json: bool) -> None:
    """Show everything that was made of LOT, oldest first: what to recall if it was bad. LOT is a
    lot's id, or the number stamped on it.

    With --json: the whole graph, lots and events as nodes, masses as edges.
    """
    from ledger.lookup import trace

    with options.reading(options.ledger_folder(folder)) as store:
        lot = options.lot_of(store, lot)
        graph = way.there(trace.uses(store, lot, limit=None), lot)
        if as_json:
            output.print_json(way.as_json(graph))
            return
        lots = [node for node in graph.nodes if node.kind == "lot" and node.depth]
        ends = [node.id for node in graph.nodes if node.kind == "into"]
        output.say(f"{lot}\n{counted(len(lots), 'lot')} made of it\n")
        for line in way.steps(store, graph, newest_first=False):
            output.say(line)
        if ends:
            output.say(f"\nFitted to\n{output.fields({'': ends})}")
