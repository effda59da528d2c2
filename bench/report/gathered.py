"""The newest of several results, size by size: runs are separate, one page tells of all."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Any, Final

from report.numbers import Result
from runner.results import read

_LAST: Final = "runaway"
"""The part that a run measures last of each size."""


def gathered(files: Iterable[Path]) -> dict[str, Any]:
    """Return the newest measurement of each size as one result, with its `origins`.

    A size that was measured to its end and beside all peers goes before a newer one that was not.
    What is said of no size is that of the newest result which has any. Raises ValueError where
    nothing was measured; results of another shape are passed over.
    """
    found = list(_readable(files))
    sizes = sorted({int(size) for _, result in found for size in result["sizes"]})
    if not sizes:
        raise ValueError("there are no results of this bench; `make bench` writes one")
    chosen = {
        str(size): max(
            (entry for entry in found if str(size) in entry[1]["sizes"]),
            key=lambda entry: _rank(entry[1], str(size)),
        )
        for size in sizes
    }
    names = sorted({(result["started"], name) for name, result in chosen.values()}, reverse=True)
    origins = [dict(found)[name] | {"file": name} for _, name in names]
    shipped = [(result["started"], result["shipped"]) for _, result in found if "shipped" in result]
    return {
        **origins[0],
        **({"shipped": max(shipped)[1]} if shipped else {}),
        "sizes": {size: result["sizes"][size] for size, (_, result) in chosen.items()},
        "origins": [
            origin
            | {"sizes": [size for size, (name, _) in chosen.items() if name == origin["file"]]}
            for origin in origins
        ],
    }


def _readable(files: Iterable[Path]) -> Iterable[tuple[str, dict[str, Any]]]:
    for file in files:
        try:
            yield file.name, read(file)
        except ValueError:
            continue  # of an earlier bench, or of links


def _rank(result: Result, size: str) -> tuple[bool, bool, str]:
    is_whole = _LAST in result["sizes"][size]
    return is_whole, not result["flags"].get("peers"), result["started"]
