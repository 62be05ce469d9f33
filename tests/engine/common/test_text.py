"""Texts as bytes: any encoding that a mark names, and bytes that are none."""

from __future__ import annotations

import codecs

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.common.text import decoded, marked_encoding

MARKED = {
    "utf-8": codecs.BOM_UTF8,
    "utf-16-le": codecs.BOM_UTF16_LE,
    "utf-16-be": codecs.BOM_UTF16_BE,
    "utf-32-le": codecs.BOM_UTF32_LE,
    "utf-32-be": codecs.BOM_UTF32_BE,
}
TEXTS = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\x00\ufeff"))


@pytest.mark.parametrize("encoding", MARKED)
@given(text=TEXTS)
def test_a_text_with_a_mark_is_read_without_it(encoding: str, text: str):
    assert decoded(MARKED[encoding] + text.encode(encoding), "it") == text


@given(text=TEXTS)
def test_a_text_without_a_mark_is_utf_8(text: str):
    assert marked_encoding(text.encode()[:4]) is None
    assert decoded(text.encode(), "it") == text


@pytest.mark.parametrize(
    ("data", "sentence"),
    [
        (b"abc\xff", "'a.txt' is not UTF-8 text: byte 4 cannot be read"),
        (codecs.BOM_UTF8 + b"\xff", "'a.txt' is not UTF-8 text: byte 1 cannot be read"),
        (codecs.BOM_UTF16_LE + b"a", "'a.txt' is not UTF-16 text: byte 3 cannot be read"),
        (codecs.BOM_UTF32_LE + b"a", "'a.txt' is not UTF-32 text: byte 5 cannot be read"),
    ],
)
def test_bytes_that_are_no_text_are_a_sentence(data: bytes, sentence: str):
    with pytest.raises(ValueError, match="is not UTF-") as caught:
        decoded(data, "'a.txt'")
    assert str(caught.value) == sentence


@pytest.mark.parametrize("encoding", ["utf-16-le", "utf-16-be"])
@given(text=st.text(st.characters(min_codepoint=1, max_codepoint=127), min_size=5))
def test_utf_16_without_a_mark_is_a_sentence(encoding: str, text: str):
    with pytest.raises(ValueError, match="looks like UTF-16 text without the mark"):
        decoded(text.encode(encoding), "it")
