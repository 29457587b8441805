"""Host names in URLs and registered domains."""

from __future__ import annotations

import pytest

from windshear.language.functions.hosts import hostname, registrable_domain


@pytest.mark.parametrize(
    ("host", "domain"),
    [
        ("example.com", "example.com"),
        ("a.b.Example.COM", "Example.COM"),
        ("example.com.", "example.com"),
        ("com", ""),
        ("co.uk", ""),
        ("a.co.uk", "a.co.uk"),
        ("a.b.ck", "a.b.ck"),  # any label below .ck is a suffix,
        ("www.ck", "www.ck"),  # except this one
        ("x.www.ck", "www.ck"),
        ("b.ck", ""),
        ("host.internal", "host.internal"),
        ("xn--55qx5d.cn", ""),
        ("a.xn--55qx5d.cn", "a.xn--55qx5d.cn"),
        ("xn--.example.com", "example.com"),
        ("a.xn--\u00e4.com", "xn--\u00e4.com"),
        ("192.0.2.1", ""),
        ("[2001:db8::1]", ""),
        ("a..com", ""),
        ("", ""),
    ],
)
def test_registrable_domain(host: str, domain: str) -> None:
    """The domain is the longest public suffix and the label before it, as written."""
    assert registrable_domain(host) == domain


@pytest.mark.parametrize(
    ("url", "host"),
    [
        ("https://u:p@a.example.com:8443/p?q#f", "a.example.com"),
        ("//[2001:db8::1]:80/", "[2001:db8::1]"),
        (" www.example.com ", "www.example.com"),
        ("mailto:x@y", "mailto"),
        ("test#@example.com", "test"),
        ("https://#@example.com", ""),
        ("", ""),
    ],
)
def test_hostname(url: str, host: str) -> None:
    """The host is what stands between scheme and user before it, and port, path, query and fragment after it."""
    assert hostname(url) == host
