"""Who asks: the address of a client, also behind proxies that are named as trusted."""

from __future__ import annotations

from collections.abc import Iterable
from functools import lru_cache
from ipaddress import IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network
from typing import TYPE_CHECKING, Final

from lignee.errors import SettingError

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIEnvironment

_REMEMBERED: Final = 10_000
_LONGEST: Final = 500
_PREFIX_OF_ONE: Final = 64
"""One IPv6 client has at least such a network, and may take any address in it for each request
(https://www.rfc-editor.org/rfc/rfc6177#section-2)."""


class Proxies:
    """The proxies whose word about their clients is believed."""

    def __init__(self, networks: Iterable[IPv4Network | IPv6Network]) -> None:
        self._networks = tuple(networks)
        # To parse an address takes as long as to answer from memory.
        self._remembered = lru_cache(_REMEMBERED)(self._client)

    @classmethod
    def from_setting(cls, text: str) -> Proxies:
        """Return the proxies that `--trusted-proxies` names; raises SettingError."""
        try:
            return cls([ip_network(part.strip()) for part in text.split(",") if part.strip()])
        except ValueError as error:
            raise SettingError(
                f"--trusted-proxies is {text!r}: {error}; name addresses or networks such as "
                "127.0.0.1,10.0.0.0/8"
            ) from None

    def client_of(self, environ: WSGIEnvironment) -> str:
        """Return who asks: an IPv4 address, or the /64 network of an IPv6 address.

        Of X-Forwarded-For counts what trusted proxies added: the last address that is none of
        theirs. What stands before that may be anybody's invention.
        """
        forwarded = str(environ.get("HTTP_X_FORWARDED_FOR", ""))
        return self.client_at(str(environ.get("REMOTE_ADDR", "")), forwarded)

    def client_at(self, address: str, forwarded: str) -> str:
        """Return who asks from that address with that X-Forwarded-For."""
        return self._remembered(address, forwarded[-_LONGEST:] if self._networks else "")

    def _client(self, address: str, forwarded: str) -> str:
        hops = [hop.strip() for hop in forwarded.split(",")]
        while self._is_trusted(address) and hops and _is_address(hops[-1]):
            address = hops.pop()
        return _key_of(address)

    def scheme_of(self, environ: WSGIEnvironment) -> str:
        """Return the scheme by which the client asked: a trusted proxy may have spoken TLS."""
        forwarded = str(environ.get("HTTP_X_FORWARDED_PROTO", "")).strip().lower()
        if forwarded in ("http", "https") and self._is_trusted(str(environ["REMOTE_ADDR"])):
            return forwarded
        return str(environ["wsgi.url_scheme"])

    def _is_trusted(self, address: str) -> bool:
        return _is_address(address) and any(
            ip_address(address) in network for network in self._networks
        )


def _is_address(text: str) -> bool:
    try:
        ip_address(text)
    except ValueError:
        return False
    return True


def _key_of(address: str) -> str:
    if ":" not in address or not _is_address(address):
        return address
    parsed = ip_address(address)
    assert isinstance(parsed, IPv6Address)
    if parsed.ipv4_mapped:
        return str(parsed.ipv4_mapped)
    return str(IPv6Network((int(parsed), _PREFIX_OF_ONE), strict=False))
