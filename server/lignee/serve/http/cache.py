"""Answers held in memory, so that what was evaluated once is not evaluated again.

A release never changes, so an answer to a deterministic query stays right for as long as there is
memory for it. The key of an answer is the digest of everything that decides its bytes; the same
digest makes its strong validator (https://www.rfc-editor.org/rfc/rfc9110#name-etag).
"""

from __future__ import annotations

import base64
import hashlib
import threading
from collections import OrderedDict
from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Final, NamedTuple

IDENTITY: Final = ""
"""The content coding of bytes that are not coded."""
_TAG_BYTES: Final = 16
_ENTRY_BYTES: Final = 512
"""What an entry costs beside its body, about."""
_REMEMBERED: Final = 256


class Key(NamedTuple):
    """Names an answer: the digest of the release, the canonical request and the format."""

    digest: bytes
    media_type: str

    def tag(self, coding: str = IDENTITY) -> str:
        """Return the entity tag, without its quotes, of the answer in that content coding."""
        name = base64.urlsafe_b64encode(self.digest[:_TAG_BYTES]).rstrip(b"=").decode("ascii")
        return f"{name}-{coding}" if coding else name


class Held(NamedTuple):
    """A whole answer."""

    media_type: str
    body: bytes


def key_of(
    release: str,
    query: str,
    *,
    media_type: str,
    default_graphs: Sequence[str] = (),
    named_graphs: Sequence[str] = (),
    bindings: Mapping[str, str] | None = None,
    language: str = "",
) -> Key:
    """Return the key of the answer that a query has on a release, as that media type.

    A dataset's graphs are sets (https://www.w3.org/TR/sparql11-protocol/#dataset), so neither their
    order nor their repetition matters. Bindings are terms in N-Triples syntax.
    """
    graphs = (_as_set(default_graphs), _as_set(named_graphs))
    bound = tuple(sorted(bindings.items())) if bindings else ()
    digest = _digest_before((release, graphs, bound, media_type, language)).copy()
    digest.update(query.encode("utf-8"))
    return Key(digest.digest(), media_type)


def _as_set(graphs: Sequence[str]) -> tuple[str, ...]:
    return tuple(sorted(set(graphs))) if graphs else ()


@lru_cache(_REMEMBERED)
def _digest_before(circumstances: tuple[object, ...]) -> hashlib._Hash:
    """Return the digest of what stands before the query in what a key is the digest of."""
    return hashlib.sha256(repr(circumstances).encode("utf-8"))


class Cache:
    """Answers by key and content coding, the least recently used of which makes room.

    `hits`, `misses` and `evictions` count since the start, `held_bytes` and `len()` are of now.
    """

    def __init__(self, limit_bytes: int) -> None:
        self.limit_bytes = limit_bytes
        self.held_bytes = self.hits = self.misses = self.evictions = 0
        self._lock = threading.Lock()
        self._entries: OrderedDict[tuple[Key, str], Held] = OrderedDict()

    def __len__(self) -> int:
        return len(self._entries)

    def find(self, key: Key, coding: str = IDENTITY) -> Held | None:
        """Return the answer, None where it is not held; counts as neither hit nor miss."""
        with self._lock:
            held = self._entries.get((key, coding))
            if held:
                self._entries.move_to_end((key, coding))
            return held

    def count(self, *, is_hit: bool) -> None:
        """Count a request whose answer was held, or was not."""
        with self._lock:
            self.hits += is_hit
            self.misses += not is_hit

    def hold(self, key: Key, held: Held, coding: str = IDENTITY) -> None:
        """Hold the answer, unless it alone would take more than an eighth of the room."""
        size = _size(held)
        if size > self.limit_bytes // 8:
            return
        with self._lock:
            if before := self._entries.pop((key, coding), None):
                self.held_bytes -= _size(before)
            self._entries[key, coding] = held
            self.held_bytes += size
            while self.held_bytes > self.limit_bytes:
                _, evicted = self._entries.popitem(last=False)
                self.held_bytes -= _size(evicted)
                self.evictions += 1


def _size(held: Held) -> int:
    return len(held.body) + _ENTRY_BYTES
