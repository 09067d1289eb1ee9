"""`dynafault schema`: the scenario language as a JSON Schema, for editors."""

from __future__ import annotations

from pathlib import Path

import click
import orjson

from emulator.cli.options import write_file
from emulator.scenario import json_schema


@click.command("schema")
@click.option(
    "--output", type=click.Path(path_type=Path, dir_okay=False), help="Write the schema to this file instead of to standard output."
)
def command(output: Path | None) -> int:
    """Print the JSON Schema (draft 2020-12) of scenario files, by which editors complete and check them."""
    text = orjson.dumps(json_schema(), option=orjson.OPT_INDENT_2) + b"\n"
    if output is None:
        click.echo(text, nl=False)
    else:
        write_file(output, text)
    return 0
