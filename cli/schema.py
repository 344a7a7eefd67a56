"""``oreline schema``: the events' JSON Schema."""

from typing import Any

import click

from cli import output


@click.command("schema")
@click.argument("name", metavar="[TYPE]", required=False)
@click.option("--json", "as_json", is_flag=True, help="It always prints JSON.")
@click.pass_context
def command(context: click.Context, name: str | None, as_json: bool) -> None:
    """Print the JSON Schema (draft 2020-12) of all events, or of one TYPE such as transform.

    For editors and code generators. What a schema cannot say, `oreline post --dry-run` still asks.
    """
    from ledger.events import EVENT_TYPES, json_schema

    whole = json_schema()
    if name is None:
        output.print_json(whole)
        return
    if name not in EVENT_TYPES:
        raise click.UsageError(f"{name} is no type of event: {', '.join(EVENT_TYPES)}.", context)
    wanted = EVENT_TYPES[name].__name__
    rest: dict[str, Any] = {key: value for key, value in whole.items() if key not in ("oneOf", "title")}
    rest["$defs"] = _reached(whole["$defs"], wanted)
    output.print_json({**rest, "title": f"Oreline event: {name}", "$ref": f"#/$defs/{wanted}"})


def _reached(definitions: dict[str, Any], start: str) -> dict[str, Any]:
    """The definitions that one of them refers to, itself included."""
    found: dict[str, Any] = {}
    todo = [start]
    while todo:
        name = todo.pop()
        if name not in found:
            found[name] = definitions[name]
            todo += _references(definitions[name])
    return {name: definition for name, definition in definitions.items() if name in found}


def _references(schema: Any) -> list[str]:
    if isinstance(schema, dict):
        own = [schema["$ref"].rpartition("/")[2]] if isinstance(schema.get("$ref"), str) else []
        return own + [name for value in schema.values() for name in _references(value)]
    return [name for item in schema for name in _references(item)] if isinstance(schema, list) else []
