"""Every error that Lignée raises on purpose; it knows nothing of HTTP or exit codes.

```
LigneeError
├── InputError              the curated files cannot be used
│   ├── UnreadableInput     a folder or file is missing, forbidden or not UTF-8
│   ├── UnparsableInput     a file does not parse: file, line, column
│   ├── UnknownPrefix       a prefix is not declared, or not as the prefix table says
│   ├── UnlistedFile        a file stands where the build would silently skip it
│   └── DuplicateDefinition one IRI is defined in two files
├── ValidationFailed        the dataset does not conform; carries the number of faults
├── SettingError            an unknown setting, or a value out of range
├── ReleaseError
│   ├── NoRelease           nothing has been built yet
│   ├── UnknownRelease      no release of that version
│   ├── DamagedRelease      a release on disk is not what its manifest says
│   ├── BuildInProgress     another build holds the releases folder
│   └── CannotWrite         disk full, no permission
├── UnknownResource         the release says nothing of a resource; carries the nearest
│   └── RetiredResource     a resource was withdrawn; carries what took its place
├── QueryError              the query is at fault
│   ├── PlacedQueryError    with line and column where known
│   │   ├── MalformedQuery  it does not parse, or is too deep to be evaluated
│   │   └── ServiceRefused  SERVICE to an endpoint that is not on the allow-list
│   ├── UnknownParameter    a parameter that the query does not declare
│   ├── BadParameter        a value that is not of the parameter's type
│   ├── MalformedBatch      questions of a reconciliation cannot be read; tells where
│   ├── BatchTooLong        more questions at once than are answered
│   └── UnsupportedFormat   a format that cannot carry this kind of answer
└── EngineError             the query may be right, the engine did not answer it
    ├── DeadlineReached     the evaluation took longer than its deadline
    ├── MemoryBudgetReached the evaluation wanted more memory than allowed
    ├── QueueFull           no worker became free in time
    ├── ClientQueueFull     one client asks for more at a time than its share
    ├── ServiceFailed       an endpoint that the query calls by SERVICE failed
    ├── WorkerLost          the evaluating process ended for another cause
    ├── CalledOff           whoever asked no longer waits for the answer
    └── EngineUnavailable   the engine cannot be started or reached
```

A message is one or two sentences that name the thing, the place and the remedy.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Place:
    """A position in a curated file: a line and column count from 1, or 0 when unknown."""

    file: Path
    line: int = 0
    column: int = 0

    def __str__(self) -> str:
        known = [str(number) for number in (self.line, self.column) if number]
        return ":".join([str(self.file), *known])


class LigneeError(Exception):
    """Base of all errors raised on purpose; `str(error)` is the sentence to show."""

    def __init__(self, message: str, *, place: Place | None = None) -> None:
        super().__init__(f"{place}: {message}" if place else message)
        self.message = message
        self.place = place


class InputError(LigneeError):
    """The curated files cannot be used as they are."""


class UnreadableInput(InputError):
    """A folder or file is missing, forbidden or wrongly encoded."""


class UnparsableInput(InputError):
    """A file does not parse."""


class UnknownPrefix(InputError):
    """A prefix is not declared, or not as the prefix table declares it."""


class UnlistedFile(InputError):
    """A file stands where the build would silently skip it."""


class DuplicateDefinition(InputError):
    """One IRI is defined in two files."""


class ValidationFailed(LigneeError):
    """The dataset does not conform to its shapes; nothing was published."""

    def __init__(self, message: str, *, faults: int) -> None:
        super().__init__(message)
        self.faults = faults


class SettingError(LigneeError):
    """A setting is unknown, or its value is of the wrong type or out of range."""


class ReleaseError(LigneeError):
    """A release cannot be read or written."""


class NoRelease(ReleaseError):
    """Nothing has been built yet."""


class UnknownRelease(ReleaseError):
    """There is no release of that version."""


class DamagedRelease(ReleaseError):
    """A release on disk is not what its manifest says."""


class BuildInProgress(ReleaseError):
    """Another build holds the releases folder."""


class CannotWrite(ReleaseError):
    """The disk is full or the folder may not be written."""


class UnknownResource(LigneeError):
    """The release says nothing of a resource; `near` are the addresses of pages to try."""

    def __init__(self, message: str, *, near: tuple[str, ...] = ()) -> None:
        super().__init__(message)
        self.near = near


class RetiredResource(UnknownResource):
    """A resource was withdrawn; `near` are the addresses of what took its place and its own."""


class QueryError(LigneeError):
    """The query, or what was given with it, is at fault."""


class PlacedQueryError(QueryError):
    """Something at one place of the query; `line` and `column` count from 1, 0 when unknown."""

    def __init__(self, message: str, *, line: int = 0, column: int = 0) -> None:
        super().__init__(message)
        self.line = line
        self.column = column


class MalformedQuery(PlacedQueryError):
    """The query does not parse, or is too deep to be evaluated."""


class UnknownParameter(QueryError):
    """A parameter was given that the query does not declare."""


class BadParameter(QueryError):
    """A value is not of the type that the query's parameter declares."""


class MalformedBatch(QueryError):
    """Questions of a reconciliation cannot be read, or name what is not there.

    `pointer` is the place in their JSON, empty for the whole
    (https://www.rfc-editor.org/rfc/rfc6901).
    """

    def __init__(self, message: str, *, pointer: str = "") -> None:
        super().__init__(f"{pointer}: {message}" if pointer else message)
        self.pointer = pointer


class BatchTooLong(QueryError):
    """There are more questions at once than are answered."""


class UnsupportedFormat(QueryError):
    """The format asked for cannot carry this kind of answer."""


class ServiceRefused(PlacedQueryError):
    """The query calls a SERVICE that is not on the allow-list."""


class EngineError(LigneeError):
    """The engine did not answer; the query itself may be right."""


class DeadlineReached(EngineError):
    """The evaluation took longer than its deadline."""


class MemoryBudgetReached(EngineError):
    """The evaluation wanted more memory than its budget."""


class QueueFull(EngineError):
    """No worker became free in time."""


class ClientQueueFull(EngineError):
    """One client has as many queries under way and waiting as one client may."""


class ServiceFailed(EngineError):
    """An endpoint that the query calls by SERVICE could not be reached, or its answer read."""


class WorkerLost(EngineError):
    """The evaluating process ended for a cause other than a limit."""


class CalledOff(EngineError):
    """Whoever asked no longer waits for the answer."""


class EngineUnavailable(EngineError):
    """The engine cannot be started or reached."""
