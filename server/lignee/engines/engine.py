"""What an engine is: a request goes in, an answer comes out as a stream of bytes."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Mapping
from enum import Enum
from types import MappingProxyType
from typing import NamedTuple, Protocol, Self

from pyoxigraph import Literal, NamedNode

from lignee.formats import Format, GraphFormat, ResultFormat


class Cancellation:
    """Lets one thread call off what another is waiting for, such as when a client has gone."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._is_cancelled = False
        self._callbacks: list[Callable[[], None]] = []

    @property
    def is_cancelled(self) -> bool:
        """Tell whether `cancel` was called."""
        return self._is_cancelled

    def cancel(self) -> None:
        """Run, once, all that `subscribe` was given."""
        with self._lock:
            self._is_cancelled = True
            callbacks, self._callbacks = self._callbacks, []
        for callback in callbacks:
            callback()

    def subscribe(self, callback: Callable[[], None]) -> None:
        """Have the callback run on cancellation, at once if that has happened already."""
        with self._lock:
            if not self._is_cancelled:
                self._callbacks.append(callback)
                return
        callback()


class Request(NamedTuple):
    """One query with the formats its client takes.

    A format of None means that the client takes none of that kind: UnsupportedFormat when the
    query turns out to be of that kind. `default_graphs` and `named_graphs` are IRIs and, where
    either is given, stand for the query's own FROM clauses (SPARQL 1.1 Protocol, section 2.1.4).
    `bindings` bind variables as a VALUES block at the start of the WHERE clause would. Relative
    IRIs are resolved by `base_iri` where the query has no BASE, and refused where both lack.
    `client` tells whose turn the request takes where several want the engine; empty for the server
    itself.
    """

    query: str
    result_format: ResultFormat | None
    graph_format: GraphFormat | None
    default_graphs: tuple[str, ...] = ()
    named_graphs: tuple[str, ...] = ()
    bindings: Mapping[str, NamedNode | Literal] = MappingProxyType({})
    base_iri: str | None = None
    timeout_seconds: float | None = None
    client: str = ""
    cancellation: Cancellation | None = None


class Timings(NamedTuple):
    """Where the time of an answer went, until it was whole or its first part was full.

    Evaluation goes up to the first byte, serialisation on from there: an engine that streams goes
    on evaluating meanwhile.
    """

    queue_seconds: float = 0.0
    evaluate_seconds: float = 0.0
    serialise_seconds: float = 0.0


class Answer(NamedTuple):
    """An answer on its way.

    `is_complete` says that every byte is here already, `size_bytes` of them; otherwise reading
    the body may yet raise an EngineError or QueryError, and what was read is not to be trusted.
    Whoever holds an answer calls `close`, which frees the engine for others at any moment.
    """

    media_type: str
    is_complete: bool
    size_bytes: int | None
    body: Iterator[bytes]
    close: Callable[[], None]
    timings: Timings = Timings()


class Closing:
    """Gives what has a `close` the use in a `with` statement."""

    def close(self) -> None:
        """Free what is held; each class says what that is."""
        raise NotImplementedError

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


class Begun(NamedTuple):
    """An evaluation under way; whoever holds one takes its answer or abandons it.

    `descriptor` can be read from when something of the answer has come. `answer_now` returns the
    answer if all of it has, None otherwise, also for what failed. `answer` waits, and raises, as
    `Engine.evaluate` does.
    """

    descriptor: int
    answer_now: Callable[[], Answer | None]
    answer: Callable[[], Answer]
    abandon: Callable[[], None]


class Busy(Enum):
    """Why an evaluation cannot begin at once, though it may soon."""

    WORKERS = "nobody is idle"
    SHARE = "the client has its share of the workers"


class Engine(Protocol):
    """Evaluates queries on one release; its methods may be called from many threads at once."""

    def evaluate(self, request: Request) -> Answer:
        """Return the answer to the request; raises QueryError or EngineError."""
        ...

    def begin(
        self, request: Request, cancellation: Cancellation, waited_seconds: float = 0.0
    ) -> Begun | Busy | None:
        """Begin to evaluate the request; None where that is never done without waiting.

        The cancellation, not that of the request, calls it off. `waited_seconds` is for how long
        the request has been put off before.
        """
        ...

    def look_up(self, query: str, form: Format, base_iri: str) -> bytes | None:
        """Return the whole answer if finding it takes less time than to begin; None otherwise."""
        ...

    def close(self) -> None:
        """End everything the engine started; later requests raise EngineUnavailable."""
        ...

    def __enter__(self) -> Self: ...

    def __exit__(self, *_: object) -> None: ...
