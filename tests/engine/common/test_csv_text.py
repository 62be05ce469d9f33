from __future__ import annotations

import csv
import io
import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.common.csv_text import csv_text, spreadsheet_text

SIGNS = ["=", "+", "-", "@", "＝", "＋", "－", "＠", "﹦", "﹢", "﹣", "﹫", "−"]
BEFORE = ["", " ", "  ", "\t", "\r", "\n", "\u00a0", "\u3000", "\ufeff", "\u200b", "\x00", "\u2028"]


@pytest.mark.parametrize("before", BEFORE, ids=ascii)
@pytest.mark.parametrize("sign", SIGNS, ids=ascii)
def test_no_text_is_a_formula(sign: str, before: str):
    text = f"{before}{sign}cmd|' /C calc'!A1"
    assert spreadsheet_text(text) == f"'{text}"


@pytest.mark.parametrize("text", ["\t1", "\r1", "\n1", "\tx"])
def test_no_text_begins_another_cell(text: str):
    assert spreadsheet_text(text) == f"'{text}"


@pytest.mark.parametrize("text", ["", "a=1", "1-2", "me@host", " x", "a\n-b", "|nor_conv_3x3~0|", "5", "ü", "'=1"])
def test_other_texts_stay(text: str):
    assert spreadsheet_text(text) == text


@given(st.lists(st.text(st.characters(codec="utf-8", exclude_characters="\r\x00")), min_size=1))
def test_a_text_comes_back_with_an_apostrophe_at_most(row: list[str]):
    (found,) = csv.reader(io.StringIO(csv_text([row]), newline=""))
    assert [cell in (text, f"'{text}") for cell, text in zip(found, row, strict=True)] == [True] * len(row)


def test_numbers_are_numbers():
    row = [-1, -0.123456789, math.nan, None, 5.0, True]
    assert csv_text([row]) == "-1,-0.123456789,,,5.0,True\n"
    assert csv_text([row], digits=6) == "-1,-0.123457,,,5,True\n"
