"""The time that a search takes, on the button that begins it."""

import pytest

from dashboard.explore.action import search_label
from dashboard.server import session
from engine import SearchConfig


@pytest.mark.parametrize(
    ("seconds", "words"), [(None, "Search"), (0.46, "Search ~0.5 s"), (1.2, "Search ~1 s"), (83.4, "Search ~83 s")]
)
def test_a_search_says_what_it_takes_where_that_is_known(monkeypatch, seconds, words):
    monkeypatch.setattr(session, "typical_seconds", lambda role, task: seconds)
    assert search_label(SearchConfig()) == words
