from __future__ import annotations

from dataclasses import replace

import pytest

from engine import SPACES, SearchConfig, search
from engine.spaces import get_space


def test_an_unknown_space_is_named():
    for value in ("nas-bench-301", None, ["darts"]):
        with pytest.raises(ValueError, match=r"unknown search space .*; allowed: nas-bench-201, darts"):
            get_space(value)
    assert get_space(get_space("darts")) is get_space("darts")


def test_the_registry_begins_with_the_space_of_the_paper():
    shots = [f"nas-bench-1shot1-{number}" for number in (1, 2, 3)]
    robust = [f"robust-darts-s{number}" for number in (1, 2, 3, 4)]
    published = ["nas-bench-201", "darts", *robust, "nas-bench-macro", "mobilenet", *shots]
    assert list(SPACES)[: len(published)] == published


def test_a_space_added_to_the_registry_is_searched_by_name(monkeypatch: pytest.MonkeyPatch):
    small = replace(SPACES["nas-bench-201"], name="two", operations=("none", "nor_conv_1x1"))
    monkeypatch.setitem(SPACES, "two", small)
    result = search(SearchConfig(space="two", channels=4, cells=1, image_size=8, device="cpu"))
    assert result.genotype.notation == "|nor_conv_1x1~0|+" + "|nor_conv_1x1~0|nor_conv_1x1~1|+" + (
        "|nor_conv_1x1~0|nor_conv_1x1~1|nor_conv_1x1~2|"
    )
