"""One frozen `Settings`, made from one table: each row is a flag, a variable and a default.

`timeout_seconds` is the flag `--timeout-seconds` and the variable `LIGNEE_TIMEOUT_SECONDS`; a flag
wins over the variable. The environment is read here and nowhere else, once per command.
"""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from dataclasses import MISSING, dataclass, field, fields
from pathlib import Path
from typing import Any, Final, Self, TypeAlias, cast

from lignee.errors import SettingError

PREFIX: Final = "LIGNEE_"
NOT_SETTINGS: Final = frozenset({"LIGNEE_SHARED"})
"""Variables with our prefix that are no settings: LIGNEE_SHARED tells tests where inputs lie."""
_WEB_IRI: Final = re.compile(r"https?://[^\x00-\x20<>\"{}|^`\\]+")


class Iris(tuple[str, ...]):
    """IRIs of web addresses, written with spaces or commas between; raises ValueError."""

    __slots__ = ()

    def __new__(cls, text: str = "") -> Self:
        """Read the IRIs from the text."""
        found = text.replace(",", " ").split()
        if not all(_WEB_IRI.fullmatch(iri) for iri in found):
            raise ValueError
        return super().__new__(cls, found)

    def __str__(self) -> str:
        return " ".join(self)


Value: TypeAlias = str | int | float | Path | Iris


def _row(
    default: Value, meaning: str, minimum: float | None = None, maximum: float | None = None
) -> Any:  # dataclasses.field() is typed as the field's own type, so a row must be too
    return field(
        default=default, metadata={"meaning": meaning, "minimum": minimum, "maximum": maximum}
    )


@dataclass(frozen=True, slots=True)
class Settings:
    """Everything that can be set; a limit that a client can meet is named here."""

    kg: Path = _row(
        Path(),
        "folder with ontology/, data/, shapes/ and queries/; empty: the current folder if it has "
        "them, else the knowledge graph that came with the package",
    )
    releases: Path = _row(Path("releases"), "folder that holds the built releases")
    host: str = _row("127.0.0.1", "address to listen on; 0.0.0.0 opens the server to the network")
    port: int = _row(8000, "TCP port to listen on", 1, 65535)
    workers: int = _row(2, "queries evaluated at the same time, each in its own process", 1, 256)
    threads: int = _row(
        96,
        "requests handled at the same time; more than --workers and --queue-length together, or "
        "pages wait for queries",
        1,
        1024,
    )
    timeout_seconds: float = _row(30.0, "deadline of one query's evaluation", 0.01, 3600)
    transfer_seconds: float = _row(
        600.0,
        "how long one answer may hold a worker, slow reading by its client included",
        1,
        86_400,
    )
    memory_megabytes: int = _row(
        2048, "memory that one query may use beyond what its worker started with", 16, 1_048_576
    )
    queue_length: int = _row(
        64, "requests that may wait for a worker; more are refused", 0, 100_000
    )
    queue_seconds: float = _row(10.0, "how long a request waits for a worker", 0, 3600)
    spool_bytes: int = _row(
        1_048_576,
        "bytes of an answer held back until its status is sure; later faults break the transfer",
        0,
        1_073_741_824,
    )
    query_bytes: int = _row(1_048_576, "longest query, or request body, accepted", 1, 1_073_741_824)
    header_seconds: float = _row(
        30.0, "how long a client may take to send the head of a request, or to begin it", 0.1, 3600
    )
    body_seconds: float = _row(
        30.0, "how long a client may take to send the body of a request", 0.1, 3600
    )
    stall_seconds: float = _row(
        60.0, "how long a client may take to read the next part of an answer", 0.1, 3600
    )
    service_allow: Iris = _row(
        Iris(),
        "endpoints that queries may call by SERVICE, as IRIs apart by spaces or commas; any other "
        "is refused",
    )
    service_seconds: float = _row(
        10.0,
        "how long a query that calls other endpoints may take, slow reading by its client included",
        0.01,
        3600,
    )
    memory_store_max_quads: int = _row(
        2_000_000, "releases up to this many quads are held in memory, larger ones on disk", 0
    )


@dataclass(frozen=True, slots=True)
class Row:
    """One row of the settings table, for `--help`, documentation and tests."""

    name: str
    kind: type[Value]
    default: Value
    meaning: str
    minimum: float | None
    maximum: float | None

    @property
    def flag(self) -> str:
        """The command-line flag."""
        return "--" + self.name.replace("_", "-")

    @property
    def variable(self) -> str:
        """The environment variable."""
        return PREFIX + self.name.upper()


def table() -> tuple[Row, ...]:
    """Return the settings, one row each, in the order they are documented."""
    rows = []
    for item in fields(Settings):
        assert item.default is not MISSING
        default = cast(Value, item.default)
        kind = Path if isinstance(default, Path) else type(default)
        rows.append(Row(item.name, kind, default, **item.metadata))
    return tuple(rows)


def markdown() -> str:
    """Return the table of settings as Markdown, with defaults and limits."""
    lines = ["| flag | variable | default | from | to | meaning |", "|---|---|---|---|---|---|"]
    for row in table():
        default = "" if row.default in (Path(), Iris()) else f"`{row.default}`"
        low, high = ("" if limit is None else f"{limit:,}" for limit in (row.minimum, row.maximum))
        lines.append(
            f"| `{row.flag}` | `{row.variable}` | {default} | {low} | {high} | {row.meaning} |"
        )
    return "\n".join(lines)


def read(
    flags: Mapping[str, str | None] | None = None, environment: Mapping[str, str] | None = None
) -> Settings:
    """Return the settings in force; raises SettingError naming the flag or variable at fault."""
    environment = os.environ if environment is None else environment
    given = {name: text for name, text in (flags or {}).items() if text is not None}
    rows = {row.name: row for row in table()}
    _refuse_unknown(environment, {row.variable for row in rows.values()})
    values: dict[str, Value] = {}
    for name, row in rows.items():
        if name in given:
            values[name] = _parse(row, given[name], origin=row.flag)
        elif row.variable in environment:
            values[name] = _parse(row, environment[row.variable], origin=row.variable)
    return Settings(**cast(dict[str, Any], values))


def environment_of(settings: Settings) -> dict[str, str]:
    """Return the variables that make another process read the same settings."""
    return {row.variable: str(getattr(settings, row.name)) for row in table()}


def _refuse_unknown(environment: Mapping[str, str], known: set[str]) -> None:
    for variable in sorted(environment):
        if variable.startswith(PREFIX) and variable not in known | NOT_SETTINGS:
            raise SettingError(
                f"{variable} is not a setting; `lignee settings` lists those there are"
            )


def _parse(row: Row, text: str, *, origin: str) -> Value:
    try:
        value = row.kind(text)
    except ValueError:
        wanted = {
            int: "a whole number",
            float: "a number",
            Iris: "IRIs that start with http:// or https://",
        }[row.kind]
        raise SettingError(f"{origin} is {text!r}; it must be {wanted}") from None
    if isinstance(value, int | float) and not _within(value, row):
        upper = f" and {row.maximum:g}" if row.maximum is not None else " or more"
        low = f"between {row.minimum:g}" if row.maximum is not None else f"{row.minimum:g}"
        raise SettingError(f"{origin} is {text}; it must be {low}{upper}")
    return value


def _within(value: float, row: Row) -> bool:
    return (row.minimum is None or value >= row.minimum) and (
        row.maximum is None or value <= row.maximum
    )
