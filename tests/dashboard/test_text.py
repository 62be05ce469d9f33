import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dashboard.text import plain


@given(st.text())
def test_only_backslashes_are_added(text):
    assert re.sub(r"\\([!-/:-@\[-`{-~])", r"\1", plain(text)) == text


@pytest.mark.parametrize(
    "text", ["![x](//evil.example/q.png)", "[a](http://b)", "$x^2$", "<img src=x>", ":red[x]", "*a*"]
)
def test_no_sign_of_markdown_is_left_bare(text):
    assert not re.search(r"(?<!\\)[][!()<>$:*_`]", plain(text))
