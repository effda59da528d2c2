"""What is known of a request once it has been answered, for logs and counters."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final, Literal, NamedTuple, TypeAlias

NOTES: Final = "lignee.notes"
"""The key of the WSGI environment under which the gateway takes the application's `Notes`."""

CacheOutcome: TypeAlias = Literal["hit", "miss", "shared", "fresh", "none"]
"""What the cache of results did for a request.

`hit`: the answer was held already. `miss`: it was evaluated, and might have been held. `shared`: it
was evaluated once for several that asked at the same time. `fresh`: the client held the answer
itself (304). `none`: nothing that is ever held, such as a page or a query that uses NOW().
"""


@dataclass(slots=True)
class Notes:
    """What the application says of the request that it handles, while it does."""

    request_id: str | None = None
    kind: str = "unknown"
    cache: CacheOutcome = "none"
    query_digest: str | None = None
    error: str | None = None
    is_repeatable: bool = False
    """The same request will be answered with the same bytes, for as long as the release stays."""


def notes_of(environ: Mapping[str, object]) -> Notes:
    """Return the notes on the request of that WSGI environment."""
    notes = environ.get(NOTES)
    return notes if isinstance(notes, Notes) else Notes()


class RequestRecord(NamedTuple):
    """One request and its outcome; nothing in it tells who asked or what.

    `kind` is the name of the route's group, such as `sparql` or `downloads`, `unknown` where no
    route fits. `seconds` lie between the request's head and the last byte handed to the web server,
    and `sent_bytes` are those of the body as it was sent, compressed or not. `error` is the name of
    the error that was answered, or that broke the answer off; `is_broken_off` tells the latter.
    """

    method: str
    kind: str
    status: int
    seconds: float
    sent_bytes: int
    cache: CacheOutcome = "none"
    query_digest: str | None = None
    error: str | None = None
    is_broken_off: bool = False
    request_id: str | None = None


Observer: TypeAlias = Callable[[RequestRecord], None]
"""Called once for each request, in the thread of the event loop: it must not wait for anything."""
