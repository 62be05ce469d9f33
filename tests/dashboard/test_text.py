import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dashboard.text import plain


@given(st.text())
def test_only_backslashes_and_joiners_are_added(text):
    without = re.sub(r"\\([!-/:-@\[-`{-~])", r"\1", plain(text))
    assert without.replace("\u2060", "") == text.replace("\u2060", "")


@pytest.mark.parametrize(
    "text", ["![x](//evil.example/q.png)", "[a](http://b)", "$x^2$", "<img src=x>", ":red[x]", "*a*"]
)
def test_no_sign_of_markdown_is_left_bare(text):
    assert not re.search(r"(?<!\\)[][!()<>$:*_`]", plain(text))


@pytest.mark.parametrize("text", ["http://a.b", "HTTPS://a.b", "ftp://a.b", "www.a.b", "me@a.b"])
def test_no_bare_address_is_left(text):
    shown = plain(text).replace("\\", "")
    assert not re.search(r"(?i)https?:|ftp:|www\.|\w@", shown)
