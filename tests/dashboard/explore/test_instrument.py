"""The size of the instrument, the places of pins and bans, and files on their way."""

import base64

import pytest

from dashboard.explore.instrument import _places, file_data, height
from engine import SPACES, SearchConfig


@pytest.mark.parametrize("space", SPACES.values(), ids=SPACES)
def test_both_pictures_of_every_space_fit_a_screen_and_their_numbers_can_be_read(space):
    assert 450 <= height(space) <= 670
    assert (height(space) - 40) / len(space.edges) >= 24


def test_pins_and_bans_stand_where_the_question_has_them():
    question = SearchConfig(space="darts", pinned=["normal:0-2:sep_conv_3x3"], banned=["reduce:1-3:none"])
    space = question.search_space
    ((kind, edge, operation),) = _places(question, "pinned", space)
    assert (space.cell_types[kind], space.edges[edge], space.operations[operation]) == (
        "normal",
        (0, 2),
        "sep_conv_3x3",
    )
    assert len(_places(question, "banned", space)) == 1
    assert _places(question, "pinned", SPACES["nas-bench-201"]) == _places(None, "pinned", space) == []


def test_a_file_travels_as_text():
    data = file_data(3, "a.png", "image/png", b"\x89PNG\x00")
    assert base64.b64decode(data["base64"]) == b"\x89PNG\x00"
    assert (data["number"], data["name"]) == (3, "a.png")
