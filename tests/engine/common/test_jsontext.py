"""JSON texts that people bring are read, or refused in one sentence."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.common.jsontext import MAX_TEXT, load_json

VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=10,
)


@given(VALUES)
def test_values_come_back_as_they_were_written(value: object):
    assert load_json(json.dumps(value)) == value


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "not JSON: line 1, column 1: Expecting value"),
        ('{\n "a": }', "not JSON: line 2, column 7: Expecting value"),
        ("[1, 2", r"not JSON: line 1, column 6: Expecting ',' delimiter"),
        ('{"a": 1, "b": {"a": 2, "c": 3, "c": 3}}', "the name 'c' stands twice in one JSON object"),
        ("[" * 100_000, "not JSON that can be read: nested too deeply, or a number too long"),
        ("9" * 5000, "not JSON that can be read: nested too deeply, or a number too long"),
    ],
    ids=["empty", "second line", "cut off", "repeated", "nested", "number"],
)
def test_what_cannot_be_read_is_named_with_its_place(text: str, message: str):
    with pytest.raises(ValueError, match=f"^{message}$"):
        load_json(text)


def test_the_longest_text_is_read_and_one_longer_is_not():
    assert load_json("1".rjust(MAX_TEXT)) == 1
    with pytest.raises(ValueError, match=r"^the JSON text has 4,000,001 characters; at most 4,000,000 are read$"):
        load_json("1".rjust(MAX_TEXT + 1))
