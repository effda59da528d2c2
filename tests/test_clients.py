"""Who a client is, directly and behind proxies."""

from __future__ import annotations

import pytest

from lignee.errors import SettingError
from lignee.serve.http.clients import Proxies


@pytest.mark.parametrize(
    ("trusted", "address", "forwarded", "client"),
    [
        ("", "192.0.2.1", "", "192.0.2.1"),
        ("", "192.0.2.1", "198.51.100.7", "192.0.2.1"),
        ("10.0.0.1", "192.0.2.1", "198.51.100.7", "192.0.2.1"),
        ("10.0.0.1", "10.0.0.1", "198.51.100.7", "198.51.100.7"),
        ("10.0.0.1", "10.0.0.1", "203.0.113.9, 198.51.100.7", "198.51.100.7"),
        ("10.0.0.0/8,192.0.2.0/24", "10.1.2.3", "198.51.100.7, 192.0.2.4", "198.51.100.7"),
        ("10.0.0.1", "10.0.0.1", "10.0.0.1", "10.0.0.1"),
        ("10.0.0.1", "10.0.0.1", "198.51.100.7, nonsense", "10.0.0.1"),
        ("10.0.0.1", "10.0.0.1", "", "10.0.0.1"),
        ("", "2001:db8:1:2:3:4:5:6", "", "2001:db8:1:2::/64"),
        ("", "::ffff:192.0.2.1", "", "192.0.2.1"),
        ("::1", "::1", "2001:db8:1:2::9", "2001:db8:1:2::/64"),
        ("10.0.0.1", "", "198.51.100.7", ""),
    ],
    ids=[
        "direct",
        "nobody is trusted",
        "not from a trusted proxy",
        "by a proxy",
        "what the client itself claims",
        "by two proxies",
        "the proxy itself",
        "no address",
        "nothing forwarded",
        "one network is one client",
        "mapped",
        "by a proxy over IPv6",
        "unknown",
    ],
)
def test_client_is_who_asks_the_first_trusted_proxy(
    trusted: str, address: str, forwarded: str, client: str
) -> None:
    environ = {"REMOTE_ADDR": address, "HTTP_X_FORWARDED_FOR": forwarded}
    assert Proxies.from_setting(trusted).client_of(environ) == client


@pytest.mark.parametrize(
    ("address", "forwarded", "scheme"),
    [
        ("10.0.0.1", "https", "https"),
        ("192.0.2.1", "https", "http"),
        ("10.0.0.1", "gopher", "http"),
        ("10.0.0.1", "", "http"),
    ],
)
def test_scheme_is_what_a_trusted_proxy_says(address: str, forwarded: str, scheme: str) -> None:
    environ = {
        "REMOTE_ADDR": address,
        "HTTP_X_FORWARDED_PROTO": forwarded,
        "wsgi.url_scheme": "http",
    }
    assert Proxies.from_setting("10.0.0.1").scheme_of(environ) == scheme


def test_proxies_that_are_no_addresses_are_refused() -> None:
    with pytest.raises(SettingError, match=r"--trusted-proxies is '10\.0\.0\.1,gateway'"):
        Proxies.from_setting("10.0.0.1,gateway")
