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


class Secret(str):
    """A text that is never shown: not in a table, a log or a message."""

    __slots__ = ()

    def __repr__(self) -> str:
        return "'…'" if self else "''"


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
    default: Value,
    meaning: str,
    minimum: float | None = None,
    maximum: float | None = None,
    choices: tuple[str, ...] = (),
) -> Any:  # dataclasses.field() is typed as the field's own type, so a row must be too
    metadata = {"meaning": meaning, "minimum": minimum, "maximum": maximum, "choices": choices}
    return field(default=default, metadata=metadata)


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
    workers: int = _row(
        0,
        "queries evaluated at the same time, each in its own process; 0: one more than processors, "
        "or four for each with a store on disk, as memory allows",
        0,
        256,
    )
    threads: int = _row(
        0,
        "requests handled at the same time; 0: 16 more than queries may hold, which is --workers, "
        "twice --queue-length and 9 for each of --older-releases",
        0,
        1_000_000,
    )
    timeout_seconds: float = _row(30.0, "deadline of one query's evaluation", 0.01, 3600)
    transfer_seconds: float = _row(
        600.0,
        "how long one answer may hold a worker, slow reading by its client included",
        0.1,
        86_400,
    )
    stall_seconds: float = _row(
        30.0, "how long a client may take nothing of its answer while a worker waits", 0.1, 86_400
    )
    request_seconds: float = _row(
        30.0, "how long a client may take to send a request's head, and then its body", 0.1, 3600
    )
    memory_megabytes: int = _row(
        2048, "memory that one query may use beyond what its worker started with", 16, 1_048_576
    )
    cache_bytes: int = _row(
        33_554_432, "memory for answers that are held; 0 holds none", 0, 1_099_511_627_776
    )
    queue_length: int = _row(
        64,
        "requests that may wait for a worker, and for another's answer; more are refused",
        0,
        100_000,
    )
    queue_seconds: float = _row(10.0, "how long a request waits for a worker", 0, 3600)
    client_workers: int = _row(
        0, "queries of one client evaluated at the same time; 0: half of the workers", 0, 256
    )
    client_queue_length: int = _row(
        16, "requests of one client that may wait for a worker; more are refused", 0, 100_000
    )
    trusted_proxies: str = _row(
        "",
        "addresses or networks, with commas between, whose X-Forwarded-For and X-Forwarded-Proto "
        "are believed; empty: none",
    )
    spool_bytes: int = _row(
        524_288,
        "bytes of an answer held back until its status is sure; later faults break the transfer",
        0,
        1_073_741_824,
    )
    query_bytes: int = _row(1_048_576, "longest query, or request body, accepted", 1, 1_073_741_824)
    reconcile_queries: int = _row(500, "names in one request to reconcile them", 1, 100_000)
    page_solutions: int = _row(
        1000, "solutions, triples or graphs that a page shows; all can be had as a file", 1, 100_000
    )
    page_bytes: int = _row(
        2_097_152, "bytes of an answer that a page shows; the whole is a file", 1024, 1_073_741_824
    )
    warm_pages: str = _row(
        "yes", "whether main pages are made before a visitor asks for them", choices=("no", "yes")
    )
    data_statements: int = _row(
        20_000, "statements that a description under /data holds; longer ones are refused", 1, 10**8
    )
    difference_bytes: int = _row(
        67_108_864, "longest dataset.nq compared to tell what changed", 0, 1_099_511_627_776
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
        2_000_000,
        "releases up to this many quads are held in memory, larger ones on disk; both `build` and "
        "`serve` go by it",
        0,
    )
    lookup_max_quads: int = _row(
        2_000_000,
        "releases held in memory, up to this many quads, are held by the server's own process as "
        "well, which then answers what is said of one subject without a worker; 0: none are",
        0,
    )
    older_releases: int = _row(
        2, "older releases that can be queried at the same time, one worker each", 0, 64
    )
    older_idle_seconds: float = _row(
        300.0, "how long the engine of an older release is kept after its last query", 0, 86_400
    )
    stop_seconds: int = _row(
        30, "how long answers under way may take to end when the server is stopped", 1, 3600
    )
    log_level: str = _row(
        "warning",
        "what is logged: `info` adds a line for each request; `warning` is for what needs care",
        choices=("debug", "info", "warning", "error"),
    )
    log_format: str = _row(
        "text", "how it is logged: lines to read, or JSON objects", choices=("text", "json")
    )
    log_queries: str = _row(
        "no", "whether the text of each query is logged with its request", choices=("no", "yes")
    )
    engine: str = _row(
        "",
        "URL of a SPARQL server that evaluates the queries; empty: processes of Lignée's own do",
    )
    engine_user: str = _row("", "user that the SPARQL server knows; empty: none is named")
    engine_password: Secret = _row(Secret(), "password of that user")
    engine_token: Secret = _row(
        Secret(), "bearer token that the SPARQL server asks for, in place of user and password"
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
    choices: tuple[str, ...]

    @property
    def flag(self) -> str:
        """The command-line flag; a secret has none, since everybody sees a command line."""
        return "" if self.kind is Secret else "--" + self.name.replace("_", "-")

    @property
    def variable(self) -> str:
        """The environment variable."""
        return PREFIX + self.name.upper()

    def shown(self, settings: Settings) -> str:
        """Return the value in force as it may be shown to anybody."""
        value = getattr(settings, self.name)
        return ("set" if value else "") if isinstance(value, Secret) else str(value)


def table() -> tuple[Row, ...]:
    """Return the settings, one row each, in the order they are documented."""
    rows = []
    for item in fields(Settings):
        assert item.default is not MISSING
        default = cast(Value, item.default)
        kind = Path if isinstance(default, Path) else type(default)
        rows.append(Row(item.name, kind, default, **item.metadata))
    return tuple(rows)


def described(row: Row) -> str:
    """Return what a setting means, with the values it may have where they are few."""
    return row.meaning + (f" (one of {', '.join(row.choices)})" if row.choices else "")


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
    if row.choices and value not in row.choices:
        raise SettingError(f"{origin} is {text!r}; it must be one of {', '.join(row.choices)}")
    return value


def _within(value: float, row: Row) -> bool:
    return (row.minimum is None or value >= row.minimum) and (
        row.maximum is None or value <= row.maximum
    )
