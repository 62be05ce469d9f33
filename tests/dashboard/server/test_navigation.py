"""Addresses of pages and links between them."""

from types import SimpleNamespace
from urllib.parse import parse_qs, urlsplit

import pytest

from dashboard.server import navigation
from dashboard.server.installation import PACKAGE
from dashboard.server.navigation import FIRST, PAGES, base_address, page_url


def test_every_page_has_a_script_and_every_script_a_page():
    assert {PACKAGE / page.script for page in PAGES.values()} == set((PACKAGE / "pages").glob("*.py"))
    assert [page.name for page in PAGES.values() if not page.address] == [FIRST]


@pytest.mark.parametrize(
    ("url", "base"),
    [
        ("http://localhost:8501", "http://localhost:8501"),
        ("http://localhost:8501/", "http://localhost:8501"),
        ("http://localhost:8501/?seed=3", "http://localhost:8501"),
        ("https://host/runs", "https://host"),
        ("https://host/nas/compare?run=1", "https://host/nas"),
        ("https://host/nas/", "https://host/nas"),
        ("http://atlas/", "http://atlas"),
        ("http://atlas/viewer/runs", "http://atlas/viewer"),
        (None, ""),
    ],
)
def test_the_base_is_the_address_of_the_first_page(monkeypatch, url, base):
    monkeypatch.setattr(navigation.st, "context", SimpleNamespace(url=url))
    assert base_address() == base


def test_a_url_holds_the_page_and_repeated_parameters(monkeypatch):
    monkeypatch.setattr(navigation.st, "context", SimpleNamespace(url="http://host/runs?run=0"))
    assert page_url(FIRST, {"run": ["a b"]}) == "http://host/?run=a+b"
    parts = urlsplit(page_url("compare", {"run": ["1", "2"], "seed": "3"}))
    assert (parts.path, parse_qs(parts.query)) == ("/compare", {"run": ["1", "2"], "seed": ["3"]})


def test_pages_are_opened_by_their_names(monkeypatch):
    calls = []
    monkeypatch.setattr(navigation.st, "switch_page", lambda script, query_params: calls.append((script, query_params)))
    navigation.open_page("compare", {"run": ["1"]})
    navigation.open_page("compare")
    assert calls == [(PAGES["compare"].script, query) for query in ({"run": ["1"]}, {})]
