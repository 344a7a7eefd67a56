"""``oreline trace``: where a lot came from."""

import click

from cli import options, output, way
from cli.prove import min_share
from ledger.quantity import shown_kg


@click.command("trace")
@click.argument("lot")
@options.ledger
@min_share
@options.as_json
def command(lot: str, folder: str | None, min_share: int, as_json: bool) -> None:
    """Show the origins of LOT with their shares of its mass, and every step on the way, newest first.
    LOT is a lot's id, or the number stamped on it.

    With --json: the shares and the whole graph, lots and events as nodes, masses as edges.
    """
    from ledger.lookup import trace

    with options.reading(options.ledger_folder(folder)) as store:
        lot = options.lot_of(store, lot)
        graph = way.there(trace.ancestry(store, lot, min_share=min_share, limit=None), lot)
        shares = trace.shares(store, lot)
        assert shares is not None
        if as_json:
            output.print_json({**way.as_json(graph), "shares": shares.as_json()})
            return
        output.say(f"{lot}\n{shares.material}, {shown_kg(shares.grams)}\n")
        output.say(f"Origins\n\n{way.shares_text(shares)}\n")
        said = "Its way, newest first, with the share of its metal that went through each step"
        output.say(f"{output.paragraph(said)}\n")
        for line in way.steps(store, graph, newest_first=True):
            output.say(line)
