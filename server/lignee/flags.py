"""Flags that several commands take."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

import click

from lignee import settings as settings_table

Command = TypeVar("Command", bound=Callable[..., None])


def takes_settings(*names: str) -> Callable[[Command], Command]:
    """Give a command the flags of these settings, worded by the settings table."""
    rows = {row.name: row for row in settings_table.table()}

    def decorate(command: Command) -> Command:
        for name in reversed(names):
            row = rows[name]
            default = "the current folder" if row.default == Path() else str(row.default) or "none"
            described = settings_table.described(row)
            help_text = f"{described}  [default: {default}; variable: {row.variable}]"
            command = click.option(row.flag, name, metavar="VALUE", help=help_text)(command)
        return command

    return decorate


def takes_files(command: Command) -> Command:
    """Give a command `--with`, once for each file."""
    return click.option(
        "--with",
        "files",
        multiple=True,
        type=click.Path(path_type=Path),
        metavar="FILE",
        help="an RDF file to add, in memory only; may be given several times",
    )(command)
