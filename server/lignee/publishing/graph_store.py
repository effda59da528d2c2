"""A client of the Graph Store Protocol, as far as loading a release needs it.

See https://www.w3.org/TR/sparql11-http-rdf-update/.
"""

from __future__ import annotations

from http.client import HTTPException
from typing import Final
from urllib.parse import quote
from urllib.request import (
    HTTPDigestAuthHandler,
    HTTPPasswordMgrWithDefaultRealm,
    Request,
    parse_http_list,
    parse_keqv_list,
)

from lignee.engines.connection import Address, Connections, authorization
from lignee.engines.engine import Closing
from lignee.engines.remote_faults import plain
from lignee.errors import EngineUnavailable
from lignee.settings import Settings

_SECONDS: Final = 600.0
"""How long a server may take to store one piece."""
_WORDS_BYTES: Final = 20_000
TRIPLES: Final = "application/n-triples"
QUADS: Final = "application/n-quads"
DEFAULT_GRAPH: Final = None


class GraphStore(Closing):
    """Replaces, extends and deletes graphs; raises SettingError for a URL that is none.

    Every method raises EngineUnavailable where the server cannot be reached or refuses.
    """

    def __init__(self, url: str, settings: Settings) -> None:
        self._address = Address.of(url, "--graph-store")
        self._connections = Connections(self._address)
        self._credentials = _Credentials(url, settings)

    def replace(self, graph: str | None, triples: bytes) -> None:
        """Make the graph hold these triples and no others."""
        self._require(self._send("PUT", _selector(graph), TRIPLES, triples), "PUT", graph)

    def extend(self, graph: str | None, triples: bytes) -> None:
        """Add triples to the graph."""
        self._require(self._send("POST", _selector(graph), TRIPLES, triples), "POST", graph)

    def delete(self, graph: str | None) -> None:
        """Delete the graph if there is one."""
        status, words = self._send("DELETE", _selector(graph), "", None)
        if status != 404:
            self._require((status, words), "DELETE", graph)

    def extend_all(self, quads: bytes) -> bool:
        """Add quads to their graphs at once, False where the server has no such operation."""
        status, _ = self._send("POST", "", QUADS, quads)
        return status in (200, 201, 204)

    def close(self) -> None:
        """Close the connections."""
        self._connections.close()

    def _send(self, method: str, selector: str, kind: str, body: bytes | None) -> tuple[int, str]:
        separator = "&" if "?" in self._address.target else "?"
        target = self._address.target + (separator + selector if selector else "")
        headers = {"Content-Type": kind} if kind else {}
        status, words, challenge = self._exchange(method, target, headers, body)
        if status == 401 and self._credentials.meet(challenge):
            status, words, _ = self._exchange(method, target, headers, body)
        return status, words

    def _exchange(
        self, method: str, target: str, headers: dict[str, str], body: bytes | None
    ) -> tuple[int, str, str]:
        connection = self._connections.take()
        headers = headers | self._credentials.header(method, target)
        try:
            connection.connect(_SECONDS)
            response = connection.send(
                method, target, headers=headers, body=body, timeout_seconds=_SECONDS
            )
            words = response.read(_WORDS_BYTES).decode("utf-8", "replace")
        except (OSError, HTTPException) as error:
            raise EngineUnavailable(
                f"the graph store cannot be reached, or broke off ({error}); see that it runs and "
                "that --engine and --graph-store name it, then publish again: what is loaded stays"
            ) from None
        if response.isclosed() and not response.will_close:
            self._connections.give_back(connection)
        return response.status, words, response.getheader("WWW-Authenticate", "")

    def _require(self, answer: tuple[int, str], method: str, graph: str | None) -> None:
        status, words = answer
        if status in (200, 201, 204):
            return
        named = f"graph {graph}" if graph else "the default graph"
        remedy = (
            "give LIGNEE_ENGINE_USER and LIGNEE_ENGINE_PASSWORD, or LIGNEE_ENGINE_TOKEN, of an "
            "account that may write"
            if status in (401, 403)
            else "--graph-store names the URL that takes graphs"
        )
        said = plain(words)[:300]
        raise EngineUnavailable(
            f"the graph store refuses to {method} {named} ({status}{': ' if said else ''}{said}); "
            f"{remedy}"
        )


class _Credentials:
    """Shows a token at once, and user and password in the way that the server asks for.

    Digest authentication (RFC 7616) is computed by the standard library. Virtuoso asks for it, and
    does not say so to a client that begins with Basic (measured with 7.2.5.1).
    """

    def __init__(self, url: str, settings: Settings) -> None:
        self._url = url
        self._header = authorization(settings) if settings.engine_token else {}
        self._basic = authorization(settings)
        passwords = HTTPPasswordMgrWithDefaultRealm()
        passwords.add_password(None, url, settings.engine_user, str(settings.engine_password))
        self._handler = HTTPDigestAuthHandler(passwords)
        self._challenge: dict[str, str] = {}

    def meet(self, challenge: str) -> bool:
        """Take a server's challenge; tell whether there is more to show than before."""
        if not self._basic or self._header:
            return False
        scheme, _, fields = challenge.partition(" ")
        if scheme.lower() != "digest":
            self._header = self._basic
            return True
        is_new = not self._challenge or "stale=true" in fields.lower().replace('"', "")
        self._challenge = parse_keqv_list(parse_http_list(fields))
        return is_new

    def header(self, method: str, target: str) -> dict[str, str]:
        """Return what a request shows, nothing before the server asked for user and password."""
        if not self._challenge:
            return self._header
        root = "/".join(self._url.split("/", 3)[:3])
        asked = Request(root + target, method=method)  # noqa: S310  # never opened
        found = self._handler.get_authorization(asked, self._challenge)
        return {"Authorization": f"Digest {found}"} if found else {}


def _selector(graph: str | None) -> str:
    return "default" if graph is None else "graph=" + quote(graph, safe="")
