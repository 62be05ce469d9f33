import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dashboard.parts.text import plain, raised


@given(st.text(st.characters().filter(lambda sign: sign.isprintable() or sign == "\n")))
def test_only_backslashes_and_joiners_are_added(text):
    without = re.sub(r"\\([!-/:-@\[-`{-~])", r"\1", plain(text))
    assert without.replace("\u2060", "") == text


@given(st.text())
def test_nothing_invisible_is_left(text):
    assert plain(text).replace("\u2060", "").replace("\n", "").isprintable()


@pytest.mark.parametrize(
    ("text", "seen"),
    [("a\u202eb", "a\\u202eb"), ("\0", "\\x00"), ("\u200b", "\\u200b"), ("\ud800", "\\ud800"), ("é", "é")],
)
def test_what_is_invisible_is_spelled_out(text, seen):
    assert plain(text).replace("\\\\", "\\") == seen


@pytest.mark.parametrize(
    "text", ["![x](//evil.example/q.png)", "[a](http://b)", "$x^2$", "<img src=x>", ":red[x]", "*a*"]
)
def test_no_sign_of_markdown_is_left_bare(text):
    assert not re.search(r"(?<!\\)[][!()<>$:*_`]", plain(text))


@pytest.mark.parametrize(
    "text", ["http://a.b", "HTTPS://a.b", "ftp://a.b", "www.a.b", "me@a.b", "a+.@1-2.c", "a@b@c.d"]
)
def test_no_bare_address_is_left(text):
    shown = plain(text).replace("\\", "")
    assert not re.search(r"(?i)https?:|ftp:|www\.|[-.\w+]@[-\w]+\.[-\w]", shown)


@pytest.mark.parametrize("text", ["'freenas/genotype@1' expected.", "me@home", "@a.b,", "a @ b.c", "a@b..c"])
def test_what_is_no_address_can_be_copied(text):
    assert plain(text).replace("\\", "") == text


def test_whole_numbers_are_raised():
    assert f"10{raised(1234567890)}" == "10¹²³⁴⁵⁶⁷⁸⁹⁰"
