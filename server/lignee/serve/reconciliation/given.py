"""JSON that a client sent, taken apart: each fault is told with its place.

A place is a JSON pointer: https://www.rfc-editor.org/rfc/rfc6901.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Final, NoReturn, TypeAlias

from lignee.errors import MalformedBatch

Json: TypeAlias = "str | int | float | bool | list[Json] | dict[str, Json] | None"

_SHOWN: Final = 80
"""Characters of a value that a message shows."""


def parsed(text: str, name: str) -> Json:
    """Return the JSON of the parameter of that name; raises MalformedBatch."""
    try:
        found: Json = json.loads(
            text, parse_constant=_refuse_constant, object_pairs_hook=_without_repeats
        )
        json.dumps(found, ensure_ascii=False).encode("utf-8")
    except RecursionError:
        raise MalformedBatch(f"`{name}` is nested deeper than any question is") from None
    except json.JSONDecodeError as error:
        raise MalformedBatch(
            f"`{name}` is not JSON: line {error.lineno}, column {error.colno}: {error.msg}"
        ) from None
    except UnicodeEncodeError:
        raise MalformedBatch(f"`{name}` holds half of a character (a lone surrogate)") from None
    except ValueError as error:  # also a number of thousands of digits
        raise MalformedBatch(f"`{name}` cannot be read: {error}") from None
    return found


def _refuse_constant(name: str) -> NoReturn:
    raise ValueError(f"JSON has no {name}")


def _without_repeats(pairs: list[tuple[str, Json]]) -> dict[str, Json]:
    found = dict(pairs)
    if len(found) < len(pairs):
        names = [name for name, _ in pairs]
        twice = next(name for name in names if names.count(name) > 1)
        raise ValueError(f"the key {shown(twice)} stands twice in one object")
    return found


def as_object(given: Json, pointer: str) -> dict[str, Json]:
    """Return an object as it is; raises MalformedBatch for anything else."""
    if isinstance(given, dict):
        return given
    raise MalformedBatch(f"this is {shown(given)}; it must be an object: {{…}}", pointer=pointer)


def list_in(
    fields: Mapping[str, Json], name: str, pointer: str = "", *, optional: bool = False
) -> list[Json]:
    """Return the list that an object has under the name; raises MalformedBatch."""
    given = fields.get(name)
    if isinstance(given, list):
        return given
    if given is None and optional:
        return []
    said = f"`{name}` is {shown(given)}" if name in fields else f"there is no `{name}`"
    raise MalformedBatch(f"{said}; it must be a list: […]", pointer=below(pointer, name))


def as_text(given: Json, pointer: str) -> str:
    """Return a text as it is; raises MalformedBatch for anything else."""
    if isinstance(given, str):
        return given
    raise MalformedBatch(f'this is {shown(given)}; it must be a text: "…"', pointer=pointer)


def below(pointer: str, name: str | int) -> str:
    """Return the place of what an object or a list at that place holds."""
    return f"{pointer}/" + str(name).replace("~", "~0").replace("/", "~1")


def shown(given: Json) -> str:
    """Return what was given as a message shows it."""
    if isinstance(given, dict | list):
        return "an object" if isinstance(given, dict) else "a list"
    text = json.dumps(given, ensure_ascii=False)
    return text if len(text) <= _SHOWN else text[: _SHOWN - 1] + "…"
