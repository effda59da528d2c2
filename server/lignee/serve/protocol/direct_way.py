"""The direct way: a query is handed to an idle worker by the thread that received it.

What is asked most is a query in a URL by `GET` with nothing beside it. A client sends it each time
with the same headers, so what those mean is remembered by their bytes, and what is left to do takes
less time than a change of threads. Nothing else is decided here: what is not of that form, or would
have to wait for long, goes the long way, and so does an answer that fails, is long or is not here
soon.
"""

from __future__ import annotations

import re
import time
from binascii import a2b_qp
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from typing import Final, NamedTuple

import httptools

from lignee.engines.engine import Busy, Cancellation, Request
from lignee.engines.lookup import given_by
from lignee.errors import CalledOff
from lignee.formats import GraphFormat, ResultFormat
from lignee.serve.context import Context, Equipment, current_context
from lignee.serve.http import compression, negotiation
from lignee.serve.http.cache import IDENTITY, Held, key_of
from lignee.serve.http.clients import Proxies
from lignee.serve.http.record import Notes, Observer
from lignee.serve.protocol import answered, results
from lignee.serve.protocol.answered import Answered, Found
from lignee.serve.protocol.results import Pending, Question
from lignee.serve.protocol.sparql import NAME

_START: Final = b"GET /sparql?query="
_VERSION: Final = b" HTTP/1.1\r\n"
_ENCODED: Final = re.compile(rb"[A-Za-z0-9\-._~!$'()*+,;=:@/?%]+")
"""What a query in a URL is written with (https://www.rfc-editor.org/rfc/rfc3986#section-3.4), but
for `&`, which another parameter would follow."""
_LONGEST: Final = 16_384
_REMEMBERED: Final = 256
_KNOWN: Final = frozenset(
    (
        *("accept", "accept-encoding", "accept-language", "cache-control", "connection", "host"),
        *("origin", "pragma", "priority", "referer", "user-agent", "via"),
        *("x-forwarded-for", "x-forwarded-host", "x-forwarded-proto", "x-real-ip"),
    )
)
"""Headers that make no other request of it, `Connection` unless it ends the connection."""


class _Manner(NamedTuple):
    """How a client asks, whatever it asks."""

    result_format: ResultFormat | None
    graph_format: GraphFormat | None
    coding: str
    forwarded: str


class Read(NamedTuple):
    """A query, how it is asked, and since when."""

    query: str
    manner: _Manner
    begun: float


class Wanted(NamedTuple):
    """A question, about which release, and since when."""

    question: Question
    context: Context
    begun: float


@dataclass(eq=False, slots=True)
class Place:
    """A question's place among those that wait; `resume` is called when its turn has come.

    It is given the evaluation, or None where the long way has to be gone.
    """

    wanted: Wanted
    resume: Callable[[Asked | None], None]


class Asked(NamedTuple):
    """A request whose answer is being evaluated."""

    pending: Pending
    begun: float

    @property
    def descriptor(self) -> int:
        """What can be read from when something of the answer has come."""
        return self.pending.giving.descriptor


class DirectWay:
    """Hands queries to idle workers, and gives their answers; for one thread."""

    def __init__(self, equipment: Equipment, observer: Observer | None = None) -> None:
        self._equipment = equipment
        self._proxies = Proxies.from_setting(equipment.settings.trusted_proxies)
        self._observer = observer
        # What SERVICE finds is nobody's to hold, and logs tell queries before they are answered.
        settings = equipment.settings
        self._may_look_up = not settings.service_allow and settings.log_queries == "no"
        self._under_way = 0
        self._waiting: dict[Place, None] = {}

    def read(self, request: bytes) -> Read | None:
        """Return what is asked; None where it has to go the long way."""
        if not request.startswith(_START) or len(request) > _LONGEST:
            return None
        encoded, _, head = request[len(_START) :].partition(_VERSION)
        if not (manner := _manner_of(head)) or (query := _query_of(encoded)) is None:
            return None
        return Read(query, manner, time.perf_counter())

    def look_up(self, read: Read, date: bytes) -> Found | None:
        """Return the whole answer where it is found at once; None for what has to be asked.

        An answer that is held goes the long way, which has the short way keep it.
        """
        query, manner = read.query, read.manner
        kind = given_by(query) if self._may_look_up else ()
        form = manner.result_format if kind is ResultFormat else manner.graph_format
        if not kind or form is None:
            return None
        served, answers = self._equipment.served.current, self._equipment.answers
        key = key_of(served.label, query, media_type=form.media_type)
        if answers.cache.find(key):
            return None
        body = served.engine.look_up(query, form, served.release.namespaces.base)
        if body is None:
            return None
        coding = manner.coding if len(body) >= compression.SMALLEST_BYTES else IDENTITY
        held = Held(form.media_type, body)
        return answered.found(query, key, held, coding, read.begun, date)

    def wanted(self, read: Read, address: str) -> Wanted | None:
        """Return what the client at that address wants; None where it has to go the long way."""
        manner, context = read.manner, current_context(self._equipment)
        asked = Request(
            query=read.query,
            result_format=manner.result_format,
            graph_format=manner.graph_format,
            base_iri=context.release.namespaces.base,
            client=self._proxies.client_at(address, manner.forwarded),
        )
        notes = Notes(kind=NAME)
        question = results.question_to_begin("GET", manner.coding, asked, context, notes)
        return Wanted(question, context, read.begun) if question else None

    def ask(self, wanted: Wanted) -> Asked | Busy | None:
        """Have the question evaluated, without waiting; None where it has to go the long way."""
        waited_seconds = time.perf_counter() - wanted.begun
        asked = wanted.question.asked._replace(cancellation=Cancellation())
        question = wanted.question._replace(asked=asked)
        pending = results.begin(question, wanted.context, waited_seconds)
        if not isinstance(pending, Pending):
            return pending
        self._under_way += 1
        return Asked(pending, wanted.begun)

    def wait(self, wanted: Wanted, resume: Callable[[Asked | None], None]) -> Place | None:
        """Return a place in the queue; None where nothing is under way that ends soon."""
        if not self._under_way or len(self._waiting) >= self._equipment.settings.queue_length:
            return None
        place = Place(wanted, resume)
        self._waiting[place] = None
        return place

    def leave(self, place: Place) -> None:
        """Wait no longer."""
        self._waiting.pop(place, None)

    def advance(self) -> None:
        """Have those begin who wait, in turn, as far as there are workers for them.

        Where nothing is under way any more, nobody would call them later: they go the long way.
        """
        at_their_share = set[str]()
        for place in list(self._waiting):
            client = place.wanted.question.asked.client
            if client in at_their_share:
                continue
            asked = self.ask(place.wanted)
            if isinstance(asked, Busy) and self._under_way:
                if asked is Busy.WORKERS:
                    return
                at_their_share.add(client)
                continue
            self.leave(place)
            place.resume(None if isinstance(asked, Busy) else asked)

    def hand_over(self, asked: Asked) -> Pending:
        """Return the evaluation, for which the long way waits."""
        self._under_way -= 1
        return asked.pending

    def answer(self, asked: Asked, date: bytes) -> Answered:
        """Return the whole answer, which must be ready."""
        self._under_way -= 1
        return answered.whole(asked.pending.question, asked.pending.reply(), asked.begun, date)

    def give_up(self, asked: Asked) -> None:
        """End an evaluation whose client has gone."""
        self._under_way -= 1
        asked.pending.abandon()
        self.tell(Answered(b"", 500, 0, asked.pending.question, asked.begun), CalledOff.__name__)

    def tell(self, given: Answered, error: str | None = None) -> None:
        """Have the request logged and counted, for which its client need not wait."""
        if self._observer:
            self._observer(given.record(error))

    def hold(self, found: Found) -> None:
        """Have an answer held that was looked up, and its request logged and counted."""
        self._equipment.answers.hold(found.key, found.held)
        if self._observer:
            self._observer(found.record())


def _query_of(encoded: bytes) -> str | None:
    """Return the query, None where something else stands there too, or what is not right."""
    if not _ENCODED.fullmatch(encoded):
        return None
    # Quoted printable is the same but for the sign, and is decoded in C.
    text = a2b_qp(encoded.replace(b"=", b"%3D").replace(b"+", b"%20").replace(b"%", b"="))
    if len(encoded) - len(text) != 2 * encoded.count(b"%"):  # an escape that is none
        return None
    try:
        return text.decode("utf-8")
    except UnicodeDecodeError:
        return None


class _Head:
    """Takes what the parser finds in a head."""

    def __init__(self) -> None:
        self.headers: dict[str, str] = {}
        self.is_repeated = self.is_complete = False

    def on_header(self, name: bytes, value: bytes) -> None:
        key = name.decode("latin-1").lower()
        self.is_repeated = self.is_repeated or key in self.headers
        self.headers[key] = value.decode("latin-1")

    def on_message_complete(self) -> None:
        self.is_complete = True


@lru_cache(_REMEMBERED)
def _manner_of(head: bytes) -> _Manner | None:
    """Return what the header lines, with the empty one after them, say of the client."""
    if head.find(b"\r\n\r\n") != len(head) - 4:
        return None
    found = _Head()
    parser = httptools.HttpRequestParser(found)
    try:
        parser.feed_data(b"GET /" + _VERSION + head)
    except (httptools.HttpParserError, httptools.HttpParserUpgrade):
        return None
    headers = found.headers
    accept = headers.get("accept", "").strip()
    if (
        found.is_repeated
        or not (found.is_complete and parser.should_keep_alive())
        or not headers.keys() <= _KNOWN
        or negotiation.may_mean_html(accept)
    ):
        return None
    result_format = negotiation.result_format_by(accept)
    graph_format = negotiation.graph_format_by(accept)
    if result_format is None and graph_format is None:
        return None
    coding = compression.coding_for(headers.get("accept-encoding", ""))
    return _Manner(result_format, graph_format, coding, headers.get("x-forwarded-for", ""))
